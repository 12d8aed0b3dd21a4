package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/riverqueue/river"

	"deckhand/bot"
)

// Each statement is written once, for both databases, with question marks for its arguments. What the two
// databases do not share is behind these few methods, and in the migrations.
type (
	// reader runs queries: each call sees what was committed before it.
	reader interface {
		// query calls read for each row.
		query(ctx context.Context, read func(scan) error, statement string, args ...any) error
	}

	// writer is one transaction.
	writer interface {
		reader
		// exec answers how many rows were written.
		exec(ctx context.Context, statement string, args ...any) (int64, error)
		// execEach runs one statement for each row of arguments.
		execEach(ctx context.Context, statement string, rows [][]any) error
		// insertJobs adds jobs that begin to exist with the commit.
		insertJobs(ctx context.Context, jobs []river.InsertManyParams) error
	}

	// database is SQLite or PostgreSQL.
	database interface {
		read() reader
		// write runs do in a transaction: it commits where do answers nil.
		write(ctx context.Context, do func(writer) error) error
		// lax is write for what a loss of power may take back, but not the end of this process.
		lax(ctx context.Context, do func(writer) error) error
		// together is write for what somebody waits for: it goes first, and may share its transaction with others of its kind.
		together(ctx context.Context, do func(context.Context, writer) error) error
		// migrate brings the tables to what this program expects.
		migrate(ctx context.Context) error
		// clock is an expression: milliseconds since 1970, by the database's clock, now and not when the transaction began.
		clock() string
		// keepRow ends a query whose row must not be deleted before the transaction ends.
		keepRow() string
		// jobsWaiting is a query with a kind of job as its parameter: the requests of which one is due, or failed and will be tried again.
		jobsWaiting() string
		// size is an expression: how many bytes the database takes.
		size() string
		// skipNumbers leaves out some numbers of requests.
		skipNumbers(ctx context.Context, to writer, n int) error
		// client makes a River client that works jobs. Release gives back what only one process may hold.
		client(ctx context.Context, config *river.Config) (client client, release func() error, err error)
		// lookAgain makes the workers look for jobs after a time: one was put off until then.
		lookAgain(work bot.Work, after time.Duration)
		close() error
	}

	// client is the part of River's client that does not name a transaction type.
	client interface {
		Start(ctx context.Context) error
		Stop(ctx context.Context) error
		StopAndCancel(ctx context.Context) error
	}

	// scan copies the columns of a row.
	scan func(dest ...any) error
)

// openEnd is what became of a commit: where the connection broke, or the time was up, while the database was at it,
// nobody knows. Where the database itself said no and stayed, it is certain that nothing was written.
func openEnd(err error) error {
	var said *pgconn.PgError
	if err == nil || errors.Is(err, pgx.ErrTxCommitRollback) || errors.As(err, &said) && said.Severity == "ERROR" {
		return err
	}
	return unknownEnd{err}
}

type unknownEnd struct{ error }

// Uncertain says that it may have been written.
func (unknownEnd) Uncertain() bool { return true }

// Unwrap answers the cause.
func (e unknownEnd) Unwrap() error { return e.error }

var errNoRow = errors.New("no such row")

// collect answers all rows of a query.
func collect[T any](ctx context.Context, from reader, row func(scan) (T, error), statement string, args ...any) ([]T, error) {
	var out []T
	err := from.query(ctx, func(scan scan) error {
		value, err := row(scan)
		out = append(out, value)
		return err
	}, statement, args...)
	return out, err
}

// one answers the first row of a query, or errNoRow.
func one[T any](ctx context.Context, from reader, row func(scan) (T, error), statement string, args ...any) (T, error) {
	all, err := collect(ctx, from, row, statement, args...)
	if err == nil && len(all) == 0 {
		err = errNoRow
	}
	if err != nil {
		var none T
		return none, err
	}
	return all[0], nil
}

// column scans rows of a single column.
func column[T any](scan scan) (T, error) {
	var value T
	err := scan(&value)
	return value, err
}

// nanos is how a time is stored; 0 is the zero time.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

// fromNanos reads what nanos wrote.
func fromNanos(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

// encode writes a value as JSON text.
func encode(value any) (string, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("encode: %w", err)
	}
	return string(raw), nil
}

// decode reads what encode wrote.
func decode(text string, into any) error {
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	return nil
}

// clean makes text storable: PostgreSQL takes neither NUL nor broken UTF-8, and people type both. SQLite would
// take them, but the same line is to be stored the same way everywhere.
func clean(args []any) []any {
	for i, arg := range args {
		if text, ok := arg.(string); ok {
			args[i] = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
		}
	}
	return args
}
