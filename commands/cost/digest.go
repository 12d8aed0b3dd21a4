package cost

import (
	"context"
	"fmt"
	"strings"
	"time"

	"deckhand/aws"
)

const dearest = 3 // services that a digest names

// Digest tells in two sentences what the account has cost this month, what most, and how the last seven whole days were against
// the seven before. AWS charges $0.01 for it.
func Digest(ctx context.Context, cloud Cloud, now time.Time) (string, error) {
	today := now.UTC().Truncate(24 * time.Hour)
	from := time.Date(today.Year(), today.Month(), 1, 0, 0, 0, 0, time.UTC)
	begin := today.AddDate(0, 0, -2*week)
	if from.Before(begin) {
		begin = from
	}
	spent, err := cloud.Spending(ctx, aws.Target{}, begin, today.AddDate(0, 0, 1), "")
	if err != nil {
		return "", err
	}
	total, services, unit := sum(spent, from)
	if unit == "" {
		return "Costs: AWS shows none in " + today.Format("January") + " so far.", nil
	}
	var most []string
	for _, s := range services[:min(dearest, len(services))] {
		if s.amount >= 0.01 {
			most = append(most, s.name+" "+money(s.amount, unit))
		}
	}
	text := fmt.Sprintf("Costs: %s in %s so far", money(total, unit), today.Format("January"))
	if len(most) > 0 {
		text += ", most of it " + strings.Join(most, ", ")
	}
	text += "."
	last, _, days := between(spent, today.AddDate(0, 0, -week), today)
	before, _, earlier := between(spent, today.AddDate(0, 0, -2*week), today.AddDate(0, 0, -week))
	if days == week && earlier == week {
		text += fmt.Sprintf(" The last 7 days %s, the 7 before %s.", money(last, unit), money(before, unit))
	}
	return text, nil
}
