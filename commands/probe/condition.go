package probe

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Condition is what must be so in a JSON body:
//
//	$.status == "ok"          ==, !=, <, <=, >, >= with a string, a number, true, false or null
//	$.checks[0].name          it is there
//	$["build date"] != null   a key with other characters
//	len($.items) > 0          how many items, keys or letters
//	$.message contains "up"   a text has another in it, or a list has an item
type Condition struct {
	text   string
	path   []step
	length bool
	op     string // "" where it must only be there
	value  any    // string, float64, bool or nil
}

// step is one part of a path: a key, or the number of an item.
type step struct {
	key    string
	item   int
	isItem bool
}

const conditionHint = `Write it like $.status == "ok", len($.items) > 0 or $.checks[0].up.`

// ParseCondition reads a condition. The error is a Fault.
func ParseCondition(text string) (Condition, error) {
	c := Condition{text: strings.TrimSpace(text)}
	wrong := fault(fmt.Sprintf("The JSON condition %q cannot be read.", text), conditionHint)
	rest := c.text
	if inner, ok := strings.CutPrefix(rest, "len("); ok {
		c.length, rest = true, inner
	}
	var ok bool
	if c.path, rest, ok = parsePath(rest); !ok {
		return c, wrong
	}
	if c.length {
		if rest, ok = strings.CutPrefix(strings.TrimSpace(rest), ")"); !ok {
			return c, wrong
		}
	}
	if rest = strings.TrimSpace(rest); rest == "" {
		return c, nil
	}
	for _, op := range []string{"==", "!=", "<=", ">=", "<", ">", "contains "} {
		if value, found := strings.CutPrefix(rest, op); found {
			c.op = strings.TrimSpace(op)
			c.value, ok = literal(strings.TrimSpace(value))
			_, number := c.value.(float64)
			ordered := strings.HasPrefix(op, "<") || strings.HasPrefix(op, ">")
			if !ok || ordered && !number || c.length && (!number || op == "contains ") {
				return c, wrong
			}
			return c, nil
		}
	}
	return c, wrong
}

// parsePath reads "$.a[0]["b c"]" and answers what follows.
func parsePath(text string) (path []step, rest string, ok bool) {
	rest, ok = strings.CutPrefix(strings.TrimSpace(text), "$")
	for ok && rest != "" {
		switch rest[0] {
		case '.':
			end := strings.IndexAny(rest[1:], ".[ )=!<>")
			if end < 0 {
				end = len(rest) - 1
			}
			if end == 0 {
				return nil, "", false
			}
			path, rest = append(path, step{key: rest[1 : 1+end]}), rest[1+end:]
		case '[':
			var one step
			if one, rest, ok = bracket(rest[1:]); ok {
				path = append(path, one)
			}
		default:
			return path, rest, true
		}
	}
	return path, rest, ok
}

// bracket reads `0]` or `"b c"]`.
func bracket(text string) (one step, rest string, ok bool) {
	if quotedKey, err := strconv.QuotedPrefix(text); err == nil {
		one.key, err = strconv.Unquote(quotedKey)
		rest, ok = strings.CutPrefix(text[len(quotedKey):], "]")
		return one, rest, ok && err == nil
	}
	number, rest, ok := strings.Cut(text, "]")
	item, err := strconv.ParseUint(number, 10, 31)
	return step{item: int(item), isItem: true}, rest, ok && err == nil //nolint:gosec // 31 bits
}

// literal reads a value as JSON writes it; a single word without quotes is a text.
func literal(text string) (any, bool) {
	var value any
	if err := json.Unmarshal([]byte(text), &value); err == nil {
		switch value.(type) {
		case string, float64, bool, nil:
			return value, true
		default:
			return nil, false
		}
	}
	if len(text) > 1 && text[0] == '\'' && text[len(text)-1] == '\'' {
		return text[1 : len(text)-1], true
	}
	return text, text != "" && !strings.ContainsAny(text, " \"'[]{}$")
}

// String is the condition as it was written.
func (c Condition) String() string { return c.text }

// Broken says what is wrong with a document, as json.Unmarshal reads one into an any: `$.status is "degraded"`. It answers "" where the
// condition holds.
func (c Condition) Broken(document any) string {
	subject, _, _ := strings.Cut(c.text, c.op)
	if c.op == "" {
		subject = c.text
	}
	subject = strings.TrimSpace(subject)
	found, ok := follow(document, c.path)
	if !ok {
		return subject + " is not there"
	}
	if c.length {
		if found, ok = length(found); !ok {
			return subject + " has no length"
		}
	}
	if c.op == "" || c.holds(found) {
		return ""
	}
	return fmt.Sprintf("%s is %s, not %s %s", subject, shown(found), c.op, shown(c.value))
}

func follow(at any, path []step) (any, bool) {
	for _, s := range path {
		switch here := at.(type) {
		case map[string]any:
			value, ok := here[s.key]
			if !ok || s.isItem {
				return nil, false
			}
			at = value
		case []any:
			if !s.isItem || s.item >= len(here) {
				return nil, false
			}
			at = here[s.item]
		default:
			return nil, false
		}
	}
	return at, true
}

func length(of any) (any, bool) {
	switch v := of.(type) {
	case string:
		return float64(len([]rune(v))), true
	case []any:
		return float64(len(v)), true
	case map[string]any:
		return float64(len(v)), true
	default:
		return nil, false
	}
}

func (c Condition) holds(found any) bool {
	switch c.op {
	case "==":
		return equal(found, c.value)
	case "!=":
		return !equal(found, c.value)
	case "contains":
		return contains(found, c.value)
	}
	number, ok := found.(float64)
	limit, _ := c.value.(float64)
	switch {
	case !ok:
		return false
	case c.op == "<":
		return number < limit
	case c.op == "<=":
		return number <= limit
	case c.op == ">":
		return number > limit
	default:
		return number >= limit
	}
}

// equal compares plain values; a list or an object is equal to none of them.
func equal(found, value any) bool {
	switch found.(type) {
	case map[string]any, []any:
		return false
	default:
		return found == value
	}
}

func contains(found, value any) bool {
	switch v := found.(type) {
	case string:
		text, ok := value.(string)
		return ok && strings.Contains(v, text)
	case []any:
		for _, item := range v {
			if equal(item, value) {
				return true
			}
		}
	}
	return false
}

// shown is a value as JSON writes it, cut to a readable length.
func shown(value any) string {
	raw, err := json.Marshal(value)
	if err != nil {
		return "unreadable"
	}
	if runes := []rune(string(raw)); len(runes) > 60 {
		return string(runes[:59]) + "…"
	}
	return string(raw)
}
