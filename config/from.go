package config

import (
	"fmt"
	"slices"

	"deckhand/commands/probe"
)

// from reads from where a check looks, and how many of the places must agree.
func (r *reader) from(raw rawCheck, scheme string) (from []string, agree int) {
	var words []string
	for _, item := range raw.From.Items {
		if item.bad {
			return nil, 0
		}
		words = append(words, item.Value)
	}
	if raw.From.Line > 0 && (len(words) == 0 || scheme != "http" && !probe.FromProbes(scheme)) {
		said, hint := "from names no place.", "Write from: [eu-west-1, us-east-1, here], or leave it out."
		if len(words) > 0 {
			said, hint = fmt.Sprintf("from has no meaning for a check of kind %s.", scheme), "It belongs to http, tcp or tls."
		}
		r.problem(raw.From.Line, said, hint)
		return nil, 0
	}
	if raw.Agree.bad {
		return nil, 0
	}
	line := raw.Agree.Line
	if line == 0 {
		line = raw.From.Line
	}
	if raw.Agree.Line > 0 && raw.Agree.Value < 1 {
		r.problem(line, fmt.Sprintf("agree is %d; it must be at least 1.", raw.Agree.Value), "Where three places look, 2 is a good number.")
		return nil, 0
	}
	places, agree, err := probe.Places(words, raw.Agree.Value)
	if err != nil {
		r.fault(line, "from", err)
		return nil, 0
	}
	for _, place := range places {
		from = append(from, place.String())
	}
	return from, agree
}

// knownPlaces reports checks that look from an account that the file does not have.
func (r *reader) knownPlaces(raw rawConfig) {
	known := accountNames(raw.AWS)
	for _, check := range raw.Checks {
		for _, item := range check.From.Items {
			if place, err := probe.ParsePlace(item.Value); err == nil && place.Account != "" && !slices.Contains(known, place.Account) {
				r.problem(item.Line, fmt.Sprintf("There is no account %s.", quoted(place.Account)), "Known accounts: "+oneOf(known)+".")
			}
		}
	}
}
