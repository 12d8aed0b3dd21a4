package vm

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/schedule"
	"deckhand/commands/where"
)

// Timetable is what schedule hours needs besides EC2.
type Timetable struct {
	Book  schedule.Book
	Clock schedule.Clock
	// Can tells whether policy lets somebody run a line; the tone is Bad where it does not.
	Can func(ctx context.Context, who commands.Asker, line string, pretend *commands.Scope) (commands.Report, error)
}

// HoursCommands are those that let virtual machines run in certain hours alone.
func HoursCommands(cloud Cloud, timetable Timetable) []commands.Command {
	return []commands.Command{{
		Name:    "schedule hours",
		Summary: "Start the virtual machines that carry a tag when their hours begin, and stop them when they end",
		Example: `schedule hours --name dev --tag env=dev --hours "weekdays 08-20" --time-zone Europe/Berlin`,
		Undo:    commands.Mono("schedule remove") + " of the same name. It starts and stops nothing.",
		Risk:    commands.Change,
		Own:     true,
		Rights:  []string{"ec2:DescribeInstances", "ec2:DescribeInstanceAttribute", "pricing:GetProducts"},
		Spoken: func(words []string) bool {
			return len(words) > 1 && slices.ContainsFunc(words[1:], schedule.LooksLikeHours)
		},
		New: func() commands.Runner { return &Hours{cloud: cloud, timetable: timetable} },
	}}
}

// Hours is schedule hours.
type Hours struct {
	where.Target
	Name     string            `arg:"name" alias:"name" required:"" help:"Name of the schedule."`
	When     []string          `arg:"hours" alias:"hours" required:"" value:"HOURS" help:"Days and hours: weekdays 08-20, mon-thu 8:30-18:00, daily 20-06."`
	TimeZone string            `flag:"time-zone" alias:"timezone,tz" value:"ZONE" help:"IANA name such as Europe/Berlin; UTC where the line has none."`
	Tag      map[string]string `flag:"tag" value:"KEY=VALUE" help:"Instances that carry it, also those that are made later; env=NAME where the line has none."`
	Env      string            `flag:"env" value:"ENV" help:"Short for --tag env=ENV."`
	Skip     []string          `flag:"skip" value:"DATE" help:"Dates on which they are not started, such as 2026-12-25."`
	Channel  string            `flag:"channel" value:"CHANNEL" help:"Channel to answer in; the one where the line is typed where none is given."`
	Max      int               `flag:"max" default:"20" value:"N" help:"Most instances that one edge may start or stop."`

	cloud     Cloud
	timetable Timetable
}

// hours reads when, and where the clock hangs.
func (c *Hours) hours() (schedule.Hours, string, error) {
	h, zone, err := schedule.ReadHours(strings.Join(c.When, " "))
	if err == nil && zone != "" && c.TimeZone != "" && zone != c.TimeZone {
		err = commands.Misuse(commands.Mono(zone)+" is neither days nor hours.", "Write the days and the hours, such as "+commands.Mono("weekdays 08-20")+".")
	}
	return h, cmp.Or(c.TimeZone, zone, "UTC"), err
}

func (c *Hours) selection() Selection {
	tags, _ := withEnv(c.Tag, c.Env) // Validate has looked
	if len(tags) == 0 {
		tags = map[string]string{"env": c.Name}
	}
	return Selection{Target: c.Target, Tag: tags, Max: c.Max, none: true}
}

// Validate answers an Error of kind Usage for what could not work.
func (c *Hours) Validate() error {
	if err := schedule.Valid(c.Name, c.Channel); err != nil {
		return err
	}
	if _, err := withEnv(c.Tag, c.Env); err != nil {
		return err
	}
	for _, date := range c.Skip {
		if _, err := time.Parse(time.DateOnly, date); err != nil {
			return commands.Misuse(commands.Mono(date)+" is not a date.", "Write year, month and day, such as "+commands.Mono("2026-12-25")+".")
		}
	}
	h, zone, err := c.hours()
	if err != nil {
		return err
	}
	begin, _ := h.Crons()
	if _, err := c.timetable.Clock.Next(begin, zone, time.Unix(0, 0)); err != nil {
		return err
	}
	return c.selection().Validate()
}

// schedule is what is put on the timetable: one thing, with a line for each of its edges. The lines say where they act, whatever the channel
// that they answer in is bound to.
func (c *Hours) schedule(ctx context.Context, run *commands.Run) (schedule.Schedule, error) {
	h, zone, _ := c.hours() // Validate has looked
	channel, err := schedule.AnswersIn(c.Channel, run)
	if err != nil {
		return schedule.Schedule{}, err
	}
	what := ""
	for _, tag := range strings.Split(commands.TagWords(c.selection().Tag), " ") {
		what += commands.Flag("tag", tag)
	}
	if c.Max != 20 { //nolint:mnd // the flag's default
		what += commands.Flag("max", strconv.Itoa(c.Max))
	}
	what += where.Flags(aws.Target{Region: cmp.Or(c.Region, c.cloud.Place(ctx, c.At()).Region), Account: cmp.Or(c.Account, "default")})
	when := commands.Flag("hours", h.String()) + commands.Flag("time-zone", zone) + commands.Flag("channel", channel) + commands.Flag("skip", strings.Join(c.Skip, ","))
	return schedule.Schedule{
		Name: c.Name, Hours: h.String(), TimeZone: zone, Channel: channel, Skip: c.Skip, Owner: run.Asker, CreatedAt: run.Now,
		Line: "vm start --where-possible" + what, EndLine: "vm stop --where-possible" + what, Made: "schedule hours --name " + c.Name + when + what,
	}, nil
}

// Scope is the instances that carry the tag today.
func (c *Hours) Scope(ctx context.Context) (commands.Scope, error) {
	return (&Stop{Selection: c.selection(), Possible: Possible{true}, cloud: c.cloud}).Scope(ctx)
}

// Plan tells which instances are meant today, and what happens to them when.
func (c *Hours) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	s, report, err := c.look(ctx, run)
	if err == nil {
		err = schedule.Free(ctx, c.timetable.Book, s.Name)
	}
	if err != nil {
		return commands.Report{}, err
	}
	report.Title = "Would schedule the hours " + s.Name
	return report, nil
}

// Run puts them on the timetable. Nothing is started or stopped before the next edge.
func (c *Hours) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	s, report, err := c.look(ctx, run)
	if err == nil {
		_, err = commands.Repeat(ctx, run, "add the schedule", func(ctx context.Context) (bool, error) {
			return true, schedule.Put(ctx, c.timetable.Book, s)
		})
	}
	if err != nil {
		return commands.Report{}, err
	}
	report.Title, report.Undo = "Scheduled the hours "+s.Name, "schedule remove "+s.Name
	report.Next = append(report.Next, commands.Next{Label: "Timetable", Line: "schedule list"})
	return report, nil
}

// look answers what is put on the timetable, and what is to be known of it.
func (c *Hours) look(ctx context.Context, run *commands.Run) (schedule.Schedule, commands.Report, error) {
	report := commands.Report{Tone: commands.Good}
	s, err := c.schedule(ctx, run)
	if err != nil {
		return s, report, err
	}
	p, err := c.selection().find(ctx, c.cloud)
	if err != nil {
		return s, report, err
	}
	report.Where = where.Words(p.Place)
	var may [2]string
	for n, line := range []string{s.Line, s.EndLine} {
		can, err := c.timetable.Can(ctx, commands.Asker{User: s.Owner.User, Team: s.Owner.Team, Channel: s.Channel}, line, nil)
		if err == nil && can.Tone == commands.Bad {
			err = &commands.Error{Kind: commands.Denied, Message: can.Title + " there, and each time it would be refused.", Hint: "Nothing was scheduled."}
		}
		if err != nil {
			return s, report, err
		}
		may[n] = can.Title
	}
	first, line, err := c.timetable.Clock.Coming(s, run.Now)
	if err != nil {
		return s, report, err
	}
	second, then, err := c.timetable.Clock.Coming(s, first)
	if err != nil {
		return s, report, err
	}
	notes, err := c.today(ctx, &p, run.Now)
	if err != nil {
		return s, report, err
	}
	report.Body = commands.Blocks{commands.Fields{Fields: []commands.Field{
		{Name: "Hours", Value: commands.Mono(s.Hours) + " in " + s.TimeZone},
		{Name: "Next", Value: s.Does(line) + " " + commands.At(first) + ", " + s.Does(then) + " " + commands.At(second)},
		{Name: "Runs", Value: commands.Mono(s.Line) + ", then " + commands.Mono(s.EndLine)},
		{Name: "Answers in", Value: commands.Channel(s.Channel)},
		{Name: "Rights", Value: may[0] + "; " + may[1]},
		{Name: "Saves", Value: c.saves(ctx, p)},
	}}}
	if len(p.Instances) == 0 {
		report.Tone = commands.Warning
		notes = append(notes, "No instance that carries "+commands.Mono(commands.TagWords(c.selection().Tag))+" is meant today; what carries it later is.")
	} else {
		report.Body = append(report.Body, planTable(p.Instances, run.Now))
		notes = append(notes, c.contrary(&report, p.Instances, s, line), "Whoever starts or stops one of them in between is left in peace until the next edge. What carries the tag later is meant too.")
	}
	report.Body = append(report.Body, commands.Text{Text: strings.TrimSpace(strings.Join(notes, "\n"))})
	return s, report, nil
}

// today leaves out the instances that the edges will leave alone, and says why.
func (c *Hours) today(ctx context.Context, p *picked, now time.Time) ([]string, error) {
	some := p.Instances
	*p = p.of(nil)
	stop, start := (&Stop{cloud: c.cloud}).action(), (&Start{cloud: c.cloud}).action()
	for n := range some {
		why, err := "", error(nil)
		if state := some[n].State; state == aws.Running {
			why, err = stop.spare(ctx, p.Target, &some[n], now)
		} else if state == aws.Stopped {
			why, err = start.spare(ctx, p.Target, &some[n], now)
		}
		if err != nil {
			return nil, err
		}
		p.leave(some[n], why)
	}
	return p.Left, nil
}

// contrary tells what stands otherwise now than the hours would have it, and offers the line that changes that.
func (c *Hours) contrary(report *commands.Report, some []aws.Instance, s schedule.Schedule, next string) string {
	state, now, verb := aws.Stopped, s.Line, "start"
	if next == s.Line { // outside of the hours
		state, now, verb = aws.Running, s.EndLine, "stop"
	}
	odd := 0
	for n := range some {
		if some[n].State == state {
			odd++
		}
	}
	if odd == 0 {
		return ""
	}
	report.Next = []commands.Next{{Label: "Now: " + verb, Line: now, Confirm: strings.ToUpper(verb[:1]) + verb[1:] + " " + count(odd) + "?"}}
	return "By these hours it is time to " + verb + " " + count(odd) + " now. Nothing does before the next edge that says so."
}

// saves tells what the hours save, against running all the time.
func (c *Hours) saves(ctx context.Context, p picked) string {
	ctx, cancel := context.WithTimeout(ctx, glance)
	defer cancel()
	h, _, _ := c.hours()
	total := 0.0
	for n := range p.Instances {
		price, err := c.cloud.Price(ctx, p.Target, p.Instances[n].Type, p.Instances[n].Platform)
		if err != nil {
			return "unknown: " + trimStop(commands.Words(err).Message)
		}
		total += price.USDPerHour * commands.HoursOfMonth
	}
	const week = 7 * 24
	return fmt.Sprintf("about $%.2f of $%.2f a month, against running all the time: %s of %d hours a week", total*(1-h.Week()/week), total, commands.Number(h.Week()), week)
}
