package check

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"deckhand/commands"
	"deckhand/commands/probe"
)

// add is check add.
type add struct {
	Name     string        `arg:"name" alias:"name" required:"" help:"Name of the check."`
	URL      string        `arg:"url" alias:"url,target" value:"URL" help:"What to look at: http://, https://, tcp://HOST:PORT, tls://HOST, dns://NAME?type=A, icmp://HOST, target-group://NAME, ec2://INSTANCE, lambda://FUNCTION, domain://NAME; nothing for a heartbeat."`
	As       string        `flag:"kind" enum:"http,tcp,tls,dns,icmp,heartbeat,target-group,ec2,lambda,domain" help:"How to look, where the address does not say it."`
	Schedule string        `flag:"schedule" default:"@every 1m" value:"WHEN" help:"When to look: @every 1m, or five cron fields in UTC; of a domain every 6h at most."`
	Timeout  time.Duration `flag:"timeout" default:"5s" help:"How long an answer may take, at most 60s."`
	Conditions
	Sending
	Vantage
	Every     time.Duration `flag:"every" value:"TIME" help:"Of a heartbeat: how often the job calls, such as 24h."`
	Grace     time.Duration `flag:"grace" value:"TIME" help:"Of a heartbeat: how much later is still fine."`
	FailAfter int           `flag:"fail-after" default:"3" value:"N" help:"Failures in a row until it is down; of a heartbeat or a domain always 1."`
	PassAfter int           `flag:"pass-after" default:"2" value:"N" help:"Passes in a row until it is up again; of a heartbeat or a domain always 1."`
	Channel   string        `flag:"channel" value:"CHANNEL" help:"Channel to tell; the one where the line is typed where none is given."`
	Calling

	book      Book
	prober    Prober
	clock     Clock
	addresses Addresses
	prices    Prices
}

// Validate answers an Error of kind Usage for a check that could not work.
func (a *add) Validate() error {
	if err := validName(a.Name); err != nil {
		return err
	}
	target, err := a.target()
	if err != nil {
		return err
	}
	if _, err := a.clock.Next(a.Schedule, "UTC", time.Unix(0, 0)); err != nil {
		return err
	}
	switch {
	case a.Timeout <= 0 || a.Timeout > time.Minute:
		return usage("The timeout must be above zero and at most 60 s.", "Write "+commands.Mono("--timeout 5s")+".")
	case a.FailAfter < 1 || a.FailAfter > 100 || a.PassAfter < 1 || a.PassAfter > 100:
		return usage("Thresholds are numbers from 1 to 100.", "Write "+commands.Mono("--fail-after 3 --pass-after 2")+".")
	case a.Channel != "":
		if _, err := channelID(a.Channel); err != nil {
			return err
		}
	}
	if _, err := a.response(a.webhooks()); err != nil {
		return err
	}
	if err := a.validBeat(target.Scheme); err != nil {
		return err
	}
	if err := a.Sending.valid(target.Scheme); err != nil {
		return err
	}
	if err := a.Vantage.valid(target.Scheme); err != nil {
		return err
	}
	return a.Conditions.valid(target.Scheme, a.Timeout)
}

// target reads the address, and puts it into the one spelling that is kept.
func (a *add) target() (probe.Target, error) {
	if a.As == string(Beat) && a.URL == "" {
		a.URL = a.Name
	}
	if a.URL == "" {
		return probe.Target{}, usage("The line does not say what to look at.", "Example: "+commands.Mono("check add "+a.Name+" "+addressExample))
	}
	a.URL = withScheme(a.URL, a.As)
	target, err := probe.Parse(a.URL)
	if err != nil {
		return target, wrong(err)
	}
	if kind := (Check{URL: a.URL}).Kind(); a.As != "" && a.As != string(kind) {
		return target, usage(fmt.Sprintf("%s is no address of the kind %s.", commands.Mono(a.URL), commands.Mono(a.As)), "Leave "+commands.Mono("--kind")+" out: the address says it.")
	}
	return target, nil
}

func (a *add) validBeat(scheme string) error {
	switch {
	case scheme != probe.Heartbeat && (a.Every != 0 || a.Grace != 0):
		return usage("Only a heartbeat has "+commands.Mono("--every")+" and "+commands.Mono("--grace")+".", "Write "+commands.Mono("--schedule")+" to say when to look.")
	case scheme != probe.Heartbeat:
		return nil
	case a.Every < time.Minute || a.Every > 366*24*time.Hour || a.Grace < 0 || a.Grace > 366*24*time.Hour:
		return usage("A heartbeat needs the time between two calls, from a minute to a year.", "Write "+commands.Mono("--every 24h --grace 30m")+".")
	default:
		return nil
	}
}

// check is the check that the line describes.
func (a *add) check(ctx context.Context, run *commands.Run) (Check, error) {
	channel := run.Asker.Channel
	if a.Channel != "" {
		var err error
		if channel, err = channelID(a.Channel); err != nil {
			return Check{}, err
		}
	}
	c := Check{
		Name: a.Name, URL: a.URL, Schedule: strings.TrimSpace(a.Schedule), Timeout: a.Timeout, FailAfter: a.FailAfter, PassAfter: a.PassAfter,
		Request: a.request(), Channel: channel, Owner: run.Asker, CreatedAt: run.Now,
	}
	if c.Kind() == Beat && a.addresses.HeartbeatURL() == "" {
		return Check{}, nobodyListens()
	}
	if c.Kind() == Beat {
		c.Heartbeat = &Heartbeat{Every: a.Every, Grace: a.Grace}
		c.FailAfter, c.PassAfter = 1, 1 // the grace is the patience
	}
	if c.Kind() == Domain {
		c.daily()
	}
	if err := a.Vantage.apply(&c); err != nil {
		return Check{}, err
	}
	var err error
	if c.Parent, err = a.parent(ctx, a.book, c.Name); err != nil {
		return Check{}, err
	}
	if c.Response, err = a.response(a.webhooks()); err != nil {
		return Check{}, err
	}
	err = a.Conditions.apply(&c)
	return c, err
}

// daily makes a check one of what changes slowly: a registry's word holds for a day, and is no accident.
func (c *Check) daily() {
	c.FailAfter, c.PassAfter = 1, 1
	if c.Schedule == usualSchedule {
		c.Schedule = domainSchedule
	}
	c.Timeout = max(c.Timeout, domainTimeout)
}

const (
	usualSchedule  = "@every 1m"
	domainSchedule = "@every 6h"
	domainTimeout  = 15 * time.Second // for IANA's list and the registry
)

// Run looks at the endpoint once, so that a mistake shows at once, and adds the check.
func (a *add) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	c, err := a.check(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	if c.Heartbeat != nil {
		if c.Heartbeat.Token, err = commands.Repeat(ctx, run, "make a token", newToken); err != nil {
			return commands.Report{}, err
		}
	}
	run.Say("Looking once")
	result := a.once(ctx, c)
	if err := refused(c, result); err != nil {
		return commands.Report{}, err
	}
	beside, err := commands.Repeat(ctx, run, "add the check", func(ctx context.Context) (neighbour, error) {
		beside, err := a.beside(ctx, c)
		if err == nil {
			err = a.put(ctx, c, beside)
		}
		return beside, err
	})
	if err != nil {
		return commands.Report{}, err
	}
	report := a.priced(ctx, c, run.Now, a.report("Watching "+c.Name, commands.Good, c, result))
	report.Body = append(report.Body, beside.words()...)
	report.Next = []commands.Next{
		{Label: "Show", Line: "check show " + c.Name},
		{Label: "Undo", Line: "check remove " + c.Name},
	}
	if c.Heartbeat != nil {
		report.Body = append(report.Body, commands.Text{Text: "The job calls an address that only you are shown: " + commands.Mono("check address "+c.Name) + "."})
		report.Next = append([]commands.Next{{Label: "Its address", Line: "check address " + c.Name, Style: "primary"}}, report.Next...)
	}
	return report, nil
}

// once looks at the endpoint. AWS is not asked here: that is for the timetable, and for check run.
func (a *add) once(ctx context.Context, c Check) Result {
	if c.Kind().AsksAWS() {
		return Result{Unseen: true, Detail: "not looked at yet; " + commands.Mono("check run "+c.Name) + " looks now"}
	}
	return a.prober.Probe(ctx, c)
}

// newToken is the end of a heartbeat's address: 192 random bits.
func newToken(context.Context) (string, error) {
	var random [24]byte
	if _, err := rand.Read(random[:]); err != nil {
		return "", fmt.Errorf("make a token: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(random[:]), nil
}

// refused is why a check cannot be added after the first look at it: it would look where it must not, or never could look.
func refused(c Check, r Result) error {
	switch {
	case r.Refused:
		return &commands.Error{
			Kind: commands.Denied, Message: "The check was not added: " + r.Detail + ".",
			Hint: "Private addresses are for checks in the configuration, or for all with " + commands.Mono("health.allow_private") + "; metadata and link-local addresses are never looked at.",
		}
	case r.Unseen && c.Kind() == ICMP:
		return &commands.Error{Kind: commands.Unavailable, Message: "The check was not added: " + before(r.Detail, ": ") + ".", Hint: sentence(after(r.Detail, ": ")) + "."}
	default:
		return nil
	}
}

func before(text, separator string) string {
	first, _, _ := strings.Cut(text, separator)
	return first
}

func after(text, separator string) string {
	_, rest, _ := strings.Cut(text, separator)
	return rest
}

// Plan tells what would be watched, and looks at it once.
func (a *add) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	c, err := a.check(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	beside, err := a.beside(ctx, c)
	if err != nil {
		return commands.Report{}, err
	}
	if beside.There {
		return commands.Report{}, nameTaken(c.Name)
	}
	result := a.once(ctx, c)
	if err := refused(c, result); err != nil {
		return commands.Report{}, err
	}
	report := a.priced(ctx, c, run.Now, a.report("Would watch "+c.Name, commands.Plain, c, result))
	report.Body = append(report.Body, beside.words()...)
	return report, nil
}

func (a *add) report(title string, tone commands.Tone, c Check, r Result) commands.Report {
	if !r.OK && !r.Unseen && tone == commands.Good {
		tone = commands.Warning
	}
	report := commands.Report{Tone: tone, Title: title, Body: commands.Blocks{commands.Fields{Fields: append(settings(c), commands.Field{
		Name: "Just now", Value: outcome(r),
	})}}}
	if len(r.Views) > 0 {
		report.Body = append(report.Body, viewed(r.Views))
	}
	return report
}

// outcome says what one look brought: "HTTP 200 in 12 ms: a pass".
func outcome(r Result) string {
	switch {
	case r.OK:
		return r.Detail + " in " + Span(r.Latency) + ": a pass"
	case r.Unseen:
		return sentence(r.Detail)
	default:
		return r.Detail + ": a failure"
	}
}

// webhooks are where alerts can be sent; none are known of a line that is only read.
func (a *add) webhooks() []string {
	if a.addresses == nil {
		return nil
	}
	return a.addresses.Webhooks()
}
