package lb

import (
	"context"
	"fmt"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// turn is one target's restart. stands tells how far it is.
type turn struct {
	*Restart
	rota
	run    *commands.Run
	who    aws.Instance
	prefix string
	stands string
}

func (t *turn) do(ctx context.Context) error {
	t.stands = untouched
	for _, part := range []struct {
		name   string
		do     func(context.Context) error
		leaves string
	}{
		{"deregister", t.deregister, untouched},
		{"drain", t.drain, "deregistered"},
		{"reboot", t.reboot, "deregistered and drained"},
		{"boot", t.boot, "deregistered and drained, may have rebooted"},
		{"register", t.register, "rebooted, still deregistered"},
		{"health", t.health, "rebooted and registered, not healthy yet"},
	} {
		// A wait that is over stays over: the next process does not wait for a drained target to be drained once more.
		_, err := commands.Repeat(ctx, t.run, part.name+" "+t.who.ID, func(ctx context.Context) (bool, error) { return true, part.do(ctx) })
		if err != nil {
			t.stands = part.leaves
			return err
		}
	}
	return nil
}

func (t *turn) say(text string) { t.run.Say(t.prefix + orWord(t.who.Name, t.who.ID) + " " + text) }

func (t *turn) deregister(ctx context.Context) error {
	t.say("is taken out")
	return t.cloud.DeregisterTargets(ctx, t.rota.Target, t.Group.ARN, []string{t.who.ID}, 0)
}

func (t *turn) drain(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, time.Duration(t.Drain)*time.Second+2*time.Minute)
	defer cancel()
	return t.cloud.WaitForDrained(limited, t.rota.Target, t.Group.ARN, []string{t.who.ID}, func([]aws.TargetHealth) { t.say("drains") })
}

// reboot asks again where the answer was lost: the target is drained, so a second reboot disturbs nobody.
func (t *turn) reboot(ctx context.Context) error {
	t.say("reboots")
	err := t.cloud.RebootInstances(ctx, t.rota.Target, []string{t.who.ID}, false)
	if commands.IsUncertain(err) && ctx.Err() == nil {
		err = t.cloud.RebootInstances(ctx, t.rota.Target, []string{t.who.ID}, false)
	}
	return err
}

func (t *turn) boot(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, bootPatience)
	defer cancel()
	return t.cloud.WaitForStatusOK(limited, t.rota.Target, []string{t.who.ID}, func([]aws.InstanceStatus) { t.say("boots; waiting for its status checks") })
}

func (t *turn) register(ctx context.Context) error {
	t.say("is put back")
	for _, port := range t.Ports[t.who.ID] {
		if err := t.cloud.RegisterTargets(ctx, t.rota.Target, t.Group.ARN, []string{t.who.ID}, port); err != nil {
			return err
		}
	}
	return nil
}

func (t *turn) health(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, healthPatience)
	defer cancel()
	seen, err := t.cloud.WaitForTargets(limited, t.rota.Target, t.Group.ARN, []string{t.who.ID}, func([]aws.TargetHealth) { t.say("is back; waiting until it is healthy") })
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	for _, h := range seen {
		if h.State != aws.TargetHealthy {
			why, cause := explain(h)
			return &commands.Error{
				Kind: commands.Failed, Message: fmt.Sprintf("%s is %s after its reboot: %s.", label(t.who), h.State, orWord(why, "AWS does not say why")),
				Hint: sentenceOf(cause),
			}
		}
	}
	return nil
}

func sentenceOf(cause string) string {
	if cause == "" {
		return ""
	}
	return "Most likely " + cause + "."
}

// halfway tells how every target stands after the n-th one failed, and how to go on.
func (t *turn) halfway(n int) commands.Report {
	table := commands.Table{Columns: []string{"Target", "ID", "State"}}
	for at, i := range t.Instances {
		state := t.stands
		switch {
		case at < n:
			state = "restarted, healthy"
		case at > n:
			state = untouched
		}
		table.Rows = append(table.Rows, []string{commands.OrNone(i.Name), i.ID, state})
	}
	report := commands.Report{
		Title: fmt.Sprintf("Restarted %d of %s of %s, then stopped", n, commands.Count(len(t.Instances), "target"), t.Balancer.Name), Where: where.Words(t.Place),
		Body: commands.Blocks{table},
	}
	rest := t.Instances[n+1:]
	switch {
	case t.stands == untouched:
		rest = t.Instances[n:]
	case !strings.Contains(t.stands, "registered, not healthy"):
		report.Next = append(report.Next, t.back(t.rota, t.Instances[n:n+1]))
	}
	if len(rest) > 0 {
		report.Next = append(report.Next, commands.Next{Label: "Restart the rest", Line: t.lineFor(t.rota, rest)})
	}
	return report
}

const untouched = "not touched"

// back is the line that puts targets back.
func (c *Restart) back(r rota, some []aws.Instance) commands.Next {
	return commands.Next{
		Label: "Put back", Style: "primary",
		Line: where.Line(r.Target, append([]string{"lb register", r.Balancer.Name}, ids(some)...)...) + commands.Flag("target-group", c.TargetGroup),
	}
}

// Check looks, after a run whose end is not known, who is behind the load balancer, and says who is not: nobody stays out unsaid.
func (c *Restart) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	r, err := c.pinnedRota(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	seen, err := c.cloud.TargetHealth(ctx, r.Target, r.Group.ARN)
	if err != nil {
		return commands.Report{}, err
	}
	now := registeredAt(seen)
	var out, rest []aws.Instance
	done := 0
	table := commands.Table{Columns: []string{"Target", "ID", "State"}}
	for _, i := range r.Instances {
		over, err := run.Journal.Load(ctx, "health "+i.ID)
		if err != nil {
			return commands.Report{}, err
		}
		state := "behind it; may have rebooted"
		switch {
		case over.Finished && over.Failure == "":
			state = "restarted, healthy"
			done++
		case len(now[i.ID]) < len(r.Ports[i.ID]):
			state, out = "deregistered: it gets no requests", append(out, i)
		default:
			rest = append(rest, i)
			if begun, err := commands.Begun(ctx, run, "deregister "+i.ID); err == nil && !begun {
				state = untouched
			}
		}
		table.Rows = append(table.Rows, []string{commands.OrNone(i.Name), i.ID, state})
	}
	report := commands.Report{
		Title: fmt.Sprintf("Restarted %d of %s of %s, then stopped", done, commands.Count(len(r.Instances), "target"), r.Balancer.Name), Where: where.Words(r.Place),
		Body: commands.Blocks{table},
	}
	cut := &commands.Error{Kind: commands.Failed, Message: "AWS gave no clear answer, so it was not gone on with; all of them are behind " + r.Balancer.Name + ".", Hint: "The same line restarts them again."}
	if len(out) > 0 {
		report.Next = []commands.Next{c.back(r, out)}
		cut.Message, cut.Hint = "AWS gave no clear answer, and "+labels(out)+" is not behind "+r.Balancer.Name+" now.", commands.Mono(report.Next[0].Line)+" puts it back."
	}
	if len(rest) > 0 {
		report.Next = append(report.Next, commands.Next{Label: "Restart the rest", Line: c.lineFor(r, rest)})
	}
	return report, cut
}
