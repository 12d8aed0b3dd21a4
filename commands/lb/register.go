package lb

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// Behind is the arguments of register and deregister.
type Behind struct {
	where.Target
	Name        string   `arg:"name" alias:"name,load-balancer-arn" value:"NAME" help:"Load balancer by name, ARN, DNS name or alias; may be left out where the target group is named."`
	Targets     []string `arg:"targets" alias:"targets" value:"INSTANCE" help:"Instances by name, id or private IP."`
	TargetGroup string   `flag:"target-group" alias:"target-group-arn" value:"NAME" help:"Which target group, where there are several."`
}

// Validate refuses a line without targets.
func (s *Behind) Validate() error {
	if s.Name == "" && s.TargetGroup == "" {
		return commands.Misuse("The line does not say which load balancer.", "Name it before the instances.")
	}
	if len(s.Targets) == 0 {
		return commands.Misuse("The line does not say which instances.", "Name them after the load balancer.")
	}
	return nil
}

// chosen is what the line means. It is kept in the journal.
type chosen struct {
	Target    aws.Target
	Place     aws.Place
	Balancer  aws.LoadBalancer
	Group     aws.TargetGroup
	Instances []aws.Instance
}

func (s *Behind) choose(ctx context.Context, cloud Cloud) (chosen, error) {
	p := chosen{Target: s.At(), Place: cloud.Place(ctx, s.At())}
	var err error
	if p.Balancer, err = balancer(ctx, cloud, p.Target, cmp.Or(s.Name, s.TargetGroup)); err != nil {
		return p, err
	}
	if p.Group, err = group(ctx, cloud, p.Target, p.Balancer, s.TargetGroup); err != nil {
		return p, err
	}
	words, err := withoutPort(s.Targets, p.Group.Port)
	if err != nil {
		return p, err
	}
	p.Instances, err = instances(ctx, cloud, p.Target, words)
	return p, err
}

// withoutPort takes the ports out of targets in the form of the AWS CLI, "Id=i-1,Port=80": a group's targets all listen at its own.
func withoutPort(words []string, own int) ([]string, error) {
	var rest []string
	for _, word := range words {
		port, ok := strings.CutPrefix(word, "Port=")
		if !ok {
			rest = append(rest, word)
		} else if port != strconv.Itoa(own) {
			return nil, commands.Misuse(fmt.Sprintf("The targets of this group listen at its port %d, and the line says %s.", own, commands.Mono(port)), "Leave the port out, or make a load balancer with "+commands.Mono("--target-port "+port)+".")
		}
	}
	return rest, nil
}

func (s *Behind) pinned(ctx context.Context, run *commands.Run, cloud Cloud) (chosen, error) {
	return commands.Repeat(ctx, run, "look up load balancer and targets", func(ctx context.Context) (chosen, error) { return s.choose(ctx, cloud) })
}

func (s *Behind) scope(ctx context.Context, cloud Cloud) (commands.Scope, error) {
	p, err := s.choose(ctx, cloud)
	return p.scope(s.Account), err
}

// scope is the load balancer and the instances.
func (p chosen) scope(account string) commands.Scope {
	scope := commands.Scope{
		Account: account, Region: p.Place.Region,
		Resources: []commands.Resource{{ID: p.Balancer.ARN, Name: p.Balancer.Name, Tags: p.Balancer.Tags}},
	}
	for _, i := range p.Instances {
		scope.Resources = append(scope.Resources, commands.Resource{ID: i.ID, Name: i.Name, Tags: i.Tags})
	}
	return scope
}

// Register is lb register.
type Register struct {
	Behind

	cloud Cloud
}

// Scope is the load balancer and the instances.
func (c *Register) Scope(ctx context.Context) (commands.Scope, error) { return c.scope(ctx, c.cloud) }

// Plan tells what would be registered.
func (c *Register) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	if err := c.judge(p); err != nil {
		return commands.Report{}, err
	}
	return commands.Report{
		Title: fmt.Sprintf("Would put %s behind %s", commands.Count(len(p.Instances), "instance"), p.Balancer.Name), Where: where.Words(p.Place),
		Body: commands.Blocks{commands.Text{Text: fmt.Sprintf("%s would be registered in %s at port %d. %s takes them away again.",
			labels(p.Instances), commands.Mono(p.Group.Name), p.Group.Port, commands.Mono(c.undo(p)))}},
	}, nil
}

func (c *Register) undo(p chosen) string {
	return where.Line(p.Target, append([]string{"lb deregister", p.Balancer.Name}, ids(p.Instances)...)...)
}

// judge refuses what AWS would refuse.
func (c *Register) judge(p chosen) error {
	for _, i := range p.Instances {
		switch {
		case i.State != aws.Running:
			return &commands.Error{
				Kind: commands.Denied, Message: fmt.Sprintf("%s is %s, and AWS takes only running instances as targets, so nothing was done.", label(i), i.State),
				Hint: "Start it first: " + commands.Mono(where.Line(p.Target, "vm start", i.ID)) + ".",
			}
		case i.VPCID != p.Group.VPCID:
			return commands.Misuse(fmt.Sprintf("%s is in %s, and the load balancer is in %s.", label(i), i.VPCID, p.Group.VPCID), "Targets are in the VPC of their load balancer.")
		}
	}
	return nil
}

// Run registers and waits for the health checks.
func (c *Register) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	if err := c.judge(p); err != nil {
		return commands.Report{}, err
	}
	run.Say("Registering " + commands.Count(len(p.Instances), "target"))
	_, err = commands.Repeat(ctx, run, "RegisterTargets", func(ctx context.Context) (bool, error) {
		return true, c.cloud.RegisterTargets(ctx, p.Target, p.Group.ARN, ids(p.Instances), 0)
	})
	if err != nil {
		return commands.Report{}, err
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
		Tone: commands.Good, Title: fmt.Sprintf("%d of %s behind %s healthy", healthy(seen), commands.Count(len(p.Instances), "target"), p.Balancer.Name), Where: where.Words(p.Place),
		Body: commands.Blocks{healthTable(seen, p.names())},
		Next: []commands.Next{{Label: "Health", Line: where.Line(p.Target, "lb health", p.Balancer.Name)}, {Label: "Undo", Line: c.undo(p)}},
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

// Deregister is lb deregister.
type Deregister struct {
	Behind

	cloud Cloud
}

// Scope is the load balancer and the instances.
func (c *Deregister) Scope(ctx context.Context) (commands.Scope, error) { return c.scope(ctx, c.cloud) }

// Plan tells what would be taken away and how many healthy targets would be left.
func (c *Deregister) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run, c.cloud)
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
	r := commands.Report{
		Title: fmt.Sprintf("Would take %s away from %s", commands.Count(len(p.Instances), "instance"), p.Balancer.Name), Where: where.Words(p.Place),
		Body: commands.Blocks{healthTable(seen, namesOf(ctx, c.cloud, p.Target, seen)), commands.Text{Text: fmt.Sprintf(
			"%s would get no new requests; those under way have %d s to end. %d healthy would be left. %s puts them back.",
			labels(p.Instances), delay, healthy(left), commands.Mono(c.undo(p)))}},
	}
	if healthy(left) == 0 {
		r.Tone = commands.Warning
		r.Body = append(r.Body, commands.Text{Text: "No healthy target would be left: the load balancer would answer nothing."})
	}
	return r, nil
}

func (c *Deregister) undo(p chosen) string {
	return where.Line(p.Target, append([]string{"lb register", p.Balancer.Name}, ids(p.Instances)...)...)
}

// Run deregisters and waits until the targets are drained.
func (c *Deregister) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	run.Say("Deregistering " + commands.Count(len(p.Instances), "target"))
	_, err = commands.Repeat(ctx, run, "DeregisterTargets", func(ctx context.Context) (bool, error) {
		return true, c.cloud.DeregisterTargets(ctx, p.Target, p.Group.ARN, ids(p.Instances), 0)
	})
	if err != nil {
		return commands.Report{}, err
	}
	return c.await(ctx, run, p)
}

func (c *Deregister) await(ctx context.Context, run *commands.Run, p chosen) (commands.Report, error) {
	delay, err := c.cloud.DrainTime(ctx, p.Target, p.Group.ARN)
	if err != nil {
		return commands.Report{}, err
	}
	limited, cancel := context.WithTimeout(ctx, time.Duration(delay)*time.Second+2*time.Minute)
	defer cancel()
	err = c.cloud.WaitForDrained(limited, p.Target, p.Group.ARN, ids(p.Instances), func(left []aws.TargetHealth) {
		run.Say(fmt.Sprintf("Draining; %s left", commands.Count(len(left), "target")))
	})
	if err != nil {
		return commands.Report{}, err
	}
	return commands.Report{
		Tone: commands.Good, Title: fmt.Sprintf("Took %s away from %s", commands.Count(len(p.Instances), "instance"), p.Balancer.Name), Where: where.Words(p.Place), Undo: c.undo(p),
		Body: commands.Blocks{commands.Text{Text: "Drained, and without requests from now on: " + labels(p.Instances) + ". They go on running."}},
		Next: []commands.Next{{Label: "Put back", Line: c.undo(p)}, {Label: "Health", Line: where.Line(p.Target, "lb health", p.Balancer.Name)}},
	}, nil
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
