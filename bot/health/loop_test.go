package health

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"deckhand/commands/check"
)

func bubble(t *testing.T, name string, do func(*testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, do)
	})
}

func TestLoopLooks(t *testing.T) {
	t.Parallel()
	bubble(t, "at each check once an interval, the first time within one", func(t *testing.T) {
		start := time.Now()
		w := newWorld(every("a"), every("b"), every("c"))
		w.run(t, func() { time.Sleep(100 * time.Second) })
		for _, c := range w.checks {
			results := w.results[c.Name]
			if len(results) < 9 || len(results) > 10 || results[0].At.Sub(start) > 10*time.Second+grain {
				t.Fatalf("%s: %d results, the first after %v", c.Name, len(results), results[0].At.Sub(start))
			}
			for i := 1; i < len(results); i++ {
				if gap := results[i].At.Sub(results[i-1].At); gap != 10*time.Second {
					t.Errorf("%s: a gap of %v", c.Name, gap)
				}
			}
			if s := w.states[c.Name]; s.Status != check.Up || !s.Since.Equal(results[0].At) {
				t.Errorf("%s: state %+v", c.Name, s)
			}
		}
		if w.said() != "" {
			t.Errorf("said %s", w.said())
		}
	})
	bubble(t, "and writes the results of many down together", func(t *testing.T) {
		w := newWorld()
		for i := range 3000 {
			w.checks = append(w.checks, every(fmt.Sprint("e", i)))
		}
		w.run(t, func() { time.Sleep(30 * time.Second) })
		looks := 0
		for _, results := range w.results {
			looks += len(results)
		}
		if looks < 8900 || looks > 9000 || w.saves > 155 {
			t.Errorf("%d looks in %d transactions", looks, w.saves)
		}
	})
	bubble(t, "at a new check from chat within two seconds", func(t *testing.T) {
		w := newWorld()
		w.run(t, func() {
			time.Sleep(5300 * time.Millisecond)
			w.set(func() {
				c := every("new")
				c.Schedule, c.FromConfig = "@every 1h", false
				w.checks = append(w.checks, c)
			})
			time.Sleep(4 * time.Second)
			w.Lock()
			defer w.Unlock()
			if len(w.results["new"]) != 1 {
				t.Errorf("%d results", len(w.results["new"]))
			}
		})
	})
	bubble(t, "no more at a check that is removed, nor speaks of it", func(t *testing.T) {
		w := newWorld(every("a"), every("b"))
		w.answers = outage(0, time.Hour)
		w.run(t, func() {
			time.Sleep(15 * time.Second)
			w.set(func() { w.checks = w.checks[1:] })
			time.Sleep(5 * time.Minute)
		})
		if n := len(w.seen("a")); n > 2 || w.said() != "b is down (edited)" {
			t.Errorf("%d results, said %s", n, w.said())
		}
	})
	bubble(t, "with new settings and an unbroken state when a check changes", func(t *testing.T) {
		w := newWorld(every("a"))
		w.answers = outage(25*time.Second, time.Hour)
		w.run(t, func() {
			time.Sleep(31 * time.Second)
			w.set(func() { w.checks[0].FailAfter = 2 })
			time.Sleep(20 * time.Second)
		})
		if w.said() != "a is down" {
			t.Errorf("said %s", w.said())
		}
	})
	bubble(t, "on while the store is away, and writes it all down afterwards", func(t *testing.T) {
		w := newWorld(every("a"))
		w.run(t, func() {
			time.Sleep(20 * time.Second)
			w.set(func() { w.storeFail = errors.New("disk full") })
			time.Sleep(60 * time.Second)
			w.set(func() { w.storeFail = nil })
			time.Sleep(20 * time.Second)
		})
		if n := len(w.seen("a")); n < 9 {
			t.Errorf("%d results", n)
		}
	})
	bubble(t, "at the others in time while some hang", func(t *testing.T) {
		w := newWorld()
		for i := range 2000 {
			w.checks = append(w.checks, every(fmt.Sprint("e", i)))
		}
		w.answers = func(c check.Check) string {
			if len(c.Name) <= 3 { // e0 to e99: 5 %
				return "hang"
			}
			return ""
		}
		w.run(t, func() { time.Sleep(65 * time.Second) })
		for name, results := range w.results {
			for i := 1; i < len(results) && len(name) > 3; i++ {
				if gap := results[i].At.Sub(results[i-1].At); gap != 10*time.Second {
					t.Fatalf("%s: a gap of %v", name, gap)
				}
			}
		}
		if n := len(w.seen("e5")); n < 6 {
			t.Errorf("a hanging one was looked at %d times", n)
		}
	})
	bubble(t, "at no more than two lanes full at once, and at the healthy in time when thousands hang", func(t *testing.T) {
		w := newWorld()
		for i := range 2000 {
			c := every(fmt.Sprint("e", i))
			c.Schedule, c.Timeout = "@every 60s", 59*time.Second
			w.checks = append(w.checks, c)
		}
		healthy := every("healthy")
		w.checks = append(w.checks, healthy)
		w.answers = func(c check.Check) string {
			if c.Name != "healthy" && time.Now().UnixNano()%2 == 0 {
				return "hang"
			}
			return ""
		}
		w.run(t, func() { time.Sleep(5 * time.Minute) })
		if w.atOnce > 2*laneWidth {
			t.Errorf("%d probes at once", w.atOnce)
		}
		results := w.seen("healthy")
		for i := max(1, len(results)-15); i < len(results); i++ {
			if gap := results[i].At.Sub(results[i-1].At); gap != 10*time.Second {
				t.Fatalf("a gap of %v", gap)
			}
		}
	})
}

func TestLoopAnnounces(t *testing.T) {
	t.Parallel()
	const whole = "a was down for 1 min (edited); a is up again after 1 min"
	bubble(t, "an incident and its end, each once", func(t *testing.T) {
		w := newWorld(every("a"))
		w.answers = outage(60*time.Second, 120*time.Second)
		w.run(t, func() {
			time.Sleep(100 * time.Second)
			synctest.Wait()
			if w.said() != "a is down" {
				t.Errorf("said %s", w.said())
			}
			time.Sleep(10 * time.Minute)
		})
		if w.said() != whole {
			t.Errorf("said %s", w.said())
		}
		if i := w.incidents[0]; len(w.incidents) != 1 || i.Ending != check.CameBack || i.Lasted(time.Time{}) != time.Minute || i.Said[check.StepPost].TS != "1" || i.Said[check.StepBack].TS != "2" {
			t.Errorf("incidents %+v", w.incidents)
		}
	})
	bubble(t, "each incident anew", func(t *testing.T) {
		w := newWorld(every("a"))
		first, second := outage(60*time.Second, 120*time.Second), outage(5*time.Minute, 6*time.Minute)
		w.answers = func(c check.Check) string { return first(c) + second(c) }
		w.run(t, func() { time.Sleep(10 * time.Minute) })
		if w.said() != whole+"; "+whole {
			t.Errorf("said %s", w.said())
		}
	})
	bubble(t, "again, more and more slowly, while the chat takes nothing", func(t *testing.T) {
		w := newWorld(every("a"))
		w.answers = outage(0, time.Hour)
		w.chatFail = func(string) error { return errors.New("no route to host") }
		w.run(t, func() {
			time.Sleep(10 * time.Minute)
			w.set(func() {
				if w.posts != 1 { // after the first, each try begins with a look for the message
					t.Errorf("posted %d times", w.posts)
				}
				w.chatFail = nil
			})
			time.Sleep(6 * time.Minute)
		})
		if w.said() != "a is down" {
			t.Errorf("said %s", w.said())
		}
	})
	bubble(t, "both ends in one message where the chat took nothing meanwhile", func(t *testing.T) {
		w := newWorld(every("a"), every("b"))
		w.answers = outage(60*time.Second, 120*time.Second)
		w.chatFail = func(string) error { return errors.New("no route to host") }
		w.run(t, func() {
			time.Sleep(10 * time.Minute)
			w.set(func() { w.chatFail = nil })
			time.Sleep(6 * time.Minute)
		})
		for _, name := range []string{"a", "b"} {
			if strings.Count(w.said(), name+" was down for 1 min and is up again") != 1 {
				t.Errorf("said %s", w.said())
			}
		}
		if len(w.messages) != 2 {
			t.Errorf("said %s", w.said())
		}
	})
	bubble(t, "an outage that began and ended between two tries", func(t *testing.T) {
		w := newWorld(every("a"), every("b"))
		first, second := outage(0, time.Hour), outage(300*time.Second, 360*time.Second)
		w.answers = func(c check.Check) string {
			if c.Name == "a" {
				return first(c)
			}
			return second(c)
		}
		w.chatFail = func(string) error { return errors.New("no route to host") }
		w.run(t, func() {
			time.Sleep(400 * time.Second)
			w.set(func() { w.chatFail = nil })
			time.Sleep(5 * time.Minute)
		})
		if w.said() != "a is down (edited); b was down for 1 min and is up again" {
			t.Errorf("said %s", w.said())
		}
	})
	bubble(t, "nothing twice where the chat's answer is lost", func(t *testing.T) {
		w := newWorld(every("a"))
		w.answers = outage(60*time.Second, 120*time.Second)
		w.lose = func(string) bool { return true }
		w.run(t, func() { time.Sleep(10 * time.Minute) })
		if w.said() != whole {
			t.Errorf("said %s", w.said())
		}
	})
	bubble(t, "other checks while one cannot be said", func(t *testing.T) {
		w := newWorld(every("a"), every("b"))
		w.answers = outage(0, time.Hour)
		w.chatFail = func(call string) error {
			if strings.Contains(call, "check:a:") {
				return errors.New("internal_error")
			}
			return nil
		}
		w.run(t, func() { time.Sleep(2 * time.Minute) })
		if w.said() != "b is down" {
			t.Errorf("said %s", w.said())
		}
	})
	bubble(t, "not for ever what the chat will never take", func(t *testing.T) {
		w := newWorld(every("a"))
		w.answers = outage(0, time.Hour)
		w.chatFail = func(string) error { return refusal{} }
		w.run(t, func() { time.Sleep(10 * time.Minute) })
		w.run(t, func() { time.Sleep(10 * time.Minute) })
		if w.posts != 1 {
			t.Errorf("posted %d times", w.posts)
		}
	})
	bubble(t, "the end although the message of the beginning is gone", func(t *testing.T) {
		w := newWorld(every("a"))
		w.answers = outage(60*time.Second, 120*time.Second)
		w.chatFail = func(call string) error {
			if strings.HasPrefix(call, "update") {
				return errors.New("internal_error")
			}
			return nil
		}
		w.run(t, func() { time.Sleep(10 * time.Minute) })
		if w.said() != "a is down; a is up again after 1 min" {
			t.Errorf("said %s", w.said())
		}
	})
	bubble(t, "where the channel cannot be searched, rather twice than never", func(t *testing.T) {
		w := newWorld(every("a"))
		w.answers = outage(0, time.Hour)
		lost := 0
		w.lose = func(string) bool { lost++; return lost == 1 }
		w.chatFail = func(call string) error {
			if strings.HasPrefix(call, "find") {
				return refusal{}
			}
			return nil
		}
		w.run(t, func() { time.Sleep(10 * time.Minute) })
		if w.said() != "a is down; a is down (edited)" {
			t.Errorf("said %s", w.said())
		}
	})
}

// TestLoopCutShort kills the process after each thing that lasts, starts it again, and looks at the channel in the end.
func TestLoopCutShort(t *testing.T) {
	t.Parallel()
	said := regexp.MustCompile(`^a was down for (5[0-9] s|1 min|1 min ([0-9]|10) s) \(edited\); a is up again after (5[0-9] s|1 min|1 min ([0-9]|10) s)$`)
	for cut := 1; cut <= 40; cut++ {
		bubble(t, fmt.Sprintf("after %d effects", cut), func(t *testing.T) {
			w := newWorld(every("a"))
			w.answers = outage(60*time.Second, 120*time.Second)
			w.cutAfter = cut
			w.run(t, func() {
				select {
				case <-w.stopped:
				case <-time.After(10 * time.Minute):
				}
			})
			w.set(func() { w.cutAfter = 0 })
			w.run(t, func() { time.Sleep(10 * time.Minute) })
			// What the cut process saw last is lost, so that the outage may seem to begin or end one look later.
			if !said.MatchString(w.said()) {
				t.Errorf("said %s", w.said())
			}
		})
	}
}
