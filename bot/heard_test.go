package bot_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"deckhand/bot"
	"deckhand/commands"
)

// delivery is one that Slack may send again.
func delivery(key, user, line string) bot.Message {
	return bot.Message{Key: key, Source: bot.Mention, Asker: commands.Asker{User: user, Channel: "C1"}, Line: line}
}

func TestWhatIsNotWrittenDownActsOnceToo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ what, user, line, first string }{
		{"a question", "U1", "vm look web", "Looking"},
		{"a line that nobody understands", "U1", "vm lok web", "Not understood"},
		{"a line that is refused", "U2", "vm halt web", "Not allowed"},
		{"a word on a request", "U1", "cancel R-9", "Not found"},
		{"a plan", "U1", "vm stop web --plan", "Looking"},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			has(t, "the first answer", commands.RenderText(h.Receive(t.Context(), delivery("same", c.user, c.line)).Report), c.first)
			for range 2 {
				again := h.Receive(t.Context(), delivery("same", c.user, c.line))
				if !again.Repeated {
					t.Errorf("the second delivery was answered: %+v", again)
				}
				has(t, "the second answer", commands.RenderText(again.Report), "Delivered before, nothing more was done")
			}
			if other := h.Receive(t.Context(), delivery("other", c.user, c.line)); other.Repeated {
				t.Error("the same line, sent again, was taken for a second delivery")
			}
			h.Wait(t.Context())
			if n := len(h.chat.whispers); n > 2 {
				t.Errorf("%d answers followed, want one for each line that was sent", n)
			}
		})
	}
}

// A delivery whose asker was told that nothing was done does nothing later.
func TestALineThatWasNotWrittenDownStaysSo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	broken := &cutStore{h.store, &fuse{}, &queue{}}
	h.Store = failing{broken}
	has(t, "the answer", commands.RenderText(h.Receive(t.Context(), delivery("k", "U1", "vm stop web")).Report), "Not written down, so nothing was done")
	h.Store = h.store
	has(t, "the second delivery", commands.RenderText(h.Receive(t.Context(), delivery("k", "U1", "vm stop web")).Report), "nothing more was done")
	has(t, "the line, sent again", commands.RenderText(h.Receive(t.Context(), delivery("l", "U1", "vm stop web")).Report), "R-1 is taken")
}

// failing is a store that takes nothing.
type failing struct{ *cutStore }

func (failing) Create(context.Context, bot.Request, []bot.Event, []bot.Job) (bot.Request, bool, error) {
	return bot.Request{}, false, errors.New("the disk is full")
}

func TestADeliveryIsRememberedForAWhile(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first := h.Now()
	repeated := func(after time.Duration) bool {
		h.pass(first.Add(after).Sub(h.Now()))
		return h.Receive(t.Context(), delivery("same", "U1", "vm lok")).Repeated
	}
	if repeated(0) {
		t.Fatal("the first delivery was taken for a second")
	}
	for _, after := range []time.Duration{time.Second, 6 * time.Minute, 12*time.Minute - time.Second} {
		if !repeated(after) {
			t.Errorf("after %s the delivery was forgotten", after)
		}
	}
	if repeated(3 * time.Hour) {
		t.Error("after three hours the delivery was still remembered")
	}
}

func TestAFloodOfDeliveriesIsRememberedInBoundedRoom(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for i := range 40_000 {
		h.Receive(t.Context(), delivery(fmt.Sprint(i), "U1", "x"))
	}
	if !h.Receive(t.Context(), delivery("39000", "U1", "x")).Repeated {
		t.Error("a late delivery was forgotten")
	}
	if h.Receive(t.Context(), delivery("0", "U1", "x")).Repeated {
		t.Error("nothing was forgotten: there is no bound")
	}
}

// elsewhere is what other processes heard.
type elsewhere struct {
	heard map[string]bool
	err   error
}

func (e elsewhere) First(_ context.Context, key string, _ time.Duration) (bool, error) {
	return !e.heard[key], e.err
}

func TestWhatAnotherProcessAnsweredIsNotAnsweredAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.Deliveries = elsewhere{heard: map[string]bool{"there": true}}
	if !h.Receive(t.Context(), delivery("there", "U1", "vm look web")).Repeated {
		t.Error("a question that another process has answered was answered again")
	}
	if h.Receive(t.Context(), delivery("new", "U1", "vm look web")).Repeated {
		t.Error("a question that nobody has answered was not answered")
	}
	h.Deliveries = elsewhere{err: errors.New("the database is away")}
	has(t, "an answer without the database", commands.RenderText(h.Receive(t.Context(), delivery("later", "U1", "vm look web")).Report), "Looking")
}

func TestAButtonPressedTwiceAtOnceActsOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	press := func(key, button string) string {
		m := delivery(key, "U1", "vm stop web")
		m.Source, m.Press = bot.Button, button
		return commands.RenderText(h.Receive(t.Context(), m).Report)
	}
	has(t, "the first press", press("1", "b"), "R-1 is taken")
	h.pass(time.Second)
	has(t, "the second press", press("2", "b"), "Pressed twice, taken once")
	has(t, "another button", press("3", "c"), "R-2 is taken")
	h.pass(2 * time.Second)
	has(t, "the same button later", press("4", "b"), "R-3 is taken")
}

func TestAButtonPressedAtTwoProcessesAtOnceActsOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	other := h.engine(t, "serve-two")
	h.Deliveries, other.Deliveries = h.store, h.store
	press := func(e *bot.Engine, key, button string) string {
		m := delivery(key, "U1", "vm stop web")
		m.Source, m.Press = bot.Button, button
		return commands.RenderText(e.Receive(t.Context(), m).Report)
	}
	has(t, "the first press", press(h.Engine, "1", "b"), "R-1 is taken")
	has(t, "the second press, elsewhere", press(other, "2", "b"), "Pressed twice, taken once")
	has(t, "another button, elsewhere", press(other, "3", "c"), "R-2 is taken")
	other.Deliveries = elsewhere{err: errors.New("the database is away")}
	has(t, "a press where the others cannot be asked", press(other, "4", "d"), "R-3 is taken")
}
