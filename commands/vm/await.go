package vm

import (
	"context"
	"fmt"
	"slices"
	"time"

	"deckhand/aws"
	"deckhand/commands"
)

// await waits until the instances are in the wanted state, but no longer than given, and answers how each one stands
// then, by id. That one of them is not there is no error: the answer says so. An error means
// that nobody looked until the end; it is Uncertain because AWS was asked before.
func (a action) await(ctx context.Context, run *commands.Run, p picked, long time.Duration) (map[string]aws.Instance, error) {
	return await(ctx, run, a.cloud, wait{p, a.want, long, a.verb})
}

// wait says what to wait for.
type wait struct {
	picked
	want aws.InstanceState
	long time.Duration
	verb string // "stop", for words
}

func await(ctx context.Context, run *commands.Run, cloud Cloud, w wait) (map[string]aws.Instance, error) {
	limited, cancel := context.WithTimeout(ctx, w.long)
	defer cancel()
	now := make(map[string]aws.Instance, len(w.Instances))
	for rest := w.Instances; len(rest) > 0; {
		seen, waitErr := cloud.WaitForState(limited, w.Target, ids(rest), w.want, func(some []aws.Instance) {
			run.Say(progress(some, len(rest), w.want))
		})
		if err := ctx.Err(); err != nil {
			return nil, w.unseen("the wait was cut short", err)
		}
		if waitErr != nil {
			var err error
			if seen, err = cloud.Instances(ctx, w.Target, aws.InstanceQuery{IDs: ids(rest)}); err != nil {
				return nil, w.unseen("AWS does not say how things stand: "+commands.Words(err).Message, err)
			}
		}
		for _, i := range w.complete(rest, seen) {
			now[i.ID] = i
		}
		// One that cannot get there ends the wait for all: those that still can are waited for without it.
		hopeful := slices.DeleteFunc(slices.Clone(rest), func(i aws.Instance) bool { return !w.hopeful(now[i.ID].State) })
		if waitErr == nil || limited.Err() != nil || len(hopeful) == len(rest) {
			break
		}
		rest = hopeful
	}
	return now, nil
}

// complete adds those that AWS does not show. It shows a terminated instance for about an hour, and then no more.
func (w wait) complete(asked, seen []aws.Instance) []aws.Instance {
	for _, i := range asked {
		if slices.ContainsFunc(seen, func(s aws.Instance) bool { return s.ID == i.ID }) {
			continue
		}
		i.State = "not visible"
		if w.want == aws.Terminated {
			i.State = aws.Terminated
		}
		seen = append(seen, i)
	}
	return seen
}

// hopeful tells whether an instance that is not where it should be can still get there.
func (w wait) hopeful(s aws.InstanceState) bool {
	switch {
	case s == w.want, isDead(s) && w.want != aws.Terminated:
		return false
	case s == aws.Stopping, s == aws.Stopped:
		return w.want != aws.Running
	default:
		return true
	}
}

func (w wait) unseen(why string, cause error) error {
	return &commands.Error{
		Kind:    commands.Uncertain,
		Message: fmt.Sprintf("AWS took the %s of %s, but %s.", w.verb, join(w.Instances, label), trimStop(why)),
		Hint:    commands.Mono(lineFor("vm list", w.Instances, w.Target)) + " looks again.",
		Err:     cause,
	}
}

// progress is the line to show meanwhile: "1 of 3 running; waiting for web (pending) and db (pending)".
func progress(now []aws.Instance, total int, want aws.InstanceState) string {
	var late []aws.Instance
	for _, i := range now {
		if i.State != want {
			late = append(late, i)
		}
	}
	line := fmt.Sprintf("%d of %d %s", len(now)-len(late), total, want)
	const few = 5
	switch n := len(late); {
	case n == 0:
		return line
	case n > few:
		return fmt.Sprintf("%s; waiting for %s", line, count(n))
	}
	return line + "; waiting for " + join(late, func(i aws.Instance) string { return nameOf(i) + " (" + string(i.State) + ")" })
}
