package bot

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"deckhand/commands"
)

// fresh begins the id of what a line makes, which has none yet: "new instance".
const fresh = "new "

// thingsOf names what a line touches, so that lines about one thing share a name: "i-0abc", "lambda counter prod us-east-1".
func thingsOf(invocation commands.Invocation, scope *commands.Scope) []string {
	noun, _, _ := strings.Cut(invocation.Command, " ")
	if noun == "lease" {
		return nil // it touches until when something stays, and its end asks for that itself
	}
	var things []string
	add := func(thing string) {
		if !slices.Contains(things, thing) {
			things = append(things, thing)
		}
	}
	if scope == nil || len(scope.Resources) == 0 {
		var said struct{ Name string }
		if json.Unmarshal(invocation.Args, &said) == nil && said.Name != "" {
			add(noun + " " + said.Name)
		}
		return things
	}
	named := func(name string) string {
		return strings.TrimSpace(noun + " " + name + " " + scope.Account + " " + scope.Region)
	}
	for _, r := range scope.Resources {
		if r.Name != "" && noun != "vm" { // several machines may have one name
			add(named(r.Name))
		}
		switch {
		case r.ID == "" || strings.HasPrefix(r.ID, fresh):
		case ofAWS(r.ID):
			add(r.ID)
		default:
			add(named(r.ID))
		}
	}
	return things
}

// ofAWS tells whether an id is one that AWS gave, and so nothing else's: an ARN, or a kind with a number.
func ofAWS(id string) bool {
	_, number, _ := strings.Cut(id, "-")
	return strings.HasPrefix(id, "arn:") || len(number) >= 8 && strings.Trim(number, "0123456789abcdef") == ""
}

// claimed are the states of what was let run.
var claimed = []State{Running, Done, Failed, Unsure, Settled} //nolint:gochecknoglobals // a constant list

// after answers the latest request that began to run since this one came to where it stands, is in one of some states and touches one of these things; nil
// where none does. The order is that of the record, whatever the clocks of several machines say.
func (e *Engine) after(ctx context.Context, r Request, things []string, states []State) (*Request, error) {
	if len(things) == 0 {
		return nil, nil
	}
	some, err := e.Store.List(ctx, Filter{States: states, Touching: things, ChangedAfter: r.ChangedAt.Add(-clocksDiffer)})
	if err != nil {
		return nil, err
	}
	mine, err := e.cameTo(ctx, r.Number, r.State)
	if err != nil {
		return nil, err
	}
	for _, other := range some {
		if other.Number == r.Number || other.Risk == commands.Read {
			continue
		}
		if began, err := e.cameTo(ctx, other.Number, Running); err != nil || began > mine {
			return &other, err
		}
	}
	return nil, nil
}

// clocksDiffer is by how much the clocks of machines that share a store may differ.
const clocksDiffer = 2 * askAgain

// cameTo answers where in the record a request came to a state, 0 where it never did.
func (e *Engine) cameTo(ctx context.Context, number int64, state State) (int64, error) {
	events, err := e.Store.Events(ctx, number)
	for _, event := range slices.Backward(events) {
		if event.To == state && event.From != state {
			return event.Seq, nil
		}
	}
	return 0, err
}

// tooLate answers why a request that waited for its turn does not run any more: a later one about the same thing ran before it. It answers ""
// where none did. What runs at once, as nearly everything does, is not looked after.
func (e *Engine) tooLate(ctx context.Context, r Request, touched touching) (string, error) {
	if e.Now().Sub(r.ChangedAt) <= settleTime || r.Risk == commands.Read {
		return "", nil
	}
	scope, err := touched()
	if err != nil {
		return "", nil //nolint:nilerr // the run says it
	}
	other, err := e.after(ctx, r, thingsOf(r.Invocation, scope), claimed)
	if other == nil || err != nil {
		return "", err
	}
	return "It waited to run, and " + about(*other) + " ran before it. What came later stands. " + stillWanted, nil
}

// overrun answers why a request that is taken over must not go on to change anything; nil where it may.
func (e *Engine) overrun(ctx context.Context, r Request) (*commands.Error, error) {
	why := ""
	if other, err := e.after(ctx, r, r.Things, claimed); err != nil {
		return nil, err
	} else if other != nil {
		why = "It was cut short, and " + about(*other) + " ran after it."
	}
	if why == "" {
		if off, err := e.putOff(ctx, r); err != nil || off == nil {
			return nil, err
		}
		why = "It was cut short, and was put off since."
	}
	return &commands.Error{Kind: commands.Uncertain, Message: why + " What came later stands, so this does not go on.", Hint: stillWanted}, nil
}

const stillWanted = "Type it again if it is still wanted."

func about(other Request) string {
	return other.ID() + " about the same, " + commands.Mono(other.Invocation.Line) + " of " + commands.Person(other.Message.Asker.User) + ","
}

// putOff answers whether what came due was put off since, as where its lease was extended in the moment in which it began to end; nil where it was not.
func (e *Engine) putOff(ctx context.Context, r Request) (*commands.Error, error) {
	if e.Leases == nil || r.Message.Source != Lease || r.Message.Of == 0 {
		return nil, nil
	}
	err := e.Leases.Still(ctx, r)
	if err == nil {
		return nil, nil
	}
	if words := commands.Words(err); words.Kind == commands.NotFound {
		if words.Stands {
			return words, nil
		}
		return nil, nil // it is gone, and the run finds that itself
	}
	return nil, err
}

// toldWhy puts why a run was not gone on with before what was seen of it.
func toldWhy(err error, stop *commands.Error) error {
	if stop == nil || err == nil {
		return err
	}
	words := commands.Words(err)
	if words.Message == stop.Message {
		return err
	}
	seen, _, cut := strings.Cut(words.Message, ", so nothing was ") // whether it never was, or was taken away since, is not known
	if cut {
		seen += "."
	}
	return &commands.Error{Kind: words.Kind, Message: stop.Message + " " + seen, Hint: stop.Hint, Err: err}
}
