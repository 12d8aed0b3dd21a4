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

// putOffFor is how long an edit that failed several times is not tried.
const putOffFor = time.Minute

// putOff is an edit that failed.
type putOff struct {
	tries int
	until time.Time // when it is tried again
}

// holds tells whether the edit is not to be tried yet. A clock that was set back meanwhile holds nothing up.
func (p putOff) holds(now time.Time) bool {
	return now.Before(p.until) && p.until.Sub(now) <= putOffFor
}

// putOff counts an edit that failed, and answers how often it did.
func (d *desk) putOff(number int64, now time.Time) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	failed := d.unedited[number]
	if failed.tries++; failed.tries >= corrections {
		failed.until = now.Add(putOffFor)
	}
	d.unedited[number] = failed
	return failed.tries
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

// keep takes an incident as the store has it, unless a newer one is known.
func (d *desk) keep(i check.Incident) {
	known, ok := d.incidents[i.Number]
	if ok && known.Version > i.Version {
		return
	}
	if i.Storm > 0 && known.Storm != i.Storm {
		d.members[i.Storm] = append(d.members[i.Storm], i.Number)
	}
	d.incidents[i.Number] = i
	switch {
	case i.IsStorm():
	case i.Open():
		d.open[i.Check] = i.Number
	case d.open[i.Check] == i.Number:
		delete(d.open, i.Check)
	}
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

// turned writes down what the turns that came mean.
func (d *desk) turned(ctx context.Context) error {
	for len(d.turns) > 0 {
		d.mu.Lock()
		batch, changes := d.plan()
		d.mu.Unlock()
		var kept []int64
		for _, t := range batch {
			if t.ID > 0 {
				kept = append(kept, t.ID)
			}
		}
		if err := d.save(ctx, changes, kept...); err != nil {
			return err
		}
		d.mu.Lock()
		for _, t := range batch {
			if !d.knows(t) {
				d.changes[t.Check] = lately(append(d.changes[t.Check], t.At))
			}
		}
		d.mu.Unlock()
		d.turns = d.turns[len(batch):]
	}
	return nil
}

// plan answers the first turns, up to one for each check, and what they change.
func (d *desk) plan() (batch []check.Turn, changes []check.IncidentChange) {
	seen := map[string]bool{}
	for _, t := range d.turns {
		if seen[t.Check] {
			break
		}
		seen[t.Check] = true
		if !d.knows(t) {
			changes = append(changes, d.consequence(t)...)
		}
		batch = append(batch, t)
	}
	return batch, changes
}

// knows tells whether a turn was caught up on before it was read.
func (d *desk) knows(t check.Turn) bool { return slices.ContainsFunc(d.changes[t.Check], t.At.Equal) }

// consequence is what one turn does to incidents.
func (d *desk) consequence(t check.Turn) []check.IncidentChange {
	i, open := d.incidents[d.open[t.Check]]
	i = i.Clone()
	recent := lately(append(slices.Clone(d.changes[t.Check]), t.At))
	flaps := len(recent) >= flapChanges
	event := check.IncidentEvent{At: t.At, Actor: robot}
	switch {
	case open && (flaps || !i.FlappingSince.IsZero()):
		if i.FlappingSince.IsZero() {
			i.FlappingSince, i.Changes, i.Flaps = t.At, recent, len(recent)
			event.What = "flapping"
			return []check.IncidentChange{{Incident: i, Events: []check.IncidentEvent{event}}}
		}
		i.Changes, i.Flaps = lately(append(i.Changes, t.At)), i.Flaps+1
		return []check.IncidentChange{{Incident: i}}
	case open && t.To == check.Up:
		return []check.IncidentChange{resolve(i, t.At, check.CameBack)}
	case t.To != check.Down:
		return nil
	}
	var changes []check.IncidentChange
	if open {
		changes = append(changes, resolve(i, t.At, check.DownAgain))
	}
	c, _, _ := d.loop.current(t.Check)
	event.What, event.Note = "opened", t.Detail
	opened := check.Incident{Check: t.Check, Channel: c.Channel, Cause: t.Detail, Opened: t.At, Change: blame(d.mutes, t.Check, t.At)}
	if flaps {
		opened.FlappingSince, opened.Changes, opened.Flaps = t.At, recent, len(recent)
	}
	return append(changes, check.IncidentChange{Incident: opened, Events: []check.IncidentEvent{event}})
}

func resolve(i check.Incident, at time.Time, ending check.Ending) check.IncidentChange {
	i = i.Clone()
	i.Resolved, i.Ending = at, ending
	return check.IncidentChange{Incident: i, Events: []check.IncidentEvent{{At: at, Actor: robot, What: "resolved", Note: string(ending)}}}
}

// settle ends what time ends: flapping, incidents of checks that are gone, storms.
func (d *desk) settle(ctx context.Context, now time.Time) error {
	d.mu.Lock()
	var changes []check.IncidentChange
	for _, i := range d.incidents {
		if i.Open() {
			changes = append(changes, d.over(i, now)...)
		}
	}
	d.mu.Unlock()
	return d.save(ctx, changes)
}

func (d *desk) over(i check.Incident, now time.Time) []check.IncidentChange {
	if i.IsStorm() {
		return d.stormOver(i)
	}
	c, s, known := d.loop.current(i.Check)
	if !known || c.CreatedAt.After(now.Add(-time.Hour)) && c.CreatedAt.After(i.Opened.Add(time.Minute)) && s.Status != check.Down {
		return []check.IncidentChange{resolve(i, now, check.Forgotten)}
	}
	if back := i.Opened.Sub(s.Since); back > 0 && s.Status == check.Down && i.Opened.After(now) {
		i = i.Clone()
		i.Move(back)
		note := "by " + check.Span(back.Round(time.Second))
		return []check.IncidentChange{{Incident: i, Events: []check.IncidentEvent{{At: now, Actor: robot, What: "clock set back", Note: note}}}}
	}
	if i.FlappingSince.IsZero() || len(i.Changes) == 0 {
		return nil
	}
	last := i.Changes[len(i.Changes)-1]
	if quiet := now.Sub(last); quiet >= 0 && quiet < steadyAfter {
		return nil
	}
	delete(d.changes, i.Check)
	if s.Status != check.Down {
		return []check.IncidentChange{resolve(i, last, check.CameBack)}
	}
	opened := check.Incident{Check: i.Check, Channel: c.Channel, Cause: s.Last.Detail, Opened: s.Since, Change: i.Change}
	return []check.IncidentChange{
		resolve(i, last, check.StaysDown),
		{Incident: opened, Events: []check.IncidentEvent{{At: now, Actor: robot, What: "opened", Note: s.Last.Detail}}},
	}
}

// save writes changes down, instead of the turns that made them, and takes what the store made of them. Where somebody else was quicker,
// the incidents are read again.
func (d *desk) save(ctx context.Context, changes []check.IncidentChange, turns ...int64) error {
	if len(changes) == 0 && len(turns) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWrites)
	defer cancel()
	save := d.loop.Store.SaveIncidents
	if len(turns) > 0 {
		save = func(ctx context.Context, changes []check.IncidentChange) ([]check.Incident, error) {
			return d.loop.Store.TakeTurns(ctx, turns, changes)
		}
	}
	saved, err := save(ctx, changes)
	if errors.Is(err, check.ErrConflict) {
		for _, change := range changes {
			d.reread(ctx, change.Incident.Number)
		}
		d.wake()
	}
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, i := range saved {
		d.keep(i)
	}
	return nil
}

func (d *desk) reread(ctx context.Context, number int64) {
	if number == 0 {
		return
	}
	found, err := d.loop.Store.Incidents(ctx, check.IncidentQuery{Number: number})
	if err != nil || len(found) == 0 {
		return // it is read again with the others
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.keep(found[0])
}

// change changes one incident, again where somebody else was quicker.
func (d *desk) change(ctx context.Context, number int64, do func(*check.Incident), events ...check.IncidentEvent) error {
	var err error
	for range 5 {
		d.mu.Lock()
		i, ok := d.incidents[number]
		i = i.Clone()
		d.mu.Unlock()
		if !ok {
			return nil
		}
		do(&i)
		if err = d.save(ctx, []check.IncidentChange{{Incident: i, Events: events}}); !errors.Is(err, check.ErrConflict) {
			return err
		}
	}
	return err
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

func (d *desk) forget(number int64) {
	delete(d.incidents, number)
	delete(d.members, number)
	delete(d.unedited, number)
	delete(d.reports, number)
	delete(d.unrung, number)
}

// needed tells whether a storm that is not over needs an incident.
func (d *desk) needed(i check.Incident) bool {
	_, there := d.incidents[i.Storm]
	return i.Storm > 0 && there
}
