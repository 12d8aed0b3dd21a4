package policy_test

import (
	"testing"

	"deckhand/bot"
	"deckhand/bot/policy"
	"deckhand/commands"
	"deckhand/config"
)

func TestOneRuleThatAsksForASecondFactorIsEnough(t *testing.T) {
	t.Parallel()
	prod := map[string]string{"env": "prod"}
	rule := func(effect string, on map[string]string, factor bool) config.Rule {
		return config.Rule{Who: []string{"*"}, What: []string{"*"}, On: on, Effect: effect, SecondFactor: factor, Approvers: []string{"user:U_BOB"}, Approvals: 1}
	}
	tagged := func(env ...string) *commands.Scope {
		scope := &commands.Scope{}
		for _, value := range env {
			tags := map[string]string{"env": value}
			if value == "" {
				tags = nil
			}
			scope.Resources = append(scope.Resources, commands.Resource{ID: "i-" + value, Tags: tags})
		}
		return scope
	}
	for why, c := range map[string]struct {
		rules  []config.Rule
		scope  *commands.Scope
		effect bot.Effect
		factor bool
	}{
		"a rule without":                     {[]config.Rule{rule("confirm", nil, false)}, tagged("dev"), bot.Confirm, false},
		"a rule with":                        {[]config.Rule{rule("ask", nil, true)}, tagged("dev"), bot.Ask, true},
		"allow with is confirm with":         {[]config.Rule{rule("allow", nil, true)}, tagged("dev"), bot.Confirm, true},
		"of what it does not speak":          {[]config.Rule{rule("allow", prod, true), rule("allow", nil, false)}, tagged("dev"), bot.Allow, false},
		"of what is not tagged":              {[]config.Rule{rule("allow", prod, true), rule("allow", nil, false)}, tagged(""), bot.Confirm, true},
		"of one of two":                      {[]config.Rule{rule("allow", prod, true), rule("allow", nil, false)}, tagged("dev", "prod"), bot.Confirm, true},
		"beside a stricter rule of another":  {[]config.Rule{rule("confirm", prod, true), rule("ask", nil, false)}, tagged("prod", "dev"), bot.Ask, true},
		"and the other way round":            {[]config.Rule{rule("confirm", prod, true), rule("ask", nil, false)}, tagged("dev", "prod"), bot.Ask, true},
		"what may match beside what does":    {[]config.Rule{rule("confirm", prod, true), rule("ask", nil, false)}, tagged(""), bot.Ask, true},
		"a denial asks for nothing":          {[]config.Rule{rule("confirm", prod, true), rule("deny", nil, false)}, tagged(""), bot.Deny, false},
		"before it is known what it touches": {[]config.Rule{rule("confirm", prod, true), rule("allow", nil, false)}, nil, bot.Unsettled, true},
	} {
		got, err := policy.New(c.rules, nil).Decide(t.Context(), bot.AccessRequest{Asker: commands.Asker{User: "U_ANN"}, Command: "vm stop", Risk: commands.Change, Scope: c.scope})
		if err != nil || got.Effect != c.effect || got.SecondFactor != c.factor {
			t.Errorf("%s: %s, factor %v (%v), want %s, %v", why, got.Effect, got.SecondFactor, err, c.effect, c.factor)
		}
	}
}
