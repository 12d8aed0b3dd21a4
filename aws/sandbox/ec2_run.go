package sandbox

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// placement is where and how a launch joins the network, whichever form it was asked in.
type placement struct {
	subnet    types.Subnet
	groups    []types.GroupIdentifier
	privateIP string
	public    bool
}

func runInstances(r *region, in *ec2.RunInstancesInput) (*ec2.RunInstancesOutput, error) {
	asked, token := parameters(in), awssdk.ToString(in.ClientToken)
	if before, ok := r.launches[token]; ok && token != "" {
		if before.asked != asked {
			return nil, refuse("IdempotentParameterMismatch",
				"Arguments on this idempotent request are inconsistent with arguments used in previous request(s).")
		}
		if again := r.reserved(before.reservation); len(again) > 0 {
			return launchOutput(again), nil
		}
	}
	image, err := r.checkLaunch(in)
	if err != nil {
		return nil, err
	}
	where, err := r.placementOf(in)
	if err != nil {
		return nil, err
	}
	if err := r.checkRoom(cmp.Or(in.InstanceType, types.InstanceTypeM1Small), *where.subnet.AvailabilityZone, int(*in.MinCount)); err != nil {
		return nil, err
	}
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	reservation := r.world.id("r")
	var list []*instance
	for range *in.MaxCount {
		one, err := r.newInstance(in, image, where)
		if err != nil {
			return nil, err
		}
		one.reservation, one.AmiLaunchIndex = reservation, awssdk.Int32(int32(len(list)))
		list = append(list, one)
		r.instances = append(r.instances, one)
	}
	if token != "" {
		r.launches[token] = launched{asked: asked, reservation: reservation}
	}
	return launchOutput(list), nil
}

func launchOutput(list []*instance) *ec2.RunInstancesOutput {
	together := reservations(list)[0]
	return &ec2.RunInstancesOutput{
		ReservationId: together.ReservationId, OwnerId: together.OwnerId, Instances: together.Instances,
	}
}

// parameters is a launch as one string, the dry run left out, to tell whether two are the same.
func parameters(in *ec2.RunInstancesInput) string {
	plain := *in
	plain.DryRun = nil
	raw, err := json.Marshal(plain)
	if err != nil {
		panic(err) // an input is made of strings, numbers and lists of them
	}
	return string(raw)
}

func (r *region) reserved(reservation string) []*instance {
	return slices.DeleteFunc(slices.Clone(r.present()), func(in *instance) bool { return in.reservation != reservation })
}

// checkLaunch refuses what does not exist, and answers the image.
func (r *region) checkLaunch(in *ec2.RunInstancesInput) (types.Image, error) {
	var none types.Image
	if *in.MinCount < 1 || *in.MaxCount < *in.MinCount {
		return none, refuse("InvalidParameterValue", "Value for parameter minCount or maxCount is invalid.")
	}
	if in.ImageId == nil {
		return none, refuse("MissingParameter", "The request must contain the parameter ImageId")
	}
	at := slices.IndexFunc(r.images, func(x types.Image) bool { return *x.ImageId == *in.ImageId })
	if at < 0 {
		return none, noSuchImage(*in.ImageId)
	}
	image := r.images[at]
	architecture, known := architectureOf(string(in.InstanceType))
	if in.InstanceType == "" {
		architecture, known = types.ArchitectureValuesX8664, true
	}
	if !known {
		return none, refuse("InvalidParameterValue", "Invalid value '"+string(in.InstanceType)+"' for InstanceType.")
	}
	if architecture != image.Architecture {
		return none, refuse("InvalidParameterValue", "The architecture '"+string(architecture)+
			"' of the specified instance type does not match the architecture '"+string(image.Architecture)+"' of the specified AMI.")
	}
	if key := awssdk.ToString(in.KeyName); key != "" &&
		!slices.ContainsFunc(r.keys, func(x types.KeyPairInfo) bool { return *x.KeyName == key }) {
		return none, refuse("InvalidKeyPair.NotFound", "The key pair '"+key+"' does not exist")
	}
	if in.UserData != nil {
		if _, err := base64.StdEncoding.DecodeString(*in.UserData); err != nil {
			return none, refuse("InvalidParameterValue", "Invalid BASE64 encoding of user data.")
		}
	}
	return image, nil
}

// architectureOf answers what an instance type runs on; known is false for a type that does not exist.
func architectureOf(name string) (types.ArchitectureValues, bool) {
	family, size, _ := strings.Cut(name, ".")
	if !slices.Contains(sizesOf(family), size) {
		return "", false
	}
	if slices.Contains([]string{"t4g", "m6g", "m7g", "m8g", "c6g", "c7g", "c8g", "r6g", "r7g", "r8g"}, family) {
		return types.ArchitectureValuesArm64, true
	}
	return types.ArchitectureValuesX8664, true
}

// placementOf reads either form of a launch: the network interface's, or the one at the top level.
func (r *region) placementOf(in *ec2.RunInstancesInput) (placement, error) {
	subnetID, groupIDs, private, public := in.SubnetId, in.SecurityGroupIds, in.PrivateIpAddress, (*bool)(nil)
	if len(in.NetworkInterfaces) > 0 {
		if in.SubnetId != nil || len(in.SecurityGroupIds) > 0 || in.PrivateIpAddress != nil {
			return placement{}, refuse("InvalidParameterCombination",
				"Network interfaces and an instance-level subnet ID, security groups or private IP address may not be specified on the same request")
		}
		card := in.NetworkInterfaces[0]
		subnetID, groupIDs, private, public = card.SubnetId, card.Groups, card.PrivateIpAddress, card.AssociatePublicIpAddress
	}
	subnet, err := r.subnetFor(subnetID)
	if err != nil {
		return placement{}, err
	}
	where := placement{subnet: subnet, privateIP: awssdk.ToString(private), public: awssdk.ToBool(subnet.MapPublicIpOnLaunch)}
	if public != nil {
		where.public = *public
	}
	if where.privateIP != "" && *in.MaxCount > 1 {
		return where, refuse("InvalidParameterCombination", "A private IP address cannot be given to more than one instance")
	}
	where.groups, err = r.groupsFor(groupIDs, *subnet.VpcId)
	return where, err
}

func (r *region) subnetFor(id *string) (types.Subnet, error) {
	for _, s := range r.subnets {
		if id != nil && *s.SubnetId == *id || id == nil && awssdk.ToBool(s.DefaultForAz) {
			return s, nil
		}
	}
	if id == nil {
		return types.Subnet{}, refuse("MissingInput", "No subnets found for the default VPC. Please specify a subnet.")
	}
	return types.Subnet{}, noSuch("InvalidSubnetID.NotFound", "subnet ID")(*id)
}

// groupsFor answers the groups with these ids in a VPC, and the VPC's default group for none.
func (r *region) groupsFor(ids []string, vpc string) ([]types.GroupIdentifier, error) {
	var groups []types.GroupIdentifier
	for _, g := range r.groups {
		if slices.Contains(ids, *g.GroupId) || len(ids) == 0 && *g.GroupName == "default" && *g.VpcId == vpc {
			if *g.VpcId != vpc {
				return nil, refuse("InvalidParameter", "Security group "+*g.GroupId+" and the subnet belong to different networks.")
			}
			groups = append(groups, types.GroupIdentifier{GroupId: g.GroupId, GroupName: g.GroupName})
		}
	}
	for _, id := range ids {
		if !slices.ContainsFunc(groups, func(g types.GroupIdentifier) bool { return *g.GroupId == id }) {
			return nil, noSuch("InvalidGroup.NotFound", "security group")(id)
		}
	}
	return groups, nil
}

func (r *region) newInstance(in *ec2.RunInstancesInput, image types.Image, where placement) (*instance, error) {
	ip, err := r.freeIP(where.subnet, where.privateIP)
	if err != nil {
		return nil, err
	}
	now := r.now()
	out := &instance{
		owner: r.account, autoPublic: where.public, userData: awssdk.ToString(in.UserData),
		protected: awssdk.ToBool(in.DisableApiTermination), stopGuarded: awssdk.ToBool(in.DisableApiStop),
	}
	out.Instance = types.Instance{
		InstanceId: awssdk.String(r.world.id("i")), ImageId: in.ImageId, InstanceType: in.InstanceType, KeyName: in.KeyName,
		ClientToken: in.ClientToken, LaunchTime: &now, Architecture: image.Architecture, SecurityGroups: where.groups,
		Placement:        &types.Placement{AvailabilityZone: where.subnet.AvailabilityZone, Tenancy: types.TenancyDefault},
		PrivateIpAddress: &ip, SubnetId: where.subnet.SubnetId, VpcId: where.subnet.VpcId,
		PrivateDnsName: awssdk.String("ip-" + strings.ReplaceAll(ip, ".", "-") + ".ec2.internal"),
		RootDeviceName: image.RootDeviceName, RootDeviceType: image.RootDeviceType, PlatformDetails: image.PlatformDetails,
		StateReason: &types.StateReason{Code: awssdk.String("pending"), Message: awssdk.String("pending")},
		Tags:        tagsFor(in.TagSpecifications, types.ResourceTypeInstance),
	}
	if in.InstanceType == "" {
		out.InstanceType = types.InstanceTypeM1Small
	}
	if meta := in.MetadataOptions; meta != nil {
		out.MetadataOptions = &types.InstanceMetadataOptionsResponse{
			HttpTokens: meta.HttpTokens, HttpEndpoint: meta.HttpEndpoint,
		}
	}
	out.serial = r.world.issued
	r.attachRoot(out, in, image)
	out.enter(types.InstanceStateNamePending, now)
	out.setPublicIP("", "")
	if where.public {
		out.setPublicIP(r.world.publicIP(), r.name)
	}
	if len(r.world.doomed) > 0 {
		out.doom, r.world.doomed = &r.world.doomed[0], r.world.doomed[1:]
	}
	return out, nil
}

func tagsFor(specs []types.TagSpecification, kind types.ResourceType) []types.Tag {
	var tags []types.Tag
	for _, s := range specs {
		if s.ResourceType == kind {
			tags = append(tags, s.Tags...)
		}
	}
	return tags
}
