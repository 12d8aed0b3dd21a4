package config

import (
	"fmt"
	"strings"
	"time"

	"deckhand/commands/spelling"
)

// Access is a role that people may ask for, for a while.
type Access struct {
	Name    string
	RoleARN string
	Account string        // the account's name in the configuration; "" for that of the bot's own credentials
	AtMost  time.Duration // of one request
}

type rawAccess struct {
	Line    int
	Name    text `yaml:"name"`
	RoleARN text `yaml:"role_arn"`
	AtMost  text `yaml:"at_most"`
}

// How long a role may be asked for.
const (
	accessUsual = time.Hour
	accessLeast = 5 * time.Minute
	accessMost  = 24 * time.Hour
)

// access reads the roles that may be asked for.
func (r *reader) access(raw []rawAccess, aws *rawAWS, people []rawPerson) []Access {
	var roles []Access
	names, arns := unique{r: r, what: "role"}, map[string]int{}
	own := ownRoles(aws)
	for _, a := range raw {
		names.check(a.Name, a.Line, "A role's name")
		valid := Access{Name: a.Name.Value, RoleARN: a.RoleARN.Value, AtMost: r.atMost(a.AtMost)}
		const example = "arn:aws:iam::123456789012:role/admin"
		if r.required(a.RoleARN, a.Line, "A role's role_arn", "Write the role that people may ask for, such as "+example+".") {
			first, twice := arns[valid.RoleARN]
			switch {
			case !roleARN.MatchString(valid.RoleARN):
				r.problem(a.RoleARN.Line, fmt.Sprintf("role_arn is %s, which is not the ARN of a role.", quoted(valid.RoleARN)), "It looks like "+example+".")
			case twice:
				r.problem(a.RoleARN.Line, fmt.Sprintf("The role %s is here twice; it is also in line %d.", quoted(valid.RoleARN), first), "A role has one name and one longest time.")
			case own[valid.RoleARN] != 0:
				r.problem(a.RoleARN.Line, fmt.Sprintf("The role %s is deckhand's own, by line %d, and is never given to people.", quoted(valid.RoleARN), own[valid.RoleARN]), "Make a role for people.")
			}
			arns[valid.RoleARN] = a.RoleARN.Line
			valid.Account = accountOf(aws, valid.RoleARN)
		}
		roles = append(roles, valid)
	}
	if len(raw) > 0 && !anybodyInAWS(people) {
		r.problem(raw[0].Line, "access names roles, and nobody of people says who they are in AWS, so nobody could ask for one.", "Write under people, such as {slack: U024BE7LH, aws: \"arn:aws:iam::123456789012:user/ann\"}.")
	}
	return roles
}

func (r *reader) atMost(value text) time.Duration {
	d, ok := r.duration(value, "access.at_most", accessUsual)
	if ok && (d < accessLeast || d > accessMost) {
		r.problem(value.Line, fmt.Sprintf("access.at_most is %s; it is from 5m to 24h.", quoted(value.Value)), "Write it as 30m, 1h or 4h.")
	}
	return d
}

// ownRoles are the roles that deckhand takes on, or hands to CloudFormation, with their lines.
func ownRoles(aws *rawAWS) map[string]int {
	own := map[string]int{}
	if aws == nil {
		return own
	}
	own[aws.ServiceRole.Value] = aws.ServiceRole.Line
	for _, a := range aws.Accounts {
		own[a.RoleARN.Value], own[a.ServiceRole.Value] = a.RoleARN.Line, a.ServiceRole.Line
	}
	delete(own, "")
	return own
}

// accountOf answers the name of the account that a role is in, "" where no other account of the file has its number.
func accountOf(aws *rawAWS, arn string) string {
	if aws != nil {
		for _, a := range aws.Accounts {
			if number := accountNumber(a.RoleARN.Value); number != "" && number == accountNumber(arn) {
				return a.Name.Value
			}
		}
	}
	return ""
}

// accountNumber answers the number of the account in an ARN.
func accountNumber(arn string) string {
	const fields, account = 6, 4
	parts := strings.SplitN(arn, ":", fields)
	if len(parts) < fields {
		return ""
	}
	return parts[account]
}

func anybodyInAWS(people []rawPerson) bool {
	for _, p := range people {
		if p.AWS.Line != 0 {
			return true
		}
	}
	return false
}

// principals are who people are in AWS, with the lines that say it.
type principals struct {
	r            *reader
	people, arns map[string]int
}

// read reads who somebody is in AWS: one identity, and nobody else's.
func (p principals) read(value text, person string) string {
	if first, twice := p.people[person]; twice {
		p.r.problem(value.Line, fmt.Sprintf("%s is somebody in AWS twice; the other one is in line %d.", quoted(person), first), "A person has one identity there.")
	}
	if first, twice := p.arns[value.Value]; twice {
		p.r.problem(value.Line, fmt.Sprintf("%s is here twice; it is also in line %d.", quoted(value.Value), first), "An identity in AWS is one person.")
	}
	p.people[person], p.arns[value.Value] = value.Line, value.Line
	if _, ok := spelling.Principal(value.Value); !ok {
		p.r.problem(value.Line, fmt.Sprintf("aws is %s, which is neither a user of IAM nor one session of a role.", quoted(value.Value)),
			"Write arn:aws:iam::123456789012:user/ann, or arn:aws:sts::123456789012:assumed-role/ROLE/SESSION; aws sts get-caller-identity prints it.")
	}
	return value.Value
}
