package slack

import (
	"context"
	"errors"
	"fmt"

	"github.com/slack-go/slack"

	"deckhand/bot"
	"deckhand/bot/slack/blockkit"
	"deckhand/commands"
)

// eventType names our metadata; its payload carries the key that Find looks for.
const eventType = "deckhand"

// Post puts a new message into a channel: one a second, in the order in which the calls came. The files
// of the report go into the message's thread.
func (m *Messenger) Post(ctx context.Context, channel, thread, key string, report commands.Report) (bot.Ref, error) {
	ref, err := m.post(ctx, channel, thread, key, report)
	if err != nil {
		return bot.Ref{}, err
	}
	if thread == "" {
		thread = ref.TS
	}
	m.upload(ctx, ref, thread, report)
	return ref, nil
}

func (m *Messenger) post(ctx context.Context, channel, thread, key string, report commands.Report) (bot.Ref, error) {
	lane := m.lanes.of(channel)
	if err := lane.enter(ctx); err != nil {
		return bot.Ref{}, fmt.Errorf("wait for a turn to post in %s: %w", channel, err)
	}
	defer lane.leave()
	var ref bot.Ref
	err := m.asMember(ctx, channel, func() error {
		return m.lookFor(report, func(look look) error {
			options := append(look.options(report, false), signed(key)...)
			if thread != "" {
				options = append(options, slack.MsgOptionTS(thread))
			}
			where, ts, err := m.api.PostMessageContext(ctx, channel, options...)
			if err == nil && ts == "" {
				err = errEmpty
			}
			ref = bot.Ref{Channel: where, TS: ts}
			return m.told("chat.postMessage", channel, err)
		})
	})
	if ref.Channel == "" {
		ref.Channel = channel
	}
	return ref, err
}

// Update replaces a message's content.
func (m *Messenger) Update(ctx context.Context, ref bot.Ref, key string, report commands.Report) error {
	err := m.lookFor(report, func(look look) error {
		options := append(look.options(report, true), signed(key)...)
		_, _, _, err := m.api.UpdateMessageContext(ctx, ref.Channel, ref.TS, options...)
		return m.told("chat.update", ref.Channel, err)
	})
	if err != nil {
		return err
	}
	m.upload(ctx, ref, "", report)
	return nil
}

func signed(key string) []slack.MsgOption {
	options := []slack.MsgOption{slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl()}
	if key == "" {
		return options
	}
	return append(options, slack.MsgOptionMetadata(slack.SlackMetadata{EventType: eventType, EventPayload: map[string]any{"key": key}}))
}

// look is how a report is shown: ever simpler until Slack takes it.
type look struct {
	step  int  // native blocks, old blocks, no blocks
	brief bool // the text is cut, in words, to what Slack takes everywhere
}

const (
	native = iota
	simple
	bare
)

func (l look) message(report commands.Report) blockkit.Message {
	var message blockkit.Message
	switch l.step {
	case native:
		message = blockkit.Render(report)
	case simple:
		message = blockkit.RenderPlain(report)
	default:
		message.Text = blockkit.Text(report)
	}
	if l.brief {
		message.Text = blockkit.ShortText(report)
	}
	return message
}

func (l look) options(report commands.Report, update bool) []slack.MsgOption {
	message := l.message(report)
	options := []slack.MsgOption{slack.MsgOptionText(message.Text, false)}
	if len(message.Blocks) > 0 || update { // no blocks at all would leave a message's old ones in place
		options = append(options, slack.MsgOptionBlocks(message.Blocks...))
	}
	return options
}

// simpler answers the next look after Slack refused this one, if the refusal was about how it looks.
func (l look) simpler(code string) (look, bool) {
	switch code {
	case "msg_too_long":
		if !l.brief {
			l.brief = true
			return l, true
		}
	case "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "block_mismatch", "unsupported_block", "invalid_block":
	default:
		return l, false
	}
	l.step++
	return l, l.step <= bare
}

// lookFor sends a report, simpler each time Slack refuses how it looks.
func (m *Messenger) lookFor(report commands.Report, send func(look) error) error {
	var l look
	for {
		err := send(l)
		next, again := l.simpler(codeOf(err))
		if err == nil || !again {
			return err
		}
		m.settings.Log.Info("Slack did not take a message's form; a simpler one follows.", "title", blockkit.Text(commands.Report{Title: report.Title}), "error", err)
		l = next
	}
}

// asMember does something in a channel, and joins the channel where that is what is missing. Only a public
// channel can be joined; where joining fails, the first error is the one that helps.
func (m *Messenger) asMember(ctx context.Context, channel string, do func() error) error {
	err := do()
	if codeOf(err) != "not_in_channel" {
		return err
	}
	if _, _, _, joined := m.api.JoinConversationContext(ctx, channel); joined != nil {
		m.settings.Log.Info("Joining a channel failed.", "channel", channel, "error", joined)
		if unanswered(joined) {
			return m.told("conversations.join", channel, joined)
		}
		return err
	}
	return do()
}

// unanswered tells whether Slack gave no verdict, so that trying again may help.
func unanswered(err error) bool {
	var response slack.SlackErrorResponse
	return !errors.As(err, &response) || isOutage(response.Err) || isLater(response.Err)
}
