package sdk

import (
	"context"
	"maps"
	"slices"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Image answers an image by its id.
func (c *Cloud) Image(ctx context.Context, t aws.Target, id string) (aws.Image, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return aws.Image{}, err
	}
	out, err := ask(ctx, ready.ec2.DescribeImages, &ec2.DescribeImagesInput{ImageIds: []string{id}})
	if err != nil {
		return aws.Image{}, err
	}
	for _, i := range out.Images {
		if awssdk.ToString(i.ImageId) == id {
			return imageOf(i), nil
		}
	}
	return aws.Image{}, &Error{
		Code: "InvalidAMIID.NotFound", Operation: "DescribeImages", kind: kindNotFound,
		message: "AWS knows no image " + id + ".", hint: lookUp("InvalidAMIID.NotFound").hint,
	}
}

func imageOf(i types.Image) aws.Image {
	out := aws.Image{
		ID: awssdk.ToString(i.ImageId), Name: awssdk.ToString(i.Name), Platform: awssdk.ToString(i.PlatformDetails), State: string(i.State),
		Architecture: string(i.Architecture),
	}
	if i.RootDeviceType == types.DeviceTypeEbs {
		out.RootDevice, out.RootGiB = awssdk.ToString(i.RootDeviceName), int(awssdk.ToInt32(rootSize(i)))
		out.RootType = string(rootDisk(i).VolumeType)
	}
	if i.StateReason != nil {
		out.Reason = awssdk.ToString(i.StateReason.Message)
	}
	return out
}

// OwnImage answers the account's own image with this name, the zero Image where there is none. Names are unique in a region.
func (c *Cloud) OwnImage(ctx context.Context, t aws.Target, name string) (aws.Image, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return aws.Image{}, err
	}
	var found aws.Image
	err = pages(func(token *string) (*string, error) {
		out, err := ask(ctx, ready.ec2.DescribeImages, &ec2.DescribeImagesInput{
			Owners: []string{"self"}, Filters: []types.Filter{filter("name", literal(name))}, NextToken: token,
		})
		if err != nil {
			return nil, err
		}
		for _, i := range out.Images {
			if awssdk.ToString(i.Name) == name {
				found = imageOf(i)
			}
		}
		return out.NextToken, nil
	})
	return found, err
}

// CreateImage asks for an image of an instance and answers its id. Without reboot the instance goes on running, and
// what it has not written to its disks is not in the image. With DryRun nothing is made.
func (c *Cloud) CreateImage(ctx context.Context, t aws.Target, n aws.NewImage) (string, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return "", err
	}
	in := &ec2.CreateImageInput{
		InstanceId: &n.InstanceID, Name: &n.Name, Description: optional(n.Description), NoReboot: awssdk.Bool(!n.Reboot), DryRun: &n.DryRun,
	}
	if len(n.Tags) > 0 {
		for _, kind := range []types.ResourceType{types.ResourceTypeImage, types.ResourceTypeSnapshot} {
			in.TagSpecifications = append(in.TagSpecifications, types.TagSpecification{ResourceType: kind, Tags: tagList(n.Tags)})
		}
	}
	if n.DryRun {
		return "", rehearse(ctx, ready.plain.CreateImage, in)
	}
	out, err := change(ctx, ready.plain.CreateImage, in)
	if err != nil {
		return "", err
	}
	return awssdk.ToString(out.ImageId), nil
}

// WaitForImage looks until an image is available or has failed, and tells progress its state after each look. A new image that AWS
// does not show yet is waited for.
func (c *Cloud) WaitForImage(ctx context.Context, t aws.Target, id string, progress func(aws.Image)) (aws.Image, error) {
	seen, misses := aws.Image{ID: id, State: "pending"}, 0
	err := c.poll(ctx, func() (bool, error) {
		now, err := c.Image(ctx, t, id)
		if codeOf(err) == "InvalidAMIID.NotFound" && misses < hiccups {
			misses++
			return false, nil
		}
		if err != nil {
			return false, err
		}
		seen = now
		progress(now)
		return now.State != "pending", nil
	})
	return seen, err
}

// SetInstanceType changes the type of a stopped instance. Doing it again changes nothing.
func (c *Cloud) SetInstanceType(ctx context.Context, t aws.Target, id, kind string, dryRun bool) error {
	return c.modify(ctx, t, &ec2.ModifyInstanceAttributeInput{
		InstanceId: &id, InstanceType: &types.AttributeValue{Value: &kind}, DryRun: &dryRun,
	})
}

// SetTerminationProtection switches the protection against termination. Doing it again changes nothing.
func (c *Cloud) SetTerminationProtection(ctx context.Context, t aws.Target, id string, on, dryRun bool) error {
	return c.modify(ctx, t, &ec2.ModifyInstanceAttributeInput{
		InstanceId: &id, DisableApiTermination: &types.AttributeBooleanValue{Value: &on}, DryRun: &dryRun,
	})
}

func (c *Cloud) modify(ctx context.Context, t aws.Target, in *ec2.ModifyInstanceAttributeInput) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	if awssdk.ToBool(in.DryRun) {
		return rehearse(ctx, ready.plain.ModifyInstanceAttribute, in)
	}
	_, err = repeat(ctx, ready.plain.ModifyInstanceAttribute, in)
	return err
}

// TagInstances sets tags on instances. Doing it again changes nothing.
func (c *Cloud) TagInstances(ctx context.Context, t aws.Target, ids []string, tags map[string]string, dryRun bool) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	in := &ec2.CreateTagsInput{Resources: ids, Tags: tagList(tags), DryRun: &dryRun}
	if dryRun {
		return rehearse(ctx, ready.plain.CreateTags, in)
	}
	_, err = repeat(ctx, ready.plain.CreateTags, in)
	return err
}

// Tagged answers the ids of everything of EC2's that carries a tag: instances, their disks, parts of networks.
func (c *Cloud) Tagged(ctx context.Context, t aws.Target, key, value string) ([]string, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	var ids []string
	err = each(func(token *string) (*ec2.DescribeTagsOutput, error) {
		return ask(ctx, ready.ec2.DescribeTags, &ec2.DescribeTagsInput{Filters: []types.Filter{filter("key", key), filter("value", literal(value))}, NextToken: token})
	}, func(out *ec2.DescribeTagsOutput) *string {
		for _, one := range out.Tags {
			if awssdk.ToString(one.Key) == key && awssdk.ToString(one.Value) == value {
				ids = append(ids, awssdk.ToString(one.ResourceId))
			}
		}
		return out.NextToken
	})
	return ids, err
}

// UntagInstances removes tags by their keys, whatever their values. A tag that is not there is no error. There must be
// a key: AWS takes none for all of them.
func (c *Cloud) UntagInstances(ctx context.Context, t aws.Target, ids, keys []string, dryRun bool) error {
	ready, _, err := c.at(t)
	if err != nil || len(keys) == 0 {
		return err
	}
	in := &ec2.DeleteTagsInput{Resources: ids, DryRun: &dryRun}
	for _, key := range keys {
		in.Tags = append(in.Tags, types.Tag{Key: awssdk.String(key)})
	}
	if dryRun {
		return rehearse(ctx, ready.plain.DeleteTags, in)
	}
	_, err = repeat(ctx, ready.plain.DeleteTags, in)
	return err
}

func tagList(tags map[string]string) []types.Tag {
	var list []types.Tag
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, types.Tag{Key: awssdk.String(key), Value: awssdk.String(tags[key])})
	}
	return list
}
