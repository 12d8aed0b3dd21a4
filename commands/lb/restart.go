package lb

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// Restart is lb restart: it reboots targets one at a time, each of them without requests meanwhile.
type Restart struct {
	where.Target
	Name        string   `arg:"name" alias:"name" required:"" value:"NAME" help:"Load balancer, or the one target to restart."`
	Targets     []string `arg:"targets" alias:"targets" value:"INSTANCE" help:"Targets by name, id or private IP; all of them where none is named."`
	TargetGroup string   `flag:"target-group" value:"NAME" help:"Which target group, where there are several."`

	cloud Cloud
}

const (
	bootPatience = 10 * time.Minute // for both status checks of a rebooted instance
	bootUsual    = 4 * time.Minute  // what a reboot and the health checks after it take as a rule
	restartRoom  = 40 * time.Minute // what one run has for all of it
)

// rota is what a line to restart means. It is kept in the journal.
type rota struct {
	chosen
	Drain int // seconds
	// Left is how many healthy targets the group has besides the one that restarts, at worst.
	Left int
}

func (c *Restart) resolve(ctx context.Context) (rota, error) {
	r := rota{chosen: chosen{Target: c.At(), Place: c.cloud.Place(ctx, c.At())}}
	var err error
	if r.Balancer, err = balancer(ctx, c.cloud, r.Target, c.Name); err != nil {
		if len(c.Targets) > 0 || commands.Words(err).Kind != commands.NotFound {
			return r, err
		}
		if err := c.ofTarget(ctx, &r); err != nil {
			return r, err
		}
	} else if r.Group, err = group(ctx, c.cloud, r.Target, r.Balancer, c.TargetGroup); err != nil {
		return r, err
	} else if r.Instances, err = instances(ctx, c.cloud, r.Target, c.Targets); err != nil {
		return r, err
	}
	return r, c.fill(ctx, &r)
}

// ofTarget reads the name as a target's, and finds the load balancer that it is behind.
func (c *Restart) ofTarget(ctx context.Context, r *rota) error {
	one, err := instance(ctx, c.cloud, r.Target, c.Name)
	if err != nil {
		if commands.Words(err).Kind != commands.NotFound {
			return err
		}
		return &commands.Error{
			Kind: commands.NotFound, Message: "There is no load balancer and no instance " + commands.Mono(c.Name) + " here.",
			Hint: commands.Mono(where.Line(r.Target, "lb list")) + " shows the load balancers.",
		}
	}
	groups, err := c.cloud.TargetGroups(ctx, r.Target, aws.TargetGroupQuery{})
	if err != nil {
		return err
	}
	var behind []aws.TargetGroup
	for _, g := range groups {
		if g.VPCID != one.VPCID || g.TargetType != "instance" || len(g.LoadBalancers) == 0 {
			continue
		}
		there, err := members(ctx, c.cloud, r.Target, g.ARN)
		if err != nil {
			return err
		}
		if contains(there, one.ID) {
			behind = append(behind, g)
		}
	}
	switch len(behind) {
	case 0:
		return &commands.Error{
			Kind: commands.NotFound, Message: label(one) + " is behind no load balancer, so nothing was done.",
			Hint: commands.Mono(where.Line(r.Target, "vm reboot", one.ID)) + " reboots it.",
		}
	case 1:
	default:
		var names []string
		for _, g := range behind {
			names = append(names, commands.Mono(g.Name))
		}
		return &commands.Error{
			Kind: commands.Ambiguous, Message: label(one) + " is in several target groups, " + commands.And(names) + ", so nothing was done.",
			Hint: "Take it out of each with " + commands.Mono("lb deregister LOAD_BALANCER "+one.ID) + ", reboot it, and put it back with " + commands.Mono("lb register") + ".",
		}
	}
	some, err := c.cloud.LoadBalancers(ctx, r.Target, aws.LoadBalancerQuery{ARNs: behind[0].LoadBalancers})
	if err != nil {
		return err
	}
	if len(some) == 0 {
		return missing("load balancer of the target group " + behind[0].Name)
	}
	r.Balancer, r.Group, r.Instances = some[0], behind[0], []aws.Instance{one}
	return nil
}

// fill adds what the target group says of its targets, and refuses what cannot be restarted.
func (c *Restart) fill(ctx context.Context, r *rota) error {
	seen, err := c.cloud.TargetHealth(ctx, r.Target, r.Group.ARN)
	if err != nil {
		return err
	}
	r.Ports = registeredAt(seen)
	var there []string
	for _, h := range seen {
		if r.Ports[h.ID] != nil && strings.HasPrefix(h.ID, "i-") && !slices.Contains(there, h.ID) {
			there = append(there, h.ID)
		}
	}
	if len(r.Instances) == 0 {
		if len(there) == 0 {
			return &commands.Error{
				Kind: commands.NotFound, Message: "There is no instance behind " + r.Balancer.Name + ", so nothing was done.",
				Hint: commands.Mono(where.Line(r.Target, "lb health", r.Balancer.Name)) + " shows its targets.",
			}
		}
		if r.Instances, err = c.cloud.Instances(ctx, r.Target, aws.InstanceQuery{IDs: there}); err != nil {
			return err
		}
		commands.Order(r.Instances, func(a, b aws.Instance) int { return slices.Index(there, a.ID) - slices.Index(there, b.ID) })
	}
	r.Left = len(there)
	for _, i := range r.Instances {
		left := healthy(slices.DeleteFunc(slices.Clone(seen), func(h aws.TargetHealth) bool { return h.ID == i.ID }))
		r.Left = min(r.Left, left)
	}
	if r.Drain, err = c.cloud.DrainTime(ctx, r.Target, r.Group.ARN); err != nil {
		return err
	}
	return c.judge(*r)
}

func (c *Restart) judge(r rota) error {
	for _, i := range r.Instances {
		switch {
		case r.Ports[i.ID] == nil:
			return &commands.Error{
				Kind: commands.Conflict, Message: label(i) + " is not behind " + r.Balancer.Name + ", so nothing was done.",
				Hint: commands.Mono(where.Line(r.Target, "vm reboot", i.ID)) + " reboots it.",
			}
		case i.State != aws.Running:
			return &commands.Error{
				Kind: commands.Conflict, Message: fmt.Sprintf("%s is %s, so there is nothing to restart, and nothing was done.", label(i), i.State),
				Hint: "Start it with " + commands.Mono(where.Line(r.Target, "vm start", i.ID)) + ", or name only the others.",
			}
		}
	}
	each := time.Duration(r.Drain)*time.Second + bootUsual
	if most := max(1, int(restartRoom/each)); len(r.Instances) > most {
		return commands.Conflicting(fmt.Sprintf("Each target drains for %d s and boots after that, so %d of them take longer than one run may, and nothing was done.", r.Drain, len(r.Instances)),
			"Begin with "+commands.Mono(c.lineFor(r, r.Instances[:most]))+".")
	}
	return nil
}

func (c *Restart) lineFor(r rota, some []aws.Instance) string {
	return where.Line(r.Target, append([]string{"lb restart", r.Balancer.Name}, ids(some)...)...) + commands.Flag("target-group", c.TargetGroup)
}

func (c *Restart) pinnedRota(ctx context.Context, run *commands.Run) (rota, error) {
	return commands.Repeat(ctx, run, "look up load balancer and targets", c.resolve)
}

// Scope is the load balancer and the targets that restart.
func (c *Restart) Scope(ctx context.Context) (commands.Scope, error) {
	r, err := c.resolve(ctx)
	return r.scope(c.Account), err
}

// Plan tells which targets would restart, in their order, and what answers meanwhile.
func (c *Restart) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	r, err := c.pinnedRota(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	t := commands.Table{Columns: []string{"Turn", "Target", "ID", "Port"}}
	for n, i := range r.Instances {
		t.Rows = append(t.Rows, []string{fmt.Sprint(n + 1), commands.OrNone(i.Name), i.ID, portsOf(r.Ports[i.ID])})
	}
	report := commands.Report{
		Title: "Would restart " + commands.Count(len(r.Instances), "target") + " of " + r.Balancer.Name, Where: where.Words(r.Place),
		Body: commands.Blocks{t, commands.Text{Text: fmt.Sprintf(
			"One at a time: each is taken out and drains for up to %d s, reboots, passes its status checks, and is put back and healthy before the next one. "+
				"At worst %s left meanwhile. The first that fails ends it. A reboot cannot be undone.", r.Drain, healthyWords(r.Left))}},
	}
	if r.Left == 0 {
		report.Tone = commands.Warning
		report.Body = append(report.Body, commands.Text{Text: "No healthy target would be left: the load balancer would answer nothing for some minutes."})
	}
	return report, nil
}

func healthyWords(n int) string {
	if n == 1 {
		return "1 healthy target is"
	}
	return fmt.Sprintf("%d healthy targets are", n)
}

func portsOf(ports []int) string {
	words := make([]string, len(ports))
	for n, p := range ports {
		words[n] = fmt.Sprint(p)
	}
	return strings.Join(words, ", ")
}

// Run restarts one target after the other.
func (c *Restart) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	r, err := c.pinnedRota(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	for n, i := range r.Instances {
		t := turn{Restart: c, rota: r, run: run, who: i, prefix: fmt.Sprintf("%d of %d: ", n+1, len(r.Instances))}
		if err := t.do(ctx); err != nil {
			return t.halfway(n), err
		}
	}
	report := commands.Report{
		Tone: commands.Good, Title: "Restarted " + commands.Count(len(r.Instances), "target") + " of " + r.Balancer.Name, Where: where.Words(r.Place),
		Next: []commands.Next{{Label: "Health", Line: where.Line(r.Target, "lb health", r.Balancer.Name)}},
	}
	seen, err := c.cloud.TargetHealth(ctx, r.Target, r.Group.ARN)
	if err != nil {
		report.Body = commands.Blocks{commands.Text{Text: "Each was healthy again before the next one was taken out. How they stand now could not be asked: " + commands.Words(err).Message}}
		return report, nil
	}
	report.Body = commands.Blocks{healthTable(seen, namesOf(ctx, c.cloud, r.Target, seen))}
	return report, nil
}
