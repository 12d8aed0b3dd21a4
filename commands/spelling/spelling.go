// Package spelling tells whether names are spelt as they have to be. A regular expression that counts, such as [a-z]{1,63}, is a program as long
// as its highest count, and is made anew at every start: 50 kB for a name, 240 kB for 256 characters.
package spelling

import "strings"

// What many names are made of. Characters are written as inside of the brackets of a regular expression, in ASCII; a dash at the end is itself.
const (
	Letters      = "A-Za-z"
	Alphanumeric = "A-Za-z0-9"
)

// Fits tells whether a text has 1 to most characters, of which the first is one of first and every other one of rest.
func Fits(text string, most int, first, rest string) bool {
	if text == "" || len(text) > most || !among(text[0], first) {
		return false
	}
	for i := 1; i < len(text); i++ {
		if !among(text[i], rest) {
			return false
		}
	}
	return true
}

// Name tells whether a text can be the name of what people name: of a check, of a schedule.
func Name(text string) bool { return Fits(text, 63, "a-z0-9", "a-z0-9._-") }

// Value tells whether a text can be the value of a template's parameter: 1 to 256 characters that mean nothing to a shell, to YAML or to
// PowerShell, so that a value can only be one.
func Value(text string) bool {
	const characters = Alphanumeric + "._:/@+,=-"
	return Fits(text, 256, characters, characters)
}

// SlackID tells whether a text can be an id in Slack that begins with one of the letters: C, G or D for a conversation, U or W for a person,
// S for a user group.
func SlackID(text, letters string) bool { return len(text) > 1 && Fits(text, 64, letters, "A-Z0-9_") }

// Host tells whether a text can be the name of a host in DNS, underscores included: labels of up to 63 characters, the last of which begins
// with a letter.
func Host(text string) bool {
	labels := strings.Split(strings.TrimSuffix(text, "."), ".")
	for _, label := range labels {
		if !Fits(label, 63, Alphanumeric+"_", Alphanumeric+"_-") || strings.HasSuffix(label, "-") {
			return false
		}
	}
	top := labels[len(labels)-1]
	return len(text) <= 253 && len(labels) > 1 && len(top) > 1 && Fits(top, 63, Letters, Alphanumeric+"-")
}

// among tells whether a character is one of those that set names.
func among(c byte, set string) bool {
	for i := 0; i < len(set); i++ {
		if i+2 < len(set) && set[i+1] == '-' {
			if set[i] <= c && c <= set[i+2] {
				return true
			}
			i += 2
			continue
		}
		if set[i] == c {
			return true
		}
	}
	return false
}
