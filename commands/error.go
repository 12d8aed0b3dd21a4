package commands

import (
	"context"
	"errors"
	"strings"
)

// Kind sorts errors by what the reader can do about them.
type Kind string

// The kinds of error.
const (
	Usage       Kind = "usage"       // the line is wrong; nothing was done
	NotFound    Kind = "not_found"   // what the line names does not exist; nothing was done
	Ambiguous   Kind = "ambiguous"   // the line names more than one thing; nothing was done
	Conflict    Kind = "conflict"    // what stands is in the way, and the line is well written; nothing was done
	Denied      Kind = "denied"      // policy, or the rights in AWS, do not allow it; nothing was done
	Failed      Kind = "failed"      // it was tried and did not succeed, or succeeded in part: the message says which
	Unavailable Kind = "unavailable" // a service did not answer, or asked us to wait; nothing was done
	Uncertain   Kind = "uncertain"   // it may have happened
)

// Error is an error written for the person who reads it: what happened, why, the next step, each one sentence.
type Error struct {
	Kind    Kind
	Message string // what happened and why, ends with a full stop
	Hint    string // the next step, ends with a full stop; may be empty
	Err     error  // cause, for the log only
	// Stands says of kind NotFound that what the line names is there, and not as the line means it.
	Stands bool
	// Choices are what a line that names more than one thing may mean; nil where they cannot be listed.
	Choices *Choices
}

// SendAgain is the next step where nothing was done.
const SendAgain = "Send the line again if it is still wanted."

// Error joins message and hint.
func (e *Error) Error() string { return strings.TrimSpace(e.Message + " " + e.Hint) }

// Unwrap answers the cause.
func (e *Error) Unwrap() error { return e.Err }

// The shapes that errors of other rooms may have, so that no room needs to import the other.
type (
	messenger interface{ Message() string }
	hinter    interface{ Hint() string }
	unsure    interface{ Uncertain() bool }
	kinder    interface{ ErrorKind() string } // one of the Kinds
	chooser   interface {                     // the word that means several things, and their ids
		Choices() (of string, ids []string)
	}
)

// Words is the one place where an error becomes words for people. The answer's Kind is never empty.
func Words(err error) *Error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	out := &Error{Kind: Failed, Err: err}
	var m messenger
	switch {
	case errors.As(err, &m):
		out.Message = m.Message()
	case errors.Is(err, context.DeadlineExceeded):
		out.Kind, out.Message = Unavailable, "The time for this was up before an answer came."
	case errors.Is(err, context.Canceled):
		out.Kind, out.Message = Unavailable, "This was stopped before it was finished."
	default:
		out.Message = "Something inside deckhand went wrong."
		out.Hint = "The log has the details."
	}
	var h hinter
	if errors.As(err, &h) {
		out.Hint = marked(h.Hint())
	}
	var k kinder
	if errors.As(err, &k) {
		out.Kind = Kind(k.ErrorKind())
	}
	var c chooser
	if errors.As(err, &c) {
		out.Choices = choicesOf(c)
	}
	if IsUncertain(err) {
		out.Kind = Uncertain
	}
	return out
}

// marked makes what stands between two backticks text to be copied: rooms that know no marks write it so.
func marked(text string) string {
	parts := strings.Split(text, "`")
	if len(parts)%2 == 0 {
		return text
	}
	for i := 1; i < len(parts); i += 2 {
		parts[i] = Mono(parts[i])
	}
	return strings.Join(parts, "")
}

func choicesOf(c chooser) *Choices {
	of, ids := c.Choices()
	if len(ids) == 0 {
		return nil
	}
	choices := &Choices{Of: of}
	for _, id := range ids {
		choices.Some = append(choices.Some, Choice{Label: id, Words: []string{id}})
	}
	return choices
}

// IsUncertain tells whether the thing may have happened although an error came back.
func IsUncertain(err error) bool {
	var own *Error
	if errors.As(err, &own) && own.Kind == Uncertain {
		return true
	}
	var u unsure
	return errors.As(err, &u) && u.Uncertain()
}
