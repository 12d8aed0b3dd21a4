package check

import (
	"strings"
	"testing"
	"time"

	"deckhand/commands"
	"deckhand/commands/commandstest"
)

// measured is a summary of looks each minute, of which some failed.
func measured(minutes, failed, muted int) Summary {
	var s Summary
	for i := range minutes {
		s.Add(Result{OK: i >= failed, Muted: i < muted, Covers: time.Minute, Latency: time.Duration(20+i%50) * time.Millisecond})
	}
	return s
}

const aDay = 24 * 60

// past is the shop in good order: two weeks of api, with an outage, gaps and a mute; all of web.
func past() *book {
	b := &book{states: map[string]State{}, results: map[string][]Result{}}
	for _, name := range []string{"api", "web"} {
		c := named(name)
		c.CreatedAt = now.AddDate(0, -2, 0)
		c.Objective = 99.9
		b.checks = append(b.checks, c)
		b.states[name] = looked(name, Up, 26*time.Hour, 0, "HTTP 200")
	}
	b.past = map[string][]Summary{
		"api": {measured(0, 0, 0), measured(7*aDay, 10, 0), measured(6*aDay-31, 50, 20), measured(aDay-31, 0, 5)},
		"web": {measured(16*aDay, 0, 0), measured(7*aDay, 0, 0), measured(6*aDay, 1, 0), measured(aDay, 0, 0)},
	}
	b.outages = []Outage{
		{Check: "api", Began: now.Add(-3 * day), Ended: now.Add(-3*day + 50*time.Minute)},
		{Check: "api", Began: now.Add(-10 * day), Ended: now.Add(-10*day + 10*time.Minute)},
	}
	return b
}

// fine is two checks of which everything is as it should be.
func fine() *book {
	b := past()
	b.outages = nil
	for i := range b.checks {
		b.checks[i].Objective = 0
	}
	for name := range b.past {
		b.past[name] = []Summary{measured(16*aDay, 0, 0), measured(7*aDay, 10, 0), measured(6*aDay, 1, 0), measured(aDay, 0, 0)}
	}
	return b
}

func TestThePast(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		book *book
		line string
	}{
		"status-fine":    {fine(), `status`},
		"status-past":    {past(), `status`},
		"status-full":    {past(), `status --full`},
		"history-none":   {shop(), `check history web`},
		"report":         {past(), `report --month 2026-11`},
		"report-csv":     {past(), `report --month 2026-11 --csv --time-zone Asia/Shanghai`},
		"report-nothing": {shop(), `report --month`},
		"gap":            {past(), `check gap --from 2026-11-24T02:10:00Z --to 2026-11-24T02:41:00Z --posts morning`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report, err := typed(t, c.book, prober{}, commandstest.Journal{}, c.line)
			if err != nil {
				t.Fatal(err)
			}
			commandstest.Golden(t, name, report)
		})
	}
	for line, want := range map[string]string{
		`report --month 2026-12`:       "December 2026 has not begun.",
		`report --month november`:      "is not a month",
		`check history web --days 0`:   "cannot be shown",
		`check history web --tz Mars`:  "no time zone",
		`check gap --from 1 --to 2`:    "not two times",
		`check history nothing`:        "There is no check",
		`check history web --tz Local`: "needs its name",
	} {
		if _, err := typed(t, past(), prober{}, commandstest.Journal{}, line); err == nil || !strings.Contains(commands.Terminal().Render(commands.Words(err).Error()), want) {
			t.Errorf("%s: %v, want %q", line, err, want)
		}
	}
}

// TestHistoryOfAMonth has a month of hours: an outage of an hour, half an hour that was not measured.
func TestHistoryOfAMonth(t *testing.T) {
	t.Parallel()
	b := past()
	bounds := steps(now, 30, time.UTC)
	spans := make([]Summary, len(bounds)-1)
	for i := range spans {
		spans[i] = measured(60, 0, 0)
	}
	spans[100], spans[500] = measured(60, 60, 0), measured(30, 0, 0)
	b.past = map[string][]Summary{"web": spans}
	report, err := typed(t, b, prober{}, commandstest.Journal{}, `check history web --days 30 --time-zone Europe/Berlin`)
	if err != nil {
		t.Fatal(err)
	}
	commandstest.Golden(t, "history", report)
	chart := report.Body[1].(commands.Chart)
	if len(chart.Labels) > mostPoints || len(chart.Finer.Labels) != 720 {
		t.Errorf("%d points, %d finer ones", len(chart.Labels), len(chart.Finer.Labels))
	}
	if down := chart.Finer.Down[100]; down != 1 || chart.Finer.Series[0].Points[100] != nil {
		t.Errorf("the hour that was down: %v down, p50 %v", down, chart.Finer.Series[0].Points[100])
	}
}

// TestHistoryOfWhatIsNew has two hours of a month: how much that is stands in the title, and the chart begins with them.
func TestHistoryOfWhatIsNew(t *testing.T) {
	t.Parallel()
	b := past()
	spans := make([]Summary, len(steps(now, 30, time.UTC))-1)
	spans[len(spans)-2], spans[len(spans)-1] = measured(60, 0, 0), measured(60, 60, 0)
	b.past = map[string][]Summary{"web": spans}
	report, err := typed(t, b, prober{}, commandstest.Journal{}, `check history web`)
	if err != nil {
		t.Fatal(err)
	}
	chart := report.Body[1].(commands.Chart)
	if report.Title != "web was up 50 % of the time measured, 2 h in 30 days" || len(chart.Labels) > 2 || len(chart.Finer.Labels) != 2 {
		t.Errorf("%s: %d points, %d finer ones", report.Title, len(chart.Labels), len(chart.Finer.Labels))
	}
}

func TestPercentNeverSaysTooMuch(t *testing.T) {
	t.Parallel()
	for share, want := range map[float64]string{1: "100 %", 0.99999: "99.99 %", 0.999: "99.9 %", 0.9985: "99.85 %", 0: "0 %", 0.5: "50 %"} {
		if is := percent(share); is != want {
			t.Errorf("%v is %s, want %s", share, is, want)
		}
	}
}

func TestQuantiles(t *testing.T) {
	t.Parallel()
	var s Summary
	for ms := 1; ms <= 1000; ms++ {
		s.Latencies.Add(time.Duration(ms)*time.Millisecond, 1)
	}
	for share, want := range map[float64]time.Duration{0.5: 500 * time.Millisecond, 0.95: 950 * time.Millisecond, 1: time.Second} {
		if is := s.Latencies.Quantile(share); float64(is) < 0.95*float64(want) || float64(is) > 1.05*float64(want) {
			t.Errorf("quantile %v is %v, want %v", share, is, want)
		}
	}
	if len(s.Latencies) > 90 {
		t.Errorf("%d bins", len(s.Latencies))
	}
}
