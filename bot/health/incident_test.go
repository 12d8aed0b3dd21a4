package health

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"deckhand/bot/timetable"
	"deckhand/commands"
	"deckhand/commands/check"
)

var update = flag.Bool("update", false, "rewrite the golden files") //nolint:gochecknoglobals // a test flag

var (
	began = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant
	ended = began.Add(4*time.Minute + 10*time.Second)      //nolint:gochecknoglobals // a constant
)

func app() check.Check {
	return check.Check{
		Name: "myapp", URL: "http://myapp.example.com/", FailAfter: 3, PassAfter: 2, Channel: "C1",
		Response: check.Response{Contact: "user:U9", EscalateTo: "group:S1", EscalateAfter: 15 * time.Minute},
	}
}

// TestTheIncidentsMessages shows each message as people read it.
func TestTheIncidentsMessages(t *testing.T) {
	t.Parallel()
	told := check.Said{At: began.Add(30 * time.Second), Channel: "C1", TS: "1.5"}
	open := scene{
		incident: check.Incident{Number: 7, Check: "myapp", Channel: "C1", Cause: "HTTP 503", Opened: began, Said: map[string]check.Said{check.StepPost: told}},
		check:    app(), state: check.State{Status: check.Down, Since: began, Last: check.Result{At: ended, Detail: "no answer within 5 s"}},
	}
	up := check.State{Status: check.Up, Since: ended, Last: check.Result{At: ended, OK: true, Latency: 12 * time.Millisecond, Detail: "HTTP 200"}}
	change := func(do func(*scene)) scene {
		s := open
		s.incident = s.incident.Clone()
		do(&s)
		return s
	}
	over := change(func(s *scene) { s.incident.Resolved, s.incident.Ending, s.state = ended, check.CameBack, up })
	storm := change(func(s *scene) {
		s.incident.Check = ""
		for n := range 7 {
			m := check.Incident{Number: int64(n + 8), Storm: 7, Check: fmt.Sprint("web-", n), Opened: began.Add(time.Duration(n) * time.Second), Cause: "HTTP 503"}
			if n == 3 {
				m.Resolved, m.Ending = ended, check.CameBack
			}
			s.members = append(s.members, m)
		}
	})
	var text strings.Builder
	for _, c := range []struct {
		name   string
		report commands.Report
	}{
		{"open", open.view(began.Add(30 * time.Second))},
		{"acknowledged and owned, two minutes later", change(func(s *scene) {
			s.incident.AckedBy, s.incident.AckedAt, s.incident.OwnedBy = "U1", began.Add(time.Minute), "U1"
			s.behind = []string{"api", "shop"}
		}).view(ended)},
		{"muted, behind a parent, snoozed", change(func(s *scene) {
			s.hush = hush{mute: &check.Mute{Reason: "moving the rack", Until: ended}, parent: "lb"}
			s.incident.SnoozedBy, s.incident.SnoozedUntil = "U1", ended.Add(time.Hour)
		}).view(ended)},
		{"flapping", change(func(s *scene) {
			s.incident.FlappingSince = began
			for n := range 6 {
				s.incident.Changes = append(s.incident.Changes, began.Add(time.Duration(n)*time.Minute))
			}
		}).view(began.Add(6 * time.Minute))},
		{"resolved", over.view(ended)},
		{"back", over.cameBack(ended)},
		{"both ends at once", over.wasDown(ended)},
		{"reminder", open.reminder(ended)},
		{"escalation", open.escalation(ended)},
		{"storm", storm.view(ended)},
		{"of what is known to be behind it", change(func(s *scene) {
			s.incident.Hands = handsOf(commands.Report{Next: []commands.Next{
				{Label: "Check now", Line: "check run myapp"}, {Label: "Logs", Line: "vm console i-0abc"}, {Label: "Restart", Line: "lb restart myapp", Confirm: "Restart?"},
			}})
			s.incident.Change = check.Change{Request: "R-42", Line: "vm reboot web", By: "U2", At: began.Add(-time.Minute)}
		}).view(began)},
		{"of an instance", change(func(s *scene) { s.check.URL = "ec2://i-0abc?region=eu-west-1" }).view(began)},
	} {
		fmt.Fprintf(&text, "== %s\n[%s] %s\n", c.name, c.report.Tone, commands.RenderText(c.report))
	}
	path := filepath.Join("testdata", "incident.txt")
	if *update {
		if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if text.String() != string(want) {
		t.Errorf("got\n%s\nwant\n%s", text.String(), want)
	}
}

// TestButtonsThatACheckBringsAlong are there from the first message on, until the walk has found better ones.
func TestButtonsThatACheckBringsAlong(t *testing.T) {
	t.Parallel()
	restart := check.RestartBehind("lb restart myapp", "myapp")
	c := app()
	c.URL, c.Hands = "http://myapp.example.com/", []commands.Next{{Label: check.Logs, Line: "vm console i-1"}, restart}
	s := scene{check: c, incident: check.Incident{Number: 1, Check: c.Name, Channel: "C1", Opened: began}}
	lines := func(s scene) string {
		var out []string
		for _, n := range s.view(began.Add(time.Minute)).Next {
			out = append(out, n.Line)
		}
		return strings.Join(out, "; ")
	}
	if got, want := lines(s), "check ack I-1; check own I-1; check snooze I-1 1h; check run myapp; vm console i-1; lb restart myapp"; got != want {
		t.Errorf("buttons %s", got)
	}
	s.incident.Hands = []commands.Next{{Label: check.Logs, Line: "vm console i-2"}}
	if got := lines(s); !strings.HasSuffix(got, "check run myapp; vm console i-2; lb restart myapp") {
		t.Errorf("buttons after the walk %s", got)
	}
}

// phases fails while the time since the start is within one of the phases.
func phases(spans ...[2]time.Duration) func(check.Check) string {
	start := time.Now()
	return func(check.Check) string {
		for _, span := range spans {
			if since := time.Since(start); since >= span[0] && since < span[1] {
				return "HTTP 503"
			}
		}
		return ""
	}
}

func TestIncidents(t *testing.T) {
	t.Parallel()
	bubble(t, "remind in the thread, each time after twice as long, and stop while snoozed", func(t *testing.T) {
		w := newWorld(every("a"))
		w.checks[0].Reminders = 10 * time.Minute
		w.answers = outage(0, 5*time.Hour)
		w.run(t, func() {
			time.Sleep(72 * time.Minute)
			if n := strings.Count(w.said(), "> a is still down"); n != 3 { // after 10, 30 and 70 minutes
				t.Errorf("%d reminders: %s", n, w.said())
			}
			w.act(1, func(i *check.Incident) { i.SnoozedUntil, i.SnoozedBy = time.Now().Add(2*time.Hour), "U1" })
			time.Sleep(110 * time.Minute)
			if n := strings.Count(w.said(), "> a is still down"); n != 3 {
				t.Errorf("%d reminders while snoozed: %s", n, w.said())
			}
			time.Sleep(15 * time.Minute)
			if n := strings.Count(w.said(), "> a is still down"); n != 4 {
				t.Errorf("%d reminders afterwards: %s", n, w.said())
			}
			time.Sleep(3 * time.Hour)
		})
		if !strings.HasSuffix(w.said(), "a is up again after 5 h") || !strings.HasPrefix(w.said(), "a was down for 5 h (edited); ") {
			t.Errorf("said %s", w.said())
		}
	})
	for name, acked := range map[string]bool{"call the next where nobody acknowledges": false, "call nobody where somebody did": true} {
		bubble(t, name, func(t *testing.T) {
			w := newWorld(every("a"))
			w.checks[0].Response = check.Response{EscalateTo: "group:S1", EscalateAfter: 10 * time.Minute, Reminders: -1}
			w.answers = outage(0, time.Hour)
			w.run(t, func() {
				time.Sleep(5 * time.Minute)
				if acked {
					w.act(1, func(i *check.Incident) { i.AckedBy, i.AckedAt = "U1", time.Now() })
				}
				time.Sleep(15 * time.Minute)
			})
			if strings.Contains(w.said(), "nobody has acknowledged") == acked || len(w.sent()) != 2-strings.Count(fmt.Sprint(acked), "true") {
				t.Errorf("said %s", w.said())
			}
			if text := commands.RenderText(w.sent()[0].report); acked && !strings.Contains(text, "Acknowledged") {
				t.Errorf("the message reads %s", text)
			}
		})
	}
	bubble(t, "that flap are one message until they are steady", func(t *testing.T) {
		w := newWorld(every("a"))
		var spans [][2]time.Duration
		for n := range 8 {
			from := time.Duration(n+1) * 2 * time.Minute
			spans = append(spans, [2]time.Duration{from, from + time.Minute})
		}
		w.answers = phases(spans...)
		w.run(t, func() {
			time.Sleep(20 * time.Minute)
			const flapping = "; a is flapping: 16 changes in 30 minutes (edited)"
			if got := w.said(); !strings.HasSuffix(got, flapping) || strings.Count(got, ";") != 4 {
				t.Errorf("said %s", got)
			}
			time.Sleep(40 * time.Minute)
		})
		if got := w.said(); !strings.Contains(got, "; a was flapping for ") || !strings.Contains(got, "16 changes (edited); a is up again after ") || len(w.messages) != 6 {
			t.Errorf("said %s", got)
		}
	})
	bubble(t, "that flapped and stay down become an incident of their own", func(t *testing.T) {
		w := newWorld(every("a"))
		w.answers = phases([2]time.Duration{2 * time.Minute, 3 * time.Minute}, [2]time.Duration{4 * time.Minute, 5 * time.Minute},
			[2]time.Duration{6 * time.Minute, 7 * time.Minute}, [2]time.Duration{8 * time.Minute, 3 * time.Hour})
		w.run(t, func() { time.Sleep(time.Hour) })
		if got := w.said(); !strings.Contains(got, "a was flapping for") || !strings.HasSuffix(got, "; a is down (edited); > a is still down, for 51 min 51 s") && !strings.Contains(got, "; a is down (edited)") {
			t.Errorf("said %s", got)
		}
		if last := w.incidents[len(w.incidents)-1]; !last.Open() || !last.FlappingSince.IsZero() {
			t.Errorf("incident %+v", last)
		}
	})
	bubble(t, "of many checks at once are one message", func(t *testing.T) {
		w := newWorld()
		for n := range 40 {
			w.checks = append(w.checks, every(fmt.Sprint("e", n)))
		}
		w.answers = outage(5*time.Minute, 10*time.Minute)
		w.run(t, func() { time.Sleep(30 * time.Minute) })
		single := strings.Count(w.said(), " was down for 5 min (edited)")
		if single > stormOver || !strings.Contains(w.said(), "40 checks were down, 5 min") || !strings.Contains(w.said(), "All 40 checks are up again after 5 min") || len(w.messages) != single+2 {
			t.Errorf("%d messages: %s", len(w.messages), w.said())
		}
	})
	bubble(t, "are one message, and one for its end, when the chat was away at first", func(t *testing.T) {
		w := newWorld(every("a"))
		w.answers = outage(time.Minute, 20*time.Minute)
		w.chatFail = func(string) error { return errors.New("no route to host") }
		w.run(t, func() {
			time.Sleep(10 * time.Minute)
			w.set(func() { w.chatFail = nil })
			time.Sleep(30 * time.Minute)
		})
		if w.said() != "a was down for 19 min (edited); a is up again after 19 min" {
			t.Errorf("said %s", w.said())
		}
	})
}

func TestSilence(t *testing.T) {
	t.Parallel()
	behind := func(name, parent string) check.Check {
		c := every(name)
		c.Parent = parent
		return c
	}
	bubble(t, "of what is behind a check that is down", func(t *testing.T) {
		w := newWorld(every("lb"), behind("app", "lb"), behind("page", "app"))
		w.answers = outage(time.Minute, 10*time.Minute)
		w.run(t, func() {
			time.Sleep(5 * time.Minute)
			if text := commands.RenderText(w.sent()[0].report); w.said() != "lb is down (edited)" || !strings.Contains(text, "app, page") {
				t.Errorf("said %s\n%s", w.said(), text)
			}
			time.Sleep(15 * time.Minute)
		})
		if w.said() != "lb was down for 9 min (edited); lb is up again after 9 min" {
			t.Errorf("said %s", w.said())
		}
	})
	bubble(t, "ends when the parent is back and the child is not", func(t *testing.T) {
		w := newWorld(every("lb"), behind("app", "lb"))
		short, long := outage(time.Minute, 5*time.Minute), outage(time.Minute, 20*time.Minute)
		w.answers = func(c check.Check) string {
			if c.Name == "lb" {
				return short(c)
			}
			return long(c)
		}
		w.run(t, func() { time.Sleep(30 * time.Minute) })
		if w.said() != "lb was down for 4 min (edited); lb is up again after 4 min; app was down for 19 min (edited); app is up again after 19 min" {
			t.Errorf("said %s", w.said())
		}
	})
	bubble(t, "is not for a child that is down alone", func(t *testing.T) {
		w := newWorld(every("lb"), behind("app", "lb"))
		out := outage(time.Minute, 2*time.Minute)
		w.answers = func(c check.Check) string {
			if c.Name == "lb" {
				return ""
			}
			return out(c)
		}
		w.run(t, func() { time.Sleep(10 * time.Minute) })
		if w.said() != "app was down for 1 min (edited); app is up again after 1 min" {
			t.Errorf("said %s", w.said())
		}
	})
	bubble(t, "of a mute ends by itself, and what is still down then is told", func(t *testing.T) {
		w := newWorld(every("a"), every("b"))
		short, long := outage(time.Minute, 3*time.Minute), outage(time.Minute, 20*time.Minute)
		w.answers = func(c check.Check) string {
			if c.Name == "a" {
				return short(c)
			}
			return long(c)
		}
		w.mutes = []check.Mute{{Key: "chat:R-1", Checks: []string{"*"}, Since: time.Now(), Until: time.Now().Add(10 * time.Minute), Reason: "move"}}
		w.run(t, func() {
			time.Sleep(10 * time.Minute)
			if w.said() != "" {
				t.Errorf("said %s", w.said())
			}
			time.Sleep(20 * time.Minute)
		})
		if w.said() != "b was down for 19 min (edited); b is up again after 19 min" {
			t.Errorf("said %s", w.said())
		}
		if n := len(w.seen("a")); n < 170 {
			t.Errorf("%d looks: muting must not stop looking", n)
		}
	})
	bubble(t, "of a maintenance window comes with its hour, and is kept for reports", func(t *testing.T) {
		w := newWorld(every("a"))
		spec, err := timetable.Parse("0 1 * * *", "UTC") // the bubble's time begins at midnight
		if err != nil {
			t.Fatal(err)
		}
		w.windows = []Window{{Name: "nightly", Spec: spec, Duration: 30 * time.Minute, Checks: []string{"a"}}}
		w.answers = phases([2]time.Duration{70 * time.Minute, 80 * time.Minute}, [2]time.Duration{100 * time.Minute, 110 * time.Minute})
		w.run(t, func() { time.Sleep(3 * time.Hour) })
		if w.said() != "a was down for 10 min (edited); a is up again after 10 min" {
			t.Errorf("said %s", w.said())
		}
		if len(w.mutes) != 1 || w.mutes[0].Since.Hour() != 1 || w.mutes[0].Until.Sub(w.mutes[0].Since) != 30*time.Minute {
			t.Errorf("mutes %+v", w.mutes)
		}
	})
	bubble(t, "of an action of our own lasts as long as it", func(t *testing.T) {
		w := newWorld(every("a"), every("b"))
		short, long := outage(time.Minute, 3*time.Minute), outage(time.Minute, 20*time.Minute)
		w.answers = func(c check.Check) string {
			if c.Name == "a" {
				return short(c)
			}
			return long(c)
		}
		began := time.Now()
		action := check.Mute{Key: "planned:R-1", Kind: check.Planned, Name: "R-1", Checks: []string{"a", "b"}, Since: began, Until: began.Add(20 * time.Minute), Reason: "vm reboot web", By: "U1"}
		w.mutes = []check.Mute{action}
		looks := 0
		w.run(t, func() {
			time.Sleep(4*time.Minute + 900*time.Millisecond)
			if w.said() != "" {
				t.Errorf("said %s", w.said())
			}
			looks = len(w.seen("b"))
			action.Until = time.Now()
			if err := w.SaveMute(t.Context(), action); err != nil {
				t.Error(err)
			}
			time.Sleep(2 * time.Second)
			if len(w.seen("b")) == looks || w.said() != "b is down" {
				t.Errorf("%d looks, then %d; said %q", looks, len(w.seen("b")), w.said())
			}
			if text := commands.RenderText(w.sent()[0].report); !strings.Contains(text, "vm reboot web") || !strings.Contains(text, "audit R-1") {
				t.Error(text)
			}
		})
		muted := 0
		for _, r := range w.seen("b") {
			if r.Muted {
				muted++
			}
		}
		if muted == 0 || muted > looks {
			t.Errorf("%d of %d looks are known as muted", muted, len(w.seen("b")))
		}
	})
	bubble(t, "of a window that the configuration does not have any more is over", func(t *testing.T) {
		w := newWorld(every("a"))
		w.answers = outage(time.Minute, time.Hour)
		w.mutes = []check.Mute{{Key: "maintenance:x", Kind: check.Maintenance, Checks: []string{"*"}, Since: time.Now(), Until: time.Now().Add(10 * time.Hour)}}
		w.run(t, func() { time.Sleep(5 * time.Minute) })
		if w.said() != "a is down (edited)" {
			t.Errorf("said %s", w.said())
		}
	})
}

// TestIncidentCutShort kills the process after each thing that lasts while reminders and edits go on.
func TestIncidentCutShort(t *testing.T) {
	t.Parallel()
	for cut := 10; cut <= 90; cut += 3 {
		bubble(t, fmt.Sprintf("after %d effects", cut), func(t *testing.T) {
			w := newWorld(every("a"))
			w.checks[0].Response = check.Response{Reminders: time.Minute, EscalateTo: "group:S1", EscalateAfter: 2 * time.Minute}
			w.answers = outage(time.Minute, 20*time.Minute)
			w.cutAfter = cut
			w.run(t, func() {
				select {
				case <-w.stopped:
				case <-time.After(40 * time.Minute):
				}
			})
			w.set(func() { w.cutAfter = 0 })
			w.run(t, func() { time.Sleep(40 * time.Minute) })
			said := map[string]int{}
			for _, m := range w.sent() {
				said[m.key]++
			}
			for key, n := range said {
				if n != 1 {
					t.Errorf("%s was said %d times: %s", key, n, w.said())
				}
			}
			if !strings.Contains(w.said(), "nobody has acknowledged") || strings.Count(w.said(), "is up again after") != 1 || !strings.HasPrefix(w.said(), "a was down for") {
				t.Errorf("said %s", w.said())
			}
		})
	}
}
