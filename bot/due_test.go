package bot_test

import (
	"testing"
	"time"

	"deckhand/bot"
	"deckhand/commands"
)

// due hands on a line that came due, as the timetable does.
func (h *house) due(t *testing.T, user, line string, change func(*bot.Message)) bot.Request {
	t.Helper()
	m := bot.Message{
		Key: "act:" + line, Source: bot.Lease, Asker: commands.Asker{User: user, Channel: "C1"}, Line: line, At: h.Now(),
		Reason: "the lease of R-1 is over",
	}
	if change != nil {
		change(&m)
	}
	h.Receive(t.Context(), m)
	again := h.Receive(t.Context(), m)
	if again.Request == "" {
		t.Fatalf("%s was not written down", line)
	}
	number := int64(1)
	for id := "R-1"; id != again.Request; id = (bot.Request{Number: number}).ID() {
		number++
	}
	return h.work(t, number)
}

func TestALineThatCameDue(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		user, line string
		late       time.Duration
		state      bot.State
		calls      int
		shown      []string
	}{
		"runs once, and says why":                      {"U1", "vm stop web", 0, bot.Done, 1, []string{"Stopped web", "the lease of R-1 is over", "with the rights of U1"}},
		"says that it is late":                         {"U1", "vm stop web", time.Hour, bot.Done, 1, []string{"late because deckhand was not running"}},
		"is refused where its owner may not, and told": {"U6", "vm stop web", 0, bot.Refused, 0, []string{"Policy does not let U6 run vm stop"}},
		"waits for approval where its line would":      {"U2", "vm stop web", 0, bot.Waiting, 0, []string{"R-1 waits for", "Approve"}},
		"finds that all is gone":                       {"U4", "vm stop nobody", 0, bot.Done, 0, []string{"Gone already, nothing was left to do", "No instance is called nobody"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			at := h.Now()
			h.pass(c.late)
			r := h.due(t, c.user, c.line, func(m *bot.Message) { m.At = at })
			h.want(t, r, c.state, c.calls)
			has(t, "the message", h.shown(), c.shown...)
		})
	}
}

func TestALineThatCameDueNeedsNoSecondApproval(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.say("U2", "vm stop web")
	h.work(t, 1)
	h.say("U3", "approve R-1")
	h.work(t, 1)
	if r := h.due(t, "U2", "vm stop db", func(m *bot.Message) { m.Of, m.Agreed = 1, true }); r.State != bot.Done || h.world.calls != 2 {
		t.Errorf("%s after %d calls", r.State, h.world.calls)
	}
	if r := h.due(t, "U2", "vm stop mail", func(m *bot.Message) { m.Of = 1 }); r.State != bot.Waiting {
		t.Errorf("what nobody agreed to is %s", r.State)
	}
	h.rules["U2 vm stop"] = bot.Decision{Effect: bot.Ask, Approvers: []string{"user:U1"}, Approvals: 1}
	if r := h.due(t, "U2", "vm stop news", func(m *bot.Message) { m.Of, m.Agreed = 1, true }); r.State != bot.Waiting {
		t.Errorf("who agreed may not approve any more, and it is %s", r.State)
	}
}
