package vm

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
)

// What came of a call whose answer nobody saw.
func TestWhatCameOfALostAnswer(t *testing.T) {
	t.Parallel()
	arrived := func(op string) func(*fakeCloud) { return func(f *fakeCloud) { f.lose[op] = lost } }
	never := func(op string) func(*fakeCloud) { return func(f *fakeCloud) { f.refuse[op] = lost } }
	for _, test := range []struct {
		says  string
		line  string
		world func(*fakeCloud)
		then  func(*fakeCloud) // what happens before somebody looks
		kind  commands.Kind    // "" is done
		with  string
	}{
		{"a stop that arrived is done", "vm stop web-1", arrived("StopInstances"), nil, "", "Stopped 1 instance: web-1"},
		{"a stop that did not arrive is not", "vm stop web-1", never("StopInstances"), nil, commands.Failed, "AWS shows that web-1 (i-0a1) is running: the stop did not happen.\nRun vm stop i-0a1 again"},
		{"a start that arrived is done", "vm start web-2", arrived("StartInstances"), nil, "", "Started 1 instance: web-2"},
		{"a start that did not arrive is not", "vm start web-2", never("StartInstances"), nil, commands.Failed, "the start did not happen"},
		{"a terminate that arrived is done", "vm terminate web-1 db", arrived("TerminateInstances"), nil, "", "Terminated 2 instances: web-1, db"},
		{"a terminate that did not arrive is not", "vm terminate db", never("TerminateInstances"), nil, commands.Failed, "the terminate did not happen"},
		{
			"a terminated instance that AWS has forgotten is done", "vm terminate db", arrived("TerminateInstances"),
			func(f *fakeCloud) {
				f.instances = slices.DeleteFunc(f.instances, func(i aws.Instance) bool { return i.ID == "i-0b1" })
			}, "", "Terminated 1 instance: db",
		},
		{"a reboot does not show", "vm reboot db", arrived("RebootInstances"), nil, commands.Uncertain, "AWS does not show whether it took the reboot of db (i-0b1)."},
		{
			"a stop of an instance that is gone meanwhile does not show", "vm stop db", never("StopInstances"),
			func(f *fakeCloud) { _, _ = f.change("TerminateInstances", []string{"i-0b1"}, false, aws.ShuttingDown) },
			commands.Uncertain, "does not tell whether the stop happened before",
		},
		{
			"one of two that somebody started again is told apart", "vm stop db web-1", arrived("StopInstances"),
			func(f *fakeCloud) {
				f.settle()
				_, _ = f.change("StartInstances", []string{"i-0b1"}, false, aws.Pending)
			},
			commands.Failed, "The stop happened in part: AWS shows that web-1 (i-0a1) is stopped, and that db (i-0b1) is running.\nRun vm stop i-0b1 for the rest",
		},
		{
			"AWS that does not answer leaves it open", "vm stop db", arrived("StopInstances"),
			func(f *fakeCloud) { f.refuse["DescribeInstances"] = denied }, commands.Uncertain, "AWS does not say how things stand",
		},
	} {
		t.Run(test.says, func(t *testing.T) {
			t.Parallel()
			cloud := newFake()
			test.world(cloud)
			s := request(t, cloud)
			if _, err := s.run(t.Context(), test.line); !commands.IsUncertain(err) {
				t.Fatalf("the run was not uncertain: %v", err)
			}
			if test.then != nil {
				test.then(cloud)
			}
			report, err := s.check(t.Context(), test.line)
			if (err == nil) != (test.kind == "") || err != nil && commands.Words(err).Kind != test.kind {
				t.Errorf("kind: %v", err)
			}
			commandstest.Want(t, commandstest.Told(report, err), test.with)
		})
	}
}

// The process ends after any step; another one goes on with the same journal.
func TestARunThatIsCutShortActsOnce(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"vm start web-2", "vm stop web-1 db", "vm reboot db", "vm terminate db", "vm create --image-id ami-0123456789abcdef0 --count 2"} {
		for _, step := range []string{pickStep, lookStep, "before TerminateInstances", "StartInstances", "StopInstances", "RebootInstances", "TerminateInstances", launchStep} {
			t.Run(line+" cut at "+step, func(t *testing.T) {
				t.Parallel()
				cloud := newFake()
				s := request(t, cloud)
				s.journal.cut = step
				_, err := s.run(t.Context(), line)
				if err == nil {
					return // this line has no such step
				}
				if !errors.Is(err, errCut) {
					t.Fatal(err)
				}
				report, err := s.run(t.Context(), line)
				if commands.IsUncertain(err) {
					report, err = s.check(t.Context(), line)
				}
				unknowable := strings.HasPrefix(line, "vm reboot") && step == "RebootInstances"
				if unknowable != commands.IsUncertain(err) || !unknowable && err != nil {
					t.Errorf("ended with %v", err)
				}
				if !unknowable && report.Tone != commands.Good {
					t.Errorf("report: %+v", report)
				}
				if len(cloud.asked) != 1 {
					t.Errorf("AWS was asked %v", cloud.asked)
				}
			})
		}
	}
}

func TestAResumedRunActsOnTheInstancesItBeganWith(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	s := request(t, cloud)
	s.journal.cut = lookStep
	if _, err := s.run(t.Context(), "vm stop --env dev"); !errors.Is(err, errCut) {
		t.Fatal(err)
	}
	cloud.add("i-0f1", "newcomer", aws.Running, "dev")
	if _, err := s.run(t.Context(), "vm stop --env dev"); err != nil {
		t.Fatal(err)
	}
	if cloud.state("i-0f1") != aws.Running {
		t.Error("an instance that came later was stopped")
	}
}

func TestARunActsOnWhatItsPlanShowed(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	s := request(t, cloud)
	if _, err := s.run(t.Context(), "vm stop --env dev --plan"); err != nil {
		t.Fatal(err)
	}
	cloud.add("i-0f1", "newcomer", aws.Running, "dev")
	_, _ = cloud.StartInstances(t.Context(), aws.Target{}, []string{"i-0a2"}, false) // stopped while it was planned
	cloud.settle()
	report, err := s.run(t.Context(), "vm stop --env dev")
	if err != nil {
		t.Fatal(err)
	}
	commandstest.Want(t, commandstest.Told(report, nil), "Stopped 3 instances: twin, web-1, web-2")
	if cloud.state("i-0f1") != aws.Running {
		t.Error("an instance that the plan did not show was stopped")
	}
}

func TestACheckBeforeAnythingWasAskedSaysSo(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"vm stop web-1", "vm reboot db", "vm terminate db", "vm create --image-id ami-0123456789abcdef0"} {
		s := request(t, newFake())
		_, err := s.check(t.Context(), line)
		if err == nil || commands.Words(err).Kind != commands.Failed {
			t.Errorf("%s: %v", line, err)
		}
		commandstest.Want(t, commandstest.Told(commands.Report{}, err), "so nothing was done.")
	}
}

func TestARunThatIsToldToStopWhileItWaitsGoesOnLater(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"vm stop web-1", "vm reboot db", "vm create --image-id ami-0123456789abcdef0"} {
		cloud := newFake()
		s := request(t, cloud)
		ctx, cancel := context.WithCancel(t.Context())
		stopping := &cancelling{fakeCloud: cloud, cancel: cancel}
		runner, _, err := s.runner(line)
		if err != nil {
			t.Fatal(err)
		}
		switch r := runner.(type) {
		case *Stop:
			r.cloud = stopping
		case *Reboot:
			r.cloud = stopping
		case *Create:
			r.cloud = stopping
		}
		if _, err := runner.Run(ctx, s.given()); !errors.Is(err, context.Canceled) || !commands.IsUncertain(err) {
			t.Errorf("%s: %v", line, err)
		}
		if _, err := s.run(t.Context(), line); err != nil {
			t.Errorf("%s, later: %v", line, err)
		}
		if len(cloud.asked) != 1 {
			t.Errorf("AWS was asked %v", cloud.asked)
		}
	}
}

// cancelling ends the run as soon as it waits.
type cancelling struct {
	*fakeCloud
	cancel context.CancelFunc
}

func (c *cancelling) WaitForState(ctx context.Context, t aws.Target, ids []string, want aws.InstanceState, progress func([]aws.Instance)) ([]aws.Instance, error) {
	c.cancel()
	return c.fakeCloud.WaitForState(ctx, t, ids, want, progress)
}
