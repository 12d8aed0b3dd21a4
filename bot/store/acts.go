package store

import (
	"context"
	"fmt"
	"time"

	"deckhand/commands/schedule"
)

// actsAtOnce bounds what one look hands on.
const actsAtOnce = 100

// PutActs implements schedule.Acts.
func (s *Store) PutActs(ctx context.Context, acts []schedule.Act, without ...string) error {
	err := s.write(ctx, func(to writer) error { return putActs(ctx, to, acts, without) })
	if err != nil {
		return fmt.Errorf("write what comes due: %w", err)
	}
	return nil
}

func putActs(ctx context.Context, to writer, acts []schedule.Act, without []string) error {
	for _, key := range without {
		if _, err := to.exec(ctx, "DELETE FROM acts WHERE key = ?", key); err != nil {
			return err
		}
	}
	for _, act := range acts {
		text, err := encode(act)
		if err != nil {
			return err
		}
		_, err = to.exec(ctx, `INSERT INTO acts (key, due, document) VALUES (?, ?, ?)
			ON CONFLICT (key) DO UPDATE SET due = excluded.due, document = excluded.document`, act.Key, nanos(act.Due), text)
		if err != nil {
			return err
		}
	}
	return nil
}

// PutOff implements schedule.Acts. The one that was due may have been taken away already.
func (s *Store) PutOff(ctx context.Context, act schedule.Act, was time.Time) error {
	text, err := encode(act)
	if err != nil {
		return err
	}
	err = s.write(ctx, func(to writer) error {
		_, err := to.exec(ctx, `INSERT INTO acts (key, due, document) VALUES (?, ?, ?)
			ON CONFLICT (key) DO UPDATE SET due = excluded.due, document = excluded.document WHERE acts.due = ?`, act.Key, nanos(act.Due), text, nanos(was))
		return err
	})
	if err != nil {
		return fmt.Errorf("put %s off: %w", act.Key, err)
	}
	return nil
}

// Acts implements schedule.Acts.
func (s *Store) Acts(ctx context.Context, due time.Time) ([]schedule.Act, error) {
	query, values := "SELECT document FROM acts ORDER BY due, key", []any{}
	if !due.IsZero() {
		query, values = "SELECT document FROM acts WHERE due <= ? ORDER BY due, key LIMIT ?", []any{nanos(due), actsAtOnce}
	}
	acts, err := collect(ctx, s.read(), func(scan scan) (schedule.Act, error) {
		var act schedule.Act
		var text string
		if err := scan(&text); err != nil {
			return act, err
		}
		return act, decode(text, &act)
	}, query, values...)
	if err != nil {
		return nil, fmt.Errorf("read what comes due: %w", err)
	}
	return acts, nil
}

// ActDone implements schedule.Acts.
func (s *Store) ActDone(ctx context.Context, act schedule.Act) error {
	err := s.write(ctx, func(to writer) error {
		_, err := to.exec(ctx, "DELETE FROM acts WHERE key = ? AND due = ?", act.Key, nanos(act.Due))
		return err
	})
	if err != nil {
		return fmt.Errorf("take %s away: %w", act.Key, err)
	}
	return nil
}
