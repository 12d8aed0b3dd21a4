// Package timetable knows when things come due, daylight saving time included, and hands the lines of the
// timetable to the request engine at their time.
package timetable

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/robfig/cron/v3"

	"deckhand/commands"
)

// star is the bit that the library sets in a field that was written "*".
const star = 1 << 63

// Spec is a timetable that was read once and is asked often. The zero Spec never comes due.
//
// "@every D" comes due at the moments whose Unix time divides by D: every process, before and after a restart,
// sees the same slots. Everything else is read on the zone's wall clock:
//
//   - Where hours are named ("30 2 * * *"), each wall-clock time comes due once a day. One that a spring-forward
//     leaves out comes due at the end of the gap; one that a fall-back repeats comes due the first time.
//   - Where any hour will do ("30 * * * *"), every moment at which the wall clock matches counts.
type Spec struct {
	every  time.Duration // whole seconds; 0 where fields are set
	fields *cron.SpecSchedule
	zone   *time.Location
}

// Parse reads five cron fields, "@daily" and the like, or "@every 90s", for an IANA zone ("" is UTC). Errors are
// commands.Error of kind Usage.
func Parse(expression, zone string) (Spec, error) {
	location, err := location(zone)
	if err != nil {
		return Spec{}, err
	}
	schedule, err := parse(strings.TrimSpace(expression))
	if err != nil {
		return Spec{}, wrong(expression, err)
	}
	if _, delayed := schedule.(cron.ConstantDelaySchedule); delayed {
		every, err := interval(expression)
		if err != nil {
			return Spec{}, wrong(expression, err)
		}
		return Spec{every: every, zone: location}, nil
	}
	fields, ok := schedule.(*cron.SpecSchedule)
	if !ok {
		return Spec{}, wrong(expression, fmt.Errorf("unexpected schedule %T", schedule))
	}
	fields.Location = time.UTC // the fields are asked about wall clocks, written as if they were UTC
	if empty(fields) || fields.Next(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return Spec{}, wrong(expression, errNever)
	}
	return Spec{fields: fields, zone: location}, nil
}

// Next answers the first slot after a time. Errors are commands.Error of kind Usage.
func Next(expression, zone string, after time.Time) (time.Time, error) {
	spec, err := Parse(expression, zone)
	if err != nil {
		return time.Time{}, err
	}
	next := spec.Next(after)
	if next.IsZero() {
		return time.Time{}, wrong(expression, errNever)
	}
	return next, nil
}

// Every answers the interval of an "@every" timetable, 0 for any other.
func (s Spec) Every() time.Duration { return s.every }

// Next answers the first slot after a time, in the timetable's zone; the zero time where none comes within
// about five years.
func (s Spec) Next(after time.Time) time.Time {
	switch {
	case s.every > 0:
		seconds := int64(s.every / time.Second)
		return time.Unix((floorDiv(after.Unix(), seconds)+1)*seconds, 0).In(s.zone)
	case s.fields == nil:
		return time.Time{}
	case s.fields.Hour&star != 0:
		return s.nextMatch(after.In(s.zone))
	default:
		return s.nextDaily(after.In(s.zone))
	}
}

// nextDaily asks for wall-clock times until one of them lies after the time. Wall-clock times become
// moments in order, so the first that does is the next.
func (s Spec) nextDaily(after time.Time) time.Time {
	for wall := onWall(after); ; {
		wall = s.fields.Next(wall)
		if wall.IsZero() {
			return time.Time{}
		}
		if moment := s.moment(wall); moment.After(after) {
			return moment
		}
	}
}

// nextMatch looks in each stretch without a change of the clocks by itself; there the wall clock is as even as UTC.
func (s Spec) nextMatch(after time.Time) time.Time {
	for {
		_, offset := after.Zone()
		_, end := after.ZoneBounds()
		wall := s.fields.Next(onWall(after))
		if wall.IsZero() {
			return time.Time{}
		}
		moment := wall.Add(-time.Duration(offset) * time.Second).In(s.zone)
		if end.IsZero() || moment.Before(end) {
			return moment
		}
		_, offset = end.Zone()
		// The end itself counts, and is in the next stretch: look from the second before it, read on the new clock.
		first := end.UTC().Add(time.Duration(offset)*time.Second - time.Second)
		wall = s.fields.Next(first)
		if wall.IsZero() {
			return time.Time{}
		}
		if wall.Equal(first.Add(time.Second)) {
			return end
		}
		after = end
	}
}

// onWall is what the wall clock shows, as if it were UTC.
func onWall(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// moment is when a wall clock first shows a time; where it never does, the end of the gap.
func (s Spec) moment(wall time.Time) time.Time {
	t := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, s.zone)
	start, end := t.ZoneBounds()
	switch shown := onWall(t); {
	case shown.Before(wall): // read on the clock of after the change: t is before it
		return end
	case shown.After(wall):
		return start
	case start.IsZero():
		return t
	}
	_, now := t.Zone()
	_, before := start.Add(-time.Second).Zone()
	if earlier := t.Add(time.Duration(now-before) * time.Second); earlier.Before(start) {
		return earlier
	}
	return t
}

var (
	errNever  = errors.New("it never comes due")
	errPrefix = errors.New("it carries a time zone of its own")
)

// parse reads an expression with the library, which panics on some.
func parse(expression string) (schedule cron.Schedule, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("it cannot be read: %v", r)
		}
	}()
	if upper := strings.ToUpper(expression); strings.HasPrefix(upper, "TZ=") || strings.HasPrefix(upper, "CRON_TZ=") {
		return nil, errPrefix
	}
	return cron.ParseStandard(expression)
}

// interval reads "@every D". The library rounds what is too short or broken; here it is refused.
func interval(expression string) (time.Duration, error) {
	d, err := time.ParseDuration(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(expression), "@every")))
	switch {
	case err != nil:
		return 0, err
	case d < time.Second:
		return 0, errors.New("the shortest interval is 1s")
	case d%time.Second != 0:
		return 0, errors.New("intervals are whole seconds")
	}
	return d, nil
}

// empty tells whether a field names nothing at all (","), which the library takes.
func empty(f *cron.SpecSchedule) bool {
	for _, field := range []uint64{f.Minute, f.Hour, f.Dom, f.Month, f.Dow} {
		if field == 0 {
			return true
		}
	}
	return false
}

func wrong(expression string, err error) error {
	hint := "Five fields work, such as " + commands.Mono("0 9 * * 1-5") + " (09:00, Monday to Friday), or " + commands.Mono("@every 5m") + "."
	if errors.Is(err, errPrefix) {
		hint = "Leave the prefix out and name the zone by itself: " + commands.Mono(`--cron "0 9 * * 1-5" --time-zone Asia/Shanghai`) + "."
	}
	return &commands.Error{
		Kind:    commands.Usage,
		Message: fmt.Sprintf("%s is not a timetable that works: %s.", commands.Mono(expression), reason(err)),
		Hint:    hint,
		Err:     err,
	}
}

// reason says the library's errors in fewer words.
func reason(err error) string {
	text := err.Error()
	switch {
	case strings.Contains(text, "expected exactly 5 fields"):
		return "it needs five fields: minute, hour, day of the month, month, day of the week"
	case strings.Contains(text, "empty spec"):
		return "it is empty"
	default:
		return strings.TrimRight(text, ".")
	}
}

// location finds a zone; a name in the wrong case gets the right one.
func location(zone string) (*time.Location, error) {
	if zone == "" {
		return time.UTC, nil
	}
	if zone != "Local" {
		if found, err := time.LoadLocation(zone); err == nil {
			return found, nil
		}
	}
	hint := "Names look like " + commands.Mono("Asia/Shanghai") + ", " + commands.Mono("Europe/Berlin") + " or " + commands.Mono("UTC") + "."
	if near := capitalised(zone); near != zone {
		if _, err := time.LoadLocation(near); err == nil {
			hint = "Did you mean " + commands.Mono(near) + "?"
		}
	}
	return nil, &commands.Error{Kind: commands.Usage, Message: "There is no time zone " + commands.Mono(zone) + ".", Hint: hint}
}

// capitalised writes "america/new york" as the zone database does: "America/New_York".
func capitalised(zone string) string {
	begins := true
	return strings.Map(func(r rune) rune {
		if r == ' ' {
			r = '_'
		}
		defer func() { begins = !unicode.IsLetter(r) }()
		if begins {
			return unicode.ToUpper(r)
		}
		return unicode.ToLower(r)
	}, zone)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// Clock answers questions about timetables for the commands that take them.
type Clock struct{}

// Next answers the first slot after a time, in the schedule's zone.
func (Clock) Next(cron, timeZone string, after time.Time) (time.Time, error) {
	return Next(cron, timeZone, after)
}
