package net

import (
	"cmp"
	"context"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// Disassociate is net table disassociate.
type Disassociate struct {
	where.Target
	Name   string `arg:"name" alias:"route-table-id" required:"" value:"NAME" help:"Route table by name or id."`
	Subnet string `flag:"subnet" alias:"subnet-id" required:"" value:"SUBNET" help:"Subnet by name or id."`

	cloud Cloud
}

func (c *Disassociate) doer() doer {
	return doer{
		Target: c.Target, cloud: c.cloud, step: "DisassociateRouteTable", find: c.find,
		so: func(n aws.Network, d deed) bool { return association(n, d.Other) == "" },
		do: func(ctx context.Context, d deed) error { return c.cloud.Disassociate(ctx, c.At(), d.Other) },
	}
}

// association answers the subnet that has an association of a route table, empty where nothing has.
func association(n aws.Network, id string) string {
	for _, t := range n.Tables {
		for subnet, its := range t.Subnets {
			if its == id {
				return subnet
			}
		}
	}
	return ""
}

func (c *Disassociate) find(ctx context.Context) (deed, error) {
	place, n, _, err := inside(ctx, c.cloud, c.At(), "")
	if err != nil {
		return deed{Place: place}, err
	}
	t, err := find(n, table, c.Name, "")
	if err != nil {
		return deed{Place: place}, err
	}
	s, err := find(n, subnet, c.Subnet, t.VPC)
	d := deed{
		Place: place, Part: t, Undo: where.Line(c.At(), "net table associate", t.ID, "--subnet", s.ID),
		Would: "give the subnet " + s.label() + " the main route table of its VPC, instead of " + t.label(),
		Done:  "Gave the subnet " + s.ID + " the main route table of its VPC, instead of " + cmp.Or(t.Name, t.ID),
		Notes: []string{"Its traffic goes as the main route table says from now on."},
	}
	if err != nil {
		return d, err
	}
	for _, x := range n.Tables {
		if x.ID == t.ID {
			d.Other = x.Subnets[s.ID]
		}
	}
	if d.Other == "" {
		return d, &commands.Error{
			Kind: commands.NotFound, Message: "The subnet " + s.label() + " does not have the route table " + t.label() + " for its own.",
			Hint: commands.Mono(where.Line(c.At(), "net table show", t.ID)) + " shows which subnets have it.",
		}
	}
	return d, nil
}

// Scope is the route table.
func (c *Disassociate) Scope(ctx context.Context) (commands.Scope, error) { return c.doer().scope(ctx) }

// Plan tells which subnet would lose it.
func (c *Disassociate) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.doer().plan(ctx, run)
}

// Run takes the association away.
func (c *Disassociate) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.doer().run(ctx, run)
}

// Check looks whether it is gone.
func (c *Disassociate) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.doer().check(ctx, run)
}
