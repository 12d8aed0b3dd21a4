package bot

import (
	"context"
	"errors"
	"time"

	"deckhand/commands"
)

// refusal is a changing line that policy did not allow, to be written into the record after the answer.
type refusal struct {
	message  Message
	reading  commands.Reading
	decision Decision
}

// noteRefusal queues a refusal for the record. A flood of refusals is cut off rather than served: Sweep logs the gap.
func (e *Engine) noteRefusal(m Message, reading commands.Reading, decision Decision, risk commands.Risk) {
	if risk == commands.Read {
		return
	}
	select {
	case e.refusals <- refusal{m, reading, decision}:
	default:
	}
}

const (
	sweepEvery   = 2 * time.Second
	refusalEvery = 50 * time.Millisecond // 20 refusals a second are written down at most
)

// Run recovers what an earlier process left, and then keeps the store tidy until the context ends: approvals expire,
// requests of processes that are gone go on, refusals are written down.
func (e *Engine) Run(ctx context.Context) error {
	if err := e.Recover(ctx); err != nil && ctx.Err() == nil {
		e.Log.Error("recovery failed; it is tried again", "err", err)
	}
	sweep, refused, count := time.NewTicker(sweepEvery), time.NewTicker(refusalEvery), time.NewTicker(countEvery)
	defer sweep.Stop()
	defer count.Stop()
	defer refused.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-sweep.C:
			if err := e.Sweep(ctx); err != nil && ctx.Err() == nil {
				e.Log.Error("sweep failed; it is tried again", "err", err)
			}
		case <-count.C:
			if err := e.count(ctx); err != nil && ctx.Err() == nil {
				e.Log.Error("the requests could not be counted; it is tried again", "err", err)
			}
		case <-refused.C:
			e.recordRefusal(ctx)
		}
	}
}

func (e *Engine) recordRefusal(ctx context.Context) {
	select {
	case refused := <-e.refusals:
		now := e.Now()
		invocation, err := refused.reading.Complete()
		if err != nil {
			invocation = refused.reading.Invocation // the line says it all
		}
		r := Request{State: Refused, Message: refused.message, Invocation: invocation, Decision: refused.decision, CreatedAt: now, ChangedAt: now}
		r.Shown = 1 // its asker was told in private
		_, _, err = e.Store.Create(ctx, r, []Event{{
			At: now, Actor: refused.message.Asker.User, To: Refused, What: "refused", Note: refused.decision.Rule + ": " + refused.reading.Line, Place: placeOf(refused.message),
		}}, nil)
		if err != nil && ctx.Err() == nil {
			e.Log.Error("a refusal was not written down", "err", err, "line", refused.reading.Line, "user", refused.message.Asker.User)
		}
	default:
	}
}

// Recover takes up everything that is under way or not shown yet.
func (e *Engine) Recover(ctx context.Context) error {
	return e.takeUp(ctx, e.Now().Add(time.Nanosecond))
}

// takeUp gives a job to what was last changed before a time and is left: to what nobody has in hand, and to ends that
// their message does not show yet. A job that waits already is not doubled.
func (e *Engine) takeUp(ctx context.Context, before time.Time) error {
	open, err := e.Store.List(ctx, Filter{States: []State{Asked, Queued, Running}, Unattended: true, ChangedBefore: before, Limit: manyRequests})
	if err != nil {
		return err
	}
	var jobs []Job
	for _, r := range open {
		jobs = append(jobs, Job{Work: Execute, Request: r.Number})
	}
	unshown, err := e.Store.List(ctx, Filter{
		States: shownStates, Unshown: true, ChangedBefore: before, Since: e.Now().Add(-24 * time.Hour), Limit: manyRequests,
	})
	if err != nil {
		return err
	}
	for _, r := range unshown {
		jobs = append(jobs, Job{Work: Deliver, Request: r.Number})
	}
	if len(jobs) == 0 {
		return nil
	}
	return e.Store.Enqueue(ctx, jobs)
}

// shownStates are those in which a request's message must be there. The others pass by.
var shownStates = []State{Waiting, Done, Failed, Unsure, Settled, Refused, Rejected, Expired, Cancelled} //nolint:gochecknoglobals // a constant list

func isConflict(err error) bool { return errors.Is(err, ErrConflict) }

const (
	manyRequests = 1000            // bounds what one look takes up
	settleTime   = 2 * time.Second // what changed in this time has a job of its own, as a rule
)

// Sweep does what time alone makes due, and takes up what a process that died left.
func (e *Engine) Sweep(ctx context.Context) error {
	now := e.Now()
	expired, err := e.Store.List(ctx, Filter{States: []State{Waiting}, ExpiresBefore: now})
	if err != nil {
		return err
	}
	for _, r := range expired {
		if err := e.expire(ctx, r); err != nil && !isConflict(err) {
			return err
		}
	}
	if err := e.remindLate(ctx, now); err != nil {
		return err
	}
	if err := e.rerouteLate(ctx, now); err != nil {
		return err
	}
	if err := e.remindReviews(ctx, now); err != nil {
		return err
	}
	return e.takeUp(ctx, now.Add(-settleTime))
}
