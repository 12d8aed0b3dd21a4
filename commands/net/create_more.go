package net

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// CreateGroup is net sg create.
type CreateGroup struct {
	New
	Name        string `arg:"name" alias:"name,group-name" required:"" value:"NAME" help:"Name of the group."`
	VPC         string `flag:"vpc" alias:"vpc-id" value:"VPC" help:"VPC by name or id; the default one where none is named."`
	Description string `flag:"description" value:"TEXT" help:"What it is for."`

	cloud Cloud
}

// Validate refuses names that AWS does not take, or keeps for itself.
func (c *CreateGroup) Validate() error {
	if safe(c.Name) != c.Name || strings.TrimSpace(c.Name) != c.Name {
		return commands.Misuse(commands.Mono(c.Name)+" cannot be the name of a security group.", "It has up to 255 letters, digits, spaces and "+commands.Mono(signs)+", and no space at its ends.")
	}
	if strings.HasPrefix(strings.ToLower(c.Name), "sg-") || strings.EqualFold(c.Name, "default") {
		return commands.Misuse(commands.Mono(c.Name)+" cannot be the name of a security group.", "AWS keeps default and names that begin with sg- for itself.")
	}
	if len(c.Description) > longestText {
		return commands.Misuse(fmt.Sprintf("The description has %d characters.", len(c.Description)), fmt.Sprintf("AWS takes %d.", longestText))
	}
	return c.New.Validate()
}

func (c *CreateGroup) maker() maker {
	return maker{New: c.New, cloud: c.cloud, order: func(ctx context.Context) (order, error) {
		place, n, id, err := inside(ctx, c.cloud, c.At(), c.VPC)
		if err == nil && id == "" {
			id, err = defaultVPC(n)
		}
		o := order{Place: place, Kind: group, Name: c.Name, VPC: id, Text: safe(cmp.Or(c.Description, "made by deckhand"))}
		if c.Description != "" && o.Text != c.Description {
			o.Notes = append(o.Notes, "AWS takes no other signs in a description than "+commands.Mono(signs)+": in place of the others it has dashes.")
		}
		if err != nil {
			return o, err
		}
		for _, g := range n.Groups {
			if g.VPCID == id && g.Name == c.Name {
				return o, commands.Conflicting("There is a security group "+label(g.Name, g.ID)+" in that VPC already.", "Choose another name.")
			}
		}
		return o, nil
	}, make: func(ctx context.Context, o order, tags map[string]string) (string, error) {
		g, err := c.cloud.CreateSecurityGroup(ctx, c.At(), aws.SecurityGroup{Name: o.Name, Description: o.Text, VPCID: o.VPC, Tags: tags})
		return g.ID, err
	}}
}

// defaultVPC is where AWS makes what is said to be nowhere.
func defaultVPC(n aws.Network) (string, error) {
	for _, v := range n.VPCs {
		if v.Default {
			return v.ID, nil
		}
	}
	return "", commands.Conflicting("The region has no default VPC.", "Name one with "+commands.Mono("--vpc")+".")
}

// Scope is the group that would be.
func (c *CreateGroup) Scope(ctx context.Context) (commands.Scope, error) { return c.maker().scope(ctx) }

// Plan tells what would be made.
func (c *CreateGroup) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.maker().plan(ctx, run)
}

// Run makes it.
func (c *CreateGroup) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.maker().run(ctx, run)
}

// Check looks for it.
func (c *CreateGroup) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.maker().check(ctx, run)
}

// CreateTable is net table create.
type CreateTable struct {
	New
	Name string `arg:"name" alias:"name" value:"NAME" help:"Name tag."`
	VPC  string `flag:"vpc" alias:"vpc-id" required:"" value:"VPC" help:"VPC by name or id."`

	cloud Cloud
}

func (c *CreateTable) maker() maker {
	return maker{New: c.New, cloud: c.cloud, order: func(ctx context.Context) (order, error) {
		place, _, id, err := inside(ctx, c.cloud, c.At(), c.VPC)
		return order{Place: place, Kind: table, Name: cmp.Or(c.Name, c.Tag["Name"]), VPC: id}, err
	}, make: func(ctx context.Context, o order, tags map[string]string) (string, error) {
		t, err := c.cloud.CreateRouteTable(ctx, c.At(), aws.RouteTable{VPCID: o.VPC, Tags: tags}, o.Token)
		return t.ID, err
	}}
}

// Scope is the route table that would be.
func (c *CreateTable) Scope(ctx context.Context) (commands.Scope, error) { return c.maker().scope(ctx) }

// Plan tells what would be made.
func (c *CreateTable) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.maker().plan(ctx, run)
}

// Run makes it.
func (c *CreateTable) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.maker().run(ctx, run)
}

// Check looks for it.
func (c *CreateTable) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.maker().check(ctx, run)
}

// CreateGateway is net gateway create.
type CreateGateway struct {
	New
	Name string `arg:"name" alias:"name" value:"NAME" help:"Name tag."`
	VPC  string `flag:"vpc" value:"VPC" help:"VPC to attach it to, by name or id."`

	cloud Cloud
}

func (c *CreateGateway) maker() maker {
	return maker{New: c.New, cloud: c.cloud, order: func(ctx context.Context) (order, error) {
		place, n, id, err := inside(ctx, c.cloud, c.At(), c.VPC)
		o := order{Place: place, Kind: gateway, Name: cmp.Or(c.Name, c.Tag["Name"]), VPC: id}
		if err != nil {
			return o, err
		}
		return o, refuseSecond(n, id)
	}, make: func(ctx context.Context, _ order, tags map[string]string) (string, error) {
		g, err := c.cloud.CreateGateway(ctx, c.At(), tags)
		return g.ID, err
	}}
}

// refuseSecond refuses to attach a gateway where there is one: a VPC has at most one.
func refuseSecond(n aws.Network, vpc string) error {
	for _, g := range n.Gateways {
		if vpc != "" && g.VPCID == vpc {
			return commands.Conflicting("The VPC has an internet gateway already, "+label(g.Name, g.ID)+", and it cannot have two.", "")
		}
	}
	return nil
}

// Scope is the gateway that would be.
func (c *CreateGateway) Scope(ctx context.Context) (commands.Scope, error) {
	return c.maker().scope(ctx)
}

// Plan tells what would be made.
func (c *CreateGateway) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.maker().plan(ctx, run)
}

// Run makes it, and attaches it where a VPC is named.
func (c *CreateGateway) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	report, err := c.maker().run(ctx, run)
	if err != nil || c.VPC == "" {
		return report, err
	}
	o, err := c.maker().pinned(ctx, run)
	if err != nil {
		return report, err
	}
	made, err := c.made(ctx, run)
	if err != nil {
		return report, err
	}
	if err := attach(ctx, run, c.cloud, c.At(), made, o.VPC); err != nil {
		report.Title += ", and did not attach it"
		report.Next = append([]commands.Next{{Label: "Attach", Line: where.Line(c.At(), "net gateway attach", made, "--vpc", o.VPC), Style: "primary"}}, report.Next...)
		return report, err
	}
	return report, nil
}

func (c *CreateGateway) made(ctx context.Context, run *commands.Run) (string, error) {
	return commands.Repeat(ctx, run, "make the "+string(gateway), func(context.Context) (string, error) {
		return "", missing(string(gateway) + " of this request")
	})
}

// attach attaches a gateway, unless it is attached there already.
func attach(ctx context.Context, run *commands.Run, cloud Cloud, t aws.Target, id, to string) error {
	_, err := commands.Ensure(ctx, run, "attach the gateway", func(ctx context.Context) (bool, bool, error) {
		n, err := cloud.Network(ctx, t, "")
		for _, g := range n.Gateways {
			if g.ID == id && g.VPCID == to {
				return true, true, nil
			}
		}
		return false, false, err
	}, func(ctx context.Context) (bool, error) { return true, cloud.AttachGateway(ctx, t, id, to) })
	return err
}

// Check looks for it.
func (c *CreateGateway) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	report, err := c.maker().check(ctx, run)
	if err != nil || c.VPC == "" {
		return report, err
	}
	n, err := c.cloud.Network(ctx, c.At(), "")
	if err != nil {
		return report, err
	}
	for _, g := range n.Gateways {
		if madeBy(run, g.Tags) && g.VPCID == "" {
			return report, &commands.Error{
				Kind: commands.Failed, Message: "The internet gateway " + label(g.Name, g.ID) + " is made, and not attached.",
				Hint: commands.Mono(where.Line(c.At(), "net gateway attach", g.ID, "--vpc", c.VPC)) + " attaches it.",
			}
		}
	}
	return report, nil
}
