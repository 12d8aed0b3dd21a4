package schedule

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"deckhand/commands"
)

// mostRows is how many schedules a list shows.
const mostRows = 100

// list is schedule list.
type list struct {
	book  Book
	clock Clock
}

// Run lists the timetable by name.
func (l *list) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	schedules, err := l.book.Schedules(ctx)
	if err != nil {
		return commands.Report{}, err
	}
	switch len(schedules) {
	case 0:
		return commands.Report{
			Title: "Nothing is on the timetable",
			Body:  commands.Blocks{commands.Text{Text: "Put a line on it with " + commands.Mono(`schedule add --name morning --cron "0 9 * * 1-5" --run "status"`) + "."}},
		}, nil
	case 1:
		return l.table("1 schedule", schedules, run), nil
	default:
		return l.table(fmt.Sprintf("%d schedules", len(schedules)), schedules, run), nil
	}
}

func (l *list) table(title string, schedules []Schedule, run *commands.Run) commands.Report {
	table := commands.Table{Columns: []string{"Name", "Next", "Runs", "When", "Channel", "Owner"}}
	for _, s := range schedules[:min(len(schedules), mostRows)] {
		next, runs := "never", s.Line
		if at, line, err := l.clock.Coming(s, run.Now); err == nil {
			next, runs = commands.At(at), line
		}
		owner := commands.Person(s.Owner.User)
		if s.FromConfig {
			owner = "configuration file"
		}
		table.Rows = append(table.Rows, []string{s.Name, next, runs, when(s), commands.Channel(s.Channel), owner})
	}
	if len(schedules) > mostRows {
		table.Note = fmt.Sprintf("1-%d of %d", mostRows, len(schedules))
	}
	return commands.Report{Title: title, Body: commands.Blocks{table}}
}

// when says a schedule's timetable, with what it leaves out.
func when(s Schedule) string {
	text := commands.Mono(cmp.Or(s.Hours, s.Cron)) + " " + s.TimeZone
	if s.QuietHours != "" {
		text += ", held from " + strings.Replace(s.QuietHours, "-", " to ", 1)
	}
	switch len(s.Skip) {
	case 0:
	case 1:
		text += ", not on " + s.Skip[0]
	default:
		text += fmt.Sprintf(", not on %d dates", len(s.Skip))
	}
	return text
}
