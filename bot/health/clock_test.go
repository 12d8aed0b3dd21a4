package health

import (
	"slices"
	"testing"
	"time"
)

// TestAClockThatIsSet sets the wall clock of a wheel that turns, by an hour either way. Every check is looked at at most once for the
// step, and from then on in its interval again: none is missed, none twice.
func TestAClockThatIsSet(t *testing.T) {
	t.Parallel()
	for name, step := range map[string]time.Duration{"on": time.Hour, "back": -time.Hour, "on by a moment": 3 * time.Second, "back by a moment": -3 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := time.Date(2026, 3, 29, 0, 59, 0, 0, time.UTC) // a minute before the clocks of Berlin go on, which are not UTC's
			w, watches := turning(t, now, slices.Repeat([]string{"@every 30s"}, 200)...)
			var elapsed time.Duration // as a stopwatch has it, whatever the clock says
			looks := map[*watch][]time.Duration{}
			for elapsed < 5*time.Minute {
				elapsed += grain
				now = now.Add(grain)
				if elapsed == 2*time.Minute {
					now = now.Add(step)
				}
				if bucketOf(now) < w.at-int64(time.Second/grain) { // as the loop does
					w.rebuild(now)
				}
				for _, x := range w.take(max(w.at, bucketOf(now))) {
					looks[x] = append(looks[x], elapsed)
					w.plant(x, now, time.Time{})
				}
			}
			for _, x := range watches {
				all := looks[x]
				for i := 1; i < len(all); i++ {
					pause := all[i] - all[i-1]
					around := all[i-1] <= 2*time.Minute && all[i] >= 2*time.Minute || all[i-1] >= 2*time.Minute && all[i-1] < 2*time.Minute+time.Second
					switch {
					case around:
						if pause > 35*time.Second {
							t.Errorf("%s was not looked at for %v around the step", x.check.Name, pause)
						}
					case pause != 30*time.Second:
						t.Errorf("%s was looked at after %v, at %v", x.check.Name, pause, all[i])
					}
				}
				if len(all) < 9 || len(all) > 11 {
					t.Errorf("%s was looked at %d times in five minutes", x.check.Name, len(all))
				}
			}
		})
	}
}
