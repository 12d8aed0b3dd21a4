package bot

import (
	"context"
	"slices"

	"deckhand/commands"
)

// Quiet keeps checks of what a request disturbs from being told of while it runs, and looks at them when it has ended.
type Quiet interface {
	// Foresee names the checks that would be quiet while a line runs on what it touches, and for how long; "" where none would.
	Foresee(ctx context.Context, m Message, command string, scope commands.Scope) string
	// Begin is told that a request begins to run, or goes on. Touches looks up what it touches. It may be told again.
	Begin(ctx context.Context, r Request, touches func() (*commands.Scope, error)) error
	// End is told that a run has come to an end, whatever came of it: from now on the checks are told of again. It looks at them
	// once more, for a while where they are to come back, unless the context has ended. It may be told again.
	End(ctx context.Context, r Request, comesBack bool) (Aftermath, error)
}

// Aftermath is how checks stand after a request that disturbed them.
type Aftermath struct {
	Words  string          // "" where no check is concerned
	Failed bool            // one of them fails
	Next   []commands.Next // what to do about it
}

// foreseen is a plan that tells which checks will be quiet.
func (e *Engine) foreseen(ctx context.Context, report commands.Report, m Message, command *commands.Command, scope *commands.Scope) commands.Report {
	if e.Quiet == nil || scope == nil || command.Disturbs == commands.Undisturbed {
		return report
	}
	if words := e.Quiet.Foresee(ctx, m, command.Name, *scope); words != "" {
		report.Body = append(slices.Clone(report.Body), commands.Text{Text: words})
	}
	return report
}

// hush begins the quiet of a request that disturbs something.
func (e *Engine) hush(ctx context.Context, r Request, runner commands.Runner) error {
	command := e.Catalog.Find(r.Invocation.Command)
	if e.Quiet == nil || command == nil || r.Invocation.Plan || command.Disturbs == commands.Undisturbed {
		return nil
	}
	return e.Quiet.Begin(ctx, r, func() (*commands.Scope, error) { return scopeOf(ctx, runner) })
}

// lookAgain ends the quiet of a request that has run, and tells in its report how the checks stand.
func (e *Engine) lookAgain(ctx context.Context, r Request, report *commands.Report, runErr error, say func(string)) error {
	command := e.Catalog.Find(r.Invocation.Command)
	if e.Quiet == nil || r.Invocation.Plan || command != nil && command.Disturbs == commands.Undisturbed {
		return nil
	}
	say("Looking at the checks that watch it")
	after, err := e.Quiet.End(ctx, r, runErr == nil && command != nil && command.Disturbs == commands.Briefly)
	if err != nil || after.Words == "" {
		return err
	}
	report.Body = append(report.Body, commands.Text{Text: after.Words})
	report.Next = append(report.Next, after.Next...)
	if after.Failed && report.Tone == commands.Good {
		report.Tone = commands.Warning
	}
	return nil
}
