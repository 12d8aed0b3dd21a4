package lambda

import (
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
	functionARN = regexp.MustCompile(`^arn:aws[a-z-]*:lambda:([a-z0-9-]+):(\d{12}):function:([A-Za-z0-9_-]+)(?::([A-Za-z0-9$_-]+))?$`)
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
	if !strings.HasPrefix(n.Name, "arn:") {
		name = n.Name
		if n.account() != "" { // a partial ARN, 123456789012:function:counter
			_, name, _ = strings.Cut(name, ":function:")
		}
		name, qualifier, _ = strings.Cut(name, ":")
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
	if t.Region != "" && t.Region != parts[1] {
		return "", "", t, commands.Misuse(fmt.Sprintf("%s is in %s, and the line is about %s.", commands.Mono(n.Name), parts[1], t.Region), "Say one region.")
	}
	t.Region = parts[1]
	return parts[3], parts[4], t, nil
}

// account is the account that an ARN, or a part of one, says; "" where the line says none.
func (n Named) account() string {
	before, _, _ := strings.Cut(n.Name, ":function:")
	account := before[strings.LastIndexByte(before, ':')+1:]
	if before == n.Name || !wholeNumber.MatchString(account) {
		return ""
	}
	return account
}

// FunctionName answers the function's plain name, "" where the line has none.
func (n Named) FunctionName() string {
	name, _, _, err := n.aim()
	if err != nil {
		return ""
	}
	return name
}

// Validate refuses what is no name of a function.
func (n Named) Validate() error {
	_, _, _, err := n.aim()
	return err
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
	name, _, target, err := n.aim()
	if err != nil {
		return picked{}, err
	}
	p := picked{Target: target, Place: cloud.Place(ctx, target)}
	if account := n.account(); account != "" && p.Place.AccountID != "" && account != p.Place.AccountID {
		return p, &commands.Error{
			Kind: commands.NotFound, Message: fmt.Sprintf("%s is in the account %s, and this line is about %s.", commands.Mono(n.Name), commands.Mono(account), commands.Mono(p.Place.AccountID)),
			Hint: "Say the account by its name in the configuration: " + commands.Mono("--account") + ".",
		}
	}
	p.Function, err = cloud.Function(ctx, target, name, "")
	if err == nil || commands.Words(err).Kind != commands.NotFound {
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
