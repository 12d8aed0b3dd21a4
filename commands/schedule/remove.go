package schedule

import (
	"context"
	"strings"

	"deckhand/commands"
)

// remove is schedule remove.
type remove struct {
	Name string `arg:"name" alias:"name" required:"" help:"Name of the schedule."`

	book Book
}

// pick finds the schedule, and refuses one from the configuration file.
func (r *remove) pick(ctx context.Context) (Schedule, error) {
	s, err := find(ctx, r.book, r.Name)
	if err == nil && s.FromConfig {
		err = commands.Configured("schedule", s.Name, "schedules")
	}
	return s, err
}

// Run takes the line off the timetable.
func (r *remove) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	s, err := commands.Repeat(ctx, run, "look for the schedule", r.pick)
	if err != nil {
		return commands.Report{}, err
	}
	_, err = commands.Repeat(ctx, run, "remove the schedule", func(ctx context.Context) (bool, error) {
		return true, commands.Gone(r.book.RemoveSchedule(ctx, s.Name))
	})
	if err != nil {
		return commands.Report{}, err
	}
	return commands.Report{
		Tone:  commands.Good,
		Title: "Removed the schedule " + s.Name,
		Body:  commands.Blocks{commands.Text{Text: lost(s, "does not run")}},
		Next:  []commands.Next{{Label: "Undo", Line: line(s)}},
	}, nil
}

// Plan tells what would not run any more.
func (r *remove) Plan(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	s, err := r.pick(ctx)
	if err != nil {
		return commands.Report{}, err
	}
	return commands.Report{
		Title: "Would remove the schedule " + s.Name,
		Body:  commands.Blocks{commands.Text{Text: lost(s, "would not run")}},
	}, nil
}

// lost says what is on the timetable no more.
func lost(s Schedule, one string) string {
	if s.Hours != "" {
		return "Nothing starts or stops any more at the edges of " + commands.Mono(s.Hours) + ". What runs goes on, and what is stopped stays stopped."
	}
	return commands.Mono(s.Line) + " " + one + " at " + commands.Mono(s.Cron) + " any more."
}

// line is the line that adds the schedule again.
func line(s Schedule) string {
	if s.Made != "" {
		return s.Made
	}
	return strings.Join([]string{
		"schedule add --name", s.Name, "--cron", commands.Quote(s.Cron), "--time-zone", s.TimeZone,
		"--channel", s.Channel, "--run", commands.Quote(s.Line),
	}, " ")
}
