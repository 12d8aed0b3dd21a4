package vm

import (
	"context"
	"fmt"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// Metrics is vm metrics: what CloudWatch measured of an instance.
type Metrics struct {
	Single
	Hours int `flag:"hours" default:"3" value:"N" help:"How far back, 1 to 336."`

	cloud Cloud
}

const (
	mostPoints = 20                  // of a chart
	basic      = 5 * time.Minute     // how often EC2 measures where nothing else is paid for
	farthest   = 14 * 24             // hours
	kibibyte   = float64(1 << 10)    // bytes
	dayLabels  = 24 * time.Hour      // from here on labels carry the day
	hourLabel  = "15:04"             // in UTC
	dayLabel   = "Jan 2 15:04"       // in UTC
	cpuMetric  = "CPUUtilization"    // percent
	inMetric   = "NetworkIn"         // bytes in the period
	outMetric  = "NetworkOut"        // bytes in the period
	failMetric = "StatusCheckFailed" // 1 where a check failed
)

// Validate bounds the time.
func (c *Metrics) Validate() error {
	if c.Hours < 1 || c.Hours > farthest {
		return commands.Misuse(fmt.Sprintf("--hours %d is out of range.", c.Hours), fmt.Sprintf("It may be 1 to %d.", farthest))
	}
	return c.Single.Validate()
}

// spanOf cuts the last hours into at most twenty periods that CloudWatch has, ending with the one that now is in.
func spanOf(hours int, now time.Time) aws.Span {
	unit := int(basic / time.Minute)
	if hours > mostPoints {
		unit = 60 // periods are whole hours where they are longer than one
	}
	units := ceil(hours*60, mostPoints*unit) // of one period
	period := time.Duration(units*unit) * time.Minute
	end := now.UTC().Truncate(period).Add(period)
	whole := time.Duration(ceil(hours*60, units*unit)*units*unit) * time.Minute
	return aws.Span{From: end.Add(-whole), To: end, Period: period}
}

// ceil divides and rounds up.
func ceil(n, by int) int { return (n + by - 1) / by }

// Run asks CloudWatch and draws.
func (c *Metrics) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.find(ctx, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	i, span := p.Instances[0], spanOf(c.Hours, run.Now)
	measures, err := c.cloud.Measures(ctx, p.Target, i.ID, []aws.Metric{
		{Name: cpuMetric, Statistic: "Average"}, {Name: inMetric, Statistic: "Sum"},
		{Name: outMetric, Statistic: "Sum"}, {Name: failMetric, Statistic: "Maximum"},
	}, span)
	if err != nil {
		return commands.Report{}, err
	}
	report := commands.Report{
		Title: fmt.Sprintf("%s in the last %d hours", nameOf(i), c.Hours), Where: where.Words(p.Place),
		Next: append([]commands.Next{showNext(p.Instances, p.Target)}, nextFor(i, p.Target)...),
	}
	if c.Hours == 1 {
		report.Title = nameOf(i) + " in the last hour"
	}
	perSecond := 1 / span.Period.Seconds() / kibibyte
	cpu, in, out := points(measures[0], span, 1), points(measures[1], span, perSecond), points(measures[2], span, perSecond)
	if empty(cpu) && empty(in) && empty(out) {
		report.Body = commands.Blocks{commands.Text{Text: fmt.Sprintf("CloudWatch has nothing of this time. %s.", stands(i))}}
		return report, nil
	}
	labels := labelsOf(span)
	report.Body = commands.Blocks{
		commands.Fields{Fields: []commands.Field{
			{Name: "CPU", Value: summary(cpu, "%")}, {Name: "Status checks", Value: checkWords(points(measures[3], span, 1))},
		}},
		commands.Chart{Title: "CPU", Unit: "%", Labels: labels, Series: []commands.Series{{Name: "CPU", Points: cpu}}},
		commands.Chart{Title: "Network", Unit: "KiB/s", Labels: labels, Series: []commands.Series{{Name: "in", Points: in}, {Name: "out", Points: out}}},
		commands.Text{Text: fmt.Sprintf("Each point is %s, and the last one is not over yet; times are UTC.", commands.Length(span.Period))},
	}
	return report, nil
}

// points puts values into their periods; a period without one is a gap.
func points(m aws.Measure, span aws.Span, scale float64) []*float64 {
	out := make([]*float64, span.To.Sub(span.From)/span.Period)
	for n, at := range m.Times {
		index := int(at.Sub(span.From) / span.Period)
		if at.Before(span.From) || index >= len(out) {
			continue
		}
		value := m.Values[n] * scale
		out[index] = &value
	}
	return out
}

func labelsOf(span aws.Span) []string {
	form := hourLabel
	if span.To.Sub(span.From) > dayLabels {
		form = dayLabel
	}
	var labels []string
	for at := span.From; at.Before(span.To); at = at.Add(span.Period) {
		labels = append(labels, at.Format(form))
	}
	return labels
}

func empty(points []*float64) bool {
	for _, p := range points {
		if p != nil {
			return false
		}
	}
	return true
}

func summary(points []*float64, unit string) string {
	n, sum, most := 0, 0.0, 0.0
	for _, p := range points {
		if p != nil {
			n, sum, most = n+1, sum+*p, max(most, *p)
		}
	}
	if n == 0 {
		return "not measured"
	}
	return fmt.Sprintf("%.1f %s on average, %.1f %s at most", sum/float64(n), unit, most, unit)
}

func checkWords(points []*float64) string {
	n, failed := 0, 0
	for _, p := range points {
		if p != nil {
			n++
			if *p > 0 {
				failed++
			}
		}
	}
	switch {
	case n == 0:
		return "not measured"
	case failed == 0:
		return "passed throughout"
	default:
		return fmt.Sprintf("failed in %d of %d periods", failed, n)
	}
}
