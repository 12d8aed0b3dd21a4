package lambda

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// Alias is lambda alias.
type Alias struct {
	Named
	Alias       string `arg:"alias" alias:"name,alias" required:"" value:"ALIAS" help:"Name of the alias."`
	Version     string `arg:"function-version" alias:"function-version,version,to" value:"N" help:"The published version that it shall mean, alone where no --routing-config says otherwise. The one that it means where it is left out."`
	Description string `flag:"description" value:"TEXT" help:"What it is for."`
	Routing     string `flag:"routing-config" value:"AdditionalVersionWeights={N=0.1}" help:"A second version, and its part of the calls; nobody watches it, as lambda canary does."`

	cloud Cloud
}

// Validate refuses what is no alias or version.
func (c *Alias) Validate() error {
	switch {
	case !validAlias(c.Alias):
		return badAlias(c.Alias)
	case c.Version != "" && !wholeNumber.MatchString(c.Version) && c.Version != "$LATEST":
		return commands.Misuse(commands.Mono(c.Version)+" is no version.", "Versions are numbers; "+commands.Mono("lambda show "+c.Name)+" lists them.")
	case c.Version == "" && c.Description == "" && c.Routing == "":
		return commands.Misuse("The line does not say which version the alias shall mean.", "")
	}
	other, _, err := c.routing()
	if err == nil && other != "" && (other == c.Version || c.Version == "$LATEST") {
		err = commands.Misuse("An alias shares its calls between two published versions.", "Name two.")
	}
	if err != nil {
		return err
	}
	return c.Named.Validate()
}

// routing reads AdditionalVersionWeights={2=0.1} and its JSON; other is "" where all calls go to one version.
// Source: https://docs.aws.amazon.com/lambda/latest/api/API_AliasRoutingConfiguration.html
func (c *Alias) routing() (other string, share float64, err error) {
	const key = "AdditionalVersionWeights"
	wrong := commands.Misuse("--routing-config names one other version and its part of the calls, above 0 and below 1.", "Write "+commands.Mono("--routing-config "+key+"={2=0.1}")+"; {} ends a share.")
	weights := map[string]float64{}
	if inner, ok := strings.CutPrefix(c.Routing, key+"="); ok {
		inner = strings.TrimSuffix(strings.TrimPrefix(inner, "{"), "}")
		if version, weight, ok := strings.Cut(inner, "="); ok {
			if weights[strings.Trim(version, `"' `)], err = strconv.ParseFloat(weight, 64); err != nil {
				return "", 0, wrong
			}
		} else if inner != "" {
			return "", 0, wrong
		}
	} else if c.Routing != "" {
		var document struct{ AdditionalVersionWeights map[string]float64 }
		if json.Unmarshal([]byte(c.Routing), &document) != nil {
			return "", 0, wrong
		}
		weights = document.AdditionalVersionWeights
	}
	for other, share = range weights {
		if len(weights) > 1 || !wholeNumber.MatchString(other) || share <= 0 || share >= 1 {
			return "", 0, wrong
		}
	}
	return other, share, nil
}

// wanted is the alias as the line wants it, from how it stands.
func (c *Alias) wanted(p picked, now aws.FunctionAlias) (aws.FunctionAlias, error) {
	want := aws.FunctionAlias{Name: c.Alias, Version: c.Version, Description: c.Description}
	if c.Version == "" {
		want.Version, want.Other, want.Share = now.Version, now.Other, now.Share
	}
	if c.Routing != "" {
		want.Other, want.Share, _ = c.routing()
	}
	switch {
	case want.Version == "":
		return want, commands.Misuse(fmt.Sprintf("%s has no alias %s yet, and the line does not say which version it shall mean.", p.Function.Name, commands.Mono(c.Alias)),
			"Say "+commands.Mono("--function-version N")+"; "+commands.Mono(p.line("lambda show"))+" lists them.")
	case want.Other == want.Version:
		return want, commands.Misuse("An alias shares its calls between two published versions, and "+c.Alias+" means version "+want.Version+" already.", "Name another.")
	}
	return want, nil
}

// Scope is the function.
func (c *Alias) Scope(ctx context.Context) (commands.Scope, error) { return c.scope(ctx, c.cloud) }

// exists refuses a version that is not there.
func exists(ctx context.Context, cloud Reader, p picked, version string) error {
	if version == "" {
		return nil
	}
	_, err := cloud.Function(ctx, p.Target, p.Function.Name, version)
	if err != nil && commands.Words(err).Kind == commands.NotFound {
		return &commands.Error{
			Kind: commands.NotFound, Message: fmt.Sprintf("%s has no version %s.", p.Function.Name, commands.Mono(version)),
			Hint: commands.Mono(p.line("lambda show")) + " lists them, and " + commands.Mono(p.line("lambda publish")) + " makes one.",
		}
	}
	return err
}

// meaning says what an alias means.
func meaning(a aws.FunctionAlias) string {
	switch {
	case a.Version == "":
		return "nothing"
	case a.Other != "":
		return fmt.Sprintf("version %s, with %.4g %% of its calls to version %s", a.Version, a.Share*100, a.Other)
	}
	return "version " + a.Version
}

// ended says that a share ended.
func ended(a aws.FunctionAlias) string {
	return fmt.Sprintf("It sent %.4g %% of its calls to version %s until now; that ended.", a.Share*100, a.Other)
}

// prepare answers the alias as it stands and as it shall be, and refuses versions that are not there.
func (c *Alias) prepare(ctx context.Context, p picked, before aws.FunctionAlias) (aws.FunctionAlias, error) {
	want, err := c.wanted(p, before)
	if err == nil {
		err = exists(ctx, c.cloud, p, want.Version)
	}
	if err == nil {
		err = exists(ctx, c.cloud, p, want.Other)
	}
	return want, err
}

// Plan tells what the alias means and would mean.
func (c *Alias) Plan(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	p, err := c.find(ctx, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	before, err := aliasNow(ctx, c.cloud, p, c.Alias)
	if err != nil {
		return commands.Report{}, err
	}
	want, err := c.prepare(ctx, p, before)
	if err != nil {
		return commands.Report{}, err
	}
	text := fmt.Sprintf("It means %s now. All that invokes the function by this alias then runs version %s.", meaning(before), want.Version)
	switch {
	case same(before, want) && (want.Description == "" || want.Description == before.Description):
		return commands.Report{Title: fmt.Sprintf("Would change nothing: %s of %s means %s already", c.Alias, p.Function.Name, meaning(want)), Where: where.Words(p.Place)}, nil
	case want.Other != "":
		text = fmt.Sprintf("It means %s now. Nobody watches the share: %s does.", meaning(before), commands.Mono("lambda canary"))
	case before.Other != "":
		text += fmt.Sprintf(" The share of version %s ends.", before.Other)
	}
	return commands.Report{
		Title: fmt.Sprintf("Would make %s of %s mean %s", c.Alias, p.Function.Name, meaning(want)), Where: where.Words(p.Place), Body: commands.Blocks{commands.Text{Text: text}},
	}, nil
}

// same tells whether two aliases send the calls to the same versions.
func same(a, b aws.FunctionAlias) bool {
	return a.Version == b.Version && a.Other == b.Other && a.Share == b.Share
}

// Run moves the alias.
func (c *Alias) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	before, err := pinnedAlias(ctx, run, c.cloud, p, c.Alias)
	if err != nil {
		return commands.Report{}, err
	}
	want, err := c.prepare(ctx, p, before)
	if err != nil {
		return commands.Report{}, err
	}
	if before, err = pointAlias(ctx, run, c.cloud, p, want); err != nil {
		return commands.Report{}, err
	}
	return c.report(p, before, want), nil
}

func (c *Alias) report(p picked, before, now aws.FunctionAlias) commands.Report {
	text := "Before, it meant " + meaning(before) + "."
	if before.Other != "" && now.Other == "" {
		text = "Before, it meant version " + before.Version + ". " + ended(before)
	}
	return commands.Report{
		Tone: commands.Good, Title: fmt.Sprintf("%s of %s means %s", c.Alias, p.Function.Name, meaning(now)), Where: where.Words(p.Place),
		Body: commands.Blocks{commands.Text{Text: text}}, Next: aliasNext(p, before, now),
	}
}

// aliasLine makes an alias mean what it means here.
func aliasLine(p picked, a aws.FunctionAlias) string {
	line := p.line("lambda alias") + " " + a.Name + " --function-version " + a.Version
	if a.Other != "" {
		line += fmt.Sprintf(" --routing-config AdditionalVersionWeights={%s=%.4g}", a.Other, a.Share)
	}
	return line + commands.Flag("description", a.Description)
}

func aliasNext(p picked, before, now aws.FunctionAlias) []commands.Next {
	next := []commands.Next{{Label: "Invoke", Line: p.line("lambda invoke") + " --qualifier " + now.Name}}
	if now.Description == "" || now.Description == before.Description {
		before.Description = "" // it stayed
	}
	switch {
	case same(before, now) && before.Description == "":
	case before.Version == "":
		next = append(next, commands.Next{Label: "Undo", Line: p.line("lambda alias delete") + " " + now.Name, Style: "danger", Confirm: "Delete the alias " + now.Name + "?"})
	default:
		before.Name = now.Name
		next = append(next, commands.Next{Label: "Undo", Line: aliasLine(p, before), Confirm: "Make " + now.Name + " mean " + meaning(before) + " again?"})
	}
	return next
}

// Check looks at what the alias means.
func (c *Alias) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	now, err := aliasNow(ctx, c.cloud, p, c.Alias)
	if err != nil {
		return commands.Report{}, err
	}
	if want, err := c.wanted(p, now); err == nil && same(now, want) && (c.Description == "" || c.Description == now.Description) {
		before, err := meantBefore(ctx, run, c.cloud, p, now)
		return c.report(p, before, now), err
	}
	return commands.Report{}, &commands.Error{Kind: commands.Failed, Message: fmt.Sprintf("%s means %s: it was not moved.", c.Alias, meaning(now)), Hint: commands.SendAgain}
}
