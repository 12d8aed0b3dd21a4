// Package ops is the commands on the bot itself.
package ops

import (
	"context"

	"deckhand/commands"
)

// Doctor examines the bot and what it stands on. It changes nothing.
type Doctor interface {
	// Examine answers what was found, in the order in which it is told, within half a minute.
	Examine(ctx context.Context) []Finding
}

// Finding is what the doctor says of one part.
type Finding struct {
	Part string        // "store", "Slack scopes"
	Tone commands.Tone // Good; Warning where it works with something to know, or was not examined; Bad where it does not work
	Says string        // one sentence, the important word first
	Next string        // what to do about it; empty where there is nothing to do
}

// Commands is the ops commands.
func Commands(doctor Doctor) []commands.Command {
	return []commands.Command{{
		Name: "ops doctor", Aliases: []string{"doctor"},
		Summary: "Examine the bot itself: store, Slack, clock, AWS identity and rights, checks and timetable",
		Example: "ops doctor", Risk: commands.Read,
		Rights: []string{"sts:GetCallerIdentity", "iam:SimulatePrincipalPolicy", "iam:GetRole"},
		New:    func() commands.Runner { return &Examination{doctor: doctor} },
	}}
}
