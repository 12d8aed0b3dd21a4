package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands/spelling"
)

// DefaultAccount is what rules call the account of the bot's own credentials.
const DefaultAccount = "default"

var (
	// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
	roleARN = regexp.MustCompile(`^arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]+$`)
)

func (r *reader) aws(raw *rawAWS) AWS {
	const hint = "Write an AWS region such as us-east-1."
	if raw == nil {
		r.problem(1, "The aws section is missing.", "Write aws: and below it region: with an AWS region such as us-east-1.")
		return AWS{}
	}
	r.elsewhere = raw.EndpointURL.Value != ""
	if r.required(raw.Region, raw.Line, "aws.region", hint) {
		r.region(raw.Region, "aws.region", r.elsewhere)
	}
	r.address(raw.EndpointURL, "aws.endpoint_url")
	valid := AWS{Region: raw.Region.Value, EndpointURL: raw.EndpointURL.Value, ServiceRole: r.serviceRole(raw.ServiceRole)}
	names := unique{r: r, what: "account"}
	for _, account := range raw.Accounts {
		valid.Accounts = append(valid.Accounts, r.account(account, &names))
	}
	return valid
}

func (r *reader) account(raw rawAccount, names *unique) Account {
	if names.check(raw.Name, raw.Line, "An account's name") && raw.Name.Value == DefaultAccount {
		r.problem(raw.Name.Line, `The account name "default" means the account of the bot's own credentials.`, "Give this account another name.")
	}
	const example = "arn:aws:iam::123456789012:role/deckhand"
	if r.required(raw.RoleARN, raw.Line, "An account's role_arn", "Write the role to take on there, such as "+example+".") && !roleARN.MatchString(raw.RoleARN.Value) {
		r.problem(raw.RoleARN.Line, fmt.Sprintf("role_arn is %s, which is not the ARN of a role.", quoted(raw.RoleARN.Value)), "It looks like "+example+".")
	}
	valid := Account{Name: raw.Name.Value, RoleARN: raw.RoleARN.Value, ServiceRole: r.serviceRole(raw.ServiceRole)}
	for _, item := range raw.Regions.Items {
		if item.bad {
			continue
		}
		r.region(item, "A region of the account", r.elsewhere)
		valid.Regions = append(valid.Regions, item.Value)
	}
	return valid
}

// serviceRole reads the role that CloudFormation takes on; empty for none.
func (r *reader) serviceRole(value text) string {
	if value.Value != "" && !roleARN.MatchString(value.Value) {
		r.problem(value.Line, fmt.Sprintf("service_role is %s, which is not the ARN of a role.", quoted(value.Value)), "It looks like arn:aws:iam::123456789012:role/deckhand-stacks.")
	}
	return value.Value
}

// region refuses what regions are not called like. Those that the aws section names may be an endpoint's own.
func (r *reader) region(value text, key string, own bool) {
	ok, near := aws.IsRegion(value.Value)
	if ok || own && near != "" {
		return
	}
	hint := "Regions look like us-east-1 or eu-central-1."
	if near != "" {
		hint = "Did you mean " + near + "?"
	}
	r.problem(value.Line, fmt.Sprintf("%s is %s, which is not an AWS region.", key, quoted(value.Value)), hint)
}

// knownAccounts reports rules that speak of an account that the file does not have: such a rule would never
// match, and a deny that never matches denies nothing.
func (r *reader) knownAccounts(raw rawConfig) {
	known := accountNames(raw.AWS)
	for _, rule := range raw.Policy {
		for _, on := range rule.On.Items {
			value := on.Value.Value
			if on.Key.Value != "account" || value == "" || strings.Contains(value, "*") || slices.Contains(known, value) {
				continue
			}
			r.problem(on.Value.Line, fmt.Sprintf("There is no account %s.", quoted(value)), "Known accounts: "+oneOf(known)+".")
		}
	}
}

// accountNames answers what accounts may be called, the default one first.
func accountNames(raw *rawAWS) []string {
	known := []string{DefaultAccount}
	if raw == nil {
		return known
	}
	for _, account := range raw.Accounts {
		if name := account.Name.Value; name != "" && !slices.Contains(known, name) {
			known = append(known, name)
		}
	}
	return known
}

// unique checks names that must differ within a list.
type unique struct {
	r    *reader
	what string
	seen map[string]int
}

// check reports a name that is missing, misspelt or taken, and tells whether it can be used.
func (u *unique) check(value text, line int, title string) bool {
	const names = "a-z0-9._-"
	const hint = "Use 1 to 63 lower-case letters, digits, dots, dashes and underscores."
	if !u.r.required(value, line, title, hint) {
		return false
	}
	if !spelling.Fits(value.Value, 63, names, names) {
		u.r.problem(value.Line, fmt.Sprintf("%s is %s.", title, quoted(value.Value)), hint)
		return false
	}
	if first, taken := u.seen[value.Value]; taken {
		u.r.problem(value.Line, fmt.Sprintf("The %s %q is here twice; it is also in line %d.", u.what, value.Value, first), "Give one of them another name.")
		return false
	}
	if u.seen == nil {
		u.seen = map[string]int{}
	}
	u.seen[value.Value] = value.Line
	return true
}
