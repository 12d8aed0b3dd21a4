package sdk

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// LaunchInstances launches instances and returns when AWS has accepted it. The metadata service answers only with
// tokens (IMDSv2), and the root volume is encrypted. The same ClientToken with the same values launches once, however often it is
// asked; and before it is asked again, what the first asking made is looked for. With DryRun nothing changes, and no error means
// that AWS would do it.
func (c *Cloud) LaunchInstances(ctx context.Context, t aws.Target, l aws.Launch) ([]aws.Instance, error) {
	ready, t, err := c.at(t)
	if err != nil {
		return nil, err
	}
	network, err := findNetwork(ctx, ready.ec2, l)
	if err != nil {
		return nil, err
	}
	root, err := rootVolume(ctx, ready.ec2, l)
	if err != nil {
		return nil, err
	}
	if l.DryRun {
		return nil, rehearse(ctx, ready.ec2.RunInstances, launchInput(l, network, root))
	}
	if l.Sent {
		if there := launched(ctx, ready.ec2, l); len(there) > 0 {
			return there, nil
		}
	}
	out, err := soon(ctx, c, change, ready.ec2.RunInstances, launchInput(l, network, root))
	if isUncertain(err) && l.ClientToken != "" {
		if there := launched(ctx, ready.ec2, l); len(there) > 0 {
			return there, nil
		}
		out, err = repeat(ctx, ready.ec2.RunInstances, launchInput(l, network, root))
	}
	if err != nil {
		return nil, err
	}
	c.ownerOf(t.Account).set(awssdk.ToString(out.OwnerId))
	return instancesOf(types.Reservation{Instances: out.Instances, OwnerId: out.OwnerId}), nil
}

func instancesOf(r types.Reservation) []aws.Instance {
	instances := make([]aws.Instance, len(r.Instances))
	for i, one := range r.Instances {
		instances[i] = instanceOf(one)
	}
	return instances
}

// launched answers what a launch with this token made already, as far as AWS shows it: nothing where it shows none yet, or cannot be asked.
func launched(ctx context.Context, client *ec2.Client, l aws.Launch) []aws.Instance {
	filters := []types.Filter{{Name: awssdk.String("client-token"), Values: []string{l.ClientToken}}}
	if len(l.Tags) > 0 {
		filters = nil
		for key, value := range l.Tags {
			filters = append(filters, types.Filter{Name: awssdk.String("tag:" + key), Values: []string{literal(value)}})
		}
	}
	var found []aws.Instance
	err := pages(func(token *string) (*string, error) {
		out, err := ask(ctx, client.DescribeInstances, &ec2.DescribeInstancesInput{Filters: filters, NextToken: token})
		if err != nil {
			return nil, err
		}
		for _, r := range out.Reservations {
			for _, one := range r.Instances {
				if awssdk.ToString(one.ClientToken) == l.ClientToken {
					found = append(found, instanceOf(one))
				}
			}
		}
		return out.NextToken, nil
	})
	if err != nil {
		return nil
	}
	return found
}

// launchInput writes a launch anew for each call: the SDK writes into what it is given.
func launchInput(l aws.Launch, network network, root *types.BlockDeviceMapping) *ec2.RunInstancesInput {
	in := &ec2.RunInstancesInput{
		ImageId: optional(l.ImageID), InstanceType: types.InstanceType(l.InstanceType), KeyName: optional(l.KeyName),
		MinCount: awssdk.Int32(int32(max(l.MinCount, 1))), MaxCount: awssdk.Int32(int32(max(l.MaxCount, l.MinCount, 1))),
		ClientToken: optional(l.ClientToken),
		MetadataOptions: &types.InstanceMetadataOptionsRequest{
			HttpTokens: types.HttpTokensStateRequired, HttpEndpoint: types.InstanceMetadataEndpointStateEnabled,
		},
	}
	if l.DryRun {
		in.DryRun = awssdk.Bool(true)
	}
	if l.TerminationProtection {
		in.DisableApiTermination = awssdk.Bool(true)
	}
	if l.UserData != "" { // the SDK encodes blobs, and this is a string to it
		in.UserData = awssdk.String(base64.StdEncoding.EncodeToString([]byte(l.UserData)))
	}
	if l.InstanceProfile != "" {
		in.IamInstanceProfile = profileOf(l.InstanceProfile)
	}
	if root != nil {
		in.BlockDeviceMappings = []types.BlockDeviceMapping{*root}
	}
	in.TagSpecifications = tagSpecifications(l.Tags, root != nil)
	network.join(in, l)
	return in
}

// join gives a launch its place in the network. AWS takes the question of a public address only inside a network
// interface, and then everything about the network has to be there.
func (n network) join(in *ec2.RunInstancesInput, l aws.Launch) {
	if l.PublicIP == nil {
		in.SubnetId, in.SecurityGroupIds, in.PrivateIpAddress = optional(n.subnet), n.groups, optional(l.PrivateIP)
		return
	}
	in.NetworkInterfaces = []types.InstanceNetworkInterfaceSpecification{{
		DeviceIndex: awssdk.Int32(0), AssociatePublicIpAddress: l.PublicIP, DeleteOnTermination: awssdk.Bool(true),
		SubnetId: optional(n.subnet), Groups: n.groups, PrivateIpAddress: optional(l.PrivateIP),
	}}
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func profileOf(nameOrARN string) *types.IamInstanceProfileSpecification {
	if strings.HasPrefix(nameOrARN, "arn:") {
		return &types.IamInstanceProfileSpecification{Arn: &nameOrARN}
	}
	return &types.IamInstanceProfileSpecification{Name: &nameOrARN}
}

// tagSpecifications puts the tags on the instance, on its network interface, and on its volumes where it has some.
func tagSpecifications(tags map[string]string, volumes bool) []types.TagSpecification {
	if len(tags) == 0 {
		return nil
	}
	list := tagList(tags)
	specs := []types.TagSpecification{{ResourceType: types.ResourceTypeInstance, Tags: list}, {ResourceType: types.ResourceTypeNetworkInterface, Tags: list}}
	if volumes {
		specs = append(specs, types.TagSpecification{ResourceType: types.ResourceTypeVolume, Tags: list})
	}
	return specs
}

// rootVolume answers how the root volume shall be: encrypted, gone with the instance, and as large as was asked. It answers
// nil where the image has no volume (instance store), and where AWS does not let the image be looked at.
func rootVolume(ctx context.Context, client *ec2.Client, l aws.Launch) (*types.BlockDeviceMapping, error) {
	if l.ImageID == "" {
		return nil, &Error{
			kind: kindUsage, message: "A launch needs an image.", hint: "Name one with --image-id ami-0123456789abcdef0.",
		}
	}
	out, err := ask(ctx, client.DescribeImages, &ec2.DescribeImagesInput{ImageIds: []string{l.ImageID}})
	if err != nil {
		return nil, withoutLooking(err, l)
	}
	if len(out.Images) == 0 {
		return nil, &Error{
			Code: "InvalidAMIID.NotFound", Operation: "DescribeImages", kind: kindNotFound,
			message: "AWS knows no image " + l.ImageID + ".", hint: lookUp("InvalidAMIID.NotFound").hint,
		}
	}
	image := out.Images[0]
	if image.RootDeviceType != types.DeviceTypeEbs || awssdk.ToString(image.RootDeviceName) == "" {
		if l.RootVolumeGiB > 0 {
			return nil, &Error{
				kind: kindUsage, message: "The image " + l.ImageID + " has no root volume, so its size cannot be chosen.",
				hint: "Leave the size out, or choose an image that is backed by EBS.",
			}
		}
		return nil, nil
	}
	disk := &types.EbsBlockDevice{Encrypted: awssdk.Bool(true), DeleteOnTermination: awssdk.Bool(true), VolumeSize: rootSize(image)}
	if l.RootVolumeGiB > 0 {
		disk.VolumeSize = awssdk.Int32(int32(l.RootVolumeGiB))
	}
	return &types.BlockDeviceMapping{DeviceName: image.RootDeviceName, Ebs: disk}, nil
}

// rootSize is the size that the image gives its root volume, in GiB. It is said again in a launch, because not every endpoint
// takes a mapping that leaves it to the image.
func rootSize(image types.Image) *int32 { return rootDisk(image).VolumeSize }

// rootDisk is what an image says of its root volume.
func rootDisk(image types.Image) types.EbsBlockDevice {
	for _, m := range image.BlockDeviceMappings {
		if m.Ebs != nil && awssdk.ToString(m.DeviceName) == awssdk.ToString(image.RootDeviceName) {
			return *m.Ebs
		}
	}
	return types.EbsBlockDevice{}
}

// withoutLooking lets a launch go on where AWS refuses to show images, or the endpoint cannot, unless the root
// volume's size was asked for: the volume's name is needed for that.
func withoutLooking(err error, l aws.Launch) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	refused := lookUp(e.Code).rights
	switch e.Code {
	case "InvalidAction", "UnknownOperation", "UnsupportedOperation", "NotImplemented":
		refused = true
	}
	if refused && l.RootVolumeGiB == 0 {
		return nil
	}
	return err
}
