package timetable

import (
	"testing"
	"time"

	"deckhand/commands/schedule"
)

func TestWhenAScheduleRests(t *testing.T) {
	t.Parallel()
	nightly := []string{"2026-12-24", "2026-12-25"}
	for name, c := range map[string]struct {
		cron, zone, quiet string
		skip              []string
		after             string
		want              []string // when it runs next, and next after that
	}{
		"on a weekday":                                  {"0 9 * * *", "Asia/Shanghai", "", nil, "2026-12-23T00:00:00Z", []string{"2026-12-23T09:00:00+08:00", "2026-12-24T09:00:00+08:00"}},
		"not on a date that it skips":                   {"0 9 * * *", "Asia/Shanghai", "", nightly, "2026-12-23T02:00:00Z", []string{"2026-12-26T09:00:00+08:00", "2026-12-27T09:00:00+08:00"}},
		"the date is that of its zone":                  {"0 7 * * *", "Asia/Shanghai", "", []string{"2026-12-23"}, "2026-12-22T00:00:00Z", []string{"2026-12-24T07:00:00+08:00", "2026-12-25T07:00:00+08:00"}},
		"after quiet hours over midnight":               {"0 23 * * *", "Europe/Berlin", "22:00-07:00", nil, "2026-11-26T12:00:00Z", []string{"2026-11-27T07:00:00+01:00", "2026-11-28T07:00:00+01:00"}},
		"once for all that came in them":                {"0 * * * *", "Europe/Berlin", "22:00-07:00", nil, "2026-11-26T20:30:00Z", []string{"2026-11-27T07:00:00+01:00", "2026-11-27T08:00:00+01:00"}},
		"after quiet hours within a day":                {"30 12 * * *", "Europe/Berlin", "12:00-13:00", nil, "2026-11-26T00:00:00Z", []string{"2026-11-26T13:00:00+01:00", "2026-11-27T13:00:00+01:00"}},
		"at the end of quiet hours itself":              {"0 7 * * *", "Europe/Berlin", "22:00-07:00", nil, "2026-11-26T12:00:00Z", []string{"2026-11-27T07:00:00+01:00", "2026-11-28T07:00:00+01:00"}},
		"not where they end on a skipped date":          {"0 23 * * *", "Europe/Berlin", "22:00-07:00", nightly, "2026-12-22T23:00:00Z", []string{"2026-12-26T07:00:00+01:00", "2026-12-27T07:00:00+01:00"}},
		"through a night that is an hour short":         {"0 1 * * *", "Europe/Berlin", "22:00-02:30", nil, "2027-03-27T12:00:00Z", []string{"2027-03-28T03:00:00+02:00", "2027-03-29T02:30:00+02:00"}},
		"through a night that is an hour long":          {"30 1 * * *", "Europe/Berlin", "22:00-03:00", nil, "2026-10-24T12:00:00Z", []string{"2026-10-25T03:00:00+01:00", "2026-10-26T03:00:00+01:00"}},
		"through a night of Shanghai's, which has none": {"30 1 * * *", "Asia/Shanghai", "22:00-03:00", nil, "2026-10-24T12:00:00Z", []string{"2026-10-25T03:00:00+08:00", "2026-10-26T03:00:00+08:00"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			after, err := time.Parse(time.RFC3339, c.after)
			if err != nil {
				t.Fatal(err)
			}
			s := schedule.Schedule{Name: "s", Cron: c.cron, TimeZone: c.zone, QuietHours: c.quiet, Skip: c.skip}
			for _, want := range c.want {
				at, _, err := Clock{}.Coming(s, after)
				if err != nil || at.Format(time.RFC3339) != want {
					t.Fatalf("after %v it runs at %v (%v), want %s", after, at, err, want)
				}
				s.CreatedAt = after
				entry, err := Enter(s, at)
				if err != nil {
					t.Fatal(err)
				}
				if due, _ := Due([]*Entry{&entry}, at.Add(-time.Second)); len(due) > 0 && !due[0].At.Before(at) {
					t.Errorf("it is due before %v: %v", at, due[0].At)
				}
				if due, _ := Due([]*Entry{&entry}, at); len(due) != 1 || !due[0].At.Equal(at) {
					t.Errorf("it is not due at %v: %+v", at, due)
				}
				after = at
			}
		})
	}
	s := schedule.Schedule{Cron: "0 0 25 12 *", TimeZone: "UTC", Skip: []string{"2026-12-25", "2027-12-25", "2028-12-25", "2029-12-25", "2030-12-25", "2031-12-25"}}
	if at, _, err := (Clock{}).Coming(s, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)); err == nil {
		t.Errorf("what is always skipped runs at %v", at)
	}
}
