package health

import (
	"context"
	"slices"
	"time"

	"deckhand/commands/check"
)

// look answers what there is to say of an incident now.
func (d *desk) look(number int64, now time.Time) (scene, saying, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i, ok := d.incidents[number]
	if !ok {
		return scene{}, saying{}, false
	}
	s := d.scene(i.Clone(), now)
	next, due := s.next(now)
	return s, next, due
}

// scene gathers what decides what is to be said. The desk is locked.
func (d *desk) scene(i check.Incident, now time.Time) scene {
	s := scene{incident: i, unedited: d.unedited[i.Number].holds(now), why: d.reports[i.Number], explains: d.loop.Doctor != nil, uncalled: d.unrung[i.Number]}
	if i.Storm > 0 && i.Said[check.StepPost].At.IsZero() && i.Said[stepCall+callEscalated].At.IsZero() {
		return s // its storm speaks for it
	}
	if i.IsStorm() {
		s.members = d.membersOf(i.Number)
		for _, m := range s.members {
			c, _, ok := d.loop.current(m.Check)
			switch {
			case !ok:
			case s.check.Channel == "":
				s.check = check.Check{Channel: i.Channel, Response: c.Response}
			default:
				s.check.Response = joined(s.check.Response, c.Response)
			}
		}
		return s
	}
	s.check, s.state, _ = d.loop.current(i.Check)
	if i.Open() {
		s.hush = d.hush(s.check, i, now)
	}
	if d.loop.isParent(i.Check) {
		s.behind = d.behind(i)
	}
	return s
}

// joined is who is called for two checks: whom the first calls, and beside them of the second what it does not have.
func joined(first, second check.Response) check.Response {
	calls := func(r check.Response) bool { return r.EscalateTo != "" || r.Webhook != "" }
	switch {
	case !calls(second):
		return first
	case !calls(first):
		return second
	}
	if first.EscalateTo == "" {
		first.EscalateTo = second.EscalateTo
	}
	if first.Webhook == "" {
		first.Webhook = second.Webhook
	}
	return first
}

func (d *desk) membersOf(storm int64) []check.Incident {
	var members []check.Incident
	for _, number := range d.members[storm] {
		if m, ok := d.incidents[number]; ok {
			members = append(members, m)
		}
	}
	return members
}

// generations bounds the way up from a check to what it is behind.
const generations = 10

// hush is what keeps a check's incident from being told.
func (d *desk) hush(c check.Check, i check.Incident, now time.Time) hush {
	var h hush
	h.mute, h.ended = muted(d.mutes, c.Name, now)
	for range generations {
		parent, p, ok := d.loop.current(c.Parent)
		if c.Parent == "" || !ok {
			break
		}
		over := above(parent, p, i.Opened, now)
		if h.parent == "" {
			h.parent = over.parent
		}
		h.waiting = h.waiting || over.waiting
		if over.ended.After(h.ended) {
			h.ended = over.ended
		}
		c = parent
	}
	return h
}

// behind names the checks that are down and silent, or were, while this one is down.
func (d *desk) behind(i check.Incident) []string {
	var names []string
	for _, child := range d.incidents {
		if child.Check == i.Check || child.IsStorm() || !child.Said[check.StepPost].At.IsZero() || child.Storm > 0 {
			continue
		}
		if !child.Open() && (i.Open() || child.Resolved.Before(i.Opened)) {
			continue
		}
		c, _, ok := d.loop.current(child.Check)
		for range generations {
			if !ok || c.Parent == "" {
				break
			}
			if c.Parent == i.Check {
				names = append(names, child.Check)
				break
			}
			c, _, ok = d.loop.current(c.Parent)
		}
	}
	slices.Sort(names)
	return names
}

const (
	stormOver = 5                // this many incidents of a channel within stormTime are told one by one; more are a storm
	stormTime = time.Minute      //
	stormJoin = 10 * time.Minute // how long after its latest check a storm takes more
)

// gather puts an incident that is about to be told into its channel's storm, where there is one or now begins one, and
// answers the storm's number, 0 where the incident is to be told by itself. Asked tells whether a message that was to be said may be
// in the chat already.
func (d *desk) gather(ctx context.Context, i check.Incident, now time.Time, asked func(check.Incident) bool) (int64, error) {
	d.mu.Lock()
	storm, due := d.stormOf(i, now, asked)
	if len(due) > 0 {
		d.gathering++
		defer d.gathered()
	}
	d.mu.Unlock()
	if len(due) == 0 {
		return 0, nil
	}
	if storm.Number == 0 {
		for _, m := range due {
			if m.Opened.Before(storm.Opened) {
				storm.Opened = m.Opened
			}
		}
		saved, err := d.loop.Store.SaveIncidents(ctx, []check.IncidentChange{{Incident: storm, Events: []check.IncidentEvent{{At: now, Actor: robot, What: "opened"}}}})
		if err != nil {
			return 0, err
		}
		storm = saved[0]
		d.mu.Lock()
		d.keep(storm)
		d.mu.Unlock()
	}
	// The storm is written too, so that it cannot be ended at the same time.
	changes := []check.IncidentChange{{Incident: storm}}
	for _, m := range due {
		m = m.Clone()
		m.Storm = storm.Number
		changes = append(changes, check.IncidentChange{Incident: m, Events: []check.IncidentEvent{{At: now, Actor: robot, What: "told", Note: "in " + storm.ID()}}})
	}
	return storm.Number, d.save(ctx, changes)
}

func (d *desk) gathered() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.gathering--
}

// stormOf answers the storm that takes an incident, a new one with number 0, and the incidents that go into it; none where there is no
// storm. Those that were told one by one a moment ago, and that nobody has taken on, go along: from then on one message speaks of all.
func (d *desk) stormOf(i check.Incident, now time.Time, asked func(check.Incident) bool) (check.Incident, []check.Incident) {
	if asked(i) {
		return check.Incident{}, nil
	}
	var open check.Incident
	fell := 0
	var due []check.Incident
	for _, o := range d.incidents {
		said := o.Said[check.StepPost].At
		switch {
		case o.Channel != i.Channel:
		case o.IsStorm():
			if o.Open() && d.joinable(o, now) {
				open = o
			}
		case o.Storm > 0:
		case !said.IsZero():
			if now.Sub(said) >= stormTime {
				continue
			}
			if fell++; o.Open() && o.AckedBy == "" && o.OwnedBy == "" && o.SnoozedUntil.IsZero() {
				due = append(due, o)
			}
		case o.Number == i.Number:
			fell, due = fell+1, append(due, o)
		case o.Open() && !asked(o):
			if next, ok := d.scene(o, now).next(now); ok && next.step == check.StepPost {
				fell, due = fell+1, append(due, o)
			}
		}
	}
	if open.Number > 0 {
		return open, due
	}
	if len(due) < 2 || fell <= stormOver {
		return check.Incident{}, nil
	}
	return check.Incident{Channel: i.Channel, Opened: now}, due
}

func (d *desk) joinable(storm check.Incident, now time.Time) bool {
	return slices.ContainsFunc(d.members[storm.Number], func(number int64) bool { return now.Sub(d.incidents[number].Opened) < stormJoin })
}

// stormOver ends a storm all of whose checks are up again.
func (d *desk) stormOver(i check.Incident) []check.IncidentChange {
	if d.gathering > 0 {
		return nil
	}
	end := i.Opened
	for _, number := range d.members[i.Number] {
		m := d.incidents[number]
		if m.Open() && m.Number > 0 {
			return nil
		}
		if m.Resolved.After(end) {
			end = m.Resolved
		}
	}
	return []check.IncidentChange{resolve(i, end, check.CameBack)}
}
