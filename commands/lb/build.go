package lb

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
)

const (
	patience       = 10 * time.Minute // for a load balancer to become active
	healthPatience = 3 * time.Minute  // for targets to become healthy
	dnsPatience    = 2 * time.Minute  // for Route 53's servers to know a name
)

// built is what stands so far.
type built struct {
	balancer aws.LoadBalancer
	group    aws.TargetGroup
	listener aws.Listener
	health   []aws.TargetHealth
	rows     [][]string // part, state, id
	notes    []string
}

func (b *built) stands(part, state, id string) { b.rows = append(b.rows, []string{part, state, id}) }

// builder makes the parts one after the other. Where it only looks, a part that is missing is an error, and nothing is changed.
type builder struct {
	*Create
	p       blueprint
	run     *commands.Run
	looking bool
	built   built
}

// Run makes everything and waits until it answers.
func (c *Create) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.planned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	b := &builder{Create: c, p: p, run: run}
	return b.build(ctx)
}

// Check looks, after a run whose end is not known, whether everything stands; what is missing is not made.
func (c *Create) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.planned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	look := *run
	look.Journal = commands.NoJournal{}
	b := &builder{Create: c, p: p, run: &look, looking: true}
	return b.build(ctx)
}

func (b *builder) build(ctx context.Context) (commands.Report, error) {
	for _, part := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"Load balancer", b.balancer}, {"Target group", b.group}, {"Targets", b.register}, {"Listener", b.listener}, {"Redirect", b.redirect},
		{"Active", b.active}, {"Alias", b.setAlias}, {"Health", b.health}, {"Check", b.watch},
	} {
		if err := part.do(ctx); err != nil {
			if b.built.balancer.ARN == "" && !commands.IsUncertain(err) {
				return commands.Report{}, err // nothing stands that could be gone on with or taken away
			}
			b.built.stands(part.name, "not done", "-")
			return b.halfway(), err
		}
	}
	return b.report(ctx), nil
}

// missing is the error for a part that a look does not find.
func missing(what string) error {
	return &commands.Error{Kind: commands.Failed, Message: "AWS shows no " + what + ", so it was not made.", Hint: "The same line again goes on where this one ended."}
}

func (b *builder) balancer(ctx context.Context) error {
	b.run.Say("Making the load balancer " + b.Name)
	made, err := commands.Ensure(ctx, b.run, "CreateLoadBalancer", func(ctx context.Context) (aws.LoadBalancer, bool, error) {
		return b.findBalancer(ctx, b.p)
	}, func(ctx context.Context) (aws.LoadBalancer, error) {
		if b.looking {
			return aws.LoadBalancer{}, missing("load balancer " + b.Name)
		}
		n := aws.NewLoadBalancer{Name: b.Name, Type: b.Type, Scheme: b.Scheme, Subnets: subnetIDs(b.p.Subnets), SecurityGroups: b.p.Groups, Tags: b.tags(b.run)}
		return b.cloud.CreateLoadBalancer(ctx, b.p.Target, n)
	})
	if err == nil {
		b.built.balancer, b.p.Groups = made, made.SecurityGroups // AWS gives its VPC's default one where none was named
		b.built.stands("Load balancer", "there", made.ARN)
	}
	return err
}

// findBalancer looks for the load balancer. One that deckhand did not make, or of another kind, is an error.
func (c *Create) findBalancer(ctx context.Context, p blueprint) (aws.LoadBalancer, bool, error) {
	some, err := c.cloud.LoadBalancers(ctx, p.Target, aws.LoadBalancerQuery{Names: []string{c.Name}})
	if err != nil || len(some) == 0 {
		return aws.LoadBalancer{}, false, err
	}
	there := some[0]
	switch {
	case there.Tags[commands.RequestTag] == "":
		return there, false, taken("load balancer", c.Name, "that deckhand did not make")
	case len(c.SecurityGroupIDs) > 0 && !sameSet(there.SecurityGroups, p.Groups):
		return there, false, taken("load balancer", c.Name, "with the security groups "+commands.OrNone(strings.Join(there.SecurityGroups, ", ")))
	case len(c.Subnets) > 0 && len(there.Subnets) > 0 && !sameSet(there.Subnets, subnetIDs(p.Subnets)):
		return there, false, taken("load balancer", c.Name, "in the subnets "+strings.Join(there.Subnets, ", "))
	case there.Type != c.Type || there.Scheme != c.Scheme || there.VPCID != p.VPC:
		return there, false, taken("load balancer", c.Name, fmt.Sprintf("that is %s, %s and in %s", there.Type, there.Scheme, there.VPCID))
	}
	return there, true, nil
}

func subnetIDs(some []aws.Subnet) []string {
	out := make([]string, len(some))
	for n, s := range some {
		out[n] = s.ID
	}
	return out
}

func sameSet(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

func taken(what, name, why string) error {
	return commands.Conflicting(fmt.Sprintf("There is a %s %s already, %s, so nothing was done.", what, commands.Mono(name), why), "Choose another name.")
}

func (b *builder) group(ctx context.Context) error {
	s := b.settle()
	made, err := commands.Ensure(ctx, b.run, "CreateTargetGroup", func(ctx context.Context) (aws.TargetGroup, bool, error) {
		return b.findGroup(ctx, b.p)
	}, func(ctx context.Context) (aws.TargetGroup, error) {
		if b.looking {
			return aws.TargetGroup{}, missing("target group " + b.Name)
		}
		return b.cloud.CreateTargetGroup(ctx, b.p.Target, aws.TargetGroup{
			Name: b.Name, Protocol: s.targetProtocol, Port: s.targetPort, VPCID: b.p.VPC, TargetType: "instance",
			Health: b.checks(b.Type), Tags: b.tags(b.run),
		})
	})
	if err == nil {
		b.built.group = made
		b.built.stands("Target group", "there", made.ARN)
	}
	return err
}

func (c *Create) findGroup(ctx context.Context, p blueprint) (aws.TargetGroup, bool, error) {
	some, err := c.cloud.TargetGroups(ctx, p.Target, aws.TargetGroupQuery{Names: []string{c.Name}})
	if err != nil || len(some) == 0 {
		return aws.TargetGroup{}, false, err
	}
	s, there := c.settle(), some[0]
	switch {
	case there.Tags[commands.RequestTag] == "":
		return there, false, taken("target group", c.Name, "that deckhand did not make")
	case there.Protocol != s.targetProtocol || there.Port != s.targetPort || there.VPCID != p.VPC:
		return there, false, taken("target group", c.Name, fmt.Sprintf("for %s at port %d in %s", there.Protocol, there.Port, there.VPCID))
	}
	if other := c.differ(c.Type, there.Health); other != "" {
		return there, false, taken("target group", c.Name, other)
	}
	return there, true, nil
}

func (b *builder) register(ctx context.Context) error {
	if len(b.p.Instances) == 0 {
		return nil
	}
	_, err := commands.Ensure(ctx, b.run, "RegisterTargets", func(ctx context.Context) (bool, bool, error) {
		there, err := members(ctx, b.cloud, b.p.Target, b.built.group.ARN)
		return true, includes(there, ids(b.p.Instances)), err
	}, func(ctx context.Context) (bool, error) {
		if b.looking {
			return false, missing("targets in the target group " + b.Name)
		}
		return true, b.cloud.RegisterTargets(ctx, b.p.Target, b.built.group.ARN, ids(b.p.Instances), 0)
	})
	if err == nil {
		b.built.stands("Targets", "registered", strings.Join(ids(b.p.Instances), ", "))
	}
	return err
}

// members answers the ids of a group's targets that are not leaving.
func members(ctx context.Context, cloud Reader, t aws.Target, group string) ([]string, error) {
	seen, err := cloud.TargetHealth(ctx, t, group)
	var out []string
	for _, h := range seen {
		if h.State != aws.TargetDraining && h.Reason != "Target.NotRegistered" {
			out = append(out, h.ID)
		}
	}
	return out, err
}

func includes(have, wanted []string) bool {
	for _, id := range wanted {
		if !contains(have, id) {
			return false
		}
	}
	return true
}

func (b *builder) active(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	now, err := b.cloud.WaitForLoadBalancer(ctx, b.p.Target, b.built.balancer.ARN, func(now aws.LoadBalancer) {
		b.run.Say("The load balancer " + b.Name + " is " + now.State)
	})
	if err == nil {
		b.built.balancer = now
	}
	return err
}

func (b *builder) setAlias(ctx context.Context) error {
	if b.Alias == "" {
		return nil
	}
	balancer := b.built.balancer
	change, err := commands.Ensure(ctx, b.run, "ChangeResourceRecordSets", func(ctx context.Context) (string, bool, error) {
		there, err := b.cloud.Records(ctx, b.p.Target, b.p.Zone.ID, b.alias())
		for _, r := range there {
			if r.Type == "A" && leadsTo(r, balancer.DNSName) {
				return "", true, nil
			}
		}
		if err == nil {
			_, err = b.mayLead(there, balancer.DNSName) // minutes have gone since it was planned
		}
		return "", false, err
	}, func(ctx context.Context) (string, error) {
		if b.looking {
			return "", missing("record " + b.alias())
		}
		return b.cloud.SetAlias(ctx, b.p.Target, aws.Alias{
			Zone: b.p.Zone.ID, Name: b.alias(), Target: balancer.DNSName, TargetZone: balancer.HostedZoneID, Comment: strings.TrimSpace("deckhand " + b.run.ID),
			Replaces: b.OverwriteAlias,
		})
	})
	if err != nil {
		return err
	}
	b.run.Say("Waiting until the name servers know " + b.alias())
	limited, cancel := context.WithTimeout(ctx, dnsPatience)
	defer cancel()
	everywhere, err := b.cloud.WaitForDNS(limited, b.p.Target, change)
	if err != nil {
		b.built.notes = append(b.built.notes, "Whether all name servers know the alias could not be asked: "+commands.Words(err).Message)
	} else if !everywhere {
		b.built.notes = append(b.built.notes, "Not all name servers know the alias yet; Route 53 goes on telling them.")
	}
	b.built.stands("Alias", "leads to it", b.alias())
	return ctx.Err()
}

// health waits for the targets. That some are not healthy is told, and is no failure of what was asked.
func (b *builder) health(ctx context.Context) error {
	if len(b.p.Instances) == 0 {
		return nil
	}
	limited, cancel := context.WithTimeout(ctx, healthPatience)
	defer cancel()
	seen, err := b.cloud.WaitForTargets(limited, b.p.Target, b.built.group.ARN, ids(b.p.Instances), func(now []aws.TargetHealth) {
		b.run.Say(fmt.Sprintf("%d of %s healthy", healthy(now), commands.Count(len(b.p.Instances), "target")))
	})
	b.built.health = seen
	if err != nil && ctx.Err() == nil {
		b.built.notes = append(b.built.notes, "How the targets stand could not be asked: "+commands.Words(err).Message)
	}
	return ctx.Err()
}
