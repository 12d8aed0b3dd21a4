package cost

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// Spend is cost today and cost month.
type Spend struct {
	Account string `flag:"account" value:"NAME" help:"AWS account by its name in the configuration."`
	By      string `flag:"by" default:"service" enum:"service,owner,app" help:"What the cost is told by; owner and app are the tags that deckhand writes."`

	cloud Cloud
	month bool
}

const (
	topServices = 10
	chartDays   = 20
	charged     = "AWS charges $0.01 for this question. The days are in UTC, of all regions, before credits and taxes are settled; the last days are estimates, and a cost shows up to a day late."
)

// Run asks Cost Explorer.
func (c *Spend) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	t := aws.Target{Account: c.Account}
	today := run.Now.UTC().Truncate(24 * time.Hour)
	from, period := today, "today"
	if c.month {
		from, period = time.Date(today.Year(), today.Month(), 1, 0, 0, 0, 0, time.UTC), "in "+today.Format("January 2006")+" so far"
	}
	// The days before show whether this is much.
	begin := today.AddDate(0, 0, 1-chartDays)
	if from.Before(begin) {
		begin = from
	}
	spent, err := c.cloud.Spending(ctx, t, begin, today.AddDate(0, 0, 1), c.tag())
	if err != nil {
		return c.instead(ctx, t, err)
	}
	place := c.cloud.Place(ctx, t)
	place.Region = "all regions"
	total, services, unit := sum(spent, from)
	report := commands.Report{Title: fmt.Sprintf("%s %s", money(total, unit), period), Where: where.Words(place)}
	if len(services) > 0 {
		report.Body = append(report.Body, c.table(services, unit))
	}
	if len(services) == 0 {
		report.Title = "AWS shows no cost " + period
	}
	if unit != "" {
		report.Body = append(report.Body, daily(spent, today, unit))
	}
	if c.month {
		report.Body = append(report.Body, c.trend(spent, today, unit)...)
	}
	if note := c.note(spent, services); note != "" {
		report.Body = append(report.Body, commands.Text{Text: note})
	}
	if c.tag() != "" && !tagged(spent) {
		report.Body = append(report.Body, c.running(ctx, t)...)
	}
	report.Body = append(report.Body, commands.Text{Text: charged})
	report.Next = []commands.Next{{Label: "What is idle", Line: "cost idle" + where.Flags(t)}}
	return report, nil
}

// instead estimates what runs now where Cost Explorer cannot be asked for owners or applications.
func (c *Spend) instead(ctx context.Context, t aws.Target, err error) (commands.Report, error) {
	if c.tag() == "" || ctx.Err() != nil {
		return commands.Report{}, err
	}
	estimate := c.running(ctx, t)
	if estimate == nil {
		return commands.Report{}, err
	}
	words := commands.Words(err)
	return commands.Report{
		Tone: commands.Warning, Title: "Cost Explorer did not tell the cost", Where: where.Words(c.cloud.Place(ctx, t)),
		Body: append(commands.Blocks{commands.Text{Text: strings.TrimSpace(words.Message + " " + words.Hint)}}, estimate...),
		Next: []commands.Next{{Label: "What is idle", Line: "cost idle" + where.Flags(t)}},
	}, nil
}

// trend is where the month goes, and what changed.
func (c *Spend) trend(spent []aws.Spend, today time.Time, unit string) commands.Blocks {
	var body commands.Blocks
	if words := forecast(spent, today, unit); words != "" {
		body = append(body, commands.Text{Text: words})
	}
	if table, told := c.change(spent, today, unit); told {
		body = append(body, table)
	}
	return body
}

// tagged tells whether AWS knows any cost by the tag.
func tagged(spent []aws.Spend) bool {
	return slices.ContainsFunc(spent, func(s aws.Spend) bool { return s.Service != "" })
}

// service is what one service cost.
type service struct {
	name   string
	amount float64
}

// sum adds up what was spent since a day, the dearest service first.
func sum(spent []aws.Spend, from time.Time) (total float64, services []service, unit string) {
	by := map[string]float64{}
	for _, s := range spent {
		unit = s.Unit
		if !s.Day.Before(from) {
			total += s.Amount
			by[s.Service] += s.Amount
		}
	}
	for name, amount := range by {
		services = append(services, service{name, amount})
	}
	commands.Order(services, func(a, b service) int {
		return cmp.Or(cmp.Compare(b.amount, a.amount), strings.Compare(a.name, b.name))
	})
	return total, services, unit
}

// tag is the key of the tag that the cost is told by, "" for services.
func (c *Spend) tag() string {
	return map[string]string{"owner": commands.OwnerTag, "app": commands.AppTag}[c.By]
}

// name is what a line of the table is called.
func (c *Spend) name(s service) string {
	switch {
	case c.tag() != "" && s.name == "":
		return "without the tag"
	case c.By == "owner":
		return commands.Person(s.name)
	default:
		return commands.Unmarked(s.name)
	}
}

// note says what an answer by tag does not tell.
func (c *Spend) note(spent []aws.Spend, services []service) string {
	tag := c.tag()
	if tag == "" {
		return ""
	}
	if !tagged(spent) {
		return "AWS knows no cost by the tag " + commands.Mono(tag) + ". It has to be activated as a cost allocation tag, under Billing of the account that pays, and counts from then on; that can take a day. " +
			"What was made without deckhand does not carry it."
	}
	if slices.ContainsFunc(services, func(s service) bool { return s.name == "" && s.amount > 0 }) {
		return "Without the tag " + commands.Mono(tag) + " is what was not made with deckhand, what was spent before the tag was activated for cost allocation, and what carries no tags, such as most traffic."
	}
	return ""
}

func (c *Spend) table(services []service, unit string) commands.Table {
	table := commands.Table{Columns: []string{map[string]string{"owner": "Owner", "app": "Application"}[c.By], "Cost"}}
	if c.tag() == "" {
		table.Columns[0] = "Service"
	}
	rest := 0.0
	for n, s := range services {
		if n >= topServices {
			rest += s.amount
			continue
		}
		table.Rows = append(table.Rows, []string{c.name(s), money(s.amount, unit)})
	}
	if more := len(services) - topServices; more > 0 {
		table.Rows = append(table.Rows, []string{fmt.Sprintf("%d others", more), money(rest, unit)})
	}
	return table
}

// daily draws the last days.
func daily(spent []aws.Spend, today time.Time, unit string) commands.Chart {
	chart := commands.Chart{Title: "Each day", Unit: unit, Series: []commands.Series{{Name: "cost"}}}
	for n := range chartDays {
		day := today.AddDate(0, 0, n+1-chartDays)
		var point *float64
		for _, s := range spent {
			if !s.Day.Equal(day) {
				continue
			}
			if point == nil {
				point = new(float64)
			}
			*point += s.Amount
		}
		chart.Labels = append(chart.Labels, day.Format("Jan 2"))
		chart.Series[0].Points = append(chart.Series[0].Points, point)
	}
	return chart
}

func money(amount float64, unit string) string {
	if unit == "USD" {
		return fmt.Sprintf("$%.2f", amount)
	}
	return strings.TrimSpace(fmt.Sprintf("%.2f %s", amount, unit))
}
