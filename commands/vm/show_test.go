package vm

import (
	"strings"
	"testing"

	"deckhand/aws"
	"deckhand/commands/commandstest"
)

func TestShowOffersWhatFitsTheState(t *testing.T) {
	t.Parallel()
	for state, want := range map[aws.InstanceState]string{
		aws.Running: "Stop Reboot", aws.Stopped: "Start Terminate", aws.Pending: "Look again",
		aws.Stopping: "Look again", aws.ShuttingDown: "Look again", aws.Terminated: "",
	} {
		var labels []string
		for _, next := range nextFor(aws.Instance{ID: "i-0a1", State: state}, aws.Target{Region: "eu-west-1"}) {
			labels = append(labels, next.Label)
			commandstest.Want(t, next.Line, "i-0a1 --region eu-west-1")
		}
		if got := strings.Join(labels, " "); got != want {
			t.Errorf("%s: %q", state, got)
		}
	}
}

func TestShowTellsWhatItCannotRead(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	cloud.refuse["DescribeInstanceStatus"], cloud.refuse["DescribeInstanceAttribute"] = denied, denied
	report, err := request(t, cloud).run(t.Context(), "vm show db")
	got := commandstest.Told(report, err)
	commandstest.Want(t, got, "db is running")
	if strings.Count(got, "could not be read: deckhand may not do this in AWS\n") != 2 {
		t.Error(got)
	}
}

func TestShowTellsTheStatusChecks(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	cloud.statuses["i-0b1"] = aws.InstanceStatus{ID: "i-0b1", System: "initializing", Instance: "ok"}
	cloud.statuses["i-0a1"] = aws.InstanceStatus{}
	for line, want := range map[string]string{
		"vm show db":    "system initializing, instance ok",
		"vm show web-1": "not reported yet",
		"vm show i-0c1": "2 of 2 pass",
	} {
		report, err := request(t, cloud).run(t.Context(), line)
		commandstest.Want(t, commandstest.Told(report, err), want)
	}
}

func TestShowOfAPatternThatMatchesNothing(t *testing.T) {
	t.Parallel()
	report, err := request(t, newFake()).run(t.Context(), "vm show zz*")
	commandstest.Want(t, commandstest.Told(report, err), "No instance matches", "vm list")
}
