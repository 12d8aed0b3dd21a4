package bot

import (
	"context"
	"slices"

	"deckhand/commands"
)

// runnerOf answers what runs for a request: where its line asks for a plan, something that tells and changes nothing, of a command that
// only reads.
func (e *Engine) runnerOf(r Request) (commands.Runner, *commands.Command, error) {
	runner, command, err := e.Catalog.Runner(r.Invocation)
	if err != nil || !r.Invocation.Plan {
		return runner, command, err
	}
	reads := *command
	reads.Risk, reads.Disturbs = commands.Read, commands.Undisturbed
	return rehearsal{e, runner, command, r.Message, r.Invocation}, &reads, nil
}

// rehearsal runs as the plan of a runner. It has no scope and nothing to look at afterwards: it touches nothing.
type rehearsal struct {
	engine     *Engine
	runner     commands.Runner
	command    *commands.Command
	message    Message
	invocation commands.Invocation
}

// Run tells what the runner would do.
func (p rehearsal) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	report, err := plan(ctx, p.runner, run, p.invocation)
	if err != nil {
		return report, err
	}
	report = p.engine.told(ctx, report, p.message, p.invocation, p.command)
	scope, err := p.engine.weigh(ctx, Request{Message: p.message}, p.runner)
	if err != nil {
		return report, nil //nolint:nilerr // the plan looked at the same and says what it found
	}
	report = p.engine.foreseen(ctx, warned(report, scope), p.message, p.command, scope)
	if decision, err := p.engine.decide(ctx, p.message, p.command, scope); err == nil {
		if words := factorWords(decision); words != "" {
			report.Body = append(slices.Clone(report.Body), commands.Text{Text: words})
		}
	}
	return report, nil
}

// warned is a plan that tells which of its resources another tool keeps as they are.
func warned(report commands.Report, scope *commands.Scope) commands.Report {
	if scope == nil {
		return report
	}
	if warning := scope.Warn(); warning != "" {
		report.Body = append(slices.Clone(report.Body), commands.Text{Text: warning})
	}
	return report
}

// plan answers what a runner would do.
func plan(ctx context.Context, runner commands.Runner, run *commands.Run, invocation commands.Invocation) (commands.Report, error) {
	if planner, ok := runner.(commands.Planner); ok {
		return planner.Plan(ctx, run)
	}
	return commands.Report{Title: "Would run", Body: commands.Blocks{commands.Text{Text: commands.Mono(invocation.Line)}}}, nil
}
