package health

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"deckhand/bot"
	"deckhand/commands"
	"deckhand/commands/check"
)

// world is what a loop sees: a store, a chat and endpoints, which outlive the process. Cut makes it like a process that was
// killed: nothing it does has an effect any more.
type world struct {
	sync.Mutex
	checks    []check.Check
	revision  int64
	states    map[string]check.State
	results   map[string][]check.Result
	saves     int
	storeFail error
	saved     []check.Result // all, in the order in which they came
	turns     []check.Turn
	lastTurn  int64
	crew      bot.Crew
	heardOf   map[string]time.Time // when members were heard of
	incidents []check.Incident
	events    []check.IncidentEvent
	mutes     []check.Mute
	attention int64
	windows   []Window
	ahead     time.Duration // by which the clock on the wall differs from that of the bubble

	pager    Webhooks // may be nil
	messages []message
	posts    int                        // calls of Post
	chatFail func(call string) error    // before anything happened
	lose     func(call string) bool     // the chat took it, the answer is lost
	answers  func(c check.Check) string // "" passes, "hang" runs into the timeout, else the detail of a failure
	underWay int
	atOnce   int

	effects  int
	cutAfter int // effects until the process is cut; 0: never
	cut      context.CancelFunc
	stopped  <-chan struct{} // closed once the process is stopped or cut
}

type message struct {
	channel, thread, key string
	at                   time.Time
	report               commands.Report
	edited               bool
}

func newWorld(checks ...check.Check) *world {
	return &world{checks: checks, states: map[string]check.State{}, results: map[string][]check.Result{}}
}

var errCut = errors.New("the process is gone")

// effect counts one thing that lasts, and answers an error once the process has been cut. Called locked.
func (w *world) effect() error {
	if w.cutAfter > 0 && w.effects >= w.cutAfter {
		w.cut()
		return errCut
	}
	w.effects++
	return nil
}

func (w *world) Checks(context.Context) ([]check.Check, error) {
	w.Lock()
	defer w.Unlock()
	return slices.Clone(w.checks), w.storeFail
}

func (w *world) States(context.Context) (map[string]check.State, error) {
	w.Lock()
	defer w.Unlock()
	out := map[string]check.State{}
	for name, s := range w.states {
		if results := w.results[name]; len(results) > 0 {
			s.Last = results[len(results)-1]
		}
		out[name] = s
	}
	return out, w.storeFail
}

func (w *world) CheckRevision(context.Context) (int64, error) {
	w.Lock()
	defer w.Unlock()
	return w.revision, w.storeFail
}

func (w *world) SaveResults(_ context.Context, looks check.Looks) error {
	w.Lock()
	defer w.Unlock()
	if w.storeFail != nil {
		return w.storeFail
	}
	if err := w.effect(); err != nil {
		return err
	}
	if looks.By != "" && !w.aboard(looks.By) {
		return bot.ErrLost
	}
	w.saves++
	for _, r := range looks.Results {
		w.results[r.Check] = append(w.results[r.Check], r)
		w.saved = append(w.saved, r)
	}
	for _, s := range looks.States {
		w.states[s.Check] = s
	}
	for _, t := range looks.Turns {
		w.lastTurn++
		t.ID = w.lastTurn
		w.turns = append(w.turns, t)
		w.attention++
	}
	return nil
}

func (w *world) ResultsAfter(_ context.Context, mark int64) ([]check.Result, int64, error) {
	w.Lock()
	defer w.Unlock()
	next := int64(len(w.saved))
	if mark < 0 {
		return nil, next, w.storeFail
	}
	return slices.Clone(w.saved[mark:]), next, w.storeFail
}

func (w *world) Turns(context.Context) ([]check.Turn, error) {
	w.Lock()
	defer w.Unlock()
	return slices.Clone(w.turns), w.storeFail
}

func (w *world) TakeTurns(ctx context.Context, turns []int64, changes []check.IncidentChange) ([]check.Incident, error) {
	saved, err := w.SaveIncidents(ctx, changes)
	if err == nil {
		w.Lock()
		defer w.Unlock()
		w.turns = slices.DeleteFunc(w.turns, func(t check.Turn) bool { return slices.Contains(turns, t.ID) })
	}
	return saved, err
}

func (w *world) Attention(context.Context) (int64, error) {
	w.Lock()
	defer w.Unlock()
	return w.attention, w.storeFail
}

func (w *world) Incidents(_ context.Context, q check.IncidentQuery) ([]check.Incident, error) {
	w.Lock()
	defer w.Unlock()
	var out []check.Incident
	for _, i := range slices.Backward(w.incidents) {
		switch {
		case q.Open && !i.Open(), q.Number > 0 && q.Number != i.Number, q.Check != "" && q.Check != i.Check:
		case !q.Since.IsZero() && !i.Open() && i.Resolved.Before(q.Since):
		default:
			out = append(out, i.Clone())
		}
	}
	return out, w.storeFail
}

func (w *world) SaveIncidents(_ context.Context, changes []check.IncidentChange) ([]check.Incident, error) {
	w.Lock()
	defer w.Unlock()
	if w.storeFail != nil {
		return nil, w.storeFail
	}
	if err := w.effect(); err != nil {
		return nil, err
	}
	for _, change := range changes {
		if i := change.Incident; i.Number > 0 && w.incidents[i.Number-1].Version != i.Version {
			return nil, check.ErrConflict
		}
	}
	var out []check.Incident
	for _, change := range changes {
		i := change.Incident.Clone()
		i.Version++
		if i.Number == 0 {
			i.Number = int64(len(w.incidents) + 1)
			w.incidents = append(w.incidents, i)
		}
		w.incidents[i.Number-1] = i
		w.events = append(w.events, change.Events...)
		out = append(out, i.Clone())
	}
	w.attention++
	return out, nil
}

func (w *world) IncidentEvents(context.Context, int64) ([]check.IncidentEvent, error) {
	return nil, nil
}

func (w *world) Mutes(_ context.Context, endAfter time.Time) ([]check.Mute, error) {
	w.Lock()
	defer w.Unlock()
	return slices.DeleteFunc(slices.Clone(w.mutes), func(m check.Mute) bool { return !m.Until.After(endAfter) }), w.storeFail
}

func (w *world) SaveMute(_ context.Context, mute check.Mute) error {
	w.Lock()
	defer w.Unlock()
	w.mutes = append(slices.DeleteFunc(w.mutes, func(m check.Mute) bool { return m.Key == mute.Key }), mute)
	w.attention++
	return w.storeFail
}

// act changes an incident as a command does.
func (w *world) act(number int, do func(*check.Incident)) {
	w.Lock()
	defer w.Unlock()
	do(&w.incidents[number-1])
	w.incidents[number-1].Version++
	w.attention++
}

func (w *world) Post(_ context.Context, channel, thread, key string, report commands.Report) (bot.Ref, error) {
	w.Lock()
	defer w.Unlock()
	w.posts++
	if w.chatFail != nil {
		if err := w.chatFail("post " + key); err != nil {
			return bot.Ref{}, err
		}
	}
	if err := w.effect(); err != nil {
		return bot.Ref{}, err
	}
	w.messages = append(w.messages, message{channel: channel, thread: thread, key: key, at: time.Now().Add(w.ahead), report: report})
	if w.lose != nil && w.lose("post "+key) {
		return bot.Ref{}, errors.New("connection reset")
	}
	return bot.Ref{Channel: channel, TS: fmt.Sprint(len(w.messages))}, nil
}

func (w *world) Find(_ context.Context, channel, _, key string, since time.Time) (bot.Ref, bool, error) {
	w.Lock()
	defer w.Unlock()
	if w.chatFail != nil {
		if err := w.chatFail("find " + key); err != nil {
			return bot.Ref{}, false, err
		}
	}
	for i, m := range w.messages {
		if m.channel == channel && m.key == key && !m.at.Before(since) {
			return bot.Ref{Channel: channel, TS: fmt.Sprint(i + 1)}, true, nil
		}
	}
	return bot.Ref{}, false, nil
}

func (w *world) Update(_ context.Context, ref bot.Ref, key string, report commands.Report) error {
	w.Lock()
	defer w.Unlock()
	if w.chatFail != nil {
		if err := w.chatFail("update " + key); err != nil {
			return err
		}
	}
	if err := w.effect(); err != nil {
		return err
	}
	for i := range w.messages {
		if fmt.Sprint(i+1) == ref.TS {
			w.messages[i].report, w.messages[i].edited = report, true
		}
	}
	return nil
}

func (w *world) Whisper(context.Context, bot.Message, commands.Report) error { return nil }

// Probe answers within 10 ms, or not at all.
func (w *world) Probe(ctx context.Context, c check.Check) check.Result {
	w.Lock()
	begin := time.Now()
	at := begin.Add(w.ahead).UTC()
	answer := ""
	if w.answers != nil {
		answer = w.answers(c)
	}
	w.underWay++
	w.atOnce = max(w.atOnce, w.underWay)
	w.Unlock()
	wait := 10 * time.Millisecond
	if answer == "hang" {
		wait = c.Timeout
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	w.Lock()
	w.underWay--
	w.Unlock()
	r := check.Result{Check: c.Name, At: at, OK: answer == "", Latency: time.Since(begin), Detail: answer}
	if r.OK {
		r.Code, r.Detail = 200, "HTTP 200"
	}
	return r
}

// Now is the clock on the wall.
func (w *world) Now() time.Time {
	w.Lock()
	defer w.Unlock()
	return w.clock()
}

// set changes the world while a loop runs.
func (w *world) set(change func()) {
	w.Lock()
	defer w.Unlock()
	change()
	w.revision++
}

// sent answers the messages so far, while the loop may be sending more.
// seen answers the results of a check so far.
func (w *world) seen(name string) []check.Result {
	w.Lock()
	defer w.Unlock()
	return slices.Clone(w.results[name])
}

func (w *world) sent() []message {
	w.Lock()
	defer w.Unlock()
	return slices.Clone(w.messages)
}

// said is the titles in the channel, in order; corrected ones are marked.
func (w *world) said() string {
	w.Lock()
	defer w.Unlock()
	var out []string
	for _, m := range w.messages {
		title := m.report.Title
		if m.thread != "" {
			title = "> " + title
		}
		if m.edited {
			title += " (edited)"
		}
		out = append(out, title)
	}
	return strings.Join(out, "; ")
}

// run works a loop on the world until during returns, or until the process is cut.
func (w *world) run(t *testing.T, during func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w.cut, w.stopped = cancel, ctx.Done()
	done := make(chan error, 1)
	go func() {
		log := slog.New(slog.NewTextHandler(io.Discard, nil))
		done <- process(ctx, Settings{Store: w, Prober: w, Messenger: w, Log: log, Windows: w.windows, Webhooks: w.pager, Now: w.Now}, true)
	}()
	during()
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run = %v", err)
	}
	synctest.Wait()
}

// process runs what a process runs until the context ends.
func process(ctx context.Context, settings Settings, tells bool) error {
	l := New(settings)
	var told sync.WaitGroup
	var failed error
	if tells {
		told.Go(func() { failed = l.Tell(ctx) })
	}
	err := l.Run(ctx)
	told.Wait()
	return errors.Join(err, failed)
}

// aboard tells whether a process is of the crew. Called locked.
func (w *world) aboard(name string) bool {
	return slices.ContainsFunc(w.crew.Members, func(m bot.Member) bool { return m.Name == name })
}

func (w *world) Join(_ context.Context, name string) error {
	w.Lock()
	defer w.Unlock()
	if w.storeFail != nil {
		return w.storeFail
	}
	if w.heardOf == nil {
		w.heardOf = map[string]time.Time{}
	}
	if !w.aboard(name) {
		w.crew.Members = append(w.crew.Members, bot.Member{Name: name})
		w.crew.Term++
	}
	w.heardOf[name] = time.Now()
	return nil
}

func (w *world) Muster(_ context.Context, name string, term int64) (bot.Crew, error) {
	w.Lock()
	defer w.Unlock()
	if w.storeFail != nil {
		return bot.Crew{}, w.storeFail
	}
	if !w.aboard(name) {
		return bot.Crew{}, bot.ErrLost
	}
	w.heardOf[name] = time.Now()
	crew := bot.Crew{Term: w.crew.Term}
	for i, m := range w.crew.Members {
		if m.Name == name {
			w.crew.Members[i].Term, m.Term = term, term
		}
		m.Silent = time.Since(w.heardOf[m.Name]) > 5*time.Second
		crew.Members = append(crew.Members, m)
	}
	return crew, nil
}

func (w *world) Bury(ctx context.Context) error {
	w.Lock()
	var dead []string
	for _, m := range w.crew.Members {
		if time.Since(w.heardOf[m.Name]) > 5*time.Second {
			dead = append(dead, m.Name)
		}
	}
	w.Unlock()
	for _, name := range dead {
		_ = w.Leave(ctx, name)
	}
	return nil
}

func (w *world) Leave(_ context.Context, name string) error {
	w.Lock()
	defer w.Unlock()
	if w.aboard(name) {
		w.crew.Members = slices.DeleteFunc(w.crew.Members, func(m bot.Member) bool { return m.Name == name })
		w.crew.Term++
	}
	return nil
}

// refusal is an error that the chat will repeat for ever.
type refusal struct{}

func (refusal) Error() string   { return "channel_not_found" }
func (refusal) Permanent() bool { return true }

// outage makes endpoints fail from and to a time after now.
func outage(from, to time.Duration) func(check.Check) string {
	start := time.Now()
	return func(check.Check) string {
		if since := time.Since(start); since >= from && since < to {
			return "HTTP 503"
		}
		return ""
	}
}

// every is a check that is looked at each ten seconds, configured long ago.
func every(name string) check.Check {
	return check.Check{
		Name: name, URL: "http://" + name + ".example.com/", Schedule: "@every 10s", Timeout: 5 * time.Second,
		FailAfter: 3, PassAfter: 2, Channel: "C1", FromConfig: true,
	}
}

// clock is the clock on the wall, for what is called locked.
func (w *world) clock() time.Time { return time.Now().Add(w.ahead).UTC() }
