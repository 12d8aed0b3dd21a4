// Package policy says who may do what. A policy is a list of rules; the first that matches a line decides, and
// what no rule matches is refused.
//
// # What a line touches
//
// A rule with conditions (on) speaks of the account, the region and the tags of what a line touches. Each resource
// is judged by itself, and the strictest judgment holds for the line: naming a harmless resource beside a guarded
// one opens nothing. A line that touches nothing yet is judged as one resource without tags.
//
// A resource that does not have the tag, and a scope that does not have the region, may be anything. An allow rule
// then does not match. A confirm, ask or deny rule matches, and rules behind it can only make the answer stricter.
//
// While the scope is not known, a rule that could match makes the answer Unsettled. Reads are not asked
// about twice, so for a read without a scope the conditions are settled at once: a deny rule matches, because it may
// well hide what is read; the others do not, because they guard what is changed.
//
// # What a line costs
//
// A rule with cost_above speaks of changes that make something, or make something of it, that costs more by AWS's price list. A price
// that is not known counts as above. One with cost_above_today asks the same of the line together with all that was made from its channel in
// this day, or is being made, before it.
//
// # A second factor
//
// Where one of the rules that match, or may match, or that decide over one of several resources asks for a second factor, the line needs one. An allow rule
// that asks for one is a confirm rule: somebody has to give the code.
//
// # Who asks
//
// People are matched by id, groups through bot.Groups. Where a group cannot be looked up, nothing is opened by
// it: an allow rule does not match, a deny rule matches, and a confirm or ask rule ends the question with an
// error, since the rules behind it may be more generous. The error is also answered where nothing else matched.
//
// Lines of the configuration file's own timetable (source bot.Schedule, user "config") are allowed unless a deny
// rule is the first to match them: whoever writes that file writes the rules too, and nobody is there to press a button.
package policy

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"deckhand/bot"
	"deckhand/commands"
	"deckhand/config"
)

// Policy decides by rules. It is a pure function of them and of the groups, and safe for concurrent use.
type Policy struct {
	rules  []rule
	groups bot.Groups
}

var _ bot.Authorizer = (*Policy)(nil)

// noRule names the decision that no rule made.
const noRule = "no rule"

// New compiles rules that config has found valid. Groups may be nil where no Slack is there to ask: every
// group is then unknown.
func New(rules []config.Rule, groups bot.Groups) *Policy {
	p := &Policy{groups: groups, rules: make([]rule, len(rules))}
	for i, raw := range rules {
		p.rules[i] = compile(i+1, raw)
	}
	return p
}

// Decide answers the first matching rule's decision, and Deny by "no rule" where none matches.
func (p *Policy) Decide(ctx context.Context, question bot.AccessRequest) (bot.Decision, error) {
	decision, err := p.judge(ctx, &question, person{user: question.Asker.User, file: timetable(&question)})
	if !timetable(&question) || err != nil || decision.Effect == bot.Unsettled || decision.Effect == bot.Deny && decision.Rule != noRule {
		return decision, err
	}
	return bot.Decision{Effect: bot.Allow, Rule: "the configuration file's timetable"}, nil
}

// timetable tells whether the configuration file itself asks. A terminal can claim any name, so the source counts too.
func timetable(question *bot.AccessRequest) bool {
	return question.Source == bot.Schedule && question.Asker.User == "config"
}

// person is who a question is about: somebody, or anybody of whom only one subject is known.
type person struct {
	user    string
	file    bool // the configuration file itself
	subject string
}

// judge takes the strictest of the judgments over the resources.
func (p *Policy) judge(ctx context.Context, question *bot.AccessRequest, who person) (bot.Decision, error) {
	if question.Scope == nil || len(question.Scope.Resources) == 0 {
		return p.first(ctx, question, who, nil)
	}
	var strictest bot.Decision
	for i := range question.Scope.Resources {
		one, err := p.first(ctx, question, who, question.Scope.Resources[i].Tags)
		if err != nil {
			return one, err
		}
		if strictest.Effect == bot.Ask && one.Effect == bot.Ask && !sameApproval(strictest, one) && !timetable(question) {
			return bot.Decision{Effect: bot.Deny, Rule: strictest.Rule + " and " + one.Rule + " ask different people; send a line for each"}, nil
		}
		glass, factor := one.BreakGlass, one.SecondFactor || strictest.SecondFactor
		if i > 0 {
			glass = common(strictest.BreakGlass, glass)
		}
		if i == 0 || stricter(one.Effect, strictest.Effect) {
			strictest = one
		}
		strictest.BreakGlass, strictest.SecondFactor = glass, factor
		if strictest.Effect == bot.Deny {
			break
		}
	}
	return strictest, nil
}

// first judges one resource: by the first rule that matches for certain, or by a stricter one before it that
// may match.
func (p *Policy) first(ctx context.Context, question *bot.AccessRequest, who person, tags map[string]string) (bot.Decision, error) {
	decision := bot.Decision{Effect: bot.Deny, Rule: noRule}
	var possible *rule // the strictest of those that may match
	var unknown error  // why an allow rule was passed over
	factor := false    // one of those that match, or may, asks for a second factor
	for i := range p.rules {
		rule := &p.rules[i]
		if !rule.covers(question.Command, question.Asker.Channel) || rule.on.priced() && question.Risk == commands.Read {
			continue
		}
		match := rule.on.match(question.Scope, tags)
		if match == no || match == perhaps && rule.passesOver(question) {
			continue
		}
		member, err := p.isOne(ctx, who, &rule.who)
		if !member && err == nil {
			continue
		}
		if question.Scope == nil && match == perhaps && question.Risk != commands.Read {
			return bot.Decision{Effect: bot.Unsettled, Rule: rule.name, SecondFactor: rule.decision.SecondFactor}, nil
		}
		if err != nil && rule.decision.Effect == bot.Allow {
			unknown = err
			continue
		}
		if err != nil && rule.decision.Effect != bot.Deny {
			return decision, fmt.Errorf("decide %s: %w", rule.name, err)
		}
		factor = factor || rule.decision.SecondFactor
		if match == yes || rule.decision.Effect == bot.Deny {
			return strictestOf(possible, rule).decided(question, factor), nil
		}
		possible = strictestOf(possible, rule)
	}
	if possible != nil {
		return possible.decided(question, factor), nil
	}
	return decision, unknown
}

// passesOver tells whether a rule whose conditions cannot be judged does not match.
func (r *rule) passesOver(question *bot.AccessRequest) bool {
	switch {
	case r.decision.Effect == bot.Deny:
		return false
	case question.Scope == nil:
		return question.Risk == commands.Read
	default:
		return r.decision.Effect == bot.Allow
	}
}

// strictestOf keeps the earlier rule where both are equally strict.
func strictestOf(earlier, later *rule) *rule {
	if earlier == nil || stricter(later.decision.Effect, earlier.decision.Effect) {
		return later
	}
	return earlier
}

func stricter(a, b bot.Effect) bool { return cmp.Compare(strictness(a), strictness(b)) > 0 }

func strictness(effect bot.Effect) int {
	switch effect {
	case bot.Allow:
		return 0
	case bot.Confirm:
		return 1
	case bot.Ask:
		return 2
	default:
		return 3
	}
}

// common answers the subjects that are in both lists.
func common(one, other []string) []string {
	var both []string
	for _, subject := range one {
		if slices.Contains(other, subject) {
			both = append(both, subject)
		}
	}
	return both
}

func sameApproval(a, b bot.Decision) bool {
	return a.Approvals == b.Approvals && slices.Equal(a.Approvers, b.Approvers) && slices.Equal(a.RerouteTo, b.RerouteTo) &&
		slices.EqualFunc(a.Then, b.Then, func(one, other bot.Tier) bool {
			return one.Approvals == other.Approvals && slices.Equal(one.Approvers, other.Approvers)
		})
}

// Matches tells whether a user is one of the subjects. An error says that a group could not be looked up and
// that no other subject is the user.
func (p *Policy) Matches(ctx context.Context, user string, subjects []string) (bool, error) {
	who := compileSubjects(subjects)
	return p.isOne(ctx, person{user: user}, &who)
}

// isOne tells whether a user, or the configuration file, is one of the subjects.
func (p *Policy) isOne(ctx context.Context, whom person, who *subjects) (bool, error) {
	user := whom.user
	switch {
	case who.anyone, slices.Contains(who.users, user), whom.file && who.config:
		return true, nil
	case whom.subject != "":
		return slices.Contains(who.written, whom.subject), nil
	case user == "config", strings.HasPrefix(user, "terminal:"):
		return false, nil // groups are Slack's
	}
	var unknown error
	for _, group := range who.groups {
		member, err := p.inGroup(ctx, user, group)
		if member {
			return true, nil
		}
		unknown = cmp.Or(unknown, err)
	}
	return false, unknown
}

func (p *Policy) inGroup(ctx context.Context, user, group string) (bool, error) {
	if p.groups == nil {
		return false, fmt.Errorf("nobody knows who is in group %s", group)
	}
	members, err := p.groups.Members(ctx, group)
	if err != nil {
		return false, fmt.Errorf("look up group %s: %w", group, err)
	}
	return slices.Contains(members, user), nil
}

// Subjects answers everybody that the rules name, in the order of the rules.
func (p *Policy) Subjects() []string {
	var all []string
	for i := range p.rules {
		for _, subject := range p.rules[i].who.written {
			if !slices.Contains(all, subject) {
				all = append(all, subject)
			}
		}
	}
	return all
}

// Grants implements bot.Authorizer: each subject is judged as somebody of whom nothing else is known.
func (p *Policy) Grants(question bot.AccessRequest) []bot.Grant {
	var out []bot.Grant
	for _, subject := range p.Subjects() {
		if subject == "config" {
			continue
		}
		decision, err := p.judge(context.Background(), &question, person{subject: subject}) // asks nobody: no group is looked up
		if err == nil && decision.Effect != bot.Deny {
			out = append(out, bot.Grant{Subject: subject, Decision: decision})
		}
	}
	return out
}

// WhoCan answers the subjects that a rule lets do a command in a channel, with or without approval, in the order
// of the rules: whom a refused person may turn to. Conditions on resources are not considered.
func (p *Policy) WhoCan(command, channel string) []string {
	var can, cannot []string
	for i := range p.rules {
		rule := &p.rules[i]
		if !rule.covers(command, channel) {
			continue
		}
		for _, subject := range rule.who.written {
			known := slices.Contains(can, subject) || slices.Contains(cannot, subject) || slices.Contains(cannot, "*")
			switch {
			case known || subject == "config":
			case rule.decision.Effect != bot.Deny:
				can = append(can, subject)
			case rule.on.none():
				cannot = append(cannot, subject)
			}
		}
	}
	if slices.Contains(can, "*") {
		return []string{"*"}
	}
	return can
}
