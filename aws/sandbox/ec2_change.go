package sandbox

import (
	"slices"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

const (
	pending      = types.InstanceStateNamePending
	running      = types.InstanceStateNameRunning
	stopping     = types.InstanceStateNameStopping
	stopped      = types.InstanceStateNameStopped
	shuttingDown = types.InstanceStateNameShuttingDown
	terminated   = types.InstanceStateNameTerminated
)

// move changes the state of instances, all or none. may says why one must not move; do moves it.
func (r *region) move(ids []string, dry *bool, may func(*instance) error, do func(*instance, time.Time)) ([]types.InstanceStateChange, error) {
	list, err := r.named(ids)
	if err != nil {
		return nil, err
	}
	for _, in := range list {
		if err := may(in); err != nil {
			return nil, err
		}
	}
	if err := dryRun(dry); err != nil {
		return nil, err
	}
	var changes []types.InstanceStateChange
	for _, in := range list {
		before := in.State
		do(in, r.now())
		changes = append(changes, types.InstanceStateChange{InstanceId: in.InstanceId, PreviousState: before, CurrentState: in.State})
	}
	return changes, nil
}

func wrongState(in *instance, verb string) error {
	return refuse("IncorrectInstanceState",
		"The instance '"+*in.InstanceId+"' is not in a state from which it can be "+verb+".")
}

func startInstances(r *region, in *ec2.StartInstancesInput) (*ec2.StartInstancesOutput, error) {
	changes, err := r.move(in.InstanceIds, in.DryRun, func(one *instance) error {
		if one.is(stopping, shuttingDown, terminated) {
			return wrongState(one, "started")
		}
		return nil
	}, func(one *instance, now time.Time) {
		if !one.is(stopped) {
			return
		}
		one.enter(pending, now)
		one.LaunchTime, one.StateReason, one.StateTransitionReason = &now, nil, awssdk.String("")
		if one.autoPublic {
			one.setPublicIP(r.world.publicIP(), r.name)
		}
	})
	return &ec2.StartInstancesOutput{StartingInstances: changes}, err
}

func stopInstances(r *region, in *ec2.StopInstancesInput) (*ec2.StopInstancesOutput, error) {
	changes, err := r.move(in.InstanceIds, in.DryRun, func(one *instance) error {
		switch {
		case one.is(pending, shuttingDown, terminated):
			return wrongState(one, "stopped")
		case one.RootDeviceType == types.DeviceTypeInstanceStore:
			return refuse("UnsupportedOperation", "The instance '"+*one.InstanceId+
				"' does not have an 'ebs' root device type and cannot be stopped.")
		case one.stopGuarded:
			return refuse("OperationNotPermitted", "The instance '"+*one.InstanceId+
				"' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.")
		}
		return nil
	}, func(one *instance, now time.Time) {
		if !one.is(running) {
			return
		}
		one.enter(stopping, now)
		one.setPublicIP("", "")
		one.userInitiated(now)
	})
	return &ec2.StopInstancesOutput{StoppingInstances: changes}, err
}

func rebootInstances(r *region, in *ec2.RebootInstancesInput) (*ec2.RebootInstancesOutput, error) {
	_, err := r.move(in.InstanceIds, in.DryRun, func(one *instance) error {
		if !one.is(running, pending) {
			return wrongState(one, "rebooted")
		}
		return nil
	}, func(*instance, time.Time) {})
	return &ec2.RebootInstancesOutput{}, err
}

// terminateInstances does what AWS does when one of several instances is protected: those in its zone stay, those in
// other zones go, and the call is refused.
func terminateInstances(r *region, in *ec2.TerminateInstancesInput) (*ec2.TerminateInstancesOutput, error) {
	list, err := r.named(in.InstanceIds)
	if err != nil {
		return nil, err
	}
	guarded := map[string]bool{} // zones
	var refusal error
	for _, one := range list {
		if one.protected && !one.is(shuttingDown, terminated) {
			guarded[*one.Placement.AvailabilityZone] = true
			refusal = refuse("OperationNotPermitted", "The instance '"+*one.InstanceId+
				"' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.")
		}
	}
	if awssdk.ToBool(in.DryRun) && refusal != nil {
		return nil, refusal
	}
	free := slices.DeleteFunc(slices.Clone(in.InstanceIds), func(id string) bool {
		one, _ := r.named([]string{id})
		return guarded[*one[0].Placement.AvailabilityZone]
	})
	may := func(*instance) error { return nil }
	changes, err := r.move(free, in.DryRun, may, func(one *instance, now time.Time) {
		if one.is(shuttingDown, terminated) {
			return
		}
		one.enter(shuttingDown, now)
		one.setPublicIP("", "")
		one.userInitiated(now)
	})
	if refusal != nil {
		return nil, refusal
	}
	return &ec2.TerminateInstancesOutput{TerminatingInstances: changes}, err
}

// userInitiated writes down that somebody asked for this.
func (in *instance) userInitiated(now time.Time) {
	in.because("Client.UserInitiatedShutdown", "User initiated shutdown")
	in.StateTransitionReason = awssdk.String("User initiated (" + now.UTC().Format("2006-01-02 15:04:05") + " GMT)")
}
