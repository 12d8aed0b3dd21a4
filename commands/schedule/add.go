package schedule

import (
	"cmp"
	"context"
	"strings"
	"time"

	"deckhand/commands"
	"deckhand/commands/spelling"
)

// slotsShown is how many coming slots are shown after adding, so that a mistake in the expression shows.
const slotsShown = 3

// add is schedule add.
type add struct {
	Name     string `arg:"name" alias:"name" required:"" help:"Name of the schedule."`
	Cron     string `flag:"cron" alias:"schedule" required:"" value:"WHEN" help:"Five cron fields, or @daily, @every 1h and the like."`
	TimeZone string `flag:"time-zone" alias:"timezone,tz" default:"UTC" value:"ZONE" help:"IANA name such as Asia/Shanghai."`
	Channel  string `flag:"channel" value:"CHANNEL" help:"Channel to answer in; the one where the line is typed where none is given."`
	Line     string `flag:"run" required:"" value:"LINE" help:"The line to run, in quotes."`

	book  Book
	clock Clock
	parse func(line string) (string, error)
}

// Validate answers an Error of kind Usage for a schedule that could not work.
func (a *add) Validate() error {
	if err := Valid(a.Name, a.Channel); err != nil {
		return err
	}
	first, err := a.clock.Next(a.Cron, a.TimeZone, time.Unix(0, 0))
	if err != nil {
		return err
	}
	// A second slot may be missing; the first has shown that the timetable works.
	if second, err := a.clock.Next(a.Cron, a.TimeZone, first); err == nil && second.Sub(first) < time.Minute {
		return usage("A line may run once a minute at most.", "Write "+commands.Mono(`--cron "@every 1m"`)+" or longer.")
	}
	_, err = a.canonical()
	return err
}

// Valid answers an Error of kind Usage for what cannot be the name of a schedule, or the channel that it answers in.
func Valid(name, channel string) error {
	if !spelling.Name(name) {
		return usage(commands.Mono(name)+" cannot be the name of a schedule.", "Names are small letters, digits, dots, dashes and underscores, at most 63, such as "+commands.Mono("morning")+".")
	}
	if channel != "" && !spelling.SlackID(strings.TrimPrefix(channel, "#"), "CGD") {
		return usage(commands.Mono(channel)+" is not a channel's id.", "Pick the channel from Slack's list while typing "+commands.Mono("#")+", or copy the id at the end of its details, such as "+commands.Mono("C024BE91L")+".")
	}
	return nil
}

// AnswersIn is the channel that a line says, or the one where it is typed.
func AnswersIn(channel string, run *commands.Run) (string, error) {
	channel = cmp.Or(strings.TrimPrefix(channel, "#"), run.Asker.Channel)
	if channel == "" {
		return "", usage("A terminal has no channel for the answer.", "Name one: "+commands.Mono("--channel C024BE91L")+".")
	}
	return channel, nil
}

// canonical reads the line to run. Lines about schedules are refused: one that adds itself anew would never end.
func (a *add) canonical() (string, error) {
	line, err := a.parse(a.Line)
	if err != nil {
		words := commands.Words(err)
		return "", &commands.Error{Kind: commands.Usage, Message: "The line to run is wrong. " + words.Error(), Err: err}
	}
	if line == "schedule" || strings.HasPrefix(line, "schedule ") {
		return "", usage("A schedule cannot run a line about schedules.", "Any other line works, such as "+commands.Mono(`--run "status"`)+".")
	}
	return line, nil
}

func (a *add) schedule(run *commands.Run) (Schedule, error) {
	line, err := a.canonical()
	if err != nil {
		return Schedule{}, err
	}
	channel, err := AnswersIn(a.Channel, run)
	if err != nil {
		return Schedule{}, err
	}
	zone := a.TimeZone
	if zone == "" {
		zone = "UTC"
	}
	return Schedule{
		Name: a.Name, Cron: strings.TrimSpace(a.Cron), TimeZone: zone, Channel: channel, Line: line,
		Owner: run.Asker, CreatedAt: run.Now,
	}, nil
}

// Run puts the line on the timetable.
func (a *add) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	s, err := a.schedule(run)
	if err != nil {
		return commands.Report{}, err
	}
	_, err = commands.Repeat(ctx, run, "add the schedule", func(ctx context.Context) (bool, error) {
		return true, Put(ctx, a.book, s)
	})
	if err != nil {
		return commands.Report{}, err
	}
	report, err := a.report("Scheduled "+s.Name, s, run.Now)
	report.Tone = commands.Good
	report.Next = []commands.Next{
		{Label: "Timetable", Line: "schedule list"},
		{Label: "Undo", Line: "schedule remove " + s.Name},
	}
	return report, err
}

// Plan tells when the line would run.
func (a *add) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	s, err := a.schedule(run)
	if err != nil {
		return commands.Report{}, err
	}
	if err := Free(ctx, a.book, s.Name); err != nil {
		return commands.Report{}, err
	}
	return a.report("Would schedule "+s.Name, s, run.Now)
}

func (a *add) report(title string, s Schedule, now time.Time) (commands.Report, error) {
	var coming []string
	for at := now; len(coming) < slotsShown; {
		next, err := a.clock.Next(s.Cron, s.TimeZone, at)
		if err != nil {
			return commands.Report{}, err
		}
		coming, at = append(coming, commands.At(next)), next
	}
	return commands.Report{Title: title, Body: commands.Blocks{commands.Fields{Fields: []commands.Field{
		{Name: "Runs", Value: commands.Mono(s.Line)},
		{Name: "When", Value: commands.Mono(s.Cron) + " in " + s.TimeZone},
		{Name: "Next", Value: strings.Join(coming, ", ")},
		{Name: "Answers in", Value: commands.Channel(s.Channel)},
		{Name: "With the rights of", Value: commands.Person(s.Owner.User)},
	}}}}, nil
}
