package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
)

// APIAnswer is what an HTTP API answers to one call.
type APIAnswer struct {
	Status int
	Body   string
	// Forward is where an integration with a URL leads; Status is 0 then.
	Forward string
}

// HasAPI tells whether a host is the endpoint of an API, or a domain name that leads to one.
func (w *World) HasAPI(host string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, a := w.apiAt(host)
	return a != nil
}

// CallAPI calls the endpoint of an API as anybody on the internet would. A call that a JWT or a signature has to come with is refused: the pretend AWS
// knows nobody's keys.
// Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
func (w *World) CallAPI(host, method, path string) APIAnswer {
	w.mu.Lock()
	defer w.mu.Unlock()
	r, a := w.apiAt(host)
	if a == nil || !slices.ContainsFunc(a.stages, func(s types.Stage) bool { return *s.StageName == "$default" }) {
		return said(http.StatusNotFound, "Not Found")
	}
	route := a.routeFor(method, path)
	switch {
	case route == nil:
		return said(http.StatusNotFound, "Not Found")
	case route.AuthorizationType == types.AuthorizationTypeAwsIam:
		return said(http.StatusForbidden, "Forbidden")
	case route.AuthorizationType != types.AuthorizationTypeNone:
		return said(http.StatusUnauthorized, "Unauthorized")
	}
	i := slices.IndexFunc(a.integrations, func(i types.Integration) bool {
		return "integrations/"+*i.IntegrationId == awssdk.ToString(route.Target)
	})
	if i < 0 {
		return said(http.StatusInternalServerError, "Internal Server Error")
	}
	if a.integrations[i].IntegrationType == types.IntegrationTypeHttpProxy {
		return APIAnswer{Forward: awssdk.ToString(a.integrations[i].IntegrationUri)}
	}
	return r.callFunction(a, awssdk.ToString(a.integrations[i].IntegrationUri), method, path)
}

func said(status int, message string) APIAnswer {
	return APIAnswer{Status: status, Body: `{"message":"` + message + `"}`}
}

// apiAt is called with the lock held.
func (w *World) apiAt(host string) (*region, *gatewayAPI) {
	for _, r := range w.places {
		for _, a := range r.gatewayAPIs {
			if "https://"+strings.ToLower(host) == *a.ApiEndpoint {
				return r, a
			}
		}
	}
	return w.apiNamed(strings.ToLower(host))
}

// routeFor answers the route that fits best: the method's own, ANY, $default.
func (a *gatewayAPI) routeFor(method, path string) *types.Route {
	for _, key := range []string{method + " " + path, "ANY " + path, "$default"} {
		if i := slices.IndexFunc(a.routes, func(r types.Route) bool { return *r.RouteKey == key }); i >= 0 {
			return &a.routes[i]
		}
	}
	return nil
}

// callFunction runs a function that lets the API call it. What a function answers without a status is the body of a 200.
// Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
func (r *region) callFunction(a *gatewayAPI, uri, method, path string) APIAnswer {
	f, err := r.functionNamed(uri)
	source := "arn:aws:execute-api:" + r.name + ":" + r.account + ":" + *a.ApiId + "/$default/" + method + path
	if err != nil || !f.lets("apigateway.amazonaws.com", source) {
		return said(http.StatusInternalServerError, "Internal Server Error")
	}
	c, err := r.qualified(f, "")
	if err != nil {
		return said(http.StatusInternalServerError, "Internal Server Error")
	}
	p := r.play(f, c, r.now())
	f.count(functionCall{at: r.now(), resource: *f.FunctionName, version: *c.Version, failed: p.failure != ""})
	if p.failure != "" {
		return said(http.StatusInternalServerError, "Internal Server Error")
	}
	answer := struct {
		Status *int    `json:"statusCode"`
		Body   *string `json:"body"`
	}{}
	if json.Unmarshal(p.payload, &answer) != nil || answer.Status == nil {
		return APIAnswer{Status: http.StatusOK, Body: string(p.payload)}
	}
	return APIAnswer{Status: *answer.Status, Body: awssdk.ToString(answer.Body)}
}
