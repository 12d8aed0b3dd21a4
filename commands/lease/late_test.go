package lease

import (
	"strings"
	"testing"
	"time"

	"deckhand/commands"
)

// TestNothingIsRemovedInTheSameBreathAsItsOwnerIsTold where deckhand was away at the end.
func TestNothingIsRemovedInTheSameBreathAsItsOwnerIsTold(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		undo  string
		after time.Duration // after the end
		terms Terms
		due   string // what is handed on now
		later string // what comes
		says  string
	}{
		"a machine stops, and has its grace from then on": {
			"vm terminate i-1", 48 * time.Hour, removing, "lease show R-1; vm stop i-1 --if-there", "+80h0m0s vm terminate i-1 --if-there as U1", "terminated at 2026-03-13 17:00:00 UTC",
		},
		"one whose grace is nearly over": {
			"vm terminate i-1", 23*time.Hour + 30*time.Minute, removing, "lease show R-1; vm stop i-1 --if-there", "+55h30m0s vm terminate i-1 --if-there as U1", "terminated at 2026-03-12 16:30:00 UTC",
		},
		"one with enough of its grace left goes when it was said": {
			"vm terminate i-1", 3 * time.Hour, removing, "lease show R-1; vm stop i-1 --if-there", "+32h0m0s vm terminate i-1 --if-there as U1", "terminated at 2026-03-11 17:00:00 UTC",
		},
		"of a network its owner is told first": {
			"net down lab", 48 * time.Hour, removing, "lease show R-1", "+57h0m0s net down lab as U1", "net down lab removes it at 2026-03-12 18:00:00 UTC, because deckhand was not running",
		},
		"what is not late goes at once": {"net down lab", time.Minute, removing, "lease show R-1; net down lab", "", "Then net down lab removes it."},
		"what nothing removes is told of": {
			"net down lab", 48 * time.Hour, stopping, "lease show R-1; lease show R-1; lease show R-1", "+80h0m0s lease show R-1 as U1 private +176h0m0s lease show R-1 as U1 private", "nothing is removed by itself",
		},
	} {
		b := newBook()
		d := Desk{Book: b, Terms: c.terms}
		if _, err := d.Begin(t.Context(), made(c.undo), now); err != nil {
			t.Fatal(err)
		}
		at := now.Add(8*time.Hour + c.after)
		for range 2 { // a process that is cut short looks again
			acts, err := d.Acts(t.Context(), at)
			var lines []string
			for _, a := range acts {
				lines = append(lines, a.Line)
			}
			if got := strings.Join(lines, "; "); got != c.due || err != nil {
				t.Errorf("%s: due is %q %v", name, got, err)
			}
		}
		said := commands.Terminal().Render(d.Terms.then(b.leases[1]))
		acts, _ := d.Acts(t.Context(), at)
		for _, a := range acts {
			delete(b.acts, a.Key)
		}
		if got := strings.Join(b.due(), " "); got != c.later || !strings.Contains(said, c.says) {
			t.Errorf("%s: then comes %q, and it says %q", name, got, said)
		}
	}
}
