package vm

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/spelling"
	"deckhand/commands/where"
)

// MakeImage is vm image: a machine image of an instance.
type MakeImage struct {
	Single
	ImageName   string `flag:"name" required:"" value:"NAME" help:"Name of the image, unique in the region."`
	Description string `flag:"description" value:"TEXT" help:"What it is for."`
	Reboot      *bool  `flag:"reboot" help:"Reboot the instance for it, so that its disks are at rest; otherwise it goes on running."`

	cloud Cloud
}

const (
	imageCommand    = "vm image"
	createImageStep = "CreateImage"
	imagePatience   = 30 * time.Minute // a first snapshot of a large disk takes a while
)

// isImageName tells whether EC2 takes a name for an image.
// Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateImage.html
func isImageName(text string) bool {
	const characters = spelling.Alphanumeric + "()[] ./'@_-"
	return len(text) >= 3 && spelling.Fits(text, 128, characters, characters)
}

// Validate looks at the name's shape.
func (c *MakeImage) Validate() error {
	if !isImageName(c.ImageName) {
		return commands.Misuse(commands.Mono(c.ImageName)+" cannot be the name of an image.", "Names have 3 to 128 letters, digits, spaces and ()[]./-'@_.")
	}
	if len(c.Description) > 255 {
		return commands.Misuse("The description is too long.", "It has at most 255 characters.")
	}
	return c.Single.Validate()
}

// Scope is the instance.
func (c *MakeImage) Scope(ctx context.Context) (commands.Scope, error) {
	return c.scope(ctx, c.cloud)
}

func (c *MakeImage) reboots() bool { return c.Reboot != nil && *c.Reboot }

func (c *MakeImage) order(run *commands.Run, i aws.Instance) aws.NewImage {
	n := aws.NewImage{InstanceID: i.ID, Name: c.ImageName, Description: c.Description, Reboot: c.reboots(), Tags: run.Tags(c.ImageName, nil)}
	return n
}

// free refuses a name that an image has already.
func (c *MakeImage) free(ctx context.Context, t aws.Target) error {
	taken, err := c.cloud.OwnImage(ctx, t, c.ImageName)
	if err != nil || taken.ID == "" {
		return err
	}
	return &commands.Error{
		Kind: commands.Failed, Message: fmt.Sprintf("There is an image %s already: %s. Nothing was done.", commands.Mono(c.ImageName), commands.Mono(taken.ID)),
		Hint: "Choose another name.",
	}
}

// Plan tells what would be made, and that it costs money until somebody removes it.
func (c *MakeImage) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	if err := c.free(ctx, p.Target); err != nil {
		return commands.Report{}, err
	}
	i := p.Instances[0]
	n := c.order(run, i)
	n.DryRun = true
	_, err = c.cloud.CreateImage(ctx, p.Target, n)
	verdict, tone := commands.DryRun(err)
	how := "It goes on running: what it has not written to its disks is not in the image."
	if c.reboots() && i.State == aws.Running {
		how = "It is rebooted for it: what runs on it is interrupted."
	}
	return commands.Report{
		Tone: tone, Title: fmt.Sprintf("Would make the image %s of %s", c.ImageName, nameOf(i)), Where: where.Words(p.Place),
		Body: commands.Blocks{planTable(p.Instances, run.Now), commands.Text{Text: how}, commands.Text{Text: snapshotsCost(ctx, c.cloud, p.Target)}, commands.Text{Text: verdict}},
	}, nil
}

// snapshotsCost says what an image costs. How much of its disks is in use AWS does not say beforehand.
func snapshotsCost(ctx context.Context, cloud Scout, t aws.Target) string {
	const until = ", until the image and its snapshots are removed in AWS"
	ctx, cancel := context.WithTimeout(ctx, glance)
	defer cancel()
	price, err := cloud.SnapshotPrice(ctx, t)
	if err != nil {
		return "Its snapshots cost money every month for each GiB that is in use" + until + "; how much is unknown: " + trimStop(commands.Words(err).Message) + "."
	}
	return fmt.Sprintf("Its snapshots cost $%.3f a month for each GiB that is in use%s.", price.USDPerHour*commands.HoursOfMonth, until)
}

// Run asks for the image once and waits until it is available.
func (c *MakeImage) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	begun, err := commands.Begun(ctx, run, createImageStep)
	if err != nil {
		return commands.Report{}, err
	}
	if !begun {
		if err := c.free(ctx, p.Target); err != nil {
			return commands.Report{}, err
		}
	}
	run.Say("Asking AWS for the image " + c.ImageName + ".")
	id, err := commands.Once(ctx, run, createImageStep, func(ctx context.Context) (string, error) {
		return c.cloud.CreateImage(ctx, p.Target, c.order(run, p.Instances[0]))
	})
	if err != nil {
		return commands.Report{}, err
	}
	return c.finish(ctx, run, p, id)
}

// imageSettled waits until an image is made or has failed, and answers how it stands once its time is up. An error means that this could not be read.
func imageSettled(ctx context.Context, run *commands.Run, cloud Imager, t aws.Target, id string) (aws.Image, error) {
	limited, cancel := context.WithTimeout(ctx, imagePatience)
	defer cancel()
	now, err := cloud.WaitForImage(limited, t, id, func(now aws.Image) { run.Say("The image " + id + " is " + now.State + ".") })
	if ctx.Err() == nil && limited.Err() != nil {
		err = nil
	}
	return now, cmp.Or(ctx.Err(), err)
}

func (c *MakeImage) finish(ctx context.Context, run *commands.Run, p picked, id string) (commands.Report, error) {
	now, err := imageSettled(ctx, run, c.cloud, p.Target, id)
	if err != nil {
		return commands.Report{}, &commands.Error{
			Kind: commands.Uncertain, Message: "AWS makes the image " + commands.Mono(id) + ", but how it stands could not be read.", Hint: "Look at it in AWS.", Err: err,
		}
	}
	i := p.Instances[0]
	report := commands.Report{
		Tone: commands.Good, Title: fmt.Sprintf("Image %s of %s is available", c.ImageName, nameOf(i)), Where: where.Words(p.Place),
		Body: commands.Blocks{
			commands.Fields{Fields: []commands.Field{{Name: "Image", Value: commands.Mono(id)}, {Name: "Name", Value: c.ImageName}, {Name: "Of", Value: label(i)}}},
			commands.Text{Text: snapshotsCost(ctx, c.cloud, p.Target)},
		},
		Next: []commands.Next{showNext(p.Instances, p.Target), {Label: "Launch from it", Line: "vm create --image-id " + id + commands.Flag("type", i.Type) + commands.Flag("region", p.Target.Region) + commands.Flag("account", p.Target.Account)}},
	}
	switch now.State {
	case "available":
		return report, nil
	case "pending":
		report.Tone, report.Title = commands.Warning, fmt.Sprintf("AWS still makes the image %s of %s", c.ImageName, nameOf(i))
		report.Next = report.Next[:1]
		return report, nil
	}
	reason := ""
	if now.Reason != "" {
		reason = ", and AWS says: " + trimStop(commands.Unmarked(now.Reason))
	}
	return commands.Report{}, &commands.Error{
		Kind: commands.Failed, Message: fmt.Sprintf("The image %s is %s%s.", commands.Mono(id), now.State, reason), Hint: "Remove what is left of it in AWS, and try again under another name.",
	}
}

// Check looks for the image by its name.
func (c *MakeImage) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	answered, err := commands.Answered(ctx, run, createImageStep, toDo("image"))
	if err != nil {
		return commands.Report{}, err
	}
	if answered {
		return c.Run(ctx, run)
	}
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	found, ok, err := lookFor(ctx, func(time.Duration) (aws.Image, bool, error) {
		image, err := c.cloud.OwnImage(ctx, p.Target, c.ImageName)
		return image, image.ID != "", err
	})
	switch {
	case err != nil:
		return commands.Report{}, &commands.Error{Kind: commands.Uncertain, Message: "AWS does not say whether it makes the image: " + commands.Words(err).Message, Err: err}
	case !ok:
		return commands.Report{}, &commands.Error{Kind: commands.Failed, Message: "AWS shows no image of this name: none was made.", Hint: commands.SendAgain}
	}
	return c.finish(ctx, run, p, found.ID)
}
