package app

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/lb"
	"deckhand/commands/where"
)

// List is app list.
type List struct {
	where.Target

	room Room
}

// applications answers the stacks that are applications, by name.
func applications(ctx context.Context, cloud Stacks, t aws.Target) ([]aws.Stack, error) {
	all, err := cloud.Stacks(ctx, t)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(s aws.Stack) bool { return s.Tags[commands.AppTag] == "" || s.Status == "DELETE_COMPLETE" })
	commands.Order(all, func(a, b aws.Stack) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// Run lists the applications.
func (c *List) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	all, err := applications(ctx, c.room.Cloud, c.At())
	if err != nil {
		return commands.Report{}, err
	}
	r := commands.Report{Title: commands.Count(len(all), "application"), Where: where.Words(c.room.Cloud.Place(ctx, c.At()))}
	if len(all) == 0 {
		r.Title = "No applications"
		r.Body = commands.Blocks{commands.Text{Text: "Bring one up with " + commands.Mono("app up --name shop --image-id amazon-linux-2023 --count 2 --alias shop.example.com") + "."}}
		return r, nil
	}
	table := commands.Table{Columns: []string{"Name", "State", "Endpoint", "Machines", "Type", "Owner", "Made", "Lease"}}
	terms := c.room.terms(ctx)
	for _, s := range all {
		table.Rows = append(table.Rows, []string{
			s.Name, status(s), commands.OrNone(s.Outputs["Endpoint"]), commands.OrNone(s.Parameters["Machines"]), commands.OrNone(s.Parameters["InstanceType"]),
			owner(s.Tags[commands.OwnerTag]), commands.At(s.CreatedAt), terms.words(s, run.Now),
		})
	}
	r.Body = commands.Blocks{table}
	return r, nil
}

// Status is app status.
type Status struct {
	where.Target
	Name string `arg:"name" alias:"name,stack-name" required:"" value:"NAME" help:"Name of the application."`

	room Room
}

// Run shows an application.
func (c *Status) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	s, err := find(ctx, c.room.Cloud, c.At(), c.Name)
	if err != nil {
		return commands.Report{}, err
	}
	v, err := look(ctx, c.room, c.At(), s)
	if err != nil {
		return commands.Report{}, err
	}
	r := commands.Report{
		Title: says(s), Where: where.Words(c.room.Cloud.Place(ctx, c.At())), Body: v.blocks(ctx, c.room.Cloud, run.Now), Next: v.next(),
	}
	want, _ := strconv.Atoi(s.Parameters["Machines"])
	switch n := v.healthy(); {
	case !s.Stands() && !s.Moving():
		r.Tone = commands.Bad
	case s.Stands():
		r.Title += fmt.Sprintf(", %d of %s healthy", n, commands.Count(want, "machine"))
		if n < want {
			r.Tone = commands.Warning
		}
		if n == 0 { // nobody would call that up
			r.Tone, r.Title = commands.Bad, strings.Replace(r.Title, " is up", " stands", 1)
		}
	}
	if v.state == check.Down {
		r.Tone = commands.Bad
	}
	if way := wayOut(ctx, c.room.Cloud, c.At(), s); way != "" {
		r.Body = append(r.Body, commands.Text{Text: way})
		r.Next = append(r.Next, commands.Next{Label: "Go on", Line: where.Line(c.At(), continueCommand, s.Name), Confirm: "Let CloudFormation go on with bringing " + s.Name + " back?"})
	}
	if !s.Stands() {
		events, err := c.room.Cloud.StackEvents(ctx, c.At(), s.ID, "")
		if _, failed := cause(events); err == nil && failed {
			r.Body = append(r.Body, commands.Text{Text: causeWords(s, events)})
		}
	}
	return r, nil
}

// view is an application as it stands.
type view struct {
	target   aws.Target
	stack    aws.Stack
	parts    []aws.StackPart
	health   []aws.TargetHealth
	machines []aws.Instance
	Check    check.Check // zero: none
	state    check.Status
	lease    terms
}

func look(ctx context.Context, room Room, t aws.Target, s aws.Stack) (*view, error) {
	v := &view{target: t, stack: s, lease: room.terms(ctx)}
	v.watched(ctx, room.Book)
	var err error
	if v.parts, err = room.Cloud.StackParts(ctx, t, s.ID); err != nil {
		return nil, err
	}
	group := realOf(v.parts, "TargetGroup")
	if group == "" {
		return v, nil
	}
	if v.health, err = room.Cloud.TargetHealth(ctx, t, group); err != nil {
		if commands.Words(err).Kind == commands.NotFound {
			return v, nil
		}
		return nil, err
	}
	ids := make([]string, 0, len(v.health))
	for _, h := range v.health {
		ids = append(ids, h.ID)
	}
	if len(ids) > 0 {
		if v.machines, err = room.Cloud.Instances(ctx, t, aws.InstanceQuery{IDs: ids}); err != nil {
			return nil, err
		}
		v.forgetTerminated()
	}
	return v, nil
}

// watched looks which check watches the endpoint, and what it says.
func (v *view) watched(ctx context.Context, book check.Book) {
	var found bool
	if v.Check, found = checkOf(ctx, book, v.target, v.stack); !found {
		return
	}
	if states, err := book.States(ctx); err == nil {
		v.state = states[v.Check.Name].Status
	}
}

// forgetTerminated leaves out the machines that are gone, which a target group may list for a while.
func (v *view) forgetTerminated() {
	gone := map[string]bool{}
	for _, i := range v.machines {
		gone[i.ID] = i.State == aws.Terminated
	}
	v.machines = slices.DeleteFunc(v.machines, func(i aws.Instance) bool { return gone[i.ID] })
	v.health = slices.DeleteFunc(slices.Clone(v.health), func(h aws.TargetHealth) bool { return gone[h.ID] })
}

// own are the targets that are the application's machines: what others have registered beside them does not make up for one that is missing.
func (v *view) own() []aws.TargetHealth {
	foreign := foreigners(v.machines, realOf(v.parts, machinePart), v.stack.Name)
	return slices.DeleteFunc(slices.Clone(v.health), func(h aws.TargetHealth) bool {
		return slices.ContainsFunc(foreign, func(m aws.Instance) bool { return m.ID == h.ID })
	})
}

func (v *view) healthy() int { return lb.Healthy(v.own()) }

// counted is how many machines it has; one that is leaving is not counted any more.
func (v *view) counted() int {
	n := 0
	for _, h := range v.own() {
		if h.State != aws.TargetDraining {
			n++
		}
	}
	return n
}

// words say how many machines are healthy: "2 of 3 machines healthy".
func (v *view) words() string {
	return fmt.Sprintf("%d of %s healthy", v.healthy(), commands.Count(v.counted(), "machine"))
}

// blocks tell what there is to know.
func (v *view) blocks(ctx context.Context, cloud Cloud, now time.Time) commands.Blocks {
	s := v.stack
	watched := commands.None
	if v.Check.Name != "" {
		watched = commands.Mono(v.Check.Name)
		if v.state != "" {
			watched += ", " + string(v.state)
		}
	}
	endpoint, balancer := monoOrNone(s.Outputs["Endpoint"]), monoOrNone(s.Outputs["DNSName"])
	machines := fmt.Sprintf("%s of type %s", commands.OrNone(s.Parameters["Machines"]), commands.OrNone(s.Parameters["InstanceType"]))
	for _, p := range v.parts { // the stack goes on naming what is gone
		switch {
		case p.Status == "DELETE_COMPLETE" && p.Name == "LoadBalancer":
			endpoint, balancer = commands.None, commands.None
		case p.Status == "DELETE_COMPLETE" && p.Name == machinePart:
			machines = commands.None
		}
	}
	fields := []commands.Field{
		{Name: "Endpoint", Value: endpoint}, {Name: "Load balancer", Value: balancer}, {Name: "Machines", Value: machines},
		{Name: "Image", Value: monoOrNone(s.Parameters["Image"])}, {Name: "Check", Value: watched},
		{Name: "Stack", Value: commands.Mono(s.Name) + ", " + s.Status}, {Name: "Owner", Value: owner(s.Tags[commands.OwnerTag])},
		{Name: "Request", Value: commands.OrNone(s.Tags[commands.RequestTag])},
		{Name: "Lease", Value: v.lease.words(s, now)},
		{Name: "Age", Value: age(now.Sub(s.CreatedAt)) + ", made " + commands.At(s.CreatedAt)},
	}
	if template := s.Tags[templateTag]; template != "" {
		fields = append(fields, commands.Field{Name: "User data", Value: "template " + commands.Mono(template)})
	}
	if !s.UpdatedAt.IsZero() {
		fields = append(fields, commands.Field{Name: "Changed", Value: commands.At(s.UpdatedAt)})
	}
	if s.Stands() {
		fields = append(fields, commands.Field{Name: "Price", Value: billOf(ctx, cloud, v.target, s.Parameters).Words()})
	}
	out := commands.Blocks{commands.Fields{Fields: fields}}
	if len(v.health) > 0 {
		names := map[string]string{}
		for _, i := range v.machines {
			names[i.ID] = i.Name
		}
		out = append(out, lb.HealthTable(v.health, names))
	}
	if len(v.parts) > 0 {
		out = append(out, partsTable(v.parts))
	}
	return out
}

func (v *view) next() []commands.Next {
	name := v.stack.Name
	next := []commands.Next{
		{Label: "Status", Line: where.Line(v.target, "app status", name)},
		{Label: "Machines", Line: where.Line(v.target, "vm list", "--tag", commands.AppTag+"="+name)},
		{Label: "Take down", Line: where.Line(v.target, "app down", name), Style: "danger", Confirm: "Take " + name + " down, with everything in it?"},
	}
	if l, ok := v.lease.of(v.stack); ok {
		next = append(next, commands.Next{Label: "Extend 4 h", Line: "lease extend " + l.ID() + " --by 4h"})
	}
	return next
}

func monoOrNone(text string) string {
	if text == "" {
		return commands.None
	}
	return commands.Mono(text)
}

func owner(id string) string {
	if id == "" {
		return commands.None
	}
	return commands.Person(id)
}

// age writes a time span as people say it.
func age(d time.Duration) string {
	switch hours := int(d.Hours()); {
	case hours >= 48:
		return commands.Count(hours/24, "day")
	case hours >= 1:
		return commands.Count(hours, "hour")
	}
	if d < time.Minute {
		return "under a minute"
	}
	return commands.Count(int(d.Minutes()), "minute")
}
