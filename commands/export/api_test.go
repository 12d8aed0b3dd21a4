package export

import (
	"strings"
	"testing"

	"deckhand/aws"
	"deckhand/commands"
)

func gate() region {
	ours := map[string]string{commands.RequestTag: "R-42"}
	return region{by: "api create", apis: []api{{
		API:          aws.API{ID: "a1", Name: "myapi", Description: "Mine", Protocol: "HTTP", Tags: ours},
		routes:       []aws.APIRoute{{ID: "r1", Key: "GET /", Authorization: "JWT", AuthorizerID: "t1", IntegrationID: "n1"}, {ID: "r2", Key: "GET /count", Authorization: "CUSTOM", AuthorizerID: "t9", IntegrationID: "n2"}},
		integrations: []aws.APIIntegration{{ID: "n1", Kind: "HTTP_PROXY", Target: "http://myapp.example.com/", Method: "ANY", Payload: "1.0"}, {ID: "n2", Kind: "AWS_PROXY", Target: lambdaARN, Method: "POST", Payload: "2.0"}},
		authorizers:  []aws.APIAuthorizer{{ID: "t1", Name: "jwt", Issuer: "https://issuer.example.com", Audience: []string{"myapi"}}},
		groups:       []aws.LogGroup{{Name: "/aws/apigateway/a1", ARN: "arn:aws:logs:us-east-1:1:log-group:/aws/apigateway/a1", Days: 30, Class: "STANDARD", Tags: ours}},
		stages:       []aws.APIStage{{Name: "$default", AutoDeploy: true, Rate: 50, Burst: 100, LogGroup: "arn:aws:logs:us-east-1:1:log-group:/aws/apigateway/a1", LogFormat: `{"ip":"$context.identity.sourceIp"}`}},
	}}, called: called{grants: []aws.Grant{
		{ID: "api-a1", Principal: "apigateway.amazonaws.com", SourceARN: "arn:aws:execute-api:us-east-1:1:a1/*/GET/count"},
		{ID: "api-a2", Principal: "apigateway.amazonaws.com", SourceARN: "arn:aws:execute-api:us-east-1:1:a2/*/GET/count"},
	}}}
}

func TestAPIAsTerraform(t *testing.T) {
	t.Parallel()
	report, err := exportedFrom(t, gate(), "export R-42 --as terraform")
	if err != nil {
		t.Fatal(err)
	}
	text := file(t, report, "r-42.tf")
	whole(t, text, 9, 0)
	for _, want := range []string{
		"to = aws_apigatewayv2_api.myapi\n  id = \"a1\"", `id = "a1/r1"`, `id = "a1/n1"`, `id = "a1/t1"`, `id = "a1/$default"`, "api_id = aws_apigatewayv2_api.myapi.id",
		`target = "integrations/${aws_apigatewayv2_integration.myapi_n1.id}"`, "authorizer_id = aws_apigatewayv2_authorizer.myapi_jwt.id", `authorizer_id = "t9"`, `audience = ["myapi"]`,
		"throttling_burst_limit = 100", `format = "{\"ip\":\"$context.identity.sourceIp\"}"`, `id = "counter/api-a1"`, "id = \"/aws/apigateway/a1\"", "retention_in_days = 30", "destination_arn = aws_cloudwatch_log_group.aws_apigateway_a1.arn", `function_name = "counter"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	words := loosened(report)
	if !strings.Contains(words, "authoriser t9 of myapi is not written") || strings.Contains(words, "log group") || strings.Contains(text, "api-a2") {
		t.Error(words)
	}
}

func TestAPIAsCloudFormation(t *testing.T) {
	t.Parallel()
	report, err := exportedFrom(t, gate(), "export R-42 --as cloudformation")
	if err != nil {
		t.Fatal(err)
	}
	imports, text := formation(t, report, 9)
	for _, i := range imports {
		if i.ResourceType == "AWS::ApiGatewayV2::Stage" && (i.ResourceIdentifier["ApiId"] != "a1" || i.ResourceIdentifier["StageName"] != "$default") {
			t.Error(i)
		}
	}
	for _, want := range []string{`"Tags": {`, `"RetentionInDays": 30`, `"arn:aws:logs:us-east-1:1:log-group:"`, `"Fn::Join": [`, `"ThrottlingRateLimit": 50`, `"Issuer": "https://issuer.example.com"`, `"AuthorizerId"`} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing in\n%s", want, text)
		}
	}
}

func TestLogThatIsNotTheRequests(t *testing.T) {
	t.Parallel()
	there := gate()
	there.apis[0].groups[0].Tags = nil
	gone := gate()
	gone.apis[0].groups[0].Name = "other"
	for want, there := range map[string]region{"The log group /aws/apigateway/a1 is referred to and stays": there, "The log group /aws/apigateway/a1 is not written: No log group.": gone} {
		report, err := exportedFrom(t, there, "export R-42 --as terraform")
		if err != nil {
			t.Fatal(err)
		}
		if words := loosened(report); !strings.Contains(words, want) || !strings.Contains(words, `destination_arn = "arn:aws:logs:us-east-1:1:log-group:/aws/apigateway/a1"`) {
			t.Error(words)
		}
	}
}

func TestWayOutOfANetwork(t *testing.T) {
	t.Parallel()
	there := lab()
	ours := there.network.VPCs[0].Tags
	there.by = "net up"
	there.addresses = []aws.Address{{ID: "eipalloc-1", Name: "lab", IP: "192.0.2.7", Tags: ours}, {ID: "eipalloc-9", IP: "192.0.2.9"}}
	there.nats = []aws.NATGateway{{ID: "nat-1", Name: "lab", SubnetID: "subnet-1", AddressID: "eipalloc-1", Tags: ours}}
	there.network.Tables[0].Routes = []aws.Route{{Destination: "0.0.0.0/0", Target: "nat-1"}}
	report, err := exportedFrom(t, there, "export R-42 --as terraform")
	if err != nil {
		t.Fatal(err)
	}
	text := file(t, report, "r-42.tf")
	for _, want := range []string{"id = \"eipalloc-1\"", "allocation_id = aws_eip.lab.id", "subnet_id = aws_subnet.lab_a.id", "nat_gateway_id = aws_nat_gateway.lab.id"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	report, err = exportedFrom(t, there, "export R-42 --as cloudformation")
	if err != nil {
		t.Fatal(err)
	}
	imports, text := formation(t, report, 10)
	for _, i := range imports {
		if i.ResourceType == "AWS::EC2::EIP" && (i.ResourceIdentifier["PublicIp"] != "192.0.2.7" || i.ResourceIdentifier["AllocationId"] != "eipalloc-1") {
			t.Error(i)
		}
	}
	if !strings.Contains(text, `"AllocationId": {`) || strings.Contains(text, "eipalloc-9") {
		t.Error(text)
	}
}
