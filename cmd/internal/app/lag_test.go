package app

import (
	"fmt"
	"testing"
	"time"

	"deckhand/commands/check"
)

func TestACheckThatKeepsItsOwnTimeIsNotLate(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 26, 18, 18, 46, 0, time.UTC)
	for _, every := range []time.Duration{30 * time.Second, time.Minute, 5 * time.Minute, time.Hour} {
		for n := range 20 {
			c := check.Check{Name: fmt.Sprint("web-", n), Schedule: "@every " + every.String(), Timeout: 5 * time.Second, CreatedAt: start}
			first := dueAfter(c, time.Time{})
			if wait := first.Sub(start); wait <= 0 || wait > every {
				t.Fatalf("%s: first due after %s of %s", c.Name, wait, every)
			}
			second := dueAfter(c, first.Add(time.Millisecond)) // a look begins a little after its time
			if second.Sub(first) != every {
				t.Fatalf("%s: due again after %s, its interval is %s", c.Name, second.Sub(first), every)
			}
			for wait, late := range map[time.Duration]bool{0: false, 9 * time.Second: false, 11 * time.Second: true} {
				var o overdue
				if o.add(c.Name, second, second.Add(wait), c.Timeout+patience); (o.count == 1) != late {
					t.Errorf("%s, every %s: %s after it was due it counts as %d late", c.Name, every, wait, o.count)
				}
			}
		}
	}
	if due := dueAfter(check.Check{Name: "new", Schedule: "@every 1m"}, time.Time{}); !due.IsZero() {
		t.Errorf("a check of which nothing is known is due at %s", due)
	}
}
