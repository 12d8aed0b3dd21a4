package sandbox

import (
	"net/netip"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func addVPC(table map[string]operation) {
	table["EC2.CreateVpc"] = on(createVpc)
	table["EC2.DeleteVpc"] = on(deleteVpc)
	table["EC2.DescribeVpcAttribute"] = on(describeVpcAttribute)
	table["EC2.ModifyVpcAttribute"] = on(modifyVpcAttribute)
	table["EC2.CreateSubnet"] = on(createSubnet)
	table["EC2.DeleteSubnet"] = on(deleteSubnet)
	table["EC2.ModifySubnetAttribute"] = on(modifySubnetAttribute)
	table["EC2.DescribeAvailabilityZones"] = on(describeZones)
	table["EC2.DescribeNetworkInterfaces"] = on(describeInterfaces)
	addGroups(table)
	addRoutes(table)
	addWalk(table)
	addNAT(table)
}

// routing is what leads out of a region's VPCs and between their subnets.
type routing struct {
	gateways []types.InternetGateway
	tables   []types.RouteTable
	nats     []*nat
}

// block reads an IPv4 block in the sizes that AWS takes. The code is the one for a block of another size.
func block(cidr *string, code string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(awssdk.ToString(cidr))
	if err != nil || !p.Addr().Is4() {
		return p, refuse("InvalidParameterValue", "Value ("+awssdk.ToString(cidr)+") for parameter cidrBlock is invalid. This is not a valid CIDR block.")
	}
	if p.Bits() < 16 || p.Bits() > 28 {
		return p, refuse(code, "The CIDR '"+p.String()+"' is invalid.")
	}
	return p.Masked(), nil
}

func createVpc(r *region, in *ec2.CreateVpcInput) (*ec2.CreateVpcOutput, error) {
	p, err := block(in.CidrBlock, "InvalidVpc.Range")
	if err != nil {
		return nil, err
	}
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	vpc := types.Vpc{
		VpcId: awssdk.String(r.world.id("vpc")), CidrBlock: awssdk.String(p.String()), IsDefault: awssdk.Bool(false), OwnerId: &r.account,
		State: types.VpcStateAvailable, InstanceTenancy: types.TenancyDefault, Tags: tagsFor(in.TagSpecifications, types.ResourceTypeVpc),
		CidrBlockAssociationSet: []types.VpcCidrBlockAssociation{{
			CidrBlock: awssdk.String(p.String()), AssociationId: awssdk.String(r.world.id("vpc-cidr-assoc")),
			CidrBlockState: &types.VpcCidrBlockState{State: types.VpcCidrBlockStateCodeAssociated},
		}},
	}
	r.vpcs = append(slices.Clone(r.vpcs), vpc)
	r.groups = append(slices.Clone(r.groups), r.newGroup(r.world.id("sg"), "default", "default VPC security group", *vpc.VpcId))
	r.tables = append(slices.Clone(r.tables), r.newTable(r.world.id("rtb"), vpc, true))
	return &ec2.CreateVpcOutput{Vpc: &vpc}, nil
}

func (r *region) vpc(id *string) (types.Vpc, error) {
	at := slices.IndexFunc(r.vpcs, func(v types.Vpc) bool { return *v.VpcId == awssdk.ToString(id) })
	if at < 0 {
		return types.Vpc{}, refuse("InvalidVpcID.NotFound", "The vpc ID '"+awssdk.ToString(id)+"' does not exist")
	}
	return r.vpcs[at], nil
}

func hasDependencies(what, id string) error {
	return refuse("DependencyViolation", "The "+what+" '"+id+"' has dependencies and cannot be deleted.")
}

func deleteVpc(r *region, in *ec2.DeleteVpcInput) (*ec2.DeleteVpcOutput, error) {
	vpc, err := r.vpc(in.VpcId)
	if err != nil {
		return nil, err
	}
	id := *vpc.VpcId
	used := slices.ContainsFunc(r.subnets, func(s types.Subnet) bool { return *s.VpcId == id }) ||
		slices.ContainsFunc(r.groups, func(g types.SecurityGroup) bool { return *g.VpcId == id && *g.GroupName != "default" }) ||
		slices.ContainsFunc(r.tables, func(t types.RouteTable) bool { return *t.VpcId == id && !isMain(t) }) ||
		slices.ContainsFunc(r.gateways, func(g types.InternetGateway) bool { return attachedTo(g) == id })
	if used {
		return nil, hasDependencies("vpc", id)
	}
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	r.vpcs = slices.DeleteFunc(slices.Clone(r.vpcs), func(v types.Vpc) bool { return *v.VpcId == id })
	r.groups = slices.DeleteFunc(slices.Clone(r.groups), func(g types.SecurityGroup) bool { return *g.VpcId == id })
	r.tables = slices.DeleteFunc(slices.Clone(r.tables), func(t types.RouteTable) bool { return *t.VpcId == id })
	return &ec2.DeleteVpcOutput{}, nil
}

func modifyVpcAttribute(r *region, in *ec2.ModifyVpcAttributeInput) (*ec2.ModifyVpcAttributeOutput, error) {
	if _, err := r.vpc(in.VpcId); err != nil {
		return nil, err
	}
	if in.EnableDnsHostnames != nil && in.EnableDnsSupport != nil {
		return nil, refuse("InvalidParameterCombination", "Only one attribute can be modified at a time.")
	}
	if v := in.EnableDnsHostnames; v != nil {
		if r.hosts == nil {
			r.hosts = map[string]bool{}
		}
		r.hosts[*in.VpcId] = awssdk.ToBool(v.Value)
	}
	return &ec2.ModifyVpcAttributeOutput{}, nil
}

// describeVpcAttribute answers one attribute. A default VPC names its hosts, another does where that was switched on.
func describeVpcAttribute(r *region, in *ec2.DescribeVpcAttributeInput) (*ec2.DescribeVpcAttributeOutput, error) {
	vpc, err := r.vpc(in.VpcId)
	if err != nil {
		return nil, err
	}
	out := &ec2.DescribeVpcAttributeOutput{VpcId: in.VpcId}
	switch in.Attribute {
	case types.VpcAttributeNameEnableDnsSupport:
		out.EnableDnsSupport = &types.AttributeBooleanValue{Value: awssdk.Bool(true)}
	case types.VpcAttributeNameEnableDnsHostnames:
		on, changed := r.hosts[*in.VpcId]
		out.EnableDnsHostnames = &types.AttributeBooleanValue{Value: awssdk.Bool(on || !changed && awssdk.ToBool(vpc.IsDefault))}
	default:
		return nil, refuse("InvalidParameterValue", "The sandbox does not know the attribute "+string(in.Attribute)+".")
	}
	return out, nil
}

func createSubnet(r *region, in *ec2.CreateSubnetInput) (*ec2.CreateSubnetOutput, error) {
	vpc, err := r.vpc(in.VpcId)
	if err != nil {
		return nil, err
	}
	p, err := block(in.CidrBlock, "InvalidSubnet.Range")
	if err != nil {
		return nil, err
	}
	whole := netip.MustParsePrefix(*vpc.CidrBlock)
	if p.Bits() < whole.Bits() || !whole.Contains(p.Addr()) {
		return nil, refuse("InvalidSubnet.Range", "The CIDR '"+p.String()+"' is invalid.")
	}
	for _, s := range r.subnets {
		if *s.VpcId == *vpc.VpcId && netip.MustParsePrefix(*s.CidrBlock).Overlaps(p) {
			return nil, refuse("InvalidSubnet.Conflict", "The CIDR '"+p.String()+"' conflicts with another subnet")
		}
	}
	zone := awssdk.ToString(in.AvailabilityZone)
	if zone == "" {
		zone = r.zones()[0]
	}
	if !slices.Contains(r.zones(), zone) {
		return nil, refuse("InvalidParameterValue", "Value ("+zone+") for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: "+join(r.zones())+".")
	}
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	subnet := types.Subnet{
		SubnetId: awssdk.String(r.world.id("subnet")), VpcId: vpc.VpcId, CidrBlock: awssdk.String(p.String()), AvailabilityZone: &zone,
		OwnerId: &r.account, DefaultForAz: awssdk.Bool(false), MapPublicIpOnLaunch: awssdk.Bool(false), State: types.SubnetStateAvailable,
		AvailableIpAddressCount: awssdk.Int32(int32(1)<<(32-p.Bits()) - 5), Tags: tagsFor(in.TagSpecifications, types.ResourceTypeSubnet),
	}
	r.subnets = append(slices.Clone(r.subnets), subnet)
	return &ec2.CreateSubnetOutput{Subnet: &subnet}, nil
}

func join(words []string) string {
	out := ""
	for i, w := range words {
		if i > 0 {
			out += ", "
		}
		out += w
	}
	return out
}

func (r *region) zones() []string { return []string{r.name + "a", r.name + "b", r.name + "c"} }

func describeZones(r *region, in *ec2.DescribeAvailabilityZonesInput) (*ec2.DescribeAvailabilityZonesOutput, error) {
	out := &ec2.DescribeAvailabilityZonesOutput{}
	for _, zone := range r.zones() {
		if len(in.ZoneNames) == 0 || slices.Contains(in.ZoneNames, zone) {
			out.AvailabilityZones = append(out.AvailabilityZones, types.AvailabilityZone{
				ZoneName: awssdk.String(zone), RegionName: awssdk.String(r.name), State: types.AvailabilityZoneStateAvailable,
				ZoneType: awssdk.String("availability-zone"), OptInStatus: types.AvailabilityZoneOptInStatusOptInNotRequired,
			})
		}
	}
	return out, nil
}

func deleteSubnet(r *region, in *ec2.DeleteSubnetInput) (*ec2.DeleteSubnetOutput, error) {
	if _, ok := r.subnet(*in.SubnetId); !ok {
		return nil, refuse("InvalidSubnetID.NotFound", "The subnet ID '"+*in.SubnetId+"' does not exist")
	}
	if slices.ContainsFunc(r.interfaces(), func(i types.NetworkInterface) bool { return *i.SubnetId == *in.SubnetId }) {
		return nil, hasDependencies("subnet", *in.SubnetId)
	}
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	r.subnets = slices.DeleteFunc(slices.Clone(r.subnets), func(s types.Subnet) bool { return *s.SubnetId == *in.SubnetId })
	for i, t := range r.tables { // the association goes with the subnet
		r.tables[i].Associations = slices.DeleteFunc(slices.Clone(t.Associations), func(a types.RouteTableAssociation) bool {
			return awssdk.ToString(a.SubnetId) == *in.SubnetId
		})
	}
	return &ec2.DeleteSubnetOutput{}, nil
}

func modifySubnetAttribute(r *region, in *ec2.ModifySubnetAttributeInput) (*ec2.ModifySubnetAttributeOutput, error) {
	at := slices.IndexFunc(r.subnets, func(s types.Subnet) bool { return *s.SubnetId == *in.SubnetId })
	if at < 0 {
		return nil, refuse("InvalidSubnetID.NotFound", "The subnet ID '"+*in.SubnetId+"' does not exist")
	}
	if in.MapPublicIpOnLaunch == nil {
		return nil, refuse("InvalidParameterCombination", "The sandbox changes mapPublicIpOnLaunch alone.")
	}
	r.subnets = slices.Clone(r.subnets)
	r.subnets[at].MapPublicIpOnLaunch = in.MapPublicIpOnLaunch.Value
	return &ec2.ModifySubnetAttributeOutput{}, nil
}

// interfaces are the network interfaces of instances and load balancers: what holds subnets and groups.
func (r *region) interfaces() []types.NetworkInterface {
	var all []types.NetworkInterface
	for _, in := range r.present() {
		if in.is(terminated) {
			continue
		}
		all = append(all, types.NetworkInterface{
			NetworkInterfaceId: awssdk.String(derivedID("eni", *in.InstanceId)), SubnetId: in.SubnetId, VpcId: in.VpcId, Groups: in.SecurityGroups,
			Status: types.NetworkInterfaceStatusInUse, InterfaceType: types.NetworkInterfaceTypeInterface, PrivateIpAddress: in.PrivateIpAddress,
			Attachment:  &types.NetworkInterfaceAttachment{InstanceId: in.InstanceId, Status: types.AttachmentStatusAttached},
			Description: awssdk.String(""), OwnerId: awssdk.String(in.owner),
		})
	}
	for _, b := range r.balancers {
		var groups []types.GroupIdentifier
		for _, id := range b.SecurityGroups {
			groups = append(groups, types.GroupIdentifier{GroupId: awssdk.String(id)})
		}
		_, name, _ := strings.Cut(*b.LoadBalancerArn, "loadbalancer/")
		for _, z := range b.AvailabilityZones {
			all = append(all, types.NetworkInterface{
				NetworkInterfaceId: awssdk.String(derivedID("eni", *b.LoadBalancerArn+*z.SubnetId)), SubnetId: z.SubnetId, VpcId: b.VpcId, Groups: groups,
				Status: types.NetworkInterfaceStatusInUse, RequesterId: awssdk.String("amazon-elb"), RequesterManaged: awssdk.Bool(true),
				Description: awssdk.String("ELB " + name), OwnerId: &r.account,
			})
		}
	}
	return append(all, r.natInterfaces()...)
}

func describeInterfaces(r *region, in *ec2.DescribeNetworkInterfacesInput) (*ec2.DescribeNetworkInterfacesOutput, error) {
	kept, err := pick(r.interfaces(), in.NetworkInterfaceIds, in.Filters, finder[types.NetworkInterface]{
		id:      func(x types.NetworkInterface) string { return *x.NetworkInterfaceId },
		missing: noSuch("InvalidNetworkInterfaceID.NotFound", "networkInterface ID"),
		field: func(x types.NetworkInterface, name string) ([]string, bool) {
			switch name {
			case "vpc-id":
				return one(x.VpcId), true
			case "subnet-id":
				return one(x.SubnetId), true
			case "group-id":
				var ids []string
				for _, g := range x.Groups {
					ids = append(ids, *g.GroupId)
				}
				return ids, true
			}
			return nil, false
		},
	})
	if err != nil {
		return nil, err
	}
	part, next, err := page(kept, in.NextToken, in.MaxResults)
	return &ec2.DescribeNetworkInterfacesOutput{NetworkInterfaces: part, NextToken: next}, err
}
