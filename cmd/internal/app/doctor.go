package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/ops"
	"deckhand/config"
	"deckhand/config/manifest"
)

// doctor examines a house.
type doctor struct{ house *House }

const (
	examineTime = 15 * time.Second
	skewKnown   = 5 * time.Second
	skewRefused = 5 * time.Minute // Slack's signatures and AWS's are refused beyond
)

// Examine implements ops.Doctor. The parts are looked at side by side.
func (d doctor) Examine(ctx context.Context) []ops.Finding {
	examinations := []func(context.Context) []ops.Finding{d.examineStore, d.examineConfiguration, d.examineSlack, d.examineSocket, d.examineGroups, d.examinePeople}
	for _, target := range d.targets() {
		examinations = append(examinations, func(ctx context.Context) []ops.Finding { return d.examineAWS(ctx, target) })
	}
	examinations = append(examinations, d.examineLag)
	found := make([][]ops.Finding, len(examinations))
	var all sync.WaitGroup
	for i, examine := range examinations {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, examineTime)
			defer cancel()
			found[i] = examine(ctx)
		})
	}
	all.Wait()
	return slices.Concat(found...)
}

func good(part, says string) ops.Finding {
	return ops.Finding{Part: part, Tone: commands.Good, Says: says}
}

func look(part, says, next string) ops.Finding {
	return ops.Finding{Part: part, Tone: commands.Warning, Says: says, Next: next}
}

func bad(part, says, next string) ops.Finding {
	return ops.Finding{Part: part, Tone: commands.Bad, Says: says, Next: next}
}

// broken tells an error's own words.
func broken(part string, err error, next string) ops.Finding {
	words := commands.Words(err)
	if words.Hint != "" {
		next = words.Hint
	}
	return bad(part, words.Message, next)
}

func (d doctor) examineStore(ctx context.Context) []ops.Finding {
	const part = "Store"
	begun := time.Now()
	if err := d.house.store.Ping(ctx); err != nil {
		return []ops.Finding{broken(part, err, "Nothing can be written down until the database answers; look at its own log.")}
	}
	took := time.Since(begun)
	says := fmt.Sprintf("answers in %s", took.Round(100*time.Microsecond))
	if bytes, err := d.house.store.Size(ctx); err == nil {
		says += fmt.Sprintf(", %.1f MB", float64(bytes)/1e6)
	}
	if jobs, err := d.house.store.Depth(ctx); err == nil {
		says += ", " + commands.Count(jobs, "job") + " waiting"
	}
	const slow = time.Second
	if took > slow {
		return []ops.Finding{look(part, says, "The database is slow; every acknowledgement of a change waits for it.")}
	}
	return []ops.Finding{good(part, says)}
}

func (d doctor) examineSlack(ctx context.Context) []ops.Finding {
	const part = "Slack"
	if d.house.messenger == nil {
		return []ops.Finding{look(part, "not configured", "Without a slack section only exec works.")}
	}
	grant, err := d.house.messenger.Grant(ctx)
	if err != nil {
		return []ops.Finding{broken(part, err, "Look at slack.bot_token and at the way to Slack.")}
	}
	found := []ops.Finding{good(part, fmt.Sprintf("workspace %s, as %s", commands.Unmarked(grant.Workspace), commands.Unmarked(grant.User)))}
	found = append(found, scopes(grant.Scopes))
	return append(found, clock("Clock against Slack", grant.Skew)...)
}

// scopes compares what the app was given with what the manifest asks for.
func scopes(given []string) ops.Finding {
	const part = "Slack scopes"
	if len(given) == 0 {
		return look(part, "Slack did not say which scopes the token has", "")
	}
	var missing []string
	for _, scope := range manifest.Scopes() {
		if !slices.Contains(given, scope) {
			missing = append(missing, scope)
		}
	}
	if len(missing) > 0 {
		return bad(part, "missing: "+strings.Join(missing, ", "),
			"Add them under OAuth & Permissions of the app, or paste "+commands.Mono("deckhand manifest")+" anew, and install the app again.")
	}
	return good(part, commands.Count(len(given), "scope")+", none missing")
}

// examinePeople tells where an approver and an asker could be one person.
func (d doctor) examinePeople(context.Context) []ops.Finding {
	c := d.house.settings.Config
	asks := slices.ContainsFunc(c.Policy, func(r config.Rule) bool { return r.Effect == "ask" })
	if !asks || len(c.People) > 0 {
		return nil
	}
	return []ops.Finding{look("People", "policy asks for approvals, and nobody at a terminal is known in Slack",
		"Name those who use deckhand exec under "+commands.Mono("people")+": what they ask for there they could approve themselves in Slack.")}
}

// clock tells of a difference that matters. An answer takes up to a second to be dated and read.
func clock(part string, skew time.Duration) []ops.Finding {
	says := fmt.Sprintf("%s apart", skew.Abs().Round(time.Second))
	const next = "Set this machine's clock by NTP: signatures are refused when clocks are five minutes apart."
	switch {
	case skew == 0:
		return nil
	case skew.Abs() >= skewRefused:
		return []ops.Finding{bad(part, says, next)}
	case skew.Abs() >= skewKnown:
		return []ops.Finding{look(part, says, next)}
	default:
		return []ops.Finding{good(part, says)}
	}
}

// examineSocket looks at the sockets of a serving process; another one asks Slack whether it would open one.
func (d doctor) examineSocket(ctx context.Context) []ops.Finding {
	const part = "Slack socket"
	c := d.house.settings.Config.Slack
	if c == nil || c.Transport != config.Socket || d.house.messenger == nil {
		return nil
	}
	if d.house.socket != nil {
		ok, since, detail := d.house.socket.Health()
		says := detail + ", since " + commands.At(since)
		if !ok {
			return []ops.Finding{bad(part, says, "Look at slack.app_token, and whether Socket Mode is on for the app.")}
		}
		return []ops.Finding{good(part, says)}
	}
	if err := d.house.messenger.TrySocket(ctx, c.AppToken.Reveal()); err != nil {
		return []ops.Finding{broken(part, err, "Look at slack.app_token (scope connections:write), and whether Socket Mode is on for the app.")}
	}
	return []ops.Finding{good(part, "Slack would open one")}
}

// examineGroups asks Slack for every usergroup that the policy names: one that cannot be read lets nobody through.
func (d doctor) examineGroups(ctx context.Context) []ops.Finding {
	if d.house.messenger == nil {
		return nil
	}
	var found []ops.Finding
	for _, group := range groupsOf(d.house.settings.Config.Policy) {
		part := "Usergroup " + group
		members, err := d.house.messenger.Members(ctx, group)
		switch {
		case err != nil:
			found = append(found, broken(part, err, "Until Slack tells who is in it, nobody is let through by it."))
		case len(members) == 0:
			found = append(found, look(part, "nobody is in it", "Rules that name it let nobody through, and nobody can approve by it."))
		default:
			found = append(found, good(part, commands.Count(len(members), "member")))
		}
	}
	return found
}

// groupsOf answers the usergroups that rules name, each once.
func groupsOf(rules []config.Rule) []string {
	var groups []string
	for _, rule := range rules {
		for _, subject := range slices.Concat(rule.Who, rule.Approvers) {
			if id, ok := strings.CutPrefix(subject, "group:"); ok && !slices.Contains(groups, id) {
				groups = append(groups, id)
			}
		}
	}
	return groups
}

// targets are the default account and the configured ones, each in its first region.
func (d doctor) targets() []aws.Target {
	targets := []aws.Target{{}}
	for _, account := range d.house.settings.Config.AWS.Accounts {
		targets = append(targets, aws.Target{Account: account.Name})
	}
	return targets
}

func (d doctor) examineAWS(ctx context.Context, t aws.Target) []ops.Finding {
	part := "AWS"
	if t.Account != "" {
		part += " account " + t.Account
	}
	who, err := d.house.cloud.Identity(ctx, t)
	if err != nil {
		return []ops.Finding{broken(part, err, "Look at the credentials that the bot runs with.")}
	}
	found := []ops.Finding{good(part, fmt.Sprintf("account %s, %s, as %s", who.Account, who.Region, commands.Mono(who.ARN)))}
	found = append(found, clock(part+" clock", who.Skew)...)
	return append(found, d.examineRights(ctx, part+" rights", t, who))
}

func (d doctor) examineRights(ctx context.Context, part string, t aws.Target, who aws.Identity) ops.Finding {
	const most = 8
	missing, err := d.house.cloud.MissingRights(ctx, t, who, rightsOf(d.house.engine.Catalog))
	switch {
	case err != nil:
		words := commands.Words(err)
		next := ""
		if words.Kind == commands.Denied {
			next = "To have them examined, allow iam:SimulatePrincipalPolicy and iam:GetRole."
		}
		return look(part, "not examined: "+words.Message, next)
	case len(missing) == 0:
		return good(part, "everything that the commands need")
	}
	says := fmt.Sprintf("%d missing: %s", len(missing), strings.Join(missing[:min(most, len(missing))], ", "))
	if len(missing) > most {
		says += " and more"
	}
	return look(part, says, "Commands that need them are refused by AWS; "+commands.Mono("deckhand iam-policy")+" prints what to allow, "+
		commands.Mono("--verbs")+" narrows it.")
}

// rightsOf are all actions that commands need, sorted.
func rightsOf(catalog *commands.Catalog) []string {
	var rights []string
	for _, command := range catalog.All() {
		rights = append(rights, command.Rights...)
	}
	slices.Sort(rights)
	return slices.Compact(rights)
}

func (d doctor) examineLag(ctx context.Context) []ops.Finding {
	checks, schedules, err := d.house.lag(ctx, time.Now())
	if err != nil {
		return []ops.Finding{broken("Checks", err, "")}
	}
	return []ops.Finding{lagging("Checks", checks), lagging("Timetable", schedules)}
}

func lagging(part string, o overdue) ops.Finding {
	if o.count == 0 {
		return good(part, "on time")
	}
	return bad(part, fmt.Sprintf("%d late, %s most: by %s", o.count, commands.Mono(o.name), o.late.Round(time.Second)),
		"Nobody sees to them: look whether "+commands.Mono("deckhand serve")+" runs, and at its log.")
}

// ErrNotHealthy is what Doctor answers where something does not work.
var ErrNotHealthy = errors.New("not healthy")

// Doctor examines the house for somebody at a terminal.
func (h *House) Doctor(ctx context.Context) (commands.Report, error) {
	report := ops.Tell(doctor{h}.Examine(ctx))
	if report.Tone == commands.Bad {
		return report, ErrNotHealthy
	}
	return report, nil
}
