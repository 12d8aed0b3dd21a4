package policy_test

import (
	"strings"
	"testing"

	"deckhand/bot"
	"deckhand/bot/policy"
	"deckhand/commands"
)

// costing gives a question a scope with a bill: dollars a month of its parts, a negative one is unknown.
func costing(question bot.AccessRequest, parts ...float64) bot.AccessRequest {
	bill := &commands.Bill{}
	for _, month := range parts {
		var err error
		if month < 0 {
			err = &commands.Error{Kind: commands.Denied, Message: "AWS refused."}
		}
		bill.Add("1 machine", month/730, err)
	}
	question.Scope = &commands.Scope{Region: "us-east-1", Bill: bill, Resources: []commands.Resource{{ID: "new"}}}
	return question
}

func TestACeilingOnWhatLinesCost(t *testing.T) {
	t.Parallel()
	p := policy.New(rules(t,
		`who: "*", what: "*", cost_above: 1000, effect: deny`,
		`who: "*", what: ["* create", "* up"], cost_above: 100, effect: ask, approvers: user:U_BOB`,
		`who: "*", what: "*", effect: allow`,
	), nil)
	for name, c := range map[string]struct {
		question bot.AccessRequest
		effect   bot.Effect
		why      string
	}{
		"what it costs is not looked up yet":        {change("U_ALICE", "vm create"), bot.Unsettled, ""},
		"a question is not asked what it costs":     {read("U_ALICE", "vm list"), bot.Allow, ""},
		"below":                                     {costing(change("U_ALICE", "vm create"), 60), bot.Allow, ""},
		"just as much":                              {costing(change("U_ALICE", "vm create"), 40, 60), bot.Allow, ""},
		"above":                                     {costing(change("U_ALICE", "vm create"), 60, 60), bot.Ask, "It costs more than the $100 a month of this rule: $0.1644 an hour, $120.00 a month: 1 machine $60.00, 1 machine $60.00."},
		"far above":                                 {costing(change("U_ALICE", "vm create"), 1200), bot.Deny, "$1000 a month"},
		"not known at all counts as above":          {costing(change("U_ALICE", "lb create"), -1), bot.Deny, "not known for certain, which counts as more than the $1000 a month of this rule: unknown: 1 machine (AWS refused)."},
		"known in part counts as above":             {costing(change("U_ALICE", "lb create"), 5, -1), bot.Deny, "at least $0.0068 an hour, $5.00 a month"},
		"a line that makes nothing that costs":      {costing(change("U_ALICE", "net up")), bot.Allow, ""},
		"a line that says nothing of what it costs": {touching(change("U_ALICE", "vm stop"), "env=dev"), bot.Allow, ""},
		"another verb below the higher ceiling":     {costing(change("U_ALICE", "vm resize"), 500), bot.Allow, ""},
	} {
		got, err := p.Decide(t.Context(), c.question)
		if err != nil || got.Effect != c.effect || !strings.Contains(got.Why, c.why) || (c.why == "") != (got.Why == "") {
			t.Errorf("%s: %s %q, %v", name, got.Effect, got.Why, err)
		}
	}
}
