package lambda

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/spelling"
	"deckhand/commands/where"
)

// Named is the arguments of commands about one function.
type Named struct {
	where.Target
	Name string `arg:"name" alias:"function-name" required:"" value:"NAME" help:"Function by its name or ARN."`
}

var (
	// Source: https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html (name, partial ARN, ARN)
	functionARN = regexp.MustCompile(`^(?:arn:aws[a-z-]*:lambda:([a-z0-9-]+):)?(?:(\d{12}):)?function:([A-Za-z0-9_-]+)(?::([A-Za-z0-9$_-]+))?$`)
	wholeNumber = regexp.MustCompile(`^\d+$`)
)

const longestName = 64

// isName tells whether a text is of the characters that functions and aliases are named with, and not longer.
func isName(text string, most int) bool {
	const characters = spelling.Alphanumeric + "_-"
	return spelling.Fits(text, most, characters, characters)
}

// aim answers the function's plain name, the qualifier of an ARN, and the target: an ARN's region is the line's. Errors are of kind Usage.
func (n Named) aim() (name, qualifier string, t aws.Target, err error) {
	t = n.At()
	if !strings.HasPrefix(n.Name, "arn:") && !strings.Contains(":"+n.Name, ":function:") {
		name, qualifier, _ = strings.Cut(n.Name, ":")
		if !isName(name, longestName) {
			return name, "", t, commands.Misuse(commands.Mono(n.Name)+" is no name of a function.", "Names have 1 to 64 letters, digits, hyphens and underscores.")
		}
		return name, qualifier, t, nil
	}
	parts := functionARN.FindStringSubmatch(n.Name)
	if parts == nil || len(parts[3]) > longestName {
		return "", "", t, commands.Misuse(commands.Mono(n.Name)+" is not the ARN of a function.",
			"It looks like "+commands.Mono("arn:aws:lambda:us-east-1:123456789012:function:counter")+".")
	}
	if t.Region != "" && parts[1] != "" && t.Region != parts[1] {
		return "", "", t, commands.Misuse(fmt.Sprintf("%s is in %s, and the line is about %s.", commands.Mono(n.Name), parts[1], t.Region), "Say one region.")
	}
	t.Region = cmp.Or(parts[1], t.Region)
	return parts[3], parts[4], t, nil
}

// elsewhere refuses an ARN of another account than the line is about: there may be a function of the same name here.
func (n Named) elsewhere(p picked) error {
	parts := functionARN.FindStringSubmatch(n.Name)
	if parts == nil || parts[2] == "" || p.account() == "" || parts[2] == p.account() {
		return nil
	}
	return &commands.Error{
		Kind: commands.Failed, Message: fmt.Sprintf("%s is in the account %s, and the line is about %s; nothing was done.", commands.Mono(n.Name), parts[2], p.account()),
		Hint: "Say which account with " + commands.Mono("--account NAME") + ".",
	}
}

// FunctionName answers the function's plain name, "" where the line has none.
func (n Named) FunctionName() string {
	name, _, _, err := n.aim()
	if err != nil {
		return ""
	}
	return name
}

// Validate refuses what is no name of a function, and the name of one version of it: most lines are about all of a function.
func (n Named) Validate() error {
	name, qualifier, _, err := n.aim()
	if err == nil && qualifier != "" {
		err = commands.Misuse("This is about the function "+commands.Mono(name)+" as a whole, and the line names its version or alias "+commands.Mono(qualifier)+".", "Name the function alone.")
	}
	return err
}

// Versioned is the arguments of commands about a function or one version of it.
type Versioned struct {
	Named
	Qualifier string `flag:"qualifier" alias:"alias,version" value:"VERSION" help:"Version or alias; the unpublished code where it is left out."`
}

// Validate refuses what is no name of a function, and two versions.
func (v Versioned) Validate() error {
	_, named, _, err := v.aim()
	if err == nil && named != "" && v.Qualifier != "" && named != v.Qualifier {
		err = commands.Misuse("The line names the version or alias "+commands.Mono(named)+", and "+commands.Mono(v.Qualifier)+" too.", "Name one.")
	}
	return err
}

// qualifier answers the version or alias that is meant.
func (v Versioned) qualifier() string {
	_, named, _, _ := v.aim()
	return cmp.Or(v.Qualifier, named)
}

// title is the function's name, and its version where one is meant.
func (v Versioned) title(f aws.Function) string {
	if v.qualifier() == "" {
		return f.Name
	}
	return f.Name + ", version " + cmp.Or(f.Version, v.qualifier())
}

// picked is the function that a line means, as it stood when it was looked up. It is kept in the journal, so it carries no values of
// environment variables.
type picked struct {
	Target   aws.Target
	Place    aws.Place
	Function aws.Function
}

// find answers the function that the line means, with the values of its variables.
func (n Named) find(ctx context.Context, cloud Reader) (picked, error) {
	return n.findVersion(ctx, cloud, "")
}

// findVersion is find for a version or alias; "" is the unpublished code.
func (n Named) findVersion(ctx context.Context, cloud Reader, qualifier string) (picked, error) {
	name, _, target, err := n.aim()
	if err != nil {
		return picked{}, err
	}
	p := picked{Target: target, Place: cloud.Place(ctx, target)}
	p.Function, err = cloud.Function(ctx, target, name, qualifier)
	if err == nil {
		return p, n.elsewhere(p)
	}
	if qualifier != "" {
		name += ":" + qualifier
	}
	if commands.Words(err).Kind != commands.NotFound {
		return p, err
	}
	wrong := &commands.Error{
		Kind: commands.NotFound, Message: fmt.Sprintf("There is no function %s in %s.", commands.Mono(name), p.Place.Region),
		Hint: commands.Mono(where.Line(target, "lambda list")) + " shows what is there.", Err: err,
	}
	if all, err := cloud.Functions(ctx, target); err == nil {
		var names []string
		for _, f := range all {
			names = append(names, f.Name)
		}
		if near := commands.Nearest(name, names); len(near) > 0 {
			wrong.Message += " The nearest is " + commands.Mono(near[0]) + "."
		}
	}
	return p, wrong
}

// pinned answers the function that the line meant when it was first looked up.
func (n Named) pinned(ctx context.Context, run *commands.Run, cloud Reader) (picked, error) {
	return commands.Repeat(ctx, run, "look at function", func(ctx context.Context) (picked, error) {
		p, err := n.find(ctx, cloud)
		p.Function.Environment = nil
		return p, err
	})
}

func (n Named) scope(ctx context.Context, cloud Reader) (commands.Scope, error) {
	p, err := n.find(ctx, cloud)
	return commands.Scope{Account: p.Target.Account, Region: p.Place.Region, Resources: []commands.Resource{
		{ID: p.Function.ARN, Name: p.Function.Name, Tags: p.Function.Tags},
	}}, err
}

// may tells whether the function's policy has a statement of this id.
func (p picked) may(ctx context.Context, cloud Gatekeeper, id string) (bool, error) {
	grants, err := cloud.FunctionGrants(ctx, p.Target, p.Function.Name)
	return slices.ContainsFunc(grants, func(g aws.Grant) bool { return g.ID == id }), err
}

// line writes a line about the picked function.
func (p picked) line(command string) string {
	return command + " " + commands.Quote(p.Function.Name) + commands.Flag("region", p.Target.Region) + commands.Flag("account", p.Target.Account)
}

// patience is how long a command waits for a function to get ready.
const patience = 5 * time.Minute

// settle waits until the function is ready.
func (p picked) settle(ctx context.Context, run *commands.Run, cloud Reader) (aws.Function, error) {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return cloud.WaitForFunction(limited, p.Target, p.Function.Name, func(f aws.Function) {
		run.Say(fmt.Sprintf("%s is %s; its last change is %s.", f.Name, strings.ToLower(f.State), strings.ToLower(f.Update)))
	})
}

// size writes bytes for people.
func size(bytes int64) string {
	switch {
	case bytes >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
	case bytes >= 1<<10:
		return fmt.Sprintf("%.1f KiB", float64(bytes)/(1<<10))
	default:
		return fmt.Sprintf("%d B", bytes)
	}
}

const masked = commands.Scrubbed

// envNames are the names of variables, with their values masked.
func envNames(env map[string]string) string {
	names := slices.Sorted(maps.Keys(env))
	for i, name := range names {
		names[i] = commands.Unmarked(name) + "=" + masked
	}
	return strings.Join(names, ", ")
}

var telling = regexp.MustCompile(`(?i)pass|secret|token|key|credential|auth`)

// mask takes secrets out of what a function says: the values of its own variables whose names tell of a secret, and what looks like one.
func mask(text string, env map[string]string) string {
	const shortest = 4 // shorter values are words by chance
	for name, value := range env {
		if telling.MatchString(name) && len(value) >= shortest {
			text = strings.ReplaceAll(text, value, masked)
		}
	}
	return commands.Scrub(text)
}
