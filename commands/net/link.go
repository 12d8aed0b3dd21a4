package net

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// AttachGateway is net gateway attach.
type AttachGateway struct {
	where.Target
	Name string `arg:"name" alias:"internet-gateway-id" required:"" value:"NAME" help:"Internet gateway by name or id."`
	VPC  string `flag:"vpc" alias:"vpc-id" required:"" value:"VPC" help:"VPC by name or id."`

	cloud Cloud
}

func (c *AttachGateway) doer() doer {
	return doer{
		Target: c.Target, cloud: c.cloud, step: "AttachInternetGateway",
		find: func(ctx context.Context) (deed, error) {
			place, n, id, err := inside(ctx, c.cloud, c.At(), c.VPC)
			if err != nil {
				return deed{Place: place}, err
			}
			g, err := find(n, gateway, c.Name, "")
			if err == nil && g.VPC != id {
				err = refuseSecond(n, id)
			}
			if err == nil && g.VPC != "" && g.VPC != id {
				err = commands.Conflicting(g.label()+" is attached to "+commands.Mono(g.VPC)+" already.", "An internet gateway serves one VPC.")
			}
			d := deed{
				Place: place, Part: g, Other: id, Would: "attach the internet gateway " + g.label() + " to " + id, Done: "Attached the internet gateway to " + id,
				Undo: where.Line(c.At(), "net gateway detach", g.ID),
			}
			if g.VPC == id {
				d.already("the internet gateway " + g.label() + " is attached to " + id + " already")
			}
			return d, err
		},
		so: func(n aws.Network, d deed) bool {
			return slices.ContainsFunc(n.Gateways, func(g aws.Gateway) bool { return g.ID == d.Part.ID && g.VPCID == d.Other })
		},
		do: func(ctx context.Context, d deed) error {
			return c.cloud.AttachGateway(ctx, c.At(), d.Part.ID, d.Other)
		},
	}
}

// Scope is the gateway.
func (c *AttachGateway) Scope(ctx context.Context) (commands.Scope, error) {
	return c.doer().scope(ctx)
}

// Plan tells what would be attached.
func (c *AttachGateway) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.doer().plan(ctx, run)
}

// Run attaches it.
func (c *AttachGateway) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.doer().run(ctx, run)
}

// Check looks whether it is attached.
func (c *AttachGateway) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.doer().check(ctx, run)
}

// Associate is net table associate.
type Associate struct {
	where.Target
	Name   string `arg:"name" alias:"route-table-id" required:"" value:"NAME" help:"Route table by name or id."`
	Subnet string `flag:"subnet" alias:"subnet-id" required:"" value:"SUBNET" help:"Subnet by name or id."`

	cloud Cloud
}

func (c *Associate) doer() doer {
	return doer{
		Target: c.Target, cloud: c.cloud, step: "AssociateRouteTable", find: c.find,
		so: func(n aws.Network, d deed) bool {
			return slices.ContainsFunc(n.Tables, func(t aws.RouteTable) bool { return t.ID == d.Part.ID && t.Subnets[d.Other] != "" })
		},
		do: func(ctx context.Context, d deed) error { return c.cloud.Associate(ctx, c.At(), d.Part.ID, d.Other) },
	}
}

func (c *Associate) find(ctx context.Context) (deed, error) {
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
		Place: place, Part: t, Other: s.ID, Would: "give the subnet " + s.label() + " the route table " + t.label(), Done: "Gave the subnet " + s.ID + " the route table " + cmp.Or(t.Name, t.ID),
		Undo: where.Line(c.At(), "net table disassociate", t.ID, "--subnet", s.ID),
	}
	if err != nil {
		return d, err
	}
	for _, x := range n.Tables {
		if x.Subnets[s.ID] == "" {
			continue
		}
		if x.ID != t.ID {
			return d, commands.Conflicting("The subnet "+s.label()+" has the route table "+label(x.Name, x.ID)+" already.",
				commands.Mono(where.Line(c.At(), "net table disassociate", x.ID, "--subnet", s.ID))+" takes that one away first; traffic changes its way at once.")
		}
		d.already("the subnet " + s.label() + " has the route table " + t.label() + " already")
	}
	return d, nil
}

// Scope is the route table.
func (c *Associate) Scope(ctx context.Context) (commands.Scope, error) { return c.doer().scope(ctx) }

// Plan tells what would be associated.
func (c *Associate) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.doer().plan(ctx, run)
}

// Run associates.
func (c *Associate) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.doer().run(ctx, run)
}

// Check looks whether it is so.
func (c *Associate) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.doer().check(ctx, run)
}

// Way is the arguments of net route create and delete.
type Way struct {
	where.Target
	Name        string `arg:"name" alias:"route-table-id" required:"" value:"NAME" help:"Route table by name or id."`
	Destination string `flag:"destination" alias:"destination-cidr-block" required:"" value:"BLOCK" help:"Where the traffic goes to, 0.0.0.0/0 for everywhere."`
}

// Validate refuses what is no block.
func (w *Way) Validate() error {
	p, err := netip.ParsePrefix(w.Destination)
	if err != nil || p != p.Masked() || !p.Addr().Is4() {
		return commands.Misuse(commands.Mono(w.Destination)+" is not a block of IPv4 addresses.", "It looks like 0.0.0.0/0 or 10.20.0.0/16.")
	}
	return nil
}

// CreateRoute is net route create.
type CreateRoute struct {
	Way
	Gateway string `flag:"gateway" alias:"gateway-id,nat-gateway-id,transit-gateway-id,vpc-peering-connection-id" required:"" value:"GATEWAY" help:"Internet gateway by name or id, or the id of another gateway, an interface or an instance."`

	cloud Cloud
}

func (c *CreateRoute) doer() doer {
	return doer{
		Target: c.Target, cloud: c.cloud, step: "CreateRoute", find: c.find,
		so: func(n aws.Network, d deed) bool {
			return slices.ContainsFunc(n.Tables, func(t aws.RouteTable) bool {
				return t.ID == d.Part.ID && slices.ContainsFunc(t.Routes, func(r aws.Route) bool { return r.Destination == d.Route.Destination && r.Target == d.Route.Target })
			})
		},
		do: func(ctx context.Context, d deed) error { return c.cloud.AddRoute(ctx, c.At(), d.Part.ID, d.Route) },
	}
}

func (c *CreateRoute) find(ctx context.Context) (deed, error) {
	place, n, _, err := inside(ctx, c.cloud, c.At(), "")
	if err != nil {
		return deed{Place: place}, err
	}
	t, err := find(n, table, c.Name, "")
	if err != nil {
		return deed{Place: place}, err
	}
	to := c.Gateway
	if !byID(to) {
		g, err := find(n, gateway, to, "")
		if err != nil {
			return deed{Place: place}, err
		}
		if g.VPC != t.VPC {
			return deed{Place: place}, commands.Conflicting("The internet gateway "+g.label()+" is not attached to the VPC of that route table.", commands.Mono(where.Line(c.At(), "net gateway attach", g.ID, "--vpc", t.VPC))+" attaches it.")
		}
		to = g.ID
	}
	d := deed{
		Place: place, Part: t, Route: aws.Route{Destination: c.Destination, Target: to}, Would: "lead " + c.Destination + " to " + to + " in the route table " + t.label(),
		Done: "Leads " + c.Destination + " to " + to, Undo: where.Line(c.At(), "net route delete", t.ID, "--destination", c.Destination),
	}
	if c.doer().so(n, d) {
		d.already("the route table " + t.label() + " leads " + c.Destination + " to " + to + " already")
	}
	return d, c.refuseOther(n, d)
}

// refuseOther refuses a second way to the same destination, as AWS does.
func (c *CreateRoute) refuseOther(n aws.Network, d deed) error {
	for _, t := range n.Tables {
		for _, r := range t.Routes {
			if t.ID == d.Part.ID && r.Destination == c.Destination && r.Target != d.Route.Target {
				hint := "The way inside of a VPC stays as it is."
				if r.Target != "local" {
					hint = commands.Mono(where.Line(c.At(), "net route delete", t.ID, "--destination", r.Destination)) + " takes that way away first; what goes there gets nowhere until the new one stands."
				}
				return commands.Conflicting("The route table "+d.Part.label()+" leads "+r.Destination+" to "+commands.OrNone(r.Target)+" already.", hint)
			}
		}
	}
	return nil
}

// byID tells whether a word is the id of a thing, other than an internet gateway, that a route may lead to.
func byID(word string) bool {
	return slices.ContainsFunc([]string{"nat-", "tgw-", "pcx-", "eni-", "vgw-", "i-", "vpce-"}, func(p string) bool { return strings.HasPrefix(word, p) })
}

// Scope is the route table.
func (c *CreateRoute) Scope(ctx context.Context) (commands.Scope, error) { return c.doer().scope(ctx) }

// Plan tells which route would be added.
func (c *CreateRoute) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.doer().plan(ctx, run)
}

// Run adds the route.
func (c *CreateRoute) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.doer().run(ctx, run)
}

// Check looks whether the route is there.
func (c *CreateRoute) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.doer().check(ctx, run)
}

// DeleteRoute is net route delete.
type DeleteRoute struct {
	Way

	cloud Cloud
}

func (c *DeleteRoute) doer() doer {
	return doer{
		Target: c.Target, cloud: c.cloud, step: "DeleteRoute", find: c.find,
		so: func(n aws.Network, d deed) bool {
			return !slices.ContainsFunc(n.Tables, func(t aws.RouteTable) bool {
				return t.ID == d.Part.ID && slices.ContainsFunc(t.Routes, func(r aws.Route) bool { return r.Destination == d.Route.Destination })
			})
		},
		do: func(ctx context.Context, d deed) error {
			return c.cloud.RemoveRoute(ctx, c.At(), d.Part.ID, d.Route.Destination)
		},
	}
}

func (c *DeleteRoute) find(ctx context.Context) (deed, error) {
	place, n, _, err := inside(ctx, c.cloud, c.At(), "")
	if err != nil {
		return deed{Place: place}, err
	}
	t, err := find(n, table, c.Name, "")
	if err != nil {
		return deed{Place: place}, err
	}
	for _, x := range n.Tables {
		for _, r := range x.Routes {
			if x.ID == t.ID && r.Destination == c.Destination && r.Target != "local" {
				d := deed{
					Place: place, Part: t, Route: r, Would: "remove the route from " + r.Destination + " to " + r.Target + " of the route table " + t.label(),
					Done: "Removed the route to " + r.Destination, Undo: where.Line(c.At(), "net route create", t.ID, "--destination", r.Destination, "--gateway", r.Target),
					Notes: []string{"What goes that way now gets nowhere afterwards."},
				}
				if !byID(r.Target) && !strings.HasPrefix(r.Target, "igw-") {
					d.Undo, d.Notes = "", append(d.Notes, "No line of deckhand leads it to "+cmp.Or(r.Target, "where it led")+" again.")
				}
				return d, nil
			}
		}
	}
	return deed{Place: place, Part: t}, &commands.Error{
		Kind: commands.NotFound, Message: "The route table " + t.label() + " has no route to " + commands.Mono(c.Destination) + " that can be removed.",
		Hint: commands.Mono(where.Line(c.At(), "net table show", t.ID)) + " shows its routes.",
	}
}

// Scope is the route table.
func (c *DeleteRoute) Scope(ctx context.Context) (commands.Scope, error) { return c.doer().scope(ctx) }

// Plan tells which route would go.
func (c *DeleteRoute) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.doer().plan(ctx, run)
}

// Run removes the route.
func (c *DeleteRoute) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.doer().run(ctx, run)
}

// Check looks whether the route is gone.
func (c *DeleteRoute) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.doer().check(ctx, run)
}
