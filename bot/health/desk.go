package health

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"deckhand/commands"
	"deckhand/commands/check"
)

// robot is the actor of what happens by itself.
const robot = "deckhand"

// desk keeps the incidents of all checks, whichever process looks at them: it opens them and resolves them as checks turn, and asks the
// announcer to say what there is to say. It never waits for the chat.
type desk struct {
	loop      *Loop
	announcer *announcer

	mu        sync.Mutex
	incidents map[int64]check.Incident // open ones, and those of whose end not all is said
	open      map[string]int64         // by check
	members   map[int64][]int64        // of storms
	changes   map[string][]time.Time   // turns of checks, of the last half hour
	mutes     []check.Mute             // that hold, or ended lately
	unedited  map[int64]putOff         // messages that could not be edited lately
	reports   map[int64]*commands.Report
	gathering int              // storms that are being put together
	ringing   map[int64]bool   // incidents of which a webhook is being told
	unrung    map[int64]string // why webhooks could not be called so far

	// Of the goroutine of run alone.
	turns     []check.Turn // of which no incident says yet
	attention int64
	loaded    bool
	settled   time.Time // when time last ended anything
	follows   bool      // what others see is read along
	mark      int64     // as far as it was read
}

func newDesk(l *Loop) *desk {
	d := &desk{
		loop: l, incidents: map[int64]check.Incident{}, open: map[string]int64{}, members: map[int64][]int64{},
		changes: map[string][]time.Time{}, unedited: map[int64]putOff{}, reports: map[int64]*commands.Report{},
		ringing: map[int64]bool{}, unrung: map[int64]string{},
	}
	d.announcer = newAnnouncer(d)
	return d
}

func (d *desk) wake() { d.loop.wakeDesk() }

// run works until the context ends.
func (d *desk) run(ctx context.Context) {
	select {
	case <-ctx.Done():
		return
	case <-d.loop.adopted:
	}
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	for {
		if err := d.step(ctx, d.loop.Now().UTC()); err != nil && ctx.Err() == nil && !errors.Is(err, check.ErrConflict) {
			d.loop.Log.Error("incidents could not be written down and are tried again", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-d.loop.news:
		case <-ticker.C:
		}
	}
}

// step brings the incidents up to the time.
func (d *desk) step(ctx context.Context, now time.Time) error {
	if err := d.windows(ctx, now); err != nil {
		return err
	}
	if !d.loaded {
		if err := d.follow(ctx); err != nil {
			return err
		}
	}
	if err := d.refresh(ctx, now); err != nil {
		return err
	}
	if err := d.follow(ctx); err != nil {
		return err
	}
	if err := d.turned(ctx); err != nil {
		return err
	}
	if since := now.Sub(d.settled); since < 0 || since >= poll/2 {
		d.settled = now
		if err := d.settle(ctx, now); err != nil {
			return err
		}
	}
	d.speak(ctx, now)
	return nil
}

// refresh reads the turns, the incidents and the mutes where there is something new. The first time it also finds what checks did that
// nobody wrote down.
func (d *desk) refresh(ctx context.Context, now time.Time) error {
	attention, err := d.loop.Store.Attention(ctx)
	if err != nil || d.loaded && attention == d.attention {
		return err
	}
	mutes, err := d.loop.Store.Mutes(ctx, now.Add(-time.Hour))
	if err != nil {
		return err
	}
	query := check.IncidentQuery{Open: true}
	if !d.loaded {
		query = check.IncidentQuery{Since: now.Add(-2 * flapWindow)}
	}
	incidents, err := d.loop.Store.Incidents(ctx, query)
	if err != nil {
		return err
	}
	turns, err := d.loop.Store.Turns(ctx)
	if err != nil {
		return err
	}
	d.loop.hearTurns(turns)
	all := len(turns)
	turns = slices.DeleteFunc(turns, func(t check.Turn) bool { return !d.loop.knows(t.Check) })
	d.turns = append(slices.DeleteFunc(d.turns, func(t check.Turn) bool { return t.ID > 0 }), turns...)
	d.mu.Lock()
	d.mutes = mutes
	for _, i := range incidents {
		d.keep(i)
	}
	if !d.loaded {
		d.remember(incidents, now)
	}
	d.mu.Unlock()
	if !d.loaded {
		d.catchUp()
	}
	d.attention, d.loaded = attention, true
	if len(turns) < all {
		d.attention = -1 // checks are new and not known here yet: their turns are read again
	}
	return nil
}

// remember learns from incidents when checks turned lately.
func (d *desk) remember(incidents []check.Incident, now time.Time) {
	for _, i := range incidents {
		turns := append(slices.Clone(i.Changes), i.Opened, i.Resolved)
		for _, at := range turns {
			if now.Sub(at) < flapWindow && !slices.ContainsFunc(d.changes[i.Check], at.Equal) {
				d.changes[i.Check] = append(d.changes[i.Check], at)
			}
		}
		commands.Order(d.changes[i.Check], time.Time.Compare)
	}
}

// catchUp finds where states and incidents disagree although nothing says that a check turned.
func (d *desk) catchUp() {
	told := map[string]bool{}
	for _, t := range d.turns {
		told[t.Check] = true
	}
	var turns []check.Turn
	d.mu.Lock()
	for name, s := range d.loop.states() {
		i, open := d.incidents[d.open[name]]
		switch {
		case told[name]:
		case s.Status == check.Down && (!open || i.FlappingSince.IsZero() && s.Since.Sub(i.Opened) >= time.Second):
			turns = append(turns, check.Turn{Check: name, To: check.Down, At: s.Since, Detail: s.Last.Detail})
		case s.Status == check.Up && open && i.FlappingSince.IsZero():
			turns = append(turns, check.Turn{Check: name, To: check.Up, At: s.Since, Detail: s.Last.Detail})
		}
	}
	d.mu.Unlock()
	commands.Order(turns, func(a, b check.Turn) int { return strings.Compare(a.Check, b.Check) })
	d.turns = append(d.turns, turns...)
}

// speak hands what there is to say to the announcer, and forgets what is over and said.
func (d *desk) speak(ctx context.Context, now time.Time) {
	type told struct {
		number  int64
		channel string
	}
	var due []told
	var calls []int64
	d.mu.Lock()
	for number, i := range d.incidents {
		s := d.scene(i, now)
		rings := d.loop.Webhooks != nil && s.calls(now) != ""
		if rings && !d.ringing[number] {
			d.ringing[number] = true
			calls = append(calls, number)
		}
		if _, ok := s.next(now); ok {
			due = append(due, told{number, i.Channel})
		} else if _, edits := d.unedited[number]; !i.Open() && !edits && !rings && !d.needed(i) {
			d.forget(number)
		}
	}
	d.mu.Unlock()
	for _, number := range calls {
		d.announcer.done.Go(func() { d.ring(ctx, number) })
	}
	commands.Order(due, func(a, b told) int { return int(a.number - b.number) })
	for _, t := range due {
		d.announcer.tell(ctx, t.number, t.channel)
	}
}
