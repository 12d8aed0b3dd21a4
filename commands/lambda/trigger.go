package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"regexp"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
)

// Source is the flags that say what triggers a function.
type Source struct {
	On     string   `flag:"on" value:"EVENT" help:"ec2-state-change, or schedule:\"rate(5 minutes)\"."`
	States []string `flag:"state" value:"STATE" help:"Only when an instance gets into this state: running, stopped, ..."`
	IDs    []string `flag:"instance-ids" alias:"instance-id" value:"ID" help:"Only these instances."`
}

var (
	rate       = regexp.MustCompile(`^rate\(\s*([1-9]\d*)\s+(minutes?|hours?|days?)\s*\)$`)
	cron       = regexp.MustCompile(`^cron\(\s*(\S+\s+){5}\S+\s*\)$`)
	instanceID = regexp.MustCompile(`^i-[0-9a-f]{8,17}$`)
)

// The service that invokes a function for a rule, and the name of the function among the rule's targets.
const (
	eventBridge = "events.amazonaws.com"
	targetID    = "deckhand"
)

// rule answers the rule that the flags mean; its name tells the same flags again. Errors are of kind Usage.
func (s Source) rule(function string) (aws.EventRule, error) {
	kind, detail, _ := strings.Cut(s.On, ":")
	var rule aws.EventRule
	switch strings.ToLower(kind) {
	case "ec2-state-change":
		if detail != "" {
			s.States = append(slices.Clone(s.States), strings.Split(detail, ",")...)
		}
		pattern, err := s.pattern()
		if err != nil {
			return rule, err
		}
		kind, rule.Pattern = "ec2", pattern
		rule.Description = "Changes of EC2 instances invoke " + function
	case "schedule":
		expression, err := schedule(detail)
		if err != nil {
			return rule, err
		}
		if len(s.States)+len(s.IDs) > 0 {
			return rule, usage("--state and --instance-ids belong to ec2-state-change.", "Leave them out.")
		}
		kind, rule.Schedule = "time", expression
		rule.Description = "A schedule invokes " + function
	case "api":
		return rule, usage("A route of an API is added to the API.", "Write "+commands.Mono(`api route add --name API --route "GET /count" --function `+function)+".")
	case "":
		return rule, usage("The line does not say what triggers the function.", "Give --on ec2-state-change, or --on schedule:\"rate(5 minutes)\".")
	default:
		return rule, usage("deckhand sets up no triggers of the kind "+commands.Mono(kind)+".", "It does ec2-state-change and schedule; "+commands.Mono("api route add")+" does routes of an API.")
	}
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(function + rule.Pattern + rule.Schedule))
	rule.Name = fmt.Sprintf("%s-%s-%08x", cut("deckhand-"+function, 48), kind, sum.Sum32())
	return rule, nil
}

// pattern selects changes of EC2 instances.
// Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instance-state-changes.html
func (s Source) pattern() (string, error) {
	detail := map[string][]string{}
	states := []string{"pending", "running", "stopping", "stopped", "shutting-down", "terminated"}
	for _, state := range s.States {
		if !slices.Contains(states, state) {
			return "", usage(commands.Mono(state)+" is no state of an instance.", "The states are "+strings.Join(states, ", ")+".")
		}
		detail["state"] = append(detail["state"], state)
	}
	for _, id := range s.IDs {
		if !instanceID.MatchString(id) {
			return "", usage(commands.Mono(id)+" is no id of an instance.", commands.Mono("vm list")+" shows the ids.")
		}
		detail["instance-id"] = append(detail["instance-id"], id)
	}
	pattern := map[string]any{"source": []string{"aws.ec2"}, "detail-type": []string{"EC2 Instance State-change Notification"}}
	if len(detail) > 0 {
		slices.Sort(detail["state"])
		slices.Sort(detail["instance-id"])
		pattern["detail"] = detail
	}
	raw, err := json.Marshal(pattern)
	return string(raw), err
}

// schedule reads rate(5 minutes) and cron(0 9 * * ? *), and mends the number of a unit.
// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
func schedule(text string) (string, error) {
	text = strings.TrimSpace(text)
	if parts := rate.FindStringSubmatch(text); parts != nil {
		unit := strings.TrimSuffix(parts[2], "s")
		if parts[1] != "1" {
			unit += "s"
		}
		return "rate(" + parts[1] + " " + unit + ")", nil
	}
	if cron.MatchString(text) {
		return text, nil
	}
	return "", usage(commands.Mono(or(text, "schedule:"))+" is no schedule of EventBridge.",
		"It looks like "+commands.Mono(`schedule:"rate(5 minutes)"`)+" or "+commands.Mono(`schedule:"cron(0 9 ? * MON-FRI *)"`)+", in UTC.")
}

// words says what a rule does.
func ruleWords(r aws.EventRule) string {
	if r.Schedule != "" {
		return r.Schedule + ", in UTC"
	}
	var pattern struct {
		Source []string
		Detail map[string][]string
	}
	if json.Unmarshal([]byte(r.Pattern), &pattern) != nil || !slices.Contains(pattern.Source, "aws.ec2") {
		return or(r.Pattern, "-")
	}
	text := "an EC2 instance changes its state"
	if states := pattern.Detail["state"]; len(states) > 0 {
		text = "an EC2 instance gets " + strings.Join(states, " or ")
	}
	if ids := pattern.Detail["instance-id"]; len(ids) > 0 {
		text += " (" + strings.Join(ids, ", ") + ")"
	}
	return text
}

// TriggerAdd is lambda trigger add.
type TriggerAdd struct {
	Named
	Source

	cloud Cloud
}

// Validate refuses an event that cannot be a trigger.
func (c *TriggerAdd) Validate() error {
	if err := c.Named.Validate(); err != nil {
		return err
	}
	name, _, _, _ := c.aim()
	_, err := c.rule(name)
	return err
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
	p, rule, err := c.prepare(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	return commands.Report{
		Title: "Would let " + ruleKind(rule) + " invoke " + p.Function.Name, Where: where(p.Place),
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
	p, rule, err := c.prepare(ctx, run)
	if err != nil {
		return commands.Report{}, err
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
	return c.report(p, rule), nil
}

func halfTrigger(p picked, rule aws.EventRule) commands.Report {
	return commands.Report{
		Title: "Not triggered yet: " + p.Function.Name, Where: where(p.Place),
		Body: commands.Blocks{commands.Text{Text: "The rule " + commands.Mono(rule.Name) + " stands and does not invoke the function yet. The same line again finishes it; " +
			commands.Mono(removeLine(p, rule.Name)) + " takes it away."}},
		Next: []commands.Next{{Label: "Take it away", Line: removeLine(p, rule.Name)}},
	}
}

func (c *TriggerAdd) report(p picked, rule aws.EventRule) commands.Report {
	return commands.Report{
		Tone: commands.Good, Title: fmt.Sprintf("%s is invoked by %s now", p.Function.Name, ruleKind(rule)), Where: where(p.Place),
		Body: commands.Blocks{commands.Fields{Fields: []commands.Field{{Name: "When", Value: ruleWords(rule)}, {Name: "Rule", Value: commands.Mono(rule.Name)}}}},
		Next: []commands.Next{
			{Label: "Logs", Line: p.line("lambda logs")}, {Label: "Triggers", Line: p.line("lambda trigger list")},
			{Label: "Remove", Line: removeLine(p, rule.Name), Confirm: "Remove this trigger?"},
		},
	}
}

// Check looks whether the rule, its permission and its target stand.
func (c *TriggerAdd) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, rule, err := c.prepare(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	names, err := c.cloud.RulesFor(ctx, p.Target, p.Function.ARN)
	if err != nil {
		return commands.Report{}, err
	}
	grants, err := c.cloud.FunctionGrants(ctx, p.Target, p.Function.Name)
	if err != nil {
		return commands.Report{}, err
	}
	if slices.Contains(names, rule.Name) && slices.ContainsFunc(grants, func(g aws.Grant) bool { return g.ID == rule.Name }) {
		return c.report(p, rule), nil
	}
	return halfTrigger(p, rule), &commands.Error{Kind: commands.Failed, Message: "The trigger is not complete.", Hint: "The same line again finishes it."}
}

// TriggerList is lambda trigger list.
type TriggerList struct {
	Named

	cloud Cloud
}

// Run shows what points at the function, and who may invoke it: both have to be there for a trigger to work.
func (c *TriggerList) Run(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	p, err := c.find(ctx, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	names, err := c.cloud.RulesFor(ctx, p.Target, p.Function.ARN)
	if err != nil {
		return commands.Report{}, err
	}
	grants, grantErr := c.cloud.FunctionGrants(ctx, p.Target, p.Function.Name)
	queues, queueErr := c.cloud.QueueSources(ctx, p.Target, p.Function.Name)
	if err := errors.Join(grantErr, queueErr); err != nil {
		return commands.Report{}, err
	}
	table := commands.Table{Columns: []string{"Trigger", "When", "State", "May invoke"}}
	used := map[string]bool{}
	for _, name := range names {
		rule, err := c.cloud.EventRule(ctx, p.Target, name)
		if err != nil {
			return commands.Report{}, err
		}
		allowed := "no: the rule fires and nothing happens"
		for _, g := range grants {
			if g.Principal == eventBridge && (g.SourceARN == "" || aws.Wildcard(g.SourceARN, rule.ARN)) {
				allowed, used[g.ID] = "yes", true
			}
		}
		state := map[bool]string{true: "on", false: "off"}[rule.Enabled]
		table.Rows = append(table.Rows, []string{name, ruleWords(rule), state, allowed})
	}
	for _, q := range queues {
		table.Rows = append(table.Rows, []string{q.ID, "messages in " + q.SourceARN, q.State, "reads by its own role"})
	}
	for _, g := range grants {
		if used[g.ID] {
			continue
		}
		from := g.Principal + " for " + or(g.SourceARN, "anything")
		if g.Principal == eventBridge {
			from += ", where no rule invokes it now"
		}
		table.Rows = append(table.Rows, []string{g.ID, from, "-", "yes"})
	}
	report := commands.Report{Title: counted(len(table.Rows), "trigger") + " of " + p.Function.Name, Where: where(p.Place), Body: commands.Blocks{table}}
	if len(table.Rows) == 0 {
		report.Body = commands.Blocks{commands.Text{Text: "Nothing invokes it by itself. " + commands.Mono(p.line("lambda trigger add")+" --on ec2-state-change") + " adds a trigger."}}
	}
	return report, nil
}

// TriggerRemove is lambda trigger remove.
type TriggerRemove struct {
	Named
	Source
	Rule string `flag:"rule" alias:"trigger" value:"TRIGGER" help:"The trigger's name in lambda trigger list."`

	cloud Cloud
}

// Validate refuses a line that names no trigger.
func (c *TriggerRemove) Validate() error {
	if err := c.Named.Validate(); err != nil {
		return err
	}
	if c.Rule != "" {
		return nil
	}
	name, _, _, _ := c.aim()
	_, err := c.rule(name)
	return err
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
			Kind: commands.Denied, Message: "The rule " + commands.Mono(name) + " was not made by deckhand for this function, so it is left alone.", Hint: "Remove it where it was made.",
		}
	}
	return t, nil
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
		line += flagWord("state", strings.Join(pattern.Detail["state"], ",")) + flagWord("instance-ids", strings.Join(pattern.Detail["instance-id"], ","))
	}
	return line
}

// Plan tells what would be removed.
func (c *TriggerRemove) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	t, err := c.pinnedTrigger(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	return commands.Report{
		Title: "Would remove a trigger of " + t.Function.Name, Where: where(t.Place),
		Body: commands.Blocks{commands.Text{Text: fmt.Sprintf("The rule %s (%s) and its permission go. %s makes it again.", commands.Mono(or(t.Rule.Name, t.Grant)), ruleWords(t.Rule), commands.Mono(t.addLine()))}},
	}, nil
}

// Run removes the rule and the permission. Both may be repeated.
func (c *TriggerRemove) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	t, err := c.pinnedTrigger(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	if t.Rule.Name != "" {
		_, err := commands.Repeat(ctx, run, "DeleteRule", func(ctx context.Context) (bool, error) {
			return true, c.cloud.DeleteEventRule(ctx, t.Target, t.Rule.Name)
		})
		if err != nil {
			return commands.Report{}, err
		}
	}
	if t.Grant != "" {
		_, err := commands.Repeat(ctx, run, "RemovePermission", func(ctx context.Context) (bool, error) {
			return true, c.cloud.RevokeInvoke(ctx, t.Target, t.Function.Name, t.Grant)
		})
		if err != nil {
			return commands.Report{Title: "Removed in part", Where: where(t.Place), Body: commands.Blocks{commands.Text{
				Text: "The rule is gone, and the permission stands, which invokes nothing by itself. " + commands.Mono(removeLine(t.picked, t.Grant)) + " finishes it.",
			}}}, err
		}
	}
	return c.report(t), nil
}

func (c *TriggerRemove) report(t trigger) commands.Report {
	report := commands.Report{Tone: commands.Good, Title: "Removed a trigger of " + t.Function.Name, Where: where(t.Place), Body: commands.Blocks{
		commands.Text{Text: "It is not invoked any more by this: " + ruleWords(t.Rule) + "."},
	}}
	if t.Rule.Name != "" {
		report.Next = []commands.Next{{Label: "Put it back", Line: t.addLine()}}
	}
	return report
}

// Check looks whether the trigger is gone.
func (c *TriggerRemove) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
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
