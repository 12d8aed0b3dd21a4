package commands

import (
	"encoding/json"
	"strings"
)

// ParseShorthand reads one structure in the AWS CLI's shorthand, "Name=tag:env,Values=dev,prod", or the same as a
// JSON object. Values are alternatives in order. Errors are of kind Usage.
// Source: https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-shorthand.html
func ParseShorthand(raw string) (map[string][]string, error) {
	if strings.HasPrefix(strings.TrimSpace(raw), "{") {
		return shorthandJSON(raw)
	}
	out := map[string][]string{}
	last := ""
	for _, part := range splitAtCommas(raw) {
		key, value, ok := strings.Cut(part, "=")
		switch {
		case ok && key != "":
			last = key
			out[last] = append(out[last], shorthandValues(value)...)
		case last != "":
			out[last] = append(out[last], part)
		default:
			return nil, badShorthand(raw)
		}
	}
	if last == "" {
		return nil, badShorthand(raw)
	}
	return out, nil
}

// ParseFilters reads the AWS CLI's filters, "Name=tag:env,Values=dev,prod", into their values by name. Errors are of kind Usage.
func ParseFilters(all []string) (map[string][]string, error) {
	out := map[string][]string{}
	for _, raw := range JSONElements(all) {
		filter, err := ParseShorthand(raw)
		if err != nil {
			return nil, err
		}
		name := strings.Join(filter["Name"], "")
		if len(filter["Name"]) != 1 || name == "" || len(filter["Values"]) == 0 || len(filter) != 2 {
			return nil, Misuse(Mono(raw)+" is no filter.", "Filters look like "+Mono("Name=tag:env,Values=dev")+".")
		}
		if out[name] != nil {
			return nil, Misuse("The filter "+Mono(name)+" is given twice.", "Give all its values at once: "+Mono("Name="+name+",Values=A,B")+".")
		}
		out[name] = filter["Values"]
	}
	return out, nil
}

// JSONElements puts the elements of JSON lists in the place of the lists; everything else stays as it is.
func JSONElements(all []string) []string {
	var out []string
	for _, raw := range all {
		var elements []json.RawMessage
		if !strings.HasPrefix(strings.TrimSpace(raw), "[") || json.Unmarshal([]byte(raw), &elements) != nil {
			out = append(out, raw)
			continue
		}
		for _, element := range elements {
			out = append(out, string(element))
		}
	}
	return out
}

func shorthandValues(value string) []string {
	if strings.HasPrefix(value, "[") && strings.HasSuffix(value, "]") {
		return splitAtCommas(value[1 : len(value)-1])
	}
	return []string{value}
}

func shorthandJSON(raw string) (map[string][]string, error) {
	var object map[string]any
	if err := json.Unmarshal([]byte(raw), &object); err != nil {
		return nil, badShorthand(raw)
	}
	out := map[string][]string{}
	for key, value := range object {
		switch value := value.(type) {
		case string:
			out[key] = []string{value}
		case []any:
			for _, element := range value {
				text, ok := element.(string)
				if !ok {
					return nil, badShorthand(raw)
				}
				out[key] = append(out[key], text)
			}
		default:
			return nil, badShorthand(raw)
		}
	}
	return out, nil
}

// ParseTagSpecification reads one of RunInstances' tag specifications,
// "ResourceType=instance,Tags=[{Key=Name,Value=web},{Key=env,Value=dev}]", or the same as JSON.
func ParseTagSpecification(raw string) (resourceType string, tags map[string]string, err error) {
	trimmed := strings.TrimSpace(raw)
	if strings.HasPrefix(trimmed, "{") {
		return tagSpecificationJSON(trimmed)
	}
	tags = map[string]string{}
	for _, part := range splitAtCommas(trimmed) {
		key, value, _ := strings.Cut(part, "=")
		switch key {
		case "ResourceType":
			resourceType = value
		case "Tags":
			for _, element := range splitAtCommas(strings.TrimSuffix(strings.TrimPrefix(value, "["), "]")) {
				tag, err := ParseShorthand(strings.TrimSuffix(strings.TrimPrefix(element, "{"), "}"))
				if err != nil || len(tag["Key"]) != 1 {
					return "", nil, badShorthand(raw)
				}
				tags[tag["Key"][0]] = strings.Join(tag["Value"], ",")
			}
		default:
			return "", nil, badShorthand(raw)
		}
	}
	if resourceType == "" || len(tags) == 0 {
		return "", nil, badShorthand(raw)
	}
	return resourceType, tags, nil
}

func tagSpecificationJSON(raw string) (string, map[string]string, error) {
	var spec struct {
		ResourceType string
		Tags         []struct{ Key, Value string }
	}
	if err := json.Unmarshal([]byte(raw), &spec); err != nil || spec.ResourceType == "" || len(spec.Tags) == 0 {
		return "", nil, badShorthand(raw)
	}
	tags := map[string]string{}
	for _, tag := range spec.Tags {
		tags[tag.Key] = tag.Value
	}
	return spec.ResourceType, tags, nil
}

// tagsOfCLI reads tags as the AWS CLI writes them, whatever they are for: one tag, "Key=env,Value=dev" or {"Key": "env", "Value": "dev"}, a
// list of those, or a tag specification. It answers false for anything else.
func tagsOfCLI(raw string) (map[string]string, bool) {
	raw = strings.TrimSpace(raw)
	if one := JSONElements([]string{raw}); len(one) == 1 {
		if _, tags, err := ParseTagSpecification(one[0]); err == nil {
			return tags, true
		}
	}
	if strings.HasPrefix(raw, "[") && strings.HasSuffix(raw, "]") {
		return tagList(splitAtCommas(raw[1 : len(raw)-1]))
	}
	return tagList([]string{raw})
}

// mapOfCLI reads a map in the AWS CLI's JSON, {"env":"dev"}. A value that is no text, such as a list, stays JSON.
func mapOfCLI(raw string) (map[string]string, bool) {
	var object map[string]json.RawMessage
	if !strings.HasPrefix(strings.TrimSpace(raw), "{") || json.Unmarshal([]byte(raw), &object) != nil || len(object) == 0 {
		return nil, false
	}
	out := map[string]string{}
	for key, value := range object {
		var text string
		if json.Unmarshal(value, &text) != nil {
			text = string(value)
		}
		out[key] = text
	}
	return out, true
}

// ListOfCLI reads the values of one key of a map as the AWS CLI does: a JSON list or a shorthand list in brackets is several, and everything else is one.
func ListOfCLI(raw string) []string {
	var list []string
	if strings.HasPrefix(raw, "[") && json.Unmarshal([]byte(raw), &list) == nil {
		return list
	}
	if strings.HasPrefix(raw, "[ ") { // a test of the shell, and no list
		return []string{raw}
	}
	return shorthandValues(raw)
}

func tagList(elements []string) (map[string]string, bool) {
	tags := map[string]string{}
	for _, element := range elements {
		if element = strings.TrimSpace(element); strings.HasPrefix(element, "{") && !strings.Contains(element, `"`) {
			element = strings.TrimSuffix(element[1:], "}")
		}
		tag, err := ParseShorthand(element)
		if err != nil || len(tag["Key"]) != 1 || len(tag) > 2 || len(tag) == 2 && tag["Value"] == nil {
			return nil, false
		}
		tags[tag["Key"][0]] = strings.Join(tag["Value"], ",")
	}
	return tags, true
}

// splitAtCommas splits at commas that stand outside of brackets, braces and double quotes.
func splitAtCommas(text string) []string {
	var out []string
	depth, from, quoted := 0, 0, false
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			depth--
		case c == ',' && depth == 0:
			out = append(out, text[from:i])
			from = i + 1
		}
	}
	return append(out, text[from:])
}

func badShorthand(raw string) error {
	if path, isFile := fileName(raw); isFile {
		return &Error{Kind: Usage, Message: Mono(path) + " is a file of yours, and deckhand sees no files of yours.", Hint: "Write what is in it."}
	}
	return &Error{
		Kind:    Usage,
		Message: Mono(clip(raw, 80)) + " is not in the AWS CLI's shorthand.",
		Hint:    "It looks like " + Mono("Name=tag:env,Values=dev") + ".",
	}
}

// fileName answers the file that a value is to be read from, as the AWS CLI writes it.
func fileName(raw string) (string, bool) {
	for _, scheme := range []string{"file://", "fileb://"} {
		if path, ok := strings.CutPrefix(raw, scheme); ok {
			return path, true
		}
	}
	return "", false
}
