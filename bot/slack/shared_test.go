package slack_test

import (
	"context"
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"deckhand/bot/slack"
)

// notes is a memory of channels.
type notes map[string]bool

func (n notes) SharedChannels(context.Context) (map[string]bool, error) { return maps.Clone(n), nil }

func (n notes) KeepShared(_ context.Context, channel string, shared bool) error {
	n[channel] = shared
	return nil
}

// asks asks whether a channel is shared, and answers in a word.
func asks(t *testing.T, m *slack.Messenger, channel string) string {
	t.Helper()
	shared, err := m.Shared(ctx(t), channel)
	switch {
	case err != nil:
		return "unknown"
	case shared:
		return "shared"
	default:
		return "ours"
	}
}

func TestWhatSlackSaysOfChannelsStandsUntilItSaysOtherwise(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		known := notes{}
		w, m := withMemory(known)
		w.shared = map[string]bool{"C1": true}
		step := func(what, channel, want string) {
			t.Helper()
			if got := asks(t, m, channel); got != want {
				t.Errorf("%s: %s is %s, want %s", what, channel, got, want)
			}
		}
		step("Slack says it", "C1", "shared")
		step("Slack says it", "C2", "ours")
		step("nobody else is in a direct message", "D1", "ours")
		if n := len(w.called("conversations.info")); n != 2 || !known["C1"] || len(known) != 2 {
			t.Errorf("%d questions, and %v was kept", n, known)
		}
		time.Sleep(6 * time.Minute)
		w.shared["C1"] = false
		w.fail("conversations.info", failure{status: 500}, failure{status: 503})
		step("Slack does not answer", "C1", "shared")
		step("Slack never answered for this one", "C3", "unknown")
		step("it is left in peace for a while", "C3", "unknown")
		time.Sleep(11 * time.Second)
		step("Slack answers again", "C1", "ours")
		step("Slack answers again", "C3", "ours")
		if known["C1"] {
			t.Error("the new answer was not kept")
		}
		w.fail("conversations.info", failure{word: "channel_not_found"})
		step("deckhand cannot see it", "C4", "unknown")
	})
}

func TestChannelsAreKnownThroughARestart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, m := withMemory(notes{"C1": true, "C2": false})
		w.fail("conversations.info", failure{status: 500}, failure{status: 500}, failure{status: 500})
		for channel, want := range map[string]string{"C1": "shared", "C2": "ours", "C3": "unknown"} {
			if got := asks(t, m, channel); got != want {
				t.Errorf("%s is %s, want %s", channel, got, want)
			}
		}
	})
}

func TestASlackThatHasNoSuchQuestionHasNoSharedChannels(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]failure{
		"a scope is missing":          {word: "missing_scope"},
		"a method that is unknown":    {word: "unknown_method"},
		"a word of its own":           {word: "not_implemented"},
		"a page that is not there":    {status: 404},
		"one that never answered":     {status: 503},
		"one with trouble of its own": {word: "internal_error"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, m := withMemory(notes{})
				w.fail("conversations.info", answer)
				if got := asks(t, m, "C1"); got != "ours" {
					t.Errorf("C1 is %s", got)
				}
			})
		})
	}
}
