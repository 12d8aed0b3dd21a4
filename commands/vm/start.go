package vm

import (
	"context"
	"fmt"
	"slices"

	"deckhand/aws"
	"deckhand/commands"
)

// Start is vm start.
type Start struct {
	Selection
	Possible

	bin   Bin
	cloud Cloud
}

func (c *Start) selection() Selection {
	s := c.Selection
	s.none = c.WherePossible && len(s.Names) == 0
	return s
}

func (c *Start) action() action {
	return action{
		Selection: c.selection(), cloud: c.cloud, possible: c.WherePossible,
		undo: "vm stop",
		verb: "start", done: "Started", step: "StartInstances",
		want: aws.Running, onTheWay: []aws.InstanceState{aws.Pending},
		judge: judgeStart,
		ask: func(ctx context.Context, t aws.Target, ids []string, dryRun bool) error {
			_, err := c.cloud.StartInstances(ctx, t, ids, dryRun)
			return err
		},
		warn: func(some []aws.Instance) []string {
			var lines []string
			for _, i := range some {
				if ends, in := inBin(i); in {
					lines = append(lines, nameOf(i)+" is in the recycle bin until "+commands.At(ends)+", and is taken out of it.")
				}
			}
			return lines
		},
		note: func(before, now aws.Instance) string {
			if now.PublicIP == "" || now.PublicIP == before.PublicIP {
				return ""
			}
			return fmt.Sprintf("%s is at %s now.", nameOf(now), commands.Mono(now.PublicIP))
		},
		cost: func(ctx context.Context, some []aws.Instance, t aws.Target) string {
			return runningCost(ctx, c.cloud, some, t)
		},
		next: func(some []aws.Instance, t aws.Target) []commands.Next {
			return []commands.Next{showNext(some, t), stopNext(some, t)}
		},
	}
}

func judgeStart(i aws.Instance) (fit, string) {
	switch i.State {
	case aws.Stopped:
		return ready, ""
	case aws.Pending:
		return underWay, ""
	case aws.Running:
		return there, ""
	case aws.Stopping:
		return unfit, "is still stopping and can be started once it has stopped"
	default:
		return unfit, "is " + string(i.State) + " and cannot be started again"
	}
}

// Scope is the instances that the line means.
func (c *Start) Scope(ctx context.Context) (commands.Scope, error) { return c.action().scope(ctx) }

// Plan tells what would be started.
func (c *Start) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.action().plan(ctx, run)
}

// Run starts and waits until everything runs. What is in the recycle bin is taken out of it first: nothing that runs is to end by itself.
func (c *Start) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, _, err := c.action().standing(ctx, run, c.action().looked)
	if err != nil {
		return commands.Report{}, err
	}
	if err := takeOut(ctx, run, c.cloud, c.bin.Acts, p); err != nil {
		return commands.Report{}, err
	}
	report, err := c.action().run(ctx, run)
	if report.Title == "" && err != nil && slices.ContainsFunc(p.Instances, func(i aws.Instance) bool { return i.Tags[binTag] != "" }) {
		report.Body = append(report.Body, commands.Text{Text: "Nothing terminates by itself any more what is out of the recycle bin."})
	}
	return report, err
}

// Check looks whether the instances have started.
func (c *Start) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	out, err := commands.Begun(ctx, run, unbinStep)
	if err != nil {
		return commands.Report{}, err
	}
	asked, err := commands.Begun(ctx, run, startStep)
	if err != nil {
		return commands.Report{}, err
	}
	if out && !asked {
		return c.Run(ctx, run) // what comes out of the recycle bin may be taken out again
	}
	return c.action().check(ctx, run)
}
