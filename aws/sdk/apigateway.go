package sdk

import (
	"context"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
)

// API Gateway takes no idempotency tokens and lets two APIs have one name, so nothing here that makes something is repeated: who
// calls looks first what is there.

// pages calls look for every page of a list; look answers the token of the next one.
func pages(look func(token *string) (next *string, err error)) error {
	var token *string
	for {
		next, err := look(token)
		if err != nil || awssdk.ToString(next) == "" {
			return err
		}
		token = next
	}
}

// APIs answers every API of a region.
func (c *Cloud) APIs(ctx context.Context, t aws.Target) ([]aws.API, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	var all []aws.API
	err = pages(func(token *string) (*string, error) {
		out, err := ask(ctx, ready.apis.GetApis, &apigatewayv2.GetApisInput{NextToken: token})
		if err != nil {
			return nil, err
		}
		for _, a := range out.Items {
			all = append(all, aws.API{
				ID: awssdk.ToString(a.ApiId), Name: awssdk.ToString(a.Name), Description: awssdk.ToString(a.Description), Protocol: string(a.ProtocolType),
				Endpoint: awssdk.ToString(a.ApiEndpoint), CreatedAt: awssdk.ToTime(a.CreatedDate), Tags: a.Tags,
			})
		}
		return out.NextToken, nil
	})
	return all, err
}

// CreateAPI makes an empty HTTP API.
func (c *Cloud) CreateAPI(ctx context.Context, t aws.Target, a aws.API) (aws.API, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return a, err
	}
	c.making(freshAPI)
	out, err := change(ctx, ready.apis.CreateApi, &apigatewayv2.CreateApiInput{
		Name: &a.Name, ProtocolType: types.ProtocolTypeHttp, Description: optional(a.Description), Tags: a.Tags,
	})
	if err != nil {
		return a, err
	}
	a.ID, a.Endpoint, a.CreatedAt, a.Protocol = awssdk.ToString(out.ApiId), awssdk.ToString(out.ApiEndpoint), awssdk.ToTime(out.CreatedDate), string(out.ProtocolType)
	shown(ctx, c, ready.apis.GetRoutes, &apigatewayv2.GetRoutesInput{ApiId: out.ApiId})
	return a, nil
}

// DeleteAPI removes an API with everything in it. One that is gone already is no error.
func (c *Cloud) DeleteAPI(ctx context.Context, t aws.Target, id string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	_, err = repeat(ctx, ready.apis.DeleteApi, &apigatewayv2.DeleteApiInput{ApiId: &id})
	return unlessGone(err)
}

// APIRoutes answers the routes of an API.
func (c *Cloud) APIRoutes(ctx context.Context, t aws.Target, id string) ([]aws.APIRoute, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	var all []aws.APIRoute
	err = pages(func(token *string) (*string, error) {
		out, err := ask(ctx, ready.apis.GetRoutes, &apigatewayv2.GetRoutesInput{ApiId: &id, NextToken: token})
		if err != nil {
			return nil, err
		}
		for _, r := range out.Items {
			all = append(all, aws.APIRoute{
				ID: awssdk.ToString(r.RouteId), Key: awssdk.ToString(r.RouteKey), Authorization: string(r.AuthorizationType),
				AuthorizerID: awssdk.ToString(r.AuthorizerId), IntegrationID: afterSlash(awssdk.ToString(r.Target)),
			})
		}
		return out.NextToken, nil
	})
	return all, err
}

// afterSlash reads "integrations/ID".
func afterSlash(target string) string {
	for i := len(target) - 1; i >= 0; i-- {
		if target[i] == '/' {
			return target[i+1:]
		}
	}
	return target
}

// CreateAPIRoute adds a route. AWS refuses a second one of the same key.
func (c *Cloud) CreateAPIRoute(ctx context.Context, t aws.Target, id string, r aws.APIRoute) (aws.APIRoute, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return r, err
	}
	out, err := soon(ctx, c, change, ready.apis.CreateRoute, &apigatewayv2.CreateRouteInput{
		ApiId: &id, RouteKey: &r.Key, AuthorizationType: types.AuthorizationType(r.Authorization), AuthorizerId: optional(r.AuthorizerID),
		Target: awssdk.String("integrations/" + r.IntegrationID),
	})
	if err != nil {
		return r, err
	}
	r.ID = awssdk.ToString(out.RouteId)
	return r, nil
}

// DeleteAPIRoute removes a route. One that is gone already is no error.
func (c *Cloud) DeleteAPIRoute(ctx context.Context, t aws.Target, id, route string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	_, err = repeat(ctx, ready.apis.DeleteRoute, &apigatewayv2.DeleteRouteInput{ApiId: &id, RouteId: &route})
	return unlessGone(err)
}

// APIIntegrations answers what answers behind the routes of an API.
func (c *Cloud) APIIntegrations(ctx context.Context, t aws.Target, id string) ([]aws.APIIntegration, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	var all []aws.APIIntegration
	err = pages(func(token *string) (*string, error) {
		out, err := ask(ctx, ready.apis.GetIntegrations, &apigatewayv2.GetIntegrationsInput{ApiId: &id, NextToken: token})
		if err != nil {
			return nil, err
		}
		for _, i := range out.Items {
			all = append(all, aws.APIIntegration{
				ID: awssdk.ToString(i.IntegrationId), Kind: string(i.IntegrationType), Target: awssdk.ToString(i.IntegrationUri),
				Method: awssdk.ToString(i.IntegrationMethod), Payload: awssdk.ToString(i.PayloadFormatVersion),
			})
		}
		return out.NextToken, nil
	})
	return all, err
}

// CreateAPIIntegration puts an address, or a function, behind an API.
// Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations.html
func (c *Cloud) CreateAPIIntegration(ctx context.Context, t aws.Target, id string, i aws.APIIntegration) (aws.APIIntegration, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return i, err
	}
	in := &apigatewayv2.CreateIntegrationInput{
		ApiId: &id, IntegrationType: types.IntegrationType(i.Kind), IntegrationUri: &i.Target, PayloadFormatVersion: awssdk.String("1.0"),
	}
	if in.IntegrationType == types.IntegrationTypeAwsProxy {
		in.PayloadFormatVersion = awssdk.String("2.0")
	} else {
		in.IntegrationMethod = awssdk.String("ANY")
	}
	out, err := soon(ctx, c, change, ready.apis.CreateIntegration, in)
	if err != nil {
		return i, err
	}
	c.making(freshAPI)
	i.ID, i.Method, i.Payload = awssdk.ToString(out.IntegrationId), awssdk.ToString(out.IntegrationMethod), awssdk.ToString(out.PayloadFormatVersion)
	return i, nil
}

// DeleteAPIIntegration removes an integration. One that is gone already is no error; one that a route still uses is.
func (c *Cloud) DeleteAPIIntegration(ctx context.Context, t aws.Target, id, integration string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	_, err = repeat(ctx, ready.apis.DeleteIntegration, &apigatewayv2.DeleteIntegrationInput{ApiId: &id, IntegrationId: &integration})
	return unlessGone(err)
}
