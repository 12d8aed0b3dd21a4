package app

import (
	"maps"
	"slices"
	"strings"

	"deckhand/bot/policy"
	"deckhand/commands"
	"deckhand/config"
)

// warnOfStrangers says in the log which rules guard nothing. A program that serves goes on: the rule may be of a newer version than it is.
func (h *House) warnOfStrangers() {
	for _, rule := range h.settings.Config.Policy {
		strangers := Strangers(h.engine.Catalog, rule)
		for _, pattern := range slices.Sorted(maps.Keys(strangers)) {
			h.settings.Log.Warn("a rule of the policy speaks of no command, so it decides nothing by it", "line", rule.Line, "what", pattern, "nearest", strangers[pattern])
		}
	}
}

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
