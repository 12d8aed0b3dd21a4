package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"deckhand/commands"
	"deckhand/commands/check"
)

// AddCheck implements check.Book.
func (s *Store) AddCheck(ctx context.Context, c check.Check) error {
	text, err := encode(c)
	if err != nil {
		return err
	}
	return s.write(ctx, func(to writer) error {
		rows, err := to.exec(ctx, `INSERT INTO checks (name, from_config, document) VALUES (?, ?, ?)
			ON CONFLICT (name) DO NOTHING`, c.Name, c.FromConfig, text)
		if err != nil {
			return fmt.Errorf("add check: %w", err)
		}
		if rows == 0 {
			return taken("check", c.Name)
		}
		return revise(ctx, to)
	})
}

// RemoveCheck implements check.Book. Results and state go with the check.
func (s *Store) RemoveCheck(ctx context.Context, name string) error {
	return s.remove(ctx, "check", "DELETE FROM checks WHERE name = ?", name)
}

// remove runs a statement that removes the check or schedule of this name.
func (s *Store) remove(ctx context.Context, what, statement, name string) error {
	return s.write(ctx, func(to writer) error {
		rows, err := to.exec(ctx, statement, name)
		if err != nil {
			return fmt.Errorf("remove %s: %w", what, err)
		}
		if rows == 0 {
			return &commands.Error{
				Kind:    commands.NotFound,
				Message: fmt.Sprintf("There is no %s named %s.", what, commands.Mono(name)),
				Hint:    "See all with " + commands.Mono(what+" list") + ".",
			}
		}
		return revise(ctx, to)
	})
}

func taken(what, name string) error {
	return &commands.Error{
		Kind:    commands.Usage,
		Message: fmt.Sprintf("There is a %s named %s already.", what, commands.Mono(name)),
		Hint:    "Choose another name, or remove that one first.",
	}
}

// Checks implements check.Book.
func (s *Store) Checks(ctx context.Context) ([]check.Check, error) {
	return collect(ctx, s.read(), func(scan scan) (check.Check, error) {
		var c check.Check
		var text string
		if err := scan(&text); err != nil {
			return c, err
		}
		return c, decode(text, &c)
	}, "SELECT document FROM checks ORDER BY name")
}

const resultColumns = "r.at, r.ok, r.latency, r.code, r.detail"

// States implements check.Book. A state's last result is the newest of the check's results: it is not kept twice.
func (s *Store) States(ctx context.Context) (map[string]check.State, error) {
	states := make(map[string]check.State)
	err := s.read().query(ctx, func(scan scan) error {
		var state check.State
		var since, streakAt int64
		var announced string
		var at, latency, code *int64
		var ok *bool
		var detail *string
		err := scan(&state.Check, &state.Status, &since, &state.Streak, &streakAt, &announced, &at, &ok, &latency, &code, &detail)
		if err != nil {
			return err
		}
		state.Since, state.StreakAt = fromNanos(since), fromNanos(streakAt)
		if at != nil {
			state.Last = check.Result{
				Check: state.Check, At: fromNanos(*at), OK: *ok, Latency: time.Duration(*latency), Code: int(*code), Detail: *detail,
			}
		}
		err = decode(announced, &state.Announced)
		states[state.Check] = state
		return err
	}, `SELECT c.name, s.status, s.since, s.streak, s.streak_at, s.announced, `+resultColumns+`
		FROM states s JOIN checks c ON c.id = s.check_id
		LEFT JOIN results r ON r.check_id = s.check_id AND r.at = (SELECT max(at) FROM results WHERE check_id = s.check_id)`)
	if err != nil {
		return nil, fmt.Errorf("read the states of checks: %w", err)
	}
	return states, nil
}

// Results implements check.Book.
func (s *Store) Results(ctx context.Context, name string, since time.Time, limit int) ([]check.Result, error) {
	if limit <= 0 {
		limit = 1000
	}
	results, err := collect(ctx, s.read(), func(scan scan) (check.Result, error) {
		result := check.Result{Check: name}
		var at int64
		err := scan(&at, &result.OK, &result.Latency, &result.Code, &result.Detail)
		result.At = fromNanos(at)
		return result, err
	}, "SELECT "+resultColumns+` FROM results r JOIN checks c ON c.id = r.check_id
		WHERE c.name = ? AND r.at >= ? ORDER BY r.at DESC LIMIT ?`, name, nanos(since), limit)
	if err != nil {
		return nil, fmt.Errorf("read the results of check %s: %w", name, err)
	}
	slices.Reverse(results)
	return results, nil
}

// SaveResults writes down probes and where their checks now stand, in one transaction. What is of a check that was
// removed meanwhile is dropped. Announced is not written: it belongs to SaveAnnounced. A state whose status and streak
// are what they were costs a look and no write, and may as well be left out.
func (s *Store) SaveResults(ctx context.Context, results []check.Result, states []check.State) error {
	resultRows := make([][]any, len(results))
	for i, r := range results {
		resultRows[i] = []any{nanos(r.At), r.OK, int64(r.Latency), r.Code, r.Detail, r.Check}
	}
	stateRows := make([][]any, len(states))
	for i, state := range states {
		stateRows[i] = []any{string(state.Status), nanos(state.Since), state.Streak, nanos(state.StreakAt), state.Check}
	}
	err := s.write(ctx, func(to writer) error {
		err := to.execEach(ctx, `INSERT INTO results (check_id, at, ok, latency, code, detail)
			SELECT id, ?, ?, ?, ?, ? FROM checks WHERE name = ?
			ON CONFLICT (check_id, at) DO NOTHING`, resultRows)
		if err != nil {
			return err
		}
		return to.execEach(ctx, `INSERT INTO states (check_id, status, since, streak, streak_at, announced)
			SELECT id, ?, ?, ?, ?, '{}' FROM checks WHERE name = ?
			ON CONFLICT (check_id) DO UPDATE SET status = excluded.status, since = excluded.since,
				streak = excluded.streak, streak_at = excluded.streak_at
			WHERE states.status <> excluded.status OR states.since <> excluded.since
				OR states.streak <> excluded.streak OR states.streak_at <> excluded.streak_at`, stateRows)
	})
	if err != nil {
		return fmt.Errorf("save results: %w", err)
	}
	return nil
}

// SaveAnnounced writes down what a channel was told of a check; nothing where the check was removed meanwhile.
func (s *Store) SaveAnnounced(ctx context.Context, name string, announced check.Announced) error {
	text, err := encode(announced)
	if err != nil {
		return err
	}
	err = s.write(ctx, func(to writer) error {
		_, err := to.exec(ctx, `INSERT INTO states (check_id, status, since, streak, streak_at, announced)
			SELECT id, ?, 0, 0, 0, ? FROM checks WHERE name = ?
			ON CONFLICT (check_id) DO UPDATE SET announced = excluded.announced`, string(check.Unknown), text, name)
		return err
	})
	if err != nil {
		return fmt.Errorf("save what was announced of check %s: %w", name, err)
	}
	return nil
}

// PruneResults removes results before a time, except each check's newest. It works in small transactions, so that
// nothing else waits long.
func (s *Store) PruneResults(ctx context.Context, before time.Time) error {
	ids, err := collect(ctx, s.read(), column[int64], "SELECT id FROM checks ORDER BY id")
	if err != nil {
		return fmt.Errorf("prune results: %w", err)
	}
	for batch := range slices.Chunk(ids, 100) {
		rows := make([][]any, len(batch))
		for i, id := range batch {
			rows[i] = []any{id, nanos(before), id}
		}
		err := s.write(ctx, func(to writer) error {
			return to.execEach(ctx, `DELETE FROM results WHERE check_id = ? AND at < ?
				AND at < (SELECT max(at) FROM results WHERE check_id = ?)`, rows)
		})
		if err != nil {
			return fmt.Errorf("prune results: %w", err)
		}
	}
	return nil
}

// CheckRevision grows whenever a check or a schedule is added, changed or removed, by any process.
func (s *Store) CheckRevision(ctx context.Context) (int64, error) {
	revision, err := one(ctx, s.read(), column[int64], "SELECT revision FROM store")
	if err != nil {
		return 0, fmt.Errorf("read the revision of checks: %w", err)
	}
	return revision, nil
}

func revise(ctx context.Context, to writer) error {
	_, err := to.exec(ctx, "UPDATE store SET revision = revision + 1")
	return err
}
