package storetest

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"deckhand/commands/check"
)

func incidentTests() map[string]func(*testing.T, *place) {
	return map[string]func(*testing.T, *place){
		"an incident comes back as it was kept, and is found":     incidents,
		"an incident that moved on is not overwritten":            incidentRace,
		"a mute stays, in the place of the one with the same key": mutes,
	}
}

func someIncident(name string) check.Incident {
	return check.Incident{
		Check: name, Channel: "C1", Cause: "HTTP 503", Opened: noon, FlappingSince: noon.Add(1), Changes: []time.Time{noon},
		Said: map[string]check.Said{check.StepPost: {TriedAt: noon, At: noon.Add(time.Second), Channel: "C1", TS: "1.2"}},
	}
}

func incidents(t *testing.T, p *place) {
	store, other := p.client(t), p.client(t)
	opened := check.IncidentEvent{At: noon, Actor: "deckhand", What: "opened", Note: "HTTP 503"}
	before := got[int64](t)(other.Attention(t.Context()))
	saved := got[[]check.Incident](t)(store.SaveIncidents(t.Context(), []check.IncidentChange{
		{Incident: someIncident("web"), Events: []check.IncidentEvent{opened}}, {Incident: someIncident("api")},
	}))
	want := []check.Incident{someIncident("web"), someIncident("api")}
	for n := range want {
		want[n].Number, want[n].Version = int64(n+1), 1
	}
	if !reflect.DeepEqual(saved, want) {
		t.Fatalf("kept %+v, want %+v", saved, want)
	}
	if after := got[int64](t)(other.Attention(t.Context())); after <= before {
		t.Errorf("attention %d after %d", after, before)
	}
	web, api := saved[0], saved[1]
	api.Storm, api.Resolved, api.Ending = web.Number, noon.Add(time.Hour), check.CameBack
	resolved := check.IncidentEvent{At: noon.Add(time.Hour), Actor: "deckhand", What: "resolved"}
	api = got[[]check.Incident](t)(other.SaveIncidents(t.Context(), []check.IncidentChange{{Incident: api, Events: []check.IncidentEvent{resolved}}}))[0]
	for name, c := range map[string]struct {
		query check.IncidentQuery
		want  []check.Incident
	}{
		"all":            {check.IncidentQuery{}, []check.Incident{api, web}},
		"the newest":     {check.IncidentQuery{Limit: 1}, []check.Incident{api}},
		"open":           {check.IncidentQuery{Open: true}, []check.Incident{web}},
		"of a check":     {check.IncidentQuery{Check: "api"}, []check.Incident{api}},
		"by number":      {check.IncidentQuery{Number: 1}, []check.Incident{web}},
		"of a storm":     {check.IncidentQuery{Storm: 1}, []check.Incident{api}},
		"since its end":  {check.IncidentQuery{Since: noon.Add(time.Hour)}, []check.Incident{api, web}},
		"since after it": {check.IncidentQuery{Since: noon.Add(time.Hour + 1)}, []check.Incident{web}},
	} {
		if is := got[[]check.Incident](t)(store.Incidents(t.Context(), c.query)); !reflect.DeepEqual(is, c.want) {
			t.Errorf("%s: %+v", name, is)
		}
	}
	if is := got[[]check.IncidentEvent](t)(store.IncidentEvents(t.Context(), web.Number)); !reflect.DeepEqual(is, []check.IncidentEvent{opened}) {
		t.Errorf("events %+v", is)
	}
}

func incidentRace(t *testing.T, p *place) {
	store, other := p.client(t), p.client(t)
	web := got[[]check.Incident](t)(store.SaveIncidents(t.Context(), []check.IncidentChange{{Incident: someIncident("web")}}))[0]
	mine, theirs := web.Clone(), web.Clone()
	theirs.AckedBy = "U1"
	got[[]check.Incident](t)(other.SaveIncidents(t.Context(), []check.IncidentChange{{Incident: theirs}}))
	mine.AckedBy = "U2"
	if _, err := store.SaveIncidents(t.Context(), []check.IncidentChange{{Incident: someIncident("api")}, {Incident: mine}}); !errors.Is(err, check.ErrConflict) {
		t.Errorf("answered %v", err)
	}
	all := got[[]check.Incident](t)(store.Incidents(t.Context(), check.IncidentQuery{}))
	if len(all) != 1 || all[0].AckedBy != "U1" || all[0].Version != 2 {
		t.Errorf("%+v", all)
	}
}

func mutes(t *testing.T, p *place) {
	store, other := p.client(t), p.client(t)
	window := check.Mute{Key: "maintenance:nightly:1", Kind: check.Maintenance, Name: "nightly", Checks: []string{"*"}, Since: noon, Until: noon.Add(time.Hour)}
	hand := check.Mute{Key: "chat:R-1", Kind: check.ByHand, Checks: []string{"web"}, Since: noon.Add(time.Minute), Until: noon.Add(2 * time.Hour), Reason: "move", By: "U1"}
	before := got[int64](t)(other.Attention(t.Context()))
	must(t, store.SaveMute(t.Context(), hand))
	must(t, store.SaveMute(t.Context(), window))
	hand.Until = noon.Add(30 * time.Minute)
	must(t, other.SaveMute(t.Context(), hand))
	if all := got[[]check.Mute](t)(store.Mutes(t.Context(), noon)); !reflect.DeepEqual(all, []check.Mute{window, hand}) {
		t.Errorf("%+v", all)
	}
	if all := got[[]check.Mute](t)(store.Mutes(t.Context(), noon.Add(30*time.Minute))); !reflect.DeepEqual(all, []check.Mute{window}) {
		t.Errorf("%+v", all)
	}
	if after := got[int64](t)(store.Attention(t.Context())); after < before+3 {
		t.Errorf("attention %d after %d", after, before)
	}
}
