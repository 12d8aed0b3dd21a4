package net

import (
	"context"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// deed is a change between parts that are there: what the line means, with AWS's ids. It is kept in the journal.
type deed struct {
	Place aws.Place
	Would string // "let tcp 443 from 10.0.0.0/8 into web"
	Done  string // "Let tcp 443 from 10.0.0.0/8 into web"
	Undo  string // the line that takes it back, "" where none does
	Part  part   // what is changed
	Other string // id of the other part, a block, or an association
	Rules []aws.Rule
	Due   time.Time // when the rules are taken away again; zero: never
	Route aws.Route
	Notes []string

	Already bool       // it is so already: AWS is not asked, and nothing has to be taken back
	Kept    []aws.Rule // rules that were there already, whose end changes
}

// doer is what the commands share that connect parts or let them go.
type doer struct {
	where.Target
	cloud Cloud
	step  string // AWS's operation
	find  func(context.Context) (deed, error)
	so    func(aws.Network, deed) bool // whether it is so already
	do    func(context.Context, deed) error
}

func (d doer) pinned(ctx context.Context, run *commands.Run) (deed, error) {
	return commands.Repeat(ctx, run, "look up names", d.find)
}

func (d doer) scope(ctx context.Context) (commands.Scope, error) {
	x, err := d.find(ctx)
	return scopeOf(d.Target, x.Place, x.Part), err
}

func (d doer) plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	x, err := d.pinned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	report := commands.Report{Title: "Would " + x.Would, Where: where.Words(x.Place), Body: commands.Blocks{x.Part.fields()}}
	for _, note := range x.Notes {
		report.Body = append(report.Body, commands.Text{Text: note})
	}
	if x.Undo != "" {
		report.Body = append(report.Body, commands.Text{Text: commands.Mono(x.Undo) + " takes it back."})
	}
	if x.Already {
		return report, nil
	}
	verdict, err := rehearse(ctx, goesThrough(), func(ctx context.Context) error { return d.do(ctx, x) })
	if err != nil {
		return commands.Report{}, err
	}
	report.Body = append(report.Body, verdict)
	return report, nil
}

// run makes it so. What is so already stays; the answer of AWS being lost, it is looked at.
func (d doer) run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return d.ensure(ctx, run, d.do)
}

func (d doer) check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return d.ensure(ctx, run, func(_ context.Context, x deed) error {
		return &commands.Error{
			Kind: commands.Failed, Message: "AWS shows that this did not happen: " + x.Would + ".", Hint: commands.SendAgain,
		}
	})
}

func (d doer) ensure(ctx context.Context, run *commands.Run, do func(context.Context, deed) error) (commands.Report, error) {
	x, err := d.pinned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	if err := d.make(ctx, run, x, do); err != nil {
		return commands.Report{}, err
	}
	report := commands.Report{Tone: commands.Good, Title: x.Done, Where: where.Words(x.Place)}
	if x.Undo != "" {
		report.Next = []commands.Next{{Label: "Undo", Line: x.Undo}}
	}
	for _, note := range x.Notes {
		report.Body = append(report.Body, commands.Text{Text: note})
	}
	return report, nil
}

func (d doer) make(ctx context.Context, run *commands.Run, x deed, do func(context.Context, deed) error) error {
	if x.Already {
		return nil
	}
	run.Say("Asking AWS to " + x.Would)
	_, err := commands.Ensure(ctx, run, d.step, func(ctx context.Context) (bool, bool, error) {
		n, err := d.cloud.Network(ctx, d.At(), "")
		return true, err == nil && d.so(n, x), err
	}, func(ctx context.Context) (bool, error) { return true, do(ctx, x) })
	return err
}

// already makes it a deed of what is so already, and says so.
func (d *deed) already(so string) {
	d.Already, d.Undo, d.Would, d.Done = true, "", "change nothing: "+so, strings.ToUpper(so[:1])+so[1:]
}
