package timetable

import (
	"math/rand/v2"
	"testing"
	"time"

	"deckhand/commands/schedule"
)

// TestWhatWasWorkedOutOnceIsStillSo: whatever the clock does, and whatever was handed on, an entry that remembers answers as one that does not.
func TestWhatWasWorkedOutOnceIsStillSo(t *testing.T) {
	t.Parallel()
	for _, cron := range []string{"*/5 * * * *", "0 9 * * 1-5", "30 2 * * *", "0 0 29 2 *"} {
		now := time.Date(2026, 10, 24, 20, 0, 0, 0, time.UTC) // the night before the clocks go back in Berlin
		e, err := Enter(schedule.Schedule{Name: "a", Cron: cron, TimeZone: "Europe/Berlin", CreatedAt: now}, now)
		if err != nil {
			t.Fatal(err)
		}
		random := rand.New(rand.NewPCG(1, 2))
		for range 3000 {
			step := time.Duration(random.Int64N(int64(4 * time.Minute)))
			if random.IntN(40) == 0 {
				step = -time.Duration(random.Int64N(int64(3 * time.Hour)))
			}
			now = now.Add(step)
			fresh := e
			fresh.idle = idle{}
			latest, coming, _ := e.around(now)
			wantLatest, wantComing, _ := fresh.reckon(now)
			if !latest.Equal(wantLatest) || !coming.Equal(wantComing) {
				t.Fatalf("%s at %s: %s and %s, not %s and %s", cron, now, latest, coming, wantLatest, wantComing)
			}
			if !latest.IsZero() && random.IntN(3) > 0 {
				e.After = latest
			}
		}
	}
}

func BenchmarkDue(b *testing.B) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	e, err := Enter(schedule.Schedule{Name: "a", Cron: "0 9 * * 1-5", TimeZone: "Europe/Berlin", CreatedAt: now}, now)
	if err != nil {
		b.Fatal(err)
	}
	entries := []*Entry{&e}
	for b.Loop() {
		Due(entries, now)
	}
}
