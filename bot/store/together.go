package store

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
)

// togetherMost bounds how many writes share a transaction.
const togetherMost = 64

// gathering are writes that wait while another transaction is being written. They share the next one: making a transaction durable
// costs the same for one as for many.
type gathering struct {
	mu      sync.Mutex
	waiting []*gathered
	busy    bool // somebody writes what waits
}

type gathered struct {
	do   func(writer) error
	done chan error // gets one
}

// together runs do in a transaction that it may share with others, each as if it were alone: where one fails, the others do not. An error
// of the context says that do was not run.
func (d *sqliteDB) together(ctx context.Context, do func(context.Context, writer) error) error {
	through := context.WithoutCancel(ctx) // an interrupted statement would undo what its neighbours wrote
	one := &gathered{func(to writer) error { return do(through, to) }, make(chan error, 1)}
	g := &d.gathering
	g.mu.Lock()
	g.waiting = append(g.waiting, one)
	if !g.busy {
		g.busy = true
		go d.writeGathered(through)
	}
	g.mu.Unlock()
	select {
	case err := <-one.done:
		return err
	case <-ctx.Done():
	}
	if g.withdraw(one) {
		return ctx.Err()
	}
	return <-one.done
}

// withdraw takes back a write that was not begun, and answers false where it was.
func (g *gathering) withdraw(one *gathered) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, other := range g.waiting {
		if other == one {
			g.waiting = append(g.waiting[:i:i], g.waiting[i+1:]...)
			return true
		}
	}
	return false
}

// next takes what waits; nothing waits: whoever comes next writes for themselves.
func (g *gathering) next() []*gathered {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(g.waiting), togetherMost)
	all := g.waiting[:n:n]
	g.waiting = g.waiting[n:]
	g.busy = n > 0
	return all
}

// writeGathered writes until nothing waits. Its context does not end.
func (d *sqliteDB) writeGathered(ctx context.Context) {
	for {
		if err := d.order.take(ctx, true); err != nil {
			continue
		}
		all := d.gathering.next()
		if len(all) == 0 {
			d.order.leave()
			return
		}
		failed := make([]error, len(all))
		err := d.transaction(ctx, func(w *sqliteWriter) error {
			for i, one := range all {
				var err error
				if failed[i], err = apart(ctx, w.tx, len(all) > 1, func() error { return guarded(one.do, w) }); err != nil {
					return err
				}
			}
			return nil
		})
		d.order.leave()
		for i, one := range all {
			if failed[i] == nil {
				failed[i] = err
			}
			one.done <- failed[i]
		}
	}
}

// guarded makes an error of a panic: the goroutine is nobody's who could recover.
func guarded(do func(writer) error, w writer) (err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("panic while writing: %v", reason)
		}
	}()
	return do(w)
}

// apart runs do so that its failure undoes nothing else of the transaction. An error of the second kind is the transaction's.
func apart(ctx context.Context, tx *sql.Tx, shared bool, do func() error) (failed, broken error) {
	if !shared {
		err := do()
		return err, err
	}
	if _, err := tx.ExecContext(ctx, "SAVEPOINT one"); err != nil {
		return nil, err
	}
	failed = do()
	if failed != nil {
		if _, err := tx.ExecContext(ctx, "ROLLBACK TO one"); err != nil {
			return failed, err
		}
	}
	_, broken = tx.ExecContext(ctx, "RELEASE one")
	return failed, broken
}
