package health

import (
	"time"

	"deckhand/commands/check"
)

// setBack is from when on an older result says that the clock was set back. No look lasts longer than a minute.
const setBack = 2 * time.Minute

// Evaluate answers where a check stands after one more result.
//
// FailAfter failures in a row make it down, PassAfter passes in a row make it up again. While nothing is known
// yet, the first pass makes it up at once. A status began with the first of the results that made it so. A result
// that is not newer than the last one changes nothing, unless it is so much older that the clock was set back.
func Evaluate(c check.Check, s check.State, r check.Result) check.State {
	if age := s.Last.At.Sub(r.At); !s.Last.At.IsZero() && age >= 0 && age < setBack {
		return s
	}
	if r.At.Before(s.Last.At) {
		s = movedBack(s, r.At)
	}
	if s.Status == "" {
		s.Status, s.Since = check.Unknown, r.At
	}
	s.Check, s.Last = c.Name, r
	verdict, needed := check.Down, c.FailAfter
	if r.OK {
		verdict, needed = check.Up, c.PassAfter
	}
	if s.Status == verdict {
		s.Streak, s.StreakAt = 0, time.Time{}
		return s
	}
	if s.Status == check.Unknown && r.OK {
		s.Streak, needed = 0, 1 // failures before it are no part of this streak
	}
	if s.Streak == 0 {
		s.StreakAt = r.At
	}
	if s.Streak++; s.Streak >= needed {
		s.Status, s.Since = verdict, s.StreakAt
		s.Streak, s.StreakAt = 0, time.Time{}
	}
	return s
}

// movedBack is a state as the clock has it that was set back since the last result. An outage that seems to begin later than now goes on for as
// long as it did: it began as much earlier as the clock now shows. Nothing else began later than now.
func movedBack(s check.State, now time.Time) check.State {
	switch {
	case !s.Since.After(now):
	case s.Status == check.Down:
		s.Since = s.Since.Add(now.Sub(s.Last.At.Add(s.Last.Covers)))
	default:
		s.Since = now
	}
	if s.StreakAt.After(now) {
		s.StreakAt = now
	}
	return s
}
