package app

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"deckhand/aws/sdk"
	"deckhand/bot"
	"deckhand/bot/health"
	"deckhand/bot/timetable"
	"deckhand/commands"
	"deckhand/commands/access"
	"deckhand/commands/check"
	"deckhand/commands/lease"
	"deckhand/commands/schedule"
	"deckhand/commands/userdata"
	"deckhand/commands/vm"
	"deckhand/config"
)

// configOwner is with whose rights lines of the configuration run: who writes the file writes the policy.
const configOwner = "config"

// checksOf answers the checks of the configuration as they begin now; the store keeps when those that it knows began.
func checksOf(c config.Config, now time.Time) []check.Check {
	var out []check.Check
	for _, k := range c.Checks {
		one := check.Check{
			Name: k.Name, URL: k.URL, Schedule: k.Schedule, Timeout: k.Timeout, FailAfter: k.FailAfter, PassAfter: k.PassAfter,
			Status: k.Expect.Status, Body: k.Expect.Body, Headers: k.Expect.Headers, JSON: k.Expect.JSON, MaxLatency: k.Expect.Latency,
			Records: k.Expect.Records, ValidDays: k.Expect.CertificateDays, MaxErrors: k.Expect.Errors,
			Channel: k.Channel, Parent: k.Parent, From: k.From, Agree: k.Agree,
			Response: check.Response{Contact: k.Contact, EscalateTo: k.EscalateTo, Webhook: k.Webhook, EscalateAfter: k.EscalateAfter, Reminders: k.Reminders},
			Owner:    commands.Asker{User: configOwner}, FromConfig: true, CreatedAt: now.UTC(),
			Objective: k.Objective,
		}
		if k.Request != nil {
			one.Request = &check.Request{Method: k.Request.Method, Headers: k.Request.Headers, Body: k.Request.Body, Redirects: k.Request.Redirects}
		}
		if k.Heartbeat != nil {
			one.Heartbeat = &check.Heartbeat{Every: k.Heartbeat.Every, Grace: k.Heartbeat.Grace}
		}
		out = append(out, one)
	}
	return out
}

// heartbeats answers the checks whose token stands in the configuration alone.
func heartbeats(all []config.Check) []config.Check {
	var out []config.Check
	for _, c := range all {
		if c.Heartbeat != nil {
			out = append(out, c)
		}
	}
	return out
}

// webhooksOf answers the webhooks of the configuration.
func webhooksOf(c config.Config) map[string]health.Webhook {
	out := map[string]health.Webhook{}
	for _, w := range c.Health.Webhooks {
		out[w.Name] = health.Webhook{URL: w.URL.Reveal(), Authorization: w.Authorization.Reveal()}
	}
	return out
}

// windowsOf answers the maintenance windows of the configuration.
func windowsOf(c config.Config) []check.Window {
	var out []check.Window
	for _, w := range c.Maintenance {
		out = append(out, check.Window{Name: w.Name, Cron: w.Cron, TimeZone: w.TimeZone, Duration: w.Duration, Checks: w.Checks, Reason: w.Reason})
	}
	return out
}

// windows answers the maintenance windows as the checks' loop reads them.
func (h *House) windows() []health.Window {
	var out []health.Window
	for _, w := range windowsOf(h.settings.Config) {
		spec, err := timetable.Parse(w.Cron, w.TimeZone)
		if err != nil {
			h.log.Error("a maintenance window cannot be read", "name", w.Name, "err", err)
			continue
		}
		out = append(out, health.Window{Name: w.Name, Spec: spec, Duration: w.Duration, Checks: w.Checks, Reason: w.Reason})
	}
	return out
}

// secret answers what a reference of a check stands for, at the moment of the look.
func secret(reference string) (string, error) {
	kind, name, _ := strings.Cut(reference, ":")
	value, err := config.Resolve(config.Ref{Kind: kind, Name: name})
	return strings.TrimSpace(value), err
}

// Hours looks at the hours of a schedule of the configuration, which say no zone of their own. Errors are of kind Usage.
func Hours(s config.Schedule) error {
	_, zone, err := schedule.ReadHours(s.Hours)
	if err == nil && zone != "" {
		return commands.Misuse(commands.Mono(zone)+" is neither days nor hours.", "Write the zone as time_zone.")
	}
	return err
}

func schedulesOf(c config.Config) []schedule.Schedule {
	var out []schedule.Schedule
	for _, k := range c.Schedules {
		out = append(out, schedule.Schedule{
			Name: k.Name, Cron: k.Cron, TimeZone: k.TimeZone, Channel: k.Channel, Line: k.Run,
			Hours: k.Hours, EndLine: k.RunAtEnd, Skip: k.Skip, QuietHours: k.QuietHours,
			Owner: commands.Asker{User: configOwner}, FromConfig: true,
		})
	}
	return out
}

func accountsOf(c config.Config) []sdk.Account {
	var out []sdk.Account
	for _, a := range c.AWS.Accounts {
		out = append(out, sdk.Account{Name: a.Name, RoleARN: a.RoleARN, ServiceRole: a.ServiceRole, Regions: a.Regions})
	}
	return out
}

func templatesOf(c config.Config) []userdata.Template {
	var out []userdata.Template
	for _, t := range c.Templates {
		out = append(out, userdata.Template{Name: t.Name, Text: t.Text, Parameters: t.Parameters})
	}
	return out
}

// vettedOf is what vm run may do beside the commands that lines say themselves.
func vettedOf(c config.Config) (out vm.Vetted) {
	for _, d := range c.Documents {
		out.Documents = append(out.Documents, vm.Document{Name: d.Name, Parameters: d.Parameters})
	}
	for _, s := range c.Scripts {
		out.Scripts = append(out.Scripts, vm.NamedScript{Name: s.Name, Command: s.Command, Document: s.Document})
	}
	return out
}

// profilesOf writes the profiles as the flags that a line would say.
func profilesOf(c config.Config) []vm.Profile {
	var out []vm.Profile
	for _, p := range c.Profiles {
		made := vm.Profile{Name: p.Name, Env: p.Env}
		add := func(flag, value string) {
			if value != "" {
				made.Presets = append(made.Presets, commands.Preset{Flag: flag, Value: value})
			}
		}
		add("env", p.Env)
		add("image-id", p.ImageID)
		add("instance-type", p.InstanceType)
		add("key-name", p.KeyName)
		add("security-group-ids", strings.Join(p.SecurityGroupIDs, ","))
		add("subnet-id", p.SubnetID)
		if p.PublicIP != nil {
			add("associate-public-ip-address", strconv.FormatBool(*p.PublicIP))
		}
		add("iam-instance-profile", p.InstanceProfile)
		if p.VolumeSize > 0 {
			add("volume-size", strconv.Itoa(p.VolumeSize))
		}
		add("user-data-template", p.UserDataTemplate)
		for _, key := range slices.Sorted(maps.Keys(p.Tags)) {
			add("tag", key+"="+p.Tags[key])
		}
		out = append(out, made)
	}
	return out
}

// boundTo answers where the lines of a channel act.
func boundTo(channels []config.Channel) func(channel string) (account, region string) {
	bound := map[string]config.Channel{}
	for _, c := range channels {
		bound[c.ID] = c
	}
	return func(channel string) (account, region string) { return bound[channel].Account, bound[channel].Region }
}

// zonesOf answers when the days of a channel begin.
func zonesOf(c config.Config) func(channel string) *time.Location {
	names := map[string]string{}
	for _, channel := range c.Channels {
		names[channel.ID] = channel.TimeZone
	}
	return func(channel string) *time.Location {
		zone, err := time.LoadLocation(cmp.Or(names[channel], c.TimeZone))
		if err != nil {
			return time.UTC // the configuration has looked at the names
		}
		return zone
	}
}

// ledgerOf is nil where no rule has a ceiling on a day.
func ledgerOf(rules []config.Rule, ledger bot.Ledger) bot.Ledger {
	if slices.ContainsFunc(rules, func(r config.Rule) bool { return r.CostAboveToday != nil }) {
		return ledger
	}
	return nil
}

// accessOf is the desk that gives roles out as the configuration says.
func accessOf(r rooms) access.Desk {
	desk := access.Desk{Cloud: r.cloud, Acts: r.store, People: map[string]string{}}
	for _, a := range r.access {
		desk.Roles = append(desk.Roles, access.Role{Name: a.Name, ARN: a.RoleARN, Account: a.Account, AtMost: a.AtMost})
	}
	for _, p := range r.people {
		if p.AWS != "" {
			desk.People[p.Slack] = p.AWS
		}
	}
	for _, p := range r.people {
		if arn := desk.People[p.Slack]; arn != "" && p.Terminal != "" {
			desk.People["terminal:"+p.Terminal] = arn
		}
	}
	return desk
}

// tenancyBook keeps leases and what comes due.
type tenancyBook interface {
	lease.Book
	schedule.Acts
	List(ctx context.Context, filter bot.Filter) ([]bot.Request, error)
}

// manyRunning bounds what is looked through for the end of a lease.
const manyRunning = 10_000

// comesDue is the store with the mercy of leases whose owner was told too late.
type comesDue struct {
	timetable.Store
	desk lease.Desk
}

// Acts implements timetable.Store.
func (c comesDue) Acts(ctx context.Context, due time.Time) ([]schedule.Act, error) {
	return c.desk.Acts(ctx, due)
}

// tenancy begins and ends leases as the configuration says.
type tenancy struct {
	desk   lease.Desk
	acts   schedule.Acts
	leases config.Leases
}

// binOf is the recycle bin as the configuration says.
func binOf(r rooms) vm.Bin {
	return vm.Bin{Keep: r.recycle.Keep, Acts: r.store, Now: func(ctx context.Context, user string) (bool, error) {
		if len(r.recycle.Now) == 0 {
			return false, nil
		}
		return r.engine.Policy.Matches(ctx, user, r.recycle.Now)
	}}
}

func tenancyOf(book tenancyBook, cloud *sdk.Cloud, l config.Leases, bin config.Recycle) tenancy {
	desk := lease.Desk{Book: book, Terms: lease.Terms{Warn: l.Warn, Grace: l.Grace, Max: l.Max, StopOnly: l.Then == "stop", Bin: bin.Keep}}
	if cloud != nil {
		desk.Cloud = cloud
	}
	desk.Running = func(ctx context.Context, of int64, line string) (string, error) {
		running, err := book.List(ctx, bot.Filter{States: []bot.State{bot.Running}, Limit: manyRunning})
		for _, r := range running {
			if r.Message.Source == bot.Lease && r.Message.Of == of && r.Message.Line == line {
				return r.ID(), err
			}
		}
		return "", err
	}
	return tenancy{desk, book, l}
}

// Term implements bot.Leases.
func (t tenancy) Term() (otherwise, most time.Duration) { return t.leases.Default, t.leases.Max }

// Begin implements bot.Leases.
func (t tenancy) Begin(ctx context.Context, r bot.Request, until time.Time, undo string) (string, error) {
	return t.desk.Begin(ctx, lease.Lease{
		Request: r.Number, Owner: r.Message.Asker, Line: r.Invocation.Line, Undo: undo, MadeAt: r.ChangedAt, Ends: until,
	}, time.Now())
}

// Done implements bot.Leases.
func (t tenancy) Done(ctx context.Context, line, undo string) (string, error) {
	return t.desk.Done(ctx, line, undo, time.Now())
}

// Gone implements bot.Leases.
func (t tenancy) Gone(ctx context.Context, request int64) error { return t.desk.Gone(ctx, request) }

// Still implements bot.Leases. It looks for itself, whatever the line needs.
func (t tenancy) Still(ctx context.Context, r bot.Request) error {
	ctx = sdk.WithErrand(ctx, sdk.Errand{Command: "lease show", User: r.Message.Asker.User, Actions: lease.Looking()})
	m := r.Message
	return t.desk.Still(ctx, schedule.Act{Key: m.Act, Due: m.At, Of: m.Of, Line: r.Invocation.Line, Tries: m.Tries}, time.Now())
}

// Again implements bot.Leases.
func (t tenancy) Again(ctx context.Context, m bot.Message, now time.Time) (time.Time, error) {
	act, more := schedule.Act{
		Key: m.Act, Line: m.Line, Asker: m.Asker, Reason: m.Reason, Of: m.Of, Agreed: m.Agreed, Private: m.Private, Tries: m.Tries,
	}.Again(now)
	if !more {
		return time.Time{}, nil
	}
	return act.Due, t.acts.PutOff(ctx, act, m.At)
}
