// Package slack speaks Slack's Web API: it posts, finds, updates and whispers reports, and knows who is in a user
// group. What comes in from Slack is in the package intake, how a report looks in blockkit.
package slack

import (
	"context"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"deckhand/bot"
)

var (
	_ bot.Messenger = (*Messenger)(nil)
	_ bot.Groups    = (*Messenger)(nil)
	_ bot.People    = (*Messenger)(nil)
)

const (
	// callWithin bounds one HTTP request; waiting because Slack says so (429) comes on top.
	callWithin = 30 * time.Second
	// patience is how many 429 answers one call takes before it gives up.
	patience = 3
)

// Settings are what a Messenger needs. Zero fields but BotToken have defaults.
type Settings struct {
	BotToken string           // xoxb-...
	APIURL   string           // base of the Web API; default https://slack.com/api/
	HTTP     *http.Client     // default: a client with timeouts
	Log      *slog.Logger     // default: slog.Default()
	Now      func() time.Time // default: time.Now
	// Memory keeps what Slack says of channels; nil: until the process ends.
	Memory Memory
	// Answered hears of every answer of Slack: the method, "chat.postMessage", and the HTTP status, 0 where there was no answer. It may be nil.
	Answered func(method string, status int)
}

// Messenger speaks in Slack. It is safe for use by many goroutines.
type Messenger struct {
	settings Settings
	api      *slack.Client
	answers  *http.Client // for response URLs: follows no redirect
	lanes    lanes
	groups   groups
	facts    facts
	channels channels
	health   health
	uploads  uploads

	mu  sync.Mutex
	own *slack.AuthTestResponse // who we are, once Slack has said it
}

// NewMessenger makes a messenger. It asks Slack nothing yet.
func NewMessenger(s Settings) *Messenger {
	if s.APIURL == "" {
		s.APIURL = slack.APIURL
	}
	if !strings.HasSuffix(s.APIURL, "/") {
		s.APIURL += "/" // slack-go appends the method's name as it is
	}
	if s.HTTP == nil {
		s.HTTP = &http.Client{Timeout: callWithin, Transport: transport()}
	}
	if s.Answered != nil {
		heard := *s.HTTP
		heard.Transport = listening{next: heard.Transport, answered: s.Answered}
		s.HTTP = &heard
	}
	if s.Log == nil {
		s.Log = slog.Default()
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	answers := *s.HTTP
	answers.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Messenger{
		settings: s,
		// Only 429 is tried again here: after a lost connection or a 5xx nobody knows whether the message is there.
		api:     slack.New(s.BotToken, slack.OptionAPIURL(s.APIURL), slack.OptionHTTPClient(s.HTTP), slack.OptionRetry(patience)),
		answers: &answers,
	}
}

// transport keeps enough connections to one host for several channels at once.
func transport() http.RoundTripper {
	base, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t := base.Clone()
	t.MaxIdleConnsPerHost = 16
	t.ResponseHeaderTimeout = callWithin
	return t
}

// listening tells of every answer that goes by.
type listening struct {
	next     http.RoundTripper // nil: the default one
	answered func(method string, status int)
}

// RoundTrip implements http.RoundTripper.
func (l listening) RoundTrip(r *http.Request) (*http.Response, error) {
	next := l.next
	if next == nil {
		next = http.DefaultTransport
	}
	method, status := "response_url", 0
	if name := path.Base(r.URL.Path); strings.Contains(name, ".") {
		method = name
	}
	response, err := next.RoundTrip(r)
	if err == nil {
		status = response.StatusCode
	}
	l.answered(method, status)
	return response, err
}

// Auth answers who the token belongs to. Slack is asked until it has answered once.
func (m *Messenger) Auth(ctx context.Context) (botUserID, teamID string, err error) {
	own, err := m.identity(ctx)
	if err != nil {
		return "", "", err
	}
	return own.UserID, own.TeamID, nil
}

func (m *Messenger) identity(ctx context.Context) (*slack.AuthTestResponse, error) {
	m.mu.Lock()
	own := m.own
	m.mu.Unlock()
	if own != nil {
		return own, nil
	}
	own, err := m.api.AuthTestContext(ctx)
	if err := m.told("auth.test", "", err); err != nil {
		return nil, err
	}
	if own.UserID == "" {
		return nil, m.told("auth.test", "", errEmpty)
	}
	m.mu.Lock()
	m.own = own
	m.mu.Unlock()
	return own, nil
}

// told takes note of what a call to Slack came to, and answers its error in words.
func (m *Messenger) told(method, channel string, err error) error {
	m.health.note(err, m.settings.Now())
	if err == nil {
		return nil
	}
	return newError(method, channel, err)
}
