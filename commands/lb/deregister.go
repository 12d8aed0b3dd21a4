package lb

import (
	"context"
	"fmt"
	"slices"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// Deregister is lb deregister.
type Deregister struct {
	Behind

	cloud Cloud
}

// Scope is the load balancer and the instances.
func (c *Deregister) Scope(ctx context.Context) (commands.Scope, error) { return c.scope(ctx, c.cloud) }

// Plan tells what would be taken away and how many healthy targets would be left.
func (c *Deregister) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.judged(ctx, run, c.cloud, c.judge)
	if err != nil {
		return commands.Report{}, err
	}
	seen, err := c.cloud.TargetHealth(ctx, p.Target, p.Group.ARN)
	if err != nil {
		return commands.Report{}, err
	}
	var left []aws.TargetHealth
	for _, h := range seen {
		if !contains(ids(p.Instances), h.ID) {
			left = append(left, h)
		}
	}
	delay, err := c.cloud.DrainTime(ctx, p.Target, p.Group.ARN)
	if err != nil {
		return commands.Report{}, err
	}
	there, not := p.split()
	r := commands.Report{
		Title: fmt.Sprintf("Would take %s away from %s", commands.Count(len(there), "instance"), p.Balancer.Name), Where: where.Words(p.Place),
		Body: commands.Blocks{healthTable(seen, namesOf(ctx, c.cloud, p.Target, seen)), commands.Text{Text: fmt.Sprintf(
			"%s would get no new requests; those under way have %d s to end. %d healthy would be left. %s",
			labels(there), delay, healthy(left), c.back(p))}},
	}
	if len(not) > 0 {
		r.Body = append(r.Body, commands.Text{Text: absent(not)})
	}
	if healthy(left) == 0 {
		r.Tone = commands.Warning
		r.Body = append(r.Body, commands.Text{Text: "No healthy target would be left: the load balancer would answer nothing."})
	}
	return r, nil
}

// absent says who was not registered.
func absent(not []aws.Instance) string {
	return "Not registered, or leaving already: " + labels(not) + "."
}

// undo puts back what was there before. A line to register means the group's own port, so that no line brings another one back.
func (c *Deregister) undo(p chosen) string {
	there, _ := p.split()
	for _, i := range there {
		if !slices.Equal(p.Ports[i.ID], []int{p.Group.Port}) {
			return ""
		}
	}
	if len(there) == 0 {
		return ""
	}
	return c.line("lb register", p, there)
}

// back says what brings the targets back.
func (c *Deregister) back(p chosen) string {
	if undo := c.undo(p); undo != "" {
		return commands.Mono(undo) + " puts that back."
	}
	return fmt.Sprintf("Not all of them are registered at the group's own port %d, and no line of deckhand puts back what listens at another.", p.Group.Port)
}

// judge refuses where there is nothing to take away.
func (c *Deregister) judge(p chosen) error {
	if there, _ := p.split(); len(there) > 0 {
		return nil
	}
	return &commands.Error{
		Kind: commands.NotFound, Message: labels(p.Instances) + " " + map[bool]string{true: "is", false: "are"}[len(p.Instances) == 1] + " not behind " + p.Balancer.Name + " in the target group " + commands.Mono(p.Group.Name) + ", so nothing was done.",
		Hint: commands.Mono(where.Line(p.Target, "lb health", p.Balancer.Name)) + " shows its targets.",
	}
}

// Run deregisters and waits until the targets are drained.
func (c *Deregister) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.judged(ctx, run, c.cloud, c.judge)
	if err != nil {
		return commands.Report{}, err
	}
	there, _ := p.split()
	run.Say("Deregistering " + commands.Count(len(there), "target"))
	_, err = commands.Repeat(ctx, run, "DeregisterTargets", func(ctx context.Context) (bool, error) {
		return true, c.cloud.DeregisterTargets(ctx, p.Target, p.Group.ARN, ids(there), 0)
	})
	if err != nil {
		return commands.Report{}, err
	}
	return c.await(ctx, run, p)
}

func (c *Deregister) await(ctx context.Context, run *commands.Run, p chosen) (commands.Report, error) {
	out := commands.Report{Title: "Taken out, and still draining", Where: where.Words(p.Place), Undo: c.undo(p), Next: c.health(p)}
	delay, err := c.cloud.DrainTime(ctx, p.Target, p.Group.ARN)
	if err != nil {
		return out, err
	}
	limited, cancel := context.WithTimeout(ctx, time.Duration(delay)*time.Second+2*time.Minute)
	defer cancel()
	there, not := p.split()
	err = c.cloud.WaitForDrained(limited, p.Target, p.Group.ARN, ids(there), func(left []aws.TargetHealth) {
		run.Say(fmt.Sprintf("Draining; %s left", commands.Count(len(left), "target")))
	})
	if err != nil {
		return out, err
	}
	r := commands.Report{
		Tone: commands.Good, Title: fmt.Sprintf("Took %s away from %s", commands.Count(len(there), "instance"), p.Balancer.Name), Where: where.Words(p.Place), Undo: c.undo(p),
		Body: commands.Blocks{commands.Text{Text: "Drained, and without requests from now on: " + labels(there) + ". They go on running."}},
		Next: c.health(p),
	}
	if r.Undo != "" {
		r.Next = append([]commands.Next{{Label: "Put back", Line: r.Undo}}, r.Next...)
	} else {
		r.Body = append(r.Body, commands.Text{Text: c.back(p)})
	}
	if len(not) > 0 {
		r.Body = append(r.Body, commands.Text{Text: absent(not)})
	}
	if seen, err := c.cloud.TargetHealth(ctx, p.Target, p.Group.ARN); err == nil && healthy(seen) == 0 {
		r.Tone = commands.Warning
		r.Body = append(r.Body, commands.Text{Text: "No healthy target is left: the load balancer answers nothing."})
	}
	return r, nil
}

func (c *Deregister) health(p chosen) []commands.Next {
	return []commands.Next{{Label: "Health", Line: where.Line(p.Target, "lb health", p.Balancer.Name)}}
}

// Check looks whether the instances are leaving or gone.
func (c *Deregister) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	there, err := members(ctx, c.cloud, p.Target, p.Group.ARN)
	if err != nil {
		return commands.Report{}, err
	}
	for _, i := range p.Instances {
		if contains(there, i.ID) {
			return commands.Report{}, &commands.Error{
				Kind: commands.Failed, Message: "AWS shows that " + label(i) + " is still registered.", Hint: "The same line again deregisters it.",
			}
		}
	}
	return c.await(ctx, run, p)
}
