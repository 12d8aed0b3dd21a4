package request

import (
	"context"

	"deckhand/commands"
)

type undo struct{ About }

// Undoes answers the request that is to be taken back.
func (u *undo) Undoes() int64 { return u.Number() }

// Run is never reached: the engine runs the line that takes the request back as a request of its own.
func (u *undo) Run(context.Context, *commands.Run) (commands.Report, error) {
	return commands.Report{}, commands.Misuse("A line that undoes a request runs by itself.", "Type it again.")
}
