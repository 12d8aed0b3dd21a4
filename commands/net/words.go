package net

import (
	"deckhand/commands"
)

// missing is the error for a part that a look after an uncertain run does not find.
func missing(what string) error {
	return &commands.Error{Kind: commands.Failed, Message: "AWS shows no " + what + ", so it was not made.", Hint: commands.SendAgain}
}
