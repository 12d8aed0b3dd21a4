package lease

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
)

// tagPatience is the longest that an update of a stack's tags is waited for: AWS writes them on every part of it.
const tagPatience = 10 * time.Minute

const networks = "net down "

// retag writes the new end into the tags of what is on lease, and says where they are not the truth.
func (c *extend) retag(ctx context.Context, run *commands.Run, l Lease) string {
	tag := commands.Mono(commands.LeaseTag)
	still := "The tag " + tag + " in AWS still has the first end"
	var err error
	switch target, ids := l.instances(); {
	case c.cloud == nil:
		return still + "."
	case strings.HasPrefix(l.Undo, machines), strings.HasPrefix(l.Undo, networks):
		err = c.tagParts(ctx, run, l, target, ids)
	case l.Application() != "":
		err = c.tagStack(ctx, run, l, target)
	case strings.HasPrefix(l.Undo, balancers):
		err = c.tagBalancer(ctx, run, l, target)
	case strings.HasPrefix(l.Undo, functions):
		err = c.tagFunction(ctx, run, l, target)
	case strings.HasPrefix(l.Undo, apis):
		err = c.tagAPI(ctx, run, l, target)
	default:
		return still + "."
	}
	if err != nil {
		return still + ": " + commands.Words(err).Message
	}
	return "The tag " + tag + " says so too."
}

func (l Lease) tags() map[string]string {
	return map[string]string{commands.LeaseTag: l.Ends.UTC().Format(time.RFC3339)}
}

// tagParts writes the tag on everything of EC2's that the request made: machines and their disks, the parts of a network. What another deckhand's
// request of the same number made has another owner.
func (c *extend) tagParts(ctx context.Context, run *commands.Run, l Lease, t aws.Target, ids []string) error {
	found, lookErr := commands.Repeat(ctx, run, "DescribeTags", func(ctx context.Context) ([]string, error) {
		numbered, err := c.cloud.Tagged(ctx, t, commands.RequestTag, l.ID())
		if err != nil || len(numbered) == 0 {
			return nil, err
		}
		owned, err := c.cloud.Tagged(ctx, t, commands.OwnerTag, l.Owner.User)
		return slices.DeleteFunc(numbered, func(id string) bool { return !slices.Contains(owned, id) }), err
	})
	for _, id := range found {
		if !slices.Contains(ids, id) && (!strings.HasPrefix(id, "i-") || len(ids) == 0) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		if lookErr == nil {
			lookErr = &commands.Error{Kind: commands.NotFound, Message: "nothing that carries " + commands.RequestTag + "=" + l.ID() + " was found."}
		}
		return lookErr
	}
	_, err := commands.Repeat(ctx, run, "CreateTags", func(ctx context.Context) (bool, error) {
		return true, c.cloud.TagInstances(ctx, t, ids, l.tags(), false)
	})
	if err == nil && lookErr != nil {
		return &commands.Error{Kind: commands.Words(lookErr).Kind, Message: "on everything but the machines themselves: " + commands.Words(lookErr).Message}
	}
	return err
}

// tagStack updates the tags of an application's stack, and nothing else of it; CloudFormation writes them on its parts.
func (c *extend) tagStack(ctx context.Context, run *commands.Run, l Lease, t aws.Target) error {
	s, err := commands.Repeat(ctx, run, "DescribeStacks", func(ctx context.Context) (aws.Stack, error) { return c.cloud.Stack(ctx, t, l.Application()) })
	switch {
	case err != nil:
		return err
	case s.ID == "" || s.Tags[commands.RequestTag] != l.ID():
		return &commands.Error{Kind: commands.NotFound, Message: "the stack " + l.Application() + " of " + l.ID() + " is not there."}
	case !s.Stands():
		return &commands.Error{Kind: commands.Failed, Message: "the stack " + s.Name + " is " + s.Status + "."}
	}
	change := aws.StackChange{Stack: s.ID, Tags: maps.Clone(s.Tags), Keep: slices.Sorted(maps.Keys(s.Parameters)), Token: run.Token + "-lease"}
	maps.Copy(change.Tags, l.tags())
	changed, err := commands.Repeat(ctx, run, "UpdateStack", func(ctx context.Context) (bool, error) { return c.cloud.UpdateStack(ctx, t, change) })
	if err != nil || !changed {
		return err
	}
	run.Say("CloudFormation writes the new end on what " + s.Name + " is made of")
	ctx, cancel := context.WithTimeout(ctx, tagPatience)
	defer cancel()
	s, err = c.cloud.WaitForStack(ctx, t, s.ID, func(aws.Stack) {})
	if err == nil && s.Status != "UPDATE_COMPLETE" {
		return &commands.Error{Kind: commands.Failed, Message: "the stack " + s.Name + " is " + s.Status + "."}
	}
	return err
}
