package sdk

// The calls of EC2 that say and hear little; see package wire. The others, whose names on the wire do not follow from the SDK's or that answer
// with lists, are made by the SDK's client.

import (
	"context"

	"deckhand/aws/sdk/wire"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

type plainCalls struct{ *wire.Client }

func (c plainCalls) AllocateAddress(ctx context.Context, in *ec2.AllocateAddressInput, _ ...func(*ec2.Options)) (*ec2.AllocateAddressOutput, error) {
	return wire.Call[ec2.AllocateAddressOutput](ctx, c.Client, in)
}

func (c plainCalls) AssociateRouteTable(ctx context.Context, in *ec2.AssociateRouteTableInput, _ ...func(*ec2.Options)) (*ec2.AssociateRouteTableOutput, error) {
	return wire.Call[ec2.AssociateRouteTableOutput](ctx, c.Client, in)
}

func (c plainCalls) AttachInternetGateway(ctx context.Context, in *ec2.AttachInternetGatewayInput, _ ...func(*ec2.Options)) (*ec2.AttachInternetGatewayOutput, error) {
	return wire.Call[ec2.AttachInternetGatewayOutput](ctx, c.Client, in)
}

func (c plainCalls) CreateRoute(ctx context.Context, in *ec2.CreateRouteInput, _ ...func(*ec2.Options)) (*ec2.CreateRouteOutput, error) {
	return wire.Call[ec2.CreateRouteOutput](ctx, c.Client, in)
}

func (c plainCalls) CreateTags(ctx context.Context, in *ec2.CreateTagsInput, _ ...func(*ec2.Options)) (*ec2.CreateTagsOutput, error) {
	return wire.Call[ec2.CreateTagsOutput](ctx, c.Client, in)
}

func (c plainCalls) DeleteInternetGateway(ctx context.Context, in *ec2.DeleteInternetGatewayInput, _ ...func(*ec2.Options)) (*ec2.DeleteInternetGatewayOutput, error) {
	return wire.Call[ec2.DeleteInternetGatewayOutput](ctx, c.Client, in)
}

func (c plainCalls) DeleteNatGateway(ctx context.Context, in *ec2.DeleteNatGatewayInput, _ ...func(*ec2.Options)) (*ec2.DeleteNatGatewayOutput, error) {
	return wire.Call[ec2.DeleteNatGatewayOutput](ctx, c.Client, in)
}

func (c plainCalls) DeleteRoute(ctx context.Context, in *ec2.DeleteRouteInput, _ ...func(*ec2.Options)) (*ec2.DeleteRouteOutput, error) {
	return wire.Call[ec2.DeleteRouteOutput](ctx, c.Client, in)
}

func (c plainCalls) DeleteRouteTable(ctx context.Context, in *ec2.DeleteRouteTableInput, _ ...func(*ec2.Options)) (*ec2.DeleteRouteTableOutput, error) {
	return wire.Call[ec2.DeleteRouteTableOutput](ctx, c.Client, in)
}

func (c plainCalls) DeleteSecurityGroup(ctx context.Context, in *ec2.DeleteSecurityGroupInput, _ ...func(*ec2.Options)) (*ec2.DeleteSecurityGroupOutput, error) {
	return wire.Call[ec2.DeleteSecurityGroupOutput](ctx, c.Client, in)
}

func (c plainCalls) DeleteSubnet(ctx context.Context, in *ec2.DeleteSubnetInput, _ ...func(*ec2.Options)) (*ec2.DeleteSubnetOutput, error) {
	return wire.Call[ec2.DeleteSubnetOutput](ctx, c.Client, in)
}

func (c plainCalls) DeleteTags(ctx context.Context, in *ec2.DeleteTagsInput, _ ...func(*ec2.Options)) (*ec2.DeleteTagsOutput, error) {
	return wire.Call[ec2.DeleteTagsOutput](ctx, c.Client, in)
}

func (c plainCalls) DeleteVolume(ctx context.Context, in *ec2.DeleteVolumeInput, _ ...func(*ec2.Options)) (*ec2.DeleteVolumeOutput, error) {
	return wire.Call[ec2.DeleteVolumeOutput](ctx, c.Client, in)
}

func (c plainCalls) DeleteVpc(ctx context.Context, in *ec2.DeleteVpcInput, _ ...func(*ec2.Options)) (*ec2.DeleteVpcOutput, error) {
	return wire.Call[ec2.DeleteVpcOutput](ctx, c.Client, in)
}

func (c plainCalls) DescribeVpcAttribute(ctx context.Context, in *ec2.DescribeVpcAttributeInput, _ ...func(*ec2.Options)) (*ec2.DescribeVpcAttributeOutput, error) {
	return wire.Call[ec2.DescribeVpcAttributeOutput](ctx, c.Client, in)
}

func (c plainCalls) DetachInternetGateway(ctx context.Context, in *ec2.DetachInternetGatewayInput, _ ...func(*ec2.Options)) (*ec2.DetachInternetGatewayOutput, error) {
	return wire.Call[ec2.DetachInternetGatewayOutput](ctx, c.Client, in)
}

func (c plainCalls) DisassociateRouteTable(ctx context.Context, in *ec2.DisassociateRouteTableInput, _ ...func(*ec2.Options)) (*ec2.DisassociateRouteTableOutput, error) {
	return wire.Call[ec2.DisassociateRouteTableOutput](ctx, c.Client, in)
}

func (c plainCalls) GetConsoleOutput(ctx context.Context, in *ec2.GetConsoleOutputInput, _ ...func(*ec2.Options)) (*ec2.GetConsoleOutputOutput, error) {
	return wire.Call[ec2.GetConsoleOutputOutput](ctx, c.Client, in)
}

func (c plainCalls) ModifyInstanceAttribute(ctx context.Context, in *ec2.ModifyInstanceAttributeInput, _ ...func(*ec2.Options)) (*ec2.ModifyInstanceAttributeOutput, error) {
	return wire.Call[ec2.ModifyInstanceAttributeOutput](ctx, c.Client, in)
}

func (c plainCalls) ModifySubnetAttribute(ctx context.Context, in *ec2.ModifySubnetAttributeInput, _ ...func(*ec2.Options)) (*ec2.ModifySubnetAttributeOutput, error) {
	return wire.Call[ec2.ModifySubnetAttributeOutput](ctx, c.Client, in)
}

func (c plainCalls) ModifyVpcAttribute(ctx context.Context, in *ec2.ModifyVpcAttributeInput, _ ...func(*ec2.Options)) (*ec2.ModifyVpcAttributeOutput, error) {
	return wire.Call[ec2.ModifyVpcAttributeOutput](ctx, c.Client, in)
}

func (c plainCalls) RebootInstances(ctx context.Context, in *ec2.RebootInstancesInput, _ ...func(*ec2.Options)) (*ec2.RebootInstancesOutput, error) {
	return wire.Call[ec2.RebootInstancesOutput](ctx, c.Client, in)
}

func (c plainCalls) ReleaseAddress(ctx context.Context, in *ec2.ReleaseAddressInput, _ ...func(*ec2.Options)) (*ec2.ReleaseAddressOutput, error) {
	return wire.Call[ec2.ReleaseAddressOutput](ctx, c.Client, in)
}

func (c plainCalls) UpdateSecurityGroupRuleDescriptionsIngress(
	ctx context.Context, in *ec2.UpdateSecurityGroupRuleDescriptionsIngressInput, _ ...func(*ec2.Options),
) (*ec2.UpdateSecurityGroupRuleDescriptionsIngressOutput, error) {
	return wire.Call[ec2.UpdateSecurityGroupRuleDescriptionsIngressOutput](ctx, c.Client, in)
}

func (c plainCalls) CreateImage(ctx context.Context, in *ec2.CreateImageInput, _ ...func(*ec2.Options)) (*ec2.CreateImageOutput, error) {
	return wire.Call[ec2.CreateImageOutput](ctx, c.Client, in)
}

func (c plainCalls) CreateInternetGateway(ctx context.Context, in *ec2.CreateInternetGatewayInput, _ ...func(*ec2.Options)) (*ec2.CreateInternetGatewayOutput, error) {
	return wire.Call[ec2.CreateInternetGatewayOutput](ctx, c.Client, in)
}

func (c plainCalls) DescribeInternetGateways(ctx context.Context, in *ec2.DescribeInternetGatewaysInput, _ ...func(*ec2.Options)) (*ec2.DescribeInternetGatewaysOutput, error) {
	return wire.Call[ec2.DescribeInternetGatewaysOutput](ctx, c.Client, in)
}

func (c plainCalls) DescribeNatGateways(ctx context.Context, in *ec2.DescribeNatGatewaysInput, _ ...func(*ec2.Options)) (*ec2.DescribeNatGatewaysOutput, error) {
	return wire.Call[ec2.DescribeNatGatewaysOutput](ctx, c.Client, in)
}
