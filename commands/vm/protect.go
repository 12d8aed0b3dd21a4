package vm

import (
	"context"
	"fmt"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// Protection is vm protect and vm unprotect: two verbs, so that policy can tell them apart.
type Protection struct {
	Selection
	Off bool `flag:"off" help:"Not here: clearing the protection is a verb of its own, vm unprotect."`

	cloud Cloud
	on    bool
}

const protectStep = "ModifyInstanceAttribute"

func (c *Protection) command() string {
	if c.on {
		return "vm protect"
	}
	return "vm unprotect"
}

// Validate sends those who mean the other verb there.
func (c *Protection) Validate() error {
	if c.Off && c.on {
		return commands.Misuse("Clearing the protection is a verb of its own.", "Use "+commands.Mono("vm unprotect NAME")+".")
	}
	return c.Selection.Validate()
}

// Scope is the instances.
func (c *Protection) Scope(ctx context.Context) (commands.Scope, error) {
	p, err := c.find(ctx, c.cloud)
	return p.scope(), err
}

// split answers which of the picked instances have the protection otherwise than wanted, and refuses dead ones.
func (c *Protection) split(ctx context.Context, p picked) (change, there []aws.Instance, err error) {
	for _, i := range p.Instances {
		if isDead(i.State) {
			return nil, nil, &commands.Error{Kind: commands.Conflict, Message: label(i) + " is " + string(i.State) + ".", Hint: "Nothing was done."}
		}
		on, err := c.cloud.TerminationProtected(ctx, p.Target, i.ID)
		switch {
		case err != nil:
			return nil, nil, err
		case on == c.on:
			there = append(there, i)
		default:
			change = append(change, i)
		}
	}
	return change, there, nil
}

// Plan tells which instances would change.
func (c *Protection) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	change, there, err := c.split(ctx, p)
	if err != nil {
		return commands.Report{}, err
	}
	if len(change) == 0 {
		return c.report("Nothing to do: termination protection is "+onOff(c.on)+" already", p, nil), nil
	}
	verdict, tone := commands.DryRun(c.cloud.SetTerminationProtection(ctx, p.Target, change[0].ID, c.on, true))
	report := c.report(titled("Would switch termination protection "+onOff(c.on)+" for", change, ""), p, there)
	report.Tone, report.Next = tone, nil
	report.Body = append(commands.Blocks{planTable(change, run.Now)}, append(report.Body, commands.Text{Text: verdict})...)
	return report, nil
}

func (c *Protection) report(title string, p picked, there []aws.Instance) commands.Report {
	report := commands.Report{Title: title, Where: where.Words(p.Place), Next: []commands.Next{showNext(p.Instances, p.Target)}}
	if len(there) > 0 {
		report.Body = append(report.Body, commands.Text{Text: fmt.Sprintf("It was %s already for %s.", onOff(c.on), join(there, label))})
	}
	return report
}

// Run switches one instance after the other: AWS takes one at a time, and doing it again changes nothing.
func (c *Protection) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	change, there, err := c.pinnedSplit(ctx, run, p)
	if err != nil {
		return commands.Report{}, err
	}
	if len(change) == 0 {
		return c.report("Nothing to do: termination protection is "+onOff(c.on)+" already", p, nil), nil
	}
	var done []aws.Instance
	for _, i := range change {
		_, err := commands.Repeat(ctx, run, protectStep+" "+i.ID, func(ctx context.Context) (bool, error) {
			return true, c.cloud.SetTerminationProtection(ctx, p.Target, i.ID, c.on, false)
		})
		if err != nil {
			return c.shortfall(p, change, done, err)
		}
		done = append(done, i)
	}
	return c.done(p, change, there), nil
}

// pinnedSplit is split as it was when the run began: what was so before is not undone.
func (c *Protection) pinnedSplit(ctx context.Context, run *commands.Run, p picked) (change, there []aws.Instance, err error) {
	both, err := commands.Repeat(ctx, run, "look how the protection stands", func(ctx context.Context) ([2][]aws.Instance, error) {
		change, there, err := c.split(ctx, p)
		return [2][]aws.Instance{change, there}, err
	})
	return both[0], both[1], err
}

// done tells how it stands, with the line that takes back what was changed and nothing else.
func (c *Protection) done(p picked, change, there []aws.Instance) commands.Report {
	report := c.report(titled("Termination protection is "+onOff(c.on)+" for", p.Instances, ""), p, there)
	report.Tone = commands.Good
	if len(change) > 0 {
		other := &Protection{on: !c.on}
		report.Next = append(report.Next, commands.Next{Label: "Undo", Line: lineFor(other.command(), change, p.Target)})
	}
	return report
}

// shortfall says for which instances it was done before AWS refused one.
func (c *Protection) shortfall(p picked, change, done []aws.Instance, cause error) (commands.Report, error) {
	if len(done) == 0 || commands.IsUncertain(cause) {
		return commands.Report{}, cause
	}
	words := commands.Words(cause)
	return commands.Report{Tone: commands.Bad, Title: fmt.Sprintf("Switched %s for %d of %s", onOff(c.on), len(done), count(len(change))), Where: where.Words(p.Place), Undo: lineFor((&Protection{on: !c.on}).command(), done, p.Target)},
		&commands.Error{
			Kind: commands.Failed, Message: "It was done for " + join(done, label) + ", and then AWS refused: " + words.Error(),
			Hint: commands.Mono(lineFor(c.command(), change[len(done):], p.Target)) + " does the rest.", Err: cause,
		}
}

// Check reads the attribute back.
func (c *Protection) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	left, _, err := c.split(ctx, p)
	switch {
	case err != nil:
		return commands.Report{}, &commands.Error{Kind: commands.Uncertain, Message: "AWS does not say how the protection stands: " + commands.Words(err).Message, Err: err}
	case len(left) > 0:
		return commands.Report{}, &commands.Error{
			Kind: commands.Failed, Message: fmt.Sprintf("Termination protection is %s for %s.", onOff(!c.on), join(left, label)),
			Hint: commands.Mono(lineFor(c.command(), left, p.Target)) + " does the rest.",
		}
	}
	change, there, err := c.pinnedSplit(ctx, run, p)
	if err != nil {
		return commands.Report{}, err
	}
	return c.done(p, change, there), nil
}
