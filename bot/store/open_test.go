package store_test

import (
	"path/filepath"
	"strings"
	"testing"

	"deckhand/bot"
	"deckhand/bot/store"
	"deckhand/bot/store/storetest"
	"deckhand/commands"
)

// databases is each kind of database.
func databases() map[string]func(testing.TB) string {
	return map[string]func(testing.TB) string{"sqlite": sqliteURL, "postgres": storetest.Postgres}
}

func TestADatabaseOfANewerProgramIsRefused(t *testing.T) {
	t.Parallel()
	for name, fresh := range databases() {
		for _, line := range []string{"own", "river"} {
			t.Run(name+"/"+line, func(t *testing.T) {
				t.Parallel()
				url := fresh(t)
				open(t, url)
				if err := raw(t, url, "UPDATE schema_version SET version = 999 WHERE line = '"+line+"'"); err != nil {
					t.Fatal(err)
				}
				_, err := openAt(t, url)
				if err == nil || !strings.Contains(commands.Words(err).Message, "a newer deckhand has used it") {
					t.Errorf("opened: %v", err)
				}
			})
		}
	}
}

func TestEventsCannotBeRewritten(t *testing.T) {
	t.Parallel()
	for name, fresh := range databases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := fresh(t)
			s := open(t, url)
			if _, _, err := s.Create(t.Context(), request("k"), []bot.Event{{What: "asked"}}, nil); err != nil {
				t.Fatal(err)
			}
			for _, statement := range []string{"UPDATE events SET note = 'forged'", "DELETE FROM events"} {
				if err := raw(t, url, statement); err == nil {
					t.Errorf("%s was let through", statement)
				}
			}
		})
	}
}

func TestAnOpenThatFailsSaysWhyAndWhatToDo(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		url  string
		kind commands.Kind
		not  string
	}{
		"no URL":           {"", commands.Usage, ""},
		"another database": {"mysql://root:secret@localhost/x", commands.Usage, "secret"},
		"no file":          {"sqlite:", commands.Usage, ""},
		"no folder":        {"sqlite:" + filepath.Join(t.TempDir(), "none", "deckhand.db"), commands.Failed, ""},
		"a broken URL":     {"postgres://deck:secret@localhost:port/x", commands.Usage, "secret"},
		"no server":        {"postgres://deck:secret@127.0.0.1:1/x?connect_timeout=5", commands.Unavailable, "secret"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := store.Open(t.Context(), store.Settings{URL: test.url, Log: logTo(t)})
			words := commands.Words(err)
			if err == nil || words.Kind != test.kind || words.Hint == "" {
				t.Fatalf("answered %v of kind %s", err, words.Kind)
			}
			if test.not != "" && (strings.Contains(err.Error(), test.not) || words.Err != nil && strings.Contains(words.Err.Error(), test.not)) {
				t.Errorf("the password is in %v, %v", err, words.Err)
			}
		})
	}
}
