package sandbox

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// operation does one call in a region: typed input in, typed output out.
type operation func(r *region, in any) (any, error)

// on makes a typed function an operation.
func on[In, Out any](do func(*region, *In) (*Out, error)) operation {
	return func(r *region, in any) (any, error) {
		typed, ok := in.(*In)
		if !ok {
			return nil, fmt.Errorf("sandbox: the input is %T, not %T", in, typed)
		}
		out, err := do(r, typed)
		if err != nil {
			return nil, err
		}
		return out, nil
	}
}

type inputKey struct{}

// Option is the middleware that makes an SDK client talk to this world. It keeps the typed input where the
// call begins, and answers just above the deserialiser: inside the retry loop, after signing, and
// before anything would be sent.
func (w *World) Option() func(*middleware.Stack) error {
	return func(stack *middleware.Stack) error {
		keep := middleware.InitializeMiddlewareFunc("SandboxInput", func(
			ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
		) (middleware.InitializeOutput, middleware.Metadata, error) {
			return next.HandleInitialize(middleware.WithStackValue(ctx, inputKey{}, in.Parameters), in)
		})
		if err := stack.Initialize.Add(keep, middleware.After); err != nil {
			return err
		}
		answer := middleware.DeserializeMiddlewareFunc("Sandbox", w.answer)
		return stack.Deserialize.Insert(answer, "OperationDeserializer", middleware.Before)
	}
}

func (w *World) answer(
	ctx context.Context, in middleware.DeserializeInput, _ middleware.DeserializeHandler,
) (out middleware.DeserializeOutput, metadata middleware.Metadata, err error) {
	if err := unresolved(awsmiddleware.GetRegion(ctx), in.Request); err != nil {
		return out, metadata, err
	}
	requestID, result, err := w.do(ctx, accountOf(in.Request))
	out.Result = result
	out.RawResponse = &smithyhttp.Response{Response: &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody,
	}}
	raw := out.RawResponse.(*smithyhttp.Response)
	if err != nil {
		raw.StatusCode = statusOf(err)
	}
	if raw.StatusCode != 0 {
		raw.Header.Set("X-Amzn-Requestid", requestID)
		awsmiddleware.SetRequestIDMetadata(&metadata, requestID)
	}
	return out, metadata, err
}

// slow is the result of an operation that takes its time: what comes of it is waited for while the world goes on.
type slow func(ctx context.Context) (any, error)

func (w *World) do(ctx context.Context, account string) (requestID string, result any, err error) {
	if ctx.Err() != nil {
		return "", nil, cancelled(ctx)
	}
	requestID, result, err = w.act(ctx, account)
	if goes, ok := result.(slow); ok && err == nil {
		if result, err = goes(ctx); err != nil {
			return requestID, nil, err
		}
	}
	return requestID, result, err
}

func (w *World) act(ctx context.Context, account string) (requestID string, result any, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	service, name := awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx)
	if account == "" {
		account = w.options.AccountID
	}
	r := w.at(account, awsmiddleware.GetRegion(ctx))
	r.pass()
	requestID = w.requestID()
	w.calls = append(w.calls, Call{
		Operation: name, Service: service, Region: r.name, At: w.options.Now(), RequestID: requestID,
	})
	broken := w.takeFault(service, name)
	if broken != nil && broken.code != "" {
		return requestID, nil, refuse(broken.code, messageOf(broken.code))
	}
	do, ok := w.operations[service+"."+name]
	if !ok {
		return requestID, nil, refuse("UnknownOperation", "The sandbox does not know "+service+"."+name+".")
	}
	input := middleware.GetStackValue(ctx, inputKey{})
	if err := w.incomplete(service, name, input); err != nil {
		return requestID, nil, err
	}
	w.calls[len(w.calls)-1].DryRun = isDry(input)
	result, err = w.try(do, r, input)
	if broken != nil {
		return requestID, nil, lostAnswer()
	}
	if err != nil {
		return requestID, nil, err
	}
	return requestID, result, nil
}

// requestID makes an id of the shape AWS uses.
func (w *World) requestID() string {
	hex := strings.TrimPrefix(derivedID("req", fmt.Sprint(len(w.calls))), "req-") + "000000000000000"
	return hex[:8] + "-" + hex[8:12] + "-4" + hex[12:15] + "-a" + hex[15:17] + "0-" + fmt.Sprintf("%012d", len(w.calls)+1)
}

// An access key of the sandbox carries its account, so that the signature of a request tells whose it is.
const keyPrefix = "SANDBOXKEY"

func accessKey(account string) string { return keyPrefix + account }

// accountOf reads the account from a request's signature; "" where the signature is not by a key of the sandbox.
func accountOf(request any) string {
	signed, ok := request.(*smithyhttp.Request)
	if !ok {
		return ""
	}
	_, after, _ := strings.Cut(signed.Header.Get("Authorization"), "Credential="+keyPrefix)
	account, _, _ := strings.Cut(after, "/")
	return account
}

// try does an operation, or only sees whether it would work: a dry run acts on a copy of the region that is thrown away. Operations that
// change what a copy shares, such as an instance, look at DryRun themselves.
func (w *World) try(do operation, r *region, input any) (any, error) {
	if !isDry(input) {
		return do(r, input)
	}
	aside, issued := *r, w.issued
	_, err := do(&aside, input)
	w.issued = issued
	if err == nil {
		err = dryRun(awssdk.Bool(true))
	}
	return nil, err
}

func isDry(input any) bool {
	v := reflect.Indirect(reflect.ValueOf(input))
	if v.Kind() != reflect.Struct {
		return false
	}
	field := v.FieldByName("DryRun")
	if !field.IsValid() {
		return false
	}
	asked, _ := field.Interface().(*bool)
	return awssdk.ToBool(asked)
}

func dryRun(asked *bool) error {
	if asked != nil && *asked {
		return refuse("DryRunOperation", "Request would have succeeded, but DryRun flag is set.")
	}
	return nil
}
