package vm

import (
	"context"

	"deckhand/aws"
	"deckhand/commands"
)

// Terminate is vm terminate.
type Terminate struct {
	Selection

	cloud Cloud
}

func (c *Terminate) action() action {
	return action{
		Selection: c.Selection, cloud: c.cloud,
		verb: "terminate", done: "Terminated", step: "TerminateInstances",
		want: aws.Terminated, onTheWay: []aws.InstanceState{aws.ShuttingDown},
		judge:  judgeTerminate,
		before: c.refuseProtected,
		ask: func(ctx context.Context, t aws.Target, ids []string, dryRun bool) error {
			_, err := c.cloud.TerminateInstances(ctx, t, ids, dryRun)
			return err
		},
		warn: func([]aws.Instance) []string {
			return []string{
				"This cannot be undone.",
				"Root volumes and every other volume that is set to go with its instance are deleted.",
			}
		},
		next: func(_ []aws.Instance, t aws.Target) []commands.Next {
			return []commands.Next{{Label: "List what is left", Line: lineFor("vm list", nil, t)}}
		},
	}
}

func judgeTerminate(i aws.Instance) (fit, string) {
	switch i.State {
	case aws.Terminated:
		return there, ""
	case aws.ShuttingDown:
		return underWay, ""
	default:
		return ready, ""
	}
}

// refuseProtected names every instance that is protected. It must come before the call: asked about instances in several
// zones, EC2 refuses the protected one and terminates those in other zones all the same.
// Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateInstances.html
func (c *Terminate) refuseProtected(ctx context.Context, p picked) error {
	var protected []aws.Instance
	for _, i := range p.Instances {
		on, err := c.cloud.TerminationProtected(ctx, p.Target, i.ID)
		if err != nil {
			return err
		}
		if on {
			protected = append(protected, i)
		}
	}
	if len(protected) == 0 {
		return nil
	}
	return &commands.Error{
		Kind:    commands.Denied,
		Message: join(protected, label) + " " + is(len(protected)) + " protected against termination, so nothing was terminated.",
		Hint:    "Clear the protection with " + commands.Mono(lineFor("vm unprotect", protected, p.Target)) + " and send the line again, or leave the protected out.",
	}
}

// Scope is the instances that the line means.
func (c *Terminate) Scope(ctx context.Context) (commands.Scope, error) { return c.action().scope(ctx) }

// Plan tells what would be lost.
func (c *Terminate) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.action().plan(ctx, run)
}

// Run terminates and waits until everything is gone.
func (c *Terminate) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.action().run(ctx, run)
}

// Check looks whether the instances are gone.
func (c *Terminate) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.action().check(ctx, run)
}
