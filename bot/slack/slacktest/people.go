package slacktest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// slackbot speaks for Slack itself.
const slackbot = "USLACKBOT"

// Reply is what came of something that a person did.
type Reply struct {
	TS     string        // of the message that the person posted; empty for slash commands and buttons
	Status int           // HTTP status of the app's acknowledgement; 0 over sockets
	Body   []byte        // what the app answered with, if anything
	Took   time.Duration // until the acknowledgement
}

// Type does what typing a line does: a slash command where it begins with a slash, a message otherwise, which reaches the app where it
// mentions the app or is sent to it directly. Thread is the parent's ts, or empty. The answer comes after the app's
// acknowledgement. An *Error says what Slack would tell the person.
func (w *Workspace) Type(ctx context.Context, user, channel, thread, line string) (Reply, error) {
	person, known := w.user(user)
	switch {
	case !known || user == w.options.BotUserID:
		return Reply{}, &Error{Code: "user_not_found", Message: "There is no such person here."}
	case !w.canSee(user, channel):
		return Reply{}, &Error{Code: "channel_not_found", Message: "There is no such channel for this person."}
	case strings.TrimSpace(line) == "":
		return Reply{}, &Error{Code: "no_text", Message: "There is nothing to send."}
	case w.isDown():
		return Reply{}, &Error{Code: "unavailable", Message: "Slack is away."}
	}
	if strings.HasPrefix(line, "/") {
		return w.slash(ctx, person, channel, thread, line)
	}
	return w.say(ctx, person, channel, thread, line)
}

func (w *Workspace) isDown() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.down
}

func (w *Workspace) slash(ctx context.Context, user User, channel, thread, line string) (Reply, error) {
	command, rest := line, ""
	if i := strings.IndexAny(line, " \t\n"); i >= 0 {
		command, rest = line[:i], strings.TrimSpace(line[i:])
	}
	if thread != "" {
		return Reply{}, w.tell(user.ID, channel, thread, &Error{Code: "not_in_threads", Message: command + " does not work in threads."})
	}
	if len(w.options.SlashCommands) > 0 && !slices.Contains(w.options.SlashCommands, command) {
		return Reply{}, w.tell(user.ID, channel, "", &Error{Code: "unknown_command", Message: command + " is not a command here."})
	}
	place, _ := w.channel(channel)
	to := &responseURL{user: user.ID, channel: channel, command: line}
	w.mu.Lock()
	fields := map[string]string{
		"team_id": teamID, "team_domain": teamName, "channel_id": channel, "channel_name": place.Name,
		"user_id": user.ID, "user_name": strings.ToLower(user.Name), "command": command,
		"text": w.encode(rest, true), "api_app_id": appID, "is_enterprise_install": "false",
	}
	to.acked = make(chan struct{})
	defer close(to.acked)
	fields["response_url"], fields["trigger_id"] = w.newResponse(to)
	w.mu.Unlock()

	form := url.Values{}
	payload := map[string]any{}
	for name, value := range fields {
		form.Set(name, value)
		payload[name] = value
	}
	reply, err := w.deliver(ctx, &delivery{kind: slashCommands, payload: payload, form: form, to: to})
	var failure *Error
	if errors.As(err, &failure) {
		message := fmt.Sprintf("%s failed with the error \"%s\"", command, failure.Code)
		return reply, w.tell(user.ID, channel, "", &Error{Code: failure.Code, Message: message, Err: failure.Err})
	}
	return reply, err
}

// tell lets Slackbot say to a person, as Slack does, why a slash command came to nothing.
func (w *Workspace) tell(user, channel, thread string, e *Error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.add(Message{Channel: channel, Thread: thread, User: slackbot, To: user, Text: escape(e.Message)})
	e.Told = true
	return e
}

func (w *Workspace) say(ctx context.Context, user User, channel, thread, line string) (Reply, error) {
	w.mu.Lock()
	m := w.add(Message{Channel: channel, Thread: thread, User: user.ID, Text: w.encode(line, false)})
	_, direct := w.directOwner(channel)
	place, _ := w.channel(channel)
	mentioned := strings.Contains(m.Text, "<@"+w.options.BotUserID+">")
	event := map[string]any{
		"user": user.ID, "text": m.Text, "ts": m.TS, "event_ts": m.TS, "channel": channel, "team": teamID,
	}
	if m.Thread != "" {
		event["thread_ts"] = m.Thread
	}
	switch {
	case direct:
		event["type"], event["channel_type"] = "message", "im"
	case mentioned && w.joined[channel]:
		event["type"] = "app_mention"
	}
	payload := w.eventCallback(event, place.External)
	ts := m.TS
	w.mu.Unlock()
	if event["type"] == nil {
		return Reply{TS: ts}, nil
	}
	reply, err := w.deliver(ctx, &delivery{kind: eventsAPI, payload: payload})
	reply.TS = ts
	return reply, err
}

func (w *Workspace) eventCallback(event map[string]any, external bool) map[string]any {
	return map[string]any{
		"type": "event_callback", "team_id": teamID, "api_app_id": appID, "event": event,
		"event_id": w.id("Ev"), "event_time": w.options.Now().Unix(), "is_ext_shared_channel": external,
		"authorizations": []any{map[string]any{
			"team_id": teamID, "user_id": w.options.BotUserID, "is_bot": true, "is_enterprise_install": false,
		}},
	}
}

// Press presses the first button of a message with this action id. A confirmation counts as given.
func (w *Workspace) Press(ctx context.Context, user, channel, ts, actionID string) error {
	return w.press(ctx, pressed{user: user, channel: channel, ts: ts, action: actionID})
}

// Choose chooses an option of a list, by its value.
func (w *Workspace) Choose(ctx context.Context, user, channel, ts, actionID, value string) error {
	return w.press(ctx, pressed{user: user, channel: channel, ts: ts, action: actionID, value: value})
}

// pressed names a button, or an option of a list by its value; block may be empty.
type pressed struct{ user, channel, ts, block, action, value string }

func (w *Workspace) press(ctx context.Context, p pressed) error {
	user, known := w.user(p.user)
	if !known || !w.canSee(p.user, p.channel) {
		return &Error{Code: "channel_not_found", Message: "There is no such channel for this person."}
	}
	if w.isDown() {
		return &Error{Code: "unavailable", Message: "Slack is away."}
	}
	w.mu.Lock()
	m := w.shown(p)
	if m == nil {
		w.mu.Unlock()
		return &Error{Code: "message_not_found", Message: "That message is gone."}
	}
	i := slices.IndexFunc(m.Buttons(), func(b Button) bool {
		return b.ActionID == p.action && (p.block == "" || p.block == b.BlockID) && (!b.Option || p.value == b.Value)
	})
	if i < 0 {
		w.mu.Unlock()
		return &Error{Code: "action_not_found", Message: "That button is gone."}
	}
	if b := m.Buttons()[i]; b.Tick {
		m.tick(p.user, b.Value)
	}
	to := &responseURL{user: p.user, channel: p.channel, original: m}
	payload := w.blockActions(user, m, m.Buttons()[i], to)
	w.mu.Unlock()
	raw, err := json.Marshal(payload)
	if err != nil {
		return err
	}
	_, err = w.deliver(ctx, &delivery{kind: interactive, payload: payload, form: url.Values{"payload": {string(raw)}}, to: to})
	return err
}

// shown answers the message that a person sees there, or nil.
func (w *Workspace) shown(p pressed) *Message {
	if m := w.find(p.channel, p.ts); m != nil {
		return m
	}
	i := slices.IndexFunc(w.whispers[p.user], func(m *Message) bool { return m.TS == p.ts && m.Channel == p.channel })
	if i < 0 {
		return nil
	}
	return w.whispers[p.user][i]
}

// blockActions is the payload of a press.
// https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
func (w *Workspace) blockActions(user User, m *Message, b Button, to *responseURL) map[string]any {
	place, _ := w.channel(m.Channel)
	address, triggerID := w.newResponse(to)
	action := map[string]any{
		"type": "button", "block_id": b.BlockID, "action_id": b.ActionID, "value": b.Value,
		"text": map[string]any{"type": "plain_text", "text": b.Text}, "action_ts": w.timestamp(),
	}
	switch {
	case b.Tick:
		action = map[string]any{
			"type": "checkboxes", "block_id": b.BlockID, "action_id": b.ActionID, "action_ts": w.timestamp(), "selected_options": m.tickedBy(user.ID),
		}
	case b.Option:
		action = map[string]any{
			"type": "static_select", "block_id": b.BlockID, "action_id": b.ActionID, "action_ts": w.timestamp(),
			"selected_option": map[string]any{"text": map[string]any{"type": "plain_text", "text": b.Text}, "value": b.Value},
		}
	}
	if b.Style != "" {
		action["style"] = b.Style
	}
	container := map[string]any{
		"type": "message", "message_ts": m.TS, "channel_id": m.Channel, "is_ephemeral": m.To != "",
	}
	if m.Thread != "" {
		container["thread_ts"] = m.Thread
	}
	payload := map[string]any{
		"type": "block_actions", "api_app_id": appID, "trigger_id": triggerID, "response_url": address,
		"user":                  map[string]any{"id": user.ID, "username": strings.ToLower(user.Name), "name": strings.ToLower(user.Name), "team_id": teamID},
		"team":                  map[string]any{"id": teamID, "domain": teamName},
		"channel":               map[string]any{"id": m.Channel, "name": place.Name},
		"container":             container,
		"actions":               []any{action},
		"state":                 map[string]any{"values": m.state(user.ID)},
		"is_enterprise_install": false,
	}
	// Slack leaves out the message where only one person sees it.
	if m.To == "" {
		payload["message"] = w.wire(m, true)
	}
	return payload
}

// tick ticks a box for a person, or clears it.
func (m *Message) tick(user, value string) {
	if m.ticks == nil {
		m.ticks = map[string][]string{}
	}
	if i := slices.Index(m.ticks[user], value); i >= 0 {
		m.ticks[user] = slices.Delete(m.ticks[user], i, i+1)
		return
	}
	m.ticks[user] = append(m.ticks[user], value)
}

// tickedBy answers the boxes that a person ticked, as options.
func (m *Message) tickedBy(user string) []any {
	options := []any{}
	for _, b := range m.Buttons() {
		if b.Tick && slices.Contains(m.ticks[user], b.Value) {
			options = append(options, map[string]any{"text": map[string]any{"type": "plain_text", "text": b.Text}, "value": b.Value})
		}
	}
	return options
}

// state is how the boxes of a message stand for a person, by block and element.
func (m *Message) state(user string) map[string]any {
	values := map[string]any{}
	for _, b := range m.Buttons() {
		if b.Tick {
			values[b.BlockID] = map[string]any{b.ActionID: map[string]any{"type": "checkboxes", "selected_options": m.tickedBy(user)}}
		}
	}
	return values
}
