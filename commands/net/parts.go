package net

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/query"
	"deckhand/commands/where"
)

// List is net vpc list, net subnet list and so on.
type List struct {
	where.Target
	query.Flags
	Names   []string          `arg:"name" alias:"vpc-ids,subnet-ids,group-ids,group-names,internet-gateway-ids,route-table-ids" value:"NAME" help:"Only these, by name or id; * stands for anything."`
	VPC     string            `flag:"vpc" alias:"vpc-id" value:"VPC" help:"Only those in this VPC, by name or id."`
	Tag     map[string]string `flag:"tag" value:"KEY=VALUE" help:"Only those that carry the tag."`
	Filters []string          `flag:"filters" alias:"filter" raw:"" value:"FILTER" help:"Filters as the AWS CLI writes them, by VPC, id, name or tag: Name=tag:env,Values=dev."`

	kind  kind
	cloud Cloud
}

// Validate refuses filters of AWS that are not understood, rather than list too much.
func (c *List) Validate() error {
	filters, err := commands.ParseFilters(c.Filters)
	for _, name := range slices.Sorted(maps.Keys(filters)) {
		if _, known := c.kind.filtered(part{}, name); !known {
			return commands.Misuse("deckhand does not know the filter "+commands.Mono(name)+" here.", "It knows vpc-id, "+c.kind.idFilter()+", tag:KEY and tag-key.")
		}
	}
	if err != nil {
		return err
	}
	return c.Err()
}

// idFilter is what AWS calls the filter by a part's id.
func (k kind) idFilter() string {
	return map[kind]string{vpc: "vpc-id", subnet: "subnet-id", group: "group-id", gateway: "internet-gateway-id", table: "route-table-id"}[k]
}

// filtered answers the values of a part that a filter of AWS looks at, and whether the filter is one that is known here.
func (k kind) filtered(p part, name string) ([]string, bool) {
	key, isTag := strings.CutPrefix(name, "tag:")
	switch {
	case isTag:
		if value, ok := p.Tags[key]; ok {
			return []string{value}, true
		}
		return nil, true
	case name == "tag-key":
		return slices.Collect(maps.Keys(p.Tags)), true
	case name == k.idFilter():
		return []string{p.ID}, true
	case name == "vpc-id" && k != gateway, name == "attachment.vpc-id" && k == gateway:
		return []string{p.VPC}, true
	case name == "group-name" && k == group:
		return []string{p.Name}, true
	}
	return nil, false
}

// asAWS is what --query is asked of.
func (k kind) asAWS() query.Subject {
	return map[kind]query.Subject{
		vpc: {Operation: "DescribeVpcs", ID: "VpcId"}, subnet: {Operation: "DescribeSubnets", ID: "SubnetId"},
		group:   {Operation: "DescribeSecurityGroups", ID: "GroupId"},
		gateway: {Operation: "DescribeInternetGateways", ID: "InternetGatewayId"}, table: {Operation: "DescribeRouteTables", ID: "RouteTableId"},
	}[k]
}

// Run lists the parts of one kind.
func (c *List) Run(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	return c.Report(ctx, c.kind.asAWS(), c.list)
}

func (c *List) list(ctx context.Context) (commands.Report, []string, error) {
	n, err := c.cloud.Network(ctx, c.At(), "")
	if err != nil {
		return commands.Report{}, nil, err
	}
	in := ""
	if c.VPC != "" {
		v, err := find(n, vpc, c.VPC, "")
		if err != nil {
			return commands.Report{}, nil, err
		}
		in = v.ID
	}
	for _, name := range c.Names {
		if _, err := find(n, c.kind, name, in); !aws.Pattern(name) && err != nil && commands.Words(err).Kind == commands.NotFound {
			return commands.Report{}, nil, err
		}
	}
	some := slices.DeleteFunc(partsOf(n, c.kind), func(p part) bool { return in != "" && p.VPC != in || !c.wants(p) })
	report := commands.Report{Title: commands.Count(len(some), string(c.kind)), Where: where.Words(c.cloud.Place(ctx, c.At()))}
	if len(some) == 0 {
		report.Title = "No " + string(c.kind) + "s"
		return report, nil, nil
	}
	t := commands.Table{Columns: []string{"Name", "ID"}}
	if c.kind != vpc {
		t.Columns = append(t.Columns, "VPC")
	}
	for _, w := range some[0].Words {
		t.Columns = append(t.Columns, w[0])
	}
	ids := make([]string, 0, len(some))
	for _, p := range some {
		ids = append(ids, p.ID)
		row := []string{commands.OrNone(p.Name), p.ID}
		if c.kind != vpc {
			row = append(row, commands.OrNone(p.VPC))
		}
		for _, w := range p.Words {
			row = append(row, commands.OrNone(w[1]))
		}
		t.Rows = append(t.Rows, row)
	}
	report.Body = commands.Blocks{t}
	return report, ids, nil
}

func (c *List) wants(p part) bool {
	for key, value := range c.Tag {
		if have, ok := p.Tags[key]; !ok || value != "*" && have != value {
			return false
		}
	}
	filters, _ := commands.ParseFilters(c.Filters) // Validate has looked at them
	for name, wanted := range filters {
		have, _ := c.kind.filtered(p, name)
		if !slices.ContainsFunc(have, func(value string) bool {
			return slices.ContainsFunc(wanted, func(pattern string) bool { return aws.Wildcard(pattern, value) })
		}) {
			return false
		}
	}
	return len(c.Names) == 0 || slices.ContainsFunc(c.Names, func(name string) bool { return aws.Wildcard(name, p.Name) || name == p.ID })
}

// One is the arguments that name one part.
type One struct {
	where.Target
	Name string `arg:"name" alias:"vpc-id,subnet-id,group-id,group-name,internet-gateway-id,route-table-id" required:"" value:"NAME" help:"Name or id."`
}

// Show is net vpc show, net subnet show and so on.
type Show struct {
	One

	kind  kind
	cloud Cloud
}

// Run shows a part and what uses it.
func (c *Show) Run(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	n, err := c.cloud.Network(ctx, c.At(), "")
	if err != nil {
		return commands.Report{}, err
	}
	p, err := find(n, c.kind, c.Name, "")
	if err != nil {
		return commands.Report{}, err
	}
	return commands.Report{
		Title: fmt.Sprintf("%s %s", strings.ToUpper(string(p.Kind[:1]))+string(p.Kind[1:]), commands.OrNone(cmp.Or(p.Name, p.ID))), Where: where.Words(c.cloud.Place(ctx, c.At())),
		Body: commands.Blocks{p.fields(), usersText(n, p)},
	}, nil
}

func (p part) fields() commands.Fields {
	f := commands.Fields{Fields: []commands.Field{{Name: "ID", Value: commands.Mono(p.ID)}}}
	if p.Kind != vpc && p.VPC != "" {
		f.Fields = append(f.Fields, commands.Field{Name: "VPC", Value: commands.Mono(p.VPC)})
	}
	for _, w := range p.Words {
		f.Fields = append(f.Fields, commands.Field{Name: w[0], Value: commands.OrNone(w[1])})
	}
	tags := maps.Clone(p.Tags)
	delete(tags, commands.TokenTag) // it is for deckhand
	return commands.Fields{Fields: append(f.Fields, commands.Field{Name: "Tags", Value: commands.OrNone(commands.TagWords(tags))})}
}

func usersText(n aws.Network, p part) commands.Text {
	using := users(n, p)
	if len(using) == 0 {
		return commands.Text{Text: "Nothing uses it."}
	}
	return commands.Text{Text: "Used by " + commands.And(using) + "."}
}

// Delete is net vpc delete, net subnet delete and so on.
type Delete struct {
	One
	Any bool `flag:"any" help:"Also one that deckhand did not make."`

	kind  kind
	cloud Cloud
}

// chosen is what a line means. It is kept in the journal.
type chosen struct {
	Place  aws.Place
	Part   part
	Users  []string
	Unseen string // see withHolders
}

func (c *Delete) choose(ctx context.Context) (chosen, error) {
	d := chosen{Place: c.cloud.Place(ctx, c.At())}
	n, err := c.cloud.Network(ctx, c.At(), "")
	if err != nil {
		return d, err
	}
	if d.Part, err = find(n, c.kind, c.Name, ""); err != nil {
		return d, err
	}
	if c.kind == vpc {
		n, d.Unseen = withHolders(ctx, c.cloud, c.At(), n, d.Part.ID)
	}
	d.Users = users(n, d.Part)
	if !d.Part.ours() && !c.Any {
		return d, &commands.Error{
			Kind: commands.Conflict, Message: fmt.Sprintf("deckhand did not make the %s %s, so nothing was deleted.", c.kind, d.Part.label()),
			Hint: "Say " + commands.Mono("--any") + " if it really shall go.",
		}
	}
	return d, nil
}

func (c *Delete) pinned(ctx context.Context, run *commands.Run) (chosen, error) {
	return commands.Repeat(ctx, run, "look up what goes", c.choose)
}

// Scope is the part.
func (c *Delete) Scope(ctx context.Context) (commands.Scope, error) {
	d, err := c.choose(ctx)
	return scopeOf(c.Target, d.Place, d.Part), err
}

func scopeOf(t where.Target, place aws.Place, some ...part) commands.Scope {
	s := commands.Scope{Account: t.Account, Region: place.Region}
	for _, p := range some {
		s.Resources = append(s.Resources, commands.Resource{ID: p.ID, Name: p.Name, Tags: p.Tags})
	}
	return s
}

// Plan tells what would go, and what AWS would refuse because of.
func (c *Delete) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	d, err := c.pinned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	if err := c.refuseUsed(d); err != nil {
		return commands.Report{}, err
	}
	verdict, err := rehearse(ctx, goesThrough(), goings(c.cloud, c.At(), d.Part)...)
	if err != nil {
		return commands.Report{}, err
	}
	return commands.Report{
		Title: fmt.Sprintf("Would delete the %s %s", c.kind, cmp.Or(d.Part.Name, d.Part.ID)), Where: where.Words(d.Place),
		Body: commands.Blocks{d.Part.fields(), commands.Text{Text: strings.TrimSpace("This cannot be undone; a new one has another id. " + d.Unseen)}, verdict},
	}, nil
}

// refuseUsed tells what is in the way. An internet gateway is detached first, so its VPC is not.
func (c *Delete) refuseUsed(d chosen) error {
	if len(d.Users) == 0 {
		return nil
	}
	return &commands.Error{
		Kind: commands.Conflict, Message: fmt.Sprintf("The %s %s is used by %s, so nothing was deleted.", c.kind, d.Part.label(), commands.And(d.Users)),
		Hint: "Take that away first; " + commands.Mono(where.Line(c.At(), "net show", cmp.Or(d.Part.VPC, ""))) + " shows it.",
	}
}

// Run deletes; what is gone already is no error.
func (c *Delete) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	d, err := c.pinned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	if err := c.refuseUsed(d); err != nil {
		return commands.Report{}, err
	}
	if c.kind == gateway && d.Part.VPC != "" {
		_, err := commands.Repeat(ctx, run, "detach "+d.Part.ID, func(ctx context.Context) (bool, error) {
			return true, c.cloud.DetachGateway(ctx, c.At(), d.Part.ID, d.Part.VPC)
		})
		if err != nil {
			return commands.Report{}, err
		}
	}
	_, err = commands.Repeat(ctx, run, "delete "+d.Part.ID, func(ctx context.Context) (bool, error) {
		return true, c.cloud.DeleteNetworkPart(ctx, c.At(), d.Part.ID)
	})
	if err != nil {
		return c.detachedAlone(d), err
	}
	return c.deleted(d), nil
}

func (c *Delete) deleted(d chosen) commands.Report {
	return commands.Report{
		Tone: commands.Good, Title: fmt.Sprintf("Deleted the %s %s", c.kind, cmp.Or(d.Part.Name, d.Part.ID)), Where: where.Words(d.Place),
		Body: commands.Blocks{d.Part.fields()},
	}
}

// detachedAlone tells of an internet gateway that came off its VPC and is still there; nothing where there was nothing to detach.
func (c *Delete) detachedAlone(d chosen) commands.Report {
	if c.kind != gateway || d.Part.VPC == "" {
		return commands.Report{}
	}
	back, on := where.Line(c.At(), "net gateway attach", d.Part.ID, "--vpc", d.Part.VPC), where.Line(c.At(), "net gateway delete", d.Part.ID)
	if c.Any {
		on += " --any"
	}
	return commands.Report{
		Title: fmt.Sprintf("Detached the %s %s, and did not delete it", c.kind, cmp.Or(d.Part.Name, d.Part.ID)), Where: where.Words(d.Place), Undo: back,
		Body: commands.Blocks{d.Part.fields()}, Next: []commands.Next{
			{Label: "Go on", Line: on, Style: "danger", Confirm: fmt.Sprintf("Delete the %s %s?", c.kind, d.Part.label())}, {Label: "Attach", Line: back},
		},
	}
}

// Check looks whether it is gone.
func (c *Delete) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	d, err := c.pinned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	n, err := c.cloud.Network(ctx, c.At(), "")
	if err != nil {
		return commands.Report{}, err
	}
	if there, err := find(n, c.kind, d.Part.ID, ""); err == nil {
		var report commands.Report
		if there.VPC != d.Part.VPC {
			report = c.detachedAlone(d)
		}
		return report, &commands.Error{
			Kind: commands.Failed, Message: fmt.Sprintf("AWS shows that the %s %s is still there.", c.kind, d.Part.label()), Hint: "Send the line again if it shall still go.",
		}
	}
	return c.deleted(d), nil
}
