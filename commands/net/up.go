package net

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
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
		return nil
	}
	p, err := block(c.CIDR)
	if err == nil {
		_, err = split(p, c.blocks())
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
			return d, commands.Misuse("There is a VPC "+label(v.Name, v.ID)+" already that net up did not make, so nothing was done.", "Choose another name.")
		}
	}
	if d.There && c.CIDR != "" && c.CIDR != d.CIDR {
		return d, commands.Misuse(fmt.Sprintf("The network %s is there already with the block %s.", commands.Mono(c.Name), d.CIDR), "Leave the block out to go on with it, or choose another name.")
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
		return d, commands.Misuse(fmt.Sprintf("The region has %s.", commands.Count(len(zones), "zone")), fmt.Sprintf("Write %s.", commands.Mono(fmt.Sprintf("--azs %d", len(zones)))))
	}
	p, err := netip.ParsePrefix(d.CIDR)
	if err != nil {
		return d, fmt.Errorf("read the VPC's block: %w", err)
	}
	blocks, err := split(p, c.blocks())
	for i, b := range blocks {
		zone, name := zones[i%c.AZs], c.Name
		if i >= c.AZs {
			name += "-private"
		}
		d.Subnets = append(d.Subnets, aws.Subnet{Name: name + "-" + zone[len(zone)-1:], CIDR: b.String(), Zone: zone, Public: i < c.AZs})
	}
	return d, err
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
		text = "Some of it is there already; what is missing is added. " + text
	}
	return commands.Report{Title: "Would put up the network " + c.Name, Where: where.Words(d.Place), Body: commands.Blocks{t, commands.Text{Text: text}}}, nil
}

// builder puts up a network part by part. Where it only looks, a part that is missing is an error, and nothing is changed.
type builder struct {
	*Up
	d       design
	run     *commands.Run
	looking bool
	rows    [][]string
	vpc     string
	public  []string // subnets
	private []string // subnets
	gateway string
}

// stage is one step of putting up.
type stage struct {
	name string
	do   func(context.Context) error
}

// Run puts the network up; what an earlier request left unfinished is gone on with.
func (c *Up) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	d, err := c.pinned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	return (&builder{Up: c, d: d, run: run}).build(ctx)
}

// Check looks whether everything stands; what is missing is not made.
func (c *Up) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	d, err := c.pinned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	look := *run
	look.Journal = commands.NoJournal{}
	return (&builder{Up: c, d: d, run: &look, looking: true}).build(ctx)
}

func (b *builder) build(ctx context.Context) (commands.Report, error) {
	steps := []stage{{"VPC", b.makeVPC}}
	for _, s := range b.d.Subnets {
		steps = append(steps, stage{"Subnet " + s.Name, func(ctx context.Context) error { return b.makeSubnet(ctx, s) }})
	}
	steps = append(steps, stage{"Internet gateway", b.makeGateway}, stage{"Route table", b.makePublicTable}, stage{"Security group", b.makeGroup})
	if b.NAT {
		steps = append(steps, b.natStages()...)
	}
	for i, s := range steps {
		b.run.Say(fmt.Sprintf("Step %d of %d: %s", i+1, len(steps), s.name))
		if err := s.do(ctx); err != nil {
			b.unfinished(steps[i:])
			return b.halfway(), err
		}
	}
	report := commands.Report{
		Tone: commands.Good, Title: fmt.Sprintf("Network %s is up in %s", b.Name, commands.Count(b.AZs, "zone")), Where: where.Words(b.d.Place), Undo: where.Line(b.At(), "net down", b.Name),
		Body: commands.Blocks{b.parts()},
		Next: []commands.Next{
			{Label: "Show", Line: where.Line(b.At(), "net show", b.Name)},
			{Label: "Let HTTP in", Line: where.Line(b.At(), "net sg allow", b.Name, "--port", "80", "--from", "anywhere")},
			{Label: "Take down", Line: where.Line(b.At(), "net down", b.Name), Style: "danger", Confirm: "Take down the network " + b.Name + "?"},
		},
	}
	if b.NAT {
		report.Body = append(report.Body, commands.Text{Text: b.natCost(ctx)})
	}
	return report, nil
}

func (b *builder) parts() commands.Table {
	return commands.Table{Columns: []string{"Part", "State", "ID"}, Rows: b.rows}
}

// halfway tells what stands, and how to go on or back.
func (b *builder) halfway() commands.Report {
	again := []string{"net up", b.Name, "--cidr-block", b.d.CIDR, "--azs", fmt.Sprint(b.AZs)}
	for _, key := range slices.Sorted(maps.Keys(b.Tag)) {
		again = append(again, "--tag", key+"="+b.Tag[key])
	}
	if b.Overlap {
		again = append(again, "--overlap")
	}
	if b.NAT {
		again = append(again, "--nat")
	}
	if b.TTL > 0 {
		again = append(again, "--ttl", b.TTL.String())
	}
	return commands.Report{
		Title: "The network " + b.Name + " is not finished", Where: where.Words(b.d.Place), Body: commands.Blocks{b.parts()},
		Next: []commands.Next{
			{Label: "Go on", Line: where.Line(b.At(), again...), Style: "primary"},
			{Label: "Undo", Line: where.Line(b.At(), "net down", b.Name), Style: "danger", Confirm: "Take down what was made of " + b.Name + "?"},
		},
	}
}

// ensure makes a part that carries the network's name and its own, unless it is there.
func (b *builder) ensure(ctx context.Context, k kind, own, name string, do func(context.Context, map[string]string) (string, error)) (string, error) {
	id, err := commands.Ensure(ctx, b.run, "make "+own, func(ctx context.Context) (string, bool, error) {
		n, err := b.cloud.Network(ctx, b.At(), "")
		for _, p := range partsOf(n, k) {
			if p.Tags[networkTag] == b.Name && p.Tags[partTag] == own {
				return p.ID, true, nil
			}
		}
		return "", false, err
	}, func(ctx context.Context) (string, error) {
		if b.looking {
			return "", missing(string(k) + " of the network " + b.Name)
		}
		tags := b.run.Tags(name, b.Tag)
		tags[networkTag], tags[partTag] = b.Name, own
		return do(ctx, tags)
	})
	if err == nil {
		b.stands(k, name, id)
	}
	return id, err
}

// stands notes a part that is there. A network has several subnets, so that these go by their names.
func (b *builder) stands(k kind, name, id string) {
	word := strings.ToUpper(string(k[:1])) + string(k[1:])
	if k == subnet {
		word += " " + name
	}
	b.rows = append(b.rows, []string{word, "there", id})
}

// unfinished notes the stages that are left. The first of them may have made its part and not yet what belongs to it.
func (b *builder) unfinished(left []stage) {
	if n := len(b.rows); n > 0 && b.rows[n-1][0] == left[0].name {
		b.rows[n-1][1], left = "made, not finished", left[1:]
	}
	for _, s := range left {
		b.rows = append(b.rows, []string{s.name, "not finished", commands.None})
	}
}

// settle is a step that may be repeated: it makes something so that may be so already. A look only sees whether it is.
func (b *builder) settle(ctx context.Context, step string, so func(aws.Network) bool, do func(context.Context) error) error {
	if b.looking {
		n, err := b.cloud.Network(ctx, b.At(), b.vpc)
		if err == nil && !so(n) {
			err = &commands.Error{Kind: commands.Failed, Message: "AWS shows that this was not done: " + step + ".", Hint: "The same line again goes on where this one ended."}
		}
		return err
	}
	_, err := commands.Repeat(ctx, b.run, step, func(ctx context.Context) (bool, error) { return true, do(ctx) })
	return err
}

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
	own := "subnet-" + s.Zone
	if !s.Public {
		own = privatePart + s.Zone
	}
	id, err := b.ensure(ctx, subnet, own, s.Name, func(ctx context.Context, tags map[string]string) (string, error) {
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
		t, err := b.cloud.CreateRouteTable(ctx, b.At(), aws.RouteTable{VPCID: b.vpc, Tags: tags})
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
