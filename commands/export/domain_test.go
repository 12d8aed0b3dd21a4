package export

import (
	"strings"
	"testing"

	"deckhand/aws"
	"deckhand/commands"
)

// doorplate is an API with a domain name that the same request made, and one of another request.
func doorplate() region {
	r := gate()
	ours := map[string]string{commands.RequestTag: "R-42", commands.OwnerTag: "U1", "env": "dev"}
	r.domains = []domain{
		{
			APIDomain: aws.APIDomain{Name: "api.example.com", Target: "d-1.execute-api.us-east-1.amazonaws.com", TargetZone: "Z9", Certificate: "arn:aws:acm:us-east-1:1:certificate/c", Endpoint: "REGIONAL", TLS: "TLS_1_2", Tags: ours},
			mappings:  []aws.APIMapping{{ID: "m1", API: "a1", Stage: "$default"}, {ID: "m2", API: "b7", Stage: "prod", Key: "v2"}},
		},
		{APIDomain: aws.APIDomain{Name: "other.example.com", Tags: map[string]string{commands.RequestTag: "R-7"}}},
	}
	r.balanced.records = []record{{Record: aws.Record{Name: "api.example.com", Type: "A", AliasName: "d-1.execute-api.us-east-1.amazonaws.com", AliasZone: "Z9", Plain: true}}}
	return r
}

func TestADomainNameAsTerraform(t *testing.T) {
	t.Parallel()
	report, err := exportedFrom(t, doorplate(), "export R-42 --as terraform")
	if err != nil {
		t.Fatal(err)
	}
	text := file(t, report, "r-42.tf")
	whole(t, text, 13, 0)
	for _, want := range []string{
		"to = aws_apigatewayv2_domain_name.api_example_com\n  id = \"api.example.com\"", "domain_name_configuration {\n    certificate_arn = \"arn:aws:acm:us-east-1:1:certificate/c\"\n    endpoint_type = \"REGIONAL\"\n    security_policy = \"TLS_1_2\"\n  }",
		`id = "m1/api.example.com"`, "domain_name = aws_apigatewayv2_domain_name.api_example_com.id", "stage = aws_apigatewayv2_stage.myapi__default.id", `api_id = "b7"`, `api_mapping_key = "v2"`,
		`id = "Z1_api.example.com_A"`, "name = aws_apigatewayv2_domain_name.api_example_com.domain_name_configuration[0].target_domain_name", "zone_id = aws_apigatewayv2_domain_name.api_example_com.domain_name_configuration[0].hosted_zone_id",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	if strings.Contains(text, "other.example.com") {
		t.Error(text)
	}
}

func TestADomainNameAsCloudFormation(t *testing.T) {
	t.Parallel()
	report, err := exportedFrom(t, doorplate(), "export R-42 --as cloudformation")
	if err != nil {
		t.Fatal(err)
	}
	imports, _ := formation(t, report, 12)
	found := 0
	for _, i := range imports {
		id := i.ResourceIdentifier
		if i.ResourceType == "AWS::ApiGatewayV2::ApiMapping" && id["ApiMappingId"] != "" && id["DomainName"] == "api.example.com" || i.ResourceType == "AWS::ApiGatewayV2::DomainName" && id["DomainName"] == "api.example.com" {
			found++
		}
	}
	if words := loosened(report); found != 3 || !strings.Contains(words, "The record api.example.com in the zone Z1 is not in the template") {
		t.Errorf("%d of 3 in %v\n%s", found, imports, words)
	}
}

// What may not be read yet is a note, and the rest is written.
func TestDomainNamesThatCannotBeReadAreANote(t *testing.T) {
	t.Parallel()
	r := gate()
	r.unlisted = true
	elsewhere := doorplate()
	elsewhere.balanced.records = nil
	for want, there := range map[string]region{"Domain names are not written: AWS refused.": r, "The record api.example.com is not written: it does not lead to the domain name now.": elsewhere} {
		report, err := exportedFrom(t, there, "export R-42 --as terraform")
		if err != nil {
			t.Fatal(err)
		}
		if words := loosened(report); !strings.Contains(words, want) || !strings.Contains(words, "aws_apigatewayv2_api") {
			t.Error(words)
		}
	}
}
