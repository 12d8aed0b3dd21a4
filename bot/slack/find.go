package slack

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/slack-go/slack"

	"deckhand/bot"
)

const (
	// skew is how far Slack's clock may be behind ours.
	skew      = 30 * time.Second
	findPage  = 200
	findPages = 20
)

// Find looks for a message that Post sent with this key at or after since. Only messages of our own bot count:
// anybody may write metadata. Where there are more messages than can be looked through it answers an error, because "not there"
// would be a guess.
func (m *Messenger) Find(ctx context.Context, channel, thread, key string, since time.Time) (bot.Ref, bool, error) {
	own, err := m.identity(ctx)
	if err != nil {
		return bot.Ref{}, false, err
	}
	oldest := ""
	if !since.IsZero() {
		oldest = strconv.FormatInt(since.Add(-skew).Unix(), 10) + ".000000"
	}
	cursor := ""
	for range findPages {
		var page []slack.Message
		err := m.asMember(ctx, channel, func() error {
			var err error
			page, cursor, err = m.page(ctx, channel, thread, oldest, cursor)
			return err
		})
		if err != nil {
			return bot.Ref{}, false, err
		}
		for _, message := range page {
			ours := message.User == own.UserID || own.BotID != "" && message.BotID == own.BotID
			if ours && message.Metadata.EventType == eventType && message.Metadata.EventPayload["key"] == key {
				return bot.Ref{Channel: channel, TS: message.Timestamp}, true, nil
			}
		}
		if cursor == "" {
			return bot.Ref{}, false, nil
		}
	}
	return bot.Ref{}, false, fmt.Errorf("slack: more than %d messages in %s since %s: the one with key %s may be among them",
		findPages*findPage, channel, since.UTC().Format(time.RFC3339), key)
}

// page answers some messages of a channel, or of a thread, and where to go on.
func (m *Messenger) page(ctx context.Context, channel, thread, oldest, cursor string) ([]slack.Message, string, error) {
	if thread != "" {
		messages, _, next, err := m.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
			ChannelID: channel, Timestamp: thread, Cursor: cursor, Oldest: oldest, Inclusive: true, Limit: findPage, IncludeAllMetadata: true,
		})
		return messages, next, m.told("conversations.replies", channel, err)
	}
	response, err := m.api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
		ChannelID: channel, Cursor: cursor, Oldest: oldest, Inclusive: true, Limit: findPage, IncludeAllMetadata: true,
	})
	if err == nil && !response.Ok {
		err = errEmpty
	}
	if err != nil {
		return nil, "", m.told("conversations.history", channel, err)
	}
	return response.Messages, response.ResponseMetaData.NextCursor, m.told("conversations.history", channel, nil)
}
