package check

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"deckhand/commands"
)

const (
	mostDays      = 3660
	hourlyUpTo    = 31 // days up to which a picture has a point for each hour
	worstDays     = 8  // in the table
	hoursOfOneDay = 2  // in a point of a chart over a day or two
)

// history is check history.
type history struct {
	Name     string `arg:"name" alias:"name" required:"" help:"Name of the check."`
	Days     int    `flag:"days" default:"30" value:"N" help:"How many days to look back, 1 to 3660."`
	TimeZone string `flag:"time-zone" alias:"timezone,tz" default:"UTC" value:"ZONE" help:"Whose days to show: an IANA name such as Asia/Shanghai."`

	book Book
}

// Validate answers an Error of kind Usage for what cannot be shown.
func (h *history) Validate() error {
	if h.Days < 1 || h.Days > mostDays {
		return usage(fmt.Sprintf("A history of %d days cannot be shown.", h.Days), fmt.Sprintf("Write 1 to %d: %s.", mostDays, commands.Mono("--days 30")))
	}
	_, err := zoneOf(h.TimeZone)
	return err
}

// Run tells what was measured of a check, with a chart.
func (h *history) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	c, err := Find(ctx, h.book, h.Name)
	if err != nil {
		return commands.Report{}, err
	}
	zone, err := zoneOf(h.TimeZone)
	if err != nil {
		return commands.Report{}, err
	}
	bounds := steps(run.Now, h.Days, zone)
	past, err := h.book.Summaries(ctx, c.Name, bounds)
	if err != nil {
		return commands.Report{}, err
	}
	spans := past[c.Name]
	if spans == nil {
		spans = make([]Summary, len(bounds)-1)
	}
	whole := sum(spans)
	if whole.Looks == 0 {
		return h.nothing(c), nil
	}
	from := bounds[0]
	before, err := h.book.Summaries(ctx, c.Name, []time.Time{from.AddDate(0, 0, -h.Days), from})
	if err != nil {
		return commands.Report{}, err
	}
	outages, err := h.book.Outages(ctx, c.Name, from, run.Now)
	if err != nil {
		return commands.Report{}, err
	}
	share, _ := whole.Uptime()
	report := commands.Report{
		Title: fmt.Sprintf("%s was up %s of the time%s in %s", c.Name, percent(share), partly(whole.Measured, run.Now.Sub(from)), h.span()),
		Body: commands.Blocks{
			commands.Fields{Fields: h.fields(c, whole, sum(before[c.Name]), outages, from, run.Now)},
			h.chart(bounds, spans, zone),
		},
		Next: []commands.Next{
			{Label: "Check now", Line: "check run " + c.Name},
			{Label: "Show", Line: "check show " + c.Name},
		},
	}
	if table, some := outageTable(outages, run.Now); some {
		report.Body = append(report.Body, table)
	}
	return report, nil
}

// partly says how much was measured, where that is not nearly all.
func partly(measured, of time.Duration) string {
	if measured >= of*9/10 {
		return ""
	}
	return " measured, " + Span(measured)
}

func (h *history) span() string {
	if h.Days == 1 {
		return "the last 24 hours"
	}
	return fmt.Sprintf("%d days", h.Days)
}

func (h *history) nothing(c Check) commands.Report {
	return commands.Report{
		Title: "Nothing was measured of " + c.Name + " in " + h.span(),
		Next:  []commands.Next{{Label: "Show", Line: "check show " + c.Name}},
	}
}

func (h *history) fields(c Check, whole, before Summary, outages []Outage, from, now time.Time) []commands.Field {
	fields := []commands.Field{{Name: "Down", Value: downWords(whole, outages)}, {Name: "Measured", Value: Span(whole.Measured)}}
	if missing := unmeasured(c, whole, from, now); missing > 0 {
		fields = append(fields, commands.Field{Name: "Not measured", Value: Span(missing) + ", neither up nor down"})
	}
	if text := muted(whole); text != "" {
		fields = append(fields, commands.Field{Name: "Muted", Value: text})
	}
	fields = append(fields, commands.Field{Name: "Latency, p50 / p95", Value: latencies(whole)})
	if _, measured := before.Uptime(); measured {
		fields = append(fields, commands.Field{Name: "The time before", Value: uptime(before) + " up, " + latencies(before)})
	}
	if c.Objective > 0 {
		fields = append(fields,
			commands.Field{Name: "Objective", Value: number(c.Objective) + " %"},
			commands.Field{Name: "Error budget", Value: budgetWords(c, whole, now.Sub(from))},
		)
	}
	return fields
}

func downWords(s Summary, outages []Outage) string {
	if s.Down == 0 {
		return "never"
	}
	return fmt.Sprintf("%s, %s; %d of %s failed", Span(s.Down), count(len(outages), "outage", "outages"), s.Failed, count(s.Looks, "look", "looks"))
}

// steps are the bounds of the finest points that a chart of these days is drawn from: hours, or days of a zone.
func steps(now time.Time, days int, zone *time.Location) []time.Time {
	var bounds []time.Time
	if days <= hourlyUpTo {
		for at := now.Add(-time.Duration(days) * day).Truncate(time.Hour); at.Before(now); at = at.Add(time.Hour) {
			bounds = append(bounds, at)
		}
		return append(bounds, now)
	}
	y, m, d := now.In(zone).Date()
	for i := 1 - days; i <= 0; i++ {
		bounds = append(bounds, time.Date(y, m, d+i, 0, 0, 0, 0, zone))
	}
	return append(bounds, now)
}

// chart has at most mostPoints points, and in its finer form each step.
func (h *history) chart(bounds []time.Time, spans []Summary, zone *time.Location) commands.Chart {
	for len(spans) > 1 && spans[0].Looks == 0 { // it begins where the measuring began
		bounds, spans = bounds[1:], spans[1:]
	}
	fine := drawn(bounds, spans, h.label(zone, true))
	coarse := drawn(thin(bounds, spans, h.Days, zone, h.label(zone, false)))
	coarse.Title = "Latency in " + h.span()
	fine.Title = "Latency and downtime in " + h.span()
	if h.TimeZone != "" && h.TimeZone != "UTC" {
		fine.Title += ", " + h.TimeZone
	}
	coarse.Finer = &fine
	return coarse
}

func (h *history) label(zone *time.Location, fine bool) func(time.Time) string {
	layout := "2 Jan"
	switch {
	case h.Days <= 2, fine && h.Days <= 4:
		layout = "2 Jan 15:04"
	case h.Days > 366:
		layout = "2 Jan 2006"
	}
	return func(at time.Time) string { return at.In(zone).Format(layout) }
}

// thin merges steps into at most mostPoints spans: of two hours and more for a day or two, of whole days of the zone otherwise.
func thin(bounds []time.Time, spans []Summary, days int, zone *time.Location, label func(time.Time) string) ([]time.Time, []Summary, func(time.Time) string) {
	key := func(at time.Time) int64 {
		y, m, d := at.In(zone).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400
	}
	most := int64(math.Ceil(float64(days+1) / mostPoints))
	if days <= 2 {
		key = func(at time.Time) int64 { return at.Unix() / 3600 }
		most = int64(hoursOfOneDay * days)
	}
	first := key(bounds[0])
	outBounds, outSpans, last := []time.Time{}, []Summary{}, int64(-1)
	for i, s := range spans {
		group := (key(bounds[i]) - first) / most
		if group != last {
			outBounds, outSpans, last = append(outBounds, bounds[i]), append(outSpans, Summary{}), group
		}
		outSpans[len(outSpans)-1].Merge(s)
	}
	return append(outBounds, bounds[len(bounds)-1]), outSpans, label
}

// drawn is the median and the 95th percentile as a chart; what was not measured is a gap.
func drawn(bounds []time.Time, spans []Summary, label func(time.Time) string) commands.Chart {
	c := commands.Chart{Unit: "ms", Series: []commands.Series{{Name: "p50"}, {Name: "p95"}}}
	for i, s := range spans {
		c.Labels = append(c.Labels, label(bounds[i]))
		for j, share := range []float64{0.5, 0.95} {
			var point *float64
			if len(s.Latencies) > 0 {
				ms := float64(rounded(s.Latencies.Quantile(share)).Microseconds()) / 1000
				point = &ms
			}
			c.Series[j].Points = append(c.Series[j].Points, point)
		}
		down := 0.0
		if share, ok := s.Uptime(); ok {
			down = 1 - share
		}
		c.Down = append(c.Down, down)
	}
	return c
}

// outageTable shows the longest outages, the longest first.
func outageTable(outages []Outage, now time.Time) (commands.Table, bool) {
	outages = slices.Clone(outages)
	commands.Order(outages, func(a, b Outage) int { return int(lasted(b, now) - lasted(a, now)) })
	table := commands.Table{Columns: []string{"Down from", "To", "For"}}
	for _, o := range outages[:min(len(outages), worstDays)] {
		ended := "still down"
		if !o.Ended.IsZero() {
			ended = commands.At(o.Ended)
		}
		table.Rows = append(table.Rows, []string{commands.At(o.Began), ended, Span(lasted(o, now))})
	}
	if more := len(outages) - worstDays; more > 0 {
		table.Note = fmt.Sprintf("The longest %d of %d outages", worstDays, len(outages))
	}
	return table, len(outages) > 0
}

func lasted(o Outage, now time.Time) time.Duration {
	if o.Ended.IsZero() {
		return now.Sub(o.Began)
	}
	return o.Ended.Sub(o.Began)
}
