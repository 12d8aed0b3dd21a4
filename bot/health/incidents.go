package health

import (
	"context"
	"errors"

	"deckhand/commands/check"
)

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
