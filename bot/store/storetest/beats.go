package storetest

import (
	"reflect"
	"testing"
	"time"

	"deckhand/commands/check"
)

func beatTests() map[string]func(*testing.T, *place) {
	return map[string]func(*testing.T, *place){
		"the last call of a heartbeat is kept, and goes with its check":   beats,
		"what is known of a certificate is kept, and goes with its check": certificates,
		"what is not measured is kept until it is again":                  blindness,
	}
}

func beats(t *testing.T, p *place) {
	store := p.client(t)
	must(t, store.AddCheck(t.Context(), someCheck("nightly")))
	last := func() time.Time {
		t.Helper()
		at, err := store.LastBeat(t.Context(), "nightly")
		must(t, err)
		return at
	}
	if at := last(); !at.IsZero() {
		t.Errorf("called at %v before any call", at)
	}
	for _, minute := range []int{1, 3, 2} {
		known, err := store.Beat(t.Context(), "nightly", noon.Add(time.Duration(minute)*time.Minute))
		must(t, err)
		if !known {
			t.Error("the check is not known")
		}
	}
	if at := last(); !at.Equal(noon.Add(3 * time.Minute)) {
		t.Errorf("the last call is of %v", at)
	}
	known, err := store.Beat(t.Context(), "nobody", noon)
	must(t, err)
	if known {
		t.Error("a check that is not there was called")
	}
	must(t, store.RemoveCheck(t.Context(), "nightly"))
	must(t, store.AddCheck(t.Context(), someCheck("nightly")))
	if at := last(); !at.IsZero() {
		t.Errorf("a new check was called at %v", at)
	}
}

func certificates(t *testing.T, p *place) {
	store := p.client(t)
	must(t, store.AddCheck(t.Context(), someCheck("web")))
	one := check.Certificate{Expires: noon.Add(time.Hour), Reminded: 21, Trying: 7, TriedAt: noon}
	must(t, store.SaveCertificate(t.Context(), "web", check.Certificate{Expires: noon}))
	must(t, store.SaveCertificate(t.Context(), "web", one))
	must(t, store.SaveCertificate(t.Context(), "gone", one))
	got, err := p.client(t).Certificates(t.Context())
	must(t, err)
	if want := map[string]check.Certificate{"web": one}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	must(t, store.RemoveCheck(t.Context(), "web"))
	if got, err := store.Certificates(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

func blindness(t *testing.T, p *place) {
	store := p.client(t)
	must(t, store.AddCheck(t.Context(), someCheck("web")))
	must(t, store.AddCheck(t.Context(), someCheck("api")))
	one := check.Blindness{Since: noon, Why: "AWS throttles", Key: "unmeasured:C1:7", TriedAt: noon.Add(time.Minute)}
	must(t, store.SaveBlindness(t.Context(), map[string]check.Blindness{"web": one, "gone": one}))
	one.Told, one.EndKey, one.EndTriedAt = true, "measured:C1:8", noon.Add(time.Hour)
	must(t, store.SaveBlindness(t.Context(), map[string]check.Blindness{"web": one, "api": {Since: noon, Told: true}}))
	got, err := p.client(t).Blindness(t.Context())
	must(t, err)
	if want := (map[string]check.Blindness{"web": one, "api": {Since: noon, Told: true}}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	must(t, store.RemoveCheck(t.Context(), "api"))
	must(t, store.EndBlindness(t.Context(), []string{"web", "gone"}))
	if got, err := store.Blindness(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}
