package lb

import (
	"context"
	"fmt"
	"strings"
	"time"

	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/where"
)

// address is what a check opens: the alias, or AWS's own name for the load balancer.
func (b *builder) address() string {
	s, host := b.settle(), b.built.balancer.DNSName
	if b.Alias != "" {
		host = b.alias()
	}
	if usual := map[string]int{"HTTP": 80, "HTTPS": 443}[s.protocol]; usual != s.port {
		host += fmt.Sprintf(":%d", s.port)
	}
	return strings.ToLower(s.protocol) + "://" + host + "/"
}

// checkName is the name of the check that watches it; "" where none does.
func (c *Create) checkName() string {
	wanted := c.Watch == nil || *c.Watch
	if c.Type != "application" || c.book == nil || !wanted || c.Watch == nil && c.Scheme == "internal" || strings.HasPrefix(c.Alias, "*") || c.nameless() {
		return ""
	}
	return strings.ToLower(c.Name)
}

// nameless tells whether no name leads to it that its certificate could be for: it is for none of AWS's own.
func (c *Create) nameless() bool { return c.settle().protocol == "HTTPS" && c.Alias == "" }

// watch adds a check of the address. A check of that name that is there already stays as it is.
func (b *builder) watch(ctx context.Context) error {
	name := b.checkName()
	if name == "" {
		return nil
	}
	there, err := b.book.Checks(ctx)
	if err != nil {
		return err
	}
	wanted := check.Check{
		Name: name, URL: b.address(), Schedule: "@every 1m", Timeout: 5 * time.Second, FailAfter: 3, PassAfter: 2,
		Channel: b.run.Asker.Channel, Owner: b.run.Asker, CreatedAt: b.run.Now, MadeBy: "lb create",
		Hands: b.hands(),
	}
	for _, c := range there {
		if c.Same(wanted) {
			b.built.stands("Check", "watches", c.Name)
			return nil
		}
		if c.Name == name {
			b.built.notes = append(b.built.notes, "There is a check "+commands.Mono(name)+" of another address, "+commands.Mono(c.URL)+", so none was added.")
			return nil
		}
	}
	added, err := commands.Repeat(ctx, b.run, "add the check", func(ctx context.Context) (check.Check, error) {
		return wanted, b.book.AddCheck(ctx, wanted)
	})
	if err != nil {
		b.built.notes = append(b.built.notes, "No check watches it: "+commands.Words(err).Message)
		return ctx.Err()
	}
	b.built.stands("Check", "watches", added.Name)
	return nil
}

// hands are the buttons of the check's incidents.
func (b *builder) hands() []commands.Next {
	var hands []commands.Next
	if len(b.p.Instances) > 0 {
		hands = append(hands, commands.Next{Label: check.Logs, Line: where.Line(b.p.Target, "vm console", b.p.Instances[0].ID)})
	}
	return append(hands, check.RestartBehind(where.Line(b.p.Target, "lb restart", b.Name), b.Name))
}

func (b *builder) report(context.Context) commands.Report {
	balancer := b.built.balancer
	n := healthy(b.built.health)
	r := commands.Report{
		Tone: commands.Good, Title: fmt.Sprintf("Load balancer %s is active, %d of %s healthy", b.Name, n, commands.Count(len(b.p.Instances), "target")), Where: where.Words(b.p.Place), Undo: b.undo(),
		Next: []commands.Next{
			{Label: "Show", Line: where.Line(b.p.Target, "lb show", b.Name)}, {Label: "Health", Line: where.Line(b.p.Target, "lb health", b.Name)},
			{Label: "Delete", Line: where.Line(b.p.Target, "lb delete", b.Name), Style: "danger", Confirm: "Delete the load balancer " + b.Name + "?"},
		},
	}
	fields := append([]commands.Field{
		{Name: "Address", Value: commands.Mono(b.address())}, {Name: "DNS name", Value: commands.Mono(balancer.DNSName)},
	}, b.fields(b.p)...)
	if tags := otherTags(balancer.Tags); tags != "" {
		fields = append(fields, commands.Field{Name: "Tags", Value: tags})
	}
	r.Body = commands.Blocks{commands.Fields{Fields: fields}, commands.Table{Columns: []string{"Part", "State", "ID"}, Rows: b.built.rows}}
	names := map[string]string{}
	for _, i := range b.p.Instances {
		names[i.ID] = i.Name
	}
	if len(b.built.health) > 0 {
		r.Body = append(r.Body, healthTable(b.built.health, names))
	}
	notes := append(append([]string{}, b.p.Notes...), b.built.notes...)
	if len(b.p.Instances) == 0 {
		r.Tone, r.Title = commands.Warning, "Load balancer "+b.Name+" is active, with no targets behind it yet"
		notes = append(notes, "Put some there: "+commands.Mono(where.Line(b.p.Target, "lb register", b.Name)+" NAME")+".")
	}
	if n < len(b.p.Instances) {
		r.Tone = commands.Warning
		notes = append(notes, "A target that is not healthy gets no requests.")
	}
	if len(notes) > 0 {
		r.Body = append(r.Body, commands.Text{Text: strings.Join(notes, "\n")})
	}
	return r
}

// undo is the line that deletes the load balancer, unless some of it was there before: then that deletes more than this line made.
func (b *builder) undo() string {
	if b.p.There {
		return ""
	}
	return where.Line(b.p.Target, "lb delete", b.Name)
}

// halfway tells what stands and what does not, and how to go on or back.
func (b *builder) halfway() commands.Report {
	label := "Undo"
	if b.p.There {
		label = "Delete"
	}
	return commands.Report{
		Title: "The load balancer " + b.Name + " is not finished", Where: where.Words(b.p.Place),
		Body: commands.Blocks{commands.Table{Columns: []string{"Part", "State", "ID"}, Rows: b.built.rows}},
		Next: []commands.Next{
			{Label: "Go on", Line: b.line(), Style: "primary"},
			{Label: label, Line: where.Line(b.p.Target, "lb delete", b.Name), Style: "danger", Confirm: "Delete what was made of " + b.Name + "?"},
		},
	}
}
