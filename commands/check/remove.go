package check

import (
	"context"

	"deckhand/commands"
)

// remove is check remove.
type remove struct {
	Name string `arg:"name" alias:"name" required:"" help:"Name of the check."`

	book Book
}

// pick finds the check, and refuses one from the configuration file.
func (r *remove) pick(ctx context.Context) (Check, error) {
	c, err := Find(ctx, r.book, r.Name)
	if err == nil && c.FromConfig {
		err = commands.Configured("check", c.Name, "checks")
	}
	return c, err
}

// Run removes the check with its state and its results.
func (r *remove) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	c, err := commands.Repeat(ctx, run, "look for the check", r.pick)
	if err != nil {
		return commands.Report{}, err
	}
	_, err = commands.Repeat(ctx, run, "remove the check", func(ctx context.Context) (bool, error) {
		return true, commands.Gone(r.book.RemoveCheck(ctx, c.Name))
	})
	if err != nil {
		return commands.Report{}, err
	}
	return commands.Report{
		Tone:  commands.Good,
		Title: "Removed the check " + c.Name,
		Body:  commands.Blocks{commands.Text{Text: commands.Mono(c.URL) + " is not looked at any more, and its results are forgotten."}},
		Next:  []commands.Next{{Label: "Undo", Line: line(c)}},
	}, nil
}

// Plan tells what would be forgotten.
func (r *remove) Plan(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	c, err := r.pick(ctx)
	if err != nil {
		return commands.Report{}, err
	}
	return commands.Report{
		Title: "Would remove the check " + c.Name,
		Body: commands.Blocks{
			commands.Text{Text: commands.Mono(c.URL) + " would not be looked at any more, and its results would be forgotten."},
			commands.Fields{Fields: settings(c)},
		},
	}, nil
}
