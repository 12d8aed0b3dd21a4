package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"deckhand/commands"
)

// write puts a file into a temporary folder and answers its path.
func write(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// deckhand runs the program in this process.
func deckhand(t *testing.T, args ...string) (code int, out, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var o, e bytes.Buffer
	code = run(ctx, args, &o, &e)
	return code, o.String(), e.String()
}

// execConfig is a configuration without Slack, on a stand-in for AWS.
func execConfig(t *testing.T, aws *standin, policy string) string {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret-mark")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	return write(t, "deckhand.yaml", fmt.Sprintf("aws: {region: us-east-1, endpoint_url: %q}\nstore: {url: \"sqlite:%s\"}\npolicy:\n%s", aws.URL, filepath.Join(t.TempDir(), "d.db"), policy))
}

const everybody = "  - {who: [\"*\"], what: [\"*\"], effect: allow}\n"

func TestExecSaysWhatAWSHolds(t *testing.T) {
	aws := newStandin()
	defer aws.Close()
	file := execConfig(t, aws, "  - {who: [\"user:U_EVE\"], what: [\"*\"], effect: deny}\n  - {who: [\"user:U_ANN\"], what: [\"* terminate\"], effect: ask, approvers: [\"user:U_BOB\"]}\n"+everybody)
	for _, c := range []struct {
		why  string
		args []string
		code int
		says string
		aws  string
	}{
		{"a launch", []string{"--", "vm", "create", "--image-id", "ami-12345678", "--count", "2", "--name", "web 1"}, 0, "2 instances running", "web 1=running web 1=running"},
		{"AWS's own spelling", []string{"--", "aws ec2 describe-instances"}, 0, "210987654321", "web 1=running web 1=running"},
		{"an ambiguous name", []string{"--", "vm", "stop", "web 1"}, 1, "Which one?", "web 1=running web 1=running"},
		{"an id", []string{"--", "vm", "stop", "i-00000000000000001"}, 0, "Stopped", "web 1=running web 1=stopped"},
		{"an address", []string{"--", "vm", "start", "10.0.0.1"}, 0, "running", "web 1=running web 1=running"},
		{"a plan", []string{"--", "vm", "terminate", "i-00000000000000001", "--plan"}, 0, "i-00000000000000001", "web 1=running web 1=running"},
		{"a wrong line", []string{"--", "vm", "stpo", "x"}, 2, "did you mean vm stop?", "web 1=running web 1=running"},
		{"nothing of that name", []string{"--", "vm", "stop", "nobody"}, 1, "nobody", "web 1=running web 1=running"},
		{"a refusal", []string{"--as", "U_EVE", "--", "vm", "list"}, 1, "Not allowed", "web 1=running web 1=running"},
		{"an approval", []string{"--as", "U_ANN", "--", "vm", "terminate", "i-00000000000000002"}, 3, "waits for", "web 1=running web 1=running"},
		{"its approver", []string{"--as", "U_BOB", "--", "approve", "R-6"}, 0, "Terminated", "web 1=running web 1=terminated"},
	} {
		code, out, stderr := deckhand(t, append([]string{"exec", "--config", file}, c.args...)...)
		if code != c.code || !strings.Contains(out, c.says) || aws.states() != c.aws {
			t.Errorf("%s: exit %d, want %d; AWS holds %q, want %q; want %q in\n%s%s", c.why, code, c.code, aws.states(), c.aws, c.says, out, stderr)
		}
		if stderr != "" {
			t.Errorf("%s: the answer has all of it, and there is besides: %s", c.why, stderr)
		}
		if strings.Contains(out+stderr, "secret-mark") {
			t.Errorf("%s: a secret is shown:\n%s%s", c.why, out, stderr)
		}
	}
}

func TestExecPrintsOneJSONObject(t *testing.T) {
	aws := newStandin()
	defer aws.Close()
	file := execConfig(t, aws, everybody)
	_, out, stderr := deckhand(t, "exec", "--config", file, "--json", "--", "vm", "create", "--image-id", "ami-12345678", "--name", "web")
	var object struct {
		Request, State, Text string
		Report               commands.Report
	}
	if err := json.Unmarshal([]byte(out), &object); err != nil || object.Request != "R-1" || object.State != "done" || !strings.Contains(object.Text, "i-00000000000000001") {
		t.Errorf("%v: %s%s", err, out, stderr)
	}
	if got := commands.RenderText(object.Report); got != object.Text || strings.ContainsRune(out, '\uE000') {
		t.Errorf("the report is %q, the text %q", got, object.Text)
	}
}

func TestALaunchIsDoneOnceHoweverOftenItsAnswerIsLost(t *testing.T) {
	aws := newStandin()
	defer aws.Close()
	file := execConfig(t, aws, everybody)
	aws.holdNext("RunInstances")
	close(aws.release)
	code, out, stderr := deckhand(t, "exec", "--config", file, "--", "vm", "create", "--image-id", "ami-12345678", "--name", "web")
	if code != 0 || aws.states() != "web=running" || aws.count("RunInstances") != 1 {
		t.Errorf("exit %d after %d calls, AWS holds %q:\n%s%s", code, aws.count("RunInstances"), aws.states(), out, stderr)
	}
}

func TestATerminationWhoseAnswerIsLostIsLookedForAndNotRepeated(t *testing.T) {
	aws := newStandin()
	defer aws.Close()
	file := execConfig(t, aws, everybody)
	deckhand(t, "exec", "--config", file, "--", "vm", "create", "--image-id", "ami-12345678", "--name", "web")
	aws.holdNext("TerminateInstances")
	close(aws.release)
	code, out, stderr := deckhand(t, "exec", "--config", file, "--", "vm", "terminate", "web")
	if code != 0 || aws.states() != "web=terminated" || aws.count("TerminateInstances") != 1 {
		t.Errorf("exit %d after %d calls, AWS holds %q:\n%s%s", code, aws.count("TerminateInstances"), aws.states(), out, stderr)
	}
}

func TestCheckConfigReportsEveryProblemWithItsLine(t *testing.T) {
	file := write(t, "bad.yaml", "aws: {region: us-east-1}\nslak: {}\nchecks:\n  - {name: A!, url: ftp://x, schedule: never}\n")
	code, out, stderr := deckhand(t, "check-config", "--config", file)
	for _, want := range []string{"bad.yaml:2:", "bad.yaml:4:"} {
		if code != 1 || !strings.Contains(out+stderr, want) {
			t.Errorf("exit %d, want %q in %s%s", code, want, out, stderr)
		}
	}
	good := write(t, "good.yaml", "aws: {region: us-east-1}\npolicy:\n"+everybody)
	if code, out, stderr := deckhand(t, "check-config", "--config", good); code != 0 || !strings.Contains(out, "is valid") {
		t.Errorf("exit %d: %s%s", code, out, stderr)
	}
	both := write(t, "both.yaml", "aws: {region: us-est-1}\npolicy:\n  - {who: [\"*\"], what: [\"vm termiante\"], effect: deny}\n")
	code, out, stderr = deckhand(t, "check-config", "--config", both)
	for _, want := range []string{"both.yaml:1: aws.region", "Did you mean us-east-1?", `both.yaml:3: The rule speaks of "vm termiante"`} {
		if code != 1 || !strings.Contains(out+stderr, want) {
			t.Errorf("exit %d, want %q in %s%s", code, want, out, stderr)
		}
	}
	rule := write(t, "rule.yaml", "aws: {region: us-east-1}\npolicy:\n  - {who: [\"*\"], what: [\"vm termiante\", \"vm *\", \"nothing at all\"], effect: deny}\n"+
		"schedules:\n  - {name: a, cron: \"0 9 * * *\", channel: C1, run: staus}\n")
	code, out, stderr = deckhand(t, "check-config", "--config", rule)
	for _, want := range []string{`rule.yaml:3: The rule speaks of "vm termiante", and no command is called that, so it decides nothing by it. Did you mean "vm terminate"?`,
		`"nothing at all", and no command is called that`, "rule.yaml:5:"} {
		if code != 1 || !strings.Contains(out+stderr, want) {
			t.Errorf("exit %d, want %q in %s%s", code, want, out, stderr)
		}
	}
	line := write(t, "line.yaml", "aws: {region: us-east-1}\nschedules:\n  - {name: a, cron: \"0 9 * * *\", channel: C1, run: staus}\n")
	if code, out, stderr := deckhand(t, "check-config", "--config", line); code != 1 || !strings.Contains(out+stderr, "line.yaml:3:") || !strings.Contains(out+stderr, "did you mean status?") {
		t.Errorf("exit %d: %s%s", code, out, stderr)
	}
}

func TestThePrintedTexts(t *testing.T) {
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"version"}, []string{"deckhand "}},
		{[]string{"iam-policy"}, []string{"ec2:RunInstances", "ec2:DescribeInstances", `"Version": "2012-10-17"`}},
		{[]string{"iam-policy", "--verbs", "vm list"}, []string{"ec2:DescribeInstances"}},
		{[]string{"iam-policy", "--verbs", "lambda create"}, []string{`"lambda.amazonaws.com"`, "ecr:GetRepositoryPolicy"}},
		{[]string{"iam-policy", "--verbs", "lb create"}, []string{`"iam:AWSServiceName": [
            "elasticloadbalancing.amazonaws.com"
          ]`, "ec2:DescribeAccountAttributes"}},
		{[]string{"iam-policy", "--verbs", "api create"}, []string{`"ops.apigateway.amazonaws.com"`}},
		{[]string{"iam-policy", "--verbs", "app *"}, []string{`"cloudformation.amazonaws.com"`}},
		{[]string{"iam-policy", "--trust", "arn:aws:iam::123456789012:role/deckhand"}, []string{`"AWS": "arn:aws:iam::123456789012:role/deckhand"`, "sts:AssumeRole", "sts:SetSourceIdentity"}},
		{[]string{"manifest"}, []string{"socket_mode_enabled: true", "/deckhand", "app_mentions:read"}},
		{[]string{"manifest", "--transport", "http", "--url", "https://bot.example.com", "--commands", "/deckhand", "--commands", "/vm"}, []string{"https://bot.example.com/slack/commands", "/vm"}},
		{[]string{"commands"}, []string{"vm create", "check add", "schedule add"}},
		{[]string{"--help"}, []string{"serve", "exec", "check-config"}},
	} {
		code, out, stderr := deckhand(t, c.args...)
		for _, want := range c.want {
			if code != 0 || !strings.Contains(out, want) {
				t.Errorf("deckhand %s: exit %d, want %q in\n%s%s", strings.Join(c.args, " "), code, want, out, stderr)
			}
		}
	}
	if _, out, stderr := deckhand(t, "iam-policy", "--verbs", "vm list"); strings.Contains(out, "TerminateInstances") || stderr != "" {
		t.Errorf("the rights of vm list include terminating, or more is said:\n%s%s", out, stderr)
	}
	if _, _, stderr := deckhand(t, "iam-policy", "--verbs", "app up"); !strings.Contains(stderr, "aws.service_role") {
		t.Errorf("what CloudFormation needs is not told: %q", stderr)
	}
	// IAM counts no blanks, and a managed policy has 6,144 characters at most.
	_, out, _ := deckhand(t, "iam-policy")
	if n := len(strings.Join(strings.Fields(out), "")); n > 6144 || strings.Contains(out, `""`) {
		t.Errorf("the policy of everything has %d characters, or an empty word:\n%s", n, out)
	}
}

func TestTheCommandReferenceIsWhatTheProgramPrints(t *testing.T) {
	kept, err := os.ReadFile("../../docs/commands.md")
	if err != nil {
		t.Fatal(err)
	}
	if _, out, _ := deckhand(t, "commands", "--markdown"); out != string(kept) {
		t.Error("docs/commands.md is not what the program prints; run make docs")
	}
}

func TestAShellsWordsBecomeALine(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"vm list --tag a=b"}, "vm list --tag a=b"},
		{[]string{"vm", "create", "--name", "web 1"}, `vm create --name "web 1"`},
		{[]string{"vm", "create", "--name=web 1", "--tag", "a=b"}, `vm create --name="web 1" --tag a=b`},
		{[]string{"vm", "stop", "-env", "prod"}, "vm stop -env prod"},
	} {
		if got := lineOf(c.args); got != c.want {
			t.Errorf("%q becomes %s, want %s", c.args, got, c.want)
		}
	}
}
