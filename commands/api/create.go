package api

import (
	"context"
	"fmt"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/where"
)

// Create is api create.
type Create struct {
	where.Target
	commands.Term
	Name        string `arg:"name" alias:"name" value:"NAME" required:"" help:"What the API is called; one name means one API."`
	Description string `flag:"description" value:"TEXT" help:"What it is for."`
	Protocol    string `flag:"protocol-type" enum:"HTTP" default:"HTTP" value:"TYPE" help:"HTTP, the one kind that deckhand makes."`
	Rate        int    `flag:"throttle-rate" alias:"rate" default:"50" value:"N" help:"Requests a second that are let through."`
	Burst       int    `flag:"throttle-burst" alias:"burst" default:"100" value:"N" help:"Requests at once that are let through."`
	Domain      string `flag:"domain-name" alias:"domain,alias" value:"NAME" help:"DNS name of your own that shall lead to it, in a hosted zone of Route 53."`
	Naming
	Tag map[string]string `flag:"tags" alias:"tag" value:"KEY=VALUE" help:"Tag for the API."`
	Routing

	cloud Cloud
	book  check.Book
}

// Validate tells everything that can be known without AWS.
func (c *Create) Validate() error {
	const longest = 128
	if strings.TrimSpace(c.Name) == "" || len(c.Name) > longest {
		return commands.Misuse("The name is empty or too long.", "It has 1 to 128 characters.")
	}
	if c.Rate < 1 || c.Rate > 10_000 || c.Burst < 1 || c.Burst > 5_000 {
		return commands.Misuse("--throttle-rate or --throttle-burst is out of range.", "They may be 1 to 10000 and 1 to 5000.")
	}
	if err := c.Naming.check(c.Domain); err != nil {
		return err
	}
	return c.Routing.check()
}

// Scope is the API that would be: its tags are the ones asked for.
func (c *Create) Scope(ctx context.Context) (commands.Scope, error) {
	return commands.Scope{
		Account: c.Account, Region: c.cloud.Place(ctx, c.At()).Region,
		Resources: []commands.Resource{{ID: "api/" + c.Name, Name: c.Name, Tags: c.Tag}},
	}, nil
}

// there looks for an API of this name that deckhand made, to go on with. One that somebody else made is an error.
func (c *Create) there(ctx context.Context, t aws.Target) (aws.API, bool, error) {
	all, err := c.cloud.APIs(ctx, t)
	if err != nil {
		return aws.API{}, false, err
	}
	for _, a := range all {
		switch {
		case a.Name != c.Name:
		case a.Tags[commands.RequestTag] == "" || a.Protocol != "HTTP":
			return a, false, &commands.Error{
				Kind: commands.Failed, Message: fmt.Sprintf("There is an API %s (%s) already that deckhand did not make, so it is left alone.", commands.Mono(a.Name), commands.Mono(a.ID)),
				Hint: "Choose another name, or add to it with " + commands.Mono("api route add "+a.ID) + ".",
			}
		default:
			return a, true, nil
		}
	}
	return aws.API{}, false, nil
}

// sign looks up the domain name and what it needs, before anything is made.
func (c *Create) sign(ctx context.Context, run *commands.Run, p picked) (plate, error) {
	if c.Domain == "" {
		return plate{}, nil
	}
	return commands.Repeat(ctx, run, "look at domain name", func(ctx context.Context) (plate, error) {
		return c.plate(ctx, c.cloud, p, c.Domain, run.Now)
	})
}

// Plan tells what would be made.
func (c *Create) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	t := c.At()
	place := c.cloud.Place(ctx, t)
	a, found, err := c.there(ctx, t)
	if err != nil {
		return commands.Report{}, err
	}
	target, err := c.behind(ctx, c.cloud, t)
	if err != nil {
		return commands.Report{}, err
	}
	keys, err := c.keys()
	if err != nil {
		return commands.Report{}, err
	}
	name, err := c.sign(ctx, run, picked{Target: t, Place: place, API: a})
	if err != nil {
		return commands.Report{}, err
	}
	report := commands.Report{
		Title: "Would create the API " + c.Name, Where: where.Words(place),
		Body: commands.Blocks{commands.Fields{Fields: []commands.Field{
			{Name: "Routes", Value: strings.Join(keys, ", ")}, {Name: "Answers", Value: commands.Mono(target.Target)}, {Name: "Authorisation", Value: c.authorityWords()},
			{Name: "Throttle", Value: fmt.Sprintf("%d requests a second, %d at once", c.Rate, c.Burst)}, {Name: "Access log", Value: "kept for 30 days"},
			{Name: "Stage", Value: "$default, deployed by itself"}, {Name: "Price", Value: c.price(ctx)},
		}}},
	}
	if name.Name != "" {
		report.Body = append(report.Body, commands.Fields{Fields: []commands.Field{{Name: "Domain name", Value: name.words()}}})
	}
	if how, _ := c.authorization(); how == byNobody {
		report.Tone = commands.Warning
		report.Body = append(report.Body, commands.Text{Text: commands.Strong("Public:") + " everybody on the internet may call this API."})
	}
	if found {
		report.Title = "Would finish the API " + c.Name
		report.Body = append(report.Body, commands.Text{Text: fmt.Sprintf("The API %s stands, made by %s; what is missing in it is added, which cannot be undone alone.", commands.Mono(a.ID), a.Tags[commands.RequestTag])})
	}
	report.Body = append(report.Body, commands.Text{Text: "AWS has no rehearsal for this. " + commands.Mono(c.undo()) + " takes all of it away again."})
	return report, nil
}

// price is what its use costs.
func (c *Create) price(ctx context.Context) string {
	return commands.UseWords(ctx, func(ctx context.Context, of string) (float64, error) { return c.cloud.UsePrice(ctx, c.At(), of) },
		commands.UseRate{Of: "api request", Unit: "a million requests", Per: 1e6})
}

func (c *Create) undo() string {
	return "api delete " + commands.Quote(c.Name) + " --logs" + commands.Flag("region", c.Region) + commands.Flag("account", c.Account)
}

// Run makes the API, what is in it, and at the end the stage where it answers.
func (c *Create) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	t := c.At()
	b := &builder{Routing: c.Routing, cloud: c.cloud, book: c.book, run: run, picked: picked{Target: t, Place: c.cloud.Place(ctx, t)}}
	if _, err := b.answering(ctx); err != nil {
		return commands.Report{}, err // before anything is made
	}
	name, err := c.signed(ctx, run, b.picked)
	if err != nil {
		return commands.Report{}, err
	}
	run.Say("Making the API " + c.Name + ".")
	b.API, err = commands.Ensure(ctx, run, "CreateApi", func(ctx context.Context) (aws.API, bool, error) { return c.there(ctx, t) },
		func(ctx context.Context) (aws.API, error) {
			return c.cloud.CreateAPI(ctx, t, aws.API{Name: c.Name, Description: c.Description, Tags: c.tags(run)})
		})
	if err != nil {
		return commands.Report{}, err
	}
	b.done = append(b.done, "the API "+commands.Mono(b.API.ID))
	for _, step := range []func(context.Context) error{
		b.routes, func(ctx context.Context) error { return c.stage(ctx, b) },
		func(ctx context.Context) error { return b.name(ctx, name, c.Tag) }, func(ctx context.Context) error { return b.watch(ctx, name, c.Watch) },
	} {
		if err := step(ctx); err != nil {
			undo := ""
			if b.made() {
				undo = c.undo()
			}
			return b.halfway("Not finished: the API "+c.Name, undo, err)
		}
	}
	return c.report(b, name)
}

// signed is sign with the API of this name as it stands, if it does.
func (c *Create) signed(ctx context.Context, run *commands.Run, p picked) (plate, error) {
	if c.Domain == "" {
		return plate{}, nil
	}
	var err error
	if p.API, _, err = c.there(ctx, p.Target); err != nil {
		return plate{}, err
	}
	return c.sign(ctx, run, p)
}

func (c *Create) tags(run *commands.Run) map[string]string {
	tags := run.Tags("", c.Tag)
	tags[commands.TokenTag] = run.Token
	return tags
}

// accessLog is one line of JSON for each request, without what a caller sends in its headers.
// Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
const accessLog = `{"requestId":"$context.requestId","ip":"$context.identity.sourceIp","time":"$context.requestTime","route":"$context.routeKey",` +
	`"status":"$context.status","ms":"$context.responseLatency","bytes":"$context.responseLength","error":"$context.integrationErrorMessage"}`

const logDays = 30

func logGroup(p picked) string { return "/aws/apigateway/" + p.API.ID }

// logTags are those of the API that do not change: its log may outlive a lease.
func (b *builder) logTags() map[string]string {
	tags := map[string]string{}
	for _, key := range []string{commands.RequestTag, commands.OwnerTag} {
		if value := b.API.Tags[key]; value != "" {
			tags[key] = value
		}
	}
	return tags
}

// stage makes the access log and the stage.
func (c *Create) stage(ctx context.Context, b *builder) error {
	b.run.Say("Making the access log and the stage.")
	group, err := commands.Repeat(ctx, b.run, "CreateLogGroup", func(ctx context.Context) (string, error) {
		return c.cloud.EnsureLogGroup(ctx, b.Target, logGroup(b.picked), logDays, b.logTags())
	})
	if group != "" { // it stands, though how long it keeps its lines may not be set
		b.done = append(b.done, "the log group "+commands.Mono(logGroup(b.picked)))
	}
	if err != nil {
		return err
	}
	wanted := aws.APIStage{Name: "$default", AutoDeploy: true, Rate: float64(c.Rate), Burst: c.Burst, LogGroup: group, LogFormat: accessLog}
	_, err = commands.Ensure(ctx, b.run, "CreateStage", func(ctx context.Context) (aws.APIStage, bool, error) {
		all, err := c.cloud.APIStages(ctx, b.Target, b.API.ID)
		for _, s := range all {
			if s.Name == wanted.Name {
				return s, true, err
			}
		}
		return wanted, false, err
	}, func(ctx context.Context) (aws.APIStage, error) {
		return c.cloud.CreateAPIStage(ctx, b.Target, b.API.ID, wanted)
	})
	return err
}

func (c *Create) report(b *builder, name plate) (commands.Report, error) {
	keys, err := c.keys()
	if err != nil {
		return commands.Report{}, err
	}
	undo := where.Line(b.Target, "api delete", b.API.ID, "--logs") // several may have one name, and the id finds the log of one that is gone
	report := commands.Report{
		Tone: commands.Good, Title: "Created the API " + c.Name, Where: where.Words(b.Place), Undo: undo,
		Body: commands.Blocks{
			commands.Fields{Fields: []commands.Field{
				{Name: "Endpoint", Value: commands.Link(b.API.Endpoint, b.API.Endpoint)}, {Name: "ID", Value: commands.Mono(b.API.ID)},
				{Name: "Routes", Value: strings.Join(keys, ", ")}, {Name: "Authorisation", Value: c.authorityWords()},
				{Name: "Throttle", Value: fmt.Sprintf("%d requests a second, %d at once", c.Rate, c.Burst)}, {Name: "Access log", Value: commands.Mono(logGroup(b.picked))},
			}},
			commands.Code{Text: c.curl(b.named(name), keys[0])},
		},
		Next: []commands.Next{
			{Label: "Test", Line: b.line("api test"), Style: "primary"}, {Label: "Show", Line: b.line("api show")},
			{Label: "Delete", Line: undo, Style: "danger", Confirm: "Delete the API " + c.Name + "?"},
		},
	}
	if name.Name != "" {
		b.notes = append([]string{"Its name is " + commands.Mono(name.Name) + "; its routes answer there by HTTPS."}, b.notes...)
	}
	if len(b.notes) > 0 {
		report.Body = append(report.Body, commands.Text{Text: strings.Join(b.notes, "\n")})
	}
	if by := b.API.Tags[commands.RequestTag]; !b.made() {
		if report.Undo = ""; name.Name != "" && name.By == "" { // all that this request can have made besides
			report.Undo = removeName(b.Target, name.Name)
		}
		report.Title = "Finished the API " + c.Name
		report.Body = append(report.Body, commands.Text{Text: "It was made by " + or(by, "another request") + " before; what was there was taken, and only what was missing was made. Its throttle stays as it was."})
	}
	if how, _ := c.authorization(); how == byNobody {
		report.Tone = commands.Warning
		report.Body = append(report.Body, commands.Text{Text: commands.Strong("Public:") + " everybody on the internet may call this API."})
	}
	return report, nil
}

// without tells what stands of an API that has no stage yet.
func (c *Create) without(ctx context.Context, a aws.API) (commands.Report, error) {
	b := &builder{picked: picked{Place: c.cloud.Place(ctx, c.At())}, done: []string{"the API " + commands.Mono(a.ID)}}
	behind, err := c.cloud.APIIntegrations(ctx, c.At(), a.ID)
	if err != nil {
		return commands.Report{}, err
	}
	routes, err := c.cloud.APIRoutes(ctx, c.At(), a.ID)
	if err != nil {
		return commands.Report{}, err
	}
	for _, i := range behind {
		b.done = append(b.done, "the integration of "+commands.Mono(i.Target))
	}
	for _, r := range routes {
		b.done = append(b.done, "the route "+commands.Mono(r.Key))
	}
	return b.halfway("Not finished: the API "+c.Name, c.undo(), &commands.Error{Kind: commands.Failed, Message: "AWS gave no clear answer, and shows no stage: the API answers nowhere yet."})
}

// Check looks for the API that this request made.
func (c *Create) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	a, found, err := c.there(ctx, c.At())
	switch {
	case err != nil:
		return commands.Report{}, err
	case !found:
		return commands.Report{}, &commands.Error{Kind: commands.Uncertain, Message: "AWS does not show the API " + c.Name + ", and it may show it late.", Hint: "The same line again finds it if it is there, and makes it if it is not."}
	}
	stages, err := c.cloud.APIStages(ctx, c.At(), a.ID)
	switch {
	case err != nil:
		return commands.Report{}, err
	case len(stages) == 0:
		return c.without(ctx, a)
	}
	p := picked{Target: c.At(), Place: c.cloud.Place(ctx, c.At()), API: a}
	name, err := c.sign(ctx, run, p)
	if err == nil {
		err = stands(ctx, c.cloud, p, name)
	}
	if err != nil {
		return commands.Report{}, err
	}
	return c.report(&builder{Routing: c.Routing, cloud: c.cloud, run: run, picked: p}, name)
}
