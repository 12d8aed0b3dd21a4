package sdk

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// CreateStack asks for a stack and answers its id as soon as CloudFormation has agreed. The same token again is the same request. Where
// the account has a service role, CloudFormation acts with its rights.
// Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
func (c *Cloud) CreateStack(ctx context.Context, t aws.Target, n aws.NewStack) (string, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return "", err
	}
	out, err := sought(ctx, ready.stacks.CreateStack, &cloudformation.CreateStackInput{
		StackName: &n.Name, TemplateBody: &n.Template, Parameters: parameters(n.Parameters, nil), Tags: stackTags(n.Tags),
		ClientRequestToken: optional(n.Token), RoleARN: optional(c.serviceRole(t.Account)),
	})
	if err != nil {
		return "", err
	}
	id, begun := awssdk.ToString(out.StackId), time.Now()
	// A stack that is not shown yet would be taken for one that somebody deleted.
	_ = c.poll(ctx, func() (bool, error) {
		s, err := c.Stack(ctx, t, id)
		return s.ID != "" || err != nil || time.Since(begun) > grace, err
	})
	return id, nil
}

// serviceRole is the role that CloudFormation takes on in an account.
func (c *Cloud) serviceRole(account string) string {
	if account == "" {
		return c.settings.ServiceRole
	}
	at := slices.IndexFunc(c.settings.Accounts, func(a Account) bool { return a.Name == account })
	if at < 0 {
		return ""
	}
	return c.settings.Accounts[at].ServiceRole
}

func parameters(values map[string]string, keep []string) []types.Parameter {
	var all []types.Parameter
	for _, key := range slices.Sorted(maps.Keys(values)) {
		all = append(all, types.Parameter{ParameterKey: awssdk.String(key), ParameterValue: awssdk.String(values[key])})
	}
	for _, key := range keep {
		all = append(all, types.Parameter{ParameterKey: awssdk.String(key), UsePreviousValue: awssdk.Bool(true)})
	}
	return all
}

func stackTags(tags map[string]string) []types.Tag {
	var all []types.Tag
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		all = append(all, types.Tag{Key: awssdk.String(key), Value: awssdk.String(tags[key])})
	}
	return all
}

// UpdateStack asks for an update with the template that the stack has. It answers false where nothing would change. The same token
// again is the same request.
func (c *Cloud) UpdateStack(ctx context.Context, t aws.Target, change aws.StackChange) (bool, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return false, err
	}
	_, err = sought(ctx, ready.stacks.UpdateStack, &cloudformation.UpdateStackInput{
		StackName: &change.Stack, UsePreviousTemplate: awssdk.Bool(true), Parameters: parameters(change.Parameters, change.Keep),
		Tags: stackTags(change.Tags), ClientRequestToken: optional(change.Token), RoleARN: optional(c.serviceRole(t.Account)),
	})
	if err != nil && strings.Contains(err.Error(), "No updates are to be performed") {
		return false, nil
	}
	return err == nil, err
}

// ContinueUpdateRollback goes on with going back where that failed. Parts that are skipped count as brought back.
// Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ContinueUpdateRollback.html
func (c *Cloud) ContinueUpdateRollback(ctx context.Context, t aws.Target, stack string, skip []string, token string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	_, err = change(ctx, ready.stacks.ContinueUpdateRollback, &cloudformation.ContinueUpdateRollbackInput{
		StackName: &stack, ResourcesToSkip: skip, ClientRequestToken: optional(token), RoleARN: optional(c.serviceRole(t.Account)),
	})
	return err
}

// DeleteStack asks for the end of a stack and of everything in it. One that is gone is no error.
func (c *Cloud) DeleteStack(ctx context.Context, t aws.Target, stack, token string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	_, err = repeat(ctx, ready.stacks.DeleteStack, &cloudformation.DeleteStackInput{StackName: &stack, ClientRequestToken: optional(token)})
	return err
}

// SignalPart tells CloudFormation that an instance of a part is ready. See the signals of creation and update policies.
// Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_SignalResource.html
func (c *Cloud) SignalPart(ctx context.Context, t aws.Target, stack, part, instance string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	_, err = repeat(ctx, ready.stacks.SignalResource, &cloudformation.SignalResourceInput{
		StackName: &stack, LogicalResourceId: &part, UniqueId: &instance, Status: types.ResourceSignalStatusSuccess,
	})
	return err
}

// Stacks answers the stacks of a region that are not deleted.
func (c *Cloud) Stacks(ctx context.Context, t aws.Target) ([]aws.Stack, error) {
	return c.describeStacks(ctx, t, nil)
}

// Stack answers a stack by name or id; the zero Stack where there is none. One that was deleted is found by its id alone.
func (c *Cloud) Stack(ctx context.Context, t aws.Target, name string) (aws.Stack, error) {
	found, err := c.describeStacks(ctx, t, &name)
	if isNoStack(err) || err == nil && len(found) == 0 {
		return aws.Stack{}, nil
	}
	if err != nil {
		return aws.Stack{}, err
	}
	return found[0], nil
}

// isNoStack tells whether an error is CloudFormation's answer for a stack that does not exist; its code is that of any bad value.
func isNoStack(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.Code == "ValidationError" || e.Code == "StackNotFoundException") && strings.Contains(e.message, "not exist")
}

func (c *Cloud) describeStacks(ctx context.Context, t aws.Target, name *string) ([]aws.Stack, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	var all []aws.Stack
	in := &cloudformation.DescribeStacksInput{StackName: name}
	for {
		out, err := ask(ctx, ready.stacks.DescribeStacks, in)
		if err != nil {
			return nil, err
		}
		for _, s := range out.Stacks {
			all = append(all, stackOf(s))
		}
		if awssdk.ToString(out.NextToken) == "" {
			return all, nil
		}
		in = &cloudformation.DescribeStacksInput{StackName: name, NextToken: out.NextToken}
	}
}

func stackOf(s types.Stack) aws.Stack {
	out := aws.Stack{
		ID: awssdk.ToString(s.StackId), Name: awssdk.ToString(s.StackName), Status: string(s.StackStatus), Reason: awssdk.ToString(s.StackStatusReason),
		Parameters: map[string]string{}, Outputs: map[string]string{}, Tags: map[string]string{}, RoleARN: awssdk.ToString(s.RoleARN),
		Protected: awssdk.ToBool(s.EnableTerminationProtection), CreatedAt: awssdk.ToTime(s.CreationTime), UpdatedAt: awssdk.ToTime(s.LastUpdatedTime),
	}
	for _, p := range s.Parameters {
		out.Parameters[awssdk.ToString(p.ParameterKey)] = awssdk.ToString(p.ParameterValue)
	}
	for _, o := range s.Outputs {
		out.Outputs[awssdk.ToString(o.OutputKey)] = awssdk.ToString(o.OutputValue)
	}
	for _, tag := range s.Tags {
		out.Tags[awssdk.ToString(tag.Key)] = awssdk.ToString(tag.Value)
	}
	return out
}

// mostEvents bounds the events that are read: far more than one operation has.
const mostEvents = 500

// StackEvents answers the newest events of a stack, oldest first: those of one operation where a token is given.
func (c *Cloud) StackEvents(ctx context.Context, t aws.Target, stack, token string) ([]aws.StackEvent, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	var all []aws.StackEvent
	in := &cloudformation.DescribeStackEventsInput{StackName: &stack}
	for seen := 0; ; {
		out, err := ask(ctx, ready.stacks.DescribeStackEvents, in)
		if err != nil {
			return nil, err
		}
		others := 0
		for _, e := range out.StackEvents {
			if seen++; token == "" || awssdk.ToString(e.ClientRequestToken) == token {
				all = append(all, stackEventOf(e))
			} else {
				others++
			}
		}
		// The newest come first: a page without any of the operation ends it, once some were seen.
		ended := others == len(out.StackEvents) && len(all) > 0
		if awssdk.ToString(out.NextToken) == "" || seen >= mostEvents || ended {
			slices.Reverse(all)
			return all, nil
		}
		in = &cloudformation.DescribeStackEventsInput{StackName: &stack, NextToken: out.NextToken}
	}
}

func stackEventOf(e types.StackEvent) aws.StackEvent {
	return aws.StackEvent{
		ID: awssdk.ToString(e.EventId), Part: awssdk.ToString(e.LogicalResourceId), Type: awssdk.ToString(e.ResourceType),
		Real: awssdk.ToString(e.PhysicalResourceId), Status: string(e.ResourceStatus), Reason: oneLine(redact(awssdk.ToString(e.ResourceStatusReason))),
		Token: awssdk.ToString(e.ClientRequestToken), At: awssdk.ToTime(e.Timestamp),
	}
}

// StackTemplate answers the template of a stack as it was given, in JSON or YAML.
// Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplate.html
func (c *Cloud) StackTemplate(ctx context.Context, t aws.Target, stack string) (string, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return "", err
	}
	out, err := ask(ctx, ready.stacks.GetTemplate, &cloudformation.GetTemplateInput{StackName: &stack, TemplateStage: types.TemplateStageOriginal})
	if err != nil {
		return "", err
	}
	return awssdk.ToString(out.TemplateBody), nil
}

// StackParts answers what is in a stack.
func (c *Cloud) StackParts(ctx context.Context, t aws.Target, stack string) ([]aws.StackPart, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	out, err := ask(ctx, ready.stacks.DescribeStackResources, &cloudformation.DescribeStackResourcesInput{StackName: &stack})
	if err != nil {
		return nil, err
	}
	var all []aws.StackPart
	for _, r := range out.StackResources {
		if awssdk.ToString(r.LogicalResourceId) == "" { // an endpoint's word for a part whose condition does not hold
			continue
		}
		all = append(all, aws.StackPart{
			Name: awssdk.ToString(r.LogicalResourceId), Type: awssdk.ToString(r.ResourceType), Real: awssdk.ToString(r.PhysicalResourceId),
			Status: string(r.ResourceStatus), Reason: oneLine(redact(awssdk.ToString(r.ResourceStatusReason))),
		})
	}
	return all, nil
}

// WaitForStack waits until no operation on a stack is under way, and answers how it stands then. Progress is told after each look.
func (c *Cloud) WaitForStack(ctx context.Context, t aws.Target, stack string, progress func(aws.Stack)) (aws.Stack, error) {
	var seen aws.Stack
	err := c.poll(ctx, func() (bool, error) {
		now, err := c.Stack(ctx, t, stack)
		if err != nil {
			return false, err
		}
		if now.ID == "" { // deleted, and this endpoint does not remember it
			now = seen
			now.Status = "DELETE_COMPLETE"
		}
		seen = now
		progress(seen)
		return !seen.Moving(), nil
	})
	if err != nil && errors.Is(err, ctx.Err()) {
		return seen, &Error{
			kind: kindFailed, message: "The stack " + seen.Name + " is still " + seen.Status + ".",
			hint: "CloudFormation goes on by itself: `app status " + seen.Name + "` shows where it stands.", err: err,
		}
	}
	return seen, err
}
