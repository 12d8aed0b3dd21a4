package slack

import (
	"context"
	"time"

	"deckhand/bot"
	"deckhand/bot/slack/blockkit"
)

// openWithin is how long a form may take to be shown: Slack lets it be shown for three seconds.
const openWithin = 2500 * time.Millisecond

// Open shows a form to whoever sent a message.
// Source: https://docs.slack.dev/reference/methods/views.open
func (m *Messenger) Open(ctx context.Context, to bot.Message, form bot.Form) error {
	modal, err := blockkit.Modal(form.Title, form.About, blockkit.Origin{Line: form.Line, Channel: to.Asker.Channel, Thread: to.Asker.Thread})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, openWithin)
	defer cancel()
	_, err = m.api.OpenViewContext(ctx, to.Trigger, modal)
	return m.told("views.open", "", err)
}
