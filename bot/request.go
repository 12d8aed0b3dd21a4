package bot

import (
	"strconv"
	"time"

	"deckhand/commands"
)

// Request is a line that the bot has written down. It has a life; see life.go.
type Request struct {
	Number     int64 // 42 in "R-42"
	State      State
	Version    int64 // grows by one with every change; changes compare and set it
	Message    Message
	Invocation commands.Invocation
	Decision   Decision         // the latest decision of the policy
	Plan       *commands.Report // what it would do, shown to approvers
	Approvals  []string         // who approved, in order
	Proven     []string         // who of them, or of those who broke the glass, gave a second factor
	Result     *commands.Report // what it did, from done, failed, uncertain or settled on
	Note       string           // why it was refused, rejected, cancelled or expired, for people
	CreatedAt  time.Time
	ChangedAt  time.Time // last transition
	ExpiresAt  time.Time // when waiting ends; zero where it does not wait

	Risk commands.Risk
	// What people agreed to: names of the resources, when it was planned, and the digest of what must not change until it
	// runs. Empty where nobody had to agree.
	Names      []string
	PlannedAt  time.Time
	Essence    string
	RemindedAt time.Time // when approvers were reminded; zero where they were not
	ReroutedAt time.Time // since when those may approve too to whom the rule reroutes; zero where they may not

	Emergency string // why its asker broke the glass; empty where they did not
	Review    Review // of what was done without approval

	Undoing Undoing  // what became of it since
	Warning string   // of what it changes and another tool keeps; empty where there is none
	Things  []string // what it touches, from when it was let run on; see thingsOf

	// Runner is the process that runs it.
	Runner string

	// Posted is the request's message in the channel, PostTried when posting was first attempted, Shown the
	// version that the message shows.
	Posted    Ref
	PostTried time.Time
	Shown     int64
}

// Review is what becomes of a request that ran without approval: it is open until somebody else closes it.
type Review struct {
	Opened   time.Time `json:",omitzero"`
	Reminded time.Time `json:",omitzero"` // the last time
	Closed   time.Time `json:",omitzero"`
	By       string    `json:",omitempty"`
	Note     string    `json:",omitempty"`
}

// Open tells whether somebody has to look at it.
func (r Review) Open() bool { return !r.Opened.IsZero() && r.Closed.IsZero() }

// ID is the request's name for people: "R-42".
func (r Request) ID() string { return "R-" + strconv.FormatInt(r.Number, 10) }

// Event is one transition of a request, or one thing that was said about it: the audit record.
type Event struct {
	Request int64
	At      time.Time
	Actor   string // Slack user id, "terminal:LOGIN", or "deckhand"
	From    State
	To      State    // equal to From where nothing changed: an approval of several, a refused press
	What    string   // one word: asked, waiting, approved, refused, queued, running, resumed, done, ...
	Note    string   // for people; no secrets
	AWS     []string // AWS request ids of the calls that were made
	// Digest names what exactly was asked for, planned or approved; Place is where: CHANNEL, CHANNEL/THREAD for a line,
	// CHANNEL/TS for a message.
	Digest, Place string
	// Seq and Hash are the store's: the event's place in the chain of all events, which each event's hash holds together.
	Seq  int64
	Hash string
}

// Entry is an event with the line it belongs to.
type Entry struct {
	Event
	Command, Line string
}

// Chain is what became of the chain of events.
type Chain struct {
	Events  int64  // how many follow from each other
	Hash    string // of the last one that does
	Broken  *Event // the first that does not follow from the one before it
	Missing int64  // how many are missing at the end
	Changed bool   // the end is not the one that was written down
	Found   *Event // the one whose hash begins with the receipt
}

// Effect is what policy says of a line.
type Effect string

// The effects.
const (
	Allow   Effect = "allow"
	Confirm Effect = "confirm" // the asker presses once more
	Ask     Effect = "ask"     // somebody else approves
	Deny    Effect = "deny"
	// Unsettled: a rule that could match needs the resource's tags, account or region. Ask again with the scope.
	Unsettled Effect = "unsettled"
)

// Decision is the policy's answer.
type Decision struct {
	Effect    Effect   `json:"effect"`
	Rule      string   `json:"rule"`                // which rule decided, for people: "rule 3 (line 41)"; "no rule" where none matched
	Why       string   `json:"why,omitempty"`       // one sentence where the rule alone does not say it: what the line costs
	Approvers []string `json:"approvers,omitempty"` // subjects: "user:U2", "group:S2"
	Approvals int      `json:"approvals,omitempty"` // how many, at least 1 for Ask
	Then      []Tier   `json:"then,omitempty"`      // who has to approve after them, in this order
	// SecondFactor says that everybody who says yes proves by a code that it is them.
	SecondFactor bool `json:"second_factor,omitempty"`
	// RerouteTo are who may approve in anybody's place, once the others were quiet for a while.
	RerouteTo []string `json:"reroute_to,omitempty"`
	// BreakGlass are who may go ahead without approval, freezes and locks, when it cannot wait.
	BreakGlass []string `json:"break_glass,omitempty"`
}

// AccessRequest is the question to the policy.
type AccessRequest struct {
	Asker   commands.Asker
	Source  Source
	Command string
	Risk    commands.Risk
	// Scope is nil while it is not known; the answer may then be Unsettled.
	Scope *commands.Scope
}
