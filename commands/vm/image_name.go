package vm

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
)

// imageNames are the images that may be called by name: where Systems Manager publishes the id of the newest one, by processor.
// Sources: https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters-ami.html,
// https://documentation.ubuntu.com/aws/aws-how-to/instances/find-ubuntu-images/, https://wiki.debian.org/Cloud/AmazonEC2Image
func imageNames() map[string]map[string]string {
	amazon, ubuntu, debian := "/aws/service/ami-amazon-linux-latest/", "/aws/service/canonical/ubuntu/server/", "/aws/service/debian/release/"
	both := func(before, x86, after string) map[string]string { // all of them call arm64 so
		return map[string]string{"x86_64": before + x86 + after, "arm64": before + "arm64" + after}
	}
	return map[string]map[string]string{
		"amazon-linux-2023": both(amazon+"al2023-ami-kernel-default-", "x86_64", ""),
		"amazon-linux-2":    both(amazon+"amzn2-ami-hvm-", "x86_64", "-gp2"),
		"ubuntu-24.04":      both(ubuntu+"24.04/stable/current/", "amd64", "/hvm/ebs-gp3/ami-id"),
		"ubuntu-22.04":      both(ubuntu+"22.04/stable/current/", "amd64", "/hvm/ebs-gp2/ami-id"),
		"debian-13":         both(debian+"13/latest/", "amd64", ""),
		"debian-12":         both(debian+"12/latest/", "amd64", ""),
	}
}

func knownImages() []string { return slices.Sorted(maps.Keys(imageNames())) }

// namesImage tells whether a word is one of those names, however it is capitalised.
func namesImage(word string) bool {
	_, known := imageNames()[strings.ToLower(word)]
	return known
}

const ssmPrefix = "resolve:ssm:"

// image is the image of a launch: which one, and what the line called it.
type image struct {
	ID   string
	From string // words for how the line named it, "the newest ubuntu-24.04 for x86_64"; empty where it gave the id
}

// words shows the id, and what it was called.
func (i image) words() string {
	if i.From == "" {
		return commands.Mono(i.ID)
	}
	return commands.Mono(i.ID) + ", " + i.From
}

const imageStep = "find image"

// pinImage answers the image that the line means, and keeps it in the journal: what was planned and approved is what is launched,
// even where a newer image is published meanwhile.
func (c *Create) pinImage(ctx context.Context, run *commands.Run) (image, error) {
	if imageID.MatchString(c.ImageID) {
		return image{ID: c.ImageID}, nil
	}
	return commands.Repeat(ctx, run, imageStep, c.findImage)
}

func (c *Create) findImage(ctx context.Context) (image, error) {
	return findImage(ctx, c.cloud, c.At(), c.ImageID, c.InstanceType)
}

// ImageFinder is the door to images by name.
type ImageFinder interface {
	ParameterImage(ctx context.Context, t aws.Target, parameter string) (string, error)
	InstanceTypes(ctx context.Context, t aws.Target, names []string) ([]aws.InstanceType, error)
}

// FindImage answers the id that a word means for an instance type, and words for how it was named: empty where the word is an id.
func FindImage(ctx context.Context, cloud ImageFinder, t aws.Target, word, instanceType string) (id, from string, err error) {
	if imageID.MatchString(word) {
		return word, "", nil
	}
	found, err := findImage(ctx, cloud, t, word, instanceType)
	return found.ID, found.From, err
}

// MachineProblems tells what is wrong with the shapes of an image and an instance type.
func MachineProblems(image, instanceType string) commands.Problems {
	var wrong commands.Problems
	if !imageID.MatchString(image) && !imageInSSM.MatchString(image) && !namesImage(image) {
		wrong.Add(commands.Misuse(commands.Mono(commands.OrNone(image))+" is not an image id.", imageHint(image)))
	}
	if !instanceTypeShape.MatchString(instanceType) {
		wrong.Add(commands.Misuse(commands.Mono(commands.OrNone(instanceType))+" is not an instance type.", "Types look like "+commands.Mono("t3.micro")+"."))
	}
	return wrong
}

func findImage(ctx context.Context, cloud ImageFinder, t aws.Target, word, instanceType string) (image, error) {
	if parameter, ok := strings.CutPrefix(word, ssmPrefix); ok {
		id, err := cloud.ParameterImage(ctx, t, parameter)
		return image{ID: id, From: "which " + commands.Mono(parameter) + " holds now"}, err
	}
	name := strings.ToLower(word)
	architecture, err := architecture(ctx, cloud, t, instanceType)
	if err != nil {
		return image{}, err
	}
	parameter, ok := imageNames()[name][architecture]
	if !ok {
		return image{}, commands.Misuse(fmt.Sprintf("There is no %s for %s, which is what %s runs.", commands.Mono(name), architecture, commands.Mono(instanceType)),
			"Choose another type, or give an image by its id.")
	}
	id, err := cloud.ParameterImage(ctx, t, parameter)
	return image{ID: id, From: fmt.Sprintf("the newest %s for %s", name, architecture)}, err
}

// architecture is what the instance type runs, as AWS says. Where AWS cannot be asked, the type's name tells: AWS writes a g behind
// the generation of its own arm64 processors.
// Source: https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
func architecture(ctx context.Context, cloud ImageFinder, t aws.Target, instanceType string) (string, error) {
	kinds, err := cloud.InstanceTypes(ctx, t, []string{instanceType})
	if err != nil {
		switch commands.Words(err).Kind {
		case commands.Usage, commands.NotFound:
			return "", err // AWS knows no such type
		default:
			return architectureOfName(instanceType), ctx.Err()
		}
	}
	for _, kind := range kinds {
		for _, architecture := range []string{"x86_64", "arm64"} {
			if slices.Contains(kind.Architectures, architecture) {
				return architecture, nil
			}
		}
		if len(kind.Architectures) > 0 {
			return kind.Architectures[0], nil
		}
	}
	return architectureOfName(instanceType), nil
}

func architectureOfName(instanceType string) string {
	family, _, _ := strings.Cut(instanceType, ".")
	generation := strings.IndexAny(family, "0123456789")
	if family == "a1" || generation >= 0 && strings.Contains(family[generation:], "g") {
		return "arm64"
	}
	return "x86_64"
}

// imageHint is what to write instead of a word that names no image.
func imageHint(word string) string {
	newest := knownImages() // in the order of their names
	slices.Reverse(newest)
	if near := commands.Nearest(strings.ToLower(word), newest); len(near) > 0 {
		return "Did you mean " + commands.Mono(near[0]) + "? Ids look like " + commands.Mono("ami-0123456789abcdef0") + "."
	}
	return "Image ids look like " + commands.Mono("ami-0123456789abcdef0") + "; the names are " + strings.Join(knownImages(), ", ") + "."
}
