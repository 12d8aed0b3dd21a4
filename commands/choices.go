package commands

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// Choices are what one word of a line may mean: an Error of kind Ambiguous says it with them, and whoever answers the line offers them.
type Choices struct {
	Of   string // the word as the line has it; empty: the choice's words are added to the line
	In   string // the argument that it stands in, a field of the runner; empty where it can stand in one only
	Some []Choice
}

// OnlyFor stands in the id of a button before the one person who may press it.
const OnlyFor = ":for:"

// Choice is one of them.
type Choice struct {
	Label string   // what it is: "i-0abc · running · us-east-1a"
	Words []string // what stands for it in a line
}

// Label writes what is known of a choice: "i-0abc · running · us-east-1a".
func Label(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), " · ")
}

// All is the choice of everything, for verbs that take several.
func All(some []Choice) Choice {
	all := Choice{Label: "All " + strconv.Itoa(len(some))}
	for _, one := range some {
		all.Words = append(all.Words, one.Words...)
	}
	return all
}

// Choose answers a line with a choice in the word's place, "" where it is not certain which place that is, or where more than that would change: a
// line does not show its secrets.
func (c *Catalog) Choose(invocation Invocation, of *Choices, choice Choice) string {
	words, err := SplitWords(invocation.Line)
	name := strings.Fields(invocation.Command)
	if err != nil || len(words) < len(name) {
		return ""
	}
	head, rest := words[:len(name)], words[len(name):]
	by := make([]Word, len(choice.Words))
	for i, text := range choice.Words {
		by[i] = Word{Text: text, Quoted: !strings.HasPrefix(text, "--")}
	}
	var fitting []string
	for _, candidate := range instead(rest, of.Of, by) {
		line := canonicalLine("", slices.Concat(head, candidate))
		if c.differs(invocation, line, of.In) {
			fitting = append(fitting, line)
		}
	}
	if len(fitting) == 1 || len(fitting) > 1 && of.In != "" {
		return fitting[0]
	}
	return ""
}

// instead answers the words with others in the place of one of them, for each place where it stands.
func instead(words []Word, of string, by []Word) [][]Word {
	if of == "" {
		return [][]Word{slices.Concat(words, by)}
	}
	var all [][]Word
	for i, word := range words {
		flag, value, isFlag := strings.Cut(word.Text, "=")
		switch {
		case word.Text == of:
			all = append(all, slices.Concat(words[:i], by, words[i+1:]))
		case isFlag && !word.Quoted && strings.HasPrefix(flag, "--") && value == of:
			all = append(all, slices.Concat(words[:i], []Word{{Text: flag}}, by, words[i+1:]))
		}
	}
	return all
}

// differs tells whether a line is read as an invocation with another value in just one argument.
func (c *Catalog) differs(from Invocation, line, in string) bool {
	to, _, err := c.Parse("", line)
	if err != nil || to.Command != from.Command || to.Plan != from.Plan {
		return false
	}
	var before, after map[string]json.RawMessage
	if json.Unmarshal(from.Args, &before) != nil || json.Unmarshal(to.Args, &after) != nil {
		return false
	}
	changed := ""
	for key := range after {
		if bytes.Equal(before[key], after[key]) {
			continue
		}
		if changed != "" {
			return false
		}
		changed = key
	}
	return changed != "" && (in == "" || in == changed)
}

// WithTicks stands in the id of a button whose line what is ticked beside it is added to.
const WithTicks = ":ticks"
