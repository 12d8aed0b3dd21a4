package check

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"deckhand/commands"
	"deckhand/commands/commandstest"
)

// TestWhatAStatusTellsBesideTheChecks: leases where some end, costs where they were asked for and there is time.
func TestWhatAStatusTellsBesideTheChecks(t *testing.T) {
	t.Parallel()
	ending, asked := "Leases: R-12 is stopped at noon.", 0
	var fails error
	b := &book{checks: []Check{named("web")}, states: map[string]State{"web": looked("web", Up, time.Hour, 0, "HTTP 200")}}
	b.digest = Digest{
		Ending: func(context.Context, time.Time) (string, error) { return ending, nil },
		Costs: func(context.Context, time.Time) (string, error) {
			asked++
			return "Costs: $42.10 in November so far.", fails
		},
	}
	say := func(ctx context.Context, line string) string {
		t.Helper()
		report, err := commandstest.Run(ctx, t, Commands(b, nil, clock{}, listener(""), free{}, b.digest), &commands.Run{Now: now}, line)
		if err != nil {
			t.Fatal(err)
		}
		return commands.RenderText(report)
	}
	if got := say(t.Context(), "status"); !strings.Contains(got, ending) || strings.Contains(got, "Costs") || asked != 0 {
		t.Errorf("status said\n%s", got)
	}
	ending = ""
	if got := say(t.Context(), "status --costs"); strings.Contains(got, "Leases") || !strings.Contains(got, "$42.10") {
		t.Errorf("status --costs said\n%s", got)
	}
	fails = &commands.Error{Message: "AWS does not allow it."}
	if got := say(t.Context(), "status --costs"); !strings.HasPrefix(got, "The one check is up") || !strings.Contains(got, "Costs are not known: AWS does not allow it.") {
		t.Errorf("without the right it said\n%s", got)
	}
	fails, asked = errors.New("never asked"), 0
	soon, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if got := say(soon, "status --costs"); !strings.Contains(got, "Costs are told on the timetable and with --public") || asked != 0 {
		t.Errorf("in a hurry it said\n%s", got)
	}
}

// TestAFullStatusHasAChart of days, which begins where the measuring began.
func TestAFullStatusHasAChart(t *testing.T) {
	t.Parallel()
	b := &book{checks: []Check{named("web")}, states: map[string]State{"web": looked("web", Up, time.Hour, 0, "HTTP 200")}}
	chart := func() *commands.Chart {
		report, err := typed(t, b, nil, nil, "status --full")
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range report.Body {
			if c, ok := block.(commands.Chart); ok {
				return &c
			}
		}
		return nil
	}
	if chart() != nil {
		t.Error("there is a chart of nothing")
	}
	s := Summary{Looks: 10, Failed: 1, Measured: time.Hour, Down: 6 * time.Minute}
	s.Latencies.Add(20*time.Millisecond, 9)
	b.past = map[string][]Summary{"web": {s, s, s, s}}
	if c := chart(); c == nil || len(c.Labels) != chartDays || c.Labels[chartDays-1] != "24 Nov" || c.Down[0] < 0.09 || c.Down[0] > 0.11 || c.Title != "Latency of all checks, 14 days" || c.Finer == nil {
		t.Errorf("the chart is %+v", c)
	}
}
