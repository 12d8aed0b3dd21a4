package bot

import (
	"context"
	"fmt"
	"sync"

	"deckhand/commands"
)

// watchedJournal is a request's journal that notes whether the store failed. A runner that met such a failure cannot tell
// it from one of its own, and would report a failure of something that happened.
type watchedJournal struct {
	inner commands.Journal
	mu    sync.Mutex
	err   error
}

// trouble is the first error of the store, nil where there was none.
func (j *watchedJournal) trouble() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.err
}

func (j *watchedJournal) note(what string, err error) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err != nil && j.err == nil {
		j.err = fmt.Errorf("journal, %s: %w", what, err)
	}
	return err
}

// Load implements commands.Journal.
func (j *watchedJournal) Load(ctx context.Context, step string) (commands.Entry, error) {
	entry, err := j.inner.Load(ctx, step)
	return entry, j.note("load "+step, err)
}

// Begin implements commands.Journal.
func (j *watchedJournal) Begin(ctx context.Context, step string) error {
	return j.note("begin "+step, j.inner.Begin(ctx, step))
}

// Finish implements commands.Journal.
func (j *watchedJournal) Finish(ctx context.Context, step string, result []byte, failure string) error {
	return j.note("finish "+step, j.inner.Finish(ctx, step, result, failure))
}
