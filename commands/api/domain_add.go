package api

import (
	"context"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/where"
)

// DomainAdd is api domain add.
type DomainAdd struct {
	Named
	Domain string `flag:"domain-name" alias:"domain,alias" required:"" value:"NAME" help:"DNS name that shall lead to it, in a hosted zone of Route 53."`
	Naming
	Stage string            `flag:"stage" enum:"$default" default:"$default" unlisted:"" value:"STAGE" help:"The stage that deckhand makes."`
	Tag   map[string]string `flag:"tags" alias:"tag" value:"KEY=VALUE" help:"Tag for the domain name."`

	cloud Cloud
	book  check.Book
}

// Validate tells everything that can be known without AWS.
func (c *DomainAdd) Validate() error { return c.check(c.Domain) }

// Scope is the API.
func (c *DomainAdd) Scope(ctx context.Context) (commands.Scope, error) { return c.scope(ctx, c.cloud) }

// entitled is an API with the name that it is to have.
type entitled struct {
	picked
	Plate plate
}

func (c *DomainAdd) look(ctx context.Context, run *commands.Run) (entitled, error) {
	return commands.Repeat(ctx, run, "look at API and domain name", func(ctx context.Context) (entitled, error) {
		p, err := c.find(ctx, c.cloud)
		e := entitled{picked: p}
		if err != nil {
			return e, err
		}
		stages, err := c.cloud.APIStages(ctx, p.Target, p.API.ID)
		if err != nil {
			return e, err
		}
		if p.API.Protocol != "HTTP" || !slices.ContainsFunc(stages, func(s aws.APIStage) bool { return s.Name == everything }) {
			return e, &commands.Error{
				Kind: commands.Conflict, Message: "A domain name leads to the stage " + commands.Mono(everything) + " of an HTTP API, and " + commands.Mono(p.API.Name) + " has none.",
				Hint: commands.Mono(p.line("api show")) + " shows its stages.",
			}
		}
		e.Plate, err = c.plate(ctx, c.cloud, p, c.Domain, run.Now)
		return e, err
	})
}

// Plan tells what would be made.
func (c *DomainAdd) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	e, err := c.look(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	return commands.Report{
		Title: "Would lead " + e.Plate.Name + " to " + e.API.Name, Where: where.Words(e.Place),
		Body: commands.Blocks{
			commands.Fields{Fields: []commands.Field{{Name: "Domain name", Value: e.Plate.words()}}},
			commands.Text{Text: "AWS has no rehearsal for this. " + commands.Mono(removeName(e.Target, e.Plate.Name)) + " takes it away again."},
		},
	}, nil
}

// Run makes the domain name, its mapping and its record, one journaled step after the other.
func (c *DomainAdd) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	e, err := c.look(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	b := &builder{cloud: c.cloud, book: c.book, run: run, picked: e.picked}
	if err = b.name(ctx, e.Plate, c.Tag); err == nil {
		err = b.watch(ctx, e.Plate, c.Watch)
	}
	if err != nil {
		return b.halfway("Not finished: the domain name "+e.Plate.Name, removeName(e.Target, e.Plate.Name), err)
	}
	return c.report(e, b.notes), nil
}

func (c *DomainAdd) report(e entitled, notes []string) commands.Report {
	undo, address := removeName(e.Target, e.Plate.Name), "https://"+e.Plate.Name+"/"
	report := commands.Report{
		Tone: commands.Good, Title: e.Plate.Name + " leads to " + e.API.Name, Where: where.Words(e.Place), Undo: undo,
		Body: commands.Blocks{
			commands.Fields{Fields: []commands.Field{{Name: "Address", Value: commands.Link(address, address)}, {Name: "Certificate", Value: commands.Mono(e.Plate.Certificate)}, {Name: "Hosted zone", Value: e.Plate.Zone.Name}}},
			commands.Code{Text: "curl -i " + address},
		},
		Next: []commands.Next{
			{Label: "Show", Line: e.line("api show")}, {Label: "Undo", Line: undo, Confirm: "Remove " + e.Plate.Name + "?"},
		},
	}
	if e.Plate.Stands {
		report.Title, report.Undo = e.Plate.Name+" leads to "+e.API.Name+" already", ""
		report.Next = report.Next[:1]
	}
	if len(notes) > 0 {
		report.Body = append(report.Body, commands.Text{Text: strings.Join(notes, "\n")})
	}
	return report
}

// Check looks whether everything of the name stands.
func (c *DomainAdd) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	e, err := c.look(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	if err := stands(ctx, c.cloud, e.picked, e.Plate); err != nil {
		return commands.Report{}, err
	}
	return c.report(e, nil), nil
}

// stands answers an error where something of a name is missing.
func stands(ctx context.Context, cloud Names, p picked, n plate) error {
	if n.Name == "" {
		return nil
	}
	d, found, err := domainThere(ctx, cloud, p, n.Name)
	if err == nil && found {
		found, err = mappingThere(ctx, cloud, p, n.Name)
	}
	if err == nil && found {
		found, err = recordThere(ctx, cloud, p.Target, n.Zone, n.Name, d.Target)
	}
	if err == nil && !found {
		err = &commands.Error{
			Kind: commands.Failed, Message: "The domain name " + commands.Mono(n.Name) + " is not finished.",
			Hint: "The same line again finishes it, and makes nothing twice; " + commands.Mono(removeName(p.Target, n.Name)) + " takes away what stands of it.",
		}
	}
	return err
}
