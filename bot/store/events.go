package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"deckhand/bot"
	"deckhand/commands"
)

// record writes what is to be done for a request and what happened to it.
func record(ctx context.Context, to writer, number int64, events []bot.Event, jobs []bot.Job) error {
	if err := to.insertJobs(ctx, insertParams(jobs, number)); err != nil {
		return err
	}
	return chained(ctx, to, number, events)
}

// happened is when the last of these events happened: now, where there is none.
func happened(events []bot.Event) time.Time {
	if len(events) > 0 && !events[len(events)-1].At.IsZero() {
		return events[len(events)-1].At
	}
	return time.Now()
}

// Events implements bot.Store.
func (s *Store) Events(ctx context.Context, number int64) ([]bot.Event, error) {
	events, err := collect(ctx, s.read(), scanEvent, "SELECT "+eventColumns+", seq, hash FROM events WHERE request = ? ORDER BY seq", number)
	return events, wrap("read the events of", number, err)
}

// journal is the journal of one request.
type journal struct {
	store  *Store
	number int64
}

// Journal implements bot.Store.
func (s *Store) Journal(number int64) commands.Journal { return journal{s, number} }

// Load implements commands.Journal.
func (j journal) Load(ctx context.Context, step string) (commands.Entry, error) {
	entry, err := one(ctx, j.store.read(), func(scan scan) (commands.Entry, error) {
		entry := commands.Entry{Begun: true}
		var finished int64
		var result string
		err := scan(&finished, &result, &entry.Failure)
		entry.Finished = finished > 0
		if result != "" {
			entry.Result = []byte(result)
		}
		return entry, err
	}, "SELECT finished_at, result, failure FROM journal WHERE request = ? AND step = ?", j.number, step)
	if errors.Is(err, errNoRow) {
		return commands.Entry{}, nil
	}
	return entry, wrap("read the journal of", j.number, err)
}

// Begin implements commands.Journal. A step that was begun already is an error: whoever loaded it as not begun
// is racing another run, and must not act.
func (j journal) Begin(ctx context.Context, step string) error {
	return wrap("write the journal of", j.number, j.store.write(ctx, func(to writer) error {
		rows, err := to.exec(ctx, `INSERT INTO journal (request, step, begun_at) VALUES (?, ?, ?)
			ON CONFLICT (request, step) DO NOTHING`, j.number, step, nanos(time.Now()))
		if err == nil && rows == 0 {
			err = fmt.Errorf("step %q was begun already", step)
		}
		return err
	}))
}

// Finish implements commands.Journal. A step is finished once: what was written down first stays.
func (j journal) Finish(ctx context.Context, step string, result []byte, failure string) error {
	return wrap("write the journal of", j.number, j.store.write(ctx, func(to writer) error {
		rows, err := to.exec(ctx, `UPDATE journal SET
				finished_at = CASE WHEN finished_at > 0 THEN finished_at ELSE ? END,
				result = CASE WHEN finished_at > 0 THEN result ELSE ? END,
				failure = CASE WHEN finished_at > 0 THEN failure ELSE ? END
			WHERE request = ? AND step = ?`, nanos(time.Now()), string(result), failure, j.number, step)
		if err == nil && rows == 0 {
			err = fmt.Errorf("step %q was never begun", step)
		}
		return err
	}))
}
