package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a file.
type Problem struct {
	File    string
	Line    int    // from 1; 0 where the file could not be read at all
	Message string // what is wrong; a sentence that repeats no secret
	Hint    string // what to write instead; a sentence, or empty
}

// String is "FILE:LINE: message. hint".
func (p Problem) String() string {
	place := p.File
	if p.Line > 0 {
		place = fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return strings.TrimSpace(place + ": " + p.Message + " " + p.Hint)
}

// Problems is everything that is wrong with a file, by line.
type Problems []Problem //nolint:errname // a list of problems, which is more than an error

// Error is one line for each problem.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

// sorted answers the problems by line, each once: an alias can show one node in several places.
func (p Problems) sorted() Problems {
	slices.SortStableFunc(p, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	seen := make(map[Problem]bool, len(p))
	return slices.DeleteFunc(p, func(one Problem) bool {
		again := seen[one]
		seen[one] = true
		return again
	})
}

// secretLike finds what must never be repeated, however it got into the wrong place: Slack's tokens, AWS's
// keys, passwords in addresses, and long runs of hexadecimal or base64 such as signing secrets.
var secretLike = regexp.MustCompile(`(?i)xox[a-z][-.]|xapp-|A[KS]IA[A-Z0-9]{16}|://[^/\s]*:[^/\s]*@|[0-9a-f]{24}|[0-9a-z+/]{36}`)

// quoted shows a value in a message, cut to a readable length, unless it may be a secret.
func quoted(value string) string {
	const longest = 60
	if secretLike.MatchString(value) {
		return "[a hidden value]"
	}
	if runes := []rune(value); len(runes) > longest {
		value = string(runes[:longest]) + "..."
	}
	return fmt.Sprintf("%q", value)
}

// reason says why a file could not be opened without naming the file again.
func reason(err error) string {
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return err.Error()
}

// nearest answers the known word that is closest to a mistyped one, or "" where none is close.
func nearest(word string, known []string) string {
	best, distance := "", 1+len(word)/3
	for _, candidate := range known {
		if d := edits(strings.ToLower(word), candidate); d <= distance {
			best, distance = candidate, d-1
		}
	}
	return best
}

// edits counts the letters to add, drop or change between two words.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// oneOf words a choice: `allow, confirm, ask or deny`.
func oneOf(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
