package health

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"deckhand/commands/check"
)

func TestWhichReminderIsDue(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		left time.Duration
		said int
		days int
		due  bool
	}{
		"long to go":             {30 * day, 0, 0, false},
		"three weeks":            {21 * day, 0, 21, true},
		"three weeks, said":      {20 * day, 21, 0, false},
		"a week":                 {6 * day, 21, 7, true},
		"a week, first seen":     {6 * day, 0, 7, true},
		"a week, said":           {3 * day, 7, 0, false},
		"a day":                  {time.Hour, 7, 1, true},
		"a day, the week unsaid": {time.Hour, 21, 1, true},
		"a day, said":            {time.Minute, 1, 0, false},
		"it has ended":           {-time.Minute, 7, 0, false},
	} {
		days, due := dueReminder(check.Certificate{Expires: now.Add(c.left), Reminded: c.said}, now)
		if due != c.due || due && days != c.days {
			t.Errorf("%s: %d, %v", name, days, due)
		}
	}
}

// drawer is a CertificateBook that outlives the process.
type drawer struct {
	kept  map[string]check.Certificate
	saves int
	fail  bool
}

func (d *drawer) Certificates(context.Context) (map[string]check.Certificate, error) {
	out := map[string]check.Certificate{}
	for name, c := range d.kept {
		out[name] = c
	}
	return out, nil
}

func (d *drawer) SaveCertificate(_ context.Context, name string, c check.Certificate) error {
	if d.fail {
		return errors.New("the disk is full")
	}
	d.saves++
	d.kept[name] = c
	return nil
}

func (d *drawer) SeeCertificate(ctx context.Context, name string, expires time.Time) error {
	if d.kept[name].Expires.Equal(expires) {
		return nil
	}
	return d.SaveCertificate(ctx, name, check.Certificate{Expires: expires})
}

func (d *drawer) Exclusively(ctx context.Context, _ string, do func(context.Context) error) (bool, error) {
	return true, do(ctx)
}

// shelf is a process: a reminder over what outlives it.
func shelf(w *world, d *drawer) *reminder {
	return newReminder(Settings{Messenger: w, Log: slog.New(slog.DiscardHandler), Certificates: d})
}

func TestRemindersAreSaidOnceOverRestarts(t *testing.T) {
	t.Parallel()
	now := time.Now()
	ends := now.Add(30 * day)
	c := check.Check{Name: "web", URL: "https://web.example.com/", Channel: "C1"}
	w, d := newWorld(), &drawer{kept: map[string]check.Certificate{}}
	pass := func(at time.Time, expires time.Time) {
		t.Helper()
		r := shelf(w, d) // a new process each time
		r.note(c, check.Result{Expires: expires, Names: "web.example.com"})
		if err := r.turn(t.Context(), at); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		after   time.Duration
		expires time.Time
		said    int
	}{
		{0, ends, 0}, {9*day + time.Hour, ends, 1}, {10 * day, ends, 1}, {23*day + time.Hour, ends, 2}, {24 * day, ends, 2},
		{29*day + time.Hour, ends, 3}, {29*day + 2*time.Hour, ends, 3}, {31 * day, ends, 3},
		{32 * day, ends.Add(90 * day), 3}, {110 * day, ends.Add(90 * day), 4},
	} {
		pass(now.Add(step.after), step.expires)
		if len(w.messages) != step.said {
			t.Errorf("after %s: %d messages, want %d", step.after, len(w.messages), step.said)
		}
	}
	if text := w.messages[0].report.Title; !strings.HasPrefix(text, "Certificate of web ends in ") {
		t.Error(text)
	}
}

func TestAReminderWhoseFateIsNotKnownIsLookedForFirst(t *testing.T) {
	t.Parallel()
	now := time.Now()
	c := check.Check{Name: "web", URL: "https://web.example.com/", Channel: "C1"}
	w, d := newWorld(), &drawer{kept: map[string]check.Certificate{}}
	w.lose = func(string) bool { return true }
	r := shelf(w, d)
	r.note(c, check.Result{Expires: now.Add(5 * day), Names: "web.example.com"})
	if err := r.turn(t.Context(), now); err == nil {
		t.Error("a lost answer is no failure")
	}
	r = shelf(w, d)
	r.note(c, check.Result{Expires: now.Add(5 * day), Names: "web.example.com"})
	if err := r.turn(t.Context(), now.Add(time.Minute)); err != nil || len(w.messages) != 1 || d.kept["web"].Reminded != 7 {
		t.Errorf("%v, %d messages, %+v", err, len(w.messages), d.kept["web"])
	}
}

func TestWhatIsNotWrittenDownIsNotSaid(t *testing.T) {
	t.Parallel()
	now := time.Now()
	w, d := newWorld(), &drawer{kept: map[string]check.Certificate{}, fail: true}
	r := shelf(w, d)
	r.note(check.Check{Name: "web", Channel: "C1"}, check.Result{Expires: now.Add(5 * day), Names: "x"})
	if err := r.turn(t.Context(), now); err == nil || len(w.messages) != 0 {
		t.Errorf("%v, %d messages", err, len(w.messages))
	}
	d.fail = false
	if err := r.turn(t.Context(), now); err != nil || len(w.messages) != 1 {
		t.Errorf("%v, %d messages", err, len(w.messages))
	}
}

func TestACertificateThatIsFarAwayIsWrittenOnce(t *testing.T) {
	t.Parallel()
	now := time.Now()
	w, d := newWorld(), &drawer{kept: map[string]check.Certificate{}}
	r := shelf(w, d)
	for minute := range 5 {
		r.note(check.Check{Name: "web", Channel: "C1"}, check.Result{Expires: now.Add(90 * day)})
		if err := r.turn(t.Context(), now.Add(time.Duration(minute)*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	if d.saves != 1 || len(w.messages) != 0 {
		t.Errorf("%d saves, %d messages", d.saves, len(w.messages))
	}
}
