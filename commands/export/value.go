package export

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The value of an attribute is a string, a number, a bool, a ref or a list of refs, or one of these.
type (
	// ref is the id of something, which may be among what is written.
	ref string

	// part is one attribute of something that may be among what is written, by its name in each language.
	part struct {
		of                   ref
		terraform, formation string // formation "": what Ref answers
		otherwise            string // what it is, where it is not written
	}

	// given is a value that whoever uses a template fills in: it is secret, or not to be had.
	given struct {
		name, about string
		secret      bool
	}

	// prefixed is a text with something behind it.
	prefixed struct {
		text string
		part part
	}

	nested   []attr         // a block of its own
	entries  map[string]any // a table from keys to values
	texts    []string
	document string // JSON, which a template holds as itself
	bare     string // words of Terraform's own
	listed   []nested
)

// written is those attributes that have a value.
func written(attrs []attr) []attr {
	return slices.DeleteFunc(attrs, func(a attr) bool {
		switch v := a.value.(type) {
		case []ref:
			return len(v) == 0
		case texts:
			return len(v) == 0
		case entries:
			return len(v) == 0
		case listed:
			return len(v) == 0
		case nested:
			return len(written(slices.Clone(v))) == 0
		case document:
			return v == ""
		case string, ref, int, float64:
			return v == "" || v == ref("") || v == 0 || v == 0.0
		}
		return false
	})
}

// asked are the values of a template that are to be filled in, each once, in the order in which they are used. Terraform is told to leave such as they are.
func asked(things []thing) []given {
	var out []given
	var look func(value any)
	look = func(value any) {
		switch v := value.(type) {
		case given:
			if !slices.Contains(out, v) {
				out = append(out, v)
			}
		case nested:
			for _, a := range v {
				if a.formation != "" {
					look(a.value)
				}
			}
		case entries:
			for _, key := range keysOf(v) {
				look(v[key])
			}
		}
	}
	for _, t := range things {
		look(nested(t.attrs))
	}
	return out
}

func keysOf(v entries) []string {
	keys := make([]string, 0, len(v))
	for key := range v {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// parameters declares in a template what is to be filled in.
func parameters(things []thing) map[string]any {
	out := map[string]any{}
	for _, g := range asked(things) {
		one := map[string]any{"Type": "String", "Description": "To be filled in: " + g.about}
		if g.secret {
			one["NoEcho"] = true
		}
		out[parameterName(g)] = one
	}
	return out
}

func parameterName(g given) string { return "Value" + camel(g.name) }

// writeAttrs writes attributes of Terraform, blocks after a line of their own.
func writeAttrs(out *strings.Builder, attrs []attr, names map[ref]string, indent string) {
	for _, a := range written(slices.Clone(attrs)) {
		if a.terraform == "" {
			continue
		}
		switch v := a.value.(type) {
		case nested:
			fmt.Fprintf(out, "\n%s%s {\n", indent, a.terraform)
			writeAttrs(out, v, names, indent+"  ")
			out.WriteString(indent + "}\n")
		case listed:
			for _, one := range v {
				writeAttrs(out, []attr{{a.terraform, "", one}}, names, indent)
			}
		case entries:
			fmt.Fprintf(out, "%s%s = {\n", indent, a.terraform)
			for _, key := range keysOf(v) {
				fmt.Fprintf(out, "%s  %s = %s\n", indent, quote(key), hcl(v[key], names))
			}
			out.WriteString(indent + "}\n")
		default:
			fmt.Fprintf(out, "%s%s = %s\n", indent, a.terraform, hcl(v, names))
		}
	}
}

// hcl writes a value of Terraform's language.
func hcl(value any, names map[ref]string) string {
	switch v := value.(type) {
	case int:
		return strconv.Itoa(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	case ref:
		return hcl(part{v, "id", "", string(v)}, names)
	case part:
		if name := names[v.of]; name != "" {
			return name + "." + v.terraform
		}
		return quote(v.otherwise)
	case prefixed:
		if name := names[v.part.of]; name != "" {
			return strings.TrimSuffix(quote(v.text), `"`) + "${" + name + "." + v.part.terraform + `}"`
		}
		return quote(v.text + v.part.otherwise)
	case []ref:
		words := make([]string, len(v))
		for i, one := range v {
			words[i] = hcl(one, names)
		}
		return "[" + strings.Join(words, ", ") + "]"
	case texts:
		words := make([]string, len(v))
		for i, one := range v {
			words[i] = quote(one)
		}
		return "[" + strings.Join(words, ", ") + "]"
	case document:
		return quote(string(v))
	case bare:
		return string(v)
	case string:
		return quote(v)
	}
	return "null"
}

// properties are attributes as a template has them.
func properties(attrs []attr, names map[ref]string) map[string]any {
	out := map[string]any{}
	for _, a := range written(slices.Clone(attrs)) {
		if a.formation != "" {
			out[a.formation] = formed(a.value, names)
		}
	}
	return out
}

// formed is a value of a template: what is in it is referred to.
func formed(value any, names map[ref]string) any {
	switch v := value.(type) {
	case ref:
		attribute := ""
		switch {
		case strings.HasPrefix(string(v), "sg-"):
			attribute = "GroupId"
		case strings.HasPrefix(string(v), "eipalloc-"):
			attribute = "AllocationId"
		}
		return formed(part{v, "", attribute, string(v)}, names)
	case part:
		switch name := names[v.of]; {
		case name == "":
			return v.otherwise
		case v.formation == "":
			return map[string]any{"Ref": name}
		default:
			return map[string]any{"Fn::GetAtt": []string{name, v.formation}}
		}
	case given:
		return map[string]any{"Ref": parameterName(v)}
	case prefixed:
		if names[v.part.of] == "" {
			return v.text + v.part.otherwise
		}
		return map[string]any{"Fn::Join": []any{"", []any{v.text, formed(v.part, names)}}}
	case []ref:
		out := make([]any, len(v))
		for i, one := range v {
			out[i] = formed(one, names)
		}
		return out
	case nested:
		return properties(v, names)
	case listed:
		out := make([]any, len(v))
		for i, one := range v {
			out[i] = properties(one, names)
		}
		return out
	case entries:
		out := map[string]any{}
		for key, one := range v {
			out[key] = formed(one, names)
		}
		return out
	case document:
		return json.RawMessage(v)
	}
	return value
}
