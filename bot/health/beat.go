package health

import (
	"context"
	"time"

	"deckhand/commands/check"
)

// Beats knows the calls of heartbeats.
type Beats interface {
	// LastBeat is when a check's address was called last; the zero time where it never was.
	LastBeat(ctx context.Context, name string) (time.Time, error)
}

// lookBeat tells whether the job called in time.
func (p *Prober) lookBeat(ctx context.Context, c check.Check) (sight, error) {
	if p.eyes.Beats == nil || c.Heartbeat == nil {
		return sight{}, unseenError{"calls of heartbeats are not kept here"}
	}
	last, err := p.eyes.Beats.LastBeat(ctx, c.Name)
	if err != nil {
		return sight{}, unseenError{"the calls cannot be read: " + trimmed(err.Error())}
	}
	return beat(*c.Heartbeat, c.CreatedAt, last, time.Now())
}

// beat judges the last call, which may be the zero time.
func beat(h check.Heartbeat, created, last, now time.Time) (sight, error) {
	since := last
	if last.IsZero() {
		since = created
	}
	late := now.Sub(since) - h.Every - h.Grace
	switch {
	case late <= 0 && last.IsZero():
		return sight{}, unseenError{"no call came yet; the first is due by " + since.Add(h.Every+h.Grace).UTC().Format("2006-01-02 15:04:05 UTC")}
	case late <= 0:
		return sight{says: "called " + check.Span(now.Sub(last)) + " ago"}, nil
	case last.IsZero():
		return sight{wrong: "no call ever came; one is due every " + check.Span(h.Every)}, nil
	default:
		return sight{wrong: "no call for " + check.Span(now.Sub(last)) + "; one is due every " + check.Span(h.Every)}, nil
	}
}
