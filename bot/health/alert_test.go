package health

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"deckhand/commands"
	"deckhand/commands/check"
)

var update = flag.Bool("update", false, "rewrite the golden files") //nolint:gochecknoglobals // a test flag

var (
	began = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant
	ended = began.Add(4*time.Minute + 10*time.Second)      //nolint:gochecknoglobals // a constant
)

func app() check.Check {
	return check.Check{Name: "myapp", URL: "http://myapp.example.com/", FailAfter: 3, PassAfter: 2, Channel: "C1"}
}

func TestAlert(t *testing.T) {
	t.Parallel()
	isDown := check.State{Status: check.Down, Since: began, Last: check.Result{At: began, Detail: "HTTP 503"}}
	isUp := check.State{Status: check.Up, Since: ended, Last: check.Result{At: ended, OK: true, Latency: 12 * time.Millisecond, Detail: "HTTP 200"}}
	told := check.Announced{Status: check.Down, Since: began, Channel: "C1", TS: "1.5"}
	with := func(s check.State, a check.Announced) check.State { s.Announced = a; return s }
	for name, c := range map[string]struct {
		state  check.State
		golden string // "" where nothing is to be said
		key    string
		over   bool
	}{
		"nothing is known":                             {state: check.State{Status: check.Unknown}},
		"up for the first time":                        {state: isUp},
		"up, and up was the last that was said":        {state: with(isUp, check.Announced{Status: check.Up, Since: ended})},
		"down":                                         {isDown, "down", "check:myapp:1795521600:down", false},
		"down after an earlier incident was over":      {with(isDown, check.Announced{Status: check.Up, Since: began.Add(-time.Hour)}), "down", "check:myapp:1795521600:down", false},
		"down, and said":                               {state: with(isDown, told)},
		"down, and said, from a store that keeps less": {state: with(isDown, check.Announced{Status: check.Down, Since: began.Add(-300 * time.Millisecond).Add(time.Second - 1).Truncate(time.Second)})},
		"up again":                                     {with(isUp, told), "up", "check:myapp:1795521850:up", true},
		"up again, the message of the incident is not known": {with(isUp, check.Announced{Status: check.Down, Since: began}), "up", "check:myapp:1795521850:up", false},
		"down and up before anything could be said":          {with(isUp, check.Announced{TriedAt: began, Trying: check.Down, TryingSince: began}), "over", "check:myapp:1795521600:over", false},
		"down once more, the recovery was never said":        {with(isDown, check.Announced{Status: check.Down, Since: began.Add(-time.Hour), Channel: "C1", TS: "1.1"}), "again", "check:myapp:1795521600:down", true},
		"down, said late, and the latest look passed": {
			check.State{Status: check.Down, Since: began, Streak: 1, Last: isUp.Last}, "late", "check:myapp:1795521600:down", false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			an, due := Alert(app(), c.state)
			if due != (c.golden != "") {
				t.Fatalf("due %v: %+v", due, an)
			}
			if !due {
				return
			}
			if an.Key != c.key || (an.Over != nil) != c.over || an.Status != c.state.Status || an.Channel != "C1" {
				t.Errorf("announcement %+v", an)
			}
			text := commands.RenderText(an.Report)
			if an.Over != nil {
				text += "--- " + an.Over.Ref.TS + " " + an.Over.Key + "\n" + commands.RenderText(an.Over.Report)
			}
			golden(t, c.golden, c.over, text)
		})
	}
	t.Run("no channel", func(t *testing.T) {
		t.Parallel()
		c := app()
		c.Channel = ""
		if _, due := Alert(c, isDown); due {
			t.Error("somebody would be told")
		}
	})
}

// golden compares with testdata; reports that correct an earlier message have files of their own.
func golden(t *testing.T, name string, over bool, got string) {
	t.Helper()
	if over {
		name += "-corrects"
	}
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
