package request

import (
	"context"
	"maps"
	"strings"

	"deckhand/commands"
)

// Pretend is embedded by questions about resources that need not be there.
type Pretend struct {
	Env     string            `flag:"env" value:"NAME" help:"Pretend that the resource is tagged env=NAME."`
	Tag     map[string]string `flag:"tag" value:"KEY=VALUE" help:"Pretend that the resource has this tag."`
	Account string            `flag:"account" value:"NAME" help:"Pretend that it is in this account."`
	Region  string            `flag:"region" value:"REGION" help:"Pretend that it is in this region."`
	In      string            `flag:"in" value:"CHANNEL" help:"Ask for another channel than this one."`
}

// scope is what is pretended, nil where nothing is.
func (p Pretend) scope() *commands.Scope {
	if p.Env == "" && len(p.Tag) == 0 && p.Account == "" && p.Region == "" {
		return nil
	}
	scope := &commands.Scope{Account: p.Account, Region: p.Region}
	tags := maps.Clone(p.Tag)
	if tags == nil {
		tags = map[string]string{}
	}
	if p.Env != "" {
		tags["env"] = p.Env
	}
	if len(tags) > 0 {
		scope.Resources = []commands.Resource{{Tags: tags}}
	}
	return scope
}

func (p Pretend) where(asker commands.Asker) commands.Asker {
	if p.In != "" {
		asker.Channel = p.In
	}
	return asker
}

type whoami struct{ rights Rights }

// Run answers whom the policy takes the asker for.
func (w *whoami) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return w.rights.WhoAmI(ctx, run.Asker)
}

type can struct {
	User string   `arg:"user" required:"" value:"USER" help:"Who, as Slack's mention or id; me is you."`
	Line []string `arg:"line" raw:"" value:"LINE" help:"The line that they would type; in quotes where it has flags. Without USER it is you."`
	Pretend
	rights Rights
}

// Validate takes the line of somebody who asks for themselves, "can vm stop web", and wants one. People's ids have no small letters, or name their place:
// "terminal:ops".
func (c *can) Validate() error {
	if strings.ToLower(c.User) == c.User && !strings.Contains(c.User, ":") && c.User != "me" {
		c.User, c.Line = "me", append([]string{c.User}, c.Line...)
	}
	if len(c.Line) == 0 {
		return commands.Misuse("It needs "+commands.Mono("LINE")+".", "")
	}
	return nil
}

// Run answers whether they may.
func (c *can) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	who := c.where(run.Asker)
	if !strings.EqualFold(c.User, "me") {
		who.User = c.User
	}
	line := c.Line[0] // may be a whole line in quotes
	for _, word := range c.Line[1:] {
		line += " " + commands.Quote(word)
	}
	return c.rights.Can(ctx, who, line, c.scope())
}

type whoCan struct {
	Command []string `arg:"command" required:"" value:"COMMAND" help:"The command."`
	Pretend
	rights Rights
}

// Run answers who may.
func (w *whoCan) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return w.rights.WhoCan(ctx, w.where(run.Asker), strings.Join(w.Command, " "), w.scope())
}
