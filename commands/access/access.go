// Package access lets people take a role on for a while. AWS is the record of who may, and ends it itself; see decision 70.
package access

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/schedule"
	"deckhand/commands/spelling"
)

// Cloud is the door to AWS. Its errors carry words for people (see commands.Words).
type Cloud interface {
	// Identity answers whom AWS takes the bot for.
	Identity(ctx context.Context, t aws.Target) (aws.Identity, error)
	// RoleTrust answers a role with who may take it on, an error of kind NotFound where there is none.
	RoleTrust(ctx context.Context, t aws.Target, name string) (aws.RoleText, error)
	// SetRoleTrust writes who may take a role on, and waits a while until AWS shows it.
	SetRoleTrust(ctx context.Context, t aws.Target, role, document string, shows func(document string) bool) error
	// PolicyInRole answers "" where there is none.
	PolicyInRole(ctx context.Context, t aws.Target, role, policy string) (string, error)
	// AllowRole writes a policy inside a role.
	AllowRole(ctx context.Context, t aws.Target, role, policy, document string) error
	// DisallowRole removes one; one that is gone is no error.
	DisallowRole(ctx context.Context, t aws.Target, role, policy string) error
}

// Acts is where the ends are kept.
type Acts interface {
	PutActs(ctx context.Context, acts []schedule.Act, without ...string) error
}

// Role is a role that people may ask for.
type Role struct {
	Name    string
	ARN     string
	Account string        // its account's name in the configuration
	AtMost  time.Duration // of one request
}

// at is where the role is. IAM is the same in all regions.
func (r Role) at() aws.Target { return aws.Target{Account: r.Account} }

// short is the role's own name, without its path.
func (r Role) short() string { return r.ARN[strings.LastIndex(r.ARN, "/")+1:] }

// number is its account's.
func (r Role) number() string { return field(r.ARN, 4) }

func (r Role) where() string { return strings.TrimSpace(r.Account + " " + r.number()) }

// field answers a field of an ARN, "" where it has none.
func field(arn string, n int) string {
	const fields = 6
	parts := strings.SplitN(arn, ":", fields)
	if n >= len(parts) {
		return ""
	}
	return parts[n]
}

// Desk gives roles out and takes them back.
type Desk struct {
	Cloud  Cloud
	Acts   Acts
	Roles  []Role
	People map[string]string // who askers are in AWS: "U024BE7LH" and "terminal:ann" to an ARN

	writing *sync.Mutex // held from reading a trust policy to having written it
}

// role answers a role of the configuration by its name or its ARN.
func (d Desk) role(name string) (Role, error) {
	names := make([]string, len(d.Roles))
	for i, r := range d.Roles {
		if strings.EqualFold(r.Name, name) || r.ARN == name {
			return r, nil
		}
		names[i] = r.Name
	}
	e := &commands.Error{Kind: commands.NotFound, Message: "There is no role " + commands.Mono(name) + " that may be asked for."}
	switch near := commands.Nearest(strings.ToLower(name), names); {
	case len(near) > 0:
		e.Hint = "Did you mean " + commands.Mono(near[0]) + "?"
	case len(names) > 0:
		e.Hint = "There are " + commands.And(names) + "."
	default:
		e.Hint = "None is configured; the " + commands.Mono("access") + " section of the configuration names them."
	}
	return Role{}, e
}

// look answers a role as AWS has it, and refuses one of the same name that is another.
func (d Desk) look(ctx context.Context, r Role) (aws.RoleText, trust, error) {
	text, err := d.Cloud.RoleTrust(ctx, r.at(), r.short())
	if err != nil {
		return text, trust{}, err
	}
	if text.ARN != r.ARN {
		return text, trust{}, &commands.Error{
			Kind: commands.Failed, Message: "The role that AWS shows is " + commands.Mono(text.ARN) + ", and the configuration means " + commands.Mono(r.ARN) + ".",
			Hint: "Correct access in the configuration: a role's account has to be the bot's own or one of aws.accounts.",
		}
	}
	t, err := readTrust(text.Trust)
	return text, t, err
}

// given is an access that stands in a role's trust policy.
type given struct {
	Role      Role
	Request   int64
	Principal string
	Until     time.Time
}

// ID is the request that it was asked for by.
func (g given) ID() string { return "R-" + strconv.FormatInt(g.Request, 10) }

func (g given) session() string {
	session, _ := spelling.Principal(g.Principal)
	return session
}

// who answers the person, or what AWS says where the configuration does not know them any more.
func (d Desk) who(principal string) string {
	var known []string
	for user, arn := range d.People {
		if arn == principal {
			known = append(known, user)
		}
	}
	commands.Order(known, func(a, b string) int { // a person of Slack before their logins
		if one := strings.Contains(a, ":"); one != strings.Contains(b, ":") {
			if one {
				return 1
			}
			return -1
		}
		return strings.Compare(a, b)
	})
	if len(known) == 0 {
		return commands.Mono(principal)
	}
	return commands.Person(known[0])
}

var requestID = regexp.MustCompile(`^(?i)R-?([0-9]+)$`)

// Commands is the group.
func Commands(d Desk) []commands.Command {
	d.writing = &sync.Mutex{}
	changes := []string{"sts:GetCallerIdentity", "iam:GetRole", "iam:GetRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:PutRolePolicy", "iam:DeleteRolePolicy"}
	return []commands.Command{
		{
			Name: "access request", Summary: "Let yourself take a role on for a while; AWS ends it",
			Example: `access request admin --for 1h --reason "disk full on db-1"`, Risk: commands.Change, Rights: changes,
			Undo: commands.Mono("access end") + ", and AWS itself at its end.",
			New:  func() commands.Runner { return &request{desk: d} },
		},
		{
			Name: "access list", Summary: "List the roles that may be asked for, and who may take one on now",
			Example: "access list", Rights: []string{"iam:GetRole"},
			New: func() commands.Runner { return &list{desk: d} },
		},
		{
			Name: "access end", Summary: "End somebody's access to a role now, sessions that run included",
			Example: "access end R-42", Risk: commands.Change, Rights: changes,
			Undo: "Nothing gives it back; " + commands.Mono("access request") + " asks anew.",
			New:  func() commands.Runner { return &end{desk: d} },
		},
	}
}
