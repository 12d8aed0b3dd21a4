package vm

import (
	"context"
	"fmt"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// Single is the arguments of a command on one instance.
type Single struct {
	where.Target
	Name string `arg:"name" alias:"instance-id,instance-ids,target" required:"" value:"NAME" help:"Name tag, instance id, private IP or ARN."`
}

func (s Single) search() search {
	return search{target: s.Target, names: []string{s.Name}}
}

// Validate refuses a word that can mean no single instance.
func (s Single) Validate() error {
	words, err := readWords([]string{s.Name})
	if err != nil {
		return err
	}
	if words[0].kind == byName && aws.Pattern(words[0].value) {
		return commands.Misuse(commands.Mono(s.Name)+" is a pattern, and this command is about one instance.", "Name the instance.")
	}
	_, err = aim(s.Target, words)
	return err
}

// find answers the one instance that the line means.
func (s Single) find(ctx context.Context, cloud Reader) (picked, error) {
	return s.search().find(ctx, cloud)
}

func (s Single) scope(ctx context.Context, cloud Reader) (commands.Scope, error) {
	p, err := s.find(ctx, cloud)
	return p.scope(), err
}

// pinned answers the instance that the line meant when it was first looked up.
func (s Single) pinned(ctx context.Context, run *commands.Run, cloud Reader) (picked, error) {
	return commands.Repeat(ctx, run, pickStep, func(ctx context.Context) (picked, error) {
		return s.find(ctx, cloud)
	})
}

// look answers the pinned instance as it stands now.
func (p picked) look(ctx context.Context, cloud Reader) (aws.Instance, error) {
	now, err := cloud.Instances(ctx, p.Target, aws.InstanceQuery{IDs: ids(p.Instances)})
	if err != nil {
		return aws.Instance{}, err
	}
	if len(now) != 1 {
		return aws.Instance{}, &commands.Error{
			Kind: commands.NotFound, Message: "AWS does not show " + label(p.Instances[0]) + " any more.",
			Hint: commands.Mono(lineFor("vm list", nil, p.Target)) + " shows what is there.",
		}
	}
	return now[0], nil
}

// mustRun refuses an instance that does not run.
func mustRun(i aws.Instance, t aws.Target, purpose string) error {
	if i.State == aws.Running {
		return nil
	}
	hint := "Wait until it runs."
	if i.State == aws.Stopped {
		hint = commands.Mono(lineFor("vm start", []aws.Instance{i}, t)) + " starts it."
	}
	return &commands.Error{Kind: commands.Failed, Message: fmt.Sprintf("%s is %s, so %s.", label(i), i.State, purpose), Hint: hint}
}
