package net

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// A network with private subnets has, in its first public subnet, one NAT gateway with an elastic IP address.

// privatePart begins the part tag of everything that only such a network has; the subnets are made first and go last.
const privatePart = "private-"

const natPatience = 10 * time.Minute

func (c *Up) natRows(d design) [][]string {
	return [][]string{
		{"Elastic IP address", c.Name, "for the NAT gateway"}, {"NAT gateway", c.Name, "in " + d.Subnets[0].Name},
		{"Route table", c.Name + "-private", everywhere + " to the NAT gateway, for every private subnet"},
	}
}

// natCost says what the NAT gateway costs, or that it is not known.
func (c *Up) natCost(ctx context.Context) string {
	rest := "; its address and the traffic through it come on top, for as long as it stands."
	price, err := c.cloud.NATPrice(ctx, c.At())
	if err != nil {
		return "The NAT gateway costs money for every hour; how much is unknown: " + commands.Words(err).Message
	}
	return fmt.Sprintf("The NAT gateway costs $%.4g an hour, $%.2f a month%s", price.USDPerHour, price.USDPerHour*commands.HoursOfMonth, rest)
}

// Bill is what the network would cost: nothing without a NAT gateway.
func (c *Up) Bill(ctx context.Context) commands.Bill {
	b := commands.Bill{Without: "its address and traffic"}
	if c.NAT {
		price, err := c.cloud.NATPrice(ctx, c.At())
		b.Add("a NAT gateway", price.USDPerHour, err)
	}
	return b
}

// withOutlets adds the NAT gateways and addresses of a network, where it can have some: only those with private subnets or tables do.
func withOutlets(ctx context.Context, cloud Outlets, t aws.Target, n aws.Network, network string) (aws.Network, error) {
	private := false
	for _, k := range []kind{subnet, table} {
		for _, p := range partsOf(n, k) {
			private = private || p.Tags[networkTag] == network && strings.HasPrefix(p.Tags[partTag], privatePart)
		}
	}
	if !private {
		return n, nil
	}
	var err error
	if n.NATs, err = cloud.NATGateways(ctx, t, ""); err != nil {
		return n, err
	}
	n.Interfaces = slices.Clone(n.Interfaces)
	for i, one := range n.Interfaces {
		for _, g := range n.NATs {
			if g.Interface == one.ID && one.ID != "" {
				n.Interfaces[i].Description = "the NAT gateway " + g.ID
			}
		}
	}
	n.Addresses, err = cloud.Addresses(ctx, t)
	return n, err
}

func (b *builder) natStages() []stage {
	var address, gateway string
	return []stage{
		{"Elastic IP address", func(ctx context.Context) (err error) {
			address, err = b.makeAddress(ctx)
			return err
		}},
		{"NAT gateway", func(ctx context.Context) (err error) {
			gateway, err = b.makeNAT(ctx, address)
			return err
		}},
		{"Private route table", func(ctx context.Context) error {
			return b.makeTable(ctx, privatePart+"table", b.Name+"-private", "route to the NAT gateway", gateway, b.private)
		}},
	}
}

func (b *builder) makeAddress(ctx context.Context) (string, error) {
	return b.ensureOutlet(ctx, address, privatePart+"address", func(ctx context.Context, tags map[string]string) (string, error) {
		a, err := b.cloud.AllocateAddress(ctx, b.At(), tags)
		return a.ID, err
	})
}

// makeNAT makes the NAT gateway and waits until it is available.
func (b *builder) makeNAT(ctx context.Context, address string) (string, error) {
	id, err := b.ensureOutlet(ctx, nat, privatePart+"nat", func(ctx context.Context, tags map[string]string) (string, error) {
		n, err := b.cloud.CreateNATGateway(ctx, b.At(), aws.NATGateway{SubnetID: b.public[0], AddressID: address, Tags: tags}, b.run.Token)
		return n.ID, err
	})
	if err != nil {
		return id, err
	}
	b.run.Say("Waiting until the NAT gateway is available; it takes a minute or two")
	return id, awaitNAT(ctx, b.cloud, b.At(), id, "available")
}

func awaitNAT(ctx context.Context, cloud Outlets, t aws.Target, id, want string) error {
	limited, cancel := context.WithTimeout(ctx, natPatience)
	defer cancel()
	return cloud.WaitForNATGateway(limited, t, id, want)
}

// ensureOutlet is ensure for what a VPC's network does not show.
func (b *builder) ensureOutlet(ctx context.Context, k kind, own string, do func(context.Context, map[string]string) (string, error)) (string, error) {
	id, err := commands.Ensure(ctx, b.run, "make "+own, func(ctx context.Context) (string, bool, error) {
		var n aws.Network
		var err error
		if k == nat {
			n.NATs, err = b.cloud.NATGateways(ctx, b.At(), b.vpc)
		} else {
			n.Addresses, err = b.cloud.Addresses(ctx, b.At())
		}
		for _, p := range partsOf(n, k) {
			if p.Tags[networkTag] == b.Name && p.Tags[partTag] == own {
				if k == nat && p.Words[2][1] == "deleting" {
					return "", false, goingDown(b.Name, where.Line(b.At(), "net down", b.Name))
				}
				return p.ID, true, nil
			}
		}
		return "", false, err
	}, func(ctx context.Context) (string, error) {
		if b.looking {
			return "", missing(string(k) + " of the network " + b.Name)
		}
		return do(ctx, b.tags(b.run, b.Name, own))
	})
	if err == nil {
		b.stands(k, "", id)
	}
	return id, err
}

func goingDown(name, line string) error {
	return &commands.Error{
		Kind: commands.Failed, Message: "The NAT gateway of " + commands.Mono(name) + " is being deleted.",
		Hint: "Finish that with " + commands.Mono(line) + ", or wait a minute and send the same line again.",
	}
}
