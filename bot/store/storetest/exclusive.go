package storetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"deckhand/bot"
)

func exclusiveTests() map[string]func(*testing.T, *place) {
	return map[string]func(*testing.T, *place){
		"what one does alone no other begins":              alone,
		"of many that want a name at once, one has it":     aloneRace,
		"other names are free":                             otherNames,
		"a name is free again after an error and a panic":  freeAgain,
		"a request in somebody's hand is not unattended":   attended,
		"a name whose holder died is soon free":            holderDied,
		"a name is held for longer than a dead holder has": heldOn,
		"a delivery is the first once, whoever hears it":   firstOnce,
	}
}

// hold holds a name until the test ends or release is called.
func hold(t *testing.T, store Store, name string) (release func()) {
	t.Helper()
	begun, end, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		held, err := store.Exclusively(context.Background(), name, func(context.Context) error {
			close(begun)
			<-end
			return nil
		})
		if !held || err != nil {
			t.Errorf("%s: held %v, %v", name, held, err)
			close(begun)
		}
	}()
	<-begun
	release = sync.OnceFunc(func() { close(end); <-ended })
	t.Cleanup(release)
	return release
}

// free tells whether a name can be had at once.
func free(t *testing.T, store Store, name string) bool {
	t.Helper()
	return got[bool](t)(store.Exclusively(t.Context(), name, func(context.Context) error { return nil }))
}

func alone(t *testing.T, p *place) {
	one, other := p.client(t), p.client(t)
	release := hold(t, one, "x")
	if free(t, other, "x") || free(t, one, "x") {
		t.Error("another had it at the same time")
	}
	release()
	if !free(t, other, "x") {
		t.Error("it was not given back")
	}
}

func aloneRace(t *testing.T, p *place) {
	won, end := make(chan struct{}, 8), make(chan struct{})
	var lost sync.WaitGroup
	lost.Add(7)
	go func() { lost.Wait(); close(end) }()
	n := race(t, p, func(store Store, _ int) (bool, error) {
		held, err := store.Exclusively(t.Context(), "x", func(context.Context) error {
			won <- struct{}{}
			<-end
			return nil
		})
		if !held {
			lost.Done()
		}
		return held, err
	})
	if n != 1 || len(won) != 1 {
		t.Errorf("%d had it", n)
	}
}

func otherNames(t *testing.T, p *place) {
	store := p.client(t)
	hold(t, store, "x")
	if !free(t, store, "y") {
		t.Error("y was taken")
	}
}

func freeAgain(t *testing.T, p *place) {
	store := p.client(t)
	broken := errors.New("broken")
	held, err := store.Exclusively(t.Context(), "x", func(context.Context) error { return broken })
	if !held || !errors.Is(err, broken) {
		t.Errorf("held %v, %v", held, err)
	}
	func() {
		defer func() { _ = recover() }()
		_, _ = store.Exclusively(t.Context(), "x", func(context.Context) error { panic("a mistake") })
	}()
	if !free(t, store, "x") {
		t.Error("it was not given back")
	}
}

func attended(t *testing.T, p *place) {
	store := p.client(t)
	r := created(t, store, asked("k"))
	count := func() int { return len(got[[]bot.Request](t)(store.List(t.Context(), bot.Filter{Unattended: true}))) }
	release := hold(t, store, r.ID())
	if count() != 0 {
		t.Error("it is unattended although it is in hand")
	}
	release()
	if count() != 1 {
		t.Error("it is not unattended")
	}
}

func holderDied(t *testing.T, p *place) {
	dead := got[Store](t)(p.open())
	hold(t, dead, "x")
	must(t, dead.Close()) // it can neither renew nor give back
	store, begun := p.client(t), time.Now()
	for !free(t, store, "x") {
		if time.Since(begun) > 9*time.Second {
			t.Fatal("it is not free after nine seconds")
		}
		time.Sleep(50 * time.Millisecond) // the database's clock decides
	}
}

func heldOn(t *testing.T, p *place) {
	hold(t, p.client(t), "x")
	other := p.client(t)
	for begun := time.Now(); time.Since(begun) < 8*time.Second; time.Sleep(100 * time.Millisecond) { // the database's clock decides
		if free(t, other, "x") {
			t.Fatalf("it was lost after %s", time.Since(begun))
		}
	}
}

func firstOnce(t *testing.T, p *place) {
	one, other := p.client(t), p.client(t)
	const long = time.Hour
	if !got[bool](t)(one.First(t.Context(), "k", long)) {
		t.Error("the first was not the first")
	}
	if got[bool](t)(one.First(t.Context(), "k", long)) || got[bool](t)(other.First(t.Context(), "k", long)) {
		t.Error("the same delivery was the first twice")
	}
	if !got[bool](t)(other.First(t.Context(), "l", time.Millisecond)) {
		t.Error("another delivery was not the first")
	}
	time.Sleep(20 * time.Millisecond) // the database's clock cannot be set
	if err := one.Forget(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got[bool](t)(one.First(t.Context(), "k", long)) {
		t.Error("a delivery was forgotten before its time")
	}
	if !got[bool](t)(one.First(t.Context(), "l", long)) {
		t.Error("a delivery was remembered after its time")
	}
}
