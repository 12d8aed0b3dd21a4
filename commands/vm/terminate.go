package vm

import (
	"context"
	"slices"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// Terminate is vm terminate. Where there is a recycle bin, what it names is stopped and kept in it for a while first.
type Terminate struct {
	Selection
	Now       bool `flag:"now" help:"At once, past the recycle bin; for those who may."`
	IfStopped bool `flag:"if-stopped" help:"Only where all of it is stopped still: nothing goes where one runs again."`
	Preserving
	Due string `flag:"due" value:"TIME" help:"Only what is stopped in the recycle bin until exactly this moment, once that is over: the bin's own end."`

	bin   Bin
	cloud Cloud
}

const terminateCommand = "vm terminate"

// Validate reads the moment.
func (c *Terminate) Validate() error {
	if _, err := time.Parse(time.RFC3339, c.Due); c.Due != "" && err != nil {
		return commands.Misuse(commands.Mono("--due "+c.Due)+" is no moment.", "Write it as 2026-11-27T12:00:00Z.")
	}
	if c.Due != "" && c.ImageFirst {
		return commands.Misuse(commands.Mono("--due")+" and "+commands.Mono("--image-first")+" exclude each other.", "Leave one of them out.")
	}
	if c.Due != "" && c.Now {
		return commands.Misuse(commands.Mono("--due")+" and "+commands.Mono("--now")+" exclude each other.", "Leave one of them out.")
	}
	return c.Selection.Validate()
}

// kept tells whether the line puts into the bin.
func (c *Terminate) kept() bool { return c.bin.Keep > 0 && !c.Now && c.Due == "" }

func (c *Terminate) action() action {
	a := action{
		Selection: c.Selection, cloud: c.cloud,
		verb: "terminate", done: "Terminated", step: "TerminateInstances", interrupts: true,
		want: aws.Terminated, onTheWay: []aws.InstanceState{aws.ShuttingDown},
		judge: judgeTerminate, image: c.Preserving,
		before: c.refuse,
		ask: func(ctx context.Context, t aws.Target, ids []string, dryRun bool) error {
			_, err := c.cloud.TerminateInstances(ctx, t, ids, dryRun)
			return err
		},
		warn: func([]aws.Instance) []string {
			return []string{
				"Root volumes and every other volume that is set to go with its instance are deleted.",
			}
		},
		next: func(_ []aws.Instance, t aws.Target) []commands.Next {
			return []commands.Next{{Label: "List what is left", Line: lineFor("vm list", nil, t)}}
		},
	}
	if c.Due != "" {
		a.Left, a.only, a.without = true, c.over, "not in the recycle bin until then any more, or running again"
	}
	return a
}

// over tells whether an instance is in the bin until the moment of the line. What runs again is left alone: somebody uses it.
func (c *Terminate) over(i aws.Instance) bool {
	_, in := inBin(i)
	return in && i.Tags[binTag] == c.Due || isDead(i.State)
}

func judgeTerminate(i aws.Instance) (fit, string) {
	switch i.State {
	case aws.Terminated:
		return there, ""
	case aws.ShuttingDown:
		return underWay, ""
	default:
		return ready, ""
	}
}

// refuse names what stands in the way: what runs again, where the line means only what is stopped, and what is protected.
func (c *Terminate) refuse(ctx context.Context, p picked) error {
	if !c.IfStopped {
		return c.refuseProtected(ctx, p)
	}
	used, err := c.cloud.Instances(ctx, p.Target, aws.InstanceQuery{IDs: ids(p.Instances)})
	if err != nil {
		return err
	}
	used = slices.DeleteFunc(used, func(i aws.Instance) bool { return i.State == aws.Stopped || isDead(i.State) })
	if len(used) > 0 {
		return &commands.Error{
			Kind: commands.Conflict, Message: join(used, label) + " " + is(len(used)) + " not stopped any more, so nothing was terminated.",
			Hint: "Somebody may use it again. " + commands.Mono(lineFor(terminateCommand, p.Instances, p.Target)) + " terminates it all the same.",
		}
	}
	return c.refuseProtected(ctx, p)
}

// refuseProtected names every instance that is protected. It must come before the call: asked about instances in several
// zones, EC2 refuses the protected one and terminates those in other zones all the same.
// Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateInstances.html
func (c *Terminate) refuseProtected(ctx context.Context, p picked) error {
	var protected []aws.Instance
	for _, i := range p.Instances {
		on, err := c.cloud.TerminationProtected(ctx, p.Target, i.ID)
		if err != nil {
			return err
		}
		if on {
			protected = append(protected, i)
		}
	}
	if len(protected) == 0 {
		return nil
	}
	return &commands.Error{
		Kind:    commands.Conflict,
		Message: join(protected, label) + " " + is(len(protected)) + " protected against termination, so nothing was terminated.",
		Hint:    "Clear the protection with " + commands.Mono(lineFor("vm unprotect", protected, p.Target)) + " and send the line again, or leave the protected out.",
	}
}

// Scope is the instances that the line means.
func (c *Terminate) Scope(ctx context.Context) (commands.Scope, error) { return c.action().scope(ctx) }

// Plan tells what would be lost, and when.
func (c *Terminate) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	if err := c.mayNow(ctx, run); err != nil {
		return commands.Report{}, err
	}
	if c.kept() {
		return c.planBin(ctx, run)
	}
	return c.action().plan(ctx, run)
}

// Run terminates and waits until everything is gone, or puts it into the bin.
func (c *Terminate) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	if err := c.mayNow(ctx, run); err != nil {
		return commands.Report{}, err
	}
	if err := c.early(run.Now); err != nil {
		return commands.Report{}, err
	}
	if c.kept() {
		return c.runBin(ctx, run)
	}
	return c.action().run(ctx, run)
}

// Check looks whether the instances are gone. Into the bin each step may be repeated, so it goes on.
func (c *Terminate) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	if c.kept() {
		return c.runBin(ctx, run)
	}
	return c.action().check(ctx, run)
}

// early refuses what is not over yet: until then its owner may keep it.
func (c *Terminate) early(now time.Time) error {
	if due, err := time.Parse(time.RFC3339, c.Due); err == nil && now.Before(due) {
		return &commands.Error{Kind: commands.Conflict, Message: "Its time in the recycle bin is over at " + commands.At(due) + ", so nothing was terminated.", Hint: "It ends by itself then."}
	}
	return nil
}

// mayNow refuses --now to those who may not pass the bin by.
func (c *Terminate) mayNow(ctx context.Context, run *commands.Run) error {
	if !c.Now || c.bin.Keep == 0 {
		return nil
	}
	ok, err := c.bin.Now(ctx, run.Asker.User)
	switch {
	case err != nil:
		return &commands.Error{Kind: commands.Unavailable, Message: "Slack could not say who may terminate at once.", Hint: "Nothing was done; try again in a moment.", Err: err}
	case !ok:
		return &commands.Error{
			Kind: commands.Denied, Message: "Here machines are kept in the recycle bin for " + c.bin.words() + " first, and " + commands.Person(run.Asker.User) + " is not among those who may terminate at once.",
			Hint: "Leave " + commands.Mono("--now") + " out.",
		}
	}
	return nil
}

// stopping is the first half: it stops what goes into the bin.
func (c *Terminate) stopping() action {
	stop := &Stop{Selection: c.Selection, cloud: c.cloud}
	a := stop.action()
	a.name, a.undo, a.before = terminateCommand, "", c.refuse
	a.judge = func(i aws.Instance) (fit, string) {
		_, in := inBin(i)
		switch {
		case in, isDead(i.State):
			return there, ""
		case i.State == aws.Pending:
			return unfit, "is still starting and can go into the recycle bin once it runs"
		case i.RootDeviceType == "instance-store":
			return unfit, "has an instance store as its root and cannot be stopped, so it cannot go into the recycle bin"
		default:
			return ready, ""
		}
	}
	return a
}

// planBin tells what would be stopped now and terminated later.
func (c *Terminate) planBin(ctx context.Context, run *commands.Run) (commands.Report, error) {
	a := c.stopping()
	p, j, err := a.standing(ctx, run, a.pinned)
	if err != nil {
		return commands.Report{}, err
	}
	if len(j.ready) == 0 {
		return c.inAlready(p), nil
	}
	if err := a.before(ctx, p.of(j.ready)); err != nil {
		return commands.Report{}, err
	}
	verdict, tone := commands.DryRun(a.ask(ctx, p.Target, ids(j.ready), true))
	if tone != commands.Bad {
		_, err = c.cloud.TerminateInstances(ctx, p.Target, ids(j.ready), true)
		verdict, tone = commands.DryRun(err)
	}
	keep := lineFor(keepCommand, j.ready, p.Target)
	report := commands.Report{Tone: tone, Title: titled("Would put", j.ready, "into the recycle bin for "+c.bin.words()), Where: where.Words(p.Place), Undo: keep}
	if tone == commands.Bad {
		report.Title = titled("AWS would refuse to stop and terminate", j.ready, "")
	}
	report.Body = commands.Blocks{
		planTable(j.ready, run.Now),
		commands.Text{Text: "Stopped now, and terminated " + c.bin.words() + " later; until then " + commands.Mono(keep) + " takes it out again. Then root volumes and every other volume that is set to go with its instance are deleted."},
	}
	for _, line := range a.warn(j.ready) {
		report.Body = append(report.Body, commands.Text{Text: line})
	}
	offer, offers := c.offer(ctx, c.cloud, p, j.ready)
	report.Offers = offers
	report.Body = append(append(report.Body, radius(ctx, c.cloud, p.Target, j.ready)...), offer, commands.Text{Text: verdict})
	return report, nil
}

// inAlready is the report where nothing is left to be put into the bin.
func (c *Terminate) inAlready(p picked) commands.Report {
	return commands.Report{
		Title: "Nothing to do for " + count(len(p.Instances)), Where: where.Words(p.Place),
		Body: commands.Blocks{commands.Text{Text: join(p.Instances, func(i aws.Instance) string {
			if ends, in := inBin(i); in {
				return label(i) + " is in the recycle bin until " + commands.At(ends)
			}
			return label(i) + " is already " + string(i.State)
		}) + ", so nothing was done."}},
		Next: []commands.Next{{Label: "List what is left", Line: lineFor("vm list", nil, p.Target)}},
	}
}

// runBin stops, waits until all are down, and puts them into the bin.
func (c *Terminate) runBin(ctx context.Context, run *commands.Run) (commands.Report, error) {
	a := c.stopping()
	p, j, err := a.standing(ctx, run, a.looked)
	if err != nil {
		return commands.Report{}, err
	}
	if len(j.ready) == 0 {
		return c.inAlready(p), nil
	}
	in := p.of(j.ready)
	if _, err := commands.Repeat(ctx, run, "before "+a.step, func(ctx context.Context) (bool, error) { return true, a.before(ctx, in) }); err != nil {
		return commands.Report{}, err
	}
	kept, err := c.keep(ctx, run, c.cloud, in, in.Instances)
	if err != nil {
		return commands.Report{}, err
	}
	up := slices.DeleteFunc(slices.Clone(j.ready), func(i aws.Instance) bool { return i.State == aws.Stopped })
	if len(up) > 0 {
		run.Say("Asking AWS to stop " + count(len(up)) + ".")
		_, err = commands.Repeat(ctx, run, a.step, func(ctx context.Context) (bool, error) { return true, a.ask(ctx, p.Target, ids(up), false) })
		if err != nil {
			return commands.Report{}, after(kept, err)
		}
	}
	now, err := a.await(ctx, run, in, patience)
	if err != nil {
		return commands.Report{}, err
	}
	if late := a.late(in, now); len(late) > 0 {
		return commands.Report{
				Title: titled("Not in the recycle bin", j.ready, ""), Where: where.Words(p.Place), Body: commands.Blocks{resultTable(j.ready, now)}, Undo: lineFor("vm start", up, p.Target),
			}, &commands.Error{
				Kind: commands.Failed, Message: "AWS took the stop, but " + join(late, standsAs) + ". Nothing was put into the recycle bin, and nothing is terminated.",
				Hint: "Run " + commands.Mono(lineFor(terminateCommand, j.ready, p.Target)) + " again.",
			}
	}
	report, err := c.binned(ctx, run, in, up, now)
	if kept != "" {
		report.Body = append(report.Body, commands.Text{Text: kept})
	}
	return report, err
}

// binned puts what is stopped into the bin and reports until when.
func (c *Terminate) binned(ctx context.Context, run *commands.Run, in picked, up []aws.Instance, now map[string]aws.Instance) (commands.Report, error) {
	ends, err := c.putIn(ctx, run, in)
	report := commands.Report{Where: where.Words(in.Place), Body: commands.Blocks{resultTable(in.Instances, now)}}
	if err != nil {
		report.Title = titled("Stopped, and not in the recycle bin", in.Instances, "")
		if len(up) > 0 {
			report.Undo = lineFor("vm start", up, in.Target)
		}
		report.Body = append(report.Body, commands.Text{Text: "What does not carry the tag " + commands.Mono(binTag) + " is not terminated. " + commands.Mono(lineFor(terminateCommand, in.Instances, in.Target)) + " again finishes it."})
		return report, err
	}
	report.Tone, report.Title = commands.Good, titled("Put", in.Instances, "into the recycle bin until "+commands.At(ends))
	report.Undo = lineFor(keepCommand, in.Instances, in.Target)
	if len(up) == 0 {
		report.Undo += " --stopped"
	}
	report.Body = append(report.Body, commands.Text{Text: "Stopped, and terminated then by a request of its own. Until then " + commands.Mono(report.Undo) + " takes it out; its disks are kept and go on costing money."})
	report.Next = []commands.Next{showNext(in.Instances, in.Target)}
	return report, nil
}
