package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"deckhand/bot"
	"deckhand/commands"
	"deckhand/config"
)

// rule is a rule made ready, so that deciding allocates nothing.
type rule struct {
	name     string // "rule 3 (line 41)"
	who      subjects
	what     []string // globs
	anywhere bool
	channels []string // ids
	on       conditions
	decision bot.Decision
}

// subjects are who a rule speaks of.
type subjects struct {
	written []string
	anyone  bool
	config  bool
	users   []string // as askers are named: "U1", "terminal:ann"
	groups  []string // ids
}

// conditions are what a rule asks of a resource; empty globs ask nothing.
type conditions struct {
	account string
	region  string
	tags    []condition
	kept    bool // by another tool: CloudFormation, Terraform
	cost    *int // more than so many dollars a month
	today   *int // more than that together with what was made in the same channel in this day
}

type condition struct{ key, value string }

// answer says whether conditions hold.
type answer int

const (
	no      answer = iota
	perhaps        // what they ask for is not known
	yes
)

func compile(number int, raw config.Rule) rule {
	r := rule{
		name:     fmt.Sprintf("rule %d (line %d)", number, raw.Line),
		who:      compileSubjects(raw.Who),
		what:     raw.What,
		anywhere: len(raw.Where) == 0,
	}
	if raw.Line == 0 {
		r.name = fmt.Sprintf("rule %d", number)
	}
	for _, place := range raw.Where {
		if place == "*" {
			r.anywhere = true
		} else if id, ok := strings.CutPrefix(place, "channel:"); ok {
			r.channels = append(r.channels, id)
		}
	}
	for key, value := range raw.On {
		switch key {
		case "account":
			r.on.account = value
		case "region":
			r.on.region = value
		case config.Kept:
			r.on.kept = true
		default:
			r.on.tags = append(r.on.tags, condition{key, value})
		}
	}
	r.on.cost, r.on.today = raw.CostAbove, raw.CostAboveToday
	r.decision = bot.Decision{Effect: bot.Effect(raw.Effect), Rule: r.name, BreakGlass: raw.BreakGlass, SecondFactor: raw.SecondFactor}
	if raw.SecondFactor && r.decision.Effect == bot.Allow {
		r.decision.Effect = bot.Confirm
	}
	if r.decision.Effect == bot.Ask {
		r.decision.Approvers, r.decision.Approvals = raw.Approvers, max(1, raw.Approvals)
		for _, tier := range raw.Then {
			r.decision.Then = append(r.decision.Then, bot.Tier{Approvers: tier.Approvers, Approvals: max(1, tier.Approvals)})
		}
		r.decision.RerouteTo = raw.RerouteTo
	}
	return r
}

func compileSubjects(written []string) subjects {
	s := subjects{written: written}
	for _, subject := range written {
		kind, id, _ := strings.Cut(subject, ":")
		switch {
		case subject == "*":
			s.anyone = true
		case subject == "config":
			s.config = true
		case kind == "user":
			s.users = append(s.users, id)
		case kind == "terminal":
			s.users = append(s.users, subject)
		case kind == "group":
			s.groups = append(s.groups, id)
		}
	}
	return s
}

// covers tells whether a rule speaks of a command in a place. A terminal is in no channel.
func (r *rule) covers(command, channel string) bool {
	if !r.anywhere && !slices.Contains(r.channels, channel) {
		return false
	}
	for _, glob := range r.what {
		if like(glob, command) {
			return true
		}
	}
	return false
}

// none tells whether a rule has no conditions.
func (c *conditions) none() bool {
	return c.account == "" && c.region == "" && len(c.tags) == 0 && !c.kept && !c.priced()
}

// priced tells whether a rule asks what a line costs.
func (c *conditions) priced() bool { return c.cost != nil || c.today != nil }

// match asks all conditions of one resource.
func (c *conditions) match(scope *commands.Scope, tags map[string]string) answer {
	if c.none() {
		return yes
	}
	if scope == nil {
		return perhaps
	}
	if c.kept && (commands.Resource{Tags: tags}).Elsewhere() == "" {
		return no
	}
	if c.cost != nil && !dearer(scope.Bill, nil, *c.cost) || c.today != nil && !dearer(scope.Bill, scope.Today, *c.today) {
		return no
	}
	found := yes
	if c.account != "" && !like(c.account, cmp.Or(scope.Account, config.DefaultAccount)) {
		return no
	}
	if c.region != "" && scope.Region == "" {
		found = perhaps
	} else if c.region != "" && !like(c.region, scope.Region) {
		return no
	}
	for _, condition := range c.tags {
		value, tagged := tags[condition.key]
		switch {
		case !tagged:
			found = perhaps
		case !like(condition.value, value):
			return no
		}
	}
	return found
}

// decided is the rule's decision on a line. Factor says that one of the rules beside it asks for a second factor.
func (r *rule) decided(question *bot.AccessRequest, factor bool) bot.Decision {
	decision := r.decision
	decision.SecondFactor = factor && decision.Effect != bot.Deny
	if r.on.priced() && question.Scope != nil && question.Scope.Bill != nil {
		decision.Why = r.on.whyDear(question.Scope)
	}
	return decision
}

// Speaks tells whether a pattern under "what" speaks of a command.
func Speaks(pattern, command string) bool { return like(pattern, command) }

// like tells whether text has the form of a glob, in which * stands for any characters, spaces too, and for none.
func like(glob, text string) bool {
	star, resume := -1, 0
	g, t := 0, 0
	for t < len(text) {
		switch {
		case g < len(glob) && glob[g] == '*':
			star, resume = g, t
			g++
		case g < len(glob) && glob[g] == text[t]:
			g++
			t++
		case star >= 0:
			// Let the last star swallow one more character and try again from there.
			resume++
			g, t = star+1, resume
		default:
			return false
		}
	}
	for g < len(glob) && glob[g] == '*' {
		g++
	}
	return g == len(glob)
}
