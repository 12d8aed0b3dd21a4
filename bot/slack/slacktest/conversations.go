package slacktest

import (
	"encoding/base64"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Slack's default and largest number of messages in an answer.
// https://docs.slack.dev/reference/methods/conversations.history
const (
	fewMessages  = 100
	mostMessages = 999
)

func (w *Workspace) conversationsHistory(c call) (answer, error) {
	if err := w.readable(c.args["channel"]); err != nil {
		return nil, err
	}
	var found []*Message
	for _, m := range slices.Backward(w.channels[c.args["channel"]]) {
		if m.Thread == "" && within(c, m.TS) {
			found = append(found, m)
		}
	}
	return w.pageOf(c, found), nil
}

func (w *Workspace) conversationsReplies(c call) (answer, error) {
	if err := w.readable(c.args["channel"]); err != nil {
		return nil, err
	}
	parent := w.find(c.args["channel"], c.args["ts"])
	if parent == nil {
		return nil, refuse("thread_not_found")
	}
	root := parent.TS
	if parent.Thread != "" {
		root = parent.Thread
	}
	var found []*Message
	for _, m := range w.channels[c.args["channel"]] {
		if m.TS == root || m.Thread == root && within(c, m.TS) {
			found = append(found, m)
		}
	}
	return w.pageOf(c, found), nil
}

// readable says no where the app may not read.
func (w *Workspace) readable(channel string) error {
	if _, ok := w.channel(channel); !ok {
		return refuse("channel_not_found")
	}
	if _, direct := w.directOwner(channel); !direct && !w.joined[channel] {
		return refuse("not_in_channel")
	}
	return nil
}

// within tells whether a message lies in the time that a call asks for.
func within(c call, ts string) bool {
	oldest, latest := padded(c.args["oldest"]), padded(c.args["latest"])
	if c.flag("inclusive") && (ts == oldest || ts == latest) {
		return true
	}
	return (oldest == "" || ts > oldest) && (latest == "" || ts < latest)
}

// padded makes timestamps comparable as text: callers may leave out the decimals.
func padded(ts string) string {
	if ts == "" || ts == "0" {
		return ""
	}
	seconds, micros, _ := strings.Cut(ts, ".")
	return seconds + "." + (micros + "000000")[:6]
}

// pageOf answers the messages from the call's cursor on, as many as it asks for.
func (w *Workspace) pageOf(c call, found []*Message) answer {
	if cursor, err := base64.StdEncoding.DecodeString(c.args["cursor"]); err == nil && len(cursor) > 0 {
		ts := strings.TrimPrefix(string(cursor), "next_ts:")
		found = found[max(0, slices.IndexFunc(found, func(m *Message) bool { return m.TS == ts })):]
	}
	limit := c.number("limit", fewMessages, mostMessages)
	next := ""
	if len(found) > limit {
		next = base64.StdEncoding.EncodeToString([]byte("next_ts:" + found[limit].TS))
		found = found[:limit]
	}
	messages := make([]map[string]any, len(found))
	for i, m := range found {
		messages[i] = w.wire(m, c.flag("include_all_metadata"))
	}
	return answer{
		"messages": messages, "has_more": next != "", "pin_count": 0,
		"response_metadata": map[string]any{"next_cursor": next},
	}
}

func (w *Workspace) wireChannel(channel Channel) map[string]any {
	if owner, direct := w.directOwner(channel.ID); direct {
		return map[string]any{"id": channel.ID, "is_im": true, "user": owner.ID, "is_open": true}
	}
	return map[string]any{
		"id": channel.ID, "name": channel.Name, "name_normalized": channel.Name, "is_channel": true,
		"is_member": w.joined[channel.ID], "is_ext_shared": channel.External, "is_shared": channel.External,
		"num_members": len(w.options.Users),
	}
}

func (w *Workspace) conversationsInfo(c call) (answer, error) {
	channel, ok := w.channel(c.args["channel"])
	if !ok {
		return nil, refuse("channel_not_found")
	}
	return answer{"channel": w.wireChannel(channel)}, nil
}

func (w *Workspace) conversationsJoin(c call) (answer, error) {
	channel, ok := w.channel(c.args["channel"])
	if !ok {
		return nil, refuse("channel_not_found")
	}
	body := answer{}
	if w.joined[channel.ID] {
		body["warning"] = "already_in_channel"
		body["response_metadata"] = map[string]any{"warnings": []string{"already_in_channel"}}
	}
	w.joined[channel.ID] = true
	body["channel"] = w.wireChannel(channel)
	return body, nil
}

func (w *Workspace) conversationsList(c call) (answer, error) {
	types := c.args["types"]
	var channels []map[string]any
	if types == "" || strings.Contains(types, "public_channel") {
		for _, channel := range w.options.Channels {
			channels = append(channels, w.wireChannel(channel))
		}
	}
	if slices.Contains(strings.Split(types, ","), "im") {
		for _, u := range w.options.Users {
			channels = append(channels, w.wireChannel(Channel{ID: DirectChannel(u.ID)}))
		}
	}
	return listed(c, "channels", channels), nil
}

// listed answers a part of a list that has no order of its own to continue from: the cursor is a position.
func listed(c call, name string, all []map[string]any) answer {
	start := call{args: map[string]string{"n": c.args["cursor"]}}.number("n", 0, len(all))
	end := min(len(all), start+c.number("limit", 200, 1000))
	next := ""
	if end < len(all) {
		next = strconv.Itoa(end)
	}
	part := append([]map[string]any{}, all[start:end]...)
	return answer{name: part, "response_metadata": map[string]any{"next_cursor": next}}
}

func (w *Workspace) conversationsOpen(c call) (answer, error) {
	if channel, ok := w.channel(c.args["channel"]); ok {
		return answer{"channel": w.wireChannel(channel), "no_op": true, "already_open": true}, nil
	}
	user, ok := w.user(c.args["users"])
	if !ok || user.ID == w.options.BotUserID {
		return nil, refuse("user_not_found")
	}
	return answer{"channel": w.wireChannel(Channel{ID: DirectChannel(user.ID)})}, nil
}

func (w *Workspace) wireUser(u User) map[string]any {
	return map[string]any{
		"id": u.ID, "team_id": teamID, "name": strings.ToLower(u.Name), "real_name": u.Name, "deleted": u.Left,
		"is_bot": u.ID == w.options.BotUserID, "profile": map[string]any{"real_name": u.Name, "display_name": u.Name},
	}
}

func (w *Workspace) usersInfo(c call) (answer, error) {
	user, ok := w.user(c.args["user"])
	if !ok {
		return nil, refuse("user_not_found")
	}
	return answer{"user": w.wireUser(user)}, nil
}

func (w *Workspace) usersList(c call) (answer, error) {
	bot, _ := w.user(w.options.BotUserID)
	var members []map[string]any
	for _, u := range append(slices.Clone(w.options.Users), bot) {
		members = append(members, w.wireUser(u))
	}
	return listed(c, "members", members), nil
}

func (w *Workspace) usergroupsList(c call) (answer, error) {
	groups := []map[string]any{}
	for _, id := range slices.Sorted(maps.Keys(w.options.Groups)) {
		group := map[string]any{
			"id": id, "team_id": teamID, "is_usergroup": true, "name": id, "handle": strings.ToLower(id),
			"user_count": len(w.options.Groups[id]),
		}
		if c.flag("include_users") {
			group["users"] = w.options.Groups[id]
		}
		groups = append(groups, group)
	}
	return answer{"usergroups": groups}, nil
}

func (w *Workspace) usergroupsUsersList(c call) (answer, error) {
	users, ok := w.options.Groups[c.args["usergroup"]]
	if !ok {
		return nil, refuse("no_such_subteam")
	}
	return answer{"users": append([]string{}, users...)}, nil
}
