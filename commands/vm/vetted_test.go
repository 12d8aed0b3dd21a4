package vm

import (
	"fmt"
	"strings"
	"testing"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
)

// vetted is a request under a configuration with two scripts and two documents.
func vetted(t *testing.T, cloud *fakeCloud) *session {
	t.Helper()
	s := request(t, cloud)
	s.vetted = Vetted{
		Scripts: []NamedScript{{Name: "disk", Command: "df -h /\nfree -m", Document: aws.RunShell}, {Name: "services", Command: "Get-Service", Document: aws.RunPowerShell}},
		Documents: []Document{
			{Name: "AWS-RunPatchBaseline", Parameters: map[string][]string{"Operation": {"Scan", "Install"}, "SnapshotId": nil}}, {Name: "Acme-Clean"},
		},
	}
	cloud.document = aws.Document{Kind: aws.CommandDocument, Platforms: []string{"Linux", "Windows"}, Parameters: []aws.DocumentParameter{
		{Name: "Operation", Required: true}, {Name: "RebootOption", Default: "RebootIfNeeded"}, {Name: "SnapshotId"},
	}}
	return s
}

func TestWhatTheConfigurationDoesNotAllowIsNotRun(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"vm run web-1 --script disc":                                                               "There is no script disc. Did you mean disk?",
		"vm run web-1 --script xyz":                                                                "There are disk and services.",
		"vm run web-1 --script disk --command uptime":                                              "runs as it stands in the configuration",
		"vm run web-1 --script disk --parameter executionTimeout=60":                               "runs as it stands in the configuration",
		"vm run web-1 --document AWS-RunPatchBaselines --parameter Operation=Scan":                 "Did you mean AWS-RunPatchBaseline?",
		"vm run web-1 --document AWS-ConfigureAWSPackage":                                          "does not allow the document AWS-ConfigureAWSPackage",
		"vm run web-1 --document AWS-RunPatchBaseline --parameter Operation=Wipe":                  "It allows Scan and Install.",
		"vm run web-1 --document AWS-RunPatchBaseline --parameters '{\"Operation\":[\"Wipe\"]}'":   "It allows Scan and Install.",
		"vm run web-1 --document AWS-RunPatchBaseline --parameter BaselineOverride=s3://evil/x":    "It allows Operation and SnapshotId.",
		"vm run web-1 --document Acme-Clean --parameter Path=/":                                    "It allows none of this document.",
		"vm run web-1 --document AWS-RunPatchBaseline --command uptime --parameter Operation=Scan": "is a document of its own",
		"vm run web-1": "The configuration has the scripts disk and services",
	} {
		cloud := newFake()
		_, err := vetted(t, cloud).run(t.Context(), line)
		if err == nil || commands.Words(err).Kind != commands.Usage || len(cloud.asked) != 0 {
			t.Errorf("%s: %v, asked %v", line, err, cloud.asked)
			continue
		}
		commandstest.Want(t, commandstest.Told(commands.Report{}, err), want)
	}
}

// What Systems Manager knows of the document is held against the line before anything is sent.
func TestADocumentIsGivenWhatItHas(t *testing.T) {
	t.Parallel()
	const patch = "vm run web-1 --document AWS-RunPatchBaseline"
	for name, c := range map[string]struct {
		line string
		set  func(*fakeCloud)
		want string
	}{
		"a parameter is missing":  {patch, nil, "AWS-RunPatchBaseline needs the parameter Operation"},
		"one value alone":         {patch + " --parameters Operation=[Scan,Install]", nil, "Operation is one value and no list"},
		"no such parameter":       {patch + " --parameter Operation=Scan", func(f *fakeCloud) { f.document.Parameters = nil }, "has no parameter Operation"},
		"an automation":           {"vm run web-1 --document Acme-Clean", func(f *fakeCloud) { f.document = aws.Document{Kind: "Automation"} }, "of type Automation, which instances do not run"},
		"another platform":        {patch + " --parameter Operation=Scan", func(f *fakeCloud) { f.document.Platforms = []string{"Windows"} }, "web-1 (i-0a1) runs Linux, for which AWS-RunPatchBaseline is not made"},
		"a shell for Linux alone": {"vm run web-1 --script disk", func(f *fakeCloud) { f.agents["i-0a1"] = aws.Agent{Known: true, Ping: "Online", Platform: "Windows"} }, "AWS-RunPowerShellScript is for Windows"},
	} {
		cloud := newFake()
		s := vetted(t, cloud)
		if c.set != nil {
			c.set(cloud)
		}
		for _, line := range []string{c.line, c.line + " --plan"} {
			got := commandstest.Told(s.run(t.Context(), line))
			if len(cloud.sent) != 0 {
				t.Errorf("%s: it was sent", name)
			}
			commandstest.Want(t, got, c.want)
		}
	}
}

func TestWhatIsVettedIsSentAsItStands(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"vm run web-1 --script disk":                                                                      "AWS-RunShellScript map[commands:[df -h / free -m]]",
		"vm run web-1 --script services":                                                                  "AWS-RunPowerShellScript map[commands:[Get-Service]]",
		"vm run web-1 --document AWS-RunPatchBaseline --parameter Operation=Scan":                         "AWS-RunPatchBaseline map[Operation:[Scan]]",
		`ssm send-command --instance-ids i-0a1 --parameters '{"commands":["a b","c, d"]}'`:                "AWS-RunShellScript map[commands:[a b c, d]]",
		`ssm send-command --instance-ids i-0a1 --parameters 'commands=["a b","c=d"],executionTimeout=60'`: "AWS-RunShellScript map[commands:[a b c=d] executionTimeout:[60]]",
		`ssm send-command --instance-ids i-0a1 --parameters commands=[whoami,date]`:                       "AWS-RunShellScript map[commands:[whoami date]]",
		`vm run web-1 --parameter "commands=[ -f /tmp/x ]"`:                                               "AWS-RunShellScript map[commands:[[ -f /tmp/x ]]]",
	} {
		cloud := newFake()
		_, err := vetted(t, cloud).run(t.Context(), line)
		if err != nil || len(cloud.sent) != 1 {
			t.Errorf("%s: %v, sent %v", line, err, cloud.sent)
			continue
		}
		if got := fmt.Sprint(cloud.sent[0].Document, " ", cloud.sent[0].Parameters); got != want {
			t.Errorf("%s sent %s, want %s", line, got, want)
		}
	}
}

// Rules speak of what is run; a tag of a machine does not pretend to be it. What was approved runs, whatever the configuration says by then.
func TestRulesSeeWhatIsRun(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	web := cloud.instance("i-0a1")
	web.Tags = map[string]string{"script": "disk", "env": "dev"}
	s := vetted(t, cloud)
	for line, want := range map[string]string{
		"vm run web-1 --script disk":                                              "map[document:AWS-RunShellScript env:dev script:disk]",
		"vm run web-1 --command uptime":                                           "map[document:AWS-RunShellScript env:dev script:]",
		"vm run web-1 --document AWS-RunPatchBaseline --parameter Operation=Scan": "map[document:AWS-RunPatchBaseline env:dev script:]",
	} {
		runner, invocation, err := s.runner(line)
		if err != nil {
			t.Fatal(err)
		}
		scope, err := runner.(*Script).Scope(t.Context()) //nolint:forcetypeassert // the line is vm run
		if got := fmt.Sprint(scope.Resources[0].Tags); err != nil || got != want {
			t.Errorf("%s: %s, want %s (%v)", line, got, want, err)
		}
		if web.Tags["script"] != "disk" || strings.Contains(line, "--script") && !strings.Contains(string(invocation.Args), "free -m") {
			t.Errorf("%s: %v %s", line, web.Tags, invocation.Args)
		}
	}
}
