package commands

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// What AWS takes of tags.
// Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html
const (
	mostTags     = 50
	longestKey   = 128
	longestValue = 256
)

// TagProblems tells what AWS, or deckhand itself, would not take of the tags of a line, to which deckhand adds its own.
func TagProblems(tags map[string]string, own int) Problems {
	if len(tags) == 0 {
		return nil // as most lines are
	}
	var wrong Problems
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		switch {
		case key == "" || len([]rune(key)) > longestKey:
			wrong = append(wrong, *Misuse("The tag key "+Mono(OrNone(key))+" is empty or too long.", fmt.Sprintf("Keys have 1 to %d characters.", longestKey)))
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			wrong = append(wrong, *Misuse("The tag "+Mono(key)+" begins with aws:, which AWS keeps to itself.", "Call it something else."))
		case OwnTag(key):
			wrong = append(wrong, *Misuse("The tag "+Mono(key)+" is one that deckhand writes itself.", "Call it something else."))
		case len([]rune(tags[key])) > longestValue:
			wrong = append(wrong, *Misuse("The value of the tag "+Mono(key)+" is too long.", fmt.Sprintf("Values have at most %d characters.", longestValue)))
		}
	}
	if len(tags) > mostTags-own {
		wrong = append(wrong, *Misuse(fmt.Sprintf("%d tags are too many.", len(tags)), fmt.Sprintf("AWS takes %d, and deckhand adds %d.", mostTags, own)))
	}
	return wrong
}
