package app

import (
	"slices"
	"strings"

	"deckhand/bot/policy"
	"deckhand/commands"
	"deckhand/config"
)

// Strangers are the patterns under "what" of a rule that speak of no command, each with the nearest name, or "". Such a rule guards nothing.
func Strangers(vocabulary *commands.Catalog, rule config.Rule) map[string]string {
	var names []string
	for _, command := range vocabulary.All() {
		names = append(names, command.Name)
	}
	out := map[string]string{}
	for _, pattern := range rule.What {
		if slices.ContainsFunc(names, func(name string) bool { return policy.Speaks(pattern, name) }) {
			continue
		}
		near := commands.Nearest(pattern, names)
		out[pattern] = strings.Join(near[:min(1, len(near))], "")
	}
	return out
}
