package store

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"
)

// First implements bot.Deliveries. What was delivered is a name like those of Exclusively, taken for a while and given back by the clock
// alone: the table is not kept through a crash of the server, and writing to it does not wait for the disk.
func (s *Store) First(ctx context.Context, key string, within time.Duration) (first bool, err error) {
	err = s.write(ctx, func(to writer) error {
		first, err = s.take(ctx, to, "delivery "+key, rand.Text(), within)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("look whether this was delivered before: %w", err)
	}
	return first, nil
}

// Shared tells whether other processes may serve from the same database.
func (s *Store) Shared() bool {
	_, one := s.database.(*sqliteDB)
	return !one
}

// Forget removes names that nobody holds any more.
func (s *Store) Forget(ctx context.Context) error {
	return s.write(ctx, func(to writer) error {
		_, err := to.exec(ctx, "DELETE FROM locks WHERE name LIKE ? AND until < "+s.clock(), "delivery %")
		return err
	})
}
