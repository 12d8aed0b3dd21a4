package timetable

import (
	"time"

	"deckhand/commands/schedule"
)

// oldest is how late a slot may be handed on. A status of yesterday helps nobody.
const oldest = 24 * time.Hour

// Entry is a schedule with its timetable read, and how far it has been handed on.
type Entry struct {
	Schedule schedule.Schedule
	Spec     Spec
	Rest     Rest
	After    time.Time // slots at or before this time are done with

	trying time.Time // the slot that the engine could not write down
	tries  int       // how often it could not

	idle idle
}

// idle is a time in which an entry has nothing due. It is worked out once, not at each look.
type idle struct {
	after, from, until time.Time // after: what the entry's After was
	coming             time.Time // the slot at the end; zero where none comes
}

// noSlot is how long it is believed that an entry has none to come.
const noSlot = time.Hour

// holds tells whether it is still so. A clock that was set back ends it.
func (i idle) holds(after, now time.Time) bool {
	return i.after.Equal(after) && !now.Before(i.from) && now.Before(i.until)
}

// Slot is one coming due of an entry.
type Slot struct {
	Entry *Entry
	At    time.Time
}

// Enter reads a schedule. What it missed counts from its last slot or, before the first, from when it was made.
func Enter(s schedule.Schedule, now time.Time) (Entry, error) {
	spec, err := Parse(s.Cron, s.TimeZone)
	if err != nil {
		return Entry{}, err
	}
	rest, err := NewRest(s)
	if err != nil {
		return Entry{}, err
	}
	after := s.LastSlot
	if s.CreatedAt.After(after) {
		after = s.CreatedAt
	}
	if after.IsZero() {
		after = now
	}
	return Entry{Schedule: s, Spec: spec, Rest: rest, After: after}, nil
}

// Due answers what is to be handed on now, and when the next slot comes (the zero time where none does). Of several
// slots that an entry missed only the latest is due, and none that is more than a day old.
func Due(entries []*Entry, now time.Time) (due []Slot, next time.Time) {
	for _, e := range entries {
		latest, coming := e.around(now)
		if !latest.IsZero() {
			due = append(due, Slot{e, latest})
		}
		if !coming.IsZero() && (next.IsZero() || coming.Before(next)) {
			next = coming
		}
	}
	return due, next
}

// around answers the latest slot not yet done with, zero where there is none, and the first one after now.
func (e *Entry) around(now time.Time) (latest, coming time.Time) {
	if e.idle.holds(e.After, now) {
		return time.Time{}, e.idle.coming
	}
	if latest, coming = e.reckon(now); !latest.IsZero() {
		return latest, coming
	}
	e.idle = idle{after: e.After, from: now, until: coming, coming: coming}
	if coming.IsZero() {
		e.idle.until = now.Add(noSlot)
	}
	return latest, coming
}

// reckon is around worked out anew.
func (e *Entry) reckon(now time.Time) (latest, coming time.Time) {
	from := e.After
	if early := now.Add(-oldest - 1); early.After(from) {
		from = early // and a slot that is exactly as old as may be still counts
	}
	for slot := e.Spec.Next(from); ; slot = e.Spec.Next(slot) {
		at, runs := e.Rest.shift(slot)
		switch {
		case slot.IsZero() || runs && at.After(now):
			return latest, at
		case !runs && slot.After(now.AddDate(yearsAhead, 0, 0)):
			return latest, time.Time{}
		case runs && at.After(e.After):
			latest = at
		}
	}
}

// tried counts one more attempt at a slot.
func (e *Entry) tried(slot time.Time) int {
	if !e.trying.Equal(slot) {
		e.trying, e.tries = slot, 0
	}
	e.tries++
	return e.tries
}
