package lambda

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/query"
	"deckhand/commands/where"
)

// indented writes JSON over several lines; what is no JSON stays as it is.
func indented(raw []byte) string {
	var out bytes.Buffer
	if json.Indent(&out, raw, "", "  ") != nil {
		return string(raw)
	}
	return out.String()
}

// functionFields is everything about a function that may be shown.
func functionFields(f aws.Function) commands.Fields {
	state, change := f.State, f.Update
	if f.StateReason != "" {
		state += ": " + commands.Unmarked(commands.Scrub(f.StateReason))
	}
	if f.UpdateReason != "" {
		change += ": " + commands.Unmarked(commands.Scrub(f.UpdateReason))
	}
	fields := []commands.Field{
		{Name: "State", Value: commands.OrNone(state)}, {Name: "Last change", Value: commands.OrNone(change)},
		{Name: "Runtime", Value: cmp.Or(f.Runtime, "the image's own")}, {Name: "Handler", Value: cmp.Or(f.Handler, "the image's own")},
		{Name: "Timeout", Value: fmt.Sprintf("%d s", f.Timeout)}, {Name: "Memory", Value: fmt.Sprintf("%d MB", f.MemoryMB)},
		{Name: "Architecture", Value: commands.OrNone(strings.Join(f.Architectures, ", "))}, {Name: "Role", Value: commands.OrNone(shortRole(f.Role))},
		{Name: "Environment", Value: cmp.Or(envNames(f.Environment), "none")}, {Name: "Log group", Value: commands.Mono(f.LogGroup)},
		{Name: "ARN", Value: commands.Mono(f.ARN)},
	}
	if f.ImageURI != "" {
		fields = append(fields, commands.Field{Name: "Image", Value: commands.Mono(f.ImageURI)})
	} else {
		fields = append(fields, commands.Field{Name: "Code", Value: size(f.CodeSize) + ", SHA-256 " + commands.Mono(f.CodeSHA256)})
	}
	if !f.ModifiedAt.IsZero() {
		fields = append(fields, commands.Field{Name: "Changed", Value: commands.At(f.ModifiedAt)})
	}
	if f.Description != "" {
		fields = append(fields, commands.Field{Name: "Description", Value: commands.Unmarked(f.Description)})
	}
	fields = append(fields, aroundFields(settings(f))...)
	if by := f.Tags[commands.OwnerTag]; by != "" {
		fields = append(fields, commands.Field{Name: "Made by", Value: commands.Person(by)})
	}
	return commands.Fields{Fields: fields}
}

// aroundFields tell what stands around the code, where anything does.
func aroundFields(s aws.FunctionSettings) []commands.Field {
	var fields []commands.Field
	add := func(name, value string) {
		if value != "" {
			fields = append(fields, commands.Field{Name: name, Value: value})
		}
	}
	add("Layers", strings.Join(s.Layers, ", "))
	add("VPC", vpcWords(s.Subnets, s.Groups))
	if s.Tracing == "Active" {
		add("Tracing", "X-Ray")
	}
	if s.StorageMB != 0 && s.StorageMB != standardStorage {
		add("Storage", fmt.Sprintf("%d MB in /tmp", s.StorageMB))
	}
	return fields
}

const standardStorage = 512 // MB

func vpcWords(subnets, groups []string) string {
	if len(subnets) == 0 {
		return ""
	}
	return strings.Join(subnets, ", ") + " with " + strings.Join(groups, ", ")
}

// settings are those of a function that stand around its code.
func settings(f aws.Function) aws.FunctionSettings {
	s := aws.FunctionSettings{Layers: f.Layers, Subnets: f.Subnets, Groups: f.Groups, StorageMB: f.StorageMB, Tracing: "PassThrough"}
	if f.Traced {
		s.Tracing = "Active"
	}
	return s
}

func shortRole(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }

// Past answers the request that was at work on a function at a moment, and whose it was; "" where there was none. Place is where the
// function is, as reports say it.
type Past func(ctx context.Context, function, place string, at time.Time) (request, person string, err error)

// Show is lambda show.
type Show struct {
	Versioned

	cloud Cloud
	past  Past
}

// changedBy adds whose request it was to the moment of the last change. What was changed elsewhere has the moment alone: AWS does not say by whom.
func (c *Show) changedBy(ctx context.Context, fields commands.Fields, p picked) error {
	id, person, err := c.past(ctx, p.Function.Name, where.Words(p.Place), p.Function.ModifiedAt)
	if err != nil || id == "" {
		return err
	}
	for n := range fields.Fields {
		if fields.Fields[n].Name == "Changed" {
			fields.Fields[n].Value += " by " + commands.Person(person) + ", " + commands.Mono(id)
		}
	}
	return nil
}

// Run shows a function with its versions and aliases.
func (c *Show) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.findVersion(ctx, c.cloud, c.qualifier())
	if err != nil {
		return commands.Report{}, err
	}
	f := p.Function
	fields := functionFields(f)
	if err := c.changedBy(ctx, fields, p); err != nil {
		return commands.Report{}, err
	}
	report := commands.Report{
		Title: fmt.Sprintf("%s is %s", c.title(f), strings.ToLower(cmp.Or(f.State, "there"))), Where: where.Words(p.Place), Body: commands.Blocks{fields},
		Next: []commands.Next{
			{Label: "Logs", Line: p.line("lambda logs")}, {Label: "Triggers", Line: p.line("lambda trigger list")}, {Label: "Publish", Line: p.line("lambda publish")},
		},
	}
	warning, refusal := judgeRuntime(f.Runtime, run.Now)
	if refusal != nil {
		warning = refusal.Error()
	}
	if warning != "" {
		report.Tone = commands.Warning
		report.Body = append(report.Body, commands.Text{Text: warning})
	}
	if f.State == "Failed" || f.Update == "Failed" {
		report.Tone = commands.Bad
	}
	versions, err := c.cloud.FunctionVersions(ctx, p.Target, f.Name)
	if err != nil {
		return report, err
	}
	aliases, err := c.cloud.FunctionAliases(ctx, p.Target, f.Name)
	if err != nil {
		return report, err
	}
	report.Body = append(report.Body, versionTable(versions, aliases))
	if tags := ownTags(f.Tags); len(tags) > 0 {
		report.Body = append(report.Body, commands.Text{Text: "Tags: " + strings.Join(tags, ", ")})
	}
	return report, nil
}

func ownTags(tags map[string]string) []string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		if key != commands.TokenTag && key != askedTag {
			out = append(out, commands.Unmarked(key+"="+tags[key]))
		}
	}
	return out
}

// versionTable shows the newest versions with the aliases that mean them.
func versionTable(versions []aws.Function, aliases []aws.FunctionAlias) commands.Table {
	const most = 10
	table := commands.Table{Columns: []string{"Version", "Alias", "Code", "Changed"}}
	for i, v := range slices.Backward(versions) {
		if len(table.Rows) == most {
			table.Note = fmt.Sprintf("the newest %d of %d", most, len(versions))
			break
		}
		var names []string
		for _, a := range aliases {
			switch {
			case a.Other == v.Version:
				names = append(names, fmt.Sprintf("%s (%.4g %%)", a.Name, a.Share*100))
			case a.Version == v.Version && a.Other != "":
				names = append(names, fmt.Sprintf("%s (%.4g %%)", a.Name, (1-a.Share)*100))
			case a.Version == v.Version:
				names = append(names, a.Name)
			}
		}
		changed := "-"
		if !versions[i].ModifiedAt.IsZero() {
			changed = commands.At(v.ModifiedAt)
		}
		table.Rows = append(table.Rows, []string{v.Version, cmp.Or(strings.Join(names, ", "), "-"), size(v.CodeSize), changed})
	}
	return table
}

// List is lambda list.
type List struct {
	where.Target
	query.Flags

	cloud Cloud
}

// Validate refuses a --query that is none.
func (c *List) Validate() error { return c.Err() }

// Run lists the functions of a region.
func (c *List) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.Report(ctx, query.Subject{Operation: "ListFunctions", ID: "FunctionName"}, func(ctx context.Context) (commands.Report, []string, error) {
		return c.list(ctx, run.Now)
	})
}

func (c *List) list(ctx context.Context, now time.Time) (commands.Report, []string, error) {
	place := c.cloud.Place(ctx, c.At())
	all, err := c.cloud.Functions(ctx, c.At())
	if err != nil {
		return commands.Report{}, nil, err
	}
	if len(all) == 0 {
		return commands.Report{
			Title: "No functions in " + place.Region, Where: where.Words(place),
			Body: commands.Blocks{commands.Text{Text: "To make the first: " + commands.Mono(where.Line(c.At(), "lambda create counter --example counter")) + "."}},
		}, nil, nil
	}
	commands.Order(all, func(a, b aws.Function) int { return cmp.Compare(a.Name, b.Name) })
	table := commands.Table{Columns: []string{"Name", "Runtime", "State", "Memory", "Timeout", "Code", "Changed"}}
	var warnings, names []string
	for _, f := range all {
		names = append(names, f.Name)
		changed := "-"
		if !f.ModifiedAt.IsZero() {
			changed = commands.At(f.ModifiedAt)
		}
		table.Rows = append(table.Rows, []string{
			f.Name, cmp.Or(f.Runtime, "image"), cmp.Or(f.State, "-"), fmt.Sprintf("%d MB", f.MemoryMB), fmt.Sprintf("%d s", f.Timeout), size(f.CodeSize), changed,
		})
		if warning, refusal := judgeRuntime(f.Runtime, now); warning != "" || refusal != nil {
			warnings = append(warnings, f.Name+" ("+f.Runtime+")")
		}
	}
	report := commands.Report{Title: commands.Count(len(all), "function"), Where: where.Words(place), Body: commands.Blocks{table}}
	if len(warnings) > 0 {
		report.Body = append(report.Body, commands.Text{Text: "Runtimes at the end of their life: " + strings.Join(warnings, ", ") + "."})
	}
	return report, names, nil
}

// Env is lambda env.
type Env struct {
	Versioned

	cloud Cloud
}

// Run shows the names of a function's variables.
func (c *Env) Run(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	p, err := c.findVersion(ctx, c.cloud, c.qualifier())
	if err != nil {
		return commands.Report{}, err
	}
	env := p.Function.Environment
	report := commands.Report{
		Title: commands.Count(len(env), "environment variable") + " of " + c.title(p.Function), Where: where.Words(p.Place),
		Body: commands.Blocks{commands.Text{Text: "Values are not shown. " + commands.Mono(p.line("lambda update")+" --set-env KEY=VALUE") + " sets one and leaves the others."}},
	}
	if len(env) > 0 {
		table := commands.Table{Columns: []string{"Name", "Value"}}
		for _, name := range slices.Sorted(maps.Keys(env)) {
			table.Rows = append(table.Rows, []string{commands.Unmarked(name), masked})
		}
		report.Body = append(commands.Blocks{table}, report.Body...)
	}
	return report, nil
}
