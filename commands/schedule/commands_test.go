package schedule

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"deckhand/commands"
)

var update = flag.Bool("update", false, "rewrite the golden files") //nolint:gochecknoglobals // a test flag

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant

// book is a Book in memory.
type book struct{ schedules []Schedule }

func (b *book) AddSchedule(_ context.Context, s Schedule) error {
	for _, there := range b.schedules {
		if there.Name == s.Name {
			return &commands.Error{Kind: commands.Usage, Message: "There is a schedule " + s.Name + " already.", Hint: "Take another name."}
		}
	}
	b.schedules = append(b.schedules, s)
	return nil
}

func (b *book) RemoveSchedule(_ context.Context, name string) error {
	i := slices.IndexFunc(b.schedules, func(s Schedule) bool { return s.Name == name })
	if i < 0 {
		return &commands.Error{Kind: commands.NotFound, Message: "There is no schedule " + name + "."}
	}
	b.schedules = slices.Delete(b.schedules, i, i+1)
	return nil
}

func (b *book) Schedules(context.Context) ([]Schedule, error) { return slices.Clone(b.schedules), nil }

// clock knows nine o'clock, each day, in zones it has heard of.
type clock struct{}

func (clock) Next(cron, zone string, after time.Time) (time.Time, error) {
	if cron == "@every 30s" {
		return after.Add(30 * time.Second), nil
	}
	place, err := time.LoadLocation(zone)
	if err != nil || cron != "0 9 * * *" {
		return time.Time{}, usage(commands.Mono(cron)+" in "+zone+" is not a timetable that works.", "Five fields work.")
	}
	after = after.In(place)
	at := time.Date(after.Year(), after.Month(), after.Day(), 9, 0, 0, 0, place)
	if !at.After(after) {
		at = at.AddDate(0, 0, 1)
	}
	return at, nil
}

func (c clock) Coming(s Schedule, after time.Time) (time.Time, error) {
	return c.Next(s.Cron, s.TimeZone, after)
}

// parse knows status, vm list and schedule list, and the alias "ec2 describe-instances".
func parse(line string) (string, error) {
	switch line = strings.Join(strings.Fields(line), " "); line {
	case "ec2 describe-instances":
		return "vm list", nil
	case "status", "vm list", "schedule list":
		return line, nil
	default:
		return "", &commands.Error{Kind: commands.Usage, Message: "There is no command " + commands.Mono(line) + ".", Hint: "Did you mean " + commands.Mono("status") + "?"}
	}
}

// journal keeps entries, as the store does.
type journal map[string]commands.Entry

func (j journal) Load(_ context.Context, step string) (commands.Entry, error) { return j[step], nil }

func (j journal) Begin(_ context.Context, step string) error {
	j[step] = commands.Entry{Begun: true}
	return nil
}

func (j journal) Finish(_ context.Context, step string, result []byte, failure string) error {
	j[step] = commands.Entry{Begun: true, Finished: true, Result: result, Failure: failure}
	return nil
}

// typed runs a line as somebody types it.
func typed(t *testing.T, b *book, asker commands.Asker, j journal, line string) (commands.Report, error) {
	t.Helper()
	catalog, err := commands.NewCatalog(Commands(b, clock{}, parse))
	if err != nil {
		t.Fatal(err)
	}
	invocation, _, err := catalog.Parse("", line)
	if err != nil {
		return commands.Report{}, err
	}
	runner, _, err := catalog.Runner(invocation)
	if err != nil {
		t.Fatal(err)
	}
	run := &commands.Run{Asker: asker, Say: func(string) {}, Journal: j, Now: now.Add(time.Duration(len(j)) * time.Second)}
	if invocation.Plan {
		return runner.(commands.Planner).Plan(t.Context(), run)
	}
	return runner.Run(t.Context(), run)
}

func alice() commands.Asker { return commands.Asker{User: "U_ALICE", Channel: "C_OPS"} }

func shelf() *book {
	return &book{schedules: []Schedule{
		{Name: "evening", Cron: "0 9 * * *", TimeZone: "America/New_York", Channel: "C_OPS", Line: "vm list", Owner: alice(), CreatedAt: now},
		{Name: "morning", Cron: "0 9 * * *", TimeZone: "Asia/Shanghai", Channel: "C1", Line: "status", Owner: commands.Asker{User: "config"}, FromConfig: true},
	}}
}

func TestReports(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		book *book
		line string
	}{
		"add":         {&book{}, `schedule add --name noon --cron "0 9 * * *" --run "ec2  describe-instances"`},
		"add-zone":    {&book{}, `schedule add noon --cron "0 9 * * *" --time-zone Asia/Shanghai --channel #C_GENERAL --run status`},
		"add-plan":    {&book{}, `schedule add noon --cron "0 9 * * *" --run status --plan`},
		"list":        {shelf(), `schedule list`},
		"list-empty":  {&book{}, `schedule list`},
		"remove":      {shelf(), `schedule remove evening`},
		"remove-plan": {shelf(), `schedule remove evening --plan`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := len(c.book.schedules)
			report, err := typed(t, c.book, alice(), journal{}, c.line)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(name, "plan") && len(c.book.schedules) != before {
				t.Error("the plan changed something")
			}
			golden(t, name, report)
		})
	}
}

func golden(t *testing.T, name string, report commands.Report) {
	t.Helper()
	got := "[" + string(report.Tone) + "] " + commands.RenderText(report)
	file := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAdd(t *testing.T) {
	t.Parallel()
	t.Run("keeps who asked, where to answer and the line in its canonical spelling", func(t *testing.T) {
		t.Parallel()
		b := &book{}
		if _, err := typed(t, b, alice(), journal{}, `schedule add noon --cron "0 9 * * *" --run "ec2 describe-instances"`); err != nil {
			t.Fatal(err)
		}
		want := Schedule{Name: "noon", Cron: "0 9 * * *", TimeZone: "UTC", Channel: "C_OPS", Line: "vm list", Owner: alice(), CreatedAt: now}
		if len(b.schedules) != 1 || !reflect.DeepEqual(b.schedules[0], want) {
			t.Errorf("added %+v", b.schedules)
		}
	})
	t.Run("is done where a run that was cut short has added it", func(t *testing.T) {
		t.Parallel()
		b, j := &book{}, journal{}
		const line = `schedule add noon --cron "0 9 * * *" --run status`
		if _, err := typed(t, b, alice(), j, line); err != nil {
			t.Fatal(err)
		}
		b.schedules[0].LastSlot = now.Add(time.Second) // it came due meanwhile
		j["add the schedule"] = commands.Entry{Begun: true}
		report, err := typed(t, b, alice(), j, line)
		if err != nil || report.Title != "Scheduled noon" || len(b.schedules) != 1 {
			t.Errorf("%+v, %v", report, err)
		}
	})
	t.Run("and what removing offers adds the same again", func(t *testing.T) {
		t.Parallel()
		b, j := shelf(), journal{}
		before := b.schedules[0]
		report, err := typed(t, b, alice(), j, `schedule remove evening`)
		if err != nil {
			t.Fatal(err)
		}
		j["remove the schedule"] = commands.Entry{Begun: true} // cut short: removed, and not written down
		if again, err := typed(t, b, alice(), j, `schedule remove evening`); err != nil || again.Title != report.Title {
			t.Errorf("again: %+v, %v", again, err)
		}
		if _, err := typed(t, b, alice(), journal{}, report.Next[0].Line); err != nil {
			t.Fatal(err)
		}
		if got := b.schedules[1]; !reflect.DeepEqual(got, before) {
			t.Errorf("got  %+v\nwant %+v", got, before)
		}
	})
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	terminal := commands.Asker{User: "terminal:ann"}
	for line, want := range map[string]struct {
		asker commands.Asker
		kind  commands.Kind
		says  string
	}{
		`schedule add No --cron "0 9 * * *" --run status`:                                {alice(), commands.Usage, "cannot be the name"},
		`schedule add noon --cron "0 9" --run status`:                                    {alice(), commands.Usage, "Five fields work"},
		`schedule add noon --cron "@every 30s" --run status`:                             {alice(), commands.Usage, "once a minute at most"},
		`schedule add noon --cron "0 9 * * *" --time-zone Mars/Base --run status`:        {alice(), commands.Usage, "Mars/Base"},
		`schedule add noon --cron "0 9 * * *" --channel general --run status`:            {alice(), commands.Usage, "not a channel's id"},
		`schedule add noon --cron "0 9 * * *" --run statsu`:                              {alice(), commands.Usage, "The line to run is wrong. There is no command statsu. Did you mean status?"},
		`schedule add noon --cron "0 9 * * *" --run "schedule list"`:                     {alice(), commands.Usage, "line about schedules"},
		`schedule add noon --cron "0 9 * * *"`:                                           {alice(), commands.Usage, "Example:"},
		`schedule add noon --cron "0 9 * * *" --run status `:                             {terminal, commands.Usage, "--channel C024BE91L"},
		`schedule add evening --cron "0 9 * * *" --run status`:                           {alice(), commands.Usage, "already"},
		`schedule add evening --cron "0 9 * * *" --run status --plan`:                    {alice(), commands.Usage, "already"},
		`schedule remove evenin`:                                                         {alice(), commands.NotFound, "Did you mean evening?"},
		`schedule remove morning`:                                                        {alice(), commands.Denied, "schedules section of the file"},
		`schedule add --name evening --cron "0 9 * * *" --channel C_OPS --run "vm list"`: {alice(), commands.Usage, "already"}, // another zone
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			b := shelf()
			_, err := typed(t, b, want.asker, journal{}, line)
			var e *commands.Error
			if !errors.As(err, &e) || e.Kind != want.kind {
				t.Fatalf("err %v, want %s", err, want.kind)
			}
			if text := commands.Terminal().Render(e.Error()); !strings.Contains(text, want.says) || e.Hint == "" {
				t.Errorf("says %q, want %q and a hint", text, want.says)
			}
			if fmt.Sprint(b.schedules) != fmt.Sprint(shelf().schedules) {
				t.Errorf("schedules are now %v", b.schedules)
			}
		})
	}
}
