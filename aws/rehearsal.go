package aws

import (
	"context"
	"errors"
)

// What a call that changes something answers where its context says that it is a rehearsal: AWS did nothing, whatever the answer.
var (
	// ErrRehearsed is AWS's word that it would take the call as far as rights go.
	ErrRehearsed = errors.New("AWS's dry run says that this would go through")
	// ErrUnasked is for a call that was not made at all: it has no dry run, or goes to an endpoint that may act in spite of one.
	ErrUnasked = errors.New("nothing was asked: there is no dry run of this here")
)

type rehearsalKey struct{}

// Rehearsing makes dry runs of all calls under ctx that change something; those that only look go on as always. A dry run ends a method:
// of several calls the first is rehearsed, and the error is ErrRehearsed, ErrUnasked, or what AWS refuses the call with. Nil is
// the answer where there is nothing to do any more.
func Rehearsing(ctx context.Context) context.Context {
	return context.WithValue(ctx, rehearsalKey{}, true)
}

// IsRehearsal tells whether calls that change something are only rehearsed.
func IsRehearsal(ctx context.Context) bool { return ctx.Value(rehearsalKey{}) != nil }
