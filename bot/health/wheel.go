package health

import "time"

// ring is how many buckets the wheel has: a minute. What is due later goes round with it.
const ring = int64(time.Minute / grain)

// wheel keeps watches by the bucket in which they are due. It belongs to one goroutine.
type wheel struct {
	slots [ring][]*watch
	at    int64 // the latest bucket that was taken
}

func bucketOf(t time.Time) int64 { return t.UnixMilli() / grain.Milliseconds() }

func timeOf(bucket int64) time.Time { return time.UnixMilli(bucket * grain.Milliseconds()) }

// plant puts a watch where it is due next after a time, or at a sooner one.
func (w *wheel) plant(x *watch, now, soon time.Time) {
	due := x.pace.Due(now)
	if !soon.IsZero() && (due.IsZero() || due.After(soon)) {
		due = soon
	}
	if due.IsZero() {
		return
	}
	x.bucket = max(bucketOf(due), w.at+1)
	slot := x.bucket % ring
	w.slots[slot] = append(w.slots[slot], x)
}

const (
	soonTime   = 2 * time.Second  // within which looks begin that do not wait for their turn
	firstTime  = time.Minute      // within which what is looked at rarely is looked at first
	farAway    = 10 * time.Minute // the interval from which that is so
	lookedAway = 10 * time.Second // a look that was due in this time and not made is made up for
)

// soonest is when a watch that is new here is looked at even where it is not due; the zero time where it waits for its turn. A check
// from chat that was never looked at does not wait: somebody is waiting for the first answer. Nor does one whose turn
// came while it passed from another process to this one, or while this one was started anew, unless its next turn is near.
func (x *watch) soonest(now, last time.Time) time.Time {
	if last.IsZero() {
		switch {
		case x.pace.Due(now).IsZero(), x.check.FromConfig && x.pace.spec.Every() < farAway:
			return time.Time{}
		case x.check.FromConfig:
			return now.Add(time.Duration(spread(x.check.Name)%uint64(firstTime/grain)) * grain)
		}
		return now.Add(soonTime)
	}
	missed := x.pace.Due(last)
	if missed.IsZero() || missed.After(now) || now.Sub(missed) > lookedAway {
		return time.Time{}
	}
	soon := now.Add(time.Duration(spread(x.check.Name)%uint64(soonTime/grain)) * grain)
	next := x.pace.Due(now)
	if after := x.pace.Due(next); next.Sub(soon) < after.Sub(next)/2 {
		return time.Time{} // it is due soon anyway
	}
	return soon
}

// take removes what is due up to a bucket. Within a bucket the order is the same each time.
func (w *wheel) take(to int64) []*watch {
	var due []*watch
	for b := max(w.at+1, to-ring+1); b <= to; b++ {
		slot := b % ring
		kept := w.slots[slot][:0]
		for _, x := range w.slots[slot] {
			switch {
			case x.gone.Load(), x.leaving.Load(): // falls out
			case x.bucket <= to:
				due = append(due, x)
			default:
				kept = append(kept, x)
			}
		}
		clear(w.slots[slot][len(kept):])
		w.slots[slot] = kept
	}
	w.at = to
	return due
}

// next is the bucket to wake up for: the next one that holds anything, at most a minute away.
func (w *wheel) next() int64 {
	for b := w.at + 1; b < w.at+ring; b++ {
		if len(w.slots[b%ring]) > 0 {
			return b
		}
	}
	return w.at + ring
}

// rebuild plants everything anew: the clock was set back.
func (w *wheel) rebuild(now time.Time) {
	var all []*watch
	for i := range w.slots {
		all = append(all, w.slots[i]...)
		w.slots[i] = nil
	}
	w.at = bucketOf(now)
	for _, x := range all {
		w.plant(x, now, time.Time{})
	}
}
