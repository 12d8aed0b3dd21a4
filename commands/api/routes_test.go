package api

import (
	"context"
	"slices"
	"testing"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
)

// gate is an API with routes to a function, of which a run that was cut short left a second integration.
type gate struct {
	Cloud
	routes []aws.APIRoute
}

func (g *gate) Place(context.Context, aws.Target) aws.Place {
	return aws.Place{Region: "us-east-1", AccountID: "123456789012"}
}

func (g *gate) APIs(context.Context, aws.Target) ([]aws.API, error) {
	return []aws.API{{ID: "a1", Name: "myapi"}}, nil
}

func (g *gate) Function(_ context.Context, _ aws.Target, name, _ string) (aws.Function, error) {
	return aws.Function{Name: name, ARN: "arn:aws:lambda:us-east-1:123456789012:function:" + name}, nil
}

func (g *gate) APIRoutes(context.Context, aws.Target, string) ([]aws.APIRoute, error) {
	return g.routes, nil
}

func (g *gate) APIIntegrations(context.Context, aws.Target, string) ([]aws.APIIntegration, error) {
	const counter, other = "arn:aws:lambda:us-east-1:123456789012:function:counter", "arn:aws:lambda:us-east-1:123456789012:function:other"
	return []aws.APIIntegration{{ID: "left", Kind: "AWS_PROXY", Target: counter}, {ID: "used", Kind: "AWS_PROXY", Target: counter}, {ID: "other", Kind: "AWS_PROXY", Target: other}}, nil
}

func (g *gate) APIStages(context.Context, aws.Target, string) ([]aws.APIStage, error) {
	return nil, nil
}

func (g *gate) GrantInvoke(context.Context, aws.Target, string, aws.Grant, string) error { return nil }

func (g *gate) CreateAPIRoute(_ context.Context, _ aws.Target, _ string, r aws.APIRoute) (aws.APIRoute, error) {
	g.routes = append(g.routes, r)
	return r, nil
}

// A route that was there before a line is not taken away by what undoes the line.
func TestOnlyARouteThatTheLineMadeIsUndone(t *testing.T) {
	t.Parallel()
	for name, k := range map[string]struct {
		there             aws.APIRoute
		plan, title, undo string
		refused           bool
	}{
		"none was there":    {aws.APIRoute{}, "Would add 2 routes to myapi", "myapi answers GET /a, GET /b", `api route remove myapi --route "GET /a" --route "GET /b"`, false},
		"one was there":     {aws.APIRoute{Key: "GET /a", IntegrationID: "used", Authorization: "NONE"}, "Would add 1 route to myapi", "myapi answers GET /a, GET /b", `api route remove myapi --route "GET /b"`, false},
		"it leads away":     {aws.APIRoute{Key: "GET /a", IntegrationID: "other", Authorization: "NONE"}, "", "", "", true},
		"it lets others in": {aws.APIRoute{Key: "GET /a", IntegrationID: "used", Authorization: "AWS_IAM"}, "", "", "", true},
	} {
		cloud := &gate{}
		if k.there.Key != "" {
			cloud.routes = []aws.APIRoute{k.there}
		}
		c := &RouteAdd{Named: Named{Name: "myapi"}, Routing: Routing{Route: []string{"GET /a", "GET /b"}, Function: "counter", Public: true}, cloud: cloud}
		run := &commands.Run{Say: func(string) {}, Journal: commandstest.Journal{}}
		plan, planErr := c.Plan(t.Context(), run)
		report, err := c.Run(t.Context(), run)
		if k.refused {
			commandstest.Want(t, planErr.Error()+err.Error(), "has a route", "leads elsewhere or lets others in")
			continue
		}
		if planErr != nil || err != nil || plan.Title != k.plan || report.Title != k.title || report.Undo != k.undo {
			t.Errorf("%s: %q %v, %q %v, undone by %q", name, plan.Title, planErr, report.Title, err, report.Undo)
		}
		plan, err = c.Plan(t.Context(), run)
		if want := "Would change nothing: myapi answers GET /a, GET /b already"; err != nil || plan.Title != want || len(cloud.routes) != 2 {
			t.Errorf("%s, again: %q, %v, %d routes", name, plan.Title, err, len(cloud.routes))
		}
		run = &commands.Run{Say: func(string) {}, Journal: commandstest.Journal{}}
		report, err = c.Run(t.Context(), run)
		if err != nil || report.Undo != "" || slices.ContainsFunc(report.Next, func(n commands.Next) bool { return n.Label == "Undo" }) {
			t.Errorf("%s, again: %q is undone by %q, %v", name, report.Title, report.Undo, err)
		}
	}
}
