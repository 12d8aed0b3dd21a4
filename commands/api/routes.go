package api

import (
	"context"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// RouteAdd is api route add.
type RouteAdd struct {
	Named
	Routing

	cloud Cloud
}

// NewRouteAdd is the command that adds the routes to an API.
func NewRouteAdd(cloud Cloud, t where.Target, api string, r Routing) *RouteAdd {
	return &RouteAdd{Named: Named{Target: t, Name: api}, Routing: r, cloud: cloud}
}

// Validate tells everything that can be known without AWS.
func (c *RouteAdd) Validate() error {
	return c.check()
}

// Scope is the API.
func (c *RouteAdd) Scope(ctx context.Context) (commands.Scope, error) { return c.scope(ctx, c.cloud) }

// Plan tells what would be added.
func (c *RouteAdd) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	target, err := c.behind(ctx, c.cloud, p.Target)
	if err != nil {
		return commands.Report{}, err
	}
	keys, err := c.keys()
	report := commands.Report{
		Title: "Would add " + commands.Count(len(keys), "route") + " to " + p.API.Name, Where: where.Words(p.Place),
		Body: commands.Blocks{
			commands.Fields{Fields: []commands.Field{{Name: "Routes", Value: strings.Join(keys, ", ")}, {Name: "Answers", Value: commands.Mono(target.Target)}, {Name: "Authorisation", Value: c.authorityWords()}}},
			commands.Text{Text: commands.Mono(c.undo(p)) + " takes it away again."},
		},
	}
	if how, _ := c.authorization(); how == byNobody {
		report.Tone = commands.Warning
	}
	return report, err
}

func (c *RouteAdd) undo(p picked) string {
	keys, _ := c.keys()
	return removeLine(p, keys)
}

func removeLine(p picked, keys []string) string {
	line := p.line("api route remove")
	for _, key := range keys {
		line += commands.Flag("route", key)
	}
	return line
}

// Run adds the routes.
func (c *RouteAdd) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	b := &builder{Routing: c.Routing, cloud: c.cloud, run: run, picked: p}
	if err := b.routes(ctx); err != nil {
		return b.halfway("Not finished: routes of "+p.API.Name, "", err)
	}
	return c.report(p)
}

func (c *RouteAdd) report(p picked) (commands.Report, error) {
	keys, err := c.keys()
	if err != nil {
		return commands.Report{}, err
	}
	report := commands.Report{
		Tone: commands.Good, Title: p.API.Name + " answers " + strings.Join(keys, ", "), Where: where.Words(p.Place), Undo: c.undo(p),
		Body: commands.Blocks{commands.Fields{Fields: []commands.Field{{Name: "Authorisation", Value: c.authorityWords()}}}, commands.Code{Text: c.curl(p, keys[0])}},
		Next: []commands.Next{
			{Label: "Show", Line: p.line("api show")}, {Label: "Undo", Line: c.undo(p), Confirm: "Remove " + strings.Join(keys, ", ") + "?"},
		},
	}
	if how, _ := c.authorization(); how == byNobody {
		report.Tone = commands.Warning
	}
	return report, nil
}

// Check looks whether the routes are there.
func (c *RouteAdd) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	routes, err := c.cloud.APIRoutes(ctx, p.Target, p.API.ID)
	if err != nil {
		return commands.Report{}, err
	}
	keys, err := c.keys()
	if err != nil {
		return commands.Report{}, err
	}
	for _, key := range keys {
		if !slices.ContainsFunc(routes, func(r aws.APIRoute) bool { return r.Key == key }) {
			return commands.Report{}, &commands.Error{Kind: commands.Failed, Message: "The route " + commands.Mono(key) + " is not there.", Hint: "The same line again adds it, and makes nothing twice."}
		}
	}
	return c.report(p)
}
