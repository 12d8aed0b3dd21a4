package storetest

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"deckhand/bot"
)

func markTests() map[string]func(*testing.T, *place) {
	return map[string]func(*testing.T, *place){
		"what Slack says of a channel is kept":        sharedChannels,
		"what a message shows never goes back":        shown,
		"marks make no version and survive a change":  marksSurvive,
		"the first time that posting was tried stays": postTried,
	}
}

// running is a request that a runner has.
func running(t *testing.T, store Store, key, runner string) bot.Request {
	t.Helper()
	r := created(t, store, asked(key))
	r.State, r.Runner = bot.Running, runner
	return got[bot.Request](t)(store.Save(t.Context(), r, []bot.Event{event(noon, bot.Queued, bot.Running)}, nil))
}

func shown(t *testing.T, p *place) {
	store := p.client(t)
	r := created(t, store, asked("k"))
	ref := bot.Ref{Channel: "C1", TS: "1.2"}
	steps := []struct {
		posted    bot.Ref
		shown     int64
		wantRef   bot.Ref
		wantShown int64
	}{
		{ref, 2, ref, 2},
		{bot.Ref{}, 5, ref, 5},
		{bot.Ref{}, 3, ref, 5},
		{bot.Ref{Channel: "C2", TS: "3"}, 0, bot.Ref{Channel: "C2", TS: "3"}, 5},
	}
	for i, step := range steps {
		must(t, store.MarkShown(t.Context(), r.Number, step.posted, step.shown))
		now := got[bot.Request](t)(store.Load(t.Context(), r.Number))
		if now.Posted != step.wantRef || now.Shown != step.wantShown {
			t.Errorf("after step %d the message is %v and shows %d", i, now.Posted, now.Shown)
		}
	}
}

func marksSurvive(t *testing.T, p *place) {
	store := p.client(t)
	loaded := created(t, store, asked("k"))
	ref := bot.Ref{Channel: "C1", TS: "1.2"}
	must(t, store.MarkShown(t.Context(), loaded.Number, ref, 1))
	got[time.Time](t)(store.MarkPostTried(t.Context(), loaded.Number, noon))
	saved := got[bot.Request](t)(store.Save(t.Context(), loaded, nil, nil))
	if saved.Version != 2 || saved.Posted != ref || saved.Shown != 1 || !saved.PostTried.Equal(noon) {
		t.Errorf("saved %+v", saved)
	}
}

func postTried(t *testing.T, p *place) {
	store := p.client(t)
	r := created(t, store, asked("k"))
	for i := range 2 {
		stands := got[time.Time](t)(store.MarkPostTried(t.Context(), r.Number, noon.Add(time.Duration(i)*time.Hour)))
		if !stands.Equal(noon) {
			t.Errorf("after try %d it is %s", i, stands)
		}
	}
}

func list(t *testing.T, p *place) {
	store := p.client(t)
	requests := []func(*bot.Request){
		func(r *bot.Request) {},
		func(r *bot.Request) { r.Message.Asker.User = "U2" },
		func(r *bot.Request) { r.State, r.ExpiresAt = bot.Waiting, noon },
		func(r *bot.Request) { r.State = bot.Waiting },
		func(r *bot.Request) { r.Invocation.Command = "net sg allow" },
		func(r *bot.Request) { r.Message.Asker.Channel = "" },
		func(r *bot.Request) {
			r.Invocation.Command, r.Names, r.Things = "vm_stop", []string{"i-2"}, []string{"i-1", `net a_"b\ 1%`}
		},
	}
	for i, change := range requests {
		r := asked(fmt.Sprint(i))
		change(&r)
		at := noon.Add(time.Duration(i) * time.Hour)
		_, _, err := store.Create(t.Context(), r, []bot.Event{event(at, "", r.State)}, nil)
		must(t, err)
	}
	running(t, store, "run", "a") // number 8
	must(t, store.MarkShown(t.Context(), 1, bot.Ref{}, 1))
	reminded := got[bot.Request](t)(store.Load(t.Context(), 4))
	reminded.RemindedAt = noon
	reminded = got[bot.Request](t)(store.Save(t.Context(), reminded, nil, nil))
	if !reminded.RemindedAt.Equal(noon) {
		t.Errorf("reminded at %s", reminded.RemindedAt)
	}

	tests := map[string]struct {
		filter bot.Filter
		want   []int64
	}{
		"everything":             {bot.Filter{}, []int64{8, 7, 6, 5, 4, 3, 2, 1}},
		"states":                 {bot.Filter{States: []bot.State{bot.Waiting, bot.Running}}, []int64{8, 4, 3}},
		"a user":                 {bot.Filter{User: "U2"}, []int64{2}},
		"a message":              {bot.Filter{Key: "3"}, []int64{4}},
		"a command":              {bot.Filter{Command: "net sg allow"}, []int64{5}},
		"a glob":                 {bot.Filter{Command: "vm *"}, []int64{8, 6, 4, 3, 2, 1}},
		"one letter":             {bot.Filter{Command: "vm?stop"}, []int64{8, 7, 6, 4, 3, 2, 1}},
		"no SQL pattern":         {bot.Filter{Command: "vm_stop"}, []int64{7}},
		"since":                  {bot.Filter{Since: noon.Add(5 * time.Hour)}, []int64{7, 6}},
		"in nobody's hand":       {bot.Filter{Unattended: true}, []int64{8, 7, 6, 5, 4, 3, 2, 1}},
		"expired":                {bot.Filter{ExpiresBefore: noon.Add(time.Second)}, []int64{3}},
		"expires later":          {bot.Filter{States: []bot.State{bot.Waiting}, ExpiresAfter: noon}, []int64{3}},
		"expired by then":        {bot.Filter{States: []bot.State{bot.Waiting}, ExpiresAfter: noon.Add(1)}, nil},
		"not reminded":           {bot.Filter{States: []bot.State{bot.Waiting}, Unreminded: true}, []int64{3}},
		"changed before":         {bot.Filter{ChangedBefore: noon.Add(2 * time.Hour), States: []bot.State{bot.Queued}}, []int64{2, 1}},
		"touching":               {bot.Filter{Touching: []string{"i-9", "i-1"}}, []int64{7}},
		"touching, as it stands": {bot.Filter{Touching: []string{`net a_"b\ 1%`}}, []int64{7}},
		"touching no part":       {bot.Filter{Touching: []string{"i-", "net a", `net aX"b\ 1x`}}, nil},
		"naming is no touching":  {bot.Filter{Touching: []string{"i-2"}}, nil},
		"changed after":          {bot.Filter{ChangedAfter: noon.Add(5 * time.Hour), User: "U1"}, []int64{7, 6}},
		"message behind":         {bot.Filter{Unshown: true}, []int64{8, 7, 5, 4, 3, 2}},
		"of a channel":           {bot.Filter{Channel: "C9"}, nil},
		"oldest first":           {bot.Filter{Unshown: true, Oldest: true, After: 2, Limit: 3}, []int64{3, 4, 5}},
		"several at once":        {bot.Filter{States: []bot.State{bot.Queued}, User: "U1", Limit: 2}, []int64{7, 6}},
		"nothing of that state":  {bot.Filter{States: []bot.State{bot.Expired}}, nil},
	}
	for name, test := range tests {
		var numbers []int64
		for _, r := range got[[]bot.Request](t)(store.List(t.Context(), test.filter)) {
			numbers = append(numbers, r.Number)
		}
		if !reflect.DeepEqual(numbers, test.want) {
			t.Errorf("%s: %v, want %v", name, numbers, test.want)
		}
	}
}

func listLimit(t *testing.T, p *place) {
	store := p.client(t)
	for i := range 103 {
		created(t, store, asked(fmt.Sprint(i)))
	}
	all := got[[]bot.Request](t)(store.List(t.Context(), bot.Filter{}))
	if len(all) != 100 || all[0].Number != 103 {
		t.Errorf("%d requests from %d on, want 100 from 103 on", len(all), all[0].Number)
	}
	if !slices.IsSortedFunc(all, func(a, b bot.Request) int { return int(b.Number - a.Number) }) {
		t.Error("not newest first")
	}
}

func sharedChannels(t *testing.T, p *place) {
	store := p.client(t)
	for _, said := range []struct {
		channel string
		shared  bool
	}{{"C1", true}, {"C2", false}, {"C1", false}, {"C3", true}} {
		if err := store.KeepShared(t.Context(), said.channel, said.shared); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]bool{"C1": false, "C2": false, "C3": true}
	if known := got[map[string]bool](t)(p.client(t).SharedChannels(t.Context())); !reflect.DeepEqual(known, want) {
		t.Errorf("%v is known, want %v", known, want)
	}
}
