package bot

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"deckhand/commands"
)

// inline runs a command that answers within the acknowledgement.
func (e *Engine) inline(ctx context.Context, m Message, invocation commands.Invocation) Answer {
	ctx, cancel := context.WithTimeout(ctx, inlineTime)
	defer cancel()
	return Answer{Report: e.runRead(ctx, m, invocation, nil)}
}

// read answers a line that changes nothing. On the timetable it is written down like everything that
// nobody waits for; otherwise it is answered inside the acknowledgement or right after it.
func (e *Engine) read(ctx context.Context, m Message, invocation commands.Invocation, command *commands.Command) Answer {
	if m.Source.timed() {
		return e.writeDown(ctx, m, invocation, Decision{Effect: Allow, Rule: "reads are run when due"})
	}
	if invocation.Public && m.Asker.Channel != "" {
		return e.writeDown(ctx, m, invocation, Decision{Effect: Allow, Rule: "reads are shown where they are asked for"})
	}
	if report := e.tooMuch(m, invocation.Line, true); report != nil {
		return Answer{Report: *report}
	}
	if command.Local && !invocation.Plan {
		return e.inline(ctx, m, invocation)
	}
	select {
	case e.reads <- struct{}{}:
	default:
		return Answer{Report: *busy("Too busy, nothing was done", invocation.Line, "Many questions are being answered. Ask again in a moment.")}
	}
	e.readers.Go(func() {
		defer func() { <-e.reads }()
		e.running <- struct{}{}
		defer func() { <-e.running }()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTime)
		defer cancel()
		report := e.runRead(ctx, m, invocation, e.ahead(ctx, m))
		if err := e.Messenger.Whisper(ctx, m, report); err != nil {
			e.Log.Warn("answer not delivered", "err", err, "line", invocation.Line, "user", m.Asker.User)
		}
	})
	return Answer{Later: true, Report: commands.Report{Tone: commands.Working, Title: "Looking", Body: commands.Blocks{commands.Text{Text: commands.Mono(invocation.Line)}}}}
}

// ahead whispers the first part of a long answer. Only a response URL takes it: elsewhere it would stand in the channel for good.
func (e *Engine) ahead(ctx context.Context, m Message) func(commands.Report) {
	if m.ResponseURL == "" {
		return nil
	}
	told := false
	return func(part commands.Report) {
		if told {
			return // Slack takes five answers to a line, and the whole one is still to come
		}
		told = true
		ctx, cancel := context.WithTimeout(ctx, aheadTime)
		defer cancel()
		if err := e.Messenger.Whisper(ctx, m, part); err != nil {
			e.Log.Debug("the first part of an answer was not delivered", "err", err, "line", m.Line)
		}
	}
}

// runRead runs, or plans, an invocation without writing it down, and answers words in any case.
func (e *Engine) runRead(ctx context.Context, m Message, invocation commands.Invocation, ahead func(commands.Report)) commands.Report {
	report, _ := e.answered(ctx, m, invocation, ahead)
	return report
}

// answered is runRead with the error that the words are of.
func (e *Engine) answered(ctx context.Context, m Message, invocation commands.Invocation, ahead func(commands.Report)) (commands.Report, error) {
	begun := e.Now()
	report, err := e.attempt(ctx, m, invocation, ahead)
	if err != nil {
		e.ended(invocation.Command, string(Failed), e.Now().Sub(begun))
		e.logInside(err, invocation.Line)
		return e.offering(ctx, failure(invocation.Line, err), m, invocation, err), err
	}
	e.ended(invocation.Command, "answered", e.Now().Sub(begun))
	return report, nil
}

// ended tells whoever counts how a line ended.
func (e *Engine) ended(command, outcome string, ran time.Duration) {
	if e.Ended != nil {
		e.Ended(command, outcome, ran)
	}
}

func (e *Engine) attempt(ctx context.Context, m Message, invocation commands.Invocation, ahead func(commands.Report)) (report commands.Report, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic in %s: %v", invocation.Command, r)
		}
	}()
	runner, command, err := e.Catalog.Runner(invocation)
	if err != nil {
		return commands.Report{}, err
	}
	ctx = e.madeFor(ctx, m.Asker, command, false)
	run := &commands.Run{Asker: m.Asker, Now: e.Now(), Say: func(string) {}, Journal: commands.NoJournal{}, Ahead: ahead}
	if invocation.Plan {
		runner = rehearsal{e, runner, command, m, invocation}
	}
	return runner.Run(ctx, run)
}

func (e *Engine) madeFor(ctx context.Context, who commands.Asker, command *commands.Command, acts bool) context.Context {
	if e.For == nil {
		return ctx
	}
	return e.For(ctx, who, command, acts)
}

// logInside logs errors whose words hide their cause from people. What the line alone explains, or a right, is no warning: nothing is broken.
func (e *Engine) logInside(err error, line string) {
	words, level := commands.Words(err), slog.LevelWarn
	switch words.Kind {
	case commands.Usage, commands.NotFound, commands.Ambiguous, commands.Conflict, commands.Denied:
		level = slog.LevelInfo
	case commands.Failed, commands.Unavailable, commands.Uncertain:
	}
	if words.Kind == commands.Failed || words.Kind == commands.Unavailable || words.Err != nil {
		e.Log.Log(context.Background(), level, "a command failed", "err", commands.Terminal().Render(err.Error()), "kind", words.Kind, "line", line)
	}
}

// Wait waits until the reads that were taken on are answered, or the context ends.
func (e *Engine) Wait(ctx context.Context) {
	done := make(chan struct{})
	go func() { e.readers.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
	}
}
