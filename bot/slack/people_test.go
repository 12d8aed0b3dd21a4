package slack_test

import (
	"testing"
	"testing/synctest"
	"time"

	"deckhand/bot"
)

func TestWhatSlackSaysOfPeopleStandsUntilItSaysOtherwise(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, m := within()
		asked := func() int { return len(w.called("users.info")) }
		w.left = map[string]bool{"U1": true}
		if !m.Gone(ctx(t), "U1") || m.Gone(ctx(t), "U2") {
			t.Error("Slack's answers are not taken")
		}
		if m.Gone(ctx(t), "terminal:ann") || !m.Gone(ctx(t), "U1") || asked() != 2 {
			t.Errorf("%d questions, want one for each person of Slack's", asked())
		}
		time.Sleep(6 * time.Minute)
		w.left["U1"] = false
		w.fail("users.info", failure{status: 500})
		if m.Gone(ctx(t), "U2") || m.Gone(ctx(t), "U1") {
			t.Error("a new answer counts, and an answer that did not come changes nothing")
		}
	})
}

func TestMessagesHaveAddresses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, m := within()
		w.fail("auth.test", failure{word: "invalid_auth"})
		if got := m.Permalinks(ctx(t))(bot.Ref{Channel: "C1", TS: "1700000001.000200"}, ""); got != "" {
			t.Errorf("%s, although Slack has not said where the workspace is", got)
		}
		for _, k := range []struct {
			why     string
			message bot.Ref
			thread  string
			want    string
		}{
			{"in a channel", bot.Ref{Channel: "C1", TS: "1700000001.000200"}, "", "https://team.slack.test/archives/C1/p1700000001000200"},
			{"in a thread", bot.Ref{Channel: "C1", TS: "1700000001.000200"}, "1700000000.000100", "https://team.slack.test/archives/C1/p1700000001000200?thread_ts=1700000000.000100&cid=C1"},
			{"that began a thread", bot.Ref{Channel: "D1", TS: "1700000001.000200"}, "1700000001.000200", "https://team.slack.test/archives/D1/p1700000001000200"},
			{"that was not posted", bot.Ref{Channel: "C1"}, "", ""},
			{"of a terminal", bot.Ref{}, "", ""},
		} {
			if got := m.Permalinks(ctx(t))(k.message, k.thread); got != k.want {
				t.Errorf("a message %s: %q, want %q", k.why, got, k.want)
			}
		}
		if n := len(w.called("auth.test")); n != 2 {
			t.Errorf("Slack was asked %d times, want once more after the answer that was none", n)
		}
	})
}
