package sdk

import (
	"slices"
	"strings"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// matches tells whether an instance passes filters that AWS should have applied already. An AWS-compatible
// endpoint may ignore a filter, and a change must never reach an instance nobody named. A filter that this
// function does not know is left to AWS.
func matches(in types.Instance, r types.Reservation, filters []types.Filter) bool {
	for _, f := range filters {
		have, known := valuesOf(in, r, awssdk.ToString(f.Name))
		if !known {
			continue
		}
		if !slices.ContainsFunc(have, func(value string) bool {
			return slices.ContainsFunc(f.Values, func(pattern string) bool { return aws.Wildcard(pattern, value) })
		}) {
			return false
		}
	}
	return true
}

// valuesOf answers what an instance has under a filter's name.
func valuesOf(in types.Instance, r types.Reservation, name string) (values []string, known bool) {
	if key, ok := strings.CutPrefix(name, "tag:"); ok {
		for _, t := range in.Tags {
			if awssdk.ToString(t.Key) == key {
				values = append(values, awssdk.ToString(t.Value))
			}
		}
		return values, true
	}
	var one *string
	switch name {
	case "instance-id":
		one = in.InstanceId
	case "private-ip-address":
		one = in.PrivateIpAddress
	case "ip-address":
		one = in.PublicIpAddress
	case "client-token":
		one = in.ClientToken
	case "image-id":
		one = in.ImageId
	case "vpc-id":
		one = in.VpcId
	case "subnet-id":
		one = in.SubnetId
	case "key-name":
		one = in.KeyName
	case "instance-type":
		one = (*string)(&in.InstanceType)
	case "reservation-id":
		one = r.ReservationId
	case "instance-state-name":
		if in.State != nil {
			one = (*string)(&in.State.Name)
		}
	case "availability-zone":
		if in.Placement != nil {
			one = in.Placement.AvailabilityZone
		}
	case "tag-key":
		for _, t := range in.Tags {
			values = append(values, awssdk.ToString(t.Key))
		}
		return values, true
	default:
		return nil, false
	}
	if one == nil {
		return nil, true
	}
	return []string{*one}, true
}
