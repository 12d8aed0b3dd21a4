package timetable

import (
	"strings"
	"testing"
	"time"

	"deckhand/commands/schedule"
)

// TestHoursHaveTwoEdgesAndOneMemory follows hours from one edge to the next, as they come due, and as they are caught up on.
func TestHoursHaveTwoEdgesAndOneMemory(t *testing.T) {
	t.Parallel()
	const berlin, stamp = "Europe/Berlin", "02T15:04"
	at := func(text string) time.Time {
		when, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for name, c := range map[string]struct {
		hours, zone string
		skip        []string
		after       string
		want        string // the next four, in UTC
	}{
		"a working day":                    {"weekdays 08-20", berlin, nil, "2026-03-10T09:00:00Z", "stop 10T19:00 start 11T07:00 stop 11T19:00 start 12T07:00"},
		"a weekend":                        {"weekdays 08-20", berlin, nil, "2026-03-13T12:00:00Z", "stop 13T19:00 start 16T07:00 stop 16T19:00 start 17T07:00"},
		"the clocks go on":                 {"daily 08-20", berlin, nil, "2026-03-28T12:00:00Z", "stop 28T19:00 start 29T06:00 stop 29T18:00 start 30T06:00"},
		"the clocks go back":               {"daily 08-20", berlin, nil, "2026-10-24T12:00:00Z", "stop 24T18:00 start 25T07:00 stop 25T19:00 start 26T07:00"},
		"over midnight":                    {"fri 20-06", "UTC", nil, "2026-03-10T09:00:00Z", "start 13T20:00 stop 14T06:00 start 20T20:00 stop 21T06:00"},
		"days without a pause between":     {"weekdays 0-24", "UTC", nil, "2026-03-10T09:00:00Z", "stop 14T00:00 start 16T00:00 stop 21T00:00 start 23T00:00"},
		"hours that a night leaves out":    {"daily 02:15-02:45", berlin, nil, "2026-03-28T12:00:00Z", "stop 29T01:00 start 30T00:15 stop 30T00:45 start 31T00:15"},
		"a pause that a night leaves out":  {"daily 02:45-02:15", berlin, nil, "2026-03-28T12:00:00Z", "start 29T01:00 stop 30T00:15 start 30T00:45 stop 31T00:15"},
		"a holiday does not begin":         {"daily 08-20", "UTC", []string{"2026-03-11"}, "2026-03-10T09:00:00Z", "stop 10T20:00 stop 11T20:00 start 12T08:00 stop 12T20:00"},
		"what began before a holiday ends": {"daily 20-06", "UTC", []string{"2026-03-11"}, "2026-03-10T09:00:00Z", "start 10T20:00 stop 11T06:00 stop 12T06:00 start 12T20:00"},
	} {
		s := schedule.Schedule{Name: "dev", Hours: c.hours, TimeZone: c.zone, Skip: c.skip, Line: "start", EndLine: "stop", CreatedAt: at(c.after)}
		entry, err := Enter(s, at(c.after))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for range 4 {
			next, line, err := Clock{}.Coming(s, entry.After)
			due, _ := Due([]*Entry{&entry}, next)
			if err != nil || len(due) != 1 || !due[0].At.Equal(next) || due[0].Line != line {
				t.Fatalf("%s: %s of %s, %v is due as %+v", name, line, next, err, due)
			}
			got, entry.After = append(got, line+" "+next.UTC().Format(stamp)), next
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("%s: %s, not %s", name, text, c.want)
		}
	}
}

// TestOfTwoEdgesThatWereMissedTheLaterCounts: nothing is stopped and started in one breath, and a weekend away does not forget to stop.
func TestOfTwoEdgesThatWereMissedTheLaterCounts(t *testing.T) {
	t.Parallel()
	friday := time.Date(2026, 3, 13, 19, 0, 0, 0, time.UTC)
	for back, want := range map[time.Duration]string{
		30 * time.Minute: "",
		2 * time.Hour:    "stop",
		14 * time.Hour:   "stop",
		50 * time.Hour:   "stop", // Sunday: a day is not the end of it
		62 * time.Hour:   "start",
		75 * time.Hour:   "stop",
	} {
		entry, err := Enter(schedule.Schedule{Name: "dev", Hours: "weekdays 08-20", TimeZone: "UTC", Line: "start", EndLine: "stop", CreatedAt: friday}, friday)
		if err != nil {
			t.Fatal(err)
		}
		due, _ := Due([]*Entry{&entry}, friday.Add(back))
		got := ""
		for _, slot := range due {
			got += slot.Line
		}
		if got != want {
			t.Errorf("after %s: %q, not %q", back, got, want)
		}
	}
}
