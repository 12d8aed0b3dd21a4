package slack

import (
	"context"
	"errors"
	"fmt"

	"github.com/slack-go/slack"

	"deckhand/bot"
	"deckhand/commands"
)

// Whisper answers one message so that only its asker sees it; a direct message and a mention are answered in
// place. Slash commands and buttons are answered over their response URL, then by an ephemeral message, then by a direct
// message: whichever works first. An error means that the answer was certainly not delivered; where Slack gave no
// verdict the log says so.
func (m *Messenger) Whisper(ctx context.Context, to bot.Message, report commands.Report) error {
	if to.Source == bot.Direct || to.Source == bot.Mention {
		_, err := m.Post(ctx, to.Asker.Channel, to.Asker.Thread, "", report)
		return m.certain(to, err, false)
	}
	if to.Asker.User == "" && to.ResponseURL == "" {
		return nowhere()
	}
	report = inlined(report)
	doubt := false
	if m.usable(to) {
		err := m.respond(ctx, to, report)
		if err == nil {
			return nil
		}
		doubt = commands.IsUncertain(err)
		m.settings.Log.Info("A response URL did not take an answer; another way is tried.", "key", to.Key, "error", err)
	}
	return m.certain(to, m.aside(ctx, to, report), doubt)
}

// certain drops an error that leaves open whether the answer arrived, by this way or, in doubt, by one before.
func (m *Messenger) certain(to bot.Message, err error, doubt bool) error {
	if err != nil && (doubt || commands.IsUncertain(err)) {
		m.settings.Log.Warn("Nobody knows whether a private answer arrived.", "key", to.Key, "error", err)
		return nil
	}
	return err
}

// nowhere is for a message that did not come from Slack.
func nowhere() error {
	return &Error{
		Method: "chat.postEphemeral", permanent: true, err: errors.New("the asker has no place in Slack"),
		message: "There is nobody in Slack to answer.",
	}
}

// aside answers where the asker is, or in a direct message where Slack refuses that.
func (m *Messenger) aside(ctx context.Context, to bot.Message, report commands.Report) error {
	if to.Asker.Channel != "" {
		err := m.ephemeral(ctx, to, report)
		var refused *Error
		if err == nil || !errors.As(err, &refused) || !refused.Permanent() {
			return err
		}
		m.settings.Log.Info("An ephemeral message was refused; a direct message follows.", "key", to.Key, "error", err)
	}
	return m.direct(ctx, to.Asker.User, report)
}

func (m *Messenger) ephemeral(ctx context.Context, to bot.Message, report commands.Report) error {
	return m.lookFor(report, func(l look) error {
		options := l.options(report, false)
		if to.Asker.Thread != "" {
			options = append(options, slack.MsgOptionTS(to.Asker.Thread))
		}
		_, err := m.api.PostEphemeralContext(ctx, to.Asker.Channel, to.Asker.User, options...)
		return m.told("chat.postEphemeral", to.Asker.Channel, err)
	})
}

func (m *Messenger) direct(ctx context.Context, user string, report commands.Report) error {
	conversation, _, _, err := m.api.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{user}})
	if err == nil && (conversation == nil || conversation.ID == "") {
		err = errEmpty
	}
	if err := m.told("conversations.open", "", err); err != nil {
		return fmt.Errorf("open a direct message with %s: %w", user, err)
	}
	_, err = m.post(ctx, conversation.ID, "", "", report)
	return err
}

// inlined shows files as code: a private message cannot carry them.
func inlined(report commands.Report) commands.Report {
	body := make(commands.Blocks, 0, len(report.Body))
	for _, block := range report.Body {
		body = append(body, block)
		if file, ok := block.(commands.File); ok && file.Content != "" {
			body = append(body, commands.Code{Text: file.Content})
		}
	}
	report.Body = body
	return report
}
