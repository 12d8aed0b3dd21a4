package config

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"deckhand/commands/spelling"
)

// maxTemplate is what EC2 takes of user data, in bytes.
// Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html
const maxTemplate = 16 << 10

// placeholder stands for a parameter. What else stands between double braces, such as {{.ID}}, is somebody else's.
var placeholder = regexp.MustCompile(`\{\{ *([a-z][a-z0-9_]*) *\}\}`)

func (r *reader) templates(raw []rawTemplate) []Template {
	var templates []Template
	names := unique{r: r, what: "template"}
	for _, template := range raw {
		names.check(template.Name, template.Line, "A template's name")
		valid := Template{Name: template.Name.Value, Parameters: r.parameters(template.Parameters)}
		if r.required(template.File, template.Line, "A template's file", "Write the path of the script, from this file's folder.") {
			valid.Text = r.script(template.File)
			r.placeholders(template, valid)
		}
		templates = append(templates, valid)
	}
	return templates
}

func (r *reader) parameters(raw pairs) map[string]string {
	valid := map[string]string{}
	for _, item := range raw.Items {
		if !spelling.Fits(item.Key.Value, 63, "a-z", "a-z0-9_") && !item.Key.bad {
			r.problem(item.Key.Line, fmt.Sprintf("%s is not a parameter's name.", quoted(item.Key.Value)), "Use lower-case letters, digits and underscores, a letter first.")
		}
		if item.Value.Value != "" && !spelling.Value(item.Value.Value) && !item.Value.bad {
			r.problem(item.Value.Line, fmt.Sprintf("The value of the parameter %s has characters that are not taken.", quoted(item.Key.Value)),
				"Values have letters, digits and . _ : / @ + , = - and nothing that a shell could read otherwise.")
		}
		valid[item.Key.Value] = item.Value.Value
	}
	return valid
}

// script reads a template's file.
func (r *reader) script(file text) string {
	path := file.Value
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(r.file), path)
	}
	raw, err := os.ReadFile(path)
	switch {
	case err != nil:
		r.problem(file.Line, fmt.Sprintf("The template's file %s cannot be read: %s.", quoted(file.Value), reason(err)), "Relative paths start at this file's folder.")
	case len(raw) > maxTemplate:
		r.problem(file.Line, fmt.Sprintf("The template's file %s is %d bytes long, and EC2 takes at most %d.", quoted(file.Value), len(raw), maxTemplate), "Let the script fetch the rest from somewhere.")
	case !utf8.Valid(raw) || strings.ContainsRune(string(raw), 0):
		r.problem(file.Line, fmt.Sprintf("The template's file %s is not text.", quoted(file.Value)), "")
	}
	return string(raw)
}

// placeholders holds what stands between double braces in the text against the parameters.
func (r *reader) placeholders(raw rawTemplate, valid Template) {
	var used []string
	for _, match := range placeholder.FindAllStringSubmatch(valid.Text, -1) {
		if _, ok := valid.Parameters[match[1]]; !ok && !slices.Contains(used, match[1]) {
			r.problem(raw.File.Line, fmt.Sprintf("The template's file has {{%s}}, and there is no such parameter.", match[1]), "Name it below parameters, with the value that it has where a line gives none.")
		}
		used = append(used, match[1])
	}
	for _, item := range raw.Parameters.Items {
		if name := item.Key.Value; valid.Text != "" && !slices.Contains(used, name) {
			r.problem(item.Key.Line, fmt.Sprintf("The template's file does not use the parameter %s.", quoted(name)), "Write {{"+name+"}} where its value belongs, or leave the parameter out.")
		}
	}
}
