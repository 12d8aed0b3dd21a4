package health

import (
	"context"
	"slices"
	"strconv"
	"time"

	"deckhand/bot/timetable"
	"deckhand/commands/check"
)

// Window is a time that comes again and again in which channels are not told.
type Window struct {
	Name     string
	Spec     timetable.Spec
	Duration time.Duration
	Checks   []string // names; * and ? are wildcards
	Reason   string
}

// ahead is how early a window is written down, so that it holds from its beginning.
const ahead = time.Minute

// slot is the mute of a window's time that holds, or is about to.
func (w Window) slot(now time.Time) (check.Mute, bool) {
	begin := w.Spec.Next(now.Add(-w.Duration))
	if begin.IsZero() || begin.After(now.Add(ahead)) {
		return check.Mute{}, false
	}
	return check.Mute{
		Key:  "maintenance:" + w.Name + ":" + strconv.FormatInt(begin.Unix(), 10) + ":" + w.Duration.String(),
		Kind: check.Maintenance, Name: w.Name, Checks: w.Checks, Since: begin.UTC(), Until: begin.Add(w.Duration).UTC(), Reason: w.Reason, By: "config",
	}, true
}

// windows writes down the maintenance windows that hold, and ends those that the configuration does not have any more.
func (d *desk) windows(ctx context.Context, now time.Time) error {
	d.mu.Lock()
	known := slices.Clone(d.mutes)
	d.mu.Unlock()
	holds := map[string]bool{}
	for _, w := range d.loop.Windows {
		mute, ok := w.slot(now)
		if !ok || !d.loaded {
			continue
		}
		holds[mute.Key] = true
		if !slices.ContainsFunc(known, func(m check.Mute) bool { return m.Key == mute.Key }) {
			if err := d.loop.Store.SaveMute(ctx, mute); err != nil {
				return err
			}
		}
	}
	for _, m := range known {
		if m.Kind == check.Maintenance && m.Until.After(now) && !holds[m.Key] {
			m.Until = now
			if err := d.loop.Store.SaveMute(ctx, m); err != nil {
				return err
			}
		}
	}
	return nil
}
