package vm

import (
	"context"
	"fmt"
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
	seen, waitErr := cloud.WaitForState(limited, w.Target, ids(w.Instances), w.want, func(now []aws.Instance) {
		run.Say(progress(now, len(w.Instances), w.want))
	})
	if err := ctx.Err(); err != nil {
		return nil, w.unseen("the wait was cut short", err)
	}
	if waitErr != nil {
		var err error
		if seen, err = cloud.Instances(ctx, w.Target, aws.InstanceQuery{IDs: ids(w.Instances)}); err != nil {
			return nil, w.unseen("AWS does not say how things stand: "+commands.Words(err).Message, err)
		}
	}
	now := make(map[string]aws.Instance, len(seen))
	for _, i := range seen {
		now[i.ID] = i
	}
	for _, i := range w.Instances {
		if _, ok := now[i.ID]; ok {
			continue
		}
		switch {
		case w.want == aws.Terminated:
			// AWS shows a terminated instance for about an hour, and then no more.
			i.State = aws.Terminated
			now[i.ID] = i
		case waitErr == nil:
			return nil, w.unseen(label(i)+" is not to be seen", waitErr)
		default:
			i.State = "not visible"
			now[i.ID] = i
		}
	}
	return now, nil
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
