package bot_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"deckhand/bot"
	"deckhand/commands"
)

// cutShort runs a line until AWS is being asked, and ends its process there.
func (h *house) cutShort(t *testing.T, line string) {
	t.Helper()
	h.world.block, h.world.begun = make(chan struct{}), make(chan struct{})
	h.say("U1", line)
	ctx, kill := context.WithCancel(t.Context())
	var died sync.WaitGroup
	died.Go(func() { _ = h.Execute(ctx, 1) })
	<-h.world.begun
	kill()
	died.Wait()
	h.world.block = nil
}

// TestWhatWasLeftDoesNotActAfterALaterLine about the same thing, however it was left.
func TestWhatWasLeftDoesNotActAfterALaterLine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		line, later string
		leave       func(*house, *testing.T, string)
		happened    bool
		state       bot.State
		calls       int
		says        string
	}{
		"cut short in a call, nobody can look": {"vm stop web", "vm stop web --gently", (*house).leftInTheCall, false, bot.Unsure, 2, "cut short, and R-2"},
		"cut short in a call that happened":    {"vm halt web", "vm stop web", (*house).leftInTheCall, true, bot.Done, 2, "seen afterwards"},
		"cut short in a call that did not":     {"vm halt web", "vm stop web", (*house).leftInTheCall, false, bot.Failed, 2, "It did not happen."},
		"claimed, and nothing asked yet":       {"vm stop web", "vm halt web", (*house).leftBeforeTheCall, false, bot.Unsure, 1, "does not go on"},
		"claimed, and the later is of another": {"vm stop web", "vm halt other", (*house).leftBeforeTheCall, false, bot.Done, 2, "Stopped web"},
		"claimed, and the later only looks":    {"vm stop web", "vm look web", (*house).leftBeforeTheCall, false, bot.Done, 1, "Stopped web"},
		"not claimed for long":                 {"vm stop web", "vm halt web", (*house).leftQueued, false, bot.Refused, 1, "It waited to run, and R-2"},
		"not claimed, of another":              {"vm stop web", "vm halt other", (*house).leftQueued, false, bot.Done, 2, "Stopped web"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			c.leave(h, t, c.line)
			h.pass(time.Second)
			if answer := h.say("U1", c.later); answer.Request != "" {
				if err := h.Execute(t.Context(), 2); err != nil {
					t.Fatal(err)
				}
			}
			h.world.happened = c.happened
			h.pass(time.Minute)
			r := h.work(t, 1)
			if r.State != c.state || h.world.calls != c.calls {
				t.Errorf("it is %s after %d calls, want %s after %d", r.State, h.world.calls, c.state, c.calls)
			}
			if text := commands.RenderText(bot.View(r)); !strings.Contains(text, c.says) {
				t.Errorf("it says %s, want %q in it", text, c.says)
			}
		})
	}
}

func (h *house) leftInTheCall(t *testing.T, line string) { h.cutShort(t, line) }

func (h *house) leftBeforeTheCall(t *testing.T, line string) {
	t.Helper()
	h.say("U1", line)
	r, err := h.store.Load(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	r.State, r.Runner, r.Things = bot.Running, "serve-gone", []string{"vm web"}
	if _, err := h.store.Save(t.Context(), r, []bot.Event{{At: h.clock.now(), Actor: bot.Robot, From: bot.Queued, To: bot.Running, What: "running"}}, nil); err != nil {
		t.Fatal(err)
	}
}

func (h *house) leftQueued(_ *testing.T, line string) { h.say("U1", line) }
