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

// noteRefusal queues a refusal for the record. A flood of refusals is sampled rather than served, and the log counts what is left out.
func (e *Engine) noteRefusal(m Message, reading commands.Reading, decision Decision, risk commands.Risk) {
	if risk == commands.Read {
		return
	}
	select {
	case e.refusals <- refusal{m, reading, decision}:
	default:
		e.unrecorded.Add(1)
	}
}

const (
	sweepEvery   = 2 * time.Second
	refusalEvery = 50 * time.Millisecond  // at most
	floodEvery   = 500 * time.Millisecond // so often in a flood, which takes time from those who are let in
	lastRefusals = 2 * time.Second        // for those that wait when the program stops
)

// Run recovers what an earlier process left, and then keeps the store tidy until the context ends: approvals expire,
// requests of processes that are gone go on, refusals are written down.
func (e *Engine) Run(ctx context.Context) error {
	if err := e.Recover(ctx); err != nil && ctx.Err() == nil {
		e.Log.Error("recovery failed; it is tried again", "err", err)
	}
	sweep, count, probe := time.NewTicker(sweepEvery), time.NewTicker(countEvery), time.NewTicker(probeEvery)
	defer sweep.Stop()
	defer probe.Stop()
	e.backlog.keep(true)
	defer e.backlog.rounds.Wait()
	defer e.backlog.keep(false)
	defer count.Stop()
	refusals, pause := e.refusals, time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastRefusals)
			defer cancel()
			e.recordRefusals(last)
			return nil
		case <-sweep.C:
			if err := e.Sweep(ctx); err != nil && ctx.Err() == nil {
				e.Log.Error("sweep failed; it is tried again", "err", err)
			}
		case <-e.backlog.wake:
			e.catchUp(ctx, false)
		case <-probe.C:
			e.catchUp(ctx, true)
		case <-count.C:
			if err := e.count(ctx); err != nil && ctx.Err() == nil {
				e.Log.Error("the requests could not be counted; it is tried again", "err", err)
			}
		case was := <-refusals:
			e.recordRefusal(context.WithoutCancel(ctx), was) // taken, so it is written down although the end may have come
			refusals = nil
			pause.Reset(e.untilNextRefusal())
		case <-pause.C:
			refusals = e.refusals
		}
	}
}

// untilNextRefusal is how long the record of the next refusal waits. One at a time takes the processor for less than a millisecond.
func (e *Engine) untilNextRefusal() time.Duration {
	if e.unrecorded.Load() > 0 {
		return floodEvery
	}
	return refusalEvery
}

// recordRefusals writes down the refusals that wait.
func (e *Engine) recordRefusals(ctx context.Context) {
	for range len(e.refusals) {
		select {
		case was := <-e.refusals:
			e.recordRefusal(ctx, was)
		default: // somebody else wrote it down
		}
	}
}

func (e *Engine) recordRefusal(ctx context.Context, was refusal) {
	r, event := e.refused(was)
	if err := e.Store.Note(ctx, r, event); err != nil && ctx.Err() == nil {
		e.Log.Error("a refusal was not written down", "err", err, "line", r.Invocation.Line, "user", event.Actor)
	}
}

// refused is a refusal as it is written down.
func (e *Engine) refused(was refusal) (Request, Event) {
	now := e.Now()
	invocation, err := was.reading.Complete()
	if err != nil {
		invocation = was.reading.Invocation // the line says it all
	}
	return Request{
			State: Refused, Message: was.message, Invocation: invocation, Decision: was.decision, CreatedAt: now, ChangedAt: now,
			Shown: 1, // its asker was told in private
		}, Event{
			At: now, Actor: was.message.Asker.User, To: Refused, What: "refused", Note: was.decision.Rule + ": " + was.reading.Line, Place: placeOf(was.message),
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
	if missing := e.unrecorded.Swap(0); missing > 0 {
		e.Log.Warn("refusals come faster than they are written down; these were left out", "count", missing)
	}
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
