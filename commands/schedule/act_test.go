package schedule

import (
	"testing"
	"time"
)

// TestWhatDidNotSucceedIsTriedAgain sooner at first, then once a day, and not for ever.
func TestWhatDidNotSucceedIsTriedAgain(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)
	act, now := Act{Key: "lease R-1 stop", Due: begin, Line: "vm stop i-1"}, begin
	var pauses []time.Duration
	for {
		next, more := act.Again(now)
		if !more {
			break
		}
		if next.Key != act.Key || next.Line != act.Line || next.Tries != act.Tries+1 {
			t.Fatalf("%+v became %+v", act, next)
		}
		pauses = append(pauses, next.Due.Sub(now))
		act, now = next, next.Due
	}
	if len(pauses) != 11 || pauses[0] != 5*time.Minute || pauses[3] != 8*time.Hour || pauses[4] != 24*time.Hour || pauses[10] != 24*time.Hour {
		t.Error(pauses)
	}
}
