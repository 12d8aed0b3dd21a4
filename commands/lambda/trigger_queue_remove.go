package lambda

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// queueRemoval makes a function read a queue no longer.
type queueRemoval struct{ *TriggerRemove }

// unread is what goes.
type unread struct {
	reading
	ID   string            // of the mapping; "" where it is gone
	More []aws.QueueSource // others: a table's stream that was turned off and on again is read by one for each
}

func (q *queueRemoval) prepare(ctx context.Context, run *commands.Run) (unread, error) {
	return commands.Repeat(ctx, run, "look at trigger", q.look)
}

func (q *queueRemoval) look(ctx context.Context) (unread, error) {
	p, err := q.find(ctx, q.cloud)
	p.Function.Environment = nil
	if err != nil {
		return unread{}, err
	}
	r, err := readingOf(ctx, q.cloud, p, q.Source)
	e := unread{reading: r}
	if err != nil {
		return e, err
	}
	all, err := q.cloud.QueueSources(ctx, p.Target, p.Function.Name)
	if err != nil {
		return e, err
	}
	for _, one := range all {
		switch {
		case !r.is(one) || q.Rule != "" && q.Rule != one.ID || one.State == "Deleting":
		case e.ID != "":
			e.More = append(e.More, one)
		default:
			e.ID, e.Queue = one.ID, one.SourceARN
		}
	}
	if e.ID != "" {
		return e, nil
	}
	held, err := q.held(ctx, r)
	if err == nil && !held {
		err = notATrigger(p, cmp.Or(r.Queue, r.Table))
	}
	return e, err
}

// held tells whether a role that deckhand made has the right to read still. Where that may not be looked at, it may have it.
func (q *queueRemoval) held(ctx context.Context, r reading) (bool, error) {
	if !r.Ours {
		return false, nil
	}
	policy, err := q.cloud.PolicyInRole(ctx, r.Target, r.Role, r.Policy)
	if err != nil && commands.Words(err).Kind == commands.Denied {
		return true, nil
	}
	return policy != "", err
}

func notATrigger(p picked, name string) error {
	return &commands.Error{
		Kind: commands.NotFound, Message: fmt.Sprintf("%s has no trigger %s.", p.Function.Name, commands.Mono(name)), Hint: commands.Mono(p.line("lambda trigger list")) + " shows what it has.",
	}
}

func (e unread) addLine() string {
	return e.line("lambda trigger add") + " --on " + e.word()
}

// Plan tells what would be removed.
func (q *queueRemoval) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	e, err := q.prepare(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	if e.ID == "" {
		return commands.Report{
			Title: "Would remove what is left of a trigger of " + e.Function.Name, Where: where.Words(e.Place),
			Body: commands.Blocks{commands.Text{Text: "The function does not read " + commands.Mono(cmp.Or(e.Queue, e.Table)) + ". The right to read it goes out of the role " + commands.Mono(e.Role) + "."}},
		}, nil
	}
	text := "The function reads " + commands.Mono(cmp.Or(e.Queue, e.Table)) + " no longer; " + e.stays() + "."
	if n := len(e.More); n > 0 {
		text += fmt.Sprintf(" %s of earlier streams of the table go too.", commands.Count(n, "mapping"))
	}
	if e.Ours {
		text += " The right to read it goes out of the role " + commands.Mono(e.Role) + "."
	}
	return commands.Report{
		Title: "Would remove a trigger of " + e.Function.Name, Where: where.Words(e.Place),
		Body: commands.Blocks{commands.Text{Text: text + " " + commands.Mono(e.addLine()) + " makes it again."}},
	}, nil
}

// Run removes the mapping, and then the right.
func (q *queueRemoval) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	e, err := q.prepare(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	going := false
	_, err = commands.Repeat(ctx, run, "DeleteEventSourceMapping", func(ctx context.Context) (bool, error) {
		for _, one := range e.mappings() {
			if err := q.stop(ctx, e, one, &going); err != nil {
				return false, err
			}
		}
		return true, nil
	})
	if err != nil && going {
		return commands.Report{
			Title: "Being removed: a trigger of " + e.Function.Name, Where: where.Words(e.Place),
			Body: commands.Blocks{commands.Text{Text: "AWS took it, and was not seen to be done with it. " + commands.Mono(e.removeLine()) + " finishes what is left of it."}},
			Next: []commands.Next{{Label: "Go on", Line: e.removeLine(), Style: "danger", Confirm: "Remove what is left?"}},
		}, err
	}
	if err != nil {
		return commands.Report{}, err
	}
	if e.Ours {
		_, err := commands.Repeat(ctx, run, "DeleteRolePolicy", func(ctx context.Context) (bool, error) {
			return true, q.cloud.DisallowRole(ctx, e.Target, e.Role, e.Policy)
		})
		if err != nil {
			if e.ID == "" {
				return commands.Report{}, err
			}
			return commands.Report{Title: "Removed in part", Where: where.Words(e.Place), Body: commands.Blocks{commands.Text{
				Text: "The function reads the " + e.noun() + " no longer, and its role still may. " + commands.Mono(e.removeLine()) + " finishes it.",
			}}}, err
		}
	}
	if e.ID == "" {
		return commands.Report{
			Tone: commands.Good, Title: "Removed what was left of a trigger of " + e.Function.Name, Where: where.Words(e.Place),
			Body: commands.Blocks{commands.Text{Text: "The function did not read " + commands.Mono(cmp.Or(e.Queue, e.Table)) + ". Its role " + commands.Mono(e.Role) + " has no right to read it now."}},
			Next: []commands.Next{{Label: "Add the trigger", Line: e.addLine()}},
		}, nil
	}
	return commands.Report{
		Tone: commands.Good, Title: "Removed a trigger of " + e.Function.Name, Where: where.Words(e.Place),
		Body: commands.Blocks{commands.Text{Text: "It is not invoked any more by " + e.events() + ". T" + strings.TrimPrefix(e.stays(), "t") + "."}},
		Next: []commands.Next{{Label: "Put it back", Line: e.addLine()}}, Undo: e.addLine(),
	}, nil
}

// mappings are all that go.
func (e unread) mappings() []aws.QueueSource {
	if e.ID == "" {
		return nil
	}
	return append([]aws.QueueSource{{ID: e.ID, SourceARN: e.Queue}}, e.More...)
}

// stop removes a mapping, and waits until it is gone.
// stop ends one mapping and waits until it is gone; going tells that AWS took it.
func (q *queueRemoval) stop(ctx context.Context, e unread, one aws.QueueSource, going *bool) error {
	if err := q.cloud.StopReadingQueue(ctx, e.Target, one.ID); err != nil {
		return err
	}
	*going = true
	limited, cancel := context.WithTimeout(ctx, queuePatience)
	defer cancel()
	return q.cloud.WaitForQueue(limited, e.Target, e.Function.Name, one.SourceARN, false)
}

// Check looks whether the mapping is gone.
func (q *queueRemoval) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	e, err := q.prepare(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	now, err := q.look(ctx)
	if err != nil && commands.Words(err).Kind != commands.NotFound {
		return commands.Report{}, err
	}
	if now.ID != "" {
		return commands.Report{}, &commands.Error{Kind: commands.Failed, Message: "The trigger is still there.", Hint: commands.Mono(e.removeLine()) + " removes it."}
	}
	return q.Run(ctx, run)
}
