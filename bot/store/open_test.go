package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
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

// A database's version counts the files that it has seen, so a file that came between two others would run nowhere, or another one twice.
func TestMigrationsKeepTheirPlaces(t *testing.T) {
	t.Parallel()
	const twice = 14 // two files have this number: they are older than this test
	places := map[string][]string{}
	for name := range databases() {
		files, err := os.ReadDir(filepath.Join("migrations", name))
		if err != nil {
			t.Fatal(err)
		}
		for i, file := range files { // sorted by name
			want := i + 1
			if want > twice {
				want--
			}
			if number, _, _ := strings.Cut(file.Name(), "_"); number != fmt.Sprintf("%03d", want) {
				t.Errorf("%s: %s is file %d; the number of a new file is one more than the last one's", name, file.Name(), i+1)
			}
			places[name] = append(places[name], file.Name())
		}
	}
	if !slices.Equal(places["sqlite"], places["postgres"]) {
		t.Errorf("the databases come to a version by different files:\n%v\n%v", places["sqlite"], places["postgres"])
	}
	if got := slices.IndexFunc(places["sqlite"], func(n string) bool { return n == "014_configurations.sql" }); got != twice {
		t.Errorf("014_configurations.sql is file %d", got+1)
	}
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
