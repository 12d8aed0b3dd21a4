package lambda

import (
	"context"
	"fmt"
	"slices"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// TriggerAdd is lambda trigger add.
type TriggerAdd struct {
	Named
	Source
	Authorization string   `flag:"authorization" alias:"authorization-type" value:"HOW" help:"Who may call the route: jwt, iam, or none."`
	Issuer        string   `flag:"issuer" value:"URL" help:"Who issues the tokens, for jwt."`
	Audience      []string `flag:"audience" value:"NAME" help:"Whom the tokens are for, for jwt."`
	Public        bool     `flag:"public" help:"Yes, everybody on the internet may call the route."`

	cloud  Cloud
	routes Routes
}

// runner is what a command does.
type runner interface {
	commands.Runner
	commands.Planner
	commands.Checker
}

// other is what adds a trigger that is no rule of EventBridge; nil for a rule.
func (c *TriggerAdd) other() runner {
	switch c.way() {
	case byQueue, byStream:
		return &queueTrigger{c}
	case byBucket:
		return &bucketTrigger{c}
	case byTopic:
		return &topicTrigger{c}
	case byRoute:
		if c.routes.Add == nil {
			return nil
		}
		made, _ := c.routes.Add(c.route(c.Named, Route{Authorization: c.Authorization, Issuer: c.Issuer, Audience: c.Audience, Public: c.Public})).(runner)
		return made
	default:
		return nil
	}
}

// route is the route that the flags mean, on top of who may call it.
func (s Source) route(n Named, r Route) Route {
	name, _, t, _ := n.aim()
	r.Function, r.API, r.Key, r.Region, r.Account = name, s.API, s.detail(), t.Region, t.Account
	return r
}

// Notice is the id of the notification that the line makes, or the beginning, up to a hyphen, of the id of the permission that it gives a topic,
// or the ARN, of some account, of the queue or table that it has read; "" where it makes none of these.
func (c *TriggerAdd) Notice() string {
	name, _, _, err := c.aim()
	if err != nil {
		return ""
	}
	switch c.way() {
	case byBucket:
		t, _ := c.bucket(name, "")
		return t.ID
	case byTopic:
		return topicNotice(c.detail())
	case byQueue:
		arn, _ := c.queue(someFunction + name)
		return arn
	case byStream:
		arn, _ := c.table(someFunction + name)
		return arn
	default:
		return ""
	}
}

// Validate refuses an event that cannot be a trigger.
func (c *TriggerAdd) Validate() error {
	if err := c.Named.Validate(); err != nil {
		return err
	}
	name, _, _, _ := c.aim()
	if err := c.check(name); err != nil {
		return err
	}
	if c.way() != byRoute && (c.Public || c.Authorization != "" || c.Issuer != "" || len(c.Audience) > 0) {
		return commands.Misuse("Who may call belongs to a route of an API.", "Leave it out.")
	}
	if c.way() != byRoute {
		return nil // the others embed this command, and its Validate with it
	}
	if v, ok := c.other().(commands.Validator); ok {
		return v.Validate()
	}
	return nil
}

// Scope is the function.
func (c *TriggerAdd) Scope(ctx context.Context) (commands.Scope, error) { return c.scope(ctx, c.cloud) }

// prepare answers the rule, and refuses a name that is taken by one that was not made for this function.
func (c *TriggerAdd) prepare(ctx context.Context, run *commands.Run) (picked, aws.EventRule, error) {
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return p, aws.EventRule{}, err
	}
	rule, err := c.rule(p.Function.Name)
	if err != nil {
		return p, rule, err
	}
	rule.Tags = madeFor(p.Function.Name, run)
	there, err := c.cloud.EventRule(ctx, p.Target, rule.Name)
	switch {
	case failed(err):
		return p, rule, err
	case err == nil && there.Tags[functionTag] != p.Function.Name:
		return p, rule, &commands.Error{Kind: commands.Failed, Message: "There is a rule " + commands.Mono(rule.Name) + " that was not made for this, so it is left alone.", Hint: "Nothing was done."}
	}
	return p, rule, nil
}

// Plan tells what would be made.
func (c *TriggerAdd) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	if other := c.other(); other != nil {
		return other.Plan(ctx, run)
	}
	p, rule, err := c.prepare(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	if whole, err := c.whole(ctx, p, rule); err != nil || whole {
		return stands(c.report(p, rule, false)), err
	}
	return commands.Report{
		Title: "Would let " + ruleKind(rule) + " invoke " + p.Function.Name, Where: where.Words(p.Place),
		Body: commands.Blocks{
			commands.Fields{Fields: []commands.Field{
				{Name: "When", Value: ruleWords(rule)}, {Name: "Rule", Value: commands.Mono(rule.Name)},
				{Name: "Permission", Value: "EventBridge may invoke the function, for this rule alone"},
			}},
			commands.Text{Text: commands.Mono(removeLine(p, rule.Name)) + " takes it away again."},
		},
	}, nil
}

func ruleKind(r aws.EventRule) string {
	if r.Schedule != "" {
		return "a schedule"
	}
	return "changes of VMs"
}

func removeLine(p picked, rule string) string {
	return p.line("lambda trigger remove") + " --rule " + rule
}

// Run makes the rule, allows it, and points it at the function last, so that no event is lost for lack of permission.
func (c *TriggerAdd) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	if other := c.other(); other != nil {
		return other.Run(ctx, run)
	}
	p, rule, err := c.prepare(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	before, err := c.before(ctx, run, p, rule)
	if err != nil || before {
		return c.report(p, rule, before), err
	}
	run.Say("Making the rule " + rule.Name + ".")
	rule.ARN, err = commands.Repeat(ctx, run, "PutRule", func(ctx context.Context) (string, error) { return c.cloud.PutEventRule(ctx, p.Target, rule) })
	if err != nil {
		return commands.Report{}, err
	}
	for _, step := range []struct {
		name string
		do   func(ctx context.Context) error
	}{
		{"AddPermission", func(ctx context.Context) error {
			return c.cloud.GrantInvoke(ctx, p.Target, p.Function.Name, aws.Grant{ID: rule.Name, Principal: eventBridge, SourceARN: rule.ARN}, "")
		}},
		{"PutTargets", func(ctx context.Context) error {
			return c.cloud.TargetFunction(ctx, p.Target, rule.Name, targetID, p.Function.ARN)
		}},
	} {
		_, err := commands.Repeat(ctx, run, step.name, func(ctx context.Context) (bool, error) { return true, step.do(ctx) })
		if err != nil {
			return halfTrigger(p, rule), err
		}
	}
	return c.report(p, rule, false), nil
}

// before tells whether the trigger stood before the line.
func (c *TriggerAdd) before(ctx context.Context, run *commands.Run, p picked, rule aws.EventRule) (bool, error) {
	return commands.Repeat(ctx, run, "look whether it stands", func(ctx context.Context) (bool, error) { return c.whole(ctx, p, rule) })
}

// whole tells whether the rule is on, invokes the function, and may.
func (c *TriggerAdd) whole(ctx context.Context, p picked, rule aws.EventRule) (bool, error) {
	if there, err := c.cloud.EventRule(ctx, p.Target, rule.Name); err != nil || !there.Enabled {
		if failed(err) {
			return false, err
		}
		return false, nil
	}
	names, err := c.cloud.RulesFor(ctx, p.Target, p.Function.ARN)
	if err != nil || !slices.Contains(names, rule.Name) {
		return false, err
	}
	return p.may(ctx, c.cloud, rule.Name)
}

func halfTrigger(p picked, rule aws.EventRule) commands.Report {
	return commands.Report{
		Title: "Not triggered yet: " + p.Function.Name, Where: where.Words(p.Place),
		Body: commands.Blocks{commands.Text{Text: "The rule " + commands.Mono(rule.Name) + " stands and does not invoke the function yet. The same line again finishes it; " +
			commands.Mono(removeLine(p, rule.Name)) + " takes it away."}},
		Next: []commands.Next{{Label: "Take it away", Line: removeLine(p, rule.Name)}},
	}
}

func (c *TriggerAdd) report(p picked, rule aws.EventRule, before bool) commands.Report {
	report := commands.Report{
		Tone: commands.Good, Title: fmt.Sprintf("%s is invoked by %s now", p.Function.Name, ruleKind(rule)), Where: where.Words(p.Place),
		Body: commands.Blocks{commands.Fields{Fields: []commands.Field{{Name: "When", Value: ruleWords(rule)}, {Name: "Rule", Value: commands.Mono(rule.Name)}}}},
		Next: []commands.Next{
			{Label: "Logs", Line: p.line("lambda logs")}, {Label: "Triggers", Line: p.line("lambda trigger list")},
			{Label: "Undo", Line: removeLine(p, rule.Name), Confirm: "Remove this trigger?"},
		},
	}
	if before {
		report = stood(report)
	}
	return report
}

// Check looks whether the rule, its permission and its target stand.
func (c *TriggerAdd) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	if other := c.other(); other != nil {
		return other.Check(ctx, run)
	}
	p, rule, err := c.prepare(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	before, err := c.before(ctx, run, p, rule)
	if err != nil {
		return commands.Report{}, err
	}
	whole, err := c.whole(ctx, p, rule)
	if err != nil {
		return commands.Report{}, err
	}
	if whole {
		return c.report(p, rule, before), nil
	}
	if _, err := c.cloud.EventRule(ctx, p.Target, rule.Name); err != nil {
		if failed(err) {
			return commands.Report{}, err
		}
		return commands.Report{}, &commands.Error{Kind: commands.Failed, Message: "AWS shows no rule " + commands.Mono(rule.Name) + ", so nothing was made.", Hint: "Send the same line again if it is still wanted."}
	}
	return halfTrigger(p, rule), &commands.Error{Kind: commands.Failed, Message: "The trigger is not complete.", Hint: "The same line again finishes it."}
}
