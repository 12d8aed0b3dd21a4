package net

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/schedule"
)

// Acts is where the ends of rules are kept.
type Acts interface {
	PutActs(ctx context.Context, acts []schedule.Act, without ...string) error
}

// ends are the keys under which the ends of rules are kept: one for each rule, so that a rule that is let in again, or taken away, by
// whatever line, has one end or none.
func (c *Through) ends(d deed, rules []aws.Rule) []string {
	keys := make([]string, len(rules))
	for i, r := range rules {
		keys[i] = strings.Join([]string{"rule", cmp.Or(d.Place.AccountID, c.Account), d.Place.Region, d.Part.ID, r.Protocol, fmt.Sprintf("%d-%d", r.From, r.To), r.Peer}, " ")
	}
	return keys
}

// writeEnd writes down when rules are taken away again, before they are let in: no rule stands without its end. Rules that are let in
// for good lose what was written of others like them, which are gone.
func (c *Allow) writeEnd(ctx context.Context, run *commands.Run) error {
	return c.putEnds(ctx, run, "write down the end", func(d deed) []aws.Rule { return d.Rules })
}

// moveEnd gives the rules that were there already their new end, or none, after all was let in: where that is refused they keep the one they had.
func (c *Allow) moveEnd(ctx context.Context, run *commands.Run) error {
	return c.putEnds(ctx, run, "move the end", func(d deed) []aws.Rule { return d.Kept })
}

// tellEnd writes the new end, or that there is none, into the descriptions of the rules that were there already. The end stands without it, so
// where AWS refuses that, the report says what their descriptions still say.
func (c *Allow) tellEnd(ctx context.Context, run *commands.Run, report *commands.Report) error {
	d, err := c.doer(run).pinned(ctx, run)
	if err != nil || len(d.Kept) == 0 {
		return err
	}
	_, err = commands.Repeat(ctx, run, "UpdateSecurityGroupRuleDescriptionsIngress", func(ctx context.Context) (bool, error) {
		return true, c.cloud.DescribeRules(ctx, c.At(), d.Part.ID, d.Kept...)
	})
	if err != nil && ctx.Err() == nil {
		report.Body = append(report.Body, commands.Text{Text: "In AWS the rule's description still tells its old end. " + commands.Words(err).Error()})
		err = nil
	}
	return err
}

func (c *Allow) putEnds(ctx context.Context, run *commands.Run, step string, which func(deed) []aws.Rule) error {
	if c.acts == nil {
		return nil
	}
	d, err := c.doer(run).pinned(ctx, run)
	if err != nil {
		return err
	}
	rules := which(d)
	if len(rules) == 0 {
		return nil
	}
	_, err = commands.Repeat(ctx, run, step, func(ctx context.Context) (bool, error) {
		if d.Due.IsZero() {
			return true, c.acts.PutActs(ctx, nil, c.ends(d, rules)...)
		}
		number, _ := strconv.ParseInt(strings.TrimPrefix(run.ID, "R-"), 10, 64)
		var acts []schedule.Act
		for i, key := range c.ends(d, rules) {
			one := d
			one.Rules = []aws.Rule{rules[i]}
			acts = append(acts, schedule.Act{
				Key: key, Due: d.Due, Line: c.line("net sg revoke", one), Asker: run.Asker, Reason: "the time of the rule of " + run.ID + " is over", Of: number, Agreed: true,
			})
		}
		return true, c.acts.PutActs(ctx, acts)
	})
	return err
}

// forgetEnd takes the ends away of rules that were not let in after all.
func (c *Allow) forgetEnd(ctx context.Context, run *commands.Run) error {
	return forgetEnds(ctx, run, c.acts, &c.Through, func() (deed, error) { return c.doer(run).pinned(ctx, run) })
}

// forgetEnd takes the ends away of rules that are gone.
func (c *Revoke) forgetEnd(ctx context.Context, run *commands.Run) error {
	return forgetEnds(ctx, run, c.acts, &c.Through, func() (deed, error) { return c.doer(run).pinned(ctx, run) })
}

func forgetEnds(ctx context.Context, run *commands.Run, acts Acts, c *Through, what func() (deed, error)) error {
	if acts == nil {
		return nil
	}
	d, err := what()
	if err != nil {
		return err
	}
	_, err = commands.Repeat(ctx, run, "forget the end", func(ctx context.Context) (bool, error) { return true, acts.PutActs(ctx, nil, c.ends(d, d.Rules)...) })
	return err
}
