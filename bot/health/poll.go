package health

import (
	"context"
	"reflect"
	"time"

	"deckhand/commands/check"
)

// watchStore reads the checks whenever they have changed. It is a goroutine of its own, so that a slow store delays no look.
func (l *Loop) watchStore(ctx context.Context) {
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	for {
		if err := l.reload(ctx); err != nil && ctx.Err() == nil {
			l.Log.Error("the checks cannot be read", "err", err)
		}
		if err := l.hearMutes(ctx, l.Now()); err != nil && ctx.Err() == nil {
			l.Log.Error("the mutes cannot be read", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// reload reads the checks where they have changed, and passes new ones to the wheel.
func (l *Loop) reload(ctx context.Context) error {
	revision, err := l.Store.CheckRevision(ctx)
	if err != nil || l.loaded && revision == l.revision {
		return err
	}
	checks, err := l.Store.Checks(ctx)
	if err != nil {
		return err
	}
	states, err := l.Store.States(ctx)
	if err != nil {
		return err
	}
	added := l.adopt(checks, states)
	if !l.loaded {
		close(l.adopted)
	}
	l.revision, l.loaded = revision, true
	select {
	case l.added <- added:
	case <-ctx.Done():
	}
	return nil
}

// adopt makes the watches be those of the checks, and answers the new ones that are looked at here.
func (l *Loop) adopt(checks []check.Check, states map[string]check.State) []*watch {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := l.watches
	l.watches = make(map[string]*watch, len(checks))
	l.parents = map[string]bool{}
	var added []*watch
	for _, c := range checks {
		if c.Parent != "" {
			l.parents[c.Parent] = true
		}
		old := before[c.Name]
		if old != nil && reflect.DeepEqual(old.check, c) {
			l.watches[c.Name] = old
			delete(before, c.Name)
			continue
		}
		pace, err := NewPace(c)
		if err != nil {
			l.Log.Error("a check cannot be understood", "check", c.Name, "err", err)
			continue
		}
		x := &watch{check: c, pace: pace, ours: l.share.has(c.Name), state: states[c.Name]}
		// The same check with other settings: what memory knows is newer than the store.
		if old != nil && old.check.CreatedAt.Equal(c.CreatedAt) {
			x.state = old.state
		}
		l.watches[c.Name] = x
		if x.ours {
			added = append(added, x)
		}
	}
	for _, old := range before {
		old.gone.Store(true)
	}
	return added
}
