package vm

import (
	"context"
	"fmt"

	"deckhand/aws"
	"deckhand/commands"
)

// Stop is vm stop.
type Stop struct {
	Selection
	Possible
	Force bool `flag:"force" help:"Do not wait for the operating system to shut down; its file systems may be damaged."`

	cloud Cloud
}

func (c *Stop) selection() Selection {
	s := c.Selection
	s.none = c.WherePossible && len(s.Names) == 0
	return s
}

func (c *Stop) action() action {
	return action{
		Selection: c.selection(), cloud: c.cloud, possible: c.WherePossible,
		undo: "vm start",
		verb: "stop", done: "Stopped", step: "StopInstances", interrupts: true,
		want: aws.Stopped, onTheWay: []aws.InstanceState{aws.Stopping},
		judge: c.judge,
		ask: func(ctx context.Context, t aws.Target, ids []string, dryRun bool) error {
			_, err := c.cloud.StopInstances(ctx, t, ids, c.Force, dryRun)
			return err
		},
		warn: c.warn,
		note: func(before, now aws.Instance) string {
			if before.PublicIP == "" || now.PublicIP == before.PublicIP {
				return ""
			}
			return fmt.Sprintf("%s gave back its public address %s and gets another one when it starts.", nameOf(now), commands.Mono(before.PublicIP))
		},
		next: func(some []aws.Instance, t aws.Target) []commands.Next {
			return []commands.Next{startNext(some, t), showNext(some, t)}
		},
	}
}

// judge follows what EC2 refuses: a pending instance, and one without an EBS root volume.
// Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Stop_Start.html
func (c *Stop) judge(i aws.Instance) (fit, string) {
	switch {
	case i.State == aws.Stopped:
		return there, ""
	case i.State == aws.Stopping && !c.Force:
		return underWay, ""
	case i.State == aws.Pending:
		return unfit, "is still starting and can be stopped once it runs"
	case isDead(i.State):
		return unfit, "is " + string(i.State) + " and cannot be stopped"
	case i.RootDeviceType == "instance-store":
		return unfit, "has an instance store as its root and cannot be stopped, only rebooted or terminated"
	default:
		return ready, "" // running, or stuck in stopping and forced
	}
}

func (c *Stop) warn(some []aws.Instance) []string {
	var lines []string
	for _, i := range some {
		if i.PublicIP != "" {
			lines = append(lines, fmt.Sprintf("%s loses its public address %s, unless that is an Elastic IP.", nameOf(i), commands.Mono(i.PublicIP)))
		}
	}
	lines = append(lines, "Memory and instance store volumes are lost; EBS volumes are kept and go on costing money.")
	if c.Force {
		lines = append(lines, "Forced: the operating system gets no chance to write its files out.")
	}
	return lines
}

// Scope is the instances that the line means.
func (c *Stop) Scope(ctx context.Context) (commands.Scope, error) { return c.action().scope(ctx) }

// Plan tells what would be stopped.
func (c *Stop) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.action().plan(ctx, run)
}

// Run stops and waits until everything is down.
func (c *Stop) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.action().run(ctx, run)
}

// Check looks whether the instances have stopped.
func (c *Stop) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.action().check(ctx, run)
}
