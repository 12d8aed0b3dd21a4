package sdk

import (
	"context"
	"net/url"
	"strings"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// RoleText answers a role with all that it says. One that does not exist is an error of kind "not_found".
func (c *Cloud) RoleText(ctx context.Context, t aws.Target, name string) (aws.RoleText, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return aws.RoleText{}, err
	}
	text, err := c.RoleTrust(ctx, t, name)
	if err != nil {
		return text, err
	}
	text.Policies = map[string]string{}
	if err := inside(ctx, ready.roles, name, text.Policies); err != nil {
		return text, err
	}
	for marker := (*string)(nil); ; {
		out, err := ask(ctx, ready.roles.ListAttachedRolePolicies, &iam.ListAttachedRolePoliciesInput{RoleName: &name, Marker: marker})
		if err != nil {
			return text, err
		}
		for _, p := range out.AttachedPolicies {
			text.Managed = append(text.Managed, awssdk.ToString(p.PolicyArn))
		}
		if marker = out.Marker; !out.IsTruncated || awssdk.ToString(marker) == "" {
			return text, nil
		}
	}
}

// RoleTrust answers a role with who may take it on, and without its policies. One that does not exist is an error of kind "not_found".
func (c *Cloud) RoleTrust(ctx context.Context, t aws.Target, name string) (aws.RoleText, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return aws.RoleText{}, err
	}
	out, err := ask(ctx, ready.roles.GetRole, &iam.GetRoleInput{RoleName: &name})
	if err != nil {
		return aws.RoleText{}, err
	}
	text := aws.RoleText{Role: roleOf(out.Role)}
	if r := out.Role; r != nil {
		text.ID, text.Description, text.Trust, text.SessionSeconds = awssdk.ToString(r.RoleId), awssdk.ToString(r.Description), policyText(r.AssumeRolePolicyDocument), int(awssdk.ToInt32(r.MaxSessionDuration))
		if r.PermissionsBoundary != nil {
			text.Boundary = awssdk.ToString(r.PermissionsBoundary.PermissionsBoundaryArn)
		}
	}
	return text, nil
}

// inside reads the policies inside a role.
func inside(ctx context.Context, roles iamCalls, role string, into map[string]string) error {
	for marker := (*string)(nil); ; {
		out, err := ask(ctx, roles.ListRolePolicies, &iam.ListRolePoliciesInput{RoleName: &role, Marker: marker})
		if err != nil {
			return err
		}
		for _, name := range out.PolicyNames {
			one, err := ask(ctx, roles.GetRolePolicy, &iam.GetRolePolicyInput{RoleName: &role, PolicyName: &name})
			if err != nil {
				return err
			}
			into[name] = policyText(one.PolicyDocument)
		}
		if marker = out.Marker; !out.IsTruncated || awssdk.ToString(marker) == "" {
			return nil
		}
	}
}

// policyText reads a document, which IAM answers URL-encoded.
// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html
func policyText(encoded *string) string {
	text := awssdk.ToString(encoded)
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		return text
	}
	plain, err := url.QueryUnescape(text)
	if err != nil {
		return text
	}
	return plain
}
