package lambda

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// Publish is lambda publish.
type Publish struct {
	Named
	Alias       string `flag:"alias" value:"ALIAS" help:"Make this alias mean the new version."`
	Description string `flag:"description" value:"TEXT" help:"What is new in it."`
	CodeSHA256  string `flag:"code-sha256" value:"HASH" help:"Publish only if the code has this hash."`

	cloud Cloud
}

// Validate refuses what is no name of an alias.
func (c *Publish) Validate() error {
	if c.Alias != "" && !validAlias(c.Alias) {
		return badAlias(c.Alias)
	}
	return c.Named.Validate()
}

func validAlias(name string) bool {
	const longest = 128
	return isName(name, longest) && !wholeNumber.MatchString(name)
}

func badAlias(name string) error {
	return commands.Misuse(commands.Mono(name)+" is no name of an alias.", "It has letters, digits, hyphens and underscores, and is no number.")
}

// Scope is the function.
func (c *Publish) Scope(ctx context.Context) (commands.Scope, error) { return c.scope(ctx, c.cloud) }

// aliasNow answers an alias as it stands; its Version is "" where there is no such alias.
func aliasNow(ctx context.Context, cloud Historian, p picked, alias string) (aws.FunctionAlias, error) {
	aliases, err := cloud.FunctionAliases(ctx, p.Target, p.Function.Name)
	for _, a := range aliases {
		if a.Name == alias {
			return a, err
		}
	}
	return aws.FunctionAlias{Name: alias}, err
}

// Plan tells what would be published.
func (c *Publish) Plan(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	p, err := c.find(ctx, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	report := commands.Report{Title: "Would publish " + p.Function.Name, Where: where.Words(p.Place), Body: commands.Blocks{
		functionFields(p.Function),
		commands.Text{Text: "A version does not change any more. Where nothing has changed since the last one, AWS answers that one."},
	}}
	if c.Alias == "" {
		return report, nil
	}
	before, err := aliasNow(ctx, c.cloud, p, c.Alias)
	report.Body = append(report.Body, commands.Text{Text: fmt.Sprintf("The alias %s means %s now, and would mean the new version alone.", commands.Mono(c.Alias), meaning(before))})
	return report, err
}

// Run publishes, and moves the alias.
func (c *Publish) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	if _, err := p.settle(ctx, run, c.cloud); err != nil {
		return commands.Report{}, err
	}
	before, err := c.before(ctx, run, p)
	if err != nil {
		return commands.Report{}, err
	}
	run.Say("Publishing " + p.Function.Name + ".")
	version, err := commands.Repeat(ctx, run, publishing, func(ctx context.Context) (string, error) {
		return c.cloud.PublishVersion(ctx, p.Target, p.Function.Name, cmp.Or(c.CodeSHA256, p.Function.CodeSHA256), c.Description)
	})
	if err != nil {
		return commands.Report{}, err
	}
	report := c.report(p, version, !slices.Contains(before, version))
	if c.Alias == "" {
		return report, nil
	}
	meant, err := pointAlias(ctx, run, c.cloud, p, aws.FunctionAlias{Name: c.Alias, Version: version})
	if err != nil {
		return c.unmeant(p, report, version), err
	}
	report.Title += ", and " + c.Alias + " means it"
	switch {
	case meant.Other != "":
		report.Body = append(report.Body, commands.Text{Text: ended(meant)})
	case meant.Version == version:
		report.Title += " as before"
	}
	report.Next = aliasNext(p, meant, aws.FunctionAlias{Name: c.Alias, Version: version})
	return report, nil
}

// published is the report of a line that made or changed a function, after the version that --publish asks for.
func (c Code) published(ctx context.Context, run *commands.Run, cloud Cloud, p picked, f aws.Function, report commands.Report) (commands.Report, error) {
	if !c.Publish {
		return report, nil
	}
	version, err := commands.Repeat(ctx, run, publishing, func(ctx context.Context) (string, error) {
		return cloud.PublishVersion(ctx, p.Target, f.Name, f.CodeSHA256, "")
	})
	if err != nil {
		report.Tone = commands.Bad
		report.Body = append(report.Body, commands.Text{Text: "It is not published: " + commands.Mono(p.line("lambda publish")) + " does that."})
		return report, err
	}
	report.Title += ", and published as version " + version
	return report, nil
}

// The steps of the journal that tell what a run that was cut short may have done.
const (
	publishing = "PublishVersion"
	pointing   = "UpdateAlias"
)

// before answers the versions that there were before this request published, so that one that AWS answers again is told from a new one.
func (c *Publish) before(ctx context.Context, run *commands.Run, p picked) ([]string, error) {
	return commands.Repeat(ctx, run, "look at versions", func(ctx context.Context) ([]string, error) {
		all, err := c.cloud.FunctionVersions(ctx, p.Target, p.Function.Name)
		var versions []string
		for _, v := range all {
			versions = append(versions, v.Version)
		}
		return versions, err
	})
}

func (c *Publish) report(p picked, version string, fresh bool) commands.Report {
	report := commands.Report{
		Tone: commands.Good, Title: fmt.Sprintf("Published version %s of %s", version, p.Function.Name), Where: where.Words(p.Place),
		Body: commands.Blocks{commands.Fields{Fields: []commands.Field{{Name: "ARN", Value: commands.Mono(p.Function.ARN + ":" + version)}, {Name: "Code", Value: "SHA-256 " + commands.Mono(p.Function.CodeSHA256)}}}},
		Next: []commands.Next{{Label: "Make it live", Line: p.line("lambda alias") + " live --function-version " + version}, {Label: "Show", Line: p.line("lambda show")}},
	}
	if fresh {
		return report
	}
	report.Title = fmt.Sprintf("Nothing to publish: %s has not changed since version %s", p.Function.Name, version)
	report.Body = append(report.Body, commands.Text{Text: "AWS made no new version; version " + version + " stands as it was."})
	return report
}

// unmeant says that the version stands and the alias does not mean it.
func (c *Publish) unmeant(p picked, report commands.Report, version string) commands.Report {
	report.Tone = commands.Bad
	report.Body = append(report.Body, commands.Text{Text: "The version stands, and the alias does not mean it yet: " +
		commands.Mono(p.line("lambda alias")+" "+c.Alias+" --function-version "+version) + " finishes this."})
	return report
}

// pinnedAlias answers an alias as it was when it was first looked up.
func pinnedAlias(ctx context.Context, run *commands.Run, cloud Historian, p picked, alias string) (aws.FunctionAlias, error) {
	return commands.Repeat(ctx, run, "look at alias and share", func(ctx context.Context) (aws.FunctionAlias, error) { return aliasNow(ctx, cloud, p, alias) })
}

// meantBefore answers an alias as it was before a run that was cut short moved it to this: the same where it did not.
func meantBefore(ctx context.Context, run *commands.Run, cloud Historian, p picked, a aws.FunctionAlias) (aws.FunctionAlias, error) {
	if begun, err := commands.Begun(ctx, run, pointing); err != nil || !begun {
		return a, err
	}
	return pinnedAlias(ctx, run, cloud, p, a.Name)
}

// pointAlias moves an alias and answers it as it was before. One that is new gets its version first, and its share then.
func pointAlias(ctx context.Context, run *commands.Run, cloud Cloud, p picked, a aws.FunctionAlias) (aws.FunctionAlias, error) {
	before, err := pinnedAlias(ctx, run, cloud, p, a.Name)
	if err != nil {
		return before, err
	}
	_, err = commands.Repeat(ctx, run, pointing, func(ctx context.Context) (bool, error) {
		if before.Version == "" && a.Other != "" {
			alone := a
			alone.Other = ""
			if err := cloud.PointAlias(ctx, p.Target, p.Function.Name, alone); err != nil {
				return false, err
			}
		}
		return true, cloud.PointAlias(ctx, p.Target, p.Function.Name, a)
	})
	return before, err
}

// Check looks for a version that was not there before, with the pinned code.
func (c *Publish) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	switch begun, err := commands.Begun(ctx, run, publishing); {
	case err != nil:
		return commands.Report{}, err
	case !begun:
		return commands.Report{}, commands.CutShort("AWS was asked to publish")
	}
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	before, err := c.before(ctx, run, p)
	if err != nil {
		return commands.Report{}, err
	}
	versions, err := c.cloud.FunctionVersions(ctx, p.Target, p.Function.Name)
	if err != nil {
		return commands.Report{}, err
	}
	made := ""
	for _, v := range versions {
		if v.CodeSHA256 == p.Function.CodeSHA256 && !slices.Contains(before, v.Version) {
			made = v.Version
		}
	}
	if made == "" {
		return commands.Report{}, &commands.Error{Kind: commands.Failed, Message: "AWS shows no new version with this code: nothing was published.", Hint: commands.SendAgain}
	}
	report := c.report(p, made, true)
	if c.Alias == "" {
		return report, nil
	}
	now, err := aliasNow(ctx, c.cloud, p, c.Alias)
	if err != nil {
		return report, err
	}
	if now.Version != made {
		return c.unmeant(p, report, made), &commands.Error{Kind: commands.Failed, Message: fmt.Sprintf("%s means %s: it was not moved.", c.Alias, meaning(now)), Hint: commands.SendAgain}
	}
	report.Title += ", and " + c.Alias + " means it"
	meant, err := meantBefore(ctx, run, c.cloud, p, now)
	report.Next = aliasNext(p, meant, now)
	return report, err
}
