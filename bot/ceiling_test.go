package bot_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"deckhand/bot"
	"deckhand/commands"
)

// costly makes something for 60 dollars a month.
type costly struct {
	stop
	fails error
}

func (*costly) Bill(context.Context) commands.Bill {
	var b commands.Bill
	b.Add("1 machine", 60.0/commands.HoursOfMonth, nil)
	return b
}

func (c *costly) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	if c.fails != nil {
		return commands.Report{}, c.fails
	}
	return c.stop.Run(ctx, run)
}

// hundredADay asks U2 above 100 dollars a day.
type hundredADay struct{ rules }

func (h hundredADay) Decide(ctx context.Context, q bot.AccessRequest) (bot.Decision, error) {
	if q.Command != "vm make" {
		return h.rules.Decide(ctx, q)
	}
	if q.Scope == nil {
		return bot.Decision{Effect: bot.Unsettled}, nil
	}
	before, _ := q.Scope.Today.Month()
	if month, _ := q.Scope.Bill.Month(); before+month > 100 {
		return bot.Decision{Effect: bot.Ask, Rule: "the day", Why: "used: " + q.Scope.Today.Words(), Approvers: []string{"user:U2"}, Approvals: 1}, nil
	}
	return bot.Decision{Effect: bot.Allow, Rule: "below"}, nil
}

// counting is an engine of a house whose policy has a ceiling on a day, with a zone of its own.
func (h *house) counting(t *testing.T, process string, fails error) *bot.Engine {
	t.Helper()
	e := h.engine(t, process)
	e.Policy, e.Bills, e.Ledger = hundredADay{h.rules}, true, h.store
	e.Zone = func(string) *time.Location { return time.FixedZone("UTC+10", 10*60*60) }
	var err error
	e.Catalog, err = commands.NewCatalog([]commands.Command{
		{Name: "vm make", Example: "vm make web", Risk: commands.Change, New: func() commands.Runner { return &costly{stop{world: h.world}, fails} }},
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func (h *house) makes(t *testing.T, e *bot.Engine, name, want string) bot.Request {
	t.Helper()
	h.Engine = e
	h.say("U1", "vm make "+name)
	r := h.work(t, int64(h.seq))
	if string(r.State) != want {
		t.Errorf("%s is %s, want %s: %s", name, r.State, want, r.Decision.Why)
	}
	return r
}

func TestADayHasACeiling(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	e := h.counting(t, "one", nil)
	h.makes(t, h.counting(t, "unlucky", &commands.Error{Kind: commands.Failed, Message: "No capacity."}), "nothing", "failed") // and does not count
	h.makes(t, e, "first", "done")
	second := h.makes(t, h.counting(t, "two", nil), "second", "waiting") // another process knows as well
	has(t, "why", marked(second.Decision.Why), "used: $60.00 by R-2 vm make first")
	if _, err := e.Approve(t.Context(), commands.Asker{User: "U2", Channel: "C1"}, second.Number, commands.Consent{Digest: second.Digest()}); err != nil {
		t.Fatal(err)
	}
	if r := h.work(t, second.Number); r.State != bot.Done {
		t.Errorf("what was approved is %s: %s", r.State, r.Note)
	}
	third := h.makes(t, e, "third", "waiting")
	has(t, "why", marked(third.Decision.Why), "R-2 vm make first", "R-3 vm make second")
	h.pass(6 * time.Hour) // 09:00 UTC is 19:00 there, so this is the next day
	h.makes(t, e, "fourth", "done")
}

func TestOfTwoLinesSideBySideOneSeesTheOther(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	engines := []*bot.Engine{h.counting(t, "one", nil), h.counting(t, "two", nil)}
	const lines = 8
	for range lines {
		h.Engine = engines[0]
		h.say("U1", fmt.Sprint("vm make m", h.seq))
	}
	var all sync.WaitGroup
	for number := range lines {
		all.Go(func() {
			if err := engines[number%2].Execute(t.Context(), int64(number+1)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	states := map[bot.State]int{}
	for number := range lines {
		r, err := h.store.Load(t.Context(), int64(number+1))
		if err != nil {
			t.Fatal(err)
		}
		states[r.State]++
	}
	if states[bot.Done] != 1 || states[bot.Waiting] != lines-1 {
		t.Errorf("of %d lines of 60 dollars below a ceiling of 100 the ends are %v", lines, states)
	}
}

func marked(text string) string { return commands.Terminal().Render(text) }
