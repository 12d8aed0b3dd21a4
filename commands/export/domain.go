package export

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
)

var (
	domainName = kind{"aws_apigatewayv2_domain_name", "AWS::ApiGatewayV2::DomainName", "DomainName", asMap}      //nolint:gochecknoglobals // a constant
	mapping    = kind{"aws_apigatewayv2_api_mapping", "AWS::ApiGatewayV2::ApiMapping", "ApiMappingId", untagged} //nolint:gochecknoglobals // a constant
	aliased    = kind{"aws_route53_record", "", "", untagged}                                                    //nolint:gochecknoglobals // a constant
)

// domain is a domain name of APIs with where it leads, and the record that leads to it.
type domain struct {
	aws.APIDomain
	mappings []aws.APIMapping
	zone     string // of the record; "" where there is none
	words    string // why the record is not written
}

// domains are those that carry the request's tag.
func (c *Export) domains(ctx context.Context, t aws.Target, by maker) ([]domain, error) {
	all, err := c.cloud.APIDomains(ctx, t)
	if err != nil {
		return nil, err
	}
	var out []domain
	by.sift(&all)
	for _, d := range all {
		one := domain{APIDomain: d}
		if one.mappings, err = c.cloud.APIMappings(ctx, t, d.Name); err != nil {
			return nil, err
		}
		zone, err := c.cloud.HostedZone(ctx, t, d.Name)
		var there []aws.Record
		if err == nil {
			there, err = c.cloud.Records(ctx, t, zone.ID, d.Name)
		}
		switch {
		case err != nil:
			one.words = "The record " + d.Name + " is not written: " + commands.Words(err).Message
		case slices.ContainsFunc(there, func(r aws.Record) bool { return r.Type == "A" && r.Plain && strings.EqualFold(r.AliasName, d.Target) }):
			one.zone = zone.ID
		default:
			one.words = "The record " + d.Name + " is not written: it does not lead to the domain name now."
		}
		out = append(out, one)
	}
	return out, ctx.Err()
}

// things adds the domain name, its mappings and its record.
func (d domain) things(add adding) {
	config := listed{nested{{"certificate_arn", "CertificateArn", d.Certificate}, {"endpoint_type", "EndpointType", d.Endpoint}, {"security_policy", "SecurityPolicy", d.TLS}}}
	add(domainName, d.Name, d.Name, d.Tags, attr{"domain_name", "DomainName", d.Name}, attr{"domain_name_configuration", "DomainNameConfigurations", config})
	own := attr{"domain_name", "DomainName", ref(d.Name)}
	for _, m := range d.mappings {
		add(mapping, m.ID+"/"+d.Name, d.Name+"-"+cmp.Or(m.Key, "root"), nil, attr{"api_id", "ApiId", ref(m.API)}, own, attr{"stage", "Stage", part{ref(m.API + "/stage/" + m.Stage), "id", "", m.Stage}}, attr{"api_mapping_key", "ApiMappingKey", m.Key}).
			identified(m.ID+"/"+d.Name, map[string]string{"ApiMappingId": m.ID, "DomainName": d.Name})
	}
	if d.zone == "" {
		return
	}
	target := func(what, otherwise string) part {
		return part{ref(d.Name), "domain_name_configuration[0]." + what, "", otherwise}
	}
	add(aliased, d.zone+"_"+d.Name+"_A", d.Name, nil, attr{"zone_id", "", d.zone}, attr{"name", "", d.Name}, attr{"type", "", "A"},
		attr{"alias", "", nested{{"name", "", target("target_domain_name", d.Target)}, {"zone_id", "", target("hosted_zone_id", d.TargetZone)}, {"evaluate_target_health", "", false}}})
}
