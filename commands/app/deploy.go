package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/userdata"
	"deckhand/commands/vm"
	"deckhand/commands/where"
)

// Deploy is app deploy.
type Deploy struct {
	where.Target
	userdata.Flags
	Name         string `arg:"name" alias:"name,stack-name" required:"" value:"NAME" help:"Name of the application."`
	ImageID      string `flag:"image-id" alias:"image,ami" value:"IMAGE" help:"New image of the machines, by id or by name."`
	InstanceType string `flag:"instance-type" alias:"type" value:"TYPE" help:"New instance type."`
	Count        int    `flag:"count" value:"N" help:"New number of machines; at most 20."`

	room Room
}

// Validate refuses a line that changes nothing, and wrong shapes.
func (c *Deploy) Validate() error {
	script, wrong := c.Script(c.room.Templates)
	image, kind := c.ImageID, c.InstanceType
	if image == "" && kind == "" && c.Count == 0 && script == "" && len(wrong) == 0 {
		return commands.Misuse("The line does not say what shall change.", "Give "+commands.Mono("--image-id")+", "+commands.Mono("--user-data-template")+", "+commands.Mono("--instance-type")+" or "+commands.Mono("--count")+".")
	}
	if image == "" {
		image = "ami-0123456789abcdef0"
	}
	if kind == "" {
		kind = "t3.micro"
	}
	wrong = append(wrong, vm.MachineProblems(image, kind)...)
	if c.Count != 0 {
		wrong.Add(countProblem(c.Count))
	}
	return wrong.Err()
}

// Scope is the application.
func (c *Deploy) Scope(ctx context.Context) (commands.Scope, error) {
	return scope(ctx, c.room.Cloud, c.At(), c.Name)
}

func scope(ctx context.Context, cloud Cloud, t aws.Target, name string) (commands.Scope, error) {
	out := commands.Scope{Account: t.Account, Region: cloud.Place(ctx, t).Region}
	s, err := find(ctx, cloud, t, name)
	if s.ID != "" {
		out.Resources = []commands.Resource{{ID: s.ID, Name: s.Name, Tags: s.Tags}}
	}
	return out, err
}

// Plan tells what would change and how.
func (c *Deploy) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.planned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	r := commands.Report{Title: "Would change " + p.Stack.Name, Where: where.Words(p.Place)}
	if len(p.Rows) == 0 {
		r.Title = "Would change nothing: " + p.Stack.Name + " is so already"
		return r, nil
	}
	how := "The machines stay; some are added or taken away."
	if p.Replaces {
		each := ", one after the other, each"
		if len(p.Machines) == 1 {
			each = ""
		}
		how = fmt.Sprintf("%s would be replaced%s once its successor answers its health check. Where one does not, CloudFormation puts back what was there.", commands.Count(len(p.Machines), "machine"), each)
	}
	switch names := passing(p.Checks); len(names) {
	case 0:
	case 1:
		how += " Where the check " + names[0] + " fails afterwards, deckhand puts it back too."
	default:
		how += " Where one of the checks " + commands.And(names) + " fails afterwards, deckhand puts it back too."
	}
	r.Body = commands.Blocks{
		commands.Table{Columns: []string{"What", "Now", "Then"}, Rows: p.Rows},
		commands.Fields{Fields: []commands.Field{{Name: "Price then", Value: billOf(ctx, c.room.Cloud, p.Target, p.then()).Words()}}}, commands.Text{Text: how},
	}
	return r, nil
}

// Run changes the stack, waits for its end and looks at the endpoint; what turns out red goes back.
func (c *Deploy) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.planned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	if p.Machines, err = c.recount(ctx, run, p, recountStep); err != nil {
		return commands.Report{}, err
	}
	changed, err := c.update(ctx, run, p, "UpdateStack", p.Stack.Parameters, p.Change, p.Tags, run.Token)
	if err != nil {
		return commands.Report{}, c.overtaken(ctx, p, err)
	}
	if !changed {
		return commands.Report{Tone: commands.Good, Title: p.Stack.Name + " is so already, nothing was changed", Where: where.Words(p.Place)}, nil
	}
	return c.finish(ctx, run, p)
}

// overtaken is why AWS refused a change, where that is that the stack has begun to move since it was looked at: of two changes at once one comes
// second.
func (c *Deploy) overtaken(ctx context.Context, p rollout, refused error) error {
	if commands.Words(refused).Kind != commands.Usage {
		return refused
	}
	now, err := c.room.Cloud.Stack(ctx, p.Target, p.Stack.ID)
	if err != nil || now.ID == "" || now.Stands() {
		return refused
	}
	return c.unfit(ctx, p.Target, now)
}

// Check looks, after a run whose end is not known, whether its change began, and follows it to its end.
func (c *Deploy) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	if answered(ctx, run, "UpdateStack") {
		return c.Run(ctx, run)
	}
	p, err := c.planned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	begun, err := c.began(ctx, p, p.Stack.Parameters, p.Change, run.Token)
	switch {
	case err != nil:
		return commands.Report{}, &commands.Error{
			Kind: commands.Uncertain, Message: "AWS does not say whether the change began: " + commands.Words(err).Message,
			Hint: commands.Mono(where.Line(p.Target, "app status", c.Name)) + " shows it once AWS answers.", Err: err,
		}
	case !begun:
		return commands.Report{}, &commands.Error{Kind: commands.Failed, Message: "AWS shows no such change of " + commands.Mono(p.Stack.Name) + ": nothing was changed.", Hint: commands.SendAgain}
	}
	if p.Machines, err = c.recount(ctx, run, p, recountStep); err != nil {
		return commands.Report{}, err
	}
	return c.finish(ctx, run, p)
}

// began tells whether an operation with this token is among the stack's events. Where an endpoint tells of no tokens, the parameters
// tell: they are not what they were, and all as the operation makes them.
func (c *Deploy) began(ctx context.Context, p rollout, was, values map[string]string, token string) (bool, error) {
	events, err := c.room.Cloud.StackEvents(ctx, p.Target, p.Stack.ID, token)
	if err != nil || len(events) > 0 {
		return len(events) > 0, err
	}
	now, err := c.room.Cloud.Stack(ctx, p.Target, p.Stack.ID)
	if err != nil || !among(values, now.Parameters) || among(values, was) {
		return false, err
	}
	events, err = c.room.Cloud.StackEvents(ctx, p.Target, p.Stack.ID, "")
	return err == nil && !tokened(events), err
}

// among tells whether all of some values are so in others.
func among(some, others map[string]string) bool {
	for name, value := range some {
		if others[name] != value {
			return false
		}
	}
	return true
}

// update changes parameters from what they were to other values.
func (c *Deploy) update(ctx context.Context, run *commands.Run, p rollout, step string, was, values, tags map[string]string, token string) (bool, error) {
	return commands.Ensure(ctx, run, step, func(ctx context.Context) (bool, bool, error) {
		begun, err := c.began(ctx, p, was, values, token)
		return begun, begun, err
	}, func(ctx context.Context) (bool, error) {
		change := aws.StackChange{Stack: p.Stack.ID, Parameters: values, Tags: tags, Token: token}
		for name := range p.Stack.Parameters {
			if _, ok := values[name]; !ok {
				change.Keep = append(change.Keep, name)
			}
		}
		slices.Sort(change.Keep)
		return c.room.Cloud.UpdateStack(ctx, p.Target, change)
	})
}

// end is how a change ended.
type end struct {
	Stack aws.Stack
	Why   string // why it failed
	Ill   string // which of its machines did not answer when they were seen last
}

// end waits for the end of the change, once: a process that takes over while it is put back must not take that for the change.
func (c *Deploy) end(ctx context.Context, run *commands.Run, p rollout) (end, error) {
	return commands.Repeat(ctx, run, "wait for the change", func(ctx context.Context) (end, error) {
		f := &follower{room: c.room, run: run, target: p.Target, stack: p.Stack.ID, token: run.Token, before: p.Machines}
		s, err := follow(ctx, f)
		return end{s, f.why(s), f.unhealthy()}, err
	})
}

func (c *Deploy) finish(ctx context.Context, run *commands.Run, p rollout) (commands.Report, error) {
	end, err := c.end(ctx, run, p)
	if err != nil {
		has := "CloudFormation has the change, and goes on with it by itself."
		if p.Replaces {
			has = "CloudFormation has the change. It waits ten minutes for deckhand's word that a new machine answers, and puts back what was there where none comes."
		}
		return commands.Report{
			Title: p.Stack.Name + " was not seen to take the change", Where: where.Words(p.Place), Next: []commands.Next{{Label: "Status", Line: c.statusLine(p)}},
			Body: commands.Blocks{commands.Text{Text: has}},
		}, err
	}
	s := end.Stack
	if s.Status != "UPDATE_COMPLETE" {
		cause := c.failed(ctx, run, p, end)
		return c.report(ctx, run, p, s, commands.Bad, p.Stack.Name+" did not take the change"), cause
	}
	if err := settle(ctx, c.room, run, p.Target, s); err != nil {
		return commands.Report{}, err
	}
	checks, err := c.room.again(ctx, run, s, p.Checks, "look at the checks")
	if err != nil {
		return commands.Report{}, err
	}
	if checks.Red != "" {
		return c.back(ctx, run, p, checks.Red)
	}
	r := c.report(ctx, run, p, s, commands.Good, s.Name+" is changed")
	r.Undo = c.undo(p)
	after := checks.Words
	if after != "" {
		after = "Looked at again: " + after + ". "
	}
	after += c.scriptAfter(p)
	if after != "" {
		r.Body = append(r.Body, commands.Text{Text: strings.TrimSpace(after)})
	}
	return r, nil
}

// undo is the line that brings the application back to what it was, "" where that takes a script that is not kept.
func (c *Deploy) undo(p rollout) string {
	was := p.Stack.Parameters
	words := []string{"app deploy", p.Stack.Name}
	if scriptChanges(was, p.Change) {
		template := c.templateBefore(p)
		if template == "" {
			return ""
		}
		words = append(words, "--user-data-template", template)
	}
	for _, one := range []struct{ flag, parameter string }{{"--image-id", "Image"}, {"--instance-type", "InstanceType"}, {"--count", "Machines"}} {
		if then, changed := p.Change[one.parameter]; changed && then != was[one.parameter] && was[one.parameter] != "" {
			words = append(words, one.flag, was[one.parameter])
		}
	}
	if len(words) == 2 {
		return ""
	}
	return where.Line(p.Target, words...)
}

// templateBefore is the name of the template that still makes the script which the machines had, "" where none does.
func (c *Deploy) templateBefore(p rollout) string {
	name := p.Stack.Tags[templateTag]
	if name == "" {
		return ""
	}
	script, wrong := userdata.Flags{UserDataTemplate: name}.Script(c.room.Templates)
	now := map[string]string{}
	setScript(now, script)
	if len(wrong) > 0 || scriptChanges(p.Stack.Parameters, now) {
		return ""
	}
	return name
}

// scriptAfter says what became of the script that was there before, where no line brings it back.
func (c *Deploy) scriptAfter(p rollout) string {
	switch {
	case !scriptChanges(p.Stack.Parameters, p.Change) || c.templateBefore(p) != "":
		return ""
	case p.Stack.Parameters[scriptPieceName(0)] == "":
		return "There was no script for the first boot before, and no line takes one away: only a line that brings another changes it."
	}
	return "The script for the first boot that was there before is kept nowhere: only a line that brings it again takes this back."
}

func (c *Deploy) statusLine(p rollout) string {
	return where.Line(p.Target, "app status", p.Stack.Name)
}

func (c *Deploy) report(ctx context.Context, run *commands.Run, p rollout, s aws.Stack, tone commands.Tone, title string) commands.Report {
	r := commands.Report{Tone: tone, Title: title, Where: where.Words(p.Place), Body: commands.Blocks{commands.Table{Columns: []string{"What", "Before", "After"}, Rows: p.Rows}}}
	if tone == commands.Bad {
		r.Body = nil
	}
	v, err := look(ctx, c.room, p.Target, s)
	if err != nil {
		return r
	}
	r.Title += ", " + v.words()
	if tone == commands.Good && v.healthy() < v.counted() {
		r.Tone = commands.Warning
	}
	r.Body, r.Next = append(r.Body, v.blocks(ctx, c.room.Cloud, run.Now)...), v.next()
	return r
}
