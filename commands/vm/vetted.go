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

// Vetted is what the configuration lets vm run do beside the commands that lines say themselves.
type Vetted struct {
	Documents []Document
	Scripts   []NamedScript
}

// Document is a document of Systems Manager that the configuration lets vm run use, beside the two that run a shell.
type Document struct {
	Name       string              // its name; the ARN of another account's
	Parameters map[string][]string // what a line may say, and the values that it may have: none is any value
}

// NamedScript is a command of the configuration, which a line runs by its name and as it stands.
type NamedScript struct {
	Name, Command string
	Document      string // one of the two that run a shell
}

// Rules of the policy can speak of what is run by these, as if they were tags of the machines.
const (
	documentTag = "document"
	scriptTag   = "script"
)

// Fill writes the script that a line names into its arguments, so that what is approved is what runs.
func (c *Script) Fill(func(flag string) bool) ([]commands.Preset, error) {
	c.Kept, c.Through = "", ""
	if c.Script == "" {
		return nil, nil
	}
	var names []string
	for _, s := range c.vetted.Scripts {
		if s.Name == c.Script {
			c.Kept, c.Through = s.Command, s.Document
			return nil, nil
		}
		names = append(names, s.Name)
	}
	hint := "The configuration has none; they stand there below " + commands.Mono("scripts") + "."
	if len(names) > 0 {
		hint = "There are " + commands.And(names) + "."
	}
	if near := commands.Nearest(c.Script, names); len(near) > 0 {
		hint = "Did you mean " + commands.Mono(near[0]) + "?"
	}
	return nil, commands.Misuse("There is no script "+commands.Mono(c.Script)+".", hint)
}

// document is the one that is run.
func (c *Script) document() string {
	switch {
	case c.Through != "":
		return c.Through
	case c.Document != "":
		return c.Document
	}
	return aws.RunShell
}

// shells tells whether the document runs what it is given.
func (c *Script) shells() bool {
	return c.document() == aws.RunShell || c.document() == aws.RunPowerShell
}

// taken answers what the line says wrongly about a script or a document of the configuration.
func (c *Script) taken() commands.Problems {
	var wrong commands.Problems
	complain := func(message, hint string) { wrong = append(wrong, *commands.Misuse(message, hint)) }
	if c.Script != "" {
		if c.Command != "" || c.Document != "" || len(c.Parameter) > 0 {
			complain("The script "+commands.Mono(c.Script)+" runs as it stands in the configuration.", "Leave out --command, --document and --parameter, or leave out --script.")
		}
		return wrong
	}
	if c.Command != "" {
		complain("--command is for a shell, and "+commands.Mono(c.Document)+" is a document of its own.", "Say its parameters with --parameter KEY=VALUE, or leave out --document.")
	}
	at := slices.IndexFunc(c.vetted.Documents, func(d Document) bool { return d.Name == c.Document })
	if at < 0 {
		names := []string{aws.RunShell, aws.RunPowerShell}
		for _, d := range c.vetted.Documents {
			names = append(names, d.Name)
		}
		hint := "It allows " + commands.And(names) + "."
		if near := commands.Nearest(c.Document, names); len(near) > 0 {
			hint = "Did you mean " + commands.Mono(near[0]) + "?"
		}
		complain("The configuration does not allow the document "+commands.Mono(c.Document)+".", hint+" Others are written there below "+commands.Mono("documents")+".")
		return wrong
	}
	allowed := c.vetted.Documents[at].Parameters
	for _, key := range slices.Sorted(maps.Keys(c.Parameter)) {
		values, ok := allowed[key]
		switch {
		case !ok:
			hint := "It allows none of this document."
			if len(allowed) > 0 {
				hint = "It allows " + commands.And(slices.Sorted(maps.Keys(allowed))) + "."
			}
			complain("The configuration does not allow the parameter "+commands.Mono(key)+" of "+commands.Mono(c.Document)+".", hint)
		case len(values) > 0 && slices.ContainsFunc(commands.ListOfCLI(c.Parameter[key]), func(v string) bool { return !slices.Contains(values, v) }):
			complain("The configuration does not allow "+commands.Mono(key+"="+c.Parameter[key])+".", "It allows "+commands.And(values)+".")
		}
	}
	return wrong
}

// given is the parameters as SendCommand takes them.
func (c *Script) given() map[string][]string {
	parameters := map[string][]string{}
	for key, value := range c.Parameter {
		parameters[key] = commands.ListOfCLI(value)
	}
	if c.shells() {
		parameters["commands"] = strings.Split(c.text(), "\n")
	}
	return parameters
}

// settled answers the parameters of a document of the configuration as it would run, those that the line leaves to it included; a shell has none.
// Errors say that nothing was sent.
func (c *Script) settled(ctx context.Context, p picked, agents map[string]aws.Agent) ([]commands.Field, error) {
	if c.document() == aws.RunPowerShell {
		return nil, nil
	}
	d := aws.Document{Name: aws.RunShell, Kind: aws.CommandDocument, Platforms: []string{"Linux", "MacOS"}}
	var fields []commands.Field
	var wrong []string
	if !c.shells() {
		var err error
		if d, err = c.cloud.Document(ctx, p.Target, c.Document); err != nil {
			return nil, err
		}
		fields, wrong = settle(d, c.given())
	}
	if d.Kind != aws.CommandDocument {
		wrong = append(wrong, commands.Mono(d.Name)+" is a document of type "+d.Kind+", which instances do not run")
	}
	for _, i := range p.Instances {
		if on := agents[i.ID].Platform; !d.RunsOn(on) {
			wrong = append(wrong, label(i)+" runs "+on+", for which "+commands.Mono(d.Name)+" is not made")
		}
	}
	if len(wrong) == 0 {
		return fields, nil
	}
	return nil, &commands.Error{Kind: commands.Failed, Message: strings.Join(wrong, ".\n") + ".\nNothing was sent.", Hint: c.hintOf(d)}
}

// settle holds what a line gives against the parameters that a document has, and answers them as it would run, and what is wrong.
func settle(d aws.Document, given map[string][]string) (fields []commands.Field, wrong []string) {
	for _, key := range slices.Sorted(maps.Keys(given)) {
		if !slices.ContainsFunc(d.Parameters, func(q aws.DocumentParameter) bool { return q.Name == key }) {
			wrong = append(wrong, commands.Mono(d.Name)+" has no parameter "+commands.Mono(key))
		}
	}
	for _, q := range d.Parameters {
		values, said := given[q.Name]
		switch {
		case said && !q.List && len(values) > 1:
			wrong = append(wrong, commands.Mono(q.Name)+" is one value and no list")
		case said:
			fields = append(fields, commands.Field{Name: q.Name, Value: commands.Unmarked(strings.Join(values, ", "))})
		case q.Required:
			wrong = append(wrong, commands.Mono(d.Name)+" needs the parameter "+commands.Mono(q.Name))
		case q.Default != "":
			fields = append(fields, commands.Field{Name: q.Name, Value: commands.Unmarked(q.Default) + " (the document's)"})
		}
	}
	return fields, wrong
}

// hintOf says which of the document's parameters a line may say, and how.
func (c *Script) hintOf(d aws.Document) string {
	var names []string
	for _, v := range c.vetted.Documents {
		if v.Name == d.Name {
			names = slices.Sorted(maps.Keys(v.Parameters))
		}
	}
	if len(names) == 0 {
		return "Use another document; " + commands.Mono(aws.RunPowerShell) + " is for Windows."
	}
	return fmt.Sprintf("A line may say %s: %s.", commands.And(names), commands.Mono("--parameter "+names[0]+"=VALUE"))
}

// words names what a line could run instead, where the configuration has something.
func (v Vetted) words() string {
	var names []string
	for _, s := range v.Scripts {
		names = append(names, s.Name)
	}
	if len(names) == 0 {
		return ""
	}
	return " The configuration has the scripts " + commands.And(names) + ": " + commands.Mono("--script "+names[0]) + "."
}
