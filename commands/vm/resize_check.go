package vm

import (
	"context"
	"fmt"
	"time"

	"deckhand/aws"
	"deckhand/commands"
)

// cutDown tells whether an instance is stopped for its new type and not yet to be started again: what is left may be done, so that it does not stay
// down. A stop without an answer counts where AWS shows that it took it.
func (c *Resize) cutDown(ctx context.Context, run *commands.Run, p picked) (bool, error) {
	stop, err := run.Journal.Load(ctx, stopStep)
	if err != nil {
		return false, fmt.Errorf("read journal: %w", err)
	}
	changing, err := commands.Begun(ctx, run, modifyStep)
	if err == nil && c.ImageFirst && !stop.Begun && !changing {
		return true, nil // it came as far as the image, and goes on
	}
	if err != nil {
		return false, err
	}
	started, err := commands.Begun(ctx, run, startStep)
	if err != nil || started || !stop.Begun || stop.Failure != "" {
		return false, err
	}
	if stop.Finished {
		return true, c.typed(ctx, run, p)
	}
	_, down, err := lookFor(ctx, func(time.Duration) (aws.Instance, bool, error) {
		i, err := p.look(ctx, c.cloud)
		return i, i.State == aws.Stopping || i.State == aws.Stopped, err
	})
	if err != nil || !down {
		return false, err
	}
	return true, run.Journal.Finish(ctx, stopStep, []byte("true"), "")
}

// typed writes down that AWS took the new type where it shows it and gave no answer.
func (c *Resize) typed(ctx context.Context, run *commands.Run, p picked) error {
	modify, err := run.Journal.Load(ctx, modifyStep)
	if err != nil || !modify.Begun || modify.Finished {
		return err
	}
	if i, err := p.look(ctx, c.cloud); err != nil || i.Type != c.InstanceType {
		return err
	}
	return run.Journal.Finish(ctx, modifyStep, []byte("true"), "")
}

// settled is the instance once it is as it was before, or has had the time to be.
func (c *Resize) settled(ctx context.Context, run *commands.Run, p picked) (aws.Instance, error) {
	before := p.Instances[0]
	now, err := await(ctx, run, c.cloud, wait{p, before.State, grace, "resize"})
	return now[before.ID], err
}

// neverStarted tells whether an instance that ran before has its new type and still sleeps the sleep that it was put to for it: EC2 writes down
// the time of each start, and it is that of before. So nobody has started it since, nor stopped it again.
// Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Instance.html
func (c *Resize) neverStarted(before, now aws.Instance) bool {
	_, binned := inBin(now)
	return before.State == aws.Running && now.State == aws.Stopped && now.Type == c.InstanceType && now.LaunchedAt.Equal(before.LaunchedAt) && !binned
}

// Check looks at the instance: its type tells whether AWS changed it, its state what is left to do.
func (c *Resize) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	if err := looked(ctx, run, "resize"); err != nil {
		return commands.Report{}, err
	}
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	before, err := commands.Repeat(ctx, run, lookStep, func(ctx context.Context) (aws.Instance, error) { return p.look(ctx, c.cloud) })
	if err != nil {
		return commands.Report{}, err
	}
	p.Instances = []aws.Instance{before}
	if down, err := c.cutDown(ctx, run, p); err != nil {
		return commands.Report{}, err
	} else if down {
		report, err := c.Run(ctx, run)
		if !commands.IsUncertain(err) {
			return report, err
		}
	}
	now, err := c.settled(ctx, run, p)
	if err != nil {
		return commands.Report{}, err
	}
	started, err := commands.Begun(ctx, run, startStep)
	if err != nil {
		return commands.Report{}, err
	}
	if c.asleep = started && c.neverStarted(before, now); c.asleep {
		report, err := c.Run(ctx, run)
		if !commands.IsUncertain(err) {
			return report, err
		}
		if now, err = c.settled(ctx, run, p); err != nil {
			return commands.Report{}, err
		}
	}
	report, err := c.verdict(p, now)
	kept := c.keptBefore(ctx, run, p)
	if err == nil && kept != "" {
		report.Body = append(report.Body, commands.Text{Text: kept})
	}
	return report, after(kept, err)
}

// keptBefore tells of the image that was made before AWS was asked to change anything.
func (c *Resize) keptBefore(ctx context.Context, run *commands.Run, p picked) string {
	for _, step := range []string{stopStep, modifyStep} {
		if begun, err := commands.Begun(ctx, run, step); err == nil && begun {
			kept, _ := c.keep(ctx, run, c.cloud, p, p.Instances)
			return kept
		}
	}
	return ""
}

// verdict tells what came of it from how the instance was and how it is.
func (c *Resize) verdict(p picked, now aws.Instance) (commands.Report, error) {
	before := p.Instances[0]
	restart := "It is " + string(now.State) + "; " + commands.Mono(lineFor("vm start", p.Instances, p.Target)) + " starts it."
	switch {
	case now.Type == c.InstanceType && now.State == before.State:
		return c.done(p, now, "It is "+string(now.State)+"."), nil
	case now.Type == c.InstanceType:
		return commands.Report{}, &commands.Error{Kind: commands.Failed, Message: fmt.Sprintf("%s is a %s now, and %s instead of %s.", label(now), now.Type, now.State, before.State), Hint: restart}
	case now.State == before.State:
		return commands.Report{}, &commands.Error{Kind: commands.Failed, Message: standsAs(now) + " and still a " + now.Type + ".", Hint: commands.SendAgain}
	default:
		return commands.Report{}, &commands.Error{Kind: commands.Failed, Message: fmt.Sprintf("%s is still a %s.", label(now), now.Type), Hint: restart}
	}
}
