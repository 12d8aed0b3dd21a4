package sandbox

import (
	"cmp"
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
	r.volumes = r.presentVolumes()
	at := slices.IndexFunc(r.volumes, func(v types.Volume) bool { return *v.VolumeId == *in.VolumeId })
	if at < 0 {
		return nil, refuse("InvalidVolume.NotFound", "The volume '"+*in.VolumeId+"' does not exist.")
	}
	if to := r.volumes[at].Attachments; len(to) > 0 {
		return nil, refuse("VolumeInUse", "Volume "+*in.VolumeId+" is currently attached to "+*to[0].InstanceId)
	}
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	r.volumes = slices.Delete(slices.Clone(r.volumes), at, at+1)
	return &ec2.DeleteVolumeOutput{}, nil
}

// attachRoot gives an instance its root volume: as large as the launch says, or as the image.
func (r *region) attachRoot(to *instance, in *ec2.RunInstancesInput, image types.Image) {
	disk := types.EbsBlockDevice{}
	for _, mapping := range slices.Concat(image.BlockDeviceMappings, in.BlockDeviceMappings) {
		if mapping.Ebs == nil || awssdk.ToString(mapping.DeviceName) != awssdk.ToString(image.RootDeviceName) {
			continue
		}
		said := *mapping.Ebs
		disk.VolumeSize = cmp.Or(said.VolumeSize, disk.VolumeSize)
		disk.VolumeType = cmp.Or(said.VolumeType, disk.VolumeType)
		disk.Encrypted = cmp.Or(said.Encrypted, disk.Encrypted)
		disk.DeleteOnTermination = cmp.Or(said.DeleteOnTermination, disk.DeleteOnTermination)
	}
	id := awssdk.String(derivedID("vol", *to.InstanceId))
	goes := orElse(disk.DeleteOnTermination, true)
	r.volumes = append(r.volumes, types.Volume{
		VolumeId: id, AvailabilityZone: to.Placement.AvailabilityZone, CreateTime: to.LaunchTime, Size: disk.VolumeSize, VolumeType: disk.VolumeType,
		Encrypted: orElse(disk.Encrypted, false), State: types.VolumeStateInUse, Tags: tagsFor(in.TagSpecifications, types.ResourceTypeVolume),
		Attachments: []types.VolumeAttachment{{
			InstanceId: to.InstanceId, VolumeId: id, Device: image.RootDeviceName, AttachTime: to.LaunchTime,
			DeleteOnTermination: goes, State: types.VolumeAttachmentStateAttached,
		}},
	})
	to.BlockDeviceMappings = []types.InstanceBlockDeviceMapping{{DeviceName: image.RootDeviceName, Ebs: &types.EbsInstanceBlockDevice{
		VolumeId: id, AttachTime: to.LaunchTime, DeleteOnTermination: goes, Status: types.AttachmentStatusAttached,
	}}}
}

// presentVolumes answers the volumes as they stand now: that of a terminated instance is gone, or is left over.
func (r *region) presentVolumes() []types.Volume {
	var kept []types.Volume
	for _, v := range r.volumes {
		if len(v.Attachments) == 0 {
			kept = append(kept, v)
			continue
		}
		list, err := r.named([]string{*v.Attachments[0].InstanceId})
		ended := err != nil || list[0].is(terminated)
		switch {
		case ended && *v.Attachments[0].DeleteOnTermination:
			continue
		case ended:
			v.Attachments, v.State = nil, types.VolumeStateAvailable
		}
		kept = append(kept, v)
	}
	return kept
}

func describeVolumes(r *region, in *ec2.DescribeVolumesInput) (*ec2.DescribeVolumesOutput, error) {
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	kept, err := pick(r.presentVolumes(), in.VolumeIds, in.Filters, finder[types.Volume]{
		id:      func(x types.Volume) string { return *x.VolumeId },
		missing: noSuch("InvalidVolume.NotFound", "volume"),
		tags:    func(x types.Volume) []types.Tag { return x.Tags },
		field: func(x types.Volume, name string) ([]string, bool) {
			switch name {
			case "status":
				return []string{string(x.State)}, true
			case "volume-id":
				return one(x.VolumeId), true
			case "attachment.instance-id":
				var ids []string
				for _, a := range x.Attachments {
					ids = append(ids, *a.InstanceId)
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
