package config

import (
	"fmt"
	"slices"
	"time"
)

// Channel is where lines of a channel act unless they say so themselves, and when its days begin.
type Channel struct {
	ID       string // Slack channel id
	Account  string // a name of the aws section's accounts or "default"; empty: as without
	Region   string // empty: as without
	TimeZone string // IANA name; empty: that of the file
}

// Leases is how long what is made from the chat may stay.
type Leases struct {
	Warn    time.Duration // how long before its end the owner is told
	Grace   time.Duration // from a lease's end, when machines stop, until they are terminated
	Then    string        // "stop": nothing is removed by itself; or "terminate"
	Default time.Duration // of what is made without --ttl; 0: for ever
	Max     time.Duration // the longest --ttl, extensions included; 0: any
}

// Recycle is how long vm terminate keeps machines, stopped, before they are gone.
type Recycle struct {
	Keep time.Duration // 0: not at all
	Now  []string      // subjects who may terminate at once all the same
}

type rawRecycle struct {
	Line int
	Keep text  `yaml:"keep"`
	Now  texts `yaml:"now"`
}

type rawChannel struct {
	Line    int
	Channel text `yaml:"channel"`
	Account text `yaml:"account"`
	Region  text `yaml:"region"`
	Zone    text `yaml:"time_zone"`
}

type rawLeases struct {
	Line    int
	Warn    text `yaml:"warn"`
	Grace   text `yaml:"grace"`
	Then    text `yaml:"then"`
	Default text `yaml:"default"`
	Max     text `yaml:"max"`
}

func (r *reader) channels(raw []rawChannel, aws *rawAWS) []Channel {
	var channels []Channel
	seen := map[string]int{}
	for _, c := range raw {
		if r.required(c.Channel, c.Line, "A channel's id", "Write channel: with an id such as C024BE91L.") {
			r.channel(c.Channel, "channel")
			if first, twice := seen[c.Channel.Value]; twice {
				r.problem(c.Channel.Line, fmt.Sprintf("The channel %s is here twice; it is also in line %d.", quoted(c.Channel.Value), first), "Remove one of them.")
			} else {
				seen[c.Channel.Value] = c.Channel.Line
			}
		}
		if c.Account.Value == "" && c.Region.Value == "" && c.Zone.Value == "" && !c.Account.bad && !c.Region.bad && !c.Zone.bad {
			r.problem(c.Line, "A channel says neither account nor region, nor a time_zone.", "Write one of them, or more.")
		}
		if known := accountNames(aws); c.Account.Value != "" && !slices.Contains(known, c.Account.Value) {
			r.problem(c.Account.Line, fmt.Sprintf("There is no account %s.", quoted(c.Account.Value)), "Known accounts: "+oneOf(known)+".")
		}
		if c.Region.Value != "" {
			r.region(c.Region, "A channel's region", false)
		}
		zone := c.Zone.Value
		if zone != "" {
			zone = r.timeZone(c.Zone)
		}
		channels = append(channels, Channel{ID: c.Channel.Value, Account: c.Account.Value, Region: c.Region.Value, TimeZone: zone})
	}
	return channels
}

// mostKept is the longest that a machine stays in the recycle bin.
const mostKept = 30 * 24 * time.Hour

func (r *reader) recycle(raw *rawRecycle) Recycle {
	var valid Recycle
	if raw == nil {
		return valid
	}
	if r.required(raw.Keep, raw.Line, "How long the recycle bin keeps", "Write keep: 24h.") {
		d, ok := r.duration(raw.Keep, "recycle.keep", 0)
		if ok && (d <= 0 || d > mostKept) {
			r.problem(raw.Keep.Line, fmt.Sprintf("recycle.keep is %s; it is more than nothing and at most 720h.", quoted(raw.Keep.Value)), "Write it as 24h, or leave recycle out.")
		}
		valid.Keep = d
	}
	if raw.Now.Line != 0 {
		valid.Now = r.list(raw.Now, raw.Line, "now", r.approver)
	}
	return valid
}

// The leases where the file does not say.
const (
	leaseWarn  = time.Hour
	leaseGrace = 24 * time.Hour
)

var leaseEnds = []string{"stop", "terminate"} //nolint:gochecknoglobals // a constant table

func (r *reader) leases(raw *rawLeases) Leases {
	valid := Leases{Warn: leaseWarn, Grace: leaseGrace, Then: leaseEnds[0]}
	if raw == nil {
		return valid
	}
	length := func(value text, key string, otherwise time.Duration) time.Duration {
		d, ok := r.duration(value, "leases."+key, otherwise)
		if ok && d < 0 {
			r.problem(value.Line, fmt.Sprintf("leases.%s is %s; it cannot be less than nothing.", key, quoted(value.Value)), "Write it as 30m, 8h or 720h.")
		}
		return d
	}
	valid.Warn = length(raw.Warn, "warn", leaseWarn)
	valid.Grace = length(raw.Grace, "grace", leaseGrace)
	valid.Default = length(raw.Default, "default", 0)
	valid.Max = length(raw.Max, "max", 0)
	if raw.Then.Value != "" {
		r.choice(raw.Then, "leases.then", leaseEnds)
		valid.Then = raw.Then.Value
	}
	if valid.Max > 0 && valid.Default > valid.Max {
		r.problem(raw.Default.Line, "leases.default is longer than leases.max.", "Make it shorter, or the other longer.")
	}
	return valid
}
