package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"deckhand/commands"
)

// Execute brings a request as far as it can go: it decides what was asked, claims what is queued, runs it, and
// takes over what a process that is gone left running. It may be called at any time, any number of
// times and by any number of processes: one of them has the request at a time, and every step compares and sets. An
// error means that it should be called again later.
func (e *Engine) Execute(ctx context.Context, number int64) error {
	_, err := e.alone(ctx, Request{Number: number}.ID(), func(ctx context.Context) error { return e.advance(ctx, number) })
	return err // whoever has it sees to it, and Sweep to what they leave
}

const (
	turnTries = 50 // how often a turn is asked for: for a second
	turnEvery = 20 * time.Millisecond
)

// alone runs do when nobody else has this name, and answers false where that does not happen soon.
func (e *Engine) alone(ctx context.Context, name string, do func(context.Context) error) (bool, error) {
	for tries := 1; ; tries++ {
		held, err := e.Store.Exclusively(ctx, name, do)
		if held || err != nil || tries == turnTries {
			return held, err
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(turnEvery):
		}
	}
}

// advance is Execute for whoever has the request: one that is running was left behind.
func (e *Engine) advance(ctx context.Context, number int64) error {
	for {
		r, err := e.Store.Load(ctx, number)
		if err != nil {
			return err
		}
		var again bool
		switch {
		case r.State == Asked:
			again, err = e.settleAsked(ctx, r)
		case r.State == Queued:
			err = e.claim(ctx, r)
		case r.State == Running:
			err = e.takeOver(ctx, r)
		}
		if errors.Is(err, ErrConflict) {
			return nil // somebody else moved it on, and sees to it
		}
		if err != nil || !again {
			return err
		}
	}
}

// step is one transition with what is written beside it.
type step struct {
	to    State
	actor string
	what  string
	note  string
	// digest names what was agreed to.
	digest string
	aws    []string
	jobs   []Job
}

// save makes a transition. It refuses one that the table of life does not have.
func (e *Engine) save(ctx context.Context, r Request, s step) (Request, error) {
	if s.to != r.State && !CanFollow(r.State, s.to) {
		return r, fmt.Errorf("%s cannot go from %s to %s", r.ID(), r.State, s.to)
	}
	now := e.Now()
	event := Event{Request: r.Number, At: now, Actor: s.actor, From: r.State, To: s.to, What: s.what, Note: s.note, AWS: s.aws, Digest: s.digest}
	if event.Actor == "" {
		event.Actor = Robot
	}
	var ran time.Duration
	if r.State == Running {
		ran = now.Sub(r.ChangedAt)
	}
	if s.to != r.State {
		r.ChangedAt = now
	}
	r.State = s.to
	saved, err := e.Store.Save(ctx, r, []Event{event}, r.shown(s.jobs))
	if err == nil && event.From != s.to && (s.to.Over() || s.to == Unsure) {
		e.ended(r.Invocation.Command, string(s.to), ran)
	}
	return saved, err
}

// shown leaves out deliveries of what has no channel to be shown in: a line from a terminal.
func (r Request) shown(jobs []Job) []Job {
	if r.Message.Asker.Channel != "" {
		return jobs
	}
	return slices.DeleteFunc(slices.Clone(jobs), func(j Job) bool { return j.Work == Deliver })
}

func deliver() []Job { return []Job{{Work: Deliver}} }

// settleAsked asks the policy with everything that the line touches, and plans what somebody has to decide.
func (e *Engine) settleAsked(ctx context.Context, r Request) (again bool, err error) {
	runner, command, err := e.runnerOf(r)
	if err != nil {
		return false, e.fail(ctx, r, err)
	}
	ctx = e.madeFor(ctx, r.Message.Asker, command, false)
	scope, err := e.weigh(ctx, r, runner)
	if err != nil {
		return false, e.fail(ctx, r, err)
	}
	if why, err := e.whose(ctx, &r); err != nil {
		return false, err
	} else if why != "" {
		return false, e.refuse(ctx, r, why)
	}
	decision, err, trouble := e.judge(ctx, r, command, scope)
	if trouble != nil {
		return false, trouble
	}
	if err != nil {
		return false, e.fail(ctx, r, err)
	}
	r.Decision = decision
	if r.Emergency != "" && decision.Effect != Deny {
		return e.goInEmergency(ctx, r)
	}
	if decision.Effect != Deny {
		if why, err := e.heldBack(ctx, r, runner, command, func() (*commands.Scope, error) { return scope, nil }); err != nil {
			return false, e.fail(ctx, r, err)
		} else if why != "" {
			return false, e.refuseForNow(ctx, r, why)
		}
	}
	switch decision.Effect {
	case Allow:
		_, err := e.save(ctx, r, step{to: Queued, what: "queued", note: decision.Rule})
		return true, err
	case Ask, Confirm:
		if agreed, err := e.agreedBefore(ctx, &r); err != nil {
			return false, err
		} else if agreed {
			_, err := e.save(ctx, r, step{to: Queued, what: "queued", note: decision.Rule + ", agreed to with " + Request{Number: r.Message.Of}.ID()})
			return true, err
		}
		return false, e.wait(ctx, r, runner, command, scope)
	case Deny, Unsettled:
	}
	return false, e.refuse(ctx, r, notLetRun(r.Message, command, r.Decision))
}

func (e *Engine) refuse(ctx context.Context, r Request, why string) error {
	r.Note = why
	_, err := e.save(ctx, r, step{to: Refused, what: "refused", note: commands.Terminal().Render(why), jobs: deliver()})
	return err
}

// wait plans the request and waits for a person. The plan shares the request's journal: what it found the line to
// mean is what an approved run acts on.
func (e *Engine) wait(ctx context.Context, r Request, runner commands.Runner, command *commands.Command, scope *commands.Scope) error {
	run, journal := e.newRun(r, func(string) {})
	report, err := plan(ctx, runner, run, r.Invocation)
	if trouble := journal.trouble(); trouble != nil {
		return trouble
	}
	if err != nil {
		return e.fail(ctx, r, err)
	}
	report = e.told(ctx, warned(report, scope), r.Message, r.Invocation, command)
	report = e.foreseen(ctx, report, r.Message, command, scope)
	r.Plan, r.PlannedAt, r.Names, r.Essence = &report, run.Now, namesOf(scope), essence(scope, report)
	r.ExpiresAt = e.Now().Add(approvalTime)
	r, why := e.without(ctx, r)
	if why != "" {
		return e.refuse(ctx, r, why)
	}
	note := "waits for " + commands.Terminal().Render(approvers(r))
	if r.Decision.Effect == Confirm {
		note = "waits for the asker to confirm"
	}
	_, err = e.save(ctx, r, step{to: Waiting, what: "waiting", note: note, digest: r.Digest(), jobs: deliver()})
	return err
}

// fail ends a request that did nothing.
func (e *Engine) fail(ctx context.Context, r Request, cause error) error {
	if ctx.Err() != nil {
		return ctx.Err() // stopped, not failed: it is tried again
	}
	if report, ok, gone := goneAlready(r, cause); ok {
		if err := e.leftAlone(ctx, r, gone); err != nil {
			return err
		}
		report.Where = e.wouldAct(ctx, r.Invocation)
		r.Result = &report
		_, err := e.save(ctx, r, step{to: Done, what: "done", note: report.Title, jobs: deliver()})
		return err
	}
	e.logInside(cause, r.Invocation.Line)
	report := e.offering(ctx, failure("", cause), r.Message, r.Invocation, cause)
	later, err := e.again(ctx, r, commands.Words(cause).Kind)
	if err != nil {
		return err
	}
	if later != "" {
		report.Body = append(report.Body, commands.Text{Text: later})
	}
	r.Result = &report
	_, err = e.save(ctx, r, step{to: Failed, what: "failed", note: commands.Terminal().Render(commands.Words(cause).Error()), jobs: deliver()})
	return err
}

// takeOver goes on with what a process that is gone left running; the journal says where it was.
func (e *Engine) takeOver(ctx context.Context, r Request) error {
	runner, command, err := e.runnerOf(r)
	if err != nil {
		var report commands.Report
		err = &commands.Error{Kind: commands.Uncertain, Message: commands.Words(err).Message}
		if trouble := e.lookAgain(ctx, r, &report, err, func(string) {}); trouble != nil {
			return trouble
		}
		return e.finish(ctx, r, report, err, &awsCalls{changed: true})
	}
	stop, err := e.overrun(ctx, r)
	if err != nil {
		return err
	}
	gone := r.Runner
	r.Runner = e.Process
	r, err = e.save(ctx, r, step{to: Running, what: "resumed", note: "taken over from " + gone})
	if err != nil {
		return err
	}
	return e.run(e.madeFor(ctx, r.Message.Asker, command, command.Risk > commands.Read), r, runner, &awsCalls{changed: true}, stop)
}

func (e *Engine) newRun(r Request, say func(string)) (*commands.Run, *watchedJournal) {
	journal := &watchedJournal{inner: e.Store.Journal(r.Number)}
	return &commands.Run{
		ID: r.ID(), Token: "deckhand-" + e.Store.Identity() + "-" + r.ID(),
		Asker: r.Message.Asker, Now: e.Now(), Say: say, Journal: journal,
	}, journal
}

// run does what a claimed request says and writes down what came of it. Stop is why nothing more may be changed by it; nil where it may.
func (e *Engine) run(ctx context.Context, r Request, runner commands.Runner, calls *awsCalls, stop *commands.Error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, longestRun, errTooLong)
	defer cancel()
	if e.Observe != nil {
		ctx = e.Observe(ctx, calls.record)
	}
	progress := e.newProgress(ctx, r)
	run, journal := e.newRun(r, progress.say)
	run.Until, run.Stop = e.until(r), stop
	report, err, trouble := e.act(ctx, r, runner, run, journal)
	err = toldWhy(err, stop)
	progress.stop()
	switch cause := context.Cause(ctx); {
	case err == nil || cause == nil || errors.Is(cause, errTooLong):
	case errors.Is(cause, ErrLost):
		return nil // somebody else has it, and tells what came of it
	default:
		return e.handOver(context.WithoutCancel(ctx), r)
	}
	if trouble != nil {
		return trouble // what the runner says of it is not true of the world: it goes on from the journal later
	}
	return e.finish(context.WithoutCancel(ctx), r, report, err, calls)
}

// act runs a runner while nobody is told of what it disturbs, and looks at the world afterwards. Trouble is the store's: nothing is
// known for certain then.
func (e *Engine) act(ctx context.Context, r Request, runner commands.Runner, run *commands.Run, journal *watchedJournal) (report commands.Report, err, trouble error) {
	if trouble := e.hush(ctx, r, runner); trouble != nil {
		return report, nil, trouble
	}
	report, err = guarded(ctx, runner, run)
	if commands.IsUncertain(err) && ctx.Err() == nil && journal.trouble() == nil {
		report, err = checkAfter(ctx, runner, run, report, err)
	}
	cause := context.Cause(ctx)
	if trouble := journal.trouble(); trouble != nil || err != nil && cause != nil && !errors.Is(cause, errTooLong) {
		return report, err, trouble // somebody goes on with it
	}
	return report, err, e.lookAgain(ctx, r, &report, err, run.Say)
}

var errTooLong = errors.New("the run took too long")

// guarded runs a runner; a panic becomes an error, and may have happened half-way.
func guarded(ctx context.Context, runner commands.Runner, run *commands.Run) (report commands.Report, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &commands.Error{Kind: commands.Uncertain, Message: "Something inside deckhand broke while this ran.", Hint: "The log has the details.", Err: fmt.Errorf("panic: %v", p)}
		}
	}()
	return runner.Run(ctx, run)
}

// checkAfter lets the verb look at the world after an uncertain run. Where it cannot look, what was known before stands.
func checkAfter(ctx context.Context, runner commands.Runner, run *commands.Run, ran commands.Report, uncertain error) (commands.Report, error) {
	checker, ok := runner.(commands.Checker)
	if !ok {
		return ran, uncertain
	}
	report, err := checker.Check(ctx, run)
	if err == nil || report.Title != "" {
		return report, err
	}
	words := commands.Words(err)
	if words.Kind != commands.Unavailable && words.Kind != commands.Denied {
		return report, err
	}
	return ran, commands.Unseen(uncertain, err)
}

// finish writes down the end of a run.
func (e *Engine) finish(ctx context.Context, r Request, report commands.Report, err error, calls *awsCalls) error {
	said, nothing, gone := goneAlready(r, err)
	if nothing {
		said.Where = cmp.Or(report.Where, e.wouldAct(ctx, r.Invocation))
		report, err = said, nil
	}
	s := step{to: Done, what: "done", note: report.Title, aws: calls.list(), jobs: deliver()}
	if err != nil {
		e.logInside(err, r.Invocation.Line)
		words := commands.Words(err)
		s.to, s.what = Failed, "failed"
		if words.Kind == commands.Uncertain {
			s.to, s.what = Unsure, "uncertain"
		}
		s.note = words.Error()
		if report.Title == "" {
			report.Title = calls.title(words.Kind)
		}
		report.Tone = commands.Bad
		report.Body = append(commands.Blocks{commands.Text{Text: saidOnce(report.Title, words)}}, report.Body...)
		report = e.offering(ctx, report, r.Message, r.Invocation, err)
		later, trouble := e.again(ctx, r, words.Kind)
		if trouble != nil {
			return trouble
		}
		if later != "" {
			report.Body = append(report.Body, commands.Text{Text: later})
		}
	}
	after := func() error { return e.afterwards(ctx, r, &report, s.to) }
	if nothing {
		after = func() error { return e.leftAlone(ctx, r, gone) }
	}
	if err := after(); err != nil {
		return err // the run goes on from its journal, and comes here again
	}
	if s.to == Done {
		if err := e.tookBack(ctx, r); err != nil {
			return err
		}
	}
	s.note = commands.Terminal().Render(s.note)
	r.Result = &report
	r.Runner = ""
	_, saved := e.save(ctx, r, s)
	return saved
}

// handOver writes down that this process stops, and asks the next one to go on.
func (e *Engine) handOver(ctx context.Context, r Request) error {
	latest, err := e.Store.Load(ctx, r.Number)
	if err != nil || latest.Version != r.Version {
		return err
	}
	_, err = e.save(ctx, r, step{to: Running, what: "handed over", note: e.Process + " stops", jobs: []Job{{Work: Execute, RunAt: e.Now().Add(time.Second)}}})
	return err
}

// awsCalls collects the AWS request ids of a run for the audit record.
type awsCalls struct {
	mu      sync.Mutex
	ids     []string
	changed bool // AWS took a call that changes something, or an earlier process may have made one
}

// callsKept bounds the record of one run: a wait polls many times.
const callsKept = 40

func (c *awsCalls) record(operation, requestID string, taken bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changed = c.changed || taken && !looks(operation)
	if requestID != "" && len(c.ids) < callsKept && !strings.HasPrefix(operation, "Describe") {
		c.ids = append(c.ids, operation+" "+requestID)
	}
}

// looks tells of an operation of AWS whether it changes nothing, by the beginnings that AWS names such operations with.
func looks(operation string) bool {
	return slices.ContainsFunc([]string{"Describe", "Get", "List", "Head", "Assume"}, func(begin string) bool { return strings.HasPrefix(operation, begin) })
}

// title is that of a failure: that nothing was done is said where nothing can have been.
func (c *awsCalls) title(kind commands.Kind) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	title := failureTitle(kind)
	if c.changed {
		title = strings.TrimSuffix(title, ", "+nothingDone)
	}
	return title
}

func (c *awsCalls) list() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ids
}
