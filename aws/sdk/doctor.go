package sdk

import (
	"context"
	"slices"
	"strings"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Identity asks AWS whom it takes the bot for.
func (c *Cloud) Identity(ctx context.Context, t aws.Target) (aws.Identity, error) {
	ready, t, err := c.at(t)
	if err != nil {
		return aws.Identity{}, err
	}
	out, err := ask(ctx, ready.sts.GetCallerIdentity, &sts.GetCallerIdentityInput{})
	if err != nil {
		return aws.Identity{}, err
	}
	who := aws.Identity{Account: awssdk.ToString(out.Account), ARN: awssdk.ToString(out.Arn), Region: t.Region}
	server, known := awsmiddleware.GetServerTime(out.ResultMetadata)
	received, timed := awsmiddleware.GetResponseAt(out.ResultMetadata)
	if known && timed {
		who.Skew = server.Sub(received)
	}
	return who, nil
}

// simulateAtOnce is how many actions are asked about in one call.
const simulateAtOnce = 100

// MissingRights asks IAM which actions the policies of an identity do not allow, conditions and resources left aside. It
// needs iam:SimulatePrincipalPolicy, and iam:GetRole where the identity is a role.
func (c *Cloud) MissingRights(ctx context.Context, t aws.Target, who aws.Identity, actions []string) ([]string, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	source, err := c.principal(ctx, t, who.ARN)
	if err != nil {
		return nil, err
	}
	var missing []string
	for some := range slices.Chunk(actions, simulateAtOnce) {
		pages := iam.NewSimulatePrincipalPolicyPaginator(ready.roles, &iam.SimulatePrincipalPolicyInput{PolicySourceArn: &source, ActionNames: some})
		for pages.HasMorePages() {
			page, err := ask(ctx, func(ctx context.Context, _ *iam.SimulatePrincipalPolicyInput, options ...func(*iam.Options)) (*iam.SimulatePrincipalPolicyOutput, error) {
				return pages.NextPage(ctx, options...)
			}, nil)
			if err != nil {
				return nil, err
			}
			for _, result := range page.EvaluationResults {
				if result.EvalDecision != types.PolicyEvaluationDecisionTypeAllowed {
					missing = append(missing, awssdk.ToString(result.EvalActionName))
				}
			}
		}
	}
	return missing, nil
}

// principal answers the ARN of the user or role behind a session: IAM does not simulate sessions, and a session's ARN leaves
// out the role's path.
// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
func (c *Cloud) principal(ctx context.Context, t aws.Target, arn string) (string, error) {
	_, session, ok := strings.Cut(arn, ":assumed-role/")
	if !ok {
		return arn, nil
	}
	name, _, _ := strings.Cut(session, "/")
	role, err := c.Role(ctx, t, name)
	return role.ARN, err
}
