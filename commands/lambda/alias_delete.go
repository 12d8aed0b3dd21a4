package lambda

import (
	"context"
	"fmt"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// AliasDelete is lambda alias delete.
type AliasDelete struct {
	Named
	Alias string `arg:"alias" alias:"name,alias" required:"" value:"ALIAS" help:"Name of the alias."`

	cloud Cloud
}

// Scope is the function.
func (c *AliasDelete) Scope(ctx context.Context) (commands.Scope, error) {
	return c.scope(ctx, c.cloud)
}

// meaning answers what the alias means, and an Error of kind NotFound where there is none.
func (c *AliasDelete) meaning(ctx context.Context, p picked) (aws.FunctionAlias, error) {
	a, err := aliasNow(ctx, c.cloud, p, c.Alias)
	if err == nil && a.Version == "" {
		err = &commands.Error{
			Kind: commands.NotFound, Message: fmt.Sprintf("%s has no alias %s.", p.Function.Name, commands.Mono(c.Alias)),
			Hint: commands.Mono(p.line("lambda show")) + " lists them.",
		}
	}
	return a, err
}

// Plan tells what would call nothing then.
func (c *AliasDelete) Plan(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	p, err := c.find(ctx, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	a, err := c.meaning(ctx, p)
	return commands.Report{
		Title: fmt.Sprintf("Would delete the alias %s of %s", c.Alias, p.Function.Name), Where: where.Words(p.Place),
		Body: commands.Blocks{commands.Text{Text: "It means " + meaning(a) + ", which stays. What invokes the function by this alias finds nothing then."}},
	}, err
}

// Run deletes it. What is gone already is no error.
func (c *AliasDelete) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	a, err := commands.Repeat(ctx, run, "look at alias and share", func(ctx context.Context) (aws.FunctionAlias, error) { return c.meaning(ctx, p) })
	if err != nil {
		return commands.Report{}, err
	}
	_, err = commands.Repeat(ctx, run, "DeleteAlias", func(ctx context.Context) (bool, error) {
		return true, c.cloud.DeleteFunctionAlias(ctx, p.Target, p.Function.Name, c.Alias)
	})
	return commands.Report{
		Tone: commands.Good, Title: fmt.Sprintf("Deleted the alias %s of %s", c.Alias, p.Function.Name), Where: where.Words(p.Place),
		Body: commands.Blocks{commands.Text{Text: "It meant " + meaning(a) + ", which stays."}},
		Undo: aliasLine(p, a),
	}, err
}

// Check goes on: each step may be repeated.
func (c *AliasDelete) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.Run(ctx, run)
}
