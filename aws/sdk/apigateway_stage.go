package sdk

import (
	"context"
	"slices"
	"time"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
)

// APIAuthorizer answers one JWT authoriser of an API; empty but for its id where it is of another kind.
func (c *Cloud) APIAuthorizer(ctx context.Context, t aws.Target, id, authorizer string) (aws.APIAuthorizer, error) {
	found := aws.APIAuthorizer{ID: authorizer}
	ready, _, err := c.at(t)
	if err != nil {
		return found, err
	}
	out, err := ask(ctx, ready.apis.GetAuthorizer, &apigatewayv2.GetAuthorizerInput{ApiId: &id, AuthorizerId: &authorizer})
	if err != nil {
		return found, err
	}
	found.Name = awssdk.ToString(out.Name)
	if out.JwtConfiguration != nil {
		found.Issuer, found.Audience = awssdk.ToString(out.JwtConfiguration.Issuer), out.JwtConfiguration.Audience
	}
	return found, nil
}

// EnsureAPIAuthorizer adds an authoriser that reads a JWT from the header Authorization. AWS has one of a name in an API: where making it is
// refused, or its answer is lost, one of this name that says the same is the answer.
// Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
func (c *Cloud) EnsureAPIAuthorizer(ctx context.Context, t aws.Target, id string, a aws.APIAuthorizer) (aws.APIAuthorizer, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return a, err
	}
	out, err := soon(ctx, c, change, ready.apis.CreateAuthorizer, &apigatewayv2.CreateAuthorizerInput{
		ApiId: &id, Name: &a.Name, AuthorizerType: types.AuthorizerTypeJwt, IdentitySource: []string{"$request.header.Authorization"},
		JwtConfiguration: &types.JWTConfiguration{Issuer: &a.Issuer, Audience: a.Audience},
	})
	if err == nil {
		a.ID = awssdk.ToString(out.AuthorizerId)
		c.making(freshAPI)
		return a, nil
	}
	if there, found, lookErr := c.SameAPIAuthorizer(ctx, t, id, a); lookErr == nil && found {
		return there, nil
	}
	return a, err
}

// SameAPIAuthorizer looks for the authoriser of this name that says the same.
func (c *Cloud) SameAPIAuthorizer(ctx context.Context, t aws.Target, id string, a aws.APIAuthorizer) (same aws.APIAuthorizer, found bool, err error) {
	ready, _, err := c.at(t)
	if err != nil {
		return a, false, err
	}
	err = pages(func(token *string) (*string, error) {
		list, err := ask(ctx, ready.apis.GetAuthorizers, &apigatewayv2.GetAuthorizersInput{ApiId: &id, NextToken: token})
		if err != nil {
			return nil, err
		}
		for _, one := range list.Items {
			same := one.JwtConfiguration != nil && awssdk.ToString(one.JwtConfiguration.Issuer) == a.Issuer && slices.Equal(one.JwtConfiguration.Audience, a.Audience)
			if awssdk.ToString(one.Name) == a.Name && same {
				a.ID = awssdk.ToString(one.AuthorizerId)
			}
		}
		return list.NextToken, nil
	})
	return a, a.ID != "", err
}

// APIStages answers the stages of an API.
func (c *Cloud) APIStages(ctx context.Context, t aws.Target, id string) ([]aws.APIStage, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	var all []aws.APIStage
	err = pages(func(token *string) (*string, error) {
		out, err := ask(ctx, ready.apis.GetStages, &apigatewayv2.GetStagesInput{ApiId: &id, NextToken: token})
		if err != nil {
			return nil, err
		}
		for _, s := range out.Items {
			stage := aws.APIStage{Name: awssdk.ToString(s.StageName), AutoDeploy: awssdk.ToBool(s.AutoDeploy)}
			if s.DefaultRouteSettings != nil {
				stage.Rate, stage.Burst = awssdk.ToFloat64(s.DefaultRouteSettings.ThrottlingRateLimit), int(awssdk.ToInt32(s.DefaultRouteSettings.ThrottlingBurstLimit))
			}
			if s.AccessLogSettings != nil {
				stage.LogGroup, stage.LogFormat = awssdk.ToString(s.AccessLogSettings.DestinationArn), awssdk.ToString(s.AccessLogSettings.Format)
			}
			all = append(all, stage)
		}
		return out.NextToken, nil
	})
	return all, err
}

// CreateAPIStage makes a stage. AWS refuses a second one of the same name.
func (c *Cloud) CreateAPIStage(ctx context.Context, t aws.Target, id string, s aws.APIStage) (aws.APIStage, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return s, err
	}
	in := &apigatewayv2.CreateStageInput{
		ApiId: &id, StageName: &s.Name, AutoDeploy: &s.AutoDeploy,
		DefaultRouteSettings: &types.RouteSettings{ThrottlingRateLimit: &s.Rate, ThrottlingBurstLimit: awssdk.Int32(int32(s.Burst))}, //nolint:gosec // at most a few thousand
	}
	if s.LogGroup != "" {
		in.AccessLogSettings = &types.AccessLogSettings{DestinationArn: &s.LogGroup, Format: &s.LogFormat}
	}
	_, err = soon(ctx, c, change, ready.apis.CreateStage, in)
	return s, err
}

// EnsureLogGroup makes a log group that keeps its lines for so many days, and answers its ARN. One that is there already stays as it is, but for one that
// keeps its lines for ever: that is what is left where making it broke off.
func (c *Cloud) EnsureLogGroup(ctx context.Context, t aws.Target, name string, days int, tags map[string]string) (string, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return "", err
	}
	c.making(freshLogGroup)
	_, err = repeat(ctx, ready.logs.CreateLogGroup, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &name, Tags: tags})
	if err != nil && codeOf(err) != "ResourceAlreadyExistsException" {
		return "", err
	}
	var group aws.LogGroup
	begun := time.Now()
	err = c.poll(ctx, func() (bool, error) { // AWS may show it some seconds late
		var err error
		if group, err = logGroup(ctx, ready.logs, name); codeOf(err) == noLogGroup && time.Since(begun) <= grace {
			return false, nil
		}
		return err == nil || codeOf(err) == noLogGroup, err
	})
	if codeOf(err) == noLogGroup {
		return "", &Error{kind: kindFailed, message: "AWS does not show the log group " + name + " that it has just made.", hint: "Try again in a moment."}
	}
	if err == nil && group.Days == 0 {
		_, err = soon(ctx, c, repeat, ready.logs.PutRetentionPolicy, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: &name, RetentionInDays: awssdk.Int32(int32(days))}) //nolint:gosec // days
	}
	return group.ARN, err
}
