package guard

import (
	"context"
	"slices"
	"strings"
	"time"

	"deckhand/commands"
)

// freeze is freeze.
type freeze struct {
	Target   string   `arg:"environment" required:"" value:"ENV" help:"What the tag env says, an account's name, or all."`
	End      []string `arg:"until" raw:"" value:"until WHEN" help:"until \"Mon 09:00\", \"2026-12-01 09:00\" or 4h; without it, until unfreeze."`
	Until    string   `flag:"until" value:"WHEN" help:"The same, as a flag."`
	TimeZone string   `flag:"time-zone" alias:"timezone,tz" default:"UTC" value:"ZONE" help:"IANA name such as Europe/Berlin."`
	Reason   string   `flag:"reason" required:"" value:"TEXT" help:"Why; shown to everybody who is held back."`

	book Book
}

// Validate reads the end, as far as it can without knowing the time.
func (f *freeze) Validate() error {
	_, err := f.end(time.Unix(0, 0))
	return err
}

func (f *freeze) end(now time.Time) (time.Time, error) {
	words := f.End
	if len(words) > 0 && strings.EqualFold(words[0], "until") {
		words = words[1:]
	}
	text := strings.Join(words, " ")
	if text != "" && f.Until != "" {
		return time.Time{}, &commands.Error{Kind: commands.Usage, Message: "The end is given twice.", Hint: "Write it once."}
	}
	if text == "" {
		text = f.Until
	}
	return when(text, f.TimeZone, now)
}

func (f *freeze) guard(run *commands.Run) (Guard, error) {
	until, err := f.end(run.Now)
	return Guard{Kind: Freeze, Target: environment(f.Target), Owner: run.Asker.User, Reason: f.Reason, Since: run.Now, Until: until}, err
}

// Run freezes.
func (f *freeze) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return set(ctx, run, f.book, f.guard)
}

// Plan tells what would be frozen.
func (f *freeze) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return would(ctx, run, f.book, f.guard)
}

// lock is lock.
type lock struct {
	Target   string `arg:"target" required:"" value:"TARGET" help:"A name, an id, or TAG/VALUE such as app/shop."`
	Until    string `flag:"until" value:"WHEN" help:"\"Mon 09:00\", \"2026-12-01 09:00\" or 4h; without it, until unlock."`
	TimeZone string `flag:"time-zone" alias:"timezone,tz" default:"UTC" value:"ZONE" help:"IANA name such as Europe/Berlin."`
	Reason   string `flag:"reason" required:"" value:"TEXT" help:"Why; shown to everybody who is held back."`

	book Book
}

// Validate reads the end, as far as it can without knowing the time.
func (l *lock) Validate() error {
	_, err := when(l.Until, l.TimeZone, time.Unix(0, 0))
	return err
}

func (l *lock) guard(run *commands.Run) (Guard, error) {
	until, err := when(l.Until, l.TimeZone, run.Now)
	return Guard{Kind: Lock, Target: l.Target, Owner: run.Asker.User, Reason: l.Reason, Since: run.Now, Until: until}, err
}

// Run locks.
func (l *lock) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return set(ctx, run, l.book, l.guard)
}

// Plan tells what would be locked.
func (l *lock) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return would(ctx, run, l.book, l.guard)
}

// standing is the guard of the same kind and target that holds now.
func standing(ctx context.Context, book Book, kind Kind, target string, now time.Time) (Guard, bool, error) {
	guards, err := book.Guards(ctx)
	i := slices.IndexFunc(guards, func(g Guard) bool { return g.Kind == kind && g.Target == target && !g.over(now) })
	if err != nil || i < 0 {
		return Guard{}, false, err
	}
	return guards[i], true, nil
}

// free answers an error where somebody else has set the same guard.
func free(ctx context.Context, book Book, g Guard) error {
	there, found, err := standing(ctx, book, g.Kind, g.Target, g.Since)
	if err != nil || !found || there.Owner == g.Owner {
		return err
	}
	return &commands.Error{Kind: commands.Denied, Message: there.words(), Hint: "Nothing was done; it has to be lifted first."}
}

// set writes a guard. The owner may set it again, with another end or reason.
func set(ctx context.Context, run *commands.Run, book Book, of func(*commands.Run) (Guard, error)) (commands.Report, error) {
	g, err := commands.Repeat(ctx, run, "read the end", func(context.Context) (Guard, error) { return of(run) })
	if err != nil {
		return commands.Report{}, err
	}
	_, err = commands.Repeat(ctx, run, "set the guard", func(ctx context.Context) (bool, error) {
		if err := free(ctx, book, g); err != nil {
			return false, err
		}
		return true, book.PutGuard(ctx, g)
	})
	if err != nil {
		return commands.Report{}, err
	}
	undo := "unfreeze " + commands.Quote(g.Target)
	if g.Kind == Lock {
		undo = "unlock " + commands.Quote(g.Target)
	}
	return commands.Report{
		Tone: commands.Good, Title: g.Target + " is " + g.verb(),
		Body: commands.Blocks{commands.Text{Text: g.words() + " " + scopeWords(g)}},
		Next: []commands.Next{{Label: "Undo", Line: undo}, {Label: "Freezes and locks", Line: "freeze list"}},
	}, nil
}

func would(ctx context.Context, run *commands.Run, book Book, of func(*commands.Run) (Guard, error)) (commands.Report, error) {
	g, err := of(run)
	if err == nil {
		err = free(ctx, book, g)
	}
	if err != nil {
		return commands.Report{}, err
	}
	return commands.Report{Title: g.Target + " would be " + g.verb(), Body: commands.Blocks{commands.Text{Text: scopeWords(g)}}}, nil
}

func scopeWords(g Guard) string {
	switch {
	case g.Kind == Lock:
		return "Nobody but its owner can change what bears this name or tag."
	case g.Target == everything:
		return "Nobody can change anything in AWS."
	}
	return "Nobody can change what is tagged " + commands.Mono(environmentTag+"="+g.Target) + ", or what has no such tag."
}

// release is unfreeze and unlock.
type release struct {
	Target string `arg:"target" required:"" value:"TARGET" help:"What is frozen or locked."`
	Force  bool   `flag:"force" help:"Although somebody else set it."`

	book Book
	kind Kind
}

func (r *release) find(ctx context.Context, run *commands.Run) (Guard, error) {
	target := r.Target
	if r.kind == Freeze {
		target = environment(target)
	}
	g, found, err := standing(ctx, r.book, r.kind, target, run.Now)
	switch {
	case err != nil:
		return g, err
	case !found:
		return g, &commands.Error{Kind: commands.NotFound, Message: commands.Mono(r.Target) + " is not " + Guard{Kind: r.kind}.verb() + ".", Hint: "See all with " + commands.Mono("freeze list") + "."}
	case g.Owner != run.Asker.User && !r.Force:
		return g, &commands.Error{Kind: commands.Denied, Message: g.words(), Hint: "Talk to them first; " + commands.Mono("--force") + " lifts it all the same."}
	}
	return g, nil
}

// Run lifts a guard.
func (r *release) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	g, err := commands.Repeat(ctx, run, "find the guard", func(ctx context.Context) (Guard, error) { return r.find(ctx, run) })
	if err != nil {
		return commands.Report{}, err
	}
	_, err = commands.Repeat(ctx, run, "lift the guard", func(ctx context.Context) (bool, error) {
		return r.book.RemoveGuard(ctx, g.Kind, g.Target)
	})
	if err != nil {
		return commands.Report{}, err
	}
	return commands.Report{
		Tone: commands.Good, Title: g.Target + " is not " + g.verb() + " any more",
		Body: commands.Blocks{commands.Text{Text: "It was " + g.verb() + " by " + commands.Person(g.Owner) + ": " + g.Reason}},
		Next: []commands.Next{{Label: "Undo", Line: again(g)}},
	}, nil
}

// Plan tells what would be lifted.
func (r *release) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	g, err := r.find(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	return commands.Report{Title: "Would lift the " + string(g.Kind) + " of " + g.Target, Body: commands.Blocks{commands.Text{Text: g.words()}}}, nil
}

// again is the line that sets a guard as it was.
func again(g Guard) string {
	line := string(g.Kind) + " " + commands.Quote(g.Target)
	if !g.Until.IsZero() {
		line += " --until " + g.Until.Format(time.RFC3339)
	}
	return line + " --reason " + commands.Quote(g.Reason)
}

type list struct{ book Book }

// Run lists what holds now.
func (l *list) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	guards, err := l.book.Guards(ctx)
	if err != nil {
		return commands.Report{}, err
	}
	table := commands.Table{Columns: []string{"What", "Is", "By", "Until", "Why"}}
	for _, g := range guards {
		if g.over(run.Now) {
			continue
		}
		until := "it is lifted"
		if !g.Until.IsZero() {
			until = commands.At(g.Until)
		}
		table.Rows = append(table.Rows, []string{g.Target, g.verb(), commands.Person(g.Owner), until, g.Reason})
	}
	if len(table.Rows) == 0 {
		return commands.Report{Title: "Nothing is frozen or locked"}, nil
	}
	return commands.Report{Title: "Freezes and locks", Body: commands.Blocks{table}}, nil
}
