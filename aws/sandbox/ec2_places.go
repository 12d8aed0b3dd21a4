package sandbox

import (
	"net/netip"
	"slices"
	"strconv"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// one is a filter's value out of an optional string.
func one(s *string) []string {
	if s == nil {
		return nil
	}
	return []string{*s}
}

func flag(b *bool) []string { return []string{strconv.FormatBool(awssdk.ToBool(b))} }

func noSuch(code, what string) func(string) error {
	return func(id string) error { return refuse(code, "The "+what+" '"+id+"' does not exist") }
}

func noSuchImage(id string) error {
	if !wellFormed("ami", id) {
		return refuse("InvalidAMIID.Malformed", `Invalid id: "`+id+`" (expecting "ami-...")`)
	}
	return refuse("InvalidAMIID.NotFound", "The image id '["+id+"]' does not exist")
}

func describeImages(r *region, in *ec2.DescribeImagesInput) (*ec2.DescribeImagesOutput, error) {
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	kept, err := pick(r.settledImages(), in.ImageIds, in.Filters, finder[types.Image]{
		id:      func(x types.Image) string { return *x.ImageId },
		missing: noSuchImage,
		tags:    func(x types.Image) []types.Tag { return x.Tags },
		field: func(x types.Image, name string) ([]string, bool) {
			switch name {
			case "image-id":
				return one(x.ImageId), true
			case "name":
				return one(x.Name), true
			case "state":
				return []string{string(x.State)}, true
			case "architecture":
				return []string{string(x.Architecture)}, true
			case "root-device-type":
				return []string{string(x.RootDeviceType)}, true
			case "owner-id":
				return one(x.OwnerId), true
			}
			return nil, false
		},
	})
	if len(in.Owners) > 0 {
		kept = slices.DeleteFunc(kept, func(x types.Image) bool {
			return !slices.Contains(in.Owners, *x.OwnerId) && (!slices.Contains(in.Owners, "self") || *x.OwnerId != r.account)
		})
	}
	return &ec2.DescribeImagesOutput{Images: kept}, err
}

func describeVpcs(r *region, in *ec2.DescribeVpcsInput) (*ec2.DescribeVpcsOutput, error) {
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	kept, err := pick(r.vpcs, in.VpcIds, in.Filters, finder[types.Vpc]{
		id:      func(x types.Vpc) string { return *x.VpcId },
		missing: noSuch("InvalidVpcID.NotFound", "vpc ID"),
		tags:    func(x types.Vpc) []types.Tag { return x.Tags },
		field: func(x types.Vpc, name string) ([]string, bool) {
			switch name {
			case "vpc-id":
				return one(x.VpcId), true
			case "is-default", "isDefault":
				return flag(x.IsDefault), true
			case "cidr":
				return one(x.CidrBlock), true
			}
			return nil, false
		},
	})
	if err != nil {
		return nil, err
	}
	part, next, err := page(kept, in.NextToken, in.MaxResults)
	return &ec2.DescribeVpcsOutput{Vpcs: part, NextToken: next}, err
}

// free is how many addresses of a subnet nobody has; AWS keeps five of each for itself.
func (r *region) free(s types.Subnet, taken []types.NetworkInterface) *int32 {
	left := int32(1)<<(32-netip.MustParsePrefix(*s.CidrBlock).Bits()) - 5
	for _, i := range taken {
		if *i.SubnetId == *s.SubnetId {
			left--
		}
	}
	return &left
}

func describeSubnets(r *region, in *ec2.DescribeSubnetsInput) (*ec2.DescribeSubnetsOutput, error) {
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	kept, err := pick(r.subnets, in.SubnetIds, in.Filters, finder[types.Subnet]{
		id:      func(x types.Subnet) string { return *x.SubnetId },
		missing: noSuch("InvalidSubnetID.NotFound", "subnet ID"),
		tags:    func(x types.Subnet) []types.Tag { return x.Tags },
		field: func(x types.Subnet, name string) ([]string, bool) {
			switch name {
			case "subnet-id":
				return one(x.SubnetId), true
			case "vpc-id":
				return one(x.VpcId), true
			case "availability-zone":
				return one(x.AvailabilityZone), true
			case "cidr-block":
				return one(x.CidrBlock), true
			case "default-for-az":
				return flag(x.DefaultForAz), true
			}
			return nil, false
		},
	})
	if err != nil {
		return nil, err
	}
	part, next, err := page(kept, in.NextToken, in.MaxResults)
	taken := r.interfaces()
	for i := range part {
		part[i].AvailableIpAddressCount = r.free(part[i], taken)
	}
	return &ec2.DescribeSubnetsOutput{Subnets: part, NextToken: next}, err
}

func describeSecurityGroups(r *region, in *ec2.DescribeSecurityGroupsInput) (*ec2.DescribeSecurityGroupsOutput, error) {
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	kept, err := pick(r.groups, in.GroupIds, in.Filters, finder[types.SecurityGroup]{
		id:      func(x types.SecurityGroup) string { return *x.GroupId },
		missing: noSuch("InvalidGroup.NotFound", "security group"),
		tags:    func(x types.SecurityGroup) []types.Tag { return x.Tags },
		field: func(x types.SecurityGroup, name string) ([]string, bool) {
			switch name {
			case "group-id":
				return one(x.GroupId), true
			case "group-name":
				return one(x.GroupName), true
			case "vpc-id":
				return one(x.VpcId), true
			case "description":
				return one(x.Description), true
			}
			return nil, false
		},
	})
	if err != nil {
		return nil, err
	}
	if len(in.GroupNames) > 0 {
		kept = slices.DeleteFunc(kept, func(x types.SecurityGroup) bool { return !slices.Contains(in.GroupNames, *x.GroupName) })
	}
	part, next, err := page(kept, in.NextToken, in.MaxResults)
	return &ec2.DescribeSecurityGroupsOutput{SecurityGroups: part, NextToken: next}, err
}

func describeKeyPairs(r *region, in *ec2.DescribeKeyPairsInput) (*ec2.DescribeKeyPairsOutput, error) {
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	kept, err := pick(r.keys, in.KeyNames, in.Filters, finder[types.KeyPairInfo]{
		id:      func(x types.KeyPairInfo) string { return *x.KeyName },
		missing: noSuch("InvalidKeyPair.NotFound", "key pair"),
		tags:    func(x types.KeyPairInfo) []types.Tag { return x.Tags },
		field: func(x types.KeyPairInfo, name string) ([]string, bool) {
			switch name {
			case "key-name":
				return one(x.KeyName), true
			case "key-pair-id":
				return one(x.KeyPairId), true
			}
			return nil, false
		},
	})
	return &ec2.DescribeKeyPairsOutput{KeyPairs: kept}, err
}
