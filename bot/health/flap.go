package health

import (
	"slices"
	"time"
)

const (
	flapChanges = 6                // changes within flapWindow make a check flap
	flapWindow  = 30 * time.Minute //
	steadyAfter = 15 * time.Minute // without a change it is steady
)

// lately answers the changes within the window before the latest one. What seems to come after it is of before the clock was set back.
func lately(changes []time.Time) []time.Time {
	if len(changes) == 0 {
		return nil
	}
	latest := changes[len(changes)-1]
	from := latest.Add(-flapWindow)
	return slices.DeleteFunc(slices.Clone(changes), func(t time.Time) bool { return t.Before(from) || t.After(latest) })
}
