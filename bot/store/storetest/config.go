package storetest

import (
	"reflect"
	"testing"
	"time"

	"deckhand/commands/check"
	"deckhand/commands/schedule"
)

func configTests() map[string]func(*testing.T, *place) {
	return map[string]func(*testing.T, *place){
		"the configuration's checks replace its former ones":       configReplaces,
		"the configuration leaves what the chat added":             configLeaves,
		"the configuration's check takes a name from the chat":     configTakes,
		"what keeps its name keeps its past":                       configKeeps,
		"bringing the same configuration again changes nothing":    configSame,
		"many that bring the configuration at once do not quarrel": configRace,
	}
}

// checkNames answers which checks there are, those of the configuration with a star.
func checkNames(t *testing.T, store Store) []string {
	t.Helper()
	var names []string
	for _, c := range got[[]check.Check](t)(store.Checks(t.Context())) {
		if c.FromConfig {
			c.Name += "*"
		}
		names = append(names, c.Name)
	}
	return names
}

// scheduleNames does the same for schedules.
func scheduleNames(t *testing.T, store Store) []string {
	t.Helper()
	var names []string
	for _, s := range got[[]schedule.Schedule](t)(store.Schedules(t.Context())) {
		if s.FromConfig {
			s.Name += "*"
		}
		names = append(names, s.Name)
	}
	return names
}

func expectNames(t *testing.T, is []string, want ...string) {
	t.Helper()
	if !reflect.DeepEqual(is, want) {
		t.Errorf("%v, want %v", is, want)
	}
}

func configReplaces(t *testing.T, p *place) {
	store := p.client(t)
	must(t, store.SyncConfig(t.Context(), []check.Check{someCheck("a"), someCheck("b")}, []schedule.Schedule{someSchedule("x")}))
	expectNames(t, checkNames(t, store), "a*", "b*")
	expectNames(t, scheduleNames(t, store), "x*")
	must(t, store.SyncConfig(t.Context(), []check.Check{someCheck("b"), someCheck("c")}, []schedule.Schedule{someSchedule("y")}))
	expectNames(t, checkNames(t, store), "b*", "c*")
	expectNames(t, scheduleNames(t, store), "y*")
	must(t, store.SyncConfig(t.Context(), nil, nil))
	expectNames(t, checkNames(t, store))
	expectNames(t, scheduleNames(t, store))
}

func configLeaves(t *testing.T, p *place) {
	store := p.client(t)
	must(t, store.AddCheck(t.Context(), someCheck("chat")))
	must(t, store.AddSchedule(t.Context(), someSchedule("chat")))
	must(t, store.SyncConfig(t.Context(), []check.Check{someCheck("a")}, nil))
	expectNames(t, checkNames(t, store), "a*", "chat")
	expectNames(t, scheduleNames(t, store), "chat")
}

func configTakes(t *testing.T, p *place) {
	store := p.client(t)
	must(t, store.AddCheck(t.Context(), someCheck("web")))
	must(t, store.AddSchedule(t.Context(), someSchedule("web")))
	wanted := someCheck("web")
	wanted.URL = "https://other.example.com/"
	must(t, store.SyncConfig(t.Context(), []check.Check{wanted}, []schedule.Schedule{someSchedule("web")}))
	expectNames(t, checkNames(t, store), "web*")
	expectNames(t, scheduleNames(t, store), "web*")
	if is := got[[]check.Check](t)(store.Checks(t.Context()))[0].URL; is != wanted.URL {
		t.Errorf("it looks at %s", is)
	}
}

func configKeeps(t *testing.T, p *place) {
	store := p.client(t)
	must(t, store.SyncConfig(t.Context(), []check.Check{someCheck("web")}, []schedule.Schedule{someSchedule("morning")}))
	must(t, store.SaveResults(t.Context(), check.Looks{Results: []check.Result{result("web", 0)}, States: []check.State{state("web", 0)}}))
	must(t, store.SlotDone(t.Context(), "morning", noon))
	before := got[int64](t)(store.CheckRevision(t.Context()))

	slower, later := someCheck("web"), someSchedule("morning")
	slower.Schedule, slower.CreatedAt = "@every 5m", noon.Add(time.Hour)
	later.Cron, later.CreatedAt = "0 10 * * *", noon.Add(time.Hour)
	must(t, store.SyncConfig(t.Context(), []check.Check{slower}, []schedule.Schedule{later}))

	if is := got[map[string]check.State](t)(store.States(t.Context())); !reflect.DeepEqual(is["web"], state("web", 0)) {
		t.Errorf("state %+v", is)
	}
	c, s := got[[]check.Check](t)(store.Checks(t.Context()))[0], got[[]schedule.Schedule](t)(store.Schedules(t.Context()))[0]
	if c.Schedule != slower.Schedule || !c.CreatedAt.Equal(noon) {
		t.Errorf("check %+v", c)
	}
	if s.Cron != later.Cron || !s.LastSlot.Equal(noon) || !s.CreatedAt.Equal(noon) {
		t.Errorf("schedule %+v", s)
	}
	if after := got[int64](t)(store.CheckRevision(t.Context())); after <= before {
		t.Errorf("revision from %d to %d", before, after)
	}
}

func configSame(t *testing.T, p *place) {
	store := p.client(t)
	again := someCheck("web")
	again.CreatedAt = noon.Add(time.Hour) // each start says when it read the file
	must(t, store.SyncConfig(t.Context(), []check.Check{someCheck("web")}, []schedule.Schedule{someSchedule("morning")}))
	before := got[int64](t)(store.CheckRevision(t.Context()))
	must(t, store.SyncConfig(t.Context(), []check.Check{again}, []schedule.Schedule{someSchedule("morning")}))
	if after := got[int64](t)(store.CheckRevision(t.Context())); after != before {
		t.Errorf("revision from %d to %d", before, after)
	}
}

func configRace(t *testing.T, p *place) {
	race(t, p, func(store Store, _ int) (bool, error) {
		return true, store.SyncConfig(t.Context(), []check.Check{someCheck("a"), someCheck("b")}, []schedule.Schedule{someSchedule("x")})
	})
	expectNames(t, checkNames(t, p.client(t)), "a*", "b*")
}
