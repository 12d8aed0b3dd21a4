package access

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/schedule"
)

// request is access request.
type request struct {
	Role   string        `arg:"role" alias:"role" required:"" value:"ROLE" help:"A role of the configuration, by its name there."`
	For    time.Duration `flag:"for" alias:"duration" default:"1h" value:"1h" help:"How long."`
	Reason string        `flag:"reason" required:"" value:"TEXT" help:"What it is needed for."`

	desk Desk
}

// Validate refuses what no role would take.
func (c *request) Validate() error {
	switch {
	case c.For < time.Minute:
		return commands.Misuse(commands.Mono("--for")+" must be a minute or more.", "Write it as 30m, 1h or 4h.")
	case strings.TrimSpace(c.Reason) == "":
		return commands.Misuse("The reason is empty.", "Say what the role is needed for: "+commands.Mono(`--reason "disk full on db-1"`)+".")
	}
	return nil
}

// Scope is the role with its tags, and with access=NAME, so that rules can speak of one role.
func (c *request) Scope(ctx context.Context) (commands.Scope, error) {
	r, err := c.desk.role(c.Role)
	if err != nil {
		return commands.Scope{}, err
	}
	return scopeOf(ctx, c.desk, r)
}

func scopeOf(ctx context.Context, d Desk, r Role) (commands.Scope, error) {
	text, _, err := d.look(ctx, r)
	tags := map[string]string{}
	for key, value := range text.Tags {
		tags[key] = value
	}
	tags["access"] = r.Name
	return commands.Scope{Account: r.Account, Resources: []commands.Resource{{ID: r.ARN, Name: r.Name, Tags: tags}}}, err
}

// deed is what is to be done, kept in the journal.
type deed struct {
	Given given
	Role  aws.RoleText
	// Elsewise says that the person may get in by another statement too.
	Elsewise bool
}

// deed looks whether it can be done. The end is whole seconds from now.
func (c *request) deed(ctx context.Context, run *commands.Run) (deed, error) {
	r, err := c.desk.role(c.Role)
	if err != nil {
		return deed{}, err
	}
	principal := c.desk.People[run.Asker.User]
	switch {
	case principal == "":
		return deed{}, &commands.Error{
			Kind: commands.Denied, Message: "Who " + commands.Person(run.Asker.User) + " is in AWS is not known.",
			Hint: "Whoever keeps the configuration writes it under " + commands.Mono("people") + ", as " + commands.Mono("aws: arn:aws:iam::123456789012:user/ann") + ".",
		}
	case c.For > r.AtMost:
		return deed{}, &commands.Error{
			Kind: commands.Denied, Message: "The role " + commands.Mono(r.Name) + " is given for " + commands.Length(r.AtMost) + " at most.",
			Hint: "Ask for less: " + commands.Mono("--for "+short(r.AtMost)) + ".",
		}
	case field(principal, 1) != field(r.ARN, 1):
		return deed{}, &commands.Error{Kind: commands.Denied, Message: commands.Mono(principal) + " and the role are in different partitions of AWS, which do not trust each other."}
	}
	if err := c.desk.notOwn(ctx, r); err != nil {
		return deed{}, err
	}
	text, t, err := c.desk.look(ctx, r)
	if err != nil {
		return deed{}, err
	}
	number, _ := strconv.ParseInt(strings.TrimPrefix(run.ID, "R-"), 10, 64)
	g := given{Role: r, Request: number, Principal: principal, Until: run.Now.Add(c.For).UTC().Truncate(time.Second)}
	for _, there := range t.given(r) {
		if there.Request == number && number != 0 || there.Principal == principal && there.Until.After(run.Now) {
			return deed{}, &commands.Error{
				Kind: commands.Failed, Message: "There is an access of " + c.desk.who(there.Principal) + " to " + commands.Mono(r.Name) + " already, until " + commands.At(there.Until) + ".",
				Hint: commands.Mono("access end "+there.ID()) + " ends it; then ask again.",
			}
		}
	}
	return deed{Given: g, Role: text, Elsewise: t.elsewise(principal)}, nil
}

// notOwn refuses the role that the bot itself is.
func (d Desk) notOwn(ctx context.Context, r Role) error {
	who, err := d.Cloud.Identity(ctx, r.at())
	if err != nil {
		return err
	}
	_, session, assumed := strings.Cut(who.ARN, ":assumed-role/")
	name, _, _ := strings.Cut(session, "/")
	if assumed && who.Account == r.number() && name == r.short() {
		return &commands.Error{Kind: commands.Denied, Message: "The role " + commands.Mono(r.Name) + " is deckhand's own, and is never given to people.", Hint: "Take it out of access in the configuration, and make a role for people."}
	}
	return nil
}

// Plan shows the role, who, until when, and the statement.
func (c *request) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	d, err := c.deed(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	raw, err := json.MarshalIndent(d.Given.entrance(), "", "  ")
	if err != nil {
		return commands.Report{}, err
	}
	report := c.report("Would let "+d.Given.session()+" take on "+d.Given.Role.Name+" for "+commands.Length(c.For), d)
	report.Body = append(report.Body,
		commands.Text{Text: "This statement is added to the role's trust policy, and nothing else in it is touched. Its name has the number of the request, and its end counts from when it runs."}, commands.Code{Text: string(raw)},
		commands.Text{Text: "A policy inside the role denies everything from the end on to the sessions that began before it, theirs alone."})
	return report, nil
}

func (c *request) report(title string, d deed) commands.Report {
	g := d.Given
	report := commands.Report{Title: title, Where: g.Role.where(), Body: commands.Blocks{commands.Fields{Fields: []commands.Field{
		{Name: "Role", Value: commands.Mono(g.Role.ARN)},
		{Name: "Who", Value: c.desk.who(g.Principal) + ", in AWS " + commands.Mono(g.Principal)},
		{Name: "Until", Value: commands.At(g.Until)},
		{Name: "Reason", Value: commands.Unmarked(c.Reason)},
	}}}}
	if d.Elsewise {
		report.Tone = commands.Warning
		report.Body = append(report.Body, commands.Text{Text: "The role's trust policy lets them or their whole account in by another statement as well, which this does not end."})
	}
	return report
}

const (
	findRole  = "look at the role"
	openRole  = "UpdateAssumeRolePolicy"
	closeRole = "PutRolePolicy"
)

// Run writes the end down, then the policy that ends it, then the statement that begins it: no access stands without its end.
func (c *request) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	d, err := commands.Repeat(ctx, run, findRole, func(ctx context.Context) (deed, error) { return c.deed(ctx, run) })
	if err != nil {
		return commands.Report{}, err
	}
	g := d.Given
	if !run.Now.Before(g.Until) {
		return commands.Report{}, &commands.Error{Kind: commands.Failed, Message: "The time was over before it began: it was cut short for as long.", Hint: "Ask again."}
	}
	_, err = commands.Repeat(ctx, run, "write down the end", func(ctx context.Context) (bool, error) {
		return true, c.desk.Acts.PutActs(ctx, []schedule.Act{g.over(run.Asker), g.tidy(run.Asker, g.Until)})
	})
	if err != nil {
		return commands.Report{}, err
	}
	_, err = commands.Repeat(ctx, run, closeRole, func(ctx context.Context) (bool, error) {
		return true, c.desk.Cloud.AllowRole(ctx, g.Role.at(), g.Role.short(), policyName(g.Request), g.exit(d.Role))
	})
	if err == nil {
		run.Say("Letting " + g.session() + " in.")
		_, err = commands.Repeat(ctx, run, openRole, func(ctx context.Context) (bool, error) { return true, c.desk.open(ctx, g) })
	}
	if err != nil {
		return commands.Report{}, c.undone(ctx, run, g, err)
	}
	return c.done(d), nil
}

// undone takes back what stands of an access that was refused for certain: the way in first. Where that fails, its end does it later.
func (c *request) undone(ctx context.Context, run *commands.Run, g given, cause error) error {
	if commands.IsUncertain(cause) || ctx.Err() != nil {
		return cause
	}
	_, err := commands.Repeat(ctx, run, "take it back", func(ctx context.Context) (bool, error) {
		if err := c.desk.shut(ctx, g); err != nil {
			return false, err
		}
		if err := c.desk.Cloud.DisallowRole(ctx, g.Role.at(), g.Role.short(), policyName(g.Request)); err != nil {
			return false, err
		}
		return true, c.desk.Acts.PutActs(ctx, nil, g.overKey(), g.tidyKey())
	})
	return errors.Join(cause, err)
}

// open adds the statement to what the trust policy is now.
func (d Desk) open(ctx context.Context, g given) error {
	return d.rewrite(ctx, g, true, func(t trust) (string, error) { return t.with(g.entrance()) })
}

// shut takes the statement out of what the trust policy is now.
func (d Desk) shut(ctx context.Context, g given) error {
	return d.rewrite(ctx, g, false, func(t trust) (string, error) { return t.without(sid(g.Request)) })
}

func (d Desk) rewrite(ctx context.Context, g given, standing bool, change func(trust) (string, error)) error {
	d.writing.Lock()
	defer d.writing.Unlock()
	_, t, err := d.look(ctx, g.Role)
	if err != nil || t.has(sid(g.Request)) == standing {
		return err
	}
	document, err := change(t)
	if err != nil {
		return fmt.Errorf("write the trust policy: %w", err)
	}
	return d.Cloud.SetRoleTrust(ctx, g.Role.at(), g.Role.short(), document, func(seen string) bool {
		now, err := readTrust(seen)
		return err == nil && now.has(sid(g.Request)) == standing
	})
}

// done says how to take the role on. There is no secret in it.
func (c *request) done(d deed) commands.Report {
	g := d.Given
	report := c.report(g.session()+" may take on "+g.Role.Name+" until "+commands.At(g.Until), d)
	if report.Tone == commands.Plain {
		report.Tone = commands.Good
	}
	report.Body = append(report.Body, commands.Text{Text: "In the console: " + commands.Link(g.console(), "switch to "+g.Role.Name) + ". At a terminal, with credentials of your own as " + commands.Mono("default") + ":"},
		commands.Code{Text: g.lines(d.Role.SessionSeconds, c.For)},
		commands.Text{Text: "AWS lets nobody in by this after its end, and refuses everything to the sessions that run then." + g.foreign()})
	report.Undo = "access end " + g.ID()
	report.Next = []commands.Next{{Label: "End it now", Line: report.Undo, Style: "danger", Confirm: "End the access of " + g.session() + " to " + g.Role.Name + " now?"}}
	return report
}

func (g given) foreign() string {
	if field(g.Principal, 4) == g.Role.number() {
		return ""
	}
	return " The account " + field(g.Principal, 4) + " has to let them ask too (sts:AssumeRole on this role)."
}

// console is where the AWS console switches to the role.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-console.html
func (g given) console() string {
	host := map[string]string{"aws-cn": "signin.amazonaws.cn", "aws-us-gov": "signin.amazonaws-us-gov.com"}[field(g.Role.ARN, 1)]
	if host == "" {
		host = "signin.aws.amazon.com"
	}
	path := strings.TrimPrefix(field(g.Role.ARN, 5), "role/")
	return "https://" + host + "/switchrole?account=" + g.Role.number() + "&roleName=" + escape(path) + "&displayName=" + escape(g.Role.Name)
}

// escape writes what roles and names are made of into an address.
func escape(text string) string {
	return strings.NewReplacer("+", "%2B", "=", "%3D", ",", "%2C", "@", "%40", "/", "%2F").Replace(text)
}

// lines are a profile for the AWS CLI, and the call by itself. A session that a session opens lasts an hour at most.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining
func (g given) lines(most int, asked time.Duration) string {
	const least, chained = 900, 3600
	seconds := int(asked.Seconds())
	if most > 0 {
		seconds = min(seconds, most)
	}
	if field(g.Principal, 2) == "sts" {
		seconds = min(seconds, chained)
	}
	seconds = max(seconds, least)
	return fmt.Sprintf("[profile %s]\nrole_arn = %s\nrole_session_name = %s\nsource_profile = default\n\naws sts assume-role --role-arn %s --role-session-name %s --duration-seconds %d",
		g.Role.Name, g.Role.ARN, g.session(), g.Role.ARN, g.session(), seconds)
}

// Check looks whether the statement stands.
func (c *request) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	known, err := commands.Answered(ctx, run, findRole, "AWS was asked to let anybody in")
	if err != nil {
		return commands.Report{}, err
	}
	if !known {
		return commands.Report{}, commands.CutShort("AWS was asked to let anybody in")
	}
	d, err := commands.Repeat(ctx, run, findRole, func(ctx context.Context) (deed, error) { return c.deed(ctx, run) })
	if err != nil {
		return commands.Report{}, err
	}
	_, t, err := c.desk.look(ctx, d.Given.Role)
	if err != nil {
		return commands.Report{}, err
	}
	if t.has(sid(d.Given.Request)) {
		return c.done(d), nil
	}
	return commands.Report{}, &commands.Error{Kind: commands.Failed, Message: "Nobody was let in: the role's trust policy does not have the statement.", Hint: commands.SendAgain}
}

// The keys of the acts: the end, and the removal of the policy that ended it.
func (g given) overKey() string { return "access " + g.ID() + " end" }
func (g given) tidyKey() string { return "access " + g.ID() + " tidy" }

func (g given) over(asker commands.Asker) schedule.Act {
	return schedule.Act{Key: g.overKey(), Due: g.Until, Line: "access end " + g.ID(), Asker: asker, Of: g.Request, Agreed: true, Reason: "the access of " + g.ID() + " is over"}
}

func (g given) tidy(asker commands.Asker, end time.Time) schedule.Act {
	return schedule.Act{Key: g.tidyKey(), Due: useless(end), Line: "access end " + g.ID(), Asker: asker, Of: g.Request, Agreed: true, Reason: "no session of " + g.ID() + " can run any more"}
}

// short writes a length as flags take it: 4h, 90m.
func short(d time.Duration) string {
	if d%time.Hour == 0 {
		return strconv.Itoa(int(d.Hours())) + "h"
	}
	return strconv.Itoa(int(d.Minutes())) + "m"
}
