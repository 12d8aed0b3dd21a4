package vm

import (
	"testing"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
)

func TestTerminateByState(t *testing.T) {
	t.Parallel()
	for state, want := range map[aws.InstanceState]fit{
		aws.Pending: ready, aws.Running: ready, aws.Stopping: ready, aws.Stopped: ready,
		aws.ShuttingDown: underWay, aws.Terminated: there,
	} {
		if got, _ := judgeTerminate(aws.Instance{State: state}); got != want {
			t.Errorf("%s: %v", state, got)
		}
	}
}

func TestTerminateTouchesNothingWhereOneIsProtected(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	cloud.protected["i-0b1"], cloud.protected["i-0c1"] = true, true
	_, err := request(t, cloud).run(t.Context(), "vm terminate web-1 db i-0c1")
	commandstest.Want(t, commandstest.Told(commands.Report{}, err), "[conflict]", "db (i-0b1) and twin (i-0c1) are protected against termination")
	if len(cloud.asked) != 0 {
		t.Error(cloud.asked)
	}
}

func TestTerminateLeavesWhatRunsAgain(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"vm terminate i-0a1 --if-stopped", "vm terminate i-0a1 --if-stopped --plan"} {
		cloud := newFake()
		_, err := request(t, cloud).run(t.Context(), line)
		commandstest.Want(t, commandstest.Told(commands.Report{}, err), "[conflict]", "web-1 (i-0a1) is not stopped any more, so nothing was terminated.")
		if len(cloud.asked) != 0 {
			t.Error(cloud.asked)
		}
	}
	cloud := newFake()
	if _, err := request(t, cloud).run(t.Context(), "vm terminate i-0a2 --if-stopped"); err != nil || len(cloud.asked) != 1 {
		t.Error(err, cloud.asked)
	}
}

func TestTerminateDoesNotGuessAboutProtection(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	cloud.refuse["DescribeInstanceAttribute"] = denied
	for _, line := range []string{"vm terminate db", "vm terminate db --plan"} {
		if _, err := request(t, cloud).run(t.Context(), line); commands.Words(err) != denied {
			t.Error(err)
		}
	}
	if len(cloud.asked) != 0 {
		t.Error(cloud.asked)
	}
}

func TestOwnerIsTheOneWhoLaunchedOrATag(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		tags map[string]string
		want string
	}{
		{map[string]string{commands.OwnerTag: "U1", "owner": "ann"}, "U1"},
		{map[string]string{"owner": "ann"}, "ann"},
		{map[string]string{"Owner": "bob"}, "bob"},
		{nil, commands.None},
	} {
		if got := commands.Terminal().Render(owner(aws.Instance{Tags: test.tags})); got != test.want {
			t.Errorf("%v: %s", test.tags, got)
		}
	}
}
