package health

import (
	"fmt"
	"testing"
	"time"
)

func turning(t *testing.T, now time.Time, schedules ...string) (*wheel, []*watch) {
	t.Helper()
	w := &wheel{at: bucketOf(now)}
	var watches []*watch
	for i, schedule := range schedules {
		c := every(fmt.Sprint("e", i))
		x := &watch{check: c, pace: pace(t, c.Name, schedule)}
		watches = append(watches, x)
		w.plant(x, now, time.Time{})
	}
	return w, watches
}

func TestWheel(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	t.Run("wakes up only for buckets that hold something", func(t *testing.T) {
		t.Parallel()
		w, watches := turning(t, now, "@every 30s")
		wakes, looks := 0, 0
		for w.at < bucketOf(now.Add(10*time.Minute)) {
			due := w.take(w.next())
			wakes++
			looks += len(due)
			for _, x := range due {
				w.plant(x, timeOf(w.at), time.Time{})
			}
		}
		if wakes > 21 || looks < 19 || watches[0].bucket <= w.at {
			t.Errorf("%d looks in %d wakes", looks, wakes)
		}
	})
	t.Run("lets what is due later than it is long go round", func(t *testing.T) {
		t.Parallel()
		w, _ := turning(t, now, "@every 1h")
		var at []time.Time
		for w.at < bucketOf(now.Add(3*time.Hour)) {
			for _, x := range w.take(w.next()) {
				at = append(at, timeOf(w.at))
				w.plant(x, timeOf(w.at), time.Time{})
			}
		}
		if len(at) != 3 || at[1].Sub(at[0]) != time.Hour || at[2].Sub(at[1]) != time.Hour {
			t.Errorf("looks at %v", at)
		}
	})
	t.Run("looks once at what was missed while the machine slept", func(t *testing.T) {
		t.Parallel()
		w, _ := turning(t, now, "@every 10s", "@every 1h", "@every 7s")
		if due := w.take(bucketOf(now.Add(5 * time.Hour))); len(due) != 3 {
			t.Errorf("%d are due", len(due))
		}
	})
	t.Run("goes on when the clock is set back", func(t *testing.T) {
		t.Parallel()
		w, watches := turning(t, now, "@every 10s", "@every 1h")
		back := now.Add(-2 * time.Hour)
		w.rebuild(back)
		if next := timeOf(w.next()); next.After(back.Add(10*time.Second + grain)) {
			t.Errorf("the next look is at %v", next)
		}
		if due := timeOf(watches[1].bucket); due.After(back.Add(time.Hour)) {
			t.Errorf("the hourly look is at %v", due)
		}
	})
}

func TestALookThatWasMissedIsMadeUpFor(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	_, watches := turning(t, now, "@every 30s")
	x := watches[0]
	due := x.pace.Due(now)
	for name, c := range map[string]struct {
		after time.Duration // since it was due
		last  time.Duration // the latest look before that
		soon  bool
	}{
		"due a moment ago":                       {3 * time.Second, 30 * time.Second, true},
		"due long ago, so that it does not hurt": {12 * time.Second, 30 * time.Second, false},
		"looked at when it was due":              {3 * time.Second, 0, false},
		"not due yet":                            {-3 * time.Second, 30 * time.Second, false},
		"not looked at for an hour":              {3 * time.Second, time.Hour, false},
	} {
		at := due.Add(c.after)
		soon := x.soonest(at, due.Add(-c.last))
		if soon.IsZero() == c.soon || c.soon && (soon.Before(at) || soon.Sub(at) > soonTime) {
			t.Errorf("%s: looked at %s later", name, soon.Sub(at))
		}
	}
	_, watches = turning(t, now, "@every 2s")
	x = watches[0]
	due = x.pace.Due(now)
	if soon := x.soonest(due.Add(1500*time.Millisecond), due.Add(-2*time.Second)); !soon.IsZero() {
		t.Errorf("looked at %s before it is due again", x.pace.Due(due).Sub(soon))
	}
}
