package sdk

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// ec2Call is a call of EC2 as the SDK spells it.
type ec2Call[In, Out any] func(context.Context, *In, ...func(*ec2.Options)) (*Out, error)

// ask makes a call that changes nothing.
func ask[In, Out any](ctx context.Context, call ec2Call[In, Out], in *In) (*Out, error) {
	ctx, a := withAttempt(ctx)
	out, err := call(ctx, in)
	if err != nil {
		return nil, explain(err, a, false)
	}
	return out, nil
}

// change makes a call that changes something and carries no idempotency token.
func change[In, Out any](ctx context.Context, call ec2Call[In, Out], in *In) (*Out, error) {
	ctx, a := withAttempt(ctx)
	out, err := call(ctx, in, once(a))
	if err != nil {
		return nil, explain(err, a, true)
	}
	return out, nil
}

// repeat makes a call that changes something and carries an idempotency token.
func repeat[In, Out any](ctx context.Context, call ec2Call[In, Out], in *In) (*Out, error) {
	ctx, a := withAttempt(ctx)
	out, err := call(ctx, in)
	if err != nil {
		return nil, explain(err, a, true)
	}
	return out, nil
}

// rehearse makes a dry run, and answers nil where AWS says that it would have worked.
func rehearse[In, Out any](ctx context.Context, call ec2Call[In, Out], in *In) error {
	_, err := ask(ctx, call, in)
	if codeOf(err) == "DryRunOperation" {
		return nil
	}
	return err
}
