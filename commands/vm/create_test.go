package vm

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
	"deckhand/commands/userdata"
)

const launchLine = "vm create --image-id ami-0123456789abcdef0"

func TestLaunchesThatAreRefusedWithoutAskingAWS(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"--count 21":   "--count asks for 21 instances, and one line launches at most 20.",
		"--count 1:21": "at most 20",
		"--count 0":    "--count 0 is no count.",
		"--count -1":   "--count",
		"--count 3:1":  "3:1 is no count.",
		"--count two":  "two is no count.",
		"--count 2 --private-ip-address 10.0.0.9": "--private-ip-address gives one address",
		"--private-ip-address 10.0.0.900":         "10.0.0.900 is not an IPv4 address.",
		"--private-ip-address ::1":                "::1 is not an IPv4 address.",
		"--type t3micro":                          "t3micro is not an instance type.",
		"--sg sg-xyz":                             "sg-xyz is not a security group's id.",
		"--subnet subnet-1":                       "subnet-1 is not a subnet's id.",
		"--user-data file://boot.sh":              "--user-data names a file",
		"--volume-size 70000":                     "--volume-size 70000 is out of range.",
		"--volume-size -5":                        "volume-size",
		"--tag aws:x=1":                           "begins with aws:",
		"--tag deckhand:owner=U_BOB":              "is one that deckhand writes itself",
		"--tag env=dev --env prod":                "The tag env is given as prod and as dev.",
		"--name a --tags Key=Name,Value=b":        "The tag Name is given as a and as b.",
		"--tags Key=a,Valve=b":                    "is no tag",
		"--tags nonsense":                         "shorthand",
		"--tag-specifications nonsense":           "shorthand",
		"--tag-specifications ResourceType=volume,Tags=[{Key=a,Value=b}]": "takes tags for the instance alone",
		"--tag k=" + strings.Repeat("v", 257):                             "The value of the tag k is too long.",
		"--tag " + strings.Repeat("k", 129) + "=v":                        "empty or too long",
		"--count 50 --type x --env dev --tag env=prod":                    "x is not an instance type.",
	} {
		cloud := newFake()
		_, err := request(t, cloud).run(t.Context(), launchLine+" "+args)
		if err == nil || commands.Words(err).Kind != commands.Usage {
			t.Errorf("%s: %v", args, err)
			continue
		}
		commandstest.Want(t, commandstest.Told(commands.Report{}, err), want)
		if len(cloud.asked) != 0 {
			t.Errorf("%s: AWS was asked %v", args, cloud.asked)
		}
	}
	for _, image := range []string{"ami-12", "ami-0123456789ABCDEF0", "ubuntu", "resolve:ssm:"} {
		if _, err := request(t, newFake()).run(t.Context(), "vm create --image-id "+image); err == nil || !strings.Contains(err.Error(), "is not an image id") {
			t.Errorf("%s: %v", image, err)
		}
	}
}

func TestLongUserDataIsRefused(t *testing.T) {
	t.Parallel()
	c := &Create{ImageID: "ami-0123456789abcdef0", Count: "1", InstanceType: "t3.micro", Flags: userdata.Flags{UserData: strings.Repeat("x", userdata.Most+1)}}
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "16385 bytes") {
		t.Error(err)
	}
}

func TestAllThatIsWrongWithALaunchIsToldAtOnce(t *testing.T) {
	t.Parallel()
	_, err := request(t, newFake()).run(t.Context(), "vm create --image-id x --type y --count z --sg sg-1")
	commandstest.Want(t, commandstest.Told(commands.Report{}, err), "x is not an image id.", "y is not an instance type.", "z is no count.", "sg-1 is not")
}

func TestALaunchHoldsWhatTheLineSays(t *testing.T) {
	t.Parallel()
	s := request(t, newFake())
	runner, _, err := s.runner(launchLine + ` --count 2:5 --instance-type m7i-flex.large --key-name mykey --security-groups web,sg-0123456789abcdef0
		--subnet front --associate-public-ip-address --iam-instance-profile Arn=arn:aws:iam::1:instance-profile/web --user-data "#!/bin/sh"
		--name web --env dev --tag a=1 --tags Key=b,Value=2 Key=c,Value= --tag-specifications "ResourceType=instance,Tags=[{Key=d,Value=4}]"
		--volume-size 30 --disable-api-termination`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := runner.(*Create).prepare(s.given()) //nolint:forcetypeassert // a panic is a failure
	if err != nil || got.PublicIP == nil || !*got.PublicIP {
		t.Fatal(got, err)
	}
	if tags := commands.TagWords(got.Tags); tags != "Name=web, a=1, b=2, c=, d=4, deckhand:owner=U_ALICE, deckhand:request=R-42, env=dev" {
		t.Error(tags)
	}
	got.PublicIP, got.Tags = nil, nil
	have, _ := json.Marshal(got)
	want, _ := json.Marshal(aws.Launch{
		ImageID: "ami-0123456789abcdef0", MinCount: 2, MaxCount: 5, InstanceType: "m7i-flex.large", KeyName: "mykey",
		SecurityGroups: []string{"web", "sg-0123456789abcdef0"}, Subnet: "front", UserData: "#!/bin/sh",
		InstanceProfile: "arn:aws:iam::1:instance-profile/web", RootVolumeGiB: 30, TerminationProtection: true,
	})
	if string(have) != string(want) {
		t.Errorf("got  %s\nwant %s", have, want)
	}
}

func TestScopeOfALaunchIsTheTagsAskedFor(t *testing.T) {
	t.Parallel()
	runner, _, err := request(t, newFake()).runner(launchLine + " --name web --env prod --account prod")
	if err != nil {
		t.Fatal(err)
	}
	scope, err := runner.(commands.Scoped).Scope(t.Context()) //nolint:forcetypeassert // a panic is a failure
	if err != nil || scope.Account != "prod" || scope.Region != "us-east-1" || len(scope.Resources) != 1 || scope.Resources[0].Tags["env"] != "prod" {
		t.Errorf("%+v, %v", scope, err)
	}
}

func TestAPlanLaunchesNothingAndHidesUserData(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	report, err := request(t, cloud).run(t.Context(), launchLine+` --user-data "password=hunter2" --plan`)
	if got := commandstest.Told(report, err); strings.Contains(got, "hunter2") || len(cloud.asked) != 0 {
		t.Error(got, cloud.asked)
	}
}

func TestALaunchWithLessThanAskedForSaysSo(t *testing.T) {
	t.Parallel()
	s := request(t, newFake())
	c := &Create{cloud: s.cloud}
	launched, _ := s.cloud.LaunchInstances(t.Context(), aws.Target{}, aws.Launch{MaxCount: 1, ClientToken: "x"})
	report, err := c.settle(t.Context(), s.given(), aws.Launch{MinCount: 1, MaxCount: 3}, launched)
	commandstest.Want(t, commandstest.Told(report, err), "[warning] 1 instance running: i-0e1", "AWS launched 1 of the 3 that were asked for at most.")
}

// A launch whose answer was lost is found by its token, even where AWS shows it late.
func TestALostLaunchIsFoundByItsToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cloud := newFake()
		cloud.lose["RunInstances"] = lost
		cloud.hideFor = 3
		s := request(t, cloud)
		if _, err := s.run(t.Context(), launchLine+" --name api"); !commands.IsUncertain(err) {
			t.Fatal(err)
		}
		report, err := s.check(t.Context(), launchLine+" --name api")
		commandstest.Want(t, commandstest.Told(report, err), "[good] 1 instance running: api")
		if len(cloud.asked) != 1 {
			t.Error(cloud.asked)
		}
	})
}

func TestALaunchThatNeverArrivedIsSaidToBeNone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cloud := newFake()
		cloud.refuse["RunInstances"] = lost
		s := request(t, cloud)
		if _, err := s.run(t.Context(), launchLine); !commands.IsUncertain(err) {
			t.Fatal(err)
		}
		_, err := s.check(t.Context(), launchLine)
		if err == nil || commands.Words(err).Kind != commands.Failed {
			t.Error(err)
		}
		commandstest.Want(t, commandstest.Told(commands.Report{}, err), "nothing was launched")
		cloud.refuse["DescribeInstances"] = denied
		_, err = s.check(t.Context(), launchLine)
		if !commands.IsUncertain(err) || !errors.Is(err, denied) {
			t.Error("AWS could not be asked, and yet: ", err)
		}
	})
}

func FuzzCreateArguments(f *testing.F) {
	f.Add("ami-0123456789abcdef0", "1:3", "t3.micro", "10.0.0.1", "Key=a,Value=b", "ResourceType=instance,Tags=[{Key=a,Value=b}]", 8)
	f.Add("", "", "", "", "", "", 0)
	f.Add("resolve:ssm:x", ":", ".", "::", "{", "[{", -1)
	f.Fuzz(func(t *testing.T, image, count, kind, ip, tag, spec string, size int) {
		c := &Create{
			ImageID: image, Count: count, InstanceType: kind, PrivateIP: ip, Tags: []string{tag}, TagSpecifications: []string{spec},
			VolumeSize: size, SecurityGroupIDs: []string{image, kind}, SubnetID: image, Name: kind, Flags: userdata.Flags{UserData: spec},
		}
		err := c.Validate()
		launch, _ := c.launch()
		if err != nil {
			if words := commands.Words(err); words.Kind != commands.Usage || words.Message == "" || words.Hint == "" {
				t.Errorf("an error without words: %+v", words)
			}
			return
		}
		if launch.MinCount < 1 || launch.MaxCount > mostPerLaunch || launch.MinCount > launch.MaxCount || launch.RootVolumeGiB < 0 {
			t.Errorf("passed: %+v", launch)
		}
		for key := range launch.Tags {
			if key == "" || strings.HasPrefix(key, "aws:") || strings.HasPrefix(key, "deckhand:") {
				t.Errorf("the tag %q passed", key)
			}
		}
	})
}
