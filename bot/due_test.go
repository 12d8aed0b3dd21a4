package bot_test

import (
	"context"
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

func TestWhatComesDueOfALineFromATerminalIsToldToItsOwner(t *testing.T) {
	t.Parallel()
	for user, told := range map[string]string{"U1": "U1", "terminal:ann": "U1", "terminal:eve": ""} {
		h := newHouse(t)
		h.Logins = map[string]string{"terminal:ann": "U1"}
		h.rules[user+" vm stop"] = bot.Decision{Effect: bot.Allow}
		r := h.due(t, user, "vm stop web", func(m *bot.Message) { m.Asker.Channel = "" })
		if r.Message.Asker.Channel != told || told != "" && r.Posted.TS == "" || r.State != bot.Done {
			t.Errorf("what %s made is told in %q (posted %q), want %q; it is %s", user, r.Message.Asker.Channel, r.Posted.TS, told, r.State)
		}
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

// tenancy puts off what did not succeed, twice at most, and knows what is gone.
type tenancy struct {
	off   []string
	gone  bool
	done  []string
	ended []int64
}

func (t *tenancy) Term() (otherwise, most time.Duration) { return 0, 0 }

func (t *tenancy) Begin(context.Context, bot.Request, time.Time, string) (string, error) {
	return "", nil
}

func (t *tenancy) Done(_ context.Context, line, _ string) (string, error) {
	t.done = append(t.done, line)
	return "It is terminated tomorrow.", nil
}

func (t *tenancy) Gone(_ context.Context, request int64) error {
	t.ended = append(t.ended, request)
	return nil
}

func (t *tenancy) Still(context.Context, bot.Request) error {
	if t.gone {
		return &commands.Error{Kind: commands.NotFound, Message: "What R-1 made is gone already."}
	}
	return nil
}

func (t *tenancy) Again(_ context.Context, m bot.Message, now time.Time) (time.Time, error) {
	if m.Tries > 1 {
		return time.Time{}, nil
	}
	t.off = append(t.off, m.Act)
	return now.Add(time.Hour), nil
}

// TestALineThatCameDueAndDidNotSucceedIsTriedAgain unless somebody decided so, nobody knows what came of it, or nothing is left.
func TestALineThatCameDueAndDidNotSucceedIsTriedAgain(t *testing.T) {
	t.Parallel()
	away := &commands.Error{Kind: commands.Unavailable, Message: "AWS is away."}
	for name, c := range map[string]struct {
		user, line string
		err        error
		held       bool
		gone       bool
		tries      int
		state      bot.State
		off        int
		shown      string
	}{
		"AWS is away":             {"U1", "vm stop web", away, false, false, 0, bot.Failed, 1, "It is tried again at"},
		"AWS refuses":             {"U1", "vm stop web", &commands.Error{Kind: commands.Denied, Message: "AWS refused."}, false, false, 1, bot.Failed, 1, "try 2"},
		"something is in the way": {"U1", "vm stop web", &commands.Error{Kind: commands.Conflict, Message: "It is protected."}, false, false, 1, bot.Failed, 1, "try 2"},
		"tried often enough":      {"U1", "vm stop web", away, false, false, 2, bot.Failed, 0, "It is not tried again by itself any more."},
		"nobody knows":            {"U1", "vm stop web", &commands.Error{Kind: commands.Uncertain, Message: "No answer."}, false, false, 0, bot.Unsure, 0, "uncertain"},
		"policy says no":          {"U6", "vm stop web", nil, false, false, 0, bot.Refused, 0, "Policy does not let U6 run vm stop"},
		"a freeze holds it back":  {"U1", "vm stop web", nil, true, false, 0, bot.Refused, 1, "It is tried again at"},
		"it went well":            {"U1", "vm stop web", nil, false, false, 0, bot.Done, 0, "It is terminated tomorrow."},
		"what it names stands":    {"U1", "vm stop web", &commands.Error{Kind: commands.NotFound, Stands: true, Message: "web is not in the bin."}, false, false, 0, bot.Done, 0, "Left alone, nothing was left to do"},
		"it is gone":              {"U1", "vm stop web", nil, false, true, 0, bot.Done, 0, "Gone already, nothing was left to do"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			leases := &tenancy{gone: c.gone}
			h.Leases, h.world.answer = leases, c.err
			if c.held {
				h.Guards = frozen{}
			}
			r := h.due(t, c.user, c.line, func(m *bot.Message) { m.Act, m.Tries, m.Of = "lease R-1 stop", c.tries, 1 })
			if r.State != c.state || len(leases.off) != c.off {
				t.Errorf("%s, put off %q", r.State, leases.off)
			}
			has(t, "the message", h.shown(), c.shown)
			if stands := name == "what it names stands"; (len(leases.ended) == 1) != c.gone || stands && len(leases.done) > 0 {
				t.Errorf("done %q, leases ended %v", leases.done, leases.ended)
			}
		})
	}
}

func TestAnEdgeOfHoursThatFailsIsTriedAgainAndSaysSo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	leases := &tenancy{}
	h.Leases, h.world.answer = leases, &commands.Error{Kind: commands.Unavailable, Message: "AWS is away."}
	edge := func(m *bot.Message) { m.Source, m.Act, m.Reason = bot.Schedule, "hours dev 946713600", "the hours dev" }
	r := h.due(t, "U1", "vm stop web", edge)
	if r.State != bot.Failed || len(leases.off) != 1 || leases.off[0] != "hours dev 946713600" {
		t.Errorf("%s, put off %q", r.State, leases.off)
	}
	has(t, "the message", h.shown(), "It is tried again at", "unless the next edge of the hours comes before that")
	r = h.due(t, "U1", "vm halt web", func(m *bot.Message) { edge(m); m.Tries = 1 })
	has(t, "the next try", commands.RenderText(bot.View(r)), "the hours dev", "try 2")

	h.due(t, "U1", "vm end web", func(m *bot.Message) { m.Source, m.Act = bot.Schedule, "" })
	if len(leases.off) != 2 {
		t.Errorf("a line that is on the timetable is put off: %q", leases.off)
	}
}
