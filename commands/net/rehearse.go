package net

import (
	"context"
	"errors"

	"deckhand/aws"
	"deckhand/commands"
)

// rehearse makes the very calls of a line as AWS's dry runs, and puts the answers into words: would is for when all would go through. What AWS
// refuses is an error, the one that the line itself would end with, so that nobody is asked to approve what cannot be done. Where AWS does
// not answer the plan stands, and says so.
func rehearse(ctx context.Context, would string, calls ...func(context.Context) error) (commands.Text, error) {
	ctx = aws.Rehearsing(ctx)
	told := commands.Text{Text: would}
	for _, call := range calls {
		err := call(ctx)
		switch {
		case err == nil, errors.Is(err, aws.ErrRehearsed):
			continue
		case errors.Is(err, aws.ErrUnasked):
			told.Text = "No dry run says whether this would go through: the endpoint is not AWS itself, and might act."
			continue
		}
		words, tone := commands.DryRun(err)
		if tone == commands.Bad {
			return told, err
		}
		return commands.Text{Text: words}, nil
	}
	return told, nil
}

// goesThrough is what AWS says of a line whose calls would all be taken.
func goesThrough() string {
	words, _ := commands.DryRun(nil)
	return words
}
