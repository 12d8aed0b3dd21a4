package cost

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"deckhand/aws"
	"deckhand/commands"
)

func (f *fakeCloud) Spending(_ context.Context, _ aws.Target, from, to time.Time, tag string) ([]aws.Spend, error) {
	f.tag = tag
	var out []aws.Spend
	for _, s := range f.spent {
		if !s.Day.Before(from) && s.Day.Before(to) {
			out = append(out, s)
		}
	}
	return out, f.refuse["spending"]
}

func (f *fakeCloud) Volumes(context.Context, aws.Target) ([]aws.Volume, error) {
	return f.volumes, f.refuse["disks"]
}

func (f *fakeCloud) NATGateways(context.Context, aws.Target, string) ([]aws.NATGateway, error) {
	return f.gateways, f.refuse["gateways"]
}

func (f *fakeCloud) Addresses(context.Context, aws.Target) ([]aws.Address, error) {
	return f.addresses, nil
}

func (f *fakeCloud) Price(_ context.Context, _ aws.Target, name, _ string) (aws.Price, error) {
	if name == "x9.huge" {
		return aws.Price{}, &commands.Error{Kind: commands.NotFound, Message: "Not on the list."}
	}
	return aws.Price{USDPerHour: 0.01}, nil
}

func (f *fakeCloud) DiskPrice(context.Context, aws.Target, string) (aws.Price, error) {
	return aws.Price{USDPerHour: 0.0001}, nil
}

func (f *fakeCloud) BalancerPrice(context.Context, aws.Target, string) (aws.Price, error) {
	return aws.Price{USDPerHour: 0.02}, nil
}

func (f *fakeCloud) NATPrice(context.Context, aws.Target) (aws.Price, error) {
	return aws.Price{USDPerHour: 0.05}, nil
}

func (f *fakeCloud) AddressPrice(context.Context, aws.Target) (aws.Price, error) {
	return aws.Price{USDPerHour: 0.005}, nil
}

// town runs a machine for each of two people, and what stands around them.
func town() *fakeCloud {
	of := func(owner, app string) map[string]string {
		return map[string]string{commands.OwnerTag: owner, commands.AppTag: app}
	}
	return &fakeCloud{
		refuse: map[string]error{},
		instances: []aws.Instance{
			{ID: "i-1", State: aws.Running, Type: "t3.micro", PublicIP: "192.0.2.1", Tags: of("U_ALICE", "shop")}, {ID: "i-2", State: aws.Running, Type: "t3.micro", PublicIP: "192.0.2.2", Tags: of("U_BOB", "")},
			{ID: "i-3", State: aws.Running, Type: "x9.huge", Tags: of("U_BOB", "")}, {ID: "i-4", State: aws.Stopped, Type: "t3.micro", Tags: of("U_BOB", "")},
		},
		volumes:   []aws.Volume{{ID: "vol-1", GiB: 100, Type: "gp3", Tags: of("U_ALICE", "shop")}},
		addresses: []aws.Address{{ID: "eipalloc-1", IP: "192.0.2.2"}},
		gateways:  []aws.NATGateway{{ID: "nat-1", State: "available", Tags: of("U_ALICE", "")}, {ID: "nat-2", State: "deleting"}},
		targets:   map[string]int{},
	}
}

func TestWhatRunsIsEstimatedWhereCostExplorerKnowsNoTags(t *testing.T) {
	t.Parallel()
	cloud := town()
	cloud.spent = []aws.Spend{{Day: now.Truncate(24 * time.Hour), Amount: 3, Unit: "USD"}}
	got, _ := run(t, cloud, "cost month --by owner")
	// Alice: 0.01 + 0.005 + 100 x 0.0001 + 0.05 an hour; Bob: 0.01; without an owner: the elastic address.
	for _, want := range []string{
		"$3.00 in March 2026 so far", "has to be activated", "An estimate: what runs in us-east-1 now costs at least $65.70 a month at AWS's list prices",
		"Of unknown price, and not counted: 1 x machine (Not on the list).", "U_ALICE          54.75            1 NAT gateway, 1 address, 1 disk, 1 machine",
		"U_BOB            7.30 and more    2 machines", "without the tag  3.65             1 address",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}
	cloud.spent = []aws.Spend{{Day: now.Truncate(24 * time.Hour), Service: "U_BOB", Amount: 3, Unit: "USD"}}
	if got, _ := run(t, cloud, "cost month --by owner"); strings.Contains(got, "An estimate") {
		t.Error(got)
	}
}

func TestWhatRunsIsEstimatedWhereCostExplorerRefuses(t *testing.T) {
	t.Parallel()
	cloud := town()
	no := &commands.Error{Kind: commands.Denied, Message: "AWS refused.", Hint: "Ask."}
	cloud.refuse["spending"], cloud.refuse["disks"] = no, no
	got, _ := run(t, cloud, "cost today --by app")
	for _, want := range []string{"Cost Explorer did not tell the cost", "AWS refused. Ask.", "An estimate:", "Not looked at: disks. AWS refused.", "Application", "shop             10.95"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}
	for _, kind := range []string{"instances", "gateways", "balancers"} {
		cloud.refuse[kind] = no
	}
	if got, _ := run(t, cloud, "cost today --by app"); !strings.HasPrefix(got, "[denied]") {
		t.Error(got)
	}
	if got, _ := run(t, cloud, "cost today"); !strings.HasPrefix(got, "[denied]") {
		t.Error(got)
	}
}

func TestMonthTellsItsEndAndWhatChanged(t *testing.T) {
	t.Parallel()
	cloud := &fakeCloud{refuse: map[string]error{}}
	for n := range 30 {
		day := now.Truncate(24*time.Hour).AddDate(0, 0, -n)
		ec2 := 1.0
		if n >= 1 && n <= 7 {
			ec2 = 3
		}
		cloud.spent = append(cloud.spent, aws.Spend{Day: day, Service: "EC2", Amount: ec2, Unit: "USD"}, aws.Spend{Day: day, Service: "S3", Amount: 1, Unit: "USD"})
	}
	got, _ := run(t, cloud, "cost month")
	// March 10th: nine days so far, of which seven at $4 and two at $2; 22 days to come at $4.
	for _, want := range []string{"At the pace of the last 7 days March will have cost $120.00 by its end.", "EC2           $7.00          $21.00       +$14.00"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}
	if strings.Contains(got, "S3            $7.00") {
		t.Error("what did not change is told as changed")
	}
	if got, _ := run(t, cloud, "cost today"); strings.Contains(got, "pace") {
		t.Error(got)
	}
	cloud.spent = cloud.spent[:8]
	if got, _ := run(t, cloud, "cost month"); strings.Contains(got, "pace") || strings.Contains(got, "Changed") {
		t.Error("told from too few days:", got)
	}
}

// spender spends two dollars a day on machines and a quarter on the rest, but for one day.
func spender() *fakeCloud {
	f := &fakeCloud{refuse: map[string]error{}}
	for n := range 60 {
		day := now.Truncate(24*time.Hour).AddDate(0, 0, -n)
		if n == 4 {
			continue
		}
		f.spent = append(f.spent, aws.Spend{Day: day, Service: "EC2", Amount: 2, Unit: "USD"}, aws.Spend{Day: day, Service: "Others", Amount: 0.25, Unit: "USD"})
	}
	return f
}

func TestWhatWasSpent(t *testing.T) {
	t.Parallel()
	got, report := run(t, spender(), "cost month")
	for _, want := range []string{"$20.25 in March 2026 so far", "EC2      $18.00", "Others   $2.25", "AWS charges $0.01", "123456789012 · all regions", "What is idle: cost idle"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}
	chart, ok := report.Body[1].(commands.Chart)
	if !ok || len(chart.Labels) != 20 || chart.Labels[19] != "Mar 10" || chart.Series[0].Points[15] != nil || *chart.Series[0].Points[19] != 2.25 {
		t.Errorf("%+v", report.Body[1])
	}
	if got, _ := run(t, spender(), "cost today"); !strings.HasPrefix(got, "$2.25 today\n") {
		t.Error(got)
	}
}

func TestMonthsThatAreLongerThanTheChart(t *testing.T) {
	t.Parallel()
	cloud := spender()
	late := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	for n := range 21 {
		cloud.spent = append(cloud.spent, aws.Spend{Day: late.Truncate(24*time.Hour).AddDate(0, 0, -n), Service: "EC2", Amount: 1, Unit: "CNY"})
	}
	report, err := (&Spend{cloud: cloud, month: true}).Run(t.Context(), &commands.Run{Now: late})
	if err != nil || report.Title != "41.25 CNY in March 2026 so far" {
		t.Error(report.Title, err)
	}
}

func TestManyServicesAndNone(t *testing.T) {
	t.Parallel()
	cloud := &fakeCloud{}
	for n := range 14 {
		cloud.spent = append(cloud.spent, aws.Spend{Day: now.Truncate(24 * time.Hour), Service: fmt.Sprintf("Service %02d", n), Amount: float64(n), Unit: "USD"})
	}
	got, _ := run(t, cloud, "cost today")
	if !strings.Contains(got, "4 others    $6.00") || !strings.HasPrefix(got, "$91.00 today") {
		t.Error(got)
	}
	if got, _ := run(t, &fakeCloud{}, "cost month"); !strings.HasPrefix(got, "AWS shows no cost in March 2026 so far") {
		t.Error(got)
	}
	cloud.refuse = map[string]error{"spending": &commands.Error{Kind: commands.Denied, Message: "AWS refused."}}
	if got, _ := run(t, cloud, "cost month"); got != "[denied] AWS refused." {
		t.Error(got)
	}
}

func TestCostByTag(t *testing.T) {
	t.Parallel()
	spent := func(values ...string) *fakeCloud {
		f := &fakeCloud{}
		for n, value := range values {
			f.spent = append(f.spent, aws.Spend{Day: now.Truncate(24 * time.Hour), Service: value, Amount: float64(n + 1), Unit: "USD"})
		}
		return f
	}
	yesterday := &fakeCloud{spent: []aws.Spend{{Day: now.Truncate(24*time.Hour).AddDate(0, 0, -1), Service: "EC2", Amount: 3, Unit: "USD"}}}
	for line, c := range map[string]struct {
		cloud *fakeCloud
		tag   string
		has   []string
	}{
		"cost today --by owner":           {spent("U_ALICE", "U_BOB", ""), "deckhand:owner", []string{"$6.00 today", "Owner            Cost", "without the tag  $3.00", "U_BOB            $2.00", "U_ALICE          $1.00", "Without the tag deckhand:owner is what was not made with deckhand"}},
		"cost month --by app":             {spent("shop", "cart"), "deckhand:app", []string{"Application  Cost", "cart         $2.00"}},
		"cost month --by app --account x": {spent(""), "deckhand:app", []string{"AWS knows no cost by the tag deckhand:app. It has to be activated as a cost allocation tag"}},
		"cost month --by owner":           {spent(), "deckhand:owner", []string{"AWS shows no cost in March 2026 so far", "has to be activated"}},
		"cost month --by service":         {spent("EC2"), "", []string{"Service  Cost"}},
		"cost today":                      {yesterday, "", []string{"AWS shows no cost today", "Mar 9   3", "a day late"}},
		"cost month --by team":            {spent(), "", []string{"[usage]"}},
	} {
		got, _ := run(t, c.cloud, line)
		if c.cloud.tag != c.tag {
			t.Errorf("%s: asked by %q", line, c.cloud.tag)
		}
		for _, want := range c.has {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %q is missing in:\n%s", line, want, got)
			}
		}
	}
}
