package sandbox

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2instanceconnect"
	"github.com/aws/aws-sdk-go-v2/service/ec2instanceconnect/types"
)

func addConnect(table map[string]operation) {
	table["EC2 Instance Connect.SendSSHPublicKey"] = on(sendSSHPublicKey)
	table["EC2.GetConsoleOutput"] = on(getConsoleOutput)
	table["EC2.CreateImage"] = on(createImage)
}

// PublicKeys answers the SSH keys that an instance lets in now: "ubuntu ssh-ed25519 AAAA...". Each is let in for 60 seconds.
func (w *World) PublicKeys(id string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var keys []string
	for _, r := range w.places {
		for _, k := range r.keysIn {
			if k.instance == id && r.now().Sub(k.at) < time.Minute {
				keys = append(keys, k.login+" "+k.key)
			}
		}
	}
	return keys
}

// letIn is an SSH key that was sent to an instance.
type letIn struct {
	instance, login, key string
	at                   time.Time
}

func sendSSHPublicKey(r *region, in *ec2instanceconnect.SendSSHPublicKeyInput) (*ec2instanceconnect.SendSSHPublicKeyOutput, error) {
	list, err := r.named([]string{*in.InstanceId})
	if err != nil {
		return nil, &types.EC2InstanceNotFoundException{Message: awssdk.String("Instance " + *in.InstanceId + " was not found.")}
	}
	if !list[0].is(running) {
		return nil, &types.EC2InstanceStateInvalidException{Message: awssdk.String("Instance " + *in.InstanceId + " is not running.")}
	}
	if in.AvailabilityZone != nil && *in.AvailabilityZone != *list[0].Placement.AvailabilityZone {
		return nil, &types.EC2InstanceNotFoundException{Message: awssdk.String("Instance not found in availability zone " + *in.AvailabilityZone)}
	}
	if !strings.HasPrefix(*in.SSHPublicKey, "ssh-rsa ") && !strings.HasPrefix(*in.SSHPublicKey, "ssh-ed25519 ") {
		return nil, &types.InvalidArgsException{Message: awssdk.String("Invalid SSH public key.")}
	}
	r.keysIn = append(r.keysIn, letIn{*in.InstanceId, *in.InstanceOSUser, *in.SSHPublicKey, r.now()})
	return &ec2instanceconnect.SendSSHPublicKeyOutput{RequestId: awssdk.String(r.world.requestID()), Success: true}, nil
}

// getConsoleOutput shows a short boot, once there was one.
func getConsoleOutput(r *region, in *ec2.GetConsoleOutputInput) (*ec2.GetConsoleOutputOutput, error) {
	list, err := r.named([]string{*in.InstanceId})
	if err != nil {
		return nil, err
	}
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	one, out := list[0], &ec2.GetConsoleOutputOutput{InstanceId: in.InstanceId}
	if one.is(pending) {
		return out, nil
	}
	var text strings.Builder
	text.WriteString("[    0.000000] Linux version 6.1.0-sandbox\r\n")
	for n, unit := range []string{"Network", "Amazon SSM Agent", "OpenSSH server daemon", "cloud-init: final stage"} {
		fmt.Fprintf(&text, "[    %d.%06d] systemd[1]: Started %s.\r\n", n+1, 1234*(n+1), unit)
	}
	fmt.Fprintf(&text, "\r\n%s login: ", strings.TrimSuffix(*one.PrivateDnsName, ".ec2.internal"))
	out.Output, out.Timestamp = awssdk.String(base64.StdEncoding.EncodeToString([]byte(text.String()))), one.LaunchTime
	return out, nil
}

// createImage copies what there is of the instance's image under a new name; it is available after Settle.
func createImage(r *region, in *ec2.CreateImageInput) (*ec2.CreateImageOutput, error) {
	list, err := r.named([]string{*in.InstanceId})
	if err != nil {
		return nil, err
	}
	one := list[0]
	switch {
	case one.is(pending, shuttingDown, terminated):
		return nil, wrongState(one, "imaged")
	case len(*in.Name) < 3 || len(*in.Name) > 128:
		return nil, refuse("InvalidAMIName.Malformed", "AMI names must be between 3 and 128 characters long.")
	case slices.ContainsFunc(r.images, func(x ec2types.Image) bool { return *x.OwnerId == r.account && *x.Name == *in.Name }):
		return nil, refuse("InvalidAMIName.Duplicate", "AMI name "+*in.Name+" is already in use by this account.")
	}
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	made := r.now()
	image := ec2types.Image{
		ImageId: awssdk.String(r.world.id("ami")), Name: in.Name, Description: in.Description, Architecture: one.Architecture,
		CreationDate: awssdk.String(made.UTC().Format("2006-01-02T15:04:05.000Z")), OwnerId: &r.account, Public: awssdk.Bool(false),
		PlatformDetails: one.PlatformDetails, RootDeviceName: one.RootDeviceName, RootDeviceType: one.RootDeviceType,
		SourceInstanceId: in.InstanceId, State: ec2types.ImageStatePending, Tags: tagsFor(in.TagSpecifications, ec2types.ResourceTypeImage),
		BlockDeviceMappings: []ec2types.BlockDeviceMapping{{
			DeviceName: one.RootDeviceName,
			Ebs:        &ec2types.EbsBlockDevice{VolumeSize: awssdk.Int32(8), VolumeType: ec2types.VolumeTypeGp3, DeleteOnTermination: awssdk.Bool(true)},
		}},
	}
	r.images = append(slices.Clone(r.images), image)
	return &ec2.CreateImageOutput{ImageId: image.ImageId}, nil
}

// settledImages answers the images as they stand now: one that was made becomes available after Settle.
func (r *region) settledImages() []ec2types.Image {
	images := slices.Clone(r.images)
	for n, x := range images {
		made, err := time.Parse("2006-01-02T15:04:05.000Z", *x.CreationDate)
		if x.State == ec2types.ImageStatePending && err == nil && r.now().Sub(made) >= r.world.options.Settle {
			images[n].State = ec2types.ImageStateAvailable
		}
	}
	r.images = images
	return images
}
