package request_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"deckhand/commands"
	"deckhand/commands/request"
)

// asked is a record that keeps what it was asked.
type asked struct {
	request.Record
	user, verb, receipt string
	since               time.Time
	csv                 bool
}

func (a *asked) History(_ context.Context, user, verb string, since time.Time, asCSV bool) (commands.Report, error) {
	a.user, a.verb, a.since, a.csv = user, verb, since, asCSV
	return commands.Report{Title: "history"}, nil
}

func (a *asked) Verify(_ context.Context, receipt string) (commands.Report, error) {
	a.receipt = receipt
	return commands.Report{Title: "verified"}, nil
}

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant

// say runs a line as the engine does: parsed, written as JSON, read again.
func say(t *testing.T, catalog *commands.Catalog, line string) (commands.Report, error) {
	t.Helper()
	invocation, _, err := catalog.Parse("", line)
	if err != nil {
		return commands.Report{}, err
	}
	runner, _, err := catalog.Runner(invocation)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return runner.Run(t.Context(), &commands.Run{Now: noon, Say: func(string) {}, Asker: commands.Asker{User: "U1", Channel: "C1"}})
}

func TestTheRecordIsAskedForWhatTheLineSays(t *testing.T) {
	t.Parallel()
	record := &asked{}
	catalog, err := commands.NewCatalog(request.Commands(nil, record, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		line  string
		want  asked
		error string
	}{
		{line: "audit list", want: asked{}},
		{line: `audit list --user <@U2|bob> --verb "vm *" --csv`, want: asked{user: "U2", verb: "vm *", csv: true}},
		{line: `audit --user <@U2|bob> --verb "vm *" --csv`, want: asked{user: "U2", verb: "vm *", csv: true}},
		{line: "audit --since=36h", want: asked{since: noon.Add(-36 * time.Hour)}},
		{line: "audit --until 36h", error: "no flag"},
		{line: "audit list --since 36h", want: asked{since: noon.Add(-36 * time.Hour)}},
		{line: "audit list --since 7d", want: asked{since: noon.Add(-7 * 24 * time.Hour)}},
		{line: "audit list --since 2026-11-01", want: asked{since: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}},
		{line: "audit list --since 2026-11-01T08:30", want: asked{since: time.Date(2026, 11, 1, 8, 30, 0, 0, time.UTC)}},
		{line: "audit list --since yesterday", error: "a time ago"},
		{line: "audit list --since -5h", error: "a time ago"},
		{line: "audit verify", want: asked{}},
		{line: "audit verify --receipt 0123456789ABCDEF", want: asked{receipt: "0123456789abcdef"}},
		{line: "audit verify --receipt xyz", error: "hexadecimal"},
	} {
		*record = asked{}
		_, err := say(t, catalog, c.line)
		if c.error != "" {
			if err == nil || !strings.Contains(err.Error(), c.error) {
				t.Errorf("%s: %v, want %q", c.line, err, c.error)
			}
			continue
		}
		if err != nil || *record != c.want {
			t.Errorf("%s asked for %+v (%v), want %+v", c.line, *record, err, c.want)
		}
	}
}
