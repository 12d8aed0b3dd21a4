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

// after gives a question's scope what was made before it today: dollars a month by line, a negative one is unknown.
func after(question bot.AccessRequest, months ...float64) bot.AccessRequest {
	question.Scope.Today = &commands.Today{Day: "2026-11-26", Zone: "Europe/Berlin", Channel: "C1"}
	for i, month := range months {
		bill := costing(question, month).Scope.Bill
		question.Scope.Today.Made = append(question.Scope.Today.Made, commands.Made{Request: int64(i + 1), Line: "vm create", Bill: *bill})
	}
	return question
}

func TestACeilingOnWhatADayCosts(t *testing.T) {
	t.Parallel()
	p := policy.New(rules(t,
		`who: "*", what: "*", cost_above: 1000, cost_above_today: 50, effect: deny`,
		`who: "*", what: "* create", cost_above_today: 500, effect: ask, approvers: user:U_BOB`,
		`who: "*", what: "*", effect: allow`,
	), nil)
	create := func() bot.AccessRequest { return change("U_ALICE", "vm create") }
	for name, c := range map[string]struct {
		question bot.AccessRequest
		effect   bot.Effect
		why      string
	}{
		"nothing is looked up yet":              {create(), bot.Unsettled, ""},
		"the first of the day":                  {after(costing(create(), 60)), bot.Allow, ""},
		"just as much together":                 {after(costing(create(), 60), 40, 400), bot.Allow, ""},
		"nobody counts days":                    {costing(create(), 60), bot.Allow, ""},
		"above together":                        {after(costing(create(), 60), 41, 400), bot.Ask, "Together with what was made from this channel today (2026-11-26, Europe/Berlin), it costs more than the $500 a month of this rule: $441.00 of it is used ($400.00 by R-2 vm create and $41.00 by R-1 vm create), and this adds $60.00. What is removed again on the same day still counts."},
		"above alone":                           {after(costing(create(), 501)), bot.Ask, "$500 a month of this rule: nothing is used, and this adds $501.00."},
		"many lines":                            {after(costing(create(), 1), 100, 100, 100, 100, 90, 9, 8), bot.Ask, "$90.00 by R-5 vm create and 2 other lines)"},
		"its own price is not known":            {after(costing(create(), -1), 1), bot.Deny, "$1.00 of it is used ($1.00 by R-1 vm create), and this adds unknown: 1 machine (AWS refused)."},
		"that of an earlier line is not known":  {after(costing(create(), 1), 1, -1), bot.Ask, "not known for certain, which counts as more than the $500 a month of this rule: at least $1.00 of it is used (an unknown price by R-2 vm create and $1.00 by R-1 vm create), and this adds $1.00."},
		"both ceilings of a rule":               {after(costing(create(), 1200), 1), bot.Deny, "It costs more than the $1000 a month of this rule: $1.6438 an hour, $1200.00 a month. Together with"},
		"a line that makes nothing of any cost": {after(costing(create()), 900), bot.Allow, ""},
	} {
		got, err := p.Decide(t.Context(), c.question)
		if err != nil || got.Effect != c.effect || !strings.Contains(marked(got.Why), c.why) || (c.why == "") != (got.Why == "") {
			t.Errorf("%s: %s %q, %v", name, got.Effect, marked(got.Why), err)
		}
	}
}

// marked writes marks as a terminal shows them, without its dress.
func marked(why string) string {
	return commands.RenderText(commands.Report{Body: commands.Blocks{commands.Text{Text: why}}})
}
