// Package health decides when each check is due, what its results mean and what must be announced, and does the
// looking and the announcing.
package health

import (
	"hash/fnv"
	"time"

	"deckhand/bot/timetable"
	"deckhand/commands/check"
)

// grain is the width of a bucket of the wheel: probes that are due within it start together, because waking up
// costs more than probing.
const grain = 100 * time.Millisecond

// Pace says when a check is due.
//
// A check with an interval ("@every 30s") has a phase of its own within it, taken from its name: the same in every process and
// after every restart, spread evenly over the checks, so that the first look comes within one interval. A check
// with a cron expression is due within the second that the expression names.
type Pace struct {
	spec  timetable.Spec
	phase time.Duration // a multiple of grain
}

// NewPace reads a check's timetable. Errors are commands.Error of kind Usage.
func NewPace(c check.Check) (Pace, error) {
	spec, err := timetable.Parse(c.Schedule, "UTC")
	if err != nil {
		return Pace{}, err
	}
	window := time.Second
	if spec.Every() > 0 {
		window = spec.Every()
	}
	return Pace{spec: spec, phase: time.Duration(spread(c.Name)%uint64(window/grain)) * grain}, nil
}

// Due is when the check is due next after a time: the beginning of a bucket. The zero time where it never is.
func (p Pace) Due(after time.Time) time.Time {
	slot := p.spec.Next(after.Add(-p.phase))
	if slot.IsZero() {
		return slot
	}
	return slot.Add(p.phase)
}

// covers is how long a look at a time speaks for: until the next one is due, to the second.
func (p Pace) covers(at time.Time) time.Duration {
	next := p.Due(at)
	if next.IsZero() {
		return 0
	}
	return next.Sub(at).Round(time.Second)
}

// spread is a hash whose every bit depends on every letter (FNV-1a, finished as in MurmurHash3), so that its remainders are
// even for names like e1, e2, e3 too.
func spread(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name)) // a hash never fails to write
	return mix(h.Sum64())
}

// mix lets every bit of a number depend on every other.
func mix(x uint64) uint64 {
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}
