package vm

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// patience is how long a command waits for instances to get where they were sent.
const patience = 10 * time.Minute

// fit says whether an instance in its state can be acted upon.
type fit int

const (
	ready    fit = iota // AWS is asked
	underWay            // on its way there already: only waited for
	there               // there already: nothing to do
	unfit               // AWS would refuse
)

// action is what start, stop, reboot and terminate share: pick the instances, judge their states, ask AWS once for
// all of them, wait, and say how each one stands.
type action struct {
	Selection
	cloud Cloud

	verb string // "stop"; the command is "vm stop", where name is empty
	name string // the command, where it is another one
	done string // "Stopped"
	step string // AWS's operation: the step in the journal
	want aws.InstanceState
	// onTheWay are the states that show, together with want, that AWS has acted. None: states do not show it.
	onTheWay []aws.InstanceState
	// judge answers why, as the end of a sentence, where the instance is unfit.
	judge func(aws.Instance) (fit, string)
	ask   func(ctx context.Context, t aws.Target, ids []string, dryRun bool) error

	// Optional parts.
	before func(ctx context.Context, p picked) error                                             // a look that may refuse, before AWS is asked
	after  func(ctx context.Context, run *commands.Run, p picked) (string, commands.Tone, error) // waits for more than the state
	warn   func([]aws.Instance) []string                                                         // what to know beforehand
	note   func(before, now aws.Instance) string                                                 // what to know afterwards
	cost   func(ctx context.Context, some []aws.Instance, t aws.Target) string                   // what it will cost
	next   func(some []aws.Instance, t aws.Target) []commands.Next
	undo   string // the command that takes it back; empty where none does
	// possible leaves out what cannot be, instead of refusing all.
	possible bool
	// image makes an image of what is acted upon first, where the line asks for it.
	image Preserving
	// interrupts says that what runs on the instances stops, so that a plan looks at what leads to them.
	interrupts bool
}

func (a action) command() string { return cmp.Or(a.name, "vm "+a.verb) }

func (a action) scope(ctx context.Context) (commands.Scope, error) {
	p, err := a.find(ctx, a.cloud)
	scope := p.scope()
	if err == nil && len(p.Instances) == 0 {
		// Policy is asked of what carries the tags, although nothing does now.
		scope.Resources = []commands.Resource{{ID: commands.TagWords(a.tags()), Tags: a.tags()}}
	}
	return scope, err
}

// judged is the picked instances by what is to be done with each.
type judged struct {
	ready, underWay, there []aws.Instance
}

// moving is the instances to wait for.
func (j judged) moving() []aws.Instance { return slices.Concat(j.ready, j.underWay) }

// sort refuses all where one is unfit: AWS would do the same.
func (a action) sort(some []aws.Instance) (judged, error) {
	var j judged
	var wrong commands.Problems
	for _, i := range some {
		switch fit, why := a.judge(i); fit {
		case ready:
			j.ready = append(j.ready, i)
		case underWay:
			j.underWay = append(j.underWay, i)
		case there:
			j.there = append(j.there, i)
		default:
			wrong = append(wrong, commands.Error{
				Kind: commands.Conflict, Message: fmt.Sprintf("%s %s.", label(i), why), Hint: "Nothing was done.",
			})
		}
	}
	return j, wrong.Err()
}

// standing picks the instances in one of the two ways of a Selection, pinned or looked, and judges each.
func (a action) standing(ctx context.Context, run *commands.Run, pick func(context.Context, *commands.Run, Reader) (picked, error)) (picked, judged, error) {
	p, err := pick(ctx, run, a.cloud)
	if err != nil {
		return p, judged{}, err
	}
	if a.possible {
		if p, err = commands.Repeat(ctx, run, "leave out for "+a.step, func(ctx context.Context) (picked, error) { return a.able(ctx, p, run.Now) }); err != nil {
			return p, judged{}, err
		}
	}
	j, err := a.sort(p.Instances)
	return p, j, err
}

func (a action) plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, j, err := a.standing(ctx, run, a.pinned)
	if err != nil {
		return commands.Report{}, err
	}
	if len(j.ready) == 0 {
		return a.nothing(p), nil
	}
	if a.before != nil {
		if err := a.before(ctx, p.of(j.ready)); err != nil {
			return commands.Report{}, err
		}
	}
	verdict, tone := commands.DryRun(a.ask(ctx, p.Target, ids(j.ready), true))
	report := commands.Report{Tone: tone, Title: titled("Would "+a.verb, j.ready, ""), Where: where.Words(p.Place)}
	if tone == commands.Bad {
		report.Title = titled("AWS would refuse to "+a.verb, j.ready, "")
	}
	report.Body = append(report.Body, planTable(j.ready, run.Now))
	if rest := slices.Concat(j.underWay, j.there); len(rest) > 0 {
		report.Body = append(report.Body, commands.Text{Text: "Nothing to do for " + join(rest, standsBriefly) + "."})
	}
	lines := p.Left
	if a.warn != nil {
		lines = append(a.warn(j.ready), p.Left...)
	}
	if len(lines) > 0 {
		report.Body = append(report.Body, commands.Text{Text: strings.Join(lines, "\n")})
	}
	if a.interrupts {
		report.Body = append(report.Body, radius(ctx, a.cloud, p.Target, j.ready)...)
	}
	if a.want == aws.Terminated {
		offer, offers := a.image.offer(ctx, a.cloud, p, j.ready)
		report.Body, report.Offers = append(report.Body, offer), offers
	}
	if a.cost != nil {
		report.Body = append(report.Body, commands.Text{Text: a.cost(ctx, j.ready, p.Target)})
	}
	report.Body = append(report.Body, commands.Text{Text: verdict})
	return report, nil
}

func standsBriefly(i aws.Instance) string { return fmt.Sprintf("%s, which is %s", label(i), i.State) }

// planTable shows what an action is about, the owner included where a tag names one.
func planTable(some []aws.Instance, now time.Time) commands.Table {
	table := commands.Table{Columns: []string{"Name", "ID", "State", "Type", "Age", "Private IP", "Public IP", "Owner"}}
	for _, i := range some {
		table.Rows = append(table.Rows, []string{
			commands.OrNone(i.Name), i.ID, string(i.State), i.Type, age(i.LaunchedAt, now), commands.OrNone(i.PrivateIP), commands.OrNone(i.PublicIP), owner(i),
		})
	}
	return table
}

func owner(i aws.Instance) string {
	if id := i.Tags[commands.OwnerTag]; id != "" {
		return commands.Person(id)
	}
	for _, key := range []string{"owner", "Owner"} {
		if value := i.Tags[key]; value != "" {
			return commands.Unmarked(value)
		}
	}
	return commands.None
}

// nothing is the report where every instance is where it should be, on its way, or left alone.
func (a action) nothing(p picked) commands.Report {
	if len(p.Instances) == 0 {
		return a.nobody(p)
	}
	title := "Nothing to do for " + count(len(p.Instances))
	if len(p.Instances) == 1 {
		title = fmt.Sprintf("Nothing to do: %s is already %s", nameOf(p.Instances[0]), p.Instances[0].State)
	}
	so := join(p.Instances, func(i aws.Instance) string { return fmt.Sprintf("%s is already %s", label(i), i.State) }) + ", so nothing was done."
	return commands.Report{
		Title: title,
		Body:  commands.Blocks{commands.Text{Text: strings.Join(append([]string{so}, p.Left...), "\n")}},
		Next:  a.next(p.Instances, p.Target),
		Where: where.Words(p.Place),
	}
}

func (a action) run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, j, err := a.standing(ctx, run, a.looked)
	if err != nil {
		return commands.Report{}, err
	}
	if len(j.moving()) == 0 {
		return a.nothing(p), nil
	}
	if len(j.ready) > 0 {
		if err := a.act(ctx, run, p.of(j.ready)); err != nil {
			return commands.Report{}, err
		}
	}
	return a.finish(ctx, run, p, j)
}

// act asks AWS, once in the life of the request.
func (a action) act(ctx context.Context, run *commands.Run, p picked) error {
	if a.before != nil {
		_, err := commands.Repeat(ctx, run, "before "+a.step, func(ctx context.Context) (bool, error) { return true, a.before(ctx, p) })
		if err != nil {
			return err
		}
	}
	kept, err := a.image.keep(ctx, run, a.cloud, p, p.Instances)
	if err != nil {
		return err
	}
	run.Say(fmt.Sprintf("Asking AWS to %s %s.", a.verb, count(len(p.Instances))))
	_, err = commands.Once(ctx, run, a.step, func(ctx context.Context) (bool, error) {
		return true, a.ask(ctx, p.Target, ids(p.Instances), false)
	})
	return after(kept, err)
}

// finish waits until the moving instances are where they should be, and reports how each one stands. Where not all
// are, there is a report and an error.
func (a action) finish(ctx context.Context, run *commands.Run, p picked, j judged) (commands.Report, error) {
	moving := p.of(j.moving())
	now, err := a.await(ctx, run, moving, patience)
	if err != nil {
		return commands.Report{}, err
	}
	report := commands.Report{
		Tone: commands.Good, Title: titled(a.done, moving.Instances, ""),
		Body: commands.Blocks{resultTable(p.Instances, now)}, Next: a.next(moving.Instances, p.Target), Where: where.Words(p.Place),
	}
	if a.undo != "" && len(j.ready) > 0 { // what was on its way already is not this request's to take back
		report.Undo = lineFor(a.undo, j.ready, p.Target)
	}
	if late := a.late(moving, now); len(late) > 0 {
		return a.shortfall(report, moving, late)
	}
	if a.after != nil {
		note, tone, err := a.after(ctx, run, moving)
		if err != nil {
			report.Tone, report.Next = commands.Bad, []commands.Next{showNext(moving.Instances, p.Target)}
			return report, err
		}
		report.Tone = tone
		report.Body = append(report.Body, commands.Text{Text: note})
	}
	kept, err := a.image.keep(ctx, run, a.cloud, p, j.ready) // made before, and in the journal
	if err != nil {
		return report, err
	}
	if kept != "" {
		report.Body = append(report.Body, commands.Text{Text: kept})
	}
	if notes := append(a.notes(moving, j.there, now), p.Left...); len(notes) > 0 {
		report.Body = append(report.Body, commands.Text{Text: strings.Join(notes, "\n")})
	}
	return report, nil
}

func (a action) notes(moving picked, there []aws.Instance, now map[string]aws.Instance) []string {
	var notes []string
	for _, i := range there {
		notes = append(notes, fmt.Sprintf("%s was already %s.", label(i), i.State))
	}
	for _, i := range moving.Instances {
		if a.note == nil {
			break
		}
		if note := a.note(i, now[i.ID]); note != "" {
			notes = append(notes, note)
		}
	}
	return notes
}

// resultTable shows each instance before and after; one that AWS no longer shows is gone.
func resultTable(before []aws.Instance, now map[string]aws.Instance) commands.Table {
	table := commands.Table{Columns: []string{"Name", "ID", "Before", "Now", "Private IP", "Public IP"}}
	for _, b := range before {
		n, ok := now[b.ID]
		if !ok {
			n = aws.Instance{State: b.State, PrivateIP: b.PrivateIP, PublicIP: b.PublicIP}
		}
		table.Rows = append(table.Rows, []string{
			commands.OrNone(b.Name), b.ID, string(b.State), string(n.State), commands.OrNone(n.PrivateIP), commands.OrNone(n.PublicIP),
		})
	}
	return table
}

// late answers the instances that did not get where they should be, as they stand.
func (a action) late(p picked, now map[string]aws.Instance) []aws.Instance {
	var late []aws.Instance
	for _, i := range p.Instances {
		if n := now[i.ID]; n.State != a.want {
			late = append(late, n)
		}
	}
	return late
}

// shortfall says which instances are late.
func (a action) shortfall(report commands.Report, p picked, late []aws.Instance) (commands.Report, error) {
	report.Tone = commands.Bad
	report.Next = []commands.Next{{Label: "Look again", Line: lineFor("vm list", p.Instances, p.Target)}}
	right := len(p.Instances) - len(late)
	if right == 0 {
		report.Title = "Not " + strings.ToLower(a.done) + ": " + asked(p.Instances)
		return report, &commands.Error{Kind: commands.Failed, Message: fmt.Sprintf("AWS took the %s, but %s.", a.verb, join(late, standsAs))}
	}
	report.Title = fmt.Sprintf("%s %d of %s", a.done, right, count(len(p.Instances)))
	return report, &commands.Error{
		Kind:    commands.Failed,
		Message: fmt.Sprintf("%d of %s %s %s, but %s.", right, count(len(p.Instances)), is(right), a.want, join(late, standsAs)),
		Hint:    "Run " + commands.Mono(lineFor(a.command(), late, p.Target)) + " again for the rest.",
	}
}
