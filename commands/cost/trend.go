package cost

import (
	"cmp"
	"fmt"
	"math"
	"time"

	"deckhand/aws"
	"deckhand/commands"
)

const (
	week   = 7 // days that a trend is told from: whole ones, before today
	movers = 5
)

// between adds up what was spent from a day up to, and without, another, by service or value of the tag.
func between(spent []aws.Spend, from, to time.Time) (total float64, by map[string]float64, days int) {
	by = map[string]float64{}
	seen := map[time.Time]bool{}
	for _, s := range spent {
		if s.Day.Before(from) || !s.Day.Before(to) {
			continue
		}
		seen[s.Day] = true
		by[s.Service] += s.Amount
		total += s.Amount
	}
	return total, by, len(seen)
}

// forecast says what the month will cost if the days to come cost what the last seven did; "" where AWS does not know all of those.
func forecast(spent []aws.Spend, today time.Time, unit string) string {
	last, _, days := between(spent, today.AddDate(0, 0, -week), today)
	if days < week {
		return ""
	}
	first := time.Date(today.Year(), today.Month(), 1, 0, 0, 0, 0, time.UTC)
	so, _, _ := between(spent, first, today)
	left := first.AddDate(0, 1, 0).Sub(today).Hours() / 24
	return fmt.Sprintf("At the pace of the last %d days %s will have cost %s by its end.", week, today.Format("January"), money(so+last/week*left, unit))
}

// moved is what one service cost in two weeks.
type moved struct {
	name          string
	before, since float64
}

// change is a table of what changed most between the last seven whole days and the seven before; false where nothing is to be told.
func (c *Spend) change(spent []aws.Spend, today time.Time, unit string) (commands.Table, bool) {
	_, since, days := between(spent, today.AddDate(0, 0, -week), today)
	_, before, earlier := between(spent, today.AddDate(0, 0, -2*week), today.AddDate(0, 0, -week))
	if days < week || earlier < week {
		return commands.Table{}, false
	}
	all := map[string]moved{}
	for name, amount := range before {
		all[name] = moved{name: name, before: amount}
	}
	for name, amount := range since {
		all[name] = moved{name, before[name], amount}
	}
	var most []moved
	for _, m := range all {
		if math.Abs(m.since-m.before) >= 0.01 {
			most = append(most, m)
		}
	}
	commands.Order(most, func(a, b moved) int {
		return cmp.Or(cmp.Compare(math.Abs(b.since-b.before), math.Abs(a.since-a.before)), cmp.Compare(a.name, b.name))
	})
	table := commands.Table{Columns: []string{"Changed most", "7 days before", "Last 7 days", "Change"}}
	for _, m := range most[:min(movers, len(most))] {
		sign := "+"
		if m.since < m.before {
			sign = "-"
		}
		table.Rows = append(table.Rows, []string{c.name(service{name: m.name}), money(m.before, unit), money(m.since, unit), sign + money(math.Abs(m.since-m.before), unit)})
	}
	return table, len(table.Rows) > 0
}
