package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"deckhand/commands/spelling"
)

// effects are the words for a rule's effect, in the order of rising strictness.
var effects = []string{"allow", "confirm", "ask", "deny"} //nolint:gochecknoglobals // a constant table

var command = regexp.MustCompile(`^[a-z0-9*_-]+( [a-z0-9*_-]+)*$`)

func isUser(id string) bool { return spelling.SlackID(id, "UW") }

func isChannel(id string) bool { return spelling.SlackID(id, "CGD") }

// isLogin tells whether a text can be a login on a machine.
func isLogin(text string) bool {
	n := utf8.RuneCountInString(text)
	return n > 0 && n <= 64 && !strings.ContainsAny(text, " \t\r\n\f*")
}

// isSubject tells whether a rule can name somebody so: everybody, a person, a group or a login.
func isSubject(text string) bool {
	kind, id, _ := strings.Cut(text, ":")
	switch kind {
	case "user":
		return isUser(id)
	case "group":
		return spelling.SlackID(id, "S")
	case "terminal":
		return isLogin(id)
	default:
		return text == "*"
	}
}

// Kept is the condition on what another tool than deckhand keeps as it is, by its tags; its only value is elsewhere.
const (
	Kept      = "kept"
	elsewhere = "elsewhere"
)

func (r *reader) policy(raw []rawRule) []Rule {
	rules := make([]Rule, 0, len(raw))
	for _, rule := range raw {
		rules = append(rules, r.rule(rule))
	}
	return rules
}

func (r *reader) rule(raw rawRule) Rule {
	valid := Rule{Line: raw.Line, Effect: raw.Effect.Value}
	valid.Who = r.list(raw.Who, raw.Line, "who", r.subject)
	valid.What = r.list(raw.What, raw.Line, "what", r.commandGlob)
	if raw.Where.Line != 0 {
		valid.Where = r.list(raw.Where, raw.Line, "where", r.place)
	}
	valid.On = r.on(raw.On)
	valid.CostAbove = r.ceiling(raw, raw.CostAbove, "cost_above")
	valid.CostAboveToday = r.ceiling(raw, raw.CostToday, "cost_above_today")
	if r.required(raw.Effect, raw.Line, "A rule's effect", "Write "+oneOf(effects)+".") {
		r.choice(raw.Effect, "effect", effects)
	}
	if raw.Glass.Line != 0 {
		valid.BreakGlass = r.list(raw.Glass, raw.Line, "break_glass", r.approver)
		if raw.Effect.Value == "deny" {
			r.problem(raw.Glass.Line, "A rule with the effect deny has no break_glass: what is denied stays denied.", "Remove it, or write effect: ask.")
		}
	}
	if valid.SecondFactor = r.truth(raw.Factor, "second_factor"); valid.SecondFactor {
		r.factor(raw)
	}
	if raw.Effect.Value == "ask" {
		r.asked(raw, &valid)
	} else if slices.Contains(effects, raw.Effect.Value) {
		r.onlyForAsk(raw.Approvers.Line, "approvers", raw.Effect.Value)
		r.onlyForAsk(raw.Approvals.Line, "approvals", raw.Effect.Value)
		r.onlyForAsk(raw.RerouteTo.Line, "reroute_to", raw.Effect.Value)
		if len(raw.Tiers) > 0 {
			r.onlyForAsk(raw.Tiers[0].Line, "tiers", raw.Effect.Value)
		}
	}
	return valid
}

// factor looks whether a second factor can be asked for.
func (r *reader) factor(raw rawRule) {
	switch {
	case raw.Effect.Value == "deny":
		r.problem(raw.Factor.Line, "A rule with the effect deny has no second_factor: nobody says yes to what is denied.", "Remove it, or write another effect.")
	case !r.factors:
		r.problem(raw.Factor.Line, "A second factor is asked for, and nobody has one.", "Name people with their totp under people; deckhand totp --for NAME makes a secret.")
	}
}

// asked reads whom a rule asks: approvers with their number, or tiers of them, one after the other.
func (r *reader) asked(raw rawRule, valid *Rule) {
	if raw.RerouteTo.Line != 0 {
		valid.RerouteTo = r.list(raw.RerouteTo, raw.Line, "reroute_to", r.approver)
	}
	tiers := raw.Tiers
	if len(tiers) == 0 {
		tiers = []rawTier{{Line: raw.Line, Approvers: raw.Approvers, Approvals: raw.Approvals}}
	} else if line := max(raw.Approvers.Line, raw.Approvals.Line); line != 0 {
		r.problem(line, "A rule has tiers, or approvers and approvals, not both.", "Make them the first of the tiers.")
	}
	var read []Tier
	for _, tier := range tiers {
		read = append(read, Tier{r.list(tier.Approvers, tier.Line, "approvers", r.approver), r.approvals(tier)})
	}
	r.enoughPeople(raw, read)
	valid.Approvers, valid.Approvals, valid.Then = read[0].Approvers, read[0].Approvals, read[1:]
	if len(valid.Then) == 0 {
		valid.Then = nil
	}
}

// enoughPeople reports tiers that the people they name cannot fill, because each of them counts once.
func (r *reader) enoughPeople(raw rawRule, tiers []Tier) {
	people, needed := map[string]bool{}, 0
	for _, tier := range tiers {
		needed += tier.Approvals
		for _, subject := range tier.Approvers {
			if subject == "*" || strings.HasPrefix(subject, "group:") {
				return // as many as there are
			}
			people[subject] = true
		}
	}
	if len(tiers) > 1 && needed > len(people) {
		r.problem(raw.Tiers[0].Line, fmt.Sprintf("The tiers need %d people, and name %d; each counts once.", needed, len(people)), "Name more approvers.")
	}
}

func (r *reader) alarm(raw text) string {
	if raw.Line != 0 && !raw.bad {
		r.channel(raw, "alarm_channel")
	}
	return raw.Value
}

// list answers the values of a list that must have at least one.
func (r *reader) list(raw texts, line int, key string, check func(text)) []string {
	values := make([]string, 0, len(raw.Items))
	for _, item := range raw.Items {
		if !item.bad {
			check(item)
		}
		values = append(values, r.oneself(item.Value))
	}
	if len(values) == 0 && line != 0 {
		r.problem(max(line, raw.Line), fmt.Sprintf("A rule needs at least one value under %s.", key), "Write "+exampleOf[key]+".")
	}
	return values
}

var exampleOf = map[string]string{ //nolint:gochecknoglobals // a constant table
	"now":       "group:S0614TZR7 or user:U024BE7LH",
	"who":       `user:U024BE7LH, group:S0614TZR7, terminal:ann, config or "*"`,
	"what":      `"vm list", "vm *" or "*"`,
	"where":     `channel:C024BE91L or "*"`,
	"approvers": `user:U024BE7LH, group:S0614TZR7, terminal:ann or "*"`,

	"break_glass": `user:U024BE7LH, group:S0614TZR7, terminal:ann or "*"`,

	"reroute_to": `user:U024BE7LH, group:S0614TZR7, terminal:ann or "*"`,
}

func (r *reader) subject(item text) {
	if item.Value != "config" {
		r.approver(item)
	}
}

// approver checks somebody who can press: everybody in a rule's who but the configuration file itself.
func (r *reader) approver(item text) {
	value := item.Value
	if isSubject(value) {
		return
	}
	hint := "Write " + exampleOf["approvers"] + "."
	switch {
	case value == "config":
		hint = "The configuration file can ask for something, but cannot approve."
	case strings.HasPrefix(value, "@"), strings.HasPrefix(value, "user:"):
		hint = "Slack knows people by id, such as user:U024BE7LH: open the profile and choose to copy the member id."
	case strings.HasPrefix(value, "group:"):
		hint = "Slack knows user groups by id, such as group:S0614TZR7: it is at the end of the group's address in the browser."
	}
	r.problem(item.Line, fmt.Sprintf("%s is nobody a rule can name.", quoted(value)), hint)
}

func (r *reader) commandGlob(item text) {
	if command.MatchString(item.Value) {
		return
	}
	hint := `Write a command's name in lower case; * stands for any letters and spaces: "vm *", "* list".`
	if strings.HasPrefix(item.Value, "/") {
		hint = `Leave the slash command out: "vm list" is the same from every slash command.`
	}
	r.problem(item.Line, fmt.Sprintf("%s is not a command's name.", quoted(item.Value)), hint)
}

func (r *reader) place(item text) {
	id, ok := strings.CutPrefix(item.Value, "channel:")
	if item.Value == "*" || ok && isChannel(id) {
		return
	}
	hint := "Write " + exampleOf["where"] + "."
	if ok || strings.HasPrefix(item.Value, "#") {
		hint = "Slack knows channels by id, such as channel:C024BE91L: it is at the end of the channel's details."
	}
	r.problem(item.Line, fmt.Sprintf("%s is not a place.", quoted(item.Value)), hint)
}

// channel tells whether a channel's id was written and can be one.
func (r *reader) channel(value text, key string) {
	if id, prefixed := strings.CutPrefix(value.Value, "channel:"); prefixed && isChannel(id) {
		r.problem(value.Line, key+" takes the id alone.", "Write "+id+".")
		return
	}
	if !isChannel(value.Value) {
		r.problem(value.Line, fmt.Sprintf("%s is %s, which is not a channel's id.", key, quoted(value.Value)), "Ids look like C024BE91L; a channel's is at the end of its details.")
	}
}

func (r *reader) on(raw pairs) map[string]string {
	if raw.Line == 0 {
		return nil
	}
	if len(raw.Items) == 0 && !raw.bad {
		r.problem(raw.Line, "A rule's on is empty.", "Write a condition such as {env: prod}, or leave on out.")
	}
	conditions := make(map[string]string, len(raw.Items))
	for _, item := range raw.Items {
		if item.Key.Value == "" && !item.Key.bad {
			r.problem(item.Key.Line, "A condition of on has no key.", "Write account, region or the key of a tag.")
		}
		if item.Value.Value == "" && !item.Value.bad {
			r.problem(item.Value.Line, fmt.Sprintf("The condition on %s has no value.", quoted(item.Key.Value)), `Write the value to look for; "*" is any value.`)
		}
		if item.Key.Value == Kept && item.Value.Value != elsewhere && !item.Value.bad {
			r.problem(item.Value.Line, fmt.Sprintf("The condition on kept is %s, and can only be elsewhere: what CloudFormation, Terraform or Pulumi keeps.", quoted(item.Value.Value)), "Write {kept: elsewhere}.")
		}
		conditions[item.Key.Value] = item.Value.Value
	}
	return conditions
}

// ceiling reads the price above which a rule speaks.
func (r *reader) ceiling(raw rawRule, value number, key string) *int {
	switch {
	case value.Line == 0 || value.bad:
		return nil
	case value.Value < 0:
		r.problem(value.Line, fmt.Sprintf("%s is %d; it cannot be less than nothing.", key, value.Value), "Write dollars a month, such as 100; 0 is everything that costs.")
	case raw.Effect.Value == "allow":
		r.problem(value.Line, "A rule with the effect allow has no "+key+": it would open what is dear, or of an unknown price, alone.", "Write effect: ask, confirm or deny, and put the rule before the one that allows.")
	}
	return &value.Value
}

func (r *reader) approvals(raw rawTier) int {
	count := r.atLeastOne(raw.Approvals, "approvals", 1)
	people := map[string]bool{}
	for _, item := range raw.Approvers.Items {
		people[r.oneself(item.Value)] = true
		if item.Value == "*" || strings.HasPrefix(item.Value, "group:") {
			return count // as many as there are
		}
	}
	if len(people) > 0 && count > len(people) {
		r.problem(raw.Approvals.Line, fmt.Sprintf("approvals is %d, but only %d can approve.", count, len(people)), "Lower the number, or name more approvers.")
	}
	return count
}

func (r *reader) onlyForAsk(line int, key, effect string) {
	if line != 0 {
		r.problem(line, fmt.Sprintf("A rule with the effect %s has no %s.", effect, key), "Remove them, or write effect: ask.")
	}
}
