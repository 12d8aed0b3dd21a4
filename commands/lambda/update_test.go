package lambda

import (
	"context"
	"slices"
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
	s.set = set
	return nil
}

// What stands around the code is written as the AWS CLI writes it, and a role of deckhand's gets what it needs for it first.
func TestWhatStandsAroundTheCodeIsSetAsTheAWSCLIWritesIt(t *testing.T) {
	t.Parallel()
	cloud := &shed{now: aws.Function{Name: "counter", ARN: someFunction + "counter", Role: "arn:aws:iam::123456789012:role/counter-role", Subnets: []string{"subnet-9"}, Groups: []string{"sg-9"}, StorageMB: 512}}
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
