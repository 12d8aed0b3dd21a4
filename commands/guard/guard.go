// Package guard holds the commands that keep others from changing things for a while: a freeze of an environment, which
// holds everybody back, and a lock on one thing, which holds everybody back but its owner.
package guard

import (
	"context"
	"slices"
	"strings"
	"time"

	"deckhand/commands"
)

// Kind is freeze or lock.
type Kind string

// The kinds.
const (
	Freeze Kind = "freeze"
	Lock   Kind = "lock"
)

// Guard is one freeze or one lock.
type Guard struct {
	Kind   Kind
	Target string // an environment or "all" for a freeze; a name, an id or TAG/VALUE for a lock
	Owner  string // who set it, as askers are named
	Reason string
	Since  time.Time
	Until  time.Time // zero: until it is taken away
}

// Book keeps guards. A kind has one guard of a target at most.
type Book interface {
	Guards(ctx context.Context) ([]Guard, error)
	// PutGuard writes a guard in the place of the one of the same kind and target.
	PutGuard(ctx context.Context, g Guard) error
	// RemoveGuard answers false where there is none.
	RemoveGuard(ctx context.Context, kind Kind, target string) (bool, error)
}

// Commands is the group.
func Commands(book Book) []commands.Command {
	return []commands.Command{
		{Name: "freeze", Summary: "Let nobody change an environment for a while", Example: `freeze prod until "Mon 09:00" --reason "quarter end"`, Undo: commands.Mono("unfreeze") + " of the same.",
			Risk: commands.Change,
			New:  func() commands.Runner { return &freeze{book: book} }},
		{Name: "unfreeze", Summary: "End a freeze", Example: "unfreeze prod", Undo: commands.Mono("freeze") + " with what it was.",
			Risk: commands.Change,
			New:  func() commands.Runner { return &release{book: book, kind: Freeze} }},
		{Name: "lock", Summary: "Let nobody but you change one thing", Example: `lock app/shop --reason "deploying 1.4"`, Undo: commands.Mono("unlock") + " of the same.",
			Risk: commands.Change,
			New:  func() commands.Runner { return &lock{book: book} }},
		{Name: "unlock", Summary: "Give a lock back", Example: "unlock app/shop", Undo: commands.Mono("lock") + " with what it was.",
			Risk: commands.Change,
			New:  func() commands.Runner { return &release{book: book, kind: Lock} }},
		{Name: "freeze list", Aliases: []string{"lock list", "freezes", "locks"}, Summary: "List freezes and locks", Example: "freeze list", Local: true,
			New: func() commands.Runner { return &list{book: book} }},
	}
}

// over tells whether a guard has ended.
func (g Guard) over(now time.Time) bool { return !g.Until.IsZero() && !now.Before(g.Until) }

// Verb is how a guard is said: "prod is frozen".
func (g Guard) verb() string {
	if g.Kind == Freeze {
		return "frozen"
	}
	return "locked"
}

// words says who, until when and why.
func (g Guard) words() string {
	target := g.Target
	if target == everything {
		target = "Everything"
	}
	out := target + " is " + g.verb() + " by " + commands.Person(g.Owner)
	if !g.Until.IsZero() {
		out += " until " + commands.At(g.Until)
	}
	if g.Reason != "" {
		return out + ": " + strings.TrimRight(g.Reason, ".") + "."
	}
	return out + "."
}

// everything is the target of a freeze of all environments.
const everything = "all"

// environment reads what people call all environments. Who types "freeze everything" means it.
func environment(target string) string {
	switch strings.ToLower(target) {
	case everything, "everything", "everywhere", "*":
		return everything
	}
	return target
}

// environmentTag is the tag that says which environment a resource belongs to.
const environmentTag = "env"

// holds tells whether a guard is about a resource. One that does not say its environment may be of any.
func (g Guard) holds(r commands.Resource, account string) bool {
	if g.Kind == Freeze {
		env, tagged := r.Tags[environmentTag]
		return g.Target == everything || !tagged || strings.EqualFold(env, g.Target) || account != "" && strings.EqualFold(account, g.Target)
	}
	if r.Name == g.Target || r.ID == g.Target {
		return true
	}
	key, value, pair := strings.Cut(g.Target, "/")
	return pair && (r.Tags[key] == value || r.Name == value || r.ID == value)
}

// Watch tells what guards hold back.
type Watch struct{ Book Book }

// Stops answers an Error of kind Denied where a guard holds a change back. Scope is asked for only where there is a guard.
func (w Watch) Stops(ctx context.Context, asker commands.Asker, now time.Time, scope func() (*commands.Scope, error)) error {
	guards, err := w.Book.Guards(ctx)
	if err != nil {
		return err
	}
	guards = slices.DeleteFunc(guards, func(g Guard) bool { return g.over(now) || g.Kind == Lock && g.Owner == asker.User })
	if len(guards) == 0 {
		return nil
	}
	touched, err := scope()
	if err != nil || touched == nil {
		return err
	}
	resources := touched.Resources
	if len(resources) == 0 {
		resources = []commands.Resource{{}} // something new, without tags
	}
	for _, g := range guards {
		for _, r := range resources {
			if g.holds(r, touched.Account) {
				return stopped(g, r)
			}
		}
	}
	return nil
}

func stopped(g Guard, r commands.Resource) error {
	message := g.words()
	if _, tagged := r.Tags[environmentTag]; g.Kind == Freeze && g.Target != everything && !tagged {
		message += " What this line touches has no tag " + commands.Mono(environmentTag) + ", so it counts as " + g.Target + "."
	}
	undo := "unfreeze " + commands.Quote(g.Target)
	if g.Kind == Lock {
		undo = "unlock " + commands.Quote(g.Target)
	}
	return &commands.Error{Kind: commands.Denied, Message: message, Hint: "Wait, or have it lifted: " + commands.Mono(undo) + "."}
}
