package health

import (
	"time"

	"deckhand/commands/check"
)

// parentWait is how long a check that went down waits for its parent to be looked at.
const parentWait = 2 * time.Minute

const (
	justNow   = 30 * time.Second // how long after its end an action's checks are looked at beside their timetable
	aftermath = 15 * time.Minute // how long after its end an action is said to be the last change before an outage
)

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

// blame answers the action of deckhand's own that a check's outage follows, the latest where there are several.
func blame(mutes []check.Mute, name string, began time.Time) check.Change {
	var latest check.Mute
	for _, m := range mutes {
		if m.Kind == check.Planned && m.Covers(name) && !began.Before(m.Since) && began.Sub(m.Until) < aftermath && !m.Since.Before(latest.Since) {
			latest = m
		}
	}
	return check.Change{Request: latest.Name, Line: latest.Reason, By: latest.By, At: latest.Since}
}
