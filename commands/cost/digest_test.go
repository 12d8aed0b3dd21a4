package cost

import (
	"errors"
	"testing"
	"time"

	"deckhand/aws"
	"deckhand/commands"
)

// TestTheCostsOfAPost are two sentences: the month, and the week against the one before.
func TestTheCostsOfAPost(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	first := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	var spent []aws.Spend
	for day := first; day.Before(noon); day = day.AddDate(0, 0, 1) {
		for name, amount := range map[string]float64{"EC2": 2, "RDS": 1, "ELB": 0.5, "S3": 0.25} {
			if !day.Before(noon.AddDate(0, 0, -8)) {
				amount *= 2
			}
			spent = append(spent, aws.Spend{Day: day, Service: name, Amount: amount, Unit: "USD"})
		}
	}
	for name, c := range map[string]struct {
		spent  []aws.Spend
		refuse error
		want   string
	}{
		"a month":  {spent, nil, "Costs: $105.00 in November so far, most of it EC2 $56.00, RDS $28.00, ELB $14.00. The last 7 days $52.50, the 7 before $26.25."},
		"a day":    {spent[len(spent)-4:], nil, "Costs: $7.50 in November so far, most of it EC2 $4.00, RDS $2.00, ELB $1.00."},
		"nothing":  {nil, nil, "Costs: AWS shows none in November so far."},
		"no right": {nil, &commands.Error{Message: "AWS does not allow it."}, ""},
	} {
		f := &fakeCloud{spent: c.spent, refuse: map[string]error{"spending": c.refuse}}
		got, err := Digest(t.Context(), f, noon)
		if got != c.want || !errors.Is(err, c.refuse) {
			t.Errorf("%s: %q, %v; not %q", name, got, err, c.want)
		}
	}
}
