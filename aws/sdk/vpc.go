package sdk

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Network answers everything that there is in a VPC, or in the whole region for "". A VPC that does not exist is an empty network.
func (c *Cloud) Network(ctx context.Context, t aws.Target, vpc string) (aws.Network, error) {
	var n aws.Network
	ready, _, err := c.at(t)
	if err != nil {
		return n, err
	}
	if n.VPCs, err = vpcs(ctx, ready.ec2, vpc); err != nil {
		return n, err
	}
	if n.Subnets, err = c.Subnets(ctx, t, vpc); err != nil {
		return n, err
	}
	if n.Groups, err = c.SecurityGroups(ctx, t, vpc); err != nil {
		return n, err
	}
	if n.Gateways, err = gateways(ctx, ready.plain); err != nil {
		return n, err
	}
	if n.Tables, err = tables(ctx, ready.ec2, vpc); err != nil {
		return n, err
	}
	n.Interfaces, err = interfaces(ctx, ready.ec2, vpc)
	return n, err
}

// each asks for one page after the other. next answers the token of the page that follows, nil or "" after the last one.
func each[Out any](ask func(token *string) (Out, error), take func(Out) (next *string)) error {
	for token := (*string)(nil); ; {
		out, err := ask(token)
		if err != nil {
			return err
		}
		if token = take(out); awssdk.ToString(token) == "" {
			return nil
		}
	}
}

func vpcs(ctx context.Context, client *ec2.Client, id string) ([]aws.VPC, error) {
	var all []aws.VPC
	err := each(func(token *string) (*ec2.DescribeVpcsOutput, error) {
		return ask(ctx, client.DescribeVpcs, &ec2.DescribeVpcsInput{Filters: inVPC(id), NextToken: token})
	}, func(out *ec2.DescribeVpcsOutput) *string {
		for _, v := range out.Vpcs {
			if id == "" || awssdk.ToString(v.VpcId) == id {
				all = append(all, vpcOf(v))
			}
		}
		return out.NextToken
	})
	return all, err
}

func vpcOf(v types.Vpc) aws.VPC {
	tags := tagsOf(v.Tags)
	out := aws.VPC{
		ID: awssdk.ToString(v.VpcId), Name: tags["Name"], CIDR: awssdk.ToString(v.CidrBlock), State: string(v.State), Default: awssdk.ToBool(v.IsDefault), Tags: tags,
	}
	for _, a := range v.CidrBlockAssociationSet {
		out.CIDRs = append(out.CIDRs, awssdk.ToString(a.CidrBlock))
	}
	if len(out.CIDRs) == 0 {
		out.CIDRs = []string{out.CIDR}
	}
	return out
}

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
	err = each(func(token *string) (*ec2.DescribeSecurityGroupsOutput, error) {
		return ask(ctx, ready.ec2.DescribeSecurityGroups, &ec2.DescribeSecurityGroupsInput{Filters: inVPC(vpc), NextToken: token})
	}, func(out *ec2.DescribeSecurityGroupsOutput) *string {
		for _, g := range out.SecurityGroups {
			if vpc == "" || awssdk.ToString(g.VpcId) == vpc {
				all = append(all, securityGroupOf(g))
			}
		}
		return out.NextToken
	})
	return all, err
}

func securityGroupOf(g types.SecurityGroup) aws.SecurityGroup {
	out := aws.SecurityGroup{
		ID: awssdk.ToString(g.GroupId), Name: awssdk.ToString(g.GroupName), Description: awssdk.ToString(g.Description),
		VPCID: awssdk.ToString(g.VpcId), Tags: tagsOf(g.Tags),
	}
	for _, p := range g.IpPermissions {
		rule := permitted(p)
		add := func(peer, description *string) {
			rule.Peer, rule.Description = awssdk.ToString(peer), awssdk.ToString(description)
			out.Ingress = append(out.Ingress, rule)
		}
		for _, x := range p.IpRanges {
			add(x.CidrIp, x.Description)
		}
		for _, x := range p.Ipv6Ranges {
			add(x.CidrIpv6, x.Description)
		}
		for _, x := range p.UserIdGroupPairs {
			add(x.GroupId, x.Description)
		}
		for _, x := range p.PrefixListIds {
			add(x.PrefixListId, x.Description)
		}
	}
	for _, p := range g.IpPermissionsEgress {
		for _, x := range p.UserIdGroupPairs {
			out.Sends = append(out.Sends, awssdk.ToString(x.GroupId))
		}
	}
	return out
}

// permitted is a rule without its source. AWS answers names of protocols for the numbers that have one, and no ports where all are meant;
// what it leaves out, or a number that something else answers, becomes the same.
func permitted(p types.IpPermission) aws.Rule {
	r := aws.Rule{Protocol: awssdk.ToString(p.IpProtocol), From: int(awssdk.ToInt32(p.FromPort)), To: int(awssdk.ToInt32(p.ToPort))}
	names := map[string]string{"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}
	r.Protocol = cmp.Or(names[r.Protocol], r.Protocol)
	switch {
	case r.Protocol == "-1":
		r.From, r.To = 0, 0
	case strings.HasPrefix(r.Protocol, "icmp") && p.FromPort == nil:
		r.From, r.To = -1, -1
	}
	return r
}

// gateways answers all of the region: one that is attached to nothing is in no VPC.
func gateways(ctx context.Context, client plainCalls) ([]aws.Gateway, error) {
	var all []aws.Gateway
	err := each(func(token *string) (*ec2.DescribeInternetGatewaysOutput, error) {
		return ask(ctx, client.DescribeInternetGateways, &ec2.DescribeInternetGatewaysInput{NextToken: token})
	}, func(out *ec2.DescribeInternetGatewaysOutput) *string {
		for _, g := range out.InternetGateways {
			tags := tagsOf(g.Tags)
			one := aws.Gateway{ID: awssdk.ToString(g.InternetGatewayId), Name: tags["Name"], Tags: tags}
			for _, a := range g.Attachments {
				one.VPCID = awssdk.ToString(a.VpcId)
			}
			all = append(all, one)
		}
		return out.NextToken
	})
	return all, err
}

func tables(ctx context.Context, client *ec2.Client, vpc string) ([]aws.RouteTable, error) {
	var all []aws.RouteTable
	err := each(func(token *string) (*ec2.DescribeRouteTablesOutput, error) {
		return ask(ctx, client.DescribeRouteTables, &ec2.DescribeRouteTablesInput{Filters: inVPC(vpc), NextToken: token})
	}, func(out *ec2.DescribeRouteTablesOutput) *string {
		for _, one := range out.RouteTables {
			if vpc == "" || awssdk.ToString(one.VpcId) == vpc {
				all = append(all, routeTableOf(one))
			}
		}
		return out.NextToken
	})
	return all, err
}

func routeTableOf(t types.RouteTable) aws.RouteTable {
	tags := tagsOf(t.Tags)
	out := aws.RouteTable{ID: awssdk.ToString(t.RouteTableId), Name: tags["Name"], VPCID: awssdk.ToString(t.VpcId), Subnets: map[string]string{}, Tags: tags}
	for _, a := range t.Associations {
		out.Main = out.Main || awssdk.ToBool(a.Main)
		if id := awssdk.ToString(a.SubnetId); id != "" {
			out.Subnets[id] = awssdk.ToString(a.RouteTableAssociationId)
		}
	}
	for _, x := range t.Routes {
		one := aws.Route{State: string(x.State)}
		for _, d := range []*string{x.DestinationCidrBlock, x.DestinationIpv6CidrBlock, x.DestinationPrefixListId} {
			one.Destination += awssdk.ToString(d)
		}
		for _, g := range []*string{
			x.GatewayId, x.NatGatewayId, x.EgressOnlyInternetGatewayId, x.TransitGatewayId, x.VpcPeeringConnectionId, x.InstanceId, x.NetworkInterfaceId,
			x.LocalGatewayId, x.CarrierGatewayId, x.CoreNetworkArn,
		} {
			if one.Target == "" {
				one.Target = awssdk.ToString(g)
			}
		}
		out.Routes = append(out.Routes, one)
	}
	return out
}

func interfaces(ctx context.Context, client *ec2.Client, vpc string) ([]aws.Interface, error) {
	var all []aws.Interface
	err := each(func(token *string) (*ec2.DescribeNetworkInterfacesOutput, error) {
		return ask(ctx, client.DescribeNetworkInterfaces, &ec2.DescribeNetworkInterfacesInput{Filters: inVPC(vpc), NextToken: token})
	}, func(out *ec2.DescribeNetworkInterfacesOutput) *string {
		for _, i := range out.NetworkInterfaces {
			one := aws.Interface{
				ID: awssdk.ToString(i.NetworkInterfaceId), VPCID: awssdk.ToString(i.VpcId), SubnetID: awssdk.ToString(i.SubnetId), Description: awssdk.ToString(i.Description),
				IP: awssdk.ToString(i.PrivateIpAddress),
			}
			if i.Association != nil {
				one.PublicIP = awssdk.ToString(i.Association.PublicIp)
			}
			for _, g := range i.Groups {
				one.Groups = append(one.Groups, awssdk.ToString(g.GroupId))
			}
			if i.Attachment != nil {
				one.InstanceID = awssdk.ToString(i.Attachment.InstanceId)
			}
			all = append(all, one)
		}
		return out.NextToken
	})
	return withMachines(ctx, client, all), err
}

// withMachines adds the names and states of the machines that have the interfaces, and leaves out those of machines that are terminated: what
// is shown of them holds nothing any more. Where AWS does not tell, all of them stay as they are.
func withMachines(ctx context.Context, client *ec2.Client, all []aws.Interface) []aws.Interface {
	var ids []string
	for _, i := range all {
		if i.InstanceID != "" && !slices.Contains(ids, i.InstanceID) {
			ids = append(ids, i.InstanceID)
		}
	}
	const most = 200 // values of a filter
	for some := range slices.Chunk(ids, most) {
		filters := []types.Filter{filter("instance-id", some...)}
		err := pages(func(token *string) (*string, error) {
			out, err := ask(ctx, client.DescribeInstances, &ec2.DescribeInstancesInput{Filters: filters, NextToken: token})
			if err != nil {
				return nil, err
			}
			for _, r := range out.Reservations {
				for _, m := range r.Instances {
					for i := range all {
						if m.State != nil && all[i].InstanceID == awssdk.ToString(m.InstanceId) {
							all[i].InstanceName, all[i].InstanceState = nameTag(m.Tags), string(m.State.Name)
						}
					}
				}
			}
			return out.NextToken, nil
		})
		if err != nil {
			break
		}
	}
	return slices.DeleteFunc(all, func(i aws.Interface) bool { return i.InstanceState == string(types.InstanceStateNameTerminated) })
}

// Zones answers the availability zones that new subnets may be in, sorted.
func (c *Cloud) Zones(ctx context.Context, t aws.Target) ([]string, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	out, err := ask(ctx, ready.ec2.DescribeAvailabilityZones, &ec2.DescribeAvailabilityZonesInput{
		Filters: []types.Filter{filter("zone-type", "availability-zone"), filter("state", "available")},
	})
	if err != nil {
		return nil, err
	}
	zones := map[string]bool{}
	for _, z := range out.AvailabilityZones {
		zones[awssdk.ToString(z.ZoneName)] = true
	}
	return slices.Sorted(maps.Keys(zones)), nil
}
