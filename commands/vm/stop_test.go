package vm

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
)

func TestStopByState(t *testing.T) {
	t.Parallel()
	plain, forced := &Stop{}, &Stop{Force: true}
	for _, test := range []struct {
		stop *Stop
		i    aws.Instance
		want fit
	}{
		{plain, aws.Instance{State: aws.Running, RootDeviceType: "ebs"}, ready},
		{plain, aws.Instance{State: aws.Running, RootDeviceType: "instance-store"}, unfit},
		{plain, aws.Instance{State: aws.Stopping}, underWay},
		{forced, aws.Instance{State: aws.Stopping}, ready},
		{plain, aws.Instance{State: aws.Stopped}, there},
		{forced, aws.Instance{State: aws.Stopped}, there},
		{plain, aws.Instance{State: aws.Pending}, unfit},
		{plain, aws.Instance{State: aws.ShuttingDown}, unfit},
		{plain, aws.Instance{State: aws.Terminated}, unfit},
	} {
		if got, why := test.stop.judge(test.i); got != test.want || (why != "") != (test.want == unfit) {
			t.Errorf("%+v: %v %q", test.i, got, why)
		}
	}
}

func TestOneUnfitInstanceStopsNone(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	cloud.add("i-0f1", "early", aws.Pending, "dev")
	_, err := request(t, cloud).run(t.Context(), "vm stop web-1 early i-0d1")
	commandstest.Want(t, commandstest.Told(commands.Report{}, err), "[conflict]", "early (i-0f1) is still starting", "old (i-0d1) is terminated", "Nothing was done.")
	if len(cloud.asked) != 0 {
		t.Error(cloud.asked)
	}
}

func TestStopForcesWhatIsStuck(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	cloud.add("i-0f1", "stuck", aws.Stopping, "dev")
	s := request(t, cloud)
	plan, err := s.run(t.Context(), "vm stop stuck --force --plan")
	commandstest.Want(t, commandstest.Told(plan, err), "Would stop 1 instance: stuck", "Forced:")
	report, err := s.run(t.Context(), "vm stop stuck --force")
	commandstest.Want(t, commandstest.Told(report, err), "Stopped 1 instance: stuck")
	if len(cloud.asked) != 1 || !strings.HasSuffix(cloud.asked[0], "force") {
		t.Error(cloud.asked)
	}
}

func TestStopKeepsAnElasticAddressQuiet(t *testing.T) {
	t.Parallel()
	before := aws.Instance{ID: "i-0a1", Name: "web", PublicIP: "1.2.3.4"}
	note := (&Stop{}).action().note
	if text := note(before, before); text != "" {
		t.Error(text)
	}
	if text := note(before, aws.Instance{ID: "i-0a1", Name: "web"}); !strings.Contains(text, "1.2.3.4") {
		t.Error(text)
	}
}

func TestStopShowsProgress(t *testing.T) {
	t.Parallel()
	s := request(t, newFake())
	if _, err := s.run(t.Context(), "vm stop web-1 db"); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(s.said, "\n")
	commandstest.Want(t, got, "Asking AWS to stop 2 instances.", "0 of 2 stopped; waiting for ", "db (stopping)", "2 of 2 stopped")
}

func TestAStopThatAWSRefusesFailsForGood(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	cloud.refuse["StopInstances"] = denied
	s := request(t, cloud)
	for range 2 { // the second run reads the journal
		_, err := s.run(t.Context(), "vm stop web-1")
		if err == nil || commands.IsUncertain(err) || !strings.Contains(err.Error(), denied.Message) {
			t.Error(err)
		}
		delete(cloud.refuse, "StopInstances")
	}
	if cloud.state("i-0a1") != aws.Running {
		t.Error("it was tried again")
	}
}

func TestAPlanSaysWhichLoadBalancersAreLeftWithNothing(t *testing.T) {
	t.Parallel()
	const front = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/shop/0123456789abcdef"
	cloud := newFake()
	cloud.groups = []aws.TargetGroup{
		{ARN: "one", Name: "one", TargetType: "instance", LoadBalancers: []string{front}},
		{ARN: "two", Name: "two", TargetType: "instance"}, // behind nothing
		{ARN: "three", Name: "three", TargetType: "ip", LoadBalancers: []string{front}},
	}
	cloud.targets = map[string][]aws.TargetHealth{"one": {{ID: "i-0a1", State: aws.TargetHealthy}, {ID: "i-0b1", State: aws.TargetHealthy}}}
	for _, step := range []struct{ line, want string }{
		{"vm stop web-1 --plan", "The load balancer shop leads here: of 2 healthy, 1 would be left."},
		{"vm terminate web-1 db --plan", "The load balancer shop leads here: no healthy target would be left, and it would answer nothing."},
		{"vm reboot web-1 --plan", "of 2 healthy, 1 would be left."},
		{"vm resize web-1 --type t3.large --restart --plan", "of 2 healthy, 1 would be left."},
	} {
		report, err := request(t, cloud).run(t.Context(), step.line)
		commandstest.Want(t, commandstest.Told(report, err), step.want)
	}
	report, err := request(t, cloud).run(t.Context(), "vm stop twin --plan --region us-east-1")
	if told := commandstest.Told(report, err); strings.Contains(told, "load balancer") {
		t.Error(told)
	}
	cloud.refuse["DescribeTargetHealth"] = &commands.Error{Kind: commands.Denied, Message: "AWS did not allow it."}
	report, err = request(t, cloud).run(t.Context(), "vm stop web-1 --plan")
	commandstest.Want(t, commandstest.Told(report, err), "Whether the target group one leads here was not checked: AWS did not allow it.")
}

func TestAnImageIsOfferedBeforeWhatCannotBeTakenBack(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	for line, cost := range map[string]string{
		"vm terminate web-1 --plan": "$0.40", "vm resize web-1 t3.large --restart --plan": "$0.40", "vm terminate web-1 db --plan": "$0.80",
	} {
		report, err := request(t, cloud).run(t.Context(), line)
		commandstest.Want(t, commandstest.Told(report, err), "--image-first keeps the disks as an image first, at most "+cost+" a month.")
		if len(report.Offers) != 1 || report.Offers[0] != (commands.Offer{Flag: "image-first", Label: "Take an image first, at most " + cost + " a month"}) {
			t.Error(line, report.Offers)
		}
		report, err = request(t, cloud).run(t.Context(), line+" --image-first")
		commandstest.Want(t, commandstest.Told(report, err), "Before that an image is made of ")
		if len(report.Offers) != 0 {
			t.Error(line, "offers what it does anyway", report.Offers)
		}
	}
	cloud.refuse["DiskSize"] = &commands.Error{Kind: commands.Denied, Message: "AWS did not allow it."}
	report, err := request(t, cloud).run(t.Context(), "vm terminate web-1 --plan")
	commandstest.Want(t, commandstest.Told(report, err), "keeps the disks as an image first, $0.050 a month for each GiB in use.")
	cloud.refuse["SnapshotPrice"] = &commands.Error{Kind: commands.Unavailable, Message: "The price list did not answer."}
	report, err = request(t, cloud).run(t.Context(), "vm terminate web-1 --plan")
	commandstest.Want(t, commandstest.Told(report, err), "keeps the disks as an image first, at a price that is unknown.")
	report, err = request(t, cloud).run(t.Context(), "vm image web-1 --name web-1-before --plan")
	commandstest.Want(t, commandstest.Told(report, err), "how much is unknown: The price list did not answer.")
}

// TestEachOfTwinsIsKept: an image is looked for by its name, and that of one machine is not that of another with the same name.
func TestEachOfTwinsIsKept(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	twins, err := cloud.Instances(t.Context(), aws.Target{}, aws.InstanceQuery{Names: []string{"twin"}})
	if err != nil || len(twins) != 2 {
		t.Fatal(twins, err)
	}
	report, err := request(t, cloud).run(t.Context(), "vm terminate "+twins[0].ID+" "+twins[1].ID+" --image-first")
	commandstest.Want(t, commandstest.Told(report, err), "[good]", twins[0].ID+"-2026-03-10-0900-R-42", twins[1].ID+"-2026-03-10-0900-R-42")
	if len(cloud.images) != 2 {
		t.Errorf("%q", cloud.asked)
	}
}

func TestTheImageComesFirstOrNothingDoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, imageFirst)
}

func imageFirst(t *testing.T) {
	t.Helper()
	for line, after := range map[string]string{"vm terminate web-1 --image-first": "TerminateInstances i-0a1", "vm resize web-1 t3.large --restart --image-first": "StopInstances i-0a1"} {
		cloud := newFake()
		report, err := request(t, cloud).run(t.Context(), line)
		commandstest.Want(t, commandstest.Told(report, err), "[good]", "are kept as the image ami-0000000000000001a (web-1-2026-03-10-0900-R-42).")
		image, then := slices.Index(cloud.asked, "CreateImage i-0a1 web-1-2026-03-10-0900-R-42"), slices.Index(cloud.asked, after)
		if image < 0 || then < image {
			t.Errorf("%s: %q", line, cloud.asked)
		}

		cloud = newFake()
		cloud.refuse["image"] = &commands.Error{Kind: commands.Failed}
		report, err = request(t, cloud).run(t.Context(), line)
		commandstest.Want(t, commandstest.Told(report, err), "No image of web-1 (i-0a1) could be had first, so nothing else was done: the image ami-0000000000000001a is failed.")
		if slices.Contains(cloud.asked, after) {
			t.Errorf("%s: %q", line, cloud.asked)
		}

		lost := notKept(aws.Instance{ID: "i-1"}, "no answer came.", &commands.Error{Kind: commands.Uncertain, Message: "No answer came."})
		if commands.IsUncertain(lost) || !strings.Contains(lost.Error(), "so nothing else was done: no answer came.") {
			t.Error(lost)
		}

		cloud = newFake()
		name, _, _ := strings.Cut(after, " ")
		cloud.refuse[name] = &commands.Error{Kind: commands.Denied, Message: "AWS did not allow it."}
		report, err = request(t, cloud).run(t.Context(), line)
		commandstest.Want(t, commandstest.Told(report, err), "AWS did not allow it. The disks of web-1 (i-0a1) are kept as the image")

		cloud = newFake()
		cloud.refuse[name] = &commands.Error{Kind: commands.Uncertain, Message: "No answer came."}
		commandstest.Want(t, cutShort(t, cloud, line), "[failed]", "The disks of web-1 (i-0a1) are kept as the image")
	}
}
