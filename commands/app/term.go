package app

import (
	"context"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/lease"
)

// terms are the leases there are, by the request that made the thing.
type terms struct {
	byRequest map[string]lease.Lease
	unknown   bool      // the store did not answer
	begins    time.Time // the end of the lease that begins with the report; zero: none
}

func (r Room) terms(ctx context.Context) terms {
	out := terms{byRequest: map[string]lease.Lease{}}
	if r.Leases == nil {
		return out
	}
	all, err := r.Leases.Leases(ctx)
	out.unknown = err != nil
	for _, l := range all {
		out.byRequest[l.ID()] = l
	}
	return out
}

// of answers the lease that ends a stack.
func (t terms) of(s aws.Stack) (lease.Lease, bool) {
	l, ok := t.byRequest[s.Tags[commands.RequestTag]]
	return l, ok && l.Application() == s.Name
}

// words say until when a stack may stay. The store knows; the tag may hold an earlier end, and is all there is of a stack that another
// deckhand made.
func (t terms) words(s aws.Stack, now time.Time) string {
	if l, ok := t.of(s); ok {
		if !now.Before(l.Ends) {
			return "over since " + commands.At(l.Ends)
		}
		return "until " + commands.At(l.Ends)
	}
	if !t.begins.IsZero() {
		return "until " + commands.At(t.begins)
	}
	tag := s.Tags[commands.LeaseTag]
	switch end, err := time.Parse(time.RFC3339, tag); {
	case tag == "":
		return commands.None
	case err != nil:
		return commands.Unmarked(tag)
	case t.unknown:
		return "until " + commands.At(end) + " by its tag; the store did not answer"
	default:
		return "until " + commands.At(end) + " by its tag, and no lease here ends it"
	}
}
