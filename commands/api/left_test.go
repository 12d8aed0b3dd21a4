package api

import (
	"context"
	"slices"
	"testing"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
)

// ruin is what removals that were cut short left: of the API gone1234 a permission and the access log, of a route of a1 a permission.
type ruin struct {
	gate
	grants []aws.Grant
	log    bool
	calls  []string
}

func (r *ruin) Functions(context.Context, aws.Target) ([]aws.Function, error) {
	return []aws.Function{{Name: "counter", ARN: "arn:aws:lambda:us-east-1:123456789012:function:counter"}}, nil
}

func (r *ruin) FunctionGrants(_ context.Context, _ aws.Target, function string) ([]aws.Grant, error) {
	if function == "counter" || function == "arn:aws:lambda:us-east-1:123456789012:function:counter" {
		return slices.Clone(r.grants), nil
	}
	return nil, nil
}

func (r *ruin) RevokeInvoke(_ context.Context, _ aws.Target, _, id string) error {
	r.calls = append(r.calls, "revoke "+id)
	r.grants = slices.DeleteFunc(r.grants, func(g aws.Grant) bool { return g.ID == id })
	return nil
}

func (r *ruin) LogGroup(_ context.Context, _ aws.Target, name string) (aws.LogGroup, error) {
	if r.log && name == "/aws/apigateway/gone1234" {
		return aws.LogGroup{Name: name, Tags: map[string]string{commands.RequestTag: "R-1"}}, nil
	}
	return aws.LogGroup{}, &commands.Error{Kind: commands.NotFound, Message: "none"}
}

func (r *ruin) DeleteLogGroup(_ context.Context, _ aws.Target, name string) error {
	r.log, r.calls = false, append(r.calls, "delete "+name)
	return nil
}

func (r *ruin) DeleteAPIIntegration(_ context.Context, _ aws.Target, _, id string) error {
	r.calls = append(r.calls, "delete "+id)
	return nil
}

func ruins() *ruin {
	const counter = "arn:aws:lambda:us-east-1:123456789012:function:counter"
	at := func(id string) picked {
		return picked{Place: aws.Place{Region: "us-east-1", AccountID: "123456789012"}, API: aws.API{ID: id}}
	}
	return &ruin{
		gate: gate{routes: []aws.APIRoute{{ID: "r1", Key: "GET /a", IntegrationID: "used", Authorization: "NONE"}}},
		grants: []aws.Grant{
			grantFor(at("a1"), "GET /a", counter), grantFor(at("a1"), "GET /b", counter), grantFor(at("gone1234"), "GET /{id}", counter), {ID: "theirs", Principal: "apigateway.amazonaws.com"},
		},
		log: true,
	}
}

// What a removal left that was cut short goes with the same line again.
func TestTheSameLineAgainFindsWhatARemovalLeft(t *testing.T) {
	t.Parallel()
	for name, k := range map[string]struct {
		line  func(Cloud) commands.Runner
		plan  string
		title string
		calls []string
	}{
		"an API by its id": {
			func(c Cloud) commands.Runner { return &Delete{Named: Named{Name: "gone1234"}, cloud: c} },
			"Would delete 1 permission that let gone1234 invoke functions", "Deleted 1 permission that let gone1234 invoke functions", []string{"revoke deckhand-api-gone1234-43d9c7ed"},
		},
		"an API and its log": {
			func(c Cloud) commands.Runner { return &Delete{Named: Named{Name: "gone1234"}, Logs: true, cloud: c} },
			"Would delete 1 permission that let gone1234 invoke functions and the access log /aws/apigateway/gone1234", "",
			[]string{"revoke deckhand-api-gone1234-43d9c7ed", "delete /aws/apigateway/gone1234"},
		},
		"a route": {
			func(c Cloud) commands.Runner { return NewRouteRemove(c, Named{}.Target, "myapi", "GET /b") },
			"Would remove the route GET /b of myapi", "Removed the route GET /b of myapi", []string{"revoke deckhand-api-a1-bc97dea4", "delete left"},
		},
	} {
		cloud := ruins()
		c := k.line(cloud)
		run := &commands.Run{Say: func(string) {}, Journal: commandstest.Journal{}}
		plan, planErr := c.(commands.Planner).Plan(t.Context(), run)
		report, err := c.Run(t.Context(), run)
		if planErr != nil || err != nil || plan.Title != k.plan || k.title != "" && report.Title != k.title || report.Undo != "" || !slices.Equal(cloud.calls, k.calls) {
			t.Errorf("%s: %q %v, %q %v, undone by %q, calls %q", name, plan.Title, planErr, report.Title, err, report.Undo, cloud.calls)
		}
		run = &commands.Run{Say: func(string) {}, Journal: commandstest.Journal{}}
		if _, err := c.Run(t.Context(), run); commands.Words(err).Kind != commands.NotFound {
			t.Errorf("%s, again: %v", name, err)
		}
	}
}

// A permission stands for nothing where its API, or its route, is gone; those of others are not judged.
func TestAPermissionWithoutItsRouteIsTold(t *testing.T) {
	t.Parallel()
	cloud := ruins()
	left, err := Left(cloud)(t.Context(), aws.Target{}, cloud.grants)
	if err != nil || len(left) != 2 || left[cloud.grants[0].ID] != "" {
		t.Fatalf("%v, %v", left, err)
	}
	commandstest.Want(t, left[cloud.grants[1].ID], "AWS shows no such route of the API ", "a1")
	commandstest.Want(t, left[cloud.grants[2].ID], "AWS shows no API ", "gone1234")
}
