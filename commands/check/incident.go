package check

import (
	"context"
	"errors"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"deckhand/commands"
)

// Incident is one outage of one check, or of many at once, from its beginning to its end.
type Incident struct {
	Number  int64  `json:"-"`       // 7 in "I-7"; 0 before it is kept
	Version int64  `json:"-"`       // grows with every change; changes compare and set it
	Check   string `json:"check"`   // "" for a storm: many checks of a channel at once, told in one message
	Channel string `json:"channel"` // where it is told; "": nowhere
	Storm   int64  `json:"storm,omitempty"`
	Cause   string `json:"cause,omitempty"` // what the failed looks brought when it was opened

	// Change is the action of deckhand's own that it follows; zero where there is none.
	Change Change `json:"change,omitzero"`

	Opened   time.Time `json:"opened"`            // when what failed began to fail
	Began    time.Time `json:"began,omitzero"`    // what Opened was before the clock was set back; zero where it was not
	Resolved time.Time `json:"resolved,omitzero"` // when it began to pass again; zero while it is open
	Ending   Ending    `json:"ending,omitempty"`  // how it was resolved

	AckedBy      string    `json:"acked_by,omitempty"` // who said that somebody is at it
	AckedAt      time.Time `json:"acked_at,omitzero"`
	OwnedBy      string    `json:"owned_by,omitempty"` // who took it on
	SnoozedBy    string    `json:"snoozed_by,omitempty"`
	SnoozedUntil time.Time `json:"snoozed_until,omitzero"` // no reminder and no escalation until then
	Reason       string    `json:"reason,omitempty"`       // that was given last with one of the three

	FlappingSince time.Time   `json:"flapping_since,omitzero"` // zero where it does not flap
	Changes       []time.Time `json:"changes,omitempty"`       // of a flapping one: when it went down or came up, the latest last
	Flaps         int         `json:"flaps,omitempty"`         // how many there were in all

	Said  map[string]Said `json:"said,omitempty"`  // what the chat was told, by step
	Shown string          `json:"shown,omitempty"` // names the content that the message shows
	// Hands are the lines that show the logs of what is broken and restart it, where somebody found out what that is.
	Hands []commands.Next `json:"hands,omitempty"`
	// Reminded counts the reminders.
	Reminded int `json:"reminded,omitempty"`
}

// Change is an action of deckhand's own.
type Change struct {
	Request string    `json:"request"` // "R-42"
	Line    string    `json:"line"`
	By      string    `json:"by"` // who asked for it
	At      time.Time `json:"at"` // when it began
}

// Words tells of it; "" where there was none.
func (c Change) Words() string {
	if c.Request == "" {
		return ""
	}
	return commands.Mono(c.Line) + " by " + commands.Person(c.By) + ", " + commands.At(c.At) + " (" + commands.Mono("audit "+c.Request) + ")"
}

// Said is one message of an incident.
type Said struct {
	TriedAt time.Time `json:"tried_at,omitzero"` // when it was about to be said
	At      time.Time `json:"at,omitzero"`       // when it was certainly said, or given up; zero before
	Channel string    `json:"channel,omitempty"`
	TS      string    `json:"ts,omitempty"`
}

// Ending is how an incident was resolved.
type Ending string

// The endings.
const (
	CameBack  Ending = "up"        // the check is up again
	DownAgain Ending = "again"     // it was up in between, unseen, and is down again
	StaysDown Ending = "down"      // it flapped, and is down for good: an incident of its own tells of that
	Forgotten Ending = "forgotten" // the check was removed
)

// The labels of the buttons that an incident's message takes over from what tells why it is down.
const (
	Logs    = "Logs"
	Restart = "Restart"
)

// RestartBehind is the button that restarts what is behind a load balancer or a target group.
func RestartBehind(line, name string) commands.Next {
	return commands.Next{Label: Restart, Line: line, Style: "danger", Confirm: "Restart what is behind " + name + ", one target at a time?"}
}

// The steps of an incident that the chat is told of.
const (
	StepPost = "post" // the incident's own message
	StepBack = "back" // that it is over
)

// ErrConflict says that an incident was changed by somebody else since it was read. Read it again.
var ErrConflict = errors.New("the incident was changed meanwhile")

// ID is the incident's name for people: "I-7".
func (i Incident) ID() string { return "I-" + strconv.FormatInt(i.Number, 10) }

// Open tells whether it is not over.
func (i Incident) Open() bool { return i.Resolved.IsZero() }

// IsStorm tells whether it stands for many checks.
func (i Incident) IsStorm() bool { return i.Check == "" }

// Lasted is how long it lasted, or lasts at a time.
func (i Incident) Lasted(now time.Time) time.Duration {
	if !i.Open() {
		now = i.Resolved
	}
	return max(0, now.Sub(i.Opened))
}

// Move corrects the times of an open incident by a clock that was set back during it.
func (i *Incident) Move(back time.Duration) {
	if i.Began.IsZero() {
		i.Began = i.Opened
	}
	i.Opened = i.Opened.Add(-back)
	for step, said := range i.Said {
		for _, at := range []*time.Time{&said.TriedAt, &said.At} {
			if !at.IsZero() {
				*at = at.Add(-back)
			}
		}
		i.Said[step] = said
	}
	if !i.AckedAt.IsZero() {
		i.AckedAt = i.AckedAt.Add(-back)
	}
}

// Clone answers a copy that shares nothing.
func (i Incident) Clone() Incident {
	i.Said, i.Changes, i.Hands = maps.Clone(i.Said), slices.Clone(i.Changes), slices.Clone(i.Hands)
	return i
}

// Mark writes a step down.
func (i *Incident) Mark(step string, said Said) {
	if i.Said == nil {
		i.Said = map[string]Said{}
	}
	i.Said[step] = said
}

// IncidentEvent is one thing that happened in an incident's life.
type IncidentEvent struct {
	At    time.Time `json:"at"`
	Actor string    `json:"actor"` // who, or "deckhand"
	What  string    `json:"what"`  // opened, told, acknowledged, snoozed, owned, flapping, reminded, escalated, resolved
	Note  string    `json:"note,omitempty"`
}

// IncidentChange is an incident as it is to be kept, with what happened.
type IncidentChange struct {
	Incident Incident
	Events   []IncidentEvent
}

// IncidentQuery selects incidents; zero fields select all.
type IncidentQuery struct {
	Number int64
	Check  string
	Open   bool
	Storm  int64     // members of this storm
	Since  time.Time // open, or resolved at or after this time
	Limit  int       // 0: all
}

// Mute is a time in which channels are not told of checks. Looking goes on.
type Mute struct {
	Key    string    `json:"key"`    // unique: "chat:R-12", "maintenance:nightly:1764061200", "planned:R-42"
	Kind   MuteKind  `json:"kind"`   // why there is one
	Name   string    `json:"name"`   // of the maintenance window
	Checks []string  `json:"checks"` // names; * and ? are wildcards
	Since  time.Time `json:"since"`
	Until  time.Time `json:"until"` // when it ends, or was ended
	Reason string    `json:"reason,omitempty"`
	By     string    `json:"by,omitempty"` // who asked for it
}

// MuteKind is why there is a mute.
type MuteKind string

// The kinds of mute.
const (
	ByHand      MuteKind = "mute"        // somebody asked for it
	Maintenance MuteKind = "maintenance" // a window of the configuration
	Planned     MuteKind = "planned"     // an action of deckhand's own is under way
)

// Covers tells whether a mute is about a check.
func (m Mute) Covers(name string) bool {
	return slices.ContainsFunc(m.Checks, func(pattern string) bool {
		match, err := path.Match(pattern, name)
		return match && err == nil
	})
}

// Active tells whether a mute holds at a time.
func (m Mute) Active(at time.Time) bool { return !at.Before(m.Since) && at.Before(m.Until) }

// Words says why a mute is there.
func (m Mute) Words() string {
	switch {
	case m.Kind == Maintenance && m.Reason == "":
		return "maintenance " + m.Name
	case m.Kind == Maintenance:
		return "maintenance " + m.Name + ": " + m.Reason
	case m.Kind == Planned:
		return m.Name + " runs: " + m.Reason
	default:
		return m.Reason
	}
}

// IncidentBook is where incidents and mutes are kept.
type IncidentBook interface {
	// Incidents answers incidents, the newest first.
	Incidents(ctx context.Context, query IncidentQuery) ([]Incident, error)
	// SaveIncidents keeps new incidents (Number 0) and changed ones in one transaction, and answers them with number and
	// version. ErrConflict where one has moved on: nothing is written then.
	SaveIncidents(ctx context.Context, changes []IncidentChange) ([]Incident, error)
	// IncidentEvents answers an incident's events, oldest first.
	IncidentEvents(ctx context.Context, number int64) ([]IncidentEvent, error)
	// Mutes answers mutes that end after a time, in the order in which they began.
	Mutes(ctx context.Context, endAfter time.Time) ([]Mute, error)
	// SaveMute writes a mute in the place of the one of the same key.
	SaveMute(ctx context.Context, mute Mute) error
}

// incidentNumber reads "I-7".
func incidentNumber(text string) (int64, bool) {
	digits, ok := strings.CutPrefix(strings.ToUpper(text), "I-")
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil && n > 0
}
