// Package config reads deckhand's configuration file and answers only what is valid. Everything that is
// wrong with a file is reported at once, each problem with its line.
//
// The raw types of raw.go mirror the YAML; reader.go fills them from YAML nodes, so that every value keeps
// its line; and each section's file turns its raw type into the valid one that other packages see.
package config

import (
	"fmt"
	"os"
	"time"
)

// Config is a whole configuration, valid and with its defaults filled in.
type Config struct {
	Slack       *Slack // nil where the file has no slack section: "exec" works without
	Admin       Admin
	AWS         AWS
	Store       Store
	TimeZone    string // IANA name: of timetables and days that name none; "UTC" by default
	Alarm       string // Slack channel id that hears when somebody breaks the glass; may be empty
	People      []Person
	Policy      []Rule // in the order of the file; the first that matches decides
	Net         Net
	Health      Health
	Checks      []Check
	Schedules   []Schedule
	Channels    []Channel
	Leases      Leases
	Access      []Access
	Recycle     Recycle
	Limits      Limits
	Templates   []Template
	Profiles    []Profile
	Documents   []Document
	Scripts     []Script
	Maintenance []Window
}

// Transport is the way Slack reaches the bot.
type Transport string

// The transports.
const (
	Socket Transport = "socket" // the bot dials out to Slack
	HTTP   Transport = "http"   // Slack posts to the bot
)

// Slack is how to talk to Slack.
type Slack struct {
	Transport      Transport
	BotToken       Secret
	AppToken       Secret   // empty unless Transport is Socket
	SigningSecrets []Secret // one or two where Transport is HTTP: two while the secret is being rotated
	Listen         string   // HOST:PORT, for Transport HTTP
	APIURL         string   // ends with a slash
	Commands       []string // slash commands, each with its slash
}

// Admin is where health and metrics are served.
type Admin struct {
	Listen string // HOST:PORT; empty serves nothing
	Ping   *Ping  // nil: nobody outside is told that the bot is well
}

// Ping is a call to somebody outside who notices when it stops to come: a dead-man switch.
type Ping struct {
	URL   Secret // http or https; who knows it can call in the bot's place
	Every time.Duration
}

// AWS is where the clouds are.
type AWS struct {
	Region      string
	EndpointURL string // empty: AWS itself
	ServiceRole string // ARN of the role that CloudFormation takes on in the default account; empty: deckhand's own rights
	Accounts    []Account
}

// Account is an AWS account that is reached through a role.
type Account struct {
	Name        string // never "default": that is the account of the bot's own credentials
	RoleARN     string
	ServiceRole string   // as in AWS
	Regions     []string // empty: the region of the aws section
}

// Store is where requests are written down.
type Store struct {
	URL Secret // "sqlite:PATH", or "postgres://..." which may hold a password; empty where its reference was not needed
}

// Rule is one rule of the policy. See package bot/policy for what it means.
type Rule struct {
	Line      int               // in the file
	Who       []string          // "user:U1", "group:S1", "terminal:LOGIN", "config", "*"
	What      []string          // globs over command names; * also matches spaces
	Where     []string          // "channel:C1"; empty, or "*" among them: everywhere
	On        map[string]string // "account", "region" or a tag's key, to a glob over its value
	CostAbove *int              // dollars a month: only lines that cost more; nil: all
	// CostAboveToday is the same of a line together with what was made from its channel in this day before it.
	CostAboveToday *int
	Effect         string   // "allow", "confirm", "ask" or "deny"
	Approvers      []string // for ask: "user:U1", "group:S1", "terminal:LOGIN", "*"
	Approvals      int      // for ask: how many, at least 1; otherwise 0
	Then           []Tier   // for ask: who has to approve after them, in this order
	RerouteTo      []string // for ask: who may approve too, once the others were quiet for 20 minutes
	// BreakGlass are who may go ahead without approval, freezes and locks; nobody where it is empty.
	BreakGlass []string
	// SecondFactor says that everybody who says yes by this rule proves by a code that it is them.
	SecondFactor bool
}

// Tier is some approvers of whom a number has to approve.
type Tier struct {
	Approvers []string
	Approvals int
}

// Net is what lines on networks may name.
type Net struct {
	CIDRSets map[string][]string // blocks of addresses by the set's name; nil without the section
}

// Health is how checks in general are looked at.
type Health struct {
	AllowPrivate  bool    // checks that are added from chat may look at private addresses too
	HeartbeatsOn  string  // "slack" or "admin": the listener that takes the calls of heartbeats; "": slack's where it listens, else admin's
	HeartbeatsURL string  // how jobs reach that listener, "https://deckhand.example.com"; "": as it listens
	RDAPURL       string  // the base of the RDAP server that is asked for all domain names; "": those of the registries, by IANA's list
	Objective     float64 // of the checks that have none of their own; 0: none
	Webhooks      []Webhook
}

// Webhook is an address that is called where nobody acknowledges an incident.
type Webhook struct {
	Name          string
	URL           Secret // http or https
	Authorization Secret // the whole value of that header; "": none is sent
}

// Check is a health check.
type Check struct {
	Name      string
	URL       string        // see commands/probe for its schemes
	Schedule  string        // what ParseTimetable reads
	Timeout   time.Duration // above zero, at most a minute
	Request   *Request      // of http; nil: GET
	Heartbeat *Heartbeat    // of a heartbeat; nil elsewhere
	Expect    Expect
	From      []string // from where it looks, as probe.ParsePlace reads it; empty: from here alone
	Agree     int      // how many of them must see a failure; 0 without From
	FailAfter int      // failures in a row until it is down
	PassAfter int      // passes in a row until it is up again
	Channel   string   // Slack channel id; may be empty
	Objective float64  // uptime in percent that is aimed at over 30 days; 0: none
	Parent    string   // a check; empty: none
	Response
}

// Request is what an HTTP check sends. A header's value, or the body, may end in a reference, whose path is absolute.
type Request struct {
	Method    string // "": GET
	Headers   map[string]string
	Body      string
	Redirects int // how many are followed; 0: the usual number, -1: none
}

// Heartbeat is how often a job calls.
type Heartbeat struct {
	Every, Grace time.Duration
	Token        Secret // the end of the address; empty where its reference was not needed
}

// Expect is what a healthy answer looks like. What is empty does not matter.
type Expect struct {
	Status          []int             // any of these; empty: 200 to 399
	Body            string            // contained in the body
	Headers         map[string]string // to text that the value must contain
	JSON            []string          // conditions, see probe.ParseCondition
	Latency         time.Duration     // at most
	Records         []string          // among the DNS records
	CertificateDays int               // the certificate must be valid for so many days more
	Errors          int               // of a Lambda function: failed invocations out of a hundred that are fine
}

// Response is who is called when a check goes down.
type Response struct {
	Contact       string        // "user:U1" or "group:S1"; may be empty
	EscalateTo    string        // "user:U1", "group:S1" or "channel:C1"; may be empty
	Webhook       string        // a name of Health.Webhooks; may be empty
	EscalateAfter time.Duration // above zero where one of the two is not empty
	Reminders     time.Duration // until the first one; 0: as usual; below 0: none
}

// Window is a maintenance window: a time that comes again and again in which channels are not told.
type Window struct {
	Name     string
	Cron     string // what ParseTimetable reads
	TimeZone string
	Duration time.Duration // from a minute to a week
	Checks   []string      // names; * and ? are wildcards
	Reason   string
}

// Schedule is a line that runs on a timetable.
type Schedule struct {
	LineNumber int // in the file, of the line to run
	Name       string
	Cron       string // what ParseTimetable reads
	TimeZone   string // IANA name, "UTC" by default
	Channel    string // Slack channel id that hears the answer
	Run        string // the line, without a slash command
	// Hours are in the place of Cron: Run runs when they begin, and RunAtEnd when they end. What they say is read where they are used.
	Hours, RunAtEnd string
	// Skip are the dates, as YYYY-MM-DD in its zone, on which it does not run: its own, and the holidays where it skips them.
	Skip       []string
	QuietHours string // "22:00-07:00" in its zone: what is due then runs at their end; "": none
}

// Template is a script for the first boot of a machine.
type Template struct {
	Name       string
	Text       string            // of the file; {{name}} stands for the value of a parameter
	Parameters map[string]string // name to its value where a line gives none; "" must be given
}

// maxFile is the size up to which a file is read, in bytes. Ten thousand checks, written one to a line, are a megabyte.
const maxFile = 8 << 20

// Load reads a file. See Parse.
func Load(path string, secret func(Ref) (string, error), more ...func(Config) Problems) (Config, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return Config{}, Problems{{File: path, Message: "The file cannot be read: " + reason(err) + ".", Hint: "Check the path after --config."}}
	}
	return Parse(path, raw, secret, more...)
}

// Parse reads the bytes of a file; the file's name is for messages, and its folder is where relative paths
// of secrets start. Secret answers the value behind a reference, Resolve in production; where it is nil,
// references are checked for their form only and the secrets stay empty. References that the configuration
// has no use for, such as the signing secret of a socket, are never resolved. More looks at what could be read, wherever else something is wrong,
// and answers what is wrong with it besides. The error is of type Problems.
func Parse(file string, raw []byte, secret func(Ref) (string, error), more ...func(Config) Problems) (Config, error) {
	if secret == nil {
		secret = func(Ref) (string, error) { return "", ErrNotNeeded }
	}
	r := &reader{file: file, secret: secret}
	if len(raw) > maxFile {
		r.problem(1, fmt.Sprintf("The file is larger than %d bytes.", maxFile), "Check that this is the configuration file.")
		return Config{}, r.problems
	}
	var top rawConfig
	if r.document(raw, &top) {
		valid := r.config(top)
		for _, look := range more {
			r.problems = append(r.problems, look(valid)...)
		}
		if len(r.problems) == 0 {
			return valid, nil
		}
	}
	return Config{}, r.problems.sorted()
}

func (r *reader) config(raw rawConfig) Config {
	r.zone = r.timeZone(raw.TimeZone) // before those that name none
	valid := Config{
		TimeZone:    r.zone,
		Slack:       r.slack(raw.Slack),
		Admin:       r.admin(raw.Admin, raw.Slack),
		AWS:         r.aws(raw.AWS),
		Store:       r.store(raw.Store),
		Alarm:       r.alarm(raw.Alarm),
		People:      r.people(raw.People), // before the rules, which may name them
		Policy:      r.policy(raw.Policy),
		Net:         r.net(raw.Net),
		Health:      r.health(raw.Health, raw.Slack, raw.Admin),
		Checks:      r.checks(raw.Checks, raw.Health, raw.CheckDefaults),
		Schedules:   r.schedules(raw.Schedules, r.dates(raw.Holidays, "holidays")),
		Channels:    r.channels(raw.Channels, raw.AWS),
		Leases:      r.leases(raw.Leases),
		Access:      r.access(raw.Access, raw.AWS, raw.People),
		Recycle:     r.recycle(raw.Recycle),
		Limits:      r.limits(raw.Limits),
		Templates:   r.templates(raw.Templates),
		Profiles:    r.profiles(raw.Profiles, raw.Templates),
		Documents:   r.documents(raw.Documents),
		Scripts:     r.scripts(raw.Scripts),
		Maintenance: r.maintenance(raw.Maintenance),
	}
	r.knownAccounts(raw)
	r.knownPlaces(raw)
	r.heard(raw)
	return valid
}
