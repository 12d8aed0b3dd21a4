package intake

import (
	"context"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"deckhand/bot"
	"deckhand/commands"
)

const (
	whisperWithin    = 10 * time.Second
	whispersAtOnce   = 16
	whispersAccepted = 512 // under way and waiting
)

// whispers answers in private after the acknowledgement, a bounded number at a time.
type whispers struct {
	whisper  Whisper
	open     Open // may be nil
	log      *slog.Logger
	accepted chan struct{}
	running  chan struct{}
	all      sync.WaitGroup
}

func newWhispers(whisper Whisper, open Open, log *slog.Logger) *whispers {
	return &whispers{
		whisper:  whisper,
		open:     open,
		log:      log,
		accepted: make(chan struct{}, whispersAccepted),
		running:  make(chan struct{}, whispersAtOnce),
	}
}

// send answers in the background, whatever becomes of ctx. It does not block: where too many answers wait for Slack, this one is given up
// and the log says so. Private answers are best effort; results go by other ways.
func (w *whispers) send(ctx context.Context, to bot.Message, report commands.Report) {
	if empty(report) {
		return
	}
	select {
	case w.accepted <- struct{}{}:
	default:
		w.log.Warn("A private answer was given up: too many wait for Slack.", "key", to.Key)
		return
	}
	w.all.Go(func() {
		defer func() { <-w.accepted }()
		w.running <- struct{}{}
		defer func() { <-w.running }()
		w.one(ctx, to, report)
	})
}

// show opens a form in the background, at once: its trigger is good for three seconds. It answers false where that cannot be tried. Where Slack does not
// open it, the same follows in words.
func (w *whispers) show(ctx context.Context, to bot.Message, form *bot.Form) bool {
	if form == nil || to.Trigger == "" || w.open == nil {
		return false
	}
	return w.opening(ctx, to, form)
}

func (w *whispers) opening(ctx context.Context, to bot.Message, form *bot.Form) bool {
	select {
	case w.accepted <- struct{}{}:
	default:
		return false
	}
	w.all.Go(func() {
		defer func() { <-w.accepted }()
		defer w.calmly(to)
		ctx := context.WithoutCancel(ctx)
		if err := w.open(ctx, to, *form); err != nil {
			w.log.Warn("A form was not opened; its words follow.", "key", to.Key, "error", err)
			w.one(ctx, to, form.Words())
		}
	})
	return true
}

// calmly logs a panic.
func (w *whispers) calmly(to bot.Message) {
	if reason := recover(); reason != nil {
		w.log.Error("Answering in private panicked.", "key", to.Key, "reason", reason, "stack", string(debug.Stack()))
	}
}

func (w *whispers) one(ctx context.Context, to bot.Message, report commands.Report) {
	defer w.calmly(to)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), whisperWithin)
	defer cancel()
	if err := w.whisper(ctx, to, report); err != nil {
		w.log.Warn("A private answer was not delivered.", "key", to.Key, "error", err)
	}
}

// drain waits until every answer that was accepted is through, or ctx ends. Nothing is sent meanwhile.
func (w *whispers) drain(ctx context.Context) error {
	through := make(chan struct{})
	go func() {
		w.all.Wait()
		close(through)
	}()
	select {
	case <-through:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
