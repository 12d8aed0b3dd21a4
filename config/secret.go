package config

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
)

// Secret holds a value that no log, message or report may show: every way of printing it says "[secret]". The
// value stands behind a pointer, because fmt prints unexported fields without asking their methods.
type Secret struct{ value *string }

// NewSecret hides a value.
func NewSecret(value string) Secret { return Secret{value: &value} }

// hidden stands for a secret wherever one is printed.
const hidden = "[secret]"

// Reveal answers the value; "" for the zero Secret.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// String hides the value.
func (Secret) String() string { return hidden }

// Format hides the value from every verb of fmt.
func (Secret) Format(to fmt.State, _ rune) { _, _ = io.WriteString(to, hidden) }

// LogValue hides the value from slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText hides the value from JSON and YAML.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// Ref says where a secret is kept.
type Ref struct {
	Key  string // the key of the configuration that asks: "slack.bot_token"
	Kind string // "env" or "file"
	Name string // the variable's name, or a path; a relative one starts at the configuration file's folder
}

// String is the reference as it is written, unless a secret was pasted into it.
func (r Ref) String() string {
	if secretLike.MatchString(r.Name) {
		return r.Kind + ":[a hidden value]"
	}
	return r.Kind + ":" + r.Name
}

// ErrNotNeeded is what a resolver answers for a reference that its program has no use for: the secret stays
// empty, and that is no problem.
var ErrNotNeeded = errors.New("the secret is not needed")

// Resolve looks a reference up in this process's environment and files. A file's last line break is dropped.
func Resolve(ref Ref) (string, error) {
	if ref.Kind == "file" {
		raw, err := os.ReadFile(ref.Name)
		if err != nil {
			return "", fmt.Errorf("the file cannot be read: %s", reason(err))
		}
		return strings.TrimRight(string(raw), "\r\n"), nil
	}
	value, ok := os.LookupEnv(ref.Name)
	if !ok {
		return "", errors.New("the environment has no such variable")
	}
	return value, nil
}

// The plain spelling of a variable also keeps a token that was pasted behind "env:" out of messages.
var variable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// reference reads "env:NAME" or "file:PATH". What is neither may be the secret itself and is never repeated.
func (r *reader) reference(value text, key, example string) (Ref, bool) {
	kind, name, _ := strings.Cut(value.Value, ":")
	ref := Ref{Key: key, Kind: kind, Name: name}
	switch {
	case kind == "env" && variable.MatchString(name) && !secretLike.MatchString(name):
		return ref, true
	case kind == "file" && strings.TrimSpace(name) != "":
		if !filepath.IsAbs(name) {
			ref.Name = filepath.Join(filepath.Dir(r.file), name)
		}
		return ref, true
	}
	r.problem(value.Line, key+" must say where the secret is, not what it is.", "Write "+example+", or file: with a path; if a real secret stood here, replace it at its source too.")
	return Ref{}, false
}

// resolve answers the value behind a reference. A reference that leads nowhere is a problem of the
// configuration like any other, so that "check-config" finds it before "serve" does.
func (r *reader) resolve(ref Ref, line int) string {
	value, found := r.lookUp(ref, line)
	if found && (value == "" || strings.ContainsFunc(value, unicode.IsSpace)) {
		r.problem(line, fmt.Sprintf("%s comes from %s, which is empty or has spaces inside.", ref.Key, ref.String()), "It must hold the secret and nothing else.")
		return ""
	}
	return value
}

// resolveText is resolve for a secret that may have spaces inside, such as a whole body.
func (r *reader) resolveText(ref Ref, line int) {
	if value, found := r.lookUp(ref, line); found && value == "" {
		r.problem(line, fmt.Sprintf("%s comes from %s, which is empty.", ref.Key, ref.String()), "It must hold the secret and nothing else.")
	}
}

// lookUp answers what is behind a reference; false where nothing is, which it reports, or where it is not needed.
func (r *reader) lookUp(ref Ref, line int) (string, bool) {
	value, err := r.secret(ref)
	switch {
	case errors.Is(err, ErrNotNeeded):
		return "", false
	case err != nil:
		r.problem(line, fmt.Sprintf("%s is to come from %s: %s.", ref.Key, ref.String(), err), "Set it where deckhand runs, or correct the reference.")
		return "", false
	}
	return strings.TrimSpace(value), true
}
