package storetest

import (
	"reflect"
	"testing"
	"time"

	"deckhand/commands"
	"deckhand/commands/lease"
	"deckhand/commands/schedule"
)

func leaseTests() map[string]func(*testing.T, *place) {
	return map[string]func(*testing.T, *place){
		"a lease is kept with what comes due of it": leases,
	}
}

func leases(t *testing.T, p *place) {
	store, other := p.client(t), p.client(t)
	web := lease.Lease{Request: 7, Owner: commands.Asker{User: "U1", Channel: "C1"}, Line: "vm create", Undo: "vm terminate i-1", MadeAt: noon, Ends: noon.Add(time.Hour)}
	lb := lease.Lease{Request: 9, Owner: commands.Asker{User: "U1"}, Line: "lb create", Undo: "lb delete x", MadeAt: noon, Ends: noon.Add(time.Minute)}
	must(t, store.PutLease(t.Context(), web, []schedule.Act{act("lease R-7 warn", noon), act("lease R-7 stop", noon.Add(time.Hour))}))
	must(t, other.PutLease(t.Context(), lb, nil))
	web.Ends = noon.Add(2 * time.Hour)
	stop := act("lease R-7 stop", noon.Add(2*time.Hour))
	must(t, other.PutLease(t.Context(), web, []schedule.Act{stop}, "lease R-7 warn", "lease R-7 stop"))
	if all := got[[]lease.Lease](t)(store.Leases(t.Context())); !reflect.DeepEqual(all, []lease.Lease{lb, web}) {
		t.Errorf("%+v", all)
	}
	if all := got[[]schedule.Act](t)(store.Acts(t.Context(), time.Time{})); !reflect.DeepEqual(all, []schedule.Act{stop}) {
		t.Errorf("%+v", all)
	}
	must(t, store.RemoveLease(t.Context(), 7, "lease R-7 stop"))
	if all := got[[]lease.Lease](t)(other.Leases(t.Context())); !reflect.DeepEqual(all, []lease.Lease{lb}) {
		t.Errorf("%+v", all)
	}
	if all := got[[]schedule.Act](t)(other.Acts(t.Context(), time.Time{})); len(all) > 0 {
		t.Errorf("%+v", all)
	}
}
