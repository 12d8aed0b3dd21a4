package sdk

import (
	"context"
	"encoding/base64"
	"net"
	"net/http"
	"time"

	"deckhand/aws"
	"deckhand/aws/sdk/wire"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// PublishVersion makes what a function is now a version that does not change any more. Where nothing has changed since the last version,
// AWS answers that one, so asking twice makes one. The code must be the one whose hash is given, unless it is empty.
func (c *Cloud) PublishVersion(ctx context.Context, t aws.Target, name, codeSHA256, description string) (string, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return "", err
	}
	version := ""
	err = c.insist(ctx, busyPatience, busy, func() error {
		out, err := repeat(ctx, ready.lambda.PublishVersion, &lambda.PublishVersionInput{
			FunctionName: &name, CodeSha256: optional(codeSHA256), Description: optional(description),
		})
		if err == nil {
			version = awssdk.ToString(out.Version)
		}
		return err
	})
	return version, err
}

// FunctionVersions answers the published versions of a function, and $LATEST, as AWS orders them: oldest first.
func (c *Cloud) FunctionVersions(ctx context.Context, t aws.Target, name string) ([]aws.Function, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	var all []aws.Function
	in := &lambda.ListVersionsByFunctionInput{FunctionName: &name}
	for {
		out, err := ask(ctx, ready.lambda.ListVersionsByFunction, in)
		if err != nil {
			return nil, err
		}
		for _, f := range out.Versions {
			all = append(all, functionOf(f))
		}
		if awssdk.ToString(out.NextMarker) == "" {
			return all, nil
		}
		in = &lambda.ListVersionsByFunctionInput{FunctionName: &name, Marker: out.NextMarker}
	}
}

// FunctionAliases answers the aliases of a function.
func (c *Cloud) FunctionAliases(ctx context.Context, t aws.Target, name string) ([]aws.FunctionAlias, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	var all []aws.FunctionAlias
	in := &lambda.ListAliasesInput{FunctionName: &name}
	for {
		out, err := ask(ctx, ready.lambda.ListAliases, in)
		if err != nil {
			return nil, err
		}
		for _, a := range out.Aliases {
			all = append(all, aliasOf(a))
		}
		if awssdk.ToString(out.NextMarker) == "" {
			return all, nil
		}
		in = &lambda.ListAliasesInput{FunctionName: &name, Marker: out.NextMarker}
	}
}

func aliasOf(a types.AliasConfiguration) aws.FunctionAlias {
	out := aws.FunctionAlias{
		Name: awssdk.ToString(a.Name), Version: awssdk.ToString(a.FunctionVersion),
		Description: awssdk.ToString(a.Description), ARN: awssdk.ToString(a.AliasArn),
	}
	if a.RoutingConfig != nil {
		for version, share := range a.RoutingConfig.AdditionalVersionWeights { // AWS takes one at most
			out.Other, out.Share = version, share
		}
	}
	return out
}

// PointAlias makes an alias mean a version, and makes the alias where there is none. All of its traffic goes to that version, unless the
// alias has another one beside it: that one gets its share, and then the alias must be there.
func (c *Cloud) PointAlias(ctx context.Context, t aws.Target, function string, a aws.FunctionAlias) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	weights := map[string]float64{}
	if a.Other != "" {
		weights[a.Other] = a.Share
	}
	_, err = repeat(ctx, ready.lambda.UpdateAlias, &lambda.UpdateAliasInput{
		FunctionName: &function, Name: &a.Name, FunctionVersion: &a.Version, Description: optional(a.Description),
		RoutingConfig: &types.AliasRoutingConfiguration{AdditionalVersionWeights: weights},
	})
	if codeOf(err) != "ResourceNotFoundException" || a.Other != "" {
		return err
	}
	missing := err
	_, err = repeat(ctx, ready.lambda.CreateAlias, &lambda.CreateAliasInput{
		FunctionName: &function, Name: &a.Name, FunctionVersion: &a.Version, Description: optional(a.Description),
	})
	if err == nil || isUncertain(err) {
		return err
	}
	aliases, lookErr := c.FunctionAliases(ctx, t, function)
	for _, there := range aliases {
		switch {
		case there.Name != a.Name:
		case there.Version == a.Version && there.Other == "":
			return nil // the second of two tries is refused where the first was done
		case codeOf(err) == "ResourceConflictException":
			return missing // the alias is there, so it was the version that AWS did not find
		}
	}
	if lookErr != nil && codeOf(err) == "ResourceConflictException" {
		return lookErr
	}
	return err
}

// DeleteFunctionAlias removes an alias. One that is gone already is no error.
func (c *Cloud) DeleteFunctionAlias(ctx context.Context, t aws.Target, function, alias string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	_, err = repeat(ctx, ready.lambda.DeleteAlias, &lambda.DeleteAliasInput{FunctionName: &function, Name: &alias})
	return unlessGone(err)
}

// InvokeFunction calls a function, and is never repeated where the function may have run. A function that fails is no error: the answer
// says so. A call that waits for its answer may take as long as Patience says.
func (c *Cloud) InvokeFunction(ctx context.Context, t aws.Target, call aws.FunctionCall) (aws.FunctionAnswer, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return aws.FunctionAnswer{}, err
	}
	in := &lambda.InvokeInput{
		FunctionName: &call.Function, Qualifier: optional(call.Qualifier), Payload: call.Payload,
		InvocationType: types.InvocationTypeRequestResponse, LogType: types.LogTypeTail,
	}
	switch {
	case call.Rehearse:
		in.InvocationType, in.LogType = types.InvocationTypeDryRun, ""
	case call.Async:
		in.InvocationType, in.LogType = types.InvocationTypeEvent, ""
	}
	out, err := change(ctx, lambdaCalls{wire.Through(ready.lambda.Client, c.patientClient(call.Patience))}.Invoke, in)
	if err != nil {
		return aws.FunctionAnswer{}, err
	}
	answer := aws.FunctionAnswer{Payload: out.Payload, Failure: awssdk.ToString(out.FunctionError), Version: awssdk.ToString(out.ExecutedVersion)}
	if log, err := base64.StdEncoding.DecodeString(awssdk.ToString(out.LogResult)); err == nil {
		answer.Log = string(log)
	}
	return answer, nil
}

// patientClient waits longer for the first byte of an answer than AWS's other calls need. It keeps no connections.
func (c *Cloud) patientClient(patience time.Duration) awssdk.HTTPClient {
	if patience < 25*time.Second { // well inside what the shared client allows
		return c.config.HTTPClient
	}
	return awshttp.NewBuildableClient().
		WithTimeout(patience + time.Minute).
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = 5 * time.Second }).
		WithTransportOptions(func(t *http.Transport) {
			t.ResponseHeaderTimeout = patience + 30*time.Second
			t.DisableKeepAlives = true
		}).
		Freeze()
}
