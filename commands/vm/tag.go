package vm

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// Tag is vm tag: tags set and removed.
type Tag struct {
	Selection
	Set    map[string]string `flag:"set" alias:"tags" value:"KEY=VALUE" help:"Tag to set; several at once."`
	Remove []string          `flag:"remove" value:"KEY" help:"Tag to remove, by its key."`

	cloud Cloud
}

const (
	tagCommand = "vm tag"
	setStep    = "CreateTags"
	removeStep = "DeleteTags"
	tagsStand  = "Nothing to do, the tags are so already:"
)

// Validate refuses tags that are not people's to change.
func (c *Tag) Validate() error {
	var wrong commands.Problems
	if err := c.Selection.Validate(); err != nil {
		wrong = append(wrong, *commands.Words(err))
	}
	if len(c.Set)+len(c.Remove) == 0 {
		wrong = append(wrong, *commands.Misuse("The line does not say which tags.", "Say "+commands.Mono("--set env=dev")+" or "+commands.Mono("--remove env")+"."))
	}
	all := maps.Clone(c.Set)
	if all == nil {
		all = map[string]string{}
	}
	for _, key := range c.Remove {
		if _, both := c.Set[key]; both {
			wrong = append(wrong, *commands.Misuse("The tag "+commands.Mono(key)+" is set and removed.", "Say one of them."))
		}
		all[key] = ""
	}
	return append(wrong, commands.TagProblems(all, ownTags)...).Err()
}

// after is the tags of an instance as they would be.
func (c *Tag) after(i aws.Instance) map[string]string {
	tags := maps.Clone(i.Tags)
	if tags == nil {
		tags = map[string]string{}
	}
	maps.Copy(tags, c.Set)
	for _, key := range c.Remove {
		delete(tags, key)
	}
	return tags
}

// Scope is the instances as they are and as they would be: nobody gets around a rule about tags by changing the tags.
func (c *Tag) Scope(ctx context.Context) (commands.Scope, error) {
	p, err := c.find(ctx, c.cloud)
	scope := p.scope()
	for _, i := range p.Instances {
		scope.Resources = append(scope.Resources, commands.Resource{ID: i.ID, Name: i.Name, Tags: c.after(i)})
	}
	return scope, err
}

// Plan shows each tag before and after.
func (c *Tag) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	verdict, tone := commands.DryRun(c.rehearse(ctx, p))
	report := commands.Report{Tone: tone, Title: titled("Would change tags of", p.Instances, ""), Where: where.Words(p.Place)}
	if c.stands(p.Instances) {
		report.Title = titled(tagsStand, p.Instances, "")
	}
	report.Body = commands.Blocks{c.table(p.Instances), commands.Text{Text: verdict}}
	return report, nil
}

func (c *Tag) rehearse(ctx context.Context, p picked) error {
	if len(c.Set) > 0 {
		if err := c.cloud.TagInstances(ctx, p.Target, ids(p.Instances), c.Set, true); err != nil {
			return err
		}
	}
	if len(c.Remove) > 0 {
		return c.cloud.UntagInstances(ctx, p.Target, ids(p.Instances), c.Remove, true)
	}
	return nil
}

// stands tells whether the tags of instances are as they shall be.
func (c *Tag) stands(some []aws.Instance) bool {
	return !slices.ContainsFunc(some, func(i aws.Instance) bool { return !maps.Equal(i.Tags, c.after(i)) })
}

// keys are the tags that the line is about, sorted.
func (c *Tag) keys() []string {
	keys := append(slices.Collect(maps.Keys(c.Set)), c.Remove...)
	slices.Sort(keys)
	return slices.Compact(keys)
}

func (c *Tag) table(before []aws.Instance) commands.Table {
	table := commands.Table{Columns: []string{"Name", "ID", "Tag", "Before", "After"}}
	for _, i := range before {
		for _, key := range c.keys() {
			was, had := i.Tags[key]
			will, has := c.after(i)[key]
			table.Rows = append(table.Rows, []string{commands.OrNone(i.Name), i.ID, commands.Unmarked(key), tagValue(was, had), tagValue(will, has)})
		}
	}
	return table
}

func tagValue(value string, there bool) string {
	switch {
	case !there:
		return commands.None
	case value == "":
		return `""`
	default:
		return commands.Unmarked(value)
	}
}

// Run sets and then removes. Both may be repeated: doing it again changes nothing.
func (c *Tag) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	if len(c.Set) > 0 {
		_, err = commands.Repeat(ctx, run, setStep, func(ctx context.Context) (bool, error) {
			return true, c.cloud.TagInstances(ctx, p.Target, ids(p.Instances), c.Set, false)
		})
		if err != nil {
			return commands.Report{}, err
		}
	}
	if len(c.Remove) > 0 {
		_, err = commands.Repeat(ctx, run, removeStep, func(ctx context.Context) (bool, error) {
			return true, c.cloud.UntagInstances(ctx, p.Target, ids(p.Instances), c.Remove, false)
		})
		if err != nil && len(c.Set) > 0 && !commands.IsUncertain(err) {
			words := commands.Words(err)
			return commands.Report{}, &commands.Error{
				Kind: commands.Failed, Message: "The tags were set, and none was removed: " + words.Error(),
				Hint: commands.Mono(lineFor(tagCommand, p.Instances, p.Target)+flags("remove", c.Remove)) + " does the rest.", Err: err,
			}
		}
		if err != nil {
			return commands.Report{}, err
		}
	}
	return c.report(p), nil
}

func (c *Tag) report(p picked) commands.Report {
	report := commands.Report{
		Tone: commands.Good, Title: titled("Changed tags of", p.Instances, ""), Where: where.Words(p.Place),
		Body: commands.Blocks{c.table(p.Instances)}, Next: []commands.Next{showNext(p.Instances, p.Target)},
	}
	if c.stands(p.Instances) {
		report.Title = titled(tagsStand, p.Instances, "")
		return report
	}
	if undo := c.undo(p); undo != "" {
		report.Next = append(report.Next, commands.Next{Label: "Undo", Line: undo})
	} else {
		report.Body = append(report.Body, commands.Text{Text: "The tags were not the same before: no one line undoes this, the table has what was."})
	}
	return report
}

// undo is the line that brings the tags back, where all instances had the same ones.
func (c *Tag) undo(p picked) string {
	var set, remove []string
	for _, key := range c.keys() {
		was, had := p.Instances[0].Tags[key]
		for _, i := range p.Instances[1:] {
			if other, also := i.Tags[key]; other != was || also != had {
				return ""
			}
		}
		if had {
			set = append(set, key+"="+was)
		} else {
			remove = append(remove, key)
		}
	}
	return lineFor(tagCommand, p.Instances, p.Target) + flags("set", set) + flags("remove", remove)
}

// flags writes a flag for each value.
func flags(name string, values []string) string {
	var out strings.Builder
	for _, value := range values {
		out.WriteString(commands.Flag(name, value))
	}
	return out.String()
}

// Check reads the tags back.
func (c *Tag) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	now, err := c.cloud.Instances(ctx, p.Target, aws.InstanceQuery{IDs: ids(p.Instances)})
	if err != nil {
		return commands.Report{}, &commands.Error{Kind: commands.Uncertain, Message: "AWS does not say how the tags stand: " + commands.Words(err).Message, Err: err}
	}
	var not []aws.Instance
	for _, i := range sorted(now) {
		if !maps.Equal(i.Tags, c.after(i)) {
			not = append(not, i)
		}
	}
	if len(not) > 0 {
		return commands.Report{}, &commands.Error{
			Kind: commands.Failed, Message: fmt.Sprintf("The tags of %s are not as they should be.", join(not, label)), Hint: commands.SendAgain,
		}
	}
	return c.report(p), nil
}
