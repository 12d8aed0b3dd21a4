package store_test

import (
	"fmt"
	"testing"

	"deckhand/bot"
)

// TestTheChainNamesTheFirstBreak changes the record behind the store's back, as somebody with the database's password can.
func TestTheChainNamesTheFirstBreak(t *testing.T) {
	t.Parallel()
	for name, url := range databases() {
		guard := map[string][]string{
			"sqlite":   {"DROP TRIGGER events_stay", "DROP TRIGGER events_last"},
			"postgres": {"DROP TRIGGER events_stay ON events"},
		}[name]
		for _, c := range []struct {
			why, statement string
			broken         int64 // the request of the first broken event
			missing        int64
			changed        bool
		}{
			{"nothing is touched", "SELECT 1", 0, 0, false},
			{"a note is changed", "UPDATE events SET note = 'harmless' WHERE seq = 2", 2, 0, false},
			{"who did it is changed", "UPDATE events SET actor = 'U9' WHERE seq = 3", 3, 0, false},
			{"when it was is changed", "UPDATE events SET at = at + 1 WHERE seq = 3", 3, 0, false},
			{"what was approved is changed", "UPDATE events SET digest = 'other' WHERE seq = 2", 2, 0, false},
			{"an event is removed", "DELETE FROM events WHERE seq = 2", 3, 0, false},
			{"the newest event is removed", "DELETE FROM events WHERE seq = 4", 0, 1, false},
			{"an event is changed with its hash", "UPDATE events SET note = 'x', hash = 'made up' WHERE seq = 2", 2, 0, false},
			{"the end is changed", "UPDATE chain SET hash = 'made up'", 0, 0, true},
		} {
			t.Run(name+", "+c.why, func(t *testing.T) {
				t.Parallel()
				url := url(t)
				s := open(t, url)
				for i := range 4 {
					_, _, err := s.Create(t.Context(), request(fmt.Sprint(i)), []bot.Event{{Actor: "U1", What: "asked", Note: "vm stop", Digest: "d"}}, nil)
					if err != nil {
						t.Fatal(err)
					}
				}
				for _, statement := range append(guard, c.statement) {
					if err := raw(t, url, statement); err != nil {
						t.Fatal(err)
					}
				}
				chain, err := s.Verify(t.Context(), "")
				if err != nil {
					t.Fatal(err)
				}
				var broken int64
				if chain.Broken != nil {
					broken = chain.Broken.Request
				}
				if broken != c.broken || chain.Missing != c.missing || chain.Changed != c.changed {
					t.Errorf("broken at request %d, %d missing, changed %v: want %d, %d, %v", broken, chain.Missing, chain.Changed, c.broken, c.missing, c.changed)
				}
			})
		}
	}
}

// TestEventsFromBeforeTheChainAreLeftOut: a database that is older than the chain begins it where it stands.
func TestEventsFromBeforeTheChainAreLeftOut(t *testing.T) {
	t.Parallel()
	for name, url := range databases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := url(t)
			s := open(t, url)
			if _, _, err := s.Create(t.Context(), request("old"), nil, nil); err != nil {
				t.Fatal(err)
			}
			err := raw(t, url, "INSERT INTO events (request, at, actor, from_state, to_state, what, note, aws) VALUES (1, 1, 'U1', '', 'queued', 'asked', '', 'null')")
			if err == nil {
				err = raw(t, url, "UPDATE chain SET begins = 1")
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := s.Create(t.Context(), request("new"), []bot.Event{{What: "asked"}}, nil); err != nil {
				t.Fatal(err)
			}
			if chain, err := s.Verify(t.Context(), ""); err != nil || chain.Events != 1 || chain.Broken != nil {
				t.Errorf("%+v, %v", chain, err)
			}
		})
	}
}
