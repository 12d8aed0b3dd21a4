// Package check holds health checks as people name them, and the commands that add, show, run and
// remove them. What decides whether a check is due, down or to be announced is bot/health.
package check

import (
	"context"
	"time"

	"deckhand/commands"
)

// Check is an endpoint that is looked at on a timetable.
type Check struct {
	Name       string         `json:"name"`     // [a-z0-9][a-z0-9._-]{0,62}
	URL        string         `json:"url"`      // http or https
	Schedule   string         `json:"schedule"` // "@every 1m" or a cron expression in UTC
	Timeout    time.Duration  `json:"timeout"`
	Status     []int          `json:"status,omitempty"`  // accepted HTTP status codes; empty: 200 to 399
	Body       string         `json:"body,omitempty"`    // text that the body must contain; empty: any
	FailAfter  int            `json:"fail_after"`        // failures in a row until the check is down, at least 1
	PassAfter  int            `json:"pass_after"`        // passes in a row until it is up again, at least 1
	Channel    string         `json:"channel,omitempty"` // Slack channel id to tell; empty: nobody is told
	Owner      commands.Asker `json:"owner"`
	FromConfig bool           `json:"from_config,omitempty"` // from the configuration file: cannot be removed from chat
	CreatedAt  time.Time      `json:"created_at"`
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
}

// State is where a check stands after its latest result, and what was announced of it.
type State struct {
	Check     string    `json:"check"`
	Status    Status    `json:"status"`
	Since     time.Time `json:"since"`     // when Status began: the first of the results that made it so
	Streak    int       `json:"streak"`    // results in a row that disagree with Status
	StreakAt  time.Time `json:"streak_at"` // the first of them
	Last      Result    `json:"last"`
	Announced Announced `json:"announced"`
}

// Announced is what the channel was last told, recorded only after Slack took it.
type Announced struct {
	Status  Status    `json:"status,omitempty"` // "" where nothing was ever announced
	Since   time.Time `json:"since"`            // the State.Since that was announced
	Channel string    `json:"channel,omitempty"`
	TS      string    `json:"ts,omitempty"` // the message of the incident
	TriedAt time.Time `json:"tried_at"`     // when an announcement not yet recorded as taken was first tried; zero otherwise
	// Trying and TryingSince are the status, and its beginning, that the announcement at TriedAt tells of.
	Trying      Status    `json:"trying,omitempty"`
	TryingSince time.Time `json:"trying_since,omitzero"`
}

// Book is where checks are kept. Names are unique over configuration and chat.
type Book interface {
	// AddCheck answers a commands.Error of kind Usage where the name is taken.
	AddCheck(ctx context.Context, check Check) error
	// RemoveCheck removes a check with its state and results; kind NotFound where there is none.
	RemoveCheck(ctx context.Context, name string) error
	// Checks answers all checks, by name.
	Checks(ctx context.Context) ([]Check, error)
	// States answers the states that are known, by check name.
	States(ctx context.Context) (map[string]State, error)
	// Results answers a check's results since a time, oldest first, at most limit (0: 1000, the newest are kept).
	Results(ctx context.Context, name string, since time.Time, limit int) ([]Result, error)
}

// Prober looks at an endpoint once, now.
type Prober interface {
	Probe(ctx context.Context, check Check) Result
}
