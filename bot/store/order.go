package store

import (
	"context"
	"sync"
)

// order lets one write at a time, in the order of asking, except that a line that somebody waits to have taken goes before the work of
// requests that were taken: of those, one at most between two of it.
type order struct {
	mu     sync.Mutex
	taken  bool
	urgent bool // the latest turn
	first  []chan struct{}
	rest   []chan struct{}
}

// take waits for a turn. Give it back with leave.
func (o *order) take(ctx context.Context, urgent bool) error {
	o.mu.Lock()
	if !o.taken {
		o.taken, o.urgent = true, urgent
		o.mu.Unlock()
		return nil
	}
	mine := make(chan struct{}, 1)
	line := o.line(urgent)
	*line = append(*line, mine)
	o.mu.Unlock()
	select {
	case <-mine:
		return nil
	case <-ctx.Done():
	}
	if !o.withdraw(mine, urgent) {
		o.leave() // it was given just now
	}
	return ctx.Err()
}

func (o *order) line(urgent bool) *[]chan struct{} {
	if urgent {
		return &o.first
	}
	return &o.rest
}

// withdraw leaves a line, and answers false where the turn was given already.
func (o *order) withdraw(mine chan struct{}, urgent bool) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	line := o.line(urgent)
	for i, other := range *line {
		if other == mine {
			*line = append((*line)[:i:i], (*line)[i+1:]...)
			return true
		}
	}
	return false
}

// leave gives the turn to the next.
func (o *order) leave() {
	o.mu.Lock()
	defer o.mu.Unlock()
	urgent := len(o.first) > 0 && (!o.urgent || len(o.rest) == 0)
	line := o.line(urgent)
	if len(*line) == 0 {
		o.taken = false
		return
	}
	next := (*line)[0]
	*line = (*line)[1:]
	o.urgent = urgent
	next <- struct{}{}
}
