package sandbox

import (
	"slices"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	gateway "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
)

func addAPIDomains(table map[string]operation) {
	table["ApiGatewayV2.CreateDomainName"] = on(createDomainName)
	table["ApiGatewayV2.GetDomainName"] = on(getDomainName)
	table["ApiGatewayV2.GetDomainNames"] = on(getDomainNames)
	table["ApiGatewayV2.DeleteDomainName"] = on(deleteDomainName)
	table["ApiGatewayV2.CreateApiMapping"] = on(createAPIMapping)
	table["ApiGatewayV2.GetApiMappings"] = on(getAPIMappings)
	table["ApiGatewayV2.DeleteApiMapping"] = on(deleteAPIMapping)
}

// gatewayDomain is a domain name with where it leads. It answers as soon as it has settled and a record leads to it.
type gatewayDomain struct {
	types.DomainName
	mappings []types.ApiMapping
	made     time.Time
}

// facts are the domain name as it stands now.
func (d *gatewayDomain) facts(r *region) types.DomainName {
	now := d.DomainName
	now.DomainNameConfigurations = slices.Clone(now.DomainNameConfigurations)
	if r.now().Sub(d.made) >= r.world.options.Settle {
		now.DomainNameConfigurations[0].DomainNameStatus = types.DomainNameStatusAvailable
	}
	return now
}

func (r *region) domainNamed(name *string) (*gatewayDomain, error) {
	for _, d := range r.gatewayDomains {
		if *d.DomainName.DomainName == *name {
			return d, nil
		}
	}
	return nil, refuse("NotFoundException", "Invalid domain name identifier specified")
}

// createDomainName makes one with a regional endpoint. A name is taken in all accounts of a region.
// Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-regional-api-custom-domain-create.html
func createDomainName(r *region, in *gateway.CreateDomainNameInput) (*gateway.CreateDomainNameOutput, error) {
	name := *in.DomainName
	for _, other := range r.world.places {
		if _, err := other.domainNamed(&name); err == nil && other.name == r.name {
			return nil, refuse("ConflictException", "The domain name you provided already exists.")
		}
	}
	if len(in.DomainNameConfigurations) != 1 {
		return nil, badRequest("Expected one domain name configuration")
	}
	one := in.DomainNameConfigurations[0]
	_, parent, _ := strings.Cut(name, ".")
	switch {
	case name != strings.ToLower(name) || parent == "":
		return nil, badRequest("The provided domain name is not valid.")
	case one.EndpointType != types.EndpointTypeRegional:
		return nil, badRequest("The pretend AWS has regional endpoints only.")
	case awssdk.ToString(one.CertificateArn) != r.certificate():
		return nil, badRequest("The specified certificate does not exist in " + r.name + ".")
	case name != "example.com" && parent != "example.com":
		return nil, badRequest("The domain name to be created is not covered by the provided certificate.")
	}
	target := "d-" + r.short()
	one.ApiGatewayDomainName = awssdk.String(target + ".execute-api." + r.name + ".amazonaws.com")
	one.HostedZoneId, one.DomainNameStatus, one.IpAddressType = awssdk.String("Z1UJRXOUMOOFQ8"), types.DomainNameStatusUpdating, types.IpAddressTypeIpv4
	if one.SecurityPolicy == "" {
		one.SecurityPolicy = types.SecurityPolicyTls12
	}
	d := &gatewayDomain{made: r.now(), DomainName: types.DomainName{
		DomainName: &name, DomainNameConfigurations: []types.DomainNameConfiguration{one}, Tags: in.Tags, ApiMappingSelectionExpression: awssdk.String("$request.basepath"),
		DomainNameArn: awssdk.String("arn:aws:apigateway:" + r.name + "::/domainnames/" + name), RoutingMode: types.RoutingModeApiMappingOnly,
	}}
	r.gatewayDomains = append(r.gatewayDomains, d)
	return copied[gateway.CreateDomainNameOutput](d.facts(r)), nil
}

func getDomainName(r *region, in *gateway.GetDomainNameInput) (*gateway.GetDomainNameOutput, error) {
	d, err := r.domainNamed(in.DomainName)
	if err != nil {
		return nil, err
	}
	return copied[gateway.GetDomainNameOutput](d.facts(r)), nil
}

func getDomainNames(r *region, in *gateway.GetDomainNamesInput) (*gateway.GetDomainNamesOutput, error) {
	var all []types.DomainName
	for _, d := range r.gatewayDomains {
		all = append(all, d.facts(r))
	}
	part, next, err := page(all, in.NextToken, nil)
	return &gateway.GetDomainNamesOutput{Items: part, NextToken: next}, err
}

// deleteDomainName removes it with its mappings: AWS asks nobody.
func deleteDomainName(r *region, in *gateway.DeleteDomainNameInput) (*gateway.DeleteDomainNameOutput, error) {
	if _, err := r.domainNamed(in.DomainName); err != nil {
		return nil, err
	}
	r.gatewayDomains = slices.DeleteFunc(slices.Clone(r.gatewayDomains), func(d *gatewayDomain) bool { return *d.DomainName.DomainName == *in.DomainName })
	return &gateway.DeleteDomainNameOutput{}, nil
}

func createAPIMapping(r *region, in *gateway.CreateApiMappingInput) (*gateway.CreateApiMappingOutput, error) {
	d, err := r.domainNamed(in.DomainName)
	if err != nil {
		return nil, err
	}
	a, err := r.apiWith(*in.ApiId)
	if err != nil {
		return nil, err
	}
	switch {
	case !slices.ContainsFunc(a.stages, func(s types.Stage) bool { return *s.StageName == *in.Stage }):
		return nil, badRequest("Invalid stage identifier specified")
	case slices.ContainsFunc(d.mappings, func(m types.ApiMapping) bool {
		return awssdk.ToString(m.ApiMappingKey) == awssdk.ToString(in.ApiMappingKey)
	}):
		return nil, refuse("ConflictException", "ApiMapping key already exists for this domain name")
	}
	one := types.ApiMapping{ApiMappingId: awssdk.String(r.short()), ApiId: in.ApiId, Stage: in.Stage, ApiMappingKey: awssdk.String(awssdk.ToString(in.ApiMappingKey))}
	d.mappings = append(d.mappings, one)
	return copied[gateway.CreateApiMappingOutput](one), nil
}

func getAPIMappings(r *region, in *gateway.GetApiMappingsInput) (*gateway.GetApiMappingsOutput, error) {
	d, err := r.domainNamed(in.DomainName)
	if err != nil {
		return nil, err
	}
	part, next, err := page(d.mappings, in.NextToken, nil)
	return &gateway.GetApiMappingsOutput{Items: part, NextToken: next}, err
}

func deleteAPIMapping(r *region, in *gateway.DeleteApiMappingInput) (*gateway.DeleteApiMappingOutput, error) {
	d, err := r.domainNamed(in.DomainName)
	if err != nil {
		return nil, err
	}
	before := len(d.mappings)
	d.mappings = slices.DeleteFunc(slices.Clone(d.mappings), func(m types.ApiMapping) bool { return *m.ApiMappingId == *in.ApiMappingId })
	if len(d.mappings) == before {
		return nil, refuse("NotFoundException", "Invalid API mapping identifier specified")
	}
	return &gateway.DeleteApiMappingOutput{}, nil
}

// mapped tells whether a domain name leads to an API.
func (r *region) mapped(api string) bool {
	return slices.ContainsFunc(r.gatewayDomains, func(d *gatewayDomain) bool {
		return slices.ContainsFunc(d.mappings, func(m types.ApiMapping) bool { return *m.ApiId == api })
	})
}

// apiNamed answers the API that a domain name leads to, where it has settled and a record leads to it. The pretend AWS follows the mapping of every
// path, and none of a part of them. The caller holds the lock.
func (w *World) apiNamed(host string) (*region, *gatewayAPI) {
	for _, r := range w.places {
		d, err := r.domainNamed(&host)
		if err != nil {
			continue
		}
		one := d.facts(r).DomainNameConfigurations[0]
		at := slices.IndexFunc(d.mappings, func(m types.ApiMapping) bool { return *m.ApiMappingKey == "" && *m.Stage == "$default" })
		if at < 0 || one.DomainNameStatus != types.DomainNameStatusAvailable || !slices.Contains(w.aliasesOf(*one.ApiGatewayDomainName), host) {
			return nil, nil
		}
		if a, err := r.apiWith(*d.mappings[at].ApiId); err == nil {
			return r, a
		}
	}
	return nil, nil
}
