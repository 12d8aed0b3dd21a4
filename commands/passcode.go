package commands

import (
	"slices"
	"strings"
)

// Passcode is a one-time code on a line: six digits, or nothing. No line that is shown, logged or written down has it.
type Passcode string

// UnmarshalText reads what people type; the space in the middle that authenticator apps show may stay. An error repeats none of it.
func (c *Passcode) UnmarshalText(text []byte) error {
	digits := strings.ReplaceAll(strings.TrimSpace(string(text)), " ", "")
	if digits == "" {
		*c = ""
		return nil
	}
	if len(digits) != codeLength || strings.Trim(digits, "0123456789") != "" {
		return &Error{Kind: Usage, Message: "must be the six digits that your authenticator app shows."}
	}
	*c = Passcode(digits)
	return nil
}

const (
	codeLength = 6
	codeMask   = "******"
)

// masked hides the values of one-time codes among words, and marks those that begin with a dash and are no flags: --sort -name.
func (s Spec) masked(words []Word) []Word {
	if !s.coded {
		return words
	}
	out := words
	for i, word := range words {
		if word.Text == "--" && !word.Quoted {
			break
		}
		text, isFlag := flagName(word)
		name, _, hasValue := strings.Cut(text, "=")
		field, known := s.byName[strings.ToLower(name)]
		choice := isFlag && known && !hasValue && i+1 < len(words) && strings.HasPrefix(words[i+1].Text, "-") && slices.Contains(s.Fields[field].Enum, words[i+1].Text)
		if !choice && (!isFlag || !known || !s.Fields[field].hidden || !hasValue && i+1 == len(words)) {
			continue
		}
		if &out[0] == &words[0] {
			out = slices.Clone(words)
		}
		switch {
		case choice:
			out[i+1].Quoted = true
		case hasValue:
			out[i] = Word{Text: "--" + name + "=" + codeMask}
		default:
			out[i+1] = Word{Text: codeMask}
		}
	}
	return out
}

// Consent is what somebody gives with their yes to a request.
type Consent struct {
	Digest string   // names what exactly is agreed to; empty where it was typed without
	Name   string   // of what is destroyed
	Code   Passcode // of their second factor
	With   []string // what they ticked beside it: flags that the plan offers
}
