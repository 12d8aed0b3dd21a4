package health

import (
	"testing"
	"time"

	"deckhand/bot/timetable"
	"deckhand/commands/check"
)

const nightLength = 5 * time.Hour

// TestNightsInWhichClocksChange runs a loop through the hours around the change.
func TestNightsInWhichClocksChange(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		zone   string
		change time.Time // when the clocks of the zone change, or would
		window time.Time // when the nightly window of 02:30 begins
	}{
		"Berlin, an hour less": {"Europe/Berlin", time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC), time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC)},
		"Berlin, an hour more": {"Europe/Berlin", time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC), time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC)},
		"Shanghai, no change":  {"Asia/Shanghai", time.Date(2026, 3, 28, 18, 0, 0, 0, time.UTC), time.Date(2026, 3, 28, 18, 30, 0, 0, time.UTC)},
	} {
		bubble(t, name, func(t *testing.T) {
			w := newWorld(minutely("a"), minutely("nightly"), minutely("muted"))
			begin := c.change.Add(-90 * time.Minute)
			w.ahead = time.Until(begin)
			window, err := timetable.Parse("30 2 * * *", c.zone)
			if err != nil {
				t.Fatal(err)
			}
			w.windows = []Window{{Name: "nightly", Spec: window, Duration: 20 * time.Minute, Checks: []string{"nightly"}}}
			w.mutes = []check.Mute{{Key: "chat:R-1", Checks: []string{"muted"}, Since: c.change.Add(-time.Hour), Until: c.change.Add(time.Hour), Reason: "move"}}
			// a is down across the change; muted is down within its mute, and once after it.
			w.answers = func(ck check.Check) string {
				since := w.clock().Sub(c.change)
				if ck.Name == "a" && since >= -10*time.Minute && since < 10*time.Minute ||
					ck.Name == "muted" && (since >= -50*time.Minute && since < 50*time.Minute || since >= 2*time.Hour && since < 2*time.Hour+10*time.Minute) {
					return "HTTP 503"
				}
				return ""
			}
			w.run(t, func() { time.Sleep(nightLength) })
			for _, ck := range w.checks {
				results := w.seen(ck.Name)
				if n := len(results); n < int(nightLength/time.Minute)-1 || n > int(nightLength/time.Minute) {
					t.Errorf("%s: %d looks in %v", ck.Name, n, nightLength)
				}
				var covered, muted time.Duration
				var first, last time.Time
				for n, r := range results {
					if n > 0 && r.At.Sub(results[n-1].At) != time.Minute {
						t.Errorf("%s: looked at after %v, at %v", ck.Name, r.At.Sub(results[n-1].At), r.At)
					}
					covered += r.Covers
					if r.Muted {
						if muted += r.Covers; first.IsZero() {
							first = r.At
						}
						last = r.At
					}
				}
				if covered.Round(2*time.Minute) != nightLength {
					t.Errorf("%s: %v are spoken for", ck.Name, covered)
				}
				from, long := map[string]time.Time{"nightly": c.window, "muted": c.change.Add(-time.Hour)}[ck.Name], map[string]time.Duration{"nightly": 20 * time.Minute, "muted": 2 * time.Hour}[ck.Name]
				if muted != long || long > 0 && (first.Before(from) || first.After(from.Add(time.Minute)) || last.After(from.Add(long))) {
					t.Errorf("%s: muted for %v from %v to %v", ck.Name, muted, first, last)
				}
			}
			if want := "a was down for 20 min (edited); a is up again after 20 min; muted was down for 10 min (edited); muted is up again after 10 min"; w.said() != want {
				t.Errorf("said %s", w.said())
			}
			if n := len(w.mutes); n != 2 {
				t.Errorf("%d mutes: the window came more than once, or not at all: %+v", n, w.mutes)
			}
		})
	}
}

// TestAClockThatIsSetDuringAnOutage sets the wall clock by an hour while a check is down, and while it is up.
func TestAClockThatIsSetDuringAnOutage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		step, at time.Duration // by how much, and after how long; the check is down from the 30th to the 50th minute
		said     string
	}{
		"back while it is down": {-time.Hour, 40 * time.Minute, "a was down for 20 min (edited); a is up again after 20 min"},
		"back while it is up":   {-time.Hour, 20 * time.Minute, "a was down for 20 min (edited); a is up again after 20 min"},
		"back right after":      {-time.Hour, 53 * time.Minute, "a was down for 20 min (edited); a is up again after 20 min"},
		"on while it is up":     {time.Hour, 20 * time.Minute, "a was down for 20 min (edited); a is up again after 20 min"},
		// A machine that slept for an hour looks like this, too, and then it is true.
		"on while it is down": {time.Hour, 40*time.Minute + 30*time.Second, "a was down for 1 h 20 min (edited); > a is still down, for 1 h 9 min; a is up again after 1 h 20 min"},
	} {
		bubble(t, name, func(t *testing.T) {
			w := newWorld(minutely("a"))
			w.ahead = time.Until(time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC))
			w.answers = outage(30*time.Minute, 50*time.Minute)
			var elapsed []time.Duration // of the looks, as a stopwatch has it
			begin, answers := time.Now(), w.answers
			w.answers = func(ck check.Check) string { elapsed = append(elapsed, time.Since(begin)); return answers(ck) }
			w.run(t, func() {
				time.Sleep(c.at)
				w.set(func() { w.ahead += c.step })
				time.Sleep(2*time.Hour - c.at)
				w.Lock()
				i := w.incidents[0].Clone()
				w.Unlock()
				if i.Opened.After(i.Resolved) || i.Lasted(w.Now()) > 20*time.Minute+max(0, c.step) {
					t.Errorf("it lasted from %v to %v", i.Opened, i.Resolved)
				}
			})
			if w.said() != c.said {
				t.Errorf("said %s", w.said())
			}
			if len(w.incidents) != 1 {
				t.Errorf("%d incidents", len(w.incidents))
			}
			extra := 0 // where the clock was set on, all is due at once, and then again at its turn
			for n := 1; n < len(elapsed); n++ {
				pause := elapsed[n] - elapsed[n-1]
				if pause < time.Minute {
					extra++
				}
				if pause > time.Minute+time.Second {
					t.Errorf("looked at after %v, at %v", pause, elapsed[n])
				}
			}
			if extra > 2 {
				t.Errorf("%d looks more than the interval has", extra)
			}
		})
	}
}

// minutely is a check that is looked at each minute.
func minutely(name string) check.Check {
	c := every(name)
	c.Schedule = "@every 1m"
	return c
}
