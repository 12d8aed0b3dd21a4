package storetest

import (
	"reflect"
	"testing"
	"time"

	"deckhand/commands"
	"deckhand/commands/schedule"
)

func actTests() map[string]func(*testing.T, *place) {
	return map[string]func(*testing.T, *place){
		"what comes due is kept by its key until it is handed on":                            acts,
		"an act that was put for another time meanwhile is not done away":                    actPutAgain,
		"an act that failed is put off, and not one that was put for another time meanwhile": actPutOff,
	}
}

func act(key string, due time.Time) schedule.Act {
	return schedule.Act{
		Key: key, Due: due, Line: "vm stop web", Asker: commands.Asker{User: "U1", Channel: "C1", Team: "T1"},
		Reason: "the lease of R-1 is over", Of: 1, Agreed: true, Private: true,
	}
}

func acts(t *testing.T, p *place) {
	store, other := p.client(t), p.client(t)
	late, now, coming := act("a late", noon.Add(-time.Hour)), act("on time", noon), act("coming", noon.Add(1))
	must(t, store.PutActs(t.Context(), []schedule.Act{coming, now, act("a late", noon), act("dropped", noon)}))
	must(t, other.PutActs(t.Context(), []schedule.Act{late}, "dropped", "never there"))
	if due := got[[]schedule.Act](t)(store.Acts(t.Context(), noon)); !reflect.DeepEqual(due, []schedule.Act{late, now}) {
		t.Errorf("due: %+v", due)
	}
	must(t, store.ActDone(t.Context(), late))
	must(t, other.ActDone(t.Context(), late))
	if all := got[[]schedule.Act](t)(other.Acts(t.Context(), time.Time{})); !reflect.DeepEqual(all, []schedule.Act{now, coming}) {
		t.Errorf("all: %+v", all)
	}
}

func actPutOff(t *testing.T, p *place) {
	store, other := p.client(t), p.client(t)
	failed, later, extended := act("lease", noon), act("lease", noon.Add(time.Hour)), act("lease", noon.Add(4*time.Hour))
	later.Tries = 1
	must(t, store.PutActs(t.Context(), []schedule.Act{failed}))
	must(t, other.PutOff(t.Context(), later, failed.Due)) // before it was recorded that it was handed on
	must(t, store.ActDone(t.Context(), failed))
	if all := got[[]schedule.Act](t)(store.Acts(t.Context(), time.Time{})); !reflect.DeepEqual(all, []schedule.Act{later}) {
		t.Errorf("put off: %+v", all)
	}
	must(t, store.PutActs(t.Context(), []schedule.Act{extended}))
	must(t, other.PutOff(t.Context(), later, failed.Due))
	if all := got[[]schedule.Act](t)(store.Acts(t.Context(), time.Time{})); !reflect.DeepEqual(all, []schedule.Act{extended}) {
		t.Errorf("what was put again meanwhile: %+v", all)
	}
	must(t, store.ActDone(t.Context(), extended))
	must(t, other.PutOff(t.Context(), later, failed.Due)) // after it
	if all := got[[]schedule.Act](t)(store.Acts(t.Context(), time.Time{})); !reflect.DeepEqual(all, []schedule.Act{later}) {
		t.Errorf("put off after it was taken away: %+v", all)
	}
}

func actPutAgain(t *testing.T, p *place) {
	store, other := p.client(t), p.client(t)
	first, second := act("lease", noon), act("lease", noon.Add(time.Hour))
	must(t, store.PutActs(t.Context(), []schedule.Act{first}))
	must(t, other.PutActs(t.Context(), []schedule.Act{second}))
	must(t, store.ActDone(t.Context(), first))
	if all := got[[]schedule.Act](t)(store.Acts(t.Context(), time.Time{})); !reflect.DeepEqual(all, []schedule.Act{second}) {
		t.Errorf("%+v", all)
	}
}
