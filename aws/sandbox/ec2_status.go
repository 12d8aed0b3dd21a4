package sandbox

import (
	"slices"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func describeInstanceStatus(r *region, in *ec2.DescribeInstanceStatusInput) (*ec2.DescribeInstanceStatusOutput, error) {
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	if len(in.InstanceIds) > 0 && in.MaxResults != nil {
		return nil, refuse("InvalidParameterCombination", "The parameter instancesSet cannot be used with the parameter maxResults")
	}
	if _, err := r.named(in.InstanceIds); err != nil {
		return nil, err
	}
	shown := slices.DeleteFunc(slices.Clone(r.present()), func(one *instance) bool {
		return !awssdk.ToBool(in.IncludeAllInstances) && !one.is(running)
	})
	wanted := slices.DeleteFunc(slices.Clone(in.InstanceIds), func(id string) bool {
		return !slices.ContainsFunc(shown, func(one *instance) bool { return *one.InstanceId == id })
	})
	if len(in.InstanceIds) > 0 && len(wanted) == 0 {
		return &ec2.DescribeInstanceStatusOutput{}, nil
	}
	kept, err := pick(shown, wanted, in.Filters, instanceFinder())
	if err != nil {
		return nil, err
	}
	part, next, err := page(kept, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	out := &ec2.DescribeInstanceStatusOutput{NextToken: next}
	for _, one := range part {
		summary := &types.InstanceStatusSummary{Status: one.checks(r.now(), r.world.options.Settle)}
		out.InstanceStatuses = append(out.InstanceStatuses, types.InstanceStatus{
			InstanceId: one.InstanceId, AvailabilityZone: one.Placement.AvailabilityZone, InstanceState: one.State,
			InstanceStatus: summary, SystemStatus: summary,
		})
	}
	return out, nil
}

// checks answers what both status checks say.
func (in *instance) checks(now time.Time, settle time.Duration) types.SummaryStatus {
	switch {
	case in.is(pending), in.is(running) && now.Sub(in.since) < initializing*settle:
		return types.SummaryStatusInitializing
	case in.is(running):
		return types.SummaryStatusOk
	default:
		return types.SummaryStatusNotApplicable
	}
}

func describeInstanceAttribute(r *region, in *ec2.DescribeInstanceAttributeInput) (*ec2.DescribeInstanceAttributeOutput, error) {
	list, err := r.named([]string{*in.InstanceId})
	if err != nil {
		return nil, err
	}
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	one, out := list[0], &ec2.DescribeInstanceAttributeOutput{InstanceId: in.InstanceId}
	switch in.Attribute {
	case types.InstanceAttributeNameDisableApiTermination:
		out.DisableApiTermination = &types.AttributeBooleanValue{Value: &one.protected}
	case types.InstanceAttributeNameDisableApiStop:
		out.DisableApiStop = &types.AttributeBooleanValue{Value: &one.stopGuarded}
	case types.InstanceAttributeNameInstanceType:
		out.InstanceType = &types.AttributeValue{Value: awssdk.String(string(one.InstanceType))}
	case types.InstanceAttributeNameUserData:
		out.UserData = &types.AttributeValue{Value: awssdk.String(one.userData)}
	default:
		return nil, refuse("InvalidParameterValue", "The sandbox does not keep the attribute "+string(in.Attribute)+".")
	}
	return out, nil
}

func modifyInstanceAttribute(r *region, in *ec2.ModifyInstanceAttributeInput) (*ec2.ModifyInstanceAttributeOutput, error) {
	list, err := r.named([]string{*in.InstanceId})
	if err != nil {
		return nil, err
	}
	one := list[0]
	if in.InstanceType != nil {
		if !one.is(stopped) {
			return nil, refuse("IncorrectInstanceState", "The instance '"+*one.InstanceId+"' is not in the 'stopped' state.")
		}
		if architecture, known := architectureOf(awssdk.ToString(in.InstanceType.Value)); !known || architecture != one.Architecture {
			return nil, refuse("InvalidParameterValue", "Invalid value '"+awssdk.ToString(in.InstanceType.Value)+"' for InstanceType.")
		}
	}
	if in.DisableApiTermination == nil && in.DisableApiStop == nil && in.InstanceType == nil {
		return nil, refuse("InvalidParameterCombination", "The sandbox changes disableApiTermination, disableApiStop and instanceType alone.")
	}
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	if in.DisableApiTermination != nil {
		one.protected = awssdk.ToBool(in.DisableApiTermination.Value)
	}
	if in.DisableApiStop != nil {
		one.stopGuarded = awssdk.ToBool(in.DisableApiStop.Value)
	}
	if in.InstanceType != nil {
		one.InstanceType = types.InstanceType(*in.InstanceType.Value)
	}
	return &ec2.ModifyInstanceAttributeOutput{}, nil
}
