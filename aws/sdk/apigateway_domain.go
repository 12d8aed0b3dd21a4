package sdk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
)

// There is one domain name of a name in a region, and one mapping of a path at a domain name: AWS refuses the second with ConflictException,
// so that making them may be asked for again where its answer was lost.

// domainOf reads a domain name by its first configuration: those of HTTP APIs have one.
func domainOf(name *string, all []types.DomainNameConfiguration, tags map[string]string) aws.APIDomain {
	d := aws.APIDomain{Name: awssdk.ToString(name), Tags: tags}
	if len(all) > 0 {
		one := all[0]
		d.Target, d.TargetZone, d.Certificate = bare(one.ApiGatewayDomainName), awssdk.ToString(one.HostedZoneId), awssdk.ToString(one.CertificateArn)
		d.Endpoint, d.TLS = string(one.EndpointType), string(one.SecurityPolicy)
		d.Status, d.Why = string(one.DomainNameStatus), awssdk.ToString(one.DomainNameStatusMessage)
	}
	return d
}

// APIDomains answers every domain name of API Gateway in a region.
func (c *Cloud) APIDomains(ctx context.Context, t aws.Target) ([]aws.APIDomain, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	var all []aws.APIDomain
	err = pages(func(token *string) (*string, error) {
		out, err := ask(ctx, ready.apis.GetDomainNames, &apigatewayv2.GetDomainNamesInput{NextToken: token})
		if err != nil {
			return nil, err
		}
		for _, d := range out.Items {
			all = append(all, domainOf(d.DomainName, d.DomainNameConfigurations, d.Tags))
		}
		return out.NextToken, nil
	})
	return all, err
}

// APIDomain answers one domain name; an error of kind not_found where the region has none of this name.
func (c *Cloud) APIDomain(ctx context.Context, t aws.Target, name string) (aws.APIDomain, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return aws.APIDomain{}, err
	}
	out, err := ask(ctx, ready.apis.GetDomainName, &apigatewayv2.GetDomainNameInput{DomainName: &name})
	if err != nil {
		return aws.APIDomain{}, err
	}
	return domainOf(out.DomainName, out.DomainNameConfigurations, out.Tags), nil
}

// turn is how long a domain name is waited for while AWS asks callers to slow down: it makes one in 30 seconds for an account.
// Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
const turn = 2 * time.Minute

// CreateAPIDomain makes a domain name with a regional endpoint that speaks TLS 1.2 or later. It waits for its turn, at most for two minutes.
func (c *Cloud) CreateAPIDomain(ctx context.Context, t aws.Target, d aws.APIDomain) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	in := &apigatewayv2.CreateDomainNameInput{
		DomainName: &d.Name, Tags: d.Tags,
		DomainNameConfigurations: []types.DomainNameConfiguration{{
			CertificateArn: &d.Certificate, EndpointType: types.EndpointTypeRegional, SecurityPolicy: types.SecurityPolicyTls12,
		}},
	}
	for begun := time.Now(); ; {
		_, err := sought(ctx, ready.apis.CreateDomainName, in)
		if !throttling(codeOf(err)) || time.Since(begun) > turn {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(c.settings.PollMax):
		}
	}
}

// WaitForAPIDomain waits until a domain name answers, or until ctx is done. Progress, which may be nil, is told after each look. The answer is
// what was seen last.
func (c *Cloud) WaitForAPIDomain(ctx context.Context, t aws.Target, name string, progress func(aws.APIDomain)) (aws.APIDomain, error) {
	var seen aws.APIDomain
	begun := time.Now()
	err := c.poll(ctx, func() (bool, error) {
		d, err := c.APIDomain(ctx, t, name)
		if err != nil {
			e := new(Error)
			return errors.As(err, &e) && e.kind == kindNotFound && time.Since(begun) > grace, unlessGone(err)
		}
		if seen = d; progress != nil {
			progress(d)
		}
		switch d.Status {
		case "UPDATING":
			return false, nil
		case "AVAILABLE", "":
			return true, nil
		}
		return true, &Error{
			kind: kindFailed, message: fmt.Sprintf("The domain name %s is %s: %s", name, d.Status, sentence(redact(d.Why))), hint: "AWS wants that settled in API Gateway first.",
		}
	})
	if err != nil && errors.Is(err, ctx.Err()) {
		err = &Error{
			kind: kindFailed, message: fmt.Sprintf("The domain name %s is still %s after %s.", name, seen.Status, time.Since(begun).Round(time.Second)),
			hint: "It may still get there.", err: err,
		}
	}
	return seen, err
}

// DeleteAPIDomain removes a domain name, with every mapping of it. One that is gone already is no error.
func (c *Cloud) DeleteAPIDomain(ctx context.Context, t aws.Target, name string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	_, err = repeat(ctx, ready.apis.DeleteDomainName, &apigatewayv2.DeleteDomainNameInput{DomainName: &name})
	return unlessGone(err)
}

// APIMappings answers where a domain name leads. One that is not there leads nowhere.
func (c *Cloud) APIMappings(ctx context.Context, t aws.Target, domain string) ([]aws.APIMapping, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	var all []aws.APIMapping
	err = pages(func(token *string) (*string, error) {
		out, err := ask(ctx, ready.apis.GetApiMappings, &apigatewayv2.GetApiMappingsInput{DomainName: &domain, NextToken: token})
		if err != nil {
			return nil, unlessGone(err)
		}
		for _, m := range out.Items {
			key := awssdk.ToString(m.ApiMappingKey)
			if key == "(none)" { // as the API of REST APIs writes it
				key = ""
			}
			all = append(all, aws.APIMapping{ID: awssdk.ToString(m.ApiMappingId), API: awssdk.ToString(m.ApiId), Stage: awssdk.ToString(m.Stage), Key: key})
		}
		return out.NextToken, nil
	})
	return all, err
}

// CreateAPIMapping leads a domain name on to a stage of an API.
func (c *Cloud) CreateAPIMapping(ctx context.Context, t aws.Target, domain string, m aws.APIMapping) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	_, err = sought(ctx, ready.apis.CreateApiMapping, &apigatewayv2.CreateApiMappingInput{
		DomainName: &domain, ApiId: &m.API, Stage: &m.Stage, ApiMappingKey: optional(m.Key),
	})
	return err
}

// DeleteAPIMapping removes a mapping. One that is gone already is no error.
func (c *Cloud) DeleteAPIMapping(ctx context.Context, t aws.Target, domain, id string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	_, err = repeat(ctx, ready.apis.DeleteApiMapping, &apigatewayv2.DeleteApiMappingInput{DomainName: &domain, ApiMappingId: &id})
	return unlessGone(err)
}
