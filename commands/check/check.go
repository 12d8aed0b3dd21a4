// Package check holds health checks as people name them, and the commands that add, show, run and
// remove them. What decides whether a check is due, down or to be announced is bot/health.
package check

import (
	"context"
	"time"

	"deckhand/commands"
)

// Check is something that is looked at on a timetable. Its URL says what, and in its scheme how; see Kind.
type Check struct {
	Name     string        `json:"name"`     // [a-z0-9][a-z0-9._-]{0,62}
	URL      string        `json:"url"`      // "https://a.example.com/", "tcp://db:5432", "dns://a.example.com?type=MX", "ec2://i-0abc": see Kind
	Schedule string        `json:"schedule"` // "@every 1m" or a cron expression in UTC
	Timeout  time.Duration `json:"timeout"`

	Request   *Request   `json:"request,omitempty"`   // of HTTP; nil: GET without anything
	Heartbeat *Heartbeat `json:"heartbeat,omitempty"` // of a heartbeat, never nil there

	// From is from where it looks, as probe.ParsePlace reads it; empty: from here alone. Agree is how many of the places must see a failure
	// for the look to be one.
	From  []string `json:"from,omitempty"`
	Agree int      `json:"agree,omitempty"`

	// What must be so. What is left empty does not matter.
	Status     []int             `json:"status,omitempty"`      // accepted HTTP status codes; empty: 200 to 399
	Body       string            `json:"body,omitempty"`        // text that the body must contain
	Headers    map[string]string `json:"headers,omitempty"`     // header to text that its value must contain; "": it must be there
	JSON       []string          `json:"json,omitempty"`        // conditions on a JSON body: `$.status == "ok"`; see Condition
	MaxLatency time.Duration     `json:"max_latency,omitempty"` // to the end of the body; at most Timeout
	Records    []string          `json:"records,omitempty"`     // values that must be among the DNS answer
	ValidDays  int               `json:"valid_days,omitempty"`  // the certificate must be valid for so many days more
	MaxErrors  int               `json:"max_errors,omitempty"`  // of a function: failed invocations out of a hundred that are still fine

	// Objective is the uptime in percent that is aimed at over 30 days; 0: none.
	Objective float64 `json:"objective,omitempty"`

	FailAfter int    `json:"fail_after"`        // failures in a row until the check is down, at least 1
	PassAfter int    `json:"pass_after"`        // passes in a row until it is up again, at least 1
	Channel   string `json:"channel,omitempty"` // Slack channel id to tell; empty: nobody is told
	Parent    string `json:"parent,omitempty"`  // a check behind which this one is: while that one is down, this one is not told
	Response
	Owner      commands.Asker `json:"owner"`
	FromConfig bool           `json:"from_config,omitempty"` // from the configuration file: cannot be removed from chat
	CreatedAt  time.Time      `json:"created_at"`
	// MadeBy is the command that added the check beside something else, "lb create", or the application that it came with, "app shop"; empty where somebody asked for the check itself.
	// Such a check gives way to one that somebody asks for.
	MadeBy string `json:"made_by,omitempty"`
	// Hands are the lines that show the logs of what it looks at and restart it, where who made it knows them: buttons of its incidents, until
	// somebody finds out more.
	Hands []commands.Next `json:"hands,omitempty"`
}

// Response is who is to act when a check goes down, and how they are called.
type Response struct {
	Contact       string        `json:"contact,omitempty"`        // "user:U1" or "group:S1": mentioned when the status changes
	EscalateTo    string        `json:"escalate_to,omitempty"`    // "group:S1", "user:U1" or "channel:C1": called where nobody acknowledges
	Webhook       string        `json:"webhook,omitempty"`        // the name of one that is called beside them; "" for none
	EscalateAfter time.Duration `json:"escalate_after,omitempty"` // how long nobody may acknowledge
	Reminders     time.Duration `json:"reminders,omitempty"`      // until the first one; each wait is twice the one before. 0: half an hour; below 0: none
}

// Request is what an HTTP check sends.
type Request struct {
	Method string `json:"method,omitempty"` // "": GET
	// Headers are header to value. In a check from the configuration a value may end in a reference, "Bearer env:API_TOKEN",
	// which is resolved for each look and never kept.
	Headers map[string]string `json:"headers,omitempty"`
	Body    string            `json:"body,omitempty"` // a whole reference is resolved as in Headers
	// Redirects is how many are followed. 0: five, or none where a redirect's status is what is expected; below 0: none.
	Redirects int `json:"redirects,omitempty"`
}

// Heartbeat is how a job tells that it ran: it calls an address within an interval.
type Heartbeat struct {
	Every time.Duration `json:"every"`           // between two calls
	Grace time.Duration `json:"grace,omitempty"` // how much later than that is still fine
	Token string        `json:"token,omitempty"` // the end of the address; "" for one whose token stands in the configuration
}

// Status is what a check says of its endpoint.
type Status string

// The statuses.
const (
	Unknown Status = "unknown" // not enough results yet
	Up      Status = "up"
	Down    Status = "down"
)

// Result is one probe.
type Result struct {
	Check   string        `json:"check"`
	At      time.Time     `json:"at"`
	OK      bool          `json:"ok"`
	Latency time.Duration `json:"latency"`
	Code    int           `json:"code,omitempty"` // HTTP status; 0 where none came
	Detail  string        `json:"detail"`         // one short sentence for people: "HTTP 503", "no answer within 5 s"

	// Covers is how long the result speaks for: until the next look is due. Zero for an extra look.
	Covers time.Duration `json:"covers,omitempty"`
	// Muted says that nobody was to be told at the time.
	Muted bool `json:"muted,omitempty"`

	// What a probe knows and no history keeps.

	// Expires is when the endpoint's certificate ends; zero where none was seen.
	Expires time.Time `json:"-"`
	// Names are what that certificate is for, told where it ends within a month.
	Names string `json:"-"`
	// Unseen says that the look could not be made at all, such as where AWS could not be asked. Detail says why. It is
	// neither a pass nor a failure: nothing is known of the endpoint.
	Unseen bool `json:"-"`
	// Refused says that the address is one that this check must not look at.
	Refused bool `json:"-"`
	// Views are what each place saw, of a check that looks from several.
	Views []View `json:"-"`
}

// State is where a check stands after its latest result.
type State struct {
	Check    string    `json:"check"`
	Status   Status    `json:"status"`
	Since    time.Time `json:"since"`     // when Status began: the first of the results that made it so
	Streak   int       `json:"streak"`    // results in a row that disagree with Status
	StreakAt time.Time `json:"streak_at"` // the first of them
	Last     Result    `json:"last"`
}

// Turn is a change of a check's status from or to Down.
type Turn struct {
	ID     int64 // of the store; 0 where it is not kept
	Check  string
	To     Status
	At     time.Time
	Detail string
}

// Looks are what is written down together: results, the states whose status or streak they changed, and the turns.
type Looks struct {
	By      string // the process of a crew that looked; "" where there is no crew
	Results []Result
	States  []State
	Turns   []Turn
}

// Book is where checks are kept. Names are unique over configuration and chat.
type Book interface {
	// AddCheck answers a commands.Error of kind Usage where the name is taken.
	AddCheck(ctx context.Context, check Check) error
	// ReplaceCheck puts a check in the place of the one of this name, in one step. Where both have one name, its results stay.
	ReplaceCheck(ctx context.Context, name string, by Check) error
	// RemoveCheck removes a check with its state and results; kind NotFound where there is none.
	RemoveCheck(ctx context.Context, name string) error
	// Checks answers all checks, by name.
	Checks(ctx context.Context) ([]Check, error)
	// States answers the states that are known, by check name.
	States(ctx context.Context) (map[string]State, error)
	// Results answers a check's results since a time, oldest first, at most limit (0: 1000, the newest are kept).
	Results(ctx context.Context, name string, since time.Time, limit int) ([]Result, error)
	// Summaries answers what was measured between each bound and the next, by check name; "" is all checks. Bounds ascend. All
	// but the last are cut to whole hours of UTC. A check of which nothing is known between them is left out.
	Summaries(ctx context.Context, name string, bounds []time.Time) (map[string][]Summary, error)
	// Outages answers when a check was down between two times, by its thresholds, oldest first; "" is all checks.
	Outages(ctx context.Context, name string, from, to time.Time) ([]Outage, error)
}

// Outage is one time that a check was down.
type Outage struct {
	Check        string
	Began, Ended time.Time // Ended is zero while it lasts
}

// Certificate is what is known of the certificate that a check saw, and what was said of its end.
type Certificate struct {
	Expires  time.Time
	Reminded int       // the days before its end that the channel was told of last; 0: none
	Trying   int       // the days of the reminder that may have been posted at TriedAt; 0: none
	TriedAt  time.Time // when that was tried first
}

// Prober looks at an endpoint once, now.
type Prober interface {
	Probe(ctx context.Context, check Check) Result
}

// Tracer looks at an endpoint once, now, and tells how long each part of it took.
type Tracer interface {
	Prober
	Trace(ctx context.Context, check Check) (Result, []Step)
}

// Step is one part of a look.
type Step struct {
	Name string // "DNS", "connect", "TLS", "first byte", "body"
	Took time.Duration
}

// Doctor finds out where the way to an endpoint is broken.
type Doctor interface {
	// Explain walks from the name to what stands behind it. It reads and changes nothing, and takes up to half a minute.
	Explain(ctx context.Context, check Check) (commands.Report, error)
}
