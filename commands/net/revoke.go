package net

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

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

func (c *Revoke) doer(run *commands.Run) doer {
	return doer{
		Target: c.Target, cloud: c.cloud, step: "RevokeSecurityGroupIngress",
		find: func(ctx context.Context) (deed, error) { return c.find(ctx, run) },
		so:   func(n aws.Network, d deed) bool { return len(d.there(n)) == 0 },
		do:   func(ctx context.Context, d deed) error { return c.cloud.Revoke(ctx, c.At(), d.Part.ID, d.Rules...) },
	}
}

// What AWS shows of a rule may be some seconds old.
const (
	goneLooks = 5
	gonePause = 2 * time.Second
)

// gone looks that nobody is let in any more: a door that is said to be shut is shut.
func (c *Revoke) gone(ctx context.Context, d deed) error {
	for range goneLooks {
		n, err := c.cloud.Network(ctx, c.At(), d.Part.VPC)
		if err != nil || len(d.there(n)) == 0 {
			return nil //nolint:nilerr // AWS took the call; that it cannot be looked at says nothing else
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(gonePause):
		}
	}
	return &commands.Error{
		Kind: commands.Failed, Message: "AWS took the call, and still shows that " + d.Part.label() + " lets " + ports(d.Rules[0]) + " from " + d.peers() + " in.",
		Hint: commands.Mono(where.Line(c.At(), "net sg show", d.Part.ID)) + " shows its rules; the same line tries again.",
	}
}

func (c *Revoke) find(ctx context.Context, run *commands.Run) (deed, error) {
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
			Kind: commands.NotFound, Message: strings.TrimSpace("The security group " + d.Part.label() + " has no rule " + commands.Mono(ports(d.Rules[0])+" from "+d.peers()) + ". " + d.stillIn(n)),
			Hint: commands.Mono(where.Line(c.At(), "net sg show", d.Part.ID)) + " shows its rules.",
		}
	}
	d.Rules = there
	for _, r := range there {
		if r.Description != "" && !strings.Contains(r.Description, "deckhand R-") {
			d.Notes = append(d.Notes, "The description of the rule for "+r.Peer+", which deckhand did not write: "+commands.Unmarked(r.Description))
		}
	}
	d.Would = "let " + ports(d.Rules[0]) + " from " + d.peers() + " into " + d.Part.label() + " no longer"
	d.Done = "No longer lets " + ports(d.Rules[0]) + " from " + d.peers() + " into " + cmp.Or(d.Part.Name, d.Part.ID)
	if still := d.stillIn(n); still != "" {
		d.Notes = append(d.Notes, still)
		d.Would = "take the rule " + ports(d.Rules[0]) + " from " + d.peers() + " of " + d.Part.label() + " away"
		d.Done = "Took the rule " + ports(d.Rules[0]) + " from " + d.peers() + " of " + cmp.Or(d.Part.Name, d.Part.ID) + " away"
	}
	d.Undo = c.back(&d, run.Now)
	if slices.ContainsFunc(d.Rules, func(r aws.Rule) bool { return len(exposed(r)) > 0 }) {
		d.Undo = "" // it would be refused
		d.Notes = append(d.Notes, "To let it in again, "+commands.Mono("net sg allow")+" needs "+commands.Mono("--reason")+" and "+commands.Mono("--expires")+".")
	}
	return d, nil
}

// stillIn tells of other rules of the group that let in what these do; "" where there is none.
func (d deed) stillIn(n aws.Network) string {
	for _, g := range n.Groups {
		for _, wide := range g.Ingress {
			if g.ID == d.Part.ID && slices.ContainsFunc(d.Rules, func(r aws.Rule) bool { return !wide.Same(r) && covers(wide, r) }) {
				return "Another rule, " + commands.Mono(ports(wide)+" from "+wide.Peer) + ", goes on letting it in."
			}
		}
	}
	return ""
}

// covers tells whether a rule lets in all that another one does.
func covers(wide, r aws.Rule) bool {
	if wide.Protocol != allProtocols && (wide.Protocol != r.Protocol || (wide.From != -1 || wide.To != -1) && (wide.From > r.From || wide.To < r.To)) {
		return false
	}
	from, err := netip.ParsePrefix(r.Peer)
	over, also := netip.ParsePrefix(wide.Peer)
	return wide.Peer == r.Peer || err == nil && also == nil && over.Bits() <= from.Bits() && over.Contains(from.Addr())
}

// back is the line that lets it in again as it was: with its description, and for as long as it would have stood.
func (c *Revoke) back(d *deed, now time.Time) string {
	text, ends := told(d.Rules[0].Description)
	for _, r := range d.Rules[1:] {
		if other, also := told(r.Description); other != text || !also.Equal(ends) {
			d.Notes = append(d.Notes, "The rules differ in what they are for or when they end, so no one line lets all of them in again.")
			return ""
		}
	}
	line := c.line("net sg allow", *d) + commands.Flag("description", text)
	if ends.IsZero() {
		return line
	}
	rest := ends.Sub(now).Round(time.Minute)
	if rest < time.Minute {
		return "" // its time is over
	}
	d.Notes = append(d.Notes, "It would have ended "+commands.At(ends)+".")
	return line + commands.Flag("expires", rest.String())
}

// Scope is the group.
func (c *Revoke) Scope(ctx context.Context) (commands.Scope, error) {
	return c.doer(&commands.Run{}).scope(ctx)
}

// Plan tells what would be let in no longer.
func (c *Revoke) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.doer(run).plan(ctx, run)
}

// Run takes the rule away.
func (c *Revoke) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	report, err := c.doer(run).run(ctx, run)
	if err != nil {
		return report, err
	}
	// The answer is in the journal: a process that is killed while it looks does not ask for it again.
	d, err := c.doer(run).pinned(ctx, run)
	if err == nil {
		err = c.gone(ctx, d)
	}
	if err != nil {
		return commands.Report{}, err
	}
	return report, c.forgetEnd(ctx, run)
}

// Check looks whether the rule is gone.
func (c *Revoke) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.doer(run).check(ctx, run)
}
