package aws

import "strings"

// Pattern tells whether a text stands for more than itself, as Wildcard reads it.
func Pattern(text string) bool { return strings.ContainsAny(text, "*?") }

// Wildcard tells whether text matches pattern as EC2's filters match: * stands for any run of
// characters, the empty one among them, ? for one character, and a backslash makes the next character plain. Case counts.
func Wildcard(pattern, text string) bool {
	p, t := []rune(pattern), []rune(text)
	star, mark := -1, 0 // where the last * was, and how much of text it has taken
	i, j := 0, 0
	for j < len(t) {
		switch {
		case i < len(p) && p[i] == '*':
			star, mark = i, j
			i++
		case i < len(p) && p[i] == '?':
			i, j = i+1, j+1
		case i+1 < len(p) && p[i] == '\\' && p[i+1] == t[j]:
			i, j = i+2, j+1
		case i < len(p) && p[i] != '\\' && p[i] == t[j]:
			i, j = i+1, j+1
		case star >= 0: // let the last * take one character more
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}
