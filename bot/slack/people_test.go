package slack_test

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestWhatSlackSaysOfPeopleAndChannelsStandsUntilItSaysOtherwise(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, m := within()
		asked := func() int { return len(w.called("conversations.info")) + len(w.called("users.info")) }
		w.left, w.shared = map[string]bool{"U1": true}, map[string]bool{"C1": true}
		if !m.Gone(ctx(t), "U1") || m.Gone(ctx(t), "U2") || !m.Shared(ctx(t), "C1") || m.Shared(ctx(t), "C2") {
			t.Error("Slack's answers are not taken")
		}
		if m.Gone(ctx(t), "terminal:ann") || m.Shared(ctx(t), "D1") || !m.Gone(ctx(t), "U1") || asked() != 4 {
			t.Errorf("%d questions, want one for each person and channel of Slack's", asked())
		}
		time.Sleep(6 * time.Minute)
		w.fail("conversations.info", failure{status: 500})
		w.left["U1"], w.shared["C1"] = false, false
		if m.Gone(ctx(t), "U1") || !m.Shared(ctx(t), "C1") {
			t.Error("a new answer counts, and an answer that did not come changes nothing")
		}
		time.Sleep(31 * time.Second)
		if m.Shared(ctx(t), "C1") {
			t.Error("Slack was not asked again")
		}
		w.fail("conversations.info", failure{word: "channel_not_found"})
		if m.Shared(ctx(t), "C3") {
			t.Error("what Slack never said is no")
		}
	})
}
