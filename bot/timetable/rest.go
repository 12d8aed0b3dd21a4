package timetable

import (
	"strings"
	"time"

	"deckhand/commands/schedule"
)

// yearsAhead is how far a slot is looked for past dates that are skipped.
const yearsAhead = 5

// Rest is when a schedule does not run: dates that it skips, and quiet hours whose end it waits for. All of it is read on the
// wall clock of the schedule's zone.
type Rest struct {
	skip     map[string]bool // dates
	from, to time.Duration   // the quiet hours, since midnight; both 0 where there are none
	zone     *time.Location
}

// NewRest reads a schedule's. Errors are commands.Error of kind Usage.
func NewRest(s schedule.Schedule) (Rest, error) {
	zone, err := location(s.TimeZone)
	if err != nil {
		return Rest{}, err
	}
	r := Rest{zone: zone, skip: map[string]bool{}}
	for _, date := range s.Skip {
		r.skip[date] = true
	}
	if s.QuietHours == "" {
		return r, nil
	}
	from, to, _ := strings.Cut(s.QuietHours, "-")
	begin, err := time.Parse("15:04", from)
	if err != nil {
		return Rest{}, wrong(s.QuietHours, err)
	}
	end, err := time.Parse("15:04", to)
	if err != nil {
		return Rest{}, wrong(s.QuietHours, err)
	}
	midnight := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	r.from, r.to = begin.Sub(midnight), end.Sub(midnight)
	return r, nil
}

// shift answers when a slot runs: at its time, or at the end of the quiet hours it is in. Runs is false where that is on a date
// that is skipped. Later slots never run before earlier ones.
func (r Rest) shift(slot time.Time) (at time.Time, runs bool) {
	if slot.IsZero() {
		return slot, false
	}
	wall := onWall(slot.In(r.zone))
	midnight := time.Date(wall.Year(), wall.Month(), wall.Day(), 0, 0, 0, 0, time.UTC)
	since := wall.Sub(midnight)
	at = slot
	switch {
	case r.from == r.to: // no quiet hours
	case r.from < r.to && since >= r.from && since < r.to, r.from > r.to && since < r.to:
		at = Spec{zone: r.zone}.moment(midnight.Add(r.to))
	case r.from > r.to && since >= r.from:
		at = Spec{zone: r.zone}.moment(midnight.AddDate(0, 0, 1).Add(r.to))
	}
	if at.Before(slot) { // the hour that a fall-back repeats
		at = slot
	}
	return at, !r.skip[at.In(r.zone).Format(time.DateOnly)]
}

// Coming answers when a schedule runs first after a time, and which line.
func (Clock) Coming(s schedule.Schedule, after time.Time) (time.Time, string, error) {
	entry, err := Enter(s, after)
	if err != nil {
		return time.Time{}, "", err
	}
	entry.After = after
	if _, coming, line := entry.around(after); !coming.IsZero() {
		return coming, line, nil
	}
	return time.Time{}, "", wrong(s.Cron, errNever)
}
