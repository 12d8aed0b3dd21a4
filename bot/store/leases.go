package store

import (
	"context"
	"fmt"

	"deckhand/commands/lease"
	"deckhand/commands/schedule"
)

// PutLease implements lease.Book.
func (s *Store) PutLease(ctx context.Context, l lease.Lease, acts []schedule.Act, without ...string) error {
	text, err := encode(l)
	if err != nil {
		return err
	}
	err = s.write(ctx, func(to writer) error {
		_, err := to.exec(ctx, `INSERT INTO leases (request, ends, document) VALUES (?, ?, ?)
			ON CONFLICT (request) DO UPDATE SET ends = excluded.ends, document = excluded.document`, l.Request, nanos(l.Ends), text)
		if err != nil {
			return err
		}
		return putActs(ctx, to, acts, without)
	})
	if err != nil {
		return fmt.Errorf("write the lease of %s: %w", l.ID(), err)
	}
	return nil
}

// Leases implements lease.Book.
func (s *Store) Leases(ctx context.Context) ([]lease.Lease, error) {
	leases, err := collect(ctx, s.read(), func(scan scan) (lease.Lease, error) {
		var l lease.Lease
		var text string
		if err := scan(&text); err != nil {
			return l, err
		}
		return l, decode(text, &l)
	}, "SELECT document FROM leases ORDER BY ends, request")
	if err != nil {
		return nil, fmt.Errorf("read leases: %w", err)
	}
	return leases, nil
}

// RemoveLease implements lease.Book.
func (s *Store) RemoveLease(ctx context.Context, request int64, keys ...string) error {
	err := s.write(ctx, func(to writer) error {
		if _, err := to.exec(ctx, "DELETE FROM leases WHERE request = ?", request); err != nil {
			return err
		}
		return putActs(ctx, to, nil, keys)
	})
	if err != nil {
		return fmt.Errorf("remove the lease of R-%d: %w", request, err)
	}
	return nil
}
