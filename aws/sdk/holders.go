package sdk

import (
	"context"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/aws/sdk/wire"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Holders answers what keeps a VPC from being deleted and shows in no other list of its parts. What stands in its subnets has an interface there.
// Source: https://docs.aws.amazon.com/vpc/latest/userguide/delete-vpc.html
func (c *Cloud) Holders(ctx context.Context, t aws.Target, vpc string) ([]aws.Holder, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	h := held{vpc: vpc}
	for _, look := range []func(context.Context, *clients) error{h.byACLs, h.byEndpoints, h.byPeerings, h.byVPN, h.byWaysOut} {
		if err := look(ctx, ready); err != nil {
			return nil, err
		}
	}
	return h.by, nil
}

// held is a VPC and what has been found to hold it.
type held struct {
	vpc string
	by  []aws.Holder
}

func (h *held) add(holds bool, kind string, id *string) {
	if holds {
		h.by = append(h.by, aws.Holder{Kind: kind, ID: awssdk.ToString(id)})
	}
}

// byACLs leaves out the default one, which goes with its VPC.
func (h *held) byACLs(ctx context.Context, ready *clients) error {
	return each(func(token *string) (*ec2.DescribeNetworkAclsOutput, error) {
		return ask(ctx, ready.ec2.DescribeNetworkAcls, &ec2.DescribeNetworkAclsInput{Filters: inVPC(h.vpc), NextToken: token})
	}, func(out *ec2.DescribeNetworkAclsOutput) *string {
		for _, a := range out.NetworkAcls {
			h.add(awssdk.ToString(a.VpcId) == h.vpc && !awssdk.ToBool(a.IsDefault), "network ACL", a.NetworkAclId)
		}
		return out.NextToken
	})
}

func (h *held) byEndpoints(ctx context.Context, ready *clients) error {
	return each(func(token *string) (*ec2.DescribeVpcEndpointsOutput, error) {
		return ask(ctx, ready.plain.DescribeVpcEndpoints, &ec2.DescribeVpcEndpointsInput{Filters: inVPC(h.vpc), NextToken: token})
	}, func(out *ec2.DescribeVpcEndpointsOutput) *string {
		for _, e := range out.VpcEndpoints {
			gone := slices.Contains([]string{"deleted", "failed", "rejected", "expired"}, strings.ToLower(string(e.State)))
			h.add(awssdk.ToString(e.VpcId) == h.vpc && !gone, "VPC endpoint", e.VpcEndpointId)
		}
		return out.NextToken
	})
}

// byPeerings looks at both ends: AWS filters by one of them alone.
func (h *held) byPeerings(ctx context.Context, ready *clients) error {
	ends := func(v *types.VpcPeeringConnectionVpcInfo) bool { return v != nil && awssdk.ToString(v.VpcId) == h.vpc }
	return each(func(token *string) (*ec2.DescribeVpcPeeringConnectionsOutput, error) {
		return ask(ctx, ready.plain.DescribeVpcPeeringConnections, &ec2.DescribeVpcPeeringConnectionsInput{NextToken: token})
	}, func(out *ec2.DescribeVpcPeeringConnectionsOutput) *string {
		for _, p := range out.VpcPeeringConnections {
			stands := p.Status != nil && (p.Status.Code == types.VpcPeeringConnectionStateReasonCodeActive || p.Status.Code == types.VpcPeeringConnectionStateReasonCodeProvisioning)
			h.add(stands && (ends(p.RequesterVpcInfo) || ends(p.AccepterVpcInfo)), "peering connection", p.VpcPeeringConnectionId)
		}
		return out.NextToken
	})
}

func (h *held) byVPN(ctx context.Context, ready *clients) error {
	out, err := ask(ctx, ready.plain.DescribeVpnGateways, &ec2.DescribeVpnGatewaysInput{
		Filters: []types.Filter{filter("attachment.vpc-id", h.vpc), filter("attachment.state", "attaching", "attached", "detaching")},
	})
	if err != nil {
		return err
	}
	for _, g := range out.VpnGateways {
		h.add(g.State != types.VpnStateDeleted, "VPN gateway", g.VpnGatewayId)
	}
	return nil
}

func (h *held) byWaysOut(ctx context.Context, ready *clients) error {
	here := func(a types.InternetGatewayAttachment) bool {
		return awssdk.ToString(a.VpcId) == h.vpc && a.State != types.AttachmentStatusDetached
	}
	return each(func(token *string) (*ec2.DescribeEgressOnlyInternetGatewaysOutput, error) {
		return ask(ctx, ready.plain.DescribeEgressOnlyInternetGateways, &ec2.DescribeEgressOnlyInternetGatewaysInput{NextToken: token})
	}, func(out *ec2.DescribeEgressOnlyInternetGatewaysOutput) *string {
		for _, g := range out.EgressOnlyInternetGateways {
			h.add(slices.ContainsFunc(g.Attachments, here), "egress-only gateway", g.EgressOnlyInternetGatewayId)
		}
		return out.NextToken
	})
}

func (c plainCalls) DescribeVpcEndpoints(ctx context.Context, in *ec2.DescribeVpcEndpointsInput, _ ...func(*ec2.Options)) (*ec2.DescribeVpcEndpointsOutput, error) {
	return wire.Call[ec2.DescribeVpcEndpointsOutput](ctx, c.Client, in)
}

func (c plainCalls) DescribeVpcPeeringConnections(
	ctx context.Context, in *ec2.DescribeVpcPeeringConnectionsInput, _ ...func(*ec2.Options),
) (*ec2.DescribeVpcPeeringConnectionsOutput, error) {
	return wire.Call[ec2.DescribeVpcPeeringConnectionsOutput](ctx, c.Client, in)
}

func (c plainCalls) DescribeVpnGateways(ctx context.Context, in *ec2.DescribeVpnGatewaysInput, _ ...func(*ec2.Options)) (*ec2.DescribeVpnGatewaysOutput, error) {
	return wire.Call[ec2.DescribeVpnGatewaysOutput](ctx, c.Client, in)
}

func (c plainCalls) DescribeEgressOnlyInternetGateways(
	ctx context.Context, in *ec2.DescribeEgressOnlyInternetGatewaysInput, _ ...func(*ec2.Options),
) (*ec2.DescribeEgressOnlyInternetGatewaysOutput, error) {
	return wire.Call[ec2.DescribeEgressOnlyInternetGatewaysOutput](ctx, c.Client, in)
}
