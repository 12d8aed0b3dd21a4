package bot_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"deckhand/bot"
	"deckhand/commands"
)

// crowded is a store with so many unfinished requests as it is told.
type crowded struct {
	cutStore
	unfinished int
}

func (c *crowded) Unfinished(context.Context) (int, error) { return c.unfinished, nil }

// flooded is an engine over a crowded store, which counts as it does while it runs.
func flooded(t *testing.T, h *house, unfinished int) {
	t.Helper()
	h.Store = &crowded{cutStore{h.store, &fuse{}, &queue{}}, unfinished}
	h.say("U1", "vm stop first")
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Second)
	defer stop()
	if err := h.Run(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestFloods(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why        string
		unfinished int
		lines      int
		taken      int
		says       string
	}{
		{"who is alone may send what they like", 10, 60, 60, "is taken"},
		{"while much is under way nobody may crowd out the others", 600, 60, 29, "so that others get their turn too"},
		{"where too much is under way nothing is taken", 2000, 5, 0, "Too busy, nothing was done"},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t)
				flooded(t, h, c.unfinished)
				h.say("U3", "vm stop nothing") // somebody else waits
				taken, last := 0, ""
				for i := range c.lines {
					last = commands.RenderText(h.say("U1", fmt.Sprint("vm stop n", i)).Report)
					if strings.Contains(last, "is taken") {
						taken++
					}
				}
				if taken != c.taken {
					t.Errorf("%d lines were taken, want %d", taken, c.taken)
				}
				has(t, "the last answer", last, c.says, "vm stop n")
				if c.taken > 0 && c.taken < c.lines {
					has(t, "another's line", commands.RenderText(h.say("U3", "vm stop other").Report), "R-")
					h.pass(time.Second)
					has(t, "a line a second later", commands.RenderText(h.say("U1", "vm stop later").Report), "is taken")
				}
			})
		})
	}
}

func TestWhoIsAloneIsNotSlowedDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		flooded(t, h, 600)
		for i := range 60 {
			has(t, "the answer", commands.RenderText(h.say("U1", fmt.Sprint("vm stop n", i)).Report), "is taken")
		}
	})
}

func TestOnePersonsLimit(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.Limits = bot.Limits{Burst: 3, EachSecond: 0.5}
	answer := func(user, line string) string { return commands.RenderText(h.say(user, line).Report) }
	has(t, "a change", answer("U1", "vm stop a"), "is taken")
	has(t, "a question", answer("U1", "vm look a"), "Looking")
	has(t, "a change", answer("U1", "vm stop b"), "is taken")
	for _, line := range []string{"vm stop c", "vm look c"} {
		has(t, "one too many", answer("U1", line), "A little slower, nothing was done", line, "very many lines", "in 2 seconds")
	}
	has(t, "another's line", answer("U2", "vm stop a"), "is waiting for")
	has(t, "a word on a request", answer("U1", "approve R-3"), "R-3 is still being looked at")
	h.pass(2 * time.Second)
	has(t, "a line two seconds later", answer("U1", "vm stop c"), "is taken")
	h.pass(time.Hour)
	for range 3 {
		has(t, "a line an hour later", answer("U1", "vm stop d"), "is taken")
	}
	has(t, "one too many", answer("U1", "vm stop d"), "A little slower")
}

func TestASecondDeliveryIsKnownInAFloodToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		m := bot.Message{Key: "same", Source: bot.Slash, Asker: commands.Asker{User: "U1", Channel: "C1"}, Line: "vm stop web"}
		first := h.Receive(t.Context(), m)
		flooded(t, h, 5000)
		if again := h.Receive(t.Context(), m); again.Request != first.Request {
			t.Errorf("the second delivery got %q", commands.RenderText(again.Report))
		}
	})
}

// BenchmarkReceive is a changing line, written down durably.
func BenchmarkReceive(b *testing.B) {
	h := newHouse(b)
	for i := 0; b.Loop(); i++ {
		h.Receive(b.Context(), bot.Message{
			Key: fmt.Sprint(i), Source: bot.Slash, Asker: commands.Asker{User: "U1", Channel: "C1"}, Line: "vm stop web", At: h.Now(),
		})
	}
}

func TestAFloodOfRefusalsIsSampled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		var log bytes.Buffer
		h.Log = slog.New(slog.NewTextHandler(&log, nil))
		for i := range 300 {
			has(t, "the answer", commands.RenderText(h.say("U9", fmt.Sprint("vm stop n", i)).Report), "Not allowed, nothing was done")
		}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var ran sync.WaitGroup
		ran.Go(func() {
			if err := h.Run(ctx); err != nil {
				t.Error(err)
			}
		})
		written := func(least, most int, why string) {
			t.Helper()
			all, err := h.store.List(t.Context(), bot.Filter{States: []bot.State{bot.Refused}, Limit: 1000})
			if err != nil {
				t.Fatal(err)
			}
			if len(all) < least || len(all) > most {
				t.Errorf("%d refusals, want %d to %d: %s", len(all), least, most, why)
			}
		}
		time.Sleep(1900 * time.Millisecond)
		written(4, 5, "of a flood two are written down in a second")
		time.Sleep(3 * time.Second)
		written(53, 65, "after it those that wait, sooner: from the sweep on, which may come just before or just after a beat")
		stop()
		ran.Wait()
		written(256, 256, "at the end all that found room")
		has(t, "the log", log.String(), "refusals come faster than they are written down", "count=44")
	})
}
