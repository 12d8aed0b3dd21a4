package sdk

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"deckhand/aws"
)

// The SDK's types that a Settings holds, for those who fill one without importing the SDK.
type (
	// Option is extra middleware for every client.
	Option = func(*middleware.Stack) error
	// CredentialsProvider answers what calls are signed with.
	CredentialsProvider = awssdk.CredentialsProvider
)

// Reachable tells whether AWS can be reached with the default account's credentials. An endpoint that answers
// without knowing STS is reachable.
func (c *Cloud) Reachable(ctx context.Context) error {
	ready, _, err := c.at(aws.Target{})
	if err != nil {
		return err
	}
	_, err = ready.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	var answer *smithyhttp.ResponseError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &answer):
		return fmt.Errorf("AWS cannot be reached: %w", err)
	case answer.HTTPStatusCode() == http.StatusForbidden || answer.HTTPStatusCode() == http.StatusUnauthorized:
		return fmt.Errorf("AWS refuses the credentials: %w", err)
	case answer.HTTPStatusCode() >= http.StatusInternalServerError:
		return fmt.Errorf("AWS answers with an error of its own: %w", err)
	default:
		return nil
	}
}
