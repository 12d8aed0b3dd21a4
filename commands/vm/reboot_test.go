package vm

import (
	"testing"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
)

func TestRebootByState(t *testing.T) {
	t.Parallel()
	for _, state := range states() {
		got, why := judgeReboot(aws.Instance{State: state})
		if (got == ready) != (state == aws.Running) || (why == "") != (got == ready) {
			t.Errorf("%s: %v %q", state, got, why)
		}
	}
}

func TestRebootNamesEachInstanceWhoseChecksFail(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	cloud.statuses["i-0b1"] = aws.InstanceStatus{ID: "i-0b1", System: "impaired", Instance: "ok"}
	cloud.statuses["i-0a1"] = aws.InstanceStatus{ID: "other"}
	report, err := request(t, cloud).run(t.Context(), "vm reboot db web-1 i-0c1")
	commandstest.Want(t, commandstest.Told(report, err), "the status checks of db (i-0b1) say system impaired, instance ok", "AWS shows no status checks of web-1 (i-0a1)")
	if commands.Words(err).Kind != commands.Failed || len(cloud.asked) != 1 {
		t.Error(err, cloud.asked)
	}
}
