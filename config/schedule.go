package config

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	// Time zones are part of what makes a file valid, so they must not depend on the machine.
	_ "time/tzdata"

	"github.com/robfig/cron/v3"
)

const defaultZone = "UTC"

func (r *reader) schedules(raw []rawSchedule, holidays []string) []Schedule {
	schedules := make([]Schedule, 0, len(raw))
	names := unique{r: r, what: "schedule"}
	for _, schedule := range raw {
		valid := r.schedule(schedule, &names)
		valid.Skip = r.dates(schedule.Skip, "skip")
		if r.truth(schedule.SkipHolidays, "skip_holidays") {
			valid.Skip = append(valid.Skip, holidays...)
		}
		if valid.QuietHours = strings.ReplaceAll(schedule.QuietHours.Value, " ", ""); valid.QuietHours != "" && !quietHours.MatchString(valid.QuietHours) {
			r.problem(schedule.QuietHours.Line, fmt.Sprintf("quiet_hours is %s, which is not a part of a day.", quoted(schedule.QuietHours.Value)), `Write beginning and end, such as "22:00-07:00".`)
		}
		schedules = append(schedules, valid)
	}
	return schedules
}

// quietHours are two times of day that differ; that they do is looked at where they are read.
var quietHours = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$`)

// dates reads days of the calendar.
func (r *reader) dates(raw texts, key string) []string {
	var dates []string
	for _, item := range raw.Items {
		if _, err := time.Parse(time.DateOnly, item.Value); err != nil {
			r.problem(item.Line, fmt.Sprintf("%s has %s, which is not a date.", key, quoted(item.Value)), "Write year, month and day, such as 2026-12-25.")
			continue
		}
		dates = append(dates, item.Value)
	}
	return dates
}

// timeZone reads a zone; without one it is that of the file.
func (r *reader) timeZone(raw text) string {
	zone := cmp.Or(raw.Value, r.zone, defaultZone)
	if _, err := time.LoadLocation(zone); raw.Value != "" && (err != nil || zone == "Local") {
		r.problem(raw.Line, fmt.Sprintf("time_zone is %s, which is not a time zone.", quoted(zone)), "Write an IANA name such as Europe/Berlin or UTC.")
	}
	return zone
}

func (r *reader) schedule(raw rawSchedule, names *unique) Schedule {
	names.check(raw.Name, raw.Line, "A schedule's name")
	switch {
	case raw.Hours.Value == "" && raw.RunAtEnd.Value != "":
		r.problem(raw.RunAtEnd.Line, "run_at_end is of a schedule that has hours, and this one has none.", `Write them, such as hours: "weekdays 08-20", in the place of cron.`)
	case raw.Hours.Value == "":
	case raw.Cron.Value != "":
		r.problem(raw.Cron.Line, "A schedule has cron or hours, and this one has both.", "Leave one of them out.")
	case raw.QuietHours.Value != "":
		r.problem(raw.QuietHours.Line, "A schedule with hours has no quiet_hours.", "Leave them out, or make the hours longer.")
	default:
		if r.required(raw.RunAtEnd, raw.Line, "A schedule's run_at_end", "Write the line that runs when its hours end, such as vm stop --tag env=dev --where-possible.") {
			r.line(raw.RunAtEnd, "run_at_end")
		}
	}
	if raw.Hours.Value == "" && r.required(raw.Cron, raw.Line, "A schedule's cron", `Write when, such as "0 9 * * 1-5".`) {
		timetable := r.timetable(raw.Cron, "cron")
		// Slack takes about one message a second in a channel; a minute is cron's own grain.
		if every, ok := timetable.(cron.ConstantDelaySchedule); ok && every.Delay < time.Minute {
			r.problem(raw.Cron.Line, fmt.Sprintf("cron is %s; a schedule runs at most once a minute.", quoted(raw.Cron.Value)), "Write a longer interval.")
		}
	}
	zone := r.timeZone(raw.TimeZone)
	if r.required(raw.Channel, raw.Line, "A schedule's channel", "Write the id of the channel that hears the answer, such as C024BE91L.") {
		r.channel(raw.Channel, "channel")
	}
	if r.required(raw.Run, raw.Line, "A schedule's run", "Write the line to run, such as status.") {
		r.line(raw.Run, "run")
	}
	return Schedule{
		LineNumber: raw.Run.Line,
		Name:       raw.Name.Value,
		Cron:       strings.TrimSpace(raw.Cron.Value),
		TimeZone:   zone,
		Channel:    raw.Channel.Value,
		Run:        strings.TrimSpace(raw.Run.Value),
		Hours:      strings.TrimSpace(raw.Hours.Value),
		RunAtEnd:   strings.TrimSpace(raw.RunAtEnd.Value),
	}
}

func (r *reader) line(value text, key string) {
	trimmed := strings.TrimSpace(value.Value)
	switch {
	case trimmed == "" || strings.ContainsAny(trimmed, "\r\n"):
		r.problem(value.Line, key+" must be one line.", "Make a schedule for each line.")
	case strings.HasPrefix(trimmed, "/"):
		r.problem(value.Line, fmt.Sprintf("%s is %s; it begins with a slash command.", key, quoted(trimmed)), "Leave the slash command out: vm list.")
	}
}

// timetable reads a specification, and reports one that cannot be read, fires too often, or never.
func (r *reader) timetable(value text, key string) cron.Schedule {
	timetable, err := ParseTimetable(value.Value)
	if err != nil {
		r.problem(value.Line, fmt.Sprintf("%s is %s: %s.", key, quoted(value.Value), err), `Write five cron fields such as "0 9 * * 1-5", or "@every 1m".`)
	}
	return timetable
}

// ParseTimetable reads five cron fields, "@daily" and the like, or "@every DURATION" of at least a second. A
// time zone inside the specification is refused: schedules have a key for it, and checks need none.
func ParseTimetable(spec string) (timetable cron.Schedule, err error) {
	// The library is known to panic on some specifications; the ones we know of are refused below.
	defer func() {
		if recover() != nil {
			timetable, err = nil, errors.New("it cannot be read")
		}
	}()
	spec = strings.TrimSpace(spec)
	if strings.HasPrefix(spec, "TZ=") || strings.HasPrefix(spec, "CRON_TZ=") {
		return nil, errors.New("a time zone has no place in it")
	}
	if length, ok := strings.CutPrefix(spec, "@every "); ok {
		return every(length)
	}
	if fields := len(strings.Fields(spec)); fields != 5 && !strings.HasPrefix(spec, "@") {
		return nil, fmt.Errorf("it has %d fields instead of 5", fields)
	}
	timetable, err = cron.ParseStandard(spec)
	if err != nil {
		return nil, err
	}
	// A leap day and its weekday come round within the library's five years of search from here.
	if timetable.Next(time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return nil, errors.New("no day in the calendar fits it")
	}
	return timetable, nil
}

// every is the library's own rounding to whole seconds, without its silent rounding up of less than one.
func every(length string) (cron.Schedule, error) {
	delay, err := time.ParseDuration(strings.TrimSpace(length))
	switch {
	case err != nil && bareNumber.MatchString(strings.TrimSpace(length)):
		return nil, errors.New("the interval has no unit")
	case err != nil:
		return nil, errors.New("the interval is not a length of time such as 30s, 5m or 1h30m")
	case delay < time.Second:
		return nil, errors.New("the interval is shorter than a second")
	}
	return cron.Every(delay), nil
}
