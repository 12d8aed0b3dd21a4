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
	return p.line("api route remove") + commands.Flag("route", strings.Join(keys[:min(1, len(keys))], ""))
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
			{Label: "Show", Line: p.line("api show")}, {Label: "Undo", Line: c.undo(p), Confirm: "Remove the route " + keys[0] + "?"},
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

// RouteRemove is api route remove.
type RouteRemove struct {
	Named
	Route []string `flag:"route" alias:"route-key,route-id" raw:"" required:"" value:"KEY" help:"The route, such as \"GET /orders\"."`

	cloud Cloud
}

// NewRouteRemove is the command that removes a route from an API.
func NewRouteRemove(cloud Cloud, t where.Target, api, route string) *RouteRemove {
	return &RouteRemove{Named: Named{Target: t, Name: api}, Route: []string{route}, cloud: cloud}
}

// Validate refuses what is no route, and several at once.
func (c *RouteRemove) Validate() error {
	keys, err := routeKeys(c.Route)
	if err == nil && len(keys) != 1 {
		return commands.Misuse("One line removes one route.", "Send a line for each.")
	}
	return err
}

// Scope is the API.
func (c *RouteRemove) Scope(ctx context.Context) (commands.Scope, error) {
	return c.scope(ctx, c.cloud)
}

// standing is a route as it stood, with what goes together with it.
type standing struct {
	picked
	Route       aws.APIRoute
	Integration aws.APIIntegration // empty where another route uses it too
	Function    string             // ARN, where one answers
	Authorizer  aws.APIAuthorizer
}

func (c *RouteRemove) look(ctx context.Context) (standing, error) {
	p, err := c.find(ctx, c.cloud)
	s := standing{picked: p}
	if err != nil {
		return s, err
	}
	keys, err := routeKeys(c.Route)
	if err != nil {
		return s, err
	}
	routes, err := c.cloud.APIRoutes(ctx, p.Target, p.API.ID)
	if err != nil {
		return s, err
	}
	var known []string
	shared := 0
	for _, r := range routes {
		known = append(known, r.Key)
		if r.Key == keys[0] {
			s.Route = r
		}
	}
	if s.Route.ID == "" {
		return s, &commands.Error{
			Kind: commands.NotFound, Message: p.API.Name + " has no route " + commands.Mono(keys[0]) + ".", Hint: "It has " + or(strings.Join(known, ", "), "none") + ".",
		}
	}
	for _, r := range routes {
		if r.IntegrationID == s.Route.IntegrationID {
			shared++
		}
	}
	integrations, err := c.cloud.APIIntegrations(ctx, p.Target, p.API.ID)
	if err != nil {
		return s, err
	}
	for _, i := range integrations {
		if i.ID != s.Route.IntegrationID {
			continue
		}
		if i.Kind == "AWS_PROXY" {
			s.Function = i.Target
		}
		s.Integration = i
		if shared > 1 {
			s.Integration.ID = ""
		}
	}
	if s.Route.AuthorizerID != "" {
		s.Authorizer, err = c.cloud.APIAuthorizer(ctx, p.Target, p.API.ID, s.Route.AuthorizerID)
	}
	return s, err
}

func (c *RouteRemove) pinnedRoute(ctx context.Context, run *commands.Run) (standing, error) {
	return commands.Repeat(ctx, run, "look at route", func(ctx context.Context) (standing, error) { return c.look(ctx) })
}

// addLine is the line that adds the route again.
func (s standing) addLine() string {
	line := s.line("api route add") + commands.Flag("route", s.Route.Key)
	if s.Function != "" {
		line += commands.Flag("function", s.Function[strings.LastIndex(s.Function, ":")+1:])
	} else {
		line += commands.Flag("target-url", s.Integration.Target)
	}
	switch s.Route.Authorization {
	case byToken:
		return line + " --authorization jwt" + commands.Flag("issuer", s.Authorizer.Issuer) + commands.Flag("audience", strings.Join(s.Authorizer.Audience, ","))
	case byIAM:
		return line + " --authorization iam"
	default:
		return line + " --public"
	}
}

// Plan tells what would be removed.
func (c *RouteRemove) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	s, err := c.pinnedRoute(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	return commands.Report{
		Title: "Would remove the route " + s.Route.Key + " of " + s.API.Name, Where: where.Words(s.Place),
		Body: commands.Blocks{commands.Text{Text: "Callers of it get 404 then. " + commands.Mono(s.addLine()) + " adds it again."}},
	}, nil
}

// Run removes the route, and what only it needed. Each removal may be repeated.
func (c *RouteRemove) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	s, err := c.pinnedRoute(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	_, err = commands.Repeat(ctx, run, "DeleteRoute", func(ctx context.Context) (bool, error) {
		return true, c.cloud.DeleteAPIRoute(ctx, s.Target, s.API.ID, s.Route.ID)
	})
	if err != nil {
		return commands.Report{}, err
	}
	left := commands.Report{Title: "Removed in part: " + s.Route.Key, Where: where.Words(s.Place), Body: commands.Blocks{commands.Text{
		Text: "The route is gone and answers nobody; what stood behind it is left in the API, does nothing by itself, and goes when the API is deleted.",
	}}}
	if s.Integration.ID != "" {
		_, err := commands.Repeat(ctx, run, "DeleteIntegration", func(ctx context.Context) (bool, error) {
			return true, c.cloud.DeleteAPIIntegration(ctx, s.Target, s.API.ID, s.Integration.ID)
		})
		if err != nil {
			return left, err
		}
	}
	if s.Function != "" {
		_, err := commands.Repeat(ctx, run, "RemovePermission", func(ctx context.Context) (bool, error) {
			return true, c.cloud.RevokeInvoke(ctx, s.Target, s.Function, grantFor(s.picked, s.Route.Key).ID)
		})
		if err != nil {
			return left, err
		}
	}
	return c.report(s), nil
}

func (c *RouteRemove) report(s standing) commands.Report {
	return commands.Report{
		Tone: commands.Good, Title: "Removed the route " + s.Route.Key + " of " + s.API.Name, Where: where.Words(s.Place),
		Next: []commands.Next{{Label: "Undo", Line: s.addLine()}, {Label: "Show", Line: s.line("api show")}},
	}
}

// Check looks whether the route is gone.
func (c *RouteRemove) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	s, err := c.pinnedRoute(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	if _, err := c.look(ctx); err != nil && commands.Words(err).Kind == commands.NotFound {
		return c.report(s), nil
	} else if err != nil {
		return commands.Report{}, err
	}
	return commands.Report{}, &commands.Error{Kind: commands.Failed, Message: "The route is still there.", Hint: "The same line again removes it."}
}
