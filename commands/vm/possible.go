package vm

import (
	"context"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// Possible is the flag of lines that nobody watches, such as those of schedule hours: one machine that cannot does not keep the others back.
type Possible struct {
	WherePossible bool `flag:"where-possible" help:"Leave alone, and tell, what cannot: what is protected, in the recycle bin, over its lease, a spot instance or of an Auto Scaling group."`
}

// groupTag is what Auto Scaling puts on the instances of a group. Source:
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-tagging.html
const groupTag = "aws:autoscaling:groupName"

// spare answers why a line with --where-possible leaves an instance alone, as the end of a sentence, "" where it does not.
func (a *action) spare(ctx context.Context, t aws.Target, i *aws.Instance, now time.Time) (string, error) {
	fit, why := a.judge(*i)
	lease, leased := time.Parse(time.RFC3339, i.Tags[commands.LeaseTag])
	ends, binned := inBin(*i)
	group := i.Tags[groupTag]
	switch {
	case fit == unfit:
		return why, nil
	case fit != ready:
		return "", nil
	case group != "":
		return "belongs to the Auto Scaling group " + commands.Mono(group) + ", which replaces what is stopped", nil
	case i.Lifecycle == "spot":
		return "is a spot instance, and AWS decides when it runs", nil
	case a.want == aws.Running && binned:
		return "is in the recycle bin until " + commands.At(ends), nil
	case a.want == aws.Running && leased == nil && !now.Before(lease):
		return "had a lease until " + commands.At(lease), nil
	case a.want != aws.Stopped:
		return "", nil
	}
	on, err := a.cloud.StopProtected(ctx, t, i.ID)
	if on {
		return "is protected against being stopped", err
	}
	return "", err
}

// able leaves out what cannot be, and says why.
func (a *action) able(ctx context.Context, p picked, now time.Time) (picked, error) {
	some := p.Instances
	p.Instances = nil
	for n := range some {
		why, err := a.spare(ctx, p.Target, &some[n], now)
		if err != nil {
			return p, err
		}
		p.leave(some[n], why)
	}
	return p, nil
}

// leave takes an instance in, or says why not.
func (p *picked) leave(i aws.Instance, why string) {
	if why == "" {
		p.Instances = append(p.Instances, i)
		return
	}
	p.Left = append(p.Left, "Left alone: "+label(i)+" "+why+".")
}

// nobody is the report where nothing is left to act upon.
func (a action) nobody(p picked) commands.Report {
	why := "No instance in " + p.Place.Region + " carries " + commands.Mono(commands.TagWords(a.tags())) + ", so nothing was done."
	if len(p.Left) > 0 {
		why = strings.Join(p.Left, "\n")
	}
	return commands.Report{Title: "Nothing to " + a.verb, Body: commands.Blocks{commands.Text{Text: why}}, Where: where.Words(p.Place)}
}
