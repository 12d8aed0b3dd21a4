package sdk

import (
	"context"
	"errors"
)

// call is a call as the SDK's client of a service spells it; Opt are that client's options.
type call[In, Out, Opt any] func(context.Context, *In, ...func(*Opt)) (*Out, error)

// ask makes a call that changes nothing.
func ask[In, Out, Opt any](ctx context.Context, do call[In, Out, Opt], in *In) (*Out, error) {
	ctx, a := withAttempt(ctx)
	out, err := do(ctx, in)
	if err != nil {
		return nil, explain(err, a, false)
	}
	return out, nil
}

// change makes a call that changes something and carries no idempotency token. It is not repeated after an attempt
// that AWS may have carried out; see patient.
func change[In, Out, Opt any](ctx context.Context, do call[In, Out, Opt], in *In) (*Out, error) {
	ctx, a := withAttempt(ctx)
	a.once = true
	out, err := do(ctx, in)
	if err != nil {
		return nil, explain(err, a, true)
	}
	return out, nil
}

// repeat makes a call that changes something and that AWS makes idempotent, by a token or by its nature.
func repeat[In, Out, Opt any](ctx context.Context, do call[In, Out, Opt], in *In) (*Out, error) {
	ctx, a := withAttempt(ctx)
	out, err := do(ctx, in)
	if err != nil {
		return nil, explain(err, a, true)
	}
	return out, nil
}

// sought makes a call that makes something and that AWS makes idempotent, for callers that look for the thing before they ask again
// (commands.Ensure): where the answer is lost it is not repeated here, and the error says that asking again is safe.
func sought[In, Out, Opt any](ctx context.Context, do call[In, Out, Opt], in *In) (*Out, error) {
	out, err := change(ctx, do, in)
	if e := new(Error); errors.As(err, &e) {
		e.again = true
	}
	return out, err
}

// rehearse makes a dry run, and answers nil where AWS says that it would have worked.
func rehearse[In, Out, Opt any](ctx context.Context, do call[In, Out, Opt], in *In) error {
	_, err := ask(ctx, do, in)
	if codeOf(err) == "DryRunOperation" {
		return nil
	}
	return err
}
