package check

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"deckhand/commands"
)

// monthly is report: a month of all checks, as an auditor wants it.
type monthly struct {
	Month    string `flag:"month" bare:"this" value:"YYYY-MM" help:"The month; the present one so far where none is given."`
	TimeZone string `flag:"time-zone" alias:"timezone,tz" default:"UTC" value:"ZONE" help:"Whose month: an IANA name such as Asia/Shanghai."`
	CSV      bool   `flag:"csv" help:"Attach two CSV files: the checks and their outages."`

	book Book
}

// Validate answers an Error of kind Usage for a month that cannot be read.
func (m *monthly) Validate() error {
	if m.past() {
		if _, err := time.Parse("2006-01", m.Month); err != nil {
			return usage(commands.Mono(m.Month)+" is not a month.", "Write year and month, such as "+commands.Mono("--month 2026-11")+".")
		}
	}
	_, err := zoneOf(m.TimeZone)
	return err
}

// past tells that a month is named, and not the present one meant.
func (m *monthly) past() bool { return m.Month != "" && m.Month != "this" }

// bounds are the month's beginning and end; the end is now while it lasts.
func (m *monthly) bounds(now time.Time) (from, to time.Time, err error) {
	zone, err := zoneOf(m.TimeZone)
	if err != nil {
		return from, to, err
	}
	y, month, _ := now.In(zone).Date()
	if m.past() {
		parsed, err := time.Parse("2006-01", m.Month)
		if err != nil {
			return from, to, err
		}
		y, month, _ = parsed.Date()
	}
	from = time.Date(y, month, 1, 0, 0, 0, 0, zone)
	if !from.Before(now) {
		return from, to, usage(from.Format("January 2006")+" has not begun.", "Ask for a month that has: "+commands.Mono("report --month "+now.In(zone).Format("2006-01"))+".")
	}
	to = from.AddDate(0, 1, 0)
	if to.After(now) {
		to = now
	}
	return from, to, nil
}

// row is what the report says of one check.
type row struct {
	check   Check
	sum     Summary
	missing time.Duration
	outages int
}

// Run reports the month.
func (m *monthly) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	from, to, err := m.bounds(run.Now)
	if err != nil {
		return commands.Report{}, err
	}
	checks, err := m.book.Checks(ctx)
	if err != nil {
		return commands.Report{}, err
	}
	past, err := m.book.Summaries(ctx, "", []time.Time{from, to})
	if err != nil {
		return commands.Report{}, err
	}
	outages, err := m.book.Outages(ctx, "", from, to)
	if err != nil {
		return commands.Report{}, err
	}
	name := from.Format("January 2006")
	if to.Equal(run.Now) {
		name += " so far"
	}
	rows, whole := rowsOf(checks, past, outages, from, to)
	if whole.Looks == 0 {
		return commands.Report{Title: "Nothing was measured in " + name}, nil
	}
	share, _ := whole.Uptime()
	report := commands.Report{
		Title: fmt.Sprintf("%s: %s up over %s, %s", name, percent(share), count(len(rows), "check", "checks"), count(len(outages), "outage", "outages")),
		Body: commands.Blocks{
			monthTable(rows, to.Sub(from)),
			commands.Text{Text: "Uptime is the share of the measured time. Time that no look speaks for was not measured, and counts neither as up nor as down; what was muted was measured all the same. " +
				"From " + commands.At(from) + " to " + commands.At(to) + ", for the checks that there are now."},
		},
	}
	if !m.CSV {
		line := "report --csv --month " + from.Format("2006-01")
		if m.TimeZone != "" && m.TimeZone != "UTC" {
			line += " --time-zone " + m.TimeZone
		}
		report.Next = []commands.Next{{Label: "As CSV", Line: line}}
		return report, nil
	}
	files, err := monthFiles(rows, outages, from, to)
	report.Body = append(report.Body, files...)
	return report, err
}

func rowsOf(checks []Check, past map[string][]Summary, outages []Outage, from, to time.Time) (rows []row, whole Summary) {
	times := map[string]int{}
	for _, o := range outages {
		times[o.Check]++
	}
	for _, c := range checks {
		s := sum(past[c.Name])
		whole.Merge(s)
		rows = append(rows, row{c, s, unmeasured(c, s, from, to), times[c.Name]})
	}
	commands.Order(rows, func(a, b row) int { return cmp.Compare(rank(a.sum), rank(b.sum)) })
	return rows, whole
}

// monthTable has the checks with the lowest uptime first.
func monthTable(rows []row, span time.Duration) commands.Table {
	table := commands.Table{Columns: []string{"Name", "Uptime", "Down", "Outages", "Objective", "Error budget", "Measured", "Not measured", "Muted", "p50 / p95"}}
	for _, r := range rows[:min(len(rows), mostRows)] {
		cells := []string{r.check.Name, uptime(r.sum), "", strconv.Itoa(r.outages), "", budgetWords(r.check, r.sum, span), Span(r.sum.Measured), "", muted(r.sum), latencies(r.sum)}
		if r.sum.Down > 0 {
			cells[2] = Span(r.sum.Down)
		}
		if r.check.Objective > 0 {
			cells[4] = number(r.check.Objective) + " %"
		}
		if r.missing > 0 {
			cells[7] = Span(r.missing)
		}
		table.Rows = append(table.Rows, cells)
	}
	if len(rows) > mostRows {
		table.Note = fmt.Sprintf("The %d with the lowest uptime of %d; all are in report --csv", mostRows, len(rows))
	}
	return table
}

// monthFiles are the checks and their outages as CSV. Times are RFC 3339, lengths are minutes.
func monthFiles(rows []row, outages []Outage, from, to time.Time) (commands.Blocks, error) {
	checks := [][]string{{
		"check", "url", "from", "to", "minutes", "measured_minutes", "not_measured_minutes", "up_minutes", "down_minutes", "muted_minutes", "muted_down_minutes",
		"uptime_percent", "objective_percent", "budget_minutes", "budget_left_minutes", "outages", "looks", "failed_looks", "p50_ms", "p95_ms",
	}}
	begin, end := from.Format(time.RFC3339), to.In(from.Location()).Truncate(time.Second).Format(time.RFC3339)
	for _, r := range rows {
		s := r.sum
		cells := []string{
			r.check.Name, r.check.URL, begin, end, minutes(to.Sub(from)), minutes(s.Measured), minutes(r.missing), minutes(s.Measured - s.Down), minutes(s.Down), minutes(s.Muted), minutes(s.MutedDown),
			"", "", "", "", strconv.Itoa(r.outages), strconv.Itoa(s.Looks), strconv.Itoa(s.Failed), "", "",
		}
		if share, ok := s.Uptime(); ok {
			cells[11] = number(math.Floor(share*1e6+1e-6) / 1e4)
		}
		if r.check.Objective > 0 {
			all, left := budget(r.check, s, to.Sub(from))
			cells[12], cells[13], cells[14] = number(r.check.Objective), minutes(all), minutes(left)
		}
		if len(s.Latencies) > 0 {
			cells[18], cells[19] = millis(s.Latencies.Quantile(0.5)), millis(s.Latencies.Quantile(0.95))
		}
		checks = append(checks, cells)
	}
	list := [][]string{{"check", "down_from", "down_to", "minutes"}}
	for _, o := range outages {
		ended := ""
		if !o.Ended.IsZero() {
			ended = o.Ended.In(from.Location()).Format(time.RFC3339)
		}
		list = append(list, []string{o.Check, o.Began.In(from.Location()).Format(time.RFC3339), ended, minutes(lasted(o, to))})
	}
	var files commands.Blocks
	for _, file := range []struct {
		name string
		rows [][]string
	}{{"report", checks}, {"outages", list}} {
		var text strings.Builder
		if err := csv.NewWriter(&text).WriteAll(file.rows); err != nil {
			return nil, err
		}
		files = append(files, commands.File{Name: file.name + "-" + from.Format("2006-01") + ".csv", Content: text.String()})
	}
	return files, nil
}

func minutes(d time.Duration) string { return number(math.Round(d.Minutes()*100) / 100) }

func millis(d time.Duration) string { return number(float64(rounded(d).Microseconds()) / 1000) }
