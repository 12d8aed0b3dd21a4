package sdk

import (
	"context"
	"maps"
	"slices"
	"strings"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// None of the calls that make networks is repeated here after its answer was lost: whoever asks looks for the tags first. Asking again is safe
// for route tables, by their token, and for what AWS keeps once: a block in a VPC, a group's name in it, a gateway's VPC, a route's destination.
// Those that delete, attach and detach find what they want done already, which is no error.

func tagSpec(kind types.ResourceType, tags map[string]string) []types.TagSpecification {
	if len(tags) == 0 {
		return nil
	}
	spec := types.TagSpecification{ResourceType: kind}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		spec.Tags = append(spec.Tags, types.Tag{Key: awssdk.String(key), Value: awssdk.String(tags[key])})
	}
	return []types.TagSpecification{spec}
}

// CreateVPC makes a VPC with one block, and its default security group and main route table with it.
func (c *Cloud) CreateVPC(ctx context.Context, t aws.Target, v aws.VPC) (aws.VPC, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return aws.VPC{}, err
	}
	out, err := change(ctx, ready.ec2.CreateVpc, &ec2.CreateVpcInput{CidrBlock: &v.CIDR, TagSpecifications: tagSpec(types.ResourceTypeVpc, v.Tags)})
	if err != nil || out.Vpc == nil {
		return aws.VPC{}, orUnread(err, "CreateVpc")
	}
	made := vpcOf(*out.Vpc)
	shown(ctx, c, ready.ec2.DescribeVpcs, &ec2.DescribeVpcsInput{VpcIds: []string{made.ID}})
	return made, nil
}

func orUnread(err error, operation string) error {
	if err != nil {
		return err
	}
	return unread(operation, "`net show` shows what is there.")
}

// NameHosts lets instances with a public address have a public DNS name.
func (c *Cloud) NameHosts(ctx context.Context, t aws.Target, vpc string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	_, err = soon(ctx, c, repeat, ready.plain.ModifyVpcAttribute, &ec2.ModifyVpcAttributeInput{
		VpcId: &vpc, EnableDnsHostnames: &types.AttributeBooleanValue{Value: awssdk.Bool(true)},
	})
	return err
}

// VPCNames answers what a VPC does for names. AWS answers one attribute at a time.
func (c *Cloud) VPCNames(ctx context.Context, t aws.Target, vpc string) (aws.VPCNames, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return aws.VPCNames{}, err
	}
	hosts, err := ask(ctx, ready.plain.DescribeVpcAttribute, &ec2.DescribeVpcAttributeInput{VpcId: &vpc, Attribute: types.VpcAttributeNameEnableDnsHostnames})
	if err != nil {
		return aws.VPCNames{}, err
	}
	resolves, err := ask(ctx, ready.plain.DescribeVpcAttribute, &ec2.DescribeVpcAttributeInput{VpcId: &vpc, Attribute: types.VpcAttributeNameEnableDnsSupport})
	if err != nil {
		return aws.VPCNames{}, err
	}
	return aws.VPCNames{Resolves: isOn(resolves.EnableDnsSupport), Hosts: isOn(hosts.EnableDnsHostnames)}, nil
}

func isOn(v *types.AttributeBooleanValue) bool { return v != nil && awssdk.ToBool(v.Value) }

// CreateSubnet makes a subnet.
func (c *Cloud) CreateSubnet(ctx context.Context, t aws.Target, s aws.Subnet) (aws.Subnet, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return aws.Subnet{}, err
	}
	out, err := soon(ctx, c, sought, ready.ec2.CreateSubnet, &ec2.CreateSubnetInput{
		VpcId: &s.VPCID, CidrBlock: &s.CIDR, AvailabilityZone: optional(s.Zone), TagSpecifications: tagSpec(types.ResourceTypeSubnet, s.Tags),
	})
	if err != nil || out.Subnet == nil {
		return aws.Subnet{}, orUnread(err, "CreateSubnet")
	}
	made := subnetOf(*out.Subnet)
	shown(ctx, c, ready.ec2.DescribeSubnets, &ec2.DescribeSubnetsInput{SubnetIds: []string{made.ID}})
	return made, nil
}

// SetSubnetPublic says whether new instances of a subnet get a public address.
func (c *Cloud) SetSubnetPublic(ctx context.Context, t aws.Target, id string, public bool) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	_, err = soon(ctx, c, repeat, ready.plain.ModifySubnetAttribute, &ec2.ModifySubnetAttributeInput{SubnetId: &id, MapPublicIpOnLaunch: &types.AttributeBooleanValue{Value: &public}})
	return err
}

// CreateSecurityGroup makes a group without rules about who may come in.
func (c *Cloud) CreateSecurityGroup(ctx context.Context, t aws.Target, g aws.SecurityGroup) (aws.SecurityGroup, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return g, err
	}
	out, err := soon(ctx, c, sought, ready.ec2.CreateSecurityGroup, &ec2.CreateSecurityGroupInput{
		GroupName: &g.Name, Description: &g.Description, VpcId: optional(g.VPCID), TagSpecifications: tagSpec(types.ResourceTypeSecurityGroup, g.Tags),
	})
	if err != nil || out.GroupId == nil {
		return g, orUnread(err, "CreateSecurityGroup")
	}
	g.ID = *out.GroupId
	shown(ctx, c, ready.ec2.DescribeSecurityGroups, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{g.ID}})
	return g, nil
}

func permission(r aws.Rule) types.IpPermission {
	p := types.IpPermission{IpProtocol: &r.Protocol}
	if r.Protocol != "-1" {
		p.FromPort, p.ToPort = awssdk.Int32(int32(r.From)), awssdk.Int32(int32(r.To))
	}
	switch {
	case strings.HasPrefix(r.Peer, "sg-"):
		p.UserIdGroupPairs = []types.UserIdGroupPair{{GroupId: &r.Peer, Description: optional(r.Description)}}
	case strings.HasPrefix(r.Peer, "pl-"):
		p.PrefixListIds = []types.PrefixListId{{PrefixListId: &r.Peer, Description: optional(r.Description)}}
	case strings.Contains(r.Peer, ":"):
		p.Ipv6Ranges = []types.Ipv6Range{{CidrIpv6: &r.Peer, Description: optional(r.Description)}}
	default:
		p.IpRanges = []types.IpRange{{CidrIp: &r.Peer, Description: optional(r.Description)}}
	}
	return p
}

func permissions(rules []aws.Rule) []types.IpPermission {
	all := make([]types.IpPermission, len(rules))
	for i, r := range rules {
		all[i] = permission(r)
	}
	return all
}

// Allow lets sources in, all or none; a rule that is there already is no error.
func (c *Cloud) Allow(ctx context.Context, t aws.Target, group string, rules ...aws.Rule) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	_, err = soon(ctx, c, repeat, ready.ec2.AuthorizeSecurityGroupIngress, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &group, IpPermissions: permissions(rules)})
	const there = "InvalidPermission.Duplicate"
	if len(rules) > 1 && codeOf(err) == there { // the others were refused with it
		return oneByOne(rules, func(r aws.Rule) error { return c.Allow(ctx, t, group, r) })
	}
	return unless(err, there)
}

// DescribeRules gives rules that are there the descriptions that these have.
func (c *Cloud) DescribeRules(ctx context.Context, t aws.Target, group string, rules ...aws.Rule) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	_, err = repeat(ctx, ready.plain.UpdateSecurityGroupRuleDescriptionsIngress, &ec2.UpdateSecurityGroupRuleDescriptionsIngressInput{
		GroupId: &group, IpPermissions: permissions(rules),
	})
	return err
}

// Revoke lets sources in no longer; a rule that is gone is no error.
func (c *Cloud) Revoke(ctx context.Context, t aws.Target, group string, rules ...aws.Rule) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	revoke := func(rules ...aws.Rule) error {
		_, err := repeat(ctx, ready.ec2.RevokeSecurityGroupIngress, &ec2.RevokeSecurityGroupIngressInput{GroupId: &group, IpPermissions: permissions(rules)})
		return err
	}
	bare := slices.Clone(rules)
	for i := range bare {
		bare[i].Description = "" // AWS needs none, and the rule's own may have changed
	}
	err = revoke(bare...)
	const gone = "InvalidPermission.NotFound"
	switch {
	case codeOf(err) != gone:
	case len(rules) > 1:
		return oneByOne(rules, func(r aws.Rule) error { return c.Revoke(ctx, t, group, r) })
	case rules[0].Description != "":
		err = revoke(rules...) // an endpoint that is not AWS's own may want it
	}
	return unless(err, gone, "InvalidGroup.NotFound")
}

func oneByOne(rules []aws.Rule, do func(aws.Rule) error) error {
	for _, r := range rules {
		if err := do(r); err != nil {
			return err
		}
	}
	return nil
}

// CreateGateway makes an internet gateway that is attached to nothing.
func (c *Cloud) CreateGateway(ctx context.Context, t aws.Target, tags map[string]string) (aws.Gateway, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return aws.Gateway{}, err
	}
	out, err := change(ctx, ready.plain.CreateInternetGateway, &ec2.CreateInternetGatewayInput{TagSpecifications: tagSpec(types.ResourceTypeInternetGateway, tags)})
	if err != nil || out.InternetGateway == nil {
		return aws.Gateway{}, orUnread(err, "CreateInternetGateway")
	}
	made := aws.Gateway{ID: awssdk.ToString(out.InternetGateway.InternetGatewayId), Name: tags["Name"], Tags: tags}
	shown(ctx, c, ready.plain.DescribeInternetGateways, &ec2.DescribeInternetGatewaysInput{InternetGatewayIds: []string{made.ID}})
	return made, nil
}

// AttachGateway attaches an internet gateway to a VPC. One that is attached already is an error, whatever it is attached to.
func (c *Cloud) AttachGateway(ctx context.Context, t aws.Target, gateway, vpc string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	_, err = soon(ctx, c, sought, ready.plain.AttachInternetGateway, &ec2.AttachInternetGatewayInput{InternetGatewayId: &gateway, VpcId: &vpc})
	return err
}

// DetachGateway detaches an internet gateway; one that is not attached is no error.
func (c *Cloud) DetachGateway(ctx context.Context, t aws.Target, gateway, vpc string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	return c.letGo(ctx, inUse, func() error {
		_, err := repeat(ctx, ready.plain.DetachInternetGateway, &ec2.DetachInternetGatewayInput{InternetGatewayId: &gateway, VpcId: &vpc})
		return unless(err, "Gateway.NotAttached", "InvalidInternetGatewayID.NotFound")
	})
}

// CreateRouteTable makes a route table that leads to its own VPC alone. The same token answers the same one.
func (c *Cloud) CreateRouteTable(ctx context.Context, t aws.Target, table aws.RouteTable, token string) (aws.RouteTable, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return table, err
	}
	out, err := soon(ctx, c, sought, ready.ec2.CreateRouteTable, &ec2.CreateRouteTableInput{
		VpcId: &table.VPCID, ClientToken: optional(token), TagSpecifications: tagSpec(types.ResourceTypeRouteTable, table.Tags),
	})
	if err != nil || out.RouteTable == nil {
		return table, orUnread(err, "CreateRouteTable")
	}
	made := routeTableOf(*out.RouteTable)
	shown(ctx, c, ready.ec2.DescribeRouteTables, &ec2.DescribeRouteTablesInput{RouteTableIds: []string{made.ID}})
	return made, nil
}

// AddRoute leads a block to a gateway, an interface, or an instance. A route that is there already is an error.
func (c *Cloud) AddRoute(ctx context.Context, t aws.Target, table string, r aws.Route) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	in := &ec2.CreateRouteInput{RouteTableId: &table, DestinationCidrBlock: &r.Destination}
	switch {
	case strings.HasPrefix(r.Target, "nat-"):
		in.NatGatewayId = &r.Target
	case strings.HasPrefix(r.Target, "tgw-"):
		in.TransitGatewayId = &r.Target
	case strings.HasPrefix(r.Target, "pcx-"):
		in.VpcPeeringConnectionId = &r.Target
	case strings.HasPrefix(r.Target, "eni-"):
		in.NetworkInterfaceId = &r.Target
	case strings.HasPrefix(r.Target, "i-"):
		in.InstanceId = &r.Target
	case strings.HasPrefix(r.Target, "vpce-"):
		in.VpcEndpointId = &r.Target
	default:
		in.GatewayId = &r.Target
	}
	_, err = soon(ctx, c, sought, ready.plain.CreateRoute, in)
	return err
}

// RemoveRoute removes a route; one that is gone is no error.
func (c *Cloud) RemoveRoute(ctx context.Context, t aws.Target, table, destination string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	_, err = repeat(ctx, ready.plain.DeleteRoute, &ec2.DeleteRouteInput{RouteTableId: &table, DestinationCidrBlock: &destination})
	return unless(err, "InvalidRoute.NotFound", "InvalidRouteTableID.NotFound")
}

// Associate gives a subnet a route table of its own; the same again is no error.
func (c *Cloud) Associate(ctx context.Context, t aws.Target, table, subnet string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	_, err = soon(ctx, c, repeat, ready.plain.AssociateRouteTable, &ec2.AssociateRouteTableInput{RouteTableId: &table, SubnetId: &subnet})
	return err
}

// Disassociate gives a subnet back to the main route table; an association that is gone is no error.
func (c *Cloud) Disassociate(ctx context.Context, t aws.Target, association string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	_, err = repeat(ctx, ready.plain.DisassociateRouteTable, &ec2.DisassociateRouteTableInput{AssociationId: &association})
	return unless(err, "InvalidAssociationID.NotFound")
}

// inUse is how AWS refuses to delete a part that something needs, or needed until a moment ago.
const inUse = "DependencyViolation"

// addressInUse is how AWS refuses to give back an elastic IP address that something has.
const addressInUse = "InvalidIPAddress.InUse"

// DeleteNetworkPart deletes a VPC, subnet, security group, internet gateway, route table, NAT gateway or elastic IP address, told apart by
// the id's prefix. One that is gone is no error; a NAT gateway goes on for a minute to be deleted. What AWS says something needs is
// tried again until the context ends or some time is over: callers have looked that nothing does.
func (c *Cloud) DeleteNetworkPart(ctx context.Context, t aws.Target, id string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	kind, _, _ := strings.Cut(id, "-")
	if kind == "eipalloc" {
		return c.releaseAddress(ctx, ready.plain, id)
	}
	return c.letGo(ctx, inUse, func() error { return deletePart(ctx, ready.plain, kind, id) })
}

func deletePart(ctx context.Context, client plainCalls, kind, id string) (err error) {
	switch kind {
	case "vpc":
		_, err = repeat(ctx, client.DeleteVpc, &ec2.DeleteVpcInput{VpcId: &id})
	case "subnet":
		_, err = repeat(ctx, client.DeleteSubnet, &ec2.DeleteSubnetInput{SubnetId: &id})
	case "sg":
		_, err = repeat(ctx, client.DeleteSecurityGroup, &ec2.DeleteSecurityGroupInput{GroupId: &id})
	case "igw":
		_, err = repeat(ctx, client.DeleteInternetGateway, &ec2.DeleteInternetGatewayInput{InternetGatewayId: &id})
	case "rtb":
		_, err = repeat(ctx, client.DeleteRouteTable, &ec2.DeleteRouteTableInput{RouteTableId: &id})
	case "nat":
		_, err = repeat(ctx, client.DeleteNatGateway, &ec2.DeleteNatGatewayInput{NatGatewayId: &id})
	default:
		return &Error{kind: kindUsage, message: id + " is not the id of a part of a network.", hint: "Such ids begin with vpc-, subnet-, sg-, igw-, rtb-, nat- or eipalloc-."}
	}
	return unless(err, "NatGatewayNotFound", "InvalidVpcID.NotFound", "InvalidSubnetID.NotFound", "InvalidGroup.NotFound", "InvalidInternetGatewayID.NotFound", "InvalidRouteTableID.NotFound")
}
