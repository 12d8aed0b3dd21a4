package net

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/spelling"
	"deckhand/commands/where"
)

// Up is net up.
type Up struct {
	where.Target
	commands.Term
	Name    string            `arg:"name" alias:"name" required:"" value:"NAME" help:"Name of the network and of its parts."`
	CIDR    string            `flag:"cidr-block" alias:"cidr" value:"BLOCK" help:"Block of addresses, /16 to /24; the next free /16 where none is given."`
	AZs     int               `flag:"azs" alias:"zones" default:"2" value:"N" help:"How many zones get a subnet."`
	NAT     bool              `flag:"nat" help:"Private subnets beside the public ones, that reach the internet through a NAT gateway."`
	Overlap bool              `flag:"overlap" help:"Take the block though another VPC has some of it."`
	Tag     map[string]string `flag:"tag" alias:"tags,tag-specifications" value:"KEY=VALUE" help:"Tag for every part."`

	cloud Cloud
}

func isNetworkName(text string) bool {
	return spelling.Fits(text, 63, spelling.Alphanumeric, spelling.Alphanumeric+"._-") && !strings.ContainsAny(text[len(text)-1:], "._-") &&
		!strings.HasPrefix(text, "sg-") && !strings.EqualFold(text, "default")
}

// Validate refuses what AWS would refuse.
func (c *Up) Validate() error {
	switch {
	case !isNetworkName(c.Name):
		return commands.Misuse(commands.Mono(c.Name)+" cannot be the name of a network.", "It has letters, digits, dots, dashes and underscores; default and names that begin with sg- are AWS's own.")
	case c.AZs < 1 || c.AZs > 6:
		return commands.Misuse("A network has subnets in 1 to 6 zones.", "Write "+commands.Mono("--azs 2")+".")
	case c.CIDR == "":
		return commands.TagProblems(c.Tag, ownTags).Err()
	}
	p, err := block(c.CIDR)
	if err == nil && c.blocks() > 1<<(sized(p)-p.Bits()) {
		err = noRoom(p, c.blocks())
	}
	if err == nil {
		err = commands.TagProblems(c.Tag, ownTags).Err()
	}
	return err
}

// design is what a line to put up means. It is kept in the journal.
type design struct {
	Place   aws.Place
	CIDR    string
	Subnets []aws.Subnet // name, block and zone
	There   bool         // some of it is there already
}

func (c *Up) design(ctx context.Context) (design, error) {
	place, n, _, err := inside(ctx, c.cloud, c.At(), "")
	d := design{Place: place}
	if err != nil {
		return d, err
	}
	for _, v := range n.VPCs {
		switch {
		case v.Tags[networkTag] == c.Name:
			d.There, d.CIDR = true, v.CIDR
		case v.Name == c.Name:
			return d, commands.Conflicting("There is a VPC "+label(v.Name, v.ID)+" already that net up did not make, so nothing was done.", "Choose another name.")
		}
	}
	if d.There && c.CIDR != "" && c.CIDR != d.CIDR {
		return d, commands.Conflicting(fmt.Sprintf("The network %s is there already with the block %s.", commands.Mono(c.Name), d.CIDR), "Leave the block out to go on with it, or choose another name.")
	}
	if !d.There {
		if d.CIDR, err = chooseVPC(n, c.CIDR, c.Overlap); err != nil {
			return d, err
		}
	}
	zones, err := c.cloud.Zones(ctx, c.At())
	if err != nil {
		return d, err
	}
	if len(zones) < c.AZs {
		return d, commands.Conflicting(fmt.Sprintf("The region has %s.", commands.Count(len(zones), "zone")), fmt.Sprintf("Write %s.", commands.Mono(fmt.Sprintf("--azs %d", len(zones)))))
	}
	d.Subnets, err = c.subnets(n, d.CIDR, zones)
	return d, err
}

// subnets are those that the network has, or shall have: one that is there keeps its block, and the others take what is free.
func (c *Up) subnets(n aws.Network, whole string, zones []string) ([]aws.Subnet, error) {
	p, err := netip.ParsePrefix(whole)
	if err != nil {
		return nil, fmt.Errorf("read the VPC's block: %w", err)
	}
	there, taken := map[string]string{}, []netip.Prefix(nil)
	for _, v := range n.VPCs {
		for _, s := range n.Subnets {
			if v.Tags[networkTag] == c.Name && s.VPCID == v.ID {
				taken = append(taken, blocksOf([]string{s.CIDR})...)
				there[s.Tags[partTag]] = s.CIDR
			}
		}
	}
	var all []aws.Subnet
	for i := range c.blocks() {
		zone, name := zones[i%c.AZs], c.Name
		if i >= c.AZs {
			name += "-private"
		}
		s := aws.Subnet{Name: name + "-" + zone[len(zone)-1:], Zone: zone, Public: i < c.AZs}
		if s.CIDR = there[partOf(s)]; s.CIDR == "" {
			next, ok := free(p, sized(p), taken)
			if !ok {
				return nil, noRoom(p, c.blocks())
			}
			s.CIDR, taken = next.String(), append(taken, next)
		}
		all = append(all, s)
	}
	return all, nil
}

// partOf is the part tag of a subnet.
func partOf(s aws.Subnet) string {
	if s.Public {
		return "subnet-" + s.Zone
	}
	return privatePart + s.Zone
}

// blocks is how many subnets there are.
func (c *Up) blocks() int {
	if c.NAT {
		return 2 * c.AZs
	}
	return c.AZs
}

func (c *Up) pinned(ctx context.Context, run *commands.Run) (design, error) {
	return commands.Repeat(ctx, run, "design the network", c.design)
}

// Scope is the network that would be.
func (c *Up) Scope(ctx context.Context) (commands.Scope, error) {
	return scopeOf(c.Target, c.cloud.Place(ctx, c.At()), part{ID: "new network", Name: c.Name, Tags: c.Tag}), nil
}

// Plan tells what would be made, with blocks and zones.
func (c *Up) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	d, err := c.pinned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	t := commands.Table{Columns: []string{"Part", "Name", "What"}, Rows: [][]string{{"VPC", c.Name, d.CIDR}}}
	for _, s := range d.Subnets {
		what := s.CIDR + " in " + s.Zone + ", public addresses"
		if !s.Public {
			what = s.CIDR + " in " + s.Zone + ", private"
		}
		t.Rows = append(t.Rows, []string{"Subnet", s.Name, what})
	}
	t.Rows = append(t.Rows,
		[]string{"Internet gateway", c.Name, "attached to the VPC"}, []string{"Route table", c.Name, "0.0.0.0/0 to the internet gateway, for every public subnet"},
		[]string{"Security group", c.Name, "its members reach each other; nobody else comes in"})
	text := "Such a network costs nothing by itself. "
	if c.NAT {
		t.Rows = append(t.Rows, c.natRows(d)...)
		text = c.natCost(ctx) + " "
	}
	text += commands.Mono(where.Line(c.At(), "net down", c.Name)) + " takes it down."
	if d.There {
		text = "What is there already stays; what is missing is added, which cannot be undone alone. " + text
	}
	report := commands.Report{Title: "Would put up the network " + c.Name, Where: where.Words(d.Place), Body: commands.Blocks{t, commands.Text{Text: text}}}
	if d.There {
		return report, nil // which calls are left shows as it goes on
	}
	verdict, err := c.rehearse(ctx, run, d)
	if err != nil {
		return commands.Report{}, err
	}
	report.Body = append(report.Body, verdict)
	return report, nil
}

// rehearse asks AWS about the parts that need none of the others.
func (c *Up) rehearse(ctx context.Context, run *commands.Run, d design) (commands.Text, error) {
	parts := []string{"the VPC", "the internet gateway"}
	calls := []func(context.Context) error{
		func(ctx context.Context) error {
			_, err := c.cloud.CreateVPC(ctx, c.At(), aws.VPC{CIDR: d.CIDR, Tags: c.tags(run, c.Name, "vpc")})
			return err
		},
		func(ctx context.Context) error {
			_, err := c.cloud.CreateGateway(ctx, c.At(), c.tags(run, c.Name, "gateway"))
			return err
		},
	}
	if c.NAT {
		parts = append(parts, "the elastic IP address")
		calls = append(calls, func(ctx context.Context) error {
			_, err := c.cloud.AllocateAddress(ctx, c.At(), c.tags(run, c.Name, privatePart+"address"))
			return err
		})
	}
	return rehearse(ctx, "AWS's dry run says that "+commands.And(parts)+" could be made; the rest needs them first and could not be asked about.", calls...)
}
