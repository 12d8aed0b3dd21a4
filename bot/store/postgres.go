package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"deckhand/bot"
	"deckhand/commands"
)

// postgresDB is a PostgreSQL database, which several processes may work at once.
type postgresDB struct {
	pool *pgxpool.Pool
	jobs *river.Client[pgx.Tx]
	log  *slog.Logger
}

const (
	// postgresPoll is how often River looks for jobs although nobody notified it.
	postgresPoll = time.Second
	// postgresConns is how many connections are made where the URL does not say pool_max_conns.
	postgresConns = 10
)

// forgetDeadClients lets the server end, with whatever rows it has locked, the transaction of a machine that vanished or
// of a process that froze: others wait for those rows.
const forgetDeadClients = `SET idle_in_transaction_session_timeout = '5s';
	SET tcp_keepalives_idle = 4; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3`

func openPostgres(ctx context.Context, url string, log *slog.Logger) (*postgresDB, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, &commands.Error{
			Kind:    commands.Usage,
			Message: "The store's URL is not one that PostgreSQL's clients understand.",
			Hint:    "Write it as postgres://USER:PASSWORD@HOST:5432/NAME.",
			Err:     err, // pgx leaves the password out
		}
	}
	if !strings.Contains(url, "pool_max_conns") {
		config.MaxConns = postgresConns
	}
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, forgetDeadClients)
		return err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, &commands.Error{
			Kind:    commands.Unavailable,
			Message: fmt.Sprintf("The PostgreSQL server at %s did not let deckhand in.", config.ConnConfig.Host),
			Hint:    "Check that it runs, and that the user, the password and the database's name are right.",
			Err:     err,
		}
	}
	// Of several notifications within the cool-down River sends only the first, and a job that is committed after
	// the workers looked would wait for the poll: the shortest cool-down is the surest.
	jobs, err := river.NewClient(riverpgxv5.New(pool), &river.Config{Logger: quiet(log), FetchCooldown: time.Millisecond})
	if err != nil {
		pool.Close()
		return nil, err
	}
	return &postgresDB{pool, jobs, log}, nil
}

func (d *postgresDB) read() reader { return postgresReader{d.pool} }

func (d *postgresDB) write(ctx context.Context, do func(writer) error) error {
	tx, err := d.pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) //nolint:errcheck // after a commit there is nothing to roll back
	if err := do(&postgresWriter{postgresReader{tx}, tx, d.jobs}); err != nil {
		return err
	}
	return openEnd(tx.Commit(ctx))
}

// lax is write: the server is the one that waits for its disk.
func (d *postgresDB) lax(ctx context.Context, do func(writer) error) error { return d.write(ctx, do) }

// together is write: PostgreSQL itself makes transactions that end at the same time durable together.
func (d *postgresDB) together(ctx context.Context, do func(context.Context, writer) error) error {
	return d.write(ctx, func(to writer) error { return do(ctx, to) })
}

// migrate holds an advisory lock, so that of several processes that start at once one migrates and the others find it
// done. It is a lock of the session and not of a transaction, because some of River's migrations need a commit
// in between.
func (d *postgresDB) migrate(ctx context.Context) error {
	const exists = "SELECT 1 FROM pg_class WHERE oid = to_regclass('schema_version')"
	files, err := migrations("postgres")
	if err != nil {
		return err
	}
	migrator, err := rivermigrate.New(riverpgxv5.New(d.pool), &rivermigrate.Config{Logger: quiet(d.log)})
	if err != nil {
		return err
	}
	known := versions{own: len(files), river: len(migrator.AllVersions())}
	found, err := currentVersions(ctx, d.read(), exists)
	if err != nil || found == known {
		return err
	}
	return d.alone(ctx, func() error {
		found, err := currentVersions(ctx, d.read(), exists)
		if err != nil || found == known {
			return err
		}
		if err := refuseNewer(found, known); err != nil {
			return err
		}
		if err := d.write(ctx, func(to writer) error { return migrateOwn(ctx, to, files, found) }); err != nil {
			return err
		}
		if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
			return err
		}
		return d.write(ctx, func(to writer) error { return writeVersion(ctx, to, "river", known.river) })
	})
}

// alone runs do while no other process runs one for this schema.
func (d *postgresDB) alone(ctx context.Context, do func() error) error {
	conn, err := d.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	const key = "hashtextextended('deckhand migration of ' || current_schema(), 0)"
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock("+key+")"); err != nil {
		return err
	}
	err = do()
	// The lock is given back even where ctx has ended: the connection goes back to the pool and lives on.
	_, unlock := conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock("+key+")")
	return errors.Join(err, unlock)
}

// client starts River as it is meant to be: its leader rescues the jobs of processes that died.
func (d *postgresDB) client(_ context.Context, config *river.Config) (client, func() error, error) {
	config.FetchPollInterval = postgresPoll
	client, err := river.NewClient(riverpgxv5.New(d.pool), config)
	return client, func() error { return nil }, err
}

// lookAgain has nothing to do: whoever of the processes comes first takes the job, and each looks once a second.
func (d *postgresDB) lookAgain(bot.Work, time.Duration) {}

func (d *postgresDB) keepRow() string { return " FOR KEY SHARE" }

func (d *postgresDB) size() string { return "pg_database_size(current_database())" }

func (d *postgresDB) clock() string { return "(extract(epoch FROM clock_timestamp()) * 1000)::bigint" }

func (d *postgresDB) skipNumbers(ctx context.Context, to writer, n int) error {
	sequence := "pg_get_serial_sequence('requests', 'number')"
	return to.query(ctx, func(scan) error { return nil }, "SELECT setval("+sequence+", nextval("+sequence+") + ?)", n)
}

func (d *postgresDB) close() error {
	d.pool.Close()
	return nil
}

// postgresReader is a pool or a transaction.
type postgresReader struct {
	from interface {
		Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	}
}

func (r postgresReader) query(ctx context.Context, read func(scan) error, statement string, args ...any) error {
	rows, err := r.from.Query(ctx, dollars(statement), clean(args)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := read(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

type postgresWriter struct {
	postgresReader
	tx   pgx.Tx
	jobs *river.Client[pgx.Tx]
}

func (w *postgresWriter) exec(ctx context.Context, statement string, args ...any) (int64, error) {
	tag, err := w.tx.Exec(ctx, dollars(statement), clean(args)...)
	return tag.RowsAffected(), err
}

func (w *postgresWriter) execEach(ctx context.Context, statement string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	batch, statement := &pgx.Batch{}, dollars(statement)
	for _, row := range rows {
		batch.Queue(statement, clean(row)...)
	}
	return w.tx.SendBatch(ctx, batch).Close()
}

func (w *postgresWriter) insertJobs(ctx context.Context, jobs []river.InsertManyParams) error {
	if len(jobs) == 0 {
		return nil
	}
	_, err := w.jobs.InsertManyFastTx(ctx, w.tx, jobs)
	return err
}

func (d *postgresDB) jobsWaiting() string {
	return `SELECT (args->>'request')::bigint FROM river_job WHERE state IN ('available', 'retryable', 'scheduled') AND queue = ?
		AND (state <> 'scheduled' OR metadata->>'snoozes' IS NOT NULL)`
}

// dollars turns question marks into PostgreSQL's $1, $2, ... None of our statements has one inside a literal.
func dollars(statement string) string {
	parts := strings.Split(statement, "?")
	var out strings.Builder
	for i, part := range parts {
		if i > 0 {
			out.WriteString("$" + strconv.Itoa(i))
		}
		out.WriteString(part)
	}
	return out.String()
}
