package export

import (
	"context"
	"maps"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
)

var (
	httpAPI     = kind{"aws_apigatewayv2_api", "AWS::ApiGatewayV2::Api", "ApiId", asMap}                            //nolint:gochecknoglobals // a constant
	integration = kind{"aws_apigatewayv2_integration", "AWS::ApiGatewayV2::Integration", "IntegrationId", untagged} //nolint:gochecknoglobals // a constant
	route       = kind{"aws_apigatewayv2_route", "AWS::ApiGatewayV2::Route", "RouteId", untagged}                   //nolint:gochecknoglobals // a constant
	authorizer  = kind{"aws_apigatewayv2_authorizer", "AWS::ApiGatewayV2::Authorizer", "AuthorizerId", untagged}    //nolint:gochecknoglobals // a constant
	stage       = kind{"aws_apigatewayv2_stage", "AWS::ApiGatewayV2::Stage", "StageName", untagged}                 //nolint:gochecknoglobals // a constant
)

// api is an HTTP API with what is in it.
type api struct {
	aws.API
	routes       []aws.APIRoute
	integrations []aws.APIIntegration
	authorizers  []aws.APIAuthorizer
	stages       []aws.APIStage
	groups       []aws.LogGroup
	grants       map[string][]aws.Grant // by function
	words        []string               // what is there and cannot be written
}

func (c *Export) apisOf(ctx context.Context, t aws.Target, by maker) ([]api, error) {
	all, err := c.cloud.APIs(ctx, t)
	if err != nil {
		return nil, err
	}
	var out []api
	by.sift(&all)
	for _, a := range all {
		if a.Protocol != "HTTP" {
			continue
		}
		one := api{API: a, grants: map[string][]aws.Grant{}}
		if one.routes, err = c.cloud.APIRoutes(ctx, t, a.ID); err != nil {
			return nil, err
		}
		if one.integrations, err = c.cloud.APIIntegrations(ctx, t, a.ID); err != nil {
			return nil, err
		}
		if one.stages, err = c.cloud.APIStages(ctx, t, a.ID); err != nil {
			return nil, err
		}
		if err := c.authorizing(ctx, t, &one); err != nil {
			return nil, err
		}
		c.logging(ctx, t, by, &one)
		c.invoking(ctx, t, &one)
		out = append(out, one)
	}
	return out, nil
}

// authorizing adds the authorisers that the routes use. Only those that read tokens are written.
func (c *Export) authorizing(ctx context.Context, t aws.Target, a *api) error {
	seen := map[string]bool{"": true}
	for _, r := range a.routes {
		if seen[r.AuthorizerID] {
			continue
		}
		seen[r.AuthorizerID] = true
		found, err := c.cloud.APIAuthorizer(ctx, t, a.ID, r.AuthorizerID)
		if err != nil {
			return err
		}
		if found.Issuer == "" {
			a.words = append(a.words, "The authoriser "+r.AuthorizerID+" of "+a.Name+" is not written: it reads no tokens of an issuer.")
			continue
		}
		a.authorizers = append(a.authorizers, found)
	}
	return nil
}

// invoking adds what lets the API invoke the functions behind it. Where that cannot be read, that is a note.
func (c *Export) invoking(ctx context.Context, t aws.Target, a *api) {
	for _, i := range a.integrations {
		name := functionName(i.Target)
		if name == "" || a.grants[name] != nil {
			continue
		}
		all, err := c.cloud.FunctionGrants(ctx, t, name)
		if err != nil {
			a.words = append(a.words, "What lets "+a.Name+" invoke "+name+" is not written: "+commands.Words(err).Message)
		}
		a.grants[name] = []aws.Grant{}
		for _, g := range all {
			if plainGrant(g) && strings.Contains(g.SourceARN, ":"+a.ID+"/") {
				a.grants[name] = append(a.grants[name], g)
			}
		}
	}
}

// functionName reads arn:aws:lambda:REGION:ACCOUNT:function:NAME, and the form that has it inside another ARN; "" of everything else.
func functionName(target string) string {
	_, rest, found := strings.Cut(target, ":function:")
	if !found || !strings.Contains(target, ":lambda:") {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	name, _, _ = strings.Cut(name, ":")
	return name
}

func (a api) notes() []string { return a.words }

// things adds the API and what is in it.
func (a api) things(add adding) {
	whole, own := ref(a.ID), attr{"api_id", "ApiId", ref(a.ID)}
	in := func(id string) ref { return ref(a.ID + "/" + id) } // their ids are told apart from those of other APIs
	known := func(key, id string) (string, map[string]string) {
		return a.ID + "/" + id, map[string]string{"ApiId": a.ID, key: id}
	}
	add(httpAPI, string(whole), a.Name, a.Tags, attr{"name", "Name", a.Name}, attr{"description", "Description", a.Description}, attr{"protocol_type", "ProtocolType", a.Protocol})
	for _, i := range a.integrations {
		add(integration, string(in(i.ID)), a.Name+"-"+i.ID, nil, own, attr{"integration_type", "IntegrationType", i.Kind}, attr{"integration_uri", "IntegrationUri", i.Target},
			attr{"integration_method", "IntegrationMethod", i.Method}, attr{"payload_format_version", "PayloadFormatVersion", i.Payload}).identified(known("IntegrationId", i.ID))
	}
	for _, v := range a.authorizers {
		add(authorizer, string(in(v.ID)), a.Name+"-"+v.Name, nil, own, attr{"name", "Name", v.Name}, attr{"authorizer_type", "AuthorizerType", "JWT"},
			attr{"identity_sources", "IdentitySource", texts{"$request.header.Authorization"}},
			attr{"jwt_configuration", "JwtConfiguration", nested{{"issuer", "Issuer", v.Issuer}, {"audience", "Audience", texts(v.Audience)}}}).identified(known("AuthorizerId", v.ID))
	}
	for _, r := range a.routes {
		var by, target any = "", ""
		if r.AuthorizerID != "" {
			by = part{in(r.AuthorizerID), "id", "AuthorizerId", r.AuthorizerID}
		}
		if r.IntegrationID != "" {
			target = prefixed{"integrations/", part{in(r.IntegrationID), "id", "IntegrationId", r.IntegrationID}}
		}
		add(route, string(in(r.ID)), a.Name+"-"+r.Key, nil, own, attr{"route_key", "RouteKey", r.Key}, attr{"target", "Target", target},
			attr{"authorization_type", "AuthorizationType", r.Authorization}, attr{"authorizer_id", "AuthorizerId", by}).identified(known("RouteId", r.ID))
	}
	groupThings(a.groups, add)
	for _, s := range a.stages {
		throttle := nested{{"throttling_rate_limit", "ThrottlingRateLimit", s.Rate}, {"throttling_burst_limit", "ThrottlingBurstLimit", s.Burst}}
		logs := nested(append(destination(s.LogGroup), attr{"format", "Format", s.LogFormat}))
		add(stage, a.ID+"/stage/"+s.Name, a.Name+"-"+s.Name, nil, own, attr{"name", "StageName", s.Name}, attr{"auto_deploy", "AutoDeploy", s.AutoDeploy},
			attr{"default_route_settings", "DefaultRouteSettings", throttle}, attr{"access_log_settings", "AccessLogSettings", logs}).identified(known("StageName", s.Name))
	}
	for _, name := range slices.Sorted(maps.Keys(a.grants)) {
		for _, g := range a.grants[name] {
			permit(add, name, part{"", "", "", name}, g)
		}
	}
}
