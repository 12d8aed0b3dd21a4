package storetest

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"deckhand/bot"
	"deckhand/commands/check"
)

func crewTests() map[string]func(*testing.T, *place) {
	return map[string]func(*testing.T, *place){
		"the crew has a new term whenever somebody comes or goes": crewTerms,
		"who was silent is buried, and told so":                   crewBuried,
		"what a buried process saw is not written down":           crewFenced,
		"of many that come at once each begins a term":            crewRace,
		"a turn stays until incidents are made of it":             turns,
		"a turn stays where its incident moved on":                turnsConflict,
		"results are read along as they are saved":                resultsAfter,
		"a certificate that is seen again stays as it is":         seenCertificate,
	}
}

// mustered answers the crew as a member sees it that has let go of what is another's as of a term.
func mustered(t *testing.T, store Store, name string, term int64) bot.Crew {
	t.Helper()
	return got[bot.Crew](t)(store.Muster(t.Context(), name, term))
}

func crewTerms(t *testing.T, p *place) {
	one, other := p.client(t), p.client(t)
	must(t, one.Join(t.Context(), "a"))
	first := mustered(t, one, "a", 0)
	if len(first.Members) != 1 || first.Agreed() || first.Silent() {
		t.Errorf("alone, at first: %+v", first)
	}
	if crew := mustered(t, one, "a", first.Term); !crew.Agreed() || crew.Term != first.Term {
		t.Errorf("alone: %+v", crew)
	}
	must(t, other.Join(t.Context(), "b"))
	must(t, other.Join(t.Context(), "b")) // it had not heard the answer
	second := mustered(t, other, "b", 0)
	if want := (bot.Crew{Term: first.Term + 1, Members: []bot.Member{{Name: "a", Term: first.Term}, {Name: "b"}}}); !reflect.DeepEqual(second, want) {
		t.Errorf("two: %+v, want %+v", second, want)
	}
	mustered(t, other, "b", second.Term)
	if crew := mustered(t, one, "a", second.Term); !crew.Agreed() {
		t.Errorf("both have let go: %+v", crew)
	}
	must(t, one.Leave(t.Context(), "a"))
	must(t, one.Leave(t.Context(), "a"))
	if crew := mustered(t, other, "b", second.Term); crew.Term != second.Term+1 || len(crew.Members) != 1 {
		t.Errorf("one has left: %+v", crew)
	}
}

func crewBuried(t *testing.T, p *place) {
	store := p.client(t)
	must(t, store.Join(t.Context(), "a"))
	must(t, store.Join(t.Context(), "b"))
	must(t, store.Bury(t.Context()))
	before := mustered(t, store, "a", 0)
	if len(before.Members) != 2 {
		t.Fatalf("somebody who lives was buried: %+v", before)
	}
	for begun := time.Now(); !mustered(t, store, "a", 0).Silent(); time.Sleep(100 * time.Millisecond) { // the database's clock decides
		if time.Since(begun) > 8*time.Second {
			t.Fatal("b is not silent after eight seconds")
		}
	}
	must(t, store.Bury(t.Context()))
	if crew := mustered(t, store, "a", 0); len(crew.Members) != 1 || crew.Term != before.Term+1 {
		t.Errorf("after the burial: %+v", crew)
	}
	if _, err := store.Muster(t.Context(), "b", 0); !errors.Is(err, bot.ErrLost) {
		t.Errorf("b was told %v", err)
	}
}

func crewFenced(t *testing.T, p *place) {
	store := p.client(t)
	must(t, store.AddCheck(t.Context(), someCheck("web")))
	must(t, store.Join(t.Context(), "a"))
	must(t, store.SaveResults(t.Context(), check.Looks{By: "a", Results: []check.Result{result("web", 0)}}))
	must(t, store.Leave(t.Context(), "a"))
	late := check.Looks{By: "a", Results: []check.Result{result("web", 1)}, States: []check.State{state("web", 1)}, Turns: []check.Turn{{Check: "web", To: check.Down, At: noon}}}
	if err := store.SaveResults(t.Context(), late); !errors.Is(err, bot.ErrLost) {
		t.Errorf("told %v", err)
	}
	if is := got[[]check.Result](t)(store.Results(t.Context(), "web", time.Time{}, 0)); len(is) != 1 {
		t.Errorf("results %+v", is)
	}
	if is := got[[]check.Turn](t)(store.Turns(t.Context())); len(is) != 0 {
		t.Errorf("turns %+v", is)
	}
}

func crewRace(t *testing.T, p *place) {
	names := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	race(t, p, func(store Store, who int) (bool, error) { return true, store.Join(t.Context(), names[who]) })
	if crew := mustered(t, p.client(t), "a", 0); !reflect.DeepEqual(crew.Names(), names) || crew.Term != int64(len(names)) {
		t.Errorf("%+v", crew)
	}
}

func turns(t *testing.T, p *place) {
	store, other := p.client(t), p.client(t)
	must(t, store.AddCheck(t.Context(), someCheck("web")))
	must(t, store.AddCheck(t.Context(), someCheck("api")))
	before := got[int64](t)(other.Attention(t.Context()))
	must(t, store.SaveResults(t.Context(), check.Looks{Turns: []check.Turn{
		{Check: "web", To: check.Down, At: noon, Detail: "HTTP 503"}, {Check: "gone", To: check.Down, At: noon}, {Check: "api", To: check.Up, At: noon.Add(1)},
	}}))
	if after := got[int64](t)(other.Attention(t.Context())); after <= before {
		t.Errorf("attention %d after %d", after, before)
	}
	is := got[[]check.Turn](t)(other.Turns(t.Context()))
	want := []check.Turn{{Check: "web", To: check.Down, At: noon, Detail: "HTTP 503"}, {Check: "api", To: check.Up, At: noon.Add(1)}}
	for i := range min(len(is), len(want)) {
		want[i].ID = is[i].ID
	}
	if !reflect.DeepEqual(is, want) {
		t.Fatalf("turns %+v, want %+v", is, want)
	}
	saved := got[[]check.Incident](t)(other.TakeTurns(t.Context(), []int64{is[0].ID}, []check.IncidentChange{{Incident: someIncident("web")}}))
	if len(saved) != 1 || saved[0].Number == 0 || saved[0].Version != 1 {
		t.Errorf("incidents %+v", saved)
	}
	if is := got[[]check.Turn](t)(store.Turns(t.Context())); len(is) != 1 || is[0].Check != "api" {
		t.Errorf("left are %+v", is)
	}
	must(t, store.RemoveCheck(t.Context(), "api"))
	if is := got[[]check.Turn](t)(store.Turns(t.Context())); len(is) != 0 {
		t.Errorf("of a check that is gone: %+v", is)
	}
}

func turnsConflict(t *testing.T, p *place) {
	store := p.client(t)
	must(t, store.AddCheck(t.Context(), someCheck("web")))
	opened := got[[]check.Incident](t)(store.SaveIncidents(t.Context(), []check.IncidentChange{{Incident: someIncident("web")}}))[0]
	must(t, store.SaveResults(t.Context(), check.Looks{Turns: []check.Turn{{Check: "web", To: check.Up, At: noon}}}))
	id := got[[]check.Turn](t)(store.Turns(t.Context()))[0].ID
	opened.Version--
	if _, err := store.TakeTurns(t.Context(), []int64{id}, []check.IncidentChange{{Incident: opened}}); !errors.Is(err, check.ErrConflict) {
		t.Errorf("told %v", err)
	}
	if is := got[[]check.Turn](t)(store.Turns(t.Context())); len(is) != 1 {
		t.Errorf("left are %+v", is)
	}
}

func resultsAfter(t *testing.T, p *place) {
	store, other := p.client(t), p.client(t)
	must(t, store.AddCheck(t.Context(), someCheck("web")))
	after := func(mark int64) ([]check.Result, int64) {
		t.Helper()
		results, next, err := other.ResultsAfter(t.Context(), mark)
		must(t, err)
		return results, next
	}
	must(t, store.SaveResults(t.Context(), check.Looks{Results: []check.Result{result("web", 0)}}))
	before, mark := after(-1)
	must(t, store.SaveResults(t.Context(), check.Looks{Results: []check.Result{result("web", 1), result("gone", 1)}}))
	is, next := after(mark)
	last := is[len(is)-1]
	if len(before) != 0 || next <= mark || last.Check != "web" || !last.At.Equal(result("web", 1).At.Truncate(time.Millisecond)) {
		t.Errorf("%+v, then %+v", before, is)
	}
	must(t, store.Fold(t.Context(), folded))
	if is, same := after(next); same != next || len(is) != 0 {
		t.Errorf("after the fold: %+v, mark %d after %d", is, same, next)
	}
}

func seenCertificate(t *testing.T, p *place) {
	store := p.client(t)
	must(t, store.AddCheck(t.Context(), someCheck("web")))
	must(t, store.SeeCertificate(t.Context(), "gone", noon))
	one := check.Certificate{Expires: noon, Reminded: 21, Trying: 7, TriedAt: noon}
	must(t, store.SeeCertificate(t.Context(), "web", noon))
	must(t, store.SaveCertificate(t.Context(), "web", one))
	must(t, store.SeeCertificate(t.Context(), "web", noon))
	if is := got[map[string]check.Certificate](t)(store.Certificates(t.Context())); !reflect.DeepEqual(is, map[string]check.Certificate{"web": one}) {
		t.Errorf("%+v", is)
	}
	must(t, store.SeeCertificate(t.Context(), "web", noon.Add(time.Hour)))
	if is := got[map[string]check.Certificate](t)(store.Certificates(t.Context())); !reflect.DeepEqual(is, map[string]check.Certificate{"web": {Expires: noon.Add(time.Hour)}}) {
		t.Errorf("a new one: %+v", is)
	}
}
