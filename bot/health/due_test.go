package health

import (
	"fmt"
	"testing"
	"time"

	"deckhand/commands/check"
)

func pace(t *testing.T, name, schedule string) Pace {
	t.Helper()
	p, err := NewPace(check.Check{Name: name, Schedule: schedule})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestDue(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 24, 12, 0, 0, 17e6, time.UTC)
	t.Run("comes once an interval, always in the same bucket of it", func(t *testing.T) {
		t.Parallel()
		p := pace(t, "myapp", "@every 30s")
		first := p.Due(start)
		if wait := first.Sub(start); wait <= 0 || wait > 30*time.Second {
			t.Errorf("the first look comes after %v", wait)
		}
		at := first
		for range 1000 {
			next := p.Due(at)
			if next.Sub(at) != 30*time.Second {
				t.Fatalf("due at %v and then at %v", at, next)
			}
			at = next
		}
		if again := pace(t, "myapp", "@every 30s").Due(start.Add(time.Hour)); again.Sub(first)%(30*time.Second) != 0 {
			t.Errorf("after a restart the phase is another: %v, %v", first, again)
		}
	})
	t.Run("lies at the beginning of a bucket", func(t *testing.T) {
		t.Parallel()
		for i := range 100 {
			due := pace(t, fmt.Sprint("e", i), "@every 7s").Due(start)
			if due.UnixMilli()%grain.Milliseconds() != 0 {
				t.Fatalf("due at %v", due)
			}
		}
	})
	t.Run("ten thousand checks every 30 s spread evenly", func(t *testing.T) {
		t.Parallel()
		buckets := map[int64]int{}
		for i := range 10_000 {
			due := pace(t, fmt.Sprint("e", i), "@every 30s").Due(start)
			buckets[bucketOf(due)%300]++
		}
		most := 0
		for _, n := range buckets {
			most = max(most, n)
		}
		if len(buckets) != 300 || most > 70 { // 33 on average
			t.Errorf("%d of 300 buckets are used, the fullest by %d", len(buckets), most)
		}
	})
	t.Run("a cron expression is kept to within its second", func(t *testing.T) {
		t.Parallel()
		for i := range 50 {
			due := pace(t, fmt.Sprint("e", i), "*/5 * * * *").Due(start.Add(time.Second))
			slot := time.Date(2026, 11, 24, 12, 5, 0, 0, time.UTC)
			if late := due.Sub(slot); late < 0 || late >= time.Second {
				t.Fatalf("due at %v", due)
			}
		}
	})
	t.Run("what cannot be read is refused", func(t *testing.T) {
		t.Parallel()
		if _, err := NewPace(check.Check{Name: "x", Schedule: "TZ="}); err == nil {
			t.Error("no error")
		}
	})
}
