package slack

import (
	"context"
	"strings"
	"sync"
	"time"

	"deckhand/bot"
)

const (
	factsFor   = 5 * time.Minute  // how long an answer of Slack about a person or a channel is used
	silenceFor = 30 * time.Second // how long Slack is not asked again after it gave none
	factsMost  = 5000
)

// facts remembers yes and no about people. What Slack said once stands until it says otherwise; what it never said is no.
type facts struct {
	mu    sync.Mutex
	known map[string]fact
}

type fact struct {
	yes   bool
	until time.Time
}

// recall answers what is known, and whether it is too old to go by alone.
func (f *facts) recall(name string, now time.Time) (yes, old bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	known := f.known[name]
	return known.yes, !now.Before(known.until)
}

func (f *facts) keep(name string, yes bool, until time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.known == nil || len(f.known) >= factsMost {
		f.known = map[string]fact{}
	}
	f.known[name] = fact{yes, until}
}

// fact answers from memory, or by asking Slack.
func (m *Messenger) fact(name string, ask func() (bool, error)) bool {
	yes, old := m.facts.recall(name, m.settings.Now())
	if !old {
		return yes
	}
	said, err := ask()
	if err != nil {
		m.settings.Log.Warn("Slack did not answer a question; what it said before stands", "about", name, "stands", yes, "err", err)
		m.facts.keep(name, yes, m.settings.Now().Add(silenceFor))
		return yes
	}
	m.facts.keep(name, said, m.settings.Now().Add(factsFor))
	return said
}

// Gone tells whether somebody's account was deactivated. It needs the scope users:read.
func (m *Messenger) Gone(ctx context.Context, user string) bool {
	if !strings.HasPrefix(user, "U") && !strings.HasPrefix(user, "W") {
		return false // somebody at a terminal
	}
	return m.fact(user, func() (bool, error) {
		about, err := m.api.GetUserInfoContext(ctx, user)
		return about != nil && about.Deleted, m.told("users.info", "", err)
	})
}

// linksWithin is how long Slack has to say where the workspace is: links are an extra, and nothing waits for them.
const linksWithin = time.Second

// Permalinks tells the addresses of messages in the workspace: what chat.getPermalink answers, without asking for each message. Where
// the workspace is Slack says once; until it has, there are no links, and they are empty.
// Source: https://docs.slack.dev/reference/methods/chat.getPermalink
func (m *Messenger) Permalinks(ctx context.Context) func(message bot.Ref, thread string) string {
	ctx, cancel := context.WithTimeout(ctx, linksWithin)
	defer cancel()
	workspace := ""
	if own, err := m.identity(ctx); err == nil {
		workspace = strings.TrimSuffix(own.URL, "/")
	}
	return func(message bot.Ref, thread string) string {
		if workspace == "" || message.Channel == "" || message.TS == "" {
			return ""
		}
		link := workspace + "/archives/" + message.Channel + "/p" + strings.ReplaceAll(message.TS, ".", "")
		if thread != "" && thread != message.TS {
			link += "?thread_ts=" + thread + "&cid=" + message.Channel
		}
		return link
	}
}
