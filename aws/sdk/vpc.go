package sdk

import (
	"context"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Subnets answers the subnets of a VPC, or all of the region where it is empty.
func (c *Cloud) Subnets(ctx context.Context, t aws.Target, vpc string) ([]aws.Subnet, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	found, err := finder{ready.ec2}.subnets(ctx, inVPC(vpc)...)
	if err != nil {
		return nil, err
	}
	var all []aws.Subnet
	for _, s := range found {
		if vpc == "" || awssdk.ToString(s.VpcId) == vpc {
			all = append(all, subnetOf(s))
		}
	}
	return all, nil
}

func inVPC(vpc string) []types.Filter {
	if vpc == "" {
		return nil
	}
	return []types.Filter{filter("vpc-id", vpc)}
}

func tagsOf(list []types.Tag) map[string]string {
	tags := make(map[string]string, len(list))
	for _, t := range list {
		tags[awssdk.ToString(t.Key)] = awssdk.ToString(t.Value)
	}
	return tags
}

func subnetOf(s types.Subnet) aws.Subnet {
	tags := tagsOf(s.Tags)
	return aws.Subnet{
		ID: awssdk.ToString(s.SubnetId), Name: tags["Name"], VPCID: awssdk.ToString(s.VpcId), CIDR: awssdk.ToString(s.CidrBlock),
		Zone: awssdk.ToString(s.AvailabilityZone), State: string(s.State), Free: int(awssdk.ToInt32(s.AvailableIpAddressCount)),
		Public: awssdk.ToBool(s.MapPublicIpOnLaunch), ZoneMain: awssdk.ToBool(s.DefaultForAz), Tags: tags,
	}
}

// SecurityGroups answers the security groups of a VPC, or all of the region where it is empty.
func (c *Cloud) SecurityGroups(ctx context.Context, t aws.Target, vpc string) ([]aws.SecurityGroup, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	var all []aws.SecurityGroup
	in := &ec2.DescribeSecurityGroupsInput{Filters: inVPC(vpc)}
	for {
		out, err := ask(ctx, ready.ec2.DescribeSecurityGroups, in)
		if err != nil {
			return nil, err
		}
		for _, g := range out.SecurityGroups {
			if vpc == "" || awssdk.ToString(g.VpcId) == vpc {
				all = append(all, securityGroupOf(g))
			}
		}
		if awssdk.ToString(out.NextToken) == "" {
			return all, nil
		}
		in = &ec2.DescribeSecurityGroupsInput{Filters: in.Filters, NextToken: out.NextToken}
	}
}

func securityGroupOf(g types.SecurityGroup) aws.SecurityGroup {
	return aws.SecurityGroup{
		ID: awssdk.ToString(g.GroupId), Name: awssdk.ToString(g.GroupName), Description: awssdk.ToString(g.Description),
		VPCID: awssdk.ToString(g.VpcId), Tags: tagsOf(g.Tags),
	}
}
