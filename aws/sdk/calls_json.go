package sdk

// The calls of the services that speak JSON, by the inputs and outputs of the SDK. A call more is three lines more; see package wire.

import (
	"context"

	"deckhand/aws/sdk/wire"

	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ec2instanceconnect"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/pricing"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

type (
	certificateCalls struct{ *wire.Client }
	costCalls        struct{ *wire.Client }
	connectCalls     struct{ *wire.Client }
	ecsCalls         struct{ *wire.Client }
	eventCalls       struct{ *wire.Client }
	tableCalls       struct{ *wire.Client }
	logCalls         struct{ *wire.Client }
	priceCalls       struct{ *wire.Client }
	quotaCalls       struct{ *wire.Client }
	ssmCalls         struct{ *wire.Client }
)

func (c certificateCalls) ListCertificates(ctx context.Context, in *acm.ListCertificatesInput, _ ...func(*acm.Options)) (*acm.ListCertificatesOutput, error) {
	return wire.Call[acm.ListCertificatesOutput](ctx, c.Client, in)
}

func (c costCalls) GetCostAndUsage(ctx context.Context, in *costexplorer.GetCostAndUsageInput, _ ...func(*costexplorer.Options)) (*costexplorer.GetCostAndUsageOutput, error) {
	return wire.Call[costexplorer.GetCostAndUsageOutput](ctx, c.Client, in)
}

func (c connectCalls) SendSSHPublicKey(ctx context.Context, in *ec2instanceconnect.SendSSHPublicKeyInput, _ ...func(*ec2instanceconnect.Options)) (*ec2instanceconnect.SendSSHPublicKeyOutput, error) {
	return wire.Call[ec2instanceconnect.SendSSHPublicKeyOutput](ctx, c.Client, in)
}

func (c ecsCalls) DescribeServices(ctx context.Context, in *ecs.DescribeServicesInput, _ ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error) {
	return wire.Call[ecs.DescribeServicesOutput](ctx, c.Client, in)
}

func (c ecsCalls) ListClusters(ctx context.Context, in *ecs.ListClustersInput, _ ...func(*ecs.Options)) (*ecs.ListClustersOutput, error) {
	return wire.Call[ecs.ListClustersOutput](ctx, c.Client, in)
}

func (c ecsCalls) ListServices(ctx context.Context, in *ecs.ListServicesInput, _ ...func(*ecs.Options)) (*ecs.ListServicesOutput, error) {
	return wire.Call[ecs.ListServicesOutput](ctx, c.Client, in)
}

func (c ecsCalls) UpdateService(ctx context.Context, in *ecs.UpdateServiceInput, _ ...func(*ecs.Options)) (*ecs.UpdateServiceOutput, error) {
	return wire.Call[ecs.UpdateServiceOutput](ctx, c.Client, in)
}

func (c eventCalls) DeleteRule(ctx context.Context, in *eventbridge.DeleteRuleInput, _ ...func(*eventbridge.Options)) (*eventbridge.DeleteRuleOutput, error) {
	return wire.Call[eventbridge.DeleteRuleOutput](ctx, c.Client, in)
}

func (c eventCalls) DescribeRule(ctx context.Context, in *eventbridge.DescribeRuleInput, _ ...func(*eventbridge.Options)) (*eventbridge.DescribeRuleOutput, error) {
	return wire.Call[eventbridge.DescribeRuleOutput](ctx, c.Client, in)
}

func (c eventCalls) ListRuleNamesByTarget(ctx context.Context, in *eventbridge.ListRuleNamesByTargetInput, _ ...func(*eventbridge.Options)) (*eventbridge.ListRuleNamesByTargetOutput, error) {
	return wire.Call[eventbridge.ListRuleNamesByTargetOutput](ctx, c.Client, in)
}

func (c eventCalls) ListTagsForResource(ctx context.Context, in *eventbridge.ListTagsForResourceInput, _ ...func(*eventbridge.Options)) (*eventbridge.ListTagsForResourceOutput, error) {
	return wire.Call[eventbridge.ListTagsForResourceOutput](ctx, c.Client, in)
}

func (c eventCalls) ListTargetsByRule(ctx context.Context, in *eventbridge.ListTargetsByRuleInput, _ ...func(*eventbridge.Options)) (*eventbridge.ListTargetsByRuleOutput, error) {
	return wire.Call[eventbridge.ListTargetsByRuleOutput](ctx, c.Client, in)
}

func (c eventCalls) PutRule(ctx context.Context, in *eventbridge.PutRuleInput, _ ...func(*eventbridge.Options)) (*eventbridge.PutRuleOutput, error) {
	return wire.Call[eventbridge.PutRuleOutput](ctx, c.Client, in)
}

func (c eventCalls) PutTargets(ctx context.Context, in *eventbridge.PutTargetsInput, _ ...func(*eventbridge.Options)) (*eventbridge.PutTargetsOutput, error) {
	return wire.Call[eventbridge.PutTargetsOutput](ctx, c.Client, in)
}

func (c eventCalls) RemoveTargets(ctx context.Context, in *eventbridge.RemoveTargetsInput, _ ...func(*eventbridge.Options)) (*eventbridge.RemoveTargetsOutput, error) {
	return wire.Call[eventbridge.RemoveTargetsOutput](ctx, c.Client, in)
}

func (c tableCalls) CreateTable(ctx context.Context, in *dynamodb.CreateTableInput, _ ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error) {
	return wire.Call[dynamodb.CreateTableOutput](ctx, c.Client, in)
}

func (c tableCalls) TagResource(ctx context.Context, in *dynamodb.TagResourceInput, _ ...func(*dynamodb.Options)) (*dynamodb.TagResourceOutput, error) {
	return wire.Call[dynamodb.TagResourceOutput](ctx, c.Client, in)
}

func (c tableCalls) DeleteTable(ctx context.Context, in *dynamodb.DeleteTableInput, _ ...func(*dynamodb.Options)) (*dynamodb.DeleteTableOutput, error) {
	return wire.Call[dynamodb.DeleteTableOutput](ctx, c.Client, in)
}

func (c tableCalls) DescribeContinuousBackups(ctx context.Context, in *dynamodb.DescribeContinuousBackupsInput, _ ...func(*dynamodb.Options)) (*dynamodb.DescribeContinuousBackupsOutput, error) {
	return wire.Call[dynamodb.DescribeContinuousBackupsOutput](ctx, c.Client, in)
}

func (c tableCalls) DescribeTimeToLive(ctx context.Context, in *dynamodb.DescribeTimeToLiveInput, _ ...func(*dynamodb.Options)) (*dynamodb.DescribeTimeToLiveOutput, error) {
	return wire.Call[dynamodb.DescribeTimeToLiveOutput](ctx, c.Client, in)
}

func (c tableCalls) DescribeTable(ctx context.Context, in *dynamodb.DescribeTableInput, _ ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error) {
	return wire.Call[dynamodb.DescribeTableOutput](ctx, c.Client, in)
}

func (c tableCalls) ListTagsOfResource(ctx context.Context, in *dynamodb.ListTagsOfResourceInput, _ ...func(*dynamodb.Options)) (*dynamodb.ListTagsOfResourceOutput, error) {
	return wire.Call[dynamodb.ListTagsOfResourceOutput](ctx, c.Client, in)
}

func (c tableCalls) UpdateTable(ctx context.Context, in *dynamodb.UpdateTableInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateTableOutput, error) {
	return wire.Call[dynamodb.UpdateTableOutput](ctx, c.Client, in)
}

func (c logCalls) CreateLogGroup(ctx context.Context, in *cloudwatchlogs.CreateLogGroupInput, _ ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.CreateLogGroupOutput, error) {
	return wire.Call[cloudwatchlogs.CreateLogGroupOutput](ctx, c.Client, in)
}

func (c logCalls) DeleteLogGroup(ctx context.Context, in *cloudwatchlogs.DeleteLogGroupInput, _ ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.DeleteLogGroupOutput, error) {
	return wire.Call[cloudwatchlogs.DeleteLogGroupOutput](ctx, c.Client, in)
}

func (c logCalls) DescribeLogGroups(ctx context.Context, in *cloudwatchlogs.DescribeLogGroupsInput, _ ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.DescribeLogGroupsOutput, error) {
	return wire.Call[cloudwatchlogs.DescribeLogGroupsOutput](ctx, c.Client, in)
}

func (c logCalls) FilterLogEvents(ctx context.Context, in *cloudwatchlogs.FilterLogEventsInput, _ ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.FilterLogEventsOutput, error) {
	return wire.Call[cloudwatchlogs.FilterLogEventsOutput](ctx, c.Client, in)
}

func (c logCalls) ListTagsForResource(ctx context.Context, in *cloudwatchlogs.ListTagsForResourceInput, _ ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.ListTagsForResourceOutput, error) {
	return wire.Call[cloudwatchlogs.ListTagsForResourceOutput](ctx, c.Client, in)
}

func (c logCalls) PutRetentionPolicy(ctx context.Context, in *cloudwatchlogs.PutRetentionPolicyInput, _ ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.PutRetentionPolicyOutput, error) {
	return wire.Call[cloudwatchlogs.PutRetentionPolicyOutput](ctx, c.Client, in)
}

func (c priceCalls) GetProducts(ctx context.Context, in *pricing.GetProductsInput, _ ...func(*pricing.Options)) (*pricing.GetProductsOutput, error) {
	return wire.Call[pricing.GetProductsOutput](ctx, c.Client, in)
}

func (c quotaCalls) GetAWSDefaultServiceQuota(ctx context.Context, in *servicequotas.GetAWSDefaultServiceQuotaInput, _ ...func(*servicequotas.Options)) (*servicequotas.GetAWSDefaultServiceQuotaOutput, error) {
	return wire.Call[servicequotas.GetAWSDefaultServiceQuotaOutput](ctx, c.Client, in)
}

func (c quotaCalls) GetServiceQuota(ctx context.Context, in *servicequotas.GetServiceQuotaInput, _ ...func(*servicequotas.Options)) (*servicequotas.GetServiceQuotaOutput, error) {
	return wire.Call[servicequotas.GetServiceQuotaOutput](ctx, c.Client, in)
}

func (c ssmCalls) DescribeDocument(ctx context.Context, in *ssm.DescribeDocumentInput, _ ...func(*ssm.Options)) (*ssm.DescribeDocumentOutput, error) {
	return wire.Call[ssm.DescribeDocumentOutput](ctx, c.Client, in)
}

func (c ssmCalls) ListCommandInvocations(ctx context.Context, in *ssm.ListCommandInvocationsInput, _ ...func(*ssm.Options)) (*ssm.ListCommandInvocationsOutput, error) {
	return wire.Call[ssm.ListCommandInvocationsOutput](ctx, c.Client, in)
}

func (c ssmCalls) DescribeInstanceInformation(ctx context.Context, in *ssm.DescribeInstanceInformationInput, _ ...func(*ssm.Options)) (*ssm.DescribeInstanceInformationOutput, error) {
	return wire.Call[ssm.DescribeInstanceInformationOutput](ctx, c.Client, in)
}

func (c ssmCalls) GetCommandInvocation(ctx context.Context, in *ssm.GetCommandInvocationInput, _ ...func(*ssm.Options)) (*ssm.GetCommandInvocationOutput, error) {
	return wire.Call[ssm.GetCommandInvocationOutput](ctx, c.Client, in)
}

func (c ssmCalls) GetParameter(ctx context.Context, in *ssm.GetParameterInput, _ ...func(*ssm.Options)) (*ssm.GetParameterOutput, error) {
	return wire.Call[ssm.GetParameterOutput](ctx, c.Client, in)
}

func (c ssmCalls) ListCommands(ctx context.Context, in *ssm.ListCommandsInput, _ ...func(*ssm.Options)) (*ssm.ListCommandsOutput, error) {
	return wire.Call[ssm.ListCommandsOutput](ctx, c.Client, in)
}

func (c ssmCalls) SendCommand(ctx context.Context, in *ssm.SendCommandInput, _ ...func(*ssm.Options)) (*ssm.SendCommandOutput, error) {
	return wire.Call[ssm.SendCommandOutput](ctx, c.Client, in)
}
