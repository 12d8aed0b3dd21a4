// Package userdata is the scripts for a machine's first boot: those that a line gives, and the templates of the configuration.
package userdata

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"deckhand/commands"
	"deckhand/commands/spelling"
)

// Most is how many bytes EC2 takes before encoding.
// Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html
const Most = 16 * 1024

// Template is a script of the configuration. {{port}} in its text stands for the value of the parameter port.
type Template struct {
	Name       string
	Text       string
	Parameters map[string]string // name to its value where the line gives none; "" must be given
}

var placeholder = regexp.MustCompile(`\{\{ *([a-z][a-z0-9_]*) *\}\}`)

// fill writes the values into the text.
func (t Template) fill(given map[string]string) (string, commands.Problems) {
	var wrong commands.Problems
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if _, ok := t.Parameters[name]; !ok {
			hint := "It has no parameters."
			if len(t.Parameters) > 0 {
				hint = "Its parameters are " + commands.And(slices.Sorted(maps.Keys(t.Parameters))) + "."
			}
			wrong.Add(commands.Misuse("The template "+commands.Mono(t.Name)+" has no parameter "+commands.Mono(name)+".", hint))
		}
	}
	values := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(t.Parameters)) {
		values[name] = t.Parameters[name]
		if own, ok := given[name]; ok {
			values[name] = own
		}
		switch {
		case values[name] == "":
			wrong.Add(commands.Misuse("The template "+commands.Mono(t.Name)+" needs a value for "+commands.Mono(name)+".", "Give it with "+commands.Mono("--parameter "+name+"=VALUE")+"."))
		case !spelling.Value(values[name]):
			wrong.Add(commands.Misuse("The value of the parameter "+commands.Mono(name)+" has characters that are not taken.", "Values have 1 to 256 letters, digits and . _ : / @ + , = - and nothing that a shell could read otherwise."))
		}
	}
	if len(wrong) > 0 {
		return "", wrong
	}
	return placeholder.ReplaceAllStringFunc(t.Text, func(word string) string {
		name := strings.Trim(word, "{} ")
		if _, ok := t.Parameters[name]; !ok {
			return word
		}
		return values[name]
	}), nil
}

// Flags are the flags that give a script. A command that launches embeds them.
type Flags struct {
	UserData         string            `flag:"user-data" value:"TEXT" help:"Script for the first boot, as plain text."`
	UserDataTemplate string            `flag:"user-data-template" alias:"template" value:"NAME" help:"Script for the first boot: a template of the configuration."`
	Parameter        map[string]string `flag:"parameter" value:"KEY=VALUE" help:"Value of a parameter of the template."`
}

// Script answers the script that the flags mean, "" where they mean none, and everything that is wrong with them.
func (f Flags) Script(known []Template) (string, commands.Problems) {
	var wrong commands.Problems
	text := f.UserData
	switch scheme, _, address := strings.Cut(f.UserData, "://"); {
	case f.UserData != "" && f.UserDataTemplate != "":
		wrong.Add(commands.Misuse("The line gives a script and a template.", "Give one of them."))
	case address && (scheme == "file" || scheme == "fileb"):
		wrong.Add(commands.Misuse("--user-data names a file, and deckhand sees no files of yours.", "Give the text itself, in quotes."))
	case f.UserDataTemplate == "" && len(f.Parameter) > 0:
		wrong.Add(commands.Misuse("--parameter goes with a template, and the line names none.", "Name it with "+commands.Mono("--user-data-template NAME")+"."))
	case f.UserDataTemplate != "":
		at := slices.IndexFunc(known, func(t Template) bool { return t.Name == f.UserDataTemplate })
		if at < 0 {
			wrong.Add(unknown(f.UserDataTemplate, known))
			break
		}
		text, wrong = known[at].fill(f.Parameter)
	}
	if len(text) > Most {
		wrong.Add(commands.Misuse(fmt.Sprintf("The user data is %d bytes long, and EC2 takes at most %d.", len(text), Most), "Let it fetch the rest from somewhere."))
	}
	return text, wrong
}

func unknown(name string, known []Template) *commands.Error {
	names := make([]string, len(known))
	for i, t := range known {
		names[i] = t.Name
	}
	hint := "The configuration has no templates."
	if len(names) > 0 {
		hint = "There are " + commands.And(names) + "."
		if near := commands.Nearest(name, names); len(near) > 0 {
			hint = "Did you mean " + commands.Mono(near[0]) + "?"
		}
	}
	return commands.Misuse("There is no template "+commands.Mono(name)+".", hint)
}

// Words tells of a script without showing it: it may hold secrets.
func (f Flags) Words(script string) string {
	switch {
	case script == "":
		return "none"
	case f.UserDataTemplate != "":
		return fmt.Sprintf("template %s, %d bytes", commands.Mono(f.UserDataTemplate), len(script))
	}
	return fmt.Sprintf("%d bytes", len(script))
}

// Line writes the flags again.
func (f Flags) Line() string {
	out := commands.Flag("user-data", f.UserData) + commands.Flag("user-data-template", f.UserDataTemplate)
	for _, key := range slices.Sorted(maps.Keys(f.Parameter)) {
		out += commands.Flag("parameter", key+"="+f.Parameter[key])
	}
	return out
}
