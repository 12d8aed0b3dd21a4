package lease

import (
	"context"
	"slices"
	"time"

	"deckhand/commands/schedule"
)

// tooLate is from when on something that came due counts as late.
const tooLate = 2 * time.Minute

// Acts answers what is due. Where deckhand was away when an owner was to be told of an end, or when a machine was to stop, nothing is removed in
// the same breath: what stops has its grace from now on, and of the rest the owner is told first.
func (d Desk) Acts(ctx context.Context, due time.Time) ([]schedule.Act, error) {
	acts, err := d.Book.Acts(ctx, due)
	if err != nil || d.Terms.StopOnly || due.IsZero() {
		return acts, err
	}
	late := func(key string) bool {
		return slices.ContainsFunc(acts, func(a schedule.Act) bool { return a.Key == key && a.Tries == 0 && due.Sub(a.Due) > tooLate })
	}
	if !slices.ContainsFunc(acts, func(a schedule.Act) bool { return late(a.Key) }) {
		return acts, nil
	}
	leases, err := d.Book.Leases(ctx)
	if err != nil {
		return nil, err
	}
	for _, l := range leases {
		told := l.key("warn")
		if l.stop() != "" {
			told = l.key("stop")
		}
		if !late(told) || !l.Late.IsZero() || due.Sub(l.Ends) <= tooLate || d.Terms.removed(l).Sub(due) >= d.Terms.Warn {
			continue
		}
		l.Late = due.UTC().Truncate(time.Second)
		if err := d.putLater(ctx, l); err != nil {
			return nil, err
		}
		acts = slices.DeleteFunc(acts, func(a schedule.Act) bool { return a.Key == l.key("end") })
	}
	return acts, nil
}

// putLater moves the removal of what is on lease, with the rights of whoever it was to happen with.
func (d Desk) putLater(ctx context.Context, l Lease) error {
	all, err := d.Book.Acts(ctx, time.Time{})
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(a schedule.Act) bool { return a.Key == l.key("end") })
	if at < 0 {
		return nil
	}
	all[at].Due = d.Terms.removed(l)
	return d.Book.PutLease(ctx, l, all[at:at+1])
}
