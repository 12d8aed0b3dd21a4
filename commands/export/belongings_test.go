package export

import (
	"context"
	"strings"
	"testing"

	"deckhand/aws"
	"deckhand/commands"
)

func (r region) RoleText(_ context.Context, _ aws.Target, name string) (aws.RoleText, error) {
	if name != r.called.role.Name {
		return aws.RoleText{}, &commands.Error{Kind: commands.NotFound, Message: "No role."}
	}
	return r.called.role, r.unread
}

func (r region) Table(_ context.Context, _ aws.Target, name string) (aws.CountTable, error) {
	if name != r.called.table.Name {
		return aws.CountTable{}, &commands.Error{Kind: commands.NotFound, Message: "No table."}
	}
	return r.called.table, r.unread
}

func (r region) TableCare(context.Context, aws.Target, string) (aws.TableCare, error) {
	return r.called.care, r.uncared
}

func (r region) LogGroup(_ context.Context, _ aws.Target, name string) (aws.LogGroup, error) {
	for _, a := range r.apis {
		for _, g := range a.groups {
			if g.Name == name {
				return g, nil
			}
		}
	}
	return aws.LogGroup{}, &commands.Error{Kind: commands.NotFound, Message: "No log group."}
}

// owning is a function with the role and the table that were made for it.
func owning() region {
	there := counting()
	ours := map[string]string{commands.RequestTag: "R-42"}
	there.called.rules, there.called.grants, there.called.aliases, there.called.queues = nil, nil, nil, nil
	there.called.function.Role = "arn:aws:iam::123456789012:role/made/counter-role"
	there.called.function.Environment = map[string]string{countTable: "counter-count", "TABLE": "hush"}
	there.called.role = aws.RoleText{
		Role: aws.Role{Name: "counter-role", ARN: there.called.function.Role, Path: "/made/", Tags: ours}, Description: "Made for counter", SessionSeconds: 3600,
		Trust:    `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"lambda.amazonaws.com"}}]}`,
		Policies: map[string]string{"deckhand": `{"Version":"2012-10-17","Statement":[]}`}, Managed: []string{"arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"},
	}
	there.called.table = aws.CountTable{
		Name: "counter-count", ARN: "arn:aws:dynamodb:us-east-1:1:table/counter-count", Plain: true, Tags: ours, Class: "STANDARD_INFREQUENT_ACCESS", Key: "arn:key", Protected: true,
	}
	there.called.care = aws.TableCare{Expires: "until", Backups: true, Days: 7}
	return there
}

func TestRoleAndTableAsTerraform(t *testing.T) {
	t.Parallel()
	report, err := exportedFrom(t, owning(), "export R-42 --as terraform")
	if err != nil {
		t.Fatal(err)
	}
	text := file(t, report, "r-42.tf")
	whole(t, text, 5, 0)
	for _, want := range []string{
		"to = aws_iam_role.counter_role\n  id = \"counter-role\"", `path = "/made/"`, `assume_role_policy = "{\"Version\"`, "role = aws_iam_role.counter_role.arn",
		"id = \"counter-role:deckhand\"", "role = aws_iam_role.counter_role.name", `id = "counter-role/arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"`,
		"to = aws_dynamodb_table.counter_count\n  id = \"counter-count\"", `hash_key = "id"`, "attribute {\n    name = \"id\"\n    type = \"S\"\n  }",
		`table_class = "STANDARD_INFREQUENT_ACCESS"`, "deletion_protection_enabled = true", "point_in_time_recovery {\n    enabled = true\n    recovery_period_in_days = 7\n  }",
		"ttl {\n    enabled = true\n    attribute_name = \"until\"\n  }", "server_side_encryption {\n    enabled = true\n    kms_key_arn = \"arn:key\"\n  }",
		`"COUNT_TABLE" = aws_dynamodb_table.counter_count.name`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	words := loosened(report)
	if strings.Contains(words, "role of counter is referred to") || !strings.Contains(words, "The values of TABLE are not shown") || !strings.Contains(words, "Of the table counter-count its throughput limits") {
		t.Error(words)
	}
}

func TestRoleAndTableAsCloudFormation(t *testing.T) {
	t.Parallel()
	report, err := exportedFrom(t, owning(), "export R-42 --as cloudformation")
	if err != nil {
		t.Fatal(err)
	}
	imports, text := formation(t, report, 3)
	if words := loosened(report); !strings.Contains(words, "r-42.import.json --capabilities CAPABILITY_NAMED_IAM") {
		t.Error(words)
	}
	for _, i := range imports {
		want := map[string]string{"AWS::IAM::Role": "RoleName=counter-role", "AWS::DynamoDB::Table": "TableName=counter-count", "AWS::Lambda::Function": "FunctionName=counter"}[i.ResourceType]
		if key, value, _ := strings.Cut(want, "="); i.ResourceIdentifier[key] != value || len(i.ResourceIdentifier) != 1 {
			t.Error(i)
		}
	}
	for _, want := range []string{
		`"AssumeRolePolicyDocument": {`, `"PolicyName": "deckhand"`, `"arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"`, `"KeyType": "HASH"`, `"BillingMode": "PAY_PER_REQUEST"`,
		`"PointInTimeRecoveryEnabled": true`, `"RecoveryPeriodInDays": 7`, `"AttributeName": "until"`, `"KMSMasterKeyId": "arn:key"`, `"DeletionProtectionEnabled": true`,
		`"Ref": "TableCounterCount"`, `"RoleCounterRole"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing in\n%s", want, text)
		}
	}
}

func TestRoleAndTableThatAreNotWritten(t *testing.T) {
	t.Parallel()
	theirs, changed, unread, uncared := owning(), owning(), owning(), owning()
	uncared.called.care, uncared.uncared = aws.TableCare{}, &commands.Error{Kind: commands.Denied, Message: "That is not allowed."}
	theirs.called.role.Tags, theirs.called.table.Tags = nil, map[string]string{commands.RequestTag: "R-4"}
	changed.called.table.Plain = false
	unread.unread = &commands.Error{Kind: commands.Denied, Message: "That is not allowed."}
	for _, c := range []struct {
		there region
		want  []string
		never string
	}{
		{theirs, []string{"role of counter is referred to", `role = "arn:aws:iam::123456789012:role/made/counter-role"`, "environment] # until"}, "aws_iam_role\""},
		{uncared, []string{"The backups and the items' time to live of the table counter-count are not written: That is not allowed.", "aws_dynamodb_table"}, "ttl {"},
		{changed, []string{"The table counter-count is not written: its keys"}, "aws_dynamodb_table"},
		{unread, []string{"The role counter-role is not written: That is not allowed.", "The table counter-count is not written: That is not allowed."}, "aws_dynamodb_table"},
	} {
		report, err := exportedFrom(t, c.there, "export R-42 --as terraform")
		if err != nil {
			t.Fatal(err)
		}
		words := loosened(report)
		for _, want := range c.want {
			if !strings.Contains(words, want) {
				t.Errorf("%q is missing in\n%s", want, words)
			}
		}
		if strings.Contains(words, c.never) {
			t.Errorf("%q is in\n%s", c.never, words)
		}
	}
}
