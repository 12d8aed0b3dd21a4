package cost

import (
	"context"
	"fmt"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// Remover removes what is attached to nothing. With dryRun nothing changes, and no error means that EC2 would have agreed. What is gone
// already is no error.
type Remover interface {
	ReleaseAddress(ctx context.Context, t aws.Target, id string, dryRun bool) error
	DeleteVolume(ctx context.Context, t aws.Target, id string, dryRun bool) error
}

// thing is one that is attached to nothing. It is kept in the journal: what was approved is what is removed.
type thing struct {
	ID, Name string
	What     string // "Disk, 20 GiB gp3"
	Tags     map[string]string
}

// label is a thing as people know it.
func (t thing) label() string {
	if t.Name == "" {
		return t.What + " (" + commands.Mono(t.ID) + ")"
	}
	return t.What + ", " + commands.Unmarked(t.Name) + " (" + commands.Mono(t.ID) + ")"
}

// kind is a kind of thing that can be removed while it is attached to nothing.
type kind struct {
	command, noun string // "vm volume delete", "disk"
	step          string // AWS's operation
	did, warning  string
	loose         func(ctx context.Context, cloud Cloud, t aws.Target) ([]thing, error)
	remove        func(ctx context.Context, cloud Cloud, t aws.Target, id string, dryRun bool) error
}

func diskKind() kind {
	return kind{
		command: "vm volume delete", noun: "disk", step: "DeleteVolume", did: "Deleted",
		warning: "What is on it is gone for good. A snapshot made before keeps it: " + commands.Mono("aws ec2 create-snapshot --volume-id ID") + ".",
		loose: func(ctx context.Context, cloud Cloud, t aws.Target) ([]thing, error) {
			volumes, err := cloud.LooseVolumes(ctx, t)
			var out []thing
			for _, v := range volumes {
				out = append(out, thing{v.ID, v.Name, fmt.Sprintf("Disk, %d GiB %s", v.GiB, v.Type), v.Tags})
			}
			return out, err
		},
		remove: func(ctx context.Context, cloud Cloud, t aws.Target, id string, dryRun bool) error {
			return cloud.DeleteVolume(ctx, t, id, dryRun)
		},
	}
}

func addressKind() kind {
	return kind{
		command: "net address release", noun: "address", step: "ReleaseAddress", did: "Released",
		warning: "AWS gives the address to somebody else. Names and allow lists that still have it lead to a stranger then.",
		loose: func(ctx context.Context, cloud Cloud, t aws.Target) ([]thing, error) {
			addresses, err := cloud.LooseAddresses(ctx, t)
			var out []thing
			for _, a := range addresses {
				out = append(out, thing{a.ID, a.Name, "Address " + a.IP, a.Tags})
			}
			return out, err
		},
		remove: func(ctx context.Context, cloud Cloud, t aws.Target, id string, dryRun bool) error {
			return cloud.ReleaseAddress(ctx, t, id, dryRun)
		},
	}
}

// DeleteVolume is vm volume delete.
type DeleteVolume struct {
	where.Target
	Name string `arg:"name" alias:"volume-id" required:"" value:"VOLUME" help:"The disk, by id or Name tag; it must be attached to nothing."`
	removal
}

// ReleaseAddress is net address release.
type ReleaseAddress struct {
	where.Target
	Name string `arg:"name" alias:"allocation-id,public-ip" required:"" value:"ADDRESS" help:"The Elastic IP address, by itself, its allocation id or Name tag; it must lead to nothing."`
	removal
}

type removal struct {
	kind  kind
	cloud Cloud
}

// Scope is the disk.
func (c *DeleteVolume) Scope(ctx context.Context) (commands.Scope, error) {
	return c.scope(ctx, c.At(), c.Name)
}

// Scope is the address.
func (c *ReleaseAddress) Scope(ctx context.Context) (commands.Scope, error) {
	return c.scope(ctx, c.At(), c.Name)
}

// Plan tells what would go, and what AWS's dry run says.
func (c *DeleteVolume) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.plan(ctx, run, c.At(), c.Name)
}

// Plan tells what would go, and what AWS's dry run says.
func (c *ReleaseAddress) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.plan(ctx, run, c.At(), c.Name)
}

// Run deletes the disk.
func (c *DeleteVolume) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.run(ctx, run, c.At(), c.Name)
}

// Run releases the address.
func (c *ReleaseAddress) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.run(ctx, run, c.At(), c.Name)
}

// find answers the one thing that a word means: an id, a Name tag, or an address itself.
func (r removal) find(ctx context.Context, t aws.Target, word string) (thing, error) {
	all, err := r.kind.loose(ctx, r.cloud, t)
	if err != nil {
		return thing{}, err
	}
	var found []thing
	for _, one := range all {
		if one.ID == word {
			return one, nil
		}
		if one.Name == word || one.What == "Address "+word {
			found = append(found, one)
		}
	}
	idle := commands.Mono(where.Line(t, "cost idle"))
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return thing{}, &commands.Error{
			Kind: commands.NotFound, Message: "There is no " + r.kind.noun + " " + commands.Mono(word) + " here that is attached to nothing, so nothing was done.",
			Hint: idle + " shows which there are; what is in use stays.",
		}
	}
	choices := &commands.Choices{Of: word}
	for _, one := range found {
		choices.Some = append(choices.Some, commands.Choice{Label: commands.Label(one.ID, one.What), Words: []string{one.ID}})
	}
	return thing{}, &commands.Error{Choices: choices, Kind: commands.Ambiguous, Message: fmt.Sprintf("%s is the name of %d of them, so nothing was done.", commands.Mono(word), len(found)), Hint: "Give the id; " + idle + " shows them."}
}

func (r removal) scope(ctx context.Context, t aws.Target, word string) (commands.Scope, error) {
	out := commands.Scope{Account: t.Account, Region: r.cloud.Place(ctx, t).Region}
	one, err := r.find(ctx, t, word)
	if err == nil {
		out.Resources = []commands.Resource{{ID: one.ID, Name: one.Name, Tags: one.Tags}}
	}
	return out, err
}

func (r removal) planned(ctx context.Context, run *commands.Run, t aws.Target, word string) (thing, error) {
	return commands.Repeat(ctx, run, "look up what goes", func(ctx context.Context) (thing, error) { return r.find(ctx, t, word) })
}

func (r removal) plan(ctx context.Context, run *commands.Run, t aws.Target, word string) (commands.Report, error) {
	one, err := r.planned(ctx, run, t, word)
	if err != nil {
		return commands.Report{}, err
	}
	report := commands.Report{
		Tone: commands.Warning, Title: "Would remove: " + one.label(), Where: where.Words(r.cloud.Place(ctx, t)),
		Body: commands.Blocks{commands.Text{Text: strings.ReplaceAll(r.kind.warning, "ID", one.ID)}},
	}
	if err := r.kind.remove(ctx, r.cloud, t, one.ID, true); err != nil {
		report.Tone, report.Title = commands.Bad, "AWS would refuse to remove: "+one.label()
		report.Body = append(report.Body, commands.Text{Text: commands.Words(err).Error()})
		return report, nil
	}
	report.Body = append(report.Body, commands.Text{Text: "AWS's dry run says that this would go through."})
	return report, nil
}

// run removes the thing. AWS takes the same call again for what is gone already, so it may be repeated.
func (r removal) run(ctx context.Context, run *commands.Run, t aws.Target, word string) (commands.Report, error) {
	one, err := r.planned(ctx, run, t, word)
	if err != nil {
		return commands.Report{}, err
	}
	_, err = commands.Repeat(ctx, run, r.kind.step, func(ctx context.Context) (bool, error) {
		return true, r.kind.remove(ctx, r.cloud, t, one.ID, false)
	})
	if err != nil {
		return commands.Report{}, err
	}
	return commands.Report{
		Tone: commands.Good, Title: r.kind.did + ": " + one.label(), Where: where.Words(r.cloud.Place(ctx, t)),
		Next: []commands.Next{{Label: "What is idle", Line: where.Line(t, "cost idle")}},
	}, nil
}
