package vm

import (
	"testing"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
)

func TestStartByState(t *testing.T) {
	t.Parallel()
	for state, want := range map[aws.InstanceState]fit{
		aws.Stopped: ready, aws.Pending: underWay, aws.Running: there,
		aws.Stopping: unfit, aws.ShuttingDown: unfit, aws.Terminated: unfit,
	} {
		if got, why := judgeStart(aws.Instance{State: state}); got != want || (why != "") != (want == unfit) {
			t.Errorf("%s: %v %q", state, got, why)
		}
	}
}

func TestStartWaitsForWhatIsStartingAlready(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	cloud.add("i-0f1", "early", aws.Pending, "dev")
	s := request(t, cloud)
	report, err := s.run(t.Context(), "vm start early")
	commandstest.Want(t, commandstest.Told(report, err), "Started 1 instance: early", "54.0.0.")
	if len(cloud.asked) != 0 || cloud.state("i-0f1") != aws.Running {
		t.Error(cloud.asked, cloud.state("i-0f1"))
	}
}

func TestStartSaysWhyNothingRuns(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	cloud.arrives["i-0a2"] = aws.Stopped
	report, err := request(t, cloud).run(t.Context(), "vm start web-2")
	if commands.Words(err).Kind != commands.Failed {
		t.Fatal(err)
	}
	commandstest.Want(t, commandstest.Told(report, err), "Not started: web-2", "web-2 (i-0a2) is stopped, and AWS says: Server.InternalError: Internal error on launch.")
}
