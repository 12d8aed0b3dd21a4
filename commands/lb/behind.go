package lb

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"

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
	Ports     map[string][]int // at which each instance is registered; none: it is not
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
	if p.Instances, err = instances(ctx, cloud, p.Target, words); err != nil {
		return p, err
	}
	seen, err := cloud.TargetHealth(ctx, p.Target, p.Group.ARN)
	p.Ports = registeredAt(seen)
	return p, err
}

// registeredAt answers at which ports targets are registered, without those that leave.
func registeredAt(seen []aws.TargetHealth) map[string][]int {
	ports := map[string][]int{}
	for _, h := range seen {
		if h.State != aws.TargetDraining && h.Reason != "Target.NotRegistered" {
			ports[h.ID] = append(ports[h.ID], h.Port)
		}
	}
	return ports
}

// split answers which of the instances are registered, and which are not.
func (p chosen) split() (there, not []aws.Instance) {
	for _, i := range p.Instances {
		if p.Ports[i.ID] != nil {
			there = append(there, i)
		} else {
			not = append(not, i)
		}
	}
	return there, not
}

// line writes a line about some of the instances and the same target group.
func (s *Behind) line(command string, p chosen, some []aws.Instance) string {
	return where.Line(p.Target, append([]string{command, p.Balancer.Name}, ids(some)...)...) + commands.Flag("target-group", s.TargetGroup)
}

// withoutPort takes the ports out of targets in the form of the AWS CLI, "Id=i-1,Port=80": a group's targets all listen at its own.
func withoutPort(words []string, own int) ([]string, error) {
	var rest []string
	for _, word := range words {
		port, ok := strings.CutPrefix(word, "Port=")
		if !ok {
			rest = append(rest, word)
		} else if port != strconv.Itoa(own) {
			return nil, commands.Conflicting(fmt.Sprintf("The targets of this group listen at its port %d, and the line says %s.", own, commands.Mono(port)), "Leave the port out, or make a load balancer with "+commands.Mono("--target-port "+port)+".")
		}
	}
	return rest, nil
}

func (s *Behind) pinned(ctx context.Context, run *commands.Run, cloud Cloud) (chosen, error) {
	return commands.Repeat(ctx, run, "look up load balancer and targets", func(ctx context.Context) (chosen, error) { return s.choose(ctx, cloud) })
}

// judged is pinned where judge has nothing against it.
func (s *Behind) judged(ctx context.Context, run *commands.Run, cloud Cloud, judge func(chosen) error) (chosen, error) {
	p, err := s.pinned(ctx, run, cloud)
	if err == nil {
		err = judge(p)
	}
	return p, err
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
