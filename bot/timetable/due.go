package timetable

import (
	"time"

	"deckhand/commands/schedule"
)

// How late a slot may be handed on. A status of yesterday helps nobody; hours that began or ended while nobody looked hold until their
// next edge, which comes within a week.
const (
	oldest     = 24 * time.Hour
	oldestEdge = 8 * 24 * time.Hour
)

// Entry is a schedule with its timetable read, and how far it has been handed on.
type Entry struct {
	Schedule schedule.Schedule
	After    time.Time // slots at or before this time are done with

	edges  []edge // one, or of hours two; of two that come due at the same moment the last counts
	oldest time.Duration

	trying time.Time // the slot that the engine could not write down
	tries  int       // how often it could not

	idle idle
}

// idle is a time in which an entry has nothing due. It is worked out once, not at each look.
type idle struct {
	after, from, until time.Time // after: what the entry's After was
	coming             time.Time // the slot at the end; zero where none comes
	line               string
}

// edge is when a line of a schedule comes due.
type edge struct {
	spec Spec
	rest Rest
	line string
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
	Line  string
}

// Enter reads a schedule. What it missed counts from its last slot or, before the first, from when it was made.
func Enter(s schedule.Schedule, now time.Time) (Entry, error) {
	edges, late, err := edgesOf(s)
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
	return Entry{Schedule: s, edges: edges, oldest: late, After: after}, nil
}

// edgesOf answers what comes due of a schedule, and how late it may. Of hours the dates that are skipped have no beginning; what began
// before them ends all the same.
func edgesOf(s schedule.Schedule) ([]edge, time.Duration, error) {
	rest, err := NewRest(s)
	if err != nil {
		return nil, 0, err
	}
	if s.Hours == "" {
		spec, err := Parse(s.Cron, s.TimeZone)
		return []edge{{spec, rest, s.Line}}, oldest, err
	}
	hours, _, err := schedule.ReadHours(s.Hours)
	if err != nil {
		return nil, 0, err
	}
	first, last := hours.Crons()
	begin, err := Parse(first, s.TimeZone)
	if err != nil {
		return nil, 0, err
	}
	end, err := Parse(last, s.TimeZone)
	edges := []edge{{begin, rest, s.Line}, {end, Rest{zone: rest.zone}, s.EndLine}}
	if hours.To <= hours.From { // in a night that has no such hour the later on the wall clock counts
		edges[0], edges[1] = edges[1], edges[0]
	}
	return edges, oldestEdge, err
}

// Due answers what is to be handed on now, and when the next slot comes (the zero time where none does). Of several
// slots that an entry missed only the latest is due, and none that is more than a day old.
func Due(entries []*Entry, now time.Time) (due []Slot, next time.Time) {
	for _, e := range entries {
		latest, coming, line := e.around(now)
		if !latest.IsZero() {
			due = append(due, Slot{e, latest, line})
		}
		if !coming.IsZero() && (next.IsZero() || coming.Before(next)) {
			next = coming
		}
	}
	return due, next
}

// around answers the latest slot not yet done with, zero where there is none, and the first one after now; with the line of the one, or
// else of the other.
func (e *Entry) around(now time.Time) (latest, coming time.Time, line string) {
	if e.idle.holds(e.After, now) {
		return time.Time{}, e.idle.coming, e.idle.line
	}
	if latest, coming, line = e.reckon(now); !latest.IsZero() {
		return latest, coming, line
	}
	e.idle = idle{after: e.After, from: now, until: coming, coming: coming, line: line}
	if coming.IsZero() {
		e.idle.until = now.Add(noSlot)
	}
	return latest, coming, line
}

// reckon is around worked out anew.
func (e *Entry) reckon(now time.Time) (latest, coming time.Time, line string) {
	next := ""
	for _, one := range e.edges {
		was, comes := one.around(e.After, now, e.oldest)
		if !was.IsZero() && !was.Before(latest) {
			latest, line = was, one.line
		}
		if !comes.IsZero() && (coming.IsZero() || !comes.After(coming)) {
			coming, next = comes, one.line
		}
	}
	if latest.IsZero() {
		line = next
	}
	return latest, coming, line
}

// around answers an edge's latest slot after one time and up to another, and its first one after that.
func (g edge) around(after, now time.Time, oldest time.Duration) (latest, coming time.Time) {
	from := after
	if early := now.Add(-oldest - 1); early.After(from) {
		from = early // and a slot that is exactly as old as may be still counts
	}
	for slot := g.spec.Next(from); ; slot = g.spec.Next(slot) {
		at, runs := g.rest.shift(slot)
		switch {
		case slot.IsZero() || runs && at.After(now):
			return latest, at
		case !runs && slot.After(now.AddDate(yearsAhead, 0, 0)):
			return latest, time.Time{}
		case runs && at.After(after):
			latest = at
		}
	}
}

// Overdue answers the slot that should have been handed on by now, the zero time where there is none.
func (e *Entry) Overdue(now time.Time) time.Time {
	latest, _, _ := e.around(now)
	return latest
}

// tried counts one more attempt at a slot.
func (e *Entry) tried(slot time.Time) int {
	if !e.trying.Equal(slot) {
		e.trying, e.tries = slot, 0
	}
	e.tries++
	return e.tries
}
