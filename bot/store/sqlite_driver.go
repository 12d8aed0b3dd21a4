package store

import (
	"context"
	"database/sql"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"deckhand/bot"
)

// sqliteDriver is River's driver with another way to tell the workers of new jobs. River's own writes a row for each job
// and asks for such rows twenty times a second; a bell inside the process starts a job within a millisecond or two, costs
// nothing while nothing happens, and leaves the jobs of other processes to the poll.
// River calls these methods unstable: its version is pinned, and the conformance suite would notice.
type sqliteDriver struct {
	*riversqlite.Driver
	bell *bell
}

func newSQLiteDriver(db *sql.DB) *sqliteDriver {
	return &sqliteDriver{riversqlite.New(db), &bell{make(chan struct{}, 1), make(chan struct{}, 1)}}
}

// SupportsListenNotify keeps River from writing its own notifications.
func (d *sqliteDriver) SupportsListenNotify() bool { return false }

// GetListener gives River the bell to listen to.
func (d *sqliteDriver) GetListener(*riverdriver.GetListenenerParams) riverdriver.Listener {
	return d.bell
}

// bell rings for each queue that got jobs. It implements riverdriver.Listener for one client at a time.
type bell struct{ execute, deliver chan struct{} }

// ring is called after a commit. A bell that was not heard yet need not ring twice.
func (b *bell) ring(inserted []river.InsertManyParams) {
	for _, job := range inserted {
		queue := b.deliver
		if job.InsertOpts.Queue == string(bot.Execute) {
			queue = b.execute
		}
		select {
		case queue <- struct{}{}:
		default:
		}
	}
}

// WaitForNotification answers in River's own words that a queue has new jobs.
func (b *bell) WaitForNotification(ctx context.Context) (*riverdriver.Notification, error) {
	queue := bot.Execute
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-b.execute:
	case <-b.deliver:
		queue = bot.Deliver
	}
	return &riverdriver.Notification{Topic: "river_insert", Payload: `{"queue": "` + string(queue) + `"}`}, nil
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
