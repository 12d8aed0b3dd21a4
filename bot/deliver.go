package bot

import (
	"context"
	"errors"
	"sync"
	"time"

	"deckhand/commands"
)

// Deliver makes the request's message in the channel show the request as it is now. An error means that it should
// be called again later. It never repeats an action.
func (e *Engine) Deliver(ctx context.Context, number int64) error {
	r, err := e.Store.Load(ctx, number)
	if err != nil || e.Messenger == nil || r.Shown >= r.Version {
		return err
	}
	channel, edit := r.Message.Asker.Channel, r.Posted.TS != ""
	if !e.backlog.enter(channel, edit) {
		return ErrBehind
	}
	defer func() { e.backlog.leave(channel, edit, err) }()
	held, err := e.alone(ctx, messageOf(number), func(ctx context.Context) error { return e.deliver(ctx, number) })
	if err == nil && !held {
		err = errTurn
	}
	return err
}

// errTurn sends a delivery back to the queue: whoever is at it may have begun before the latest change.
var errTurn = errors.New("somebody else is showing this request")

// messageOf names the message of a request, so that two edits of it never overtake each other.
func messageOf(number int64) string { return Request{Number: number}.ID() + " message" }

func (e *Engine) deliver(ctx context.Context, number int64) error {
	r, err := e.Store.Load(ctx, number)
	if err != nil {
		return err
	}
	if e.Messenger == nil || r.Shown >= r.Version {
		return nil
	}
	if r.Message.Asker.Channel == "" {
		return e.alarm(ctx, r) // a line from a terminal has no message of its own
	}
	view := View(r)
	ref := r.Posted
	if ref.TS == "" {
		ref, err = e.post(ctx, r, view)
	} else {
		err = e.Messenger.Update(ctx, ref, r.ID(), view)
	}
	if permanent(err) {
		e.Log.Error("a result cannot be delivered; it stays in the store", "request", r.ID(), "channel", r.Message.Asker.Channel, "err", err)
		err = nil
	}
	if err != nil {
		return err
	}
	if err := e.notify(ctx, r, ref); err != nil {
		return err
	}
	return e.Store.MarkShown(ctx, number, ref, r.Version)
}

// post puts the request's message into its channel exactly once: where an earlier try may have got through, it
// looks for that message first.
func (e *Engine) post(ctx context.Context, r Request, view commands.Report) (Ref, error) {
	channel, thread := r.Message.Asker.Channel, r.Message.Asker.Thread
	if e.mayActPrivately(ctx, r, view) {
		channel, thread = r.Message.Asker.User, ""
	}
	key := e.Store.Identity() + "/" + r.ID()
	tried, err := e.Store.MarkPostTried(ctx, r.Number, e.Now())
	if err != nil {
		return Ref{}, err
	}
	if !r.PostTried.IsZero() {
		ref, found, err := e.Messenger.Find(ctx, channel, thread, key, tried)
		if err != nil && !permanent(err) {
			return Ref{}, err
		}
		if found {
			return ref, e.Messenger.Update(ctx, ref, key, view)
		}
	}
	ref, err := e.Messenger.Post(ctx, channel, thread, key, view)
	if permanent(err) && channel != r.Message.Asker.Channel {
		return e.Messenger.Post(ctx, r.Message.Asker.Channel, r.Message.Asker.Thread, key, view)
	}
	if permanent(err) && channel != r.Message.Asker.User {
		e.Log.Warn("the channel does not take the message; the asker gets it directly", "request", r.ID(), "channel", channel, "err", err)
		return e.Messenger.Post(ctx, r.Message.Asker.User, "", key, view)
	}
	return ref, err
}

// permanent tells whether the chat will never take a message.
func permanent(err error) bool {
	var p interface{ Permanent() bool }
	return errors.As(err, &p) && p.Permanent()
}

// progressEvery is how often a running request's message is edited at most.
const progressEvery = time.Second

// progress shows the latest line that a running command said, at most once a second.
type progress struct {
	engine *Engine
	r      Request
	latest chan string
	done   chan struct{}
	wg     sync.WaitGroup
}

func (e *Engine) newProgress(ctx context.Context, r Request) *progress {
	p := &progress{engine: e, r: r, latest: make(chan string, 1), done: make(chan struct{})}
	if e.Messenger != nil && r.Message.Asker.Channel != "" {
		p.wg.Go(func() { p.loop(ctx) })
	}
	return p
}

// say keeps only the latest line.
func (p *progress) say(line string) {
	select {
	case <-p.latest:
	default:
	}
	select {
	case p.latest <- line:
	default:
	}
}

// stop returns when no edit is under way any more, so that none can overtake the result.
func (p *progress) stop() {
	close(p.done)
	p.wg.Wait()
}

func (p *progress) loop(ctx context.Context) {
	ticker := time.NewTicker(progressEvery)
	defer ticker.Stop()
	for {
		select {
		case <-p.done:
			return
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		select {
		case line := <-p.latest:
			p.show(ctx, line)
		default:
		}
	}
}

// show edits the message if it is there; what cannot be shown now is dropped.
func (p *progress) show(ctx context.Context, line string) {
	_, err := p.engine.Store.Exclusively(ctx, messageOf(p.r.Number), func(ctx context.Context) error {
		r, err := p.engine.Store.Load(ctx, p.r.Number)
		if err != nil || r.State != Running || r.Posted.TS == "" {
			return err
		}
		view := View(r)
		view.Body = append(view.Body, commands.Text{Text: line})
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		return p.engine.Messenger.Update(ctx, r.Posted, r.ID(), view)
	})
	if err != nil {
		p.engine.Log.Debug("progress not shown", "request", p.r.ID(), "err", err)
	}
}
