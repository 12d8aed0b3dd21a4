package sdk

import (
	"context"
	"errors"
	"maps"
	"slices"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

// EventRule answers a rule of the default bus with its tags. One that does not exist is an error of kind "not_found".
func (c *Cloud) EventRule(ctx context.Context, t aws.Target, name string) (aws.EventRule, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return aws.EventRule{}, err
	}
	out, err := ask(ctx, ready.events.DescribeRule, &eventbridge.DescribeRuleInput{Name: &name})
	if err != nil {
		return aws.EventRule{}, err
	}
	rule := aws.EventRule{
		Name: awssdk.ToString(out.Name), ARN: awssdk.ToString(out.Arn), Description: awssdk.ToString(out.Description),
		Pattern: awssdk.ToString(out.EventPattern), Schedule: awssdk.ToString(out.ScheduleExpression),
		Enabled: out.State != types.RuleStateDisabled, Tags: map[string]string{},
	}
	tags, err := ask(ctx, ready.events.ListTagsForResource, &eventbridge.ListTagsForResourceInput{ResourceARN: &rule.ARN})
	if err != nil {
		return rule, err
	}
	for _, tag := range tags.Tags {
		rule.Tags[awssdk.ToString(tag.Key)] = awssdk.ToString(tag.Value)
	}
	return rule, nil
}

// PutEventRule writes a rule, enabled, and answers its ARN. The same rule again changes nothing; the tags of a rule that is there stay.
func (c *Cloud) PutEventRule(ctx context.Context, t aws.Target, rule aws.EventRule) (string, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return "", err
	}
	in := &eventbridge.PutRuleInput{
		Name: &rule.Name, Description: optional(rule.Description), State: types.RuleStateEnabled,
		EventPattern: optional(rule.Pattern), ScheduleExpression: optional(rule.Schedule),
	}
	for _, key := range slices.Sorted(maps.Keys(rule.Tags)) {
		in.Tags = append(in.Tags, types.Tag{Key: awssdk.String(key), Value: awssdk.String(rule.Tags[key])})
	}
	c.making(freshRule)
	out, err := repeat(ctx, ready.events.PutRule, in)
	if err != nil {
		return "", err
	}
	return awssdk.ToString(out.RuleArn), nil
}

// TargetFunction makes a rule invoke a function. The same target again changes nothing.
func (c *Cloud) TargetFunction(ctx context.Context, t aws.Target, rule, targetID, functionARN string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	out, err := soon(ctx, c, repeat, ready.events.PutTargets, &eventbridge.PutTargetsInput{
		Rule: &rule, Targets: []types.Target{{Id: &targetID, Arn: &functionARN}},
	})
	if err != nil {
		return err
	}
	for _, failed := range out.FailedEntries {
		return &Error{
			Code: awssdk.ToString(failed.ErrorCode), Operation: "PutTargets", kind: kindFailed,
			message: "AWS refused the rule's target: " + sentence(redact(awssdk.ToString(failed.ErrorMessage))),
		}
	}
	return nil
}

// RulesFor answers the names of the rules of the default bus that invoke a function.
func (c *Cloud) RulesFor(ctx context.Context, t aws.Target, functionARN string) ([]string, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	var all []string
	in := &eventbridge.ListRuleNamesByTargetInput{TargetArn: &functionARN}
	for {
		out, err := ask(ctx, ready.events.ListRuleNamesByTarget, in)
		if err != nil {
			return nil, err
		}
		all = append(all, out.RuleNames...)
		if awssdk.ToString(out.NextToken) == "" {
			return all, nil
		}
		in = &eventbridge.ListRuleNamesByTargetInput{TargetArn: &functionARN, NextToken: out.NextToken}
	}
}

// DeleteEventRule removes a rule with all its targets. One that is gone already is no error.
func (c *Cloud) DeleteEventRule(ctx context.Context, t aws.Target, name string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	var ids []string
	err = pages(func(token *string) (*string, error) {
		out, err := ask(ctx, ready.events.ListTargetsByRule, &eventbridge.ListTargetsByRuleInput{Rule: &name, NextToken: token})
		if err != nil {
			return nil, err
		}
		for _, target := range out.Targets {
			ids = append(ids, awssdk.ToString(target.Id))
		}
		return out.NextToken, nil
	})
	if err != nil {
		return unlessGone(err)
	}
	if len(ids) > 0 {
		out, err := repeat(ctx, ready.events.RemoveTargets, &eventbridge.RemoveTargetsInput{Rule: &name, Ids: ids})
		if err != nil {
			return unlessGone(err)
		}
		for _, failed := range out.FailedEntries {
			return &Error{
				Code: awssdk.ToString(failed.ErrorCode), Operation: "RemoveTargets", kind: kindFailed,
				message: "AWS refused to remove the rule's target: " + sentence(redact(awssdk.ToString(failed.ErrorMessage))),
			}
		}
	}
	_, err = repeat(ctx, ready.events.DeleteRule, &eventbridge.DeleteRuleInput{Name: &name})
	if e := new(Error); len(ids) > 0 && errors.As(err, &e) {
		e.message += " Its target is removed, so it invokes nothing any more; the same line again removes the rule."
	}
	return unlessGone(err)
}
