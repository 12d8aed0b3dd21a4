package sdk

import (
	"context"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// LooseVolumes answers the volumes that are attached to nothing.
func (c *Cloud) LooseVolumes(ctx context.Context, t aws.Target) ([]aws.Volume, error) {
	return c.volumes(ctx, t, func(v types.Volume) bool { return v.State == types.VolumeStateAvailable && len(v.Attachments) == 0 }, filter("status", "available"))
}

// Volumes answers all volumes of a region.
func (c *Cloud) Volumes(ctx context.Context, t aws.Target) ([]aws.Volume, error) {
	return c.volumes(ctx, t, func(v types.Volume) bool {
		return v.State != types.VolumeStateDeleted && v.State != types.VolumeStateDeleting
	})
}

// DiskSize answers how much the volumes of an instance hold together, in GiB; 0 where AWS shows none.
func (c *Cloud) DiskSize(ctx context.Context, t aws.Target, id string) (int, error) {
	some, err := c.volumes(ctx, t, func(types.Volume) bool { return true }, types.Filter{Name: awssdk.String("attachment.instance-id"), Values: []string{id}})
	gib := 0
	for _, v := range some {
		gib += v.GiB
	}
	return gib, err
}

func (c *Cloud) volumes(ctx context.Context, t aws.Target, wanted func(types.Volume) bool, filters ...types.Filter) ([]aws.Volume, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	var all []aws.Volume
	in := &ec2.DescribeVolumesInput{Filters: filters}
	for {
		out, err := ask(ctx, ready.ec2.DescribeVolumes, in)
		if err != nil {
			return nil, err
		}
		for _, v := range out.Volumes {
			if !wanted(v) {
				continue
			}
			all = append(all, aws.Volume{
				ID: awssdk.ToString(v.VolumeId), Name: nameTag(v.Tags), GiB: int(awssdk.ToInt32(v.Size)), Type: string(v.VolumeType),
				Zone: awssdk.ToString(v.AvailabilityZone), CreatedAt: awssdk.ToTime(v.CreateTime), Tags: tagsOf(v.Tags),
			})
		}
		if awssdk.ToString(out.NextToken) == "" {
			return all, nil
		}
		in = &ec2.DescribeVolumesInput{Filters: in.Filters, NextToken: out.NextToken}
	}
}

// LooseAddresses answers the Elastic IP addresses that lead to nothing.
func (c *Cloud) LooseAddresses(ctx context.Context, t aws.Target) ([]aws.Address, error) {
	return c.addresses(ctx, t, func(a types.Address) bool {
		return awssdk.ToString(a.AssociationId) == "" && awssdk.ToString(a.InstanceId) == "" && awssdk.ToString(a.NetworkInterfaceId) == ""
	})
}

// DeleteVolume deletes a volume for good. One that is gone already is no error; one in use is refused by AWS.
func (c *Cloud) DeleteVolume(ctx context.Context, t aws.Target, id string, dryRun bool) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	in := &ec2.DeleteVolumeInput{VolumeId: &id, DryRun: &dryRun}
	if dryRun {
		return rehearse(ctx, ready.plain.DeleteVolume, in)
	}
	_, err = repeat(ctx, ready.plain.DeleteVolume, in)
	return unless(err, "InvalidVolume.NotFound")
}

// ReleaseAddress gives an Elastic IP address back. One that is gone already is no error; one in use is refused by AWS.
func (c *Cloud) ReleaseAddress(ctx context.Context, t aws.Target, id string, dryRun bool) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	in := &ec2.ReleaseAddressInput{AllocationId: &id, DryRun: &dryRun}
	if dryRun {
		return rehearse(ctx, ready.plain.ReleaseAddress, in)
	}
	_, err = repeat(ctx, ready.plain.ReleaseAddress, in)
	return unless(err, "InvalidAllocationID.NotFound")
}
