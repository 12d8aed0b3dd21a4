package health

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"deckhand/bot"
	"deckhand/commands/check"
)

// Store is where checks, their results and their states are kept.
type Store interface {
	Checks(ctx context.Context) ([]check.Check, error)
	States(ctx context.Context) (map[string]check.State, error)
	// CheckRevision grows with every check that is added, changed or removed, by whatever process; results do not move it.
	CheckRevision(ctx context.Context) (int64, error)
	// SaveResults writes results, the states whose status or streak they changed, and the turns, in one transaction. The newest
	// result of a check is its State.Last. What belongs to checks that are gone is left out. Where the looks are of a process
	// that the others count as dead, nothing is written, and bot.ErrLost answered.
	SaveResults(ctx context.Context, looks check.Looks) error
	// ResultsAfter answers the results that were saved after a mark, by whatever process, and the next mark; -1 asks for the mark alone.
	ResultsAfter(ctx context.Context, mark int64) (results []check.Result, next int64, err error)
	check.IncidentBook
	// Turns answers the turns that were saved, until TakeTurns takes them away in the transaction that saves what became of them.
	Turns(ctx context.Context) ([]check.Turn, error)
	TakeTurns(ctx context.Context, turns []int64, changes []check.IncidentChange) ([]check.Incident, error)
	// Attention grows with every turn, and every change of an incident or a mute, by whatever process.
	Attention(ctx context.Context) (int64, error)
}

const (
	poll       = time.Second            // how often the store is asked for changes
	gather     = 200 * time.Millisecond // how long results are gathered for one transaction
	maxUnsaved = 20_000                 // results that are held while the store does not take them
	lastLooks  = time.Second            // how long looks may take after the context ended
	lastWrites = 5 * time.Second        // how long the last writes may take after the context ended
)

// Settings are what a Loop works with.
type Settings struct {
	Store     Store
	Prober    check.Prober
	Messenger bot.Messenger
	Log       *slog.Logger
	// Crew is the processes that share the store's checks; nil: this one looks at all of them.
	Crew Crew
	// Certificates keeps what was said of certificates; nil: nothing is said of them.
	Certificates CertificateBook
	// Blinds keeps which checks are not measured; nil: nothing is said of them.
	Blinds   BlindBook
	Windows  []Window     // of maintenance
	Webhooks Webhooks     // are called where nobody acknowledges; may be nil
	Doctor   check.Doctor // tells in an incident's thread why it is down; may be nil
	// Now is the clock on the wall, which may be set; nil: time.Now.
	Now func() time.Time
}

// Loop looks at its checks when they are due and writes down what came. Several that share a store each have their part of the checks
// (crew.go); one of them at a time tells the channels (Tell).
type Loop struct {
	Settings
	reminder *reminder
	blinds   *blinds
	adopted  chan struct{} // closed once the checks are known
	added    chan []*watch // from the poller and the crew to the wheel
	soon     chan []string // checks to be looked at now, from the poller to the wheel
	kick     chan struct{} // a result is there to be written down
	orders   chan order    // to the writer
	news     chan struct{} // turns are written down
	prompt   lane
	slow     lane
	far      lane // looks by probes, which wait for AWS
	farSlow  lane
	probes   sync.WaitGroup

	mu      sync.Mutex
	share   share // which checks are looked at here
	watches map[string]*watch
	parents map[string]bool // checks behind which others are
	results []result
	mutes   []check.Mute // that hold, or ended lately

	// Of the poller alone.
	revision  int64
	loaded    bool
	attention int64
	heard     bool
	// Of the writer alone.
	unsaved []check.Result
	changed map[string]bool // whose state the store does not have yet
	turned  []check.Turn    // of states that the store does not have yet
}

// watch is a check that is known. A check that changes, or that another process looks at from now on, gets a new one.
type watch struct {
	check   check.Check
	pace    Pace
	ours    bool        // this process looks at it; otherwise its state is what was heard of it
	bucket  int64       // of the wheel alone
	busy    atomic.Bool // a look is under way or waits for room
	extra   atomic.Bool // the look is beside the timetable
	slow    atomic.Bool
	leaving atomic.Bool // no look begins any more
	gone    atomic.Bool // what a look brings does not count any more
	state   check.State // guarded by Loop.mu
}

// order asks the writer to write down what came, or to forget it.
type order struct {
	forget bool
	done   chan error
}

type result struct {
	watch *watch
	check.Result
}

// New makes a loop.
func New(settings Settings) *Loop {
	if settings.Now == nil {
		settings.Now = time.Now
	}
	l := &Loop{Settings: settings, added: make(chan []*watch), soon: make(chan []string, 1), kick: make(chan struct{}, 1), watches: map[string]*watch{}, changed: map[string]bool{}}
	l.adopted, l.orders, l.news = make(chan struct{}), make(chan order), make(chan struct{}, 1)
	l.share.alone = settings.Crew == nil
	l.reminder = newReminder(settings)
	l.blinds = newBlinds(settings, l.isMuted)
	return l
}

// Run works until the context ends, and answers nil then, with everything written down that was known. Errors of
// the store and the chat are logged and tried again.
func (l *Loop) Run(ctx context.Context) error {
	var others sync.WaitGroup
	others.Go(func() { l.watchStore(ctx) })
	others.Go(func() { l.reminder.run(ctx) })
	others.Go(func() { l.blinds.run(ctx) })
	others.Go(func() { l.write(ctx) })
	seat := newSeat(l)
	others.Go(func() { seat.run(ctx) })
	looks, stop := context.WithCancel(context.WithoutCancel(ctx))
	l.turn(ctx, looks)
	l.finishLooks(stop)
	others.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWrites)
	defer cancel()
	_ = l.flush(last) // it is logged
	seat.leave(last)
	return nil
}

// finishLooks lets the looks under way come to an end, so that nobody has to make them again, and stops those that take long.
func (l *Loop) finishLooks(stop context.CancelFunc) {
	ended := make(chan struct{})
	go func() { l.probes.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(lastLooks):
	}
	stop()
	<-ended
}

// Tell keeps the incidents of all checks and tells the channels, until the context ends; it answers nil then. One process at a time
// does it on a store, while its Loop runs.
func (l *Loop) Tell(ctx context.Context) error {
	d := newDesk(l)
	d.run(ctx)
	d.announcer.wait()
	return nil
}

// turn turns the wheel until the context ends: it sleeps until a bucket is due and starts what is in it, in the context of looks.
func (l *Loop) turn(ctx, looks context.Context) {
	w := wheel{at: bucketOf(l.Now())}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case added := <-l.added:
			now := l.Now()
			for _, x := range added {
				l.mu.Lock()
				last := x.state.Last.At
				l.mu.Unlock()
				w.plant(x, now, x.soonest(now, last))
			}
		case names := <-l.soon:
			l.startNow(ctx, looks, names)
		case <-timer.C:
		}
		now := l.Now()
		if bucketOf(now) < w.at-int64(time.Second/grain) {
			w.rebuild(now)
		}
		for _, x := range w.take(max(w.at, bucketOf(now))) {
			l.start(ctx, looks, x, false)
			w.plant(x, now, time.Time{})
		}
		timer.Reset(timeOf(w.next()).Sub(l.Now()))
	}
}

// startNow begins a look at each of these checks, beside those that their timetable has.
func (l *Loop) startNow(ctx, looks context.Context, names []string) {
	for _, name := range names {
		l.mu.Lock()
		x := l.watches[name]
		l.mu.Unlock()
		if x != nil && x.ours {
			l.start(ctx, looks, x, true)
		}
	}
}

// start begins a look, unless the one before is still under way.
func (l *Loop) start(ctx, looks context.Context, x *watch, extra bool) {
	if !x.busy.CompareAndSwap(false, true) {
		return
	}
	if x.leaving.Load() {
		x.busy.Store(false)
		return
	}
	x.extra.Store(extra)
	in := &l.prompt
	switch far, slow := len(x.check.From) > 0, x.slow.Load(); {
	case far && slow:
		in = &l.farSlow
	case far:
		in = &l.far
	case slow:
		in = &l.slow
	}
	in.run(x, func(x *watch) { l.look(ctx, looks, x) }, &l.probes)
}

func (l *Loop) look(ctx, looks context.Context, x *watch) {
	defer x.busy.Store(false)
	if ctx.Err() != nil || x.gone.Load() || x.leaving.Load() {
		return
	}
	begun := time.Now()
	r := l.Prober.Probe(looks, x.check)
	x.slow.Store(max(r.Latency, time.Since(begun)) >= slowFrom) // what AWS takes is in no latency
	if looks.Err() != nil {
		return // stopped by us: it says nothing of the endpoint
	}
	l.blinds.note(x, r)
	if r.Unseen {
		l.Log.Debug("a check could not be made", "check", r.Check, "why", r.Detail)
		return
	}
	if !x.extra.Load() {
		r.Covers = x.pace.covers(r.At)
	}
	r.Muted = l.isMuted(x.check.Name, r.At)
	l.reminder.note(x.check, r)
	l.mu.Lock()
	l.results = append(l.results, result{x, r})
	l.mu.Unlock()
	select {
	case l.kick <- struct{}{}:
	default:
	}
}

// write gathers results and writes them down together.
func (l *Loop) write(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case o := <-l.orders:
			o.done <- l.obey(ctx, o)
			continue
		case <-l.kick:
		}
		timer.Reset(gather)
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		_ = l.flush(ctx) // it is logged, and tried again with the next results
	}
}

func (l *Loop) obey(ctx context.Context, o order) error {
	if !o.forget {
		return l.flush(ctx)
	}
	l.unsaved, l.turned = nil, nil
	clear(l.changed)
	return nil
}

// ask has the writer do something.
func (l *Loop) ask(ctx context.Context, forget bool) error {
	o := order{forget, make(chan error, 1)}
	select {
	case l.orders <- o:
		return <-o.done
	case <-ctx.Done():
		return ctx.Err()
	}
}

// flush evaluates the results that came and writes them down with the states they changed and the checks that turned.
// What the store does not take now goes along the next time.
func (l *Loop) flush(ctx context.Context) error {
	states, by := l.evaluate()
	if len(l.unsaved) == 0 {
		return nil
	}
	if err := l.Store.SaveResults(ctx, check.Looks{By: by, Results: l.unsaved, States: states, Turns: l.turned}); err != nil {
		l.Log.Error("results of checks could not be written down and are kept for the next time", "results", len(l.unsaved), "err", err)
		if over := len(l.unsaved) - maxUnsaved; over > 0 {
			l.Log.Error("the oldest results of checks were dropped", "results", over)
			l.unsaved = l.unsaved[over:]
		}
		return err
	}
	l.unsaved = l.unsaved[:0]
	clear(l.changed)
	if len(l.turned) > 0 {
		l.turned = nil
		l.wakeDesk()
	}
	return nil
}

// wakeDesk tells the desk, where it is here, that there is news. Elsewhere it looks once a second.
func (l *Loop) wakeDesk() {
	select {
	case l.news <- struct{}{}:
	default:
	}
}

// evaluate moves the results that came to the unsaved ones, and answers the states to be saved with them, and in whose name.
func (l *Loop) evaluate() (states []check.State, by string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.results {
		x := r.watch
		if x.gone.Load() {
			continue
		}
		before := x.state
		x.state = Evaluate(x.check, before, r.Result)
		if x.state.Status != before.Status || x.state.Streak != before.Streak || !x.state.Since.Equal(before.Since) {
			l.changed[x.check.Name] = true
		}
		if x.state.Status != before.Status && (x.state.Status == check.Down || before.Status == check.Down) {
			l.turned = append(l.turned, check.Turn{Check: x.check.Name, To: x.state.Status, At: x.state.Since, Detail: r.Detail})
		}
		l.unsaved = append(l.unsaved, r.Result)
	}
	clear(l.results)
	l.results = l.results[:0]
	for name := range l.changed {
		if x := l.watches[name]; x != nil && x.ours {
			states = append(states, x.state)
		}
	}
	return states, l.share.me
}

// current answers a watched check with its state.
func (l *Loop) current(name string) (check.Check, check.State, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	x := l.watches[name]
	if x == nil {
		return check.Check{}, check.State{}, false
	}
	return x.check, x.state, true
}

// isParent tells whether other checks are behind this one.
func (l *Loop) isParent(name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.parents[name]
}

// states answers the states of all watched checks, by name.
func (l *Loop) states() map[string]check.State {
	l.mu.Lock()
	defer l.mu.Unlock()
	states := make(map[string]check.State, len(l.watches))
	for name, x := range l.watches {
		states[name] = x.state
	}
	return states
}
