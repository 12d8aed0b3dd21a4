package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"deckhand/bot"
)

func chainTests() map[string]func(*testing.T, *place) {
	return map[string]func(*testing.T, *place){
		"events of many clients are one chain":              chainRace,
		"a receipt is found in the chain":                   receipt,
		"an empty record is whole":                          emptyChain,
		"where a message was first posted is in the record": posted,
		"history is found by person, command and time":      history,
	}
}

func emptyChain(t *testing.T, p *place) {
	if chain := got[bot.Chain](t)(p.client(t).Verify(t.Context(), "")); chain != (bot.Chain{}) {
		t.Errorf("%+v", chain)
	}
}

func chainRace(t *testing.T, p *place) {
	var wait sync.WaitGroup
	const each = 15
	for c, store := range []Store{p.client(t), p.client(t), p.client(t)} {
		wait.Go(func() {
			for i := range each {
				r := asked(fmt.Sprint(c, "-", i))
				stored, _, err := store.Create(t.Context(), r, []bot.Event{event(noon, "", bot.Asked), event(noon, bot.Asked, bot.Queued)}, nil)
				if err == nil {
					stored.State = bot.Running
					_, err = store.Save(t.Context(), stored, []bot.Event{event(noon, bot.Queued, bot.Running)}, nil)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	chain := got[bot.Chain](t)(p.client(t).Verify(t.Context(), ""))
	if chain.Events != 9*each || chain.Broken != nil || chain.Missing != 0 || chain.Changed {
		t.Errorf("%+v", chain)
	}
}

func receipt(t *testing.T, p *place) {
	store := p.client(t)
	r := created(t, store, asked("k"))
	created(t, store, asked("another"))
	hash := got[[]bot.Event](t)(store.Events(t.Context(), r.Number))[0].Hash
	if chain := got[bot.Chain](t)(store.Verify(t.Context(), hash[:16])); chain.Found == nil || chain.Found.Request != r.Number {
		t.Errorf("%+v", chain)
	}
	if chain := got[bot.Chain](t)(store.Verify(t.Context(), "0123456789abcdef")); chain.Found != nil || chain.Events != 2 {
		t.Errorf("%+v", chain)
	}
}

func posted(t *testing.T, p *place) {
	store := p.client(t)
	r := created(t, store, asked("k"))
	for _, ref := range []bot.Ref{{Channel: "C1", TS: "1.2"}, {}, {Channel: "C1", TS: "1.2"}} {
		must(t, store.MarkShown(t.Context(), r.Number, ref, 1))
	}
	events := got[[]bot.Event](t)(store.Events(t.Context(), r.Number))
	if len(events) != 2 || events[1].What != "posted" || events[1].Place != "C1/1.2" || events[1].To != bot.Queued {
		t.Errorf("%+v", events)
	}
}

func history(t *testing.T, p *place) {
	store := p.client(t)
	stop := created(t, store, asked("stop")) // U1
	other := asked("other")
	other.Message.Asker.User, other.Invocation.Command, other.Invocation.Line = "U2", "net up", "net up shop"
	_, _, err := store.Create(t.Context(), other, []bot.Event{{At: noon.Add(time.Hour), Actor: "U2", To: bot.Queued, What: "asked"}}, nil)
	must(t, err)
	stop.State = bot.Cancelled
	got[bot.Request](t)(store.Save(t.Context(), stop, []bot.Event{{At: noon.Add(2 * time.Hour), Actor: "U3", To: bot.Cancelled, What: "cancelled"}}, nil))
	for what, test := range map[string]struct {
		filter bot.HistoryFilter
		want   string
	}{
		"everything, newest first":   {bot.HistoryFilter{}, "1 cancelled, 2 asked, 1 queued, "},
		"who did it":                 {bot.HistoryFilter{User: "U3"}, "1 cancelled, "},
		"whose request it is":        {bot.HistoryFilter{User: "U1"}, "1 cancelled, 1 queued, "},
		"a command":                  {bot.HistoryFilter{Command: "net *"}, "2 asked, "},
		"since a time":               {bot.HistoryFilter{Since: noon.Add(time.Minute)}, "1 cancelled, 2 asked, "},
		"no more than was asked for": {bot.HistoryFilter{Limit: 1}, "1 cancelled, "},
	} {
		if test.filter.Limit == 0 {
			test.filter.Limit = 10
		}
		var found string
		for _, entry := range got[[]bot.Entry](t)(store.History(t.Context(), test.filter)) {
			found += fmt.Sprint(entry.Request, " ", entry.What, ", ")
			if entry.Line == "" || entry.Command == "" {
				t.Errorf("%s: no line in %+v", what, entry)
			}
		}
		if found != test.want {
			t.Errorf("%s: %q, want %q", what, found, test.want)
		}
	}
}
