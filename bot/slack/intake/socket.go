package intake

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"deckhand/bot"
)

const (
	// defaultConnections overlap, so that Slack can deliver over one while it renews the other.
	defaultConnections = 2
	// defaultSilence is how long a connection may bring neither a ping nor a message. Slack pings several times a minute.
	defaultSilence = 2 * time.Minute
	// defaultQuiet is how long a connection may bring pings and nothing else: one that Slack delivers nothing over looks just like a night in which
	// nobody types. The other connections take what comes meanwhile.
	defaultQuiet = time.Hour
	// envelopesAtOnce bounds how many envelopes are with the receiver at a time.
	envelopesAtOnce = 64
	// flushWithin is what the last acknowledgements are given to get away before the connections close.
	flushWithin = 50 * time.Millisecond
)

// SocketSettings say how Socket Mode is taken in. AppToken, Whisper and Render are required.
type SocketSettings struct {
	AppToken    string // xapp-..., with connections:write
	BotToken    string
	APIURL      string        // https://slack.com/api/ where empty
	Connections int           // how many sockets overlap; 2 where 0
	Silence     time.Duration // how long a socket may bring nothing before it is replaced; 2 minutes where 0
	Quiet       time.Duration // how long it may bring nothing but pings before it is renewed; an hour where 0
	Whisper     Whisper
	Open        Open
	Render      Render
	IsNoun      func(string) bool // tells which commands name a noun: "vm" for /vm
	BotUserID   func() string     // the bot's own user; answers "" while it is not known
	Now         func() time.Time  // time.Now where nil
	Log         *slog.Logger
}

// Socket takes in what Slack sends over Socket Mode.
type Socket struct {
	handover
	translator
	api     *slack.Client
	silence time.Duration
	quiet   time.Duration
	places  chan struct{} // at the receiver
	health  *health
}

// NewSocket connects nothing yet; see Run.
func NewSocket(s SocketSettings, receiver bot.Receiver) *Socket {
	logger := orDiscard(s.Log)
	options := []slack.Option{
		slack.OptionAppLevelToken(s.AppToken),
		slack.OptionHTTPClient(&http.Client{Timeout: 15 * time.Second}),
	}
	if s.APIURL != "" {
		options = append(options, slack.OptionAPIURL(strings.TrimSuffix(s.APIURL, "/")+"/"))
	}
	if s.Connections <= 0 {
		s.Connections = defaultConnections
	}
	if s.Silence <= 0 {
		s.Silence = defaultSilence
	}
	if s.Quiet <= 0 {
		s.Quiet = defaultQuiet
	}
	now := orNow(s.Now)
	return &Socket{
		handover:   handover{receiver: receiver, render: s.Render, whispers: newWhispers(s.Whisper, s.Open, logger)},
		translator: translator{now: now, isNoun: orNever(s.IsNoun), botUser: orNobody(s.BotUserID), log: logger},
		api:        slack.New(s.BotToken, options...),
		silence:    s.Silence,
		quiet:      s.Quiet,
		places:     make(chan struct{}, envelopesAtOnce),
		health:     newHealth(s.Connections, now, logger),
	}
}

// Health tells whether Slack can reach the bot over at least one socket, since when that is so, and
// in a sentence how many sockets there are and what keeps the others away.
func (s *Socket) Health() (ok bool, since time.Time, detail string) { return s.health.now() }

// Run keeps the sockets open until ctx ends, and answers nil then. Nothing else ends it: where Slack cannot be
// reached or refuses the token, it keeps trying, and Health and the log say why. It returns when what
// was being answered is answered, at most fifteen seconds after ctx ended. It is called once.
func (s *Socket) Run(ctx context.Context) error {
	// The sockets outlive ctx a little, for the acknowledgements that are under way.
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var sockets sync.WaitGroup
	for number := range s.health.count() {
		sockets.Go(func() { s.keep(running, number) })
	}
	<-ctx.Done()
	s.finish(running)
	stop()
	sockets.Wait()
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), whisperWithin)
	defer cancel()
	if err := s.whispers.drain(ending); err != nil {
		s.log.Warn("Private answers were given up at the end.", "error", err)
	}
	return nil
}

// finish takes every place at the receiver: when it has them all, nothing is with the receiver any more, and nothing
// new gets there.
func (s *Socket) finish(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, ackWithin+ackRoom)
	defer cancel()
	for range cap(s.places) {
		select {
		case s.places <- struct{}{}:
		case <-ctx.Done():
			s.log.Warn("What is still with the receiver is not waited for.")
			return
		}
	}
	pause(ctx, flushWithin)
}

// keep keeps one socket open: a session ends when connecting fails, or when connections end as soon as they begin.
func (s *Socket) keep(ctx context.Context, number int) {
	wire := newWire()
	for failures := 1; ctx.Err() == nil; failures++ {
		lasted, err := s.session(ctx, number, wire)
		if ctx.Err() != nil {
			break
		}
		if lasted {
			failures = 1
		}
		s.health.down(number, words(err))
		pause(ctx, wait(failures, err))
	}
	s.health.closed(number)
}

// session opens one connection after the other, as long as that succeeds at once, and serves what they bring.
// Lasted tells whether one of them was any good.
func (s *Socket) session(ctx context.Context, number int, wire *wire) (lasted bool, err error) {
	watch := watch{now: s.now}
	for {
		conn, err := s.dial(ctx)
		if err != nil {
			return watch.lasted, err
		}
		watch.begin()
		s.listen(ctx, number, wire, conn)
		if err := watch.end(); err != nil {
			return watch.lasted, err
		}
		s.health.renew(number)
	}
}

// watchedConn fails a read that brought nothing for too long.
type watchedConn struct {
	net.Conn
	silence time.Duration
	open    bool
}

// SetDeadline is called without a time when the handshake is through. Until then the deadline is the handshake's.
func (c *watchedConn) SetDeadline(t time.Time) error {
	c.open = t.IsZero()
	return c.Conn.SetDeadline(t)
}

func (c *watchedConn) Read(content []byte) (int, error) {
	if c.open {
		if err := c.SetReadDeadline(time.Now().Add(c.silence)); err != nil {
			return 0, err
		}
	}
	return c.Conn.Read(content)
}

// Connections that last shorter than steady say that something is wrong although connecting succeeds: Socket Mode
// is off for the app, or something between cuts them. A few in a row are tried again at once.
const (
	steady      = 10 * time.Second
	quickStarts = 3
)

var errUnsteady = errors.New("connections end as soon as they begin")

// watch follows one session's connections.
type watch struct {
	now     func() time.Time
	began   time.Time // when the latest connection was made
	unquiet int       // how many in a row were short
	lasted  bool      // one connection was steady
}

func (w *watch) begin() { w.began = w.now() }

// end judges the connection that has just ended, and answers why the session should end and wait, if it should.
func (w *watch) end() error {
	w.unquiet++
	if w.now().Sub(w.began) >= steady {
		w.unquiet, w.lasted = 0, true
	}
	if w.unquiet > quickStarts {
		return errUnsteady
	}
	return nil
}

// wait grows from half a second to half a minute, and is as long as Slack asks for where it asks.
func wait(failures int, err error) time.Duration {
	pause := min(250*time.Millisecond<<min(failures, 7), 30*time.Second)
	if limited := new(slack.RateLimitedError); errors.As(err, &limited) {
		pause = max(pause, limited.RetryAfter)
	}
	return pause
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
