package store

import (
	"context"
	"fmt"

	"deckhand/commands/check"
)

func saveTurns(ctx context.Context, to writer, turns []check.Turn, ids map[string]int64) error {
	var rows [][]any
	for _, t := range turns {
		if id, there := ids[t.Check]; there {
			rows = append(rows, []any{string(t.To), nanos(t.At), t.Detail, id})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	err := to.execEach(ctx, "INSERT INTO turns (check_id, status, at, detail) SELECT id, ?, ?, ? FROM checks WHERE id = ?", rows)
	if err != nil {
		return err
	}
	return draw(ctx, to)
}

// Turns answers the changes of checks' status that were not taken yet, in the order in which they were saved.
func (s *Store) Turns(ctx context.Context) ([]check.Turn, error) {
	turns, err := collect(ctx, s.read(), func(scan scan) (check.Turn, error) {
		var t check.Turn
		var at int64
		err := scan(&t.ID, &t.Check, &t.To, &at, &t.Detail)
		t.At = fromNanos(at)
		return t, err
	}, "SELECT t.id, c.name, t.status, t.at, t.detail FROM turns t JOIN checks c ON c.id = t.check_id ORDER BY t.id")
	if err != nil {
		return nil, fmt.Errorf("read which checks turned: %w", err)
	}
	return turns, nil
}

// TakeTurns keeps incidents as SaveIncidents does, and in the same transaction takes away the turns that made them.
func (s *Store) TakeTurns(ctx context.Context, turns []int64, changes []check.IncidentChange) ([]check.Incident, error) {
	var saved []check.Incident
	err := s.write(ctx, func(to writer) error {
		rows := make([][]any, len(turns))
		for i, id := range turns {
			rows[i] = []any{id}
		}
		if err := to.execEach(ctx, "DELETE FROM turns WHERE id = ?", rows); err != nil || len(changes) == 0 {
			return err
		}
		var err error
		saved, err = saveIncidents(ctx, to, changes)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("save the incidents of checks that turned: %w", err)
	}
	return saved, nil
}
