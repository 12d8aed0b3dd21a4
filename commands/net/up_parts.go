package net

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

func (b *builder) makeVPC(ctx context.Context) error {
	var err error
	b.vpc, err = b.ensure(ctx, vpc, "vpc", b.Name, func(ctx context.Context, tags map[string]string) (string, error) {
		v, err := b.cloud.CreateVPC(ctx, b.At(), aws.VPC{CIDR: b.d.CIDR, Tags: tags})
		return v.ID, err
	})
	if err != nil {
		return err
	}
	always := func(aws.Network) bool { return true } // the VPC does not show it, and nothing depends on it
	return b.settle(ctx, "name hosts", always, func(ctx context.Context) error { return b.cloud.NameHosts(ctx, b.At(), b.vpc) })
}

func (b *builder) makeSubnet(ctx context.Context, s aws.Subnet) error {
	id, err := b.ensure(ctx, subnet, partOf(s), s.Name, func(ctx context.Context, tags map[string]string) (string, error) {
		made, err := b.cloud.CreateSubnet(ctx, b.At(), aws.Subnet{VPCID: b.vpc, CIDR: s.CIDR, Zone: s.Zone, Tags: tags})
		return made.ID, err
	})
	if err != nil {
		return err
	}
	if !s.Public {
		b.private = append(b.private, id)
		return nil
	}
	b.public = append(b.public, id)
	public := func(n aws.Network) bool {
		return slices.ContainsFunc(n.Subnets, func(x aws.Subnet) bool { return x.ID == id && x.Public })
	}
	return b.settle(ctx, "public addresses of "+s.Name, public, func(ctx context.Context) error { return b.cloud.SetSubnetPublic(ctx, b.At(), id, true) })
}

func (b *builder) makeGateway(ctx context.Context) error {
	var err error
	b.gateway, err = b.ensure(ctx, gateway, "gateway", b.Name, func(ctx context.Context, tags map[string]string) (string, error) {
		g, err := b.cloud.CreateGateway(ctx, b.At(), tags)
		return g.ID, err
	})
	if err != nil {
		return err
	}
	if b.looking {
		return b.settle(ctx, "attach the internet gateway", func(n aws.Network) bool {
			return slices.ContainsFunc(n.Gateways, func(g aws.Gateway) bool { return g.ID == b.gateway && g.VPCID == b.vpc })
		}, nil)
	}
	return attach(ctx, b.run, b.cloud, b.At(), b.gateway, b.vpc)
}

// everywhere is the route to the internet.
const everywhere = "0.0.0.0/0"

func (b *builder) makePublicTable(ctx context.Context) error {
	return b.makeTable(ctx, "table", b.Name, "route to the internet", b.gateway, b.public)
}

// makeTable makes a route table that leads everywhere through a gateway, and gives it to subnets.
func (b *builder) makeTable(ctx context.Context, own, name, step, through string, subnets []string) error {
	id, err := b.ensure(ctx, table, own, name, func(ctx context.Context, tags map[string]string) (string, error) {
		t, err := b.cloud.CreateRouteTable(ctx, b.At(), aws.RouteTable{VPCID: b.vpc, Tags: tags}, b.run.Token+"-"+own)
		return t.ID, err
	})
	if err != nil {
		return err
	}
	_, err = commands.Ensure(ctx, b.run, step, func(ctx context.Context) (bool, bool, error) {
		n, err := b.cloud.Network(ctx, b.At(), b.vpc)
		for _, t := range n.Tables {
			for _, r := range t.Routes {
				if t.ID == id && r.Destination == everywhere {
					return true, r.Target == through, b.wrongWay(t, r, through)
				}
			}
		}
		return false, false, err
	}, func(ctx context.Context) (bool, error) {
		if b.looking {
			return false, missing(step)
		}
		return true, b.cloud.AddRoute(ctx, b.At(), id, aws.Route{Destination: everywhere, Target: through})
	})
	for _, s := range subnets {
		if err == nil {
			has := func(n aws.Network) bool {
				return slices.ContainsFunc(n.Tables, func(t aws.RouteTable) bool { return t.ID == id && t.Subnets[s] != "" })
			}
			err = b.settle(ctx, "associate "+s, has, func(ctx context.Context) error { return b.cloud.Associate(ctx, b.At(), id, s) })
		}
	}
	return err
}

// wrongWay is the error for a route that leads elsewhere: to a NAT gateway that is gone, say.
func (b *builder) wrongWay(t aws.RouteTable, r aws.Route, through string) error {
	if r.Target == through {
		return nil
	}
	return &commands.Error{
		Kind: commands.Failed, Message: fmt.Sprintf("The route table %s leads %s to %s instead of %s.", label(t.Name, t.ID), everywhere, cmp.Or(r.Target, "nothing"), through),
		Hint: "Remove that route with " + commands.Mono(where.Line(b.At(), "net route delete", t.ID, "--destination", everywhere)) + " if nothing needs it, and send the same line again.",
	}
}

func (b *builder) makeGroup(ctx context.Context) error {
	id, err := b.ensure(ctx, group, "group", "", func(ctx context.Context, tags map[string]string) (string, error) {
		g, err := b.cloud.CreateSecurityGroup(ctx, b.At(), aws.SecurityGroup{
			Name: b.Name, Description: "members of the network " + b.Name, VPCID: b.vpc, Tags: tags,
		})
		return g.ID, err
	})
	if err != nil {
		return err
	}
	rule := aws.Rule{Protocol: allProtocols, Peer: id, Description: "members reach each other"}
	allowed := func(n aws.Network) bool {
		return slices.ContainsFunc(n.Groups, func(g aws.SecurityGroup) bool { return g.ID == id && slices.ContainsFunc(g.Ingress, rule.Same) })
	}
	return b.settle(ctx, "members reach each other", allowed, func(ctx context.Context) error { return b.cloud.Allow(ctx, b.At(), id, rule) })
}
