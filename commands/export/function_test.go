package export

import (
	"slices"
	"strings"
	"testing"

	"deckhand/aws"
	"deckhand/commands"
)

const lambdaARN = "arn:aws:lambda:us-east-1:123456789012:function:counter"

func counting() region {
	ours := map[string]string{commands.RequestTag: "R-42"}
	return region{by: "lambda create", called: called{
		function: aws.Function{
			Name: "counter", ARN: lambdaARN, Runtime: "python3.13", Handler: "index.lambda_handler", Role: "arn:aws:iam::123456789012:role/counter",
			Layers: []string{"arn:layer:2", "arn:layer:1"}, Traced: true, StorageMB: 1024, DeadLetters: "arn:dead", Key: "arn:key",
			Architectures: []string{"arm64"}, Timeout: 10, MemoryMB: 128, Environment: map[string]string{"TABLE": "hush-table", "table": "hush-two"}, Tags: ours,
		},
		aliases: []aws.FunctionAlias{{Name: "live", Version: "3", ARN: lambdaARN + ":live", Other: "4", Share: 0.1}},
		rules: []aws.EventRule{
			{Name: "deckhand-counter-ec2", ARN: "arn:aws:events:us-east-1:1:rule/deckhand-counter-ec2", Pattern: `{"source":["aws.ec2"]}`, Enabled: true, Tags: map[string]string{commands.RequestTag: "R-43"}},
			{Name: "theirs", ARN: "arn:aws:events:us-east-1:1:rule/theirs", Schedule: "rate(1 day)"},
		},
		grants: []aws.Grant{
			{ID: "deckhand-counter-ec2", Principal: "events.amazonaws.com", SourceARN: "arn:aws:events:us-east-1:1:rule/deckhand-counter-ec2"},
			{ID: "bucket", Principal: "s3.amazonaws.com", SourceARN: "arn:aws:s3:::uploads"},
		},
		queues: []aws.QueueSource{{ID: "uuid-1", SourceARN: "arn:aws:sqs:us-east-1:1:jobs"}, {ID: "uuid-2", SourceARN: "arn:aws:kinesis:us-east-1:1:stream/s"}},
	}}
}

func TestFunctionAsTerraform(t *testing.T) {
	t.Parallel()
	report, err := exportedFrom(t, counting(), "export R-42 --as terraform")
	if err != nil {
		t.Fatal(err)
	}
	text := file(t, report, "r-42.tf")
	whole(t, text, 6, 0)
	for _, want := range []string{
		"to = aws_lambda_function.counter\n  id = \"counter\"", `role = "arn:aws:iam::123456789012:role/counter"`, `architectures = ["arm64"]`, "filename = ",
		"ignore_changes = [filename, environment]",
		"id = \"counter/live\"", "function_name = aws_lambda_function.counter.function_name", `"4" = 0.1`, "event_pattern = \"{\\\"source\\\":[\\\"aws.ec2\\\"]}\"",
		`layers = ["arn:layer:2", "arn:layer:1"]`, "tracing_config {\n    mode = \"Active\"", "ephemeral_storage {\n    size = 1024", "dead_letter_config {\n    target_arn = \"arn:dead\"", `kms_key_arn = "arn:key"`,
		"id = \"deckhand-counter-ec2/deckhand\"", "rule = aws_cloudwatch_event_rule.deckhand_counter_ec2.name", "arn = aws_lambda_function.counter.arn",
		"id = \"counter/deckhand-counter-ec2\"", "source_arn = aws_cloudwatch_event_rule.deckhand_counter_ec2.arn", "id = \"uuid-1\"",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	words := loosened(report)
	for _, want := range []string{"theirs invokes counter and is not written", "permission bucket of counter", "reads arn:aws:kinesis", "values of TABLE, table are not shown"} {
		if !strings.Contains(words, want) {
			t.Errorf("%q is missing in\n%s", want, words)
		}
	}
	if strings.Contains(words, "hush") || strings.Contains(text, "variable \"") || strings.Contains(words, "outgoing rules") {
		t.Error(words)
	}
}

func TestFunctionAsCloudFormation(t *testing.T) {
	t.Parallel()
	report, err := exportedFrom(t, counting(), "export R-42 --as cloudformation")
	if err != nil {
		t.Fatal(err)
	}
	imports, text := formation(t, report, 5)
	for _, i := range imports {
		want := map[string]map[string]string{
			"AWS::Lambda::Function": {"FunctionName": "counter"}, "AWS::Lambda::Alias": {"AliasArn": lambdaARN + ":live"}, "AWS::Lambda::EventSourceMapping": {"Id": "uuid-1"},
			"AWS::Lambda::Permission": {"FunctionName": "counter", "Id": "deckhand-counter-ec2"}, "AWS::Events::Rule": {"Arn": "arn:aws:events:us-east-1:1:rule/deckhand-counter-ec2"},
		}[i.ResourceType]
		for key, value := range want {
			if i.ResourceIdentifier[key] != value || len(i.ResourceIdentifier) != len(want) {
				t.Errorf("%s is known by %v", i.ResourceType, i.ResourceIdentifier)
			}
		}
	}
	for _, want := range []string{
		`"Mode": "Active"`, `"arn:layer:2",`, `"Size": 1024`, `"TargetArn": "arn:dead"`, `"KmsKeyArn": "arn:key"`,
		`"EventPattern": {`, `"ValueCounterTable": {`, `"NoEcho": true`, `"S3Key": {`, `"Ref": "ValueCounterCodeKey"`, `"TABLE": {`, `"FunctionWeight": 0.1`, `"Id": "deckhand"`, `"Ref": "FunctionCounter"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing in\n%s", want, text)
		}
	}
	if strings.Contains(text, "hush") {
		t.Error(text)
	}
}

func TestTriggerOfAFunctionThatAnotherRequestMade(t *testing.T) {
	t.Parallel()
	there := counting()
	there.by = "lambda trigger add"
	report, err := exportedFrom(t, there, "export R-43 --as terraform")
	if err != nil {
		t.Fatal(err)
	}
	text := file(t, report, "r-43.tf")
	whole(t, text, 3, 0)
	if strings.Contains(text, "aws_lambda_function") || !strings.Contains(text, `arn = "`+lambdaARN+`"`) || strings.Contains(loosened(report), "is not written") {
		t.Error(loosened(report))
	}
}

func TestImageOfAFunction(t *testing.T) {
	t.Parallel()
	there := counting()
	there.called.function.ImageURI = "1.dkr.ecr.us-east-1.amazonaws.com/c@sha256:00"
	report, err := exportedFrom(t, there, "export R-42 --as terraform")
	if err != nil {
		t.Fatal(err)
	}
	if text := file(t, report, "r-42.tf"); !strings.Contains(text, "image_uri = ") || !strings.Contains(text, `package_type = "Image"`) || strings.Contains(text, "s3_") {
		t.Error(text)
	}
	there.called.function.ImageGiven = "1.dkr.ecr.us-east-1.amazonaws.com/c:v2" // AWS answers both, and Terraform reads this one
	if report, err = exportedFrom(t, there, "export R-42 --as terraform"); err != nil || !strings.Contains(file(t, report, "r-42.tf"), `image_uri = "1.dkr.ecr.us-east-1.amazonaws.com/c:v2"`) {
		t.Error(err, loosened(report))
	}
}

func TestQueueThatTheRequestAdded(t *testing.T) {
	t.Parallel()
	there := counting()
	there.by, there.notice, there.called.rules = "lambda trigger add", "arn:aws:sqs:us-east-1:123456789012:jobs", nil
	there.called.queues = []aws.QueueSource{{ID: "uuid-1", SourceARN: "arn:aws:sqs:eu-west-1:1:jobs"}, {ID: "uuid-2", SourceARN: "arn:aws:sqs:eu-west-1:1:other"}}
	report, err := exportedFrom(t, there, "export R-43 --as terraform")
	if err != nil {
		t.Fatal(err)
	}
	text := file(t, report, "r-43.tf")
	whole(t, text, 1, 0)
	if !strings.Contains(text, `id = "uuid-1"`) || !strings.Contains(text, `function_name = "`+lambdaARN+`"`) {
		t.Error(text)
	}
	there.notice = "arn:aws:dynamodb:us-east-1:123456789012:table/jobs"
	if _, err = exportedFrom(t, there, "export R-43 --as terraform"); commands.Words(err).Kind != commands.NotFound {
		t.Error(err)
	}
}

func TestOnlyWhatACommandCanHaveMadeIsAskedFor(t *testing.T) {
	t.Parallel()
	for command, want := range map[string][]string{
		"vm create": {"Instances"}, "net up": {"Network", "NATGateways"}, "app up": {"Stacks"}, "lambda create": {"Function"}, "api create": {"APIs"}, "lb create": {"LoadBalancers"},
		"undo": {"APIs", "Stacks", "Function", "LoadBalancers", "Network", "NATGateways", "Instances"},
	} {
		there := counting()
		var asked []string
		there.by, there.asked = command, &asked
		if _, err := exportedFrom(t, there, "export R-9 --as terraform"); commands.Words(err).Kind != commands.NotFound || !slices.Equal(asked, want) {
			t.Errorf("%s asks for %v (%v)", command, asked, err)
		}
	}
}

func TestStreamThatAFunctionReads(t *testing.T) {
	t.Parallel()
	there := counting()
	there.called.queues = []aws.QueueSource{{ID: "uuid-3", SourceARN: "arn:aws:dynamodb:us-east-1:1:table/orders/stream/2026-01-01T00:00:00.000", From: "LATEST"}}
	report, err := exportedFrom(t, there, "export R-42 --as terraform")
	if err != nil {
		t.Fatal(err)
	}
	text := file(t, report, "r-42.tf")
	for _, want := range []string{`resource "aws_lambda_event_source_mapping" "counter_orders"`, `starting_position = "LATEST"`, `id = "uuid-3"`} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}
