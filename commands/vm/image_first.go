package vm

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
)

// Preserving is the switch of commands that may lose what is on an instance's disks.
type Preserving struct {
	ImageFirst bool `flag:"image-first" help:"Make an image of it first, and go on only once that is available."`
}

const imageFirstFlag = "image-first"

// imageRights are what an image that is made first needs besides.
func imageRights() []string {
	return []string{"ec2:DescribeImages", "ec2:CreateImage", "ec2:CreateTags", "ec2:DescribeVolumes", "pricing:GetProducts"}
}

// offer is what a plan says of images: that they are made first, or that they may be ticked.
func (c Preserving) offer(ctx context.Context, cloud Scout, p picked, some []aws.Instance) (commands.Text, []commands.Offer) {
	cost := imagesCost(ctx, cloud, p, some)
	if c.ImageFirst {
		return commands.Text{Text: "Before that an image is made of " + join(some, label) + ", " + cost + ". Where one cannot be made, nothing else is done."}, nil
	}
	return commands.Text{Text: commands.Mono("--"+imageFirstFlag) + " keeps the disks as an image first, " + cost + "."},
		[]commands.Offer{{Flag: imageFirstFlag, Label: "Take an image first, " + cost}}
}

// imagesCost is what images of instances cost: at most as much as their disks hold. AWS does not say beforehand how much of them is in use.
func imagesCost(ctx context.Context, cloud Scout, p picked, some []aws.Instance) string {
	ctx, cancel := context.WithTimeout(ctx, glance)
	defer cancel()
	price, err := cloud.SnapshotPrice(ctx, p.Target)
	if err != nil {
		return "at a price that is unknown"
	}
	month, gib := price.USDPerHour*commands.HoursOfMonth, 0
	for _, i := range some {
		n, err := cloud.DiskSize(ctx, p.Target, i.ID)
		if err != nil || n == 0 {
			return fmt.Sprintf("$%.3f a month for each GiB in use", month)
		}
		gib += n
	}
	return fmt.Sprintf("at most $%.2f a month", month*float64(gib))
}

// keep makes the images that the line asks for, one after the other, and answers them with words. Each is looked for by its name first, so that a
// run that was cut short makes none twice. Where one cannot be had, an error says that nothing else was done.
func (c Preserving) keep(ctx context.Context, run *commands.Run, cloud Cloud, p picked, some []aws.Instance) (string, error) {
	if !c.ImageFirst {
		return "", nil
	}
	var all []string
	for _, i := range some {
		name, err := commands.Repeat(ctx, run, "name the image of "+i.ID, func(context.Context) (string, error) {
			return imageName(i, some, run), nil
		})
		if err != nil {
			return "", err
		}
		image, err := keepOne(ctx, run, cloud, p, i, name)
		if err != nil {
			return "", err
		}
		all = append(all, fmt.Sprintf("The disks of %s are kept as the image %s (%s).", label(i), commands.Mono(image), name))
	}
	return strings.Join(all, "\n"), nil
}

// after adds to an error what was made before it.
func after(kept string, err error) error {
	if err == nil || kept == "" {
		return err
	}
	words := *commands.Words(err)
	words.Message += " " + kept
	words.Err = err
	return &words
}

func keepOne(ctx context.Context, run *commands.Run, cloud Cloud, p picked, i aws.Instance, name string) (string, error) {
	id, err := commands.Ensure(ctx, run, createImageStep+" of "+i.ID,
		func(ctx context.Context) (string, bool, error) {
			image, err := cloud.OwnImage(ctx, p.Target, name)
			return image.ID, image.ID != "", err
		},
		func(ctx context.Context) (string, error) {
			run.Say("Making the image " + name + " first.")
			return cloud.CreateImage(ctx, p.Target, aws.NewImage{InstanceID: i.ID, Name: name, Description: "Before " + run.ID, Tags: run.Tags(name, nil)})
		})
	if err != nil {
		return "", notKept(i, commands.Words(err).Message, err)
	}
	_, err = commands.Repeat(ctx, run, "wait for "+id, func(ctx context.Context) (bool, error) {
		now, err := imageSettled(ctx, run, cloud, p.Target, id)
		switch {
		case ctx.Err() != nil:
			return false, ctx.Err()
		case err != nil:
			return false, notKept(i, "how the image "+commands.Mono(id)+" stands could not be read.", err)
		case now.State != "available":
			return false, notKept(i, "the image "+commands.Mono(id)+" is "+now.State+".", nil)
		}
		return true, nil
	})
	return id, err
}

// notKept says that what was to come after the image was not done, which is certain also where nobody knows of the image.
func notKept(i aws.Instance, why string, err error) error {
	if commands.IsUncertain(err) {
		err = nil
	}
	return &commands.Error{
		Kind: commands.Failed, Message: "No image of " + label(i) + " could be had first, so nothing else was done: " + why,
		Hint: "Send the line again, or without " + commands.Mono("--"+imageFirstFlag) + ".", Err: err,
	}
}

// imageName is what an image that is made first is called: after the instance, the minute and the request. Of two instances with one name each
// is called by its id, because an image is looked for by its name: that of one is not taken for that of the other.
func imageName(i aws.Instance, some []aws.Instance, run *commands.Run) string {
	after := run.Now.UTC().Format("-2006-01-02-1504-") + run.ID
	shared := slices.ContainsFunc(some, func(other aws.Instance) bool { return other.ID != i.ID && nameOf(other) == nameOf(i) })
	if name := nameOf(i) + after; !shared && isImageName(name) {
		return name
	}
	return i.ID + after
}
