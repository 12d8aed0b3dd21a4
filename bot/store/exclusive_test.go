package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"deckhand/bot"
	"deckhand/bot/store"
	"deckhand/commands"
)

// TestWhoLostANameIsTold takes the name away behind its holder's back, as the clock does from one that was silent.
func TestWhoLostANameIsTold(t *testing.T) {
	t.Parallel()
	for name, url := range databases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := url(t)
			held, err := open(t, url).Exclusively(t.Context(), "x", func(ctx context.Context) error {
				if err := raw(t, url, "UPDATE locks SET holder = 'another'"); err != nil {
					t.Error(err)
				}
				select {
				case <-ctx.Done():
					return context.Cause(ctx)
				case <-time.After(20 * time.Second):
					return nil
				}
			})
			if !held || !errors.Is(err, bot.ErrLost) {
				t.Errorf("held %v, told %v", held, err)
			}
		})
	}
}

func TestANewWorkerWaitsForNoDeadOne(t *testing.T) {
	t.Parallel()
	url := sqliteURL(t)
	s := open(t, url)
	for _, statement := range []string{
		"INSERT INTO locks VALUES ('dead', 'worker-before', 9e15)", "INSERT INTO locks VALUES ('alive', 'of a terminal', 9e15)",
	} {
		if err := raw(t, url, statement); err != nil {
			t.Fatal(err)
		}
	}
	work(t, s, store.Workers{Execute: idle, Deliver: idle})
	for name, want := range map[string]bool{"dead": true, "alive": false} {
		held, err := s.Exclusively(t.Context(), name, func(context.Context) error { return nil })
		if err != nil || held != want {
			t.Errorf("%s: held %v, %v", name, held, err)
		}
	}
}

// TestACommitThatBreaksLeavesTheEndOpen: the server ends the connection while it commits, once.
func TestACommitThatBreaksLeavesTheEndOpen(t *testing.T) {
	t.Parallel()
	url := databases()["postgres"](t)
	s := open(t, url)
	err := raw(t, url, `CREATE SEQUENCE tries;
		CREATE FUNCTION break_once() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			IF nextval('tries') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
			RETURN NULL;
		END $$;
		CREATE CONSTRAINT TRIGGER break_once AFTER INSERT ON requests DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION break_once()`)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Create(t.Context(), request("k"), nil, nil); !commands.IsUncertain(err) {
		t.Errorf("the end is not said to be open: %v", err)
	}
	if r, _, err := s.Create(t.Context(), request("k"), nil, nil); err != nil || r.Message.Key != "k" {
		t.Errorf("the same again: %v", err)
	}
	if err := raw(t, url, "ALTER TABLE requests ADD CONSTRAINT late CHECK (asker <> 'U1') NOT VALID"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Create(t.Context(), request("no"), nil, nil); err == nil || commands.IsUncertain(err) {
		t.Errorf("what the database refused is said to be open: %v", err)
	}
}
