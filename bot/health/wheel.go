package health

import (
	"time"

	"deckhand/commands/check"
)

// ring is how many buckets the wheel has: a minute. What is due later goes round with it.
const ring = int64(time.Minute / grain)

// wheel keeps watches by the bucket in which they are due. It belongs to one goroutine.
type wheel struct {
	slots [ring][]*watch
	at    int64 // the latest bucket that was taken
}

func bucketOf(t time.Time) int64 { return t.UnixMilli() / grain.Milliseconds() }

func timeOf(bucket int64) time.Time { return time.UnixMilli(bucket * grain.Milliseconds()) }

// plant puts a watch where it is due next after a time. A check from chat that was never looked at does not wait
// for its turn: somebody is waiting for the first answer.
func (w *wheel) plant(x *watch, now time.Time, fresh bool) {
	due := x.pace.Due(now)
	if due.IsZero() {
		return
	}
	if soon := now.Add(2 * time.Second); fresh && !x.check.FromConfig && due.After(soon) {
		due = soon
	}
	x.bucket = max(bucketOf(due), w.at+1)
	slot := x.bucket % ring
	w.slots[slot] = append(w.slots[slot], x)
}

// take removes what is due up to a bucket. Within a bucket the order is the same each time.
func (w *wheel) take(to int64) []*watch {
	var due []*watch
	for b := max(w.at+1, to-ring+1); b <= to; b++ {
		slot := b % ring
		kept := w.slots[slot][:0]
		for _, x := range w.slots[slot] {
			switch {
			case x.gone.Load(): // falls out
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
		w.plant(x, now, false)
	}
}

// fresh tells whether a check was never looked at.
func fresh(s check.State) bool { return s.Last.At.IsZero() }
