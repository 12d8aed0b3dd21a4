package api

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/where"
)

// DomainRemove is api domain remove.
type DomainRemove struct {
	where.Target
	Domain string `arg:"domain" alias:"domain-name,domain" required:"" value:"NAME" help:"The domain name."`
	API    string `flag:"api" alias:"api-id,name" value:"NAME" help:"Only if it leads to this API, by name or id."`

	cloud Cloud
	book  check.Book
}

// Validate refuses what is no domain name.
func (c *DomainRemove) Validate() error { return Naming{}.check(c.Domain) }

// parting is a name that goes, and the API that it leads to; the API's ID is empty where it leads to none.
type parting struct {
	picked
	Address address
}

func (c *DomainRemove) look(ctx context.Context) (parting, error) {
	t := c.At()
	out := parting{picked: picked{Target: t, Place: c.cloud.Place(ctx, t)}}
	d, found, err := domainThere(ctx, c.cloud, out.picked, plain(c.Domain))
	switch {
	case err != nil:
		return out, err
	case !found:
		return out, &commands.Error{
			Kind: commands.NotFound, Message: fmt.Sprintf("There is no domain name %s in API Gateway in %s.", commands.Mono(plain(c.Domain)), out.Place.Region),
			Hint: commands.Mono(where.Line(t, "api list")) + " shows the APIs with their names.",
		}
	}
	mappings, err := c.cloud.APIMappings(ctx, t, d.Name)
	if err != nil {
		return out, err
	}
	out.Address.Domain = d
	out.Address.split(mappings, func(m aws.APIMapping) bool { return m.Key == "" })
	api := c.API
	for _, m := range out.Address.Mappings {
		api = cmp.Or(api, m.API)
	}
	if api != "" {
		p, err := Named{Target: c.Target, Name: api}.find(ctx, c.cloud)
		if err != nil {
			return out, err
		}
		out.API = p.API
	}
	elsewhere := slices.ContainsFunc(out.Address.Mappings, func(m aws.APIMapping) bool { return m.API != out.API.ID })
	if elsewhere || len(out.Address.Mappings) == 0 && len(out.Address.Others) > 0 {
		return out, &commands.Error{
			Kind: commands.Conflict, Message: commands.Mono(d.Name) + " does not lead to " + or(out.API.Name, "an API as a whole") + ", so nothing was done.",
			Hint: commands.Mono("aws apigatewayv2 get-api-mappings --domain-name "+d.Name) + " tells where it leads.",
		}
	}
	return out, out.Address.leading(ctx, c.cloud, c.book, t)
}

// Scope is the domain name.
func (c *DomainRemove) Scope(ctx context.Context) (commands.Scope, error) {
	p, err := c.look(ctx)
	d := p.Address.Domain
	return commands.Scope{Account: c.Account, Region: p.Place.Region, Resources: []commands.Resource{{ID: d.Name, Name: d.Name, Tags: d.Tags}}}, err
}

func (c *DomainRemove) pinned(ctx context.Context, run *commands.Run) (parting, error) {
	return commands.Repeat(ctx, run, "look at domain name", c.look)
}

// undo is the line that puts the name back; "" where it led to no API.
func (p parting) undo() string {
	if p.API.ID == "" {
		return ""
	}
	return p.line("api domain add") + commands.Flag("domain-name", p.Address.Domain.Name) + commands.Flag("certificate", p.Address.Domain.Certificate)
}

// Plan tells what would go.
func (c *DomainRemove) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	text := "What goes: " + parts([]address{p.Address}) + "."
	if p.API.ID != "" {
		text += " The API " + p.API.Name + " stays, and answers at " + commands.Mono(p.API.Endpoint) + "."
	}
	if undo := p.undo(); undo != "" {
		text += "\n" + commands.Mono(undo) + " makes it again."
	}
	return commands.Report{Title: "Would remove the domain name " + p.Address.Domain.Name, Where: where.Words(p.Place), Body: commands.Blocks{commands.Text{Text: text}}}, nil
}

// Run removes the record, the mapping and the domain name.
func (c *DomainRemove) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	gone, left, err := remove(ctx, run, removals(c.cloud, c.book, p.Target, []address{p.Address}))
	if err != nil {
		return c.partly(p, gone, left), err
	}
	return c.report(p), nil
}

// partly says what stands where not everything was removed.
func (c *DomainRemove) partly(p parting, gone, left []string) commands.Report {
	if len(gone) == 0 {
		return commands.Report{}
	}
	return commands.Report{Title: "Removed in part: " + p.Address.Domain.Name, Where: where.Words(p.Place), Undo: p.undo(), Body: commands.Blocks{commands.Text{
		Text: "Gone: " + commands.And(gone) + ". Not removed: " + commands.And(left) + ". " + commands.Mono(removeName(p.Target, p.Address.Domain.Name)) + " removes the rest.",
	}}}
}

func (c *DomainRemove) report(p parting) commands.Report {
	report := commands.Report{
		Tone: commands.Good, Title: "Removed the domain name " + p.Address.Domain.Name, Where: where.Words(p.Place), Undo: p.undo(),
		Body: commands.Blocks{commands.Text{Text: "Gone: " + parts([]address{p.Address}) + "."}},
	}
	if len(p.Address.Others) > 0 {
		report.Title = "Removed the mapping of " + p.Address.Domain.Name
	}
	if report.Undo != "" {
		report.Next = []commands.Next{{Label: "Undo", Line: report.Undo}, {Label: "Show", Line: p.line("api show")}}
	}
	return report
}

// Check looks whether the name is gone, and what goes with it.
func (c *DomainRemove) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	left, err := leftOf(ctx, c.cloud, p.Target, []address{p.Address})
	if err == nil && left != "" {
		err = &commands.Error{Kind: commands.Failed, Message: "AWS still shows " + left + ".", Hint: "The same line again removes it."}
	}
	if err != nil {
		return commands.Report{}, err
	}
	return c.Run(ctx, run) // what is left is a check of deckhand's own
}
