package net

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// Down is net down.
type Down struct {
	where.Target
	Name string `arg:"name" alias:"name" required:"" value:"NAME" help:"Name of the network, as net up was given it."`

	cloud Cloud
}

// ruin is what goes, in the order in which AWS lets go, and what is in the way. It is kept in the journal.
type ruin struct {
	Place    aws.Place
	Parts    []part
	InTheWay []string
	Unseen   string // see withHolders
}

func (c *Down) find(ctx context.Context) (ruin, error) {
	r := ruin{Place: c.cloud.Place(ctx, c.At())}
	n, err := c.cloud.Network(ctx, c.At(), "")
	if err == nil {
		n, err = withOutlets(ctx, c.cloud, c.At(), n, c.Name)
	}
	if err != nil {
		return r, err
	}
	for _, k := range []kind{nat, address, subnet, table, group, gateway, vpc} {
		for _, p := range partsOf(n, k) {
			if p.Tags[networkTag] == c.Name && p.ours() {
				r.Parts = append(r.Parts, p)
			}
		}
	}
	if len(r.Parts) == 0 {
		return r, c.unknown(n)
	}
	if last := r.Parts[len(r.Parts)-1]; last.Kind == vpc {
		n, r.Unseen = withHolders(ctx, c.cloud, c.At(), n, last.ID)
	}
	for _, p := range r.Parts {
		for _, user := range users(n, p) {
			if !slices.ContainsFunc(r.Parts, func(other part) bool { return strings.Contains(user, other.ID) }) && !slices.Contains(r.InTheWay, user) {
				r.InTheWay = append(r.InTheWay, user)
			}
		}
	}
	return r, nil
}

func (c *Down) unknown(n aws.Network) error {
	var names []string
	for _, v := range n.VPCs {
		if name := v.Tags[networkTag]; name != "" {
			names = append(names, name)
		}
	}
	hint := "There is none that net up put up."
	if len(names) > 0 {
		hint = "There are " + commands.And(names) + "."
	}
	for _, v := range n.VPCs {
		if v.Name == c.Name {
			hint = "The VPC " + label(v.Name, v.ID) + " was not put up by net up; " + commands.Mono(where.Line(c.At(), "net vpc delete", v.ID, "--any")) + " deletes it once it is empty."
		}
	}
	return &commands.Error{Kind: commands.NotFound, Message: "There is no network " + commands.Mono(c.Name) + " here.", Hint: hint}
}

func (c *Down) pinned(ctx context.Context, run *commands.Run) (ruin, error) {
	return commands.Repeat(ctx, run, "look up what goes", c.find)
}

// Scope is everything that goes.
func (c *Down) Scope(ctx context.Context) (commands.Scope, error) {
	r, err := c.find(ctx)
	return scopeOf(c.Target, r.Place, r.Parts...), err
}

func (r ruin) table(state string) commands.Table {
	t := commands.Table{Columns: []string{"Part", "Name", "State", "ID"}}
	for _, p := range r.Parts {
		t.Rows = append(t.Rows, []string{string(p.Kind), commands.OrNone(p.Name), state, p.ID})
	}
	return t
}

// refuse tells what is in the way: nothing is deleted as long as something of others would be left hanging.
func (c *Down) refuse(r ruin) error {
	if len(r.InTheWay) == 0 {
		return nil
	}
	return &commands.Error{
		Kind: commands.Conflict, Message: fmt.Sprintf("The network %s is used by %s, so nothing was deleted.", commands.Mono(c.Name), commands.And(r.InTheWay)),
		Hint: "Take that away first: instances with " + commands.Mono("vm terminate") + ", load balancers with " + commands.Mono("lb delete") +
			", and endpoints, peerings, gateways and network ACLs where they were made. AWS keeps what is left of a deleted load balancer or function for some minutes: the same line again takes it down then.",
	}
}

// Plan lists everything that would go.
func (c *Down) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	r, err := c.pinned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	report := commands.Report{
		Title: fmt.Sprintf("Would take down the network %s: %s", c.Name, commands.Count(len(r.Parts), "part")), Where: where.Words(r.Place),
		Body: commands.Blocks{r.table("goes"), commands.Text{Text: "The VPC's own default security group and main route table go with it. This cannot be undone; the same name can be put up again, with other ids."}},
	}
	if err := c.refuse(r); err != nil {
		report.Tone, report.Title = commands.Bad, "Cannot take down the network "+c.Name
		report.Body = append(report.Body, commands.Text{Text: commands.Words(err).Error()})
		return report, nil
	}
	if r.Unseen != "" {
		report.Body = append(report.Body, commands.Text{Text: r.Unseen})
	}
	var calls []func(context.Context) error
	for _, p := range r.Parts {
		calls = append(calls, goings(c.cloud, c.At(), p)...)
	}
	verdict, err := rehearse(ctx, "AWS's dry run says that deckhand may do all of this.", calls...)
	if err != nil {
		return commands.Report{}, err
	}
	report.Body = append(report.Body, verdict)
	return report, nil
}

// Run deletes part by part; what is gone already is no error.
func (c *Down) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	r, err := c.pinned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	if err := c.refuse(r); err != nil {
		return commands.Report{}, err
	}
	for i, p := range r.Parts {
		run.Say(fmt.Sprintf("Step %d of %d: the %s %s", i+1, len(r.Parts), p.Kind, cmp.Or(p.Name, p.ID)))
		_, err := commands.Repeat(ctx, run, "delete "+p.ID, func(ctx context.Context) (bool, error) { return true, c.remove(ctx, p) })
		if err != nil {
			table := ruin{Parts: r.Parts[:i]}.table("gone")
			table.Rows = append(table.Rows, ruin{Parts: r.Parts[i:]}.table("still there").Rows...)
			return commands.Report{
				Title: "The network " + c.Name + " is not all down", Where: where.Words(r.Place), Body: commands.Blocks{table},
				Next: []commands.Next{{Label: "Go on", Line: where.Line(c.At(), "net down", c.Name), Style: "danger", Confirm: "Take down the rest of " + c.Name + "?"}},
			}, err
		}
	}
	return c.took(r), nil
}

func (c *Down) took(r ruin) commands.Report {
	return commands.Report{
		Tone: commands.Good, Title: "Took down the network " + c.Name, Where: where.Words(r.Place), Body: commands.Blocks{r.table("gone")},
	}
}

// remove frees a part from what holds it, and deletes it.
func (c *Down) remove(ctx context.Context, p part) error {
	for _, do := range goings(c.cloud, c.At(), p) {
		if err := do(ctx); err != nil {
			return err
		}
	}
	if p.Kind != nat {
		return nil
	}
	return awaitNAT(ctx, c.cloud, c.At(), p.ID, "deleted") // it holds its address and subnet until then
}

// goings are the calls by which a part goes, in their order.
func goings(cloud Remover, t aws.Target, p part) []func(context.Context) error {
	var calls []func(context.Context) error
	for _, association := range p.Associations {
		calls = append(calls, func(ctx context.Context) error { return cloud.Disassociate(ctx, t, association) })
	}
	if p.Kind == gateway && p.VPC != "" {
		calls = append(calls, func(ctx context.Context) error { return cloud.DetachGateway(ctx, t, p.ID, p.VPC) })
	}
	return append(calls, func(ctx context.Context) error { return cloud.DeleteNetworkPart(ctx, t, p.ID) })
}

// Check looks whether everything is gone.
func (c *Down) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	r, err := c.pinned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	left, err := c.find(ctx)
	if err != nil && commands.Words(err).Kind != commands.NotFound {
		return commands.Report{}, err
	}
	if len(left.Parts) > 0 {
		return commands.Report{Body: commands.Blocks{left.table("still there")}}, &commands.Error{
			Kind: commands.Failed, Message: fmt.Sprintf("AWS shows that %s of %d are still there.", commands.Count(len(left.Parts), "part"), len(r.Parts)),
			Hint: commands.Mono(where.Line(c.At(), "net down", c.Name)) + " goes on.",
		}
	}
	return c.took(r), nil
}
