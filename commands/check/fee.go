package check

import (
	"context"
	"fmt"
	"strings"
	"time"

	"deckhand/commands"
	"deckhand/commands/probe"
)

// Prices knows what looks by probes cost.
type Prices interface {
	// LookPrice answers what a look that takes so long costs from a place, in dollars. What cannot be told for certain is an error.
	LookPrice(ctx context.Context, at probe.Place, takes time.Duration) (float64, error)
}

const (
	usualLook   = time.Second      // for which a look is priced
	feeTime     = 10 * time.Second // how long looking at prices may take
	dearMonth   = 10.0             // dollars from which a check's looks are dear
	manyLooks   = 500_000          // looks of a month that are many, where no price is known
	daysOfMonth = 30
	calmer      = "@every 1m"
)

// fee is what a month of looks by probes costs.
type fee struct {
	places  int // that are probes
	looks   int // of a month, from each of them
	usual   float64
	longest float64 // where each look runs into its timeout
	unknown string  // why no price is known
}

// fee answers what the looks of a check cost; false where no probe looks.
func (a *add) fee(ctx context.Context, c Check, now time.Time) (fee, bool) {
	f := fee{looks: daysOfMonth * looksOfDay(a.clock, c.Schedule, now)}
	ctx, cancel := context.WithTimeout(ctx, feeTime)
	defer cancel()
	for _, p := range c.Places() {
		if p.Region == "" {
			continue
		}
		f.places++
		usual, err := a.prices.LookPrice(ctx, p, usualLook)
		longest, late := a.prices.LookPrice(ctx, p, c.Timeout)
		if err == nil {
			err = late
		}
		if err != nil {
			f.unknown = commands.Words(err).Message
			continue
		}
		f.usual += float64(f.looks) * usual
		f.longest += float64(f.looks) * longest
	}
	return f, f.places > 0
}

// looksOfDay counts the slots of the next day.
func looksOfDay(clock Clock, schedule string, now time.Time) int {
	const most = 24 * 60 * 60
	n := 0
	for at, end := now, now.Add(24*time.Hour); n < most; n++ {
		next, err := clock.Next(schedule, "UTC", at)
		if err != nil || next.After(end) {
			break
		}
		at = next
	}
	return n
}

// words says what it costs, and what would cost less where that is much.
func (f fee) words(timeout time.Duration) string {
	text := fmt.Sprintf("%s a month from each of %s", commands.Count(f.looks, "look"), commands.Count(f.places, "probe"))
	if f.places == 1 {
		text = commands.Count(f.looks, "look") + " a month from 1 probe"
	}
	if f.unknown != "" {
		text += "; the price is unknown: " + strings.TrimSuffix(f.unknown, ".")
	} else {
		text += fmt.Sprintf(": about $%.2f where a look takes a second, $%.2f where each runs into its timeout of %s", f.usual, f.longest, Span(timeout))
	}
	return text
}

// dear tells whether looks cost much for one check.
func (f fee) dear() bool {
	return f.usual >= dearMonth || f.unknown != "" && f.looks*f.places >= manyLooks
}

const dearWords = "That is much for one check: every minute, " // and how it is written

// priced adds to a report what the looks of a check cost.
func (a *add) priced(ctx context.Context, c Check, now time.Time, report commands.Report) commands.Report {
	f, pays := a.fee(ctx, c, now)
	if !pays {
		return report
	}
	text := f.words(c.Timeout) + "."
	if f.dear() {
		report.Tone = commands.Warning
		text += " " + dearWords + commands.Mono(`--schedule "`+calmer+`"`) + ", is " + commands.Count(daysOfMonth*looksOfDay(a.clock, calmer, now), "look") + " a month from each."
	}
	report.Body = append(report.Body, commands.Text{Text: text})
	return report
}
