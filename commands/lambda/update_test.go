package lambda

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
)

func TestWhatAnUpdateLeftIsToldByMoreThanTheRevision(t *testing.T) {
	t.Parallel()
	before := aws.Function{Revision: "r", CodeSHA256: "a", Timeout: 3, ModifiedAt: time.Unix(1, 0)}
	for name, now := range map[string]aws.Function{
		"another revision": {Revision: "s", CodeSHA256: "a", Timeout: 3, ModifiedAt: time.Unix(1, 0)},
		"other code":       {Revision: "r", CodeSHA256: "b", Timeout: 3, ModifiedAt: time.Unix(1, 0)},
		"another setting":  {Revision: "r", CodeSHA256: "a", Timeout: 9, ModifiedAt: time.Unix(1, 0)},
		"a later time":     {Revision: "r", CodeSHA256: "a", Timeout: 3, ModifiedAt: time.Unix(2, 0)},
	} {
		if unchanged(before, now) {
			t.Errorf("with %s the function counts as unchanged", name)
		}
	}
	if same := before; !unchanged(before, same) {
		t.Error("the same function counts as changed")
	}
}

func TestAnUpdateIsThroughWhereEverySettingAndValueIsThere(t *testing.T) {
	t.Parallel()
	c := &Update{Settings: Settings{Timeout: 9}, SetEnv: []string{"MODE=b"}, UnsetEnv: []string{"OLD"}}
	for _, f := range []struct {
		now  aws.Function
		want bool
	}{
		{aws.Function{Timeout: 9, Environment: map[string]string{"MODE": "b", "OTHER": "x"}}, true},
		{aws.Function{Timeout: 3, Environment: map[string]string{"MODE": "b"}}, false},
		{aws.Function{Timeout: 9, Environment: map[string]string{"MODE": "a"}}, false},
		{aws.Function{Timeout: 9, Environment: map[string]string{"MODE": "b", "OLD": "x"}}, false},
	} {
		if got := c.configured(f.now); got != f.want {
			t.Errorf("%+v: %t", f.now, got)
		}
	}
}

func TestAnArchiveIsHashedAsLambdaTellsIt(t *testing.T) {
	t.Parallel()
	if got := hashed([]byte("x")); got != "LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=" { // printf x | openssl dgst -sha256 -binary | base64
		t.Error(got)
	}
}

func TestALogGroupThatOthersMayWriteIntoStays(t *testing.T) {
	t.Parallel()
	for group, want := range map[string]string{"/aws/lambda/counter": "/aws/lambda/counter", "/shared/app": "", "/aws/lambda/counter2": ""} {
		if got := ownLog(aws.Function{Name: "counter", LogGroup: group}); got != want {
			t.Errorf("%s: %q", group, got)
		}
	}
}

// shed is a function with a role of deckhand's, which keeps what it is set to.
type shed struct {
	coop
	now     aws.Function
	set     aws.FunctionSettings
	granted string
	changed func() // by somebody else, just before the first change
}

func (s *shed) Function(context.Context, aws.Target, string, string) (aws.Function, error) {
	return s.now, nil
}

func (s *shed) WaitForFunction(context.Context, aws.Target, string, func(aws.Function)) (aws.Function, error) {
	return s.now, nil
}

func (s *shed) Role(_ context.Context, _ aws.Target, name string) (aws.Role, error) {
	return aws.Role{Name: name, Tags: map[string]string{functionTag: "counter"}}, nil
}

func (s *shed) AllowRole(_ context.Context, _ aws.Target, role, policy, document string) error {
	s.granted = role + " " + policy + " " + document
	return nil
}

func (s *shed) UpdateFunctionSettings(_ context.Context, _ aws.Target, _ string, set aws.FunctionSettings) error {
	if s.changed != nil {
		s.changed()
		s.changed = nil
	}
	if set.Revision != "" && set.Revision != s.now.Revision {
		return &commands.Error{Kind: commands.Failed, Message: "The revision is another one."}
	}
	s.set = set
	return nil
}

// Variables are written as a whole: what somebody else set meanwhile is read again, and stays.
func TestAVariableThatIsSetLeavesThoseThatOthersSetMeanwhile(t *testing.T) {
	t.Parallel()
	cloud := &shed{now: aws.Function{Name: "counter", ARN: someFunction + "counter", Revision: "1", Environment: map[string]string{"OLD": "1"}}}
	cloud.changed = func() {
		cloud.now.Revision, cloud.now.Environment = "2", map[string]string{"OLD": "1", "THEIRS": "1"}
	}
	c, run := &Update{Named: Named{Name: "counter"}, SetEnv: []string{"MINE=1"}, cloud: cloud}, aRun()
	run.Journal = commandstest.Journal{}
	_, err := c.Run(t.Context(), run)
	must(t, err)
	if want := map[string]string{"OLD": "1", "THEIRS": "1", "MINE": "1"}; !maps.Equal(cloud.set.Environment, want) || cloud.set.Revision != "2" {
		t.Errorf("set %+v", cloud.set)
	}
}

// A role that is not there is told before anything is made; one of another account, or that nobody may look at, is left for AWS to judge.
func TestANamedRoleIsLookedUpFirst(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	p := picked{Place: aws.Place{AccountID: "123456789012", Region: "us-east-1"}}
	const arn, other = "arn:aws:iam::123456789012:role/team/r", "arn:aws:iam::210987654321:role/r"
	missing, denied := &commands.Error{Kind: commands.NotFound, Message: "none"}, &commands.Error{Kind: commands.Denied, Message: "no"}
	for name, k := range map[string]struct {
		role   string
		made   time.Duration
		answer error
		want   aRole
		err    bool
	}{
		"none":                       {"", 0, nil, aRole{}, false},
		"a name":                     {"r", time.Hour, nil, aRole{ARN: arn}, false},
		"a name of a new one":        {"r", time.Minute, nil, aRole{arn, true}, false},
		"an ARN":                     {arn, time.Hour, nil, aRole{ARN: arn}, false},
		"a name that is not there":   {"r", 0, missing, aRole{}, true},
		"an ARN that is not there":   {arn, 0, missing, aRole{}, true},
		"an ARN of another account":  {other, 0, missing, aRole{other, true}, false},
		"an ARN not to be looked at": {arn, 0, denied, aRole{arn, true}, false},
		"a name not to be looked at": {"r", 0, denied, aRole{}, true},
	} {
		got, err := namedRole(t.Context(), &hat{role: aws.Role{Name: "r", ARN: arn, MadeAt: now.Add(-k.made)}, err: k.answer}, p, k.role, now)
		if got != k.want || (err != nil) != k.err {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// hat is one role.
type hat struct {
	coop
	role aws.Role
	err  error
}

func (h *hat) Role(_ context.Context, _ aws.Target, name string) (aws.Role, error) {
	if name != h.role.Name {
		return aws.Role{}, &commands.Error{Kind: commands.Usage, Message: name}
	}
	return h.role, h.err
}

// What stands around the code is written as the AWS CLI writes it, and a role of deckhand's gets what it needs for it first.
func TestWhatStandsAroundTheCodeIsSetAsTheAWSCLIWritesIt(t *testing.T) {
	t.Parallel()
	cloud := &shed{now: aws.Function{Name: "counter", ARN: someFunction + "counter", Role: "arn:aws:iam::123456789012:role/counter-role", Subnets: []string{"subnet-9"}, Groups: []string{"sg-9"}, StorageMB: 512}}
	_, _, err := catalog(t).Parse("", "lambda update counter --vpc-config SubnetIds=subnet-1,SecurityGroupIds=web")
	if err == nil || !strings.Contains(commands.Terminal().Render(commands.Words(err).Error()), "web does not begin with sg-") {
		t.Errorf("the name of a group is answered by %v", err)
	}
	invocation, command, err := catalog(t).Parse("", "aws lambda update-function-configuration --function-name counter --vpc-config SubnetIds=subnet-1,subnet-2,SecurityGroupIds=sg-1 "+
		"--tracing-config Mode=Active --ephemeral-storage Size=1024 --layers arn:aws:lambda:us-east-1:123456789012:layer:a:1 arn:aws:lambda:us-east-1:123456789012:layer:b:2")
	must(t, err)
	runner, _, err := catalog(t).Runner(invocation)
	must(t, err)
	c, run := runner.(*Update), aRun() //nolint:forcetypeassert // the line says which
	c.cloud, run.Journal = cloud, commandstest.Journal{}
	report, err := c.Run(t.Context(), run)
	must(t, err)
	got := cloud.set
	if !slices.Equal(got.Subnets, []string{"subnet-1", "subnet-2"}) || !slices.Equal(got.Groups, []string{"sg-1"}) || got.Tracing != "Active" || got.StorageMB != 1024 || len(got.Layers) != 2 || !got.Granted {
		t.Errorf("%s set %+v", command.Name, got)
	}
	commandstest.Want(t, cloud.granted, "counter-role deckhand-settings", "ec2:CreateNetworkInterface", "lambda:SourceFunctionArn", "xray:PutTraceSegments")
	commandstest.Want(t, report.Next[2].Line, "--vpc-config SubnetIds=[subnet-9],SecurityGroupIds=[sg-9]", "--tracing-config Mode=PassThrough", "--ephemeral-storage Size=512")
	none := &Update{Settings: Settings{VPC: "SubnetIds=[],SecurityGroupIds=[]"}}
	var set aws.FunctionSettings
	must(t, none.around(&set))
	if set.Subnets == nil || len(set.Subnets)+len(set.Groups) > 0 {
		t.Errorf("%#v does not take it out of its VPC", set.Subnets)
	}
	for _, wrong := range []Settings{{VPC: "SubnetIds=subnet-1"}, {Tracing: "Mode=On"}, {Storage: "Size=1"}, {Layers: []string{"tools"}}} {
		if err := wrong.around(&set); err == nil || commands.Words(err).Kind != commands.Usage {
			t.Errorf("%+v is taken: %v", wrong, err)
		}
	}
}

func TestWhatNoLineTakesAwayAgainIsSaidBeforeItIsSet(t *testing.T) {
	t.Parallel()
	for want, k := range map[string]struct {
		line Update
		now  aws.Function
	}{
		"stay: no line takes them away": {Update{Settings: Settings{Description: "new"}}, aws.Function{}},
		"do not change.":                {Update{Settings: Settings{Description: "new"}}, aws.Function{Description: "old"}},
		"takes them away.":              {Update{Settings: Settings{Layers: []string{"a"}}}, aws.Function{}},
	} {
		if got := k.line.wayBack(k.now); !strings.Contains(got, want) || strings.Contains(got, "takes them away") != strings.Contains(want, "them away") {
			t.Errorf("%+v: %q", k.line.Settings, got)
		}
	}
}
