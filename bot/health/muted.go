package health

import (
	"context"
	"slices"
	"time"

	"deckhand/commands/check"
)

// hearMutes reads the mutes where something changed, and has the checks looked at here whose planned action has ended since: how it left
// them is known at once.
func (l *Loop) hearMutes(ctx context.Context, now time.Time) error {
	attention, err := l.Store.Attention(ctx)
	if err != nil || l.heard && attention == l.attention {
		return err
	}
	mutes, err := l.Store.Mutes(ctx, now.Add(-justNow))
	if err != nil {
		return err
	}
	l.mu.Lock()
	ended := endedActions(l.mutes, mutes, now)
	l.mutes = mutes
	l.mu.Unlock()
	l.attention, l.heard = attention, true
	if len(ended) == 0 {
		return nil
	}
	select {
	case l.soon <- ended:
	case <-ctx.Done():
	}
	return nil
}

// endedActions are the checks whose planned action has just ended, and was not known to have.
func endedActions(before, now []check.Mute, at time.Time) []string {
	var names []string
	for _, m := range now {
		known := slices.ContainsFunc(before, func(b check.Mute) bool { return b.Key == m.Key && !b.Until.After(m.Until) })
		if m.Kind == check.Planned && !known && !m.Active(at) && at.Sub(m.Until) <= justNow {
			names = append(names, m.Checks...)
		}
	}
	return names
}

// isMuted tells whether a mute covered a check at a time.
func (l *Loop) isMuted(name string, at time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(l.mutes, func(m check.Mute) bool { return m.Active(at) && m.Covers(name) })
}
