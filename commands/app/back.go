package app

import (
	"context"
	"fmt"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// back undoes a change that left the endpoint red.
func (c *Deploy) back(ctx context.Context, run *commands.Run, p rollout, red string) (commands.Report, error) {
	run.Say("After the change " + red + ", putting back what was there")
	old := map[string]string{}
	for name := range p.Change {
		old[name] = p.Stack.Parameters[name]
	}
	tags := p.Tags
	if tags != nil {
		tags = p.Stack.Tags
	}
	token := run.Token + "-back"
	message := "After the change " + stopped(red)
	machines, err := c.recount(ctx, run, p, "look which machines are there now")
	if err != nil {
		return commands.Report{}, err
	}
	f := &follower{room: c.room, run: run, target: p.Target, stack: p.Stack.ID, token: token, before: machines}
	if _, err := c.update(ctx, run, p, "UpdateStack back", p.Change, old, tags, token); err != nil {
		return commands.Report{}, &commands.Error{
			Kind: commands.Words(err).Kind, Message: message + " Putting back what was there did not begin: " + commands.Words(err).Message,
			Hint: "It runs as changed: look at " + commands.Mono(c.statusLine(p)) + ".", Err: err,
		}
	}
	s, err := follow(ctx, f)
	if err != nil {
		words := commands.Words(err)
		return commands.Report{
			Title: p.Stack.Name + " was not seen to go back", Where: where.Words(p.Place), Next: []commands.Next{{Label: "Status", Line: c.statusLine(p)}},
		}, &commands.Error{Kind: words.Kind, Message: message + " What was there is being put back. " + words.Message, Hint: words.Hint, Err: err}
	}
	if s.Status != "UPDATE_COMPLETE" {
		report := c.report(ctx, run, p, s, commands.Bad, p.Stack.Name+" was not put back")
		return report, &commands.Error{Kind: commands.Failed, Message: message + " Putting back what was there failed too. " + f.why(s), Hint: strings.TrimSpace("The stack is " + s.Status + ": it needs a look by hand. " + wayOut(ctx, c.room.Cloud, p.Target, s))}
	}
	stands := c.stands(ctx, run, p, s)
	return c.report(ctx, run, p, s, commands.Bad, p.Stack.Name+" was put back"), &commands.Error{Kind: commands.Failed, Message: message, Hint: "What was there before is back. " + stands}
}

func (c *Deploy) failed(ctx context.Context, run *commands.Run, p rollout, how end) error {
	s := how.Stack
	e := &commands.Error{Kind: commands.Failed, Message: strings.TrimSpace(fmt.Sprintf("The change of %s failed. %s %s", s.Name, how.Why, how.Ill))}
	if s.Status == "UPDATE_ROLLBACK_COMPLETE" {
		e.Hint = "CloudFormation put back what was there before. " + c.stands(ctx, run, p, s)
	} else {
		e.Hint = strings.TrimSpace(fmt.Sprintf("The stack is %s: look at %s, and at the stack in CloudFormation, which says what stands in its way. %s", s.Status, commands.Mono(c.statusLine(p)), wayOut(ctx, c.room.Cloud, p.Target, s)))
	}
	return e
}

// stands says how an application stands after a change was put back: it is looked at, not assumed.
func (c *Deploy) stands(ctx context.Context, run *commands.Run, p rollout, s aws.Stack) string {
	there := "look at " + commands.Mono(c.statusLine(p)) + "."
	if err := settle(ctx, c.room, run, p.Target, s); err != nil {
		return "It was not looked at since: " + there
	}
	v, err := look(ctx, c.room, p.Target, s)
	if err != nil {
		return "How it stands could not be looked up: " + there
	}
	checks, err := c.room.again(ctx, run, s, p.Checks, "look at the checks once more")
	if err != nil {
		return "Its checks were not looked at since: " + there
	}
	words := v.words()
	if checks.Words != "" {
		words += "; " + checks.Words
	}
	if v.healthy() == v.counted() && checks.Red == "" {
		return p.Stack.Name + " runs as it did: " + words + "."
	}
	return "It does not run as it did: " + words + ". " + strings.ToUpper(there[:1]) + there[1:]
}
