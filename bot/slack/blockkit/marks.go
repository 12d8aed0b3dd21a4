package blockkit

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"deckhand/commands"
)

// The first letters of Slack's ids. A direct message (D) cannot be linked to.
const (
	userIDs    = "UW"
	groupIDs   = "S"
	channelIDs = "CG"
)

// isID tells whether a text looks like one of Slack's ids: a letter of first, then capitals, digits, underscores.
func isID(text, first string) bool {
	if len(text) < 2 || len(text) > 100 || !strings.Contains(first, text[:1]) {
		return false
	}
	return strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

type kind int

const (
	plain kind = iota
	moment
	mono
	strong
	person
	group
	channel
	link
)

// span is a stretch of a report's text between marks.
type span struct {
	kind kind
	text string
	url  string
	at   time.Time
}

// spans takes a report's text apart.
func spans(text string) []span {
	if simple(text) {
		return []span{{kind: plain, text: text}}
	}
	var out []span
	add := func(k kind) func(string) string {
		return func(text string) string {
			out = append(out, span{kind: k, text: text})
			return ""
		}
	}
	commands.Dialect{
		Plain: add(plain), Mono: add(mono), Strong: add(strong),
		Person: add(person), Group: add(group), Channel: add(channel),
		Time: func(t time.Time) string {
			out = append(out, span{kind: moment, at: t})
			return ""
		},
		Link: func(url, text string) string {
			out = append(out, span{kind: link, url: url, text: text})
			return ""
		},
	}.Render(clean(text))
	return out
}

// clean removes what no client shows: broken UTF-8 and control characters. What would turn the order of the letters around is shown as unreadable: a
// name is what it looks like.
func clean(text string) string {
	if simple(text) {
		return text
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case unicode.IsControl(r):
			return -1
		case turnsAround(r):
			return utf8.RuneError
		default:
			return r
		}
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// turnsAround tells the characters that override or embed a direction of writing (Unicode UAX #9, X1 to X8). The marks that only hint at one stay: Arabic
// and Hebrew are written with them.
func turnsAround(r rune) bool {
	return '\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069'
}

// simple tells, for speed, that a text is one line of plain ASCII: nothing to clean, and no mark in it.
func simple(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// flat is a report's text without any markup, on one line: for buttons, chart labels and code.
func flat(text string) string {
	if simple(text) {
		return strings.TrimSpace(text)
	}
	return strings.TrimSpace(strings.NewReplacer("\n", " ", "\t", " ").Replace(commands.Terminal().Render(clean(text))))
}

// lines is a report's text as mrkdwn.
func lines(text string, bold bool) []item {
	items := []item{{count: 1}}
	for _, atom := range atoms(text, bold) {
		if atom == "\n" {
			items = append(items, item{count: 1})
			continue
		}
		last := &items[len(items)-1]
		last.atoms = append(last.atoms, atom)
	}
	return items
}

// inline is a report's text as mrkdwn on one line.
func inline(text string, bold bool) []string {
	return atoms(strings.ReplaceAll(text, "\n", " "), bold)
}

// piece is an atom that knows whether it is a word as it stands, so that it may become bold.
type piece struct {
	text string
	word bool
}

func atoms(text string, bold bool) []string {
	var pieces []piece
	for _, s := range spans(text) {
		if s.kind == plain {
			pieces = append(pieces, words(s.text)...)
			continue
		}
		for _, atom := range s.mrkdwn() {
			pieces = append(pieces, piece{text: atom})
		}
	}
	if bold {
		return embolden(pieces)
	}
	out := make([]string, len(pieces))
	for i, p := range pieces {
		out[i] = p.text
	}
	return out
}

func (s span) mrkdwn() []string {
	switch s.kind {
	case moment:
		fallback := s.at.Format("2006-01-02 15:04 UTC")
		if s.at.Unix() <= 0 { // Slack's date token knows no time before 1970
			return []string{fallback}
		}
		return []string{"<!date^" + strconv.FormatInt(s.at.Unix(), 10) + "^{date_short_pretty} {time}|" + fallback + ">"}
	case mono:
		return code(s.text)
	case strong:
		return atoms(s.text, true)
	case person:
		return mention("<@", userIDs, s.text)
	case group:
		return mention("<!subteam^", groupIDs, s.text)
	case channel:
		return mention("<#", channelIDs, s.text)
	default:
		return address(s.url, s.text)
	}
}

func mention(prefix, first, id string) []string {
	if isID(id, first) {
		return []string{prefix + id + ">"}
	}
	return atoms(id, false)
}

func address(url, text string) []string {
	if text == "" {
		text = url
	}
	text = strings.ReplaceAll(text, "\n", " ")
	whole := "<" + strings.NewReplacer("|", "%7C", "&", "&amp;", "<", "%3C", ">", "%3E").Replace(url) + "|" + escape(text) + ">"
	if isWeb(url) && units(whole) <= maxAtom {
		return []string{whole}
	}
	if text == url {
		return code(url)
	}
	return append(append(atoms(text, false), " "), code(url)...)
}

func isWeb(url string) bool {
	return strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "http://")
}

// code is text in fixed width. Slack's inline code cannot hold a backtick or a line break.
func code(text string) []string {
	var out []string
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			out = append(out, "\n")
		}
		if strings.TrimSpace(line) == "" || strings.Contains(line, "`") {
			for _, p := range words(line) {
				out = append(out, p.text)
			}
			continue
		}
		for j, part := range cut(line, maxAtom, escapedUnits) {
			if j > 0 {
				out = append(out, " ")
			}
			out = append(out, "`"+escape(part)+"`")
		}
	}
	return out
}

// escape makes text safe in mrkdwn, as https://docs.slack.dev/messaging/formatting-message-text asks.
func escape(text string) string {
	if !strings.ContainsAny(text, "&<>") {
		return text
	}
	return escapes.Replace(text)
}

var escapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;") //nolint:gochecknoglobals // a constant table

func escapedUnits(r rune) int {
	switch r {
	case '&':
		return 5
	case '<', '>':
		return 4
	default:
		return unitsOf(r)
	}
}
