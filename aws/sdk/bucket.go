package sdk

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // S3 asks for this sum of what it is sent, against mistakes on the way
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// The two calls of S3 that triggers need are made on the SDK's middleware, without its client of S3, which would add a megabyte to the
// program. Retries, signatures and the middleware of the other clients are the same.

// buckets speaks S3.
type buckets struct{ config awssdk.Config }

type noOption struct{}

func (b buckets) getNotifications(ctx context.Context, in *aws.BucketCall, _ ...func(*noOption)) (*aws.BucketCall, error) {
	return b.do(ctx, "GetBucketNotificationConfiguration", http.MethodGet, in)
}

func (b buckets) putNotifications(ctx context.Context, in *aws.BucketCall, _ ...func(*noOption)) (*aws.BucketCall, error) {
	return b.do(ctx, "PutBucketNotificationConfiguration", http.MethodPut, in)
}

func (b buckets) do(ctx context.Context, operation, method string, in *aws.BucketCall) (*aws.BucketCall, error) {
	address, err := b.address(in.Bucket)
	if err != nil {
		return nil, err
	}
	stack := middleware.NewStack(operation, smithyhttp.NewStackRequest)
	serialize := middleware.SerializeMiddlewareFunc("OperationSerializer", func(
		ctx context.Context, step middleware.SerializeInput, next middleware.SerializeHandler,
	) (middleware.SerializeOutput, middleware.Metadata, error) {
		request, ok := step.Request.(*smithyhttp.Request)
		if !ok {
			return middleware.SerializeOutput{}, middleware.Metadata{}, fmt.Errorf("a request is %T", step.Request)
		}
		step.Request, err = written(request, method, address, in.XML)
		if err != nil {
			return middleware.SerializeOutput{}, middleware.Metadata{}, err
		}
		return next.HandleSerialize(ctx, step)
	})
	for _, err := range []error{
		stack.Initialize.Add(&awsmiddleware.RegisterServiceMetadata{Region: b.config.Region, ServiceID: "S3", OperationName: operation}, middleware.Before),
		stack.Serialize.Add(serialize, middleware.After),
		stack.Finalize.Add(retry.NewAttemptMiddleware(b.config.Retryer(), smithyhttp.RequestCloner), middleware.After),
		stack.Finalize.Add(middleware.FinalizeMiddlewareFunc("Signing", b.sign(in.XML)), middleware.After),
		stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("OperationDeserializer", readBucket), middleware.After),
	} {
		if err != nil {
			return nil, err
		}
	}
	for _, option := range b.config.APIOptions {
		if err := option(stack); err != nil {
			return nil, err
		}
	}
	result, _, err := middleware.DecorateHandler(smithyhttp.NewClientHandlerWithOptions(b.config.HTTPClient), stack).Handle(ctx, in)
	if err != nil {
		return nil, &smithy.OperationError{ServiceID: "S3", OperationName: operation, Err: err}
	}
	out, _ := result.(*aws.BucketCall)
	return out, nil
}

// address is where a bucket's notifications are: at a host of its own, or as a path where the endpoint is another one or the
// bucket's name has dots, which no certificate covers.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
func (b buckets) address(bucket string) (*url.URL, error) {
	base := "https://s3." + b.config.Region + ".amazonaws.com"
	if strings.HasPrefix(b.config.Region, "cn-") {
		base += ".cn"
	}
	if b.config.BaseEndpoint != nil {
		base = *b.config.BaseEndpoint
	}
	u, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	if b.config.BaseEndpoint != nil || strings.Contains(bucket, ".") {
		u.Path = strings.TrimSuffix(u.Path, "/") + "/" + bucket
	} else {
		u.Host, u.Path = bucket+"."+u.Host, "/"
	}
	u.RawQuery = "notification="
	return u, nil
}

// written is a request with its method, address and body.
func written(request *smithyhttp.Request, method string, address *url.URL, body []byte) (*smithyhttp.Request, error) {
	request.Method, request.URL, request.ContentLength = method, address, int64(len(body))
	if len(body) == 0 {
		return request, nil
	}
	sum := md5.Sum(body) //nolint:gosec // see above
	request.Header.Set("Content-Md5", base64.StdEncoding.EncodeToString(sum[:]))
	request.Header.Set("Content-Type", "application/xml")
	return request.SetStream(bytes.NewReader(body))
}

func (b buckets) sign(body []byte) func(context.Context, middleware.FinalizeInput, middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	return func(ctx context.Context, step middleware.FinalizeInput, next middleware.FinalizeHandler) (out middleware.FinalizeOutput, metadata middleware.Metadata, err error) {
		request, ok := step.Request.(*smithyhttp.Request)
		if !ok || b.config.Credentials == nil {
			return out, metadata, &v4.SigningError{Err: fmt.Errorf("there is nothing to sign with")}
		}
		credentials, err := b.config.Credentials.Retrieve(ctx)
		if err != nil {
			return out, metadata, &v4.SigningError{Err: err}
		}
		request.Header.Set("X-Amz-Content-Sha256", hash)
		err = v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true }).
			SignHTTP(ctx, credentials, request.Request, hash, "s3", b.config.Region, time.Now())
		if err != nil {
			return out, metadata, &v4.SigningError{Err: err}
		}
		return next.HandleFinalize(ctx, step)
	}
}

const mostXML = 1 << 20 // bytes of an answer

// readBucket reads an answer, or the error that it is.
func readBucket(ctx context.Context, step middleware.DeserializeInput, next middleware.DeserializeHandler) (
	out middleware.DeserializeOutput, metadata middleware.Metadata, err error,
) {
	out, metadata, err = next.HandleDeserialize(ctx, step)
	response, ok := out.RawResponse.(*smithyhttp.Response)
	if err != nil || !ok {
		return out, metadata, err
	}
	defer func() { _ = response.Body.Close() }()
	awsmiddleware.SetRequestIDMetadata(&metadata, response.Header.Get("X-Amz-Request-Id"))
	body, err := io.ReadAll(io.LimitReader(response.Body, mostXML))
	if err != nil {
		return out, metadata, err
	}
	if response.StatusCode/100 == 2 {
		out.Result = &aws.BucketCall{XML: body}
		return out, metadata, nil
	}
	var answer struct{ Code, Message string }
	if xml.Unmarshal(body, &answer) != nil || answer.Code == "" {
		answer.Code = strings.ReplaceAll(http.StatusText(response.StatusCode), " ", "")
	}
	if region := response.Header.Get("X-Amz-Bucket-Region"); region != "" && response.StatusCode/100 == 3 {
		answer.Message = "The bucket is in the region " + region
	}
	return out, metadata, &smithyhttp.ResponseError{Response: response, Err: &smithy.GenericAPIError{Code: answer.Code, Message: answer.Message}}
}
