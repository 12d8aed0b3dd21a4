package app

import (
	"context"
	"errors"
	"fmt"

	"deckhand/aws"
	"deckhand/bot"
	"deckhand/commands"
)

// acted answers where a request acted, as its line says, and the line.
func (r rooms) acted(ctx context.Context, number int64) (aws.Target, string, error) {
	request, err := r.engine.Store.Load(ctx, number)
	if errors.Is(err, bot.ErrNoRequest) {
		return aws.Target{}, "", &commands.Error{Kind: commands.NotFound, Message: fmt.Sprintf("There is no request %s.", commands.Mono(bot.Request{Number: number}.ID())), Hint: commands.Mono("request list") + " shows the latest."}
	}
	if err != nil {
		return aws.Target{}, "", err
	}
	runner, _, err := r.engine.Catalog.Runner(request.Invocation)
	if err != nil {
		return aws.Target{}, request.Invocation.Line, err
	}
	placed, ok := runner.(interface{ At() aws.Target })
	if !ok {
		return aws.Target{}, request.Invocation.Line, &commands.Error{Kind: commands.NotFound, Message: commands.Mono(request.Invocation.Line) + " made nothing in AWS."}
	}
	return placed.At(), request.Invocation.Line, nil
}
