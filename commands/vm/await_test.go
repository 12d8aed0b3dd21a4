package vm

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
)

// slow is a cloud whose wait gives up on all as soon as one instance cannot get there, the way the real one does;
// the others need one more wait.
type slow struct{ *fakeCloud }

func (s slow) WaitForState(ctx context.Context, t aws.Target, ids []string, want aws.InstanceState, progress func([]aws.Instance)) ([]aws.Instance, error) {
	for n := range s.instances {
		i := &s.instances[n]
		if to, ends := s.arrives[i.ID]; ends && i.State == aws.Pending && slices.Contains(ids, i.ID) {
			i.State = to
			return nil, errors.New("one is lost")
		}
	}
	return s.fakeCloud.WaitForState(ctx, t, ids, want, progress)
}

func TestOneLostInstanceDoesNotEndTheWaitForTheOthers(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	cloud.arrives["i-0e1"], cloud.arrives["i-0e3"] = aws.Terminated, aws.Stopped
	s := request(t, cloud)
	runner, _, err := s.runner(launchLine + " --count 4 --name api")
	if err != nil {
		t.Fatal(err)
	}
	runner.(*Create).cloud = slow{cloud} //nolint:forcetypeassert // a panic is a failure
	report, err := runner.Run(t.Context(), s.given())
	commandstest.Want(t, commandstest.Told(report, err), "[failed] 2 of 4 instances are running, but api (i-0e1) is terminated and api (i-0e3) is stopped.",
		"What is left goes on costing money: api (i-0e2) is running, api (i-0e3) is stopped and api (i-0e4) is running.",
		"vm terminate i-0e2 i-0e3 i-0e4")
}

// stuck is a cloud in which nothing arrives.
type stuck struct{ *fakeCloud }

func (s stuck) WaitForState(ctx context.Context, _ aws.Target, _ []string, _ aws.InstanceState, _ func([]aws.Instance)) ([]aws.Instance, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (s stuck) WaitForStatusOK(ctx context.Context, _ aws.Target, _ []string, _ func([]aws.InstanceStatus)) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestPatienceEndsAndTheReportSaysHowThingsStand(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		s := request(t, newFake())
		runner, _, err := s.runner("vm stop web-1 db")
		if err != nil {
			t.Fatal(err)
		}
		runner.(*Stop).cloud = stuck{s.cloud} //nolint:forcetypeassert // a panic is a failure
		report, err := runner.Run(t.Context(), s.given())
		if commands.Words(err).Kind != commands.Failed || time.Since(begun) != patience {
			t.Errorf("after %s: %v", time.Since(begun), err)
		}
		commandstest.Want(t, commandstest.Told(report, err), "Not stopped: 2 instances", "AWS took the stop, but web-1 (i-0a1) is stopping and db (i-0b1) is stopping.", "vm list i-0a1 i-0b1")
	})
}

func TestStatusChecksAreWaitedForNoLongerThanPatience(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := request(t, newFake())
		s.cloud.statuses["i-0b1"] = aws.InstanceStatus{ID: "i-0b1", System: "ok", Instance: "initializing"}
		c := &Reboot{cloud: stuck{s.cloud}}
		p := picked{Instances: []aws.Instance{{ID: "i-0b1", Name: "db"}}}
		if _, _, err := c.statusChecks(t.Context(), s.given(), p); err == nil || commands.Words(err).Kind != commands.Failed {
			t.Error(err)
		}
		s.cloud.statuses["i-0b1"] = aws.InstanceStatus{ID: "i-0b1", System: "ok", Instance: "ok"}
		if note, tone, err := c.statusChecks(t.Context(), s.given(), p); err != nil || tone != commands.Good || note == "" {
			t.Error(note, tone, err)
		}
	})
}

func TestWhoCanStillArrive(t *testing.T) {
	t.Parallel()
	for want, hopeful := range map[aws.InstanceState][]aws.InstanceState{
		aws.Running:    {aws.Pending, "not visible"},
		aws.Stopped:    {aws.Pending, aws.Running, aws.Stopping, "not visible"},
		aws.Terminated: {aws.Pending, aws.Running, aws.Stopping, aws.Stopped, aws.ShuttingDown, "not visible"},
	} {
		for _, state := range append(states(), "not visible") {
			if got := (wait{want: want}).hopeful(state); got != slices.Contains(hopeful, state) {
				t.Errorf("%s on the way to %s: %v", state, want, got)
			}
		}
	}
}
