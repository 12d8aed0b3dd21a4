package config

import (
	"fmt"
	"strings"
	"unicode"

	"deckhand/aws"
	"deckhand/commands/spelling"
)

// Document is a document of Systems Manager that vm run may use, beside the two that run a shell.
type Document struct {
	Name       string              // its name, or the ARN of another account's
	Parameters map[string][]string // what a line may say, and the values that it may have: none is any value
}

// Script is a command that vm run runs by its name.
type Script struct {
	Name, Command string
	Document      string // one of the two that run a shell
}

type rawDocument struct {
	Line       int
	Name       text `yaml:"name"`
	Parameters sets `yaml:"parameters"`
}

type rawScript struct {
	Line     int
	Name     text `yaml:"name"`
	Command  text `yaml:"command"`
	Document text `yaml:"document"`
}

// documents reads what vm run may use.
// Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_SendCommand.html
func (r *reader) documents(raw []rawDocument) []Document {
	const letters = "a-zA-Z0-9"
	var documents []Document
	lines := map[string]int{}
	for _, d := range raw {
		valid := Document{Name: d.Name.Value, Parameters: map[string][]string{}}
		if r.required(d.Name, d.Line, "A document's name", "Write the name that it has in Systems Manager, such as AWS-RunPatchBaseline.") {
			switch first, twice := lines[valid.Name]; {
			case valid.Name == aws.RunShell || valid.Name == aws.RunPowerShell:
				r.problem(d.Name.Line, fmt.Sprintf("The document %s needs no line here: it runs what a line says.", quoted(valid.Name)), "Remove it; rules of the policy say who may run it, with on: {document: "+valid.Name+"}.")
			case len(valid.Name) < 3 || !spelling.Fits(valid.Name, 200, letters, letters+"_.:/-"):
				r.problem(d.Name.Line, fmt.Sprintf("%s cannot be the name of a document.", quoted(valid.Name)), "Names have 3 or more letters, digits, dots, dashes and underscores; the document of another account is named by its ARN.")
			case twice:
				r.problem(d.Name.Line, fmt.Sprintf("The document %s is here twice; it is also in line %d.", quoted(valid.Name), first), "Put the parameters of both into one of them.")
			}
			lines[valid.Name] = d.Name.Line
		}
		for _, p := range d.Parameters.Items {
			if !p.Key.bad && !spelling.Fits(p.Key.Value, 255, letters, letters+"_") {
				r.problem(p.Key.Line, fmt.Sprintf("%s is not the name of a document's parameter.", quoted(p.Key.Value)), "Names have letters, digits and underscores.")
			}
			values := []string{}
			for _, v := range p.Values.Items {
				values = append(values, v.Value)
			}
			valid.Parameters[p.Key.Value] = values
		}
		documents = append(documents, valid)
	}
	return documents
}

// scripts reads the commands that have a name.
func (r *reader) scripts(raw []rawScript) []Script {
	var scripts []Script
	names := unique{r: r, what: "script"}
	for _, s := range raw {
		names.check(s.Name, s.Line, "A script's name")
		valid := Script{Name: s.Name.Value, Command: strings.TrimRight(s.Command.Value, "\n"), Document: aws.RunShell}
		if r.required(s.Command, s.Line, "A script's command", `Write what the shell shall run, such as "df -h /".`) {
			switch {
			case len(valid.Command) > aws.LongestScript:
				r.problem(s.Command.Line, fmt.Sprintf("The script %s is %d bytes long, and at most %d are taken.", quoted(valid.Name), len(valid.Command), aws.LongestScript), "Put it in a file on the machines, and run that.")
			case strings.ContainsFunc(valid.Command, func(c rune) bool { return unicode.IsControl(c) && c != '\n' && c != '\t' }):
				r.problem(s.Command.Line, fmt.Sprintf("The script %s has control characters.", quoted(valid.Name)), "Write text alone.")
			}
		}
		switch s.Document.Value {
		case "", aws.RunShell:
		case aws.RunPowerShell:
			valid.Document = aws.RunPowerShell
		default:
			r.problem(s.Document.Line, fmt.Sprintf("A script's document is %s, which runs no shell.", quoted(s.Document.Value)), "Write "+aws.RunShell+" or "+aws.RunPowerShell+"; other documents stand below documents.")
		}
		scripts = append(scripts, valid)
	}
	return scripts
}
