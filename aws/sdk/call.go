package sdk

import (
	"context"
	"errors"

	"deckhand/aws"
)

// call is a call as the SDK's client of a service spells it: In and Out are the pointers to its input and output, and Opt changes that client's
// options. Pointers are all alike to the compiler; with the structs themselves everything here would be compiled anew for each operation.
type call[In, Out, Opt any] func(context.Context, In, ...Opt) (Out, error)

// ask makes a call that changes nothing.
func ask[In, Out, Opt any](ctx context.Context, do call[In, Out, Opt], in In) (out Out, err error) {
	ctx, a := withAttempt(ctx)
	if out, err = do(ctx, in); err != nil {
		err = explain(err, a, false)
	}
	return out, err
}

// change makes a call that changes something and carries no idempotency token. It is not repeated after an attempt
// that AWS may have carried out; see patient.
func change[In, Out, Opt any](ctx context.Context, do call[In, Out, Opt], in In) (out Out, err error) {
	if aws.IsRehearsal(ctx) {
		return out, rehearsal(ctx, do, in)
	}
	ctx, a := withAttempt(ctx)
	a.once = true
	if out, err = do(ctx, in); err != nil {
		err = explain(err, a, true)
	}
	return out, err
}

// repeat makes a call that changes something and that AWS makes idempotent, by a token or by its nature.
func repeat[In, Out, Opt any](ctx context.Context, do call[In, Out, Opt], in In) (out Out, err error) {
	if aws.IsRehearsal(ctx) {
		return out, rehearsal(ctx, do, in)
	}
	ctx, a := withAttempt(ctx)
	if out, err = do(ctx, in); err != nil {
		err = explain(err, a, true)
	}
	return out, err
}

// sought makes a call that makes something and that AWS makes idempotent, for callers that look for the thing before they ask again
// (commands.Ensure): where the answer is lost it is not repeated here, and the error says that asking again is safe.
func sought[In, Out, Opt any](ctx context.Context, do call[In, Out, Opt], in In) (Out, error) {
	out, err := change(ctx, do, in)
	if e := new(Error); errors.As(err, &e) {
		e.again = true
	}
	return out, err
}

// rehearse makes a dry run, and answers nil where AWS says that it would have worked.
func rehearse[In, Out, Opt any](ctx context.Context, do call[In, Out, Opt], in In) error {
	_, err := ask(ctx, do, in)
	switch {
	case err == nil:
		return takenForReal(in, kindUncertain)
	case codeOf(err) == "DryRunOperation":
		return nil
	}
	return err
}
