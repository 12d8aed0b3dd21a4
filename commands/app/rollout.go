package app

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/vm"
	"deckhand/commands/where"
)

// rollout is what a deployment means. It is kept in the journal.
type rollout struct {
	Target   aws.Target
	Place    aws.Place
	Stack    aws.Stack // as it was before
	Machines []string  // that were there before
	Change   map[string]string
	Tags     map[string]string // nil: as they are
	Rows     [][]string        // what, before, then
	Replaces bool              // machines are replaced, not only added or taken away
	Checks   []watched         // as they were before
}

const rolloutStep = "look up what changes"

func (c *Deploy) planned(ctx context.Context, run *commands.Run) (rollout, error) {
	return commands.Repeat(ctx, run, rolloutStep, c.resolve)
}

func (c *Deploy) resolve(ctx context.Context) (rollout, error) {
	p := rollout{Target: c.At(), Place: c.room.Cloud.Place(ctx, c.At()), Change: map[string]string{}}
	var err error
	if p.Stack, err = find(ctx, c.room.Cloud, p.Target, c.Name); err != nil {
		return p, err
	}
	if !p.Stack.Stands() {
		return p, c.unfit(ctx, p.Target, p.Stack)
	}
	if err := c.changes(ctx, &p); err != nil {
		return p, err
	}
	if p.Machines, err = c.machines(ctx, p); err != nil {
		return p, err
	}
	p.Checks = c.room.before(ctx, p.Stack)
	return p, nil
}

// unfit says that a stack takes no change as it stands.
func (c *Deploy) unfit(ctx context.Context, t aws.Target, s aws.Stack) error {
	return &commands.Error{
		Kind: commands.Conflict, Message: fmt.Sprintf("%s (%s), so nothing was done.", says(s), s.Status),
		Hint: strings.TrimSpace(commands.Mono(where.Line(t, "app status", s.Name)) + " shows where it stands. " + wayOut(ctx, c.room.Cloud, t, s)),
	}
}

// machines are the ids of those that are behind the load balancer.
func (c *Deploy) machines(ctx context.Context, p rollout) ([]string, error) {
	v, err := look(ctx, c.room, p.Target, p.Stack)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, h := range v.health {
		ids = append(ids, h.ID)
	}
	slices.Sort(ids)
	return ids, nil
}

// recount looks for the machines once more right before a change: one that the group replaced since the plan is not new, and must
// not count as a successor that answers.
func (c *Deploy) recount(ctx context.Context, run *commands.Run, p rollout, step string) ([]string, error) {
	return commands.Repeat(ctx, run, step, func(ctx context.Context) ([]string, error) { return c.machines(ctx, p) })
}

const recountStep = "look which machines are there"

// changes are the parameters that shall be others.
func (c *Deploy) changes(ctx context.Context, p *rollout) error {
	was := p.Stack.Parameters
	set := func(what, name, value string) {
		if was[name] != value {
			p.Rows = append(p.Rows, []string{what, commands.OrNone(was[name]), commands.OrNone(value)})
		}
	}
	kind := was["InstanceType"]
	if c.InstanceType != "" {
		kind = c.InstanceType
		set("Type", "InstanceType", kind)
		p.Change["InstanceType"] = kind
	}
	if c.ImageID != "" {
		id, _, err := vm.FindImage(ctx, c.room.Cloud, p.Target, c.ImageID, kind)
		if err != nil {
			return err
		}
		image, err := c.room.Cloud.Image(ctx, p.Target, id)
		if err != nil {
			return err
		}
		set("Image", "Image", image.ID)
		setImage(p.Change, image)
	}
	if c.Count != 0 {
		set("Machines", "Machines", strconv.Itoa(c.Count))
		setCount(p.Change, c.Count)
	}
	script, wrong := c.Script(c.room.Templates)
	if err := wrong.Err(); err != nil {
		return err
	}
	if script != "" {
		setScript(p.Change, script)
		if scriptChanges(was, p.Change) {
			p.Rows = append(p.Rows, []string{"User data", scriptWords(p.Stack), c.Words(script)})
		}
		p.Tags = map[string]string{}
		for key, value := range p.Stack.Tags {
			p.Tags[key] = value
		}
		delete(p.Tags, templateTag)
		if c.UserDataTemplate != "" {
			p.Tags[templateTag] = c.UserDataTemplate
		}
	}
	p.Replaces = c.InstanceType != "" && was["InstanceType"] != kind || p.Change["Image"] != "" && p.Change["Image"] != was["Image"] || scriptChanges(was, p.Change)
	return nil
}

func scriptChanges(was, change map[string]string) bool {
	for n := range scriptPieces {
		name := scriptPieceName(n)
		if value, ok := change[name]; ok && value != was[name] {
			return true
		}
	}
	return false
}

// scriptWords tells of the script that a stack has, without showing it.
func scriptWords(s aws.Stack) string {
	switch {
	case s.Tags[templateTag] != "":
		return "template " + s.Tags[templateTag]
	case s.Parameters[scriptPieceName(0)] == "":
		return "none"
	}
	return "a script"
}
