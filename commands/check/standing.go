package check

import (
	"fmt"
	"strings"
	"time"

	"deckhand/commands"
)

// standing is what can be said of a check at a moment.
type standing int

const (
	isDown  standing = iota
	isBlind          // its looks cannot be made
	coming           // new: its first look is to come
	unseen           // never looked at
	unheard          // not looked at lately: nobody ran, or the store is behind
	unsure           // looked at, too few results
	isUp
)

// grace is how long after its time a look may come before a check counts as not looked at.
const grace = 30 * time.Second

// stand judges a state. A check whose last two looks did not come is not up, whatever its last result said; nor is one that is not measured.
func stand(c Check, s State, blind map[string]Blindness, clock Clock, now time.Time) standing {
	_, isBlindNow := blind[c.Name]
	switch {
	case isBlindNow:
		return isBlind
	case s.Last.At.IsZero() && now.Before(firstLook(c, clock).Add(c.Timeout+grace)):
		return coming
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

const (
	promptly  = 3 * time.Second  // within which a check that was added in chat is looked at
	seldom    = 10 * time.Minute // the interval from which the first look does not wait for its turn
	firstTime = time.Minute      // within which that comes
)

// firstLook is when a new check is looked at at the latest, as package health does it.
func firstLook(c Check, clock Clock) time.Time {
	if !c.FromConfig {
		return c.CreatedAt.Add(promptly)
	}
	first, err := clock.Next(c.Schedule, "UTC", c.CreatedAt)
	if err != nil || !strings.HasPrefix(c.Schedule, "@every") {
		return first
	}
	second, err := clock.Next(c.Schedule, "UTC", first)
	if err != nil {
		return first
	}
	every := second.Sub(first) // each check has a turn of its own in it
	if every >= seldom {
		every = firstTime
	}
	return c.CreatedAt.Add(every)
}

// within says when a look comes that comes until a time at the latest.
func within(at, now time.Time) string {
	if left := at.Sub(now).Round(time.Second); left > promptly {
		return "within " + Span(left)
	}
	return "in a few seconds"
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
func words(c Check, s State, at standing, clock Clock, now time.Time) string {
	switch at {
	case coming:
		return "new, first look " + within(firstLook(c, clock), now)
	case isBlind:
		text := "not measured"
		if !s.Last.At.IsZero() {
			text += ", " + string(s.Status) + " when last looked at"
		}
		return text
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
