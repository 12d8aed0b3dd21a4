package check

import (
	"fmt"
	"time"

	"deckhand/commands"
)

// standing is what can be said of a check at a moment.
type standing int

const (
	isDown  standing = iota
	unseen           // never looked at
	unheard          // not looked at lately: nobody ran, or the store is behind
	unsure           // looked at, too few results
	isUp
)

// grace is how long after its time a look may come before a check counts as not looked at.
const grace = 30 * time.Second

// stand judges a state. A check whose last two looks did not come is not up, whatever its last result said.
func stand(c Check, s State, clock Clock, now time.Time) standing {
	switch {
	case s.Last.At.IsZero():
		return unseen
	case overdue(c, s, clock, now):
		return unheard
	case s.Status == Down:
		return isDown
	case s.Status == Up:
		return isUp
	default:
		return unsure
	}
}

// Stale tells whether a check was not looked at lately, so that what it last said may not be so any more.
func Stale(c Check, s State, clock Clock, now time.Time) bool {
	return !s.Last.At.IsZero() && overdue(c, s, clock, now)
}

func overdue(c Check, s State, clock Clock, now time.Time) bool {
	at := s.Last.At
	for range 2 {
		next, err := clock.Next(c.Schedule, "UTC", at)
		if err != nil {
			return false
		}
		at = next
	}
	return now.After(at.Add(c.Timeout + grace))
}

// words says the standing in a table's cell.
func words(c Check, s State, at standing, now time.Time) string {
	switch at {
	case unseen:
		return "never looked at"
	case unheard:
		return string(s.Status) + " when last looked at"
	case isDown:
		return "down for " + Span(now.Sub(s.Since))
	case isUp:
		text := "up for " + Span(now.Sub(s.Since))
		if s.Streak > 0 {
			text += ", " + Thresholds(c, s)
		}
		return text
	default:
		return fmt.Sprintf("not known yet, %s", Thresholds(c, s))
	}
}

// lastLook says what the latest look brought, and when.
func lastLook(s State) string {
	if s.Last.At.IsZero() {
		return "never"
	}
	text := s.Last.Detail
	if s.Last.OK {
		text += " in " + Span(s.Last.Latency)
	}
	return text + ", " + commands.At(s.Last.At)
}
