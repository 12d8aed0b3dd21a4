package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivermigrate"
	"modernc.org/sqlite"

	"deckhand/bot"
	"deckhand/commands"
)

// sqliteDB is a SQLite file, opened twice: one connection that writes, because SQLite lets one write at a time and a
// queue in the process is fairer than its lock, and some that only read, because in WAL mode they never wait for it.
type sqliteDB struct {
	path    string
	writing *sql.DB
	reading *sql.DB
	driver  *sqliteDriver
	jobs    *river.Client[*sql.Tx]
	log     *slog.Logger
	// prepared holds the statements of transactions, by their text: reading one costs SQLite more than running it.
	// They are as many as are written in this package.
	prepared sync.Map // string to *sql.Stmt

	order     order
	gathering gathering
}

const (
	// sqlitePoll is how often River looks for jobs although no bell rang: an earlier process may have left some that wait. A look costs it
	// two milliseconds of CPU.
	sqlitePoll = 5 * time.Second
	// watchOthers is how often it is looked whether another process wrote. The look itself costs almost nothing, waking up for it more.
	watchOthers = 200 * time.Millisecond
)

func openSQLite(path string, log *slog.Logger) (*sqliteDB, error) {
	path, err := filepath.Abs(path)
	if err == nil {
		err = touch(path)
	}
	if err != nil {
		return nil, &commands.Error{
			Kind:    commands.Failed,
			Message: "The database file cannot be opened: " + err.Error() + ".",
			Hint:    "Choose a file in a folder that exists and that deckhand may write to.",
			Err:     err,
		}
	}
	db := &sqliteDB{path: path, log: log}
	if db.writing, err = sql.Open("sqlite", dsn(path, "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)")); err != nil {
		return nil, err
	}
	db.writing.SetMaxOpenConns(1)
	if db.reading, err = sql.Open("sqlite", dsn(path, "query_only(1)", "cache_size(-1000)")); err != nil {
		return nil, errors.Join(err, db.writing.Close())
	}
	db.reading.SetMaxOpenConns(4)
	db.reading.SetConnMaxIdleTime(time.Minute) // each holds a cache
	db.driver = newSQLiteDriver(db.writing, path)
	if db.jobs, err = river.NewClient(db.driver, &river.Config{Logger: quiet(log)}); err != nil {
		return nil, errors.Join(err, db.close())
	}
	return db, nil
}

// touch makes the file for its owner alone: it holds who asked for what, and addresses to answer to.
func touch(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}

func dsn(path string, pragmas ...string) string {
	query := url.Values{"_pragma": append([]string{"busy_timeout(5000)"}, pragmas...), "_txlock": {"immediate"}}
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: query.Encode()}).String()
}

func (d *sqliteDB) read() reader { return sqliteReader{d.reading} }

func (d *sqliteDB) write(ctx context.Context, do func(writer) error) error {
	if err := d.order.take(ctx, false); err != nil {
		return err
	}
	defer d.order.leave()
	return d.transaction(ctx, func(w *sqliteWriter) error { return do(w) })
}

// lax is in WAL mode a transaction that does not wait for the disk, for which the only processor of a small machine would wait too. A
// process that is killed has written it all the same, and the next transaction of the other kind makes both durable.
// Source: https://www.sqlite.org/pragma.html#pragma_synchronous
func (d *sqliteDB) lax(ctx context.Context, do func(writer) error) error {
	if err := d.order.take(ctx, false); err != nil {
		return err
	}
	defer d.order.leave()
	w, err := d.commitLax(ctx, do)
	if err != nil {
		return err
	}
	d.keep(ctx, w.seen)
	return nil
}

func (d *sqliteDB) commitLax(ctx context.Context, do func(writer) error) (*sqliteWriter, error) {
	conn, err := d.writing.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close() //nolint:errcheck // it goes back to the pool, or is closed already
	if _, err := conn.ExecContext(ctx, "PRAGMA synchronous = NORMAL"); err != nil {
		return nil, err
	}
	w, err := d.commit(ctx, conn, func(w *sqliteWriter) error { return do(w) })
	if _, strict := conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA synchronous = FULL"); strict != nil {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // the next connection begins strict
	}
	return w, err
}

func (d *sqliteDB) transaction(ctx context.Context, do func(*sqliteWriter) error) error {
	w, err := d.commit(ctx, d.writing, do)
	if err != nil {
		return err
	}
	d.keep(ctx, w.seen)
	return nil
}

// beginner is the pool, or its only connection.
type beginner interface {
	BeginTx(ctx context.Context, options *sql.TxOptions) (*sql.Tx, error)
}

func (d *sqliteDB) commit(ctx context.Context, on beginner, do func(*sqliteWriter) error) (*sqliteWriter, error) {
	tx, err := on.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	w := &sqliteWriter{tx: tx, db: d}
	if err := do(w); err != nil {
		return nil, err
	}
	if err := tx.Commit(); err != nil {
		return nil, openEnd(err)
	}
	d.driver.bell.ring(w.inserted)
	return w, nil
}

// keep prepares statements that a transaction ran for the first time. It does so after the transaction, which has
// the only connection.
func (d *sqliteDB) keep(ctx context.Context, seen []string) {
	for _, text := range seen {
		prepared, err := d.writing.PrepareContext(ctx, text)
		if err != nil {
			continue // the next transaction tries again
		}
		if _, there := d.prepared.LoadOrStore(text, prepared); there {
			_ = prepared.Close()
		}
	}
}

// migrate runs everything in one transaction that takes SQLite's write lock first, so that of several processes
// that start at once one migrates and the others find it done.
func (d *sqliteDB) migrate(ctx context.Context) error {
	const exists = "SELECT 1 FROM sqlite_schema WHERE name = 'schema_version'"
	files, err := migrations("sqlite")
	if err != nil {
		return err
	}
	migrator, err := rivermigrate.New(d.driver, &rivermigrate.Config{Logger: quiet(d.log)})
	if err != nil {
		return err
	}
	known := versions{own: len(files), river: len(migrator.AllVersions())}
	if err := d.enterWAL(ctx); err != nil {
		return err
	}
	found, err := currentVersions(ctx, d.read(), exists)
	if err != nil || found == known {
		return err
	}
	return d.write(ctx, func(to writer) error {
		found, err := currentVersions(ctx, to, exists)
		if err != nil || found == known {
			return err
		}
		if err := refuseNewer(found, known); err != nil {
			return err
		}
		// River first: it renames tables, for which SQLite reads all that there are again.
		//nolint:staticcheck // one transaction on purpose: several processes may start at once, and SQLite's migrations can be batched
		if _, err := migrator.MigrateTx(ctx, to.(*sqliteWriter).tx, rivermigrate.DirectionUp, nil); err != nil {
			return err
		}
		if err := migrateOwn(ctx, to, files, found); err != nil {
			return err
		}
		return writeVersion(ctx, to, "river", known.river)
	})
}

// enterWAL makes the first connection, which turns WAL on in a new file. SQLite does not wait for others who do the
// same at the same moment, it fails; so this tries again for as long as the busy timeout.
func (d *sqliteDB) enterWAL(ctx context.Context) error {
	deadline := time.Now().Add(5 * time.Second)
	for {
		err := d.writing.PingContext(ctx)
		var busy *sqlite.Error
		if err == nil || !errors.As(err, &busy) || busy.Code()&0xff != sqliteBusy || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

const sqliteBusy = 5 // https://www.sqlite.org/rescode.html#busy

// client takes the file's lock: whoever holds it is the only one who works, so what is marked as running, or held by
// a worker, was left behind by a process that died, and its leader is dead too.
func (d *sqliteDB) client(ctx context.Context, config *river.Config) (client, func() error, error) {
	release, err := lockFile(d.path + ".lock")
	if err != nil {
		return nil, nil, err
	}
	err = d.write(ctx, func(to writer) error {
		if _, err := to.exec(ctx, "UPDATE river_job SET state = 'available' WHERE state = 'running'"); err != nil {
			return err
		}
		if _, err := to.exec(ctx, "DELETE FROM locks WHERE holder LIKE '"+workerPrefix+"%'"); err != nil {
			return err
		}
		_, err := to.exec(ctx, "DELETE FROM river_leader")
		return err
	})
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("take over jobs: %w", err), release())
	}
	config.FetchPollInterval = sqlitePoll
	client, err := river.NewClient(d.driver, config)
	if err != nil {
		return nil, nil, errors.Join(err, release())
	}
	return client, release, nil
}

func (d *sqliteDB) lookAgain(work bot.Work, after time.Duration) {
	d.driver.bell.ringLater(work, after)
}

// keepRow has nothing to add: one transaction writes at a time.
func (d *sqliteDB) keepRow() string { return "" }

func (d *sqliteDB) size() string {
	return "(SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size())"
}

func (d *sqliteDB) clock() string { return "CAST(unixepoch('subsec') * 1000 AS INTEGER)" }

func (d *sqliteDB) skipNumbers(ctx context.Context, to writer, n int) error {
	if _, err := to.exec(ctx, "UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'requests'", n); err != nil {
		return err
	}
	_, err := to.exec(ctx, `INSERT INTO sqlite_sequence (name, seq) SELECT 'requests', ?
		WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'requests')`, n)
	return err
}

func (d *sqliteDB) close() error { return errors.Join(d.reading.Close(), d.writing.Close()) }

// sqliteReader reads outside of transactions.
type sqliteReader struct{ from *sql.DB }

func (r sqliteReader) query(ctx context.Context, read func(scan) error, statement string, args ...any) error {
	rows, err := r.from.QueryContext(ctx, statement, clean(args)...)
	if err != nil {
		return err
	}
	return readAll(rows, read)
}

func readAll(rows *sql.Rows, read func(scan) error) error {
	defer rows.Close() //nolint:errcheck // Err has what there is to know
	for rows.Next() {
		if err := read(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

type sqliteWriter struct {
	tx       *sql.Tx
	db       *sqliteDB
	inserted []river.InsertManyParams
	seen     []string // statements that were not prepared yet
}

// statement answers the prepared statement, or prepares it for this transaction.
func (w *sqliteWriter) statement(ctx context.Context, text string) (*sql.Stmt, error) {
	if prepared, ok := w.db.prepared.Load(text); ok {
		return w.tx.StmtContext(ctx, prepared.(*sql.Stmt)), nil
	}
	w.seen = append(w.seen, text)
	return w.tx.PrepareContext(ctx, text)
}

func (w *sqliteWriter) query(ctx context.Context, read func(scan) error, statement string, args ...any) error {
	prepared, err := w.statement(ctx, statement)
	if err != nil {
		return err
	}
	rows, err := prepared.QueryContext(ctx, clean(args)...)
	if err != nil {
		return err
	}
	return readAll(rows, read)
}

func (w *sqliteWriter) exec(ctx context.Context, statement string, args ...any) (int64, error) {
	run := func() (sql.Result, error) { return w.tx.ExecContext(ctx, statement) } // may be many statements: a migration
	if len(args) > 0 {
		prepared, err := w.statement(ctx, statement)
		if err != nil {
			return 0, err
		}
		run = func() (sql.Result, error) { return prepared.ExecContext(ctx, clean(args)...) }
	}
	result, err := run()
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// execEach runs to its end even where ctx ends meanwhile: for a context that can end the driver starts a goroutine
// for each row, which costs as much as the row.
func (w *sqliteWriter) execEach(ctx context.Context, statement string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	prepared, err := w.statement(ctx, statement)
	if err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	for _, row := range rows {
		if _, err := prepared.ExecContext(ctx, clean(row)...); err != nil {
			return err
		}
	}
	return nil
}

func (w *sqliteWriter) insertJobs(ctx context.Context, jobs []river.InsertManyParams) error {
	if len(jobs) == 0 {
		return nil
	}
	w.inserted = append(w.inserted, jobs...)
	_, err := w.db.jobs.InsertManyFastTx(ctx, w.tx, jobs)
	return err
}

func (d *sqliteDB) jobsWaiting() string {
	return `SELECT CAST(json_extract(args, '$.request') AS INTEGER) FROM river_job WHERE state IN ('available', 'retryable', 'scheduled') AND queue = ?
		AND (state <> 'scheduled' OR json_extract(metadata, '$.snoozes') > 0)`
}
