package check

import (
	"context"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"time"

	"deckhand/commands"
)

// add is check add.
type add struct {
	Name      string        `arg:"name" alias:"name" required:"" help:"Name of the check."`
	URL       string        `arg:"url" alias:"url" required:"" value:"URL" help:"http or https address to open."`
	Schedule  string        `flag:"schedule" default:"@every 1m" value:"WHEN" help:"When to look: @every 1m, or five cron fields in UTC."`
	Timeout   time.Duration `flag:"timeout" default:"5s" help:"How long an answer may take, at most 60s."`
	Status    []string      `flag:"status" value:"CODE" help:"HTTP statuses that count as up; 200 to 399 where none is given."`
	Body      string        `flag:"body" value:"TEXT" help:"Text that the body must contain."`
	FailAfter int           `flag:"fail-after" default:"3" value:"N" help:"Failures in a row until it is down."`
	PassAfter int           `flag:"pass-after" default:"2" value:"N" help:"Passes in a row until it is up again."`
	Channel   string        `flag:"channel" value:"CHANNEL" help:"Channel to tell; the one where the line is typed where none is given."`

	book   Book
	prober Prober
	clock  Clock
}

// Validate answers an Error of kind Usage for a check that could not work.
func (a *add) Validate() error {
	a.URL = withScheme(a.URL)
	if err := validName(a.Name); err != nil {
		return err
	}
	if err := validURL(a.URL); err != nil {
		return err
	}
	if _, err := a.clock.Next(a.Schedule, "UTC", time.Unix(0, 0)); err != nil {
		return err
	}
	if _, err := statuses(a.Status); err != nil {
		return err
	}
	switch {
	case a.Timeout <= 0 || a.Timeout > time.Minute:
		return usage("The timeout must be above zero and at most 60 s.", "Write "+commands.Mono("--timeout 5s")+".")
	case a.FailAfter < 1 || a.FailAfter > 100 || a.PassAfter < 1 || a.PassAfter > 100:
		return usage("Thresholds are numbers from 1 to 100.", "Write "+commands.Mono("--fail-after 3 --pass-after 2")+".")
	case len(a.Body) > 1000:
		return usage("The text to look for is too long: the limit is 1,000 characters.", "A few words of the page are enough.")
	case a.Channel != "":
		_, err := channelID(a.Channel)
		return err
	}
	return nil
}

// check is the check that the line describes.
func (a *add) check(run *commands.Run) (Check, error) {
	accepted, err := statuses(a.Status)
	if err != nil {
		return Check{}, err
	}
	channel := run.Asker.Channel
	if a.Channel != "" {
		if channel, err = channelID(a.Channel); err != nil {
			return Check{}, err
		}
	}
	return Check{
		Name: a.Name, URL: a.URL, Schedule: strings.TrimSpace(a.Schedule), Timeout: a.Timeout, Status: accepted, Body: a.Body,
		FailAfter: a.FailAfter, PassAfter: a.PassAfter, Channel: channel, Owner: run.Asker, CreatedAt: run.Now,
	}, nil
}

// Run adds the check and looks at its endpoint once, so that a mistake shows at once.
func (a *add) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	c, err := a.check(run)
	if err != nil {
		return commands.Report{}, err
	}
	_, err = commands.Repeat(ctx, run, "add the check", func(ctx context.Context) (bool, error) {
		return true, a.put(ctx, c)
	})
	if err != nil {
		return commands.Report{}, err
	}
	run.Say("Added " + c.Name + ", looking at it once")
	report := a.report("Watching "+c.Name, commands.Good, c, a.prober.Probe(ctx, c))
	report.Next = []commands.Next{
		{Label: "Show", Line: "check show " + c.Name},
		{Label: "Undo", Line: "check remove " + c.Name},
	}
	return report, nil
}

// put adds the check; that it is there already, exactly so, is as good.
func (a *add) put(ctx context.Context, c Check) error {
	err := a.book.AddCheck(ctx, c)
	var taken *commands.Error
	if !errors.As(err, &taken) || taken.Kind != commands.Usage {
		return err
	}
	there, findErr := find(ctx, a.book, c.Name)
	if findErr != nil {
		return errors.Join(err, findErr)
	}
	there.CreatedAt, there.Owner.Thread = c.CreatedAt, c.Owner.Thread
	if reflect.DeepEqual(there, c) {
		return nil
	}
	return err
}

// Plan tells what would be watched, and looks at it once.
func (a *add) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	c, err := a.check(run)
	if err != nil {
		return commands.Report{}, err
	}
	checks, err := a.book.Checks(ctx)
	if err != nil {
		return commands.Report{}, err
	}
	for _, there := range checks {
		if there.Name == c.Name {
			return commands.Report{}, usage("There is a check "+commands.Mono(c.Name)+" already.", "Take another name, or remove it first: "+commands.Mono("check remove "+c.Name)+".")
		}
	}
	return a.report("Would watch "+c.Name, commands.Plain, c, a.prober.Probe(ctx, c)), nil
}

func (a *add) report(title string, tone commands.Tone, c Check, r Result) commands.Report {
	if !r.OK && tone == commands.Good {
		tone = commands.Warning
	}
	return commands.Report{Tone: tone, Title: title, Body: commands.Blocks{commands.Fields{Fields: append(settings(c), commands.Field{
		Name: "Just now", Value: outcome(r),
	})}}}
}

// outcome says what one look brought: "HTTP 200 in 12 ms: a pass".
func outcome(r Result) string {
	if r.OK {
		return r.Detail + " in " + Span(r.Latency) + ": a pass"
	}
	return r.Detail + ": a failure"
}

// settings are the fields that say what a check does.
func settings(c Check) []commands.Field {
	up := "any status from 200 to 399"
	if len(c.Status) > 0 {
		codes := make([]string, len(c.Status))
		for i, code := range c.Status {
			codes[i] = strconv.Itoa(code)
		}
		up = "HTTP " + strings.Join(codes, ", ")
	}
	if c.Body != "" {
		up += ", and a body with " + commands.Mono(c.Body)
	}
	tells := "nobody"
	if c.Channel != "" {
		tells = commands.Channel(c.Channel)
	}
	return []commands.Field{
		{Name: "URL", Value: commands.Mono(c.URL)},
		{Name: "Looks", Value: commands.Mono(c.Schedule) + ", timeout " + Span(c.Timeout)},
		{Name: "Counts as up", Value: up},
		{Name: "Down after", Value: count(c.FailAfter, "failure", "failures in a row")},
		{Name: "Up again after", Value: count(c.PassAfter, "pass", "passes in a row")},
		{Name: "Tells", Value: tells},
	}
}

// line is the line that adds the check again.
func line(c Check) string {
	words := []string{"check add --name", c.Name, "--url", commands.Quote(c.URL), "--schedule", commands.Quote(c.Schedule), "--timeout", c.Timeout.String()}
	if len(c.Status) > 0 {
		codes := make([]string, len(c.Status))
		for i, code := range c.Status {
			codes[i] = strconv.Itoa(code)
		}
		words = append(words, "--status", strings.Join(codes, ","))
	}
	if c.Body != "" {
		words = append(words, "--body", commands.Quote(c.Body))
	}
	words = append(words, "--fail-after", strconv.Itoa(c.FailAfter), "--pass-after", strconv.Itoa(c.PassAfter))
	if c.Channel != "" {
		words = append(words, "--channel", c.Channel)
	}
	return strings.Join(words, " ")
}
