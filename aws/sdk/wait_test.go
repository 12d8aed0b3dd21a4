package sdk_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"deckhand/aws"
	"deckhand/aws/sandbox"
	"deckhand/aws/sdk"
)

func TestALaunchThatEndsIsNamedWithItsReason(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		w.EndLaunch("Client.VolumeLimitExceeded", "Volume limit exceeded")
		two := small("r-1")
		two.MinCount, two.MaxCount = 2, 2
		list, err := c.LaunchInstances(t.Context(), here, two)
		must(t, err)
		list, err = c.WaitForState(t.Context(), here, idsOf(list), aws.Running, nil)
		wantError(t, err, "failed", "web-1 ("+list[0].ID+") is terminated instead of running: Client.VolumeLimitExceeded: Volume limit exceeded", "vm show")
		if len(list) != 2 || list[1].State != aws.Running {
			t.Errorf("the other one: %+v", list)
		}
	})
}

func TestAWaitEndsWithItsTime(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		ids := launch(t, c, small("r-1"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		begun := time.Now()
		seen, err := c.WaitForState(ctx, here, ids, aws.Stopped, nil)
		wantError(t, err, "failed", "is still running after 1m0s", "vm show")
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) != time.Minute || len(seen) != 1 {
			t.Errorf("after %s: %v, %v", time.Since(begun), err, seen)
		}
	})
}

func TestAWaitLooksAtOnceAndThenLessOften(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		ids := launch(t, c, small("r-1"))
		begun, before := time.Now(), count(w, "DescribeInstances")
		_, err := c.WaitForState(t.Context(), here, ids, aws.Running, nil)
		must(t, err)
		if time.Since(begun) != 0 {
			t.Errorf("the first look came after %s", time.Since(begun))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err = c.WaitForState(ctx, here, ids, aws.Stopped, nil)
		wantError(t, err, "failed")
		if n := count(w, "DescribeInstances") - before; n < 6 || n > 14 {
			t.Errorf("%d looks in a minute", n)
		}
	})
}

func TestAWaitBearsWhatPasses(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		list, err := c.LaunchInstances(t.Context(), here, small("r-1"))
		must(t, err)
		w.Fail("DescribeInstances", "RequestLimitExceeded", 9)
		_, err = c.WaitForState(t.Context(), here, idsOf(list), aws.Running, nil)
		must(t, err)
		w.Fail("DescribeInstanceStatus", "InvalidInstanceID.NotFound", 1)
		must(t, c.WaitForStatusOK(t.Context(), here, idsOf(list), nil))
		w.Fail("DescribeInstances", "UnauthorizedOperation", 1)
		_, err = c.WaitForState(t.Context(), here, idsOf(list), aws.Stopped, nil)
		wantError(t, err, "denied", "ec2:DescribeInstances")
	})
}

func TestWaitingForWhatIsNotThere(t *testing.T) {
	play(t, func(t *testing.T, _ *sandbox.World, c *sdk.Cloud) {
		gone, begun := []string{"i-0ffffffffffffffff"}, time.Now()
		_, err := c.WaitForState(t.Context(), here, gone, aws.Running, nil)
		wantError(t, err, "not_found", "i-0ffffffffffffffff")
		if took := time.Since(begun); took < 10*time.Second || took > 30*time.Second {
			t.Errorf("it took %s", took)
		}
		_, err = c.WaitForState(t.Context(), here, gone, aws.Terminated, nil)
		must(t, err)
		if seen, err := c.WaitForState(t.Context(), here, nil, aws.Terminated, nil); err != nil || seen != nil {
			t.Errorf("nothing to wait for: %v, %v", seen, err)
		}
	})
}

func TestStoppedMeanwhile(t *testing.T) {
	play(t, func(t *testing.T, _ *sandbox.World, c *sdk.Cloud) {
		ids := launch(t, c, small("r-1"))
		_, err := c.StopInstances(t.Context(), here, ids, false, false)
		must(t, err)
		_, err = c.WaitForState(t.Context(), here, ids, aws.Running, nil)
		wantError(t, err, "failed", "is stopped instead of running", "User initiated")
	})
}

func TestStatusChecksWhoseTimeIsUp(t *testing.T) {
	play(t, func(t *testing.T, _ *sandbox.World, c *sdk.Cloud) {
		ids := launch(t, c, small("r-1"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		looks := 0
		err := c.WaitForStatusOK(ctx, here, ids, func([]aws.InstanceStatus) { looks++ })
		wantError(t, err, "failed", "initializing", ids[0])
		if looks == 0 {
			t.Error("no progress was told")
		}
	})
}
