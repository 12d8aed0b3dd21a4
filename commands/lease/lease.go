// Package lease holds the ends of what was made for a time: who is told before, what stops and what is removed then, and the
// commands that list, extend and end leases.
package lease

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/schedule"
)

// Lease is what one request made, and until when it may stay.
type Lease struct {
	Request int64          `json:"request"`
	Owner   commands.Asker `json:"owner"` // with whose rights it ends
	Line    string         `json:"line"`  // that made it
	Undo    string         `json:"undo"`  // that removes it
	MadeAt  time.Time      `json:"made_at"`
	Ends    time.Time      `json:"ends"`
	// Late is when the end was noticed by a deckhand that had been away; zero where it came in time.
	Late time.Time `json:"late,omitzero"`
}

// Book keeps leases with their acts; each method is one transaction.
type Book interface {
	// PutLease writes a lease in the place of the request's earlier one, puts acts, and takes those with the other keys away.
	PutLease(ctx context.Context, l Lease, acts []schedule.Act, without ...string) error
	// Leases answers all, the earliest end first.
	Leases(ctx context.Context) ([]Lease, error)
	// RemoveLease takes a lease away with the acts of these keys.
	RemoveLease(ctx context.Context, request int64, keys ...string) error
	// Acts answers what is due at a time; the zero time selects all that comes.
	Acts(ctx context.Context, due time.Time) ([]schedule.Act, error)
}

// Tagger writes the tags that carry the end; nil where nothing is reached.
type Tagger interface {
	Place(ctx context.Context, t aws.Target) aws.Place
	// Tagged answers the ids of everything of EC2's that carries a tag.
	Tagged(ctx context.Context, t aws.Target, key, value string) ([]string, error)
	TagInstances(ctx context.Context, t aws.Target, ids []string, tags map[string]string, dryRun bool) error
	// Stack answers the zero Stack where there is none of this name.
	Stack(ctx context.Context, t aws.Target, name string) (aws.Stack, error)
	// UpdateStack answers false where nothing would change. The same token again is the same request.
	UpdateStack(ctx context.Context, t aws.Target, change aws.StackChange) (bool, error)
	WaitForStack(ctx context.Context, t aws.Target, stack string, progress func(aws.Stack)) (aws.Stack, error)
	// Instances answers those that there are; an id that does not exist is left out.
	Instances(ctx context.Context, t aws.Target, q aws.InstanceQuery) ([]aws.Instance, error)
	Network(ctx context.Context, t aws.Target, vpc string) (aws.Network, error)
	Served
}

// Served finds, and writes tags on, load balancers, functions and APIs.
type Served interface {
	LoadBalancers(ctx context.Context, t aws.Target, q aws.LoadBalancerQuery) ([]aws.LoadBalancer, error)
	TargetGroups(ctx context.Context, t aws.Target, q aws.TargetGroupQuery) ([]aws.TargetGroup, error)
	Listeners(ctx context.Context, t aws.Target, loadBalancer string) ([]aws.Listener, error)
	TagBalancing(ctx context.Context, t aws.Target, arns []string, tags map[string]string) error
	Function(ctx context.Context, t aws.Target, name, qualifier string) (aws.Function, error)
	TagFunction(ctx context.Context, t aws.Target, arn string, tags map[string]string) error
	Role(ctx context.Context, t aws.Target, name string) (aws.Role, error)
	TagRole(ctx context.Context, t aws.Target, name string, tags map[string]string) error
	Table(ctx context.Context, t aws.Target, name string) (aws.CountTable, error)
	TagTable(ctx context.Context, t aws.Target, arn string, tags map[string]string) error
	APIs(ctx context.Context, t aws.Target) ([]aws.API, error)
	APIDomains(ctx context.Context, t aws.Target) ([]aws.APIDomain, error)
	// TagAPI writes tags on "apis/ID" or "domainnames/NAME".
	TagAPI(ctx context.Context, t aws.Target, path string, tags map[string]string) error
}

// Terms are what the configuration says of all leases.
type Terms struct {
	Warn, Grace time.Duration
	Max         time.Duration // 0: any
	StopOnly    bool          // nothing is removed by itself
	Bin         time.Duration // how long what is terminated stays in the recycle bin first; 0: not at all
}

// Desk begins and ends leases.
type Desk struct {
	Book  Book
	Terms Terms
	Cloud Tagger // nil where nothing is reached
	// Running answers the request that is running a line which came due of what a request made, "" where none is; nil: nobody knows.
	Running func(ctx context.Context, of int64, line string) (string, error)
}

const (
	machines     = "vm terminate "
	applications = "app down "
	ifThere      = " --if-there" // what is gone already is no failure
)

// again is when, after its end, the owner is told once more of what is not stopped and not removed by itself.
func again() []time.Duration { return []time.Duration{24 * time.Hour, 72 * time.Hour, 168 * time.Hour} }

// ID is the request's name.
func (l Lease) ID() string { return fmt.Sprintf("R-%d", l.Request) }

// stop is the line that stops what can be stopped, "" where nothing can.
func (l Lease) stop() string {
	if rest, ok := strings.CutPrefix(l.Undo, machines); ok {
		return "vm stop " + rest + ifThere
	}
	return ""
}

// remove is the line of the real end.
func (l Lease) remove() string {
	if strings.HasPrefix(l.Undo, machines) {
		return l.Undo + ifThere
	}
	return l.Undo
}

// removed is when it is removed, the zero time where it never is by itself.
func (t Terms) removed(l Lease) time.Time {
	switch {
	case t.StopOnly:
		return time.Time{}
	case l.stop() != "" && l.Late.After(l.Ends):
		return l.Late.Add(t.Grace)
	case l.stop() != "":
		return l.Ends.Add(t.Grace)
	case l.Late.After(l.Ends):
		return l.Late.Add(t.Warn)
	default:
		return l.Ends
	}
}

// byHand are the terms of a lease that somebody ends: what cannot be stopped is removed then, whatever happens by itself.
func (t Terms) byHand(l Lease) Terms {
	if l.stop() == "" {
		t.StopOnly = false
	}
	return t
}

func (l Lease) key(what string) string { return "lease " + l.ID() + " " + what }

func (l Lease) keys() []string {
	keys := []string{l.key("warn"), l.key("stop"), l.key("end")}
	for _, later := range again() {
		keys = append(keys, l.key("again "+later.String()))
	}
	return keys
}

// acts answers what comes due of a lease from a moment on: the warning of one that is shorter than that comes at once. It is left out
// of one that somebody ends.
func (t Terms) acts(l Lease, by commands.Asker, warn bool, from time.Time) []schedule.Act {
	act := func(what, line string, due time.Time) schedule.Act {
		asker := by
		asker.Thread = ""
		return schedule.Act{Key: l.key(what), Due: due, Line: line, Asker: asker, Of: l.Request, Reason: "the lease of " + l.ID() + " is over"}
	}
	var acts []schedule.Act
	if warn {
		due := l.Ends.Add(-t.Warn)
		if due.Before(from) {
			due = from
		}
		first := act("warn", "lease show "+l.ID(), due)
		first.Private, first.Reason = true, "the lease of "+l.ID()+" ends"
		acts = append(acts, first)
	}
	if line := l.stop(); line != "" {
		acts = append(acts, act("stop", line, l.Ends))
	}
	switch at := t.removed(l); {
	case !at.IsZero():
		acts = append(acts, act("end", l.remove(), at))
	case l.stop() == "":
		tell := func(what string, due time.Time) {
			told := act(what, "lease show "+l.ID(), due)
			told.Private = true
			acts = append(acts, told)
		}
		tell("end", l.Ends)
		for _, later := range again() {
			tell("again "+later.String(), l.Ends.Add(later))
		}
	}
	return acts
}

// Begin writes down the lease of what a request made, and answers it in words. Beginning again changes nothing.
func (d Desk) Begin(ctx context.Context, l Lease, now time.Time) (string, error) {
	if err := d.Book.PutLease(ctx, l, d.Terms.acts(l, l.Owner, true, now)); err != nil {
		return "", err
	}
	return "It may stay until " + commands.At(l.Ends) + ". " + d.Terms.then(l) + " " + commands.Mono("lease extend "+l.ID()+" --by 4h") + " makes it longer.", nil
}

// then says what happens at the end.
func (t Terms) then(l Lease) string {
	at := t.removed(l)
	switch {
	case l.stop() != "" && at.IsZero():
		return "Then it is stopped."
	case l.stop() != "" && t.Bin > 0:
		return "Then it is stopped, and put into the recycle bin at " + commands.At(at) + ", from where it is terminated at " + commands.At(at.Add(t.Bin)) + "."
	case l.stop() != "":
		return "Then it is stopped, and terminated at " + commands.At(at) + "."
	case at.IsZero():
		return "Then " + commands.Person(l.Owner.User) + " is told, and again after 1, 3 and 7 days; nothing is removed by itself. " + commands.Mono("lease end "+l.ID()) + " removes it."
	case at.After(l.Ends):
		return commands.Mono(l.remove()) + " removes it at " + commands.At(at) + ", because deckhand was not running when its owner was to be told."
	default:
		return "Then " + commands.Mono(l.remove()) + " removes it."
	}
}

// Done hears of every line that was done, with the one that takes it back: one that removes what is on lease ends the lease. Of any other line on machines
// whose lease is over, as one that stops them at its end or starts them again, it answers what is still to come.
func (d Desk) Done(ctx context.Context, line, undo string, now time.Time) (string, error) {
	leases, err := d.Book.Leases(ctx)
	if err != nil {
		return "", err
	}
	touched := strings.Fields(line + " " + undo)
	words := ""
	for _, l := range leases {
		if line == l.Undo || line == l.remove() {
			if err := d.Book.RemoveLease(ctx, l.Request, l.keys()...); err != nil {
				return "", err
			}
			continue
		}
		_, ids := l.instances()
		if at := d.Terms.removed(l); !now.Before(l.Ends) && at.After(now) && slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(touched, id) }) {
			words = "The lease of " + l.ID() + " is over: " + d.Terms.goes() + " " + commands.At(at) + ", running or not. " + commands.Mono("lease extend "+l.ID()+" --by 4h") + " keeps it longer."
		}
	}
	return words, nil
}

// goes says how a machine goes.
func (t Terms) goes() string {
	if t.Bin > 0 {
		return "it is put into the recycle bin at"
	}
	return "it is terminated at"
}

// Gone hears that what a request made is not there any more: its lease ends.
func (d Desk) Gone(ctx context.Context, request int64) error {
	l := Lease{Request: request}
	return d.Book.RemoveLease(ctx, request, l.keys()...)
}

// find answers the lease that a word means: R-42, or a name in the line that made it or removes it.
func (d Desk) find(ctx context.Context, word string) (Lease, error) {
	leases, err := d.Book.Leases(ctx)
	if err != nil {
		return Lease{}, err
	}
	var found []Lease
	for _, l := range leases {
		if strings.EqualFold(word, l.ID()) {
			return l, nil
		}
		if slices.Contains(strings.Fields(l.Line+" "+l.Undo), commands.Quote(word)) {
			found = append(found, l)
		}
	}
	hint := commands.Mono("lease list") + " shows what there is."
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return Lease{}, &commands.Error{Kind: commands.NotFound, Message: "There is no lease of " + commands.Mono(word) + ".", Hint: hint}
	}
	var names []string
	choices := &commands.Choices{Of: word}
	for _, l := range found {
		names = append(names, l.ID())
		choices.Some = append(choices.Some, commands.Choice{Label: commands.Label(l.ID(), l.Line), Words: []string{l.ID()}})
	}
	return Lease{}, &commands.Error{Choices: choices, Kind: commands.Ambiguous, Message: commands.Mono(word) + " is in the leases of " + commands.And(names) + ".", Hint: "Name the request: " + commands.Mono("lease extend "+names[0]+" --by 4h") + "."}
}
