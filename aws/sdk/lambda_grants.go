package sdk

import (
	"context"
	"encoding/json"
	"slices"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// FunctionGrants answers who may invoke a function, from its resource policy.
func (c *Cloud) FunctionGrants(ctx context.Context, t aws.Target, function string) ([]aws.Grant, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	out, err := ask(ctx, ready.lambda.GetPolicy, &lambda.GetPolicyInput{FunctionName: &function})
	if codeOf(err) == "ResourceNotFoundException" {
		return nil, nil // a function without a policy, and one that is not there, answer the same
	}
	if err != nil {
		return nil, err
	}
	return grantsOf(awssdk.ToString(out.Policy))
}

func grantsOf(policy string) ([]aws.Grant, error) {
	var document struct {
		Statement []struct {
			Sid       string
			Principal json.RawMessage
			Condition map[string]map[string]any
		}
	}
	if err := json.Unmarshal([]byte(policy), &document); err != nil {
		return nil, &Error{kind: kindFailed, message: "The function's resource policy could not be read.", err: err}
	}
	var grants []aws.Grant
	for _, s := range document.Statement {
		g := aws.Grant{ID: s.Sid, Principal: principalOf(s.Principal)}
		for _, values := range s.Condition {
			for _, prefix := range []string{"AWS:", "aws:"} {
				if arn, ok := values[prefix+"SourceArn"].(string); ok {
					g.SourceARN = arn
				}
				if account, ok := values[prefix+"SourceAccount"].(string); ok {
					g.SourceAccount = account
				}
			}
		}
		grants = append(grants, g)
	}
	return grants, nil
}

// principalOf reads "*", {"Service":"events.amazonaws.com"} and {"AWS":"..."}.
func principalOf(raw json.RawMessage) string {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return one
	}
	var kinds map[string]string
	if json.Unmarshal(raw, &kinds) == nil {
		for _, principal := range kinds {
			return principal
		}
	}
	return string(raw)
}

// GrantInvoke lets a service invoke a function on behalf of one source. A statement of this id that says the same is the answer, so
// that asking twice makes one.
func (c *Cloud) GrantInvoke(ctx context.Context, t aws.Target, function string, g aws.Grant, sourceAccount string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	granted := func() (bool, error) {
		there, err := c.FunctionGrants(ctx, t, function)
		return slices.ContainsFunc(there, func(one aws.Grant) bool {
			return one.ID == g.ID && one.Principal == g.Principal && one.SourceARN == g.SourceARN
		}), err
	}
	if there, _ := granted(); there { // where AWS cannot be asked, its answer below decides
		return nil
	}
	in := func() *lambda.AddPermissionInput {
		return &lambda.AddPermissionInput{
			FunctionName: &function, StatementId: &g.ID, Action: awssdk.String("lambda:InvokeFunction"),
			Principal: &g.Principal, SourceArn: optional(g.SourceARN), SourceAccount: optional(sourceAccount),
		}
	}
	if _, err = soon(ctx, c, change, ready.lambda.AddPermission, in()); isUncertain(err) {
		if there, _ := granted(); there {
			return nil
		}
		_, err = repeat(ctx, ready.lambda.AddPermission, in()) // AWS takes a statement of one id once
	}
	if codeOf(err) != "ResourceConflictException" {
		return err
	}
	if there, lookErr := granted(); lookErr != nil || there {
		return lookErr
	}
	return err
}

// RevokeInvoke removes a statement of a function's resource policy. One that is gone already is no error.
func (c *Cloud) RevokeInvoke(ctx context.Context, t aws.Target, function, id string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	_, err = repeat(ctx, ready.lambda.RemovePermission, &lambda.RemovePermissionInput{FunctionName: &function, StatementId: &id})
	return unlessGone(err)
}
