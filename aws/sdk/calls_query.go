package sdk

// The calls of the services that speak the protocol Query; see package wire.

import (
	"context"

	"deckhand/aws/sdk/wire"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sns"
)

type (
	stackCalls struct{ *wire.Client }
	elbCalls   struct{ *wire.Client }
	meterCalls struct{ *wire.Client }
	iamCalls   struct{ *wire.Client }
	topicCalls struct{ *wire.Client }
)

func (c stackCalls) CreateStack(ctx context.Context, in *cloudformation.CreateStackInput, _ ...func(*cloudformation.Options)) (*cloudformation.CreateStackOutput, error) {
	return wire.Call[cloudformation.CreateStackOutput](ctx, c.Client, in)
}

func (c stackCalls) ContinueUpdateRollback(ctx context.Context, in *cloudformation.ContinueUpdateRollbackInput, _ ...func(*cloudformation.Options)) (*cloudformation.ContinueUpdateRollbackOutput, error) {
	return wire.Call[cloudformation.ContinueUpdateRollbackOutput](ctx, c.Client, in)
}

func (c stackCalls) DeleteStack(ctx context.Context, in *cloudformation.DeleteStackInput, _ ...func(*cloudformation.Options)) (*cloudformation.DeleteStackOutput, error) {
	return wire.Call[cloudformation.DeleteStackOutput](ctx, c.Client, in)
}

func (c stackCalls) DescribeStackEvents(ctx context.Context, in *cloudformation.DescribeStackEventsInput, _ ...func(*cloudformation.Options)) (*cloudformation.DescribeStackEventsOutput, error) {
	return wire.Call[cloudformation.DescribeStackEventsOutput](ctx, c.Client, in)
}

func (c stackCalls) DescribeStackResources(ctx context.Context, in *cloudformation.DescribeStackResourcesInput, _ ...func(*cloudformation.Options)) (*cloudformation.DescribeStackResourcesOutput, error) {
	return wire.Call[cloudformation.DescribeStackResourcesOutput](ctx, c.Client, in)
}

func (c stackCalls) DescribeStacks(ctx context.Context, in *cloudformation.DescribeStacksInput, _ ...func(*cloudformation.Options)) (*cloudformation.DescribeStacksOutput, error) {
	return wire.Call[cloudformation.DescribeStacksOutput](ctx, c.Client, in)
}

func (c stackCalls) GetTemplate(ctx context.Context, in *cloudformation.GetTemplateInput, _ ...func(*cloudformation.Options)) (*cloudformation.GetTemplateOutput, error) {
	return wire.Call[cloudformation.GetTemplateOutput](ctx, c.Client, in)
}

func (c stackCalls) SignalResource(ctx context.Context, in *cloudformation.SignalResourceInput, _ ...func(*cloudformation.Options)) (*cloudformation.SignalResourceOutput, error) {
	return wire.Call[cloudformation.SignalResourceOutput](ctx, c.Client, in)
}

func (c stackCalls) UpdateStack(ctx context.Context, in *cloudformation.UpdateStackInput, _ ...func(*cloudformation.Options)) (*cloudformation.UpdateStackOutput, error) {
	return wire.Call[cloudformation.UpdateStackOutput](ctx, c.Client, in)
}

func (c meterCalls) GetMetricData(ctx context.Context, in *cloudwatch.GetMetricDataInput, _ ...func(*cloudwatch.Options)) (*cloudwatch.GetMetricDataOutput, error) {
	return wire.Call[cloudwatch.GetMetricDataOutput](ctx, c.Client, in)
}

func (c elbCalls) AddTags(ctx context.Context, in *elb.AddTagsInput, _ ...func(*elb.Options)) (*elb.AddTagsOutput, error) {
	return wire.Call[elb.AddTagsOutput](ctx, c.Client, in)
}

func (c elbCalls) CreateListener(ctx context.Context, in *elb.CreateListenerInput, _ ...func(*elb.Options)) (*elb.CreateListenerOutput, error) {
	return wire.Call[elb.CreateListenerOutput](ctx, c.Client, in)
}

func (c elbCalls) CreateLoadBalancer(ctx context.Context, in *elb.CreateLoadBalancerInput, _ ...func(*elb.Options)) (*elb.CreateLoadBalancerOutput, error) {
	return wire.Call[elb.CreateLoadBalancerOutput](ctx, c.Client, in)
}

func (c elbCalls) CreateTargetGroup(ctx context.Context, in *elb.CreateTargetGroupInput, _ ...func(*elb.Options)) (*elb.CreateTargetGroupOutput, error) {
	return wire.Call[elb.CreateTargetGroupOutput](ctx, c.Client, in)
}

func (c elbCalls) DeleteListener(ctx context.Context, in *elb.DeleteListenerInput, _ ...func(*elb.Options)) (*elb.DeleteListenerOutput, error) {
	return wire.Call[elb.DeleteListenerOutput](ctx, c.Client, in)
}

func (c elbCalls) DeleteLoadBalancer(ctx context.Context, in *elb.DeleteLoadBalancerInput, _ ...func(*elb.Options)) (*elb.DeleteLoadBalancerOutput, error) {
	return wire.Call[elb.DeleteLoadBalancerOutput](ctx, c.Client, in)
}

func (c elbCalls) DeleteTargetGroup(ctx context.Context, in *elb.DeleteTargetGroupInput, _ ...func(*elb.Options)) (*elb.DeleteTargetGroupOutput, error) {
	return wire.Call[elb.DeleteTargetGroupOutput](ctx, c.Client, in)
}

func (c elbCalls) DeregisterTargets(ctx context.Context, in *elb.DeregisterTargetsInput, _ ...func(*elb.Options)) (*elb.DeregisterTargetsOutput, error) {
	return wire.Call[elb.DeregisterTargetsOutput](ctx, c.Client, in)
}

func (c elbCalls) DescribeListeners(ctx context.Context, in *elb.DescribeListenersInput, _ ...func(*elb.Options)) (*elb.DescribeListenersOutput, error) {
	return wire.Call[elb.DescribeListenersOutput](ctx, c.Client, in)
}

func (c elbCalls) DescribeLoadBalancerAttributes(ctx context.Context, in *elb.DescribeLoadBalancerAttributesInput, _ ...func(*elb.Options)) (*elb.DescribeLoadBalancerAttributesOutput, error) {
	return wire.Call[elb.DescribeLoadBalancerAttributesOutput](ctx, c.Client, in)
}

func (c elbCalls) DescribeLoadBalancers(ctx context.Context, in *elb.DescribeLoadBalancersInput, _ ...func(*elb.Options)) (*elb.DescribeLoadBalancersOutput, error) {
	return wire.Call[elb.DescribeLoadBalancersOutput](ctx, c.Client, in)
}

func (c elbCalls) DescribeRules(ctx context.Context, in *elb.DescribeRulesInput, _ ...func(*elb.Options)) (*elb.DescribeRulesOutput, error) {
	return wire.Call[elb.DescribeRulesOutput](ctx, c.Client, in)
}

func (c elbCalls) DescribeTags(ctx context.Context, in *elb.DescribeTagsInput, _ ...func(*elb.Options)) (*elb.DescribeTagsOutput, error) {
	return wire.Call[elb.DescribeTagsOutput](ctx, c.Client, in)
}

func (c elbCalls) DescribeTargetGroupAttributes(ctx context.Context, in *elb.DescribeTargetGroupAttributesInput, _ ...func(*elb.Options)) (*elb.DescribeTargetGroupAttributesOutput, error) {
	return wire.Call[elb.DescribeTargetGroupAttributesOutput](ctx, c.Client, in)
}

func (c elbCalls) DescribeTargetGroups(ctx context.Context, in *elb.DescribeTargetGroupsInput, _ ...func(*elb.Options)) (*elb.DescribeTargetGroupsOutput, error) {
	return wire.Call[elb.DescribeTargetGroupsOutput](ctx, c.Client, in)
}

func (c elbCalls) DescribeTargetHealth(ctx context.Context, in *elb.DescribeTargetHealthInput, _ ...func(*elb.Options)) (*elb.DescribeTargetHealthOutput, error) {
	return wire.Call[elb.DescribeTargetHealthOutput](ctx, c.Client, in)
}

func (c elbCalls) RegisterTargets(ctx context.Context, in *elb.RegisterTargetsInput, _ ...func(*elb.Options)) (*elb.RegisterTargetsOutput, error) {
	return wire.Call[elb.RegisterTargetsOutput](ctx, c.Client, in)
}

func (c iamCalls) CreateRole(ctx context.Context, in *iam.CreateRoleInput, _ ...func(*iam.Options)) (*iam.CreateRoleOutput, error) {
	return wire.Call[iam.CreateRoleOutput](ctx, c.Client, in)
}

func (c iamCalls) TagRole(ctx context.Context, in *iam.TagRoleInput, _ ...func(*iam.Options)) (*iam.TagRoleOutput, error) {
	return wire.Call[iam.TagRoleOutput](ctx, c.Client, in)
}

func (c iamCalls) DeleteRole(ctx context.Context, in *iam.DeleteRoleInput, _ ...func(*iam.Options)) (*iam.DeleteRoleOutput, error) {
	return wire.Call[iam.DeleteRoleOutput](ctx, c.Client, in)
}

func (c iamCalls) DeleteRolePolicy(ctx context.Context, in *iam.DeleteRolePolicyInput, _ ...func(*iam.Options)) (*iam.DeleteRolePolicyOutput, error) {
	return wire.Call[iam.DeleteRolePolicyOutput](ctx, c.Client, in)
}

func (c iamCalls) DetachRolePolicy(ctx context.Context, in *iam.DetachRolePolicyInput, _ ...func(*iam.Options)) (*iam.DetachRolePolicyOutput, error) {
	return wire.Call[iam.DetachRolePolicyOutput](ctx, c.Client, in)
}

func (c iamCalls) GetRole(ctx context.Context, in *iam.GetRoleInput, _ ...func(*iam.Options)) (*iam.GetRoleOutput, error) {
	return wire.Call[iam.GetRoleOutput](ctx, c.Client, in)
}

func (c iamCalls) GetRolePolicy(ctx context.Context, in *iam.GetRolePolicyInput, _ ...func(*iam.Options)) (*iam.GetRolePolicyOutput, error) {
	return wire.Call[iam.GetRolePolicyOutput](ctx, c.Client, in)
}

func (c iamCalls) ListAttachedRolePolicies(ctx context.Context, in *iam.ListAttachedRolePoliciesInput, _ ...func(*iam.Options)) (*iam.ListAttachedRolePoliciesOutput, error) {
	return wire.Call[iam.ListAttachedRolePoliciesOutput](ctx, c.Client, in)
}

func (c iamCalls) ListRolePolicies(ctx context.Context, in *iam.ListRolePoliciesInput, _ ...func(*iam.Options)) (*iam.ListRolePoliciesOutput, error) {
	return wire.Call[iam.ListRolePoliciesOutput](ctx, c.Client, in)
}

func (c iamCalls) ListRoles(ctx context.Context, in *iam.ListRolesInput, _ ...func(*iam.Options)) (*iam.ListRolesOutput, error) {
	return wire.Call[iam.ListRolesOutput](ctx, c.Client, in)
}

func (c iamCalls) PutRolePolicy(ctx context.Context, in *iam.PutRolePolicyInput, _ ...func(*iam.Options)) (*iam.PutRolePolicyOutput, error) {
	return wire.Call[iam.PutRolePolicyOutput](ctx, c.Client, in)
}

func (c iamCalls) UpdateAssumeRolePolicy(ctx context.Context, in *iam.UpdateAssumeRolePolicyInput, _ ...func(*iam.Options)) (*iam.UpdateAssumeRolePolicyOutput, error) {
	return wire.Call[iam.UpdateAssumeRolePolicyOutput](ctx, c.Client, in)
}

func (c iamCalls) SimulatePrincipalPolicy(ctx context.Context, in *iam.SimulatePrincipalPolicyInput, _ ...func(*iam.Options)) (*iam.SimulatePrincipalPolicyOutput, error) {
	return wire.Call[iam.SimulatePrincipalPolicyOutput](ctx, c.Client, in)
}

func (c topicCalls) GetSubscriptionAttributes(ctx context.Context, in *sns.GetSubscriptionAttributesInput, _ ...func(*sns.Options)) (*sns.GetSubscriptionAttributesOutput, error) {
	return wire.Call[sns.GetSubscriptionAttributesOutput](ctx, c.Client, in)
}

func (c topicCalls) ListSubscriptionsByTopic(ctx context.Context, in *sns.ListSubscriptionsByTopicInput, _ ...func(*sns.Options)) (*sns.ListSubscriptionsByTopicOutput, error) {
	return wire.Call[sns.ListSubscriptionsByTopicOutput](ctx, c.Client, in)
}

func (c topicCalls) Subscribe(ctx context.Context, in *sns.SubscribeInput, _ ...func(*sns.Options)) (*sns.SubscribeOutput, error) {
	return wire.Call[sns.SubscribeOutput](ctx, c.Client, in)
}

func (c topicCalls) Unsubscribe(ctx context.Context, in *sns.UnsubscribeInput, _ ...func(*sns.Options)) (*sns.UnsubscribeOutput, error) {
	return wire.Call[sns.UnsubscribeOutput](ctx, c.Client, in)
}
