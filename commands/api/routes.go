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
	if err != nil {
		return commands.Report{}, err
	}
	stood, err := c.stood(ctx, p, target)
	if err != nil {
		return commands.Report{}, err
	}
	if keys = slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return slices.Contains(stood, key) }); len(keys) == 0 {
		return commands.Report{Title: "Would change nothing: " + p.API.Name + " answers " + strings.Join(stood, ", ") + " already", Where: where.Words(p.Place)}, nil
	}
	report := commands.Report{
		Title: "Would add " + commands.Count(len(keys), "route") + " to " + p.API.Name, Where: where.Words(p.Place),
		Body: commands.Blocks{
			commands.Fields{Fields: []commands.Field{{Name: "Routes", Value: strings.Join(keys, ", ")}, {Name: "Answers", Value: commands.Mono(target.Target)}, {Name: "Authorisation", Value: c.authorityWords()}}},
			commands.Text{Text: commands.Mono(removeLine(p, keys)) + " takes it away again."},
		},
	}
	if how, _ := c.authorization(); how == byNobody {
		report.Tone = commands.Warning
	}
	return report, err
}

// stood answers the routes that are there already and lead to the target for the same callers. One that leads elsewhere is an error.
func (c *RouteAdd) stood(ctx context.Context, p picked, target aws.APIIntegration) ([]string, error) {
	in, err := lookInside(ctx, c.cloud, p)
	if err != nil {
		return nil, err
	}
	keys, err := c.keys()
	if err != nil {
		return nil, err
	}
	how, err := c.authorization()
	var stood []string
	for _, r := range in.routes {
		there, by := in.integrations[r.IntegrationID], in.authorizers[r.AuthorizerID]
		switch {
		case !slices.Contains(keys, r.Key):
		case there.Kind != target.Kind || there.Target != target.Target || or(r.Authorization, byNobody) != how || by.Issuer != c.Issuer && how == byToken:
			return nil, taken(p, r.Key)
		default:
			stood = append(stood, r.Key)
		}
	}
	return stood, err
}

// taken says that a route leads elsewhere.
func taken(p picked, key string) error {
	return &commands.Error{
		Kind: commands.Failed, Message: p.API.Name + " has a route " + commands.Mono(key) + " already, which leads elsewhere or lets others in.",
		Hint: "Remove it first: " + commands.Mono(removeLine(p, []string{key})) + ".",
	}
}

// before answers those of the routes that were there before the line.
func (c *RouteAdd) before(ctx context.Context, run *commands.Run, p picked) ([]string, error) {
	return commands.Repeat(ctx, run, "look at routes", func(ctx context.Context) ([]string, error) {
		all, err := c.cloud.APIRoutes(ctx, p.Target, p.API.ID)
		var keys []string
		for _, r := range all {
			keys = append(keys, r.Key)
		}
		return keys, err
	})
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
	before, err := c.before(ctx, run, p)
	if err != nil {
		return commands.Report{}, err
	}
	b := &builder{Routing: c.Routing, cloud: c.cloud, run: run, picked: p}
	if err := b.routes(ctx); err != nil {
		return b.halfway("Not finished: routes of "+p.API.Name, "", err)
	}
	return c.report(p, before)
}

// report tells what takes back what the line made: a route that was there before stays.
func (c *RouteAdd) report(p picked, before []string) (commands.Report, error) {
	keys, err := c.keys()
	if err != nil {
		return commands.Report{}, err
	}
	made := slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return slices.Contains(before, key) })
	report := commands.Report{
		Tone: commands.Good, Title: p.API.Name + " answers " + strings.Join(keys, ", "), Where: where.Words(p.Place),
		Body: commands.Blocks{commands.Fields{Fields: []commands.Field{{Name: "Authorisation", Value: c.authorityWords()}}}, commands.Code{Text: c.curl(p, keys[0])}},
		Next: []commands.Next{{Label: "Show", Line: p.line("api show")}},
	}
	if len(made) == 0 {
		report.Title += " already"
	} else {
		report.Undo = removeLine(p, made)
		report.Next = append(report.Next, commands.Next{Label: "Undo", Line: report.Undo, Confirm: "Remove " + strings.Join(made, ", ") + "?"})
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
	before, err := c.before(ctx, run, p)
	if err != nil {
		return commands.Report{}, err
	}
	return c.report(p, before)
}
