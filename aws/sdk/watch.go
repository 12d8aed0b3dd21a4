package sdk

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"

	"deckhand/aws"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

type (
	recorderKey struct{}
	attemptKey  struct{}
)

// WithRecorder makes every answer of AWS, the refusals among them, known to record: the operation, "StopInstances", the request id by
// which AWS finds it again, "" where it gave none, and whether AWS took the call. It is called from the goroutine that makes the call.
func WithRecorder(ctx context.Context, record func(operation, requestID string, taken bool)) context.Context {
	return context.WithValue(ctx, recorderKey{}, record)
}

// attempt is what is known about a call while it is made and tried again.
type attempt struct {
	once       bool // the call carries no idempotency token
	dry        bool // only a dry run was asked for
	claimed    bool // a call has begun; what begins inside it, such as entering an account, is another one
	handed     bool // a request was made and handed to the transport
	unanswered bool // a request may have reached AWS, and what came of it is not known
}

func withAttempt(ctx context.Context) (context.Context, *attempt) {
	a := &attempt{}
	return context.WithValue(ctx, attemptKey{}, a), a
}

// watchCalls is the middleware behind attempt, WithRecorder and Settings.Tried.
func (s Settings) watchCalls(stack *middleware.Stack) error {
	claim := middleware.InitializeMiddlewareFunc("DeckhandClaim", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		if a, ok := ctx.Value(attemptKey{}).(*attempt); ok {
			if a.claimed {
				ctx = context.WithValue(ctx, attemptKey{}, nil)
			}
			a.claimed = true
		}
		return next.HandleInitialize(ctx, in)
	})
	if err := stack.Initialize.Add(claim, middleware.Before); err != nil {
		return err
	}
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("DeckhandWatch", s.watch), middleware.Before)
}

// watch runs around every try of a call. A connection that was never had means that nothing was sent; a transport
// that tells nothing about its connections is taken to have sent.
func (s Settings) watch(
	ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
) (middleware.DeserializeOutput, middleware.Metadata, error) {
	a, own := ctx.Value(attemptKey{}).(*attempt)
	if own && a.dry && !s.mayRehearse(awsmiddleware.GetOperationName(ctx), in.Request) {
		return middleware.DeserializeOutput{}, middleware.Metadata{}, aws.ErrUnasked
	}
	var asked, got atomic.Bool
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { got.Store(true) },
	})
	out, metadata, err := next.HandleDeserialize(traced, in)
	if own {
		a.handed = true
		a.learn(err, !asked.Load() || got.Load())
	}
	record, ok := ctx.Value(recorderKey{}).(func(operation, requestID string, taken bool))
	if id, known := awsmiddleware.GetRequestIDMetadata(metadata); ok && (known || err == nil) {
		record(awsmiddleware.GetOperationName(ctx), id, err == nil)
	}
	if answers := aws.AnswersOf(ctx); answers != nil && err == nil {
		answers.Keep(awsmiddleware.GetOperationName(ctx), printed(out.Result, lowered(awsmiddleware.GetServiceID(ctx))))
	}
	if s.Tried != nil {
		s.Tried(awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx), outcome(err))
	}
	return out, metadata, err
}

// outcome is how one try ended, for counting.
func outcome(err error) string {
	var api smithy.APIError
	switch {
	case err == nil:
		return "ok"
	case throttled(err):
		return "throttled"
	case errors.As(err, &api):
		return "refused"
	default:
		return "lost"
	}
}

// learn takes in how one try ended.
func (a *attempt) learn(err error, sent bool) {
	switch {
	case err == nil:
		a.unanswered = false
	case !sent, throttled(err): // this try did nothing; an earlier one may have
	default:
		a.unanswered = !definite(err)
	}
}

func throttled(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && throttling(api.ErrorCode())
}

// definite tells whether an error is AWS's word that the call was not carried out. A server's own failure is not,
// with the exception of missing capacity, which AWS reports with the same status.
func definite(err error) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return refusedUnread(err)
	}
	return httpStatus(err) < http.StatusInternalServerError || strings.HasPrefix(api.ErrorCode(), "Insufficient") || api.ErrorCode() == "Unsupported"
}

// refusedUnread tells whether the answer was that of somebody who did not take the call, in words that are not AWS's: of a proxy, or of something
// in AWS's place. Only one that says that it waited for too long may have handed it on.
func refusedUnread(err error) bool {
	status := httpStatus(err)
	return status >= http.StatusBadRequest && status < http.StatusInternalServerError && status != http.StatusRequestTimeout
}

// throttling tells whether an error code asks callers to slow down. Such a call was not carried out.
func throttling(code string) bool {
	_, ok := retry.DefaultThrottleErrorCodes[code]
	return ok
}
