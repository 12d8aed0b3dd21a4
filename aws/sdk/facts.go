package sdk

import (
	"strings"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func instanceOf(in types.Instance) aws.Instance {
	out := aws.Instance{
		ID: awssdk.ToString(in.InstanceId), Type: string(in.InstanceType), ImageID: awssdk.ToString(in.ImageId),
		KeyName: awssdk.ToString(in.KeyName), PrivateIP: awssdk.ToString(in.PrivateIpAddress),
		PublicIP: awssdk.ToString(in.PublicIpAddress), PublicDNS: awssdk.ToString(in.PublicDnsName),
		VPCID: awssdk.ToString(in.VpcId), SubnetID: awssdk.ToString(in.SubnetId), RootDeviceType: string(in.RootDeviceType),
		Platform: awssdk.ToString(in.PlatformDetails), StateChanged: awssdk.ToString(in.StateTransitionReason),
		Lifecycle: string(in.InstanceLifecycle), LaunchedAt: awssdk.ToTime(in.LaunchTime),
		Tags: make(map[string]string, len(in.Tags)),
	}
	if in.IamInstanceProfile != nil {
		arn := awssdk.ToString(in.IamInstanceProfile.Arn)
		out.Profile = arn[strings.LastIndexByte(arn, '/')+1:]
	}
	if in.State != nil {
		out.State = aws.InstanceState(in.State.Name)
	}
	// AWS gives a launch that goes well the reason "pending", which says nothing.
	if in.StateReason != nil && awssdk.ToString(in.StateReason.Code) != "pending" {
		out.StateReason = awssdk.ToString(in.StateReason.Message)
	}
	if in.Placement != nil {
		out.Zone = awssdk.ToString(in.Placement.AvailabilityZone)
		if tenancy := in.Placement.Tenancy; tenancy == types.TenancyDedicated || tenancy == types.TenancyHost {
			out.Platform += ofItsOwn
		}
	}
	for _, t := range in.Tags {
		out.Tags[awssdk.ToString(t.Key)] = awssdk.ToString(t.Value)
	}
	out.Name = out.Tags["Name"]
	groups := in.SecurityGroups
	for _, card := range in.NetworkInterfaces {
		if len(groups) == 0 && card.Attachment != nil && awssdk.ToInt32(card.Attachment.DeviceIndex) == 0 {
			groups = card.Groups
		}
	}
	for _, g := range groups {
		out.SecurityGroups = append(out.SecurityGroups, aws.NamedID{ID: awssdk.ToString(g.GroupId), Name: awssdk.ToString(g.GroupName)})
	}
	return out
}

func changesOf(list []types.InstanceStateChange) []aws.StateChange {
	changes := make([]aws.StateChange, len(list))
	for i, s := range list {
		changes[i] = aws.StateChange{ID: awssdk.ToString(s.InstanceId), Previous: stateOf(s.PreviousState), Current: stateOf(s.CurrentState)}
	}
	return changes
}

func stateOf(s *types.InstanceState) aws.InstanceState {
	if s == nil {
		return ""
	}
	return aws.InstanceState(s.Name)
}

func statusOf(s types.InstanceStatus) aws.InstanceStatus {
	out := aws.InstanceStatus{ID: awssdk.ToString(s.InstanceId)}
	if s.SystemStatus != nil {
		out.System = string(s.SystemStatus.Status)
	}
	if s.InstanceStatus != nil {
		out.Instance = string(s.InstanceStatus.Status)
	}
	return out
}
