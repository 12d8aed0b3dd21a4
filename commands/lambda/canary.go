package lambda

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/where"
)

const (
	canaryLongest = 30 * time.Minute // a request ends after 45 minutes, and the last step needs some
	canaryPause   = 10 * time.Second // between two looks
	settleFor     = 3 * time.Minute  // how long an alias is settled again that AWS does not settle now
)

// Canary is lambda canary.
type Canary struct {
	Named
	Version   string        `flag:"function-version" alias:"version,to" required:"" value:"N" help:"The published version to try."`
	Alias     string        `flag:"alias" default:"live" value:"ALIAS" help:"The alias whose calls it gets a part of."`
	Percent   int           `flag:"percent" default:"10" value:"PERCENT" help:"How much of the calls, from 1 to 99."`
	For       time.Duration `flag:"for" default:"10m" value:"TIME" help:"How long to watch it, from 2m to 30m."`
	Watched   string        `flag:"check" value:"CHECK" help:"A health check that must stay up meanwhile."`
	MaxErrors int           `flag:"max-errors" default:"0" value:"PERCENT" help:"Failed calls of the version out of a hundred that are still fine."`

	cloud  Cloud
	checks Checks
}

func canaryCommand(cloud Cloud, checks Checks) commands.Command {
	return commands.Command{
		Name:    "lambda canary",
		Summary: "Give a version a part of an alias's calls, watch it, and promote it or roll back",
		Example: "lambda canary counter --function-version 2", Undo: "It goes back by itself where it turns red; afterwards " + commands.Mono("lambda alias") + " to the version before.",
		Risk:     commands.Change,
		Rights:   []string{"lambda:GetFunction", "lambda:ListFunctions", "lambda:ListAliases", "lambda:UpdateAlias", "cloudwatch:GetMetricData"},
		Disturbs: commands.Briefly,
		New:      func() commands.Runner { return &Canary{cloud: cloud, checks: checks} },
	}
}

// Validate refuses what cannot be shifted or watched.
func (c *Canary) Validate() error {
	switch {
	case !validAlias(c.Alias):
		return badAlias(c.Alias)
	case !wholeNumber.MatchString(c.Version):
		return commands.Misuse(commands.Mono(c.Version)+" is no published version: an alias shares its calls between published versions only.",
			commands.Mono("lambda publish "+c.Name)+" makes one.")
	case c.Percent < 1 || c.Percent > 99:
		return commands.Misuse("The part of the calls is 1 to 99 percent.", "Write "+commands.Mono("--percent 10")+".")
	case c.For < 2*time.Minute:
		return commands.Misuse("A watch takes 2 minutes at least: CloudWatch counts by the minute, and late.", "Write "+commands.Mono("--for 10m")+".")
	case c.For > canaryLongest:
		return commands.Misuse("A watch takes 30 minutes at most: a request ends after 45 minutes, and one that ended there could not put the alias back.", "Write "+commands.Mono("--for 30m")+".")
	case c.MaxErrors < 0 || c.MaxErrors > 99:
		return commands.Misuse("The failed calls that are still fine are 0 to 99 percent.", "Write "+commands.Mono("--max-errors 1")+".")
	}
	return c.Named.Validate()
}

// Scope is the function.
func (c *Canary) Scope(ctx context.Context) (commands.Scope, error) { return c.scope(ctx, c.cloud) }

func (c *Canary) share() float64 { return float64(c.Percent) / 100 }

// alias answers the alias as it stands; its Version is "" where there is none.
func (c *Canary) alias(ctx context.Context, p picked) (aws.FunctionAlias, error) {
	return aliasNow(ctx, c.cloud, p, c.Alias)
}

// ready answers the version that the alias means, and refuses what cannot be shifted or could not be watched. Nothing is changed.
func (c *Canary) ready(ctx context.Context, p picked, now time.Time) (string, error) {
	a, err := c.alias(ctx, p)
	if err != nil {
		return "", err
	}
	if err := c.shiftable(p, a); err != nil {
		return "", err
	}
	if err := exists(ctx, c.cloud, p, c.Version); err != nil {
		return "", err
	}
	fell, err := c.fell(ctx, now)
	switch {
	case err != nil:
		return "", err
	case fell != "":
		return "", &commands.Error{Kind: commands.Failed, Message: fell + " Nothing was shifted.", Hint: commands.Mono("check show "+c.Watched) + " tells more."}
	}
	_, err = c.cloud.VersionErrors(ctx, p.Target, p.Function.Name, c.Alias, c.Version, now.Add(-time.Minute), now)
	return a.Version, err
}

func (c *Canary) shiftable(p picked, a aws.FunctionAlias) error {
	no := func(kind commands.Kind, message, hint string) error {
		return &commands.Error{Kind: kind, Message: message + " Nothing was shifted.", Hint: hint}
	}
	point := p.line("lambda alias") + " " + c.Alias + " --function-version "
	switch {
	case a.Version == "":
		return no(commands.NotFound, fmt.Sprintf("%s has no alias %s.", p.Function.Name, commands.Mono(c.Alias)), commands.Mono(p.line("lambda show"))+" lists them.")
	case a.Other != "":
		return no(commands.Failed, fmt.Sprintf("%s already sends %.4g %% of its calls to version %s, and the rest to version %s.", c.Alias, a.Share*100, a.Other, a.Version),
			commands.Mono(point+a.Version)+" ends that.")
	case a.Version == c.Version:
		return no(commands.Failed, fmt.Sprintf("%s means version %s already.", c.Alias, c.Version), commands.Mono(p.line("lambda show"))+" lists the versions.")
	case a.Version == "$LATEST":
		return no(commands.Failed, c.Alias+" means $LATEST, and an alias shares its calls between published versions only.", commands.Mono(p.line("lambda publish")+" --alias "+c.Alias)+" makes it mean one.")
	}
	return nil
}

// fell says how the check is not up, or was not since a time; "" where it was, and where none is watched.
func (c *Canary) fell(ctx context.Context, since time.Time) (string, error) {
	if c.Watched == "" {
		return "", nil
	}
	states, err := c.checks.States(ctx)
	if err != nil {
		return "", err
	}
	switch s, known := states[c.Watched]; {
	case !known:
		return "", &commands.Error{Kind: commands.NotFound, Message: "A check " + commands.Mono(c.Watched) + " is not there, or was never looked at yet.", Hint: commands.Mono("check list") + " shows which."}
	case s.Status != check.Up:
		return fmt.Sprintf("The check %s is %s since %s (%s).", commands.Mono(c.Watched), s.Status, commands.At(s.Since), s.Last.Detail), nil
	case s.Since.After(since):
		return fmt.Sprintf("The check %s was down meanwhile; it is up again since %s.", commands.Mono(c.Watched), commands.At(s.Since)), nil
	default:
		return "", nil
	}
}

// Plan tells what would be shifted.
func (c *Canary) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.find(ctx, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	old, err := c.ready(ctx, p, run.Now)
	if err != nil {
		return commands.Report{}, err
	}
	watched := ""
	if c.Watched != "" {
		watched = ", the check " + commands.Mono(c.Watched) + " goes down"
	}
	return commands.Report{
		Title: fmt.Sprintf("Would send %d %% of %s of %s to version %s", c.Percent, c.Alias, p.Function.Name, c.Version), Where: where.Words(p.Place),
		Body: commands.Blocks{
			commands.Text{Text: fmt.Sprintf("The rest stays with version %s. After %s %s would mean version %s alone.", old, check.Span(c.For), c.Alias, c.Version)},
			commands.Text{Text: fmt.Sprintf("It goes back to version %s alone where more than %d %% of the calls of version %s fail%s, or nobody calls it.", old, c.MaxErrors, c.Version, watched)},
			commands.Text{Text: "What undoes it: " + commands.Mono(c.undo(p, old)) + "."},
		},
	}, nil
}

func (c *Canary) undo(p picked, old string) string {
	return p.line("lambda alias") + " " + c.Alias + " --function-version " + old
}

// shifted is what the journal keeps of the shift.
type shifted struct {
	Old string
	At  time.Time
}

const lookAtAlias = "look at alias" // the step that keeps which version it meant before

// Run shifts, watches, and promotes or rolls back.
func (c *Canary) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	begun := time.Now()
	now := func() time.Time { return run.Now.Add(time.Since(begun)) }
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	old, err := commands.Repeat(ctx, run, lookAtAlias, func(ctx context.Context) (string, error) { return c.ready(ctx, p, now()) })
	if err != nil {
		return commands.Report{}, err
	}
	s, err := commands.Repeat(ctx, run, "shift", func(ctx context.Context) (shifted, error) { return c.shift(ctx, p, old, now) })
	if err != nil {
		return commands.Report{}, err
	}
	v, err := commands.Repeat(ctx, run, "watch", func(ctx context.Context) (verdict, error) { return c.watch(ctx, run, p, s, now) })
	if err != nil {
		return commands.Report{}, err
	}
	return c.settleAlias(ctx, run, p, s, v)
}

// shift gives the version its part. Where a run that was cut short did so already nothing is changed, and where somebody else moved the alias since
// it was looked at, that stands.
func (c *Canary) shift(ctx context.Context, p picked, old string, now func() time.Time) (shifted, error) {
	s := shifted{Old: old}
	a, err := c.alias(ctx, p)
	switch {
	case err != nil:
		return s, err
	case c.shifted(a, s):
	case a.Version != old || a.Other != "":
		return s, &commands.Error{Kind: commands.Failed, Message: "Somebody else changed " + c.Alias + " meanwhile. Nothing was shifted.", Hint: commands.Mono(p.line("lambda show")) + " shows what it means."}
	default:
		err = c.cloud.PointAlias(ctx, p.Target, p.Function.Name, aws.FunctionAlias{Name: c.Alias, Version: old, Other: c.Version, Share: c.share()})
	}
	s.At = now()
	return s, err
}

// shifted tells whether the alias is as this canary made it.
func (c *Canary) shifted(a aws.FunctionAlias, s shifted) bool {
	return a.Version == s.Old && a.Other == c.Version
}

func (c *Canary) promoted(p picked, old, why string) commands.Report {
	return commands.Report{
		Tone: commands.Good, Title: fmt.Sprintf("Promoted: %s of %s means version %s", c.Alias, p.Function.Name, c.Version), Where: where.Words(p.Place),
		Body: commands.Blocks{commands.Text{Text: why}}, Next: aliasNext(p, aws.FunctionAlias{Version: cmp.Or(old, c.Version)}, aws.FunctionAlias{Name: c.Alias, Version: c.Version}),
	}
}

// Check looks at what the alias means.
func (c *Canary) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	switch a, err := c.alias(ctx, p); {
	case err != nil:
		return commands.Report{}, err
	case a.Version == c.Version && a.Other == "":
		old, err := commands.Repeat(ctx, run, lookAtAlias, func(context.Context) (string, error) { return a.Version, nil })
		return c.promoted(p, old, "AWS shows the alias so."), err
	case a.Other != "":
		return commands.Report{}, &commands.Error{
			Kind: commands.Uncertain, Message: fmt.Sprintf("%s sends %.4g %% of its calls to version %s, and nobody watches it any more.", c.Alias, a.Share*100, a.Other),
			Hint: commands.Mono(c.undo(p, a.Version)) + " puts it back.",
		}
	default:
		return commands.Report{}, &commands.Error{
			Kind: commands.Failed, Message: fmt.Sprintf("%s means %s alone: nothing is shifted.", c.Alias, cmp.Or(a.Version, "nothing")), Hint: commands.SendAgain,
		}
	}
}
