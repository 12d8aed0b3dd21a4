package lb

import (
	"context"
	"fmt"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/where"
)

// Delete is lb delete.
type Delete struct {
	where.Target
	Name  string `arg:"name" alias:"name,load-balancer-arn" required:"" value:"NAME" help:"Load balancer by name, ARN, DNS name or alias."`
	Any   bool   `flag:"any" help:"Also one that deckhand did not make, with its listeners; target groups of others stay."`
	Empty bool   `flag:"if-empty" help:"Only while nothing is registered behind it."`

	cloud Cloud
	book  check.Book
}

// doomed is what goes. It is kept in the journal: what was approved is what is deleted.
type doomed struct {
	Target    aws.Target
	Place     aws.Place
	Name      string
	Balancer  aws.LoadBalancer // zero where it is gone already and something of it is left
	Aliases   []aws.Alias
	Listeners []aws.Listener
	Groups    []aws.TargetGroup
	Stays     []string // target groups that are not deleted, by name, with why
	Check     string   // the check that watches it
}

// find looks up everything that belongs to the load balancer.
func (c *Delete) find(ctx context.Context) (doomed, error) {
	d := doomed{Target: c.At(), Place: c.cloud.Place(ctx, c.At()), Name: c.Name}
	b, err := balancer(ctx, c.cloud, d.Target, c.Name)
	switch {
	case err != nil && commands.Words(err).Kind == commands.NotFound:
		return c.leftovers(ctx, d, err)
	case err != nil:
		return d, err
	case b.Tags[commands.RequestTag] == "" && !c.Any:
		return d, &commands.Error{
			Kind: commands.Conflict, Message: "deckhand did not make the load balancer " + commands.Mono(b.Name) + ", so nothing was deleted.",
			Hint: "Say " + commands.Mono("--any") + " if it really shall go.",
		}
	}
	// Where this cannot be told, AWS tells it later.
	if protected, err := c.cloud.BalancerProtected(ctx, d.Target, b.ARN); err == nil && protected {
		return d, &commands.Error{
			Kind: commands.Conflict, Message: "AWS protects the load balancer " + commands.Mono(b.Name) + " against deletion, so nothing was deleted.",
			Hint: "If it really shall go, switch its protection off in AWS first: " +
				commands.Mono("aws elbv2 modify-load-balancer-attributes --load-balancer-arn "+b.ARN+" --attributes Key=deletion_protection.enabled,Value=false"),
		}
	}
	d.Balancer, d.Name = b, b.Name
	if d.Listeners, err = c.cloud.Listeners(ctx, d.Target, b.ARN); err != nil {
		return d, err
	}
	groups, err := c.cloud.TargetGroups(ctx, d.Target, aws.TargetGroupQuery{LoadBalancer: b.ARN})
	if err != nil {
		return d, err
	}
	named, err := c.cloud.TargetGroups(ctx, d.Target, aws.TargetGroupQuery{Names: []string{b.Name}})
	if err != nil {
		return d, err
	}
	for _, g := range named { // made, and not yet behind a listener
		if g.Tags[commands.RequestTag] != "" && len(g.LoadBalancers) == 0 {
			groups = append(groups, g)
		}
	}
	for _, g := range groups {
		if g.Tags[commands.RequestTag] == "" {
			d.Stays = append(d.Stays, g.Name+", which deckhand did not make")
		} else {
			d.Groups = append(d.Groups, g)
		}
	}
	if err := c.findAliases(ctx, &d); err != nil {
		return d, err
	}
	return d, c.findCheck(ctx, &d)
}

// leftovers answers what is left of a load balancer that is gone: the target group of its name.
func (c *Delete) leftovers(ctx context.Context, d doomed, notFound error) (doomed, error) {
	some, err := c.cloud.TargetGroups(ctx, d.Target, aws.TargetGroupQuery{Names: []string{c.Name}})
	if err != nil {
		return d, err
	}
	for _, g := range some {
		if g.Tags[commands.RequestTag] == "" {
			continue
		}
		// AWS may go on to name a load balancer that is gone.
		if len(g.LoadBalancers) > 0 {
			users, err := c.cloud.LoadBalancers(ctx, d.Target, aws.LoadBalancerQuery{ARNs: g.LoadBalancers})
			if err != nil {
				return d, err
			}
			if len(users) > 0 {
				continue
			}
		}
		d.Groups = append(d.Groups, g)
	}
	if len(d.Groups) == 0 {
		return d, notFound
	}
	return d, nil
}

// findAliases finds the record that was made with the load balancer, as long as it leads there.
func (c *Delete) findAliases(ctx context.Context, d *doomed) error {
	name := AliasOf(d.Balancer)
	if name == "" {
		return nil
	}
	zone, err := c.cloud.HostedZone(ctx, d.Target, name)
	if err != nil {
		if commands.Words(err).Kind == commands.NotFound {
			return nil // the zone is gone, and the record with it
		}
		return err
	}
	records, err := c.cloud.Records(ctx, d.Target, zone.ID, name)
	if err != nil {
		return err
	}
	for _, r := range records {
		if r.Type == "A" && r.Plain && leadsTo(r, d.Balancer.DNSName) {
			d.Aliases = append(d.Aliases, aws.Alias{
				Zone: zone.ID, Name: name, Target: r.AliasName, TargetZone: r.AliasZone, Follows: r.Follows, Comment: "deckhand deletes " + d.Name,
			})
		}
	}
	return nil
}

// findCheck finds the check that lb create added.
func (c *Delete) findCheck(ctx context.Context, d *doomed) error {
	if c.book == nil {
		return nil
	}
	all, err := c.book.Checks(ctx)
	if err != nil {
		return err
	}
	for _, one := range all {
		host, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(one.URL, "https://"), "http://"), "/")
		host, _, _ = strings.Cut(host, ":")
		ours := strings.EqualFold(host, d.Balancer.DNSName) || host == AliasOf(d.Balancer)
		if one.Name == strings.ToLower(d.Name) && ours && !one.FromConfig {
			d.Check = one.Name
		}
	}
	return nil
}

// Scope is what goes.
func (c *Delete) Scope(ctx context.Context) (commands.Scope, error) {
	d, err := c.find(ctx)
	scope := commands.Scope{Account: c.Account, Region: d.Place.Region}
	if d.Balancer.ARN != "" {
		scope.Resources = append(scope.Resources, commands.Resource{ID: d.Balancer.ARN, Name: d.Balancer.Name, Tags: d.Balancer.Tags})
	}
	for _, g := range d.Groups {
		scope.Resources = append(scope.Resources, commands.Resource{ID: g.ARN, Name: g.Name, Tags: g.Tags})
	}
	return scope, err
}

func (c *Delete) pinned(ctx context.Context, run *commands.Run) (doomed, error) {
	return commands.Repeat(ctx, run, "look up what goes", c.find)
}

// unused refuses a load balancer that has targets, where the line means only one that has none.
func (c *Delete) unused(ctx context.Context, d doomed) error {
	if !c.Empty || d.Balancer.ARN == "" {
		return nil
	}
	groups, err := c.cloud.TargetGroups(ctx, d.Target, aws.TargetGroupQuery{LoadBalancer: d.Balancer.ARN})
	if err != nil {
		return err
	}
	for _, g := range groups {
		targets, err := c.cloud.TargetHealth(ctx, d.Target, g.ARN)
		if err != nil {
			return err
		}
		if len(targets) > 0 {
			return &commands.Error{
				Kind: commands.Conflict, Message: fmt.Sprintf("Behind %s stands %s now, so nothing was deleted.", commands.Mono(d.Name), commands.Count(len(targets), "target")),
				Hint: "Somebody may use it again. " + commands.Mono(c.line(d)) + " deletes it all the same.",
			}
		}
	}
	return nil
}

// Plan lists everything that would go, and what stays.
func (c *Delete) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	d, err := c.pinned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	if err := c.unused(ctx, d); err != nil {
		return commands.Report{}, err
	}
	return commands.Report{
		Title: "Would delete the load balancer " + d.Name, Where: where.Words(d.Place),
		Body: commands.Blocks{d.table("goes"), commands.Text{Text: d.staying() + " This cannot be undone; the line that made it makes another, with another DNS name."}},
	}, nil
}

// stateColumn is the one of table that says what has become of a part.
const stateColumn = 2

// table has a row for each of Delete.steps, in their order.
func (d doomed) table(state string) commands.Table {
	t := commands.Table{Columns: []string{"What", "Name", "State", "ID"}}
	for _, a := range d.Aliases {
		t.Rows = append(t.Rows, []string{"Alias record", a.Name, state, a.Zone})
	}
	for _, l := range d.Listeners {
		t.Rows = append(t.Rows, []string{"Listener", fmt.Sprintf("%s, port %d", l.Protocol, l.Port), state, l.ARN})
	}
	if d.Balancer.ARN != "" {
		t.Rows = append(t.Rows, []string{"Load balancer", d.Balancer.Name, state, d.Balancer.ARN})
	}
	if d.Check != "" {
		t.Rows = append(t.Rows, []string{"Check", d.Check, state, "-"})
	}
	for _, g := range d.Groups {
		t.Rows = append(t.Rows, []string{"Target group", g.Name, state, g.ARN})
	}
	return t
}

func (d doomed) staying() string {
	text := "The instances behind it go on running."
	if len(d.Stays) > 0 {
		text += " What stays: the target groups " + commands.And(d.Stays) + "."
	}
	return text
}

// Run deletes everything, what leads to it first.
func (c *Delete) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	d, err := c.pinned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	if _, err := commands.Repeat(ctx, run, "look whether it is empty", func(ctx context.Context) (bool, error) { return true, c.unused(ctx, d) }); err != nil {
		return commands.Report{}, err
	}
	for done, s := range c.steps(d) {
		run.Say("Deleting " + s.what)
		_, err := commands.Repeat(ctx, run, "delete "+s.what, func(ctx context.Context) (bool, error) { return true, s.do(ctx) })
		if err != nil {
			t := d.table("to go")
			for i := range done { // a row is a step
				t.Rows[i][stateColumn] = "gone"
			}
			return commands.Report{
				Title: "Not all of " + d.Name + " is deleted", Where: where.Words(d.Place),
				Next: []commands.Next{{Label: "Go on", Line: c.line(d), Style: "danger", Confirm: "Delete the rest of " + d.Name + "?"}},
				Body: commands.Blocks{commands.Text{Text: "It stopped at " + s.what + "."}, t},
			}, err
		}
	}
	return commands.Report{
		Tone: commands.Good, Title: "Deleted the load balancer " + d.Name, Where: where.Words(d.Place),
		Body: commands.Blocks{d.table("gone"), commands.Text{Text: d.staying()}},
		Next: []commands.Next{{Label: "List what is left", Line: where.Line(d.Target, "lb list")}},
	}, nil
}

func (c *Delete) line(d doomed) string {
	words := []string{"lb delete", d.Name}
	if c.Any {
		return where.Line(d.Target, words...) + " --any"
	}
	return where.Line(d.Target, words...)
}

type deletion struct {
	what string
	do   func(context.Context) error
}

// steps are in the order in which AWS lets go: each may be repeated, because what is gone is no error.
func (c *Delete) steps(d doomed) []deletion {
	var steps []deletion
	for _, a := range d.Aliases {
		steps = append(steps, deletion{"the alias record " + a.Name, func(ctx context.Context) error {
			_, err := c.cloud.DeleteAlias(ctx, d.Target, a)
			return err
		}})
	}
	for _, l := range d.Listeners {
		steps = append(steps, deletion{fmt.Sprintf("the listener at port %d", l.Port), func(ctx context.Context) error {
			return c.cloud.DeleteListener(ctx, d.Target, l.ARN)
		}})
	}
	if d.Balancer.ARN != "" {
		steps = append(steps, deletion{"the load balancer " + d.Name, func(ctx context.Context) error {
			return c.cloud.DeleteLoadBalancer(ctx, d.Target, d.Balancer.ARN)
		}})
	}
	// What is gone is not watched any more; its target groups may take a minute to go.
	if d.Check != "" {
		steps = append(steps, deletion{"the check " + d.Check, func(ctx context.Context) error {
			err := c.book.RemoveCheck(ctx, d.Check)
			if err != nil && commands.Words(err).Kind == commands.NotFound {
				return nil
			}
			return err
		}})
	}
	for _, g := range d.Groups {
		steps = append(steps, deletion{"the target group " + g.Name, func(ctx context.Context) error {
			return c.cloud.DeleteTargetGroup(ctx, d.Target, g.ARN)
		}})
	}
	return steps
}

// Check looks whether anything is left.
func (c *Delete) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	d, err := c.pinned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	left, err := c.cloud.LoadBalancers(ctx, d.Target, aws.LoadBalancerQuery{Names: []string{d.Name}})
	if err != nil {
		return commands.Report{}, err
	}
	groups, err := c.cloud.TargetGroups(ctx, d.Target, aws.TargetGroupQuery{Names: []string{d.Name}})
	if err != nil {
		return commands.Report{}, err
	}
	if len(left)+len(groups) > 0 || len(d.Aliases) > 0 && c.aliasLeft(ctx, d) {
		return commands.Report{}, &commands.Error{
			Kind: commands.Failed, Message: "AWS shows that not all of " + commands.Mono(d.Name) + " is deleted.",
			Hint: commands.Mono(c.line(d)) + " goes on.",
		}
	}
	return c.Run(ctx, run)
}

// aliasLeft tells whether one of the records still leads to the load balancer, or cannot be looked at.
func (c *Delete) aliasLeft(ctx context.Context, d doomed) bool {
	for _, a := range d.Aliases {
		records, err := c.cloud.Records(ctx, d.Target, a.Zone, a.Name)
		if err != nil {
			return true
		}
		for _, r := range records {
			if strings.EqualFold(r.AliasName, a.Target) {
				return true
			}
		}
	}
	return false
}
