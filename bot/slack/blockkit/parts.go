package blockkit

import (
	"strings"
	"time"

	"github.com/slack-go/slack"

	"deckhand/commands"
)

// Parts is Render for acknowledgements: text and blocks. What is only a title and short texts needs no blocks:
// Slack shows the text as they would.
func Parts(r commands.Report) (text string, blocks []slack.Block) {
	if text, ok := brief(r); ok {
		return text, nil
	}
	m := Render(r)
	return m.Text, m.Blocks
}

// maxBrief is the size up to which a text needs no packing into blocks, in bytes; far below every limit.
const maxBrief = 2_000

// brief is Text for a short report of nothing but texts, without the packing: this path is walked by nearly every
// acknowledgement. It answers false for any other report.
func brief(r commands.Report) (string, bool) {
	size := len(r.Title)
	for _, block := range r.Body {
		t, ok := block.(commands.Text)
		if !ok {
			return "", false
		}
		size += len(t.Text)
	}
	if len(r.Next) > 0 || r.Where != "" || size > maxBrief || !tame(r.Title) {
		return "", false
	}
	var out strings.Builder
	out.Grow(2*size + 64)
	for _, part := range []string{mark(r.Tone), "*", r.Title, "*"} {
		out.WriteString(part)
	}
	for _, block := range r.Body {
		t, _ := block.(commands.Text)
		if !unbroken(t.Text) {
			return "", false
		}
		out.WriteByte('\n')
		out.WriteString(quick.Render(t.Text))
	}
	return out.String(), true
}

// tame tells that a text is ASCII on one line that Slack shows as it stands, even in bold.
func tame(text string) bool {
	return text != "" && simple(text) && !strings.ContainsAny(text, styling) && strings.TrimSpace(text) == text
}

// styling are the characters with which mrkdwn begins to mean something.
const styling = "*_~`:&<>"

// unbroken tells that a text is ASCII on one line but for marks.
func unbroken(text string) bool {
	for _, r := range text {
		if (r < ' ' || r > '~') && r != '\uE000' && r != '\uE001' {
			return false
		}
	}
	return strings.TrimSpace(text) == text && text != ""
}

// quick writes each span by itself, the simple ones without taking them apart.
var quick = commands.Dialect{ //nolint:gochecknoglobals // a constant table
	Plain: func(text string) string {
		if !strings.ContainsAny(text, styling) {
			return text
		}
		if unstyled(text) {
			return escape(text)
		}
		return strings.Join(atoms(text, false), "")
	},
	Mono: func(text string) string {
		if text == "" || strings.ContainsAny(text, "`\n") {
			return whole(span{kind: mono, text: text})
		}
		return "`" + escape(text) + "`"
	},
	Strong:  func(text string) string { return whole(span{kind: strong, text: text}) },
	Person:  func(text string) string { return whole(span{kind: person, text: text}) },
	Group:   func(text string) string { return whole(span{kind: group, text: text}) },
	Channel: func(text string) string { return whole(span{kind: channel, text: text}) },
	Time:    func(t time.Time) string { return whole(span{kind: moment, at: t}) },
	Link:    func(url, text string) string { return whole(span{kind: link, url: url, text: text}) },
}

// unstyled tells that no word of a text on one line means something to Slack: it is the same whole as word by word.
func unstyled(text string) bool {
	if strings.Contains(text, "`") || strings.Contains(text, "  ") {
		return false
	}
	for word := range strings.SplitSeq(text, " ") {
		if changes(word) {
			return false
		}
	}
	return true
}

func whole(s span) string { return strings.Join(s.mrkdwn(), "") }
