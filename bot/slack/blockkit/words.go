package blockkit

import "strings"

// words takes plain text apart into words, the space between them, and line breaks.
func words(text string) []piece {
	text = strings.ReplaceAll(text, "\t", " ")
	var out []piece
	for text != "" {
		end := strings.IndexAny(text, " \n")
		switch {
		case text[0] == '\n':
			out, text = append(out, piece{text: "\n"}), text[1:]
		case text[0] == ' ':
			rest := strings.TrimLeft(text, " ")
			out, text = append(out, piece{text: " "}), rest
		case end < 0:
			out, text = append(out, word(text)...), ""
		default:
			out, text = append(out, word(text[:end])...), text[end:]
		}
	}
	return out
}

func word(text string) []piece {
	text = strings.ReplaceAll(text, "`", "ˋ")
	plain := !changes(text)
	if plain && len(text) < maxAtom/5 {
		return []piece{{text: escape(text), word: true}}
	}
	parts := cut(text, maxAtom, escapedUnits)
	if plain {
		out := make([]piece, len(parts))
		for i, part := range parts {
			out[i] = piece{text: escape(part), word: true}
		}
		return out
	}
	core := strings.TrimRight(strings.TrimLeft(text, `([{"'`), `)]}.,;:!?"'`)
	if core == "" || len(parts) > 1 {
		core = text
	}
	lead, trail, _ := strings.Cut(text, core)
	var out []piece
	for _, part := range cut(core, maxAtom, escapedUnits) {
		out = append(out, piece{text: "`" + escape(part) + "`"})
	}
	out[0].text = escape(lead) + out[0].text
	out[len(out)-1].text += escape(trail)
	return out
}

// changes tells whether Slack would show a word of plain text as something else: bold, italic, struck out, a
// quotation or an emoji.
func changes(word string) bool {
	if !strings.ContainsAny(word, ">*_~:") {
		return false
	}
	if strings.HasPrefix(word, ">") {
		return true
	}
	for i, r := range word {
		inside := i > 0 && alphanumeric(word[i-1]) && i+1 < len(word) && alphanumeric(word[i+1])
		if strings.ContainsRune("*_~", r) && !inside {
			return true
		}
	}
	parts := strings.Split(word, ":")
	for i := 1; i < len(parts)-1; i++ {
		if emojiName(parts[i]) {
			return true
		}
	}
	return false
}

func alphanumeric(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

// emojiName tells whether text between two colons may be an emoji. Digits alone are a time of day, but for the
// few names that are numbers.
func emojiName(text string) bool {
	letters := false
	for _, r := range text {
		switch {
		case r >= 'a' && r <= 'z', r == '_', r == '+', r == '-', r == '\'':
			letters = true
		case r >= '0' && r <= '9':
		default:
			return false
		}
	}
	return letters || text == "100" || text == "1234"
}

// embolden makes the words bold and leaves the marks between them as they are. Slack sees a bold
// stretch only between spaces, so a word that touches a mark stays light.
func embolden(pieces []piece) []string {
	space := func(i int) bool {
		return i < 0 || i >= len(pieces) || pieces[i].text == " " || pieces[i].text == "\n"
	}
	fits := func(i int) bool {
		return i < len(pieces) && pieces[i].word && space(i-1) && space(i+1)
	}
	var out []string
	for i := 0; i < len(pieces); i++ {
		if !fits(i) {
			out = append(out, pieces[i].text)
			continue
		}
		run := pieces[i].text
		for i+2 < len(pieces) && pieces[i+1].text == " " && fits(i+2) && units(run)+units(pieces[i+2].text) < maxAtom {
			run += " " + pieces[i+2].text
			i += 2
		}
		out = append(out, "*"+run+"*")
	}
	return out
}
