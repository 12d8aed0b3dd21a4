package api

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/where"
)

// address is a domain name that deckhand made, with what of it goes.
type address struct {
	Domain   aws.APIDomain
	Mappings []aws.APIMapping // those that go
	Others   []string         // where else it leads, in words; it stays then, and so does its record
	Records  []aws.Alias
	Check    string // the check that was made with it
}

// addresses answers those of the domain names that were made for an API, or lead to it. One that deckhand did not make, and that leads to it, is an error.
func addresses(ctx context.Context, cloud Names, book check.Book, p picked, all []aws.APIDomain) ([]address, error) {
	var found []address
	for _, d := range all {
		mappings, err := cloud.APIMappings(ctx, p.Target, d.Name)
		if err != nil {
			return nil, err
		}
		a := address{Domain: d}
		a.split(mappings, func(m aws.APIMapping) bool { return m.API == p.API.ID })
		own := d.Tags[commands.RequestTag] != ""
		switch {
		case len(a.Mappings) > 0 && !own:
			return nil, &commands.Error{
				Kind: commands.Denied, Message: "The domain name " + commands.Mono(d.Name) + " leads to " + commands.Mono(p.API.Name) + ", and deckhand did not make it: AWS deletes no API that a domain name leads to, so nothing was done.",
				Hint: "Remove its mapping first: " + commands.Mono("aws apigatewayv2 delete-api-mapping --domain-name "+d.Name+" --api-mapping-id "+a.Mappings[0].ID) + ".",
			}
		case len(a.Mappings) == 0 && (!own || d.Tags[apiTag] != p.API.ID || len(a.Others) > 0):
			continue
		}
		if err := a.leading(ctx, cloud, book, p.Target); err != nil {
			return nil, err
		}
		found = append(found, a)
	}
	return found, nil
}

// split tells the mappings that go from those that stay.
func (a *address) split(all []aws.APIMapping, goes func(aws.APIMapping) bool) {
	for _, m := range all {
		if goes(m) {
			a.Mappings = append(a.Mappings, m)
			continue
		}
		a.Others = append(a.Others, fmt.Sprintf("to the API %s at /%s", commands.Mono(m.API), m.Key))
	}
}

// meanwhile answers an error where a name leads somewhere that it did not when it was looked at.
func (a address) meanwhile(ctx context.Context, cloud Names, t aws.Target) error {
	left, err := cloud.APIMappings(ctx, t, a.Domain.Name)
	for _, m := range left {
		if !slices.Contains(a.Mappings, m) {
			return &commands.Error{Kind: commands.Failed, Message: a.Domain.Name + " leads to the API " + commands.Mono(m.API) + " meanwhile, so it was left.", Hint: "Remove that mapping first."}
		}
	}
	return err
}

// leading finds the records and the check of a name that goes.
func (a *address) leading(ctx context.Context, cloud Names, book check.Book, t aws.Target) error {
	if len(a.Others) > 0 {
		return nil
	}
	zone, err := cloud.HostedZone(ctx, t, a.Domain.Name)
	switch {
	case err != nil && commands.Words(err).Kind != commands.NotFound:
		return err
	case err == nil:
		records, err := cloud.Records(ctx, t, zone.ID, a.Domain.Name)
		if err != nil {
			return err
		}
		for _, r := range records {
			if ours(r, a.Domain.Target) {
				a.Records = append(a.Records, aws.Alias{Zone: zone.ID, Name: a.Domain.Name, Target: a.Domain.Target, TargetZone: r.AliasZone, Comment: "deckhand removes " + a.Domain.Name})
			}
		}
	}
	if book == nil {
		return nil
	}
	all, err := book.Checks(ctx)
	for _, c := range all {
		if c.Name == a.Domain.Name && c.MadeBy == checkMaker {
			a.Check = c.Name
		}
	}
	return err
}

// removal is one step of removing a name; it may be repeated.
type removal struct {
	what string
	do   func(context.Context) error
}

// removals are in an order in which nobody is led to what is gone, and nothing of others is taken along: AWS deletes a domain name with every mapping
// that it has.
func removals(cloud Names, book check.Book, t aws.Target, all []address) []removal {
	var steps []removal
	for _, a := range all {
		for _, r := range a.Records {
			steps = append(steps, removal{"the record " + r.Name, func(ctx context.Context) error {
				_, err := cloud.DeleteAlias(ctx, t, r)
				return err
			}})
		}
		for _, m := range a.Mappings {
			steps = append(steps, removal{"the mapping " + m.ID + " of " + a.Domain.Name, func(ctx context.Context) error {
				return cloud.DeleteAPIMapping(ctx, t, a.Domain.Name, m.ID)
			}})
		}
		if len(a.Others) == 0 {
			steps = append(steps, removal{"the domain name " + a.Domain.Name, func(ctx context.Context) error {
				if err := a.meanwhile(ctx, cloud, t); err != nil {
					return err
				}
				return cloud.DeleteAPIDomain(ctx, t, a.Domain.Name)
			}})
		}
		if a.Check != "" {
			steps = append(steps, removal{"the check " + a.Check, func(ctx context.Context) error { return commands.Gone(book.RemoveCheck(ctx, a.Check)) }})
		}
	}
	return steps
}

// remove takes the steps, and answers what was and what was not done.
func remove(ctx context.Context, run *commands.Run, steps []removal) (gone, left []string, err error) {
	for i, s := range steps {
		run.Say("Removing " + s.what)
		if _, err = commands.Repeat(ctx, run, "remove "+s.what, func(ctx context.Context) (bool, error) { return true, s.do(ctx) }); err != nil {
			for _, rest := range steps[i:] {
				left = append(left, rest.what)
			}
			return gone, left, err
		}
		gone = append(gone, s.what)
	}
	return gone, nil, nil
}

// parts names what goes of names, and what stays.
func parts(all []address) string {
	var words []string
	for _, s := range removals(nil, nil, aws.Target{}, all) {
		words = append(words, s.what)
	}
	text := commands.And(words)
	for _, a := range all {
		if len(a.Others) > 0 {
			text += ". The domain name " + commands.Mono(a.Domain.Name) + " and its record stay: it leads " + commands.And(a.Others) + " too"
		}
	}
	return text
}

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
			Kind: commands.Denied, Message: commands.Mono(d.Name) + " does not lead to " + or(out.API.Name, "an API as a whole") + ", so nothing was done.",
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

// leftOf names the first part of names that is still there; "" where nothing is.
func leftOf(ctx context.Context, cloud Names, t aws.Target, all []address) (string, error) {
	for _, a := range all {
		for _, r := range a.Records {
			there, err := cloud.Records(ctx, t, r.Zone, r.Name)
			if err != nil {
				return "", err
			}
			for _, one := range there {
				if ours(one, r.Target) {
					return "the record " + commands.Mono(r.Name), nil
				}
			}
		}
		mappings, err := cloud.APIMappings(ctx, t, a.Domain.Name)
		if err != nil {
			return "", err
		}
		for _, m := range mappings {
			for _, gone := range a.Mappings {
				if m.ID == gone.ID {
					return "the mapping " + commands.Mono(m.ID), nil
				}
			}
		}
		if len(a.Others) > 0 {
			continue
		}
		if _, err := cloud.APIDomain(ctx, t, a.Domain.Name); err == nil {
			return "the domain name " + commands.Mono(a.Domain.Name), nil
		} else if commands.Words(err).Kind != commands.NotFound {
			return "", err
		}
	}
	return "", nil
}

// namesOf answers at which of the domain names APIs answer, by API. What cannot be looked at is told in a sentence.
func namesOf(ctx context.Context, cloud Names, t aws.Target, wanted func(aws.APIDomain) bool) (names map[string][]string, note string) {
	names = map[string][]string{}
	all, err := cloud.APIDomains(ctx, t)
	for _, d := range all {
		var mappings []aws.APIMapping
		if err == nil && wanted(d) {
			mappings, err = cloud.APIMappings(ctx, t, d.Name)
		}
		for _, m := range mappings {
			names[m.API] = append(names[m.API], strings.TrimSuffix("https://"+d.Name+"/"+m.Key, "/"))
		}
	}
	if err != nil {
		note = "Domain names could not be looked at: " + commands.Words(err).Message
	}
	return names, note
}
