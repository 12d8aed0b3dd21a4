package app

import (
	"context"
	"time"

	"deckhand/bot/health"
	"deckhand/bot/timetable"
	"deckhand/commands/check"
)

// overdue is what is behind its timetable: how many, and the one that is most.
type overdue struct {
	count int
	name  string
	late  time.Duration
}

// patience is how late something may be before it counts: a look takes its time.
const patience = 5 * time.Second

func (o *overdue) add(name string, due, now time.Time, allowed time.Duration) {
	late := now.Sub(due)
	if due.IsZero() || late <= allowed {
		return
	}
	o.count++
	if late > o.late {
		o.name, o.late = name, late
	}
}

// lag answers which checks and lines of the timetable should have been seen to and were not.
func (h *House) lag(ctx context.Context, now time.Time) (checks, schedules overdue, err error) {
	all, err := h.store.Checks(ctx)
	if err != nil {
		return checks, schedules, err
	}
	states, err := h.store.States(ctx)
	if err != nil {
		return checks, schedules, err
	}
	for _, c := range all {
		if c.Kind() == check.Beat || c.Kind() == check.Domain {
			continue // it waits for its first call; a registry may not answer
		}
		checks.add(c.Name, dueAfter(c, states[c.Name].Last.At), now, c.Timeout+patience)
	}
	lines, err := h.store.Schedules(ctx)
	if err != nil {
		return checks, schedules, err
	}
	for _, s := range lines {
		if entry, err := timetable.Enter(s, now); err == nil {
			schedules.add(s.Name, entry.Overdue(now), now, patience)
		}
	}
	return checks, schedules, nil
}

// dueAfter answers when a check is due after its last look, or after it was added where there was none; the zero time where neither is known.
// An interval runs in the check's own phase, not on the minute.
func dueAfter(c check.Check, last time.Time) time.Time {
	if last.IsZero() {
		last = c.CreatedAt
	}
	pace, err := health.NewPace(c)
	if err != nil || last.IsZero() {
		return time.Time{}
	}
	return pace.Due(last)
}
