package sandbox

import (
	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

func addWalk(table map[string]operation) {
	table["Elastic Load Balancing v2.DescribeRules"] = on(describeRules)
	table["EC2.DescribeNetworkAcls"] = on(describeACLs)
	// Of these the sandbox makes none.
	table["EC2.DescribeVpcEndpoints"] = on(func(*region, *ec2.DescribeVpcEndpointsInput) (*ec2.DescribeVpcEndpointsOutput, error) {
		return &ec2.DescribeVpcEndpointsOutput{}, nil
	})
	table["EC2.DescribeVpcPeeringConnections"] = on(func(*region, *ec2.DescribeVpcPeeringConnectionsInput) (*ec2.DescribeVpcPeeringConnectionsOutput, error) {
		return &ec2.DescribeVpcPeeringConnectionsOutput{}, nil
	})
	table["EC2.DescribeVpnGateways"] = on(func(*region, *ec2.DescribeVpnGatewaysInput) (*ec2.DescribeVpnGatewaysOutput, error) {
		return &ec2.DescribeVpnGatewaysOutput{}, nil
	})
	table["EC2.DescribeEgressOnlyInternetGateways"] = on(func(*region, *ec2.DescribeEgressOnlyInternetGatewaysInput) (*ec2.DescribeEgressOnlyInternetGatewaysOutput, error) {
		return &ec2.DescribeEgressOnlyInternetGatewaysOutput{}, nil
	})
}

// describeRules answers the default rule of a listener: the sandbox makes no others.
func describeRules(r *region, in *elb.DescribeRulesInput) (*elb.DescribeRulesOutput, error) {
	for _, l := range r.listeners {
		if *l.ListenerArn == awssdk.ToString(in.ListenerArn) {
			return &elb.DescribeRulesOutput{Rules: []elbtypes.Rule{{
				RuleArn: awssdk.String(*l.ListenerArn + "/default"), Priority: awssdk.String("default"), IsDefault: awssdk.Bool(true), Actions: l.DefaultActions,
			}}}, nil
		}
	}
	return nil, refuse("ListenerNotFound", "One or more listeners not found")
}

// describeACLs answers each VPC's default network ACL, which lets everything through: the sandbox makes no others.
func describeACLs(r *region, in *ec2.DescribeNetworkAclsInput) (*ec2.DescribeNetworkAclsOutput, error) {
	out := &ec2.DescribeNetworkAclsOutput{}
	wanted := ""
	for _, f := range in.Filters {
		if *f.Name != "vpc-id" || len(f.Values) != 1 {
			return nil, refuse("InvalidParameterValue", "The sandbox filters network ACLs by one vpc-id alone.")
		}
		wanted = f.Values[0]
	}
	for _, vpc := range r.vpcs {
		if wanted != "" && *vpc.VpcId != wanted {
			continue
		}
		id := derivedID("acl", *vpc.VpcId)
		acl := types.NetworkAcl{NetworkAclId: &id, VpcId: vpc.VpcId, IsDefault: awssdk.Bool(true), OwnerId: &r.account}
		for _, egress := range []bool{true, false} {
			for number, action := range map[int32]types.RuleAction{100: types.RuleActionAllow, 32767: types.RuleActionDeny} {
				acl.Entries = append(acl.Entries, types.NetworkAclEntry{
					RuleNumber: awssdk.Int32(number), Egress: awssdk.Bool(egress), RuleAction: action, Protocol: awssdk.String("-1"), CidrBlock: awssdk.String("0.0.0.0/0"),
				})
			}
		}
		for _, s := range r.subnets {
			if *s.VpcId == *vpc.VpcId {
				acl.Associations = append(acl.Associations, types.NetworkAclAssociation{NetworkAclId: &id, SubnetId: s.SubnetId, NetworkAclAssociationId: awssdk.String(derivedID("aclassoc", *s.SubnetId))})
			}
		}
		out.NetworkAcls = append(out.NetworkAcls, acl)
	}
	return out, nil
}
