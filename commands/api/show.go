package api

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/query"
	"deckhand/commands/where"
)

// List is api list.
type List struct {
	where.Target
	query.Flags

	cloud Cloud
}

// Validate refuses a --query that is none.
func (c *List) Validate() error { return c.Err() }

// Run lists the APIs of a region.
func (c *List) Run(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	return c.Report(ctx, query.Subject{Operation: "GetApis", ID: "ApiId"}, c.list)
}

func (c *List) list(ctx context.Context) (commands.Report, []string, error) {
	place := c.cloud.Place(ctx, c.At())
	all, err := c.cloud.APIs(ctx, c.At())
	if err != nil {
		return commands.Report{}, nil, err
	}
	if len(all) == 0 {
		return commands.Report{Title: "No APIs in " + place.Region, Where: where.Words(place), Body: commands.Blocks{
			commands.Text{Text: "Only HTTP and WebSocket APIs are looked for. " + commands.Mono("help api create") + " tells how to make the first."},
		}}, nil, nil
	}
	commands.Order(all, func(a, b aws.API) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	table := commands.Table{Columns: []string{"Name", "ID", "Kind", "Endpoint", "Made", "Description", "Domain name"}}
	names, note := namesOf(ctx, c.cloud, c.At(), func(d aws.APIDomain) bool { return d.Tags[commands.RequestTag] != "" })
	if len(names) == 0 {
		table.Columns = table.Columns[:len(table.Columns)-1]
	}
	var ids []string
	for _, a := range all {
		ids = append(ids, a.ID)
		table.Rows = append(table.Rows, []string{or(a.Name, "-"), a.ID, a.Protocol, a.Endpoint, commands.At(a.CreatedAt), or(a.Description, "-"), or(strings.Join(names[a.ID], ", "), "-")}[:len(table.Columns)])
	}
	report := commands.Report{Title: commands.Count(len(all), "API"), Where: where.Words(place), Body: commands.Blocks{table}}
	if note != "" {
		report.Body = append(report.Body, commands.Text{Text: note})
	}
	return report, ids, nil
}

// Show is api show.
type Show struct {
	Named

	cloud Cloud
}

// inside is what is in an API.
type inside struct {
	routes       []aws.APIRoute
	integrations map[string]aws.APIIntegration
	authorizers  map[string]aws.APIAuthorizer
	stages       []aws.APIStage
}

func lookInside(ctx context.Context, cloud Reader, p picked) (inside, error) {
	in := inside{integrations: map[string]aws.APIIntegration{}, authorizers: map[string]aws.APIAuthorizer{}}
	var err error
	if in.routes, err = cloud.APIRoutes(ctx, p.Target, p.API.ID); err != nil {
		return in, err
	}
	integrations, err := cloud.APIIntegrations(ctx, p.Target, p.API.ID)
	if err != nil {
		return in, err
	}
	for _, i := range integrations {
		in.integrations[i.ID] = i
	}
	for _, r := range in.routes {
		if _, known := in.authorizers[r.AuthorizerID]; known || r.AuthorizerID == "" {
			continue
		}
		if in.authorizers[r.AuthorizerID], err = cloud.APIAuthorizer(ctx, p.Target, p.API.ID, r.AuthorizerID); err != nil {
			return in, err
		}
	}
	in.stages, err = cloud.APIStages(ctx, p.Target, p.API.ID)
	commands.Order(in.routes, func(a, b aws.APIRoute) int { return cmp.Compare(a.Key, b.Key) })
	return in, err
}

// admits says who may call a route.
func (in inside) admits(r aws.APIRoute) string {
	switch r.Authorization {
	case byToken:
		a := in.authorizers[r.AuthorizerID]
		return "JWT of " + or(a.Issuer, r.AuthorizerID) + " for " + or(strings.Join(a.Audience, ", "), "-")
	case byIAM:
		return "IAM"
	case byNobody, "":
		return "everybody"
	default:
		return r.Authorization
	}
}

// Run shows an API.
func (c *Show) Run(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	p, err := c.find(ctx, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	in, err := lookInside(ctx, c.cloud, p)
	if err != nil {
		return commands.Report{}, err
	}
	a := p.API
	fields := []commands.Field{
		{Name: "ID", Value: commands.Mono(a.ID)}, {Name: "Endpoint", Value: commands.Link(a.Endpoint, a.Endpoint)},
		{Name: "Description", Value: or(a.Description, "-")}, {Name: "Made", Value: commands.At(a.CreatedAt)},
	}
	if by := a.Tags[commands.OwnerTag]; by != "" {
		fields = append(fields, commands.Field{Name: "Made by", Value: commands.Person(by)})
	}
	names, note := namesOf(ctx, c.cloud, p.Target, func(aws.APIDomain) bool { return true })
	if note = cmp.Or(note, strings.Join(names[a.ID], ", ")); note != "" {
		fields = append(fields, commands.Field{Name: "Domain name", Value: note})
	}
	routes := commands.Table{Columns: []string{"Route", "Answers", "Who may call"}}
	for _, r := range in.routes {
		routes.Rows = append(routes.Rows, []string{r.Key, or(in.integrations[r.IntegrationID].Target, "-"), in.admits(r)})
	}
	stages := commands.Table{Columns: []string{"Stage", "Deploys by itself", "Requests a second", "At once", "Access log"}}
	for _, s := range in.stages {
		stages.Rows = append(stages.Rows, []string{
			s.Name, map[bool]string{true: "yes", false: "no"}[s.AutoDeploy], number(s.Rate), number(float64(s.Burst)), or(s.LogGroup[strings.LastIndex(s.LogGroup, ":")+1:], "none"),
		})
	}
	return commands.Report{
		Title: fmt.Sprintf("%s: %s", a.Name, commands.Count(len(in.routes), "route")), Where: where.Words(p.Place), Body: commands.Blocks{commands.Fields{Fields: fields}, routes, stages},
		Next: []commands.Next{{Label: "Test", Line: p.line("api test")}},
	}, nil
}

func number(n float64) string {
	if n == 0 {
		return "the account's limit"
	}
	return fmt.Sprintf("%g", n)
}
