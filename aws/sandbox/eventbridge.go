package sandbox

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2 "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

func addEventBridge(table map[string]operation) {
	table["EventBridge.PutRule"] = on(putRule)
	table["EventBridge.DescribeRule"] = on(describeRule)
	table["EventBridge.DeleteRule"] = on(deleteRule)
	table["EventBridge.PutTargets"] = on(putTargets)
	table["EventBridge.RemoveTargets"] = on(removeTargets)
	table["EventBridge.ListTargetsByRule"] = on(listTargetsByRule)
	table["EventBridge.ListRuleNamesByTarget"] = on(listRuleNamesByTarget)
	table["EventBridge.ListTagsForResource"] = on(listTagsForResource)
}

// eventRule is a rule of the default bus.
type eventRule struct {
	name, arn, description string
	pattern, schedule      string
	state                  types.RuleState
	tags                   []types.Tag
	targets                []types.Target
	every                  time.Duration // of rate(...); 0 for cron, which the sandbox keeps and never fires
	next                   time.Time
}

var rateExpression = regexp.MustCompile(`^rate\((\d+) (minutes?|hours?|days?)\)$`)

func putRule(r *region, in *eventbridge.PutRuleInput) (*eventbridge.PutRuleOutput, error) {
	pattern, schedule := awssdk.ToString(in.EventPattern), awssdk.ToString(in.ScheduleExpression)
	switch {
	case pattern == "" && schedule == "":
		return nil, refuse("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.")
	case pattern != "" && !json.Valid([]byte(pattern)):
		return nil, refuse("InvalidEventPatternException", "Event pattern is not valid. Reason: Filter is not an object")
	}
	every, ok := rate(schedule)
	if schedule != "" && !ok {
		return nil, refuse("ValidationException", "Parameter ScheduleExpression is not valid.")
	}
	one := r.eventRules[*in.Name]
	if one == nil {
		one = &eventRule{name: *in.Name, arn: "arn:aws:events:" + r.name + ":" + r.account + ":rule/" + *in.Name, tags: in.Tags}
		put(&r.eventRules, one.name, one)
	}
	one.description, one.pattern, one.schedule, one.state = awssdk.ToString(in.Description), pattern, schedule, in.State
	if one.state == "" {
		one.state = types.RuleStateEnabled
	}
	one.every, one.next = every, r.now().Add(every)
	return &eventbridge.PutRuleOutput{RuleArn: &one.arn}, nil
}

// rate reads a schedule. A cron expression is taken as it is and has no rate.
func rate(expression string) (time.Duration, bool) {
	if strings.HasPrefix(expression, "cron(") && strings.HasSuffix(expression, ")") {
		return 0, len(strings.Fields(expression)) == 6
	}
	parts := rateExpression.FindStringSubmatch(expression)
	if parts == nil {
		return 0, false
	}
	n, err := strconv.Atoi(parts[1])
	unit := map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}[parts[2][0]]
	plural := strings.HasSuffix(parts[2], "s")
	return time.Duration(n) * unit, err == nil && n > 0 && plural == (n > 1)
}

func (r *region) ruleNamed(name string) (*eventRule, error) {
	if one := r.eventRules[name]; one != nil {
		return one, nil
	}
	return nil, refuse("ResourceNotFoundException", "Rule "+name+" does not exist on EventBus default.")
}

func describeRule(r *region, in *eventbridge.DescribeRuleInput) (*eventbridge.DescribeRuleOutput, error) {
	one, err := r.ruleNamed(*in.Name)
	if err != nil {
		return nil, err
	}
	out := &eventbridge.DescribeRuleOutput{Name: &one.name, Arn: &one.arn, State: one.state, EventBusName: awssdk.String("default"), CreatedBy: &r.account}
	for _, set := range []struct {
		into  **string
		value string
	}{{&out.Description, one.description}, {&out.EventPattern, one.pattern}, {&out.ScheduleExpression, one.schedule}} {
		if set.value != "" {
			*set.into = &set.value
		}
	}
	return out, nil
}

func deleteRule(r *region, in *eventbridge.DeleteRuleInput) (*eventbridge.DeleteRuleOutput, error) {
	if one := r.eventRules[*in.Name]; one != nil && len(one.targets) > 0 {
		return nil, refuse("ValidationException", "Rule can't be deleted since it has targets.")
	}
	delete(r.eventRules, *in.Name)
	return &eventbridge.DeleteRuleOutput{}, nil
}

func putTargets(r *region, in *eventbridge.PutTargetsInput) (*eventbridge.PutTargetsOutput, error) {
	one, err := r.ruleNamed(*in.Rule)
	if err != nil {
		return nil, err
	}
	for _, t := range in.Targets {
		one.targets = append(slices.DeleteFunc(slices.Clone(one.targets), func(old types.Target) bool { return *old.Id == *t.Id }), t)
	}
	return &eventbridge.PutTargetsOutput{}, nil
}

func removeTargets(r *region, in *eventbridge.RemoveTargetsInput) (*eventbridge.RemoveTargetsOutput, error) {
	one, err := r.ruleNamed(*in.Rule)
	if err != nil {
		return nil, err
	}
	one.targets = slices.DeleteFunc(slices.Clone(one.targets), func(t types.Target) bool { return slices.Contains(in.Ids, *t.Id) })
	return &eventbridge.RemoveTargetsOutput{}, nil
}

func listTargetsByRule(r *region, in *eventbridge.ListTargetsByRuleInput) (*eventbridge.ListTargetsByRuleOutput, error) {
	one, err := r.ruleNamed(*in.Rule)
	if err != nil {
		return nil, err
	}
	part, next, err := page(one.targets, in.NextToken, in.Limit)
	return &eventbridge.ListTargetsByRuleOutput{Targets: part, NextToken: next}, err
}

func listRuleNamesByTarget(r *region, in *eventbridge.ListRuleNamesByTargetInput) (*eventbridge.ListRuleNamesByTargetOutput, error) {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(r.eventRules)) {
		if slices.ContainsFunc(r.eventRules[name].targets, func(t types.Target) bool { return *t.Arn == *in.TargetArn }) {
			names = append(names, name)
		}
	}
	part, next, err := page(names, in.NextToken, in.Limit)
	return &eventbridge.ListRuleNamesByTargetOutput{RuleNames: part, NextToken: next}, err
}

func listTagsForResource(r *region, in *eventbridge.ListTagsForResourceInput) (*eventbridge.ListTagsForResourceOutput, error) {
	for _, one := range r.eventRules {
		if one.arn == *in.ResourceARN {
			return &eventbridge.ListTagsForResourceOutput{Tags: one.tags}, nil
		}
	}
	return nil, refuse("ResourceNotFoundException", "Rule does not exist on EventBus default.")
}

// moment is a state that an instance entered.
type moment struct {
	state ec2.InstanceStateName
	at    time.Time
}

// longestBacklog bounds how many slots of a schedule are made up for when nobody has looked for long.
const longestBacklog = 100

// pass lets happen what time has brought: instances that changed their state, and schedules that were due.
func (r *region) pass() {
	r.passStacks()
	for _, in := range r.present() {
		trail := in.trail
		in.trail = nil
		for _, m := range trail {
			r.emit(m.at, map[string]any{
				"version": "0", "id": r.world.id("event"), "source": "aws.ec2", "detail-type": "EC2 Instance State-change Notification",
				"account": r.account, "region": r.name, "time": m.at.UTC().Format(time.RFC3339),
				"resources": []string{"arn:aws:ec2:" + r.name + ":" + r.account + ":instance/" + *in.InstanceId},
				"detail":    map[string]any{"instance-id": *in.InstanceId, "state": string(m.state)},
			})
		}
	}
	now := r.now()
	for _, name := range slices.Sorted(maps.Keys(r.eventRules)) {
		one := r.eventRules[name]
		for n := 0; one.every > 0 && one.state == types.RuleStateEnabled && !now.Before(one.next); n++ {
			if n < longestBacklog {
				r.fire(one, one.next)
			}
			one.next = one.next.Add(one.every)
		}
	}
}

func (r *region) emit(at time.Time, event map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(r.eventRules)) {
		one := r.eventRules[name]
		var pattern map[string]any
		if one.pattern == "" || one.state != types.RuleStateEnabled || json.Unmarshal([]byte(one.pattern), &pattern) != nil {
			continue
		}
		if fits(pattern, event) {
			r.fire(one, at)
		}
	}
}

// fits tells whether an event has, under every key of a pattern, one of the values listed there. Only plain values are understood.
func fits(pattern, event map[string]any) bool {
	for key, want := range pattern {
		switch want := want.(type) {
		case map[string]any:
			inner, ok := event[key].(map[string]any)
			if !ok || !fits(want, inner) {
				return false
			}
		case []any:
			if !slices.ContainsFunc(want, func(v any) bool { text, ok := v.(string); return ok && event[key] == text }) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// fire invokes the functions that a rule targets, where their policies let it.
func (r *region) fire(one *eventRule, at time.Time) {
	for _, t := range one.targets {
		f := r.functions[plainName(*t.Arn)]
		if f != nil && *f.FunctionArn == *t.Arn && f.lets("events.amazonaws.com", one.arn) {
			r.play(f, f.FunctionConfiguration, at)
		}
	}
}
