package storetest

import (
	"reflect"
	"testing"
	"time"

	"deckhand/commands/guard"
)

func guardTests() map[string]func(*testing.T, *place) {
	return map[string]func(*testing.T, *place){
		"freezes and locks are kept by kind and target": guards,
	}
}

func guards(t *testing.T, p *place) {
	store, other := p.client(t), p.client(t)
	freeze := guard.Guard{Kind: guard.Freeze, Target: "prod", Owner: "U1", Reason: "sale", Since: noon, Until: noon.Add(time.Hour)}
	lock := guard.Guard{Kind: guard.Lock, Target: "prod", Owner: "U2", Reason: "deploy", Since: noon.Add(1)}
	must(t, store.PutGuard(t.Context(), guard.Guard{Kind: guard.Freeze, Target: "prod", Owner: "U9"}))
	must(t, store.PutGuard(t.Context(), lock))
	must(t, store.PutGuard(t.Context(), freeze))
	if all := got[[]guard.Guard](t)(other.Guards(t.Context())); !reflect.DeepEqual(all, []guard.Guard{freeze, lock}) {
		t.Errorf("%+v", all)
	}
	for _, want := range []bool{true, false} {
		if got[bool](t)(other.RemoveGuard(t.Context(), guard.Freeze, "prod")) != want {
			t.Errorf("removed is not %v", want)
		}
	}
	if all := got[[]guard.Guard](t)(store.Guards(t.Context())); !reflect.DeepEqual(all, []guard.Guard{lock}) {
		t.Errorf("%+v", all)
	}
}
