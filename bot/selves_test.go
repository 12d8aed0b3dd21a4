package bot_test

import (
	"fmt"
	"testing"

	"deckhand/bot"
	"deckhand/commands"
)

// atTerminal sends a line from a terminal.
func (h *house) atTerminal(t *testing.T, user, line string) string {
	t.Helper()
	h.seq++
	return commands.RenderText(h.RunLine(t.Context(), bot.Message{
		Key: fmt.Sprint("t", h.seq), Source: bot.Terminal, Asker: commands.Asker{User: h.Self(user)}, Line: line, At: h.Now(),
	}, func(commands.Report) {}, nil).Report)
}

// guises is a house where two people have to agree, and where some are known at a terminal too.
func guises(t *testing.T, logins map[string]string) *house {
	t.Helper()
	h := newHouse(t)
	h.Logins = logins
	asks := bot.Decision{Effect: bot.Ask, Rule: "rule 1", Approvals: 2, Approvers: []string{"user:U1", "user:U2", "user:U3", "user:terminal:ann", "user:terminal:bob"}}
	one := asks
	one.Approvals = 1
	h.rules["U1 vm stop"], h.rules["U4 vm stop"], h.rules["terminal:ann vm stop"] = one, asks, one
	return h
}

func TestNobodyApprovesTheirOwnInAnotherGuise(t *testing.T) {
	t.Parallel()
	known := map[string]string{"terminal:ann": "U1"}
	for _, c := range []struct {
		why       string
		logins    map[string]string
		ask       string // who asks
		approve   string
		says      string
		wantCalls int
	}{
		{"asked in Slack, approved at the terminal", known, "U1", "terminal:ann", "You asked for this; someone else must approve it", 0},
		{"asked at the terminal, approved in Slack", known, "terminal:ann", "U1", "You asked for this; someone else must approve it", 0},
		{"asked at the terminal by somebody known, approved by another", known, "terminal:ann", "U2", "runs now", 1},
		{"asked in Slack, approved at a terminal by nobody knows whom", known, "U1", "terminal:bob", "Nobody has said who terminal:bob is in Slack", 0},
		{"the same where nobody is known at all", nil, "U1", "terminal:bob", "Nobody has said who terminal:bob is in Slack", 0},
		{"asked at one login, approved at another", nil, "terminal:ann", "terminal:bob", "Stopped web", 1},
		{"asked at a terminal, approved in Slack, where nobody is known at all", nil, "terminal:ann", "U2", "runs now", 1},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			h := guises(t, c.logins)
			send := func(user, line string) string {
				if len(user) > 3 {
					return h.atTerminal(t, user, line)
				}
				return commands.RenderText(h.say(user, line).Report)
			}
			send(c.ask, "vm stop web")
			h.work(t, 1)
			has(t, "the answer", send(c.approve, "approve R-1"), c.says)
			h.work(t, 1)
			if h.world.calls != c.wantCalls {
				t.Errorf("%d calls, want %d", h.world.calls, c.wantCalls)
			}
		})
	}
}

func TestOnePersonsTwoGuisesAreOneApprover(t *testing.T) {
	t.Parallel()
	h := guises(t, map[string]string{"terminal:ann": "U1"})
	h.say("U4", "vm stop web")
	h.work(t, 1)
	has(t, "the first approval", commands.RenderText(h.say("U1", "approve R-1").Report), "1 more to go")
	has(t, "the same person's", h.atTerminal(t, "terminal:ann", "approve R-1"), "You have approved R-1 already")
	has(t, "another's", commands.RenderText(h.say("U2", "approve R-1").Report), "runs now")
	h.want(t, h.work(t, 1), bot.Done, 1)
}

func TestWhoIsNotKnownAsksForNothingThatOthersMustApprove(t *testing.T) {
	t.Parallel()
	h := guises(t, map[string]string{"terminal:bob": "U2"})
	has(t, "the answer", h.atTerminal(t, "terminal:ann", "vm stop web"), "nobody has said who terminal:ann is in Slack", "under people")
	h.want(t, h.work(t, 1), bot.Refused, 0)
}
