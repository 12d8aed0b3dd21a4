package sandbox

import (
	"strings"
	"time"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// instance is an EC2 instance and what AWS does not show of it.
type instance struct {
	types.Instance
	serial      int
	reservation string
	owner       string
	since       time.Time // when it entered its state
	autoPublic  bool      // has a public address of its own while it runs
	protected   bool      // against termination
	stopGuarded bool      // against stopping
	userData    string    // base64
	doom        *doom     // what ends it instead of running
	trail       []moment  // states entered that no event has told yet
}

// How long a terminated instance is still shown, and how long checks run after a start.
const (
	lingers      = time.Hour
	initializing = 3 // times Settle
)

// Codes of the states.
// Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceState.html
func stateOf(name types.InstanceStateName) *types.InstanceState {
	code := map[types.InstanceStateName]int32{
		pending: 0, running: 16, shuttingDown: 32,
		terminated: 48, stopping: 64, stopped: 80,
	}[name]
	return &types.InstanceState{Name: name, Code: &code}
}

func (in *instance) is(states ...types.InstanceStateName) bool {
	for _, s := range states {
		if in.State.Name == s {
			return true
		}
	}
	return false
}

func (in *instance) enter(state types.InstanceStateName, at time.Time) {
	in.State, in.since = stateOf(state), at
	in.trail = append(in.trail, moment{state, at})
}

// settle lets the time pass that has passed.
func (in *instance) settle(now time.Time, takes time.Duration) {
	done := in.since.Add(takes)
	if now.Before(done) {
		return
	}
	switch {
	case in.is(pending):
		if in.doom != nil {
			in.because(in.doom.code, in.doom.message)
			in.enter(terminated, done)
			in.forgetNetwork()
			return
		}
		in.enter(running, done)
		in.StateReason = nil
	case in.is(stopping):
		in.enter(stopped, done)
	case in.is(shuttingDown):
		in.enter(terminated, done)
		in.forgetNetwork()
	}
}

// because writes down why an instance leaves its state.
func (in *instance) because(code, message string) {
	in.StateReason = &types.StateReason{Code: &code, Message: awssdk.String(code + ": " + message)}
}

// forgetNetwork removes what AWS no longer shows of a terminated instance: its network and its volumes.
func (in *instance) forgetNetwork() {
	in.PrivateIpAddress, in.PrivateDnsName = nil, nil
	in.setPublicIP("", "")
	in.VpcId, in.SubnetId, in.SecurityGroups = nil, nil, nil
	in.BlockDeviceMappings = nil
}

func (in *instance) setPublicIP(ip, region string) {
	if ip == "" {
		in.PublicIpAddress, in.PublicDnsName = nil, awssdk.String("")
		return
	}
	domain := region + ".compute.amazonaws.com"
	if region == "us-east-1" {
		domain = "compute-1.amazonaws.com"
	}
	in.PublicIpAddress = &ip
	in.PublicDnsName = awssdk.String("ec2-" + strings.ReplaceAll(ip, ".", "-") + "." + domain)
}

func (in *instance) facts() aws.Instance {
	i := in.Instance
	f := aws.Instance{
		ID: *i.InstanceId, State: aws.InstanceState(i.State.Name), Type: string(i.InstanceType),
		Zone: *i.Placement.AvailabilityZone, ImageID: awssdk.ToString(i.ImageId), KeyName: awssdk.ToString(i.KeyName),
		PrivateIP: awssdk.ToString(i.PrivateIpAddress), PublicIP: awssdk.ToString(i.PublicIpAddress),
		PublicDNS: awssdk.ToString(i.PublicDnsName), VPCID: awssdk.ToString(i.VpcId), SubnetID: awssdk.ToString(i.SubnetId),
		RootDeviceType: string(i.RootDeviceType), LaunchedAt: *i.LaunchTime, Tags: map[string]string{},
	}
	if i.StateReason != nil {
		f.StateReason = awssdk.ToString(i.StateReason.Message)
	}
	for _, t := range i.Tags {
		f.Tags[*t.Key] = *t.Value
	}
	f.Name = f.Tags["Name"]
	for _, g := range i.SecurityGroups {
		f.SecurityGroups = append(f.SecurityGroups, aws.NamedID{ID: *g.GroupId, Name: *g.GroupName})
	}
	return f
}

// present answers the instances that AWS still shows, settled.
func (r *region) present() []*instance {
	now := r.now()
	kept := r.instances[:0:0]
	for _, in := range r.instances {
		in.settle(now, r.world.options.Settle)
		if in.is(terminated) && now.Sub(in.since) > lingers {
			continue
		}
		kept = append(kept, in)
	}
	r.instances = kept
	return kept
}

// named answers the instances with these ids, or AWS's error when one is not there.
func (r *region) named(ids []string) ([]*instance, error) {
	for _, id := range ids {
		if !wellFormed("i", id) {
			return nil, refuse("InvalidInstanceID.Malformed", `Invalid id: "`+id+`"`)
		}
	}
	byID := map[string]*instance{}
	for _, in := range r.present() {
		byID[*in.InstanceId] = in
	}
	var found []*instance
	var missing []string
	for _, id := range ids {
		if in := byID[id]; in != nil {
			found = append(found, in)
		} else {
			missing = append(missing, id)
		}
	}
	switch len(missing) {
	case 0:
		return found, nil
	case 1:
		return nil, refuse("InvalidInstanceID.NotFound", "The instance ID '"+missing[0]+"' does not exist")
	default:
		return nil, refuse("InvalidInstanceID.NotFound", "The instance IDs '"+strings.Join(missing, ", ")+"' do not exist")
	}
}

// wellFormed tells whether an id is the prefix, a dash and 8 or 17 hexadecimal digits.
func wellFormed(prefix, id string) bool {
	digits, ok := strings.CutPrefix(id, prefix+"-")
	return ok && (len(digits) == 8 || len(digits) == 17) && strings.Trim(digits, "0123456789abcdef") == ""
}

func describeInstances(r *region, in *ec2.DescribeInstancesInput) (*ec2.DescribeInstancesOutput, error) {
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	if len(in.InstanceIds) > 0 && in.MaxResults != nil {
		return nil, refuse("InvalidParameterCombination", "The parameter instancesSet cannot be used with the parameter maxResults")
	}
	if in.MaxResults != nil && (*in.MaxResults < 5 || *in.MaxResults > 1000) {
		return nil, refuse("InvalidParameterValue", "Value for parameter maxResults is invalid. Expecting a value between 5 and 1000.")
	}
	if _, err := r.named(in.InstanceIds); err != nil {
		return nil, err
	}
	kept, err := pick(r.present(), in.InstanceIds, in.Filters, instanceFinder())
	if err != nil {
		return nil, err
	}
	part, next, err := page(kept, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	return &ec2.DescribeInstancesOutput{Reservations: reservations(part), NextToken: next}, nil
}

// reservations groups neighbours that were launched together.
func reservations(list []*instance) []types.Reservation {
	out := []types.Reservation{} // an empty list is said
	for _, in := range list {
		if n := len(out); n == 0 || *out[n-1].ReservationId != in.reservation {
			out = append(out, types.Reservation{ReservationId: awssdk.String(in.reservation), OwnerId: awssdk.String(in.owner)})
		}
		last := &out[len(out)-1]
		last.Instances = append(last.Instances, in.Instance)
	}
	return out
}

func instanceFinder() finder[*instance] {
	return finder[*instance]{
		id:      func(in *instance) string { return *in.InstanceId },
		missing: noSuch("InvalidInstanceID.NotFound", "instance ID"),
		tags:    func(in *instance) []types.Tag { return in.Tags },
		field:   instanceField,
	}
}

func instanceField(in *instance, name string) ([]string, bool) {
	simple := map[string]*string{
		"instance-id": in.InstanceId, "private-ip-address": in.PrivateIpAddress, "ip-address": in.PublicIpAddress,
		"image-id": in.ImageId, "vpc-id": in.VpcId, "subnet-id": in.SubnetId, "client-token": in.ClientToken,
		"key-name": in.KeyName, "availability-zone": in.Placement.AvailabilityZone, "dns-name": in.PublicDnsName,
		"private-dns-name": in.PrivateDnsName, "reservation-id": &in.reservation, "owner-id": &in.owner,
		"instance-state-name": (*string)(&in.State.Name), "instance-type": (*string)(&in.InstanceType),
		"root-device-type": (*string)(&in.RootDeviceType), "architecture": (*string)(&in.Architecture),
		"network-interface.addresses.private-ip-address": in.PrivateIpAddress,
	}
	if value, ok := simple[name]; ok {
		return one(value), true
	}
	var values []string
	for _, g := range in.SecurityGroups {
		switch name {
		case "instance.group-id", "group-id":
			values = append(values, *g.GroupId)
		case "instance.group-name", "group-name":
			values = append(values, *g.GroupName)
		}
	}
	switch name {
	case "instance.group-id", "group-id", "instance.group-name", "group-name":
		return values, true
	}
	return nil, false
}
