package lambda

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// Delete is lambda delete.
type Delete struct {
	Named
	All bool `flag:"all" help:"Also what deckhand made for it: all triggers, role, table and log."`

	cloud  Cloud
	routes Routes
}

// Validate refuses the name of one version: it would take the whole function with it.
func (c *Delete) Validate() error {
	if _, version, _, err := c.aim(); err == nil && version != "" {
		return commands.Misuse("deckhand deletes a function as a whole, and no single version of it.", "An alias goes with "+commands.Mono("lambda alias delete NAME ALIAS")+"; a version alone is deleted in AWS.")
	}
	return c.Named.Validate()
}

// belongings is a function and what stands around it. What deckhand did not make is not in it.
type belongings struct {
	picked
	There    bool // the function itself
	Role     string
	Table    string
	Rules    []string
	Queues   []aws.QueueSource
	Buckets  []aws.BucketTrigger
	Topics   []aws.Subscription
	LogGroup string
	Others   []string // what points at the function and deckhand did not make for it; it stays, and finds nothing then
}

// beingDeleted is DynamoDB's word for a table that goes by itself.
const beingDeleted = "DELETING"

// look finds what there is. With all, the function itself may be gone already.
func (c *Delete) look(ctx context.Context) (belongings, error) {
	p, err := c.find(ctx, c.cloud)
	b := belongings{picked: p, There: err == nil}
	if err != nil && (!c.All || commands.Words(err).Kind != commands.NotFound) {
		return b, err
	}
	missing := err
	if !b.There {
		b.Function = aws.Function{}
		b.Function.Name, _, _, _ = c.aim()
	}
	b.Function.Environment = nil
	name := b.Function.Name
	if role, err := c.cloud.Role(ctx, b.Target, roleName(name, b.Place.Region)); err == nil && role.Tags[functionTag] == name {
		b.Role = role.Name
	} else if failed(err) {
		return b, err
	}
	if table, err := c.cloud.Table(ctx, b.Target, tableName(name)); err == nil && table.Tags[functionTag] == name && table.Status != beingDeleted {
		b.Table = table.Name
	} else if failed(err) {
		return b, err
	}
	if err := c.pointing(ctx, &b); err != nil {
		return b, err
	}
	if !b.There && len(b.left()) == 0 {
		return b, missing
	}
	return b, nil
}

// failed tells an error that is more than the absence of what was looked for.
func failed(err error) bool { return err != nil && commands.Words(err).Kind != commands.NotFound }

// callers names what goes with the function in any case. Nothing finds it from here once the function is gone, S3 refuses other notifications of a
// bucket while one leads nowhere, and a topic goes on calling what is not there.
func (b belongings) callers() []string {
	var out []string
	for _, t := range b.Buckets {
		out = append(out, "the trigger by the bucket "+commands.Mono(t.Bucket))
	}
	for _, s := range b.Topics {
		out = append(out, "the trigger by the topic "+commands.Mono(lastOf(s.TopicARN)))
	}
	return out
}

// left names what stays without --all.
func (b belongings) left() []string {
	var out []string
	for _, rule := range b.Rules {
		out = append(out, "the trigger "+commands.Mono(rule))
	}
	for _, q := range b.Queues {
		out = append(out, "the trigger by "+sourceWords(q.SourceARN))
	}
	if b.Role != "" {
		out = append(out, "the role "+commands.Mono(b.Role))
	}
	if b.Table != "" {
		out = append(out, "the table "+commands.Mono(b.Table)+" with its count")
	}
	if b.LogGroup != "" {
		out = append(out, "the log group "+commands.Mono(b.LogGroup))
	}
	return out
}

// Scope is the function, or what is left of it.
func (c *Delete) Scope(ctx context.Context) (commands.Scope, error) {
	b, err := c.look(ctx)
	return commands.Scope{Account: b.Target.Account, Region: b.Place.Region, Resources: []commands.Resource{
		{ID: cmp.Or(b.Function.ARN, "function/"+b.Function.Name), Name: b.Function.Name, Tags: b.Function.Tags},
	}}, err
}

func (c *Delete) pinnedAll(ctx context.Context, run *commands.Run) (belongings, error) {
	return commands.Repeat(ctx, run, "look at function", func(ctx context.Context) (belongings, error) { return c.look(ctx) })
}

// Plan tells what would be lost, and what would be left.
func (c *Delete) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	b, err := c.pinnedAll(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	versions := 0
	if b.There {
		list, err := c.cloud.FunctionVersions(ctx, b.Target, b.Function.Name)
		if err != nil {
			return commands.Report{}, err
		}
		versions = max(0, len(list)-1)
	}
	report := commands.Report{Title: "Would delete the function " + b.Function.Name, Where: where.Words(b.Place)}
	text := fmt.Sprintf("The function goes with its code, %s and all aliases. This cannot be undone.", commands.Count(versions, "published version"))
	if !b.There {
		report.Title, text = "Would remove what is left of "+b.Function.Name, "The function itself is gone. This cannot be undone."
	}
	with, left := b.callers(), b.left()
	if c.All {
		with, left = append(with, left...), nil
	}
	if len(with) > 0 {
		text += "\nWith it go " + strings.Join(with, ", ") + "."
	}
	if len(left) > 0 {
		text += "\nIt leaves behind " + strings.Join(left, ", ") + "; " + commands.Mono("--all") + " takes them too."
	}
	report.Body = commands.Blocks{commands.Text{Text: text}}
	if len(b.Others) > 0 {
		report.Body = append(report.Body, commands.Text{Text: b.othersWords()})
	}
	return report, nil
}

// removal is one thing to remove.
type removal struct {
	step, what string
	do         func(ctx context.Context) error
}

// removals are in the order in which nothing points at what is gone: triggers first.
func (c *Delete) removals(b belongings) []removal {
	var all []removal
	if c.All {
		for _, rule := range b.Rules {
			all = append(all, removal{"DeleteRule " + rule, "the trigger " + rule, func(ctx context.Context) error { return c.cloud.DeleteEventRule(ctx, b.Target, rule) }})
		}
	}
	if c.All {
		for _, q := range b.Queues {
			all = append(all, removal{"DeleteEventSourceMapping " + q.ID, "the trigger by " + sourceWords(q.SourceARN), func(ctx context.Context) error {
				return c.cloud.StopReadingQueue(ctx, b.Target, q.ID)
			}})
		}
	}
	for _, t := range b.Buckets {
		all = append(all, removal{"PutBucketNotificationConfiguration " + t.ID, "the trigger by the bucket " + t.Bucket, func(ctx context.Context) error {
			return c.cloud.RemoveBucketTrigger(ctx, b.Target, t.Bucket, t.ID)
		}})
	}
	for _, s := range b.Topics {
		all = append(all, removal{"Unsubscribe " + s.ARN, "the trigger by the topic " + lastOf(s.TopicARN), func(ctx context.Context) error {
			return c.cloud.Unsubscribe(ctx, atTopic(b.picked, s.TopicARN), s.ARN)
		}})
	}
	if b.There {
		all = append(all, removal{"DeleteFunction", "the function " + b.Function.Name, func(ctx context.Context) error {
			return c.cloud.DeleteFunction(ctx, b.Target, b.Function.Name)
		}})
	}
	if !c.All {
		return all
	}
	if b.Role != "" {
		all = append(all, removal{"DeleteRole", "the role " + b.Role, func(ctx context.Context) error { return c.cloud.DeleteRole(ctx, b.Target, b.Role) }})
	}
	if b.Table != "" {
		all = append(all, removal{"DeleteTable", "the table " + b.Table, func(ctx context.Context) error { return c.cloud.DeleteTable(ctx, b.Target, b.Table) }})
	}
	if b.LogGroup != "" {
		all = append(all, removal{"DeleteLogGroup", "the log group " + b.LogGroup, func(ctx context.Context) error { return c.cloud.DeleteLogGroup(ctx, b.Target, b.LogGroup) }})
	}
	return all
}

// Run removes the function, and with --all what was made for it. Each removal may be repeated: what is gone is no error.
func (c *Delete) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	b, err := c.pinnedAll(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	var gone []string
	for _, r := range c.removals(b) {
		run.Say("Removing " + r.what + ".")
		_, err := commands.Repeat(ctx, run, r.step, func(ctx context.Context) (bool, error) { return true, r.do(ctx) })
		if err != nil {
			return c.halfway(b, gone, r), err
		}
		gone = append(gone, r.what)
	}
	return c.report(b, gone), nil
}

func (c *Delete) again(b belongings) string {
	line := b.line("lambda delete")
	if c.All {
		line += " --all"
	}
	return line
}

func (c *Delete) halfway(b belongings, gone []string, stuck removal) commands.Report {
	if len(gone) == 0 {
		return commands.Report{}
	}
	return commands.Report{
		Title: "Deleted in part: " + b.Function.Name, Where: where.Words(b.Place),
		Body: commands.Blocks{commands.Text{Text: "Gone: " + strings.Join(gone, ", ") + ". Still there: " + stuck.what + " and what comes after it. " + commands.Mono(c.again(b)) + " finishes it."}},
		Next: []commands.Next{{Label: "Finish it", Line: c.again(b), Style: "danger"}},
	}
}

func (c *Delete) report(b belongings, gone []string) commands.Report {
	report := commands.Report{
		Tone: commands.Good, Title: "Deleted the function " + b.Function.Name, Where: where.Words(b.Place),
		Body: commands.Blocks{commands.Text{Text: "Gone: " + strings.Join(gone, ", ") + "."}},
		Next: []commands.Next{{Label: "List what is left", Line: where.Line(b.Target, "lambda list")}},
	}
	if left := b.left(); len(left) > 0 && !c.All {
		report.Tone = commands.Warning
		report.Body = append(report.Body, commands.Text{Text: "It left behind " + strings.Join(left, ", ") + "."})
		report.Next = append(report.Next, commands.Next{Label: "Remove the rest", Line: b.line("lambda delete") + " --all", Style: "danger", Confirm: "Remove what was made for it?"})
	}
	if len(b.Others) > 0 {
		report.Tone = commands.Warning
		report.Body = append(report.Body, commands.Text{Text: b.othersWords()})
	}
	return report
}

// Check looks whether the function is gone.
func (c *Delete) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	b, err := c.pinnedAll(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	switch _, err := c.look(ctx); {
	case err != nil && commands.Words(err).Kind == commands.NotFound:
		return c.report(b, []string{map[bool]string{true: "everything", false: "the function"}[c.All]}), nil
	case err != nil:
		return commands.Report{}, err
	}
	return commands.Report{}, &commands.Error{
		Kind: commands.Failed, Message: "Not everything is gone.", Hint: commands.Mono(c.again(b)) + " finishes it; what is gone already is passed over.",
	}
}
