package commands

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLine is the longest line that is read, in bytes. Slack itself cuts a slash command's text at 4,000 characters.
const maxLine = 16_000

// Word is one word of a line. Quoted words are values even where they begin with dashes.
type Word struct {
	Text   string
	Quoted bool
}

// SplitWords splits a line the way a person meant it: quotes (straight, curly or guillemets), backslashes, the dashes
// and spaces that phones put in, and Slack's escapes (<@U1|name>, <#C1|name>, <http://x|x>, &amp;) are
// read as what was typed. Errors are of kind Usage.
func SplitWords(line string) ([]Word, error) {
	if len(line) > maxLine {
		return nil, &Error{Kind: Usage, Message: "The line is too long to be read: the limit is 16,000 characters.", Hint: "Nothing was done; send a shorter line."}
	}
	if !utf8.ValidString(line) {
		return nil, &Error{Kind: Usage, Message: "The line is not valid text (UTF-8).", Hint: "Nothing was done; type the line again."}
	}
	line = strings.Trim(strings.TrimSpace(line), "`")
	if plainLine(line) {
		words := make([]Word, 0, strings.Count(line, " ")+1)
		for field := range strings.FieldsSeq(line) {
			words = append(words, Word{Text: field})
		}
		return words, nil
	}
	s := splitter{rest: line}
	return s.split()
}

// plainLine tells, for speed, that a line holds nothing that could mean anything else than it is.
func plainLine(line string) bool {
	for i := range len(line) {
		switch c := line[i]; {
		case c < ' ' || c > '~', c == '"', c == '\'', c == '\\', c == '<', c == '&':
			return false
		}
	}
	return true
}

type splitter struct {
	rest  string
	word  strings.Builder
	begun bool // a word is under way, possibly empty ("")
	quote bool // the word began with a quote
	words []Word
}

func (s *splitter) split() ([]Word, error) {
	for s.rest != "" {
		r, size := utf8.DecodeRuneInString(s.rest)
		switch {
		case isSpace(r):
			s.end()
		case isInvisible(r):
		case r == '\\':
			s.backslash()
			continue
		case r == '<':
			s.angle()
			continue
		case isDash(r):
			s.dash(r)
		case closingQuote(r) != "" && (r != '\'' && r != '’' && r != '‘' || s.opensHere()):
			if err := s.quoted(r, size); err != nil {
				return nil, err
			}
			continue
		case r == '&':
			s.entity()
			continue
		default:
			s.add(s.rest[:size])
		}
		s.rest = s.rest[size:]
	}
	s.end()
	return s.words, nil
}

func (s *splitter) add(text string) {
	s.begun = true
	s.word.WriteString(text)
}

func (s *splitter) end() {
	if s.begun {
		s.words = append(s.words, Word{s.word.String(), s.quote})
	}
	s.word.Reset()
	s.begun, s.quote = false, false
}

// opensHere tells whether a single quote opens something here, or is the apostrophe of a word.
func (s *splitter) opensHere() bool {
	if !s.begun {
		return true
	}
	text := s.word.String()
	return text != "" && strings.ContainsRune("=:,([{", rune(text[len(text)-1]))
}

// backslash takes the next character as it is; before white space it continues the line.
func (s *splitter) backslash() {
	s.rest = s.rest[1:]
	r, size := utf8.DecodeRuneInString(s.rest)
	if s.rest == "" || isSpace(r) {
		return
	}
	text := s.rest[:size]
	if isCurly(r) {
		text = `"`
	}
	s.add(text)
	s.rest = s.rest[size:]
}

// angle reads what Slack puts between angle brackets; any other bracket is itself.
func (s *splitter) angle() {
	end := strings.IndexByte(s.rest, '>')
	if end > 0 {
		if meant, ok := meantBy(s.rest[1:end]); ok {
			s.add(meant)
			s.rest = s.rest[end+1:]
			return
		}
	}
	s.add("<")
	s.rest = s.rest[1:]
}

// meantBy answers what a person typed for Slack to escape it like this.
// Source: https://docs.slack.dev/messaging/formatting-message-text
func meantBy(inner string) (string, bool) {
	target, label, _ := strings.Cut(inner, "|")
	switch {
	case strings.HasPrefix(target, "@"), strings.HasPrefix(target, "#"):
		return target[1:], len(target) > 1 && !strings.ContainsAny(target, " <")
	case strings.HasPrefix(target, "!subteam^"):
		return strings.TrimPrefix(target, "!subteam^"), true
	case strings.HasPrefix(target, "!"):
		return "@" + target[1:], !strings.ContainsAny(target, " <-")
	}
	scheme, rest, ok := strings.Cut(target, ":")
	if !ok || !isScheme(scheme) {
		return "", false
	}
	// A bare host or mail address that Slack made a link of: the label is what was typed.
	bare := strings.TrimSuffix(strings.TrimPrefix(rest, "//"), "/")
	if label != "" && strings.TrimSuffix(label, "/") == bare {
		return unescape(label), true
	}
	return unescape(target), true
}

func isScheme(s string) bool {
	for _, r := range s {
		if !unicode.IsLower(r) || r > unicode.MaxASCII {
			return false
		}
	}
	return s != ""
}

// entity reads the three entities that Slack writes.
func (s *splitter) entity() {
	for _, e := range [...]struct{ entity, text string }{{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}} {
		if rest, ok := strings.CutPrefix(s.rest, e.entity); ok {
			s.add(e.text)
			s.rest = rest
			return
		}
	}
	s.add("&")
	s.rest = s.rest[1:]
}

func unescape(text string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(text)
}

// dash makes the dashes that phones put in plain: an em or en dash that begins a word is the "--" that was typed.
func (s *splitter) dash(r rune) {
	long := r == '—' || r == '–' || r == '―'
	switch {
	case long && !s.begun:
		s.add("--")
	case long && strings.Trim(s.word.String(), "-") == "":
		// One more dash before the name of a flag: "——count", "-—count".
	default:
		s.add("-")
	}
}

// quoted reads up to the closing quote.
func (s *splitter) quoted(open rune, size int) error {
	if !s.begun {
		s.quote = true
	}
	s.begun = true
	closers := closingQuote(open)
	from := s.rest
	s.rest = s.rest[size:]
	escapes := open != '\'' && open != '‘' && open != '’'
	nested := !escapes && structured(s.rest)
	for s.rest != "" {
		r, n := utf8.DecodeRuneInString(s.rest)
		switch {
		case strings.ContainsRune(closers, r):
			s.rest = s.rest[n:]
			return nil
		case escapes && r == '\\' && escaped(s.rest[1:]) > 0:
			n = escaped(s.rest[1:])
			s.add(s.rest[1 : 1+n])
			s.rest = s.rest[1+n:]
		case isHardSpace(r):
			s.add(" ")
			s.rest = s.rest[n:]
		case nested && isCurly(r):
			s.add(`"`)
			s.rest = s.rest[n:]
		case r == '&':
			s.entity()
		case r == '<':
			s.angle()
		default:
			s.add(Unmarked(s.rest[:n]))
			s.rest = s.rest[n:]
		}
	}
	return &Error{
		Kind:    Usage,
		Message: "A quote is opened and never closed: " + Mono(clip(from, 40)) + ".",
		Hint:    "Close it, or leave the quote out.",
	}
}

// escaped is the length of what a backslash inside quotes takes as it is; 0 where it is a backslash like any other.
func escaped(rest string) int {
	r, size := utf8.DecodeRuneInString(rest)
	if r == '\\' || isHardSpace(r) || strings.ContainsRune(closingQuote('"'), r) {
		return size
	}
	return 0
}

// structured tells whether what a single quote opens is JSON or the AWS CLI's shorthand (Key="a b",Value=c): quotes in it are part of how it is written.
func structured(text string) bool {
	if strings.HasPrefix(text, "[") || strings.HasPrefix(text, "{") {
		return true
	}
	key, _, assigns := strings.Cut(text, "=")
	return assigns && key != "" && strings.IndexFunc(key, func(r rune) bool { return !unicode.IsLetter(r) }) < 0
}

func isCurly(r rune) bool { return r == '“' || r == '”' }

// isHardSpace tells the spaces that web pages and phones write in the place of a plain one.
func isHardSpace(r rune) bool { return r == '\u00a0' || r == '\u202f' }

// closingQuote answers the characters that close what this one opens; "" where it opens nothing.
func closingQuote(open rune) string {
	switch open {
	case '"', '“', '”', '„', '‟', '«':
		return `"“”‟»`
	case '\'', '‘', '’', '‚', '‛':
		return `'‘’‛`
	default:
		return ""
	}
}

func isSpace(r rune) bool {
	return unicode.IsSpace(r) || isHardSpace(r) || r == '\u2060'
}

// isInvisible tells the characters that nobody types on purpose, the marks of reports among them.
func isInvisible(r rune) bool {
	return r == markOpen || r == markClose || unicode.Is(unicode.Cf, r) || unicode.IsControl(r)
}

func isDash(r rune) bool {
	switch r {
	case '—', '–', '―', '‐', '‑', '−', '﹣', '－':
		return true
	default:
		return false
	}
}

// clip shortens text to n characters.
func clip(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	return string([]rune(text)[:n-1]) + "…"
}

// Quote writes a word so that SplitWords reads it back.
func Quote(word string) string {
	plain := word != "" && !strings.HasPrefix(word, "-")
	if plain && plainLine(word) && !strings.ContainsAny(word, " `") {
		return word
	}
	for _, r := range word {
		if isSpace(r) || isInvisible(r) || isDash(r) || closingQuote(r) != "" || strings.ContainsRune("\\`<&", r) {
			plain = false
			break
		}
	}
	if plain {
		return word
	}
	var quoted strings.Builder
	for _, r := range word {
		if escaped(string(r)) > 0 {
			quoted.WriteByte('\\')
		}
		quoted.WriteRune(r)
	}
	return `"` + quoted.String() + `"`
}
