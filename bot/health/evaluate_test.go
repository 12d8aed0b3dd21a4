package health

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"deckhand/commands/check"
)

func TestEvaluate(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	// Results come a second apart: + is a pass, - a failure. After each: u, U and D for unknown, up and down, with the streak.
	for name, c := range map[string]struct {
		fail, pass int
		results    string
		want       string
		since      int // index of the result with which the status began
	}{
		"the first pass makes it up":                       {3, 2, "+", "U0", 0},
		"failures at first leave it unknown":               {3, 2, "--", "u1 u2", 0},
		"enough failures at first make it down":            {3, 2, "---", "u1 u2 D0", 0},
		"a pass among the first failures makes it up":      {3, 2, "--+", "u1 u2 U0", 2},
		"fewer failures than the threshold change nothing": {3, 2, "+--+", "U0 U1 U2 U0", 0},
		"enough in a row make it down, since the first":    {3, 2, "+---", "U0 U1 U2 D0", 1},
		"only those in a row count":                        {3, 2, "+--+--", "U0 U1 U2 U0 U1 U2", 0},
		"one pass does not make it up again":               {3, 2, "+---+", "U0 U1 U2 D0 D1", 1},
		"enough passes make it up, since the first":        {3, 2, "+---++", "U0 U1 U2 D0 D1 U0", 4},
		"a failure between the passes starts over":         {3, 2, "+---+-+", "U0 U1 U2 D0 D1 D0 D1", 1},
		"thresholds of one":                                {1, 1, "+-+-", "U0 D0 U0 D0", 3},
		"down at first, up after two":                      {2, 2, "--++", "u1 D0 D1 U0", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ck := check.Check{Name: "myapp", FailAfter: c.fail, PassAfter: c.pass}
			var s check.State
			var got []string
			for i, sign := range c.results {
				s = Evaluate(ck, s, check.Result{Check: "myapp", At: start.Add(time.Duration(i) * time.Second), OK: sign == '+'})
				letter := map[check.Status]string{check.Unknown: "u", check.Up: "U", check.Down: "D"}[s.Status]
				got = append(got, letter+string(rune('0'+s.Streak)))
				if (s.Streak == 0) != s.StreakAt.IsZero() {
					t.Errorf("streak %d began at %v", s.Streak, s.StreakAt)
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("states %v, want %s", got, c.want)
			}
			if want := start.Add(time.Duration(c.since) * time.Second); !s.Since.Equal(want) {
				t.Errorf("since %v, want %v", s.Since, want)
			}
			if s.Check != "myapp" || s.Last.At.IsZero() {
				t.Errorf("state %+v", s)
			}
		})
	}
	t.Run("a result that is not newer changes nothing", func(t *testing.T) {
		t.Parallel()
		ck := check.Check{Name: "myapp", FailAfter: 1, PassAfter: 1}
		up := Evaluate(ck, check.State{}, check.Result{At: start, OK: true})
		for _, at := range []time.Time{start, start.Add(-time.Second)} {
			if s := Evaluate(ck, up, check.Result{At: at}); !reflect.DeepEqual(s, up) {
				t.Errorf("after a result at %v: %+v", at, s)
			}
		}
	})
	t.Run("the clock was set back: the looks go on counting, and begin no later than they came", func(t *testing.T) {
		t.Parallel()
		ck := check.Check{Name: "myapp", FailAfter: 2, PassAfter: 2}
		s := Evaluate(ck, check.State{}, check.Result{At: start, OK: true})
		s = Evaluate(ck, s, check.Result{At: start.Add(10 * time.Second)})
		s = Evaluate(ck, s, check.Result{At: start.Add(-time.Hour)})
		if s.Status != check.Down || !s.Since.Equal(start.Add(-time.Hour)) {
			t.Errorf("state %+v", s)
		}
	})
}
