package store

import (
	"context"
	"fmt"
	"time"

	"deckhand/commands/check"
)

// saveSpells writes down since when checks are up or down. A state's Since is the key: the same one again changes nothing. One that
// began later by a clock that was set back since moves to when it began by the clock of now.
func saveSpells(ctx context.Context, to writer, states []check.State, ids map[string]int64) error {
	var rows, moved [][]any
	for _, state := range states {
		if id, there := ids[state.Check]; there && state.Status != check.Unknown && state.Status != "" {
			rows = append(rows, []any{nanos(state.Since), string(state.Status), id})
			moved = append(moved, []any{id, nanos(state.Since), string(state.Status), id})
		}
	}
	err := to.execEach(ctx, `DELETE FROM spells WHERE check_id = ? AND since > ? AND status = ?
		AND since = (SELECT since FROM states WHERE check_id = ?)`, moved)
	if err != nil {
		return err
	}
	return to.execEach(ctx, `INSERT INTO spells (check_id, since, status) SELECT id, ?, ? FROM checks WHERE id = ?
		ON CONFLICT (check_id, since) DO NOTHING`, rows)
}

// Outages implements check.Book.
func (s *Store) Outages(ctx context.Context, name string, from, to time.Time) ([]check.Outage, error) {
	outages, err := collect(ctx, s.read(), func(scan scan) (check.Outage, error) {
		var o check.Outage
		var began, ended int64
		err := scan(&o.Check, &began, &ended)
		o.Began, o.Ended = fromNanos(began), fromNanos(ended)
		return o, err
	}, `SELECT name, since, ended FROM (
			SELECT c.name, s.since, s.status, coalesce((SELECT min(n.since) FROM spells n
				WHERE n.check_id = s.check_id AND n.since > s.since AND n.status <> s.status), 0) AS ended
			FROM spells s JOIN checks c ON c.id = s.check_id WHERE s.since < ? AND s.status = ? AND (? = '' OR c.name = ?)
		) AS spell WHERE ended = 0 OR ended > ? ORDER BY since, name`, nanos(to), string(check.Down), name, name, nanos(from))
	if err != nil {
		return nil, fmt.Errorf("read the outages of checks: %w", err)
	}
	return outages, nil
}
