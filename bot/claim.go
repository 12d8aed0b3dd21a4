package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"deckhand/commands"
)

// claim takes a queued request for this process, after the policy has spoken once more.
func (e *Engine) claim(ctx context.Context, r Request) error {
	runner, command, err := e.runnerOf(r)
	if err != nil {
		return e.fail(ctx, r, err)
	}
	ctx = e.madeFor(ctx, r.Message.Asker, command, false)
	touched := sync.OnceValues(func() (*commands.Scope, error) { return e.weigh(ctx, r, runner) })
	if err := e.unpriced(runner, touched); err != nil {
		return e.fail(ctx, r, err)
	}
	if why, err := e.mayRun(ctx, &r, command, touched); err != nil {
		return err
	} else if why != "" {
		return e.refuse(ctx, r, why)
	}
	if why, err := e.heldBack(ctx, r, runner, command, touched); r.Emergency != "" {
		e.Log.Warn("the glass is broken: freezes and locks do not count", "request", r.ID(), "user", r.Message.Asker.User, "held", why)
	} else if err != nil {
		return e.fail(ctx, r, err)
	} else if why != "" {
		return e.refuseForNow(ctx, r, why)
	}
	if e.Leases != nil && r.Message.Source == Lease && r.Message.Of != 0 {
		if err := e.Leases.Still(ctx, r); err != nil {
			return e.fail(ctx, r, err)
		}
	}
	if why, err := e.overtaken(ctx, r); err != nil {
		return err
	} else if why != "" {
		return e.refuse(ctx, r, why)
	}
	if why, err := e.tooLate(ctx, r, touched); err != nil {
		return err
	} else if why != "" {
		return e.refuseForNow(ctx, r, why)
	}
	var changed errChanged
	if err := e.unchanged(ctx, r, runner); errors.As(err, &changed) {
		return e.endChanged(ctx, r, changed)
	} else if err != nil {
		return e.fail(ctx, r, err)
	}
	if why, err := e.setOut(ctx, r); err != nil {
		return err
	} else if why != "" {
		return e.refuse(ctx, r, why)
	}
	r.Warning, r.Things = looked(command, r, touched)
	r.Warning = strings.TrimSpace(r.Warning + " " + e.since(ctx, r.Message))
	r.Runner = e.Process
	s := step{to: Running, what: "running", note: e.Process}
	if command.Risk > commands.Read {
		s.jobs = deliver()
	}
	r, err = e.save(ctx, r, s)
	if err != nil {
		return err
	}
	if off, err := e.putOff(ctx, r); err != nil {
		return err
	} else if off != nil {
		return e.finish(ctx, r, commands.Report{}, off, &awsCalls{})
	}
	return e.run(e.madeFor(ctx, r.Message.Asker, command, command.Risk > commands.Read), r, runner, &awsCalls{}, nil)
}

// stillAllowed asks the policy at the moment of running: it may have changed since the line was typed, and so may the
// groups of those who approved. It answers why the request is refused, "" where it is not. An error means to ask again later.
func (e *Engine) stillAllowed(ctx context.Context, r *Request, command *commands.Command, touched touching) (string, error) {
	if r.Message.Source.timed() && command.Risk == commands.Read {
		return "", nil
	}
	if why, err := e.whose(ctx, r); err != nil || why != "" {
		return why, err
	}
	decision, err := e.decide(ctx, r.Message, command, nil)
	if err == nil && decision.Effect == Unsettled {
		var scope *commands.Scope
		if scope, err = touched(); err == nil {
			decision, err = e.decide(ctx, r.Message, command, scope)
		}
	}
	var agreed agreement
	if err == nil && decision.Effect == Ask && r.Decision.Effect == Ask {
		agreed, err = e.agreed(ctx, *r, decision)
	}
	if err != nil && e.Now().Sub(r.ChangedAt) < askAgain {
		return "", fmt.Errorf("ask the policy before running: %w", err)
	}
	if err != nil {
		e.Log.Warn("policy could not be asked before running", "request", r.ID(), "err", err)
		r.Decision = Decision{Effect: Deny, Rule: "policy could not be asked"}
		return notLetRun(r.Message, command, r.Decision), nil
	}
	switch {
	case decision.Effect != Deny && !r.Invocation.Plan && e.unproven(*r, decision):
		r.Decision = decision
		return "Policy asks for a second factor by now (" + decision.Rule + "), and who agreed gave none. Ask again by typing the line again.", nil
	case r.Emergency != "" && decision.Effect != Deny:
		return e.mayNotBreak(ctx, *r, decision)
	case decision.Effect == Allow, decision.Effect != Deny && r.Invocation.Plan,
		decision.Effect == Confirm && r.Decision.Effect == Confirm && len(r.Approvals) > 0,
		decision.Effect == Ask && agreed.full:
		return "", nil
	case decision.Effect == Ask && agreed.lost:
		r.Decision = decision
		return "Who approved may not approve any more: " + Subjects(decision.everybody()) + " may. Ask again by typing the line again.", nil
	}
	r.Decision = decision
	return notLetRun(r.Message, command, decision), nil
}

// askAgain is how long a request that may run waits for a policy that cannot be asked.
const askAgain = 2 * time.Minute

// heldBack answers which freeze or lock holds a change back, "" where none does.
func (e *Engine) heldBack(ctx context.Context, r Request, runner commands.Runner, command *commands.Command, touched touching) (string, error) {
	_, scoped := runner.(commands.Scoped)
	if e.Guards == nil || command.Risk == commands.Read || !scoped {
		return "", nil
	}
	err := e.Guards.Stops(ctx, r.Message.Asker, e.Now(), touched)
	var held *commands.Error
	if errors.As(err, &held) && held.Kind == commands.Denied {
		return held.Error(), nil
	}
	return "", err
}

// touching answers what a line touches.
type touching = func() (*commands.Scope, error)

// looked answers what a change is about to touch, with a warning where another tool keeps some of it as it is. What cannot be looked up
// now is found, or missed, by the run itself.
func looked(command *commands.Command, r Request, touched touching) (warning string, things []string) {
	if command.Risk == commands.Read {
		return "", nil
	}
	scope, err := touched()
	if err != nil || scope == nil {
		return "", nil
	}
	return scope.Warn(), thingsOf(r.Invocation, scope)
}

// weigh answers what a request's line touches, and what it costs where the policy asks for that.
func (e *Engine) weigh(ctx context.Context, r Request, runner commands.Runner) (*commands.Scope, error) {
	scope, err := scopeOf(ctx, runner)
	if billed, ok := runner.(commands.Billed); ok && err == nil && e.Bills {
		bill := billed.Bill(ctx)
		scope.Bill = &bill
		err = e.today(ctx, r, scope)
	}
	return scope, err
}

// scopeOf answers what a line touches; the zero scope where it does not say.
func scopeOf(ctx context.Context, runner commands.Runner) (*commands.Scope, error) {
	scoped, ok := runner.(commands.Scoped)
	if !ok {
		return &commands.Scope{}, nil
	}
	scope, err := scoped.Scope(ctx)
	return &scope, err
}
