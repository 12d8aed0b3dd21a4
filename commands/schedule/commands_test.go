package schedule

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"deckhand/commands"
	"deckhand/commands/commandstest"
)

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

func (c clock) Coming(s Schedule, after time.Time) (time.Time, string, error) {
	at, err := c.Next(s.Cron, s.TimeZone, after)
	return at, s.Line, err
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

// typed runs a line as somebody types it.
func typed(t *testing.T, b *book, asker commands.Asker, j commandstest.Journal, line string) (commands.Report, error) {
	t.Helper()
	run := &commands.Run{Asker: asker, Journal: j, Now: now.Add(time.Duration(len(j)) * time.Second)}
	return commandstest.Run(t.Context(), t, Commands(b, clock{}, parse), run, line)
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
			report, err := typed(t, c.book, alice(), commandstest.Journal{}, c.line)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(name, "plan") && len(c.book.schedules) != before {
				t.Error("the plan changed something")
			}
			commandstest.Golden(t, name, report)
		})
	}
}

func TestAdd(t *testing.T) {
	t.Parallel()
	t.Run("keeps who asked, where to answer and the line in its canonical spelling", func(t *testing.T) {
		t.Parallel()
		b := &book{}
		if _, err := typed(t, b, alice(), commandstest.Journal{}, `schedule add noon --cron "0 9 * * *" --run "ec2 describe-instances"`); err != nil {
			t.Fatal(err)
		}
		want := Schedule{Name: "noon", Cron: "0 9 * * *", TimeZone: "UTC", Channel: "C_OPS", Line: "vm list", Owner: alice(), CreatedAt: now}
		if len(b.schedules) != 1 || !reflect.DeepEqual(b.schedules[0], want) {
			t.Errorf("added %+v", b.schedules)
		}
	})
	t.Run("is done where a run that was cut short has added it", func(t *testing.T) {
		t.Parallel()
		b, j := &book{}, commandstest.Journal{}
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
		b, j := shelf(), commandstest.Journal{}
		before := b.schedules[0]
		report, err := typed(t, b, alice(), j, `schedule remove evening`)
		if err != nil {
			t.Fatal(err)
		}
		j["remove the schedule"] = commands.Entry{Begun: true} // cut short: removed, and not written down
		if again, err := typed(t, b, alice(), j, `schedule remove evening`); err != nil || again.Title != report.Title {
			t.Errorf("again: %+v, %v", again, err)
		}
		if _, err := typed(t, b, alice(), commandstest.Journal{}, report.Next[0].Line); err != nil {
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
			_, err := typed(t, b, want.asker, commandstest.Journal{}, line)
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
