package slacktest

import (
	"encoding/json"
	"slices"
	"strings"
)

// Message is one message.
type Message struct {
	Channel   string
	TS        string          // Slack's id: "1700000000.000100"
	Thread    string          // ts of the thread's parent; empty outside threads and for the parent itself
	User      string          // who wrote it
	Text      string          // the fall-back text
	Blocks    json.RawMessage // array, with the ids that Slack adds; empty where there are none
	Metadata  json.RawMessage
	Files     []File
	To        string // the only person who is shown it; empty for everybody
	Command   string // the slash command line that it answers
	EditedAt  string // ts of the last edit
	revision  int64
	replies   int
	lastReply string
	ticks     map[string][]string // the values of the boxes that each person ticked
}

// File is an uploaded file.
type File struct {
	ID       string
	Name     string
	Title    string
	Content  []byte
	promised int
	shared   bool
}

// Button is something in a message that can be pressed.
type Button struct {
	BlockID  string
	ActionID string
	Text     string
	Value    string
	URL      string
	Style    string
	Confirm  bool // a question comes first
	Option   bool // of a list to choose from, or of a group of boxes
	Tick     bool // a box to be ticked
}

// Buttons answers the buttons of a message, in order.
func (m Message) Buttons() []Button {
	var buttons []Button
	walk(decode(m.Blocks), "", func(node map[string]any, block string) {
		if kind := text(node["type"]); strings.HasSuffix(kind, "_select") || kind == "checkboxes" {
			options, _ := node["options"].([]any)
			for _, one := range options {
				option, _ := one.(map[string]any)
				buttons = append(buttons, Button{
					BlockID: block, ActionID: text(node["action_id"]), Text: textOf(option["text"]), Value: text(option["value"]), Option: true, Tick: kind == "checkboxes",
				})
			}
			return
		} else if kind != "button" {
			return
		}
		buttons = append(buttons, Button{
			BlockID: block, ActionID: text(node["action_id"]), Text: textOf(node["text"]), Value: text(node["value"]),
			URL: text(node["url"]), Style: text(node["style"]), Confirm: node["confirm"] != nil,
		})
	})
	return buttons
}

// Words answers everything that a message shows, in order, one piece a line: its blocks, or its text where there
// are none, then the names of its files.
func (m Message) Words() string {
	var words []string
	walk(decode(m.Blocks), "", func(node map[string]any, _ string) {
		for _, key := range []string{"title", "caption", "text", "alt_text", "label", "name"} {
			if s, ok := node[key].(string); ok && s != "" {
				words = append(words, s)
			}
		}
	})
	if len(words) == 0 && m.Text != "" {
		words = append(words, m.Text)
	}
	for _, f := range m.Files {
		words = append(words, f.Name)
	}
	return strings.Join(words, "\n")
}

// walk visits every object below node, parents first, siblings in order; keys of an object in alphabetical order.
func walk(node any, block string, visit func(node map[string]any, block string)) {
	switch n := node.(type) {
	case []any:
		for _, child := range n {
			walk(child, block, visit)
		}
	case map[string]any:
		if id, ok := n["block_id"].(string); ok {
			block = id
		}
		visit(n, block)
		keys := make([]string, 0, len(n))
		for key := range n {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		for _, key := range keys {
			if key != "confirm" {
				walk(n[key], block, visit)
			}
		}
	}
}

func decode(raw json.RawMessage) any {
	var out any
	if len(raw) == 0 || json.Unmarshal(raw, &out) != nil {
		return nil
	}
	return out
}

func text(value any) string {
	s, _ := value.(string)
	return s
}

func textOf(value any) string {
	object, _ := value.(map[string]any)
	return text(object["text"])
}

func copies(messages []*Message) []Message {
	out := make([]Message, len(messages))
	for i, m := range messages {
		out[i] = *m
	}
	return out
}

// wire is a message as the Web API and events show it.
func (w *Workspace) wire(m *Message, metadata bool) map[string]any {
	out := map[string]any{"type": "message", "user": m.User, "text": m.Text, "ts": m.TS, "team": teamID}
	if m.User == w.options.BotUserID {
		out["bot_id"] = w.botID()
		out["app_id"] = appID
	}
	if len(m.Blocks) > 0 {
		out["blocks"] = m.Blocks
	}
	if metadata && len(m.Metadata) > 0 {
		out["metadata"] = m.Metadata
	}
	if m.EditedAt != "" {
		out["edited"] = map[string]any{"user": m.User, "ts": m.EditedAt}
	}
	if m.Thread != "" {
		out["thread_ts"] = m.Thread
		if parent := w.find(m.Channel, m.Thread); parent != nil {
			out["parent_user_id"] = parent.User
		}
	}
	if m.replies > 0 {
		out["thread_ts"], out["reply_count"], out["latest_reply"] = m.TS, m.replies, m.lastReply
	}
	if len(m.Files) > 0 {
		files := make([]map[string]any, len(m.Files))
		for i, f := range m.Files {
			files[i] = w.wireFile(f)
		}
		out["files"], out["upload"] = files, true
	}
	return out
}

// find answers a message that everybody in a channel sees, or nil.
func (w *Workspace) find(channel, ts string) *Message {
	messages := w.channels[channel]
	i, ok := slices.BinarySearchFunc(messages, ts, func(m *Message, ts string) int { return strings.Compare(m.TS, ts) })
	if !ok {
		return nil
	}
	return messages[i]
}

// add puts a message into its channel, or shows it to one person. It fills in the id.
func (w *Workspace) add(m Message) *Message {
	m.TS = w.timestamp()
	// A reply to a message that is no more is posted outside threads; a reply to a reply joins its thread.
	if m.Thread != "" && m.To == "" {
		parent := w.find(m.Channel, m.Thread)
		if parent != nil && parent.Thread != "" {
			m.Thread = parent.Thread
			parent = w.find(m.Channel, m.Thread)
		}
		if parent == nil {
			m.Thread = ""
		} else {
			parent.replies++
			parent.lastReply = m.TS
			parent.revision = w.touch()
		}
	}
	m.revision = w.touch()
	stored := &m
	if m.To != "" {
		w.whispers[m.To] = last(append(w.whispers[m.To], stored), w.options.MaxMessages)
		return stored
	}
	w.channels[m.Channel] = last(append(w.channels[m.Channel], stored), w.options.MaxMessages)
	return stored
}

func last(messages []*Message, limit int) []*Message {
	if extra := len(messages) - limit; extra > 0 {
		return slices.Delete(messages, 0, extra)
	}
	return messages
}

// edit replaces the content of a message that is there.
func (w *Workspace) edit(m *Message, content content) {
	m.Text, m.Blocks, m.ticks = content.text, content.blocks, nil
	if content.metadata != nil {
		m.Metadata = content.metadata
	}
	m.EditedAt = w.timestamp()
	m.revision = w.touch()
}

// remove takes a message away.
func (w *Workspace) remove(m *Message) {
	same := func(other *Message) bool { return other == m }
	if m.To != "" {
		w.whispers[m.To] = slices.DeleteFunc(w.whispers[m.To], same)
	} else {
		w.channels[m.Channel] = slices.DeleteFunc(w.channels[m.Channel], same)
	}
	if parent := w.find(m.Channel, m.Thread); m.Thread != "" && m.To == "" && parent != nil {
		parent.replies--
		parent.revision = w.touch()
	}
	w.gone = append(w.gone, tombstone{w.touch(), m.Channel, m.TS, m.To})
}
