package vm

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/schedule"
	"deckhand/commands/where"
)

// binTag says when a stopped instance in the recycle bin is terminated, in RFC 3339 and UTC. Only what carries it, with the very moment that the
// bin's act names, is terminated by that act.
const binTag = "deckhand:terminate-at"

// Bin is the recycle bin: what vm terminate stops and keeps for a while before it is gone. The zero Bin keeps nothing.
type Bin struct {
	Keep time.Duration // how long; 0: vm terminate terminates at once
	Acts Acts          // where the ends are kept
	// Now tells whether somebody may terminate at once all the same.
	Now func(ctx context.Context, user string) (bool, error)
}

// Acts is where lines are kept that run once at their time.
type Acts interface {
	PutActs(ctx context.Context, acts []schedule.Act, without ...string) error
}

// words say how long the bin keeps.
func (b Bin) words() string {
	if h := b.Keep.Hours(); b.Keep >= time.Hour && h == float64(int(h)) {
		return fmt.Sprintf("%d h", int(h))
	}
	return b.Keep.String()
}

// inBin tells until when an instance is in the recycle bin. One that runs is not in it, whatever its tags say.
func inBin(i aws.Instance) (time.Time, bool) {
	ends, err := time.Parse(time.RFC3339, i.Tags[binTag])
	return ends, err == nil && (i.State == aws.Stopped || i.State == aws.Stopping)
}

// binKeys are the keys of the ends of instances: one each, so that one that is kept, or put into the bin again, has no other end.
func binKeys(p picked) []string {
	keys := make([]string, len(p.Instances))
	for n, i := range p.Instances {
		account := p.Place.AccountID
		if account == "" {
			account = p.Target.Account
		}
		keys[n] = strings.Join([]string{"bin", account, p.Place.Region, i.ID}, " ")
	}
	return keys
}

// The steps of the journal that put instances into the bin and take them out of it.
const (
	binEndStep = "choose the end"
	binActStep = "write down the end"
	binTagStep = "CreateTags"
	unbinStep  = "DeleteTags"
	unactStep  = "forget the end"
)

// putIn tags what was stopped and writes down its end. The end is written before the tag: nothing carries the tag without
// an end, and an end without a tag terminates nothing.
func (c *Terminate) putIn(ctx context.Context, run *commands.Run, p picked) (time.Time, error) {
	ends, err := commands.Repeat(ctx, run, binEndStep, func(context.Context) (time.Time, error) {
		return run.Now.Add(c.bin.Keep).UTC().Truncate(time.Second), nil
	})
	if err != nil {
		return ends, err
	}
	number, _ := strconv.ParseInt(strings.TrimPrefix(run.ID, "R-"), 10, 64)
	var acts []schedule.Act
	for n, key := range binKeys(p) {
		one := p.of(p.Instances[n : n+1])
		acts = append(acts, schedule.Act{
			Key: key, Due: ends, Line: lineFor(terminateCommand, one.Instances, p.Target) + commands.Flag("due", ends.Format(time.RFC3339)), Asker: run.Asker,
			Reason: "the time of " + run.ID + " in the recycle bin is over", Of: number, Agreed: true,
		})
	}
	_, err = commands.Repeat(ctx, run, binActStep, func(ctx context.Context) (bool, error) { return true, c.bin.Acts.PutActs(ctx, acts) })
	if err != nil {
		return ends, err
	}
	_, err = commands.Repeat(ctx, run, binTagStep, func(ctx context.Context) (bool, error) {
		return true, c.cloud.TagInstances(ctx, p.Target, ids(p.Instances), map[string]string{binTag: ends.Format(time.RFC3339)}, false)
	})
	return ends, err
}

// takeOut removes the tag of what is in the bin, and then its end.
func takeOut(ctx context.Context, run *commands.Run, cloud Cloud, acts Acts, p picked) error {
	out := picked{Target: p.Target, Place: p.Place}
	for _, i := range p.Instances {
		if _, tagged := i.Tags[binTag]; tagged {
			out.Instances = append(out.Instances, i)
		}
	}
	if len(out.Instances) == 0 {
		return nil
	}
	_, err := commands.Repeat(ctx, run, unbinStep, func(ctx context.Context) (bool, error) {
		return true, cloud.UntagInstances(ctx, p.Target, ids(out.Instances), []string{binTag}, false)
	})
	if err != nil || acts == nil {
		return err
	}
	_, err = commands.Repeat(ctx, run, unactStep, func(ctx context.Context) (bool, error) { return true, acts.PutActs(ctx, nil, binKeys(out)...) })
	return err
}

// Keep is vm keep: it takes instances out of the recycle bin.
type Keep struct {
	Selection
	Stopped bool `flag:"stopped" help:"Leave them stopped."`

	bin   Bin
	cloud Cloud
}

const keepCommand = "vm keep"

// inside is those of the selection that are in the bin.
func (c *Keep) inside() Selection {
	s := c.Selection
	s.only, s.without = func(i aws.Instance) bool { return i.Tags[binTag] != "" && !isDead(i.State) }, "not in the recycle bin"
	return s
}

func (c *Keep) start() action { return (&Start{Selection: c.inside(), cloud: c.cloud}).action() }

// Scope is the instances that the line means.
func (c *Keep) Scope(ctx context.Context) (commands.Scope, error) { return c.start().scope(ctx) }

// Plan tells what would be kept.
func (c *Keep) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.inside().pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	then := "They start again."
	if c.Stopped {
		then = "They stay stopped."
	}
	return commands.Report{
		Title: titled("Would keep", p.Instances, ""), Where: where.Words(p.Place),
		Body: commands.Blocks{planTable(p.Instances, run.Now), commands.Text{Text: then + " Nothing terminates them by itself any more."}},
	}, nil
}

// Run takes them out of the bin, then starts them.
func (c *Keep) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	kept, err := c.inside().looked(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	if err := takeOut(ctx, run, c.cloud, c.bin.Acts, kept); err != nil {
		return commands.Report{}, err
	}
	report := commands.Report{
		Tone: commands.Good, Where: where.Words(kept.Place), Body: commands.Blocks{planTable(kept.Instances, run.Now)},
		Next: []commands.Next{showNext(kept.Instances, kept.Target), startNext(kept.Instances, kept.Target)},
	}
	if !c.Stopped {
		if report, err = c.start().run(ctx, run); err != nil {
			return c.unstarted(kept, report), err
		}
	}
	report.Title = titled("Kept", kept.Instances, "out of the recycle bin")
	report.Undo = lineFor(terminateCommand, kept.Instances, kept.Target)
	return report, nil
}

// unstarted tells of what is out of the bin and did not start.
func (c *Keep) unstarted(kept picked, report commands.Report) commands.Report {
	report.Title, report.Where = titled("Kept", kept.Instances, "out of the recycle bin, and not started"), where.Words(kept.Place)
	report.Body = append(report.Body, commands.Text{Text: "Nothing terminates by itself any more what is out of it."})
	report.Next, report.Undo = []commands.Next{startNext(kept.Instances, kept.Target)}, lineFor(terminateCommand, kept.Instances, kept.Target)
	return report
}

// Check goes on: each step may be repeated, or knows that it may not.
func (c *Keep) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	asked, err := commands.Begun(ctx, run, startStep)
	if err != nil {
		return commands.Report{}, err
	}
	if c.Stopped || !asked {
		return c.Run(ctx, run)
	}
	report, err := c.start().check(ctx, run)
	if err != nil && commands.Words(err).Kind != commands.Failed {
		return report, err
	}
	kept, lookErr := c.inside().looked(ctx, run, c.cloud)
	switch {
	case err == nil:
		report.Title = "Kept out of the recycle bin; " + lowerFirst(report.Title)
		if lookErr == nil {
			report.Undo = lineFor(terminateCommand, kept.Instances, kept.Target)
		}
		return report, nil
	case lookErr != nil:
		return report, err
	}
	return c.unstarted(kept, report), err
}

func lowerFirst(text string) string {
	if text == "" {
		return text
	}
	return strings.ToLower(text[:1]) + text[1:]
}
