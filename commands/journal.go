package commands

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// Journal remembers what each step of a request did, so that a run that was cut short goes on
// where it was instead of acting twice. Steps are named; names are unique within a request.
type Journal interface {
	// Load answers the step's entry; the zero Entry where the step was never begun.
	Load(ctx context.Context, step string) (Entry, error)
	// Begin writes down, durably, that the step is about to act.
	Begin(ctx context.Context, step string) error
	// Finish writes down what the step did: a JSON result, or the words of a failure that is certain.
	Finish(ctx context.Context, step string, result []byte, failure string) error
}

// Entry is one step in the journal.
type Entry struct {
	Begun    bool
	Finished bool
	Result   []byte // JSON, where Finished and Failure is empty
	Failure  string // words, where the step failed for certain
}

// Once runs do at most once in the life of a request. Where an earlier run was cut
// short between beginning and finishing, it answers an Error of kind Uncertain and does not call do.
func Once[T any](ctx context.Context, run *Run, step string, do func(context.Context) (T, error)) (T, error) {
	return journaled(ctx, run, step, false, do)
}

// Repeat runs do until it has finished once. It is for calls that AWS itself makes
// idempotent, by a ClientToken or by their nature.
func Repeat[T any](ctx context.Context, run *Run, step string, do func(context.Context) (T, error)) (T, error) {
	return journaled(ctx, run, step, true, do)
}

func journaled[T any](ctx context.Context, run *Run, step string, repeatable bool, do func(context.Context) (T, error)) (T, error) {
	result := new(T)
	err := run.step(ctx, step, repeatable, result, func(ctx context.Context) (err error) {
		*result, err = do(ctx)
		return err
	})
	return *result, err
}

// step is journaled for a result that is pointed to: what is compiled for each type of result is as little as can be.
func (run *Run) step(ctx context.Context, step string, repeatable bool, result any, do func(context.Context) error) error {
	entry, err := run.Journal.Load(ctx, step)
	if err != nil {
		return fmt.Errorf("read journal: %w", err)
	}
	switch {
	case entry.Finished && entry.Failure != "":
		return &Error{Kind: Failed, Message: entry.Failure}
	case entry.Finished:
		return json.Unmarshal(entry.Result, result)
	case run.Stop != nil:
		return run.Stop
	case entry.Begun && !repeatable:
		return &Error{Kind: Uncertain, Message: "The run was cut short while AWS was being asked: " + step + "."}
	case !entry.Begun:
		if err := run.Journal.Begin(ctx, step); err != nil {
			return fmt.Errorf("write journal: %w", err)
		}
	}
	err = do(ctx)
	if err != nil && (ctx.Err() != nil || IsUncertain(err)) {
		return err // begun and not finished: what happened is not known
	}
	// An answer is written down even when the context has just ended: it is known.
	ctx = context.WithoutCancel(ctx)
	if err != nil {
		if written := run.Journal.Finish(ctx, step, nil, Words(err).Message); written != nil {
			err = errors.Join(err, written)
		}
		return err
	}
	raw, err := json.Marshal(result)
	if err != nil {
		return fmt.Errorf("encode step %s: %w", step, err)
	}
	return run.Journal.Finish(ctx, step, raw, "")
}

// Begun tells whether a step was begun, in this execution of the request or in one that was cut short.
func Begun(ctx context.Context, run *Run, step string) (bool, error) {
	entry, err := run.Journal.Load(ctx, step)
	if err != nil {
		return false, fmt.Errorf("read journal: %w", err)
	}
	return entry.Begun, nil
}

// Answered tells of a run that was cut short whether the answer to its step is known, so that only what comes after it is left to do. Where the
// step was not even begun it answers CutShort.
func Answered(ctx context.Context, run *Run, step, before string) (bool, error) {
	entry, err := run.Journal.Load(ctx, step)
	switch {
	case err != nil:
		return false, fmt.Errorf("read journal: %w", err)
	case !entry.Begun:
		return false, CutShort(before)
	}
	return entry.Finished, nil
}

// CutShort is the error of a run that ended before it did anything: "before AWS was asked to stop anything".
func CutShort(before string) *Error {
	return &Error{Kind: Failed, Message: "The run was cut short before " + before + ", so nothing was done.", Hint: SendAgain}
}

// NoJournal is the journal of a run that is not written down: a read, a plan.
type NoJournal struct{}

// Load answers that nothing was begun.
func (NoJournal) Load(context.Context, string) (Entry, error) { return Entry{}, nil }

// Begin forgets.
func (NoJournal) Begin(context.Context, string) error { return nil }

// Finish forgets.
func (NoJournal) Finish(context.Context, string, []byte, string) error { return nil }
