// Package storetest holds what every store must do, whatever it is made of, and a real PostgreSQL for tests.
package storetest

import (
	"context"
	"testing"
	"time"

	"deckhand/bot"
	"deckhand/bot/store"
	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/guard"
	"deckhand/commands/lease"
	"deckhand/commands/schedule"
)

// Store is what the suite asks of a store.
type Store interface {
	bot.Store
	check.Book
	schedule.Book
	guard.Book
	schedule.Acts
	bot.Deliveries
	bot.Codes
	bot.Ledger
	Forget(ctx context.Context) error
	SharedChannels(ctx context.Context) (map[string]bool, error)
	KeepShared(ctx context.Context, channel string, shared bool) error
	check.IncidentBook
	Attention(ctx context.Context) (int64, error)
	lease.Book
	CheckRevision(ctx context.Context) (int64, error)
	SaveResults(ctx context.Context, looks check.Looks) error
	ResultsAfter(ctx context.Context, mark int64) (results []check.Result, next int64, err error)
	Turns(ctx context.Context) ([]check.Turn, error)
	TakeTurns(ctx context.Context, turns []int64, changes []check.IncidentChange) ([]check.Incident, error)
	Join(ctx context.Context, name string) error
	Muster(ctx context.Context, name string, term int64) (bot.Crew, error)
	Bury(ctx context.Context) error
	Leave(ctx context.Context, name string) error
	SeeCertificate(ctx context.Context, name string, expires time.Time) error
	Fold(ctx context.Context, now time.Time) error
	Prune(ctx context.Context, now time.Time) error
	SyncConfig(ctx context.Context, checks []check.Check, schedules []schedule.Schedule, serves bool) error
	Configuration(ctx context.Context) (store.Configuration, error)
	DecidesBy(policy, process string)
	Beat(ctx context.Context, name string, at time.Time) (known bool, err error)
	LastBeat(ctx context.Context, name string) (time.Time, error)
	Certificates(ctx context.Context) (map[string]check.Certificate, error)
	SaveCertificate(ctx context.Context, name string, certificate check.Certificate) error
	Blindness(ctx context.Context) (map[string]check.Blindness, error)
	SaveBlindness(ctx context.Context, all map[string]check.Blindness) error
	EndBlindness(ctx context.Context, names []string) error
	SlotDone(ctx context.Context, name string, slot time.Time) error
	LastAlive(ctx context.Context) (time.Time, error)
	Alive(ctx context.Context, now time.Time) error
	Ping(ctx context.Context) error
	Depth(ctx context.Context) (int, error)
	Close() error
}

// Suite is a kind of store to be tested.
type Suite struct {
	// Fresh makes an empty database. Open opens it, as often as it is called: each is another client.
	Fresh func(t *testing.T) (open func() (Store, error))
	// Work begins to do a store's jobs; stop ends it.
	Work func(ctx context.Context, store Store, workers Workers) (stop func(context.Context) error, err error)
}

// Workers do jobs.
type Workers struct {
	Execute, Deliver func(ctx context.Context, request int64) error
	Concurrency      int // of executions
}

// Run runs the whole suite.
func Run(t *testing.T, suite Suite) {
	tests := map[string]func(*testing.T, *place){}
	for _, group := range []map[string]func(*testing.T, *place){requestTests(), markTests(), exclusiveTests(), crewTests(), chainTests(), guardTests(), triesTests(), ledgerTests(), incidentTests(), actTests(), leaseTests(), journalTests(), jobTests(), checkTests(), beatTests(), historyTests(), configTests()} {
		for name, test := range group {
			tests[name] = test
		}
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, &place{suite: suite, open: suite.Fresh(t)})
		})
	}
}

// place is one database and what a test does with it.
type place struct {
	suite Suite
	open  func() (Store, error)
}

// client opens the database once more, until the test ends.
func (p *place) client(t *testing.T) Store {
	t.Helper()
	store, err := p.open()
	must(t, err)
	t.Cleanup(func() { must(t, store.Close()) })
	return store
}

// work does a store's jobs until the test ends, or until stop is called.
func (p *place) work(t *testing.T, store Store, workers Workers) func(context.Context) error {
	t.Helper()
	for _, do := range []*func(context.Context, int64) error{&workers.Execute, &workers.Deliver} {
		if *do == nil {
			*do = func(context.Context, int64) error { return nil }
		}
	}
	stop, err := p.suite.Work(t.Context(), store, workers)
	must(t, err)
	stopped := false
	once := func(ctx context.Context) error {
		if stopped {
			return nil
		}
		stopped = true
		return stop(ctx)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		must(t, once(ctx))
	})
	return once
}

// patience is how long a test waits for what must happen; what happens earlier ends the wait.
const patience = 20 * time.Second

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// got fails the test where an answer came with an error.
func got[T any](t *testing.T) func(T, error) T {
	t.Helper()
	return func(value T, err error) T {
		t.Helper()
		must(t, err)
		return value
	}
}

// receive waits for a value.
func receive[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case value := <-from:
		return value
	case <-time.After(patience):
		t.Fatal("what was waited for did not happen")
		panic("unreachable")
	}
}

// noon is the time in tests that need one; its nanoseconds must survive.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC) //nolint:gochecknoglobals // a constant

// asked is a request as the engine would write it down at first.
func asked(key string) bot.Request {
	return bot.Request{
		State: bot.Queued,
		Message: bot.Message{
			Key: key, Source: bot.Slash, Asker: commands.Asker{User: "U1", Channel: "C1"}, Line: "vm stop web", At: noon,
		},
		Invocation: commands.Invocation{Command: "vm stop", Args: []byte(`{"Names":["web"]}`), Line: "vm stop web"},
		Decision:   bot.Decision{Effect: bot.Allow, Rule: "rule 1"},
	}
}

// event is one thing that happened at a time.
func event(at time.Time, from, to bot.State) bot.Event {
	return bot.Event{At: at, Actor: "U1", From: from, To: to, What: string(to)}
}

// created writes a request down.
func created(t *testing.T, store Store, request bot.Request, jobs ...bot.Job) bot.Request {
	t.Helper()
	stored, isNew, err := store.Create(t.Context(), request, []bot.Event{event(noon, "", request.State)}, jobs)
	must(t, err)
	if !isNew {
		t.Fatalf("request %s was there already", request.Message.Key)
	}
	return stored
}
