package ecs

import (
	"context"
	"fmt"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

const (
	changeStep = "UpdateService"
	patience   = 15 * time.Minute // a roll-out drains connections and waits for health checks
	mostTasks  = 200              // ours: a slip of the finger costs no more

	// How often, and with which pause, a run whose answer was lost looks for its change.
	lateLooks = 5
	latePause = 2 * time.Second
)

// Scale is ecs scale.
type Scale struct {
	Service
	Count    int  `flag:"count" alias:"desired-count" default:"-1" value:"N" help:"How many tasks shall run, 0 to 200."`
	Redeploy bool `flag:"force-new-deployment" help:"Not here: replacing tasks is a verb of its own, ecs redeploy."`

	cloud Cloud
}

// Validate wants a count within bounds.
func (c *Scale) Validate() error {
	switch {
	case c.Redeploy:
		return &commands.Error{Kind: commands.Usage, Message: "Replacing tasks is a verb of its own.", Hint: "Use " + commands.Mono("ecs redeploy "+commands.Quote(c.Name)) + "."}
	case c.Count == -1:
		return &commands.Error{Kind: commands.Usage, Message: "It needs --count."}
	case c.Count < 0 || c.Count > mostTasks:
		return &commands.Error{Kind: commands.Usage, Message: fmt.Sprintf("--count %d is out of range.", c.Count), Hint: fmt.Sprintf("It may be 0 to %d.", mostTasks)}
	}
	return nil
}

// Scope is the service.
func (c *Scale) Scope(ctx context.Context) (commands.Scope, error) {
	return c.scope(ctx, c.cloud, "ecs scale")
}

func (c *Scale) nothing(p picked) commands.Report {
	var how commands.Blocks
	if s := p.Service; !s.Steady() {
		how = commands.Blocks{commands.Text{Text: fmt.Sprintf("It is not there yet: %d of %s run, %d are starting.", s.Running, commands.Count(s.Desired, "task"), s.Pending)}}
	}
	return commands.Report{
		Body:  how,
		Title: fmt.Sprintf("Nothing to do: %s wants %s already", p.Service.Name, commands.Count(c.Count, "task")), Where: where.Words(p.Place),
		Next: []commands.Next{{Label: "Show", Line: line("ecs show", p)}},
	}
}

// refuse says why a service has no count to change.
func refuse(s aws.Service) error {
	switch {
	case s.Status != "ACTIVE" && s.Status != "":
		return &commands.Error{Kind: commands.Conflict, Message: fmt.Sprintf("%s is %s.", s.Name, health(s)), Hint: "Nothing was done."}
	case s.Scheduling == "DAEMON":
		return &commands.Error{Kind: commands.Conflict, Message: s.Name + " runs one task on every machine of its cluster, and has no count of its own.", Hint: "Nothing was done."}
	}
	return nil
}

// looked answers the service where it can be scaled.
func (c *Scale) looked(ctx context.Context, run *commands.Run) (picked, error) {
	p, err := c.pinned(ctx, run, c.cloud, "ecs scale")
	if err != nil {
		return p, err
	}
	return p, refuse(p.Service)
}

// Plan tells both counts.
func (c *Scale) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.looked(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	if p.Service.Desired == c.Count {
		return c.nothing(p), nil
	}
	report := shown(p, p.Service)
	report.Title, report.Next = fmt.Sprintf("Would scale %s from %d to %s", p.Service.Name, p.Service.Desired, commands.Count(c.Count, "task")), nil
	if c.Count == 0 {
		report.Body = append(report.Body, commands.Text{Text: "Nothing of it runs then, and nobody answers in its place."})
	}
	return report, nil
}

// Run sets the count, which may be repeated, and waits.
func (c *Scale) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.looked(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	if p.Service.Desired == c.Count {
		return c.nothing(p), nil
	}
	run.Say("Asking ECS for " + commands.Count(c.Count, "task") + ".")
	taken, err := commands.Repeat(ctx, run, changeStep, func(ctx context.Context) (aws.Service, error) {
		return c.cloud.ChangeService(ctx, p.Target, p.Service, aws.ServiceChange{Count: c.Count})
	})
	if err != nil {
		return commands.Report{}, err
	}
	report, err := c.settle(ctx, run, p, taken)
	if report.Tone == commands.Good {
		report.Title = fmt.Sprintf("Scaled %s from %d to %s", p.Service.Name, p.Service.Desired, commands.Count(c.Count, "task"))
	}
	if was := p.Service.Desired; was <= mostTasks {
		report.Next = append(report.Next, commands.Next{Label: "Undo", Line: fmt.Sprintf("%s --count %d", line("ecs scale", p), was)})
	}
	return report, err
}

// settle waits, and does not call a count reached that somebody else replaced meanwhile.
func (c *Scale) settle(ctx context.Context, run *commands.Run, p picked, taken aws.Service) (commands.Report, error) {
	report, now, err := settle(ctx, run, c.cloud, p, taken)
	if err == nil && now.Desired != c.Count {
		report.Tone, err = commands.Bad, &commands.Error{
			Kind: commands.Failed, Message: fmt.Sprintf("ECS took the change, and wants %s now, not %d: somebody set another number meanwhile, or auto scaling did.", commands.Count(now.Desired, "task"), c.Count),
			Hint: "Where auto scaling has the service in hand, its least and most are what to change.",
		}
	}
	return report, err
}

// Check reads the count back.
func (c *Scale) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run, c.cloud, "ecs scale")
	if err != nil {
		return commands.Report{}, err
	}
	now, err := lately(ctx, c.cloud, p, func(s aws.Service) bool { return s.Desired == c.Count })
	switch {
	case err != nil:
		return commands.Report{}, unseen(err)
	case now.Desired == p.Service.Desired:
		return commands.Report{}, &commands.Error{
			Kind: commands.Failed, Message: fmt.Sprintf("%s still wants %s: the change did not happen.", p.Service.Name, commands.Count(now.Desired, "task")), Hint: commands.SendAgain,
		}
	}
	return c.settle(ctx, run, p, now)
}

// lately looks until a service shows a change, for as long as AWS may be late to show one.
func lately(ctx context.Context, cloud Cloud, p picked, shows func(aws.Service) bool) (aws.Service, error) {
	for look := 0; ; look++ {
		now, err := cloud.ServiceNow(ctx, p.Target, p.Service)
		if err != nil || shows(now) || look == lateLooks {
			return now, err
		}
		select {
		case <-ctx.Done():
			return now, ctx.Err()
		case <-time.After(latePause):
		}
	}
}

func unseen(err error) error {
	return &commands.Error{Kind: commands.Uncertain, Message: "AWS does not say how the service stands: " + commands.Words(err).Message, Err: err}
}

// settle waits until the service is steady, and answers how it stands then.
func settle(ctx context.Context, run *commands.Run, cloud Cloud, p picked, taken aws.Service) (commands.Report, aws.Service, error) {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	now, err := cloud.WaitForService(limited, p.Target, p.Service, taken, func(s aws.Service) {
		run.Say(strings.TrimSpace(fmt.Sprintf("%d of %d tasks run, %d are starting. %s", s.Running, s.Desired, s.Pending, trouble(s, run.Now))))
	})
	if ctx.Err() != nil {
		return commands.Report{}, now, unseen(ctx.Err())
	}
	report := shown(p, now)
	report.Next = []commands.Next{{Label: "Show", Line: line("ecs show", p)}}
	if err != nil {
		report.Tone = commands.Bad
		words := commands.Words(err)
		return report, now, &commands.Error{
			Kind: commands.Failed, Message: strings.TrimSpace("ECS took the change. " + words.Message + " " + trouble(now, run.Now)), Hint: words.Hint, Err: err,
		}
	}
	report.Tone = commands.Good
	if !now.Steady() {
		report.Body = append(report.Body, commands.Text{Text: "All tasks run for a minute now. ECS calls the roll-out " + commands.Mono(now.Primary().Rollout) + " still."})
	}
	return report, now, nil
}

// trouble is the last that ECS said since a time of tasks that it cannot place or start; empty where it said nothing of the kind.
func trouble(s aws.Service, since time.Time) string {
	for _, e := range s.Events {
		if e.At.After(since) && (strings.Contains(e.Text, "unable to") || strings.Contains(e.Text, "failed")) {
			return "ECS says: " + commands.Unmarked(e.Text)
		}
	}
	return ""
}

// Redeploy is ecs redeploy.
type Redeploy struct {
	Service

	cloud Cloud
}

// Scope is the service.
func (c *Redeploy) Scope(ctx context.Context) (commands.Scope, error) {
	return c.scope(ctx, c.cloud, "ecs redeploy")
}

// looked answers the service where ECS itself deploys it.
func (c *Redeploy) looked(ctx context.Context, run *commands.Run) (picked, error) {
	p, err := c.pinned(ctx, run, c.cloud, "ecs redeploy")
	if err != nil {
		return p, err
	}
	s := p.Service
	switch {
	case s.Controller == "CODE_DEPLOY":
		err = &commands.Error{Kind: commands.Conflict, Message: s.Name + " is deployed by CodeDeploy, and ECS does not replace its tasks by itself.", Hint: "Make a deployment in CodeDeploy. Nothing was done."}
	case s.Controller == "EXTERNAL":
		err = &commands.Error{Kind: commands.Conflict, Message: s.Name + " is deployed by a controller of its own, and ECS does not replace its tasks by itself.", Hint: "Make a task set in that controller. Nothing was done."}
	case s.Status != "ACTIVE" && s.Status != "":
		err = refuse(s)
	}
	return p, err
}

// Plan tells what would be replaced, and that nothing brings the old tasks back.
func (c *Redeploy) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.looked(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	report := shown(p, p.Service)
	report.Title, report.Next = fmt.Sprintf("Would replace %s of %s", commands.Count(p.Service.Running, "task"), p.Service.Name), nil
	report.Body = append(report.Body, commands.Text{Text: "The new tasks are of the same task definition, with whatever its image's tag means now. Nothing brings the old tasks back."})
	return report, nil
}

// Run asks for new tasks, once in the life of the request, and waits.
func (c *Redeploy) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.looked(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	run.Say("Asking ECS for new tasks.")
	taken, err := commands.Once(ctx, run, changeStep, func(ctx context.Context) (aws.Service, error) {
		return c.cloud.ChangeService(ctx, p.Target, p.Service, aws.ServiceChange{Redeploy: true})
	})
	if err != nil {
		return commands.Report{}, err
	}
	return c.settle(ctx, run, p, taken)
}

func (c *Redeploy) settle(ctx context.Context, run *commands.Run, p picked, taken aws.Service) (commands.Report, error) {
	report, now, err := settle(ctx, run, c.cloud, p, taken)
	switch {
	case err != nil:
		return report, err
	case now.Primary().ID != taken.Primary().ID:
		// What failed and was rolled back may be gone from the list before anybody saw it fail.
		report.Tone = commands.Bad
		return report, &commands.Error{
			Kind: commands.Failed, Message: strings.TrimSpace(fmt.Sprintf("ECS took the change, and runs the deployment %s now instead of the new one, %s. %s",
				commands.Mono(now.Primary().ID), commands.Mono(taken.Primary().ID), commands.Unmarked(now.Primary().Reason))),
			Hint: "The new one failed and was rolled back, or somebody deployed meanwhile: " + commands.Mono(line("ecs show", p)) + " shows the last events.",
		}
	}
	report.Title = "Redeployed " + p.Service.Name
	return report, nil
}

// Check looks whether there is another deployment than the one before.
func (c *Redeploy) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	answered, err := commands.Answered(ctx, run, changeStep, "ECS was asked")
	if err != nil {
		return commands.Report{}, err
	}
	if answered {
		return c.Run(ctx, run)
	}
	p, err := c.pinned(ctx, run, c.cloud, "ecs redeploy")
	if err != nil {
		return commands.Report{}, err
	}
	before := p.Service.Primary().ID
	now, err := lately(ctx, c.cloud, p, func(s aws.Service) bool { return s.Primary().ID != before })
	switch {
	case err != nil:
		return commands.Report{}, unseen(err)
	case now.Primary().ID == before:
		return commands.Report{}, &commands.Error{
			Kind: commands.Failed, Message: "ECS shows no new deployment of " + p.Service.Name + ": it was not redeployed.", Hint: commands.SendAgain,
		}
	}
	return c.settle(ctx, run, p, now)
}
