package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"deckhand/aws"
	"deckhand/bot"
	"deckhand/commands"
	"deckhand/commands/export"
	"deckhand/commands/where"
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
	past := export.Past{Target: placed.At(), Command: request.Invocation.Command, Line: request.Invocation.Line, Owner: request.Message.Asker.User}
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

// place is how reports name an account and a region; "" where there is no such account.
func (h *House) place(ctx context.Context, account, region string) string {
	p := h.cloud.Place(ctx, aws.Target{Account: account, Region: region})
	if p.Region == "" {
		return ""
	}
	return where.Words(p)
}

// clocks is how far AWS's clock and ours are taken to be apart.
const clocks = 5 * time.Second

// changer answers the request that was at work on a function at a moment, which AWS tells in whole seconds. One that was at work right then
// goes before one that may have been, by the clocks, and the later before the earlier.
func (r rooms) changer(ctx context.Context, function, place string, at time.Time) (id, person string, err error) {
	if at.IsZero() {
		return "", "", nil
	}
	requests, err := r.engine.Store.List(ctx, bot.Filter{Command: "lambda *", ChangedAfter: at.Add(-clocks), Oldest: true})
	if err != nil {
		return "", "", err
	}
	for _, q := range slices.Backward(requests) {
		if q.CreatedAt.After(at.Add(clocks)) || q.Result == nil || q.Result.Where != place || !r.about(q, function) {
			continue
		}
		then := !q.CreatedAt.Truncate(time.Second).After(at) && !q.ChangedAt.Before(at)
		if then || id == "" {
			id, person = q.ID(), q.Message.Asker.User
		}
		if then {
			break
		}
	}
	return id, person, nil
}

// about tells whether a request may have changed the code or the settings of a function, which is what AWS tells the time of.
func (r rooms) about(q bot.Request, function string) bool {
	if q.Invocation.Command != "lambda create" && q.Invocation.Command != "lambda update" {
		return false
	}
	runner, _, err := r.engine.Catalog.Runner(q.Invocation)
	if err != nil {
		return false // the line cannot be read any more
	}
	named, ok := runner.(interface{ FunctionName() string })
	return ok && named.FunctionName() == function
}
