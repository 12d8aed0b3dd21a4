package config

import (
	"fmt"
	"strings"
)

// Person is somebody who is known both in Slack and at a terminal.
type Person struct {
	Slack    string // Slack user id
	Terminal string // login on the machine where deckhand exec is run
}

type rawPerson struct {
	Line     int
	Slack    text `yaml:"slack"`
	Terminal text `yaml:"terminal"`
}

// people reads who is who. Rules that name a login mean the person from then on.
func (r *reader) people(raw []rawPerson) []Person {
	var people []Person
	r.guises = map[string]string{}
	seen := map[string]int{}
	for _, p := range raw {
		valid := Person{Slack: strings.TrimPrefix(p.Slack.Value, "user:"), Terminal: strings.TrimPrefix(p.Terminal.Value, "terminal:")}
		if r.required(p.Slack, p.Line, "A person's slack", "Write the member id, such as U024BE7LH.") && !isUser(valid.Slack) {
			r.problem(p.Slack.Line, fmt.Sprintf("slack is %s, which is no member id.", quoted(p.Slack.Value)), "Slack knows people by id, such as U024BE7LH: open the profile and choose to copy the member id.")
		}
		if !r.required(p.Terminal, p.Line, "A person's terminal", "Write the login, such as ann.") {
			continue
		}
		guise := "terminal:" + valid.Terminal
		if !isLogin(valid.Terminal) {
			r.problem(p.Terminal.Line, fmt.Sprintf("terminal is %s, which is no login.", quoted(p.Terminal.Value)), "Write the login alone, such as ann.")
		}
		if first, twice := seen[guise]; twice {
			r.problem(p.Terminal.Line, fmt.Sprintf("The login %s is here twice; it is also in line %d.", quoted(valid.Terminal), first), "A login is one person; a person may have several logins.")
			continue
		}
		seen[guise], r.guises[guise] = p.Terminal.Line, "user:"+valid.Slack
		people = append(people, valid)
	}
	return people
}

// oneself answers the person whom a rule means by a login; other subjects as they are.
func (r *reader) oneself(subject string) string {
	if user, known := r.guises[subject]; known {
		return user
	}
	return subject
}
