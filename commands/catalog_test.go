package commands

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// sample has an argument of every type.
type sample struct {
	Names  []string          `arg:"names" alias:"instance-ids" value:"NAME"`
	Type   string            `flag:"instance-type" alias:"type" enum:"t3.micro,t3.large" default:"t3.micro"`
	Count  int               `flag:"count" default:"1"`
	Public *bool             `flag:"associate-public-ip-address"`
	Force  bool              `flag:"force"`
	Tags   map[string]string `flag:"tag"`
	Groups []string          `flag:"security-group-ids"`
	Raw    []string          `flag:"filters" raw:""`
	For    time.Duration     `flag:"timeout" default:"5s"`
	Image  string            `flag:"image-id" required:""`
	Where
}

type Where struct {
	Region string `flag:"region"`
}

func (s *sample) Run(context.Context, *Run) (Report, error) { return Report{}, nil }

type plain struct {
	Word string `arg:"word"`
}

func (*plain) Run(context.Context, *Run) (Report, error) { return Report{}, nil }

type helper struct {
	About []string `arg:"about"`
}

func (*helper) Run(context.Context, *Run) (Report, error) { return Report{}, nil }

func catalog(t testing.TB) *Catalog {
	t.Helper()
	c, err := NewCatalog([]Command{
		{Name: "vm create", Aliases: []string{"ec2 run-instances"}, Summary: "Create instances", Example: "vm create --image-id ami-1", Risk: Change, New: func() Runner { return &sample{} }},
		{Name: "vm stop", Summary: "Stop instances", Example: "vm stop web", Risk: Change, New: func() Runner { return &plain{} }},
		{Name: "vm resize", Summary: "Resize", Example: "vm resize web", Risk: Change, Instead: map[string]string{"ebs-optimized": "It is so by itself."}, New: func() Runner { return &plain{} }},
		{Name: "vm list", Aliases: []string{"ec2 describe-instances"}, Summary: "List instances", Example: "vm list", New: func() Runner { return &plain{} }},
		{Name: "net sg allow", Summary: "Allow", Example: "net sg allow x", Risk: Change, New: func() Runner { return &plain{} }},
		{Name: "status", Summary: "Say", Example: "status", New: func() Runner { return &plain{} }},
		{Name: "help", Summary: "Help", Example: "help", New: func() Runner { return &helper{} }},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestLinesThatAreUnderstood(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	for _, k := range []struct{ why, noun, line, command, args string }{
		{"the plain spelling", "", "vm create --image-id ami-1 --count 2", "vm create", `"Count":2`},
		{"a slash command that is a noun", "vm", "create --image-id ami-1", "vm create", `"Image":"ami-1"`},
		{"the noun said twice", "vm", "vm list", "vm list", ``},
		{"another noun after it", "vm", "status", "status", ``},
		{"the AWS CLI's spelling", "", "aws ec2 run-instances --image-id ami-1", "vm create", `"Image":"ami-1"`},
		{"the AWS CLI's flags before the service", "", "aws --no-cli-pager --output text ec2 run-instances --image-id ami-1", "vm create", `"Image":"ami-1"`},
		{"the same between service and operation", "", "aws ec2 --region eu-west-1 run-instances --image-id ami-1", "vm create", `"Region":"eu-west-1"`},
		{"a region before the verb", "vm", "--region=eu-west-1 create --image-id ami-1", "vm create", `"Region":"eu-west-1"`},
		{"without aws", "", "ec2 describe-instances", "vm list", ``},
		{"capital letters of a phone", "", "Vm List", "vm list", ``},
		{"three words", "", "net sg allow x", "net sg allow", `"Word":"x"`},
		{"flag=value", "", "vm create --image-id=ami-1", "vm create", `"Image":"ami-1"`},
		{"one dash", "", "vm create -image-id ami-1 -type t3.large", "vm create", `"Type":"t3.large"`},
		{"a default", "", "vm create --image-id a", "vm create", `"For":5000000000`},
		{"AWS's lists", "", "vm create --image-id a --security-group-ids sg-1 sg-2 --count 1", "vm create", `"Groups":["sg-1","sg-2"]`},
		{"lists with commas", "", "vm create --image-id a --security-group-ids sg-1,sg-2", "vm create", `"Groups":["sg-1","sg-2"]`},
		{"raw lists keep commas", "", "vm create --image-id a --filters Name=x,Values=a,b Name=y,Values=c", "vm create", `"Raw":["Name=x,Values=a,b","Name=y,Values=c"]`},
		{"tags", "", "vm create --image-id a --tag env=dev team=x web", "vm create", `"Names":["web"]`},
		{"tags twice", "", "vm create --image-id a --tag env=dev --tag team=x", "vm create", `"Tags":{"env":"dev","team":"x"}`},
		{"tags as the AWS CLI writes them", "", "vm create --image-id a --tag Key=env,Value=dev Key=team,Value=x", "vm create", `"Tags":{"env":"dev","team":"x"}`},
		{"tags as JSON", "", `vm create --image-id a --tag '[{"Key": "env", "Value": "a,b"}]'`, "vm create", `"Tags":{"env":"a,b"}`},
		{"a list of tags", "", "vm create --image-id a --tag '[{Key=env,Value=dev},{Key=team,Value=x}]'", "vm create", `"Tags":{"env":"dev","team":"x"}`},
		{"a tag specification", "", "vm create --image-id a --tag ResourceType=vpc,Tags=[{Key=Name,Value=lab}]", "vm create", `"Tags":{"Name":"lab"}`},
		{"a tag that is called Key", "", "vm create --image-id a --tag Key=1,env=dev", "vm create", `"Tags":{"Key":"1","env":"dev"}`},
		{"a switch", "", "vm create web --image-id a --associate-public-ip-address", "vm create", `"Public":true`},
		{"its opposite", "", "vm create web --image-id a --no-associate-public-ip-address", "vm create", `"Public":false`},
		{"absent is neither", "", "vm create web --image-id a", "vm create", `"Public":null`},
		{"a positional given by its flag", "", "vm create --image-id a --instance-ids i-1 i-2", "vm create", `"Names":["i-1","i-2"]`},
		{"a flag of an embedded struct", "", "vm create --image-id a --region eu-west-1", "vm create", `"Region":"eu-west-1"`},
		{"flags of the AWS CLI that only print", "", "aws ec2 describe-instances --output table --no-cli-pager", "vm list", ``},
		{"a quoted value that looks like a flag", "", `vm stop "--web"`, "vm stop", `"Word":"--web"`},
		{"help by flag", "", "vm create --help", "help", `["vm","create"]`},
		{"help after the noun", "vm", "help", "help", `["vm"]`},
		{"a noun alone", "", "vm", "help", `["vm"]`},
		{"nothing at all", "", "", "help", `"About":[]`},
		{"a line that was copied with its slash command", "", "/deckhand vm list", "vm list", ``},
		{"a question mark", "vm", "?", "help", `["vm"]`},
		{"the same tag twice", "", "vm create --image-id a --tag env=dev --tag env=dev", "vm create", `"Tags":{"env":"dev"}`},
		{"help by its name", "", "help vm stop", "help", `["vm","stop"]`},
	} {
		inv, command, err := c.Parse(k.noun, k.line)
		if err != nil {
			t.Errorf("%s: %q: %v", k.why, k.line, err)
			continue
		}
		if command.Name != k.command || !strings.Contains(string(inv.Args), k.args) {
			t.Errorf("%s: %q is %s %s, want %s with %s", k.why, k.line, command.Name, inv.Args, k.command, k.args)
		}
		if _, _, err := c.Runner(inv); err != nil {
			t.Errorf("%s: %q cannot be run again from what is stored: %v", k.why, k.line, err)
		}
	}
}

func TestLinesThatAreNotUnderstoodSayTheNearestRightThing(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	for _, k := range []struct{ why, line, want string }{
		{"a mistyped verb", "vm crate --image-id x", "did you mean vm create? Example: vm create --image-id ami-1"},
		{"a mistyped noun", "wm list", "did you mean vm list?"},
		{"a mistyped AWS operation", "aws ec2 run-instance --image-id x", "did you mean vm create?"},
		{"a verb of nobody's", "vm frobnicate", "did you mean vm list?"},
		{"an operation that begins as a command does", "vm stop-everything --all", "There is no command vm stop-everything. Type help vm to see"},
		{"a flag before the verb", "vm --foo list", "--foo comes before the verb, and flags come after it. Example: vm list. help vm has the verbs."},
		{"a verb written as a flag", "vm --list", "There is no flag --list here: did you mean vm list? Example: vm list"},
		{"a flag and no command", "--foo bar", "--foo is a flag, and no command comes before it. Type help"},
		{"an operation that only resembles another by its service", "aws ec2 describe-network-acls", "There is no command ec2 describe-network-acls. Type help"},
		{"an operation of a service whose name resembles a command", "stats list-certificates", "There is no command stats list-certificates. Type help"},
		{"two lines in one", "vm list && vm stop web", "&& is a shell's. One line is one command"},
		{"a plural flag", "vm create --image-id a --tags env=dev", "did you mean --tag? Example"},
		{"a key with two values", "vm create --image-id a --tag env=dev --tag env=prod", "--tag has env twice, as dev and as prod. Give one of them."},
		{"a missing value of a flag by its other name", "vm create --image-id a --instance-ids", "--instance-ids wants a value."},
		{"nothing near", "xyzzy", "Type help"},
		{"the verb first", "stop web", "There is no command stop web: did you mean vm stop web? help vm stop has more."},
		{"the verb first, and several of its", "list vms", "did you mean vm list?"},
		{"the noun in other words", "servers stop web", "did you mean vm stop web?"},
		{"as to a person", "please halt the server web!", "There is no command please halt: did you mean vm stop web?"},
		{"a question", "is web running?", "did you mean vm list web?"},
		{"one that is about everything", "is prod up", "did you mean status prod?"},
		{"what needs more than is said", "make a server", "did you mean vm create? Example: vm create --image-id ami-1"},
		{"the plural of what is shown", "describe my servers", "did you mean vm list?"},
		{"nothing but fillers", "what can I do?", "There is no command what can: did you mean help?"},
		{"more names than one", "halt web db", "did you mean vm stop? Example: vm stop web"},
		{"fillers behind a command", "vm stop my web please", "Did you mean vm stop web?"},
		{"a noun in other words and nothing else", "instances", "did you mean vm list?"},
		{"a service of AWS that nothing here is near to", "aws s3 ls", "There is no command s3 ls. Type help"},
		{"a mistyped flag", "vm create --imageid ami-1", "did you mean --image-id? Example"},
		{"a flag grown together with its value", "vm create --image-idami12", "did you mean --image-id ami12?"},
		{"a flag of nobody's", "vm create --image-id a --frobnicate", "There is no flag --frobnicate here."},
		{"a wrong choice", "vm create --image-id a --type t3.mcro", "did you mean t3.micro?"},
		{"no number", "vm create --image-id a --count two", "--count must be a whole number, and two is not."},
		{"no time", "vm create --image-id a --timeout 5", "must be a length of time"},
		{"no pair", "vm create --image-id a --tag env", "wants KEY=VALUE, and env is not."},
		{"a value for a switch", "vm create --image-id a --force=maybe", "takes no value such as maybe"},
		{"something missing", "vm create", "It needs --image-id. Example: vm create"},
		{"a missing value", "vm create --image-id", "--image-id wants a value. Example"},
		{"a missing value before a flag", "vm create --image-id --count 2", "--image-id wants a value."},
		{"a flag that is only near to one that is given", "vm create --image-id a --image-key b", "There is no flag --image-key here"},
		{"twice", "vm create --image-id a --image-id b", "--image-id is given twice."},
		{"a word too many", "vm stop a b", "b is one word too many."},
		{"an operation that another command does", "aws ec2 modify-instance-attribute --instance-id i-1", "What it is for is done by vm resize (resize). Example: vm resize web"},
		{"a flag that the command does otherwise", "vm resize web --ebs-optimized x y --frobnicate", "does not take --ebs-optimized. It is so by itself. There is no flag --frobnicate here."},
		{"a change that nobody sees", "vm stop web --private", "--private is for questions alone"},
		{"an answer for two audiences", "vm list --private --public", "--private is for questions alone"},
		{"a refused flag", "aws ec2 describe-instances --query x", "does not take --query. Leave it out"},
	} {
		_, _, err := c.Parse("", k.line)
		if err == nil {
			t.Errorf("%s: %q is understood", k.why, k.line)
			continue
		}
		got := Terminal().Render(Words(err).Error())
		if !strings.Contains(got, k.want) || Words(err).Kind != Usage {
			t.Errorf("%s: %q answers %q, want %q in it", k.why, k.line, got, k.want)
		}
	}
}

func TestPlanIsPartOfWhatIsApproved(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	run, _, _ := c.Parse("", "vm stop web")
	planned, _, _ := c.Parse("", "vm stop web --dry-run")
	other, _, _ := c.Parse("", "vm stop db")
	again, _, _ := c.Parse("", "vm  stop   'web'")
	if !planned.Plan || run.Plan || planned.Digest() == run.Digest() || other.Digest() == run.Digest() || again.Digest() != run.Digest() {
		t.Errorf("digests: %s %s %s %s", run.Digest(), planned.Digest(), other.Digest(), again.Digest())
	}
	if read, _, _ := c.Parse("", "vm list --plan"); read.Plan {
		t.Error("a read has nothing to plan")
	}
}

func TestAStoredLineOfAnotherVersionIsRefused(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	for _, inv := range []Invocation{
		{Command: "vm stop", Args: json.RawMessage(`{"Word":"a","New":1}`)},
		{Command: "vm gone", Args: json.RawMessage(`{}`)},
		{Command: "ec2 run-instances", Args: json.RawMessage(`{}`)},
	} {
		if _, _, err := c.Runner(inv); err == nil {
			t.Errorf("%s %s is run", inv.Command, inv.Args)
		}
	}
}

func TestHelpShowsOnlyWhatTheAskerMayRun(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	report, err := c.Help(nil, func(command *Command) bool { return command.Risk == Read })
	text := RenderText(report)
	if err != nil || !strings.Contains(text, "vm list") || strings.Contains(text, "stop") || !strings.Contains(text, "4 more commands are not yours") {
		t.Errorf("%v\n%s", err, text)
	}
	report, err = c.Help([]string{"vm", "create"}, func(*Command) bool { return true })
	text = RenderText(report)
	if err != nil || !strings.Contains(text, "--security-group-ids SECURITY_GROUP_IDS") || !strings.Contains(text, "Also spelled ec2 run-instances") {
		t.Errorf("%v\n%s", err, text)
	}
	if _, err := c.Help([]string{"vm", "crate"}, func(*Command) bool { return true }); err == nil || !strings.Contains(err.Error(), "vm create") {
		t.Errorf("got %v", err)
	}
}

func FuzzALineIsUnderstoodOrRefused(f *testing.F) {
	for _, seed := range []string{"vm create --image-id a --tag x=y", "vm stop —plan web", "help vm", `aws ec2 run-instances "a`, "--", "- - -"} {
		f.Add(seed)
	}
	c := catalog(f)
	f.Fuzz(func(t *testing.T, line string) {
		inv, _, err := c.Parse("", line)
		if err != nil {
			if Words(err).Kind != Usage {
				t.Errorf("%q: %v", line, err)
			}
			return
		}
		if _, _, err := c.Runner(inv); err != nil {
			t.Errorf("%q is understood and cannot be run: %v", line, err)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	c := catalog(b)
	for b.Loop() {
		_, _, _ = c.Parse("vm", "create --image-id ami-12345678 --count 2 --instance-type t3.micro --security-group-ids sg-1")
	}
}
