package store

import (
	"context"
	"fmt"

	"deckhand/commands/guard"
)

// Guards implements guard.Book, the oldest first.
func (s *Store) Guards(ctx context.Context) ([]guard.Guard, error) {
	guards, err := collect(ctx, s.read(), func(scan scan) (guard.Guard, error) {
		var g guard.Guard
		var text string
		if err := scan(&text); err != nil {
			return g, err
		}
		return g, decode(text, &g)
	}, "SELECT document FROM guards ORDER BY since, kind, target")
	if err != nil {
		return nil, fmt.Errorf("read freezes and locks: %w", err)
	}
	return guards, nil
}

// PutGuard implements guard.Book.
func (s *Store) PutGuard(ctx context.Context, g guard.Guard) error {
	text, err := encode(g)
	if err != nil {
		return err
	}
	err = s.write(ctx, func(to writer) error {
		_, err := to.exec(ctx, `INSERT INTO guards (kind, target, document, since) VALUES (?, ?, ?, ?)
			ON CONFLICT (kind, target) DO UPDATE SET document = excluded.document, since = excluded.since`, string(g.Kind), g.Target, text, nanos(g.Since))
		return err
	})
	if err != nil {
		return fmt.Errorf("write a %s: %w", g.Kind, err)
	}
	return nil
}

// RemoveGuard implements guard.Book.
func (s *Store) RemoveGuard(ctx context.Context, kind guard.Kind, target string) (removed bool, err error) {
	err = s.write(ctx, func(to writer) error {
		rows, err := to.exec(ctx, "DELETE FROM guards WHERE kind = ? AND target = ?", string(kind), target)
		removed = rows > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("remove a %s: %w", kind, err)
	}
	return removed, nil
}
