package check

import (
	"context"
	"reflect"
	"time"

	"deckhand/commands"
)

// neighbour is what stands where a new check is to stand.
type neighbour struct {
	Replaces Check    // gives way to the new one; the zero Check where none does
	Same     []string // others that look at the same thing in other ways
	There    bool     // the new check itself is there already
}

// beside looks for checks that a new one would be in the way of. The same check is never there twice: one that another command
// made beside something else gives way, and one that says just the same is an error of kind Usage, as is a name that is taken.
func (a *add) beside(ctx context.Context, c Check) (neighbour, error) {
	var n neighbour
	checks, err := a.book.Checks(ctx)
	if err != nil {
		return n, err
	}
	taken := false
	for _, there := range checks {
		switch {
		case there.MadeBy != "" && there.Same(c):
			n.Replaces = there
		case there.Name == c.Name && there.Owner.User == c.Owner.User && alike(there, c):
			n.There = true
		case there.Name == c.Name:
			taken = true
		case c.Kind() != Beat && alike(there, c):
			return n, usage("The check "+commands.Mono(there.Name)+" looks at "+commands.Mono(there.URL)+" already, in just this way.",
				"See it with "+commands.Mono("check show "+there.Name)+", or remove it first.")
		case there.Same(c):
			n.Same = append(n.Same, there.Name)
		}
	}
	if taken {
		return n, nameTaken(c.Name)
	}
	return n, nil
}

func nameTaken(name string) error {
	return usage("There is a check "+commands.Mono(name)+" already.", "Take another name, or remove it first: "+commands.Mono("check remove "+name)+".")
}

// alike tells whether two checks do the same, whoever added them and when.
func alike(a, b Check) bool {
	return reflect.DeepEqual(essence(a), essence(b))
}

// essence leaves out what a check is called, where it comes from, and the address that is a heartbeat's own.
func essence(c Check) Check {
	c.Name, c.Owner, c.CreatedAt, c.FromConfig, c.MadeBy, c.Hands, c.URL = "", commands.Asker{}, time.Time{}, false, "", nil, plainURL(c.URL)
	if c.Heartbeat != nil {
		beat := *c.Heartbeat
		beat.Token = ""
		c.Heartbeat = &beat
	}
	return c
}

// put adds the check, or puts it in the place of what gives way.
func (a *add) put(ctx context.Context, c Check, beside neighbour) error {
	switch {
	case beside.There:
		return nil // an earlier try got that far
	case beside.Replaces.Name != "":
		c.Hands = beside.Replaces.Hands // what stands behind it is the same
		return a.book.ReplaceCheck(ctx, beside.Replaces.Name, c)
	default:
		return a.book.AddCheck(ctx, c)
	}
}

// words tells what stands beside the new check, if anything does.
func (n neighbour) words() commands.Blocks {
	switch {
	case n.Replaces.Name != "":
		return commands.Blocks{commands.Text{Text: "It takes the place of the check " + commands.Mono(n.Replaces.Name) + ", which " + commands.Mono(n.Replaces.MadeBy) + " added."}}
	case len(n.Same) > 0:
		return commands.Blocks{commands.Text{Text: "The same address is looked at by " + commands.And(commands.Monos(n.Same)) + " in another way."}}
	default:
		return nil
	}
}
