package storetest

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"deckhand/bot/store"
	"deckhand/commands/check"
	"deckhand/commands/schedule"
)

func configTests() map[string]func(*testing.T, *place) {
	return map[string]func(*testing.T, *place){
		"the configuration's checks replace its former ones":           configReplaces,
		"the configuration leaves what the chat added":                 configLeaves,
		"the configuration's check takes a name from the chat":         configTakes,
		"what keeps its name keeps its past":                           configKeeps,
		"bringing the same configuration again changes nothing":        configSame,
		"many that bring the configuration at once do not quarrel":     configRace,
		"the newest configuration wins, and no older one after it":     configNewest,
		"an older configuration comes back when nobody has the newer":  configBack,
		"a process that does not serve changes nothing while one does": configServed,
		"who decides by another policy is known by name":               configPolicies,
		"a configuration is known again by what is in it":              configFingerprint,
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
	must(t, store.SyncConfig(t.Context(), []check.Check{someCheck("a"), someCheck("b")}, []schedule.Schedule{someSchedule("x")}, true))
	expectNames(t, checkNames(t, store), "a*", "b*")
	expectNames(t, scheduleNames(t, store), "x*")
	must(t, store.SyncConfig(t.Context(), []check.Check{someCheck("b"), someCheck("c")}, []schedule.Schedule{someSchedule("y")}, true))
	expectNames(t, checkNames(t, store), "b*", "c*")
	expectNames(t, scheduleNames(t, store), "y*")
	must(t, store.SyncConfig(t.Context(), nil, nil, true))
	expectNames(t, checkNames(t, store))
	expectNames(t, scheduleNames(t, store))
}

func configLeaves(t *testing.T, p *place) {
	store := p.client(t)
	must(t, store.AddCheck(t.Context(), someCheck("chat")))
	must(t, store.AddSchedule(t.Context(), someSchedule("chat")))
	must(t, store.SyncConfig(t.Context(), []check.Check{someCheck("a")}, nil, true))
	expectNames(t, checkNames(t, store), "a*", "chat")
	expectNames(t, scheduleNames(t, store), "chat")
}

func configTakes(t *testing.T, p *place) {
	store := p.client(t)
	must(t, store.AddCheck(t.Context(), someCheck("web")))
	must(t, store.AddSchedule(t.Context(), someSchedule("web")))
	wanted := someCheck("web")
	wanted.URL = "https://other.example.com/"
	must(t, store.SyncConfig(t.Context(), []check.Check{wanted}, []schedule.Schedule{someSchedule("web")}, true))
	expectNames(t, checkNames(t, store), "web*")
	expectNames(t, scheduleNames(t, store), "web*")
	if is := got[[]check.Check](t)(store.Checks(t.Context()))[0].URL; is != wanted.URL {
		t.Errorf("it looks at %s", is)
	}
}

func configKeeps(t *testing.T, p *place) {
	store := p.client(t)
	must(t, store.SyncConfig(t.Context(), []check.Check{someCheck("web")}, []schedule.Schedule{someSchedule("morning")}, true))
	must(t, store.SaveResults(t.Context(), check.Looks{Results: []check.Result{result("web", 0)}, States: []check.State{state("web", 0)}}))
	must(t, store.SlotDone(t.Context(), "morning", noon))
	before := got[int64](t)(store.CheckRevision(t.Context()))

	slower, later := someCheck("web"), someSchedule("morning")
	slower.Schedule, slower.CreatedAt = "@every 5m", noon.Add(time.Hour)
	later.Cron, later.CreatedAt = "0 10 * * *", noon.Add(time.Hour)
	must(t, store.SyncConfig(t.Context(), []check.Check{slower}, []schedule.Schedule{later}, true))

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
	must(t, store.SyncConfig(t.Context(), []check.Check{someCheck("web")}, []schedule.Schedule{someSchedule("morning")}, true))
	before := got[int64](t)(store.CheckRevision(t.Context()))
	must(t, store.SyncConfig(t.Context(), []check.Check{again}, []schedule.Schedule{someSchedule("morning")}, true))
	if after := got[int64](t)(store.CheckRevision(t.Context())); after != before {
		t.Errorf("revision from %d to %d", before, after)
	}
}

func configRace(t *testing.T, p *place) {
	race(t, p, func(store Store, _ int) (bool, error) {
		return true, store.SyncConfig(t.Context(), []check.Check{someCheck("a"), someCheck("b")}, []schedule.Schedule{someSchedule("x")}, true)
	})
	expectNames(t, checkNames(t, p.client(t)), "a*", "b*")
}

// inForce answers what a client is told of the configuration in force.
func inForce(t *testing.T, from Store) store.Configuration {
	t.Helper()
	return got[store.Configuration](t)(from.Configuration(t.Context()))
}

func configNewest(t *testing.T, p *place) {
	older, newer := p.client(t), p.client(t)
	before, after := []check.Check{someCheck("a"), someCheck("b")}, []check.Check{someCheck("b"), someCheck("c")}
	must(t, older.SyncConfig(t.Context(), before, []schedule.Schedule{someSchedule("x")}, true))
	must(t, older.Join(t.Context(), "older"))
	if c := inForce(t, older); !c.Agrees() || c.Have != 1 || c.Others != 0 || c.Since.IsZero() {
		t.Errorf("the first: %+v", c)
	}
	must(t, newer.SyncConfig(t.Context(), after, nil, true))
	must(t, newer.Join(t.Context(), "newer"))
	for range 2 {
		expectNames(t, checkNames(t, newer), "b*", "c*")
		expectNames(t, scheduleNames(t, newer))
		if c := inForce(t, newer); !c.Agrees() || c.Have != 1 || c.Others != 1 {
			t.Errorf("the newer: %+v", c)
		}
		if c := inForce(t, older); c.Agrees() || c.InForce != inForce(t, newer).Ours {
			t.Errorf("the older: %+v", c)
		}
		again := p.client(t) // the older is started anew
		must(t, again.SyncConfig(t.Context(), before, []schedule.Schedule{someSchedule("x")}, true))
	}
}

func configBack(t *testing.T, p *place) {
	one, other := p.client(t), p.client(t)
	must(t, one.SyncConfig(t.Context(), []check.Check{someCheck("a")}, nil, true))
	must(t, other.SyncConfig(t.Context(), []check.Check{someCheck("b")}, nil, true))
	must(t, other.Join(t.Context(), "other"))
	must(t, one.SyncConfig(t.Context(), []check.Check{someCheck("a")}, nil, true))
	expectNames(t, checkNames(t, one), "b*")
	must(t, other.Leave(t.Context(), "other"))
	for begun := time.Now(); !inForce(t, one).Agrees(); time.Sleep(100 * time.Millisecond) { // the database's clock decides
		if time.Since(begun) > 8*time.Second {
			t.Fatal("it is not in force after eight seconds")
		}
		must(t, one.SyncConfig(t.Context(), []check.Check{someCheck("a")}, nil, true))
	}
	expectNames(t, checkNames(t, one), "a*")
}

func configServed(t *testing.T, p *place) {
	serving, terminal := p.client(t), p.client(t)
	must(t, terminal.SyncConfig(t.Context(), []check.Check{someCheck("t")}, nil, false))
	expectNames(t, checkNames(t, terminal), "t*")
	must(t, serving.SyncConfig(t.Context(), []check.Check{someCheck("s")}, nil, true))
	held, err := serving.Exclusively(t.Context(), "checks", func(ctx context.Context) error {
		return terminal.SyncConfig(ctx, nil, nil, false)
	})
	if !held || err != nil {
		t.Fatalf("held %v, %v", held, err)
	}
	expectNames(t, checkNames(t, serving), "s*")
	if c := inForce(t, terminal); c.Agrees() {
		t.Errorf("%+v", c)
	}
	must(t, terminal.SyncConfig(t.Context(), nil, nil, false))
	expectNames(t, checkNames(t, serving))
}

func configFingerprint(t *testing.T, p *place) {
	store := p.client(t)
	mark := func(checks []check.Check, schedules ...schedule.Schedule) string {
		t.Helper()
		must(t, store.SyncConfig(t.Context(), checks, schedules, true))
		return inForce(t, store).Ours
	}
	later, other := someCheck("a"), someCheck("a")
	later.CreatedAt, other.FailAfter = noon.Add(time.Hour), 7
	first := mark([]check.Check{someCheck("a"), someCheck("b")}, someSchedule("x"))
	if same := mark([]check.Check{someCheck("b"), later}, someSchedule("x")); same != first || len(first) != 12 {
		t.Errorf("%q, and read again %q", first, same)
	}
	for what, mark := range map[string]string{
		"another threshold": mark([]check.Check{other, someCheck("b")}, someSchedule("x")), "a check less": mark([]check.Check{someCheck("a")}, someSchedule("x")),
		"another schedule": mark([]check.Check{someCheck("a"), someCheck("b")}, someSchedule("y")), "nothing": mark(nil),
	} {
		if mark == first {
			t.Errorf("%s makes no difference", what)
		}
	}
}

func configPolicies(t *testing.T, p *place) {
	one, other, silent := p.client(t), p.client(t), p.client(t)
	one.DecidesBy("p1", "one")
	other.DecidesBy("p2", "other")
	for name, store := range map[string]Store{"one": one, "other": other, "silent": silent} {
		must(t, store.Join(t.Context(), name))
	}
	for want, store := range map[string]Store{"other": one, "one": other, "": silent} {
		if got := strings.Join(inForce(t, store).Deciding, " "); got != want {
			t.Errorf("another policy have %q, want %q", got, want)
		}
	}
	other.DecidesBy("p1", "other")
	must(t, other.Leave(t.Context(), "other"))
	must(t, other.Join(t.Context(), "other"))
	if got := inForce(t, one).Deciding; len(got) > 0 {
		t.Errorf("%v still have another", got)
	}
}
