package health

import (
	"time"

	"deckhand/commands/check"
)

// parentWait is how long a check that went down waits for its parent to be looked at.
const parentWait = 2 * time.Minute

// hush is what keeps an incident from being told.
type hush struct {
	mute    *check.Mute
	parent  string    // that is down, and told of
	waiting bool      // the parent may be about to go down
	ended   time.Time // when the latest mute, or the parent's outage, was over
}

// holds tells whether an incident is not to be told now. After a silence it is told by the first look that still fails: what recovers
// right after a planned stop, or with its parent, is no news.
func (h hush) holds(s check.State) bool {
	if h.mute != nil || h.parent != "" || h.waiting {
		return true
	}
	return !h.ended.IsZero() && (s.Last.OK || !s.Last.At.After(h.ended))
}

// muted finds the mute that covers a check now, the one that ends last, and when the latest one that did was over.
func muted(mutes []check.Mute, name string, now time.Time) (active *check.Mute, ended time.Time) {
	for n, m := range mutes {
		switch {
		case !m.Covers(name):
		case m.Active(now):
			if active == nil || m.Until.After(active.Until) {
				active = &mutes[n]
			}
		case m.Until.After(m.Since) && !now.Before(m.Until) && m.Until.After(ended):
			ended = m.Until
		}
	}
	return active, ended
}

// above judges an incident by its parent's state.
func above(parent check.Check, p check.State, opened, now time.Time) hush {
	switch {
	case parent.Channel == "":
		return hush{} // nobody would hear of the parent either
	case p.Status == check.Down:
		return hush{parent: parent.Name}
	case p.Status != check.Up:
		return hush{waiting: now.Sub(opened) < parentWait} // it may be about to be down for the first time
	case p.Streak > 0:
		return hush{waiting: true}
	case p.Last.At.Before(opened) && now.Sub(opened) < parentWait:
		return hush{waiting: true}
	default:
		return hush{ended: p.Since}
	}
}
