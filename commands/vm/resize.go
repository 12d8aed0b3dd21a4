package vm

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// Resize is vm resize: another instance type, which AWS gives to a stopped instance only.
type Resize struct {
	Single
	InstanceType string `arg:"type" alias:"instance-type,type" required:"" value:"TYPE" help:"The new instance type."`
	Restart      bool   `flag:"restart" help:"Stop a running instance for it, and start it again."`
	Preserving

	cloud  Cloud
	asleep bool // what AWS was asked to start was never started, so it is asked again
}

const (
	resizeCommand = "vm resize"
	stopStep      = "StopInstances"
	startStep     = "StartInstances"
	modifyStep    = "ModifyInstanceAttribute"
)

// Validate looks at the new type's shape.
func (c *Resize) Validate() error {
	if !instanceTypeShape.MatchString(c.InstanceType) {
		return commands.Misuse(commands.Mono(c.InstanceType)+" is not an instance type.", "Types look like "+commands.Mono("t3.large")+".")
	}
	return c.Single.Validate()
}

// Scope is the instance.
func (c *Resize) Scope(ctx context.Context) (commands.Scope, error) {
	return c.scope(ctx, c.cloud)
}

// judge refuses an instance that cannot be resized as it stands.
func (c *Resize) judge(i aws.Instance) error {
	switch {
	case i.State == aws.Stopped, i.State == aws.Running && c.Restart:
		return nil
	case i.State == aws.Running:
		return &commands.Error{
			Kind: commands.Conflict, Message: label(i) + " is running, and AWS changes the type of stopped instances only. Nothing was done.",
			Hint: "Add --restart to have it stopped and started again.",
		}
	default:
		return &commands.Error{Kind: commands.Conflict, Message: standsAs(i) + ", so its type cannot be changed now. Nothing was done.", Hint: "Wait until it has settled."}
	}
}

// fits refuses a type of another processor. What AWS does not tell is left to AWS.
func (c *Resize) fits(ctx context.Context, i aws.Instance, t aws.Target) error {
	kinds, err := c.cloud.InstanceTypes(ctx, t, []string{i.Type, c.InstanceType})
	if err != nil || len(kinds) != 2 {
		return nil //nolint:nilerr // AWS itself refuses what does not fit
	}
	commands.Order(kinds, func(a, b aws.InstanceType) int {
		return strings.Compare(map[bool]string{true: "0", false: "1"}[a.Name == i.Type], map[bool]string{true: "0", false: "1"}[b.Name == i.Type])
	})
	was, will := kinds[0].Architectures, kinds[1].Architectures
	if len(was) == 0 || len(will) == 0 || slices.ContainsFunc(was, func(a string) bool { return slices.Contains(will, a) }) {
		return nil
	}
	return &commands.Error{
		Kind:    commands.Failed,
		Message: fmt.Sprintf("%s runs %s, and %s has %s: what is installed would not start. Nothing was done.", label(i), strings.Join(was, " or "), commands.Mono(c.InstanceType), strings.Join(will, " or ")),
		Hint:    "Choose a type with the same processor.",
	}
}

// foresee looks ahead; an instance that is to be stopped gives its own vCPUs back first.
func (c *Resize) foresee(ctx context.Context, i aws.Instance, p picked) forecast {
	ahead := prospect{target: p.Target, region: p.Place.Region, kind: c.InstanceType, zone: i.Zone, least: 1, most: 1, later: i.State == aws.Stopped}
	if i.State == aws.Running && i.Lifecycle == "" {
		ahead.frees = i.Type
	}
	return foresee(ctx, c.cloud, ahead)
}

// Plan tells the steps, what AWS has room for, and what the new type costs.
func (c *Resize) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	i := p.Instances[0]
	if i.Type == c.InstanceType {
		return c.nothing(p), nil
	}
	if err := c.judge(i); err != nil {
		return commands.Report{}, err
	}
	if err := c.fits(ctx, i, p.Target); err != nil {
		return commands.Report{}, err
	}
	ahead := c.foresee(ctx, i, p)
	if ahead.refusal != nil {
		return commands.Report{}, ahead.refusal
	}
	steps := "It is stopped and stays stopped."
	var hit commands.Blocks
	if i.State == aws.Running {
		steps = "It is stopped, resized and started again: what runs on it is interrupted, and a public address that is not an Elastic IP changes."
		hit = radius(ctx, c.cloud, p.Target, p.Instances)
	}
	verdict, tone := c.rehearse(ctx, i, p.Target)
	cost := func(kind string) string { return price(ctx, c.cloud, bill{p.Target, kind, i.Platform, 1}) }
	fields := append([]commands.Field{{Name: "Type", Value: i.Type + " to " + c.InstanceType}}, ahead.fields()...)
	fields = append(fields, commands.Field{Name: "Price now", Value: cost(i.Type)}, commands.Field{Name: "Price then", Value: cost(c.InstanceType)})
	offer, offers := c.offer(ctx, c.cloud, p, p.Instances)
	return commands.Report{
		Offers: offers,
		Tone:   tone, Title: fmt.Sprintf("Would resize %s from %s to %s", nameOf(i), i.Type, c.InstanceType), Where: where.Words(p.Place),
		Body: append(append(commands.Blocks{commands.Fields{Fields: fields}, commands.Text{Text: steps}}, hit...), offer, commands.Text{Text: verdict}),
	}, nil
}

// rehearse asks AWS for a dry run. Of an instance that runs AWS takes no change of its type, so its stop is tried instead.
func (c *Resize) rehearse(ctx context.Context, i aws.Instance, t aws.Target) (string, commands.Tone) {
	if i.State != aws.Running {
		return commands.DryRun(c.cloud.SetInstanceType(ctx, t, i.ID, c.InstanceType, true))
	}
	_, err := c.cloud.StopInstances(ctx, t, []string{i.ID}, false, true)
	verdict, tone := commands.DryRun(err)
	if err == nil {
		verdict = "AWS's dry run says that the stop would go through. Its type cannot be tried before it is stopped."
	}
	return verdict, tone
}

func (c *Resize) nothing(p picked) commands.Report {
	i := p.Instances[0]
	report := commands.Report{
		Title: fmt.Sprintf("Nothing to do: %s is a %s already", nameOf(i), i.Type), Where: where.Words(p.Place), Next: []commands.Next{showNext(p.Instances, p.Target)},
	}
	if i.State != aws.Running {
		report.Tone = commands.Warning
		report.Body = commands.Blocks{commands.Text{Text: standsAs(i) + "."}}
	}
	if i.State == aws.Stopped {
		report.Next = append([]commands.Next{startNext(p.Instances, p.Target)}, report.Next...)
	}
	return report
}

// Run stops where it has to, changes the type, and starts again what it stopped.
func (c *Resize) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	before, err := commands.Repeat(ctx, run, lookStep, func(ctx context.Context) (aws.Instance, error) {
		i, err := p.look(ctx, c.cloud)
		if err != nil || i.Type == c.InstanceType {
			return i, err
		}
		if err := c.judge(i); err != nil {
			return i, err
		}
		if err := c.fits(ctx, i, p.Target); err != nil {
			return i, err
		}
		return i, c.foresee(ctx, i, p).refusal
	})
	if err != nil {
		return commands.Report{}, err
	}
	p.Instances = []aws.Instance{before}
	if before.Type == c.InstanceType {
		return c.nothing(p), nil
	}
	kept, err := c.keep(ctx, run, c.cloud, p, p.Instances)
	if err != nil {
		return commands.Report{}, err
	}
	if before.State == aws.Running {
		if err := c.stop(ctx, run, p); err != nil {
			return commands.Report{}, after(kept, err)
		}
	}
	report, err := c.change(ctx, run, p)
	if kept != "" {
		report.Body = append(report.Body, commands.Text{Text: kept})
	}
	return report, err
}

// change changes the type of the instance, which is stopped, and starts it again where it ran before.
func (c *Resize) change(ctx context.Context, run *commands.Run, p picked) (commands.Report, error) {
	before := p.Instances[0]
	run.Say("Changing the type of " + nameOf(before) + " to " + c.InstanceType + ".")
	_, err := commands.Repeat(ctx, run, modifyStep, func(ctx context.Context) (bool, error) {
		return true, c.cloud.SetInstanceType(ctx, p.Target, before.ID, c.InstanceType, false)
	})
	if err != nil {
		return c.unchanged(p, err)
	}
	if before.State == aws.Running {
		return c.start(ctx, run, p)
	}
	return c.done(p, before, "It is still stopped."), nil
}

// stop stops the instance and waits.
func (c *Resize) stop(ctx context.Context, run *commands.Run, p picked) error {
	run.Say("Stopping " + nameOf(p.Instances[0]) + ".")
	_, err := commands.Once(ctx, run, stopStep, func(ctx context.Context) (bool, error) {
		_, err := c.cloud.StopInstances(ctx, p.Target, ids(p.Instances), false, false)
		return true, err
	})
	if err != nil {
		return err
	}
	if went, err := commands.Begun(ctx, run, modifyStep); err != nil || went {
		return err // an earlier process saw it stopped, and may have started it again
	}
	now, err := await(ctx, run, c.cloud, wait{p, aws.Stopped, patience, "stop"})
	if err != nil {
		return err
	}
	if i := now[p.Instances[0].ID]; i.State != aws.Stopped {
		return &commands.Error{
			Kind: commands.Failed, Message: fmt.Sprintf("AWS took the stop, but %s; its type was not changed.", standsAs(i)),
			Hint: "Once it is stopped, " + commands.Mono(c.line(p)) + " goes on, and " + commands.Mono(lineFor("vm start", p.Instances, p.Target)) + " starts it again.",
		}
	}
	return nil
}

// line is this command for an instance that is stopped.
func (c *Resize) line(p picked) string {
	return lineFor(resizeCommand, p.Instances, p.Target) + commands.Flag("type", c.InstanceType)
}

// unchanged says what stands after AWS refused the new type.
func (c *Resize) unchanged(p picked, cause error) (commands.Report, error) {
	i := p.Instances[0]
	if i.State != aws.Running || commands.IsUncertain(cause) {
		return commands.Report{}, cause
	}
	words := commands.Words(cause)
	return commands.Report{
			Tone: commands.Bad, Title: nameOf(i) + " is stopped and still a " + i.Type, Where: where.Words(p.Place),
			Next: []commands.Next{startNext(p.Instances, p.Target), showNext(p.Instances, p.Target)},
		}, &commands.Error{
			Kind: commands.Failed, Message: label(i) + " was stopped for the new type, which it did not get: " + words.Error(),
			Hint: commands.Mono(lineFor("vm start", p.Instances, p.Target)) + " starts it again as it was.", Err: cause,
		}
}

// start starts the resized instance and waits.
func (c *Resize) start(ctx context.Context, run *commands.Run, p picked) (commands.Report, error) {
	run.Say("Starting " + nameOf(p.Instances[0]) + " again.")
	stays := fmt.Sprintf("%s is a %s now, and it does not run", label(p.Instances[0]), c.InstanceType)
	hint := commands.Mono(lineFor("vm start", p.Instances, p.Target)) + " starts it."
	asking := commands.Once[bool]
	if c.asleep {
		asking = commands.Repeat[bool]
	}
	_, err := asking(ctx, run, startStep, func(ctx context.Context) (bool, error) {
		_, err := c.cloud.StartInstances(ctx, p.Target, ids(p.Instances), false)
		return true, err
	})
	if commands.IsUncertain(err) || ctx.Err() != nil {
		return commands.Report{}, err
	}
	if err != nil {
		was := p.Instances[0]
		back := lineFor(resizeCommand, p.Instances, p.Target) + commands.Flag("type", was.Type)
		report := commands.Report{
			Tone: commands.Bad, Title: nameOf(was) + " is stopped, and a " + c.InstanceType + " now", Where: where.Words(p.Place),
			Next: []commands.Next{startNext(p.Instances, p.Target), {Label: "Back to " + was.Type, Line: back}, showNext(p.Instances, p.Target)},
		}
		return report, &commands.Error{
			Kind: commands.Failed, Message: stays + ": " + commands.Words(err).Error(),
			Hint: hint + " " + commands.Mono(back) + " gives it its old type back first.", Err: err,
		}
	}
	now, err := await(ctx, run, c.cloud, wait{p, aws.Running, patience, "start"})
	if err != nil {
		return commands.Report{}, err
	}
	i := now[p.Instances[0].ID]
	if i.State != aws.Running {
		return commands.Report{}, &commands.Error{Kind: commands.Failed, Message: stays + ": " + standsAs(i) + ".", Hint: hint}
	}
	note := "It runs again."
	if was := p.Instances[0]; i.PublicIP != "" && i.PublicIP != was.PublicIP {
		note = "It runs again, at " + commands.Mono(i.PublicIP) + " now."
	}
	return c.done(p, i, note), nil
}

// done says what was and what is, with the line that brings the old type back.
func (c *Resize) done(p picked, now aws.Instance, note string) commands.Report {
	was := p.Instances[0]
	undo := lineFor(resizeCommand, p.Instances, p.Target) + commands.Flag("type", was.Type)
	if now.State == aws.Running {
		undo += " --restart"
	}
	next := []commands.Next{showNext(p.Instances, p.Target), {Label: "Undo", Line: undo, Confirm: "Make " + nameOf(was) + " a " + was.Type + " again?"}}
	if now.State == aws.Stopped {
		next = append(next, startNext(p.Instances, p.Target))
	}
	return commands.Report{
		Tone: commands.Good, Title: fmt.Sprintf("Resized %s from %s to %s", nameOf(was), was.Type, c.InstanceType), Where: where.Words(p.Place),
		Body: commands.Blocks{commands.Text{Text: note}}, Next: next,
	}
}
