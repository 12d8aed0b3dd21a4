// Package wire speaks to AWS services with the SDK's own inputs and outputs, on the SDK's own middleware, and without the clients that are
// generated for each service: one writer and one reader by reflection stand where a client has hundreds of functions. Credentials,
// signatures, retries and whatever else stands in the stack are the SDK's. See docs/decisions/0022-clients-by-reflection.md.
package wire

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"sync/atomic"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Service is how one service of AWS is spoken to.
type Service struct {
	ID       string // as the SDK names it: "Elastic Load Balancing v2"
	Host     string // the first word of its endpoints
	Scope    string // the name in a signature
	Homes    map[string]Home
	Protocol Protocol
}

// Home is where a service is that a partition has once: its host and the region of its signatures.
type Home struct{ Host, Region string }

// Protocol writes calls of a service and reads its answers.
type Protocol interface {
	// write fills in everything but the address of the service. In is a pointer to a struct of the SDK.
	write(operation string, in reflect.Value) (call, error)
	// read fills in a struct of the SDK from an answer that went well.
	read(operation string, answer *http.Response, body []byte, out reflect.Value) error
	// refused answers what an answer that did not go well says: the code, the message, and the id of the request where the body holds it.
	refused(answer *http.Response, body []byte) (code, message, requestID string, err error)
}

// call is one call without the address of its service.
type call struct {
	method  string
	path    string // escaped, from the root of the service
	query   url.Values
	headers map[string]string
	body    []byte
}

// Client calls one service in one region, as one account.
type Client struct {
	service  Service
	config   awssdk.Config
	base     *url.URL // nil: AWS's own
	endpoint Endpoint
	retryer  awssdk.Retryer
	signer   *v4.Signer
	skew     *atomic.Int64 // nanoseconds that AWS's clock is ahead of this one's
	err      error         // of the endpoint
}

// New makes a client. An endpoint that cannot be read is the error of every call.
func New(service Service, config awssdk.Config) *Client {
	c := &Client{service: service, config: config, signer: v4.NewSigner(), skew: new(atomic.Int64)}
	if config.Retryer != nil {
		c.retryer = config.Retryer()
	} else {
		c.retryer = retry.NewStandard()
	}
	c.endpoint = service.at(config)
	c.base, c.err = url.Parse(c.endpoint.URL)
	return c
}

// Through answers the same client on another way to AWS.
func Through(c *Client, way awssdk.HTTPClient) *Client {
	through := *c
	through.config.HTTPClient = way
	return &through
}

// Call makes the call that an input is of, which in points to.
func Call[Out any](ctx context.Context, c *Client, in any) (*Out, error) {
	out := new(Out)
	if err := c.do(ctx, in, out); err != nil {
		return nil, err
	}
	return out, nil
}

// operationOf is the name of the call that an input is of: "StopInstances" of *StopInstancesInput.
func operationOf(in any) string {
	return strings.TrimSuffix(reflect.TypeOf(in).Elem().Name(), "Input")
}

// do makes a call and fills in what out points to.
func (c *Client) do(ctx context.Context, in, out any) error {
	operation := operationOf(in)
	fail := func(err error) error {
		return &smithy.OperationError{ServiceID: c.service.ID, OperationName: operation, Err: err}
	}
	if c.err != nil {
		return fail(c.err)
	}
	ctx = middleware.ClearStackValues(ctx)
	ctx = awsmiddleware.SetServiceID(ctx, c.service.ID)
	ctx = awsmiddleware.SetRegion(ctx, c.config.Region)
	ctx = awsmiddleware.SetOperationName(ctx, operation)
	stack := middleware.NewStack(operation, smithyhttp.NewStackRequest)
	if err := c.fill(stack, operation, out); err != nil {
		return fail(err)
	}
	for _, option := range c.config.APIOptions {
		if err := option(stack); err != nil {
			return fail(err)
		}
	}
	result, _, err := middleware.DecorateHandler(smithyhttp.NewClientHandlerWithOptions(c.config.HTTPClient), stack).Handle(ctx, in)
	if err != nil {
		return fail(err)
	}
	if reflect.TypeOf(result) != reflect.TypeOf(out) {
		return fail(fmt.Errorf("the answer is %T, not %T", result, out))
	}
	reflect.ValueOf(out).Elem().Set(reflect.ValueOf(result).Elem()) // what stands in the stack may answer with its own
	return nil
}

// fill puts into a stack what the SDK's clients put there, by the same names and in the same order.
func (c *Client) fill(stack *middleware.Stack, operation string, out any) error {
	for _, err := range []error{
		stack.Serialize.Add(middleware.SerializeMiddlewareFunc("OperationSerializer", c.serialize), middleware.After),
		stack.Build.Add(&awsmiddleware.ClientRequestID{}, middleware.After),
		awsmiddleware.AddSDKAgentKeyValue(awsmiddleware.APIMetadata, strings.ToLower(strings.ReplaceAll(c.service.ID, " ", "")), "wire")(stack),
		stack.Finalize.Add(retry.NewAttemptMiddleware(c.retryer, smithyhttp.RequestCloner, func(a *retry.Attempt) { a.ClientSkew = c.skew }), middleware.After),
		stack.Finalize.Add(middleware.FinalizeMiddlewareFunc("Signing", c.sign), middleware.After),
		stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("Clock", c.setClock), middleware.After),
		stack.Deserialize.Add(&awshttp.ResponseErrorWrapper{}, middleware.After),
		stack.Deserialize.Add(&awsmiddleware.RequestIDRetriever{}, middleware.After),
		stack.Deserialize.Add(&awsmiddleware.RecordResponseTiming{}, middleware.After),
		stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("OperationDeserializer", c.deserialize(operation, out)), middleware.After),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *Client) serialize(
	ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler,
) (out middleware.SerializeOutput, metadata middleware.Metadata, err error) {
	request, ok := in.Request.(*smithyhttp.Request)
	if !ok {
		return out, metadata, &smithy.SerializationError{Err: fmt.Errorf("a request is %T", in.Request)}
	}
	written, err := c.service.Protocol.write(operationOf(in.Parameters), reflect.ValueOf(in.Parameters).Elem())
	if err != nil {
		return out, metadata, &smithy.SerializationError{Err: err}
	}
	address := *c.base
	escaped := strings.TrimSuffix(address.EscapedPath(), "/") + written.path
	if address.Path, err = url.PathUnescape(escaped); err != nil {
		return out, metadata, &smithy.SerializationError{Err: err}
	}
	address.RawPath, address.RawQuery = escaped, written.query.Encode()
	request.Method, request.URL, request.ContentLength = written.method, &address, int64(len(written.body))
	for name, value := range written.headers {
		request.Header.Set(name, value)
	}
	if len(written.body) > 0 {
		if request, err = request.SetStream(bytes.NewReader(written.body)); err != nil {
			return out, metadata, &smithy.SerializationError{Err: err}
		}
	}
	in.Request = request
	sum := sha256.Sum256(written.body)
	return next.HandleSerialize(v4.SetPayloadHash(ctx, hex.EncodeToString(sum[:])), in)
}

// sign signs one try of a call, by the clock of AWS as far as its answers told it.
func (c *Client) sign(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
	out middleware.FinalizeOutput, metadata middleware.Metadata, err error,
) {
	request, ok := in.Request.(*smithyhttp.Request)
	if !ok || c.config.Credentials == nil {
		return out, metadata, &v4.SigningError{Err: errors.New("there is nothing to sign with")}
	}
	credentials, err := c.config.Credentials.Retrieve(ctx)
	if err != nil {
		return out, metadata, &v4.SigningError{Err: err}
	}
	at := time.Now().Add(time.Duration(c.skew.Load()))
	if err := c.signer.SignHTTP(ctx, credentials, request.Request, v4.GetPayloadHash(ctx), c.service.Scope, c.endpoint.Region, at); err != nil {
		return out, metadata, &v4.SigningError{Err: err}
	}
	return next.HandleFinalize(ctx, in)
}

// setClock keeps what an answer told of AWS's clock, so that the next try of the same call is signed by it.
func (c *Client) setClock(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
	out middleware.DeserializeOutput, metadata middleware.Metadata, err error,
) {
	out, metadata, err = next.HandleDeserialize(ctx, in)
	if skew, ok := awsmiddleware.GetAttemptSkew(metadata); ok {
		c.skew.Store(int64(skew))
	}
	return out, metadata, err
}

const mostAnswer = 64 << 20 // bytes

func (c *Client) deserialize(operation string, result any) func(
	context.Context, middleware.DeserializeInput, middleware.DeserializeHandler,
) (middleware.DeserializeOutput, middleware.Metadata, error) {
	return func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
		out middleware.DeserializeOutput, metadata middleware.Metadata, err error,
	) {
		out, metadata, err = next.HandleDeserialize(ctx, in)
		response, ok := out.RawResponse.(*smithyhttp.Response)
		if err != nil || !ok {
			return out, metadata, err
		}
		defer func() { _ = response.Body.Close() }()
		body, err := io.ReadAll(io.LimitReader(response.Body, mostAnswer))
		if err != nil {
			return out, metadata, &smithy.DeserializationError{Err: err}
		}
		if response.StatusCode/100 != 2 {
			code, message, id, err := c.service.Protocol.refused(response.Response, body)
			if err != nil {
				return out, metadata, &smithy.DeserializationError{Err: err, Snapshot: body[:min(len(body), 1024)]}
			}
			if id != "" {
				awsmiddleware.SetRequestIDMetadata(&metadata, id)
			}
			return out, metadata, &smithy.GenericAPIError{Code: code, Message: message}
		}
		value := reflect.ValueOf(result).Elem()
		value.SetZero() // an earlier try may have been cut off
		if err := c.service.Protocol.read(operation, response.Response, body, value); err != nil {
			return out, metadata, &smithy.DeserializationError{Err: err, Snapshot: body[:min(len(body), 1024)]}
		}
		out.Result = result
		return out, metadata, nil
	}
}
