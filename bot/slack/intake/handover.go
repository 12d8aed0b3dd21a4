// Package intake is everything that comes in from Slack, by signed HTTP and by Socket Mode, turned into messages
// and handed to a receiver.
package intake

import (
	"context"
	"log/slog"
	"time"

	"github.com/slack-go/slack"

	"deckhand/bot"
	"deckhand/commands"
)

// ackWithin is the time a receiver is given. Slack waits three seconds for an acknowledgement; the rest is
// for the way there and back.
const ackWithin = 2500 * time.Millisecond

// Whisper answers one message so that only its asker sees it; see bot.Messenger.
type Whisper func(ctx context.Context, to bot.Message, report commands.Report) error

// Open shows a form to whoever sent a message, while its trigger is good; see bot.Form.
type Open func(ctx context.Context, to bot.Message, form bot.Form) error

// Render writes a report as Slack's blocks, with the same content as text.
type Render func(report commands.Report) (text string, blocks []slack.Block)

// handover hands messages to the receiver and its answers to the asker.
type handover struct {
	receiver bot.Receiver
	render   Render
	whispers *whispers
}

// acknowledgement is a private answer inside an acknowledgement.
// Source: https://docs.slack.dev/interactivity/implementing-slash-commands
type acknowledgement struct {
	ResponseType string        `json:"response_type"`
	Text         string        `json:"text"`
	Blocks       []slack.Block `json:"blocks,omitempty"`
}

func private(text string) acknowledgement {
	return acknowledgement{ResponseType: "ephemeral", Text: text}
}

// ask hands over a message whose acknowledgement may carry the answer. Inside is false where it should carry
// nothing: the answer is empty, or came too late and follows as a whisper.
func (h handover) ask(ctx context.Context, message bot.Message) (report commands.Report, inside bool) {
	answer, inTime := h.receive(ctx, message)
	h.whispers.show(ctx, message, answer.Form)
	if !inTime && !answer.Later && !answer.Repeated {
		h.whispers.send(ctx, message, answer.Report)
	}
	return answer.Report, inTime && !empty(answer.Report)
}

// tell hands over a message whose acknowledgement is empty. The answer follows as a whisper, once: what Slack delivers again was answered.
func (h handover) tell(ctx context.Context, message bot.Message) {
	answer, _ := h.receive(ctx, message)
	if !answer.Later && !answer.Repeated && !h.whispers.show(ctx, message, answer.Form) {
		h.whispers.send(ctx, message, answer.Report)
	}
}

// act hands over what somebody did with a message or a modal. It answers the words with which the modal stays open; nil closes it.
func (h handover) act(ctx context.Context, done acted) *rejected {
	if !done.form {
		for _, message := range done.messages {
			h.tell(ctx, message)
		}
		return done.refused
	}
	for _, message := range done.messages {
		answer, _ := h.receive(ctx, message)
		if refused := h.answer(answer); refused != nil {
			return refused
		}
		if !answer.Later && !answer.Repeated {
			h.whispers.send(ctx, message, answer.Report)
		}
	}
	return nil
}

// receive outlives the connection that brought the message: what is half written down when a client
// hangs up is not given up.
func (h handover) receive(ctx context.Context, message bot.Message) (answer bot.Answer, inTime bool) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ackWithin)
	defer cancel()
	answer = h.receiver.Receive(ctx, message)
	return answer, ctx.Err() == nil
}

func (h handover) acknowledgement(report commands.Report) acknowledgement {
	out := private("")
	out.Text, out.Blocks = h.render(report)
	return out
}

func empty(report commands.Report) bool {
	return report.Title == "" && len(report.Body) == 0 && len(report.Next) == 0
}

func orNow(now func() time.Time) func() time.Time {
	if now == nil {
		return time.Now
	}
	return now
}

func orDiscard(log *slog.Logger) *slog.Logger {
	if log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return log
}

func orNobody(botUser func() string) func() string {
	if botUser == nil {
		return func() string { return "" }
	}
	return botUser
}

func orNever(isNoun func(string) bool) func(string) bool {
	if isNoun == nil {
		return func(string) bool { return false }
	}
	return isNoun
}
