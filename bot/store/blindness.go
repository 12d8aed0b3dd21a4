package store

import (
	"context"
	"fmt"

	"deckhand/commands/check"
)

// Blindness implements health.BlindBook.
func (s *Store) Blindness(ctx context.Context) (map[string]check.Blindness, error) {
	all := map[string]check.Blindness{}
	err := s.read().query(ctx, func(scan scan) error {
		var name string
		var since, tried, told, ending int64
		var one check.Blindness
		if err := scan(&name, &since, &one.Why, &one.Key, &tried, &told, &one.EndKey, &ending); err != nil {
			return err
		}
		one.Since, one.TriedAt, one.Told, one.EndTriedAt = fromNanos(since), fromNanos(tried), told > 0, fromNanos(ending)
		all[name] = one
		return nil
	}, `SELECT c.name, b.since, b.why, b.key, b.tried_at, b.told, b.end_key, b.end_tried_at FROM blindness b JOIN checks c ON c.id = b.check_id`)
	if err != nil {
		return nil, fmt.Errorf("read which checks are not measured: %w", err)
	}
	return all, nil
}

// SaveBlindness implements health.BlindBook.
func (s *Store) SaveBlindness(ctx context.Context, all map[string]check.Blindness) error {
	err := s.write(ctx, func(to writer) error {
		for name, one := range all {
			told := 0
			if one.Told {
				told = 1
			}
			_, err := to.exec(ctx, `INSERT INTO blindness (check_id, since, why, key, tried_at, told, end_key, end_tried_at) SELECT id, ?, ?, ?, ?, ?, ?, ? FROM checks WHERE name = ?
				ON CONFLICT (check_id) DO UPDATE SET since = excluded.since, why = excluded.why, key = excluded.key, tried_at = excluded.tried_at, told = excluded.told,
				end_key = excluded.end_key, end_tried_at = excluded.end_tried_at`,
				nanos(one.Since), one.Why, one.Key, nanos(one.TriedAt), told, one.EndKey, nanos(one.EndTriedAt), name)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write down which checks are not measured: %w", err)
	}
	return nil
}

// EndBlindness implements health.BlindBook.
func (s *Store) EndBlindness(ctx context.Context, names []string) error {
	err := s.write(ctx, func(to writer) error {
		for _, name := range names {
			if _, err := to.exec(ctx, "DELETE FROM blindness WHERE check_id IN (SELECT id FROM checks WHERE name = ?)", name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write down that checks are measured again: %w", err)
	}
	return nil
}
