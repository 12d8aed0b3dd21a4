package net

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
)

// Allow is net sg allow.
type Allow struct {
	Through
	Description string        `flag:"description" value:"TEXT" help:"What it is for."`
	Reason      string        `flag:"reason" value:"TEXT" help:"Why an admin port must be open to the world."`
	Expires     time.Duration `flag:"expires" alias:"for" value:"TIME" help:"How long it is needed, at most 720h; deckhand takes the rule away then."`

	cloud Cloud
	acts  Acts
}

const longestOpen = 720 * time.Hour

// Validate refuses an admin port for the world without a reason and an end.
func (c *Allow) Validate() error {
	description, err := c.take()
	if err != nil {
		return err
	}
	c.Description = cmp.Or(c.Description, description)
	r, err := c.rule()
	if err != nil {
		return err
	}
	if c.Expires < 0 || c.Expires > longestOpen {
		return commands.Misuse("A rule may be needed for at most 720h.", "")
	}
	var open []string
	for _, peer := range c.sets.expand(c.From) {
		if r.Peer = peer; peer == "anywhere" {
			r.Peer = everywhere
		}
		if err := family(r, r.Peer); err != nil {
			return err
		}
		open = append(open, exposed(r)...)
	}
	if len(open) > 0 && (c.Reason == "" || c.Expires == 0) {
		return &commands.Error{
			Kind: commands.Denied, Message: fmt.Sprintf("This would open %s to the whole internet, so nothing was done.", commands.And(portWords(open))),
			Hint: "Name a smaller source with " + commands.Mono("--from") + ", or say why and for how long with " + commands.Mono(`--reason "..." --expires 2h`) + ".",
		}
	}
	return nil
}

func portWords(ports []string) []string {
	if len(ports) > 0 {
		ports = slices.Clone(ports)
		ports[0] = "port " + ports[0]
	}
	return ports
}

func (c *Allow) doer(run *commands.Run) doer {
	return doer{
		Target: c.Target, cloud: c.cloud, step: "AuthorizeSecurityGroupIngress",
		find: func(ctx context.Context) (deed, error) { return c.find(ctx, run) },
		so:   func(n aws.Network, d deed) bool { return len(d.there(n)) == len(d.Rules) },
		do:   func(ctx context.Context, d deed) error { return c.cloud.Allow(ctx, c.At(), d.Part.ID, d.Rules...) },
	}
}

func (c *Allow) find(ctx context.Context, run *commands.Run) (deed, error) {
	d, err := c.through(ctx, c.cloud)
	if err != nil {
		return d, err
	}
	n, err := c.cloud.Network(ctx, c.At(), d.Part.VPC)
	if err != nil {
		return d, err
	}
	all := d
	there := d.there(n)
	d.Rules = slices.DeleteFunc(slices.Clone(d.Rules), func(r aws.Rule) bool { return slices.ContainsFunc(there, r.Same) })
	for i := range d.Rules {
		d.Rules[i].Description = c.describe(run, "")
		if open := exposed(d.Rules[i]); len(open) > 0 {
			d.Notes = append(d.Notes, "This opens "+commands.And(portWords(open))+" to the whole internet.")
		}
	}
	d.Would = "let " + ports(all.Rules[0]) + " from " + d.peers() + " into " + d.Part.label()
	d.Done = "Let " + ports(all.Rules[0]) + " from " + d.peers() + " into " + cmp.Or(d.Part.Name, d.Part.ID)
	d.Undo = c.line("net sg revoke", d)
	if len(d.Rules) == 0 {
		d.already("the security group " + d.Part.label() + " lets " + ports(all.Rules[0]) + " from " + all.peers() + " in already")
	}
	d.keep(there, c.Expires > 0, func(was string) string { return c.describe(run, was) })
	if c.Expires > 0 && len(d.Rules)+len(d.Kept) > 0 {
		d.Due = run.Now.Add(c.Expires)
		d.Notes = append(d.Notes, "It ends "+commands.At(d.Due)+": deckhand takes it away then, however often it is restarted, and says so here.")
	}
	return d, nil
}

// keep sorts what is there already: a rule that has an end gets the new one, or none; one that is there for good stays so.
func (d *deed) keep(there []aws.Rule, ends bool, describe func(was string) string) {
	var forGood []string
	for _, r := range there {
		if strings.Contains(r.Description, endsAt) {
			text, _ := told(r.Description)
			r.Description = describe(text)
			d.Kept = append(d.Kept, r)
		} else {
			forGood = append(forGood, r.Peer)
		}
	}
	switch {
	case len(d.Kept) > 0 && !ends:
		d.Notes = append(d.Notes, "It had an end, and has none from now on.")
	case len(forGood) > 0 && ends:
		d.Notes = append(d.Notes, "For "+commands.And(forGood)+" it is there for good, and was given no end: others may need it. "+commands.Mono("net sg revoke")+" takes it away.")
	case len(forGood) > 0 && !d.Already:
		d.Notes = append(d.Notes, "For "+commands.And(forGood)+" it was there already.")
	}
}

// endsAt begins the end of a rule in its description.
const (
	endsAt    = "ends 2"
	endLayout = "2006-01-02T15:04Z"
)

// told reads a description that describe wrote: what the rule is for, and when it ends; zero: never.
func told(description string) (text string, ends time.Time) {
	var words []string
	for _, word := range strings.Split(description, "; ") {
		switch {
		case strings.HasPrefix(word, endsAt):
			ends, _ = time.Parse(endLayout, strings.TrimPrefix(word, "ends "))
		case !strings.HasPrefix(word, "deckhand R-"):
			words = append(words, word)
		}
	}
	return strings.Join(words, "; "), ends
}

// describe writes who let it in, why, and until when. was is what stood there of the why, for a line that says nothing of it.
func (c *Allow) describe(run *commands.Run, was string) string {
	var words []string
	for _, w := range []string{c.Description, c.Reason} {
		if w != "" {
			words = append(words, w)
		}
	}
	if len(words) == 0 && was != "" {
		words = []string{was}
	}
	if c.Expires > 0 {
		words = append(words, "ends "+run.Now.Add(c.Expires).UTC().Format(endLayout))
	}
	if run.ID != "" {
		words = append(words, "deckhand "+run.ID)
	}
	return safe(strings.Join(words, "; "))
}

// Scope is the group.
func (c *Allow) Scope(ctx context.Context) (commands.Scope, error) {
	return c.doer(&commands.Run{}).scope(ctx)
}

// Plan tells what would be let in.
func (c *Allow) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.doer(run).plan(ctx, run)
}

// Run lets it in.
func (c *Allow) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	if err := c.writeEnd(ctx, run); err != nil {
		return commands.Report{}, err
	}
	report, err := c.doer(run).run(ctx, run)
	switch {
	case err != nil && !commands.IsUncertain(err) && ctx.Err() == nil:
		return report, errors.Join(err, c.forgetEnd(ctx, run))
	case err == nil:
		if err = c.moveEnd(ctx, run); err == nil {
			err = c.tellEnd(ctx, run, &report)
		}
	}
	return report, err
}

// Check looks whether the rule is there.
func (c *Allow) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	report, err := c.doer(run).check(ctx, run)
	if err == nil {
		err = c.moveEnd(ctx, run)
	}
	return report, err
}
