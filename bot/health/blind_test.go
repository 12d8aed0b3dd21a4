package health

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"strings"
	"testing"
	"time"

	"deckhand/commands"
	"deckhand/commands/check"
)

// blindBook is a BlindBook that outlives the process.
type blindBook map[string]check.Blindness

func (b blindBook) Blindness(context.Context) (map[string]check.Blindness, error) {
	return maps.Clone(b), nil
}

func (b blindBook) SaveBlindness(_ context.Context, all map[string]check.Blindness) error {
	maps.Copy(b, all)
	return nil
}

func (b blindBook) EndBlindness(_ context.Context, names []string) error {
	for _, name := range names {
		delete(b, name)
	}
	return nil
}

func (b blindBook) Exclusively(ctx context.Context, _ string, do func(context.Context) error) (bool, error) {
	return true, do(ctx)
}

// watchman is a process that looks at checks and tells of those that are not measured.
type watchman struct {
	*blinds
	t       *testing.T
	watches map[string]*watch
	now     time.Time
	silent  map[string]bool
}

func newWatchman(t *testing.T, w *world, book blindBook, now time.Time) *watchman {
	t.Helper()
	m := &watchman{t: t, watches: map[string]*watch{}, now: now, silent: map[string]bool{}}
	m.blinds = newBlinds(Settings{Blinds: book, Messenger: w, Log: slog.New(slog.DiscardHandler)}, func(name string, _ time.Time) bool { return m.silent[name] })
	for _, name := range []string{"api", "db", "quiet"} {
		c := check.Check{Name: name, FailAfter: 3, Channel: "C1"}
		if name == "quiet" {
			c.Channel = ""
		}
		m.watches[name] = &watch{check: c}
	}
	return m
}

// sees looks once, and tells; why is empty where the look could be made.
func (m *watchman) sees(why string, names ...string) error {
	m.t.Helper()
	m.now = m.now.Add(time.Minute)
	for _, name := range names {
		m.note(m.watches[name], check.Result{At: m.now, Unseen: why != "", Detail: why, OK: true})
	}
	return m.turn(m.t.Context(), m.now)
}

func titles(w *world) string {
	var out []string
	for _, m := range w.messages {
		out = append(out, m.report.Title)
	}
	return strings.Join(out, "; ")
}

func TestWhatIsNotMeasuredIsToldOnceAndItsEndOnce(t *testing.T) {
	t.Parallel()
	w, book, start := newWorld(), blindBook{}, time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	m := newWatchman(t, w, book, start)
	for _, step := range []struct {
		why   string
		names []string
		want  string
	}{
		{"AWS did not answer", []string{"api"}, ""},
		{"AWS did not answer", []string{"api"}, ""},
		{"", []string{"api"}, ""}, // it begins anew
		{"AWS did not answer", []string{"api"}, ""},
		{"AWS did not answer", []string{"api"}, ""},
		{"AWS did not answer", []string{"api"}, "api is not measured"},
		{"AWS did not answer", []string{"api"}, "api is not measured"},
		{"", []string{"api"}, "api is not measured; api is measured again"},
		{"", []string{"api"}, "api is not measured; api is measured again"},
	} {
		if err := m.sees(step.why, step.names...); err != nil {
			t.Fatal(err)
		}
		if got := titles(w); got != step.want {
			t.Fatalf("at %s: %q, want %q", m.now.Format("15:04"), got, step.want)
		}
	}
	if text := commands.RenderText(w.messages[0].report); !strings.Contains(text, "since 2026-11-24 12:04:00 UTC: AWS did not answer.") || strings.Contains(text, "is down") {
		t.Error(text)
	}
	if text := commands.RenderText(w.messages[1].report); !strings.Contains(text, "It was not measured for 4 min") {
		t.Error(text)
	}
	if len(book) != 0 {
		t.Errorf("the book keeps %v", book)
	}
}

func TestChecksThatAreBlindAtOnceAreToldOfTogether(t *testing.T) {
	t.Parallel()
	w, book := newWorld(), blindBook{}
	m := newWatchman(t, w, book, time.Now().UTC())
	for range 4 {
		if err := m.sees("AWS throttles", "api", "db", "quiet"); err != nil {
			t.Fatal(err)
		}
	}
	if got := titles(w); got != "2 checks are not measured" || len(book) != 3 {
		t.Errorf("%q, and the book has %d", got, len(book))
	}
	if err := m.sees("", "api", "db", "quiet"); err != nil {
		t.Fatal(err)
	}
	if got := titles(w); got != "2 checks are not measured; 2 checks are measured again" || len(book) != 0 {
		t.Errorf("%q, and the book has %d", got, len(book))
	}
}

func TestBlindnessIsToldOnceOverLostAnswersAndRestarts(t *testing.T) {
	t.Parallel()
	w, book, now := newWorld(), blindBook{}, time.Now().UTC().Add(-time.Hour)
	first := newWatchman(t, w, book, now)
	w.lose = func(string) bool { return true } // posted, and the process does not learn it
	for range 2 {
		if err := first.sees("no probe", "api"); err != nil {
			t.Fatal(err)
		}
	}
	if err := first.sees("no probe", "api"); err == nil {
		t.Fatal("the lost answer was taken for a good one")
	}
	w.lose = nil
	second := newWatchman(t, w, book, first.now)
	if err := second.sees("no probe", "api"); err != nil {
		t.Fatal(err)
	}
	if got := titles(w); got != "api is not measured" || !book["api"].Told {
		t.Fatalf("%q, %+v", got, book["api"])
	}
	w.lose = func(string) bool { return true }
	if err := second.sees("", "api"); err == nil {
		t.Fatal("the lost answer was taken for a good one")
	}
	w.lose = nil
	third := newWatchman(t, w, book, second.now)
	if err := third.sees("", "db"); err != nil {
		t.Fatal(err)
	}
	if got := titles(w); got != "api is not measured; api is measured again" || len(book) != 0 {
		t.Errorf("%q, %+v", got, book)
	}
}

func TestWhatWasNeverToldNeedsNoEnd(t *testing.T) {
	t.Parallel()
	w, book := newWorld(), blindBook{}
	m := newWatchman(t, w, book, time.Now().UTC())
	m.silent["db"] = true
	w.chatFail = func(call string) error {
		if strings.HasPrefix(call, "post") {
			return errors.New("Slack is away")
		}
		return nil
	}
	for range 3 {
		_ = m.sees("AWS throttles", "api", "db") // the chat is away
	}
	w.chatFail = nil
	if err := m.sees("", "api", "db"); err != nil {
		t.Fatal(err)
	}
	if got := titles(w); got != "" || len(book) != 0 {
		t.Errorf("%q, %+v", got, book)
	}
}
