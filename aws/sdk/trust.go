package sdk

import (
	"context"
	"errors"
	"time"

	"deckhand/aws"

	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// SetRoleTrust writes who may take a role on, and waits, for as long as grace, until IAM answers what shows accepts. The same again
// changes nothing.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
func (c *Cloud) SetRoleTrust(ctx context.Context, t aws.Target, role, document string, shows func(document string) bool) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	_, err = repeat(ctx, ready.roles.UpdateAssumeRolePolicy, &iam.UpdateAssumeRolePolicyInput{RoleName: &role, PolicyDocument: &document})
	if err != nil {
		return trustRefused(err)
	}
	begun := time.Now()
	_ = c.poll(ctx, func() (bool, error) { // it is written; a look that fails changes nothing of that
		text, err := c.RoleTrust(ctx, t, role)
		return err == nil && shows(text.Trust) || time.Since(begun) > grace, err
	})
	return nil
}

// trustRefused says in words what AWS says of documents.
func trustRefused(err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code {
	case "MalformedPolicyDocument":
		e.hint = "Most often somebody in it is not there any more: the person whom the configuration names, or an identity of another statement, which AWS then shows as an id such as AIDA... in place of its ARN. Put that right in the IAM console and send the line again."
	case "LimitExceeded":
		e.hint = "The role's trust policy has no room left, which is 2,048 characters: end accesses that are not needed, or take statements out in the IAM console."
	}
	return e
}

// PolicyInRole answers a policy inside a role, "" where there is none of this name, or no such role.
func (c *Cloud) PolicyInRole(ctx context.Context, t aws.Target, role, policy string) (string, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return "", err
	}
	out, err := ask(ctx, ready.roles.GetRolePolicy, &iam.GetRolePolicyInput{RoleName: &role, PolicyName: &policy})
	if err != nil {
		return "", unlessGone(err)
	}
	return policyText(out.PolicyDocument), nil
}
