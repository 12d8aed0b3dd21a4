package health

import (
	"context"
	"slices"
	"time"

	"deckhand/commands/check"
)

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
