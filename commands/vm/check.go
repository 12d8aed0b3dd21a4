package vm

import (
	"context"
	"fmt"
	"slices"
	"time"

	"deckhand/aws"
	"deckhand/commands"
)

// grace is how long a look after an uncertain call waits for AWS to show a change that it has taken.
const grace = 30 * time.Second

// check looks at what came of a run whose call to AWS may or may not have arrived.
func (a action) check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	entry, err := run.Journal.Load(ctx, a.step)
	if err != nil {
		return commands.Report{}, fmt.Errorf("read journal: %w", err)
	}
	if entry.Finished {
		return a.run(ctx, run) // AWS's answer is known: only the wait is left
	}
	if err := looked(ctx, run, a.verb); err != nil {
		return commands.Report{}, err
	}
	p, j, err := a.standing(ctx, run, a.looked)
	switch {
	case err != nil:
		return commands.Report{}, err
	case len(j.ready) == 0:
		return a.run(ctx, run) // nothing was to be asked of AWS
	case !entry.Begun && a.image.ImageFirst:
		return a.run(ctx, run) // each step up to there may be repeated
	case !entry.Begun:
		return commands.Report{}, commands.CutShort(toDo(a.verb))
	}
	report, err := a.conclude(ctx, run, p, j)
	if kept, unread := a.image.keep(ctx, run, a.cloud, p, j.ready); unread == nil { // made before the step began, and in the journal
		err = after(kept, err)
	}
	return report, err
}

// looked answers nil where the run came as far as looking at its instances.
func looked(ctx context.Context, run *commands.Run, verb string) error {
	entry, err := run.Journal.Load(ctx, lookStep)
	switch {
	case err != nil:
		return fmt.Errorf("read journal: %w", err)
	case !entry.Finished || entry.Failure != "":
		return commands.CutShort(toDo(verb))
	}
	return nil
}

// toDo is what a run that was cut short did not get to.
func toDo(verb string) string { return "AWS was asked to " + verb + " anything" }

// lookEvery is how often a look after an uncertain call asks AWS again.
const lookEvery = 5 * time.Second

// lookFor looks for what a call made, until it is found or AWS has had the time to show it. AWS may take some seconds to show what it has taken.
func lookFor[T any](ctx context.Context, look func(waited time.Duration) (T, bool, error)) (T, bool, error) {
	for waited := time.Duration(0); ; waited += lookEvery {
		found, ok, err := look(waited)
		if err != nil || ok || waited >= grace {
			return found, ok, err
		}
		select {
		case <-ctx.Done(): // the next look tells
		case <-time.After(lookEvery):
		}
	}
}

// conclude decides from the instances' states whether AWS has acted.
func (a action) conclude(ctx context.Context, run *commands.Run, p picked, j judged) (commands.Report, error) {
	again := "Run " + commands.Mono(lineFor(a.command(), j.ready, p.Target)) + " again if it is still wanted."
	if len(a.onTheWay) == 0 {
		return commands.Report{}, &commands.Error{
			Kind:    commands.Uncertain,
			Message: fmt.Sprintf("AWS does not show whether it took the %s of %s.", a.verb, join(j.ready, label)),
			Hint:    again,
		}
	}
	now, err := a.await(ctx, run, p.of(j.ready), grace)
	if err != nil {
		return commands.Report{}, err
	}
	var acted, not, unclear []aws.Instance
	for _, i := range j.ready {
		switch n := now[i.ID]; {
		case n.State == a.want, slices.Contains(a.onTheWay, n.State):
			acted = append(acted, n)
		case slices.Contains(alive(), n.State):
			not = append(not, n)
		default:
			unclear = append(unclear, n)
		}
	}
	switch {
	case len(unclear) > 0:
		return commands.Report{}, &commands.Error{
			Kind:    commands.Uncertain,
			Message: fmt.Sprintf("AWS shows that %s, which does not tell whether the %s happened before.", join(unclear, standsAs), a.verb),
			Hint:    commands.Mono(lineFor("vm list", j.ready, p.Target)) + " looks again.",
		}
	case len(not) == 0:
		return a.finish(ctx, run, p, j)
	case len(acted) == 0:
		return commands.Report{}, &commands.Error{
			Kind:    commands.Failed,
			Message: fmt.Sprintf("AWS shows that %s: the %s did not happen.", join(not, stands), a.verb),
			Hint:    again,
		}
	default:
		return commands.Report{}, &commands.Error{
			Kind:    commands.Failed,
			Message: fmt.Sprintf("The %s happened in part: AWS shows that %s, and that %s.", a.verb, join(acted, stands), join(not, stands)),
			Hint:    "Run " + commands.Mono(lineFor(a.command(), not, p.Target)) + " for the rest if it is still wanted.",
		}
	}
}

// stands is the label with the state alone.
func stands(i aws.Instance) string { return fmt.Sprintf("%s is %s", label(i), i.State) }
