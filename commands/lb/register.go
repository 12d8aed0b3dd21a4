package lb

import (
	"context"
	"fmt"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// Register is lb register.
type Register struct {
	Behind

	cloud Cloud
}

// Scope is the load balancer and the instances.
func (c *Register) Scope(ctx context.Context) (commands.Scope, error) { return c.scope(ctx, c.cloud) }

// Plan tells what would be registered.
func (c *Register) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.judged(ctx, run, c.cloud, c.judge)
	if err != nil {
		return commands.Report{}, err
	}
	there, not := p.split()
	report := commands.Report{Title: fmt.Sprintf("Would put %s behind %s", commands.Count(len(not), "instance"), p.Balancer.Name), Where: where.Words(p.Place)}
	if len(not) == 0 {
		report.Title = "Would change nothing behind " + p.Balancer.Name
	} else {
		report.Body = append(report.Body, commands.Text{Text: fmt.Sprintf("%s would be registered in %s at port %d. %s takes that back.",
			labels(not), commands.Mono(p.Group.Name), p.Group.Port, commands.Mono(c.undo(p)))})
	}
	if len(there) > 0 {
		report.Body = append(report.Body, commands.Text{Text: already(there)})
	}
	return report, nil
}

// already says who was registered before.
func already(there []aws.Instance) string {
	return "Registered already, and left as it was: " + labels(there) + "."
}

// undo takes away what was not there before, and nothing else.
func (c *Register) undo(p chosen) string {
	_, not := p.split()
	if len(not) == 0 {
		return ""
	}
	return c.line("lb deregister", p, not)
}

// judge refuses what AWS would refuse.
func (c *Register) judge(p chosen) error {
	for _, i := range p.Instances {
		switch {
		case i.State != aws.Running:
			return &commands.Error{
				Kind: commands.Conflict, Message: fmt.Sprintf("%s is %s, and AWS takes only running instances as targets, so nothing was done.", label(i), i.State),
				Hint: "Start it first: " + commands.Mono(where.Line(p.Target, "vm start", i.ID)) + ".",
			}
		case i.VPCID != p.Group.VPCID:
			return commands.Conflicting(fmt.Sprintf("%s is in %s, and the load balancer is in %s.", label(i), i.VPCID, p.Group.VPCID), "Targets are in the VPC of their load balancer.")
		}
	}
	return nil
}

// Run registers and waits for the health checks.
func (c *Register) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.judged(ctx, run, c.cloud, c.judge)
	if err != nil {
		return commands.Report{}, err
	}
	if _, not := p.split(); len(not) > 0 {
		run.Say("Registering " + commands.Count(len(not), "target"))
		_, err = commands.Repeat(ctx, run, "RegisterTargets", func(ctx context.Context) (bool, error) {
			return true, c.cloud.RegisterTargets(ctx, p.Target, p.Group.ARN, ids(not), 0)
		})
		if err != nil {
			return commands.Report{}, err
		}
	}
	return c.await(ctx, run, p)
}

func (c *Register) await(ctx context.Context, run *commands.Run, p chosen) (commands.Report, error) {
	limited, cancel := context.WithTimeout(ctx, healthPatience)
	defer cancel()
	seen, err := c.cloud.WaitForTargets(limited, p.Target, p.Group.ARN, ids(p.Instances), func(now []aws.TargetHealth) {
		run.Say(fmt.Sprintf("%d of %s healthy", healthy(now), commands.Count(len(p.Instances), "target")))
	})
	if err != nil {
		return commands.Report{}, err
	}
	r := commands.Report{
		Tone: commands.Good, Title: fmt.Sprintf("%d of %s put behind %s healthy", healthy(seen), commands.Count(len(p.Instances), "target"), p.Balancer.Name), Where: where.Words(p.Place),
		Body: commands.Blocks{healthTable(seen, p.names())},
		Next: []commands.Next{{Label: "Health", Line: where.Line(p.Target, "lb health", p.Balancer.Name)}},
	}
	if undo := c.undo(p); undo != "" {
		r.Next = append(r.Next, commands.Next{Label: "Undo", Line: undo})
	}
	if there, _ := p.split(); len(there) > 0 {
		r.Body = append(r.Body, commands.Text{Text: already(there)})
	}
	if healthy(seen) < len(p.Instances) {
		r.Tone = commands.Warning
		r.Body = append(r.Body, commands.Text{Text: "They are registered; a target that is not healthy gets no requests."})
	}
	return r, nil
}

func (p chosen) names() map[string]string {
	names := map[string]string{}
	for _, i := range p.Instances {
		names[i.ID] = i.Name
	}
	return names
}

// Check looks whether the instances are registered.
func (c *Register) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	there, err := members(ctx, c.cloud, p.Target, p.Group.ARN)
	if err != nil {
		return commands.Report{}, err
	}
	if !includes(there, ids(p.Instances)) {
		return commands.Report{}, &commands.Error{
			Kind: commands.Failed, Message: "AWS shows that not all of " + labels(p.Instances) + " are registered.", Hint: "The same line again registers the rest.",
		}
	}
	return c.await(ctx, run, p)
}
