package check

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// figures are what was measured of a check in the spans that people compare. Each ends now; its beginning is cut to the hour.
type figures struct {
	day, week, month Summary
	before           Summary // the week before the week
}

// readFigures answers the figures of all checks that were ever looked at within the month, by name.
func readFigures(ctx context.Context, book Book, name string, now time.Time) (map[string]figures, error) {
	bounds := []time.Time{now.Add(-30 * day), now.Add(-14 * day), now.Add(-7 * day), now.Add(-day), now}
	past, err := book.Summaries(ctx, name, bounds)
	if err != nil {
		return nil, err
	}
	out := make(map[string]figures, len(past))
	for name, spans := range past {
		out[name] = figures{day: spans[3], week: sum(spans[2:]), month: sum(spans), before: spans[1]}
	}
	return out, nil
}

func sum(spans []Summary) Summary {
	var all Summary
	for _, s := range spans {
		all.Merge(s)
	}
	return all
}

// total adds the figures of all checks: each counts by the time that was measured of it.
func total(by map[string]figures) figures {
	var all figures
	for _, f := range by {
		all.day.Merge(f.day)
		all.week.Merge(f.week)
		all.month.Merge(f.month)
		all.before.Merge(f.before)
	}
	return all
}

// percent writes a share, 0 to 1, rounded down: what was down for a moment is never "100 %".
func percent(share float64) string {
	return number(math.Floor(share*10000+1e-6)/100) + " %"
}

// number writes a figure with as many digits as it has.
func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// uptime is the uptime of a span in words, "-" where nothing was measured.
func uptime(s Summary) string {
	share, ok := s.Uptime()
	if !ok {
		return "-"
	}
	return percent(share)
}

// budget is how long a check may be down in a span by its objective, and how much of that is left: below zero where it is overspent.
func budget(c Check, s Summary, span time.Duration) (all, left time.Duration) {
	all = time.Duration(float64(span) * (100 - c.Objective) / 100).Round(time.Second)
	return all, all - s.Down
}

// budgetWords says what is left of the error budget, "" where there is no objective.
func budgetWords(c Check, s Summary, span time.Duration) string {
	if c.Objective == 0 {
		return ""
	}
	all, left := budget(c, s, span)
	if left < 0 {
		return fmt.Sprintf("overspent by %s of %s", Span(-left), Span(all))
	}
	return fmt.Sprintf("%s of %s left", Span(left), Span(all))
}

// unmeasured is the time between two moments that no look speaks for. A check is not to be measured before it was made.
func unmeasured(c Check, s Summary, from, to time.Time) time.Duration {
	if c.CreatedAt.After(from) {
		from = c.CreatedAt
	}
	missing := max(0, to.Sub(from)-s.Measured)
	if missing < time.Minute { // the look that is due next, or an hour that began before the span
		return 0
	}
	return missing.Truncate(time.Minute)
}

// latencies says median and 95th percentile, "-" where no look passed.
func latencies(s Summary) string {
	if len(s.Latencies) == 0 {
		return "-"
	}
	return Span(rounded(s.Latencies.Quantile(0.5))) + " / " + Span(rounded(s.Latencies.Quantile(0.95)))
}

// rounded leaves as many digits as a summary is right to: two.
func rounded(d time.Duration) time.Duration {
	if d < time.Millisecond {
		return d.Round(10 * time.Microsecond)
	}
	unit := time.Duration(math.Pow10(int(math.Log10(float64(d))) - 1))
	return d.Round(unit)
}

// muted says for how long nobody was to be told, "" where that never was.
func muted(s Summary) string {
	if s.Muted < time.Second {
		return ""
	}
	text := Span(s.Muted)
	if s.MutedDown > 0 {
		text += ", of which down " + Span(s.MutedDown)
	}
	return text
}

// zoneOf finds a time zone by its IANA name; "" is UTC.
func zoneOf(name string) (*time.Location, error) {
	if strings.EqualFold(name, "local") {
		return nil, usage("A time zone needs its name.", "Write an IANA name such as Europe/Berlin.")
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, usage("There is no time zone "+name+".", "Names look like Asia/Shanghai, Europe/Berlin or UTC.")
	}
	return zone, nil
}
