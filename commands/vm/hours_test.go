package vm

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
	"deckhand/commands/schedule"
)

// shelf is a timetable in memory that knows two times of the day.
type shelf struct{ lines []schedule.Schedule }

func (s *shelf) AddSchedule(_ context.Context, line schedule.Schedule) error {
	s.lines = append(s.lines, line)
	return nil
}
func (s *shelf) RemoveSchedule(context.Context, string) error { return nil }
func (s *shelf) Schedules(context.Context) ([]schedule.Schedule, error) {
	return slices.Clone(s.lines), nil
}

func (*shelf) Next(_, zone string, after time.Time) (time.Time, error) {
	if _, err := time.LoadLocation(zone); err != nil {
		return time.Time{}, commands.Misuse("There is no time zone "+zone+".", "Write one.")
	}
	return after.Add(time.Hour), nil
}

func (*shelf) Coming(s schedule.Schedule, after time.Time) (time.Time, string, error) {
	if after.Hour() < 20 {
		return time.Date(2026, 3, after.Day(), 20, 0, 0, 0, time.UTC), s.EndLine, nil
	}
	return time.Date(2026, 3, after.Day()+1, 8, 0, 0, 0, time.UTC), s.Line, nil
}

func (s *session) hours(book *shelf, refused bool, line string) (commands.Report, error) {
	s.t.Helper()
	group := HoursCommands(s.cloud, Timetable{Book: book, Clock: book, Can: func(_ context.Context, who commands.Asker, line string, _ *commands.Scope) (commands.Report, error) {
		verb := strings.Join(strings.Fields(line)[:2], " ")
		if refused {
			return commands.Report{Tone: commands.Bad, Title: who.User + " may not run " + verb}, nil
		}
		return commands.Report{Title: who.User + " may run " + verb + " in " + who.Channel}, nil
	}})
	return commandstest.Run(s.t.Context(), s.t, group, s.given(), line)
}

func TestHoursAreOneThingWithTwoEdges(t *testing.T) {
	t.Parallel()
	book, cloud := &shelf{}, newFake()
	for line, parts := range map[string][]string{
		"schedule dev weekdays 08-20 Europe/Berlin --plan":                                {"Would schedule the hours dev", "weekdays 08:00-20:00 in Europe/Berlin", "stop 2026-03-10 20:00:00 UTC, start 2026-03-11 08:00:00 UTC", "60 of 168 hours a week", "By these hours it is time to start 1 instance now", "U_ALICE may run vm start in C_OPS; U_ALICE may run vm stop in C_OPS"},
		"schedule hours dev --hours mon-fri 8-20 --tag env=prod --time-zone UTC --plan":   {"Would schedule the hours dev", "db", "vm stop --where-possible --tag env=prod --region us-east-1 --account default"},
		"schedule hours dev 8-20 --region eu-west-1 --account prod --max 50 --plan":       {"--tag env=dev --max 50 --region eu-west-1 --account prod"},
		"schedule hours dev 8-20 --tag team=none --plan":                                  {"No instance that carries team=none is meant today; what carries it later is."},
		"schedule hours dev 8-20 --max 1 --plan":                                          {"[usage]", "selects 3 instances, more than the 1"},
		"schedule hours dev weekdays --plan":                                              {"[usage]", "from when to when"},
		"schedule hours dev 8-20 Berlin --plan":                                           {"[usage]", "no time zone Berlin"},
		"schedule hours dev 8-20 Europe/Berlin --time-zone UTC --plan":                    {"[usage]", "Europe/Berlin is neither days nor hours"},
		"schedule hours dev 8-20 --skip 25.12. --plan":                                    {"[usage]", "25.12. is not a date"},
		"schedule hours Dev 8-20 --plan":                                                  {"[usage]", "cannot be the name of a schedule"},
		"schedule hours dev 8-20 --env dev --tag env=prod --plan":                         {"[usage]", "Say it once"},
		"schedule hours dev 8-20 --skip 2026-12-25,2026-12-26 --channel C024BE91L --plan": {"Would schedule"},
	} {
		report, err := request(t, cloud).hours(book, false, line)
		commandstest.Want(t, commandstest.Told(report, err), parts...)
	}
	if len(book.lines)+len(cloud.asked) != 0 {
		t.Fatal("a plan did something:", book.lines, cloud.asked)
	}
	report, err := request(t, cloud).hours(book, false, "schedule hours dev weekdays 8-20 Europe/Berlin --skip 2026-12-25")
	commandstest.Want(t, commandstest.Told(report, err), "Scheduled the hours dev")
	if len(book.lines) != 1 || len(cloud.asked) != 0 {
		t.Fatal(book.lines, cloud.asked)
	}
	if got, want := book.lines[0].Made, `schedule hours --name dev --hours "weekdays 08:00-20:00" --time-zone Europe/Berlin --channel C_OPS --skip 2026-12-25 --tag env=dev --region us-east-1 --account default`; got != want {
		t.Errorf("%s, not %s", got, want)
	}
	report, err = request(t, cloud).hours(book, false, "schedule hours dev 8-20 --plan")
	commandstest.Want(t, commandstest.Told(report, err), "There is a schedule dev already")
}

func TestHoursThatPolicyWouldRefuseAreNotScheduled(t *testing.T) {
	t.Parallel()
	book := &shelf{}
	report, err := request(t, newFake()).hours(book, true, "schedule hours dev 8-20")
	commandstest.Want(t, commandstest.Told(report, err), "[denied] U_ALICE may not run vm start there, and each time it would be refused.", "Nothing was scheduled.")
	if report.Title != "" || len(book.lines) != 0 {
		t.Error(report.Title, book.lines)
	}
}

func TestWherePossibleOneDoesNotKeepTheOthersBack(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	for name, change := range map[string]func(*aws.Instance){
		"binned": func(i *aws.Instance) { i.State, i.Tags[binTag] = aws.Stopped, now.Add(time.Hour).Format(time.RFC3339) },
		"over": func(i *aws.Instance) {
			i.State, i.Tags[commands.LeaseTag] = aws.Stopped, now.Add(-time.Hour).Format(time.RFC3339)
		},
		"leased": func(i *aws.Instance) {
			i.State, i.Tags[commands.LeaseTag] = aws.Stopped, now.Add(time.Hour).Format(time.RFC3339)
		},
		"group": func(i *aws.Instance) { i.Tags[groupTag] = "nodes" },
		"cheap": func(i *aws.Instance) { i.Lifecycle = "spot" },
		"store": func(i *aws.Instance) { i.RootDeviceType = "instance-store" },
		"early": func(i *aws.Instance) { i.State = aws.Pending },
		"kept":  func(*aws.Instance) {},
		"plain": func(*aws.Instance) {},
	} {
		cloud.add("i-"+name, name, aws.Running, "lab")
		change(&cloud.instances[len(cloud.instances)-1])
	}
	cloud.stopGuarded = map[string]bool{"i-kept": true}
	for _, test := range []struct {
		line string
		want []string
	}{
		{"vm stop --tag env=lab", []string{"[conflict]", "store (i-store) has an instance store"}},
		{"vm stop --where-possible --tag env=lab --plan", []string{"Would stop 1 instance: plain", "kept (i-kept) is protected against being stopped"}},
		{"vm stop --where-possible --tag env=lab", []string{
			"Stopped 1 instance: plain", "group (i-group) belongs to the Auto Scaling group nodes", "cheap (i-cheap) is a spot instance",
			"store (i-store) has an instance store", "early (i-early) is still starting", "kept (i-kept) is protected against being stopped",
		}},
		{"vm start --where-possible --tag env=lab", []string{"Started 2 instances: leased, plain", "binned (i-binned) is in the recycle bin until", "over (i-over) had a lease until"}},
		{"vm stop --where-possible kept", []string{"Nothing to stop", "Left alone: kept"}},
		{"vm stop --where-possible --tag env=none", []string{"Nothing to stop", "No instance in us-east-1 carries env=none, so nothing was done."}},
		{"vm stop --where-possible nobody", []string{"[not_found]", "No instance is called nobody"}},
	} {
		report, err := request(t, cloud).run(t.Context(), test.line)
		commandstest.Want(t, commandstest.Told(report, err), test.want...)
	}
	if want := []string{"StopInstances i-plain", "StartInstances i-leased i-plain"}; !slices.Equal(cloud.asked, want) {
		t.Error(cloud.asked)
	}
	scope, err := (&Stop{Selection: Selection{Tag: map[string]string{"env": "none"}, Max: 20}, Possible: Possible{true}, cloud: cloud}).Scope(t.Context())
	if err != nil || len(scope.Resources) != 1 || scope.Resources[0].Tags["env"] != "none" {
		t.Errorf("policy is asked of %+v, %v", scope, err)
	}
}
