package app

import (
	"context"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

const (
	continueCommand = "app continue-update-rollback"
	couldNotGoBack  = "UPDATE_ROLLBACK_FAILED"
)

// Continue is app continue-update-rollback.
type Continue struct {
	where.Target
	Name string   `arg:"name" alias:"name,stack-name" required:"" value:"NAME" help:"Name of the application."`
	Skip []string `flag:"resources-to-skip" value:"PART" help:"Parts that could not go back: they stay as they are, and count as if they had."`

	room Room
}

// stuck is an application that could not go back. It is kept in the journal.
type stuck struct {
	Target aws.Target
	Place  aws.Place
	Stack  aws.Stack
	Failed []string // parts
}

func (c *Continue) resolve(ctx context.Context) (stuck, error) {
	p := stuck{Target: c.At(), Place: c.room.Cloud.Place(ctx, c.At())}
	var err error
	if p.Stack, err = find(ctx, c.room.Cloud, p.Target, c.Name); err != nil {
		return p, err
	}
	if p.Stack.Status != couldNotGoBack {
		return p, &commands.Error{
			Kind: commands.Conflict, Message: says(p.Stack) + ". CloudFormation goes on with going back only where that failed, so nothing was done.",
			Hint: commands.Mono(where.Line(p.Target, "app status", p.Stack.Name)) + " shows where it stands.",
		}
	}
	p.Failed, err = failedParts(ctx, c.room.Cloud, p.Target, p.Stack)
	for _, part := range c.Skip {
		if err == nil && !slices.Contains(p.Failed, part) {
			err = commands.Conflicting(commands.Mono(part)+" is no part that failed to go back, and CloudFormation skips no other.", "Those are "+commands.OrNone(strings.Join(p.Failed, ", "))+".")
		}
	}
	return p, err
}

func (c *Continue) planned(ctx context.Context, run *commands.Run) (stuck, error) {
	return commands.Repeat(ctx, run, "look up what could not go back", c.resolve)
}

// Scope is the application.
func (c *Continue) Scope(ctx context.Context) (commands.Scope, error) {
	return scope(ctx, c.room.Cloud, c.At(), c.Name)
}

// Plan tells what CloudFormation would try again, and what it would leave.
func (c *Continue) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.planned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	text := "CloudFormation would try again to bring back " + commands.OrNone(strings.Join(p.Failed, ", ")) + ". It fails again unless what stood in the way is gone: " + stopped(commands.Unmarked(p.Stack.Reason))
	if len(c.Skip) > 0 {
		text += "\n" + c.skipped(p)
	}
	return commands.Report{Title: "Would go on with bringing " + p.Stack.Name + " back", Where: where.Words(p.Place), Body: commands.Blocks{commands.Text{Text: text}}}, nil
}

func (c *Continue) skipped(p stuck) string {
	return strings.Join(c.Skip, ", ") + " is left as it is, and CloudFormation takes it as brought back, whatever it is: bring what shall run with " + commands.Mono(where.Line(p.Target, "app deploy", p.Stack.Name)+" ...") + "."
}

const continuing = "ContinueUpdateRollback"

// Run lets CloudFormation go on, and waits for its end.
func (c *Continue) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.planned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	run.Say("Bringing " + p.Stack.Name + " back")
	_, err = commands.Once(ctx, run, continuing, func(ctx context.Context) (bool, error) {
		return true, c.room.Cloud.ContinueUpdateRollback(ctx, p.Target, p.Stack.ID, c.Skip, run.Token)
	})
	if err != nil {
		return commands.Report{}, err
	}
	return c.finish(ctx, run, p)
}

// Check looks, after a run whose end is not known, whether CloudFormation went on by it.
func (c *Continue) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	if answered(ctx, run, continuing) {
		return c.Run(ctx, run)
	}
	p, err := c.planned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	now, err := c.room.Cloud.Stack(ctx, p.Target, p.Stack.ID)
	var events []aws.StackEvent
	if err == nil && now.Status == couldNotGoBack {
		events, err = c.room.Cloud.StackEvents(ctx, p.Target, p.Stack.ID, run.Token)
	}
	switch {
	case err != nil:
		return commands.Report{}, &commands.Error{
			Kind: commands.Uncertain, Message: "AWS does not say whether the stack goes on: " + commands.Words(err).Message,
			Hint: commands.Mono(where.Line(p.Target, "app status", c.Name)) + " shows it once AWS answers.", Err: err,
		}
	case now.Status == couldNotGoBack && len(events) == 0:
		return commands.Report{}, &commands.Error{Kind: commands.Failed, Message: "AWS shows that " + commands.Mono(p.Stack.Name) + " stands as before: nothing was done.", Hint: commands.SendAgain}
	}
	return c.finish(ctx, run, p)
}

func (c *Continue) finish(ctx context.Context, run *commands.Run, p stuck) (commands.Report, error) {
	f := &follower{room: c.room, run: run, target: p.Target, stack: p.Stack.ID, token: run.Token}
	s, err := follow(ctx, f)
	r := commands.Report{
		Tone: commands.Good, Title: p.Stack.Name + " went back to what it was before the change", Where: where.Words(p.Place),
		Next: []commands.Next{{Label: "Status", Line: where.Line(p.Target, "app status", p.Stack.Name)}},
	}
	if err != nil {
		r.Title = p.Stack.Name + " was not seen to go back"
		return r, err
	}
	if s.Status != "UPDATE_ROLLBACK_COMPLETE" {
		r.Title = p.Stack.Name + " did not go back"
		return r, &commands.Error{Kind: commands.Failed, Message: "The stack is " + s.Status + ". " + f.why(s), Hint: wayOut(ctx, c.room.Cloud, p.Target, s)}
	}
	if len(c.Skip) > 0 {
		r.Tone, r.Body = commands.Warning, commands.Blocks{commands.Text{Text: c.skipped(p)}}
	}
	return r, nil
}

// failedParts names the parts of a stack that could not go back.
func failedParts(ctx context.Context, cloud Stacks, t aws.Target, s aws.Stack) ([]string, error) {
	parts, err := cloud.StackParts(ctx, t, s.ID)
	var failed []string
	for _, p := range parts {
		if p.Status == "UPDATE_FAILED" {
			failed = append(failed, p.Name)
		}
	}
	return failed, err
}

// wayOut says how a stack is brought out of UPDATE_ROLLBACK_FAILED, which takes no change; "" for another.
// Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ContinueUpdateRollback.html
func wayOut(ctx context.Context, cloud Stacks, t aws.Target, s aws.Stack) string {
	if s.Status != couldNotGoBack {
		return ""
	}
	line := where.Line(t, continueCommand, s.Name)
	out := "Once what stood in its way is gone, " + commands.Mono(line) + " lets CloudFormation go on."
	failed, err := failedParts(ctx, cloud, t, s)
	if err != nil || len(failed) == 0 {
		return out
	}
	return out + " With " + commands.Mono("--resources-to-skip "+strings.Join(failed, " ")) + " it leaves as it is what failed: bring what shall run with " +
		commands.Mono(where.Line(t, "app deploy", s.Name)+" ...") + " then, or end it all with " + commands.Mono(where.Line(t, "app down", s.Name)) + "."
}
