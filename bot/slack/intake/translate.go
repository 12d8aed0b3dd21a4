package intake

import (
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"deckhand/bot"
	"deckhand/commands"
)

// malformed is a delivery that cannot be read: one sentence that says what is wrong with it.
type malformed string

func (m malformed) Error() string { return string(m) }

// delivery is what a message's key is made of where Slack's own ids are missing.
type delivery struct {
	stamp string // the signature's timestamp; empty over a socket, which has none
	body  []byte
}

// translator turns what Slack sends into messages. Both transports use it, so that a delivery that is
// repeated over the other transport has the same key.
type translator struct {
	now     func() time.Time
	isNoun  func(string) bool
	botUser func() string // empty while it is not known
	log     *slog.Logger
}

// slash reads a slash command.
func (t translator) slash(command slack.SlashCommand, from delivery) (bot.Message, error) {
	name, isCommand := strings.CutPrefix(command.Command, "/")
	if !isCommand || name == "" || command.UserID == "" || command.ChannelID == "" {
		return bot.Message{}, malformed("The slash command lacks its command, user_id or channel_id.")
	}
	message := bot.Message{
		Source:      bot.Slash,
		Asker:       commands.Asker{User: command.UserID, Channel: command.ChannelID, Team: command.TeamID},
		Line:        command.Text,
		ResponseURL: command.ResponseURL,
		Trigger:     command.TriggerID,
		At:          t.now(),
	}
	if command.TriggerID != "" {
		message.Key = key("slash", command.TriggerID, command.UserID, command.ChannelID, command.Command, command.Text)
	} else {
		message.Key = key("slash", from.stamp, string(from.body))
	}
	if t.isNoun(name) {
		message.Noun = name
	}
	return message, readable(message)
}

// interaction is the part of an interaction's payload that matters here.
// Source: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
type interaction struct {
	Type string `json:"type"`
	Team struct {
		ID string `json:"id"`
	} `json:"team"`
	Enterprise struct {
		ID string `json:"id"`
	} `json:"enterprise"`
	User struct {
		ID     string `json:"id"`
		TeamID string `json:"team_id"`
	} `json:"user"`
	Channel struct {
		ID string `json:"id"`
	} `json:"channel"`
	Container struct {
		ChannelID string `json:"channel_id"`
		ThreadTS  string `json:"thread_ts"`
		MessageTS string `json:"message_ts"`
		Ephemeral bool   `json:"is_ephemeral"`
	} `json:"container"`
	Message struct {
		TS       string `json:"ts"`
		ThreadTS string `json:"thread_ts"`
	} `json:"message"`
	State struct {
		Values map[string]map[string]ticks `json:"values"` // by block and element
	} `json:"state"`
	TriggerID   string   `json:"trigger_id"`
	ResponseURL string   `json:"response_url"`
	Actions     []action `json:"actions"`
	View        sent     `json:"view"`
}

// foreign tells whether whoever acted is at home in another organisation. The payload does not say whether its channel is shared; this it does
// say. An enterprise's people may be at home in any of its workspaces.
func (p interaction) foreign() bool {
	return p.Enterprise.ID == "" && p.User.TeamID != "" && p.Team.ID != "" && p.User.TeamID != p.Team.ID
}

// ticks is how a group of boxes stands, of the message whose button was pressed.
type ticks struct {
	SelectedOptions []struct {
		Value string `json:"value"`
	} `json:"selected_options"`
}

// ticked is what the ticked boxes add to the line of a button that takes it.
func (p interaction) ticked(a action) string {
	if !strings.Contains(a.ActionID, commands.WithTicks) {
		return ""
	}
	var words []string
	for _, block := range p.State.Values {
		for _, boxes := range block {
			for _, option := range boxes.SelectedOptions {
				words = append(words, " "+option.Value)
			}
		}
	}
	slices.Sort(words)
	return strings.Join(words, "")
}

// action is one pressed button or one chosen option.
type action struct {
	ActionTS       string `json:"action_ts"`
	ActionID       string `json:"action_id"`
	Value          string `json:"value"`
	SelectedOption struct {
		Value string `json:"value"`
	} `json:"selected_option"`
}

func (a action) line() string {
	if a.Value != "" {
		return a.Value
	}
	return a.SelectedOption.Value
}

// acted is what somebody did with a message or a modal of ours.
type acted struct {
	messages []bot.Message
	form     bool      // the one message answers a modal
	refused  *rejected // the modal stays open, whatever the engine says
}

// interaction reads what somebody did. Of a press the value of what was pressed is the line. A press without a value (a link) says nothing.
func (t translator) interaction(from delivery) (acted, error) {
	var press interaction
	if err := json.Unmarshal(from.body, &press); err != nil {
		return acted{}, malformed("The payload is not the JSON object that an interaction is.")
	}
	switch press.Type {
	case "block_actions":
		messages, err := t.pressed(press, from)
		return acted{messages: messages}, err
	case "view_submission":
		message, refused, ours, err := t.submission(press, from)
		if err != nil || !ours || refused != nil {
			return acted{refused: refused}, err
		}
		return acted{messages: []bot.Message{message}, form: true}, nil
	case "view_closed", "shortcut", "message_action", "block_suggestion":
		t.log.Debug("An interaction of this type has no meaning here.", "type", press.Type)
		return acted{}, nil
	default:
		return acted{}, malformed("The payload's type is none that Slack sends.")
	}
}

func (t translator) pressed(press interaction, from delivery) ([]bot.Message, error) {
	if press.User.ID == "" || len(press.Actions) == 0 {
		return nil, malformed("The payload lacks its user or its actions.")
	}
	var messages []bot.Message
	for _, a := range press.Actions {
		if a.line() == "" {
			continue
		}
		message := press.message(a, from)
		message.At = t.now()
		if err := readable(message); err != nil {
			return nil, err
		}
		messages = append(messages, message)
	}
	return messages, nil
}

func (p interaction) message(a action, from delivery) bot.Message {
	message := bot.Message{
		Key:    key("button", p.TriggerID, a.ActionTS, p.User.ID, a.line()),
		Source: bot.Button,
		Asker: commands.Asker{
			User:    p.User.ID,
			Channel: either(p.Channel.ID, p.Container.ChannelID),
			Thread:  either(p.Message.ThreadTS, p.Container.ThreadTS),
			Team:    p.Team.ID,
		},
		Line:        a.line() + p.ticked(a),
		ResponseURL: p.ResponseURL,
		External:    p.foreign(),
		Turns:       p.Container.Ephemeral && strings.Contains(a.line(), " --page "),
		Trigger:     p.TriggerID,
	}
	_, message.Only, _ = strings.Cut(a.ActionID, commands.OnlyFor)
	if p.TriggerID == "" && a.ActionTS == "" {
		// Without either id a key would be the same for every press of this button.
		message.Key = key("button", from.stamp, string(from.body), a.line())
	}
	if ts := either(p.Message.TS, p.Container.MessageTS); ts != "" {
		message.Press = key("press", p.User.ID, message.Asker.Channel, ts, a.ActionID, a.line())
	}
	return message
}

// callback is the outer part of an event.
// Source: https://docs.slack.dev/apis/events-api#callback-field
type callback struct {
	Type           string          `json:"type"`
	Challenge      string          `json:"challenge"`
	TeamID         string          `json:"team_id"`
	EventID        string          `json:"event_id"`
	ExternalShared bool            `json:"is_ext_shared_channel"`
	Authorizations []authorization `json:"authorizations"`
	Event          json.RawMessage `json:"event"`
}

// authorization is one installation of the app that may see the event.
type authorization struct {
	EnterpriseID string `json:"enterprise_id"`
	TeamID       string `json:"team_id"`
}

// spoken is an event of type app_mention or message.
type spoken struct {
	Type        string          `json:"type"`
	Subtype     string          `json:"subtype"`
	User        string          `json:"user"`
	UserTeam    string          `json:"user_team"`
	BotID       string          `json:"bot_id"`
	Text        string          `json:"text"`
	TS          string          `json:"ts"`
	ThreadTS    string          `json:"thread_ts"`
	Channel     string          `json:"channel"`
	ChannelType string          `json:"channel_type"`
	Edited      json.RawMessage `json:"edited"`
}

// callback reads the outer part of an event.
func (t translator) callback(body []byte) (callback, error) {
	var outer callback
	if err := json.Unmarshal(body, &outer); err != nil {
		return outer, malformed("The body is not the JSON object that an event is.")
	}
	switch outer.Type {
	case "url_verification":
		if outer.Challenge == "" {
			return outer, malformed("The verification lacks its challenge.")
		}
	case "event_callback", "app_rate_limited":
	default:
		return outer, malformed("The event's type is none that Slack sends.")
	}
	return outer, nil
}

// event reads the line that an event carries; ok is false where it carries none.
func (t translator) event(outer callback, from delivery) (message bot.Message, ok bool, err error) {
	if outer.Type == "app_rate_limited" {
		t.log.Warn("Slack holds events back: more came in a minute than it delivers.")
		return bot.Message{}, false, nil
	}
	// Events of other types use the same field names for other things ("user" as an object), so the type
	// is read alone first.
	var kind struct {
		Type string `json:"type"`
	}
	if json.Unmarshal(outer.Event, &kind) != nil || kind.Type == "" {
		return bot.Message{}, false, malformed("The event lacks its inner event.")
	}
	if kind.Type != "app_mention" && kind.Type != "message" {
		t.log.Debug("An event of this type has no meaning here.", "type", kind.Type)
		return bot.Message{}, false, nil
	}
	var event spoken
	if err := json.Unmarshal(outer.Event, &event); err != nil {
		return bot.Message{}, false, malformed("The inner event's fields are not of the types that Slack sends.")
	}
	if !event.addressed(t.botUser()) {
		return bot.Message{}, false, nil
	}
	if event.User == "" || event.Channel == "" || event.TS == "" {
		return bot.Message{}, false, malformed("The inner event lacks its user, channel or ts.")
	}
	message = t.heard(event, outer, from)
	return message, true, readable(message)
}

// addressed tells whether a person says something to the bot. An edit is nothing new: Slack sends an edited
// mention as another event with another id, and the line would run twice.
func (e spoken) addressed(botUser string) bool {
	switch e.Subtype {
	case "", "thread_broadcast", "file_share":
	default:
		return false
	}
	edited := len(e.Edited) > 0 && string(e.Edited) != "null"
	if e.BotID != "" || edited || (e.User != "" && e.User == botUser) {
		return false
	}
	return e.Type == "app_mention" || e.ChannelType == "im"
}

func (t translator) heard(event spoken, outer callback, from delivery) bot.Message {
	message := bot.Message{
		Key:      key("event", from.stamp, string(from.body)),
		Source:   bot.Direct,
		Asker:    commands.Asker{User: event.User, Channel: event.Channel, Thread: event.ThreadTS, Team: outer.TeamID},
		Line:     withoutMention(event.Text, t.botUser()),
		External: outer.external(event.UserTeam),
		At:       t.now(),
	}
	if outer.EventID != "" {
		message.Key = key("event", outer.EventID)
	}
	if event.Type == "app_mention" {
		message.Source = bot.Mention
		message.Asker.Thread = either(event.ThreadTS, event.TS)
	}
	if message.Line == "" {
		message.Line = "help"
	}
	return message
}

// external tells whether the channel is shared with another organisation, or the sender is at home in one.
func (c callback) external(userTeam string) bool {
	if c.ExternalShared {
		return true
	}
	if userTeam == "" || len(c.Authorizations) == 0 {
		return false
	}
	for _, a := range c.Authorizations {
		if a.EnterpriseID != "" || a.TeamID == userTeam {
			return false
		}
	}
	return true
}

// withoutMention removes the mentions of the bot that a text begins with, after a greeting too, and ends with: "<@U0BOT>: vm list", "hey <@U0BOT> vm list",
// "vm list <@U0BOT>". In the middle of other words it stays: somebody speaks of the bot there, and what follows is no line. While the bot's id is
// not known, the first mention is taken to be the bot's.
func withoutMention(text, botUser string) string {
	text = strings.TrimSpace(text)
	if at := strings.Index(text, "<@"); at > 0 && greets(text[:at]) {
		text = text[at:]
	}
	if rest, ended := strings.CutSuffix(text, "<@"+botUser+">"); ended && botUser != "" && strings.TrimSpace(rest) != "" {
		text = rest
	}
	for {
		text = strings.TrimSpace(text)
		rest, isMention := strings.CutPrefix(text, "<@")
		id, rest, closed := strings.Cut(rest, ">")
		if !isMention || !closed {
			return text
		}
		id, _, _ = strings.Cut(id, "|")
		if botUser != "" && id != botUser {
			return text
		}
		text = strings.TrimLeftFunc(rest, func(r rune) bool { return r == ':' || r == ',' || unicode.IsSpace(r) })
		if botUser == "" {
			return text
		}
	}
}

// greets tells whether words are a greeting and nothing else.
func greets(words string) bool {
	word := strings.ToLower(strings.Trim(words, " ,!\u00a0"))
	return slices.Contains([]string{"hey", "hi", "hello", "ok", "okay", "please", "dear"}, word)
}

// readable refuses what no database takes as text. Slack sends no such thing.
func readable(message bot.Message) error {
	asker := message.Asker
	for _, text := range []string{message.Line, message.Noun, message.ResponseURL, asker.User, asker.Channel, asker.Thread, asker.Team} {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			return malformed("A field holds bytes that are not text.")
		}
	}
	return nil
}

func either(first, second string) string {
	if first != "" {
		return first
	}
	return second
}
