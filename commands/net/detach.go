package net

import (
	"context"
	"slices"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// DetachGateway is net gateway detach.
type DetachGateway struct {
	where.Target
	Name string `arg:"name" alias:"internet-gateway-id" required:"" value:"NAME" help:"Internet gateway by name or id."`
	VPC  string `flag:"vpc" alias:"vpc-id" value:"VPC" help:"VPC that it must be attached to, by name or id."`

	cloud Cloud
}

func (c *DetachGateway) doer() doer {
	return doer{
		Target: c.Target, cloud: c.cloud, step: "DetachInternetGateway", find: c.find,
		so: func(n aws.Network, d deed) bool {
			return !slices.ContainsFunc(n.Gateways, func(g aws.Gateway) bool { return g.ID == d.Part.ID && g.VPCID == d.Part.VPC })
		},
		do: func(ctx context.Context, d deed) error {
			return c.cloud.DetachGateway(ctx, c.At(), d.Part.ID, d.Part.VPC)
		},
	}
}

func (c *DetachGateway) find(ctx context.Context) (deed, error) {
	place, n, _, err := inside(ctx, c.cloud, c.At(), "")
	if err != nil {
		return deed{Place: place}, err
	}
	g, err := find(n, gateway, c.Name, "")
	if err != nil {
		return deed{Place: place}, err
	}
	d := deed{
		Place: place, Part: g, Would: "detach the internet gateway " + g.label() + " from " + g.VPC, Done: "Detached the internet gateway from " + g.VPC,
		Undo: where.Line(c.At(), "net gateway attach", g.ID, "--vpc", g.VPC), Notes: []string{"Nothing in that VPC reaches the internet through it, or is reached, from then on."},
	}
	from, wanted := g.VPC, "any VPC"
	if c.VPC != "" {
		v, err := find(n, vpc, c.VPC, "")
		if err != nil {
			return d, err
		}
		from, wanted = v.ID, v.label()
	}
	if g.VPC == "" || from != g.VPC {
		return d, &commands.Error{
			Kind: commands.NotFound, Message: "The internet gateway " + g.label() + " is not attached to " + wanted + ".",
			Hint: commands.Mono(where.Line(c.At(), "net gateway show", g.ID)) + " shows where it is.",
		}
	}
	return d, nil
}

// Scope is the gateway.
func (c *DetachGateway) Scope(ctx context.Context) (commands.Scope, error) {
	return c.doer().scope(ctx)
}

// Plan tells what would be detached.
func (c *DetachGateway) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.doer().plan(ctx, run)
}

// Run detaches it.
func (c *DetachGateway) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.doer().run(ctx, run)
}

// Check looks whether it is detached.
func (c *DetachGateway) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.doer().check(ctx, run)
}
