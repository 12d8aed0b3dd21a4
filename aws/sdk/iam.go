package sdk

import (
	"context"
	"maps"
	"slices"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// Role answers an IAM role by its name. One that does not exist is an error of kind "not_found".
func (c *Cloud) Role(ctx context.Context, t aws.Target, name string) (aws.Role, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return aws.Role{}, err
	}
	out, err := ask(ctx, ready.roles.GetRole, &iam.GetRoleInput{RoleName: &name})
	if err != nil {
		return aws.Role{}, err
	}
	return roleOf(out.Role), nil
}

// TagRole writes tags on a role; other tags of its stay.
func (c *Cloud) TagRole(ctx context.Context, t aws.Target, name string, tags map[string]string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	in := &iam.TagRoleInput{RoleName: &name}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		in.Tags = append(in.Tags, types.Tag{Key: awssdk.String(key), Value: awssdk.String(tags[key])})
	}
	_, err = repeat(ctx, ready.roles.TagRole, in)
	return err
}

// EnsureRole makes a role with its one policy. A role of this name that carries the same tag Mark is taken, and its policy written anew;
// any other role of this name is an error. A role that comes with an error stands, without its policy.
func (c *Cloud) EnsureRole(ctx context.Context, t aws.Target, n aws.NewRole) (aws.Role, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return aws.Role{}, err
	}
	in := &iam.CreateRoleInput{RoleName: &n.Name, Path: optional(n.Path), AssumeRolePolicyDocument: &n.Trust, Description: optional(n.Description)}
	for _, key := range slices.Sorted(maps.Keys(n.Tags)) {
		in.Tags = append(in.Tags, types.Tag{Key: awssdk.String(key), Value: awssdk.String(n.Tags[key])})
	}
	out, err := repeat(ctx, ready.roles.CreateRole, in)
	var role aws.Role
	switch {
	case err == nil:
		role = roleOf(out.Role)
	case codeOf(err) == "EntityAlreadyExists":
		if role, err = c.Role(ctx, t, n.Name); err != nil {
			return role, err
		}
		if role.Tags[n.Mark] != n.Tags[n.Mark] || n.Tags[n.Mark] == "" {
			return aws.Role{}, &Error{
				Code: "EntityAlreadyExists", Operation: "CreateRole", kind: kindFailed,
				message: "There is a role called " + n.Name + " already, and it was not made for this, so it is left alone.",
				hint:    "Name it with --role " + n.Name + " if it is the right one, or choose another function name.",
			}
		}
	default:
		return role, err
	}
	if n.Policy == "" {
		return role, nil
	}
	_, err = soon(ctx, c, repeat, ready.roles.PutRolePolicy, &iam.PutRolePolicyInput{RoleName: &n.Name, PolicyName: &n.PolicyName, PolicyDocument: &n.Policy})
	return role, err
}

// RolesUnder answers the roles whose path begins with this one, without their tags.
func (c *Cloud) RolesUnder(ctx context.Context, t aws.Target, path string) ([]aws.Role, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	var all []aws.Role
	in := &iam.ListRolesInput{PathPrefix: &path}
	for {
		out, err := ask(ctx, ready.roles.ListRoles, in)
		if err != nil {
			return nil, err
		}
		for _, r := range out.Roles {
			all = append(all, roleOf(&r))
		}
		if !out.IsTruncated || awssdk.ToString(out.Marker) == "" {
			return all, nil
		}
		in = &iam.ListRolesInput{PathPrefix: &path, Marker: out.Marker}
	}
}

// DeleteRole removes a role with the policies inside it, after it has let go of the managed ones. One that is gone already is no error.
func (c *Cloud) DeleteRole(ctx context.Context, t aws.Target, name string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	var inside []string // all of them first: what is removed meanwhile would move the pages
	err = pages(func(marker *string) (*string, error) {
		out, err := ask(ctx, ready.roles.ListRolePolicies, &iam.ListRolePoliciesInput{RoleName: &name, Marker: marker})
		if err != nil {
			return nil, err
		}
		inside = append(inside, out.PolicyNames...)
		return out.Marker, nil
	})
	if err != nil {
		return unlessGone(err)
	}
	for _, policy := range inside {
		if err := c.DisallowRole(ctx, t, name, policy); err != nil {
			return err
		}
	}
	var attached []types.AttachedPolicy
	err = pages(func(marker *string) (*string, error) {
		out, err := ask(ctx, ready.roles.ListAttachedRolePolicies, &iam.ListAttachedRolePoliciesInput{RoleName: &name, Marker: marker})
		if err != nil {
			return nil, err
		}
		attached = append(attached, out.AttachedPolicies...)
		return out.Marker, nil
	})
	if err != nil {
		return unlessGone(err)
	}
	for _, policy := range attached {
		_, err := repeat(ctx, ready.roles.DetachRolePolicy, &iam.DetachRolePolicyInput{RoleName: &name, PolicyArn: policy.PolicyArn})
		if unlessGone(err) != nil {
			return err
		}
	}
	_, err = repeat(ctx, ready.roles.DeleteRole, &iam.DeleteRoleInput{RoleName: &name})
	return unlessGone(err)
}

// AllowRole writes a policy inside a role; the same again changes nothing.
func (c *Cloud) AllowRole(ctx context.Context, t aws.Target, role, policy, document string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	_, err = soon(ctx, c, repeat, ready.roles.PutRolePolicy, &iam.PutRolePolicyInput{RoleName: &role, PolicyName: &policy, PolicyDocument: &document})
	return err
}

// DisallowRole removes a policy inside a role; one that is gone is no error.
func (c *Cloud) DisallowRole(ctx context.Context, t aws.Target, role, policy string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	_, err = repeat(ctx, ready.roles.DeleteRolePolicy, &iam.DeleteRolePolicyInput{RoleName: &role, PolicyName: &policy})
	return unlessGone(err)
}

func roleOf(r *types.Role) aws.Role {
	if r == nil {
		return aws.Role{}
	}
	role := aws.Role{Name: awssdk.ToString(r.RoleName), ARN: awssdk.ToString(r.Arn), Path: awssdk.ToString(r.Path), MadeAt: awssdk.ToTime(r.CreateDate), Tags: map[string]string{}}
	for _, t := range r.Tags {
		role.Tags[awssdk.ToString(t.Key)] = awssdk.ToString(t.Value)
	}
	return role
}
