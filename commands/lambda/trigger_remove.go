package lambda

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/spelling"
	"deckhand/commands/where"
)

// TriggerRemove is lambda trigger remove.
type TriggerRemove struct {
	Named
	Source
	Rule string `flag:"rule" alias:"trigger" value:"TRIGGER" help:"The trigger's name in lambda trigger list."`

	cloud  Cloud
	routes Routes
}

// named fills in what the trigger's name in the list means, where that is no rule of EventBridge: an event source mapping by its id, or what deckhand
// made for a bucket or a topic by the permission of that name.
func (c *TriggerRemove) named(ctx context.Context, run *commands.Run) error {
	mapping, made := isMapping(c.Rule), strings.HasPrefix(c.Rule, bucketMark) || strings.HasPrefix(c.Rule, topicMark)
	if !mapping && !made {
		return nil
	}
	source, err := commands.Repeat(ctx, run, "look at name", func(ctx context.Context) (Source, error) {
		p, err := c.find(ctx, c.cloud)
		if err != nil {
			return Source{}, err
		}
		if mapping {
			return c.mapped(ctx, p)
		}
		return c.granted(ctx, p)
	})
	c.Source = source
	return err
}

// isMapping tells whether a text is the id of an event source mapping.
func isMapping(text string) bool {
	return len(text) == 36 && strings.Count(text, "-") == 4 && spelling.Fits(text, 36, "0-9a-f", "0-9a-f-")
}

func (c *TriggerRemove) mapped(ctx context.Context, p picked) (Source, error) {
	all, err := c.cloud.QueueSources(ctx, p.Target, p.Function.Name)
	for _, one := range all {
		if one.ID == c.Rule {
			return Source{On: one.SourceARN}, err
		}
	}
	return Source{}, cmp.Or(err, notATrigger(p, c.Rule))
}

func (c *TriggerRemove) granted(ctx context.Context, p picked) (Source, error) {
	grants, err := c.cloud.FunctionGrants(ctx, p.Target, p.Function.Name)
	if err != nil {
		return Source{}, err
	}
	i := slices.IndexFunc(grants, func(g aws.Grant) bool { return g.ID == c.Rule })
	switch {
	case i < 0:
		return Source{}, notATrigger(p, c.Rule)
	case grants[i].Principal == sns:
		return Source{On: grants[i].SourceARN}, nil
	}
	there, err := c.cloud.BucketTriggers(ctx, p.Target, lastOf(grants[i].SourceARN))
	for _, t := range there {
		if t.ID == c.Rule {
			return Source{On: "s3:" + t.Bucket + "/" + t.Prefix, Suffix: t.Suffix, Events: t.Events}, err
		}
	}
	if failed(err) {
		return Source{}, err
	}
	return Source{}, nil // only the permission stands
}

// other is what removes a trigger that is no rule of EventBridge; nil for a rule.
func (c *TriggerRemove) other() runner {
	if c.Rule != "" && c.On == "" {
		return nil
	}
	switch c.way() {
	case byQueue, byStream:
		return &queueRemoval{c}
	case byBucket:
		return &bucketRemoval{c}
	case byTopic:
		return &topicRemoval{c}
	case byRoute:
		if c.routes.Remove == nil {
			return nil
		}
		made, _ := c.routes.Remove(c.route(c.Named, Route{})).(runner)
		return made
	default:
		return nil
	}
}

// Validate refuses a line that names no trigger.
func (c *TriggerRemove) Validate() error {
	if err := c.Named.Validate(); err != nil {
		return err
	}
	if c.Rule != "" && c.On != "" {
		return commands.Misuse("The line names a trigger twice.", "Name it by "+commands.Mono("--on")+" or by "+commands.Mono("--rule")+".")
	}
	if c.Rule != "" {
		return nil
	}
	name, _, _, _ := c.aim()
	if err := c.check(name); err != nil {
		return err
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
func (c *TriggerRemove) Scope(ctx context.Context) (commands.Scope, error) {
	return c.scope(ctx, c.cloud)
}

// trigger is one to be removed, as it stood.
type trigger struct {
	picked
	Rule  aws.EventRule
	Grant string
}

// look finds the rule, and its statement in the function's policy.
func (c *TriggerRemove) look(ctx context.Context) (trigger, error) {
	p, err := c.find(ctx, c.cloud)
	t := trigger{picked: p}
	t.Function.Environment = nil
	if err != nil {
		return t, err
	}
	name := c.Rule
	if name == "" {
		wanted, err := c.rule(p.Function.Name)
		if err != nil {
			return t, err
		}
		name = wanted.Name
	}
	grants, err := c.cloud.FunctionGrants(ctx, p.Target, p.Function.Name)
	if err != nil {
		return t, err
	}
	if slices.ContainsFunc(grants, func(g aws.Grant) bool { return g.ID == name }) {
		t.Grant = name
		if err := c.routed(ctx, p, grants, name); err != nil {
			return t, err
		}
	}
	t.Rule, err = c.cloud.EventRule(ctx, p.Target, name)
	switch {
	case failed(err):
		return t, err
	case err != nil && t.Grant == "":
		return t, &commands.Error{
			Kind: commands.NotFound, Message: fmt.Sprintf("%s has no trigger %s.", p.Function.Name, commands.Mono(name)), Hint: commands.Mono(p.line("lambda trigger list")) + " shows what it has.",
		}
	case err == nil && t.Rule.Tags[functionTag] != p.Function.Name:
		return t, &commands.Error{
			Kind: commands.Conflict, Message: "The rule " + commands.Mono(name) + " was not made by deckhand for this function, so it is left alone.", Hint: "Remove it where it was made.",
		}
	}
	return t, nil
}

// routed is an error where a statement was given to a route that stands: the route would answer 500 without it.
func (c *TriggerRemove) routed(ctx context.Context, p picked, grants []aws.Grant, name string) error {
	one := grants[slices.IndexFunc(grants, func(g aws.Grant) bool { return g.ID == name })]
	if one.Principal != gateway || !strings.HasPrefix(name, ourMark) || c.routes.Left == nil {
		return nil
	}
	left, err := c.routes.left(ctx, p.Target, grants)
	if err != nil || left[name] != "" {
		return err
	}
	return &commands.Error{
		Kind: commands.Conflict, Message: "The permission " + commands.Mono(name) + " belongs to " + routeWords(one.SourceARN) + ", which stands, so it is left alone.",
		Hint: "Remove the route with " + commands.Mono("api route remove") + "; its permission goes with it.",
	}
}

func (c *TriggerRemove) pinnedTrigger(ctx context.Context, run *commands.Run) (trigger, error) {
	return commands.Repeat(ctx, run, "look at trigger", func(ctx context.Context) (trigger, error) { return c.look(ctx) })
}

// addLine is the line that makes the trigger again.
func (t trigger) addLine() string {
	var pattern struct{ Detail map[string][]string }
	line := t.line("lambda trigger add")
	if t.Rule.Schedule != "" {
		return line + " --on " + commands.Quote("schedule:"+t.Rule.Schedule)
	}
	line += " --on ec2-state-change"
	if json.Unmarshal([]byte(t.Rule.Pattern), &pattern) == nil {
		line += commands.Flag("state", strings.Join(pattern.Detail["state"], ",")) + commands.Flag("instance-ids", strings.Join(pattern.Detail["instance-id"], ","))
	}
	return line
}

// Plan tells what would be removed.
func (c *TriggerRemove) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	if err := c.named(ctx, run); err != nil {
		return commands.Report{}, err
	}
	if other := c.other(); other != nil {
		return other.Plan(ctx, run)
	}
	t, err := c.pinnedTrigger(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	text := "The permission " + commands.Mono(t.Grant) + " goes, behind which no rule stands. Nothing here makes it again, and it cannot be undone."
	if t.Rule.Name != "" {
		text = fmt.Sprintf("The rule %s (%s) and its permission go. %s makes it again.", commands.Mono(t.Rule.Name), ruleWords(t.Rule), commands.Mono(t.addLine()))
	}
	return commands.Report{Title: "Would remove a trigger of " + t.Function.Name, Where: where.Words(t.Place), Body: commands.Blocks{commands.Text{Text: text}}}, nil
}

// Run removes the rule and the permission. Both may be repeated.
func (c *TriggerRemove) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	if err := c.named(ctx, run); err != nil {
		return commands.Report{}, err
	}
	if other := c.other(); other != nil {
		return other.Run(ctx, run)
	}
	t, err := c.pinnedTrigger(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	if t.Rule.Name != "" {
		_, err := commands.Repeat(ctx, run, "DeleteRule", func(ctx context.Context) (bool, error) {
			return true, c.cloud.DeleteEventRule(ctx, t.Target, t.Rule.Name)
		})
		if err != nil {
			return c.unaimed(ctx, t), err
		}
	}
	if t.Grant != "" {
		_, err := commands.Repeat(ctx, run, "RemovePermission", func(ctx context.Context) (bool, error) {
			return true, c.cloud.RevokeInvoke(ctx, t.Target, t.Function.Name, t.Grant)
		})
		if err != nil {
			return commands.Report{Title: "Removed in part", Where: where.Words(t.Place), Body: commands.Blocks{commands.Text{
				Text: "The rule is gone, and the permission stands, which invokes nothing by itself. " + commands.Mono(removeLine(t.picked, t.Grant)) + " finishes it.",
			}}}, err
		}
	}
	return c.report(t), nil
}

// unaimed says that a rule which could not be deleted lost its target, where AWS shows so: its targets are removed first.
func (c *TriggerRemove) unaimed(ctx context.Context, t trigger) commands.Report {
	names, err := c.cloud.RulesFor(ctx, t.Target, t.Function.ARN)
	if err != nil || slices.Contains(names, t.Rule.Name) {
		return commands.Report{}
	}
	return commands.Report{Title: "Removed in part", Where: where.Words(t.Place), Body: commands.Blocks{commands.Text{
		Text: "The rule " + commands.Mono(t.Rule.Name) + " invokes the function no longer, and stands. " + commands.Mono(removeLine(t.picked, t.Rule.Name)) + " finishes it; " + commands.Mono(t.addLine()) + " makes it whole again.",
	}}}
}

func (c *TriggerRemove) report(t trigger) commands.Report {
	report := commands.Report{Tone: commands.Good, Title: "Removed a trigger of " + t.Function.Name, Where: where.Words(t.Place), Body: commands.Blocks{
		commands.Text{Text: "Its permission " + commands.Mono(t.Grant) + " is gone."},
	}}
	if t.Rule.Name != "" {
		report.Body[0] = commands.Text{Text: "It is not invoked any more by this: " + ruleWords(t.Rule) + "."}
		report.Next = []commands.Next{{Label: "Undo", Line: t.addLine()}}
	}
	return report
}

// Check looks whether the trigger is gone.
func (c *TriggerRemove) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	if err := c.named(ctx, run); err != nil {
		return commands.Report{}, err
	}
	if other := c.other(); other != nil {
		return other.Check(ctx, run)
	}
	t, err := c.pinnedTrigger(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	if _, err := c.look(ctx); err != nil && commands.Words(err).Kind == commands.NotFound {
		return c.report(t), nil
	} else if err != nil {
		return commands.Report{}, err
	}
	return commands.Report{}, &commands.Error{Kind: commands.Failed, Message: "The trigger is still there.", Hint: "The same line again removes it."}
}
