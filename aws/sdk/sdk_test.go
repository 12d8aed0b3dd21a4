package sdk_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"deckhand/aws"
	"deckhand/aws/sandbox"
	"deckhand/aws/sdk"

	"github.com/aws/smithy-go/middleware"
)

var here = aws.Target{} // the default account in the default region

// play runs a test against a sandbox, in time of its own.
func play(t *testing.T, test func(t *testing.T, w *sandbox.World, c *sdk.Cloud)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := sandbox.New(sandbox.Options{})
		test(t, w, cloudOn(t, w, sdk.Settings{}))
	})
}

func cloudOn(t *testing.T, w *sandbox.World, s sdk.Settings) *sdk.Cloud {
	t.Helper()
	if s.Region == "" {
		s.Region = "us-east-1"
	}
	s.Credentials = w.Credentials()
	s.Options = []func(*middleware.Stack) error{w.Option()}
	c, err := sdk.New(t.Context(), s)
	must(t, err)
	return c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// small is a launch that works in a fresh sandbox.
func small(token string) aws.Launch {
	return aws.Launch{
		ImageID: "ami-0123456789abcdef0", InstanceType: "t3.micro", MinCount: 1, MaxCount: 1, KeyName: "mykey",
		Subnet: "subnet-0123456789abcdef0", SecurityGroups: []string{"sg-0123456789abcdef0"},
		Tags: map[string]string{"Name": "web-1", "env": "prod"}, ClientToken: token,
	}
}

// launch makes instances that run.
func launch(t *testing.T, c *sdk.Cloud, l aws.Launch) []string {
	t.Helper()
	list, err := c.LaunchInstances(t.Context(), here, l)
	must(t, err)
	ids := idsOf(list)
	_, err = c.WaitForState(t.Context(), here, ids, aws.Running, nil)
	must(t, err)
	return ids
}

func idsOf(list []aws.Instance) []string {
	var ids []string
	for _, in := range list {
		ids = append(ids, in.ID)
	}
	return ids
}

// wantError checks the kind of an error and words of its message and hint.
func wantError(t *testing.T, err error, kind string, words ...string) *sdk.Error {
	t.Helper()
	var e *sdk.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an error of kind %s", err, kind)
	}
	if e.ErrorKind() != kind {
		t.Errorf("kind %s, want %s: %s", e.ErrorKind(), kind, e.Message())
	}
	for _, w := range words {
		if !strings.Contains(e.Message()+" "+e.Hint(), w) {
			t.Errorf("%q and %q lack %q", e.Message(), e.Hint(), w)
		}
	}
	if !strings.HasSuffix(e.Message(), ".") || e.Hint() != "" && !strings.HasSuffix(e.Hint(), ".") && !strings.HasSuffix(e.Hint(), "?") {
		t.Errorf("not whole sentences: %q, %q", e.Message(), e.Hint())
	}
	return e
}

func count(w *sandbox.World, operation string) int {
	n := 0
	for _, c := range w.Calls() {
		if c.Operation == operation {
			n++
		}
	}
	return n
}

func TestLifeOfAnInstance(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		ctx := t.Context()
		list, err := c.LaunchInstances(ctx, here, small("r-1"))
		must(t, err)
		if len(list) != 1 || list[0].State != aws.Pending || list[0].Name != "web-1" || list[0].StateReason != "" {
			t.Fatalf("launched %+v", list)
		}
		ids := idsOf(list)
		var states []aws.InstanceState
		list, err = c.WaitForState(ctx, here, ids, aws.Running, func(seen []aws.Instance) { states = append(states, seen[0].State) })
		must(t, err)
		if states[0] != aws.Pending || states[len(states)-1] != aws.Running || list[0].State != aws.Running {
			t.Errorf("saw %v, then %s", states, list[0].State)
		}
		if list[0].PrivateIP != "172.31.32.4" || list[0].PublicIP != "" || list[0].Zone != "us-east-1a" {
			t.Errorf("runs as %+v", list[0])
		}
		must(t, c.WaitForStatusOK(ctx, here, ids, nil))

		changes, err := c.StopInstances(ctx, here, ids, false, false)
		must(t, err)
		if want := (aws.StateChange{ID: ids[0], Previous: aws.Running, Current: aws.Stopping}); changes[0] != want {
			t.Errorf("stop answered %+v", changes[0])
		}
		_, err = c.StartInstances(ctx, here, ids, false)
		wantError(t, err, "failed", "AWS refused the start", ids[0], "vm show")
		list, err = c.WaitForState(ctx, here, ids, aws.Stopped, nil)
		must(t, err)
		if !strings.Contains(list[0].StateReason, "User initiated") {
			t.Errorf("state reason %q", list[0].StateReason)
		}
		_, err = c.StartInstances(ctx, here, ids, false)
		must(t, err)
		_, err = c.WaitForState(ctx, here, ids, aws.Running, nil)
		must(t, err)
		must(t, c.RebootInstances(ctx, here, ids, false))
		_, err = c.TerminateInstances(ctx, here, ids, false)
		must(t, err)
		_, err = c.WaitForState(ctx, here, ids, aws.Terminated, nil)
		must(t, err)
		wantError(t, c.RebootInstances(ctx, here, ids, false), "failed", "AWS refused the reboot")

		time.Sleep(2 * time.Hour)
		list, err = c.Instances(ctx, here, aws.InstanceQuery{IDs: ids})
		if err != nil || len(list) != 0 {
			t.Errorf("two hours after its end it is still shown: %v %v", list, err)
		}
		_, err = c.StopInstances(ctx, here, ids, false, false)
		wantError(t, err, "not_found", "does not exist", "vm list")
		_ = w
	})
}

func TestDryRunsChangeNothing(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		ctx := t.Context()
		ids := launch(t, c, small("r-1"))
		_, err := c.StopInstances(ctx, here, ids, false, true)
		must(t, err)
		_, err = c.TerminateInstances(ctx, here, ids, true)
		must(t, err)
		must(t, c.RebootInstances(ctx, here, ids, true))
		_, err = c.StartInstances(ctx, here, ids, true)
		must(t, err)
		dry := small("r-2")
		dry.DryRun = true
		list, err := c.LaunchInstances(ctx, here, dry)
		if err != nil || list != nil {
			t.Errorf("a rehearsed launch answered %v, %v", list, err)
		}
		dry.KeyName = "nobody"
		_, err = c.LaunchInstances(ctx, here, dry)
		wantError(t, err, "not_found", "nobody")
		if all := w.Instances(); len(all) != 1 || all[0].State != aws.Running {
			t.Errorf("after dry runs there is %+v", all)
		}
		w.Fail("StopInstances", "UnauthorizedOperation", 1)
		_, err = c.StopInstances(ctx, here, ids, false, true)
		wantError(t, err, "denied", "ec2:StopInstances", "administrator", "deckhand iam-policy")
	})
}

func TestALaunchWithOneTokenHappensOnce(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		w.LoseAnswer("RunInstances", 1)
		first, err := c.LaunchInstances(t.Context(), here, small("r-1"))
		must(t, err)
		again, err := c.LaunchInstances(t.Context(), here, small("r-1"))
		must(t, err)
		if first[0].ID != again[0].ID || len(w.Instances()) != 1 {
			t.Errorf("%s and %s of %d", first[0].ID, again[0].ID, len(w.Instances()))
		}
		other := small("r-1")
		other.InstanceType = "t3.large"
		_, err = c.LaunchInstances(t.Context(), here, other)
		wantError(t, err, "failed", "ask for it anew")
		found, err := c.Instances(t.Context(), here, aws.InstanceQuery{ClientToken: "r-1"})
		must(t, err)
		if !slices.Equal(idsOf(found), idsOf(first)) {
			t.Errorf("by token: %v", idsOf(found))
		}
	})
}

func TestALostAnswerIsUncertainAndSentOnce(t *testing.T) {
	type act func(ctx context.Context, c *sdk.Cloud, ids []string) error
	for operation, do := range map[string]act{
		"StartInstances": func(ctx context.Context, c *sdk.Cloud, ids []string) error {
			_, err := c.StartInstances(ctx, here, ids, false)
			return err
		},
		"StopInstances": func(ctx context.Context, c *sdk.Cloud, ids []string) error {
			_, err := c.StopInstances(ctx, here, ids, false, false)
			return err
		},
		"RebootInstances": func(ctx context.Context, c *sdk.Cloud, ids []string) error {
			return c.RebootInstances(ctx, here, ids, false)
		},
		"TerminateInstances": func(ctx context.Context, c *sdk.Cloud, ids []string) error {
			_, err := c.TerminateInstances(ctx, here, ids, false)
			return err
		},
	} {
		t.Run(operation, func(t *testing.T) {
			play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
				ids := launch(t, c, small("r-1"))
				w.LoseAnswer(operation, 1)
				if e := wantError(t, do(t.Context(), c, ids), "uncertain", "may have been done"); !e.Uncertain() {
					t.Error("not uncertain")
				}
				if n := count(w, operation); n != 1 {
					t.Errorf("sent %d times", n)
				}
				w.Fail(operation, "InternalError", 1)
				wantError(t, do(t.Context(), c, ids), "uncertain")
				if n := count(w, operation); n != 2 {
					t.Errorf("after a failure inside AWS: sent %d times, want 2", n)
				}
			})
		})
	}
}

func TestThrottledCallsAreRepeated(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		ids := launch(t, c, small("r-1"))
		w.Fail("TerminateInstances", "RequestLimitExceeded", 2)
		_, err := c.TerminateInstances(t.Context(), here, ids, false)
		must(t, err)
		if n := count(w, "TerminateInstances"); n != 3 {
			t.Errorf("sent %d times, want 3", n)
		}
		w.Fail("DescribeInstances", "RequestLimitExceeded", 9)
		_, err = c.Instances(t.Context(), here, aws.InstanceQuery{})
		wantError(t, err, "unavailable", "slow down")
	})
}

func TestMissingCapacityIsNotRepeated(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		w.Fail("RunInstances", "InsufficientInstanceCapacity", 1)
		_, err := c.LaunchInstances(t.Context(), here, small("r-1"))
		wantError(t, err, "failed", "another zone")
		if n := count(w, "RunInstances"); n != 1 {
			t.Errorf("sent %d times", n)
		}
	})
}

func TestALaunchWhoseAnswerIsLostIsLookedForBeforeItIsAskedForAgain(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		w.LoseAnswer("RunInstances", 1)
		one := small("r-1")
		one.Tags = map[string]string{"Name": "odd * name", "env": "dev"}
		ids := launch(t, c, one)
		if n := len(w.Instances()); n != 1 || len(ids) != 1 || count(w, "RunInstances") != 1 {
			t.Errorf("%d instances, %v answered, AWS was asked %d times", n, ids, count(w, "RunInstances"))
		}
		one.Sent = true // the process was cut short, and does it anew
		if again := launch(t, c, one); again[0] != ids[0] || count(w, "RunInstances") != 1 {
			t.Errorf("%v was launched, and then %v", ids, again)
		}
		other := small("r-2")
		other.Tags, other.Sent = one.Tags, true // never arrived
		if ids := launch(t, c, other); len(w.Instances()) != 2 || len(ids) != 1 {
			t.Errorf("%v of another launch", ids)
		}
	})
}

func TestALaunchWhoseAnswersAreAllLostIsUncertain(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		w.LoseAnswer("RunInstances", 99)
		w.Fail("DescribeInstances", "UnauthorizedOperation", 99)
		_, err := c.LaunchInstances(t.Context(), here, small("r-1"))
		wantError(t, err, "uncertain", "the launch")
		if n := len(w.Instances()); n != 1 {
			t.Errorf("%d instances", n)
		}
	})
}

func TestProtectionAgainstTermination(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		guarded := small("r-1")
		guarded.TerminationProtection = true
		a := launch(t, c, guarded)[0]
		b := launch(t, c, small("r-2"))[0]
		for id, want := range map[string]bool{a: true, b: false} {
			got, err := c.TerminationProtected(t.Context(), here, id)
			if err != nil || got != want {
				t.Errorf("%s protected: %v, %v", id, got, err)
			}
		}
		_, err := c.TerminateInstances(t.Context(), here, []string{a}, false)
		wantError(t, err, "conflict", "may not be terminated", "switch it off")
		_, err = c.TerminateInstances(t.Context(), here, []string{a, b}, false)
		wantError(t, err, "failed", "another availability zone")
	})
}

func TestMalformedIDs(t *testing.T) {
	play(t, func(t *testing.T, _ *sandbox.World, c *sdk.Cloud) {
		_, err := c.StopInstances(t.Context(), here, []string{"i-nonsense"}, false, false)
		wantError(t, err, "usage", "i-nonsense", "i-0123456789abcdef0")
	})
}

func TestRecorderSeesRequestIDs(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		var seen []string
		ctx := sdk.WithRecorder(t.Context(), func(operation, id string, _ bool) { seen = append(seen, operation+" "+id) })
		w.Fail("StopInstances", "UnauthorizedOperation", 1)
		_, err := c.StopInstances(ctx, here, []string{"i-0123456789abcdef0"}, false, false)
		e := wantError(t, err, "denied")
		calls := w.Calls()
		if want := "StopInstances " + calls[0].RequestID; len(seen) != 1 || seen[0] != want || e.RequestID() != calls[0].RequestID {
			t.Errorf("recorded %v and %s, want %s", seen, e.RequestID(), want)
		}
	})
}
