package lambda

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// catalog is the lambda commands alone: parsing needs no cloud.
func catalog(t *testing.T) *commands.Catalog {
	t.Helper()
	return commandstest.Catalog(t, Commands(nil, Routes{}, nil, nil))
}

func TestEveryExampleIsUnderstood(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	for _, command := range c.All() {
		invocation, _, err := c.Parse("", command.Example)
		if err != nil || invocation.Command != command.Name {
			t.Errorf("%q is %q, %v", command.Example, invocation.Command, err)
		}
		if command.Risk > commands.Read {
			runner := command.New()
			_, plans := runner.(commands.Planner)
			_, checks := runner.(commands.Checker)
			if !plans || !checks && command.Name != "lambda invoke" { // nothing in AWS shows whether a function ran
				t.Errorf("%s plans %t, checks %t", command.Name, plans, checks)
			}
		}
	}
}

func TestLinesOfTheAWSCLIAreUnderstood(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	for line, args := range map[string]string{
		`aws lambda create-function --function-name f --runtime python3.13 --handler a.b --role arn:aws:iam::123456789012:role/r --code S3Bucket=b,S3Key=k.zip --environment Variables={AA=1,BB=2} --memory-size 256`: `"CodeSpec":["S3Bucket=b,S3Key=k.zip"]`,
		`aws lambda create-function --function-name f --package-type Zip --example counter`:                                                                                                                           `"PackageType":"Zip"`,
		`aws lambda invoke --function-name f --payload '{"a": 1}' --cli-binary-format raw-in-base64-out out.json`:                                                                                                     `"Payload":"{\"a\": 1}"`,
		`aws lambda invoke --function-name f response.json`:                                                                                                                                                           `"Payload":"response.json"`,
		`aws lambda delete-function --function-name 123456789012:function:f`:                                                                                                                                          `"Name":"123456789012:function:f"`,
		`aws lambda get-function-configuration --function-name f:2`:                                                                                                                                                   `"Name":"f:2"`,
		`aws lambda get-function --function-name f --qualifier 2`:                                                                                                                                                     `"Qualifier":"2"`,
		`aws lambda invoke --function-name f --invocation-type DryRun out`:                                                                                                                                            `"InvocationType":"DryRun"`,
		`aws lambda invoke --function-name f out --log-type Tail`:                                                                                                                                                     `"Payload":"out"`,
		`aws lambda invoke --function-name f --payload eyJhIjogMX0= response.json`:                                                                                                                                    `"Payload":"eyJhIjogMX0="`,
		`lambda invoke f '{"a": 1}'`:                                                     `"Payload":"{\"a\": 1}"`,
		`lambda publish-version --function-name f`:                                       `"Name":"f"`,
		`lambda create-alias --function-name f --name live --function-version 3`:         `"Alias":"live"`,
		`lambda trigger add --function-name f --on schedule:"rate(5 minutes)"`:           `"On":"schedule:rate(5 minutes)"`,
		`lambda trigger add f —on ec2-state-change —state running`:                       `"States":["running"]`,
		`lambda update-function-configuration --function-name f --timeout 10`:            `"Timeout":10`,
		`lambda update-function-code --function-name f --s3-bucket bb --s3-key kk`:       `"S3Key":"kk"`,
		`lambda show arn:aws:lambda:eu-west-1:123456789012:function:counter`:             `"Name":"arn:aws:lambda:eu-west-1`,
		`lambda create counter --image 123456789012.dkr.ecr.us-east-1.amazonaws.com/a:1`: `"Image":"123456789012`,
		`aws lambda delete-function --function-name 123456789012:function:counter`:       `"Name":"123456789012:function:counter"`,
	} {
		invocation, _, err := c.Parse("", line)
		if err != nil || !strings.Contains(string(invocation.Args), args) {
			t.Errorf("%s: %v, %s", line, err, invocation.Args)
		}
	}
}

func TestLinesThatCannotWorkAreRefusedAtOnce(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	for line, want := range map[string]string{
		"lambda create f": "does not say where the code is",
		"lambda create f --zip-file fileb://x.zip --runtime python3.13 --handler a.b":                "on your machine",
		"lambda create f --zip s3://bucket/key --runtime python3.8 --handler a.b":                    "--runtime python3.13",
		"lambda create f --zip s3://bucket/key --runtime go1.x --handler a.b":                        "provided.al2023",
		"lambda create f --zip s3://bucket/key":                                                      "needs --runtime and --handler",
		"lambda create f --zip bucket/key --runtime python3.13 --handler a.b":                        "s3://bucket/key.zip",
		"lambda create f --example counter --image 123456789012.dkr.ecr.us-east-1.amazonaws.com/a:1": "more than one way",
		"lambda create f --image docker.io/library/x":                                                "image in ECR",
		"lambda create f --example counter --timeout 901":                                            "1 to 900",
		"lambda create f --example counter --memory-size 64":                                         "128 to 10240",
		"lambda create f --example counter --environment broken":                                     "KEY=VALUE",
		"lambda create f --example counter --tags deckhand:request=R-1":                              "written by itself",
		"lambda create 'f g' --example counter":                                                      "no name of a function",
		"lambda show arn:aws:ec2:us-east-1:123456789012:instance/i-1":                                "not the ARN of a function",
		"lambda show arn:aws:lambda:eu-west-1:123456789012:function:counter --region us-east-1":      "Say one region",
		"lambda update f":                       "does not say what to change",
		"lambda update f --timeout 9 --publish": "comes with new code",
		"lambda update f:1 --timeout 9":         "as a whole",
		"lambda delete f:1":                     "deletes a function as a whole",
		"lambda delete f --qualifier 1":         "deleted as a whole here",
		"lambda delete arn:aws:lambda:us-east-1:123456789012:function:f:1":                "deletes a function as a whole",
		"lambda trigger add f:live --on ec2-state-change":                                 "as a whole",
		"lambda show f:1 --qualifier 2":                                                   "Name one",
		"lambda create f --code ZipFile=fileb://x.zip --runtime python3.13 --handler a.b": "on your machine",
		"lambda update f --environment AA=1 --set-env BB=2":                               "one or the other",
		"lambda invoke f --payload hello":                                                 "not JSON",
		"lambda alias f 7 --function-version 1":                                           "no name of an alias",
		"lambda alias f live --function-version latest":                                   "no version",
		"lambda trigger add f":                                                            "what triggers the function",
		"lambda trigger add f --on kinesis:stream":                                        "no triggers of the kind",
		"lambda trigger add f --on 'sqs:a b'":                                             "no name of a queue",
		"lambda trigger add f --on sns:alerts.fifo":                                       "A FIFO topic invokes no functions",
		"lambda trigger add f --on 'sns:a b'":                                             "is no topic",
		"lambda trigger add f --on sns:a --filter-policy x":                               "no filter policy",
		"lambda trigger add f --on sqs:a --filter-policy x":                               "belongs to sns:TOPIC",
		"lambda trigger add f --on dynamodb:a":                                            "no name of a table",
		"lambda trigger add f --on dynamodb:orders --stream-view-type ALL":                "nothing that a stream shows",
		"lambda trigger add f --on sqs:a --stream-view-type KEYS_ONLY":                    "belongs to dynamodb:TABLE",
		"lambda trigger add f --on s3:Uploads":                                            "no name of a bucket",
		"lambda trigger add f --on s3:uploads --events x":                                 "no event of a bucket",
		"lambda trigger add f --on sqs:jobs --suffix .jpg":                                "belong to s3:BUCKET",
		"lambda trigger add f --on 'api:GET /count'":                                      "which API has the route",
		"lambda trigger add f --on 'schedule:every day'":                                  "rate(5 minutes)",
		"lambda trigger add f --on 'schedule:cron(0 9 * * * *)'":                          "cron(0 9 * * ? *)",
		"lambda trigger add f --on 'schedule:cron(0 9 ? * ? *)'":                          "or neither",
		"lambda trigger add f --on ec2-state-change:asleep":                               "no state of an instance",
		"lambda trigger remove f --rule r --on ec2-state-change":                          "names a trigger twice",
		"lambda logs f --limit 0":                                                         "1 to 500",
	} {
		_, _, err := c.Parse("", line)
		if words := commands.Words(err); err == nil || words.Kind != commands.Usage || !strings.Contains(words.Error(), want) {
			t.Errorf("%s: got %v, want %q", line, err, want)
		}
	}
}

func TestEnvironmentsAreReadInEveryForm(t *testing.T) {
	t.Parallel()
	for _, k := range []struct {
		words []string
		want  map[string]string
	}{
		{nil, nil},
		{[]string{"AA=1", "BB=2"}, map[string]string{"AA": "1", "BB": "2"}},
		{[]string{"AA=1,BB=2"}, map[string]string{"AA": "1", "BB": "2"}},
		{[]string{"Variables={AA=1,BB=x=y}"}, map[string]string{"AA": "1", "BB": "x=y"}},
		{[]string{`{"Variables":{"AA":"1,2"}}`}, map[string]string{"AA": "1,2"}},
		{[]string{"HOSTS=a,b,c"}, map[string]string{"HOSTS": "a,b,c"}},
		{[]string{"EMPTY="}, map[string]string{"EMPTY": ""}},
	} {
		got, err := readEnvironment(k.words)
		must(t, err)
		if len(got) != len(k.want) {
			t.Errorf("%q is %v", k.words, got)
		}
		for name, value := range k.want {
			if got[name] != value {
				t.Errorf("%q: %s is %q, want %q", k.words, name, got[name], value)
			}
		}
	}
	if _, err := readEnvironment([]string{"hunter2"}); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a value that could be a secret is repeated: %v", err)
	}
}

func TestRuntimesEndByTheirDates(t *testing.T) {
	t.Parallel()
	date := func(text string) time.Time {
		at, err := time.Parse(time.DateOnly, text)
		must(t, err)
		return at
	}
	for _, k := range []struct {
		runtime, now    string
		warned, refused bool
	}{
		{"python3.13", "2026-11-24", false, false},
		{"python3.8", "2026-11-24", false, true},
		{"Python3.8", "2026-11-24", false, true},
		{"nodejs22.x", "2026-09-01", false, false},
		{"nodejs22.x", "2027-01-01", true, false},
		{"nodejs22.x", "2027-06-01", true, false},
		{"nodejs22.x", "2028-01-01", false, true},
		{"dotnet8", "2026-11-24", true, false},
		{"provided.al2", "2026-11-24", true, false},
		{"java17", "2026-11-24", false, false},
		{"java17", "2027-02-01", true, false},
		{"unheard-of", "2026-11-24", false, false},
		{"", "2026-11-24", false, false},
	} {
		warning, refusal := judgeRuntime(k.runtime, date(k.now))
		if (warning != "") != k.warned || (refusal != nil) != k.refused {
			t.Errorf("%s on %s: warning %q, refusal %v", k.runtime, k.now, warning, refusal)
		}
	}
	for _, e := range endings() {
		date(e.date)
		if _, refusal := judgeRuntime(e.successor, tableDate()); refusal != nil {
			t.Errorf("the successor of %s is refused", e.name)
		}
	}
}

func TestTheExampleIsPackedTheSameEveryTime(t *testing.T) {
	t.Parallel()
	first, err := Archive(counterSource)
	must(t, err)
	again, err := Archive(counterSource)
	must(t, err)
	if !bytes.Equal(first, again) {
		t.Error("two archives of the same source differ")
	}
	reader, err := zip.NewReader(bytes.NewReader(first), int64(len(first)))
	must(t, err)
	file, err := reader.Open("index.py")
	must(t, err)
	source, err := io.ReadAll(file)
	must(t, err)
	for _, word := range []string{"def lambda_handler(event, context):", "ADD hits :one", `"Count updated!"`, `os.environ["COUNT_TABLE"]`, `"statusCode": 200`} {
		if !strings.Contains(string(source), word) {
			t.Errorf("the example lacks %s", word)
		}
	}
}

func TestSecretsAreMasked(t *testing.T) {
	t.Parallel()
	env := map[string]string{"DB_PASSWORD": "hunter22", "REGION": "eu-west-1", "API_KEY": "abc"}
	for text, want := range map[string]string{
		"connecting with hunter22 in eu-west-1": "connecting with •••••• in eu-west-1",
		"key AKIAABCDEFGHIJKLMNOP":              "key ••••••",
		`{"password": "open sesame", "n": 1}`:   "••••••",
		`{"token":"xyz123","n":1}`:              `{"token":"••••••","n":1}`,
		"Authorization: Bearer abc.def":         "Authorization: ••••••",
		`{"body":"3"}`:                          `{"body":"3"}`,
	} {
		got := mask(text, env)
		if !strings.Contains(got, want) || strings.Contains(got, "hunter22") || strings.Contains(got, "abc.def") {
			t.Errorf("%q is shown as %q", text, got)
		}
	}
}

func TestTheRoleMayWriteItsOwnLogAndNothingElse(t *testing.T) {
	t.Parallel()
	m := making{picked: picked{Place: aws.Place{AccountID: "123456789012", Region: "cn-north-1"}}, function: aws.NewFunction{Name: "f"}}
	run := &commands.Run{ID: "R-1"}
	role := m.leastRole(run)
	for _, want := range []string{`"arn:aws-cn:logs:cn-north-1:123456789012:log-group:/aws/lambda/f:*"`, "logs:PutLogEvents"} {
		if !strings.Contains(role.Policy, want) {
			t.Errorf("%s lacks %s", role.Policy, want)
		}
	}
	if strings.Contains(role.Policy, "dynamodb") || strings.Contains(role.Policy, `"*"`) || !json.Valid([]byte(role.Trust)) || !strings.Contains(role.Trust, "lambda.amazonaws.com") {
		t.Errorf("policy %s, trust %s", role.Policy, role.Trust)
	}
	m.table = &aws.CountTable{Name: "f-count"}
	if policy := m.leastRole(run).Policy; !strings.Contains(policy, "table/f-count") || !strings.Contains(policy, "dynamodb:UpdateItem") {
		t.Errorf("with a table: %s", policy)
	}
	if long := roleName(strings.Repeat("f", 64), "ap-southeast-2"); len(long) != 64 || long == roleName(strings.Repeat("f", 63)+"g", "ap-southeast-2") {
		t.Errorf("a long name becomes %s", long)
	}
}

func TestARuleIsNamedByWhatItDoes(t *testing.T) {
	t.Parallel()
	name := func(s Source) string {
		r, err := s.rule("counter")
		must(t, err)
		return r.Name
	}
	same := name(Source{On: "ec2-state-change:running,stopped"})
	if same != name(Source{On: "ec2-state-change", States: []string{"stopped", "running"}}) {
		t.Error("the same states in another order make another rule")
	}
	if same == name(Source{On: "ec2-state-change"}) || len(name(Source{On: "schedule:rate(1 day)"})) > 64 {
		t.Error("rules are confused")
	}
	for text, want := range map[string]string{"rate(5 minute)": "rate(5 minutes)", "rate(1 hours)": "rate(1 hour)", " cron(0 9 ? * MON-FRI *) ": "cron(0 9 ? * MON-FRI *)"} {
		got, err := schedule(text)
		if err != nil || got != want {
			t.Errorf("%q is %q, %v", text, got, err)
		}
	}
}

func TestTheLineThatPutsATriggerBackIsUnderstood(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	for _, s := range []Source{{On: "ec2-state-change", States: []string{"running", "stopped"}}, {On: "schedule:rate(5 minutes)"}, {On: "ec2-state-change", IDs: []string{"i-0123456789abcdef0"}}} {
		rule, err := s.rule("counter")
		must(t, err)
		tr := trigger{picked: picked{Function: aws.Function{Name: "counter"}}, Rule: rule}
		invocation, _, err := c.Parse("", tr.addLine())
		must(t, err)
		runner, _, err := c.Runner(invocation)
		must(t, err)
		again, err := runner.(*TriggerAdd).rule("counter") //nolint:forcetypeassert // the line says which
		if err != nil || again.Name != rule.Name {
			t.Errorf("%s makes %s, not %s", tr.addLine(), again.Name, rule.Name)
		}
	}
}

func TestQueuesOfOneNameInTwoAccountsHaveTheirOwnRights(t *testing.T) {
	t.Parallel()
	for queue, want := range map[string]string{
		"arn:aws:sqs:us-east-1:123456789012:jobs": "deckhand-queue-jobs",
		"arn:aws:sqs:us-east-1:210987654321:jobs": "deckhand-queue-210987654321-jobs",
	} {
		r := reading{Queue: queue}
		r.Function.ARN = "arn:aws:lambda:us-east-1:123456789012:function:counter"
		if got := r.policyName(); got != want {
			t.Errorf("%s: %s, want %s", queue, got, want)
		}
	}
}

func TestAFunctionIsNamedInEveryFormOfAWS(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][3]string{
		"f":                         {"f", "", ""},
		"f:live":                    {"f", "live", ""},
		"my-function:2":             {"my-function", "2", ""},
		"f:$LATEST":                 {"f", "$LATEST", ""},
		"function:f":                {"f", "", ""},
		"123456789012:function:f":   {"f", "", ""},
		"123456789012:function:f:2": {"f", "2", ""},
		"arn:aws:lambda:eu-west-1:123456789012:function:f":              {"f", "", "eu-west-1"},
		"arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:f:7": {"f", "7", "us-gov-west-1"},
	} {
		name, qualifier, target, err := Named{Name: text}.aim()
		if got := [3]string{name, qualifier, target.Region}; err != nil || got != want {
			t.Errorf("%s is %q, %v, want %q", text, got, err, want)
		}
	}
	here := picked{Function: aws.Function{ARN: "arn:aws:lambda:us-east-1:123456789012:function:f"}}
	for text, ours := range map[string]bool{
		"f": true, "123456789012:function:f": true, "999999999999:function:f": false, "arn:aws:lambda:us-east-1:999999999999:function:f": false,
	} {
		if err := (Named{Name: text}).elsewhere(here); (err == nil) != ours {
			t.Errorf("%s is refused with %v", text, err)
		}
	}
}

func TestWhatTheAWSCLITakesForAPayloadIsTaken(t *testing.T) {
	t.Parallel()
	for _, k := range []struct {
		given Invoke
		want  string
	}{
		{Invoke{}, "{}"},
		{Invoke{Payload: "response.json"}, "{}"},
		{Invoke{Payload: "out"}, "{}"},
		{Invoke{Payload: "answer", LogType: "Tail"}, "{}"},
		{Invoke{Payload: `{"a":1}`}, `{"a":1}`},
		{Invoke{Payload: "eyJhIjogMX0=", Outfile: "out"}, `{"a": 1}`},
		{Invoke{Payload: "1234", Outfile: "out"}, "1234"},
		{Invoke{Payload: "hello"}, "hello"},
	} {
		if got := k.given.payload(); got != k.want {
			t.Errorf("%+v gives %q, want %q", k.given, got, k.want)
		}
	}
}
