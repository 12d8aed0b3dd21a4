package lb

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/query"
	"deckhand/commands/where"
)

// List is lb list.
type List struct {
	where.Target
	query.Flags
	Names []string          `arg:"name" alias:"names,load-balancer-arns" value:"NAME" help:"Only these, by name or ARN; * stands for anything."`
	Tag   map[string]string `flag:"tag" value:"KEY=VALUE" help:"Only load balancers that carry the tag."`

	cloud Cloud
}

// Validate refuses a --query that is none.
func (c *List) Validate() error { return c.Err() }

// Run lists load balancers by name.
func (c *List) Run(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	return c.Report(ctx, query.Subject{Operation: "DescribeLoadBalancers", ID: "LoadBalancerArn"}, c.list)
}

func (c *List) list(ctx context.Context) (commands.Report, []string, error) {
	all, err := c.cloud.LoadBalancers(ctx, c.At(), aws.LoadBalancerQuery{})
	if err != nil {
		return commands.Report{}, nil, err
	}
	for _, name := range c.Names {
		if !aws.Pattern(name) && !slices.ContainsFunc(all, func(b aws.LoadBalancer) bool { return isCalled(b, name) }) {
			return commands.Report{}, nil, noBalancer(c.At(), name, all)
		}
	}
	all = slices.DeleteFunc(all, func(b aws.LoadBalancer) bool { return !c.wants(b) })
	commands.Order(all, func(a, b aws.LoadBalancer) int { return strings.Compare(a.Name, b.Name) })
	report := commands.Report{Title: commands.Count(len(all), "load balancer"), Where: where.Words(c.cloud.Place(ctx, c.At()))}
	if len(all) == 0 {
		report.Title = "No load balancers"
		report.Body = commands.Blocks{commands.Text{Text: "Make one with " + commands.Mono("lb create --name myapp --port 80 --protocol HTTP --targets NAME") + "."}}
		return report, nil, nil
	}
	var arns []string
	table := commands.Table{Columns: []string{"Name", "State", "Type", "Scheme", "DNS name", "Alias", "VPC", "Zones", "Made by"}}
	for _, b := range all {
		arns = append(arns, b.ARN)
		table.Rows = append(table.Rows, []string{
			b.Name, b.State, b.Type, b.Scheme, b.DNSName, commands.OrNone(AliasOf(b)), commands.OrNone(b.VPCID), strings.Join(b.Zones, ", "), madeBy(b.Tags),
		})
	}
	report.Body = commands.Blocks{table}
	return report, arns, nil
}

func (c *List) wants(b aws.LoadBalancer) bool {
	for key, value := range c.Tag {
		if have, ok := b.Tags[key]; !ok || value != "*" && have != value {
			return false
		}
	}
	return len(c.Names) == 0 || slices.ContainsFunc(c.Names, func(n string) bool { return aws.Wildcard(n, b.Name) || isCalled(b, n) })
}

// Show is lb show.
type Show struct {
	where.Target
	query.Flags
	Name string `arg:"name" alias:"name,names,load-balancer-arn" required:"" value:"NAME" help:"Name, ARN, DNS name or alias."`

	cloud Cloud
}

// Validate refuses a --query that is none.
func (c *Show) Validate() error { return c.Err() }

// Run shows a load balancer, its listeners and how its targets stand.
func (c *Show) Run(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	return c.Report(ctx, query.Subject{Operation: "DescribeLoadBalancers", ID: "LoadBalancerArn"}, func(ctx context.Context) (commands.Report, []string, error) {
		b, err := balancer(ctx, c.cloud, c.At(), c.Name)
		if err != nil {
			return commands.Report{}, nil, err
		}
		report, err := c.show(ctx, b)
		return report, []string{b.ARN}, err
	})
}

func (c *Show) show(ctx context.Context, b aws.LoadBalancer) (commands.Report, error) {
	listeners, err := c.cloud.Listeners(ctx, c.At(), b.ARN)
	if err != nil {
		return commands.Report{}, err
	}
	groups, err := c.cloud.TargetGroups(ctx, c.At(), aws.TargetGroupQuery{LoadBalancer: b.ARN})
	if err != nil {
		return commands.Report{}, err
	}
	report := commands.Report{
		Title: fmt.Sprintf("Load balancer %s is %s", b.Name, b.State), Where: where.Words(c.cloud.Place(ctx, c.At())),
		Body: commands.Blocks{commands.Fields{Fields: shown(b)}, listenerTable(listeners, groups)},
		Next: []commands.Next{
			{Label: "Health", Line: where.Line(c.At(), "lb health", b.Name)},
			{Label: "Delete", Line: where.Line(c.At(), "lb delete", b.Name), Style: "danger", Confirm: "Delete the load balancer " + b.Name + "?"},
		},
	}
	for _, g := range groups {
		block, err := groupHealth(ctx, c.cloud, c.At(), g)
		if err != nil {
			return commands.Report{}, err
		}
		report.Body = append(report.Body, block...)
	}
	return report, nil
}

func shown(b aws.LoadBalancer) []commands.Field {
	fields := []commands.Field{
		{Name: "DNS name", Value: commands.Mono(b.DNSName)}, {Name: "Alias", Value: commands.OrNone(AliasOf(b))},
		{Name: "Type", Value: b.Type + ", " + b.Scheme}, {Name: "VPC", Value: commands.Mono(b.VPCID)},
		{Name: "Zones", Value: strings.Join(b.Zones, ", ")}, {Name: "Subnets", Value: strings.Join(commands.Monos(b.Subnets), ", ")},
		{Name: "Security groups", Value: orWord(strings.Join(commands.Monos(b.SecurityGroups), ", "), commands.None)},
		{Name: "Made", Value: commands.At(b.CreatedAt) + " by " + madeBy(b.Tags)}, {Name: "ARN", Value: commands.Mono(b.ARN)},
		{Name: "Tags", Value: commands.OrNone(otherTags(b.Tags))},
	}
	if b.StateReason != "" {
		fields = append(fields, commands.Field{Name: "AWS says", Value: commands.Unmarked(b.StateReason)})
	}
	return fields
}

func listenerTable(listeners []aws.Listener, groups []aws.TargetGroup) commands.Table {
	t := commands.Table{Columns: []string{"Listener", "Port", "Leads to", "Certificate"}}
	for _, l := range listeners {
		leads := "something else than a target group"
		if l.RedirectPort > 0 {
			leads = fmt.Sprintf("HTTPS at port %d, by a redirect", l.RedirectPort)
		}
		for _, g := range groups {
			if g.ARN == l.TargetGroup {
				leads = fmt.Sprintf("%s (%s, port %d)", g.Name, g.Protocol, g.Port)
			}
		}
		t.Rows = append(t.Rows, []string{l.Protocol, fmt.Sprint(l.Port), leads, commands.OrNone(l.Certificate)})
	}
	return t
}

// groupHealth is a line about a target group and the table of its targets.
func groupHealth(ctx context.Context, cloud Cloud, t aws.Target, g aws.TargetGroup) (commands.Blocks, error) {
	seen, err := cloud.TargetHealth(ctx, t, g.ARN)
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf("Target group %s: %d of %s healthy.", g.Name, healthy(seen), commands.Count(len(seen), "target"))
	if len(seen) == 0 {
		return commands.Blocks{commands.Text{Text: "Target group " + g.Name + " has no targets."}}, nil
	}
	return commands.Blocks{commands.Text{Text: text}, healthTable(seen, namesOf(ctx, cloud, t, seen))}, nil
}

// Health is lb health.
type Health struct {
	where.Target
	query.Flags
	Name string `arg:"name" alias:"name,load-balancer-arn,target-group-arn" required:"" value:"NAME" help:"Load balancer by name, ARN, DNS name or alias."`

	cloud Cloud
}

// Validate refuses a --query that is none.
func (c *Health) Validate() error { return c.Err() }

// Run tells how the targets of every target group stand.
func (c *Health) Run(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	return c.Report(ctx, query.Subject{Operation: "DescribeTargetHealth"}, func(ctx context.Context) (commands.Report, []string, error) {
		report, err := c.health(ctx)
		return report, nil, err
	})
}

func (c *Health) health(ctx context.Context) (commands.Report, error) {
	b, err := balancer(ctx, c.cloud, c.At(), c.Name)
	if err != nil {
		return commands.Report{}, err
	}
	groups, err := c.cloud.TargetGroups(ctx, c.At(), aws.TargetGroupQuery{LoadBalancer: b.ARN})
	if err != nil {
		return commands.Report{}, err
	}
	report := commands.Report{Tone: commands.Good, Where: where.Words(c.cloud.Place(ctx, c.At()))}
	all, good := 0, 0
	for _, g := range groups {
		seen, err := c.cloud.TargetHealth(ctx, c.At(), g.ARN)
		if err != nil {
			return commands.Report{}, err
		}
		all, good = all+len(seen), good+healthy(seen)
		if len(groups) > 1 {
			report.Body = append(report.Body, commands.Text{Text: "Target group " + g.Name})
		}
		report.Body = append(report.Body, healthTable(seen, namesOf(ctx, c.cloud, c.At(), seen)))
	}
	report.Title = fmt.Sprintf("%d of %s of %s healthy", good, commands.Count(all, "target"), b.Name)
	switch {
	case all == 0:
		report.Tone, report.Title = commands.Warning, "No targets behind "+b.Name
	case good == 0:
		report.Tone = commands.Bad
	case good < all:
		report.Tone = commands.Warning
	}
	return report, nil
}
