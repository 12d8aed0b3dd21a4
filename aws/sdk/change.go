package sdk

import (
	"context"
	"errors"

	"deckhand/aws"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// StartInstances starts stopped instances. It returns when AWS has accepted it; WaitForState waits for the
// outcome. With dryRun nothing changes, and no error means that AWS would do it.
func (c *Cloud) StartInstances(ctx context.Context, t aws.Target, ids []string, dryRun bool) ([]aws.StateChange, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	in := &ec2.StartInstancesInput{InstanceIds: ids, DryRun: &dryRun}
	if dryRun {
		return nil, rehearse(ctx, ready.ec2.StartInstances, in)
	}
	out, err := change(ctx, ready.ec2.StartInstances, in)
	if err != nil {
		return nil, err
	}
	return changesOf(out.StartingInstances), nil
}

// StopInstances stops running instances; force does not wait for their file systems. See StartInstances.
func (c *Cloud) StopInstances(ctx context.Context, t aws.Target, ids []string, force, dryRun bool) ([]aws.StateChange, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	in := &ec2.StopInstancesInput{InstanceIds: ids, Force: &force, DryRun: &dryRun}
	if dryRun {
		return nil, rehearse(ctx, ready.ec2.StopInstances, in)
	}
	out, err := change(ctx, ready.ec2.StopInstances, in)
	if err != nil {
		return nil, err
	}
	return changesOf(out.StoppingInstances), nil
}

// RebootInstances asks for a reboot, of which AWS reports no state. See StartInstances.
func (c *Cloud) RebootInstances(ctx context.Context, t aws.Target, ids []string, dryRun bool) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	in := &ec2.RebootInstancesInput{InstanceIds: ids, DryRun: &dryRun}
	if dryRun {
		return rehearse(ctx, ready.plain.RebootInstances, in)
	}
	_, err = change(ctx, ready.plain.RebootInstances, in)
	return err
}

// TerminateInstances ends instances for good. See StartInstances.
func (c *Cloud) TerminateInstances(ctx context.Context, t aws.Target, ids []string, dryRun bool) ([]aws.StateChange, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	in := &ec2.TerminateInstancesInput{InstanceIds: ids, DryRun: &dryRun}
	if dryRun {
		return nil, rehearse(ctx, ready.ec2.TerminateInstances, in)
	}
	out, err := change(ctx, ready.ec2.TerminateInstances, in)
	if err != nil {
		return nil, partlyTerminated(err, len(ids))
	}
	return changesOf(out.TerminatingInstances), nil
}

// partlyTerminated corrects a refusal that is not the whole truth: when one of several instances is protected,
// AWS refuses the call, and yet terminates those in zones that hold none of the protected ones.
// Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateInstances.html
func partlyTerminated(err error, count int) error {
	var e *Error
	if count > 1 && errors.As(err, &e) && e.Code == "OperationNotPermitted" {
		e.kind = kindFailed
		e.hint = "AWS may have terminated those of the others that are in another availability zone: look at their states first."
	}
	return err
}
