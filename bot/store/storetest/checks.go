package storetest

import (
	"reflect"
	"testing"
	"time"

	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/schedule"
)

func checkTests() map[string]func(*testing.T, *place) {
	return map[string]func(*testing.T, *place){
		"a check comes back as it was added, by name":              checkBook,
		"a check takes the place of another in one step":           replacedCheck,
		"a schedule comes back as it was added, by name":           scheduleBook,
		"results come back oldest first, the newest are kept":      results,
		"a state comes back with its newest result":                states,
		"what is of a removed check is dropped":                    removedCheck,
		"a check of an old name begins without a past":             reusedName,
		"the revision grows with checks and schedules alone":       revision,
		"a slot is done once and never undone":                     slots,
		"the time when the program was last alive never goes back": alive,
	}
}

func someCheck(name string) check.Check {
	return check.Check{
		Name: name, URL: "https://" + name + ".example.com/", Schedule: "@every 1m", Timeout: 5 * time.Second,
		Status: []int{200}, FailAfter: 3, PassAfter: 2, Channel: "C1", Owner: commands.Asker{User: "U1"}, CreatedAt: noon,
	}
}

func replacedCheck(t *testing.T, p *place) {
	store := p.client(t)
	must(t, store.AddCheck(t.Context(), someCheck("old")))
	must(t, store.AddCheck(t.Context(), someCheck("other")))
	must(t, store.SaveResults(t.Context(), check.Looks{Results: []check.Result{result("old", 0)}, States: []check.State{state("old", 0)}}))
	stricter := someCheck("old")
	stricter.FailAfter = 1
	must(t, store.ReplaceCheck(t.Context(), "old", stricter))
	if states := got[map[string]check.State](t)(store.States(t.Context())); states["old"].Check == "" {
		t.Error("a check of the same name lost its state")
	}
	must(t, store.ReplaceCheck(t.Context(), "old", someCheck("new")))
	if err := store.ReplaceCheck(t.Context(), "new", someCheck("other")); err == nil {
		t.Error("a name was given twice")
	}
	var names []string
	for _, c := range got[[]check.Check](t)(store.Checks(t.Context())) {
		names = append(names, c.Name)
	}
	if !reflect.DeepEqual(names, []string{"new", "other"}) {
		t.Errorf("there are %v", names)
	}
}

func someSchedule(name string) schedule.Schedule {
	return schedule.Schedule{
		Name: name, Cron: "0 9 * * 1-5", TimeZone: "Asia/Shanghai", Channel: "C1", Line: "status",
		Owner: commands.Asker{User: "U1"}, CreatedAt: noon,
	}
}

func result(name string, minute int) check.Result {
	return check.Result{
		Check: name, At: noon.Truncate(time.Millisecond).Add(time.Duration(minute) * time.Minute), OK: minute%2 == 0,
		Latency: 1234567 * time.Microsecond, Code: 200, Detail: "HTTP 200", Covers: time.Minute, Muted: minute%3 == 0,
	}
}

func state(name string, minute int) check.State {
	return check.State{
		Check: name, Status: check.Down, Since: noon, Streak: 2, StreakAt: noon.Add(time.Second), Last: result(name, minute),
	}
}

func expectKind(t *testing.T, err error, want commands.Kind) {
	t.Helper()
	if err == nil || commands.Words(err).Kind != want {
		t.Errorf("answered %v, want an error of kind %s", err, want)
	}
}

func checkBook(t *testing.T, p *place) {
	store := p.client(t)
	must(t, store.AddCheck(t.Context(), someCheck("web")))
	must(t, store.AddCheck(t.Context(), someCheck("api")))
	expectKind(t, store.AddCheck(t.Context(), someCheck("web")), commands.Usage)
	want := []check.Check{someCheck("api"), someCheck("web")}
	if all := got[[]check.Check](t)(store.Checks(t.Context())); !reflect.DeepEqual(all, want) {
		t.Errorf("checks %+v", all)
	}
	must(t, store.RemoveCheck(t.Context(), "api"))
	expectKind(t, store.RemoveCheck(t.Context(), "api"), commands.NotFound)
	if all := got[[]check.Check](t)(store.Checks(t.Context())); len(all) != 1 {
		t.Errorf("checks %+v", all)
	}
}

func scheduleBook(t *testing.T, p *place) {
	store := p.client(t)
	evening := someSchedule("evening")
	evening.LastSlot = noon
	must(t, store.AddSchedule(t.Context(), someSchedule("morning")))
	must(t, store.AddSchedule(t.Context(), evening))
	expectKind(t, store.AddSchedule(t.Context(), someSchedule("evening")), commands.Usage)
	want := []schedule.Schedule{evening, someSchedule("morning")}
	if all := got[[]schedule.Schedule](t)(store.Schedules(t.Context())); !reflect.DeepEqual(all, want) {
		t.Errorf("schedules %+v", all)
	}
	must(t, store.RemoveSchedule(t.Context(), "evening"))
	expectKind(t, store.RemoveSchedule(t.Context(), "evening"), commands.NotFound)
}

func results(t *testing.T, p *place) {
	store := p.client(t)
	must(t, store.AddCheck(t.Context(), someCheck("web")))
	must(t, store.AddCheck(t.Context(), someCheck("api")))
	for minute := range 5 {
		must(t, store.SaveResults(t.Context(), check.Looks{Results: []check.Result{result("web", minute), result("api", minute)}}))
	}
	must(t, store.SaveResults(t.Context(), check.Looks{Results: []check.Result{result("web", 4)}})) // the same once more
	tests := map[string]struct {
		since time.Time
		limit int
		want  []check.Result
	}{
		"all":      {noon, 0, []check.Result{result("web", 0), result("web", 1), result("web", 2), result("web", 3), result("web", 4)}},
		"the last": {noon, 2, []check.Result{result("web", 3), result("web", 4)}},
		"since":    {noon.Add(3 * time.Minute), 0, []check.Result{result("web", 3), result("web", 4)}},
		"none":     {noon.Add(time.Hour), 0, nil},
	}
	for name, test := range tests {
		if is := got[[]check.Result](t)(store.Results(t.Context(), "web", test.since, test.limit)); !reflect.DeepEqual(is, test.want) {
			t.Errorf("%s: %+v", name, is)
		}
	}
}

func states(t *testing.T, p *place) {
	store := p.client(t)
	must(t, store.AddCheck(t.Context(), someCheck("web")))
	must(t, store.AddCheck(t.Context(), someCheck("quiet")))
	for minute := range 3 { // the state is the same each time, its last result is not
		must(t, store.SaveResults(t.Context(), check.Looks{Results: []check.Result{result("web", minute)}, States: []check.State{state("web", minute)}}))
	}
	want := map[string]check.State{"web": state("web", 2)}
	if is := got[map[string]check.State](t)(store.States(t.Context())); !reflect.DeepEqual(is, want) {
		t.Errorf("states %+v, want %+v", is, want)
	}
	up := state("web", 3)
	up.Status, up.Since, up.Streak, up.StreakAt = check.Up, noon.Add(time.Hour), 0, time.Time{}
	must(t, store.SaveResults(t.Context(), check.Looks{Results: []check.Result{up.Last}, States: []check.State{up}}))
	if is := got[map[string]check.State](t)(store.States(t.Context())); !reflect.DeepEqual(is["web"], up) {
		t.Errorf("state %+v, want %+v", is["web"], up)
	}
}

func removedCheck(t *testing.T, p *place) {
	store := p.client(t)
	must(t, store.AddCheck(t.Context(), someCheck("web")))
	both := []check.Result{result("gone", 0), result("web", 0)}
	must(t, store.SaveResults(t.Context(), check.Looks{Results: both, States: []check.State{state("gone", 0), state("web", 0)}}))
	is := got[map[string]check.State](t)(store.States(t.Context()))
	if _, there := is["web"]; !there || len(is) != 1 {
		t.Errorf("states %+v, want web's alone", is)
	}
}

func reusedName(t *testing.T, p *place) {
	store := p.client(t)
	must(t, store.AddCheck(t.Context(), someCheck("web")))
	must(t, store.SaveResults(t.Context(), check.Looks{Results: []check.Result{result("web", 0)}, States: []check.State{state("web", 0)}}))
	must(t, store.RemoveCheck(t.Context(), "web"))
	must(t, store.AddCheck(t.Context(), someCheck("web")))
	if is := got[map[string]check.State](t)(store.States(t.Context())); len(is) != 0 {
		t.Errorf("states %+v", is)
	}
	if is := got[[]check.Result](t)(store.Results(t.Context(), "web", time.Time{}, 0)); len(is) != 0 {
		t.Errorf("results %+v", is)
	}
}

func revision(t *testing.T, p *place) {
	store, other := p.client(t), p.client(t)
	before := got[int64](t)(other.CheckRevision(t.Context()))
	steps := []struct {
		what  string
		do    func() error
		grows bool
	}{
		{"add check", func() error { return store.AddCheck(t.Context(), someCheck("web")) }, true},
		{"add schedule", func() error { return store.AddSchedule(t.Context(), someSchedule("morning")) }, true},
		{"results", func() error {
			return store.SaveResults(t.Context(), check.Looks{Results: []check.Result{result("web", 0)}, States: []check.State{state("web", 0)}})
		}, false},
		{"slot", func() error { return store.SlotDone(t.Context(), "morning", noon) }, false},
		{"remove check", func() error { return store.RemoveCheck(t.Context(), "web") }, true},
		{"remove schedule", func() error { return store.RemoveSchedule(t.Context(), "morning") }, true},
	}
	for _, step := range steps {
		must(t, step.do())
		after := got[int64](t)(other.CheckRevision(t.Context()))
		if after > before != step.grows {
			t.Errorf("%s: from %d to %d", step.what, before, after)
		}
		before = after
	}
}

func slots(t *testing.T, p *place) {
	store := p.client(t)
	must(t, store.AddSchedule(t.Context(), someSchedule("morning")))
	must(t, store.SlotDone(t.Context(), "morning", noon))
	must(t, store.SlotDone(t.Context(), "morning", noon.Add(-time.Hour)))
	must(t, store.SlotDone(t.Context(), "gone", noon))
	if all := got[[]schedule.Schedule](t)(store.Schedules(t.Context())); !all[0].LastSlot.Equal(noon) {
		t.Errorf("last slot %s, want %s", all[0].LastSlot, noon)
	}
}

func alive(t *testing.T, p *place) {
	store, other := p.client(t), p.client(t)
	if never := got[time.Time](t)(store.LastAlive(t.Context())); !never.IsZero() {
		t.Errorf("a new store was alive at %s", never)
	}
	must(t, store.Alive(t.Context(), noon))
	must(t, store.Alive(t.Context(), noon.Add(-time.Minute)))
	if last := got[time.Time](t)(other.LastAlive(t.Context())); !last.Equal(noon) {
		t.Errorf("last alive at %s, want %s", last, noon)
	}
}
