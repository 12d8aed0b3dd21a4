package net

import (
	"cmp"
	"context"
	"slices"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// Revoke is net sg revoke.
type Revoke struct {
	Through

	cloud Cloud
	acts  Acts
}

// Validate refuses what is no port.
func (c *Revoke) Validate() error {
	if _, err := c.take(); err != nil {
		return err
	}
	_, err := c.rule()
	return err
}

func (c *Revoke) doer() doer {
	return doer{
		Target: c.Target, cloud: c.cloud, step: "RevokeSecurityGroupIngress", find: c.find,
		so: func(n aws.Network, d deed) bool { return len(d.there(n)) == 0 },
		do: func(ctx context.Context, d deed) error { return c.cloud.Revoke(ctx, c.At(), d.Part.ID, d.Rules...) },
	}
}

func (c *Revoke) find(ctx context.Context) (deed, error) {
	d, err := c.through(ctx, c.cloud)
	if err != nil {
		return d, err
	}
	n, err := c.cloud.Network(ctx, c.At(), d.Part.VPC)
	if err != nil {
		return d, err
	}
	there := d.there(n)
	if len(there) == 0 {
		return d, &commands.Error{
			Kind: commands.NotFound, Message: "The security group " + d.Part.label() + " has no rule " + commands.Mono(ports(d.Rules[0])+" from "+d.peers()) + ".",
			Hint: commands.Mono(where.Line(c.At(), "net sg show", d.Part.ID)) + " shows its rules.",
		}
	}
	d.Rules = there
	d.Would = "let " + ports(d.Rules[0]) + " from " + d.peers() + " into " + d.Part.label() + " no longer"
	d.Done = "No longer lets " + ports(d.Rules[0]) + " from " + d.peers() + " into " + cmp.Or(d.Part.Name, d.Part.ID)
	d.Undo = c.line("net sg allow", d)
	if slices.ContainsFunc(d.Rules, func(r aws.Rule) bool { return len(exposed(r)) > 0 }) {
		d.Undo = "" // it would be refused
		d.Notes = append(d.Notes, "To let it in again, "+commands.Mono("net sg allow")+" needs "+commands.Mono("--reason")+" and "+commands.Mono("--expires")+".")
	}
	return d, nil
}

// Scope is the group.
func (c *Revoke) Scope(ctx context.Context) (commands.Scope, error) { return c.doer().scope(ctx) }

// Plan tells what would be let in no longer.
func (c *Revoke) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.doer().plan(ctx, run)
}

// Run takes the rule away.
func (c *Revoke) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	report, err := c.doer().run(ctx, run)
	if err != nil {
		return report, err
	}
	return report, c.forgetEnd(ctx, run)
}

// Check looks whether the rule is gone.
func (c *Revoke) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.doer().check(ctx, run)
}
