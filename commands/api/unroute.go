package api

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// RouteRemove is api route remove.
type RouteRemove struct {
	Named
	Route []string `flag:"route" alias:"route-key" raw:"" value:"KEY" help:"The route, such as \"GET /orders\"; several at once."`
	ID    []string `flag:"route-id" value:"ID" help:"The route by its id."`

	cloud Cloud
}

// NewRouteRemove is the command that removes a route from an API.
func NewRouteRemove(cloud Cloud, t where.Target, api, route string) *RouteRemove {
	return &RouteRemove{Named: Named{Target: t, Name: api}, Route: []string{route}, cloud: cloud}
}

// Validate refuses what is no route.
func (c *RouteRemove) Validate() error {
	if len(c.Route) == 0 && len(c.ID) == 0 {
		return commands.Misuse("The line does not say which route.", "Say it with "+commands.Mono(`--route "GET /orders"`)+".")
	}
	_, err := routeKeys(c.Route)
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
	Integration aws.APIIntegration // its ID is empty where a route that stays uses it too
	Function    string             // ARN, where one answers
	Authorizer  aws.APIAuthorizer
}

// leaving is the routes that go.
type leaving struct {
	picked
	Routes []standing
}

func (c *RouteRemove) look(ctx context.Context) (leaving, error) {
	p, err := c.find(ctx, c.cloud)
	l := leaving{picked: p}
	if err != nil {
		return l, err
	}
	keys, err := routeKeys(c.Route)
	if err != nil {
		return l, err
	}
	in, err := lookInside(ctx, c.cloud, p)
	if err != nil {
		return l, err
	}
	for _, id := range c.ID {
		i := slices.IndexFunc(in.routes, func(r aws.APIRoute) bool { return r.ID == id })
		if i < 0 {
			return l, noRoute(p, in, id)
		}
		keys = append(keys, in.routes[i].Key)
	}
	used := map[string]bool{} // integrations that routes which stay lead to
	for _, r := range in.routes {
		if !slices.Contains(keys, r.Key) {
			used[r.IntegrationID] = true
			continue
		}
		s := standing{picked: p, Route: r, Integration: in.integrations[r.IntegrationID], Authorizer: in.authorizers[r.AuthorizerID]}
		if s.Integration.Kind == "AWS_PROXY" {
			s.Function = s.Integration.Target
		}
		l.Routes = append(l.Routes, s)
	}
	for i, s := range l.Routes {
		if used[s.Integration.ID] {
			l.Routes[i].Integration.ID = ""
		}
		used[s.Integration.ID] = true // it is removed once
	}
	for _, key := range keys {
		if slices.ContainsFunc(l.Routes, func(s standing) bool { return s.Route.Key == key }) {
			continue
		}
		s, found, err := c.remains(ctx, p, in, key)
		if err != nil {
			return l, err
		}
		if !found {
			return l, noRoute(p, in, key)
		}
		if used[s.Integration.ID] {
			s.Integration.ID = ""
		}
		used[s.Integration.ID] = true
		l.Routes = append(l.Routes, s)
	}
	return l, nil
}

// remains is what the removal of a route left that was cut short: the permission that the route had, of a function behind the API. The route itself has
// no id then.
func (c *RouteRemove) remains(ctx context.Context, p picked, in inside, key string) (standing, bool, error) {
	for _, id := range slices.Sorted(maps.Keys(in.integrations)) {
		i := in.integrations[id]
		if i.Kind != "AWS_PROXY" {
			continue
		}
		stands, err := granted(ctx, c.cloud, p, i.Target, grantFor(p, key, i.Target).ID)
		if err != nil || stands {
			return standing{picked: p, Route: aws.APIRoute{Key: key}, Integration: i, Function: i.Target}, stands, err
		}
	}
	return standing{}, false, nil
}

func noRoute(p picked, in inside, word string) error {
	return &commands.Error{
		Kind: commands.NotFound, Message: p.API.Name + " has no route " + commands.Mono(word) + ".", Hint: "It has " + or(strings.Join(keysOf(in), ", "), "none") + ".",
	}
}

func (c *RouteRemove) pinnedRoutes(ctx context.Context, run *commands.Run) (leaving, error) {
	return commands.Repeat(ctx, run, "look at routes", func(ctx context.Context) (leaving, error) { return c.look(ctx) })
}

// names are the keys of the routes.
func (l leaving) names() string {
	var keys []string
	for _, s := range l.Routes {
		keys = append(keys, s.Route.Key)
	}
	return strings.Join(keys, ", ")
}

// addLine is the line that adds the route again.
func (s standing) addLine() string {
	return s.line("api route add") + commands.Flag("route", s.Route.Key) + s.rest()
}

// rest is what the line that adds the route says besides its key.
func (s standing) rest() string {
	line := commands.Flag("target-url", s.Integration.Target)
	if s.Function != "" {
		line = commands.Flag("function", s.Function[strings.LastIndex(s.Function, ":")+1:])
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

// addLines are the lines that add the routes again: one line for all that are alike.
func (l leaving) addLines() []string {
	var lines, rests []string
	for _, s := range l.Routes {
		if s.Route.ID == "" {
			continue // who might call it is not known
		}
		rest := s.rest()
		i := slices.Index(rests, rest)
		if i < 0 {
			i, rests, lines = len(rests), append(rests, rest), append(lines, l.line("api route add"))
		}
		lines[i] += commands.Flag("route", s.Route.Key)
	}
	for i := range lines {
		lines[i] += rests[i]
	}
	return lines
}

// Plan tells what would be removed.
func (c *RouteRemove) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	l, err := c.pinnedRoutes(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	text := fmt.Sprintf("Callers of %s get 404 then.", map[bool]string{true: "it", false: "them"}[len(l.Routes) == 1])
	for _, line := range l.addLines() {
		text += "\n" + commands.Mono(line) + " adds it again."
	}
	return commands.Report{
		Title: "Would remove " + l.title(), Where: where.Words(l.Place), Body: commands.Blocks{commands.Text{Text: text}},
	}, nil
}

func (l leaving) title() string {
	word := "the route "
	if len(l.Routes) > 1 {
		word = "the routes "
	}
	return word + l.names() + " of " + l.API.Name
}

// Run removes the routes, and what only they needed. Each removal may be repeated.
func (c *RouteRemove) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	l, err := c.pinnedRoutes(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	for i, s := range l.Routes {
		if s.Route.ID == "" {
			continue
		}
		_, err := commands.Repeat(ctx, run, "DeleteRoute "+s.Route.Key, func(ctx context.Context) (bool, error) {
			return true, c.cloud.DeleteAPIRoute(ctx, s.Target, s.API.ID, s.Route.ID)
		})
		if err != nil {
			return l.partly(i), err
		}
	}
	for _, s := range l.Routes {
		if s.Function == "" {
			continue
		}
		grant := grantFor(s.picked, s.Route.Key, s.Function).ID
		_, err := commands.Repeat(ctx, run, "RemovePermission "+grant, func(ctx context.Context) (bool, error) {
			return true, c.cloud.RevokeInvoke(ctx, s.Target, s.Function, grant)
		})
		if err != nil {
			return l.leftGrant(s.Function, grant), err
		}
	}
	for _, s := range l.Routes {
		if s.Integration.ID == "" {
			continue
		}
		_, err := commands.Repeat(ctx, run, "DeleteIntegration "+s.Integration.ID, func(ctx context.Context) (bool, error) {
			return true, c.cloud.DeleteAPIIntegration(ctx, s.Target, s.API.ID, s.Integration.ID)
		})
		if err != nil {
			return l.leftIntegration(), err
		}
	}
	return c.report(l), nil
}

// revokeLine is the line that takes a permission of a function away whose route or API is gone.
func revokeLine(p picked, function, grant string) string {
	return where.Line(p.Target, "lambda trigger remove "+function[strings.LastIndex(function, ":")+1:]+" --rule "+grant)
}

// partly says what stands where only so many routes were removed.
func (l leaving) partly(removed int) commands.Report {
	if removed == 0 {
		return commands.Report{}
	}
	gone, there := l, l
	gone.Routes, there.Routes = l.Routes[:removed], l.Routes[removed:]
	var keys []string
	for _, s := range there.Routes {
		keys = append(keys, s.Route.Key)
	}
	return commands.Report{Title: "Removed in part: " + gone.names(), Where: where.Words(l.Place), Body: commands.Blocks{commands.Text{
		Text: "Still there: " + there.names() + ". " + commands.Mono(removeLine(l.picked, keys)) + " removes the rest.",
	}}}
}

func (l leaving) left(what string) commands.Report {
	return commands.Report{Title: "Removed in part: " + l.names(), Where: where.Words(l.Place), Body: commands.Blocks{commands.Text{
		Text: "The route is gone and answers nobody; " + what,
	}}}
}

func (l leaving) leftGrant(function, grant string) commands.Report {
	on := revokeLine(l.picked, function, grant)
	report := l.left("the permission " + commands.Mono(grant) + " stands, which lets in a route that is no more. " + commands.Mono(on) + " removes it.")
	report.Next = append([]commands.Next{{Label: "Go on", Line: on, Style: "danger", Confirm: "Remove the permission?"}}, report.Next...)
	return report
}

func (l leaving) leftIntegration() commands.Report {
	return l.left("what stood behind it is left in the API. It does nothing by itself, a new route to the same place takes it again, and it goes when the API is deleted.")
}

func (c *RouteRemove) report(l leaving) commands.Report {
	report := commands.Report{Tone: commands.Good, Title: "Removed " + l.title(), Where: where.Words(l.Place)}
	lines := l.addLines()
	if len(lines) == 1 {
		report.Undo = lines[0]
	}
	for _, line := range lines {
		report.Next = append(report.Next, commands.Next{Label: "Undo", Line: line})
	}
	report.Next = append(report.Next, commands.Next{Label: "Show", Line: l.line("api show")})
	return report
}

// Check looks whether the routes are gone, and what only they needed.
func (c *RouteRemove) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	l, err := c.pinnedRoutes(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	in, err := lookInside(ctx, c.cloud, l.picked)
	if err != nil {
		return commands.Report{}, err
	}
	for _, s := range l.Routes {
		if slices.ContainsFunc(in.routes, func(r aws.APIRoute) bool { return r.ID == s.Route.ID }) {
			return commands.Report{}, &commands.Error{Kind: commands.Failed, Message: "The route " + commands.Mono(s.Route.Key) + " is still there.", Hint: "The same line again removes it."}
		}
	}
	for _, s := range l.Routes {
		grant := grantFor(s.picked, s.Route.Key, s.Function).ID
		switch stands, err := granted(ctx, c.cloud, s.picked, s.Function, grant); {
		case err != nil:
			return commands.Report{}, err
		case stands:
			return l.leftGrant(s.Function, grant), unfinished()
		case in.integrations[s.Integration.ID].ID != "":
			return l.leftIntegration(), unfinished()
		}
	}
	return c.report(l), nil
}

func unfinished() error {
	return &commands.Error{Kind: commands.Failed, Message: "Not everything is gone.", Hint: "What is left, and how it goes, is below."}
}

// granted tells whether a statement stands in the policy of a function; "" is none.
func granted(ctx context.Context, cloud Functions, p picked, function, id string) (bool, error) {
	if function == "" {
		return false, nil
	}
	all, err := cloud.FunctionGrants(ctx, p.Target, function)
	return slices.ContainsFunc(all, func(g aws.Grant) bool { return g.ID == id }), err
}
