package vm

import (
	"slices"
	"testing"

	"deckhand/commands"
	"deckhand/commands/commandstest"
)

func TestALaunchThatAWSHasNoRoomForIsRefusedBeforeAWSIsAsked(t *testing.T) {
	t.Parallel()
	for why, c := range map[string]struct {
		args   string
		change func(*fakeCloud)
		kind   commands.Kind
		want   []string
	}{
		"nowhere in the region": {"--region us-east-1", func(f *fakeCloud) { f.market.zones, f.market.near = nil, []string{"t3.micro", "t3.small"} },
			commands.NotFound, []string{"t3.micro is not offered in us-east-1, so nothing was done.", "Types like it that are: t3.micro, t3.small."}},
		"nowhere near": {"", func(f *fakeCloud) { f.market.zones = nil },
			commands.NotFound, []string{"is not offered in us-east-1", "another region"}},
		"not in the subnet's zone": {"--subnet far", nil,
			commands.Failed, []string{"not offered in the zone us-east-1f", "It is offered in us-east-1a, us-east-1b"}},
		"the quota is used up": {"--count 13", nil,
			commands.Failed, []string{"8 of 32 vCPUs are used, and this needs 26", "nothing was done", "Running On-Demand Standard instances"}},
		"an image for another processor": {"--type t4g.small", func(f *fakeCloud) { f.processor = "x86_64" },
			commands.Failed, []string{"is for x86_64, and t4g.small has arm64: AWS would refuse, so nothing was done."}},
		"the least does not fit": {"--count 13:20", nil,
			commands.Failed, []string{"this needs 26 to 40"}},
	} {
		for _, plan := range []string{"", " --plan"} {
			cloud := newFake()
			if c.change != nil {
				c.change(cloud)
			}
			_, err := request(t, cloud).run(t.Context(), launchLine+" "+c.args+plan)
			if err == nil || commands.Words(err).Kind != c.kind {
				t.Errorf("%s%s: %v", why, plan, err)
				continue
			}
			commandstest.Want(t, commandstest.Told(commands.Report{}, err), c.want...)
			if len(cloud.asked) != 0 {
				t.Errorf("%s: AWS was asked %v", why, cloud.asked)
			}
		}
	}
}

func TestWhatCannotBeAskedIsNotCheckedAndStopsNothing(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	for _, operation := range []string{"DescribeInstanceTypeOfferings", "GetServiceQuota", "GetProducts", "DescribeInstanceTypes"} {
		cloud.refuse[operation] = denied
	}
	report, err := request(t, cloud).run(t.Context(), launchLine+" --plan")
	commandstest.Want(t, commandstest.Told(report, err), "Offered                 not checked: deckhand may not do this in AWS",
		"vCPU quota              not checked: deckhand may not do this in AWS", "Price                   unknown: deckhand may not")
	report, err = request(t, cloud).run(t.Context(), launchLine)
	commandstest.Want(t, commandstest.Told(report, err), "[good] 1 instance running")
}

func TestTheZoneOfASubnetThatCannotBeSeenIsNotChecked(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	cloud.refuse["DescribeSubnets"] = denied
	report, err := request(t, cloud).run(t.Context(), launchLine+" --subnet front --plan")
	commandstest.Want(t, commandstest.Told(report, err), "in us-east-1a, us-east-1b; the zone of the subnet was not checked")
}

func TestALaunchThatWasSentIsNotRefusedForTheRoomThatItTook(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	s := request(t, cloud)
	s.journal.cut = launchStep
	if _, err := s.run(t.Context(), launchLine+" --count 12"); err == nil {
		t.Fatal("the process did not end")
	}
	cloud.market.used = 32
	report, err := s.run(t.Context(), launchLine+" --count 12")
	commandstest.Want(t, commandstest.Told(report, err), "[good] 12 instances running")
}

func TestNumbersAndPrices(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1152: "1,152", 1234567: "1,234,567", -1234: "-1,234", -123: "-123"} {
		if got := thousands(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
	for hourly, want := range map[float64]string{0.0104: "$0.0104 an hour, $7.59 a month", 3: "$3.00 an hour, $2190.00", 0.5: "$0.50 an hour", 0.192: "$0.192 an hour"} {
		commandstest.Want(t, dollars(hourly), want)
	}
}

func TestTheNewestImageOfAName(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	s := request(t, cloud)
	plan, err := s.run(t.Context(), "vm create --image-id Ubuntu-24.04 --plan")
	commandstest.Want(t, commandstest.Told(plan, err), "ami-00000000000000001, the newest ubuntu-24.04 for x86_64")
	// The request that was planned launches what was planned, though a newer image came out.
	report, err := s.run(t.Context(), "vm create --image-id Ubuntu-24.04")
	commandstest.Want(t, commandstest.Told(report, err), "[good] 1 instance running", "Launched from ami-00000000000000001, the newest ubuntu-24.04 for x86_64.")
	if i := cloud.instances[len(cloud.instances)-1]; i.ImageID != "ami-00000000000000001" {
		t.Error(i.ImageID)
	}
	report, err = request(t, cloud).run(t.Context(), "vm create --image-id amazon-linux-2023 --type t4g.small --plan")
	commandstest.Want(t, commandstest.Told(report, err), "ami-00000000000000a64, the newest amazon-linux-2023 for arm64")
	report, err = request(t, cloud).run(t.Context(), "vm create --image-id resolve:ssm:/golden --type t2.small --plan")
	commandstest.Want(t, commandstest.Told(report, err), "ami-00000000000000002, which /golden holds now")
}

func TestImagesThatAreNotThere(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	_, err := request(t, cloud).run(t.Context(), "vm create --image-id debian-12")
	commandstest.Want(t, commandstest.Told(commands.Report{}, err), "[not_found]", "/aws/service/debian/release/12/latest/amd64")
	cloud.refuse["GetParameter"] = denied
	_, err = request(t, cloud).run(t.Context(), "vm create --image-id ubuntu-24.04")
	commandstest.Want(t, commandstest.Told(commands.Report{}, err), "[denied]")
	for line, want := range map[string]string{
		"vm create --image-id ubunto-24.04": "Did you mean ubuntu-24.04?",
		"vm create --image-id ubuntu":       "Did you mean ubuntu-24.04?",
		"vm create --image-id debian":       "Did you mean debian-13?",
		"vm create --image-id windows":      "the names are amazon-linux-2, amazon-linux-2023",
	} {
		_, err = request(t, cloud).run(t.Context(), line)
		commandstest.Want(t, commandstest.Told(commands.Report{}, err), "[usage]", want)
	}
	if len(cloud.asked) != 0 {
		t.Error(cloud.asked)
	}
}

func TestTheProcessorOfATypeByItsName(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	cloud.refuse["DescribeInstanceTypes"] = denied
	report, err := request(t, cloud).run(t.Context(), "vm create --image-id ubuntu-24.04 --type m7g.large --plan")
	commandstest.Want(t, commandstest.Told(report, err), "for arm64")
	arm := []string{"a1.large", "t4g.micro", "m7gd.large", "c7gn.large", "im4gn.large", "is4gen.large", "x2gd.large", "g5g.xlarge"}
	for _, name := range append(arm, "t3.micro", "g4dn.xlarge", "m7i-flex.large", "m5.large", "g6.xlarge", "u-6tb1.metal") {
		if got := architectureOfName(name) == "arm64"; got != slices.Contains(arm, name) {
			t.Errorf("%s: arm64 %v", name, got)
		}
	}
}
