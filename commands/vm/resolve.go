package vm

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// search finds the instances that a line means.
type search struct {
	target where.Target
	names  []string
	tags   map[string]string // narrows the names; selects by itself where there are none
	// narrow is what AWS filters by, besides names and tags.
	narrow aws.InstanceQuery
	// many says that the command takes several instances.
	many bool
	// reading allows patterns and several instances of one name.
	reading bool
	// dead lets names mean terminated instances too.
	dead bool
	// left leaves out what is gone, instead of saying that it is not there.
	left bool
	// ahead hears of the first of many instances while the others are on their way; it may be nil.
	ahead func(picked)
}

// picked is what a line means, as it stood when it was looked up. It is kept in the journal.
type picked struct {
	Target    aws.Target
	Place     aws.Place
	Instances []aws.Instance
	Left      []string // why others are left alone, a sentence each
}

// of is some of the instances, or others at the same place.
func (p picked) of(some []aws.Instance) picked {
	p.Instances = some
	return p
}

// find asks AWS. Every name that does not mean exactly one instance is told, all in one Error: kind NotFound or
// Ambiguous. Tags that select nothing are not an error here.
func (s search) find(ctx context.Context, cloud Reader) (picked, error) {
	words, err := readWords(s.names)
	if err != nil {
		return picked{}, err
	}
	target, err := aim(s.target, words)
	if err != nil {
		return picked{}, err
	}
	found, err := s.ask(ctx, cloud, target, words)
	if err != nil {
		return picked{}, err
	}
	p := picked{Target: target, Place: cloud.Place(ctx, target)}
	if len(words) == 0 {
		p.Instances = sorted(found)
		return p, nil
	}
	r := resolution{search: s, at: target, place: p.Place}
	for _, w := range words {
		r.resolve(w, found)
	}
	if s.left {
		r.forget()
	}
	if len(r.unknown) > 0 {
		r.suggest(ctx, cloud)
	}
	p.Instances = r.chosen
	return p, r.problems.Err()
}

// ask looks up ids, names and addresses, one query for each kind of word that is there.
func (s search) ask(ctx context.Context, cloud Reader, target aws.Target, words []word) ([]aws.Instance, error) {
	if len(words) == 0 {
		query := s.narrow
		query.Tags = s.tags
		return s.everything(ctx, cloud, target, query)
	}
	values := map[kindOfWord][]string{}
	for _, w := range words {
		values[w.kind] = append(values[w.kind], w.value)
	}
	var found []aws.Instance
	for _, kind := range slices.Sorted(maps.Keys(values)) {
		query := s.narrow
		switch kind {
		case byID:
			query.IDs = values[kind]
		case byPrivateIP:
			query.PrivateIPs = values[kind]
		default:
			query.Names = values[kind]
		}
		some, err := cloud.Instances(ctx, target, query)
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	return found, nil
}

// everything asks for what no name narrows down. That may be thousands.
func (s search) everything(ctx context.Context, cloud Reader, target aws.Target, query aws.InstanceQuery) ([]aws.Instance, error) {
	if s.ahead == nil {
		return cloud.Instances(ctx, target, query)
	}
	var all []aws.Instance
	err := cloud.EachPage(ctx, target, query, func(some []aws.Instance, more bool) error {
		if len(all) == 0 && more {
			s.ahead(picked{Target: target, Place: aws.Place{AccountName: target.Account, Region: target.Region}, Instances: slices.Clone(some)})
		}
		all = append(all, some...)
		return nil
	})
	return all, err
}

// resolution collects what the words mean and what is wrong with them.
type resolution struct {
	search
	at       aws.Target
	place    aws.Place
	chosen   []aws.Instance
	problems commands.Problems
	unknown  map[int]string // index of a problem: the name that no instance has
}

func (r *resolution) resolve(w word, found []aws.Instance) {
	if w.account != "" && r.place.AccountID != "" && w.account != r.place.AccountID {
		r.wrong(fmt.Sprintf("%s is in account %s, and this is account %s.", commands.Mono(w.text), w.account, r.place.AccountID),
			"Say which account with --account.")
		return
	}
	var alive, dead []aws.Instance
	for _, i := range sorted(found) {
		switch {
		case !w.means(i):
		case w.kind != byID && !r.dead && isDead(i.State):
			dead = append(dead, i)
		default:
			alive = append(alive, i)
		}
	}
	fitting := slices.DeleteFunc(slices.Clone(alive), func(i aws.Instance) bool { return !carries(i, r.tags) })
	switch {
	case aws.Pattern(w.value) && w.kind == byName, len(fitting) == 1, len(fitting) > 1 && r.reading:
		r.choose(fitting)
	case len(fitting) > 1:
		r.ambiguous(w, fitting)
	case len(alive) > 0:
		r.wrong(fmt.Sprintf("%s does not carry %s.", join(alive, label), commands.Mono(commands.TagWords(r.tags))),
			"Leave the tag out, or name another instance.")
	case len(dead) > 0:
		r.wrong(fmt.Sprintf("%s is %s.", join(dead[:1], label), dead[0].State),
			"A terminated instance is shown by its id for about an hour, and cannot come back.")
	default:
		r.missing(w)
	}
}

func (r *resolution) choose(some []aws.Instance) {
	for _, i := range some {
		if !slices.ContainsFunc(r.chosen, func(c aws.Instance) bool { return c.ID == i.ID }) {
			r.chosen = append(r.chosen, i)
		}
	}
}

func (r *resolution) wrong(message, hint string) {
	r.problems = append(r.problems, commands.Error{Kind: commands.NotFound, Message: message, Hint: hint})
}

func (r *resolution) ambiguous(w word, some []aws.Instance) {
	const shown = 10
	var lines []string
	choices := &commands.Choices{Of: w.text}
	for _, i := range some {
		choices.Some = append(choices.Some, commands.Choice{Label: commands.Label(i.ID, string(i.State), i.Zone, i.PrivateIP), Words: []string{i.ID}})
	}
	for _, i := range some[:min(shown, len(some))] {
		lines = append(lines, fmt.Sprintf("%s (%s)", commands.Mono(i.ID), strings.Join(slices.DeleteFunc(
			[]string{string(i.State), i.Zone, i.PrivateIP}, func(s string) bool { return s == "" }), ", ")))
	}
	if more := len(some) - shown; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	hint := "Name the one you mean by its id, such as " + commands.Mono(some[0].ID) + " in place of " + commands.Mono(w.text) + "."
	if r.many && len(some) <= shown {
		hint += " All of them: " + commands.Mono(strings.Join(ids(some), " ")) + "."
		choices.Some = append(choices.Some, commands.All(choices.Some))
	}
	r.problems = append(r.problems, commands.Error{Kind: commands.Ambiguous, Choices: choices, Hint: hint,
		Message: fmt.Sprintf("%d instances are called %s in %s: %s.", len(some), commands.Mono(w.text), r.place.Region, strings.Join(lines, ", "))})
}

func (r *resolution) missing(w word) {
	hint := commands.Mono(lineFor("vm list", nil, r.at)) + " shows what is there."
	fits := ""
	if len(r.narrow.Filters) > 0 || len(r.narrow.States) > 0 {
		fits = " and fits the other flags"
	}
	switch w.kind {
	case byID:
		r.wrong(fmt.Sprintf("No instance has the id %s in %s%s.", commands.Mono(w.value), r.place.Region, fits), hint)
	case byPrivateIP:
		r.wrong(fmt.Sprintf("No instance has the private IP %s in %s%s.", commands.Mono(w.value), r.place.Region, fits), hint)
	default:
		if r.unknown == nil {
			r.unknown = map[int]string{}
		}
		r.unknown[len(r.problems)] = w.value
		r.wrong(fmt.Sprintf("No instance is called %s in %s%s.", commands.Mono(w.value), r.place.Region, fits), hint)
	}
}

// suggest adds the nearest names that exist to the problems of unknown names. Where AWS does not answer, the
// problems stay as they are: they are true without.
func (r *resolution) suggest(ctx context.Context, cloud Reader) {
	all, err := cloud.Instances(ctx, r.at, aws.InstanceQuery{States: alive()})
	if err != nil {
		return
	}
	var names []string
	for _, i := range sorted(all) {
		if i.Name != "" {
			names = append(names, i.Name)
		}
	}
	names = slices.Compact(names)
	for index, name := range r.unknown {
		if near := commands.Nearest(name, names); len(near) > 0 {
			r.problems[index].Message += fmt.Sprintf(" The nearest is %s.", commands.Mono(near[0]))
		}
	}
}

func (w word) means(i aws.Instance) bool {
	switch {
	case w.kind == byID:
		return i.ID == w.value
	case w.kind == byPrivateIP:
		return i.PrivateIP == w.value
	case aws.Pattern(w.value):
		return aws.Wildcard(w.value, i.Name)
	default:
		return i.Name == w.value
	}
}

func carries(i aws.Instance, tags map[string]string) bool {
	for key, want := range tags {
		value, ok := i.Tags[key]
		if !ok || value != want && want != "*" {
			return false
		}
	}
	return true
}

func isDead(s aws.InstanceState) bool { return s == aws.ShuttingDown || s == aws.Terminated }

// alive is the states of instances that names may mean.
func alive() []aws.InstanceState {
	return []aws.InstanceState{aws.Pending, aws.Running, aws.Stopping, aws.Stopped}
}

// sorted orders by name and id, so that the same question has the same answer. Each instance is in it once.
func sorted(instances []aws.Instance) []aws.Instance {
	ordered := slices.SortedFunc(slices.Values(instances), func(a, b aws.Instance) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
	return slices.CompactFunc(ordered, func(a, b aws.Instance) bool { return a.ID == b.ID })
}

// forget leaves out what is gone: instances that are terminated, and names and ids that no instance has.
func (r *resolution) forget() {
	r.chosen = slices.DeleteFunc(r.chosen, func(i aws.Instance) bool { return isDead(i.State) })
	r.problems = slices.DeleteFunc(r.problems, func(e commands.Error) bool { return e.Kind == commands.NotFound })
	r.unknown = nil
}
