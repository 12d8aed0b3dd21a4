package store

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"deckhand/bot"
)

// A name is held by a row that its holder renews. The database's clock alone decides when it is free, so that the clocks
// of several machines need not agree, and a row works alike on both databases, behind any connection pooler.
const (
	lockTime   = 6 * time.Second // how long a holder that died is waited for
	renewEvery = 2 * time.Second
	freeTime   = 5 * time.Second // for giving a name back
)

// workerPrefix begins the holders of a process that does jobs.
const workerPrefix = "worker-"

// Exclusively implements bot.Store. While the database does not answer, a holder goes on: whatever else would have to
// take the name from it cannot either.
func (s *Store) Exclusively(ctx context.Context, name string, do func(context.Context) error) (held bool, err error) {
	holder := rand.Text()
	if s.works.Load() {
		holder = workerPrefix + holder
	}
	if held, err = s.hold(ctx, name, holder, s.write); err != nil || !held {
		return false, err
	}
	ctx, end := context.WithCancelCause(ctx)
	renewed := make(chan struct{})
	go func() {
		defer close(renewed)
		s.renew(ctx, name, holder, end)
	}()
	defer func() {
		end(nil)
		<-renewed
		s.free(context.WithoutCancel(ctx), name, holder)
	}()
	return true, do(ctx)
}

// hold takes a name that nobody holds, or holds it on, in a transaction of this kind.
func (s *Store) hold(ctx context.Context, name, holder string, transaction func(context.Context, func(writer) error) error) (held bool, err error) {
	err = transaction(ctx, func(to writer) error {
		held, err = s.take(ctx, to, name, holder, lockTime)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("take %q: %w", name, err)
	}
	return held, nil
}

// take writes a row for a name that nobody has a row of, or one whose time is over.
func (s *Store) take(ctx context.Context, to writer, name, holder string, during time.Duration) (bool, error) {
	rows, err := to.exec(ctx, `INSERT INTO locks (name, holder, until) VALUES (?, ?, `+s.clock()+` + ?)
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
		WHERE locks.holder = excluded.holder OR locks.until < `+s.clock(), name, holder, during.Milliseconds())
	return rows > 0, err
}

// renew holds a name on until the context ends, and ends it where another has the name.
func (s *Store) renew(ctx context.Context, name, holder string, end context.CancelCauseFunc) {
	ticker := time.NewTicker(renewEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		once, cancel := context.WithTimeout(ctx, renewEvery)
		held, err := s.hold(once, name, holder, s.lax)
		cancel()
		switch {
		case err == nil && !held:
			s.log.WarnContext(ctx, "another process has taken over, because this one was silent for too long", "name", name)
			end(bot.ErrLost)
			return
		case err != nil && ctx.Err() == nil:
			s.log.WarnContext(ctx, "a lock could not be renewed; it is tried again", "name", name, "err", err)
		}
	}
}

// free gives a name back at once. Where that fails, the clock does it.
func (s *Store) free(ctx context.Context, name, holder string) {
	ctx, cancel := context.WithTimeout(ctx, freeTime)
	defer cancel()
	err := s.write(ctx, func(to writer) error {
		_, err := to.exec(ctx, "DELETE FROM locks WHERE name = ? AND holder = ?", name, holder)
		return err
	})
	if err != nil {
		s.log.WarnContext(ctx, "a lock could not be given back; others wait for its end", "name", name, "err", err)
	}
}
