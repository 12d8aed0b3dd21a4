package vm

import (
	"context"
	"fmt"
	"slices"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// mostByTag bounds --max: AWS is asked about all of the instances in one call.
const mostByTag = 200

// Selection is the arguments that say which instances to change.
type Selection struct {
	where.Target
	Names []string          `arg:"name" alias:"instance-ids,instance-id,resources,name" value:"NAME" help:"Name tag, instance id, private IP or ARN; several at once."`
	Tag   map[string]string `flag:"tag" value:"KEY=VALUE" help:"Only instances that carry the tag; without names, all of them."`
	Env   string            `flag:"env" value:"ENV" help:"Short for --tag env=ENV."`
	Left  bool              `flag:"if-there" help:"Leave out what is gone already."`
	Max   int               `flag:"max" default:"20" value:"N" help:"Most instances that tags alone may select."`

	none    bool                    // that no instance carries the tags is no mistake
	only    func(aws.Instance) bool // which of them are meant; nil: all
	without string                  // what those are that are not, as the end of a sentence
}

// Validate refuses what is wrong whatever AWS says.
func (s Selection) Validate() error {
	var wrong commands.Problems
	add := func(err error) {
		if err != nil {
			wrong = append(wrong, *commands.Words(err))
		}
	}
	words, err := readWords(s.Names)
	add(err)
	_, err = aim(s.Target, words)
	add(err)
	tags, err := withEnv(s.Tag, s.Env)
	add(err)
	if err == nil && len(s.Names) == 0 && len(tags) == 0 {
		add(commands.Misuse("The line does not say which instances.", "Name them, or select them with --tag or --env."))
	}
	for _, w := range words {
		if w.kind == byName && aws.Pattern(w.value) {
			add(commands.Misuse(fmt.Sprintf("%s is a pattern, and a command that changes something takes no patterns.", commands.Mono(w.text)),
				"Name each instance, or select them with --tag."))
		}
	}
	if s.Max < 1 || s.Max > mostByTag {
		add(commands.Misuse(fmt.Sprintf("--max %d is out of range.", s.Max), fmt.Sprintf("It may be 1 to %d.", mostByTag)))
	}
	return wrong.Err()
}

// find answers the instances that the line means, at least one.
func (s Selection) find(ctx context.Context, cloud Reader) (picked, error) {
	tags, err := withEnv(s.Tag, s.Env)
	if err != nil {
		return picked{}, err
	}
	look := search{target: s.Target, names: s.Names, tags: tags, left: s.Left, many: true}
	if len(s.Names) == 0 {
		look.narrow.States = alive()
	}
	p, err := look.find(ctx, cloud)
	if err == nil && s.only != nil {
		if p, err = s.narrowed(p); err != nil {
			return p, err
		}
	}
	switch n := len(p.Instances); {
	case err != nil:
		return p, err
	case n == 0 && s.Left && len(s.Names) > 0:
		return p, &commands.Error{Kind: commands.NotFound, Message: commands.And(s.Names) + " " + is(len(s.Names)) + " gone already.", Hint: "Nothing was done."}
	case n == 0 && !s.none:
		return p, &commands.Error{
			Kind:    commands.NotFound,
			Message: fmt.Sprintf("No instance in %s carries %s.", p.Place.Region, commands.Mono(commands.TagWords(tags))),
			Hint:    commands.Mono(lineFor("vm list", nil, p.Target)) + " shows what is there.",
		}
	case len(s.Names) == 0 && n > s.Max:
		return p, commands.Misuse(
			fmt.Sprintf("%s selects %d instances, more than the %d that one line may change.", commands.Mono(commands.TagWords(tags)), n, s.Max),
			fmt.Sprintf("Nothing was done; narrow it down, or say %s if all of them are meant.", commands.Mono(fmt.Sprintf("--max %d", n))))
	}
	return p, nil
}

// tags are those that the line selects by.
func (s Selection) tags() map[string]string {
	tags, _ := withEnv(s.Tag, s.Env) // Validate has looked
	return tags
}

// narrowed leaves out what is not meant; where nothing is left it says so.
func (s Selection) narrowed(p picked) (picked, error) {
	all := p.Instances
	p.Instances = slices.DeleteFunc(slices.Clone(all), func(i aws.Instance) bool { return !s.only(i) })
	if len(all) > 0 && len(p.Instances) == 0 {
		return p, &commands.Error{Kind: commands.NotFound, Stands: true, Message: join(all, label) + " " + is(len(all)) + " " + s.without + ".", Hint: "Nothing was done."}
	}
	return p, nil
}

// scope is what policy is asked about.
func (p picked) scope() commands.Scope {
	scope := commands.Scope{Account: p.Target.Account, Region: p.Place.Region}
	for _, i := range p.Instances {
		scope.Resources = append(scope.Resources, commands.Resource{ID: i.ID, Name: i.Name, Tags: i.Tags})
	}
	return scope
}

// The steps of the journal that say which instances a request is about, and how they stood before AWS was asked.
const (
	pickStep = "pick instances"
	lookStep = "look at instances"
)

// pinned answers the instances that the line meant when it was first looked up: what was planned and approved is what is
// acted upon, also by a run that was cut short and goes on.
func (s Selection) pinned(ctx context.Context, run *commands.Run, cloud Reader) (picked, error) {
	return commands.Repeat(ctx, run, pickStep, func(ctx context.Context) (picked, error) {
		return s.find(ctx, cloud)
	})
}

// looked answers the pinned instances as they stood when the run began. An instance that AWS no longer shows was
// terminated more than an hour ago.
func (s Selection) looked(ctx context.Context, run *commands.Run, cloud Reader) (picked, error) {
	p, err := s.pinned(ctx, run, cloud)
	if err != nil {
		return p, err
	}
	return commands.Repeat(ctx, run, lookStep, func(ctx context.Context) (picked, error) {
		now, err := cloud.Instances(ctx, p.Target, aws.InstanceQuery{IDs: ids(p.Instances)})
		if err != nil {
			return p, err
		}
		for n, i := range p.Instances {
			i.State = aws.Terminated
			p.Instances[n] = i
			for _, seen := range now {
				if seen.ID == i.ID {
					p.Instances[n] = seen
				}
			}
		}
		if s.only != nil {
			return s.narrowed(p)
		}
		return p, nil
	})
}
