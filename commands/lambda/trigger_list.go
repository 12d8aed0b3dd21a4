package lambda

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// TriggerList is lambda trigger list.
type TriggerList struct {
	Named

	cloud  Cloud
	routes Routes
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
		table.Rows = append(table.Rows, []string{q.ID, sourceOf(q.SourceARN), q.State, "reads by its own role"})
	}
	table.Rows = append(table.Rows, c.buckets(ctx, p, grants, used)...)
	table.Rows = append(table.Rows, c.topics(ctx, p, grants, used)...)
	routeless, err := c.routes.left(ctx, p.Target, grants)
	var left []string
	for _, g := range grants {
		if used[g.ID] {
			continue
		}
		from := g.Principal + " for " + cmp.Or(g.SourceARN, "anything")
		_, looked := used[g.ID]
		why := ""
		switch {
		case g.Principal == eventBridge:
			why = "where no rule invokes it now"
		case g.Principal == sns && looked:
			why = "where it subscribes to nothing now"
		case g.Principal == s3 && looked:
			why = "which tells it nothing now"
		case err == nil && routeless[g.ID] != "":
			why = "and " + routeless[g.ID] + " now"
		}
		if why != "" {
			from += ", " + why
		}
		if why != "" && strings.HasPrefix(g.ID, ourMark) {
			left = append(left, g.ID)
		}
		table.Rows = append(table.Rows, []string{g.ID, from, "-", "yes"})
	}
	report := commands.Report{Title: commands.Count(len(table.Rows), "trigger") + " of " + p.Function.Name, Where: where.Words(p.Place), Body: commands.Blocks{table}}
	for _, id := range left {
		line := removeLine(p, id)
		report.Body = append(report.Body, commands.Text{Text: "The permission " + commands.Mono(id) + " lets in nothing that stands. " + commands.Mono(line) + " takes it away."})
		report.Next = append(report.Next, commands.Next{Label: "Take it away", Line: line, Confirm: "Remove the permission " + id + "?"})
	}
	if len(table.Rows) == 0 {
		report.Body = commands.Blocks{commands.Text{Text: "Nothing invokes it by itself. " + commands.Mono(p.line("lambda trigger add")+" --on ec2-state-change") + " adds a trigger."}}
	}
	return report, nil
}

// buckets are the notifications of the buckets that may invoke the function. A bucket that cannot be looked at stays a mere permission.
func (c *TriggerList) buckets(ctx context.Context, p picked, grants []aws.Grant, used map[string]bool) [][]string {
	var rows [][]string
	looked := map[string]bool{}
	for _, g := range grants {
		bucket := lastOf(g.SourceARN)
		if g.Principal != s3 || bucket == "" || looked[bucket] {
			continue
		}
		looked[bucket] = true
		there, err := c.cloud.BucketTriggers(ctx, p.Target, bucket)
		if err != nil {
			continue
		}
		for _, one := range grants {
			if one.SourceARN == g.SourceARN {
				used[one.ID] = false
			}
		}
		for _, t := range there {
			if t.FunctionARN == p.Function.ARN {
				rows = append(rows, []string{t.ID, bucketWords(t), "on", "yes"})
				for _, one := range grants {
					if one.SourceARN == g.SourceARN && (one.ID == t.ID || !strings.HasPrefix(one.ID, bucketMark)) {
						used[one.ID] = true
					}
				}
			}
		}
	}
	return rows
}

// topics are the subscriptions to the topics that may invoke the function. A topic that cannot be looked at stays a mere permission; of one that could,
// used knows the permission.
func (c *TriggerList) topics(ctx context.Context, p picked, grants []aws.Grant, used map[string]bool) [][]string {
	var rows [][]string
	looked := map[string]bool{}
	for _, g := range grants {
		if g.Principal != sns || !plainTopic(g.SourceARN) {
			continue
		}
		if looked[g.SourceARN] {
			used[g.ID] = true
			continue
		}
		there, err := c.cloud.Subscriptions(ctx, atTopic(p, g.SourceARN), g.SourceARN, p.Function.ARN)
		if failed(err) {
			continue
		}
		used[g.ID], looked[g.SourceARN] = len(there) > 0, len(there) > 0
		for _, s := range there {
			rows = append(rows, []string{g.ID, topicWords(s), "on", "yes"})
		}
	}
	return rows
}

// plainTopic tells whether a statement's source is one topic.
func plainTopic(arn string) bool {
	return len(strings.Split(arn, ":")) == 6 && !strings.ContainsAny(arn, "*?")
}

// ourMark begins the ids of all permissions that deckhand gives.
const ourMark = "deckhand-"

// sourceOf says by what an event source invokes, with its whole ARN.
func sourceOf(arn string) string {
	if strings.Contains(arn, ":table/") {
		return sourceWords(arn) + ", " + arn
	}
	return "messages in " + arn
}
