package storetest

import (
	"context"
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"deckhand/bot"
	"deckhand/commands"
)

func requestTests() map[string]func(*testing.T, *place) {
	return map[string]func(*testing.T, *place){
		"a request comes back exactly as it was written":         roundTrip,
		"a message that comes twice is written down once":        dedupe,
		"what is over is noted together, each once":              note,
		"of many that write one message at once, one creates":    createRace,
		"a change at an old version is refused":                  conflict,
		"of many that claim a request at once, one wins":         claimRace,
		"the last transition is when the state changed":          changedAt,
		"events are told oldest first":                           eventOrder,
		"what is no text is stored as text":                      brokenText,
		"requests are found by what is asked for":                list,
		"a list is newest first and no longer than asked":        listLimit,
		"many clients may open a new database at once":           openRace,
		"the identity is made once":                              identity,
		"a request without a message key is not written down":    keyless,
		"events and jobs of a refused change are not there":      refusedLeavesNothing,
		"the message key of one request is not another's":        distinctKeys,
		"a request that does not exist is said not to exist":     missing,
		"a commit is seen at once by every other client's reads": readsOthers,
	}
}

func roundTrip(t *testing.T, p *place) {
	store := p.client(t)
	full := asked("k")
	full.Invocation.Args = []byte(`{"b": 1,  "a":"<x> & \u0026"}`) // spaces, order and escapes are part of the digest
	full.Message.ResponseURL, full.Message.External, full.Message.Noun = "https://hooks.slack.test/1", true, "vm"
	full.Plan = &commands.Report{Title: "Would stop 1 instance", Body: commands.Blocks{commands.Text{Text: "web"}}}
	full.Decision = bot.Decision{Effect: bot.Ask, Rule: "rule 3", Approvers: []string{"group:S2"}, Approvals: 2}
	full.Approvals = []string{"U2", "U3"}
	full.Result = &commands.Report{Tone: commands.Good, Title: "Stopped", Body: commands.Blocks{commands.Code{Text: "x"}}}
	full.Note, full.ExpiresAt, full.Runner, full.Shown = "because", noon.Add(time.Hour), "host:1", 1
	full.Risk, full.Names, full.PlannedAt, full.Essence = commands.Destroy, []string{"web", "i-1"}, noon, "ab12"
	full.Things = []string{"i-1", "vm web us-east-1"}
	stored := created(t, store, full)

	want := full
	want.Number, want.Version, want.CreatedAt, want.ChangedAt = 1, 1, noon, noon
	if !reflect.DeepEqual(stored, want) {
		t.Errorf("created\n%+v, want\n%+v", stored, want)
	}
	if loaded := got[bot.Request](t)(store.Load(t.Context(), 1)); !reflect.DeepEqual(loaded, want) {
		t.Errorf("loaded\n%+v, want\n%+v", loaded, want)
	}
}

func note(t *testing.T, p *place) {
	store := p.client(t)
	created(t, store, asked("b"))
	refused := func(key string) bot.Request {
		r := asked(key)
		r.State = bot.Refused
		return r
	}
	for _, key := range []string{"a", "b", "c"} {
		must(t, store.Note(t.Context(), refused(key), event(noon, "", bot.Refused)))
	}
	for key, want := range map[string]bot.State{"a": bot.Refused, "b": bot.Queued, "c": bot.Refused} {
		some := got[[]bot.Request](t)(store.List(t.Context(), bot.Filter{Key: key}))
		if len(some) != 1 || some[0].State != want {
			t.Errorf("%s: %+v, want one that is %s", key, some, want)
			continue
		}
		if events := got[[]bot.Event](t)(store.Events(t.Context(), some[0].Number)); len(events) != 1 || events[0].To != want {
			t.Errorf("%s: the events are %+v", key, events)
		}
	}
	if err := store.Note(t.Context(), refused(""), event(noon, "", bot.Refused)); err == nil {
		t.Error("a request without a key was noted")
	}
}

func dedupe(t *testing.T, p *place) {
	store := p.client(t)
	first := created(t, store, asked("k"), bot.Job{Work: bot.Execute})
	again := asked("k")
	again.Note = "the second delivery"
	second, isNew, err := store.Create(t.Context(), again, []bot.Event{event(noon, "", bot.Queued)}, []bot.Job{{Work: bot.Execute}})
	must(t, err)
	if isNew || !reflect.DeepEqual(second, first) {
		t.Errorf("the second delivery answered %v, %+v; want the first request", isNew, second)
	}
	if events := got[[]bot.Event](t)(store.Events(t.Context(), first.Number)); len(events) != 1 {
		t.Errorf("%d events, want 1", len(events))
	}
	if depth := got[int](t)(store.Depth(t.Context())); depth != 1 {
		t.Errorf("%d jobs, want 1", depth)
	}
	if next := created(t, store, asked("l")); next.Number != first.Number+1 {
		t.Errorf("the next request is number %d after %d: the second delivery used one up", next.Number, first.Number)
	}
}

func distinctKeys(t *testing.T, p *place) {
	store := p.client(t)
	if a, b := created(t, store, asked("a")), created(t, store, asked("b")); a.Number >= b.Number {
		t.Errorf("numbers %d and %d do not grow", a.Number, b.Number)
	}
}

func keyless(t *testing.T, p *place) {
	if _, _, err := p.client(t).Create(t.Context(), asked(""), nil, nil); err == nil {
		t.Error("it was")
	}
}

func missing(t *testing.T, p *place) {
	store := p.client(t)
	_, loadErr := store.Load(t.Context(), 7)
	_, saveErr := store.Save(t.Context(), bot.Request{Number: 7, Version: 1, State: bot.Done}, nil, nil)
	_, triedErr := store.MarkPostTried(t.Context(), 7, noon)
	errs := map[string]error{
		"load": loadErr, "save": saveErr, "mark tried": triedErr,
		"mark shown": store.MarkShown(t.Context(), 7, bot.Ref{}, 1),
	}
	for what, err := range errs {
		if !errors.Is(err, bot.ErrNoRequest) {
			t.Errorf("%s answered %v", what, err)
		}
	}
}

func conflict(t *testing.T, p *place) {
	store := p.client(t)
	first := created(t, store, asked("k"))
	first.State = bot.Running
	second := got[bot.Request](t)(store.Save(t.Context(), first, nil, nil))
	if second.Version != 2 {
		t.Errorf("version %d, want 2", second.Version)
	}
	first.State = bot.Cancelled
	if _, err := store.Save(t.Context(), first, nil, nil); !errors.Is(err, bot.ErrConflict) {
		t.Errorf("saved at version 1: %v", err)
	}
	if now := got[bot.Request](t)(store.Load(t.Context(), 1)); now.State != bot.Running {
		t.Errorf("the request is %s", now.State)
	}
}

func refusedLeavesNothing(t *testing.T, p *place) {
	store := p.client(t)
	old := created(t, store, asked("k"))
	got[bot.Request](t)(store.Save(t.Context(), old, nil, nil))
	_, err := store.Save(t.Context(), old, []bot.Event{event(noon, bot.Queued, bot.Running)}, []bot.Job{{Work: bot.Deliver}})
	if !errors.Is(err, bot.ErrConflict) {
		t.Fatalf("saved: %v", err)
	}
	if events := got[[]bot.Event](t)(store.Events(t.Context(), 1)); len(events) != 1 {
		t.Errorf("%d events, want only the first", len(events))
	}
	if depth := got[int](t)(store.Depth(t.Context())); depth != 0 {
		t.Errorf("%d jobs, want none", depth)
	}
}

// race calls do from two clients, four times each, all at once, and answers how often it said yes.
func race(t *testing.T, p *place, do func(store Store, who int) (bool, error)) int {
	t.Helper()
	var wait sync.WaitGroup
	var mu sync.Mutex
	yes, start := 0, make(chan struct{})
	for i, store := range slices.Repeat([]Store{p.client(t), p.client(t)}, 4) {
		wait.Go(func() {
			<-start
			won, err := do(store, i)
			if err != nil {
				t.Errorf("client %d: %v", i, err)
			}
			mu.Lock()
			defer mu.Unlock()
			if won {
				yes++
			}
		})
	}
	close(start)
	wait.Wait()
	return yes
}

func createRace(t *testing.T, p *place) {
	won := race(t, p, func(store Store, _ int) (bool, error) {
		_, isNew, err := store.Create(t.Context(), asked("k"), []bot.Event{event(noon, "", bot.Queued)}, []bot.Job{{Work: bot.Execute}})
		return isNew, err
	})
	if won != 1 {
		t.Errorf("%d created it", won)
	}
	if depth := got[int](t)(p.client(t).Depth(t.Context())); depth != 1 {
		t.Errorf("%d jobs", depth)
	}
}

func claimRace(t *testing.T, p *place) {
	request := created(t, p.client(t), asked("k"))
	won := race(t, p, func(store Store, who int) (bool, error) {
		claim := request
		claim.State, claim.Runner = bot.Running, strconv.Itoa(who)
		saved, err := store.Save(t.Context(), claim, []bot.Event{event(noon, bot.Queued, bot.Running)}, nil)
		if errors.Is(err, bot.ErrConflict) {
			return false, nil
		}
		if err == nil && saved.Runner != claim.Runner {
			err = errors.New("won for another runner")
		}
		return true, err
	})
	if won != 1 {
		t.Errorf("%d claimed it", won)
	}
	if events := got[[]bot.Event](t)(p.client(t).Events(t.Context(), request.Number)); len(events) != 2 {
		t.Errorf("%d events, want asked and running", len(events))
	}
}

func openRace(t *testing.T, p *place) {
	var wait sync.WaitGroup
	for range 6 {
		wait.Go(func() {
			store, err := p.open()
			if err != nil {
				t.Errorf("open: %v", err)
				return
			}
			if err := errors.Join(store.Ping(context.Background()), store.Close()); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
}

func identity(t *testing.T, p *place) {
	first, second := p.client(t).Identity(), p.client(t).Identity()
	if first != second || !regexp.MustCompile(`^[a-z0-9]{12}$`).MatchString(first) {
		t.Errorf("identities %q and %q", first, second)
	}
	other := &place{suite: p.suite, open: p.suite.Fresh(t)}
	if other.client(t).Identity() == first {
		t.Error("two stores have one identity")
	}
}

func changedAt(t *testing.T, p *place) {
	store := p.client(t)
	r := asked("k")
	r.State = bot.Waiting
	r = created(t, store, r)
	r.Approvals = []string{"U2"}
	r = got[bot.Request](t)(store.Save(t.Context(), r, []bot.Event{event(noon.Add(time.Minute), bot.Waiting, bot.Waiting)}, nil))
	if !r.ChangedAt.Equal(noon) {
		t.Errorf("an approval of several moved it to %s", r.ChangedAt)
	}
	r.State = bot.Queued
	r = got[bot.Request](t)(store.Save(t.Context(), r, []bot.Event{event(noon.Add(time.Hour), bot.Waiting, bot.Queued)}, nil))
	if !r.ChangedAt.Equal(noon.Add(time.Hour)) || !r.CreatedAt.Equal(noon) {
		t.Errorf("changed at %s, created at %s", r.ChangedAt, r.CreatedAt)
	}
}

func eventOrder(t *testing.T, p *place) {
	store := p.client(t)
	full := bot.Event{At: noon, Actor: "U1", To: bot.Queued, What: "asked", Note: "from a phone", AWS: []string{"req-1", "req-2"}, Digest: "ab12", Place: "C1/1.2"}
	earlier := bot.Event{At: noon.Add(-time.Hour), Actor: "deckhand", From: bot.Queued, To: bot.Running, What: "running"}
	r, _, err := store.Create(t.Context(), asked("k"), []bot.Event{full}, nil)
	must(t, err)
	created(t, store, asked("another"))
	got[bot.Request](t)(store.Save(t.Context(), r, []bot.Event{earlier}, nil))
	full.Request, earlier.Request = r.Number, r.Number
	events := got[[]bot.Event](t)(store.Events(t.Context(), r.Number))
	for i := range events {
		if events[i].Hash == "" || events[i].Seq == 0 {
			t.Errorf("event %d is not in the chain", i)
		}
		events[i].Hash, events[i].Seq = "", 0
	}
	if !reflect.DeepEqual(events, []bot.Event{full, earlier}) {
		t.Errorf("events %+v", events)
	}
}

func brokenText(t *testing.T, p *place) {
	store := p.client(t)
	r := asked("k\x00\xff")
	r.Message.Line, r.Note = "vm stop \x00\xff", "a\x00b"
	stored, isNew, err := store.Create(t.Context(), r, []bot.Event{{At: noon, Note: "a\x00\xffb"}}, nil)
	must(t, err)
	if again, twice, err := store.Create(t.Context(), r, nil, nil); err != nil || twice || !isNew || again.Number != stored.Number {
		t.Errorf("the same message again: %v, %v", twice, err)
	}
	if events := got[[]bot.Event](t)(store.Events(t.Context(), stored.Number)); events[0].Note != "a\uFFFD\uFFFDb" {
		t.Errorf("note %q", events[0].Note)
	}
}

func readsOthers(t *testing.T, p *place) {
	one, other := p.client(t), p.client(t)
	for i := range 20 {
		r := created(t, one, asked(strconv.Itoa(i)))
		if _, err := other.Load(t.Context(), r.Number); err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
	}
}
