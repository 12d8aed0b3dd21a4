package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"deckhand/commands"
)

// Ledger knows what was made from where in a day, for ceilings on it. What a request entered counts while it is on its way, once it is done,
// while nobody knows what came of it, and where it failed and left something that can be taken back.
type Ledger interface {
	// Today answers what the requests that a channel's day has count, in their order. A request that stands there itself sees those
	// before it. The day is "2026-11-26"; the channel "" is that of terminals.
	Today(ctx context.Context, channel, day string, request int64) (commands.Today, error)
	// Enter puts what a request makes behind everything that its day has. A request stands in one day. ErrConflict where something was
	// entered since the mark of the Today that was looked at.
	Enter(ctx context.Context, today commands.Today, made commands.Made) error
	// Strike takes out what a request has entered.
	Strike(ctx context.Context, request int64) error
}

// today looks up what was made before a request, where its line makes something that costs and rules have ceilings on a day.
func (e *Engine) today(ctx context.Context, r Request, scope *commands.Scope) error {
	if e.Ledger == nil || scope.Bill == nil || len(scope.Bill.Parts) == 0 {
		return nil
	}
	channel, zone := r.Message.Asker.Channel, time.UTC
	if e.Zone != nil {
		zone = e.Zone(channel)
	}
	today, err := e.Ledger.Today(ctx, channel, e.Now().In(zone).Format(time.DateOnly), r.Number)
	if err != nil {
		return fmt.Errorf("look up what was made today: %w", err)
	}
	today.Zone = zone.String()
	scope.Today = &today
	return nil
}

// enter puts what a request is about to make into its day. It answers false where something else was entered since the day was looked
// at; the scope has the newer day then, and the policy is to be asked again.
func (e *Engine) enter(ctx context.Context, r Request, scope *commands.Scope) (bool, error) {
	if scope == nil || scope.Today == nil || scope.Today.Entered {
		return true, nil
	}
	err := e.Ledger.Enter(ctx, *scope.Today, commands.Made{Request: r.Number, Line: r.Invocation.Line, Bill: *scope.Bill})
	if errors.Is(err, ErrConflict) {
		return false, e.today(ctx, r, scope)
	}
	if err != nil {
		return false, fmt.Errorf("enter what a line makes: %w", err)
	}
	return true, nil
}

// enterTries is how often the policy is asked again because others entered what they make meanwhile.
const enterTries = 20

var errCrowded = errors.New("too many lines are entering what they make at once")

// judge asks the policy with everything that a line touches. What an allowed one makes is in its day's ledger when this answers, so that of
// two lines side by side one sees the other. Trouble is the store's.
func (e *Engine) judge(ctx context.Context, r Request, command *commands.Command, scope *commands.Scope) (decision Decision, err, trouble error) {
	for range enterTries {
		decision, err := e.decide(ctx, r.Message, command, scope)
		switch {
		case err != nil:
			return decision, err, nil
		case decision.Effect != Allow && scope.Today != nil && scope.Today.Entered:
			return decision, nil, e.Ledger.Strike(ctx, r.Number) // it stood there as allowed
		case decision.Effect != Allow:
			return decision, nil, nil
		}
		if entered, err := e.enter(ctx, r, scope); entered || err != nil {
			return decision, nil, err
		}
	}
	return Decision{}, nil, errCrowded
}

// mayRun is stillAllowed for a request that is about to run: what it makes is in its day's ledger when this answers "".
func (e *Engine) mayRun(ctx context.Context, r *Request, command *commands.Command, touched touching) (string, error) {
	for range enterTries {
		why, err := e.stillAllowed(ctx, r, command, touched)
		if err != nil || why != "" || e.Ledger == nil || command.Risk == commands.Read {
			return why, err
		}
		scope, err := touched()
		if err != nil {
			return "", nil //nolint:nilerr // a line that makes something that costs was looked at before; the others enter nothing
		}
		if entered, err := e.enter(ctx, *r, scope); entered || err != nil {
			return "", err
		}
	}
	return "", errCrowded
}

// unpriced answers why it cannot be said what a line makes, where a ceiling wants to know.
func (e *Engine) unpriced(runner commands.Runner, touched touching) error {
	if _, billed := runner.(commands.Billed); !billed || e.Ledger == nil {
		return nil
	}
	_, err := touched()
	return err
}

// madeNothing takes out of the ledger what a request turned out not to have made.
func (e *Engine) madeNothing(ctx context.Context, r Request) {
	if e.Ledger == nil {
		return
	}
	if err := e.Ledger.Strike(ctx, r.Number); err != nil {
		e.Log.Warn("what a request did not make counts to the end of its day", "request", r.ID(), "err", err)
	}
}
