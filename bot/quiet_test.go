package bot_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"deckhand/bot"
	"deckhand/commands"
)

// silence is the quiet of one request after the other.
type silence struct {
	began, ended []string
	failing      bool  // a check fails afterwards
	trouble      error // of the store
}

func (*silence) Foresee(_ context.Context, m bot.Message, command string, scope commands.Scope) string {
	return "The check of " + scope.Resources[0].ID + " will be muted by " + command + " of " + m.Asker.User + "."
}

func (s *silence) Begin(_ context.Context, r bot.Request, touches func() (*commands.Scope, error)) error {
	if s.trouble != nil {
		return s.trouble
	}
	scope, err := touches()
	s.began = append(s.began, fmt.Sprint(r.ID(), " ", scope.Resources[0].ID))
	return err
}

func (s *silence) End(_ context.Context, r bot.Request, comesBack bool) (bot.Aftermath, error) {
	s.ended = append(s.ended, fmt.Sprint(r.ID(), " comes back: ", comesBack))
	if s.failing {
		return bot.Aftermath{Words: "Checks: web fails.", Failed: true, Next: []commands.Next{{Label: "Why", Line: "check why web"}}}, nil
	}
	return bot.Aftermath{Words: "Checks: web is up."}, nil
}

func newQuietHouse(t *testing.T) (*house, *silence) {
	t.Helper()
	h, s := newHouse(t), &silence{}
	h.Quiet = s
	h.Catalog.Find("vm stop").Disturbs = commands.Briefly
	return h, s
}

func TestChecksAreQuietWhileARequestDisturbsThem(t *testing.T) {
	t.Parallel()
	h, s := newQuietHouse(t)
	h.say("U1", "vm stop web")
	h.want(t, h.work(t, 1), bot.Done, 1)
	has(t, "quiet", fmt.Sprint(s.began, s.ended), "[R-1 web]", "[R-1 comes back: true]")
	has(t, "the message", h.shown(), "Stopped web", "Checks: web is up.")
}

func TestAPlanTellsWhichChecksWillBeQuiet(t *testing.T) {
	t.Parallel()
	h, s := newQuietHouse(t)
	h.say("U1", "vm stop web --plan")
	h.Wait(t.Context())
	has(t, "the plan", strings.Join(h.chat.whispers, ""), "The check of web will be muted by vm stop of U1.")
	if len(s.began) > 0 {
		t.Errorf("quiet began: %v", s.began)
	}
}

func TestAFailingCheckAfterwardsIsAWarning(t *testing.T) {
	t.Parallel()
	h, s := newQuietHouse(t)
	s.failing = true
	h.say("U1", "vm stop web")
	r := h.work(t, 1)
	has(t, "the message", h.shown(), "Checks: web fails.", "check why web")
	if r.State != bot.Done || r.Result.Tone == commands.Good {
		t.Errorf("%s, %q", r.State, r.Result.Tone)
	}
}

func TestQuietEndsWhateverCameOfTheRun(t *testing.T) {
	t.Parallel()
	for state, answer := range map[bot.State]error{
		bot.Failed: &commands.Error{Kind: commands.Failed, Message: "No."},
		bot.Unsure: &commands.Error{Kind: commands.Uncertain, Message: "No answer."},
	} {
		h, s := newQuietHouse(t)
		h.world.answer = answer
		h.say("U1", "vm stop web")
		h.want(t, h.work(t, 1), state, 1)
		has(t, "quiet after "+string(state), fmt.Sprint(s.ended), "[R-1 comes back: false]")
	}
}

func TestNothingIsDoneBeforeTheQuietIsWrittenDown(t *testing.T) {
	t.Parallel()
	h, s := newQuietHouse(t)
	s.trouble = errors.New("the disk is full")
	h.say("U1", "vm stop web")
	if err := h.Execute(t.Context(), 1); err == nil || h.world.calls > 0 {
		t.Fatalf("%v after %d calls", err, h.world.calls)
	}
	s.trouble = nil
	h.want(t, h.work(t, 1), bot.Done, 1)
}

func TestWhatDisturbsNothingIsNotQuiet(t *testing.T) {
	t.Parallel()
	h, s := newQuietHouse(t)
	h.say("U1", "vm halt web")
	h.want(t, h.work(t, 1), bot.Done, 1)
	if len(s.began)+len(s.ended) > 0 {
		t.Errorf("%v %v", s.began, s.ended)
	}
}
