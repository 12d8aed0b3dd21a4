package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// reader fills raw types from YAML nodes and collects every problem on the way.
type reader struct {
	file      string
	secret    func(Ref) (string, error)
	problems  Problems
	tokens    map[string]string // heartbeat's token to the check that has it
	guises    map[string]string // "terminal:ann" to "user:U1", the person who it is
	factors   bool              // somebody has a second factor
	zone      string            // of what names none
	elsewhere bool              // aws.endpoint_url is set: what answers may have regions of its own
	webhooks  []string          // the names of those that may be called
}

func (r *reader) problem(line int, message, hint string) {
	r.problems = append(r.problems, Problem{File: r.file, Line: max(line, 1), Message: message, Hint: hint})
}

// document reads the one document of a file and tells whether there was one to look into.
func (r *reader) document(raw []byte, into *rawConfig) bool {
	decoder := yaml.NewDecoder(bytes.NewReader(raw))
	var document, second yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF) || err == nil && isNull(document.Content[0]):
		r.problem(1, "The file says nothing.", "Start from deploy/deckhand.example.yaml.")
		return false
	case err != nil:
		r.syntax(err)
		return false
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		r.problem(second.Line, "A second document begins here.", "Keep one document in the file: remove the line with three dashes.")
	case !errors.Is(err, io.EOF):
		r.syntax(err)
	}
	return r.section(document.Content[0], "the file", reflect.ValueOf(into).Elem())
}

var syntaxLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?`)

// syntax words an error of the YAML parser. Nothing after it could be read, so it stands alone.
func (r *reader) syntax(err error) {
	found := syntaxLine.FindStringSubmatch(err.Error())
	line, _ := strconv.Atoi(found[1]) // no line: the first
	hint := "Check the indentation (spaces, never tabs) and the quotes near this line."
	message := err.Error()[len(found[0]):]
	if strings.Contains(message, "alphabetic or numeric") || strings.Contains(message, "unknown anchor") {
		hint = `A value that begins with * needs quotes: "*".`
	}
	r.problem(line, "This is not YAML: "+strings.TrimSuffix(message, ".")+".", hint)
}

// section reads a mapping into a raw struct, key by key, and tells whether it was one.
func (r *reader) section(node *yaml.Node, name string, into reflect.Value) bool {
	if node.Kind != yaml.MappingNode {
		r.problem(node.Line, fmt.Sprintf("%s must be keys with values, but it is %s.", upper(name), kindOf(node)), "Known keys: "+oneOf(keysOf(into.Type()))+".")
		return false
	}
	first := map[string]int{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], resolved(node.Content[i+1])
		if line, again := first[key.Value]; again {
			r.problem(key.Line, fmt.Sprintf("The key %s is here twice; it is also in line %d.", quoted(key.Value), line), "Keep one of them.")
			continue
		}
		first[key.Value] = key.Line
		field, ok := fieldOf(into, key)
		if !ok {
			r.unknownKey(key, name, keysOf(into.Type()))
			continue
		}
		r.value(value, key, field)
	}
	return true
}

// value reads what stands behind a key. A key with nothing behind it counts as not written.
func (r *reader) value(node, key *yaml.Node, into reflect.Value) {
	if one, ok := into.Addr().Interface().(leaf); ok {
		one.read(r, node, key)
		return
	}
	if isNull(node) {
		return
	}
	if into.Kind() == reflect.Pointer {
		into.Set(reflect.New(into.Type().Elem()))
		if r.section(node, key.Value, into.Elem()) {
			into.Elem().FieldByName("Line").SetInt(int64(key.Line))
		}
		return
	}
	if node.Kind != yaml.SequenceNode {
		r.problem(node.Line, fmt.Sprintf("%s must be a list, but it is %s.", upper(key.Value), kindOf(node)), "Begin each item with a dash.")
		return
	}
	items := reflect.MakeSlice(into.Type(), len(node.Content), len(node.Content))
	for i, item := range node.Content {
		if r.section(resolved(item), "each item of "+key.Value, items.Index(i)) {
			items.Index(i).FieldByName("Line").SetInt(int64(item.Line))
		}
	}
	into.Set(items)
}

func (r *reader) unknownKey(key *yaml.Node, section string, known []string) {
	hint := "Known keys: " + oneOf(known) + "."
	if key.Value == "<<" {
		hint = "Merging with << is not supported; write the values out."
	} else if near := nearest(key.Value, known); near != "" {
		hint = fmt.Sprintf("Did you mean %q?", near)
	}
	where := ""
	if section != "the file" {
		where = " in " + section
	}
	r.problem(key.Line, fmt.Sprintf("There is no key %s%s.", quoted(key.Value), where), hint)
}

// fieldOf finds the field that a key fills.
func fieldOf(section reflect.Value, key *yaml.Node) (reflect.Value, bool) {
	if key.Kind != yaml.ScalarNode || key.Value == "" {
		return reflect.Value{}, false
	}
	for field, value := range section.Fields() {
		if field.Tag.Get("yaml") == key.Value {
			return value, true
		}
	}
	return reflect.Value{}, false
}

func keysOf(section reflect.Type) []string {
	var keys []string
	for field := range section.Fields() {
		if key := field.Tag.Get("yaml"); key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// resolved follows an alias to what it stands for. An anchor cannot be an alias itself.
func resolved(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

func isNull(node *yaml.Node) bool { return node.Kind == yaml.ScalarNode && node.ShortTag() == "!!null" }

// kindOf names a node for people.
func kindOf(node *yaml.Node) string {
	switch {
	case node.Kind == yaml.MappingNode:
		return "keys with values"
	case node.Kind == yaml.SequenceNode:
		return "a list"
	case isNull(node):
		return "empty"
	default:
		return "a single value"
	}
}

func upper(text string) string {
	if name, ok := strings.CutPrefix(text, "the "); ok {
		return "The " + name
	}
	if name, ok := strings.CutPrefix(text, "each "); ok {
		return "Each " + name
	}
	return text
}
