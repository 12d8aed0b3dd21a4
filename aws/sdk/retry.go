package sdk

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
)

const (
	tries = 4 // of a call at most, where its failure is worth repeating
	// adviceTries and adviceRest are for what is asked on the way, prices and quotas: a line goes on without them, and somebody waits.
	adviceTries = 3
	adviceRest  = 500 * time.Millisecond
)

// newRetryer slows down when AWS asks for it, and rests at most so long between two tries of a call.
func newRetryer(most int, longest time.Duration) awssdk.Retryer {
	adaptive := retry.NewAdaptiveMode(func(o *retry.AdaptiveModeOptions) {
		o.FailOnNoAttemptTokens = true
		o.StandardOptions = append(o.StandardOptions, func(s *retry.StandardOptions) {
			s.MaxAttempts = most
			s.MaxBackoff = longest
			s.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(worthRepeating)}, s.Retryables...)
		})
	})
	return patient{adaptive}
}

// patient waits for its turn in steps of its own. The SDK's own waiting computes the rest of the time in floating point, and can
// come to rests of no time at all, which it repeats without a pause.
type patient struct{ awssdk.RetryerV2 }

func (p patient) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	for {
		release, err := p.RetryerV2.GetAttemptToken(ctx)
		if err == nil {
			return release, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// errOnce ends a call that is not to be sent again.
var errOnce = errors.New("the call may have been carried out, so it is not sent again")

// GetRetryToken refuses another try of a call that carries no idempotency token, after one that AWS may have carried out.
func (p patient) GetRetryToken(ctx context.Context, cause error) (func(error) error, error) {
	if a, ok := ctx.Value(attemptKey{}).(*attempt); ok && a.once && a.unanswered {
		return nil, errOnce
	}
	return p.RetryerV2.GetRetryToken(ctx, cause)
}

// worthRepeating decides where the SDK's own rules do not serve: AWS reports missing capacity with status 500, which
// does not get better within seconds; and an answer that breaks off in its body is worth asking for again.
func worthRepeating(err error) awssdk.Ternary {
	var api smithy.APIError
	switch {
	case errors.As(err, &api) && strings.HasPrefix(api.ErrorCode(), "Insufficient"):
		return awssdk.FalseTernary
	case errors.Is(err, io.ErrUnexpectedEOF):
		return awssdk.TrueTernary
	default:
		return awssdk.UnknownTernary
	}
}
