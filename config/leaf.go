package config

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"
)

// leaf is a value that knows its line. Lists take one value for a list of one.
type leaf interface {
	read(r *reader, node, key *yaml.Node)
}

// text is a word or a sentence, exactly as it was written: 0123456789 stays what it is.
type text struct {
	Value string
	Line  int  // 0 where it was not written
	bad   bool // reported already
}

// number is a whole number.
type number struct {
	Value int
	Line  int
	bad   bool
}

// texts is a list of text.
type texts struct {
	Items []text
	Line  int
	bad   bool
}

// statuses is a list of HTTP statuses, single ones and ranges.
type statuses struct {
	Items []status
	Line  int
}

type status struct {
	number  number
	isRange bool
	text    string // of a range
}

// pairs is a mapping whose keys are free.
type pairs struct {
	Items []pair
	Line  int
	bad   bool
}

type pair struct{ Key, Value text }

// sets is a mapping whose keys are free, to lists of text.
type sets struct {
	Items []set
	Line  int
}

type set struct {
	Key    text
	Values texts
}

func (t *text) read(r *reader, node, key *yaml.Node) {
	t.Line = key.Line
	t.take(r, node, key.Value)
}

// take reads the node's value; a node with a line of its own keeps it.
func (t *text) take(r *reader, node *yaml.Node, name string) {
	switch {
	case node.Kind != yaml.ScalarNode:
		r.problem(node.Line, fmt.Sprintf("%s must be a single value, but it is %s.", name, kindOf(node)), "")
		t.bad = true
	case node.Style&yaml.TaggedStyle != 0:
		r.problem(node.Line, fmt.Sprintf("%s carries the YAML tag %s.", name, quoted(node.Tag)), "Write the value without a tag.")
		t.bad = true
	case !isNull(node):
		t.Value, t.Line = node.Value, node.Line
	}
}

// whole is a number as people write it, without the spellings that YAML reads in another base.
var whole = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,8})$`)

func (n *number) read(r *reader, node, key *yaml.Node) {
	if isNull(node) {
		return
	}
	n.take(r, node, key.Value)
}

func (n *number) take(r *reader, node *yaml.Node, name string) {
	n.Line, n.bad = node.Line, true
	switch {
	case node.Kind != yaml.ScalarNode:
		r.problem(node.Line, fmt.Sprintf("%s must be a whole number, but it is %s.", name, kindOf(node)), "")
	case node.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
		r.problem(node.Line, fmt.Sprintf("%s must be a whole number, but it is text in quotes.", name), "Remove the quotes.")
	case leadingZero.MatchString(node.Value):
		r.problem(node.Line, fmt.Sprintf("%s is %s; YAML reads a number that begins with 0 in base 8.", name, quoted(node.Value)), "Write it without the zero in front.")
	case !whole.MatchString(node.Value):
		r.problem(node.Line, fmt.Sprintf("%s must be a whole number, but it is %s.", name, quoted(node.Value)), "Write digits alone, such as 3.")
	default:
		n.Value, _ = strconv.Atoi(node.Value) // at most nine digits
		n.bad = false
	}
}

var leadingZero = regexp.MustCompile(`^-?0[0-9]+$`)

func (t *texts) read(r *reader, node, key *yaml.Node) {
	t.Line = key.Line
	for _, item := range listed(node) {
		one := text{Line: item.Line}
		one.take(r, item, key.Value)
		if isNull(item) {
			r.problem(item.Line, fmt.Sprintf("An item of %s is empty.", key.Value), "Remove it, or write a value.")
			one.bad = true
		}
		t.bad = t.bad || one.bad
		t.Items = append(t.Items, one)
	}
}

// span is how a range of statuses begins; what comes behind is read later.
var span = regexp.MustCompile(`^[0-9]+\s*-`)

func (s *statuses) read(r *reader, node, key *yaml.Node) {
	s.Line = key.Line
	for _, item := range listed(node) {
		one := status{number: number{Line: item.Line}}
		if item.Kind == yaml.ScalarNode && span.MatchString(item.Value) {
			one.isRange, one.text = true, item.Value
		} else {
			one.number.take(r, item, key.Value)
		}
		s.Items = append(s.Items, one)
	}
}

// listed answers the items of a list; a single value is a list of one, and nothing is an empty one.
func listed(node *yaml.Node) []*yaml.Node {
	switch {
	case isNull(node):
		return nil
	case node.Kind != yaml.SequenceNode:
		return []*yaml.Node{node}
	}
	items := make([]*yaml.Node, len(node.Content))
	for i, item := range node.Content {
		items[i] = resolved(item)
	}
	return items
}

func (p *pairs) read(r *reader, node, key *yaml.Node) {
	p.Line = key.Line
	if isNull(node) {
		return
	}
	if node.Kind != yaml.MappingNode {
		r.problem(node.Line, fmt.Sprintf("%s must be keys with values, but it is %s.", key.Value, kindOf(node)), "Write it as {env: prod}.")
		p.bad = true
		return
	}
	first := map[string]int{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		name, value := node.Content[i], resolved(node.Content[i+1])
		one := pair{Key: text{Line: name.Line}, Value: text{Line: name.Line}}
		one.Key.take(r, name, "A key of "+key.Value)
		one.Value.take(r, value, key.Value)
		if line, again := first[one.Key.Value]; again {
			r.problem(name.Line, fmt.Sprintf("The key %s is here twice; it is also in line %d.", quoted(one.Key.Value), line), "Keep one of them.")
			continue
		}
		first[one.Key.Value] = name.Line
		p.Items = append(p.Items, one)
	}
}

func (s *sets) read(r *reader, node, key *yaml.Node) {
	s.Line = key.Line
	if isNull(node) {
		return
	}
	if node.Kind != yaml.MappingNode {
		r.problem(node.Line, fmt.Sprintf("%s must be names with lists, but it is %s.", key.Value, kindOf(node)), "Write it as {office: [203.0.113.0/24]}.")
		return
	}
	first := map[string]int{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		name := node.Content[i]
		one := set{Key: text{Line: name.Line}}
		one.Key.take(r, name, "A key of "+key.Value)
		one.Values.read(r, resolved(node.Content[i+1]), name)
		if line, again := first[one.Key.Value]; again {
			r.problem(name.Line, fmt.Sprintf("The key %s is here twice; it is also in line %d.", quoted(one.Key.Value), line), "Keep one of them.")
			continue
		}
		first[one.Key.Value] = name.Line
		s.Items = append(s.Items, one)
	}
}

// required tells whether a value is there to be looked at, and reports it where it is not. Line is that of the
// section; nothing is missing from one that could not be read.
func (r *reader) required(value text, line int, name, hint string) bool {
	switch {
	case value.bad, value.Line == 0 && line == 0:
		return false
	case value.Line == 0:
		r.problem(line, name+" is missing.", hint)
		return false
	case value.Value == "":
		r.problem(value.Line, name+" is empty.", hint)
		return false
	}
	return true
}

// atLeastOne answers a count with its default.
func (r *reader) atLeastOne(value number, name string, otherwise int) int {
	switch {
	case value.Line == 0:
		return otherwise
	case value.bad:
		return 0
	case value.Value < 1:
		r.problem(value.Line, fmt.Sprintf("%s is %d; it must be at least 1.", name, value.Value), "")
	}
	return value.Value
}

// duration answers a length of time with its default.
func (r *reader) duration(value text, name string, otherwise time.Duration) (time.Duration, bool) {
	if value.bad {
		return 0, false
	}
	if value.Value == "" {
		return otherwise, true
	}
	length, err := time.ParseDuration(value.Value)
	switch {
	case err == nil && !bareNumber.MatchString(value.Value):
		return length, true
	case bareNumber.MatchString(value.Value):
		r.problem(value.Line, fmt.Sprintf("%s is %s, which has no unit.", name, quoted(value.Value)), "Write a unit behind the number, such as 5s or 1m.")
	default:
		r.problem(value.Line, fmt.Sprintf("%s is %s, which is not a length of time.", name, quoted(value.Value)), "Write it as 500ms, 5s or 1m30s.")
	}
	return 0, false
}

var bareNumber = regexp.MustCompile(`^[+-]?[0-9.]+$`)
