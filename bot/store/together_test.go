package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

func fresh(t *testing.T) (*Store, *sqliteDB) {
	t.Helper()
	s, err := Open(t.Context(), Settings{URL: "sqlite:" + filepath.Join(t.TempDir(), "x.db"), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	db, ok := s.database.(*sqliteDB)
	if !ok {
		t.Fatal("not SQLite")
	}
	return s, db
}

// put writes a channel.
func put(db *sqliteDB, ctx context.Context, id string, fails error) error { //nolint:revive // the test's
	return db.together(ctx, func(ctx context.Context, to writer) error {
		if _, err := to.exec(ctx, "INSERT INTO channels (id, shared) VALUES (?, ?)", id, false); err != nil {
			return err
		}
		return fails
	})
}

// Many writes that come while another transaction is open share the next, and one that fails takes nobody with it.
func TestWritesThatWaitAreWrittenTogether(t *testing.T) {
	t.Parallel()
	s, db := fresh(t)
	broken := errors.New("no")
	var all sync.WaitGroup
	errs := make([]error, 30)
	if err := db.order.take(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	for i := range errs {
		all.Go(func() {
			var fails error
			if i%3 == 0 {
				fails = broken
			}
			errs[i] = put(db, t.Context(), fmt.Sprint("C", i), fails)
		})
	}
	all.Go(func() {
		err := db.together(t.Context(), func(context.Context, writer) error { panic("oh") })
		if err == nil {
			t.Error("a panic is no error")
		}
	})
	for atHand(db) < 31 {
		time.Sleep(time.Millisecond)
	}
	late, cancel := context.WithCancel(t.Context())
	gone := make(chan error)
	go func() { gone <- put(db, late, "C99", nil) }()
	for atHand(db) < 32 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("who gave up got %v", err)
	}
	db.order.leave()
	all.Wait()
	known, err := s.SharedChannels(t.Context())
	if err != nil || len(known) != 20 {
		t.Errorf("%d were written, %v; want 20", len(known), err)
	}
	for i, err := range errs {
		if (i%3 == 0) != errors.Is(err, broken) {
			t.Errorf("write %d: %v", i, err)
		}
	}
}

// atHand is how many writes wait to be written together.
func atHand(db *sqliteDB) int {
	db.gathering.mu.Lock()
	defer db.gathering.mu.Unlock()
	return len(db.gathering.waiting)
}

func TestWhoWaitsForAnAnswerGoesFirst(t *testing.T) {
	t.Parallel()
	var line order
	var mu sync.Mutex
	var took []string
	if err := line.take(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	join := func(name string, urgent bool) {
		line.mu.Lock()
		before := len(line.first) + len(line.rest)
		line.mu.Unlock()
		all.Go(func() {
			if err := line.take(context.Background(), urgent); err != nil {
				t.Error(err)
			}
			mu.Lock()
			took = append(took, name)
			mu.Unlock()
			line.leave()
		})
		for {
			line.mu.Lock()
			now := len(line.first) + len(line.rest)
			line.mu.Unlock()
			if now > before {
				return
			}
			time.Sleep(time.Millisecond)
		}
	}
	join("work 1", false)
	join("work 2", false)
	join("line 1", true)
	join("line 2", true)
	given, cancel := context.WithCancel(t.Context())
	cancel()
	if err := line.take(given, true); !errors.Is(err, context.Canceled) {
		t.Errorf("who gave up got %v", err)
	}
	line.leave()
	all.Wait()
	if want := []string{"line 1", "work 1", "line 2", "work 2"}; !slices.Equal(took, want) {
		t.Errorf("the order was %v, want %v", took, want)
	}
	if line.taken {
		t.Error("the turn was not given back")
	}
}
