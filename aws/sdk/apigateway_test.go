package sdk_test

import (
	"net/http"
	"strings"
	"testing"

	"deckhand/aws"
	"deckhand/aws/sandbox"
	"deckhand/aws/sdk"
)

func TestAnAPIWithEverythingInIt(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		ctx := t.Context()
		a, err := c.CreateAPI(ctx, here, aws.API{Name: "myapi", Description: "for tests", Tags: map[string]string{"deckhand:request": "R-1"}})
		must(t, err)
		group, err := c.EnsureLogGroup(ctx, here, "/aws/apigateway/"+a.ID, 30, map[string]string{"deckhand:request": "R-1"})
		must(t, err)
		again, err := c.EnsureLogGroup(ctx, here, "/aws/apigateway/"+a.ID, 30, nil)
		must(t, err)
		read, err := c.LogGroup(ctx, here, "/aws/apigateway/"+a.ID)
		must(t, err)
		if read.ARN != group || read.Days != 30 || read.Tags["deckhand:request"] != "R-1" {
			t.Errorf("log group %+v", read)
		}
		_, err = c.LogGroup(ctx, here, "/aws/apigateway/")
		wantError(t, err, "not_found", "no log group")
		who, err := c.EnsureAPIAuthorizer(ctx, here, a.ID, aws.APIAuthorizer{Name: "jwt", Issuer: "https://issuer.example.com", Audience: []string{"me"}})
		must(t, err)
		behind, err := c.CreateAPIIntegration(ctx, here, a.ID, aws.APIIntegration{Kind: "HTTP_PROXY", Target: "http://myapp.example.com/"})
		must(t, err)
		route, err := c.CreateAPIRoute(ctx, here, a.ID, aws.APIRoute{Key: "GET /", Authorization: "JWT", AuthorizerID: who.ID, IntegrationID: behind.ID})
		must(t, err)
		_, err = c.CreateAPIStage(ctx, here, a.ID, aws.APIStage{Name: "$default", AutoDeploy: true, Rate: 50, Burst: 100, LogGroup: group, LogFormat: "{}"})
		must(t, err)
		if again != group || strings.HasSuffix(group, "*") {
			t.Errorf("log groups %s and %s", group, again)
		}

		apis, err := c.APIs(ctx, here)
		must(t, err)
		routes, err := c.APIRoutes(ctx, here, a.ID)
		must(t, err)
		integrations, err := c.APIIntegrations(ctx, here, a.ID)
		must(t, err)
		known, err := c.APIAuthorizer(ctx, here, a.ID, who.ID)
		must(t, err)
		twice, err := c.EnsureAPIAuthorizer(ctx, here, a.ID, aws.APIAuthorizer{Name: "jwt", Issuer: "https://issuer.example.com", Audience: []string{"me"}})
		must(t, err)
		_, err = c.EnsureAPIAuthorizer(ctx, here, a.ID, aws.APIAuthorizer{Name: "jwt", Issuer: "https://other.example.com", Audience: []string{"me"}})
		wantError(t, err, "failed", "unique")
		stages, err := c.APIStages(ctx, here, a.ID)
		must(t, err)
		if len(apis) != 1 || apis[0].Name != "myapi" || apis[0].Tags["deckhand:request"] != "R-1" || !strings.HasPrefix(apis[0].Endpoint, "https://"+a.ID+".execute-api.us-east-1.") {
			t.Errorf("apis %+v", apis)
		}
		if len(routes) != 1 || routes[0] != route || len(integrations) != 1 || integrations[0] != behind {
			t.Errorf("routes %+v, integrations %+v", routes, integrations)
		}
		if known.Issuer != who.Issuer || twice.ID != who.ID || len(stages) != 1 || stages[0].Rate != 50 || stages[0].Burst != 100 || stages[0].LogGroup != group || !stages[0].AutoDeploy {
			t.Errorf("authorizers %+v and %+v, stages %+v", known, twice, stages)
		}
		_, err = c.CreateAPIRoute(ctx, here, a.ID, aws.APIRoute{Key: "GET /", Authorization: "NONE", IntegrationID: behind.ID})
		wantError(t, err, "failed", "already exists")
		wantError(t, c.DeleteAPIIntegration(ctx, here, a.ID, behind.ID), "failed", "referenced")
		for range 2 {
			must(t, c.DeleteAPIRoute(ctx, here, a.ID, route.ID))
			must(t, c.DeleteAPIIntegration(ctx, here, a.ID, behind.ID))
			must(t, c.DeleteLogGroup(ctx, here, "/aws/apigateway/"+a.ID))
		}
		must(t, c.DeleteAPI(ctx, here, a.ID))
		must(t, c.DeleteAPI(ctx, here, a.ID))
	})
}

func TestAnAPIIsNotMadeTwiceWhenTheAnswerIsLost(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		w.LoseAnswer("CreateApi", 1)
		_, err := c.CreateAPI(t.Context(), here, aws.API{Name: "myapi"})
		wantError(t, err, "uncertain", "may have been done")
		apis, err := c.APIs(t.Context(), here)
		must(t, err)
		if len(apis) != 1 {
			t.Errorf("there are %d", len(apis))
		}
	})
}

// Without a time CloudWatch keeps lines for ever: a group that a broken-off run made gets its time from the next one.
func TestALogGroupThatIsHalfMadeGetsItsTime(t *testing.T) {
	t.Parallel()
	for keeps, want := range map[string]int{"": 1, `,"retentionInDays":7`: 0} {
		e, c := exchanging(t, map[string]http.HandlerFunc{
			"CreateLogGroup":     refusing(http.StatusBadRequest, "ResourceAlreadyExistsException", "it is there"),
			"DescribeLogGroups":  answering(http.StatusOK, `{"logGroups":[{"logGroupName":"/aws/apigateway/a1","arn":"arn:aws:logs:us-east-1:123456789012:log-group:/aws/apigateway/a1:*"`+keeps+`}]}`),
			"PutRetentionPolicy": answering(http.StatusOK, ""),
		})
		arn, err := c.EnsureLogGroup(t.Context(), here, "/aws/apigateway/a1", 30, nil)
		must(t, err)
		if n := len(e.bodies("PutRetentionPolicy")); n != want || arn != "arn:aws:logs:us-east-1:123456789012:log-group:/aws/apigateway/a1" {
			t.Errorf("%q: %s, %d calls", keeps, arn, n)
		}
	}
}
