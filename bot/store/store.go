// Package store writes everything down: requests, their events and journal, checks, schedules and jobs, on SQLite
// or PostgreSQL. It is the only room with SQL in it, and the only one with River, the job queue.
package store

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"deckhand/commands"
)

// Settings say where the store is.
type Settings struct {
	// URL is sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/NAME. A SQLite file is made where there is none.
	URL string
	Log *slog.Logger
}

// Store is an open database. It implements bot.Store, check.Book, schedule.Book and guard.Book, and remembers for health checks.
type Store struct {
	database
	log      *slog.Logger
	identity string
	works    atomic.Bool // does jobs
	checkIDs checkIDs
	// configuration is the fingerprint of the set that this process came with; nil before SyncConfig.
	configuration atomic.Pointer[string]
	// policy is the fingerprint of what this process decides by, and how people know the process; nil before DecidesBy.
	policy atomic.Pointer[[2]string]
}

// Open opens the database and brings its tables up to date. Several processes may open one database at once. A
// database that a newer program has written is refused with a commands.Error.
func Open(ctx context.Context, settings Settings) (*Store, error) {
	database, err := connect(ctx, settings)
	if err != nil {
		return nil, err
	}
	store := &Store{database: database, log: settings.Log}
	if err := store.prepare(ctx); err != nil {
		_ = database.close()
		return nil, err
	}
	return store, nil
}

func connect(ctx context.Context, settings Settings) (database, error) {
	scheme, rest, _ := strings.Cut(settings.URL, ":")
	switch {
	case scheme == "sqlite" && strings.TrimLeft(rest, "/") != "":
		return openSQLite(rest, settings.Log)
	case scheme == "postgres" || scheme == "postgresql":
		return openPostgres(ctx, settings.URL, settings.Log)
	default:
		return nil, &commands.Error{
			Kind:    commands.Usage,
			Message: "The store's URL is neither sqlite:PATH nor postgres://....",
			Hint:    "Write store.url as " + commands.Mono("sqlite:deckhand.db") + " to begin with.",
		}
	}
}

func (s *Store) prepare(ctx context.Context) error {
	if err := s.migrate(ctx); err != nil {
		return fmt.Errorf("prepare the database: %w", err)
	}
	identity, err := one(ctx, s.read(), column[string], "SELECT identity FROM store")
	if err != nil {
		return fmt.Errorf("read the store's identity: %w", err)
	}
	s.identity = identity
	return nil
}

// Close closes the database. Stop what Work began first.
func (s *Store) Close() error { return s.close() }

// Identity is a random text made with the store, the same for ever: [a-z0-9]{12}.
func (s *Store) Identity() string { return s.identity }

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	_, err := s.LastAlive(ctx)
	return err
}

// Alive writes down that the program runs, for LastAlive after a restart.
func (s *Store) Alive(ctx context.Context, now time.Time) error {
	return s.lax(ctx, func(to writer) error {
		_, err := to.exec(ctx, "UPDATE store SET alive = ? WHERE alive < ?", nanos(now), nanos(now))
		return err
	})
}

// LastAlive is when the program was last known to run; zero where it never was.
func (s *Store) LastAlive(ctx context.Context) (time.Time, error) {
	alive, err := one(ctx, s.read(), column[int64], "SELECT alive FROM store")
	return fromNanos(alive), err
}

// Size is how large the database is, in bytes.
func (s *Store) Size(ctx context.Context) (int64, error) {
	return one(ctx, s.read(), column[int64], "SELECT "+s.size())
}

// newIdentity makes a text of [a-z0-9]{12}: 60 random bits.
func newIdentity() string { return strings.ToLower(rand.Text()[:12]) }
