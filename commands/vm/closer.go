package vm

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"deckhand/aws"
	"deckhand/commands"
)

const (
	closest   = 100                    // instances that one question for status checks takes; longer lists go without
	shortLook = 500 * time.Millisecond // the longest that a list waits for prices and status checks
	askingFor = 4                      // prices asked for at a time
)

// closer is what a list tells of instances besides what AWS lists of them.
type closer struct {
	prices map[rated]rate
	health map[string]string // by instance id; nil: the column is left out
	notes  []string          // why something is left out, in whole sentences
}

// rated is what has a price of its own.
type rated struct{ kind, platform string }

// rate is a price, or why there is none.
type rate struct {
	hourly float64 // US dollars
	err    error
}

// lookCloser asks for the prices and the status checks of instances that are shown. What does not come soon is unknown.
func lookCloser(ctx context.Context, cloud Cloud, t aws.Target, some []aws.Instance) closer {
	ctx, cancel := context.WithTimeout(ctx, shortLook)
	defer cancel()
	var c closer
	var looks sync.WaitGroup
	looks.Go(func() { c.prices = pricesFor(ctx, cloud, t, some) })
	if len(some) <= closest {
		var wrong error
		looks.Go(func() { c.health, wrong = healthOf(ctx, cloud, t, some) })
		looks.Wait()
		if wrong != nil && ctx.Err() != nil {
			c.notes = append(c.notes, "Health has not come in time: "+commands.Mono("vm show")+" waits for it.")
		} else if wrong != nil {
			c.notes = append(c.notes, "Health could not be read: "+trimStop(commands.Words(wrong).Message)+".")
		}
	}
	looks.Wait()
	if total := c.total(some); total != "" {
		c.notes = append(c.notes, total)
	}
	return c
}

// pricesFor asks once for each type and platform that costs something now.
func pricesFor(ctx context.Context, cloud Scout, t aws.Target, some []aws.Instance) map[rated]rate {
	prices := map[rated]rate{}
	for _, i := range some {
		if costs(i) && i.Lifecycle == "" {
			prices[rated{i.Type, i.Platform}] = rate{}
		}
	}
	var all []rated
	for what := range prices {
		all = append(all, what)
	}
	rates := make([]rate, len(all))
	free := make(chan struct{}, askingFor)
	var asks sync.WaitGroup
	for n, what := range all {
		free <- struct{}{}
		if err := ctx.Err(); err != nil {
			rates[n].err = &commands.Error{Kind: commands.Unavailable, Message: "AWS's price list was not asked in time.", Hint: commands.SendAgain, Err: err}
			<-free
			continue
		}
		asks.Go(func() {
			defer func() { <-free }()
			p, err := cloud.Price(ctx, t, what.kind, what.platform)
			rates[n] = rate{p.USDPerHour, err}
		})
	}
	asks.Wait()
	for n, what := range all {
		prices[what] = rates[n]
	}
	return prices
}

// healthOf answers the status checks of those that run, in words.
func healthOf(ctx context.Context, cloud Reader, t aws.Target, some []aws.Instance) (map[string]string, error) {
	health := map[string]string{}
	var running []string
	for _, i := range some {
		if i.State == aws.Running {
			running = append(running, i.ID)
			health[i.ID] = "not reported yet"
		}
	}
	if len(running) == 0 {
		return health, nil
	}
	statuses, err := cloud.Statuses(ctx, t, running)
	if err != nil {
		return nil, err
	}
	for _, s := range statuses {
		health[s.ID] = checksPassed(s)
	}
	return health, nil
}

const allPass = "2 of 2 pass"

func checksPassed(s aws.InstanceStatus) string {
	switch {
	case s.OK():
		return allPass
	case s.System == s.Instance:
		return s.System
	default:
		return statusWords(s)
	}
}

// costs tells whether AWS charges for the machine itself now. A stopped one costs its disks and addresses alone.
func costs(i aws.Instance) bool { return i.State == aws.Running || i.State == aws.Pending }

// month writes what a machine itself costs a month as it stands. A spot price changes, so it is unknown.
func (c closer) month(i aws.Instance) string {
	if !costs(i) {
		return "0.00"
	}
	r, asked := c.prices[rated{i.Type, i.Platform}]
	if i.Lifecycle != "" || !asked || r.err != nil {
		return "unknown"
	}
	return fmt.Sprintf("%.2f", r.hourly*commands.HoursOfMonth)
}

// total says what the machines cost together; "" where none costs anything.
func (c closer) total(some []aws.Instance) string {
	sum, known, unknown := 0.0, 0, 0
	var why error
	for _, i := range some {
		r := c.prices[rated{i.Type, i.Platform}]
		switch {
		case !costs(i):
		case i.Lifecycle != "" || r.err != nil:
			unknown++
			if r.err != nil && i.Lifecycle == "" {
				why = r.err
			}
		default:
			known++
			sum += r.hourly * commands.HoursOfMonth
		}
	}
	if known+unknown == 0 {
		return ""
	}
	missing := ""
	if unknown > 0 {
		missing = fmt.Sprintf("%s of unknown price", count(unknown))
		if why != nil {
			missing += " (" + trimStop(commands.Words(why).Message) + ")"
		}
	}
	if known == 0 {
		return strings.ToUpper(missing[:1]) + missing[1:] + "."
	}
	text := fmt.Sprintf("These cost $%.2f a month by AWS's list prices, without disks, addresses and traffic", sum)
	if missing != "" {
		text += "; besides " + missing
	}
	return text + "."
}

// table is the list of some instances with what was looked at closer. Columns that nothing is in are left out.
func (c closer) table(some []aws.Instance, now time.Time, note string) commands.Table {
	table := listTable(some, now, note)
	table.Columns = append(table.Columns, "$ a month")
	for n, i := range some {
		table.Rows[n] = append(table.Rows[n], c.month(i))
	}
	if c.health != nil {
		table.Columns = append(table.Columns, "Health")
		for n, i := range some {
			table.Rows[n] = append(table.Rows[n], commands.OrNone(c.health[i.ID]))
		}
	}
	return withoutEmpty(table)
}

// body is the table with what has to be said about it.
func (c closer) body(some []aws.Instance, now time.Time, note string) commands.Blocks {
	body := commands.Blocks{c.table(some, now, note)}
	if len(c.notes) > 0 {
		body = append(body, commands.Text{Text: strings.Join(c.notes, " ")})
	}
	return body
}

// withoutEmpty leaves out the columns after the first that hold nothing in any row.
func withoutEmpty(t commands.Table) commands.Table {
	var keep []int
	for n := range t.Columns {
		if n == 0 || slices.ContainsFunc(t.Rows, func(row []string) bool { return row[n] != commands.None }) {
			keep = append(keep, n)
		}
	}
	if len(keep) == len(t.Columns) {
		return t
	}
	only := func(cells []string) []string {
		out := make([]string, len(keep))
		for at, n := range keep {
			out[at] = cells[n]
		}
		return out
	}
	t.Columns = only(t.Columns)
	for r, row := range t.Rows {
		t.Rows[r] = only(row)
	}
	return t
}
