package cost

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
)

var now = time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)

// fakeCloud is an account with some things left behind.
type fakeCloud struct {
	instances []aws.Instance
	volumes   []aws.Volume
	addresses []aws.Address
	gateways  []aws.NATGateway
	targets   map[string]int      // by load balancer's name
	groups    map[string][]string // target groups by load balancer's ARN
	refuse    map[string]error    // by kind
	spent     []aws.Spend
	removed   []string
	tag       string // that the cost was asked by
}

func (f *fakeCloud) Place(_ context.Context, t aws.Target) aws.Place {
	return aws.Place{AccountID: "123456789012", AccountName: t.Account, Region: "us-east-1"}
}

func (f *fakeCloud) Instances(_ context.Context, _ aws.Target, q aws.InstanceQuery) ([]aws.Instance, error) {
	var out []aws.Instance
	for _, i := range f.instances {
		if i.State == q.States[0] {
			out = append(out, i)
		}
	}
	return out, f.refuse["instances"]
}

func (f *fakeCloud) LooseVolumes(context.Context, aws.Target) ([]aws.Volume, error) {
	return f.volumes, f.refuse["volumes"]
}

func (f *fakeCloud) LooseAddresses(context.Context, aws.Target) ([]aws.Address, error) {
	return f.addresses, f.refuse["addresses"]
}

func (f *fakeCloud) LoadBalancers(context.Context, aws.Target, aws.LoadBalancerQuery) ([]aws.LoadBalancer, error) {
	var out []aws.LoadBalancer
	for arn := range f.groups {
		out = append(out, aws.LoadBalancer{ARN: arn, Name: arn, DNSName: arn + ".elb.amazonaws.com"})
	}
	return out, f.refuse["balancers"]
}

func (f *fakeCloud) TargetGroups(_ context.Context, _ aws.Target, q aws.TargetGroupQuery) ([]aws.TargetGroup, error) {
	var out []aws.TargetGroup
	for _, g := range f.groups[q.LoadBalancer] {
		out = append(out, aws.TargetGroup{ARN: g})
	}
	return out, f.refuse["groups"]
}

func (f *fakeCloud) TargetHealth(_ context.Context, _ aws.Target, group string) ([]aws.TargetHealth, error) {
	return make([]aws.TargetHealth, f.targets[group]), f.refuse["health"]
}

func stopped(id, name, said string) aws.Instance {
	return aws.Instance{ID: id, Name: name, Type: "t3.micro", State: aws.Stopped, StateChanged: said}
}

func leftBehind() *fakeCloud {
	return &fakeCloud{
		instances: []aws.Instance{
			stopped("i-1", "old", "User initiated (2026-02-01 10:00:00 UTC)"),
			stopped("i-2", "new", "User initiated (2026-03-09 10:00:00 GMT)"),
			stopped("i-3", "", "User initiated (2026-02-24 09:00:00 GMT)"),
			stopped("i-4", "silent", ""),
			stopped("i-5", "odd", "User initiated (2026-13-40 99:00:00 GMT)"),
			{ID: "i-6", Name: "busy", State: aws.Running},
		},
		volumes:   []aws.Volume{{ID: "vol-1", Name: "old-data", GiB: 20, Type: "gp3", CreatedAt: now.Add(-40 * 24 * time.Hour)}},
		addresses: []aws.Address{{ID: "eipalloc-1", IP: "54.0.0.1"}},
		groups:    map[string][]string{"empty": {"g1", "g2"}, "used": {"g3", "g4"}, "redirects": nil},
		targets:   map[string]int{"g4": 1},
		refuse:    map[string]error{},
	}
}

func run(t *testing.T, cloud *fakeCloud, line string) (string, commands.Report) {
	t.Helper()
	report, err := commandstest.Run(t.Context(), t, Commands(cloud), &commands.Run{Now: now}, line)
	if err != nil {
		return "[" + string(commands.Words(err).Kind) + "] " + commands.Terminal().Render(err.Error()), report
	}
	return commands.RenderText(report), report
}

func TestAPriceThatIsNotToldIsUnknown(t *testing.T) {
	t.Parallel()
	if got := monthly(20)(aws.Price{USDPerHour: 0.0001}, nil); got != "$1.46" {
		t.Errorf("20 GiB cost %s", got)
	}
	if got := monthly(20)(aws.Price{}, context.DeadlineExceeded); got != "unknown" {
		t.Errorf("a price that did not come is %s", got)
	}
}

func TestWhatIsIdle(t *testing.T) {
	t.Parallel()
	got, report := run(t, leftBehind(), "cost idle")
	want := `5 things in us-east-1 cost money and do nothing
What              Name      ID                       Why                                          A month
VM t3.micro       -         i-3                      stopped for 14 days; its disks are paid for  unknown
VM t3.micro       old       i-1                      stopped for 36 days; its disks are paid for  unknown
Disk, 20 GiB gp3  old-data  vol-1                    attached to nothing, made 40 days ago        $1.46
Address 54.0.0.1  -         eipalloc-1               leads to nothing                             $3.65
Load balancer     empty     empty.elb.amazonaws.com  has no targets                               $14.60
Nothing was changed. Prices are of AWS's list, without traffic; what a stopped machine's disks cost is not looked up.
Of 2 stopped machines AWS does not say since when: they are not in the list.
Terminate i-3: vm terminate i-3 --if-stopped
Delete old-data: vm volume delete vol-1
Release 54.0.0.1: net address release eipalloc-1
Delete empty: lb delete empty --if-empty
Terminate old: vm terminate i-1 --if-stopped
123456789012 · us-east-1
`
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	for _, next := range report.Next {
		if next.Confirm == "" || next.Style != "danger" {
			t.Errorf("%+v asks nobody", next)
		}
	}
}

func TestOtherDaysAndPlaces(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"cost idle --days 30":                         "stopped for 36 days",
		"cost idle --days 0":                          "Terminate new: vm terminate i-2 --if-stopped",
		"cost idle --region eu-west-1 --account prod": "vm terminate i-3 --region eu-west-1 --account prod --if-stopped",
		"cost idle --days -1":                         "[usage]",
		"cost idle --days 4000":                       "It may be 0 to 3650.",
	} {
		if got, _ := run(t, leftBehind(), line); !strings.Contains(got, want) {
			t.Errorf("%s: %q is missing in:\n%s", line, want, got)
		}
	}
	if got, _ := run(t, leftBehind(), "cost idle --days 30"); strings.Contains(got, "14 days") {
		t.Errorf("14 days are not 30:\n%s", got)
	}
}

func TestNothingIdle(t *testing.T) {
	t.Parallel()
	if got, _ := run(t, &fakeCloud{}, "cost idle"); got != "Nothing idle found in us-east-1\n123456789012 · us-east-1\n" {
		t.Error(got)
	}
}

func TestWhatAWSDoesNotShowIsNotChecked(t *testing.T) {
	t.Parallel()
	denied := &commands.Error{Kind: commands.Denied, Message: "AWS refused."}
	for kind, what := range map[string]string{
		"instances": "stopped machines", "volumes": "disks", "addresses": "addresses", "balancers": "load balancers", "groups": "load balancers", "health": "load balancers",
	} {
		cloud := leftBehind()
		cloud.refuse[kind] = denied
		if got, _ := run(t, cloud, "cost idle"); !strings.Contains(got, "Not checked: "+what+". AWS refused.") {
			t.Errorf("%s:\n%s", kind, got)
		}
	}
	blind := &fakeCloud{refuse: map[string]error{"instances": denied, "volumes": denied, "addresses": denied, "balancers": denied}}
	if got, _ := run(t, blind, "cost idle"); got != "[denied] AWS refused." {
		t.Error(got)
	}
}

func TestManyThingsAreAllInTheFile(t *testing.T) {
	t.Parallel()
	cloud := &fakeCloud{}
	for n := range 75 {
		cloud.volumes = append(cloud.volumes, aws.Volume{ID: fmt.Sprintf("vol-%d", n), Name: strings.Repeat("n", 40)})
	}
	got, report := run(t, cloud, "cost idle")
	if !strings.Contains(got, "1-60 of 75; the file has all.") || strings.Count(got, "vol-") != 60+75+8 || len(report.Body) != 4 {
		t.Error(got)
	}
	if got := label("Terminate ", strings.Repeat("ü", 40)); len([]rune(got)) != 30 {
		t.Error(got)
	}
}

func (f *fakeCloud) ReleaseAddress(_ context.Context, _ aws.Target, id string, dryRun bool) error {
	return f.remove(id, dryRun)
}

func (f *fakeCloud) DeleteVolume(_ context.Context, _ aws.Target, id string, dryRun bool) error {
	return f.remove(id, dryRun)
}

func (f *fakeCloud) remove(id string, dryRun bool) error {
	if !dryRun && f.refuse["remove"] == nil {
		f.removed = append(f.removed, id)
	}
	return f.refuse["remove"]
}

func TestRemovingWhatIsAttachedToNothing(t *testing.T) {
	t.Parallel()
	refused := &commands.Error{Kind: commands.Denied, Message: "AWS refused.", Hint: "Ask somebody."}
	for line, c := range map[string]struct {
		refuse  error
		has     []string
		removed string
	}{
		"vm volume delete vol-1":                               {nil, []string{"Deleted: Disk, 20 GiB gp3, old-data (vol-1)"}, "vol-1"},
		"ec2 delete-volume --volume-id vol-1":                  {nil, []string{"Deleted: "}, "vol-1"},
		"vm volume delete old-data --region eu-west-1":         {nil, []string{"What is idle: cost idle --region eu-west-1"}, "vol-1"},
		"vm volume delete vol-9":                               {nil, []string{"[not_found] There is no disk vol-9 here that is attached to nothing, so nothing was done."}, ""},
		"vm volume delete twin":                                {nil, []string{"[ambiguous] twin is the name of 2 of them"}, ""},
		"vm volume delete vol-1 ":                              {refused, []string{"[denied] AWS refused."}, ""},
		"net address release 54.0.0.1":                         {nil, []string{"Released: Address 54.0.0.1 (eipalloc-1)"}, "eipalloc-1"},
		"ec2 release-address --allocation-id eipalloc-1":       {nil, []string{"Released: "}, "eipalloc-1"},
		"net address release 54.0.0.2":                         {nil, []string{"There is no address 54.0.0.2 here"}, ""},
		"vm volume delete old-data --plan":                     {nil, []string{"Would remove: Disk, 20 GiB gp3, old-data (vol-1)", "create-snapshot --volume-id vol-1", "would go through"}, ""},
		"net address release eipalloc-1 --plan":                {nil, []string{"Would remove: Address 54.0.0.1", "AWS gives the address to somebody else"}, ""},
		"net address release eipalloc-1 --plan --account prod": {refused, []string{"AWS would refuse to remove: Address 54.0.0.1", "Ask somebody."}, ""},
	} {
		cloud := leftBehind()
		cloud.volumes = append(cloud.volumes, aws.Volume{ID: "vol-2", Name: "twin"}, aws.Volume{ID: "vol-3", Name: "twin"})
		cloud.refuse["remove"] = c.refuse
		got, _ := run(t, cloud, line)
		for _, want := range c.has {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %q is missing in:\n%s", line, want, got)
			}
		}
		if strings.Join(cloud.removed, " ") != c.removed {
			t.Errorf("%s: removed %v", line, cloud.removed)
		}
	}
}
