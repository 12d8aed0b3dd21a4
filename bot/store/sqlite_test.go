package store_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"deckhand/bot"
	"deckhand/bot/store"
	"deckhand/commands"

	"github.com/jackc/pgx/v5"
)

func idle(context.Context, int64) error { return nil }

func open(t testing.TB, url string) *store.Store {
	t.Helper()
	s, err := openAt(t, url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// work does jobs until the test ends, or until stop is called.
func work(t testing.TB, s *store.Store, workers store.Workers) (stop func()) {
	t.Helper()
	working, err := s.Work(context.Background(), workers)
	if err != nil {
		t.Fatal(err)
	}
	done := false
	stop = func() {
		if done {
			return
		}
		done = true
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := working.Stop(ctx); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	return stop
}

func request(key string) bot.Request {
	return bot.Request{State: bot.Queued, Message: bot.Message{Key: key, Asker: commands.Asker{User: "U1", Channel: "C1"}}}
}

// raw runs a statement behind the store's back.
func raw(t *testing.T, url, statement string) error {
	t.Helper()
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		_, err = db.ExecContext(t.Context(), statement)
		return err
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	_, err = conn.Exec(t.Context(), statement)
	return err
}

func TestOneProcessAtATimeWorksASQLiteFile(t *testing.T) {
	t.Parallel()
	url := sqliteURL(t)
	first, second := open(t, url), open(t, url)
	stop := work(t, first, store.Workers{Execute: idle, Deliver: idle})
	_, err := second.Work(t.Context(), store.Workers{Execute: idle, Deliver: idle})
	if err == nil || !strings.Contains(err.Error(), "already serving") {
		t.Fatalf("a second process was let in: %v", err)
	}
	stop()
	work(t, second, store.Workers{Execute: idle, Deliver: idle})
}

// What a killed process leaves on SQLite: a job marked as running, and a leader that has not resigned.
func TestWhatAKilledProcessLeftIsTakenOverAtOnce(t *testing.T) {
	t.Parallel()
	url := sqliteURL(t)
	s := open(t, url)
	stored, _, err := s.Create(t.Context(), request("k"), nil, []bot.Job{{Work: bot.Execute}})
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		"UPDATE river_job SET state = 'running', attempt = 1, attempted_at = datetime('now')",
		"INSERT INTO river_leader (elected_at, expires_at, leader_id) VALUES (datetime('now'), datetime('now', '+1 hour'), 'dead')",
	} {
		if err := raw(t, url, statement); err != nil {
			t.Fatal(err)
		}
	}
	executed := make(chan int64, 1)
	work(t, s, store.Workers{Deliver: idle, Execute: func(_ context.Context, number int64) error {
		executed <- number
		return nil
	}})
	select {
	case number := <-executed:
		if number != stored.Number {
			t.Errorf("executed %d, want %d", number, stored.Number)
		}
	case <-time.After(10 * time.Second):
		t.Error("the job was not taken over")
	}
}

func TestASQLiteFileIsItsOwnersAlone(t *testing.T) {
	t.Parallel()
	url := sqliteURL(t)
	s := open(t, url)
	if err := s.Alive(t.Context(), time.Now()); err != nil {
		t.Fatal(err)
	}
	path := strings.TrimPrefix(url, "sqlite:")
	for _, file := range []string{path, path + "-wal", path + "-shm"} {
		found, err := os.Stat(file)
		if err != nil {
			t.Error(err)
		} else if found.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o", filepath.Base(file), found.Mode().Perm())
		}
	}
}

func TestAnOddPathIsAPath(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a b%20c?d#e&f.db")
	open(t, "sqlite:"+path)
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}
