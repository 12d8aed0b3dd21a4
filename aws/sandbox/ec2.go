package sandbox

import (
	"fmt"
	"net/netip"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func addEC2(table map[string]operation) {
	table["EC2.RunInstances"] = on(runInstances)
	table["EC2.DescribeInstances"] = on(describeInstances)
	table["EC2.StartInstances"] = on(startInstances)
	table["EC2.StopInstances"] = on(stopInstances)
	table["EC2.RebootInstances"] = on(rebootInstances)
	table["EC2.TerminateInstances"] = on(terminateInstances)
	table["EC2.DescribeInstanceStatus"] = on(describeInstanceStatus)
	table["EC2.DescribeInstanceAttribute"] = on(describeInstanceAttribute)
	table["EC2.ModifyInstanceAttribute"] = on(modifyInstanceAttribute)
	table["EC2.DescribeImages"] = on(describeImages)
	table["EC2.DescribeSubnets"] = on(describeSubnets)
	table["EC2.DescribeSecurityGroups"] = on(describeSecurityGroups)
	table["EC2.DescribeKeyPairs"] = on(describeKeyPairs)
	table["EC2.DescribeVpcs"] = on(describeVpcs)
	table["EC2.DescribeRegions"] = on(describeRegions)
	table["EC2.CreateTags"] = on(createTags)
	table["EC2.DescribeTags"] = on(describeTags)
	table["EC2.DeleteTags"] = on(deleteTags)
}

// region is one account in one region. What it hands out is shared with callers: slices and
// pointed-to values inside are replaced, never written to.
type region struct {
	balancing
	routing
	serverless
	world   *World
	account string
	name    string

	images    []types.Image
	keys      []types.KeyPairInfo
	vpcs      []types.Vpc
	hosts     map[string]bool // VPCs whose naming of hosts was switched
	subnets   []types.Subnet
	groups    []types.SecurityGroup
	instances []*instance
	launches  map[string]launched // by client token
	keysIn    []letIn
	services  []*containers
	volumes   []types.Volume
	addresses []types.Address
	commands  map[string]shellCommand // by id
	stacks    []*stack
}

// launched is what a client token stands for.
type launched struct {
	asked       string // the parameters
	reservation string
}

func (r *region) now() time.Time { return r.world.options.Now() }

// newRegion makes a region as AWS hands it over, and the starting content where it belongs.
func newRegion(w *World, account, name string) *region {
	r := &region{world: w, account: account, name: name, images: publicImages(name), launches: map[string]launched{}}
	seed := account + "/" + name
	vpc := derivedID("vpc", seed)
	r.vpcs = []types.Vpc{{
		VpcId: &vpc, CidrBlock: awssdk.String("172.31.0.0/16"), IsDefault: awssdk.Bool(true),
		OwnerId: &r.account, State: types.VpcStateAvailable, InstanceTenancy: types.TenancyDefault,
	}}
	for i, zone := range []string{"a", "b"} {
		r.subnets = append(r.subnets, types.Subnet{
			SubnetId: awssdk.String(derivedID("subnet", seed+zone)), VpcId: &vpc, OwnerId: &r.account,
			AvailabilityZone: awssdk.String(name + zone), CidrBlock: awssdk.String(fmt.Sprintf("172.31.%d.0/20", 16*i)),
			DefaultForAz: awssdk.Bool(true), MapPublicIpOnLaunch: awssdk.Bool(true), State: types.SubnetStateAvailable,
		})
	}
	r.groups = []types.SecurityGroup{r.newGroup(derivedID("sg", seed), "default", "default VPC security group", vpc)}
	r.openDefault(seed)
	if account == w.options.AccountID && name == w.options.Region {
		r.furnish(vpc)
		r.forgotten()
		r.addOrders()
		r.addService("demo", "shop", 2)
	}
	return r
}

// silentImage is an image whose machines run and answer no health check.
const silentImage = "ami-0dead0000000dead0"

func (r *region) addImage(id, name, description string) {
	r.images = append(r.images, types.Image{
		ImageId: &id, Name: &name, Description: &description, Architecture: types.ArchitectureValuesX8664,
		CreationDate: awssdk.String("2026-01-01T00:00:00.000Z"), OwnerId: &r.account, Public: awssdk.Bool(true),
		PlatformDetails: awssdk.String(linux), UsageOperation: awssdk.String("RunInstances"),
		RootDeviceName: awssdk.String("/dev/xvda"), RootDeviceType: types.DeviceTypeEbs, State: types.ImageStateAvailable,
		BlockDeviceMappings: []types.BlockDeviceMapping{{
			DeviceName: awssdk.String("/dev/xvda"),
			Ebs:        &types.EbsBlockDevice{VolumeSize: awssdk.Int32(8), VolumeType: types.VolumeTypeGp3, DeleteOnTermination: awssdk.Bool(true)},
		}},
	})
}

// furnish adds what an introduction to EC2 names.
func (r *region) furnish(vpc string) {
	r.addImage("ami-0123456789abcdef0", "al2023-ami-sandbox-x86_64", "Sandbox Linux")
	r.addImage(silentImage, "sandbox-silent-x86_64", "Sandbox Linux that answers nothing, to see a deployment fail")
	r.keys = []types.KeyPairInfo{{
		KeyName: awssdk.String("mykey"), KeyPairId: awssdk.String("key-0123456789abcdef0"), KeyType: types.KeyTypeEd25519,
	}}
	r.groups = append(r.groups, types.SecurityGroup{
		GroupId: awssdk.String("sg-0123456789abcdef0"), GroupName: awssdk.String("web"), VpcId: &vpc, OwnerId: &r.account,
		Description: awssdk.String("HTTP from everywhere"),
		IpPermissions: []types.IpPermission{{
			IpProtocol: awssdk.String("tcp"), FromPort: awssdk.Int32(80), ToPort: awssdk.Int32(80),
			IpRanges: []types.IpRange{{CidrIp: awssdk.String("0.0.0.0/0")}},
		}},
	})
	r.subnets = append(r.subnets, types.Subnet{
		SubnetId: awssdk.String("subnet-0123456789abcdef0"), VpcId: &vpc, OwnerId: &r.account,
		AvailabilityZone: awssdk.String(r.name + "a"), CidrBlock: awssdk.String("172.31.32.0/20"),
		DefaultForAz: awssdk.Bool(false), MapPublicIpOnLaunch: awssdk.Bool(false), State: types.SubnetStateAvailable,
		Tags: []types.Tag{{Key: awssdk.String("Name"), Value: awssdk.String("main")}},
	})
}

// freeIP answers an address of the subnet that nobody has: the one asked for, or the lowest. AWS keeps the
// first four addresses and the last of each subnet.
func (r *region) freeIP(subnet types.Subnet, asked string) (string, error) {
	prefix := netip.MustParsePrefix(*subnet.CidrBlock)
	taken := map[string]bool{}
	for _, in := range r.present() {
		taken[awssdk.ToString(in.PrivateIpAddress)] = true
	}
	if asked != "" {
		address, err := netip.ParseAddr(asked)
		if err != nil || !prefix.Contains(address) {
			return "", refuse("InvalidParameterValue", "Address "+asked+" does not fall within the subnet's address range")
		}
		if taken[asked] {
			return "", refuse("InvalidIPAddress.InUse", "Address "+asked+" is in use.")
		}
		return asked, nil
	}
	address := prefix.Addr()
	for range 4 {
		address = address.Next()
	}
	for ; prefix.Contains(address.Next()); address = address.Next() {
		if !taken[address.String()] {
			return address.String(), nil
		}
	}
	return "", refuse("InsufficientFreeAddressesInSubnet", "The subnet '"+*subnet.SubnetId+"' has no free addresses.")
}

// publicIP makes an address out of 198.18.0.0/15, which no host on the internet has.
func (w *World) publicIP() string {
	w.issued++
	n := w.issued%(1<<17-2) + 1
	return netip.AddrFrom4([4]byte{198, byte(18 + n>>16), byte(n >> 8), byte(n)}).String()
}

func describeRegions(r *region, in *ec2.DescribeRegionsInput) (*ec2.DescribeRegionsOutput, error) {
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	var all []types.Region
	for _, name := range openRegions() {
		all = append(all, types.Region{
			RegionName: awssdk.String(name), Endpoint: awssdk.String("ec2." + name + ".amazonaws.com"),
			OptInStatus: awssdk.String("opt-in-not-required"),
		})
	}
	kept, err := pick(all, in.RegionNames, in.Filters, finder[types.Region]{
		id: func(x types.Region) string { return *x.RegionName },
		missing: func(id string) error {
			return refuse("InvalidParameterValue", "Invalid region provided: "+id)
		},
		field: func(x types.Region, name string) ([]string, bool) {
			switch name {
			case "region-name":
				return []string{*x.RegionName}, true
			case "endpoint":
				return []string{*x.Endpoint}, true
			}
			return nil, false
		},
	})
	return &ec2.DescribeRegionsOutput{Regions: kept}, err
}
