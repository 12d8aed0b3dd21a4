package store

import (
	"context"
	"database/sql"
	"os"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"deckhand/bot"
)

// sqliteDriver is River's driver with another way to tell the workers of new jobs. River's own writes a row for each job
// and reads such rows back; a bell inside the process starts a job within a millisecond or two and writes nothing.
// River calls these methods unstable: its version is pinned, and the conformance suite would notice.
type sqliteDriver struct {
	*riversqlite.Driver
	bell *bell
}

func newSQLiteDriver(db *sql.DB, path string) *sqliteDriver {
	return &sqliteDriver{riversqlite.New(db), &bell{db: db, log: path + "-wal", execute: make(chan struct{}, 1), deliver: make(chan struct{}, 1)}}
}

// SupportsListenNotify keeps River from writing its own notifications.
func (d *sqliteDriver) SupportsListenNotify() bool { return false }

// GetListener gives River the bell to listen to.
func (d *sqliteDriver) GetListener(*riverdriver.GetListenenerParams) riverdriver.Listener {
	return d.bell
}

// bell rings for each queue that got jobs. It implements riverdriver.Listener for one client at a time.
type bell struct {
	execute, deliver chan struct{}
	db               *sql.DB
	log              string // the file that all writes of all processes go to first
	// What WaitForNotification, which alone has them, saw last.
	version int64 // of the database, as SQLite tells it
	written time.Time
	size    int64
}

// ring is called after a commit.
func (b *bell) ring(inserted []river.InsertManyParams) {
	for _, job := range inserted {
		if due := job.InsertOpts.ScheduledAt; due.IsZero() {
			rung(b.queue(bot.Work(job.InsertOpts.Queue)))
		} else {
			b.ringLater(bot.Work(job.InsertOpts.Queue), time.Until(due))
		}
	}
}

func (b *bell) queue(work bot.Work) chan<- struct{} {
	if work == bot.Execute {
		return b.execute
	}
	return b.deliver
}

const (
	// A job that is to wait for longer than River's scheduler takes from one pass to the next is due when that has passed once more.
	schedulerPass = 5 * time.Second
	// putOff is how long River takes at most to write down that a job is to wait.
	putOff = 250 * time.Millisecond
	// ringTogether is how far apart such rings are: while Slack is away hundreds of jobs wait, and one look finds all that are due.
	ringTogether = time.Second
)

// ringLater rings when a job that is to wait has become due, which River itself finds out by looking alone.
func (b *bell) ringLater(work bot.Work, wait time.Duration) {
	if wait > schedulerPass {
		wait += schedulerPass
	}
	due := time.Now().Add(wait + putOff).Truncate(ringTogether).Add(ringTogether)
	time.AfterFunc(time.Until(due), func() { rung(b.queue(work)) })
}

// rung rings once: a bell that was not heard yet need not ring twice.
func rung(queue chan<- struct{}) {
	select {
	case queue <- struct{}{}:
	default:
	}
}

// WaitForNotification answers in River's own words that a queue has new jobs, or that it may have.
func (b *bell) WaitForNotification(ctx context.Context) (*riverdriver.Notification, error) {
	others := time.NewTicker(watchOthers)
	defer others.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-b.execute:
			return newJobs(bot.Execute), nil
		case <-b.deliver:
			return newJobs(bot.Deliver), nil
		case <-others.C:
			if b.othersWrote(ctx) {
				rung(b.execute)
				rung(b.deliver)
			}
		}
	}
}

func newJobs(queue bot.Work) *riverdriver.Notification {
	return &riverdriver.Notification{Topic: "river_insert", Payload: `{"queue": "` + string(queue) + `"}`}
}

// othersWrote tells whether another process has written to the file since the last time. SQLite counts that for each
// connection, and all that this process writes goes through this one. It is asked where anybody wrote at all, because
// looking at a file costs a hundredth of a question.
// Source: https://www.sqlite.org/pragma.html#pragma_data_version
func (b *bell) othersWrote(ctx context.Context) bool {
	file, err := os.Stat(b.log)
	if err == nil && file.Size() == b.size && file.ModTime().Equal(b.written) {
		return false
	}
	if err == nil {
		b.size, b.written = file.Size(), file.ModTime()
	}
	var version int64
	if err := b.db.QueryRowContext(ctx, "PRAGMA data_version").Scan(&version); err != nil {
		return false // the poll is there for whatever this misses
	}
	changed := version != b.version
	b.version = version
	return changed
}

// Connect does nothing: a bell is not connected to anything.
func (*bell) Connect(context.Context) error { return nil }

// Close does nothing.
func (*bell) Close(context.Context) error { return nil }

// Ping does nothing.
func (*bell) Ping(context.Context) error { return nil }

// Listen does nothing: the notifier itself drops what nobody subscribed to.
func (*bell) Listen(context.Context, string) error { return nil }

// Unlisten does nothing.
func (*bell) Unlisten(context.Context, string) error { return nil }

// Schema is empty: SQLite has none.
func (*bell) Schema() string { return "" }

// SetAfterConnectExec is for River's own tests.
func (*bell) SetAfterConnectExec(string) {}
