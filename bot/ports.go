package bot

import (
	"context"
	"errors"
	"time"

	"deckhand/commands"
)

// Errors of a store.
var (
	// ErrConflict: the request was changed by somebody else since it was loaded. Load it again.
	ErrConflict = errors.New("the request was changed meanwhile")
	// ErrNoRequest: no request has this number.
	ErrNoRequest = errors.New("no such request")
	// ErrLost is why the context of Exclusively ended: this process was silent for so long that another took over.
	ErrLost = errors.New("another process has taken over")
)

// Work is a kind of job.
type Work string

// The kinds of job. Executing and delivering are two, so that a failed delivery never repeats an action.
const (
	Execute Work = "execute" // decide, plan and run: Engine.Execute
	Deliver Work = "deliver" // make the message in the channel show the request as it is: Engine.Deliver
)

// Job is one thing to do for a request, not before RunAt. Jobs may be run more than once and at the same time:
// what they do compares and sets.
type Job struct {
	Work    Work
	Request int64
	RunAt   time.Time // zero: now
}

// Store writes requests down. Each method is one transaction, durable when it returns.
type Store interface {
	// Create writes a new request in state Asked, Refused, Waiting or Queued with its first events and
	// jobs. Number, Version, CreatedAt and ChangedAt are filled in. Where a request with the same
	// Message.Key exists, that one is answered with created false, and nothing is written. An error that says
	// Uncertain() bool true leaves open whether the request was written.
	Create(ctx context.Context, request Request, events []Event, jobs []Job) (stored Request, created bool, err error)
	// Note writes a request that is over, with its one event and no jobs. Where one with the same Message.Key exists, that one is left as it
	// is. A loss of power in the next moment may take it back; the end of the process does not.
	Note(ctx context.Context, over Request, event Event) error
	// Load answers ErrNoRequest where there is none.
	Load(ctx context.Context, number int64) (Request, error)
	// Save writes a request that was loaded at request.Version, with what happened and what is to do, and
	// answers it with its new version. ErrConflict where the version has moved on: nothing is written then.
	Save(ctx context.Context, request Request, events []Event, jobs []Job) (Request, error)
	// Events answers a request's events, oldest first.
	Events(ctx context.Context, number int64) ([]Event, error)
	// Unfinished is how many requests are asked, waiting, queued or running.
	Unfinished(ctx context.Context) (int, error)
	// List answers requests, newest first.
	List(ctx context.Context, filter Filter) ([]Request, error)
	// Exclusively runs do while nobody else on this store, in whatever process, runs one of this name, and answers
	// held false at once where somebody does. The name is free when do returns, and some seconds after its process was
	// killed. The context of do ends, by ErrLost, where the name was lost to another.
	Exclusively(ctx context.Context, name string, do func(context.Context) error) (held bool, err error)
	// MarkShown records where the message is and which version it shows, without a new version. A Shown lower
	// than the recorded one, and an empty Posted, leave what is there. The first Posted is an event.
	MarkShown(ctx context.Context, number int64, posted Ref, shown int64) error
	// MarkPostTried records that posting is about to be tried; a time that is there already stays. It answers
	// the time that now stands.
	MarkPostTried(ctx context.Context, number int64, at time.Time) (time.Time, error)
	// History answers events of all requests, newest first.
	History(ctx context.Context, filter HistoryFilter) ([]Entry, error)
	// Verify follows the chain of all events from its beginning. Receipt is the beginning of a hash to look for, or empty.
	Verify(ctx context.Context, receipt string) (Chain, error)
	// Enqueue adds jobs by themselves.
	Enqueue(ctx context.Context, jobs []Job) error
	// Journal answers the journal of a request.
	Journal(number int64) commands.Journal
	// Identity is a random text made with the store, the same for ever: [a-z0-9]{12}.
	Identity() string
}

// HistoryFilter selects events. Zero fields select everything.
type HistoryFilter struct {
	User    string // who did it, or whose request it is
	Command string // a glob over the command's name
	Since   time.Time
	Limit   int // needed
}

// Filter selects requests. Zero fields select everything.
type Filter struct {
	States []State
	User   string
	Key    string // of the message
	// Command selects by a glob over the command's name.
	Command string
	Since   time.Time
	// Unattended selects requests whose ID nobody holds as a name of Exclusively.
	Unattended bool
	// ExpiresBefore selects waiting requests that expire before this time.
	ExpiresBefore time.Time
	// ExpiresAfter selects waiting requests that do not expire before this time.
	ExpiresAfter time.Time
	// ReviewOpen selects requests whose review nobody has closed.
	ReviewOpen bool
	// Unreminded selects requests with a zero RemindedAt.
	Unreminded bool
	// ChangedBefore selects requests whose last transition was before this time.
	ChangedBefore time.Time
	// ChangedAfter selects requests whose last transition was at or after this time.
	ChangedAfter time.Time
	// Touching selects requests that have one of these among their Things.
	Touching []string
	// Unshown selects requests that have a channel and whose message does not show the latest version.
	Unshown bool
	// Channel selects requests that were asked for in a channel.
	Channel string
	// After selects requests with a larger number.
	After int64
	// Oldest says that the oldest come first, and are those that Limit leaves; otherwise the newest.
	Oldest bool
	Limit  int // at most this many; 0 means 100
}

// Authorizer decides. It is asked at the acknowledgement without a scope, and again with the scope
// before running. An error means that nothing could be decided: nothing is allowed then.
type Authorizer interface {
	Decide(ctx context.Context, question AccessRequest) (Decision, error)
	// Matches tells whether a user is one of the subjects ("user:U2", "group:S2", "*").
	Matches(ctx context.Context, user string, subjects []string) (bool, error)
	// Subjects answers everybody that the rules name.
	Subjects() []string
	// Grants answers for which of them the question is not denied, whoever the question's asker is.
	Grants(question AccessRequest) []Grant
}

// People knows who is still there, and whose a channel is.
type People interface {
	// Gone tells whether somebody has left: whose account Slack has deactivated. Where that cannot be said the answer is false.
	Gone(ctx context.Context, user string) bool
	// Shared tells whether a channel is shared with another organisation. An error says that this is not known.
	Shared(ctx context.Context, channel string) (bool, error)
}

// Guards hold changes back for a while, whatever policy says: freezes and locks.
type Guards interface {
	// Stops answers a commands.Error of kind Denied where a change is held back. Scope is called where there is anything that
	// may hold it back; it answers nil for a line that touches nothing outside.
	Stops(ctx context.Context, asker commands.Asker, now time.Time, scope func() (*commands.Scope, error)) error
}

// Grant is what policy says of everybody whom a subject names.
type Grant struct {
	Subject  string // "user:U2", "group:S2", "*"
	Decision Decision
}
