package sandbox

import (
	"slices"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func addLoose(table map[string]operation) {
	table["EC2.CreateVolume"] = on(createVolume)
	table["EC2.DescribeVolumes"] = on(describeVolumes)
	table["EC2.DeleteVolume"] = on(deleteVolume)
	table["EC2.AllocateAddress"] = on(allocateAddress)
	table["EC2.DescribeAddresses"] = on(describeAddresses)
	table["EC2.ReleaseAddress"] = on(releaseAddress)
}

// forgotten is what somebody left behind in the region where the world begins.
func (r *region) forgotten() {
	made := r.now().Add(-(40*24 + 1) * time.Hour)
	r.volumes = append(r.volumes, types.Volume{
		VolumeId: awssdk.String(derivedID("vol", r.account+"/"+r.name)), AvailabilityZone: awssdk.String(r.name + "a"), CreateTime: &made,
		Size: awssdk.Int32(20), VolumeType: types.VolumeTypeGp3, State: types.VolumeStateAvailable,
		Tags: []types.Tag{{Key: awssdk.String("Name"), Value: awssdk.String("old-data")}},
	})
}

func createVolume(r *region, in *ec2.CreateVolumeInput) (*ec2.CreateVolumeOutput, error) {
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	if in.Size == nil {
		return nil, refuse("MissingParameter", "The request must contain the parameter size/snapshot")
	}
	now := r.now()
	v := types.Volume{
		VolumeId: awssdk.String(r.world.id("vol")), AvailabilityZone: in.AvailabilityZone, CreateTime: &now, Size: in.Size,
		VolumeType: in.VolumeType, State: types.VolumeStateAvailable, Tags: tagsFor(in.TagSpecifications, types.ResourceTypeVolume),
	}
	r.volumes = append(r.volumes, v)
	return &ec2.CreateVolumeOutput{
		VolumeId: v.VolumeId, AvailabilityZone: v.AvailabilityZone, CreateTime: &now, Size: v.Size, VolumeType: v.VolumeType,
		State: types.VolumeStateCreating, Tags: v.Tags,
	}, nil
}

func deleteVolume(r *region, in *ec2.DeleteVolumeInput) (*ec2.DeleteVolumeOutput, error) {
	at := slices.IndexFunc(r.volumes, func(v types.Volume) bool { return *v.VolumeId == *in.VolumeId })
	if at < 0 {
		return nil, refuse("InvalidVolume.NotFound", "The volume '"+*in.VolumeId+"' does not exist.")
	}
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	r.volumes = slices.Delete(slices.Clone(r.volumes), at, at+1)
	return &ec2.DeleteVolumeOutput{}, nil
}

// describeVolumes shows volumes that were made as such; the root volumes of instances are not kept.
func describeVolumes(r *region, in *ec2.DescribeVolumesInput) (*ec2.DescribeVolumesOutput, error) {
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	kept, err := pick(r.volumes, in.VolumeIds, in.Filters, finder[types.Volume]{
		id:      func(x types.Volume) string { return *x.VolumeId },
		missing: noSuch("InvalidVolume.NotFound", "volume"),
		tags:    func(x types.Volume) []types.Tag { return x.Tags },
		field: func(x types.Volume, name string) ([]string, bool) {
			switch name {
			case "status":
				return []string{string(x.State)}, true
			case "volume-id":
				return one(x.VolumeId), true
			}
			return nil, false
		},
	})
	if err != nil {
		return nil, err
	}
	part, next, err := page(kept, in.NextToken, in.MaxResults)
	return &ec2.DescribeVolumesOutput{Volumes: part, NextToken: next}, err
}

func allocateAddress(r *region, in *ec2.AllocateAddressInput) (*ec2.AllocateAddressOutput, error) {
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	a := types.Address{
		AllocationId: awssdk.String(r.world.id("eipalloc")), PublicIp: awssdk.String(r.world.publicIP()), Domain: types.DomainTypeVpc,
		Tags: tagsFor(in.TagSpecifications, types.ResourceTypeElasticIp),
	}
	r.addresses = append(r.addresses, a)
	return &ec2.AllocateAddressOutput{AllocationId: a.AllocationId, PublicIp: a.PublicIp, Domain: a.Domain}, nil
}

func describeAddresses(r *region, in *ec2.DescribeAddressesInput) (*ec2.DescribeAddressesOutput, error) {
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	kept, err := pick(r.addresses, in.AllocationIds, in.Filters, finder[types.Address]{
		id:      func(x types.Address) string { return *x.AllocationId },
		missing: noSuch("InvalidAllocationID.NotFound", "allocation ID"),
		tags:    func(x types.Address) []types.Tag { return x.Tags },
		field: func(x types.Address, name string) ([]string, bool) {
			switch name {
			case "allocation-id":
				return one(x.AllocationId), true
			case "public-ip":
				return one(x.PublicIp), true
			}
			return nil, false
		},
	})
	kept = slices.Clone(kept)
	for i, a := range kept {
		if n := r.natOfAddress(*a.AllocationId); n != nil {
			kept[i].AssociationId = awssdk.String(derivedID("eipassoc", *n.NatGatewayId))
			kept[i].NetworkInterfaceId = awssdk.String(derivedID("eni", *n.NatGatewayId))
		}
	}
	return &ec2.DescribeAddressesOutput{Addresses: kept}, err
}

func releaseAddress(r *region, in *ec2.ReleaseAddressInput) (*ec2.ReleaseAddressOutput, error) {
	id := awssdk.ToString(in.AllocationId)
	at := slices.IndexFunc(r.addresses, func(a types.Address) bool { return *a.AllocationId == id })
	if at < 0 {
		return nil, refuse("InvalidAllocationID.NotFound", "The allocation ID '"+id+"' does not exist")
	}
	if r.natOfAddress(id) != nil {
		return nil, refuse("InvalidIPAddress.InUse", "The address with allocation id '"+id+"' is in use.")
	}
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	r.addresses = slices.Delete(slices.Clone(r.addresses), at, at+1)
	return &ec2.ReleaseAddressOutput{}, nil
}
