package health

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"time"

	"deckhand/bot"
)

// Crew is the processes that share the checks of a store.
//
// Each looks at the checks that fall to it by its name and theirs (owner). Whenever somebody comes or goes a new term begins. In
// a new term each process lets go of what is another's from now on, writes down what it saw, and says that it has; only when all
// have said so does anybody look at what has come to it. So no check is looked at by two, and a process that died is waited for only
// until the others bury it.
type Crew interface {
	// Join takes a process in.
	Join(ctx context.Context, name string) error
	// Muster says that a process is there and has let go of what is another's as of a term, and answers who is there. bot.ErrLost
	// where the others have buried it.
	Muster(ctx context.Context, name string, term int64) (bot.Crew, error)
	// Bury takes those out who were silent for too long.
	Bury(ctx context.Context) error
	// Leave takes a process out.
	Leave(ctx context.Context, name string) error
}

// share says which checks are looked at by this process.
type share struct {
	alone bool // all
	me    string
	// terms are the members in the term in which this process took what is its own, and in all terms since. What fell to
	// it in each of them it has never let go of.
	terms [][]string
}

func (s share) has(check string) bool {
	if s.alone {
		return true
	}
	for _, members := range s.terms {
		if owner(check, members) != s.me {
			return false
		}
	}
	return len(s.terms) > 0
}

// owner is the member to whom a check falls: the one with the highest hash of both names, so that few checks change hands
// where a member comes or goes.
func owner(check string, members []string) string {
	of := spread(check)
	best, most := "", uint64(0)
	for _, name := range members {
		if h := mix(of ^ spread(name)); best == "" || h > most {
			best, most = name, h
		}
	}
	return best
}

const (
	musterTime = 2 * time.Second // for an answer of the database
	// judgeAfter is how long a process must have heard from the database without a gap before it buries others: after the database was
	// away everybody seems dead.
	judgeAfter = 5 * time.Second
	// drainTime is how long looks that are under way may take before their checks go to another process without them.
	drainTime = 2 * time.Second
	drainPoll = 50 * time.Millisecond
)

// seat is this process's place in the crew. It belongs to one goroutine.
type seat struct {
	loop    *Loop
	name    string    // under which it joined, or is about to
	joined  bool      //
	heard   int64     // the latest term that it knows of
	term    int64     // as of which nothing is looked at that is another's
	taken   int64     // as of which all is looked at that is its own
	leaving []*watch  // of which looks may be under way still
	since   time.Time // when it began to let go of them
	contact time.Time // since when the database answers; zero: it does not
}

func newSeat(l *Loop) *seat { return &seat{loop: l, name: rand.Text()} }

// run takes part in the crew until the context ends. While the database does not answer, looking goes on: nobody else can take the
// checks either.
func (s *seat) run(ctx context.Context) {
	if s.loop.Crew == nil {
		return
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		again, err := s.turn(ctx, time.Now())
		if err != nil && ctx.Err() == nil {
			s.contact = time.Time{}
			s.loop.Log.Warn("which checks are looked at here cannot be agreed on; it is tried again", "err", err)
		}
		timer.Reset(again)
	}
}

// turn takes one step, and answers after what time the next one is due.
func (s *seat) turn(ctx context.Context, now time.Time) (again time.Duration, err error) {
	crew, err := s.muster(ctx)
	if errors.Is(err, bot.ErrLost) {
		return 0, s.lost(ctx)
	}
	if err != nil {
		return poll, err
	}
	if s.contact.IsZero() {
		s.contact = now
	}
	if crew.Term != s.heard {
		s.heard = crew.Term
		s.letGo(crew.Names(), now)
	}
	switch {
	case s.term != s.heard:
		return s.release(ctx, now)
	case s.taken != s.term && crew.Agreed():
		return poll, s.take(ctx, crew)
	case crew.Silent() && now.Sub(s.contact) >= judgeAfter:
		s.loop.Log.Warn("a process that looked at checks is silent; its checks are shared among the others")
		return 0, s.loop.Crew.Bury(ctx)
	}
	return poll, nil
}

func (s *seat) muster(ctx context.Context) (bot.Crew, error) {
	ctx, cancel := context.WithTimeout(ctx, musterTime)
	defer cancel()
	if !s.joined {
		if err := s.loop.Crew.Join(ctx, s.name); err != nil {
			return bot.Crew{}, err
		}
		s.joined = true
		s.loop.mu.Lock()
		s.loop.share.me = s.name
		s.loop.mu.Unlock()
	}
	return s.loop.Crew.Muster(ctx, s.name, s.term)
}

// letGo begins no more looks at what falls to another in a new term.
func (s *seat) letGo(members []string, now time.Time) {
	l := s.loop
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.share.terms) > 0 {
		l.share.terms = append(l.share.terms, members)
	}
	for name, x := range l.watches {
		if x.ours && !l.share.has(name) && !x.leaving.Swap(true) {
			s.leaving, s.since = append(s.leaving, x), now
		}
	}
}

// release waits for the looks that are under way, has what they brought written down, and then knows of these checks only what it hears.
func (s *seat) release(ctx context.Context, now time.Time) (again time.Duration, err error) {
	if now.Sub(s.since) < drainTime && slices.ContainsFunc(s.leaving, func(x *watch) bool { return x.busy.Load() }) {
		return drainPoll, nil
	}
	if len(s.leaving) > 0 {
		if err := s.loop.ask(ctx, false); err != nil {
			return poll, err
		}
	}
	s.loop.part(s.leaving)
	s.leaving, s.term = nil, s.heard
	return 0, nil
}

// part makes watches those of another process.
func (l *Loop) part(watches []*watch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, x := range watches {
		x.gone.Store(true)
		if l.watches[x.check.Name] == x {
			l.watches[x.check.Name] = &watch{check: x.check, pace: x.pace, state: x.state}
		}
	}
}

// take begins to look at all that falls to this process, from where the others wrote that it stands.
func (s *seat) take(ctx context.Context, crew bot.Crew) error {
	l, members := s.loop, crew.Names()
	states, err := l.Store.States(ctx)
	if err != nil {
		return err
	}
	var taken []*watch
	l.mu.Lock()
	l.share.terms = [][]string{members}
	for name, old := range l.watches {
		if old.ours || !l.share.has(name) {
			continue
		}
		old.gone.Store(true)
		l.watches[name] = &watch{check: old.check, pace: old.pace, ours: true, state: states[name]}
		taken = append(taken, l.watches[name])
	}
	all := len(l.watches)
	l.mu.Unlock()
	s.taken = s.term
	l.Log.Info("checks are shared anew", "processes", len(members), "checks", all, "taken over", len(taken))
	select {
	case l.added <- taken:
	case <-ctx.Done():
	}
	return nil
}

// lost looks at nothing any more and forgets what was not written down: others have the checks. It joins anew.
func (s *seat) lost(ctx context.Context) error {
	l := s.loop
	l.Log.Warn("others have taken over the checks of this process, because it was silent for too long; it joins them again")
	l.mu.Lock()
	l.share.terms = nil // its name stays until it has another: in that one the store takes nothing any more
	var ours []*watch
	for _, x := range l.watches {
		if x.ours {
			ours = append(ours, x)
		}
	}
	l.mu.Unlock()
	l.part(ours)
	*s = *newSeat(l)
	return l.ask(ctx, true)
}

// leave gives the checks to the others at once.
func (s *seat) leave(ctx context.Context) {
	if !s.joined {
		return
	}
	if err := s.loop.Crew.Leave(ctx, s.name); err != nil {
		s.loop.Log.Warn("the others were not told that this process ends; they notice within seconds", "err", err)
	}
}

// others tells whether other processes look at some of the checks.
func (l *Loop) others() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.share.alone && (len(l.share.terms) != 1 || len(l.share.terms[0]) > 1)
}

// Share answers how many of the checks are looked at here.
func (l *Loop) Share() (ours, all int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, x := range l.watches {
		if x.ours && !x.leaving.Load() {
			ours++
		}
	}
	return ours, len(l.watches)
}
