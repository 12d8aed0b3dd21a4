package bot_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"deckhand/bot"
	"deckhand/commands"
)

var (
	bobsKey = bot.Key("12345678901234567890") //nolint:gochecknoglobals // a constant
	annsKey = bot.Key("abcdefghijklmnopqrst") //nolint:gochecknoglobals // a constant
)

// factored is a house whose policy asks for second factors: U3 confirms with one, U2 asks U1 and U3 who approve with one.
func factored(t *testing.T) *house {
	t.Helper()
	h := newHouse(t)
	h.factor(h.Engine)
	h.rules["U3 vm stop"] = bot.Decision{Effect: bot.Confirm, Rule: "rule 3", SecondFactor: true}
	h.rules["U3 vm end"] = bot.Decision{Effect: bot.Confirm, Rule: "rule 3", SecondFactor: true}
	h.rules["U2 vm stop"] = bot.Decision{Effect: bot.Ask, Rule: "rule 2", Approvers: []string{"user:U1", "user:U3"}, Approvals: 1, SecondFactor: true, BreakGlass: []string{"user:U2", "user:U5"}}
	h.rules["U5 vm stop"] = h.rules["U2 vm stop"]
	for _, user := range []string{"U1", "U2", "U3"} {
		for _, question := range []string{"audit", "whoami", "can", "who-can", "help"} {
			h.rules[user+" "+question] = bot.Decision{Effect: bot.Allow}
		}
	}
	return h
}

func (h *house) factor(e *bot.Engine) {
	e.Keys, e.Codes = map[string]bot.Key{"U3": bobsKey, "U2": annsKey}, h.store
}

// code is what an app shows now, or after some time.
func (h *house) code(key bot.Key, after time.Duration) string { return key.Code(h.Now().Add(after)) }

func (h *house) answer(user, line string) string {
	return commands.RenderText(h.say(user, line).Report)
}

func TestAYesNeedsItsSecondFactor(t *testing.T) {
	t.Parallel()
	h := factored(t)
	has(t, "the answer", h.answer("U3", "vm stop web"), "R-1 is waiting for you to confirm it with a code")
	r := h.work(t, 1)
	has(t, "the message", h.shown(), "Policy asks for a second factor (rule 3): its asker gives a code")
	answer := h.say("U3", "confirm R-1")
	if answer.Form == nil || answer.Form.Title != "Confirm R-1" || answer.Form.Line != "confirm R-1 --digest "+r.Digest() || answer.Form.Wrong != "" {
		t.Errorf("the form is %+v", answer.Form)
	}
	has(t, "the words", commands.RenderText(answer.Report), "A code is needed, nothing was done", "confirm R-1 --digest "+r.Digest()+" --code 123456")

	wrong := h.code(bobsKey, time.Hour)
	answer = h.say("U3", "confirm R-1 --code "+wrong)
	if answer.Form == nil || !strings.Contains(answer.Form.Wrong, "That code is not right.") {
		t.Errorf("after a wrong code the form is %+v", answer.Form)
	}
	has(t, "the words", commands.RenderText(answer.Report), "The code does not count, nothing was done", "confirm R-1 --code ******")
	h.want(t, h.work(t, 1), bot.Waiting, 0)

	right := h.code(bobsKey, 0)
	has(t, "the answer", h.answer("U3", "confirm R-1 --code "+right), "Confirmed R-1, it runs now")
	h.want(t, h.work(t, 1), bot.Done, 1)
	record := h.answer("U3", "audit R-1")
	has(t, "the record", record, "second factor given", "code refused")
	for _, code := range []string{wrong, right} {
		if strings.Contains(record+h.shown(), code) {
			t.Errorf("the code %s is in the record or in the message", code)
		}
	}
}

func TestACodeCountsOnceWhoeverIsAsked(t *testing.T) {
	t.Parallel()
	h := factored(t)
	other := h.engine(t, "serve-two")
	h.factor(other)
	for _, line := range []string{"vm stop web", "vm stop other"} {
		h.say("U3", line)
	}
	h.work(t, 1)
	h.chat.posts = 0
	h.work(t, 2)
	code := h.code(bobsKey, 0)
	has(t, "the first", h.answer("U3", "confirm R-1 --code "+code), "Confirmed R-1")
	one := h.Engine
	h.Engine = other // another process
	has(t, "the second", h.answer("U3", "confirm R-2 --code "+code), "used already")
	has(t, "an older one", h.answer("U3", "confirm R-2 --code "+h.code(bobsKey, -30*time.Second)), "used already")
	has(t, "the next one", h.answer("U3", "confirm R-2 --code "+h.code(bobsKey, 30*time.Second)), "Confirmed R-2")
	h.Engine = one
}

func TestClocksMayBeAStepApart(t *testing.T) {
	t.Parallel()
	for drift, counts := range map[time.Duration]bool{-60 * time.Second: false, -30 * time.Second: true, 0: true, 30 * time.Second: true, 60 * time.Second: false} {
		h := factored(t)
		h.say("U3", "vm stop web")
		h.work(t, 1)
		if got := strings.Contains(h.answer("U3", "confirm R-1 --code "+h.code(bobsKey, drift)), "Confirmed"); got != counts {
			t.Errorf("a code of %s counts: %v", drift, got)
		}
	}
}

func TestTooManyWrongCodesAreAPause(t *testing.T) {
	t.Parallel()
	h := factored(t)
	h.say("U3", "vm stop web")
	h.work(t, 1)
	wrong := h.code(bobsKey, time.Hour)
	for range 4 {
		has(t, "a wrong code", h.answer("U3", "confirm R-1 --code "+wrong), "That code is not right.")
	}
	has(t, "the fifth", h.answer("U3", "confirm R-1 --code "+wrong), "not right either", "09:05")
	has(t, "a right one now", h.answer("U3", "confirm R-1 --code "+h.code(bobsKey, 0)), "Too many codes were wrong")
	h.pass(5 * time.Minute)
	has(t, "a right one later", h.answer("U3", "confirm R-1 --code "+h.code(bobsKey, 0)), "Confirmed R-1")
}

func TestEachApproverGivesTheirOwn(t *testing.T) {
	t.Parallel()
	h := factored(t)
	h.say("U2", "vm stop web")
	h.work(t, 1)
	for _, c := range []struct{ why, user, line, says string }{
		{"nobody but approvers is asked for a code", "U5", "approve R-1", "may approve R-1"},
		{"who has none is told how to get one", "U1", "approve R-1 --code 123456", "none is set up for U1"},
		{"who asked may not", "U2", "approve R-1 --code " + h.code(annsKey, 0), "someone else must approve it"},
		{"another's does not count", "U3", "approve R-1 --code " + h.code(annsKey, 0), "That code is not right."},
		{"one's own does", "U3", "approve R-1 --code " + h.code(bobsKey, 0), "Approved R-1, it runs now"},
		{"and was spent", "U3", "approve R-1 --code " + h.code(bobsKey, 0), "was approved by U3 already"},
	} {
		has(t, c.why, h.answer(c.user, c.line), c.says)
	}
	h.want(t, h.work(t, 1), bot.Done, 1)
	h.say("U2", "vm stop other")
	h.chat.posts = 0
	h.work(t, 2)
	has(t, "a no needs none", h.answer("U3", "reject R-2"), "Rejected R-2")
}

func TestARuleThatAsksForAFactorByNowIsMet(t *testing.T) {
	t.Parallel()
	h := factored(t)
	strict := h.rules["U3 vm stop"]
	h.rules["U3 vm stop"] = bot.Decision{Effect: bot.Confirm, Rule: "rule 3"}
	h.say("U3", "vm stop web")
	h.work(t, 1)
	has(t, "the answer", h.answer("U3", "confirm R-1"), "Confirmed R-1")
	h.rules["U3 vm stop"] = strict
	h.want(t, h.work(t, 1), bot.Refused, 0)
	has(t, "the message", h.shown(), "Policy asks for a second factor by now (rule 3)")
}

func TestBreakingTheGlassNeedsTheFactorToo(t *testing.T) {
	t.Parallel()
	h := factored(t)
	line := func(code string) string { return "break-glass --reason fire" + code + " -- vm stop web" }
	has(t, "without a code", h.answer("U2", line("")), "Policy asks for a second factor (rule 2), in an emergency too", "break-glass --code 123456")
	has(t, "with a wrong one", h.answer("U2", line(" --code 000000")), "That code is not right.")
	has(t, "of somebody without one", h.answer("U5", line(" --code 000000")), "none is set up for U5")
	code := h.code(annsKey, 0)
	answer := h.say("U2", line(" --code "+code))
	if answer.Request == "" {
		t.Fatal(commands.RenderText(answer.Report))
	}
	r := h.work(t, 1)
	if r.State != bot.Done || h.world.calls != 1 {
		t.Errorf("it is %s after %d calls", r.State, h.world.calls)
	}
	r, err := h.store.Load(t.Context(), 1)
	if err != nil || strings.Contains(r.Message.Line, code) || len(r.Proven) != 1 {
		t.Errorf("written down is %q, proven by %v (%v)", r.Message.Line, r.Proven, err)
	}
	has(t, "the record", h.answer("U2", "audit "+answer.Request), "fire (second factor given)")
}

func TestWhoAsksIsToldThatACodeComes(t *testing.T) {
	t.Parallel()
	h := factored(t)
	for _, c := range []struct{ user, line, says string }{
		{"U3", "whoami", "may run and confirm, with a code of a second factor"},
		{"U3", "whoami", "Second factor"},
		{"U1", "whoami", "not set up"},
		{"U3", "who-can vm stop", "with a code of a second factor"},
		{"U3", "help vm stop", "Policy asks for a second factor (rule 3): its asker gives a code"},
	} {
		has(t, c.line, h.answer(c.user, c.line), c.says)
	}
	h.say("U3", "can U3 vm stop")
	h.say("U3", "vm stop web --plan")
	h.Wait(t.Context())
	has(t, "a plan", strings.Join(h.chat.whispers, "\n"), "U3 may run vm stop and has to confirm it with a code", "Would stop web", "Policy asks for a second factor (rule 3): its asker gives a code")
}

func TestWithoutTheStoreNoCodeCounts(t *testing.T) {
	t.Parallel()
	h := factored(t)
	h.say("U3", "vm stop web")
	h.work(t, 1)
	h.Codes = forgetful{}
	has(t, "the answer", h.answer("U3", "confirm R-1 --code "+h.code(bobsKey, 0)), "could not be looked up")
	h.want(t, h.work(t, 1), bot.Waiting, 0)
}

type forgetful struct{ bot.Codes }

func (forgetful) ChangeTries(context.Context, string, func(bot.Tries) bot.Tries) error {
	return errors.New("the database is away")
}
