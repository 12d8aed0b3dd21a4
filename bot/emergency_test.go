package bot_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"deckhand/bot"
	"deckhand/commands"
)

// frozen holds everything back.
type frozen struct{}

func (frozen) Stops(context.Context, commands.Asker, time.Time, func() (*commands.Scope, error)) error {
	return &commands.Error{Kind: commands.Denied, Message: "Everything is frozen."}
}

func emergencyHouse(t *testing.T) *house {
	t.Helper()
	h := newHouse(t)
	h.Guards, h.Alarm = frozen{}, "C_ALARM"
	d := h.rules["U2 vm stop"]
	d.BreakGlass = []string{"user:U2"}
	h.rules["U2 vm stop"] = d
	return h
}

func TestBrokenGlassRunsIsToldAndIsReviewedByAnother(t *testing.T) {
	t.Parallel()
	h := emergencyHouse(t)
	has(t, "the answer", commands.RenderText(h.say("U2", `break-glass --reason "disk full" -- vm stop web`).Report), "R-1 is taken")
	r := h.work(t, 1)
	if r.State != bot.Done || h.world.calls != 1 {
		t.Fatalf("it is %s after %d calls: %s", r.State, h.world.calls, r.Note)
	}
	h.work(t, 1)
	told := map[string]int{}
	for ref, message := range h.chat.messages {
		if strings.Contains(message.Title, "broke the glass for R-1") {
			told[ref.Channel]++
		}
	}
	if len(told) != 3 || told["C_ALARM"] != 1 || told["U1"] != 1 || told["U3"] != 1 {
		t.Errorf("told in %v, want once in the alarm's channel and to both who would have approved", told)
	}
	has(t, "the message", h.shown(), "U2 broke the glass: disk full.", "review close R-1")
	reviews, err := h.Reviews(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	has(t, "the list", commands.RenderText(reviews), "1 review open", "R-1", "disk full")

	has(t, "its asker", commands.RenderText(h.say("U2", `review close R-1 --note fine`).Report), "somebody else must close its review")
	has(t, "a stranger", commands.RenderText(h.say("U9", `review close R-1 --note fine`).Report), "Only U1, U2, U3 or U2 may close")
	for range 3 {
		h.pass(12*time.Hour + time.Second)
		if err := h.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.work(t, 1)
	}
	if n := strings.Count(h.shown(), "The review of R-1 is still open"); n != 1 {
		t.Errorf("reminded %d times in 36 hours, want once", n)
	}
	has(t, "another", commands.RenderText(h.say("U3", `review close R-1 --note "right thing"`).Report), "Closed the review of R-1")
	has(t, "again", commands.RenderText(h.say("U1", `review close R-1 --note x`).Report), "closed by U3 already")
	r = h.work(t, 1)
	if r.State != bot.Done || h.world.calls != 1 {
		t.Errorf("after the review it is %s after %d calls", r.State, h.world.calls)
	}
	has(t, "the message", h.shown(), "Reviewed by U3: right thing")
	record, err := h.Audit(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	has(t, "the record", commands.RenderText(record), "asked", "glass broken", "disk full", "done", "review reminded", "reviewed")
}

func TestTheGlassIsNotForEverybody(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ why, user, line, says string }{
		{"no rule names anybody", "U1", `break-glass --reason x -- vm stop web`, "Nobody may break the glass here (rule 1)"},
		{"the rule names another", "U5", `break-glass --reason x -- vm stop web`, "Only U1 may break the glass here"},
		{"what is denied stays denied", "U9", `break-glass --reason x -- vm stop web`, "Not allowed"},
		{"a read needs none", "U1", `break-glass --reason x -- vm look web`, "there is no glass to break"},
		{"no reason", "U2", `break-glass -- vm stop web`, "It needs --reason"},
		{"an empty reason", "U2", `break-glass --reason " " -- vm stop web`, "says nothing"},
		{"no glass inside a glass", "U2", `break-glass --reason x -- break-glass --reason y -- vm stop web`, "there is no glass to break"},
		{"a line that is none", "U2", `break-glass --reason x -- vm stpo web`, "did you mean vm stop"},
	} {
		h := emergencyHouse(t)
		d := h.rules["U5 vm stop"]
		d.BreakGlass = []string{"user:U1"}
		h.rules["U5 vm stop"] = d
		answer := h.say(c.user, c.line)
		has(t, c.why, commands.RenderText(answer.Report), c.says)
		if answer.Request != "" || h.world.calls != 0 {
			t.Errorf("%s: it became %s", c.why, answer.Request)
		}
	}
}

func TestWhoMayBreakTheGlassIsAskedAgainWhenItRuns(t *testing.T) {
	t.Parallel()
	h := emergencyHouse(t)
	h.say("U2", `break-glass --reason "disk full" -- vm stop web`)
	d := h.rules["U2 vm stop"]
	d.BreakGlass = []string{"user:U1"}
	h.rules["U2 vm stop"] = d
	if r := h.work(t, 1); r.State != bot.Refused || h.world.calls != 0 || r.Review.Open() {
		t.Errorf("it is %s after %d calls", r.State, h.world.calls)
	}
}
