package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"

	"deckhand/bot"
	"deckhand/commands"
)

// gateway is the Socket Mode side of Slack: it opens connections, and keeps what is acknowledged.
type gateway struct {
	*httptest.Server
	down     atomic.Bool   // hangs up on everybody
	refusal  atomic.Value  // error that opening a connection answers
	opened   chan *link    // every connection, after its hello
	acks     chan ackFrame // every acknowledgement
	attempts chan struct{} // every wish for a connection
}

// link is one connection.
type link struct {
	mu   sync.Mutex
	conn *websocket.Conn
}

type ackFrame struct {
	Envelope string           `json:"envelope_id"`
	Payload  *json.RawMessage `json:"payload"`
}

func (l *link) send(t *testing.T, frame string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.conn.WriteMessage(websocket.TextMessage, []byte(frame)); err != nil {
		t.Fatal(err)
	}
}

func (l *link) sendAll(t *testing.T, kind, payload string, ids ...string) {
	t.Helper()
	for _, id := range ids {
		l.send(t, fmt.Sprintf(`{"envelope_id":%q,"type":%q,"accepts_response_payload":true,"payload":%s}`, id, kind, payload))
	}
}

func newGateway(t *testing.T) *gateway {
	t.Helper()
	g := &gateway{opened: make(chan *link, 100), acks: make(chan ackFrame, 1000), attempts: make(chan struct{}, 100)}
	g.refusal.Store("")
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/apps.connections.open", g.open)
	mux.HandleFunc("/link", g.link)
	g.Server = httptest.NewServer(mux)
	t.Cleanup(g.Close)
	return g
}

func (g *gateway) open(w http.ResponseWriter, r *http.Request) {
	g.attempts <- struct{}{}
	if g.down.Load() {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/json")
	if refusal := g.refusal.Load().(string); refusal != "" || r.Header.Get("Authorization") != "Bearer xapp-1" {
		fmt.Fprintf(w, `{"ok":false,"error":%q}`, refusal)
		return
	}
	fmt.Fprintf(w, `{"ok":true,"url":"ws%s/link"}`, strings.TrimPrefix(g.URL, "http"))
}

func (g *gateway) link(w http.ResponseWriter, r *http.Request) {
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	l := &link{conn: conn}
	l.mu.Lock()
	err = conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"hello","num_connections":1}`))
	l.mu.Unlock()
	if err != nil {
		return
	}
	g.opened <- l
	for {
		var ack ackFrame
		if conn.ReadJSON(&ack) != nil {
			return
		}
		g.acks <- ack
	}
}

func (g *gateway) settings(box *inbox) SocketSettings {
	return SocketSettings{
		AppToken: "xapp-1", BotToken: "xoxb-1", APIURL: g.URL + "/api", Connections: 1,
		Whisper: box.whisper, Render: render, IsNoun: isNoun,
		BotUserID: func() string { return "U0BOT" },
	}
}

// start runs a socket until the test ends, and expects it to end well then.
func start(t *testing.T, settings SocketSettings, box *inbox) *Socket {
	t.Helper()
	socket := NewSocket(settings, box)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- socket.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := within(t, "end of Run", ended); err != nil {
			t.Errorf("Run answered %v", err)
		}
		if ok, _, _ := socket.Health(); ok {
			t.Error("a socket that is closed is healthy")
		}
	})
	return socket
}

func slashPayload(text string) string {
	return fmt.Sprintf(`{"command":"/vm","text":%q,"user_id":"U1","channel_id":"C1","team_id":"T1","trigger_id":"1.2.3","response_url":"https://hooks.slack.com/1","is_enterprise_install":"false"}`, text)
}

func TestASlashCommandIsAnsweredInsideItsAcknowledgement(t *testing.T) {
	t.Parallel()
	gateway, box := newGateway(t), newInbox(nil)
	start(t, gateway.settings(box), box)
	within(t, "connection", gateway.opened).sendAll(t, "slash_commands", slashPayload("list --state running"), "e1")
	ack := within(t, "acknowledgement", gateway.acks)
	if ack.Envelope != "e1" || ack.Payload == nil || !strings.Contains(string(*ack.Payload), `"response_type":"ephemeral","text":"Heard list --state running"`) {
		t.Errorf("acknowledged with %+v", ack)
	}
	if got := within(t, "message", box.got); got.Noun != "vm" || got.Source != bot.Slash || got.Line != "list --state running" {
		t.Errorf("got %+v", got)
	}
}

func TestBothTransportsGiveTheSameKeys(t *testing.T) {
	t.Parallel()
	gateway, box := newGateway(t), newInbox(nil)
	start(t, gateway.settings(box), box)
	link := within(t, "connection", gateway.opened)
	overHTTP := newInbox(nil)
	endpoint := Handler(settings(overHTTP), overHTTP)
	for _, c := range []struct{ path, body, kind, payload string }{
		{"/slack/commands", slashForm, "slash_commands", slashPayload("list --state running")},
		{"/slack/interactions", pressJSON, "interactive", pressJSON},
		{"/slack/events", mentionJSON, "events_api", mentionJSON},
	} {
		send(t, endpoint, c.path, c.body)
		link.sendAll(t, c.kind, c.payload, "e1", "e2")
		want := within(t, "message over HTTP", overHTTP.got)
		for range 2 {
			got := within(t, "message over the socket", box.got)
			got.At = want.At
			if got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
			within(t, "acknowledgement", gateway.acks)
		}
	}
}

func TestPressesAndMentionsAreAcknowledgedEmptyAndWhispered(t *testing.T) {
	t.Parallel()
	gateway, box := newGateway(t), newInbox(nil)
	start(t, gateway.settings(box), box)
	link := within(t, "connection", gateway.opened)
	for _, c := range []struct{ kind, payload, title string }{
		{"interactive", pressJSON, "Heard approve R-1"},
		{"events_api", mentionJSON, "Heard vm list"},
		// A button whose text is a number is strange; what is said in it does not matter here.
		{"interactive", strings.Replace(pressJSON, `"ts":"5.5"`, `"ts":"5.5","blocks":[{"type":"actions","elements":[{"type":"button","text":7}]}]`, 1), "Heard approve R-1"},
	} {
		link.sendAll(t, c.kind, c.payload, "e1")
		if ack := within(t, "acknowledgement", gateway.acks); ack.Envelope != "e1" || ack.Payload != nil {
			t.Errorf("acknowledged with %+v", ack)
		}
		if title := within(t, "whisper", box.told); title != c.title {
			t.Errorf("whispered %q, want %q", title, c.title)
		}
	}
}

func TestAnswersThatDoNotFitAreWhispered(t *testing.T) {
	t.Parallel()
	gateway := newGateway(t)
	long := strings.Repeat("i-0abc ", 3000)
	box := newInbox(func(context.Context, bot.Message) bot.Answer {
		return bot.Answer{Report: commands.Report{Title: long}}
	})
	start(t, gateway.settings(box), box)
	within(t, "connection", gateway.opened).sendAll(t, "slash_commands", slashPayload("list"), "e1")
	if ack := within(t, "acknowledgement", gateway.acks); ack.Payload != nil {
		t.Errorf("acknowledged with %d bytes", len(*ack.Payload))
	}
	if title := within(t, "whisper", box.told); title != long {
		t.Errorf("whispered %d bytes", len(title))
	}
}

func TestEnvelopesThatCannotBeReadAreAcknowledgedAndSaidSo(t *testing.T) {
	t.Parallel()
	gateway, box := newGateway(t), newInbox(nil)
	start(t, gateway.settings(box), box)
	link := within(t, "connection", gateway.opened)
	for _, frame := range []string{
		`{"envelope_id":"e","type":"slash_commands","payload":null}`,
		`{"envelope_id":"e","type":"slash_commands","payload":{"text":7}}`,
		`{"envelope_id":"e","type":"interactive","payload":{"type":"telepathy"}}`,
		`{"envelope_id":"e","type":"interactive","payload":[]}`,
		`{"envelope_id":"e","type":"events_api","payload":{}}`,
		`{"envelope_id":"e","type":"events_api","payload":{"type":"event_callback","event":7}}`,
		`{"envelope_id":"e","type":"telepathy","payload":{}}`,
	} {
		link.send(t, "no JSON")
		link.send(t, frame)
		ack := within(t, "acknowledgement of "+frame, gateway.acks)
		told := ack.Payload != nil && strings.Contains(string(*ack.Payload), unreadable)
		if ack.Envelope != "e" || told != strings.Contains(frame, "slash_commands") {
			t.Errorf("%s is acknowledged with %+v", frame, ack)
		}
	}
	if got := box.all(); len(got) > 0 {
		t.Errorf("got %+v", got)
	}
}

func TestAPanicOverASocketIsAnsweredCalmly(t *testing.T) {
	t.Parallel()
	gateway := newGateway(t)
	box := newInbox(func(context.Context, bot.Message) bot.Answer { panic("nil map") })
	start(t, gateway.settings(box), box)
	link := within(t, "connection", gateway.opened)
	for range 2 { // the first does not end the second's chances
		link.sendAll(t, "slash_commands", slashPayload("list"), "e1")
		if ack := within(t, "acknowledgement", gateway.acks); ack.Payload == nil || !strings.Contains(string(*ack.Payload), somethingWrong) {
			t.Errorf("acknowledged with %+v", ack)
		}
	}
}

func TestASlowReceiverDoesNotHoldUpTheOthers(t *testing.T) {
	t.Parallel()
	gateway := newGateway(t)
	release := make(chan struct{})
	box := newInbox(func(_ context.Context, message bot.Message) bot.Answer {
		if message.Line == "slow" {
			<-release
		}
		return bot.Answer{Report: commands.Report{Title: "Done"}}
	})
	start(t, gateway.settings(box), box)
	defer close(release)
	link := within(t, "connection", gateway.opened)
	for range envelopesAtOnce - 1 {
		link.sendAll(t, "slash_commands", slashPayload("slow"), "slow")
	}
	link.sendAll(t, "slash_commands", slashPayload("quick"), "quick")
	if ack := within(t, "acknowledgement", gateway.acks); ack.Envelope != "quick" || !strings.Contains(string(*ack.Payload), "Done") {
		t.Errorf("acknowledged with %+v", ack)
	}
	for range envelopesAtOnce {
		within(t, "message", box.got)
	}
	// The quick one's place is free a moment after its acknowledgement is out.
	for taken, try := false, 0; !taken; try++ {
		link.sendAll(t, "slash_commands", slashPayload("slow"), fmt.Sprint("last ", try))
		select {
		case <-box.got:
			taken = true
		case <-gateway.acks: // too early
		}
	}
	link.sendAll(t, "events_api", mentionJSON, "left for Slack to send again")
	link.sendAll(t, "slash_commands", slashPayload("too many"), "too many")
	if ack := within(t, "acknowledgement", gateway.acks); ack.Envelope != "too many" || !strings.Contains(string(*ack.Payload), busy) {
		t.Errorf("acknowledged with %+v", ack)
	}
}

func TestWhatIsUnderWayIsAcknowledgedBeforeTheEnd(t *testing.T) {
	t.Parallel()
	gateway := newGateway(t)
	release := make(chan struct{})
	box := newInbox(func(ctx context.Context, _ bot.Message) bot.Answer {
		<-release
		return bot.Answer{Report: commands.Report{Title: fmt.Sprint("Written down in time: ", ctx.Err() == nil)}}
	})
	socket := NewSocket(gateway.settings(box), box)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- socket.Run(ctx) }()
	within(t, "connection", gateway.opened).sendAll(t, "slash_commands", slashPayload("list"), "e1")
	within(t, "message", box.got)
	cancel()
	close(release)
	if ack := within(t, "acknowledgement", gateway.acks); ack.Payload == nil || !strings.Contains(string(*ack.Payload), "Written down in time: true") {
		t.Errorf("acknowledged with %+v", ack)
	}
	if err := within(t, "end of Run", ended); err != nil {
		t.Error(err)
	}
}

func TestAConnectionThatSlackEndsIsRenewed(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*testing.T, *link){
		"as announced": func(t *testing.T, l *link) { l.send(t, `{"type":"disconnect","reason":"refresh_requested"}`) },
		"abruptly":     func(_ *testing.T, l *link) { l.conn.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gateway, box := newGateway(t), newInbox(nil)
			var log journal
			settings := gateway.settings(box)
			settings.Log = log.logger()
			start(t, settings, box)
			for range 2 {
				end(t, within(t, "connection", gateway.opened))
			}
			within(t, "connection", gateway.opened).sendAll(t, "slash_commands", slashPayload("list"), "e1")
			if ack := within(t, "acknowledgement", gateway.acks); ack.Payload == nil {
				t.Errorf("acknowledged with %+v", ack)
			}
			if log.count("is open") != 1 || log.count("is down") != 0 {
				t.Errorf("the log says %q", log.lines)
			}
		})
	}
}

func TestAnAcknowledgementGoesOverTheConnectionThatReplacesItsOwn(t *testing.T) {
	t.Parallel()
	gateway := newGateway(t)
	release := make(chan struct{})
	box := newInbox(func(context.Context, bot.Message) bot.Answer {
		<-release
		return bot.Answer{Report: commands.Report{Title: "Done"}}
	})
	start(t, gateway.settings(box), box)
	first := within(t, "connection", gateway.opened)
	first.sendAll(t, "slash_commands", slashPayload("list"), "e1")
	within(t, "message", box.got)
	first.conn.Close()
	within(t, "next connection", gateway.opened)
	close(release)
	if ack := within(t, "acknowledgement", gateway.acks); ack.Envelope != "e1" || ack.Payload == nil {
		t.Errorf("acknowledged with %+v", ack)
	}
}

func TestTwoSocketsOverlap(t *testing.T) {
	t.Parallel()
	gateway, box := newGateway(t), newInbox(nil)
	settings := gateway.settings(box)
	settings.Connections = 0
	start(t, settings, box)
	first, second := within(t, "connection", gateway.opened), within(t, "other connection", gateway.opened)
	first.sendAll(t, "events_api", mentionJSON, "e1")
	second.sendAll(t, "events_api", mentionJSON, "e1")
	if a, b := within(t, "message", box.got), within(t, "same message", box.got); a.Key != b.Key {
		t.Errorf("keys %s and %s", a.Key, b.Key)
	}
	for range 2 {
		within(t, "acknowledgement", gateway.acks)
	}
}

func TestASilentConnectionIsReplaced(t *testing.T) {
	t.Parallel()
	gateway, box := newGateway(t), newInbox(nil)
	settings := gateway.settings(box)
	settings.Silence = 100 * time.Millisecond
	start(t, settings, box)
	for range 2 {
		within(t, "connection", gateway.opened)
	}
}

func TestSlackOutOfReachIsSaidOnceAndTriedAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		keepAway func(*gateway)
		letIn    func(*gateway)
		detail   string
	}{
		"nobody answers":  {func(g *gateway) { g.down.Store(true) }, func(g *gateway) { g.down.Store(false) }, "cannot be reached"},
		"a wrong token":   {func(g *gateway) { g.refusal.Store("invalid_auth") }, func(g *gateway) { g.refusal.Store("") }, "invalid_auth"},
		"a missing scope": {func(g *gateway) { g.refusal.Store("missing_scope") }, func(g *gateway) { g.refusal.Store("") }, "missing_scope"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gateway, box := newGateway(t), newInbox(nil)
			c.keepAway(gateway)
			var log journal
			settings := gateway.settings(box)
			settings.Log = log.logger()
			socket := start(t, settings, box)
			for range 2 {
				within(t, "attempt", gateway.attempts)
			}
			if _, _, detail := socket.Health(); !strings.Contains(detail, c.detail) || !strings.HasPrefix(detail, "0 of 1 sockets") {
				t.Errorf("health says %q", detail)
			}
			c.letIn(gateway)
			within(t, "connection", gateway.opened).sendAll(t, "events_api", mentionJSON, "e1")
			within(t, "message", box.got)
			if ok, _, detail := socket.Health(); !ok || detail != "1 of 1 sockets to Slack are open" {
				t.Errorf("health says %v %q", ok, detail)
			}
			if log.count("is down") != 1 || log.count("is open") != 1 {
				t.Errorf("the log says %q", log.lines)
			}
		})
	}
}

func TestConnectionsThatDoNotLastAreNotTriedWithoutEnd(t *testing.T) {
	t.Parallel()
	at := noon
	watch := watch{now: func() time.Time { return at }}
	connectFor := func(d time.Duration) error {
		watch.begin()
		at = at.Add(d)
		return watch.end()
	}
	for range quickStarts {
		if err := connectFor(time.Second); err != nil {
			t.Fatalf("given up too early: %v", err)
		}
	}
	if err := connectFor(time.Hour); err != nil || !watch.lasted {
		t.Fatalf("a connection of an hour did not count: %v", err)
	}
	for range quickStarts {
		if err := connectFor(time.Second); err != nil {
			t.Fatalf("given up too early: %v", err)
		}
	}
	if err := connectFor(time.Second); !errors.Is(err, errUnsteady) {
		t.Errorf("went on: %v", err)
	}
}

func TestWaitsGrowUpToHalfAMinuteOrWhatSlackAsksFor(t *testing.T) {
	t.Parallel()
	limited := &slack.RateLimitedError{RetryAfter: 90 * time.Second}
	for _, c := range []struct {
		failures int
		err      error
		want     time.Duration
	}{
		{1, errUnsteady, 500 * time.Millisecond},
		{2, errUnsteady, time.Second},
		{6, errUnsteady, 16 * time.Second},
		{7, errUnsteady, 30 * time.Second},
		{1 << 40, errUnsteady, 30 * time.Second},
		{1, limited, 90 * time.Second},
	} {
		if got := wait(c.failures, c.err); got != c.want {
			t.Errorf("failure %d (%v) waits %v, want %v", c.failures, c.err, got, c.want)
		}
	}
}

func TestHealthFollowsTheSockets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		h := newHealth(2, time.Now, orDiscard(nil))
		for _, step := range []struct {
			do    func()
			after time.Duration
			ok    bool
			since time.Duration
			says  string
		}{
			{func() {}, 0, false, 0, "0 of 2 sockets to Slack are open: connecting"},
			{func() { h.up(1) }, time.Second, true, time.Second, "1 of 2 sockets to Slack are open: connecting"},
			{func() { h.up(0) }, time.Second, true, time.Second, "2 of 2 sockets to Slack are open"},
			{func() { h.renew(0) }, time.Second, true, time.Second, "1 of 2 sockets to Slack are open: the connection is being renewed"},
			{func() { h.down(0, "no such host") }, time.Second, true, time.Second, "1 of 2 sockets to Slack are open: no such host"},
			{func() { h.closed(1) }, time.Second, false, 5 * time.Second, "0 of 2 sockets to Slack are open: closed"},
		} {
			time.Sleep(step.after)
			step.do()
			if ok, since, says := h.now(); ok != step.ok || since.Sub(began) != step.since || says != step.says {
				t.Errorf("health is %v since %v: %q; want %v since %v: %q", ok, since.Sub(began), says, step.ok, step.since, step.says)
			}
		}
	})
}

func TestASocketOverWhichNothingIsDeliveredIsRenewed(t *testing.T) {
	t.Parallel()
	gateway, box := newGateway(t), newInbox(nil)
	settings := gateway.settings(box)
	settings.Quiet = 300 * time.Millisecond
	start(t, settings, box)
	first := within(t, "connection", gateway.opened)
	sent := time.Now()
	first.sendAll(t, "slash_commands", slashPayload("list"), "e1")
	within(t, "acknowledgement", gateway.acks)
	second := within(t, "second connection", gateway.opened)
	if after := time.Since(sent); after < settings.Quiet {
		t.Errorf("it was renewed %s after something was delivered", after)
	}
	second.sendAll(t, "slash_commands", slashPayload("list --all"), "e2")
	if ack := within(t, "acknowledgement", gateway.acks); ack.Envelope != "e2" {
		t.Errorf("acknowledged %+v", ack)
	}
}
