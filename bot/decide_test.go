package bot_test

import (
	"context"
	"testing"

	"deckhand/bot"
	"deckhand/commands"
)

func TestAWordThatComesTooLateIsARefusalAndNotMisunderstood(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.say("U2", "vm stop web")
	h.work(t, 1)
	h.say("U1", "approve R-1")
	h.want(t, h.work(t, 1), bot.Done, 1)
	for _, c := range []struct{ user, line, title, why string }{
		{"U1", "approve R-1", "Over already, nothing more was done", "R-1 was approved by"},
		{"U3", "reject R-1", "Over already, nothing more was done", "R-1 was approved by"},
		{"U2", "cancel R-1", "Over already, nothing more was done", "R-1 was approved by"},
		{"U2", "settle R-1 done", "Nothing to settle, nothing was done", "R-1 is done, and only an uncertain request can be settled"},
		{"U9", "settle R-1 done", "Not allowed, nothing was done", "Policy does not let you run vm stop, so you cannot settle R-1"},
	} {
		h.seq++
		outcome := h.RunLine(t.Context(), bot.Message{Source: bot.Terminal, Asker: commands.Asker{User: c.user}, Line: c.line}, nil, nil)
		has(t, c.line+" of "+c.user, commands.RenderText(outcome.Report), c.title, c.why)
		if outcome.Kind != commands.Denied {
			t.Errorf("%s of %s is %q, want a refusal", c.line, c.user, outcome.Kind)
		}
	}
}

func TestAStrangersWordDoesNotDisturbARun(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.world.block = make(chan struct{})
	h.say("U1", "vm stop web")
	ended := make(chan error)
	go func() { ended <- h.Execute(context.Background(), 1) }()
	<-h.world.begun
	has(t, "the answer", commands.RenderText(h.say("U2", "cancel R-1").Report), "who asked, can cancel R-1")
	has(t, "the answer", commands.RenderText(h.say("U9", "settle R-1 done").Report), "you cannot settle R-1")
	close(h.world.block)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	r, err := h.store.Load(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	h.want(t, r, bot.Done, 1)
}
