package bot

import (
	"context"
	"time"

	"deckhand/commands"
)

// lookTime is how long a line that needs somebody's yes may take to find what it names before it is acknowledged. Where AWS takes
// longer, the line is written down, and its message says what was found.
const lookTime = time.Second

// missing answers a line that names what is not there, before anybody is asked to agree to it; nil where it names what is there, and
// where that is not known in time. Nothing is written down then: there is nothing to do.
func (e *Engine) missing(ctx context.Context, m Message, invocation commands.Invocation, decision Decision) *Answer {
	if decision.Effect != Ask && decision.Effect != Confirm || m.Source.timed() {
		return nil
	}
	err := e.lookUp(ctx, m, invocation)
	if err == nil {
		return nil
	}
	switch commands.Words(err).Kind {
	case commands.NotFound, commands.Ambiguous, commands.Usage, commands.Conflict:
	case commands.Denied, commands.Unavailable, commands.Uncertain, commands.Failed:
		return nil // the request's message says it, with what else there is to say
	}
	before, failed := e.Store.List(ctx, Filter{Key: m.Key, Limit: 1})
	if failed != nil || len(before) > 0 {
		return nil // it was taken, and what it named may be gone because it was done
	}
	if e.repeated(ctx, m) {
		answer := heardBefore()
		return &answer
	}
	e.ended(invocation.Command, string(Failed), 0)
	return &Answer{Report: e.offering(ctx, failure(invocation.Line, err), m, invocation, err)}
}

// lookUp looks for what a line touches.
func (e *Engine) lookUp(ctx context.Context, m Message, invocation commands.Invocation) (err error) {
	runner, command, err := e.Catalog.Runner(invocation)
	if err != nil {
		return nil //nolint:nilerr // the request says it
	}
	defer func() {
		if p := recover(); p != nil {
			e.Log.Error("looking for what a line names panicked", "command", invocation.Command, "reason", p)
		}
	}()
	ctx, cancel := context.WithTimeout(e.madeFor(ctx, m.Asker, command, false), lookTime)
	defer cancel()
	_, err = scopeOf(ctx, runner)
	return err
}
