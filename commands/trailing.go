package commands

import (
	"slices"
	"strings"
)

// spelledOut writes the words after "--" as the value of the flag that takes them, as people type for ssh and kubectl: vm run web -- df -h is vm run
// web --command "df -h". Everything else (policy, the record, who approves) sees the flag. A line that gives the flag already, or says the same otherwise, is left.
func (s Spec) spelledOut(words []Word) []Word {
	i := slices.IndexFunc(s.Fields, func(f SpecField) bool { return f.trailing != "" })
	end := slices.IndexFunc(words, func(w Word) bool { return w.Text == "--" && !w.Quoted })
	if i < 0 || end < 0 || end == len(words)-1 {
		return words
	}
	field := s.Fields[i]
	for _, word := range words[:end] {
		text, isFlag := flagName(word)
		name, _, _ := strings.Cut(strings.ToLower(text), "=")
		given, known := s.byName[name]
		if isFlag && known && (given == i || s.Fields[given].Name == field.trailing) {
			return words
		}
	}
	return append(slices.Clone(words[:end]), Word{Text: "--" + field.Name}, Word{Text: typedAfter(words[end+1:]), Quoted: true})
}

// typedAfter joins words as a shell reads them again. One word alone is the text for the shell; of several, those that were quoted stay one word each.
func typedAfter(words []Word) string {
	if len(words) == 1 {
		return words[0].Text
	}
	texts := make([]string, len(words))
	for i, word := range words {
		texts[i] = word.Text
		if word.Quoted {
			texts[i] = "'" + strings.ReplaceAll(word.Text, "'", `'\''`) + "'"
		}
	}
	return strings.Join(texts, " ")
}
