package store_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"deckhand/bot"
	"deckhand/bot/store"
	"deckhand/bot/store/storetest"
	"deckhand/commands/check"
	"deckhand/commands/schedule"
)

var (
	_ bot.Store     = (*store.Store)(nil)
	_ check.Book    = (*store.Store)(nil)
	_ schedule.Book = (*store.Store)(nil)
)

// logTo shows warnings of the store only where the test fails.
func logTo(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), nil))
}

func openAt(t testing.TB, url string) (*store.Store, error) {
	return store.Open(context.Background(), store.Settings{URL: url, Log: logTo(t)})
}

func suite(fresh func(t testing.TB) (url string)) storetest.Suite {
	return storetest.Suite{
		Fresh: func(t *testing.T) func() (storetest.Store, error) {
			url := fresh(t)
			return func() (storetest.Store, error) { return openAt(t, url) }
		},
		Work: func(ctx context.Context, s storetest.Store, workers storetest.Workers) (func(context.Context) error, error) {
			working, err := s.(*store.Store).Work(ctx, store.Workers{
				Execute: workers.Execute, Deliver: workers.Deliver, Concurrency: workers.Concurrency,
			})
			if err != nil {
				return nil, err
			}
			return working.Stop, nil
		},
	}
}

func sqliteURL(t testing.TB) string {
	return "sqlite:" + filepath.Join(t.TempDir(), "deckhand.db")
}

// newSQLite is a database whose tables are there already.
func newSQLite(t testing.TB) string {
	url := sqliteURL(t)
	if err := storetest.SQLite(strings.TrimPrefix(url, "sqlite:")); err != nil {
		t.Fatal(err)
	}
	return url
}

func TestStore(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		storetest.Run(t, suite(newSQLite))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		storetest.Run(t, suite(storetest.Postgres))
	})
}
