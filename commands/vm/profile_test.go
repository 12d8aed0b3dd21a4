package vm

import (
	"encoding/json"
	"strings"
	"testing"

	"deckhand/commands"
	"deckhand/commands/commandstest"
)

func profiles() []Profile {
	return []Profile{
		{Name: "web", Env: "dev", Presets: []commands.Preset{
			{Flag: "env", Value: "dev"}, {Flag: "image-id", Value: "ami-0123456789abcdef0"}, {Flag: "instance-type", Value: "t3.small"},
			{Flag: "security-group-ids", Value: "web,sg-0123456789abcdef0"}, {Flag: "associate-public-ip-address", Value: "false"},
			{Flag: "volume-size", Value: "20"}, {Flag: "tag", Value: "team=shop floor"}, {Flag: "tag", Value: "tier=1"},
		}},
		{Name: "batch", Presets: []commands.Preset{{Flag: "image-id", Value: "ami-0fedcba9876543210"}}},
	}
}

func TestAProfileFillsInWhatALineLeavesOpen(t *testing.T) {
	t.Parallel()
	const whole = " --image-id ami-0123456789abcdef0 --instance-type t3.small --security-group-ids web,sg-0123456789abcdef0 --associate-public-ip-address false --volume-size 20 --tag 'team=shop floor' --tag tier=1"
	for line, want := range map[string]string{
		"vm create --profile web":                                                       "vm create --profile web --env dev" + whole,
		"vm create --env dev":                                                           "vm create --env dev" + whole,
		"vm create --tags Key=env,Value=dev":                                            "vm create --tags Key=env,Value=dev" + whole,
		"vm create --profile batch --env dev":                                           "vm create --profile batch --env dev --image-id ami-0fedcba9876543210",
		"vm create --profile batch --image-id ami-0123456789abcdef0":                    "vm create --profile batch --image-id ami-0123456789abcdef0",
		"vm create --profile none --env dev --image-id ami-0fedcba9876543210":           "vm create --profile none --env dev --image-id ami-0fedcba9876543210",
		"vm create --env dev --type t3.nano --sg db --public-ip --tag tier=2 --env dev": "",
		"vm create --profile web --env prod --ami ami-0fedcba9876543210 --type t3.nano --sg db --public-ip --volume-size 9 --tag tier=2 --tag team=x": "vm create --profile web --env prod --ami ami-0fedcba9876543210 --type t3.nano --sg db --public-ip --volume-size 9 --tag tier=2 --tag team=x",
	} {
		s := request(t, newFake())
		s.profiles = profiles()
		runner, invocation, err := s.runner(line)
		if want == "" {
			if err == nil {
				t.Errorf("%s: passed", line)
			}
			continue
		}
		if err != nil || strings.ReplaceAll(invocation.Line, `"`, "'") != want {
			t.Errorf("%s:\ngot  %s, %v\nwant %s", line, invocation.Line, err, want)
			continue
		}
		first, _ := runner.(*Create).prepare(s.given()) //nolint:forcetypeassert // a panic is a failure
		s.profiles = nil                                // the configuration has changed: what was written down is whole
		if line == "vm create --env dev" {
			again, _, err := s.runner(invocation.Line)
			if err != nil {
				t.Fatal(err)
			}
			second, _ := again.(*Create).prepare(s.given()) //nolint:forcetypeassert // a panic is a failure
			have, _ := json.Marshal(second)
			if want, _ := json.Marshal(first); string(have) != string(want) {
				t.Errorf("typed again: %s, and it was %s", have, want)
			}
		}
	}
}

func TestAProfileThatIsNotThere(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"vm create --profile wbe":            "There is no profile wbe. Did you mean web?",
		"vm create --profile production":     "There are web and batch; an AWS account is named with --account.",
		"vm create --profile batch --type x": "x is not an instance type.",
		"vm create --env prod":               "It needs --image-id.",
		"vm list --profile web":              "deckhand does not take --profile. Name the account with --account.",
	} {
		s := request(t, newFake())
		s.profiles = profiles()
		_, _, err := s.runner(line)
		commandstest.Want(t, commandstest.Told(commands.Report{}, err), want)
	}
}

func TestAPlanSaysWhatComesFromTheProfile(t *testing.T) {
	t.Parallel()
	s := request(t, newFake())
	s.profiles = profiles()
	report, err := s.run(t.Context(), "vm create --env dev --volume-size 9 --plan")
	got := commandstest.Told(report, err)
	commandstest.Want(t, got, "t3.small, from the profile web", "no, from the profile web", "; team and tier from the profile web", "9 GiB, encrypted")
	if strings.Contains(got, "encrypted, from") {
		t.Error(got)
	}
}
