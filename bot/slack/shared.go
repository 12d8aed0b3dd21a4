package slack

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"
)

// Memory keeps what Slack said of channels through a restart.
type Memory interface {
	// SharedChannels answers of every channel that Slack spoke of whether it is shared with another organisation.
	SharedChannels(ctx context.Context) (map[string]bool, error)
	// KeepShared writes down what Slack says of a channel.
	KeepShared(ctx context.Context, channel string, shared bool) error
}

// channels is what is known of channels.
type channels struct {
	mu     sync.Mutex
	read   bool // what an earlier process knew is there
	known  map[string]channel
	silent map[string]silence
}

type channel struct {
	shared bool
	until  time.Time // from then on Slack is asked again
}

// silence is a question that Slack did not answer.
type silence struct {
	err   error
	until time.Time // it is not asked before
}

// quietFor is how long Slack is not asked again about a channel after it gave no answer: requests wait for it.
const quietFor = 10 * time.Second

// Shared tells whether a channel is shared with another organisation; an error says that this is not known. It needs the scopes
// channels:read and groups:read. While Slack does not answer, what it said last stands. A Slack that cannot be asked this at all (a scope
// is missing, the method is not there), and one that has never answered for any channel, have no shared channels: see decision 61.
func (m *Messenger) Shared(ctx context.Context, id string) (bool, error) {
	if !strings.HasPrefix(id, "C") && !strings.HasPrefix(id, "G") {
		return false, nil // a direct message
	}
	now := m.settings.Now()
	m.recallChannels(ctx, now)
	c := &m.channels
	c.mu.Lock()
	known, isKnown := c.known[id]
	quiet, isQuiet := c.silent[id]
	strange := len(c.known) == 0
	c.mu.Unlock()
	switch {
	case isKnown && now.Before(known.until):
		return known.shared, nil
	case !isKnown && isQuiet && now.Before(quiet.until):
		return unsaid(strange, quiet.err)
	}
	about, err := m.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: id})
	if err := m.told("conversations.info", id, err); err != nil {
		return m.noAnswer(id, known, isKnown, strange, err)
	}
	shared := about != nil && (about.IsExtShared || about.IsPendingExtShared)
	m.keepChannel(ctx, id, shared)
	return shared, nil
}

// noAnswer goes by what was known of a channel before.
func (m *Messenger) noAnswer(id string, known channel, isKnown, strange bool, err error) (bool, error) {
	again := m.settings.Now().Add(quietFor)
	c := &m.channels
	c.mu.Lock()
	defer c.mu.Unlock()
	if isKnown {
		m.settings.Log.Warn("Slack did not say whether a channel is shared; what it said before stands", "channel", id, "shared", known.shared, "err", err)
		c.known[id] = channel{known.shared, again}
		return known.shared, nil
	}
	if cannotAsk(err) {
		m.settings.Log.Warn("Slack cannot be asked whether channels are shared with other organisations; they are taken not to be", "channel", id, "err", err)
		c.known[id] = channel{until: m.settings.Now().Add(factsFor)}
		return false, nil
	}
	m.settings.Log.Warn("Slack did not say whether a channel is shared", "channel", id, "err", err)
	if c.silent == nil || len(c.silent) >= factsMost {
		c.silent = map[string]silence{}
	}
	c.silent[id] = silence{err, again}
	return unsaid(strange, err)
}

// unsaid is the answer about a channel of which nothing is known.
func unsaid(strange bool, err error) (bool, error) {
	if strange {
		return false, nil
	}
	return false, err
}

// cannotAsk tells whether Slack says that this app, or this Slack, has no such question. What it says of the channel, of the token or of
// itself is another matter: it may answer later.
func cannotAsk(err error) bool {
	switch code := codeOf(err); {
	case code == "missing_scope", code == "not_allowed_token_type":
		return true
	case code == "channel_not_found", isAuth(code), isOutage(code), isLater(code):
		return false
	case code != "":
		return true
	}
	var status slack.StatusCodeError
	return errors.As(err, &status) && (status.Code == http.StatusNotFound || status.Code == http.StatusMethodNotAllowed || status.Code == http.StatusNotImplemented)
}

// recallChannels reads once what an earlier process knew. All of it is asked again when it is needed.
func (m *Messenger) recallChannels(ctx context.Context, now time.Time) {
	c := &m.channels
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil {
		c.known = map[string]channel{}
	}
	if c.read || m.settings.Memory == nil {
		return
	}
	before, err := m.settings.Memory.SharedChannels(ctx)
	if err != nil {
		m.settings.Log.Warn("what is known of channels could not be read; it is tried again", "err", err)
		return
	}
	c.read = true
	for id, shared := range before {
		if _, fresh := c.known[id]; !fresh {
			c.known[id] = channel{shared, now}
		}
	}
}

// keepChannel remembers what Slack says. It is written down where it is new.
func (m *Messenger) keepChannel(ctx context.Context, id string, shared bool) {
	c := &m.channels
	c.mu.Lock()
	before, known := c.known[id]
	c.known[id] = channel{shared, m.settings.Now().Add(factsFor)}
	delete(c.silent, id)
	c.mu.Unlock()
	if m.settings.Memory == nil || known && before.shared == shared {
		return
	}
	if err := m.settings.Memory.KeepShared(ctx, id, shared); err != nil {
		m.settings.Log.Warn("what Slack says of a channel was not written down", "channel", id, "err", err)
	}
}
