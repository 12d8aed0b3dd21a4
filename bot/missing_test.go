package bot_test

import (
	"testing"

	"deckhand/bot"
	"deckhand/commands"
)

func TestWhatIsNotThereIsToldBeforeAnybodyIsAsked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, user := range []string{"U2", "U3"} {
		answer := h.say(user, "vm stop nobody")
		has(t, "the answer to "+user, commands.RenderText(answer.Report), "Not found, nothing was done", "No instance is called nobody.")
		if answer.Request != "" || answer.Later {
			t.Errorf("%s's line became %q, later %v: nothing is to be decided", user, answer.Request, answer.Later)
		}
	}
	if answer := h.say("U2", "vm stop web"); answer.Request != "R-1" {
		t.Errorf("the line that names what is there became %q, want R-1", answer.Request)
	}
}

func TestADeliveryThatComesAgainIsNotToldThatItsResourceIsMissing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := bot.Message{Key: "same", Source: bot.Mention, Asker: commands.Asker{User: "U2", Channel: "C1"}, Line: "vm stop nobody", At: h.Now()}
	if answer := h.Receive(t.Context(), m); answer.Repeated {
		t.Error("the first delivery was taken for a second one")
	}
	if answer := h.Receive(t.Context(), m); !answer.Repeated {
		t.Errorf("the second delivery was answered again: %s", commands.RenderText(answer.Report))
	}
}

func TestAMentionHasOneMessageFromItsBeginning(t *testing.T) {
	t.Parallel()
	for _, source := range []bot.Source{bot.Mention, bot.Direct} {
		h := newHouse(t)
		answer := h.Receive(t.Context(), bot.Message{
			Key: "m", Source: source, Asker: commands.Asker{User: "U1", Channel: "C1", Thread: "7.1"}, Line: "vm stop web", At: h.Now(),
		})
		if !answer.Later || answer.Request != "R-1" {
			t.Fatalf("a %s is answered beside its message: %+v", source, answer)
		}
		h.chat.lose = true // posted, and the process dies before that is written down
		if err := h.Deliver(t.Context(), 1); err == nil {
			t.Fatal("the lost answer was taken for a good one")
		}
		has(t, "the first message", h.shown(), "R-1 is queued", "vm stop web")
		other := h.engine(t, "serve-two")
		if err := other.Execute(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		if err := other.Deliver(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		has(t, "the message", h.shown(), "Stopped web")
		if h.chat.posts != 1 || len(h.chat.whispers) != 0 {
			t.Errorf("%d messages and %d answers stand in the channel, want one message", h.chat.posts, len(h.chat.whispers))
		}
	}
}
