// Package commandstest runs the lines of a group of commands without a bot around them: parsed by the real parser, stored the way a request is
// stored, run with a journal in memory. It is for tests alone.
package commandstest

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"deckhand/commands"
)

var update = flag.Bool("update", false, "rewrite the golden files") //nolint:gochecknoglobals // a test flag

// Journal keeps entries, as the store does.
type Journal map[string]commands.Entry

// Load answers an entry.
func (j Journal) Load(_ context.Context, step string) (commands.Entry, error) { return j[step], nil }

// Begin begins one.
func (j Journal) Begin(_ context.Context, step string) error {
	j[step] = commands.Entry{Begun: true}
	return nil
}

// Finish finishes one.
func (j Journal) Finish(_ context.Context, step string, result []byte, failure string) error {
	j[step] = commands.Entry{Begun: true, Finished: true, Result: result, Failure: failure}
	return nil
}

// Catalog makes the catalog of a group.
func Catalog(t *testing.T, group []commands.Command) *commands.Catalog {
	t.Helper()
	c, err := commands.NewCatalog(group)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Runner answers what a line means. The error is the parser's.
func Runner(t *testing.T, group []commands.Command, line string) (commands.Runner, commands.Invocation, error) {
	t.Helper()
	catalog := Catalog(t, group)
	invocation, _, err := catalog.Parse("", line)
	if err != nil {
		return nil, invocation, err
	}
	runner, _, err := catalog.Runner(invocation)
	if err != nil {
		t.Fatalf("%s cannot be run as it is stored: %v", line, err)
	}
	return runner, invocation, nil
}

// Run runs a line, or plans it where it ends with --plan. What the run lacks is filled in: nobody to talk to, and a journal of its own.
func Run(ctx context.Context, t *testing.T, group []commands.Command, run *commands.Run, line string) (commands.Report, error) {
	t.Helper()
	runner, invocation, err := Runner(t, group, line)
	if err != nil {
		return commands.Report{}, err
	}
	complete(run)
	if !invocation.Plan {
		return runner.Run(ctx, run)
	}
	planner, ok := runner.(commands.Planner)
	if !ok {
		t.Fatalf("%s has no plan", line)
	}
	return planner.Plan(ctx, run)
}

// Check looks at what came of a run of the line.
func Check(ctx context.Context, t *testing.T, group []commands.Command, run *commands.Run, line string) (commands.Report, error) {
	t.Helper()
	runner, _, err := Runner(t, group, line)
	if err != nil {
		t.Fatal(err)
	}
	checker, ok := runner.(commands.Checker)
	if !ok {
		t.Fatalf("%s has no check", line)
	}
	complete(run)
	return checker.Check(ctx, run)
}

func complete(run *commands.Run) {
	if run.Say == nil {
		run.Say = func(string) {}
	}
	if run.Journal == nil {
		run.Journal = Journal{}
	}
}

// Told writes a report, an error, or both as a person reads them, the tone or the kind first.
func Told(report commands.Report, err error) string {
	if err != nil {
		words := commands.Words(err)
		text := fmt.Sprintf("[%s] %s\n", words.Kind, commands.Terminal().Render(strings.TrimSpace(words.Message+"\n"+words.Hint)))
		if report.Title == "" {
			return text
		}
		return text + Told(report, nil)
	}
	raw, err := json.Marshal(report)
	if err == nil {
		var again commands.Report // what was stored is what is shown
		if err = json.Unmarshal(raw, &again); err == nil {
			report = again
		}
	}
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(fmt.Sprintf("[%s] %s", report.Tone, commands.RenderText(report))) + "\n"
}

// Want fails the test for each of the words that is missing.
func Want(t *testing.T, got string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(got, w) {
			t.Errorf("%q is missing in:\n%s", w, got)
		}
	}
}

// Golden compares a report with testdata/NAME.txt, which -update rewrites.
func Golden(t *testing.T, name string, report commands.Report) {
	t.Helper()
	got := "[" + string(report.Tone) + "] " + commands.RenderText(report)
	file := filepath.Join("testdata", name+".txt")
	if *update {
		write(t, file, got)
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Stories tells every story of testdata/*.txtar: lines sent one after the other into a world that world makes, each with what was answered.
// -update rewrites the answers.
func Stories(t *testing.T, world func(t *testing.T, name string) (send func(line string) string)) {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no stories", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			send := world(t, name)
			for n, part := range story.Files {
				got := send(part.Name)
				if want := strings.TrimSpace(string(part.Data)); !*update && strings.TrimSpace(got) != want {
					t.Errorf("%s\ngot:\n%s\nwant:\n%s", part.Name, got, want)
				}
				story.Files[n].Data = []byte(got + "\n")
			}
			if *update {
				write(t, file, string(txtar.Format(story)))
			}
		})
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
