package store

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"deckhand/commands/check"
)

// Results come in many at a time and are asked for rarely. Each save appends one row to batches, whatever checks its results
// are of. Fold (fold.go) moves them, check by check, into samples, and counts them into the roll-ups. Whoever
// reads looks at both.

// checkIDs are the ids of checks by name, as of a revision.
type checkIDs struct {
	mu       sync.Mutex
	revision int64
	byName   map[string]int64 // nil before it was read
}

// ids answers the ids of all checks by name, read anew where the revision has moved on.
func (s *Store) ids(ctx context.Context, from reader) (map[string]int64, error) {
	revision, err := one(ctx, from, column[int64], "SELECT revision FROM store")
	if err != nil {
		return nil, err
	}
	s.checkIDs.mu.Lock()
	defer s.checkIDs.mu.Unlock()
	if s.checkIDs.byName != nil && s.checkIDs.revision == revision {
		return s.checkIDs.byName, nil
	}
	byName := map[string]int64{}
	err = from.query(ctx, func(scan scan) error {
		var id int64
		var name string
		err := scan(&id, &name)
		byName[name] = id
		return err
	}, "SELECT id, name FROM checks")
	if err != nil {
		return nil, err
	}
	s.checkIDs.revision, s.checkIDs.byName = revision, byName
	return byName, nil
}

// SaveResults writes down probes and where their checks now stand, in one transaction. What is of a check that was
// removed meanwhile is dropped. A state whose status and streak
// are what they were costs a look and no write, and may as well be left out. Times are kept to the millisecond, latencies to
// the microsecond. Where looks are of a process that the crew counts as dead, nothing is written, and bot.ErrLost answered.
func (s *Store) SaveResults(ctx context.Context, looks check.Looks) error {
	err := s.write(ctx, func(to writer) error {
		if err := s.stillOf(ctx, to, looks.By); err != nil {
			return err
		}
		ids, err := s.ids(ctx, to)
		if err != nil {
			return err
		}
		samples := make([]sample, 0, len(looks.Results))
		for _, r := range looks.Results {
			if id, there := ids[r.Check]; there {
				samples = append(samples, sample{id, r})
			}
		}
		if len(samples) > 0 {
			_, err := to.exec(ctx, "INSERT INTO batches (first_at, looks, results) VALUES (?, ?, ?)",
				samples[0].At.UnixMilli(), len(samples), packSamples(samples, true))
			if err != nil {
				return err
			}
		}
		var rows [][]any
		for _, state := range looks.States {
			if id, there := ids[state.Check]; there {
				rows = append(rows, []any{id, string(state.Status), nanos(state.Since), state.Streak, nanos(state.StreakAt)})
			}
		}
		if err := saveSpells(ctx, to, looks.States, ids); err != nil {
			return err
		}
		if err := saveTurns(ctx, to, looks.Turns, ids); err != nil {
			return err
		}
		return to.execEach(ctx, `INSERT INTO states (check_id, status, since, streak, streak_at, announced)
			SELECT id, ?, ?, ?, ?, '{}' FROM checks WHERE id = ?
			ON CONFLICT (check_id) DO UPDATE SET status = excluded.status, since = excluded.since,
				streak = excluded.streak, streak_at = excluded.streak_at
			WHERE states.status <> excluded.status OR states.since <> excluded.since
				OR states.streak <> excluded.streak OR states.streak_at <> excluded.streak_at`, rotate(rows))
	})
	if err != nil {
		return fmt.Errorf("save results: %w", err)
	}
	return nil
}

// rotate puts the first value of each row last.
func rotate(rows [][]any) [][]any {
	for _, row := range rows {
		first := row[0]
		copy(row, row[1:])
		row[len(row)-1] = first
	}
	return rows
}

// States implements check.Book. A state's last result is the newest of the check's results.
func (s *Store) States(ctx context.Context) (map[string]check.State, error) {
	states := make(map[string]check.State)
	names := map[int64]string{}
	err := s.read().query(ctx, func(scan scan) error {
		var id, since, streakAt int64
		var state check.State
		if err := scan(&id, &state.Check, &state.Status, &since, &state.Streak, &streakAt); err != nil {
			return err
		}
		state.Since, state.StreakAt = fromNanos(since), fromNanos(streakAt)
		names[id], states[state.Check] = state.Check, state
		return nil
	}, `SELECT c.id, c.name, s.status, s.since, s.streak, s.streak_at FROM states s JOIN checks c ON c.id = s.check_id`)
	if err != nil {
		return nil, fmt.Errorf("read the states of checks: %w", err)
	}
	latest, err := s.latest(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the states of checks: %w", err)
	}
	for id, name := range names {
		if last, there := latest[id]; there {
			state := states[name]
			state.Last, state.Last.Check = last, name
			states[name] = state
		}
	}
	return states, nil
}

// latest answers the newest result of each check. It reads what is not folded first: what is folded in between is seen
// twice then, and not missed.
func (s *Store) latest(ctx context.Context) (map[int64]check.Result, error) {
	newest := map[int64]check.Result{}
	keep := func(found sample) {
		if there, known := newest[found.check]; !known || there.At.Before(found.At) {
			newest[found.check] = found.Result
		}
	}
	if err := s.unfolded(ctx, s.read(), keep); err != nil {
		return nil, err
	}
	return newest, s.read().query(ctx, func(scan scan) error {
		var id int64
		var packed []byte
		if err := scan(&id, &packed); err != nil {
			return err
		}
		return unpackSamples(packed, false, func(found sample) {
			found.check = id
			keep(found)
		})
	}, "SELECT check_id, result FROM latest")
}

// ResultsAfter answers the results that were saved after a mark, with the mark to ask with the next time. A negative mark asks for
// none. Results may be answered twice: of several processes that write at once, one may be seen late.
func (s *Store) ResultsAfter(ctx context.Context, mark int64) (results []check.Result, next int64, err error) {
	if next, err = one(ctx, s.read(), column[int64], "SELECT coalesce(max(id), 0) FROM batches"); err != nil || mark < 0 {
		return nil, max(next, 0), err
	}
	ids, err := s.ids(ctx, s.read())
	if err != nil {
		return nil, mark, err
	}
	byID := make(map[int64]string, len(ids))
	for name, id := range ids {
		byID[id] = name
	}
	next = max(next, mark) // what was folded is gone
	const late = 20
	err = s.read().query(ctx, func(scan scan) error {
		var packed []byte
		if err := scan(&packed); err != nil {
			return err
		}
		return unpackSamples(packed, true, func(found sample) {
			if name, there := byID[found.check]; there {
				found.Result.Check = name
				results = append(results, found.Result)
			}
		})
	}, "SELECT results FROM batches WHERE id > ? AND id <= ? ORDER BY id", mark-late, next)
	return results, next, err
}

// unfolded hands on every result that Fold has not moved yet, in the order in which they were saved.
func (s *Store) unfolded(ctx context.Context, from reader, each func(sample)) error {
	return from.query(ctx, func(scan scan) error {
		var packed []byte
		if err := scan(&packed); err != nil {
			return err
		}
		return unpackSamples(packed, true, each)
	}, "SELECT results FROM batches ORDER BY id")
}

// Results implements check.Book.
func (s *Store) Results(ctx context.Context, name string, since time.Time, limit int) ([]check.Result, error) {
	if limit <= 0 {
		limit = 1000
	}
	results, err := s.resultsOf(ctx, name, since)
	if err != nil {
		return nil, fmt.Errorf("read the results of check %s: %w", name, err)
	}
	slices.SortFunc(results, func(a, b check.Result) int { return a.At.Compare(b.At) })
	results = slices.CompactFunc(results, func(a, b check.Result) bool { return a.At.Equal(b.At) })
	return results[max(0, len(results)-limit):], nil
}

func (s *Store) resultsOf(ctx context.Context, name string, since time.Time) ([]check.Result, error) {
	ids, err := s.ids(ctx, s.read())
	if err != nil {
		return nil, err
	}
	id, there := ids[name]
	if !there {
		return nil, nil
	}
	var results []check.Result
	since = since.Truncate(time.Millisecond)
	take := func(found sample) {
		if !found.At.Before(since) {
			found.Result.Check = name
			results = append(results, found.Result)
		}
	}
	err = s.unfolded(ctx, s.read(), func(found sample) {
		if found.check == id {
			take(found)
		}
	})
	if err != nil {
		return nil, err
	}
	return results, s.read().query(ctx, func(scan scan) error {
		var packed []byte
		if err := scan(&packed); err != nil {
			return err
		}
		return unpackSamples(packed, false, take)
	}, "SELECT s.results FROM folds f JOIN samples s ON s.last_at = f.last_at AND s.check_id = ? WHERE f.last_at >= ?", id, millis(since))
}

// millis is milliseconds since 1970; 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
