// Package slacktest is a Slack small enough to hold in memory. The real client library talks to its Web
// API and its sockets, people talk to it through Go calls or through a web page, and it delivers what they do
// to the app as signed posts or socket envelopes. It fails on demand.
package slacktest

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// User is a person in the workspace.
type User struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	About string `json:"about"` // one line for the page: what this person may do
	Left  bool   `json:"-"`     // the account is deactivated
}

// Channel is a public channel. Everybody is in it.
type Channel struct {
	ID       string `json:"id"`
	Name     string `json:"name"`     // without the leading #
	External bool   `json:"external"` // shared with another organisation
	Outside  bool   `json:"-"`        // the app is not a member until it joins
}

// Targets are the addresses that the workspace writes into what it sends. They are often known only once
// servers listen; see SetTargets.
type Targets struct {
	BaseURL        string // where this workspace itself answers, "http://127.0.0.1:8080"
	CommandURL     string // the app's addresses for signed posts; unused with Options.Socket
	InteractionURL string
	EventURL       string
}

// Options describe a workspace. Only BotToken is required to talk to it.
type Options struct {
	Targets

	SigningSecret string
	BotToken      string // "xoxb-..."
	AppToken      string // "xapp-...", for sockets
	BotUserID     string // "U_DECKHAND" where empty
	BotName       string // "deckhand" where empty; people write "@deckhand"
	Users         []User
	Channels      []Channel
	Groups        map[string][]string // user ids by user group id
	SlashCommands []string            // "/vm"; where empty, every slash command is the app's
	Socket        bool                // what people do goes through sockets instead of signed posts
	PingEvery     time.Duration       // between pings on a socket; 10 s where zero
	AckWithin     time.Duration       // how long an acknowledgement may take; 3 s where zero, as Slack's
	UnknownBlocks []string            // types of blocks that this workspace does not take yet
	PostEvery     time.Duration       // one post a channel in this time after PostBurst; zero: no limit
	PostBurst     int
	MaxMessages   int              // kept a channel, older ones are forgotten; 2000 where zero
	Now           func() time.Time // time.Now where nil

	Title string   // of the page
	Hints []string // lines to try, on the page
}

// Workspace is the whole Slack. Its methods may be called from several goroutines.
type Workspace struct {
	options Options
	client  *http.Client
	methods map[string]method
	boot    string // tells the page that the memory is a new one

	mu         sync.Mutex
	targets    Targets
	lastTS     int64                 // microseconds
	sequence   int64                 // for ids
	revision   int64                 // grows with every visible change
	channels   map[string][]*Message // oldest first
	whispers   map[string][]*Message // ephemeral messages by person, oldest first
	gone       []tombstone
	joined     map[string]bool
	files      map[string]*File
	views      []View
	triggers   map[string]*trigger
	responses  map[string]*responseURL
	failures   []*failing
	down       bool
	allowance  map[string]time.Time // when the next post of a channel is free, without burst
	sockets    []*socket
	tickets    map[string]bool
	nextSocket int
	last       *delivery
	watchers   map[chan struct{}]bool
}

type tombstone struct {
	revision int64
	channel  string
	ts       string
	to       string
}

// New makes a workspace.
func New(o Options) *Workspace {
	if o.BotUserID == "" {
		o.BotUserID = "U_DECKHAND"
	}
	if o.BotName == "" {
		o.BotName = "deckhand"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.PingEvery == 0 {
		o.PingEvery = 10 * time.Second
	}
	if o.AckWithin == 0 {
		o.AckWithin = 3 * time.Second
	}
	if o.MaxMessages == 0 {
		o.MaxMessages = 2000
	}
	w := &Workspace{
		options:   o,
		client:    newClient(),
		boot:      randomID(12),
		targets:   o.Targets,
		channels:  map[string][]*Message{},
		whispers:  map[string][]*Message{},
		joined:    map[string]bool{},
		files:     map[string]*File{},
		triggers:  map[string]*trigger{},
		responses: map[string]*responseURL{},
		allowance: map[string]time.Time{},
		tickets:   map[string]bool{},
		watchers:  map[chan struct{}]bool{},
	}
	for _, c := range o.Channels {
		w.joined[c.ID] = !c.Outside
	}
	w.methods = methods()
	return w
}

// newClient answers a client that, as Slack does, follows no redirects.
func newClient() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Close ends the sockets and the idle connections to the app.
func (w *Workspace) Close() {
	w.CutSockets()
	w.client.CloseIdleConnections()
}

// SetTargets replaces the addresses.
func (w *Workspace) SetTargets(t Targets) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.targets = t
}

// DirectChannel is the id of a person's direct messages with the app.
func DirectChannel(user string) string { return "D" + strings.TrimPrefix(user, "U") }

func (w *Workspace) botID() string { return "B" + strings.TrimPrefix(w.options.BotUserID, "U") }

func (w *Workspace) user(id string) (User, bool) {
	i := slices.IndexFunc(w.options.Users, func(u User) bool { return u.ID == id })
	if i >= 0 {
		return w.options.Users[i], true
	}
	if id == w.options.BotUserID {
		return User{ID: id, Name: w.options.BotName}, true
	}
	return User{}, false
}

// directOwner answers whose direct messages a channel holds.
func (w *Workspace) directOwner(channel string) (User, bool) {
	i := slices.IndexFunc(w.options.Users, func(u User) bool { return DirectChannel(u.ID) == channel })
	if i < 0 {
		return User{}, false
	}
	return w.options.Users[i], true
}

func (w *Workspace) channel(id string) (Channel, bool) {
	i := slices.IndexFunc(w.options.Channels, func(c Channel) bool { return c.ID == id })
	if i >= 0 {
		return w.options.Channels[i], true
	}
	if _, ok := w.directOwner(id); ok {
		return Channel{ID: id, Name: "directmessage"}, true
	}
	return Channel{}, false
}

// canSee tells whether a person is in a channel.
func (w *Workspace) canSee(user, channel string) bool {
	if owner, direct := w.directOwner(channel); direct {
		return owner.ID == user
	}
	_, ok := w.channel(channel)
	return ok
}

// timestamp answers a new message id: seconds with six decimals, unique and growing.
func (w *Workspace) timestamp() string {
	micros := max(w.options.Now().UnixMicro(), w.lastTS+1)
	w.lastTS = micros
	return fmt.Sprintf("%d.%06d", micros/1e6, micros%1e6)
}

func (w *Workspace) id(prefix string) string {
	w.sequence++
	return fmt.Sprintf("%s%08d", prefix, w.sequence)
}

// Messages answers a channel's messages with their threads, oldest first, without ephemeral ones.
func (w *Workspace) Messages(channel string) []Message {
	w.mu.Lock()
	defer w.mu.Unlock()
	return copies(w.channels[channel])
}

// Ephemerals answers the messages that only one person was shown, oldest first.
func (w *Workspace) Ephemerals(user string) []Message {
	w.mu.Lock()
	defer w.mu.Unlock()
	return copies(w.whispers[user])
}

// Views answers the views that were opened, oldest first.
func (w *Workspace) Views() []View {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.views)
}

// Subscribe answers a channel that is signalled after every change. Changes that come close together
// may be one signal.
func (w *Workspace) Subscribe() (changed <-chan struct{}, stop func()) {
	signal := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.watchers[signal] = true
	return signal, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.watchers, signal)
	}
}

// Await returns once ok answers true. It asks after every change, and must not hold up the workspace.
func (w *Workspace) Await(ctx context.Context, ok func() bool) error {
	changed, stop := w.Subscribe()
	defer stop()
	for !ok() {
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// touch makes a change visible. It is called with the lock held.
func (w *Workspace) touch() int64 {
	w.revision++
	for signal := range w.watchers {
		select {
		case signal <- struct{}{}:
		default:
		}
	}
	return w.revision
}
