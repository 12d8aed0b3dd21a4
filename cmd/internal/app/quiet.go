package app

import (
	"context"
	"log/slog"

	"deckhand/aws/sdk"
	"deckhand/bot"
	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/why"
)

// quiet implements bot.Quiet: the checks of what a request disturbs.
type quiet struct {
	checks check.Quiet
	doctor *why.Doctor
	// look is check run, whose rights a look needs: those of the request do not go so far.
	look func() *commands.Command
	log  *slog.Logger
}

func actionOf(r bot.Request) check.Action {
	return check.Action{ID: r.ID(), Line: r.Invocation.Line, By: r.Message.Asker.User, Began: r.ChangedAt}
}

// Foresee implements bot.Quiet.
func (q quiet) Foresee(ctx context.Context, m bot.Message, command string, scope commands.Scope) string {
	return check.Foresight(q.watching(ctx, m, command, scope))
}

// watching answers the checks of what is touched. What AWS does not tell is left out.
func (q quiet) watching(ctx context.Context, m bot.Message, command string, scope commands.Scope) []check.Check {
	errand := sdk.Errand{Command: command, User: m.Asker.User, Actions: why.WatchRights()}
	found, err := q.doctor.Watching(sdk.WithErrand(ctx, errand), scope)
	if err != nil {
		q.log.Warn("not all checks of what a line touches could be found", "line", m.Line, "err", err)
	}
	return found
}

// Begin implements bot.Quiet. What AWS does not tell is left out: those checks are told of as ever.
func (q quiet) Begin(ctx context.Context, r bot.Request, touches func() (*commands.Scope, error)) error {
	return q.checks.Begin(ctx, actionOf(r), func(ctx context.Context) ([]check.Check, error) {
		if there, err := q.checks.Book.Checks(ctx); err != nil || len(there) == 0 {
			return nil, err
		}
		scope, err := touches()
		if err != nil {
			return nil, nil //nolint:nilerr // the run itself says what is wrong
		}
		return q.watching(ctx, r.Message, r.Invocation.Command, *scope), nil
	})
}

// End implements bot.Quiet.
func (q quiet) End(ctx context.Context, r bot.Request, comesBack bool) (bot.Aftermath, error) {
	seen, err := q.checks.End(madeFor(ctx, r.Message.Asker, q.look(), false), actionOf(r), comesBack)
	words, failed, next := check.Aftermath(seen)
	return bot.Aftermath{Words: words, Failed: failed, Next: next}, err
}
