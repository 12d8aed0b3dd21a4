package timetable

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"deckhand/commands/schedule"
)

// wall is a clock on the wall that differs from the bubble's, and may be set.
type wall struct {
	*book
	ahead time.Duration
}

func (w *wall) now() time.Time {
	w.Lock()
	defer w.Unlock()
	return time.Now().Add(w.ahead).UTC()
}

func (w *wall) set(by time.Duration) {
	w.Lock()
	defer w.Unlock()
	w.ahead += by
}

// work runs a timetable by the wall's clock.
func (w *wall) work(t *testing.T, e *engine, during func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	table := New(w.book, e, quiet())
	table.now = w.now
	done := make(chan error)
	go func() { done <- table.Run(ctx) }()
	during()
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run = %v", err)
	}
}

// TestNightsInWhichClocksChange runs a timetable through the hours around a slot and a change, stopped and started again in between.
func TestNightsInWhichClocksChange(t *testing.T) {
	t.Parallel()
	spring, autumn := time.Date(2026, 3, 28, 23, 30, 0, 0, time.UTC), time.Date(2026, 10, 24, 23, 15, 0, 0, time.UTC)
	const berlin, shanghai = "Europe/Berlin", "Asia/Shanghai"
	for name, c := range map[string]struct {
		cron, zone, quiet string
		begin             time.Time
		handed            string // within three hours, in UTC
	}{
		"in the gap: at its end":                 {"30 2 * * *", berlin, "", spring, "29T01:00:00"},
		"in the hour that comes twice: once":     {"30 2 * * *", berlin, "", autumn, "25T00:30:00"},
		"the morning after an hour less":         {"0 9 * * *", berlin, "", spring.Add(6 * time.Hour), "29T07:00:00"},
		"the morning after an hour more":         {"0 9 * * *", berlin, "", autumn.Add(7 * time.Hour), "25T08:00:00"},
		"each half hour of a short night":        {"30 * * * *", berlin, "", spring.Add(30 * time.Minute), "29T00:30:00 29T01:30:00 29T02:30:00"},
		"each half hour of a long night":         {"30 * * * *", berlin, "", autumn.Add(45 * time.Minute), "25T00:30:00 25T01:30:00 25T02:30:00"},
		"quiet until the gap's end":              {"30 1 * * *", berlin, "01:00-02:30", spring, "29T01:00:00"},
		"quiet until the hour that comes twice":  {"30 1 * * *", berlin, "01:00-02:30", autumn, "25T00:30:00"},
		"Shanghai, when Berlin has an hour less": {"30 2 * * *", shanghai, "", spring.Add(-6 * time.Hour), "28T18:30:00"},
		"Shanghai, when Berlin has an hour more": {"0 9 * * *", shanghai, "", autumn, "25T01:00:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, e := &wall{book: &book{}, ahead: time.Until(c.begin)}, &engine{}
				s := daily(c.cron)
				s.TimeZone, s.QuietHours, s.CreatedAt = c.zone, c.quiet, c.begin
				w.add(s)
				w.work(t, e, func() { time.Sleep(85 * time.Minute) })
				w.work(t, e, func() { time.Sleep(94 * time.Minute) })
				if e.at() != c.handed {
					t.Errorf("handed on %q, want %q", e.at(), c.handed)
				}
			})
		})
	}
}

// TestAClockThatIsSet sets the wall clock by an hour around a slot: it is handed on once.
func TestAClockThatIsSet(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 11, 26, 8, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		step, after time.Duration
		handed      string
	}{
		"back, after the slot":  {-time.Hour, 70 * time.Minute, "26T09:00:00"},
		"back, before the slot": {-time.Hour, 50 * time.Minute, "26T09:00:00"},
		"on, over the slot":     {time.Hour, 30 * time.Minute, "26T09:00:00"},
		"on, after the slot":    {time.Hour, 70 * time.Minute, "26T09:00:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, e := &wall{book: &book{}, ahead: time.Until(begin)}, &engine{}
				s := daily("0 9 * * *")
				s.CreatedAt = begin
				w.add(s)
				act := schedule.Act{Key: "lease:1", Due: begin.Add(time.Hour), Line: "vm stop web", Asker: s.Owner}
				w.acts = []schedule.Act{act}
				w.work(t, e, func() {
					time.Sleep(c.after)
					w.set(c.step)
					time.Sleep(80 * time.Minute)
					w.set(-c.step)
					time.Sleep(20 * time.Minute)
				})
				if got := strings.Split(e.at(), " "); len(got) != 2 || got[0] != c.handed || got[1] != c.handed {
					t.Errorf("handed on %q, want the slot and the act once each", got)
				}
			})
		})
	}
}
