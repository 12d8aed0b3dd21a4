package commands

import (
	"context"
	"errors"
	"strings"
	"time"
)

// What Ensure does where something may have been made of which nothing shows yet: how often it looks, and the pause between two looks.
const (
	ensureLooks = 5
	ensurePause = 2 * time.Second
)

// Ensure is a journaled step that makes something where it is not there yet. It looks first, so that a run that was cut short, and the
// same line sent again, go on with what is there; and it looks again where the answer of making was lost, because AWS may show a
// new thing some seconds late. So it does where an earlier process began to make it and its end is not known. Where nothing shows and AWS does the same call once,
// it is asked for again. find answers an error where something is there that must not be taken for it.
func Ensure[T any](
	ctx context.Context, run *Run, step string,
	find func(context.Context) (thing T, found bool, err error), create func(context.Context) (T, error),
) (T, error) {
	// The step itself begins later: what is begun now was begun by a process that was cut short. A journal that cannot be read stops it there.
	begun, _ := Begun(ctx, run, step)
	return Repeat(ctx, run, step, func(ctx context.Context) (T, error) {
		thing, found, err := find(ctx)
		if begun && err == nil && !found && pause(ctx) {
			Seen(ctx, func() bool {
				thing, found, err = find(ctx)
				return found || err != nil
			})
		}
		if err != nil && begun {
			return thing, unseen(step, err)
		}
		if err != nil || found {
			return thing, err
		}
		thing, err = create(ctx)
		if IsUncertain(err) {
			return lookAgain(ctx, thing, err, find, create)
		}
		return thing, err
	})
}

// unseen is the error of a step that an earlier process began, where a look failed: that does not say that nothing was made.
func unseen(step string, err error) error {
	var own *Error
	if errors.As(err, &own) {
		return err // what is there is known, and is in the way
	}
	return Unseen(&Error{Kind: Uncertain, Message: "The run was cut short while AWS was being asked: " + step + "."}, err)
}

const notSeen = " How things stand could not be asked: "

// Unseen is an error that leaves open what happened, with why a look did not tell; the first look that failed is the one that is told of.
func Unseen(uncertain, look error) error {
	known, why := Words(uncertain), Words(look)
	if strings.Contains(known.Message, notSeen) {
		return uncertain
	}
	return &Error{Kind: Uncertain, Message: known.Message + notSeen + why.Error(), Hint: known.Hint, Err: look}
}

// Seen looks for something that AWS may show some seconds late, until look is over or has looked as often as Ensure does. It is for what is looked
// for by name after a making whose answer was lost: one look that finds nothing does not say that there is nothing.
func Seen(ctx context.Context, look func() (over bool)) {
	for n := 0; n < ensureLooks && (n == 0 || pause(ctx)) && !look(); n++ {
	}
}

// pause waits before the next look; ok is false where the context is over.
func pause(ctx context.Context) (ok bool) {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(ensurePause):
		return true
	}
}

// lookAgain is what Ensure does after a making whose answer was lost.
func lookAgain[T any](
	ctx context.Context, made T, lost error, find func(context.Context) (T, bool, error), create func(context.Context) (T, error),
) (thing T, err error) {
	thing, err = made, lost
	looks := 0
	Seen(ctx, func() bool {
		if late, found, lookErr := find(ctx); lookErr == nil && found {
			thing, err = late, nil
			return true
		}
		if looks++; looks != 2 || !saysOf(lost, again.Again) {
			return false
		}
		once, refused := create(ctx)
		if IsUncertain(refused) || saysOf(refused, standing.Standing) {
			return false
		}
		thing, err = once, refused
		return true
	})
	return thing, err
}

// What an error may say of a call: that the same one may be sent again, because AWS does it once; that what it would make is there already.
type (
	again    interface{ Again() bool }
	standing interface{ Standing() bool }
)

func saysOf[E any](err error, what func(E) bool) bool {
	var e E
	return errors.As(err, &e) && what(e)
}
