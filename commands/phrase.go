package commands

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Misuse is an error of kind Usage: what is wrong with the line, and the next step.
func Misuse(message, hint string) *Error { return &Error{Kind: Usage, Message: message, Hint: hint} }

// Conflicting refuses a line that is well written, because of what stands.
func Conflicting(message, hint string) *Error {
	return &Error{Kind: Conflict, Message: message, Hint: hint}
}

// Configured refuses to remove what stands in a section of the configuration file: it would come back at the next start.
func Configured(what, name, section string) *Error {
	return &Error{
		Kind: Denied, Message: "The " + what + " " + Mono(name) + " stands in the configuration file and cannot be removed from here.",
		Hint: "Take it out of the " + Mono(section) + " section of the file that " + Mono("deckhand serve --config") + " is given, and restart it.",
	}
}

// Gone takes an error of kind NotFound of a removal for its success: what was there a moment ago was removed by this line, cut short, or by
// somebody else.
func Gone(err error) error {
	var gone *Error
	if errors.As(err, &gone) && gone.Kind == NotFound {
		return nil
	}
	return err
}

// Problems are told all together.
type Problems []Error

// Add adds a problem; nil is none.
func (p *Problems) Add(err *Error) {
	if err != nil {
		*p = append(*p, *err)
	}
}

// Err answers nil where there is no problem. Several become one Error of the first one's kind, a line for each. Where all of them are of kind Ambiguous the first
// one's choices are offered: the next line has the others.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	var messages, hints []string
	choices := p[0].Choices
	for _, problem := range p {
		if problem.Kind != Ambiguous {
			choices = nil
		}
		messages = append(messages, problem.Message)
		if problem.Hint != "" && !slices.Contains(hints, problem.Hint) {
			hints = append(hints, problem.Hint)
		}
	}
	return &Error{Kind: p[0].Kind, Message: strings.Join(messages, "\n"), Hint: strings.Join(hints, " "), Choices: choices}
}

// And writes "a", "a and b" or "a, b and c".
func And(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// Count writes "1 target" or "3 targets".
func Count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	if strings.HasSuffix(one, "s") {
		one += "e"
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// Length writes how long something lasts that was given in whole minutes or hours: "15 minutes", "3 hours".
func Length(d time.Duration) string {
	switch {
	case d%time.Hour == 0 && d >= time.Hour:
		return Count(int(d.Hours()), "hour")
	case d%time.Minute == 0:
		return Count(int(d.Minutes()), "minute")
	default:
		return Count(int(d.Seconds()), "second")
	}
}

// Number writes a measured value for people: three digits behind the point, and four digits of what is smaller than one.
func Number(v float64) string {
	const most = 9 // digits behind the point
	digits := 0
	if v != 0 {
		digits = min(3+max(-int(math.Floor(math.Log10(math.Abs(v)))), 0), most)
	}
	text := strconv.FormatFloat(v, 'f', digits, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// None stands in a table or field that has nothing to show.
const None = "-"

// OrNone writes text from outside, None where it is empty.
func OrNone(text string) string {
	if text == "" {
		return None
	}
	return Unmarked(text)
}

// Flag writes " --name value", or nothing where there is no value.
func Flag(name, value string) string {
	if value == "" {
		return ""
	}
	return " --" + name + " " + Quote(value)
}

// The tags that deckhand puts on everything that it makes.
const (
	RequestTag = "deckhand:request"
	OwnerTag   = "deckhand:owner"   // who asked
	TokenTag   = "deckhand:token"   // the request, unique for ever
	// FunctionTag is on a role, a table or a rule: the function that it was made for.
	FunctionTag = "deckhand:function"
	AppTag      = "deckhand:app" // the application that a thing belongs to
	ownTags     = "deckhand:"
)

// Tags are the tags of what this run makes: the Name where there is one, the given ones, the request and its owner.
func (r *Run) Tags(name string, more map[string]string) map[string]string {
	tags := map[string]string{}
	for key, value := range more {
		tags[key] = value
	}
	if name != "" {
		tags["Name"] = name
	}
	if r.ID != "" {
		tags[RequestTag] = r.ID
	}
	if r.Asker.User != "" {
		tags[OwnerTag] = r.Asker.User
	}
	if !r.Until.IsZero() {
		tags[LeaseTag] = r.Until.UTC().Format(time.RFC3339)
	}
	return tags
}

// OwnTag tells whether a tag's key is one of deckhand's.
func OwnTag(key string) bool { return strings.HasPrefix(key, ownTags) }

// TagWords writes tags as people type them, "env=dev, team=web", sorted.
func TagWords(tags map[string]string) string {
	words := make([]string, 0, len(tags))
	for key, value := range tags {
		words = append(words, Unmarked(key+"="+value))
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}

// DryRun puts AWS's answer to a dry run into words; the tone is Bad where AWS would refuse.
func DryRun(err error) (string, Tone) {
	if err == nil {
		return "AWS's dry run says that this would go through.", Plain
	}
	words := Words(err)
	if words.Kind == Unavailable || words.Kind == Uncertain {
		return "AWS's dry run gave no answer: " + words.Error(), Warning
	}
	return "AWS would refuse this: " + words.Error(), Bad
}
