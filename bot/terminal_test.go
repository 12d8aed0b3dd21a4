package bot_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"deckhand/bot"
	"deckhand/bot/store"
	"deckhand/commands"
)

// cutShortThere runs a line of U1 in a terminal that dies while AWS is asked.
func (h *house) cutShortThere(t *testing.T, line string) {
	t.Helper()
	h.world.block = make(chan struct{})
	ctx, kill := context.WithCancel(t.Context())
	var died sync.WaitGroup
	died.Go(func() {
		h.RunLine(ctx, bot.Message{Key: "first", Source: bot.Terminal, Asker: commands.Asker{User: "U1"}, Line: line}, nil, nil)
	})
	<-h.world.begun
	kill()
	died.Wait()
	h.world.block = nil
}

func TestATerminalGoesOnWithWhatAnEarlierOneLeft(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		left, next string
		happened   bool
		state      bot.State
		request    string
		says, told string // in the answer, and before it
		calls      int
	}{
		"another line is run after it": {left: "vm stop web", next: "vm stop db", state: bot.Done, request: "R-2", says: "Stopped db", told: "R-1 is uncertain", calls: 2},
		"the same line is it":          {left: "vm halt web", next: "vm halt web", happened: true, state: bot.Done, request: "R-1", says: "R-1 was cut short before", calls: 1},
		"and may have been done":       {left: "vm stop web", next: "vm stop web", state: bot.Unsure, request: "R-1", says: "R-1 was cut short before", calls: 1},
		"and is run where it was not":  {left: "vm halt web", next: "vm halt web", state: bot.Done, request: "R-2", says: "Stopped web", told: "It did not happen", calls: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.cutShortThere(t, c.left)
			h.world.happened = c.happened
			var told strings.Builder
			say := func(key string) bot.Outcome {
				m := bot.Message{Key: key, Source: bot.Terminal, Asker: commands.Asker{User: "U1"}, Line: c.next}
				return h.RunLine(t.Context(), m, func(part commands.Report) { told.WriteString(commands.RenderText(part)) }, nil)
			}
			got := say("next")
			if got.State != c.state || got.Request != c.request || h.world.calls != c.calls {
				t.Errorf("the next line is %s %s after %d calls, want %s %s after %d", got.Request, got.State, h.world.calls, c.request, c.state, c.calls)
			}
			has(t, "the answer", commands.RenderText(got.Report), c.says)
			has(t, "what was left", told.String(), c.told)
			told.Reset()
			if again := say("again"); told.Len() > 0 || again.Request == c.request || h.world.calls != c.calls+1 {
				t.Errorf("what has ended is gone on with: %s after %d calls, told %q", again.Request, h.world.calls, told.String())
			}
		})
	}
}

func TestWhatWasCutShortIsBroughtToItsEndBeforeItIsUndone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.cutShortThere(t, "vm halt web")
	h.world.happened = true
	got := h.RunLine(t.Context(), bot.Message{Key: "next", Source: bot.Terminal, Asker: commands.Asker{User: "U1"}, Line: "undo R-1"}, nil, nil)
	// The test's command has no way back. That this is known shows that R-1 has ended.
	has(t, "the answer", commands.RenderText(got.Report), "R-1 cannot be undone", "R-1 was cut short, and was brought to its end first: Stopped web, seen afterwards")
	if r, err := h.store.Load(t.Context(), 1); err != nil || r.State != bot.Done {
		t.Errorf("R-1 is %s, %v", r.State, err)
	}
}

func TestWhatComesFirstIsToldBeforeItIsWaitedForAndMayBeStopped(t *testing.T) {
	t.Parallel()
	for next, c := range map[string]struct {
		state bot.State
		says  string
	}{
		"vm stop db":  {bot.Failed, "Stopped, nothing was done"},
		"undo R-1":    {bot.Failed, "R-1, vm halt web, comes first"},
		"vm halt web": {bot.Running, "You stopped it half-way"},
	} {
		t.Run(next, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.cutShortThere(t, "vm halt web")
			ctx, stop := context.WithCancel(t.Context())
			var begun []string
			m := bot.Message{Key: "next", Source: bot.Terminal, Asker: commands.Asker{User: "U1"}, Line: next}
			got := h.RunLine(ctx, m, nil, func(r commands.Report) {
				begun = append(begun, commands.RenderText(r))
				stop()
			})
			if got.State != c.state || h.world.calls != 1 {
				t.Errorf("it is %s after %d calls, want %s after 1", got.State, h.world.calls, c.state)
			}
			has(t, "the answer", commands.RenderText(got.Report), c.says)
			has(t, "what is told at once", strings.Join(begun, ""), "R-1 comes first", "vm halt web")
			if r, err := h.store.Load(t.Context(), 1); err != nil || r.State != bot.Running {
				t.Errorf("R-1 is %s, %v", r.State, err)
			}
		})
	}
}

func TestAnUndoThatWasCutShortIsGoneOnWithByTheSameUndo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.rules["U1 vm wake"] = bot.Decision{Effect: bot.Allow}
	say := func(key, line string) bot.Outcome {
		return h.RunLine(t.Context(), bot.Message{Key: key, Source: bot.Terminal, Asker: commands.Asker{User: "U1"}, Line: line}, nil, nil)
	}
	say("before", "vm wake web")
	h.cutShortThere(t, "undo R-1")
	h.world.happened = true
	if got := say("plan", "undo R-1 --plan"); got.State == bot.Done || h.world.calls != 2 {
		t.Errorf("a plan is %s after %d calls: %s", got.State, h.world.calls, commands.RenderText(got.Report))
	}
	got := say("next", "undo R-1")
	if got.Request != "R-2" || got.State != bot.Done || h.world.calls != 2 {
		t.Errorf("it is %s %s after %d calls, want R-2 done after 2", got.Request, got.State, h.world.calls)
	}
	has(t, "the answer", commands.RenderText(got.Report), "R-2 was cut short before", "not run a second time")
	if r, err := h.store.Load(t.Context(), 1); err != nil || r.Undoing.By != 2 || r.Undoing.At.IsZero() {
		t.Errorf("R-1 is %+v, %v", r.Undoing, err)
	}
}

func TestTheTerminalOfWhoApprovedGoesOnWhereItDied(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	say := func(user, line string) bot.Outcome {
		h.seq++
		return h.RunLine(t.Context(), bot.Message{Key: fmt.Sprint("t", h.seq), Source: bot.Terminal, Asker: commands.Asker{User: user}, Line: line}, nil, nil)
	}
	say("U2", "vm stop web")
	h.cutShortThere(t, "approve R-1")
	if got := say("U3", "approve R-1"); got.State != bot.Failed {
		t.Errorf("for who did not approve it is %s: %s", got.State, commands.RenderText(got.Report))
	}
	got := say("U1", "approve R-1")
	if got.State != bot.Unsure || h.world.calls != 1 {
		t.Errorf("approved again it is %s after %d calls, want uncertain after 1", got.State, h.world.calls)
	}
	has(t, "the answer", commands.RenderText(got.Report), "R-1 was cut short before, and was gone on with")
}

// slow is a store of a process that writes requests down and does not come to take them in hand.
type slow struct{ *store.Store }

func (slow) Exclusively(context.Context, string, func(context.Context) error) (bool, error) {
	return false, errors.New("not yet")
}

func TestWhatAnotherTerminalIsAboutToRunIsLeftToItForAMoment(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	say := func(key, line string) bot.Outcome {
		return h.RunLine(t.Context(), bot.Message{Key: key, Source: bot.Terminal, Asker: commands.Asker{User: "U1"}, Line: line}, nil, nil)
	}
	own := h.Store
	h.Store = slow{h.store}
	say("first", "vm stop web")
	h.Store = own
	if got := say("next", "vm stop db"); got.Request != "R-2" || h.world.calls != 1 {
		t.Errorf("the next line is %s %s after %d calls, want R-2 after 1", got.Request, got.State, h.world.calls)
	}
	h.pass(time.Minute)
	if got := say("again", "vm stop web"); got.Request != "R-1" || got.State != bot.Done || h.world.calls != 2 {
		t.Errorf("the same line later is %s %s after %d calls, want R-1 done after 2", got.Request, got.State, h.world.calls)
	}
}

func TestTheSameLineThatWasGoneOnWithAndFailedIsNotRunASecondTime(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	say := func(key string) bot.Outcome {
		return h.RunLine(t.Context(), bot.Message{Key: key, Source: bot.Terminal, Asker: commands.Asker{User: "U1"}, Line: "vm stop web"}, nil, nil)
	}
	h.Observe = func(ctx context.Context, record func(operation, requestID string, taken bool)) context.Context {
		record("StopInstances", "a-request-of-aws", true)
		return ctx
	}
	own := h.Store
	h.Store = slow{h.store}
	say("first")
	h.Store = own
	h.pass(time.Minute)
	h.world.answer = &commands.Error{Kind: commands.Failed, Message: "It went wrong half-way."}
	got := say("again")
	if got.Request != "R-1" || got.State != bot.Failed || h.world.calls != 1 {
		t.Errorf("the same line is %s %s after %d calls, want R-1 failed after 1", got.Request, got.State, h.world.calls)
	}
	has(t, "the answer", commands.RenderText(got.Report), "It went wrong half-way", "R-1 was cut short before")
}

// looking is a store that tells of the first look at what nobody holds.
type looking struct {
	*store.Store
	looked func()
}

func (s looking) List(ctx context.Context, f bot.Filter) ([]bot.Request, error) {
	some, err := s.Store.List(ctx, f)
	if f.Unattended {
		s.looked()
	}
	return some, err
}

func TestWhatWasLeftIsToldInTheAnswerWhereNobodyIsShownItAhead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.cutShortThere(t, "vm halt web")
	got := h.RunLine(t.Context(), bot.Message{Key: "next", Source: bot.Terminal, Asker: commands.Asker{User: "U1"}, Line: "vm stop db"}, nil, nil)
	if got.State != bot.Done || got.Request != "R-2" {
		t.Errorf("the next line is %s %s, want R-2 done", got.Request, got.State)
	}
	has(t, "the answer", commands.RenderText(got.Report), "Stopped db", "R-1", "vm halt web", "It did not happen")
}

func TestTheSameLineWaitsUntilTheNameOfItsDeadProcessIsFree(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.cutShortThere(t, "vm halt web")
	h.world.happened = true
	held, free := make(chan struct{}), make(chan struct{})
	var holder sync.WaitGroup
	holder.Go(func() {
		_, _ = h.store.Exclusively(t.Context(), "R-1", func(context.Context) error {
			close(held)
			<-free
			return nil
		})
	})
	<-held
	h.Store = looking{h.store, sync.OnceFunc(func() { close(free); holder.Wait() })}
	got := h.RunLine(t.Context(), bot.Message{Key: "next", Source: bot.Terminal, Asker: commands.Asker{User: "U1"}, Line: "vm halt web"}, nil, nil)
	if got.State != bot.Done || got.Request != "R-1" || h.world.calls != 1 {
		t.Errorf("the next line is %s %s after %d calls, want R-1 done after 1", got.Request, got.State, h.world.calls)
	}
}
