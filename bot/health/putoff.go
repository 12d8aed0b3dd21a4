package health

import "time"

// putOffFor is how long an edit that failed several times is not tried.
const putOffFor = time.Minute

// putOff is an edit that failed.
type putOff struct {
	tries int
	until time.Time // when it is tried again
}

// holds tells whether the edit is not to be tried yet. A clock that was set back meanwhile holds nothing up.
func (p putOff) holds(now time.Time) bool {
	return now.Before(p.until) && p.until.Sub(now) <= putOffFor
}

// putOff counts an edit that failed, and answers how often it did.
func (d *desk) putOff(number int64, now time.Time) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	failed := d.unedited[number]
	if failed.tries++; failed.tries >= corrections {
		failed.until = now.Add(putOffFor)
	}
	d.unedited[number] = failed
	return failed.tries
}
