package app

import (
	"context"
	"fmt"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// Down is app down.
type Down struct {
	where.Target
	Name string `arg:"name" alias:"name,stack-name" required:"" value:"NAME" help:"Name of the application."`

	room Room
}

// doomed is what goes. It is kept in the journal: what was approved is what is deleted.
type doomed struct {
	Target   aws.Target
	Place    aws.Place
	Stack    aws.Stack
	Parts    []aws.StackPart
	Machines []aws.Instance
	Check    string // "": none
	Others   others
}

func (c *Down) planned(ctx context.Context, run *commands.Run) (doomed, error) {
	return commands.Repeat(ctx, run, "look up what goes", c.resolve)
}

func (c *Down) resolve(ctx context.Context) (doomed, error) {
	d := doomed{Target: c.At(), Place: c.room.Cloud.Place(ctx, c.At())}
	var err error
	if d.Stack, err = find(ctx, c.room.Cloud, d.Target, c.Name); err != nil {
		return d, err
	}
	if err := undeletable(d.Target, d.Stack); err != nil {
		return d, err
	}
	v, err := look(ctx, c.room, d.Target, d.Stack)
	if err != nil {
		return d, err
	}
	for _, p := range v.parts {
		if p.Real != "" && p.Status != "DELETE_COMPLETE" {
			d.Parts = append(d.Parts, p)
		}
	}
	d.Others, d.Machines = c.strangers(ctx, d.Target, v)
	if err := d.Others.refusal(d.Stack.Name); err != nil && d.Stack.Status != "DELETE_IN_PROGRESS" {
		return d, err
	}
	if one, ok := checkOf(ctx, c.room.Book, d.Target, d.Stack); ok && one.Name == checkName(d.Stack) && !one.FromConfig {
		d.Check = one.Name
	}
	return d, nil
}

// undeletable says why CloudFormation would not begin to delete a stack.
func undeletable(t aws.Target, s aws.Stack) error {
	switch {
	case s.Moving() && s.Status != "DELETE_IN_PROGRESS" && s.Status != "CREATE_IN_PROGRESS":
		return &commands.Error{
			Kind: commands.Conflict, Message: says(s) + ", and CloudFormation deletes no stack that moves, so nothing was done.",
			Hint: "Wait for its end: " + commands.Mono(where.Line(t, "app status", s.Name)) + ".",
		}
	case s.Protected:
		return &commands.Error{
			Kind: commands.Conflict, Message: s.Name + " is protected against deletion in CloudFormation, so nothing was done.",
			Hint: "Whoever put the protection there takes it off: `aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name " + s.Name + "`.",
		}
	}
	return nil
}

// Scope is the application and its machines.
func (c *Down) Scope(ctx context.Context) (commands.Scope, error) {
	return scope(ctx, c.room.Cloud, c.At(), c.Name)
}

// Plan lists everything that goes.
func (c *Down) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	d, err := c.planned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	table := commands.Table{Columns: []string{"Part", "Type", "ID"}}
	for _, p := range d.Parts {
		table.Rows = append(table.Rows, []string{p.Name, p.Type, p.Real})
	}
	for _, i := range d.Machines {
		table.Rows = append(table.Rows, []string{"Machine", i.Type, i.ID})
	}
	r := commands.Report{
		Title: "Would take " + d.Stack.Name + " down", Where: where.Words(d.Place), Tone: commands.Warning,
		Body: commands.Blocks{table, commands.Text{Text: "All of this would be deleted, with the machines' disks. Nothing of it is kept, and nothing brings it back." + d.checkWords()}},
	}
	if len(table.Rows) == 0 {
		r.Body = commands.Blocks{commands.Text{Text: "Nothing of it is left but its record in CloudFormation, which would be removed." + d.checkWords()}}
	}
	if words := d.Others.words(); words != "" {
		r.Body = append(r.Body, commands.Text{Text: words})
	}
	return r, nil
}

func (d doomed) checkWords() string {
	if d.Check == "" {
		return ""
	}
	return " The check " + commands.Mono(d.Check) + " goes too."
}

// Run deletes the stack and waits until it is gone.
func (c *Down) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	d, err := c.planned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	run.Say("Taking " + d.Stack.Name + " down")
	_, err = commands.Repeat(ctx, run, "DeleteStack", func(ctx context.Context) (bool, error) {
		return true, c.room.Cloud.DeleteStack(ctx, d.Target, d.Stack.ID, run.Token)
	})
	if err != nil {
		now, unseen := c.room.Cloud.Stack(ctx, d.Target, d.Stack.ID)
		if moves := undeletable(d.Target, now); unseen == nil && moves != nil && commands.Words(err).Kind == commands.Usage {
			return commands.Report{}, moves
		}
		return commands.Report{}, err
	}
	return c.finish(ctx, run, d)
}

// Check looks, after a run whose end is not known, whether the stack goes.
func (c *Down) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	if answered(ctx, run, "DeleteStack") {
		return c.Run(ctx, run)
	}
	d, err := c.planned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	s, err := c.room.Cloud.Stack(ctx, d.Target, d.Stack.ID)
	if err != nil {
		return commands.Report{}, &commands.Error{
			Kind: commands.Uncertain, Message: "AWS does not say whether the stack goes: " + commands.Words(err).Message,
			Hint: commands.Mono(where.Line(d.Target, "app status", c.Name)) + " shows it once AWS answers.", Err: err,
		}
	}
	if s.ID != "" && !strings.HasPrefix(s.Status, "DELETE_") {
		return commands.Report{}, &commands.Error{Kind: commands.Failed, Message: "AWS shows that " + commands.Mono(s.Name) + " is still there and does not go: nothing was deleted.", Hint: "Send the line again if it shall go."}
	}
	return c.finish(ctx, run, d)
}

func (c *Down) finish(ctx context.Context, run *commands.Run, d doomed) (commands.Report, error) {
	f := &follower{room: c.room, run: run, target: d.Target, stack: d.Stack.ID, token: run.Token}
	s, err := follow(ctx, f)
	if err != nil {
		return commands.Report{
			Title: d.Stack.Name + " was not seen to go", Where: where.Words(d.Place), Next: []commands.Next{{Label: "Status", Line: where.Line(d.Target, "app status", c.Name)}},
			Body: commands.Blocks{commands.Text{Text: "CloudFormation was asked to take it away, and goes on with it by itself. The same line again looks how far it is."}},
		}, err
	}
	if s.Status != "DELETE_COMPLETE" {
		return c.left(ctx, d, s, f)
	}
	if err := c.forgetCheck(ctx, run, d); err != nil {
		return commands.Report{}, err
	}
	table := commands.Table{Columns: []string{"Gone", "Type", "ID"}}
	for _, p := range d.Parts {
		table.Rows = append(table.Rows, []string{p.Name, p.Type, p.Real})
	}
	for _, i := range d.Machines {
		table.Rows = append(table.Rows, []string{"Machine", i.Type, i.ID})
	}
	r := commands.Report{Tone: commands.Good, Title: d.Stack.Name + " is down, everything of it is gone", Where: where.Words(d.Place)}
	if len(table.Rows) > 0 {
		r.Body = commands.Blocks{table}
	}
	if len(d.Others.Behind) > 0 {
		r.Body = append(r.Body, commands.Text{Text: "What others had registered behind it goes on running: " + commands.And(d.Others.Behind) + "."})
	}
	if kept := keptParts(f.events); len(kept) > 0 {
		r.Tone, r.Title = commands.Warning, d.Stack.Name+" is down, some of it is kept"
		r.Body = append(r.Body, commands.Text{Text: "Kept, because its template says so: " + strings.Join(kept, ", ") + ". It may go on costing money."})
	}
	return r, nil
}

// keptParts are the parts that CloudFormation left where they were.
func keptParts(events []aws.StackEvent) []string {
	var kept []string
	for _, e := range events {
		if e.Status == "DELETE_SKIPPED" {
			kept = append(kept, e.Part+" ("+commands.Mono(e.Real)+")")
		}
	}
	return kept
}

// left tells what could not be deleted.
func (c *Down) left(ctx context.Context, d doomed, s aws.Stack, f *follower) (commands.Report, error) {
	r := commands.Report{Title: s.Name + " is not gone", Where: where.Words(d.Place), Next: []commands.Next{
		{Label: "Again", Line: where.Line(d.Target, "app down", s.Name), Style: "danger", Confirm: "Take down what is left of " + s.Name + "?"},
	}}
	if parts, err := c.room.Cloud.StackParts(ctx, d.Target, s.ID); err == nil {
		r.Body = commands.Blocks{partsTable(parts)}
	}
	return r, &commands.Error{
		Kind: commands.Failed, Message: fmt.Sprintf("Not all of %s could be deleted. %s", s.Name, f.why(s)),
		Hint: "Remove what stands in its way, then send the same line again: it goes on with what is left.",
	}
}

// forgetCheck removes the check that came with the application.
func (c *Down) forgetCheck(ctx context.Context, run *commands.Run, d doomed) error {
	if d.Check == "" {
		return nil
	}
	_, err := commands.Repeat(ctx, run, "remove the check", func(ctx context.Context) (bool, error) {
		err := c.room.Book.RemoveCheck(ctx, d.Check)
		if err != nil && commands.Words(err).Kind == commands.NotFound {
			return true, nil
		}
		return true, err
	})
	return err
}
