package config

import (
	"encoding/base32"
	"fmt"
	"strings"
)

// Person is somebody in Slack, with who they are at a terminal or in AWS, or with their second factor.
type Person struct {
	Slack    string // Slack user id
	Terminal string // login on the machine where deckhand exec is run; may be empty
	AWS      string // ARN of who they are in AWS, a user or one session of a role; may be empty
	TOTP     Secret // bytes of the secret of their authenticator app; empty: none, or not to be had here
}

type rawPerson struct {
	Line     int
	Slack    text `yaml:"slack"`
	Terminal text `yaml:"terminal"`
	TOTP     text `yaml:"totp"`
	AWS      text `yaml:"aws"`
}

// people reads who is who. Rules that name a login mean the person from then on.
func (r *reader) people(raw []rawPerson) []Person {
	var people []Person
	r.guises = map[string]string{}
	logins, factors := map[string]int{}, map[string]int{}
	inAWS := principals{r: r, people: map[string]int{}, arns: map[string]int{}}
	for _, p := range raw {
		valid := Person{Slack: strings.TrimPrefix(p.Slack.Value, "user:"), Terminal: strings.TrimPrefix(p.Terminal.Value, "terminal:")}
		if r.required(p.Slack, p.Line, "A person's slack", "Write the member id, such as U024BE7LH.") && !isUser(valid.Slack) {
			r.problem(p.Slack.Line, fmt.Sprintf("slack is %s, which is no member id.", quoted(p.Slack.Value)), "Slack knows people by id, such as U024BE7LH: open the profile and choose to copy the member id.")
		}
		if p.TOTP.Line == 0 && p.AWS.Line == 0 && !r.required(p.Terminal, p.Line, "A person's terminal", "Write the login, such as ann, or under totp where their second factor is, or under aws who they are there.") {
			continue
		}
		if p.Terminal.Value != "" && !r.guise(p, valid, logins) {
			continue
		}
		if p.TOTP.Line != 0 && !p.TOTP.bad {
			valid.TOTP = r.secondFactor(p.TOTP, valid.Slack, factors)
		}
		if p.AWS.Line != 0 && !p.AWS.bad {
			valid.AWS = inAWS.read(p.AWS, valid.Slack)
		}
		people = append(people, valid)
	}
	return people
}

// guise reads a person's login, and answers false where somebody else has it.
func (r *reader) guise(p rawPerson, valid Person, seen map[string]int) bool {
	guise := "terminal:" + valid.Terminal
	if !isLogin(valid.Terminal) {
		r.problem(p.Terminal.Line, fmt.Sprintf("terminal is %s, which is no login.", quoted(p.Terminal.Value)), "Write the login alone, such as ann.")
	}
	if first, twice := seen[guise]; twice {
		r.problem(p.Terminal.Line, fmt.Sprintf("The login %s is here twice; it is also in line %d.", quoted(valid.Terminal), first), "A login is one person; a person may have several logins.")
		return false
	}
	seen[guise], r.guises[guise] = p.Terminal.Line, "user:"+valid.Slack
	return true
}

// shortestKey is how many bytes a shared secret has at least.
// Source: RFC 4226 section 4, R6
const shortestKey = 16

// secondFactor reads where the secret of somebody's authenticator app is.
func (r *reader) secondFactor(value text, person string, seen map[string]int) Secret {
	if first, twice := seen[person]; twice {
		r.problem(value.Line, fmt.Sprintf("%s has two second factors; the other one is in line %d.", quoted(person), first), "A person has one: two phones can hold the same.")
	}
	seen[person], r.factors = value.Line, true
	ref, ok := r.reference(value, "people.totp", "env:ANN_TOTP")
	if !ok {
		return Secret{}
	}
	written := r.resolve(ref, value.Line)
	if written == "" {
		return Secret{}
	}
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.TrimRight(strings.ToUpper(written), "="))
	if err != nil || len(key) < shortestKey {
		r.problem(value.Line, fmt.Sprintf("people.totp comes from %s, which is not the base32 of at least %d bytes.", ref, shortestKey), "Make one with deckhand totp --for NAME.")
		return Secret{}
	}
	return NewSecret(string(key))
}

// oneself answers the person whom a rule means by a login; other subjects as they are.
func (r *reader) oneself(subject string) string {
	if user, known := r.guises[subject]; known {
		return user
	}
	return subject
}
