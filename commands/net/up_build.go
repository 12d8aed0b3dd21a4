package net

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

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
			if len(b.rows) == 0 && !commands.IsUncertain(err) {
				return commands.Report{}, err // nothing stands that could be gone on with or taken down
			}
			b.unfinished(steps[i:])
			return b.halfway(), err
		}
	}
	report := commands.Report{
		Tone: commands.Good, Title: fmt.Sprintf("Network %s is up in %s", b.Name, commands.Count(b.AZs, "zone")), Where: where.Words(b.d.Place), Undo: b.undo(),
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

// undo is the line that takes the network down, unless some of it was there before: then that takes down more than this line made.
func (b *builder) undo() string {
	if b.d.There {
		return ""
	}
	return where.Line(b.At(), "net down", b.Name)
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
	label := "Undo"
	if b.d.There {
		label = "Take down"
	}
	return commands.Report{
		Title: "The network " + b.Name + " is not finished", Where: where.Words(b.d.Place), Body: commands.Blocks{b.parts()},
		Next: []commands.Next{
			{Label: "Go on", Line: where.Line(b.At(), again...), Style: "primary"},
			{Label: label, Line: where.Line(b.At(), "net down", b.Name), Style: "danger", Confirm: "Take down what was made of " + b.Name + "?"},
		},
	}
}

// tags are those of a part: its network's name and its own, with those of the line.
func (c *Up) tags(run *commands.Run, name, own string) map[string]string {
	tags := run.Tags(name, c.Tag)
	tags[networkTag], tags[partTag] = c.Name, own
	return tags
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
		return do(ctx, b.tags(b.run, name, own))
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
