package bot

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"deckhand/commands"
)

// Settings is what an engine is made of. Every field without "may be" is needed.
type Settings struct {
	Catalog   *commands.Catalog
	Policy    Authorizer
	Store     Store
	Messenger Messenger // may be nil: no chat, results stay in the store
	Log       *slog.Logger
	Now       func() time.Time
	// Process names this process among all that share the store, for ever: "serve-3f9a..." or "exec-...".
	Process string
	Guards  Guards // may be nil
	// Deliveries remembers for all processes what was delivered; may be nil: each remembers by itself.
	Deliveries Deliveries
	// Logins tells who people at a terminal are in Slack: "terminal:ann" to "U1". It may be empty.
	Logins map[string]string
	// Keys are the second factors of people, by the name that Self answers; Codes remembers what was given. Both may be nil: where policy
	// asks for a second factor, nobody has one then.
	Keys  map[string]Key
	Codes Codes
	// Limits bound how many lines one person sends.
	Limits Limits
	Leases Leases // may be nil: whatever is made stays
	Quiet  Quiet  // may be nil: checks are told of as ever
	// Bills says that the policy asks what lines cost; they are not looked up otherwise.
	Bills bool
	// Ledger knows what was made in a day; nil where no rule of the policy has a ceiling on that. Zone is that of a channel's days, "" being
	// that of terminals; nil: UTC.
	Ledger Ledger
	Zone   func(channel string) *time.Location
	// Bound answers the account and the region that a channel's lines act in unless they say so; may be nil.
	Bound func(channel string) (account, region string)
	// Place is how reports name an account and a region, "" being the default's: "123456789012 · us-east-1". It may be nil: they are named as
	// the line says them.
	Place  func(ctx context.Context, account, region string) string
	Groups Groups // may be nil: then nobody of a group is told of an alarm
	// Alarm is the channel that hears when somebody breaks the glass; empty: the channel where they did.
	Alarm  string
	People People // may be nil: nobody leaves, and no channel is shared
	// Links tells the addresses of messages in the chat; the answer's are empty where they are not known. It may be nil: no links.
	Links func(ctx context.Context) func(message Ref, thread string) string
	// Ended hears how each line ended: its command, "" where none was understood; the state, or "answered" and "failed" for a
	// question; and how long it ran. It may be nil.
	Ended func(command, outcome string, ran time.Duration)
	// For makes a context whose AWS calls are known as made for a command that somebody asked for. Acts says that they may change
	// something, and so only while it runs. It may be nil.
	For func(ctx context.Context, who commands.Asker, command *commands.Command, acts bool) context.Context
	// Observe makes a context whose AWS calls are reported, by request id and whether AWS took them; may be nil.
	Observe func(ctx context.Context, record func(operation, requestID string, taken bool)) context.Context
}

const (
	approvalTime = time.Hour // how long an approver has
	longestRun   = 45 * time.Minute
	inlineTime   = 1500 * time.Millisecond // for an answer that goes into the acknowledgement
	readTime     = 5 * time.Minute
	aheadTime    = 3 * time.Second // for the first part of an answer to reach its asker; the rest waits for it
	readsAtOnce  = 16
	readsInLine  = 512
	refusalsKept = 256
)

// Engine takes messages in, writes them down, runs them and shows what came of them.
type Engine struct {
	Settings
	reads    chan struct{} // one token for each read that is taken on
	running  chan struct{} // one token for each read that runs
	refusals chan refusal
	// unrecorded counts the refusals that found no room since the last sweep.
	unrecorded atomic.Int64
	pressure   pressure
	heard      heard
	clicks     clicks
	backlog    backlog
	readers    sync.WaitGroup
}

// New makes an engine.
func New(s Settings) *Engine {
	return &Engine{
		Settings: s,
		reads:    make(chan struct{}, readsInLine),
		running:  make(chan struct{}, readsAtOnce),
		refusals: make(chan refusal, refusalsKept),
		heard:    heard{clock: s.Now},
		backlog:  newBacklog(),
	}
}

var _ Receiver = (*Engine)(nil)

// Receive takes one message: it parses, asks the policy, and answers, or writes the line down for Execute. A delivery that comes again
// does nothing more: the store knows what was written down, and the engine remembers the rest for a while.
func (e *Engine) Receive(ctx context.Context, m Message) Answer {
	if m.Only != "" && !e.same(m.Asker.User, m.Only) {
		return Answer{Report: notYours(m)}
	}
	if m.Source == Lease && m.Asker.Channel == "" {
		m.Asker.Channel = e.inChat(m.Asker.User)
	}
	reading, command, err := e.understand(m)
	if err != nil || !lasting(command, reading) {
		if e.repeated(ctx, m) {
			return heardBefore()
		}
		return e.answer(ctx, m, reading, command, err)
	}
	if e.heard.known(m.Key) {
		return heardBefore()
	}
	answer := e.answer(ctx, m, reading, command, nil)
	if answer.Request == "" && !answer.perhaps {
		e.heard.first(m.Key) // its asker is told that nothing was done, and that stays true
	}
	return answer
}

// lasting tells whether a line leaves something in the store, which knows it again.
func lasting(command *commands.Command, reading commands.Reading) bool {
	return command.Engine || command.Risk > commands.Read && !reading.Plan
}

// answer is Receive for a line that was read, or could not be.
func (e *Engine) answer(ctx context.Context, m Message, reading commands.Reading, command *commands.Command, err error) Answer {
	if err != nil {
		e.ended("", "not understood", 0)
		if m.Source.timed() {
			return e.writeRefusal(ctx, m, commands.Invocation{Line: m.Line}, commands.Words(err).Error())
		}
		return Answer{Report: notUnderstood(reading.Line, err)}
	}
	var decision Decision
	if !command.Engine {
		if decision, err = e.decide(ctx, m, command, nil); err != nil {
			e.Log.Error("policy could not decide", "err", err, "command", command.Name)
			return Answer{Report: cannotDecide(reading.Line, err)}
		}
	}
	if decision.Effect == Deny && !m.Source.timed() {
		e.ended(command.Name, string(Refused), 0)
		e.noteRefusal(m, reading, decision, command.Risk)
		return Answer{Report: e.refusal(m, reading.Line, command, decision)}
	}
	invocation, err := reading.Complete()
	if err != nil {
		e.Log.Error("the arguments of a line could not be written", "err", err, "command", command.Name)
		return Answer{Report: failure(reading.Line, err)}
	}
	if err := e.tooLong(invocation); err != nil {
		return Answer{Report: notUnderstood(invocation.Line, err)}
	}
	return e.take(ctx, m, invocation, command, decision)
}

// take goes on with a line that policy has seen.
func (e *Engine) take(ctx context.Context, m Message, invocation commands.Invocation, command *commands.Command, decision Decision) Answer {
	if command.Engine {
		if broken, ok := e.emergency(invocation); ok {
			return e.breakGlass(ctx, m, broken)
		}
		if e.undoes(invocation) != 0 {
			return e.undo(ctx, m, invocation)
		}
		return e.pressed(ctx, m, invocation)
	}
	if decision.Effect == Deny {
		e.ended(command.Name, string(Refused), 0)
		return e.writeRefusal(ctx, m, invocation, notLetRun(m, command, decision))
	}
	if command.Risk == commands.Read || invocation.Plan {
		return e.read(ctx, m, invocation, command)
	}
	if e.pressedBefore(ctx, m) {
		return Answer{Report: pressedTwice(invocation.Line)}
	}
	if report := e.tooMuch(m, invocation.Line, false); report != nil {
		return e.turnedAway(ctx, m, *report)
	}
	if answer := e.missing(ctx, m, invocation, decision); answer != nil {
		return *answer
	}
	return e.writeDown(ctx, m, invocation, decision)
}

// parse reads a line with its arguments.
func (e *Engine) parse(m Message) (commands.Invocation, *commands.Command, error) {
	reading, command, err := e.understand(m)
	if err != nil {
		return reading.Invocation, command, err
	}
	invocation, err := reading.Complete()
	if err == nil {
		err = e.tooLong(invocation)
	}
	return invocation, command, err
}

// understand reads a line, and fixes where it acts: what its channel is bound to goes for what the line leaves open. A line that follows
// from another request says by itself where that one acted.
func (e *Engine) understand(m Message) (commands.Reading, *commands.Command, error) {
	reading, command, err := e.Catalog.Read(m.Noun, m.Line)
	if err != nil || e.Bound == nil || m.Asker.Channel == "" || m.Of != 0 || m.Undoes != 0 {
		return reading, command, err
	}
	account, region := e.Bound(m.Asker.Channel)
	if account == "" && region == "" {
		return reading, command, nil
	}
	invocation, err := reading.Complete()
	if err == nil {
		invocation, err = e.Catalog.Settle(invocation, account, region)
	}
	return commands.Reading{Invocation: invocation}, command, err
}

// decide asks the policy, after the rules that stand above it.
func (e *Engine) decide(ctx context.Context, m Message, command *commands.Command, scope *commands.Scope) (Decision, error) {
	if m.External && command.Risk > commands.Read {
		return Decision{Effect: Deny, Rule: externalRule}, nil
	}
	return e.Policy.Decide(ctx, AccessRequest{
		Asker: m.Asker, Source: m.Source, Command: command.Name, Risk: command.Risk, Scope: scope,
	})
}

// pressed decides a request. Nothing is decided from a channel that another organisation shares.
func (e *Engine) pressed(ctx context.Context, m Message, invocation commands.Invocation) Answer {
	shared, unknown := e.external(ctx, m)
	if unknown != nil {
		return Answer{Report: failure(invocation.Line, notKnownWhose(unknown))}
	}
	if shared {
		err := &commands.Error{Kind: commands.Denied, Message: "Nothing is decided here: " + externalRule + ".", Hint: "Use a channel of your own organisation."}
		return Answer{Report: failure(invocation.Line, err)}
	}
	ctx, cancel := context.WithTimeout(ctx, inlineTime)
	defer cancel()
	report, err := e.answered(ctx, m, invocation, nil)
	return Answer{Report: report, Form: formOf(err)}
}

// writeDown stores the request, durably, before anything is acknowledged.
func (e *Engine) writeDown(ctx context.Context, m Message, invocation commands.Invocation, decision Decision) Answer {
	m.Asker.Thread = e.threadOf(ctx, m, invocation)
	return e.writeRequest(ctx, Request{Message: m, Invocation: invocation, Decision: decision})
}

func (e *Engine) writeRequest(ctx context.Context, asked Request) Answer {
	invocation := asked.Invocation
	request, created, err := e.create(ctx, asked, true)
	perhaps := commands.IsUncertain(err)
	if perhaps { // the same key finds what was written
		request, _, err = e.create(ctx, asked, true)
		created = err == nil
	}
	if err != nil && perhaps {
		e.Log.Error("whether a request was written down is not known", "err", err, "command", invocation.Command)
		return Answer{Report: perhapsWrittenDown(invocation.Line), perhaps: true}
	}
	if err != nil {
		e.Log.Error("request not written down", "err", err, "command", invocation.Command)
		return Answer{Report: commands.Report{
			Tone:  commands.Bad,
			Title: "Not written down, so nothing was done",
			Body:  commands.Blocks{commands.Text{Text: commands.Mono(invocation.Line)}, commands.Text{Text: "The database did not take the request. Try again in a moment."}},
		}}
	}
	if !created {
		return Answer{Request: request.ID(), Report: takenAlready(request), Repeated: true}
	}
	e.pressure.written.Add(1)
	return Answer{Request: request.ID(), Report: taken(request), Later: e.answersItself(request.Message)}
}

// answersItself tells whether a request's own message is the answer to its line. Where no answer is private, one that says that the line is taken
// would stand beside the request's message for good.
func (e *Engine) answersItself(m Message) bool {
	return m.Source.inPlace() && m.Asker.Channel != "" && e.Messenger != nil
}

// threadOf answers the thread in which a request's message belongs: the one where it was asked for and is answered, or the one that the verb knows.
func (e *Engine) threadOf(ctx context.Context, m Message, invocation commands.Invocation) string {
	if m.Asker.Thread != "" || m.Asker.Channel == "" || m.Source.inPlace() {
		return m.Asker.Thread
	}
	runner, _, err := e.Catalog.Runner(invocation)
	if threaded, ok := runner.(commands.Threaded); ok && err == nil {
		return threaded.Thread(ctx, m.Asker.Channel)
	}
	return ""
}

// writeRefusal stores a line of the timetable that does not run, so that its channel hears of it.
func (e *Engine) writeRefusal(ctx context.Context, m Message, invocation commands.Invocation, why string) Answer {
	now := e.Now()
	r := Request{State: Refused, Message: m, Invocation: invocation, Note: why, CreatedAt: now, ChangedAt: now}
	r, _, err := e.Store.Create(ctx, r, []Event{{At: now, Actor: Robot, To: Refused, What: "refused", Note: commands.Terminal().Render(why)}}, deliver())
	if err != nil {
		e.Log.Error("request not written down", "err", err, "line", m.Line)
		return Answer{}
	}
	return Answer{Request: r.ID(), Report: takenAlready(r)}
}

// create stores a new request. An allowed one is queued; one that needs a decision or a plan is asked.
func (e *Engine) create(ctx context.Context, request Request, dispatch bool) (Request, bool, error) {
	now, m, invocation, decision := e.Now(), request.Message, request.Invocation, request.Decision
	request.State, request.Risk, request.CreatedAt, request.ChangedAt = Asked, e.riskOf(invocation), now, now
	events := []Event{{At: now, Actor: m.Asker.User, To: Asked, What: "asked", Note: invocation.Line, Digest: invocation.Digest(), Place: placeOf(m)}}
	if decision.Effect == Allow {
		request.State = Queued
		events = append(events, Event{At: now, Actor: Robot, From: Asked, To: Queued, What: "queued", Note: decision.Rule})
	}
	var jobs []Job
	if dispatch {
		jobs = []Job{{Work: Execute}}
	}
	if dispatch && e.answersItself(m) {
		jobs = append(jobs, deliver()...)
	}
	return e.Store.Create(ctx, request, events, jobs)
}

func (e *Engine) riskOf(invocation commands.Invocation) commands.Risk {
	if command := e.Catalog.Find(invocation.Command); command != nil && !invocation.Plan {
		return command.Risk
	}
	return commands.Read
}

// placeOf is where a line came from.
func placeOf(m Message) string {
	if m.Asker.Thread != "" {
		return m.Asker.Channel + "/" + m.Asker.Thread
	}
	return m.Asker.Channel
}

// Robot is the actor of what the bot does by itself.
const Robot = "deckhand"
