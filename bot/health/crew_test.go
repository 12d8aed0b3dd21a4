package health

import (
	"context"
	"errors"
	"fmt"
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

// fleet is several processes on one world.
type fleet struct {
	*world
	t     *testing.T
	mu    sync.Mutex
	looks map[string][]look // by check
}

type look struct {
	by int
	at time.Time
}

func newFleet(t *testing.T, checks int) *fleet {
	f := &fleet{world: newWorld(), t: t, looks: map[string][]look{}}
	for i := range checks {
		f.checks = append(f.checks, every(fmt.Sprint("e", i)))
	}
	return f
}

// ship is one process of a fleet, and what it sees of the world. Killed, nothing that it does has an effect any more.
type ship struct {
	*fleet
	number int
	stop   context.CancelFunc
	ended  chan error
	tells  bool // it has the desk
	dead   bool // guarded by fleet.mu
	deaf   bool // the store does not answer it; guarded by fleet.mu
}

func (f *fleet) launch(number int, tells bool) *ship {
	ctx, cancel := context.WithCancel(f.t.Context())
	s := &ship{fleet: f, number: number, stop: cancel, ended: make(chan error, 1), tells: tells}
	go func() {
		s.ended <- process(ctx, Settings{Store: s, Prober: s, Messenger: s, Crew: s, Log: slog.New(slog.DiscardHandler)}, tells)
	}()
	return s
}

func (s *ship) end() {
	s.stop()
	<-s.ended
}

func (s *ship) kill() {
	s.mu.Lock()
	s.dead = true
	s.mu.Unlock()
	s.end()
}

func (s *ship) hear(deaf bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deaf = deaf
}

var errDeaf = errors.New("connection refused")

func (s *ship) reach() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.dead:
		return errCut
	case s.deaf:
		return errDeaf
	default:
		return nil
	}
}

func (s *ship) Probe(ctx context.Context, c check.Check) check.Result {
	s.mu.Lock()
	if !s.dead {
		s.looks[c.Name] = append(s.looks[c.Name], look{s.number, time.Now()})
	}
	s.mu.Unlock()
	return s.world.Probe(ctx, c)
}

func (s *ship) SaveResults(ctx context.Context, looks check.Looks) error {
	if err := s.reach(); err != nil {
		return err
	}
	return s.world.SaveResults(ctx, looks)
}

func (s *ship) TakeTurns(ctx context.Context, turns []int64, changes []check.IncidentChange) ([]check.Incident, error) {
	if err := s.reach(); err != nil {
		return nil, err
	}
	return s.world.TakeTurns(ctx, turns, changes)
}

func (s *ship) SaveIncidents(ctx context.Context, changes []check.IncidentChange) ([]check.Incident, error) {
	if err := s.reach(); err != nil {
		return nil, err
	}
	return s.world.SaveIncidents(ctx, changes)
}

func (s *ship) Post(ctx context.Context, channel, thread, key string, report commands.Report) (bot.Ref, error) {
	if err := s.reach(); errors.Is(err, errCut) {
		return bot.Ref{}, err
	}
	return s.world.Post(ctx, channel, thread, key, report)
}

func (s *ship) Join(ctx context.Context, name string) error {
	if err := s.reach(); err != nil {
		return err
	}
	return s.world.Join(ctx, name)
}

func (s *ship) Muster(ctx context.Context, name string, term int64) (bot.Crew, error) {
	if err := s.reach(); err != nil {
		return bot.Crew{}, err
	}
	return s.world.Muster(ctx, name, term)
}

func (s *ship) Leave(ctx context.Context, name string) error {
	if err := s.reach(); err != nil {
		return err
	}
	return s.world.Leave(ctx, name)
}

// shares answers how many checks each process looked at since a time.
func (f *fleet) shares(since time.Time) map[int]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := map[int]int{}
	for _, looks := range f.looks {
		seen := map[int]bool{}
		for _, l := range looks {
			if l.at.After(since) && !seen[l.by] {
				seen[l.by] = true
				out[l.by]++
			}
		}
	}
	return out
}

// expectPace fails where two looks at a check are nearer to each other, or farther apart, than they may be.
func (f *fleet) expectPace(since time.Time, nearest, farthest time.Duration) {
	f.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.checks {
		looks := slices.DeleteFunc(slices.Clone(f.looks[c.Name]), func(l look) bool { return l.at.Before(since) })
		last := since
		for i, l := range looks {
			if pause := l.at.Sub(last); pause > farthest || i > 0 && pause < nearest {
				f.t.Errorf("%s: %s between looks, the later by %d", c.Name, pause, l.by)
			}
			last = l.at
		}
		if rest := time.Since(last); rest > farthest {
			f.t.Errorf("%s: not looked at for %s", c.Name, rest)
		}
	}
}

func TestACrewSharesTheChecks(t *testing.T) {
	t.Parallel()
	bubble(t, "among those who are there, each check looked at by one", func(t *testing.T) {
		f := newFleet(t, 300)
		ships := []*ship{f.launch(0, true), f.launch(1, false), f.launch(2, false)}
		time.Sleep(20 * time.Second)
		settled := time.Now()
		time.Sleep(time.Minute)
		for number, n := range f.shares(settled) {
			if n < 70 || n > 130 {
				t.Errorf("process %d looked at %d of 300", number, n)
			}
		}
		if got := f.shares(settled); got[0]+got[1]+got[2] != 300 {
			t.Errorf("some were looked at by two: %v", got)
		}
		f.expectPace(settled, 9900*time.Millisecond, 10100*time.Millisecond)
		for _, s := range ships {
			s.end()
		}
	})
	bubble(t, "anew when one comes, when one goes, and when one dies", func(t *testing.T) {
		f := newFleet(t, 200)
		first := f.launch(0, true)
		time.Sleep(30 * time.Second)
		begun := time.Now()
		second := f.launch(1, false)
		time.Sleep(30 * time.Second)
		// What falls due while it is handed over is made up for, unless its next turn is within half of its pace. Handing over takes two
		// or three polls, as the two happen to take turns.
		f.expectPace(begun, 5*time.Second, 13*time.Second)
		third := f.launch(2, false)
		time.Sleep(30 * time.Second)
		second.end()
		time.Sleep(30 * time.Second)
		f.expectPace(begun, 5*time.Second, 13*time.Second)
		killed := time.Now()
		third.kill()
		time.Sleep(8 * time.Second)
		if got := f.shares(killed.Add(7 * time.Second)); got[0] == 0 {
			t.Errorf("looked at since: %v", got)
		}
		time.Sleep(30 * time.Second)
		// Nobody has the checks for up to seven seconds; what was due then is made up for, unless its next turn is within half of its pace.
		f.expectPace(killed, 4*time.Second, 22*time.Second) // what the killed one saw last was not written down
		if got := f.shares(killed.Add(20 * time.Second)); got[0] != 200 {
			t.Errorf("looked at by the one that is left: %v", got)
		}
		first.end()
		if f.said() != "" || len(f.crew.Members) != 0 {
			t.Errorf("said %s; still there are %v", f.said(), f.crew.Members)
		}
	})
	bubble(t, "and goes on while the store is away, whoever is back first", func(t *testing.T) {
		f := newFleet(t, 100)
		one, other := f.launch(0, true), f.launch(1, false)
		time.Sleep(30 * time.Second)
		before := f.shares(time.Now().Add(-11 * time.Second))
		away := time.Now()
		one.hear(true)
		other.hear(true)
		time.Sleep(time.Minute)
		one.hear(false)
		time.Sleep(500 * time.Millisecond)
		other.hear(false)
		time.Sleep(time.Minute)
		f.expectPace(away, 9900*time.Millisecond, 10100*time.Millisecond)
		if after := f.shares(time.Now().Add(-11 * time.Second)); after[0] != before[0] || after[1] != before[1] {
			t.Errorf("shares %v, before %v", after, before)
		}
		for _, c := range f.checks {
			f.mu.Lock()
			name, n := c.Name, len(f.looks[c.Name])
			f.mu.Unlock()
			results := f.seen(name)
			if n-len(results) > 1 { // the latest may not be written down yet
				t.Errorf("%s: %d results of %d looks", name, len(results), n)
			}
		}
		one.end()
		other.end()
	})
	bubble(t, "without one that was cut off, which then comes back", func(t *testing.T) {
		f := newFleet(t, 100)
		one, other := f.launch(0, true), f.launch(1, false)
		time.Sleep(30 * time.Second)
		other.hear(true)
		time.Sleep(30 * time.Second)
		if got := f.shares(time.Now().Add(-11 * time.Second)); got[0] != 100 {
			t.Errorf("while one is cut off, the other looks at %d", got[0])
		}
		other.hear(false)
		time.Sleep(20 * time.Second)
		settled := time.Now()
		time.Sleep(30 * time.Second)
		f.expectPace(settled, 9900*time.Millisecond, 10100*time.Millisecond)
		if got := f.shares(settled); got[0]+got[1] != 100 || got[1] < 30 {
			t.Errorf("afterwards %v", got)
		}
		for _, c := range f.checks {
			results := f.seen(c.Name)
			for i := 1; i < len(results); i++ {
				if pause := results[i].At.Sub(results[i-1].At); pause < 5*time.Second {
					t.Errorf("%s: two results within %s", c.Name, pause)
				}
			}
		}
		one.end()
		other.end()
	})
}

func TestOneOfACrewTellsOfAllChecks(t *testing.T) {
	t.Parallel()
	bubble(t, "whoever looks at them, and parents too", func(t *testing.T) {
		f := newFleet(t, 0)
		for i := range 4 {
			child := every(fmt.Sprint("child", i))
			child.Parent = "gate"
			f.checks = append(f.checks, child)
		}
		f.checks = append(f.checks, every("gate"))
		for i := range 20 { // so many that both have some, whatever their names
			f.checks = append(f.checks, every(fmt.Sprint("other", i)))
		}
		down := outage(60*time.Second, 180*time.Second)
		f.answers = func(c check.Check) string {
			if strings.HasPrefix(c.Name, "other") {
				return ""
			}
			return down(c)
		}
		one, other := f.launch(0, true), f.launch(1, false)
		time.Sleep(10 * time.Minute)
		if f.said() != "gate was down for 2 min (edited); gate is up again after 2 min" {
			t.Errorf("said %s", f.said())
		}
		if got := f.shares(time.Now().Add(-time.Minute)); got[0] == 0 || got[1] == 0 {
			t.Errorf("shares %v", got)
		}
		one.end()
		other.end()
	})
	bubble(t, "also where it dies in the middle of an outage", func(t *testing.T) {
		f := newFleet(t, 4)
		down := outage(60*time.Second, 180*time.Second)
		f.answers = func(c check.Check) string { return down(c) }
		one, other := f.launch(0, true), f.launch(1, false)
		time.Sleep(120 * time.Second)
		one.kill()
		time.Sleep(6 * time.Second)
		third := f.launch(2, true)
		time.Sleep(10 * time.Minute)
		fell, rose := 0, 0
		for _, m := range f.sent() {
			switch {
			case m.thread != "":
			case slices.Contains([]string{"check", "storm"}, m.key[:5]) && m.key[len(m.key)-4:] == "back":
				rose++
			default:
				fell++
			}
		}
		if fell != 4 || rose != 4 || len(f.turns) != 0 {
			t.Errorf("%d falls and %d rises of 4, %d turns left: %s", fell, rose, len(f.turns), f.said())
		}
		third.end()
		other.end()
	})
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1)
		f.turns = []check.Turn{{ID: 1, Check: "e0", To: check.Down, At: time.Now().Add(-time.Second), Detail: "HTTP 503"}}
		f.lastTurn = 1
		f.states["e0"] = check.State{Check: "e0", Status: check.Down, Since: f.turns[0].At}
		down := outage(0, time.Minute)
		f.answers = func(c check.Check) string { return down(c) }
		one := f.launch(0, true)
		time.Sleep(5 * time.Minute)
		one.end()
		if len(f.incidents) != 1 || len(f.turns) != 0 || f.said() != "e0 was down for 1 min 11 s (edited); e0 is up again after 1 min 11 s" && len(f.messages) != 2 {
			t.Errorf("a turn that was left behind and the state that goes with it: %d incidents, said %s", len(f.incidents), f.said())
		}
	})
}

func TestOwnersAreEvenAndFewChecksChangeHands(t *testing.T) {
	t.Parallel()
	two, three := []string{"ABCDEFGHIJ", "KLMNOPQRST"}, []string{"ABCDEFGHIJ", "KLMNOPQRST", "UVWXYZ2345"}
	count, moved := map[string]int{}, 0
	for i := range 10_000 {
		name := fmt.Sprint("e", i)
		before, after := owner(name, two), owner(name, three)
		count[after]++
		if before != after {
			moved++
			if after != three[2] {
				t.Fatalf("%s went from %s to %s", name, before, after)
			}
		}
	}
	for name, n := range count {
		if n < 3100 || n > 3560 {
			t.Errorf("%s has %d", name, n)
		}
	}
	if moved < 3100 || moved > 3560 {
		t.Errorf("%d changed hands", moved)
	}
}
