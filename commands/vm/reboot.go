package vm

import (
	"context"
	"fmt"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
)

// Reboot is vm reboot.
type Reboot struct {
	Selection

	cloud Cloud
}

// action has no states on the way: an instance stays running through a reboot.
func (c *Reboot) action() action {
	return action{
		Selection: c.Selection, cloud: c.cloud,
		verb: "reboot", done: "Rebooted", step: "RebootInstances", interrupts: true,
		want:  aws.Running,
		judge: judgeReboot,
		ask: func(ctx context.Context, t aws.Target, ids []string, dryRun bool) error {
			return c.cloud.RebootInstances(ctx, t, ids, dryRun)
		},
		after: c.statusChecks,
		warn: func([]aws.Instance) []string {
			return []string{"What runs on them is interrupted; addresses and volumes stay."}
		},
		next: func(some []aws.Instance, t aws.Target) []commands.Next { return []commands.Next{showNext(some, t)} },
	}
}

func judgeReboot(i aws.Instance) (fit, string) {
	switch i.State {
	case aws.Running:
		return ready, ""
	case aws.Stopped:
		return unfit, "is stopped, so there is nothing to reboot; it can be started"
	default:
		return unfit, "is " + string(i.State) + " and cannot be rebooted"
	}
}

// statusChecks waits for both status checks of each instance.
func (c *Reboot) statusChecks(ctx context.Context, run *commands.Run, p picked) (string, commands.Tone, error) {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	waitErr := c.cloud.WaitForStatusOK(limited, p.Target, ids(p.Instances), func(now []aws.InstanceStatus) {
		passed := 0
		for _, s := range now {
			if s.OK() {
				passed++
			}
		}
		run.Say(fmt.Sprintf("Rebooting; %d of %d pass their status checks", passed, len(p.Instances)))
	})
	if err := ctx.Err(); err != nil {
		return "", "", wait{picked: p, verb: "reboot"}.unseen("the wait for the status checks was cut short", err)
	}
	if waitErr == nil {
		// EC2 checks about once a minute, and its last verdict stays through a quick reboot.
		return "Both status checks pass. EC2 runs them about once a minute, so the last ones may be older than the reboot.", commands.Good, nil
	}
	now, err := c.cloud.Statuses(ctx, p.Target, ids(p.Instances))
	if err != nil {
		return "AWS took the reboot, but the status checks could not be read: " + commands.Words(err).Message, commands.Warning, nil
	}
	failing := notOK(p.Instances, now)
	if len(failing) == 0 {
		return "Both status checks pass.", commands.Good, nil
	}
	return "", "", &commands.Error{
		Kind: commands.Failed, Message: "AWS took the reboot, but " + strings.Join(failing, ", ") + ".", Err: waitErr,
	}
}

func notOK(some []aws.Instance, now []aws.InstanceStatus) []string {
	by := map[string]aws.InstanceStatus{}
	for _, s := range now {
		by[s.ID] = s
	}
	var failing []string
	for _, i := range some {
		if s, ok := by[i.ID]; !ok {
			failing = append(failing, "AWS shows no status checks of "+label(i))
		} else if !s.OK() {
			failing = append(failing, fmt.Sprintf("the status checks of %s say %s", label(i), statusWords(s)))
		}
	}
	return failing
}

// statusWords writes both checks: "system ok, instance impaired".
func statusWords(s aws.InstanceStatus) string {
	return "system " + s.System + ", instance " + s.Instance
}

// Scope is the instances that the line means.
func (c *Reboot) Scope(ctx context.Context) (commands.Scope, error) { return c.action().scope(ctx) }

// Plan tells what would be rebooted.
func (c *Reboot) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.action().plan(ctx, run)
}

// Run reboots and waits for the status checks.
func (c *Reboot) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.action().run(ctx, run)
}

// Check can only tell from the journal.
func (c *Reboot) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.action().check(ctx, run)
}
