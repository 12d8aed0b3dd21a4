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
