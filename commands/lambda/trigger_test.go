package lambda

import (
	"context"
	"slices"
	"strings"
	"testing"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
)

// reader is a function that reads what its mappings say, with a role of somebody else's.
type reader struct {
	coop
	reads  []aws.QueueSource
	grants []aws.Grant
	rule   aws.EventRule // loses its targets, and may not be deleted
	aimed  []string
}

func (r *reader) Function(_ context.Context, _ aws.Target, name, _ string) (aws.Function, error) {
	return aws.Function{Name: name, ARN: someFunction + name, Role: "arn:aws:iam::123456789012:role/theirs"}, nil
}

func (r *reader) Role(context.Context, aws.Target, string) (aws.Role, error) {
	return aws.Role{Name: "theirs"}, nil
}

func (r *reader) QueueSources(context.Context, aws.Target, string) ([]aws.QueueSource, error) {
	return r.reads, nil
}

func (r *reader) StopReadingQueue(_ context.Context, _ aws.Target, id string) error {
	r.reads = slices.DeleteFunc(slices.Clone(r.reads), func(q aws.QueueSource) bool { return q.ID == id })
	return nil
}

func (r *reader) WaitForQueue(context.Context, aws.Target, string, string, bool) error { return nil }

func (r *reader) FunctionGrants(context.Context, aws.Target, string) ([]aws.Grant, error) {
	return r.grants, nil
}

func (r *reader) EventRule(context.Context, aws.Target, string) (aws.EventRule, error) {
	if r.rule.Name == "" {
		return aws.EventRule{}, &commands.Error{Kind: commands.NotFound, Message: "none"}
	}
	return r.rule, nil
}

func (r *reader) DeleteEventRule(context.Context, aws.Target, string) error {
	r.aimed = nil
	return &commands.Error{Kind: commands.Denied, Message: "AWS refused the call DeleteRule."}
}

func (r *reader) RulesFor(context.Context, aws.Target, string) ([]string, error) { return r.aimed, nil }

func (r *reader) RevokeInvoke(_ context.Context, _ aws.Target, _, id string) error {
	r.grants = slices.DeleteFunc(r.grants, func(g aws.Grant) bool { return g.ID == id })
	return nil
}

// A table's stream that was turned off and on again is another one; a mapping of each is a trigger of the table.
func TestEveryMappingOfATableGoesAndOneGoesByItsID(t *testing.T) {
	t.Parallel()
	const table, old, now = "arn:aws:dynamodb:us-east-1:123456789012:table/orders", "26b9a902-eb56-48d4-8437-4dcf7bd3c951", "c2109141-b4b6-4ee4-ae6d-c9afee3d6ad7"
	for name, k := range map[string]struct {
		line TriggerRemove
		left []string
		undo string
	}{
		"by the table":          {TriggerRemove{Source: Source{On: "dynamodb:orders"}}, []string{"q"}, "lambda trigger add counter --on dynamodb:orders"},
		"the old one by its id": {TriggerRemove{Rule: old}, []string{now, "q"}, "lambda trigger add counter --on dynamodb:orders"},
		"by the queue":          {TriggerRemove{Source: Source{On: "sqs:jobs"}}, []string{old, now}, "lambda trigger add counter --on sqs:arn:aws:sqs:us-east-1:123456789012:jobs"},
	} {
		cloud := &reader{reads: []aws.QueueSource{
			{ID: old, SourceARN: table + "/stream/2025", State: "Enabled"}, {ID: now, SourceARN: table + "/stream/2026", State: "Enabled"},
			{ID: "q", SourceARN: "arn:aws:sqs:us-east-1:123456789012:jobs", State: "Enabled"},
		}}
		c, run := &k.line, aRun()
		c.Name, c.cloud, run.Journal = "counter", cloud, commandstest.Journal{}
		report, err := c.Run(t.Context(), run)
		must(t, err)
		var left []string
		for _, q := range cloud.reads {
			left = append(left, q.ID)
		}
		if !slices.Equal(left, k.left) || report.Undo != k.undo {
			t.Errorf("%s: left %q, undone by %q", name, left, report.Undo)
		}
	}
}

// A permission behind which nothing stands is taken away, and no line is promised that makes it again.
func TestAMerePermissionGoesByItsNameAndIsNotPromisedBack(t *testing.T) {
	t.Parallel()
	cloud := &reader{grants: []aws.Grant{{ID: "theirs", Principal: eventBridge, SourceARN: "arn:aws:events:us-east-1:123456789012:rule/gone"}}}
	c, run := &TriggerRemove{Named: Named{Name: "counter"}, Rule: "theirs", cloud: cloud}, aRun()
	run.Journal = commandstest.Journal{}
	plan, err := c.Plan(t.Context(), run)
	must(t, err)
	if text := plan.Body[0].(commands.Text).Text; !strings.Contains(text, "Nothing here makes it again") || strings.Contains(text, "lambda trigger add") {
		t.Error(text)
	}
	report, err := c.Run(t.Context(), run)
	must(t, err)
	if len(cloud.grants) > 0 || len(report.Next) > 0 {
		t.Errorf("%v stand, %v is offered", cloud.grants, report.Next)
	}
}

// A permission whose route is gone is told with the line that takes it away; one whose route stands is not taken from it.
func TestAPermissionGivenToARouteGoesWithoutItAlone(t *testing.T) {
	t.Parallel()
	const source = "arn:aws:execute-api:us-east-1:123456789012:a1/*/GET/"
	cloud := &reader{grants: []aws.Grant{
		{ID: "deckhand-api-a1-00000001", Principal: gateway, SourceARN: source + "a"}, {ID: "deckhand-api-a1-00000002", Principal: gateway, SourceARN: source + "b"},
		{ID: "deckhand-counter-time-1", Principal: eventBridge, SourceARN: "arn:aws:events:us-east-1:123456789012:rule/deckhand-counter-time-1"},
	}}
	routes := Routes{Left: func(context.Context, aws.Target, []aws.Grant) (map[string]string, error) {
		return map[string]string{"deckhand-api-a1-00000002": "AWS shows no API a1"}, nil
	}}
	list, err := (&TriggerList{Named: Named{Name: "counter"}, cloud: cloud, routes: routes}).Run(t.Context(), aRun())
	must(t, err)
	var lines []string
	for _, n := range list.Next {
		lines = append(lines, n.Line)
	}
	if want := []string{"lambda trigger remove counter --rule deckhand-api-a1-00000002", "lambda trigger remove counter --rule deckhand-counter-time-1"}; !slices.Equal(lines, want) {
		t.Errorf("%q are offered", lines)
	}
	for id, gone := range map[string]bool{"deckhand-api-a1-00000001": false, "deckhand-api-a1-00000002": true} {
		c, run := &TriggerRemove{Named: Named{Name: "counter"}, Rule: id, cloud: cloud, routes: routes}, aRun()
		run.Journal = commandstest.Journal{}
		if _, err := c.Run(t.Context(), run); gone != (err == nil) || !gone && commands.Words(err).Kind != commands.Conflict {
			t.Errorf("%s: %v", id, err)
		}
	}
	if len(cloud.grants) != 2 {
		t.Errorf("%v stand", cloud.grants)
	}
}

func TestARuleThatLostItsTargetAndStandsIsSaidToStand(t *testing.T) {
	t.Parallel()
	cloud := &reader{rule: aws.EventRule{Name: "r", Schedule: "rate(1 day)", Tags: map[string]string{functionTag: "counter"}}, aimed: []string{"r"}}
	c, run := &TriggerRemove{Named: Named{Name: "counter"}, Rule: "r", cloud: cloud}, aRun()
	run.Journal = commandstest.Journal{}
	report, err := c.Run(t.Context(), run)
	if commands.Words(err).Kind != commands.Denied || report.Title != "Removed in part" {
		t.Fatalf("%q, %v", report.Title, err)
	}
	commandstest.Want(t, report.Body[0].(commands.Text).Text, "invokes the function no longer, and stands", "lambda trigger remove counter --rule r", `lambda trigger add counter --on "schedule:rate(1 day)"`)
}
