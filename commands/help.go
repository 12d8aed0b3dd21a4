package commands

import (
	"slices"
	"strconv"
	"strings"
)

// Help answers help: about everything, about a noun, or about one command. It shows the
// commands for which may answers true and counts the others.
func (c *Catalog) Help(about []string, may func(*Command) bool) (Report, error) {
	name := strings.ToLower(strings.Join(about, " "))
	switch e := c.byName[name]; {
	case name == "":
		return c.helpAll(may), nil
	case e != nil:
		return c.helpCommand(e, may(&e.Command)), nil
	case c.nouns[name]:
		return c.helpNoun(name, may), nil
	}
	near := Nearest(name, append(c.known, keys(c.nouns)...))
	if len(near) == 0 {
		return Report{}, &Error{Kind: Usage, Message: "There is no command " + Mono(name) + ".", Hint: "Type " + Mono("help") + " to see what there is."}
	}
	return Report{}, &Error{Kind: Usage, Message: "There is no command " + Mono(name) + ": did you mean " + Mono(near[0]) + "?", Hint: "Type " + Mono("help "+near[0]) + "."}
}

func keys(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for key := range set {
		out = append(out, key)
	}
	slices.Sort(out)
	return out
}

// helpAll is one line for each noun, for somebody in a hurry.
func (c *Catalog) helpAll(may func(*Command) bool) Report {
	var order []string
	verbs := map[string][]string{}
	var shown []*entry // those with a noun
	hidden := 0
	for _, e := range c.entries {
		if !may(&e.Command) {
			hidden++
			continue
		}
		noun, verb, several := strings.Cut(e.Name, " ")
		if several {
			shown = append(shown, e)
		} else {
			noun, verb = "", e.Name
		}
		if verbs[noun] == nil {
			order = append(order, noun)
		}
		verbs[noun] = append(verbs[noun], verb)
	}
	var lines []string
	for _, noun := range order {
		if noun != "" {
			lines = append(lines, Strong(noun)+" "+strings.Join(gathered(verbs[noun]), ", "))
		}
	}
	if len(verbs[""]) > 0 {
		lines = append(lines, Strong("also")+" "+strings.Join(verbs[""], ", "))
	}
	report := Report{Title: "What you can run here"}
	if often := c.often(may); often != "" {
		report.Body = append(report.Body, Text{often})
	}
	report.Body = append(report.Body, Text{strings.Join(lines, "\n")})
	if len(shown) > 0 {
		report.Body = append(report.Body, Text{details(shown)})
	}
	if hidden > 0 {
		report.Body = append(report.Body, notYours(hidden))
	}
	return report
}

// often is what is asked most, as lines that can be sent as they stand.
func (c *Catalog) often(may func(*Command) bool) string {
	var lines []string
	for _, name := range []string{"vm list", "status", "check list", "request list", "audit list"} {
		if e := c.byName[name]; e != nil && may(&e.Command) {
			lines = append(lines, Mono(name))
		}
	}
	if len(lines) == 0 {
		return ""
	}
	return "To begin with: " + strings.Join(lines, ", ")
}

// gathered writes verbs that begin with the same word once: "route create/delete".
func gathered(verbs []string) []string {
	var out []string
	for _, verb := range verbs {
		part, rest, several := strings.Cut(verb, " ")
		if last := len(out) - 1; several && last >= 0 && strings.HasPrefix(out[last], part+" ") {
			out[last] += "/" + rest
			continue
		}
		out = append(out, verb)
	}
	return out
}

// details says how to get on from here, with what the reader may run.
func details(shown []*entry) string {
	example, changes := shown[0], false
	for _, e := range shown {
		if e.Name == "vm create" || e.Name == "vm list" && example.Name != "vm create" {
			example = e
		}
		changes = changes || e.Risk > Read
	}
	noun, _, _ := strings.Cut(example.Name, " ")
	text := "Details: " + Mono("help "+noun) + " or " + Mono("help "+example.Name) + "."
	if changes {
		text += " Any changing line takes " + Mono("--plan") + " and then only says what it would do."
	}
	return text + " AWS CLI lines work too."
}

func notYours(n int) Text {
	what := " more commands are"
	if n == 1 {
		what = " more command is"
	}
	return Text{strconv.Itoa(n) + what + " not yours to run here; " + Mono("help COMMAND") + " explains each."}
}

func (c *Catalog) helpNoun(noun string, may func(*Command) bool) Report {
	var lines []string
	hidden := 0
	for _, e := range c.entries {
		switch {
		case !strings.HasPrefix(e.Name, noun+" "):
		case !may(&e.Command):
			hidden++
		default:
			lines = append(lines, Mono(e.Name)+" "+e.Summary)
		}
	}
	if len(lines) == 0 {
		return Report{Title: "You can run no command about " + noun + " here", Body: Blocks{Text{"There are " + strconv.Itoa(hidden) + "; " + Mono("help "+noun+" VERB") + " explains each."}}}
	}
	report := Report{Title: "Commands about " + noun, Body: Blocks{Text{strings.Join(lines, "\n")}, Text{"Details: " + Mono("help "+noun+" VERB") + "."}}}
	if hidden > 0 {
		report.Body = append(report.Body, notYours(hidden))
	}
	return report
}

func (c *Catalog) helpCommand(e *entry, may bool) Report {
	report := Report{Title: Unmarked(e.Name) + ": " + lowerFirst(e.Summary)}
	if !may {
		report.Body = append(report.Body, Text{"Policy does not let you run it here."})
	}
	report.Body = append(report.Body, Text{"Example"}, Code{e.Example}, Text{Mono(Synopsis(&e.Command, e.spec))})
	if lines := e.arguments(); len(lines) > 0 {
		report.Body = append(report.Body, Text{strings.Join(lines, "\n")})
	}
	does := "It " + e.Risk.String() + "."
	if len(e.Aliases) > 0 {
		does = "Also spelled " + Mono(strings.Join(e.Aliases, ", ")) + ". " + does
	}
	report.Body = append(report.Body, Text{does})
	if e.Undo != "" {
		report.Body = append(report.Body, Text{Strong("Undo.") + " " + e.Undo})
	}
	return report
}

// arguments are a line for each argument, in the order of need: what must be given, what the command acts on, its own flags, those that
// it shares with others, and last where it acts.
func (e *entry) arguments() []string {
	var fields []SpecField
	for _, f := range e.spec.Fields {
		if !f.Unlisted {
			fields = append(fields, f)
		}
	}
	Order(fields, func(a, b SpecField) int { return a.need() - b.need() })
	var lines, last []string
	for _, f := range fields {
		line := Mono(f.usage()) + " " + f.describe()
		if f.Required {
			line = Mono(f.usage()) + " Needed. " + f.describe()
		}
		if f.need() == needWhere {
			last = append(last, line)
		} else {
			lines = append(lines, line)
		}
	}
	if _, undoes := e.New().(Reversal); e.Risk > Read && (!e.Engine || undoes) {
		lines = append(lines, Mono("--plan")+" Only say what it would do.")
	}
	if _, own := e.spec.byName["public"]; !own && e.Risk == Read {
		lines = append(lines, Mono("--public")+" Show the answer to the whole channel.")
	}
	return append(lines, last...)
}

// The ranks of arguments in help.
const (
	needGiven = iota // must be given
	needNamed        // what the command acts on
	needOwn
	needShared // of a struct that several commands embed
	needWhere
)

func (f SpecField) need() int {
	switch {
	case f.Required:
		return needGiven
	case f.Positional:
		return needNamed
	case f.Name == "region" || f.Name == "account":
		return needWhere
	case len(f.index) > 1:
		return needShared
	default:
		return needOwn
	}
}

func lowerFirst(text string) string {
	if len(text) > 1 && text[1] >= 'a' && text[1] <= 'z' {
		return strings.ToLower(text[:1]) + text[1:]
	}
	return text
}

// Synopsis is the shape of a command: "vm stop [NAMES...] [--tag KEY=VALUE] [--plan]".
func Synopsis(command *Command, spec Spec) string {
	out, named := []string{command.Name}, 0
	for _, f := range spec.Fields {
		text := f.usage()
		if f.Positional && f.Many() {
			text += "..."
		}
		if !f.Required {
			text = "[" + text + "]"
		}
		if f.Positional {
			named++
			out = slices.Insert(out, named, text) // in front of the flags, in their own order
		} else if f.Required {
			out = append(out, text)
		}
	}
	return strings.Join(append(out, "[flags]"), " ")
}

func (f SpecField) usage() string {
	switch {
	case f.Positional:
		return f.Value
	case f.Switch():
		return "--" + f.Name
	case f.kind == kindMap:
		return "--" + f.Name + " KEY=VALUE"
	case f.Bare != "":
		return "--" + f.Name + " [" + f.Value + "]"
	default:
		return "--" + f.Name + " " + f.Value
	}
}

// describe is the help of an argument with its choices, its default and its other spellings.
func (f SpecField) describe() string {
	var out []string
	if f.Help != "" {
		out = append(out, f.Help)
	}
	if len(f.Enum) > 0 {
		out = append(out, "One of "+strings.Join(f.Enum, ", ")+".")
	}
	if f.Default != "" {
		out = append(out, "Default "+f.Default+".")
	}
	if len(f.Aliases) > 0 {
		out = append(out, "Also --"+strings.Join(f.Aliases, ", --")+".")
	}
	return strings.Join(out, " ")
}

// Markdown is the reference of every command, the source of docs/commands.md.
func (c *Catalog) Markdown() string {
	var out strings.Builder
	out.WriteString("# Commands\n\nMade by `deckhand commands --markdown`; a test holds it to the program.\n\n")
	out.WriteString("Every changing command also takes `--plan` (or `--dry-run`): say what it would do, change nothing.\n" +
		"A reading command, and a plan, answers its asker alone; with `--public` the whole channel sees it.\n")
	for _, e := range c.entries {
		out.WriteString("\n## " + e.Name + "\n\n" + e.Summary + ". It " + e.Risk.String() + ".\n\n")
		out.WriteString("```\n" + Synopsis(&e.Command, e.spec) + "\n```\n\nExample: `" + e.Example + "`\n")
		if e.Undo != "" {
			out.WriteString("\nUndo: " + Terminal().Render(e.Undo) + "\n")
		}
		if len(e.Aliases) > 0 {
			out.WriteString("\nAlso spelled: `" + strings.Join(e.Aliases, "`, `") + "`\n")
		}
		if len(e.spec.Fields) > 0 {
			out.WriteString("\n| argument | means |\n| --- | --- |\n")
			for _, f := range e.spec.Fields {
				text := f.describe()
				if f.Required {
					text = "Required. " + text
				}
				out.WriteString("| `" + f.usage() + "` | " + strings.ReplaceAll(Terminal().Render(text), "|", "\\|") + " |\n")
			}
		}
		if len(e.Rights) > 0 {
			out.WriteString("\nIAM: `" + strings.Join(e.Rights, "`, `") + "`\n")
		}
	}
	return out.String()
}
