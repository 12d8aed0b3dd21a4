package commands

import "time"

// Term is the flag --ttl, embedded by every command that makes something that costs.
type Term struct {
	TTL time.Duration `flag:"ttl" value:"8h" help:"How long it may stay: its owner is told before; then it is stopped, and removed where the leases of the configuration say so."`
}

// Lasts answers how long what the line makes may stay, 0 where the line does not say.
func (t Term) Lasts() time.Duration { return t.TTL }

// Leased is implemented by runners that make something for a time.
type Leased interface{ Lasts() time.Duration }

// LeaseTag says until when a thing may stay, in RFC 3339 and UTC.
const LeaseTag = "deckhand:lease"
