// Package schedule holds the timetable as people name it, and the commands that fill it: any line can be
// put on it, and runs with the rights of whoever put it there.
package schedule

import (
	"context"
	"time"

	"deckhand/commands"
)

// Schedule is a line on the timetable. One with hours has two: what runs at their beginning and what runs at their end are one thing, so that
// of both only the later is caught up on, and one line takes them away.
type Schedule struct {
	Name       string         `json:"name"`      // [a-z0-9][a-z0-9._-]{0,62}
	Cron       string         `json:"cron"`      // five fields, or @daily, @every 1h and the like
	TimeZone   string         `json:"time_zone"` // IANA name, "Asia/Shanghai"; never empty
	Channel    string         `json:"channel"`   // Slack channel id where its message goes
	Line       string         `json:"run"`
	Hours      string         `json:"hours,omitempty"`       // what ReadHours reads, in the place of Cron: Line runs at the beginning
	EndLine    string         `json:"run_at_end,omitempty"`  // with hours: what runs at their end
	Made       string         `json:"made,omitempty"`        // the line that puts it on the timetable again, where it is not schedule add
	Skip       []string       `json:"skip,omitempty"`        // dates in its zone, "2026-12-25", on which it does not run
	QuietHours string         `json:"quiet_hours,omitempty"` // "22:00-07:00" in its zone: what is due then runs at their end
	Owner      commands.Asker `json:"owner"`                 // with whose rights it runs; User "config" for the configuration file
	FromConfig bool           `json:"from_config,omitempty"`
	CreatedAt  time.Time      `json:"created_at"`
	LastSlot   time.Time      `json:"last_slot"` // the latest slot that was handed on; zero before the first
}

// Does says what one of the lines of its hours does.
func (s Schedule) Does(line string) string {
	if line == s.EndLine {
		return "stop"
	}
	return "start"
}

// Book is where the timetable is kept.
type Book interface {
	// AddSchedule answers a commands.Error of kind Usage where the name is taken.
	AddSchedule(ctx context.Context, schedule Schedule) error
	// RemoveSchedule answers kind NotFound where there is none.
	RemoveSchedule(ctx context.Context, name string) error
	// Schedules answers all, by name.
	Schedules(ctx context.Context) ([]Schedule, error)
}

// Clock understands timetables.
type Clock interface {
	// Next answers the first slot after a time, in the schedule's zone; an Error of kind Usage where the
	// expression or the zone is wrong or never comes due.
	Next(cron, timeZone string, after time.Time) (time.Time, error)
	// Coming answers when a schedule runs first after a time, its skipped dates and quiet hours considered, and which line.
	Coming(schedule Schedule, after time.Time) (time.Time, string, error)
}
