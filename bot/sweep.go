package bot

import (
	"context"
	"errors"
	"time"

	"deckhand/commands"
)

// refusal is a changing line that policy did not allow, to be written into the record after the answer.
type refusal struct {
	message    Message
	invocation commands.Invocation
	decision   Decision
}

// noteRefusal queues a refusal for the record. A flood of refusals is cut off rather than served: Sweep logs the gap.
func (e *Engine) noteRefusal(m Message, invocation commands.Invocation, decision Decision, risk commands.Risk) {
	if risk == commands.Read {
		return
	}
	select {
	case e.refusals <- refusal{m, invocation, decision}:
	default:
	}
}

const (
	sweepEvery   = 5 * time.Second
	refusalEvery = 50 * time.Millisecond // 20 refusals a second are written down at most
)

// Run recovers what an earlier process left, and then keeps the store tidy until the context ends: approvals expire,
// requests of processes that are gone go on, refusals are written down.
func (e *Engine) Run(ctx context.Context) error {
	if err := e.Recover(ctx); err != nil && ctx.Err() == nil {
		e.Log.Error("recovery failed; it is tried again", "err", err)
	}
	sweep, refused := time.NewTicker(sweepEvery), time.NewTicker(refusalEvery)
	defer sweep.Stop()
	defer refused.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-sweep.C:
			if err := e.Sweep(ctx); err != nil && ctx.Err() == nil {
				e.Log.Error("sweep failed; it is tried again", "err", err)
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
		r := Request{State: Refused, Message: refused.message, Invocation: refused.invocation, Decision: refused.decision, CreatedAt: now, ChangedAt: now}
		_, _, err := e.Store.Create(ctx, r, []Event{{
			At: now, Actor: refused.message.Asker.User, To: Refused, What: "refused", Note: refused.decision.Rule,
		}}, nil)
		if err != nil && ctx.Err() == nil {
			e.Log.Error("a refusal was not written down", "err", err, "line", refused.invocation.Line, "user", refused.message.Asker.User)
		}
	default:
	}
}

// Recover gives everything that is under way, or not yet shown, a job again.
func (e *Engine) Recover(ctx context.Context) error {
	var jobs []Job
	open, err := e.Store.List(ctx, Filter{States: []State{Asked, Queued, Running}, Limit: manyRequests})
	if err != nil {
		return err
	}
	for _, r := range open {
		if r.State != Running || e.abandoned(r) {
			jobs = append(jobs, Job{Work: Execute, Request: r.Number})
		}
	}
	unshown, err := e.Store.List(ctx, Filter{Unshown: true, Since: e.Now().Add(-24 * time.Hour), Limit: manyRequests})
	if err != nil {
		return err
	}
	for _, r := range unshown {
		jobs = append(jobs, Job{Work: Deliver, Request: r.Number})
	}
	if len(jobs) == 0 {
		return nil
	}
	e.Log.Info("taking up what an earlier process left", "jobs", len(jobs))
	return e.Store.Enqueue(ctx, jobs)
}

// manyRequests bounds what one recovery looks at.
const manyRequests = 10_000

// Sweep does what time alone makes due.
func (e *Engine) Sweep(ctx context.Context) error {
	now := e.Now()
	expired, err := e.Store.List(ctx, Filter{States: []State{Waiting}, ExpiresBefore: now})
	if err != nil {
		return err
	}
	for _, r := range expired {
		if err := e.expire(ctx, r); err != nil && !errors.Is(err, ErrConflict) {
			return err
		}
	}
	lost, err := e.Store.List(ctx, Filter{States: []State{Running}, LeaseBefore: now})
	if err != nil {
		return err
	}
	var jobs []Job
	for _, r := range lost {
		jobs = append(jobs, Job{Work: Execute, Request: r.Number})
	}
	if len(jobs) == 0 {
		return nil
	}
	return e.Store.Enqueue(ctx, jobs)
}
