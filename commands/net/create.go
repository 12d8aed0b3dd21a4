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

// New is the arguments that every part takes that is made by itself.
type New struct {
	where.Target
	Tag map[string]string `flag:"tag" alias:"tags,tag-specifications" value:"KEY=VALUE" help:"Tag for it."`
}

// ownTags is how many tags deckhand adds to those of a line: name, request, owner and end, and a network's two.
const ownTags = 6

// Validate refuses tags that AWS would refuse.
func (n *New) Validate() error { return commands.TagProblems(n.Tag, ownTags).Err() }

// order is a part to be made: what the line means, with AWS's ids. It is kept in the journal.
type order struct {
	Place aws.Place
	Kind  kind
	Name  string
	VPC   string // id
	CIDR  string
	Zone  string
	Text  string // description of a security group
	Token string // by which AWS knows a call that is sent again
	Notes []string
}

// maker is what the commands that make one part share.
type maker struct {
	New
	cloud Cloud
	order func(context.Context) (order, error)
	make  func(ctx context.Context, o order, tags map[string]string) (id string, err error)
}

func (m maker) pinned(ctx context.Context, run *commands.Run) (order, error) {
	return commands.Repeat(ctx, run, "look up names and blocks", m.order)
}

func (m maker) scope(ctx context.Context) (commands.Scope, error) {
	o, err := m.order(ctx)
	return scopeOf(m.Target, o.Place, part{ID: "new " + string(o.Kind), Name: o.Name, Tags: m.Tag}), err
}

func (m maker) plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	o, err := m.pinned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	report := commands.Report{Title: strings.TrimSpace(fmt.Sprintf("Would make the %s %s", o.Kind, o.Name)), Where: where.Words(o.Place), Body: commands.Blocks{o.fields("")}}
	text := fmt.Sprintf("%s removes it again.", commands.Mono(where.Line(m.At(), undo[o.Kind], cmp.Or(o.Name, "ID"))))
	for _, note := range o.Notes {
		text = note + "\n" + text
	}
	verdict, err := rehearse(ctx, goesThrough(), func(ctx context.Context) error {
		_, err := m.make(ctx, o, run.Tags(tagName(o), m.Tag))
		return err
	})
	if err != nil {
		return commands.Report{}, err
	}
	report.Body = append(report.Body, commands.Text{Text: text}, verdict)
	return report, nil
}

// undo is the command that removes a part of a kind.
var undo = map[kind]string{ //nolint:gochecknoglobals // a constant table
	vpc: "net vpc delete", subnet: "net subnet delete", group: "net sg delete", gateway: "net gateway delete", table: "net table delete",
}

func (o order) fields(id string) commands.Fields {
	f := commands.Fields{}
	for _, one := range []commands.Field{{Name: "ID", Value: id}, {Name: "Name", Value: o.Name}, {Name: "VPC", Value: o.VPC}, {Name: "Block", Value: o.CIDR}, {Name: "Zone", Value: o.Zone}, {Name: "Description", Value: o.Text}} {
		if one.Value != "" {
			f.Fields = append(f.Fields, commands.Field{Name: one.Name, Value: commands.Mono(one.Value)})
		}
	}
	return f
}

func (m maker) run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return m.build(ctx, run, func(ctx context.Context, o order) (string, error) {
		o.Token = run.Token
		tags := run.Tags(tagName(o), m.Tag)
		tags[commands.TokenTag] = run.Token
		return m.make(ctx, o, tags)
	})
}

// tagName is the Name tag: a security group has a name of its own.
func tagName(o order) string {
	if o.Kind == group {
		return ""
	}
	return o.Name
}

// check looks, after a run whose end is not known, for what it made.
func (m maker) check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	if _, err := m.pinned(ctx, run); err != nil {
		return commands.Report{}, err
	}
	return m.build(ctx, run, func(_ context.Context, o order) (string, error) {
		return "", missing(string(o.Kind) + " of this request")
	})
}

// madeBy tells whether a run made what carries these tags. The number of its request does not tell: another deckhand on the same account has one of
// the same number.
func madeBy(run *commands.Run, tags map[string]string) bool {
	return run.Token != "" && tags[commands.TokenTag] == run.Token
}

func (m maker) build(ctx context.Context, run *commands.Run, do func(context.Context, order) (string, error)) (commands.Report, error) {
	o, err := m.pinned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	run.Say("Making the " + string(o.Kind) + " " + o.Name)
	id, err := commands.Ensure(ctx, run, "make the "+string(o.Kind), func(ctx context.Context) (string, bool, error) {
		n, err := m.cloud.Network(ctx, m.At(), "")
		for _, p := range partsOf(n, o.Kind) {
			if madeBy(run, p.Tags) {
				return p.ID, true, nil
			}
		}
		return "", false, err
	}, func(ctx context.Context) (string, error) { return do(ctx, o) })
	if err != nil {
		return commands.Report{}, err
	}
	body := commands.Blocks{o.fields(id)}
	for _, note := range o.Notes {
		body = append(body, commands.Text{Text: note})
	}
	return commands.Report{
		Tone: commands.Good, Title: fmt.Sprintf("Made the %s %s", o.Kind, cmp.Or(o.Name, id)), Where: where.Words(o.Place), Body: body,
		Next: []commands.Next{{Label: "Show", Line: o.shown(m.At(), id)}, {Label: "Undo", Line: where.Line(m.At(), undo[o.Kind], id)}},
	}, nil
}

// shown is the line that shows what was made: in its VPC, where it is in one.
func (o order) shown(t aws.Target, id string) string {
	if o.Kind == gateway && o.VPC == "" {
		return where.Line(t, "net gateway show", id)
	}
	return where.Line(t, "net show", cmp.Or(o.VPC, id))
}

// inside answers the order's place, the region's network, and the id of the VPC that a word names.
func inside(ctx context.Context, cloud Cloud, t aws.Target, word string) (aws.Place, aws.Network, string, error) {
	place := cloud.Place(ctx, t)
	n, err := cloud.Network(ctx, t, "")
	if err != nil || word == "" {
		return place, n, "", err
	}
	v, err := find(n, vpc, word, "")
	return place, n, v.ID, err
}

// CreateVPC is net vpc create.
type CreateVPC struct {
	New
	Name    string `arg:"name" alias:"name" value:"NAME" help:"Name tag."`
	CIDR    string `flag:"cidr-block" alias:"cidr" value:"BLOCK" help:"Block of addresses, /16 to /28; the next free /16 where none is given."`
	Overlap bool   `flag:"overlap" help:"Take the block though another VPC has some of it."`

	cloud Cloud
}

// Validate refuses a block that AWS would refuse.
func (c *CreateVPC) Validate() error {
	if _, err := block(c.CIDR); c.CIDR != "" && err != nil {
		return err
	}
	return c.New.Validate()
}

func (c *CreateVPC) maker() maker {
	return maker{New: c.New, cloud: c.cloud, order: func(ctx context.Context) (order, error) {
		place, n, _, err := inside(ctx, c.cloud, c.At(), "")
		if err != nil {
			return order{}, err
		}
		cidr, err := chooseVPC(n, c.CIDR, c.Overlap)
		return order{Place: place, Kind: vpc, Name: cmp.Or(c.Name, c.Tag["Name"]), CIDR: cidr}, err
	}, make: func(ctx context.Context, o order, tags map[string]string) (string, error) {
		v, err := c.cloud.CreateVPC(ctx, c.At(), aws.VPC{CIDR: o.CIDR, Tags: tags})
		return v.ID, err
	}}
}

// chooseVPC answers the block that was asked for, if it may be taken, or the next free one.
func chooseVPC(n aws.Network, asked string, overlap bool) (string, error) {
	if asked == "" {
		p, ok := freeVPC(n, largest)
		if !ok {
			return "", commands.Conflicting("10.0.0.0/8 has no free block of 65,536 addresses left.", "Name a block with "+commands.Mono("--cidr-block")+".")
		}
		return p.String(), nil
	}
	p, err := block(asked)
	if err == nil && !overlap {
		err = checkVPC(n, p)
	}
	return p.String(), err
}

// Scope is the VPC that would be.
func (c *CreateVPC) Scope(ctx context.Context) (commands.Scope, error) { return c.maker().scope(ctx) }

// Plan tells which block it would take.
func (c *CreateVPC) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.maker().plan(ctx, run)
}

// Run makes it.
func (c *CreateVPC) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.maker().run(ctx, run)
}

// Check looks for it.
func (c *CreateVPC) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.maker().check(ctx, run)
}

// CreateSubnet is net subnet create.
type CreateSubnet struct {
	New
	Name string `arg:"name" alias:"name" value:"NAME" help:"Name tag."`
	VPC  string `flag:"vpc" alias:"vpc-id" required:"" value:"VPC" help:"VPC by name or id."`
	CIDR string `flag:"cidr-block" alias:"cidr" value:"BLOCK" help:"Block inside the VPC's; the next free one where none is given."`
	Zone string `flag:"zone" alias:"availability-zone" value:"ZONE" help:"Availability zone; as AWS chooses where none is given."`

	cloud Cloud
}

// Validate refuses a block that AWS would refuse.
func (c *CreateSubnet) Validate() error {
	if _, err := block(c.CIDR); c.CIDR != "" && err != nil {
		return err
	}
	return c.New.Validate()
}

func (c *CreateSubnet) maker() maker {
	return maker{New: c.New, cloud: c.cloud, order: c.order, make: func(ctx context.Context, o order, tags map[string]string) (string, error) {
		s, err := c.cloud.CreateSubnet(ctx, c.At(), aws.Subnet{VPCID: o.VPC, CIDR: o.CIDR, Zone: o.Zone, Tags: tags})
		return s.ID, err
	}}
}

func (c *CreateSubnet) order(ctx context.Context) (order, error) {
	place, n, id, err := inside(ctx, c.cloud, c.At(), c.VPC)
	if err != nil {
		return order{}, err
	}
	o := order{Place: place, Kind: subnet, Name: cmp.Or(c.Name, c.Tag["Name"]), VPC: id, Zone: c.Zone}
	o.CIDR, err = chooseSubnet(n, id, c.CIDR)
	return o, err
}

// chooseSubnet answers the block that was asked for, if it may be taken, or the next free one of a sixteenth of the VPC.
func chooseSubnet(n aws.Network, in, asked string) (string, error) {
	var taken []string
	for _, s := range n.Subnets {
		if s.VPCID == in {
			taken = append(taken, s.CIDR)
		}
	}
	var whole []string
	for _, v := range n.VPCs {
		if v.ID == in {
			whole = v.CIDRs
		}
	}
	propose := func(bits int) string {
		for _, w := range blocksOf(whole) {
			if p, ok := free(w, max(bits, w.Bits()), blocksOf(taken)); ok {
				return p.String()
			}
		}
		return ""
	}
	if asked == "" {
		if len(whole) > 0 {
			if p := propose(min(blocksOf(whole)[0].Bits()+4, smallest)); p != "" {
				return p, nil
			}
		}
		return "", commands.Conflicting("The VPC has no free block left.", "Name a smaller one with "+commands.Mono("--cidr-block")+", or add a block to the VPC in AWS.")
	}
	p, err := block(asked)
	if err != nil {
		return "", err
	}
	hint := "The VPC has no free block of that size left."
	if next := propose(p.Bits()); next != "" {
		hint = "The next free block of that size is " + commands.Mono(next) + "."
	}
	insideVPC := false
	for _, w := range blocksOf(whole) {
		insideVPC = insideVPC || w.Bits() <= p.Bits() && w.Contains(p.Addr())
	}
	if !insideVPC {
		return "", commands.Conflicting(fmt.Sprintf("%s is not inside the VPC's block %s.", commands.Mono(asked), commands.And(whole)), hint)
	}
	if other, ok := overlapping(p, blocksOf(taken)); ok {
		return "", commands.Conflicting(fmt.Sprintf("%s overlaps the subnet %s.", commands.Mono(asked), other), hint)
	}
	return p.String(), nil
}

// Scope is the subnet that would be.
func (c *CreateSubnet) Scope(ctx context.Context) (commands.Scope, error) {
	return c.maker().scope(ctx)
}

// Plan tells which block it would take.
func (c *CreateSubnet) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.maker().plan(ctx, run)
}

// Run makes it.
func (c *CreateSubnet) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.maker().run(ctx, run)
}

// Check looks for it.
func (c *CreateSubnet) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.maker().check(ctx, run)
}
