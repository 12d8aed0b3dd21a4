package commands

import (
	"strconv"
	"strings"
	"time"
)

// Inline marks are spans inside a report's strings that every renderer shows in its own way. A mark is
// U+E000, one letter, its content, U+E001. The language removes both characters from everything
// that people type, so content cannot forge a mark.
const (
	markOpen  = '\uE000'
	markClose = '\uE001'
)

func mark(kind byte, content string) string {
	return string(markOpen) + string(kind) + Unmarked(content) + string(markClose)
}

// At marks a moment; renderers show it in the reader's zone where they can.
func At(t time.Time) string { return mark('t', strconv.FormatInt(t.Unix(), 10)) }

// Mono marks text to be copied: an id, a name, a line.
func Mono(text string) string { return mark('m', text) }

// Monos writes each of several as Mono does.
func Monos(texts []string) []string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = Mono(text)
	}
	return out
}

// Strong marks the important word.
func Strong(text string) string { return mark('s', text) }

// Person marks a user by id. Ids that are not Slack's ("terminal:ann") are shown as they are.
func Person(id string) string { return mark('p', id) }

// Group marks a Slack user group by id.
func Group(id string) string { return mark('g', id) }

// Channel marks a channel by id.
func Channel(id string) string { return mark('c', id) }

// Link marks an address with a text to show for it.
func Link(url, text string) string { return mark('l', url+" "+text) }

// Unmarked removes the characters that marks are made of.
func Unmarked(text string) string {
	if !strings.ContainsRune(text, markOpen) && !strings.ContainsRune(text, markClose) {
		return text
	}
	return strings.Map(func(r rune) rune {
		if r == markOpen || r == markClose {
			return -1
		}
		return r
	}, text)
}

// Dialect says how a renderer writes plain text and each kind of mark.
type Dialect struct {
	Plain   func(text string) string // escapes
	Time    func(t time.Time) string
	Mono    func(text string) string
	Strong  func(text string) string
	Person  func(id string) string
	Group   func(id string) string
	Channel func(id string) string
	Link    func(url, text string) string
}

// Render writes text in a dialect.
func (d Dialect) Render(text string) string {
	if !strings.ContainsRune(text, markOpen) {
		return d.Plain(text)
	}
	var out strings.Builder
	out.Grow(len(text))
	for text != "" {
		open := strings.IndexRune(text, markOpen)
		if open < 0 {
			out.WriteString(d.Plain(text))
			break
		}
		out.WriteString(d.Plain(text[:open]))
		text = text[open+len(string(markOpen)):]
		end := strings.IndexRune(text, markClose)
		if end < 1 {
			out.WriteString(d.Plain(text))
			break
		}
		out.WriteString(d.span(text[0], text[1:end]))
		text = text[end+len(string(markClose)):]
	}
	return out.String()
}

func (d Dialect) span(kind byte, content string) string {
	switch kind {
	case 't':
		seconds, err := strconv.ParseInt(content, 10, 64)
		if err != nil {
			return d.Plain(content)
		}
		return d.Time(time.Unix(seconds, 0).UTC())
	case 'm':
		return d.Mono(content)
	case 's':
		return d.Strong(content)
	case 'p':
		return d.Person(content)
	case 'g':
		return d.Group(content)
	case 'c':
		return d.Channel(content)
	case 'l':
		url, text, _ := strings.Cut(content, " ")
		return d.Link(url, text)
	default:
		return d.Plain(content)
	}
}

// Terminal is the dialect of a terminal, of logs and of table cells: no escapes, times in UTC.
func Terminal() Dialect {
	as := func(text string) string { return text }
	return Dialect{
		Plain:  as,
		Time:   func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") },
		Mono:   as,
		Strong: as,
		Person: as, Group: as, Channel: as,
		Link: func(url, text string) string {
			if text == "" || text == url {
				return url
			}
			return text + " (" + url + ")"
		},
	}
}
