package storetest

import (
	"reflect"
	"sync"
	"testing"
	"time"

	"deckhand/bot"
)

func triesTests() map[string]func(*testing.T, *place) {
	return map[string]func(*testing.T, *place){
		"what is remembered of codes is kept by person":      tries,
		"of codes that are given at once none is overlooked": triesAtOnce,
	}
}

func tries(t *testing.T, p *place) {
	store, other := p.client(t), p.client(t)
	want := bot.Tries{Step: 7, Wrong: []time.Time{noon}}
	must(t, store.ChangeTries(t.Context(), "U1", func(before bot.Tries) bot.Tries {
		if !reflect.DeepEqual(before, bot.Tries{}) {
			t.Errorf("of somebody new %+v is known", before)
		}
		return want
	}))
	for person, want := range map[string]bot.Tries{"U1": want, "U2": {}} {
		must(t, other.ChangeTries(t.Context(), person, func(before bot.Tries) bot.Tries {
			if before.Step != want.Step || len(before.Wrong) != len(want.Wrong) {
				t.Errorf("of %s %+v is known, want %+v", person, before, want)
			}
			return before
		}))
	}
}

func triesAtOnce(t *testing.T, p *place) {
	clients := []Store{p.client(t), p.client(t)}
	const each = 20
	var all sync.WaitGroup
	for _, store := range clients {
		all.Go(func() {
			for range each {
				if err := store.ChangeTries(t.Context(), "U1", func(before bot.Tries) bot.Tries { return bot.Tries{Step: before.Step + 1} }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	must(t, clients[0].ChangeTries(t.Context(), "U1", func(before bot.Tries) bot.Tries {
		if before.Step != int64(len(clients)*each) {
			t.Errorf("%d of %d were seen", before.Step, len(clients)*each)
		}
		return before
	}))
}
