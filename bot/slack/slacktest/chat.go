package slacktest

import (
	"encoding/json"
	"time"
	"unicode/utf8"
)

// Lengths of a message's text, in characters: longer posts are cut, longer edits refused.
// https://docs.slack.dev/reference/methods/chat.postMessage
const (
	maxText     = 40_000
	maxEditText = 4_000
)

// content is what a message says.
type content struct {
	text     string
	blocks   json.RawMessage
	metadata json.RawMessage
}

// limited says that a channel has had its posts for now.
type limited struct{ after time.Duration }

func (l *limited) Error() string { return "ratelimited" }

// readContent reads and checks what a message shall say. Absent fields are empty.
func (w *Workspace) readContent(text, blocks, metadata string) (content, error) {
	c := content{text: text}
	if metadata != "" && metadata != "null" {
		var m struct {
			EventType    string         `json:"event_type"`
			EventPayload map[string]any `json:"event_payload"`
		}
		if json.Unmarshal([]byte(metadata), &m) != nil {
			return c, refuse("invalid_metadata_format")
		}
		if m.EventType != "" {
			c.metadata = json.RawMessage(metadata)
		}
	}
	var err error
	if c.blocks, err = w.checkBlocks(blocks); err != nil {
		return c, err
	}
	if c.text == "" && len(c.blocks) == 0 {
		return c, refuse("no_text")
	}
	if c.text == "" {
		c.text = Message{Blocks: c.blocks}.Words()
	}
	return c, nil
}

func (w *Workspace) chatPostMessage(c call) (answer, error) {
	channel := c.args["channel"]
	// A person's id stands for the direct messages with that person.
	if _, ok := w.user(channel); ok {
		channel = DirectChannel(channel)
	}
	if _, ok := w.channel(channel); !ok {
		return nil, refuse("channel_not_found")
	}
	said, err := w.readContent(c.args["text"], c.args["blocks"], c.args["metadata"])
	if err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(said.text) > maxText {
		said.text = string([]rune(said.text)[:maxText])
	}
	if err := w.allow(channel); err != nil {
		return nil, err
	}
	m := w.add(Message{
		Channel: channel, Thread: c.args["thread_ts"], User: w.options.BotUserID,
		Text: said.text, Blocks: said.blocks, Metadata: said.metadata,
	})
	return answer{"channel": channel, "ts": m.TS, "message": w.wire(m, true)}, nil
}

// allow counts a post against the channel's limit.
func (w *Workspace) allow(channel string) error {
	if w.options.PostEvery == 0 {
		return nil
	}
	now := w.options.Now()
	free := w.allowance[channel]
	if free.Before(now) {
		free = now
	}
	ahead := free.Sub(now) - time.Duration(max(0, w.options.PostBurst-1))*w.options.PostEvery
	if ahead > 0 {
		return &limited{ahead}
	}
	w.allowance[channel] = free.Add(w.options.PostEvery)
	return nil
}

func (w *Workspace) chatUpdate(c call) (answer, error) {
	m, err := w.own(c, "cant_update_message")
	if err != nil {
		return nil, err
	}
	blocks, given := c.args["blocks"]
	if !given {
		blocks = string(m.Blocks)
	}
	// Text alone replaces the blocks, as in Slack; blocks alone keep the text.
	text, hasText := c.args["text"]
	switch {
	case hasText && !given:
		blocks = ""
	case !hasText && given:
		text = m.Text
	}
	if utf8.RuneCountInString(text) > maxEditText {
		return nil, refuse("msg_too_long")
	}
	said, err := w.readContent(text, blocks, c.args["metadata"])
	if err != nil {
		return nil, err
	}
	w.edit(m, said)
	return answer{"channel": m.Channel, "ts": m.TS, "text": m.Text, "message": w.wire(m, true)}, nil
}

func (w *Workspace) chatDelete(c call) (answer, error) {
	m, err := w.own(c, "cant_delete_message")
	if err != nil {
		return nil, err
	}
	w.remove(m)
	return answer{"channel": m.Channel, "ts": m.TS}, nil
}

// own answers the app's message that a call names.
func (w *Workspace) own(c call, otherwise string) (*Message, error) {
	if _, ok := w.channel(c.args["channel"]); !ok {
		return nil, refuse("channel_not_found")
	}
	m := w.find(c.args["channel"], c.args["ts"])
	if m == nil {
		return nil, refuse("message_not_found")
	}
	if m.User != w.options.BotUserID {
		return nil, refuse(otherwise)
	}
	return m, nil
}

func (w *Workspace) chatPostEphemeral(c call) (answer, error) {
	if _, ok := w.channel(c.args["channel"]); !ok {
		return nil, refuse("channel_not_found")
	}
	if !w.canSee(c.args["user"], c.args["channel"]) {
		return nil, refuse("user_not_in_channel")
	}
	if _, ok := w.user(c.args["user"]); !ok {
		return nil, refuse("user_not_in_channel")
	}
	said, err := w.readContent(c.args["text"], c.args["blocks"], "")
	if err != nil {
		return nil, err
	}
	m := w.add(Message{
		Channel: c.args["channel"], Thread: c.args["thread_ts"], User: w.options.BotUserID,
		Text: said.text, Blocks: said.blocks, To: c.args["user"],
	})
	return answer{"message_ts": m.TS}, nil
}
