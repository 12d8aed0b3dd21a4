package slacktest

import (
	"regexp"
	"strings"
)

// written finds what Slack turns into links while somebody types: what is in its own notation already, people, channels,
// addresses and bare domain names.
var written = regexp.MustCompile( //nolint:gochecknoglobals // a constant
	`<(?:[@#!][^<>\s]+|(?:https?|mailto):[^<>\s]+)>` +
		`|@[\w.-]*\w` +
		`|#[\w-]+` +
		`|https?://[^\s<>"'“”‘’]+` +
		`|\b(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?\.)+(?:com|net|org|io|dev)\b(?:/[^\s<>"'“”‘’]*)?`,
)

// encode writes a line as the app gets it: people, channels and links by id and address, and & < > escaped. Slash commands carry names
// beside the ids of people, messages do not.
// https://docs.slack.dev/messaging/formatting-message-text
func (w *Workspace) encode(line string, slash bool) string {
	var out strings.Builder
	at := 0
	for _, span := range written.FindAllStringIndex(line, -1) {
		out.WriteString(escape(line[at:span[0]]))
		out.WriteString(w.encodeSpan(line[span[0]:span[1]], slash))
		at = span[1]
	}
	out.WriteString(escape(line[at:]))
	return out.String()
}

func (w *Workspace) encodeSpan(span string, slash bool) string {
	switch span[0] {
	case '<':
		return span
	case '@':
		for _, u := range append(w.options.Users, User{ID: w.options.BotUserID, Name: w.options.BotName}) {
			if strings.EqualFold(u.Name, span[1:]) {
				if slash {
					return "<@" + u.ID + "|" + strings.ToLower(u.Name) + ">"
				}
				return "<@" + u.ID + ">"
			}
		}
	case '#':
		for _, c := range w.options.Channels {
			if c.Name == span[1:] {
				return "<#" + c.ID + "|" + c.Name + ">"
			}
		}
	default:
		address := escape(span)
		if strings.Contains(span, "://") {
			return "<" + address + ">"
		}
		return "<http://" + address + "|" + address + ">"
	}
	return escape(span)
}

func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
