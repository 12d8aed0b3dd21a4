// Package commands is the vocabulary of deckhand: what a command is, how a line
// becomes one, and what it answers. It knows no chat, no database and no cloud.
package commands

import (
	"context"
	"time"
)

// Risk says how much a command can break. Policy, help, the approval message and
// the audit record all read this one declaration.
type Risk int

// The three risks, from harmless to final.
const (
	Read    Risk = iota // changes nothing
	Change              // changes something that can be changed back
	Destroy             // removes something for good
)

// String says what a command of this risk does, as help prints it.
func (r Risk) String() string {
	switch r {
	case Read:
		return "only reads"
	case Change:
		return "changes something"
	default:
		return "destroys something for good"
	}
}

// Disturbance says what a command does to what answers at the things that it touches. Checks that look at them are not told of while
// it runs, and looked at when it has ended.
type Disturbance int

// The disturbances.
const (
	Undisturbed Disturbance = iota // it goes on answering
	Briefly                        // it may not answer while the command runs, and answers soon after
	Lastingly                      // it may not answer any more
)

// Command is one entry of the catalogue.
type Command struct {
	Name    string   // one to three words: "status", "vm stop", "net sg allow"
	Aliases []string // other spellings of the name, the AWS CLI's among them: "ec2 stop-instances"
	Summary string   // one sentence without a full stop
	Example string   // one line that works as it stands
	Risk    Risk
	// Undo says what takes a change back, or that nothing does: whole sentences, shown before it runs.
	Undo string
	// Rights are the IAM actions that the command needs, "ec2:StopInstances".
	Rights []string
	// Own says that what the command changes is deckhand's own: AWS is only asked.
	Own bool
	// Instead says, for flags of the AWS CLI that the command does not take, how deckhand does the same: a sentence by the flag's name.
	Instead map[string]string
	// Local says that the command answers from memory, or from the store alone, within a few
	// milliseconds: its answer may be given inside Slack's acknowledgement.
	Local bool
	// Disturbs says whether what answers at the things that the command touches may stop answering.
	Disturbs Disturbance
	// Engine marks a command that acts on a request that was written down already (approve,
	// reject, cancel). Who may press is decided by that request, not by the policy's rules.
	Engine bool
	// Spoken tells whether the words behind its noun mean the command although no verb is among them: "schedule dev weekdays 08-20".
	Spoken func(words []string) bool
	// New makes a runner with its dependencies closed over and its arguments empty. The
	// exported fields of the struct behind it are the arguments; see Spec for their tags.
	New func() Runner
}

// Runner does what a command says. The value is a pointer to a struct whose exported
// fields hold the arguments.
type Runner interface {
	// Run does it and waits for the true outcome. It is called again, with the same journal,
	// after the process was cut short: calls that change something belong inside Once or Repeat.
	Run(ctx context.Context, run *Run) (Report, error)
}

// Validator is implemented by runners whose arguments depend on each other. It sees no
// outside world and answers a usage Error.
type Validator interface{ Validate() error }

// Scoped is implemented by every runner whose risk is above Read and that touches AWS. It may
// look things up, so it is asked after the acknowledgement.
type Scoped interface {
	Scope(ctx context.Context) (Scope, error)
}

// Placed is implemented by runners that act in an account and a region. Settle fills in what the line leaves open, and
// answers the flags that would have said it.
type Placed interface {
	Settle(account, region string) string
}

// Planner tells what Run would do, and changes nothing (EC2's DryRun included).
type Planner interface {
	Plan(ctx context.Context, run *Run) (Report, error)
}

// Threaded is implemented by runners whose message belongs into the thread of another message: what people do about an incident
// stands below it.
type Threaded interface {
	// Thread answers the ts of the thread's parent in a channel, "" where there is none.
	Thread(ctx context.Context, channel string) string
}

// Reversal is implemented by the runner of undo: the engine runs the line that takes the request back, as one that the asker typed.
type Reversal interface {
	// Undoes answers the number of the request that is to be taken back.
	Undoes() int64
}

// Checker looks at the world after an uncertain run. It answers the report of a run that turned
// out done, an Error of a kind other than Uncertain for one that turned out not done,
// and an Error of kind Uncertain where it cannot tell.
type Checker interface {
	Check(ctx context.Context, run *Run) (Report, error)
}

// Scope is what a command touches, as policy sees it.
type Scope struct {
	Account   string     `json:"account,omitempty"` // account name from the configuration, "" for the default
	Region    string     `json:"region,omitempty"`
	Resources []Resource `json:"resources,omitempty"`
	// Bill is what the line makes, or makes of something, costs; nil where that is not asked for, or it makes nothing that costs.
	Bill *Bill `json:"bill,omitempty"`
	// Today is what was made where the line was asked for, before it; nil where no rule has a ceiling on a day.
	Today *Today `json:"-"`
}

// Resource is one thing in a Scope.
type Resource struct {
	ID   string            `json:"id"`
	Name string            `json:"name,omitempty"`
	Tags map[string]string `json:"tags,omitempty"`
}

// Asker is who runs a command and where.
type Asker struct {
	User    string `json:"user"`              // Slack user id, "terminal:LOGIN", or "config" for a line in the configuration file
	Channel string `json:"channel,omitempty"` // Slack channel id; empty in a terminal
	Thread  string `json:"thread,omitempty"`  // ts of the thread's parent
	Team    string `json:"team,omitempty"`
}

// Run is what one execution is given.
type Run struct {
	ID    string // "R-42"; empty for a read, which is not written down
	Token string // idempotency token for AWS: ASCII, at most 48 characters, unique to this request for ever
	Asker Asker
	Now   time.Time // when this execution began
	Until time.Time // until when what it makes may stay, the same in every execution; zero: for ever
	// Say shows progress: one short line that replaces the one before. Never nil; may be dropped.
	Say     func(line string)
	Journal Journal // never nil
	// Stop is why no step may change anything any more, only what is finished answers; nil where steps may.
	Stop *Error
	// Ahead shows what is known of a long answer before the rest of it; the report that Run answers holds all of it. It is
	// nil where nobody can be told ahead.
	Ahead func(part Report)
}
