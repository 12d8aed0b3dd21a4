package bot

import (
	"context"
	"slices"
	"time"

	"deckhand/commands"
)

// Outcome is what came of a line that somebody waits for in a terminal.
type Outcome struct {
	Report  commands.Report
	Request string        // "R-42"; empty where nothing was written down
	State   State         // of the request; Done for an answered read
	Kind    commands.Kind // of the error; empty where there is none
}

// RunLine runs a line from its reading to its end and waits for it. It goes the way of every line: the same parser,
// policy, store and runners. It needs no Messenger. Ahead shows the first part of a long answer, and what was gone on with first; where it is nil,
// the answer tells that too. Begun, where it is not nil, shows at once what the line has to wait for.
func (e *Engine) RunLine(ctx context.Context, m Message, ahead, begun func(commands.Report)) Outcome {
	if begun == nil {
		begun = func(commands.Report) {}
	}
	if ahead != nil {
		return e.runLine(ctx, m, ahead, told{begun: begun, ended: ahead})
	}
	var before commands.Report
	outcome := e.runLine(ctx, m, nil, told{begun: begun, ended: func(r commands.Report) {
		before.Body = append(append(before.Body, commands.Text{Text: commands.Strong(r.Title)}), r.Body...)
		before.Next = append(before.Next, r.Next...)
	}})
	outcome.Report.Body = append(outcome.Report.Body, before.Body...)
	outcome.Report.Next = append(outcome.Report.Next, before.Next...)
	return outcome
}

// told shows what is gone on with before a line: that it is, and what came of it.
type told struct{ begun, ended func(commands.Report) }

// runLine is RunLine; first shows what was gone on with before the line.
func (e *Engine) runLine(ctx context.Context, m Message, ahead func(commands.Report), first told) Outcome {
	invocation, command, err := e.parse(m)
	if err != nil {
		return Outcome{Report: notUnderstood(invocation.Line, err), State: Failed, Kind: unreadKind(commands.Words(err))}
	}
	if command.Engine {
		if broken, ok := e.emergency(invocation); ok {
			return e.breakGlassLine(ctx, m, broken)
		}
		back := e.undoes(invocation)
		if back == 0 {
			return e.decideLine(ctx, m, invocation)
		}
		if early := e.beforeUndo(ctx, m.Asker.User, back, invocation, first); early != nil {
			return *early
		}
		t, err := e.turn(ctx, m, invocation)
		if err != nil {
			return e.lineFailed(invocation, err)
		}
		m, invocation, command = t.message, t.invocation, t.command
	}
	decision, err := e.decide(ctx, m, command, nil)
	if err != nil {
		return Outcome{Report: cannotDecide(invocation.Line, err), State: Refused, Kind: commands.Denied}
	}
	switch {
	case decision.Effect == Deny:
		e.noteRefusal(m, commands.Reading{Invocation: invocation}, decision, command.Risk)
		e.recordRefusals(ctx)
		return Outcome{Report: e.refusal(m, invocation.Line, command, decision), State: Refused, Kind: commands.Denied}
	case command.Risk == commands.Read || invocation.Plan:
		return e.answerLine(ctx, m, invocation, ahead)
	}
	switch same, cut := e.goOnWithOwn(ctx, m.Asker.User, invocation.Digest(), first); {
	case cut:
		return stopped(invocation, *same, same.Invocation.Digest() == invocation.Digest())
	case same != nil:
		return Outcome{Report: continued(*same), Request: same.ID(), State: same.State}
	}
	r, _, err := e.create(ctx, Request{Message: m, Invocation: invocation, Decision: decision}, false)
	if err != nil {
		return e.lineFailed(invocation, err)
	}
	return e.follow(ctx, r.Number)
}

// beforeUndo brings to its end, where its own asker's terminal left it half-way, what shall be undone, or what was undoing it: that one is the
// answer, for it was the same line. It answers nil where the line goes on.
func (e *Engine) beforeUndo(ctx context.Context, user string, number int64, invocation commands.Invocation, first told) *Outcome {
	r, err := e.Store.Load(ctx, number)
	if err == nil && r.Undoing.By != 0 && r.Undoing.At.IsZero() {
		r, err = e.Store.Load(ctx, r.Undoing.By)
	}
	if err != nil || invocation.Plan || !slices.Contains(underWay, r.State) {
		return nil
	}
	same, cut := e.goOnWithOwn(ctx, user, r.Invocation.Digest(), first)
	switch {
	case cut:
		out := stopped(invocation, *same, same.Message.Undoes == number)
		return &out
	case same == nil:
	case same.Message.Undoes == number:
		return &Outcome{Report: continued(*same), Request: same.ID(), State: same.State}
	default:
		first.ended(commands.Report{Title: same.ID() + " was cut short, and was brought to its end first: " + title(*same)})
	}
	return nil
}

// goOnWithOwn brings to their end what earlier terminals of the same person left half-way, before anything else is changed: where
// nobody serves, nobody else would. What another terminal has in hand, or had a moment ago, is only told. Where one of them is the very line
// of this digest, that is the answer, and the line is not run a second time (decision 81), unless a look showed that nothing was done. Cut tells
// that the person stopped it while the one that is answered was not at its end.
func (e *Engine) goOnWithOwn(ctx context.Context, user, digest string, first told) (own *Request, cut bool) {
	open, err := e.Store.List(ctx, Filter{States: underWay, User: user, Oldest: true})
	if err != nil {
		e.Log.Warn("what was left half-way could not be looked up", "err", err)
		return nil, false
	}
	for _, r := range open {
		if r.Message.Source != Terminal {
			continue
		}
		same := r.Invocation.Digest() == digest
		if same || !e.justTyped(r) {
			first.begun(comesFirst(r))
		}
		left := same && e.left(ctx, r.Number)
		if ctx.Err() == nil && (left || !e.justTyped(r)) {
			e.toItsEnd(ctx, r.Number)
		}
		if r, err = e.Store.Load(context.WithoutCancel(ctx), r.Number); err != nil {
			continue
		}
		goesOn := slices.Contains(underWay, r.State)
		if goesOn && ctx.Err() != nil {
			return &r, true
		}
		if left && (r.State == Done || r.State == Unsure || e.acted(ctx, r.Number)) {
			return &r, false
		}
		report := View(r)
		if goesOn {
			report.Body = append(report.Body, commands.Text{Text: "It has not ended: another process has it in hand, or was stopped half-way a moment ago. The next line that changes something goes on with what was left."})
		}
		first.ended(report)
	}
	return nil, false
}

// comesFirst says what a line has to wait for, before the wait: an end may be minutes away.
func comesFirst(r Request) commands.Report {
	return commands.Report{Title: r.ID() + " comes first, it has not ended", Body: []commands.Block{
		commands.Text{Text: commands.Mono(r.Invocation.Line) + "  " + byline(r)},
		commands.Text{Text: "Where the process that had it in hand is gone, it is brought to its end now, which may take minutes. What came of it is told then."},
	}}
}

// stopped answers a line whose asker stopped it while a request that comes first was not at its end.
func stopped(invocation commands.Invocation, r Request, same bool) Outcome {
	if same {
		return Outcome{Report: halfWay(r), Request: r.ID(), State: r.State}
	}
	return Outcome{State: Failed, Kind: commands.Unavailable, Report: commands.Report{Tone: commands.Warning, Title: "Stopped, " + nothingDone, Body: []commands.Block{
		commands.Text{Text: commands.Mono(invocation.Line)},
		commands.Text{Text: "It had not begun: " + r.ID() + ", " + commands.Mono(r.Invocation.Line) + ", comes first and has not ended. The next line that changes something goes on with " + r.ID() + "."},
	}}}
}

// halfWay is the report of a request that its asker stopped before its end.
func halfWay(r Request) commands.Report {
	report := View(r)
	report.Body = append(report.Body, commands.Text{Text: "You stopped it half-way. The same line again goes on with it."})
	return report
}

// toItsEnd executes a request. Where its asker stops it, that is no error.
func (e *Engine) toItsEnd(ctx context.Context, number int64) {
	if err := e.Execute(ctx, number); err != nil && ctx.Err() == nil {
		e.Log.Error("the request could not be run to its end", "request", number, "err", err)
	}
}

var underWay = []State{Asked, Queued, Running} //nolint:gochecknoglobals // a constant list

const (
	leftLooks = 28 // a name is free six seconds after its holder went silent (decision 10)
	leftEvery = 250 * time.Millisecond
)

// left tells whether a request was left half-way by a process that is gone. While somebody holds its name, that is not known yet.
func (e *Engine) left(ctx context.Context, number int64) bool {
	for range leftLooks {
		free, err := e.Store.List(ctx, Filter{States: underWay, Unattended: true, After: number - 1, Oldest: true, Limit: 1})
		if err != nil || len(free) > 0 && free[0].Number == number && !e.justTyped(free[0]) {
			return err == nil
		}
		if r, err := e.Store.Load(ctx, number); err != nil || !slices.Contains(underWay, r.State) {
			break // whoever held it brought it to its end
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(leftEvery):
		}
	}
	events, err := e.Store.Events(ctx, number)
	return err == nil && slices.ContainsFunc(events, func(event Event) bool { return event.What == "resumed" })
}

// justTyped tells of a request that its own process writes down and has not taken in hand yet.
func (e *Engine) justTyped(r Request) bool {
	return r.State != Running && e.Now().Sub(r.ChangedAt) <= settleTime
}

// acted tells whether AWS took a call that changes something from the process that brought a request to its end.
func (e *Engine) acted(ctx context.Context, number int64) bool {
	events, err := e.Store.Events(ctx, number)
	return err == nil && len(events) > 0 && slices.ContainsFunc(events[len(events)-1].AWS, func(call string) bool { return !looks(call) })
}

// continued is the report of a request that the same line typed again brought to its end.
func continued(r Request) commands.Report {
	report := View(r)
	report.Body = append(report.Body, commands.Text{
		Text: commands.Strong(r.ID()) + " was cut short before. The line went on with it and was not run a second time; send it once more to run it anew.",
	})
	return report
}

func (e *Engine) answerLine(ctx context.Context, m Message, invocation commands.Invocation, ahead func(commands.Report)) Outcome {
	report, err := e.attempt(ctx, m, invocation, ahead)
	if err != nil {
		failed := e.lineFailed(invocation, err)
		failed.Report = e.offering(ctx, failed.Report, m, invocation, err)
		return failed
	}
	return Outcome{Report: report, State: Done}
}

func (e *Engine) lineFailed(invocation commands.Invocation, err error) Outcome {
	e.logInside(err, invocation.Line)
	return Outcome{Report: failure(invocation.Line, err), State: Failed, Kind: commands.Words(err).Kind}
}

// decideLine approves, rejects, confirms or cancels, and runs here what may now run.
func (e *Engine) decideLine(ctx context.Context, m Message, invocation commands.Invocation) Outcome {
	outcome := e.answerLine(ctx, m, invocation, nil)
	runner, _, err := e.Catalog.Runner(invocation)
	about, ok := runner.(interface{ Number() int64 })
	if err != nil || !ok {
		return outcome
	}
	r, err := e.Store.Load(ctx, about.Number())
	switch {
	case err != nil:
	case outcome.State == Done && r.State == Queued:
		return e.follow(ctx, r.Number)
	case slices.Contains([]string{"approve", "confirm"}, invocation.Command) && slices.Contains(underWay, r.State) && slices.Contains(r.Approvals, m.Asker.User) && e.left(ctx, r.Number):
		outcome = e.follow(ctx, r.Number) // whoever agreed ran it, and their terminal died
		outcome.Report.Body = append(outcome.Report.Body, commands.Text{Text: commands.Strong(r.ID()) + " was cut short before, and was gone on with."})
	}
	return outcome
}

// follow executes a request in this process and answers how it stands then.
func (e *Engine) follow(ctx context.Context, number int64) Outcome {
	e.toItsEnd(ctx, number)
	r, err := e.Store.Load(context.WithoutCancel(ctx), number)
	if err != nil {
		return Outcome{Report: failure("", err), State: Failed, Kind: commands.Words(err).Kind}
	}
	if ctx.Err() != nil && slices.Contains(underWay, r.State) {
		return Outcome{Report: halfWay(r), Request: r.ID(), State: r.State}
	}
	return Outcome{Report: View(r), Request: r.ID(), State: r.State}
}
