package app

import (
	"context"
	"errors"
	"fmt"

	"deckhand/aws"
	"deckhand/bot"
	"deckhand/commands"
	"deckhand/commands/export"
)

// acted answers what a request was, and where it acted, as its line says.
func (r rooms) acted(ctx context.Context, number int64) (export.Past, error) {
	request, err := r.engine.Store.Load(ctx, number)
	if errors.Is(err, bot.ErrNoRequest) {
		return export.Past{}, &commands.Error{Kind: commands.NotFound, Message: fmt.Sprintf("There is no request %s.", commands.Mono(bot.Request{Number: number}.ID())), Hint: commands.Mono("request list") + " shows the latest."}
	}
	if err != nil {
		return export.Past{}, err
	}
	runner, _, err := r.engine.Catalog.Runner(request.Invocation)
	if err != nil {
		return export.Past{}, err
	}
	placed, ok := runner.(interface{ At() aws.Target })
	if !ok {
		return export.Past{}, &commands.Error{Kind: commands.NotFound, Message: commands.Mono(request.Invocation.Line) + " made nothing in AWS."}
	}
	past := export.Past{Target: placed.At(), Command: request.Invocation.Command, Line: request.Invocation.Line}
	if named, ok := runner.(interface{ FunctionName() string }); ok {
		past.Function = named.FunctionName()
	}
	if made, ok := runner.(interface {
		Origin() (code aws.FunctionCode, source string)
	}); ok {
		past.Code, past.Source = made.Origin()
	}
	if told, ok := runner.(interface{ Notice() string }); ok {
		past.Notice = told.Notice()
	}
	return past, nil
}
