package export

import (
	"encoding/json"
	"strings"
	"testing"

	"deckhand/aws"
	"deckhand/commands"
)

func shop() region {
	tags := map[string]string{commands.RequestTag: "R-42", "aws:cloudformation:stack-id": "arn:shop", "aws:cloudformation:stack-name": "shop"}
	return region{
		body: "Resources: {}\n",
		stacks: []aws.Stack{
			{
				ID: "arn:shop", Name: "Shop", Status: "CREATE_COMPLETE", RoleARN: "arn:role", Tags: map[string]string{commands.RequestTag: "R-42"},
				Parameters: map[string]string{"Machines": "2", "Alias": "", "UserData1": "c2VjcmV0", "UserData2": "", "Kept": "****"},
			},
			{ID: "arn:gone", Name: "gone", Status: "DELETE_COMPLETE", Tags: map[string]string{commands.RequestTag: "R-42"}},
			{ID: "arn:other", Name: "other", Status: "CREATE_COMPLETE", Tags: map[string]string{commands.RequestTag: "R-4"}},
		},
		machines: []aws.Instance{
			{ID: "i-1", Name: "shop", Tags: tags},
			{ID: "i-2", Name: "shop", Tags: map[string]string{commands.RequestTag: "R-42", "aws:autoscaling:groupName": "shop"}},
		},
		network: aws.Network{Groups: []aws.SecurityGroup{{ID: "sg-1", Name: "shop", Tags: tags}}},
	}
}

func TestApplicationAsTerraform(t *testing.T) {
	t.Parallel()
	report, err := exportedFrom(t, shop(), "export R-42 --as terraform")
	if err != nil {
		t.Fatal(err)
	}
	text := file(t, report, "r-42.tf")
	for _, want := range []string{
		"import {\n  to = aws_cloudformation_stack.shop\n  id = \"Shop\"\n}", `resource "aws_cloudformation_stack" "shop" {`, `name = "Shop"`, `iam_role_arn = "arn:role"`,
		`template_body = file("${path.module}/r-42.shop.template.yaml")`, `"Machines" = "2"`, `"Alias" = ""`, `"UserData2" = ""`,
		`"UserData1" = var.shop_userdata1`, "variable \"shop_userdata1\" {\n  type = string\n  sensitive = true\n}", `"Kept" = var.shop_kept`, `"deckhand:request" = "R-42"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	if file(t, report, "r-42.shop.template.yaml") != "Resources: {}\n" {
		t.Error("the template is not AWS's")
	}
	whole := loosened(report) + text
	for _, never := range []string{"c2VjcmV0", "****", "aws_instance", "aws_security_group", "arn:other", "gone", "\"aws:"} {
		if strings.Contains(whole, never) {
			t.Errorf("%q is in\n%s", never, whole)
		}
	}
	if !strings.Contains(whole, "Kept, UserData1 are not shown") || !strings.Contains(whole, "and is not made by app deploy Shop is put back") {
		t.Error(whole)
	}
}

func TestApplicationAsCloudFormation(t *testing.T) {
	t.Parallel()
	there := shop()
	there.body = `{"Resources":{}}`
	report, err := exportedFrom(t, there, "export R-42 --as cloudformation")
	if err != nil {
		t.Fatal(err)
	}
	if file(t, report, "r-42.shop.template.json") != there.body {
		t.Error("the template is not AWS's")
	}
	var values []parameter
	text := file(t, report, "r-42.shop.parameters.json")
	if err := json.Unmarshal([]byte(text), &values); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, v := range values {
		switch {
		case v.UsePreviousValue && v.ParameterValue == nil:
			got[v.ParameterKey] = "previous"
		case v.ParameterValue != nil:
			got[v.ParameterKey] = "=" + *v.ParameterValue
		}
	}
	for key, want := range map[string]string{"Machines": "=2", "Alias": "=", "UserData1": "previous", "UserData2": "=", "Kept": "previous"} {
		if got[key] != want {
			t.Errorf("%s is %q in\n%s", key, got[key], text)
		}
	}
	words := loosened(report)
	if len(got) != 5 || strings.Contains(words, "IMPORT") || !strings.Contains(words, "nothing is to be imported") || !strings.Contains(words, "and is not made by app deploy Shop is put back") {
		t.Error(words)
	}
}
