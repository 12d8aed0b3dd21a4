package policy_test

import (
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"

	"deckhand/bot"
	"deckhand/bot/policy"
	"deckhand/commands"
	"deckhand/config"
)

// pick draws from a few words, so that rules and questions meet often.
func pick[T any](r *rand.Rand, words ...T) T { return words[r.IntN(len(words))] }

func someRule(r *rand.Rand) config.Rule {
	rule := config.Rule{
		Who:    []string{pick(r, "*", "user:U1", "user:U2", "group:S_OPS", "group:S_LOST", "config", "terminal:ann")},
		What:   []string{pick(r, "*", "vm *", "* stop", "vm list", "net up")},
		Effect: pick(r, "allow", "confirm", "ask", "deny"),
	}
	if r.IntN(3) == 0 {
		rule.Where = []string{pick(r, "*", "channel:C1", "channel:C2")}
	}
	if r.IntN(2) == 0 {
		rule.On = map[string]string{pick(r, "env", "team", "region", "account"): pick(r, "*", "prod", "p*", "default", "us-east-1")}
	}
	if rule.Effect == "ask" {
		rule.Approvers = []string{pick(r, "user:U1", "user:U2", "*")}
	}
	return rule
}

func someResource(r *rand.Rand) commands.Resource {
	resource := commands.Resource{}
	if r.IntN(3) > 0 {
		resource.Tags = map[string]string{pick(r, "env", "team"): pick(r, "prod", "dev", "")}
	}
	return resource
}

func someQuestion(r *rand.Rand) bot.AccessRequest {
	question := bot.AccessRequest{
		Asker:   commands.Asker{User: pick(r, "U1", "U2", "U_ALICE", "config", "terminal:ann"), Channel: pick(r, "", "C1", "C2")},
		Source:  pick(r, bot.Slash, bot.Schedule, bot.Terminal),
		Command: pick(r, "vm stop", "vm list", "net up", "help"),
		Risk:    pick(r, commands.Read, commands.Change, commands.Destroy),
	}
	if r.IntN(3) > 0 {
		question.Scope = &commands.Scope{Account: pick(r, "", "prod"), Region: pick(r, "", "us-east-1", "eu-west-1")}
		for range r.IntN(3) {
			question.Scope.Resources = append(question.Scope.Resources, someResource(r))
		}
	}
	return question
}

var rank = map[bot.Effect]int{bot.Allow: 0, bot.Confirm: 1, bot.Ask: 2, bot.Deny: 3}

func FuzzPromises(f *testing.F) {
	for seed := range uint64(500) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 0))
		some := make([]config.Rule, r.IntN(6))
		for i := range some {
			some[i] = someRule(r)
		}
		question := someQuestion(r)
		decide := func(list []config.Rule, question bot.AccessRequest) (bot.Decision, error) {
			return policy.New(list, workspace()).Decide(t.Context(), question)
		}
		got, err := decide(some, question)
		if err != nil && got.Effect != bot.Deny {
			t.Errorf("an error came with %s", got.Effect)
		}
		if got.Effect == bot.Unsettled && (question.Scope != nil || question.Risk == commands.Read) {
			t.Errorf("%+v stays unsettled", question)
		}
		if got.Effect == bot.Ask && (len(got.Approvers) == 0 || got.Approvals < 1) {
			t.Errorf("asks nobody: %+v", got)
		}

		file := question.Source == bot.Schedule && question.Asker.User == "config"
		generous := func(rule config.Rule) bool { return rule.Effect == "allow" }
		if got.Effect == bot.Allow && !file && !slices.ContainsFunc(some, generous) {
			t.Errorf("allowed by %q, but no rule allows anything", got.Rule)
		}

		closed := append([]config.Rule{{Who: []string{"*"}, What: []string{"*"}, Effect: "deny"}}, some...)
		if got, err := decide(closed, question); err != nil || got.Effect != bot.Deny {
			t.Errorf("a policy that begins with a denial of everything answers %v, %v", got, err)
		}

		if err == nil && question.Scope != nil && len(question.Scope.Resources) > 0 {
			wider := question
			scope := *question.Scope
			scope.Resources = append(slices.Clone(scope.Resources), someResource(r))
			wider.Scope = &scope
			if more, err := decide(some, wider); err == nil && rank[more.Effect] < rank[got.Effect] {
				t.Errorf("%s became %s by one more resource\n%+v\n%+v", got.Effect, more.Effect, some, wider.Scope)
			}
		}

		refused := slices.Clone(some)
		if len(refused) > 0 {
			refused[r.IntN(len(refused))].Effect = "deny"
			if stricter, err := decide(refused, question); err == nil && got.Effect != bot.Unsettled && stricter.Effect == bot.Allow && got.Effect != bot.Allow {
				t.Errorf("turning a rule into a denial turned %s by %s into an allowance by %s", got.Effect, got.Rule, stricter.Rule)
			}
		}
	})
}

func FuzzGlobs(f *testing.F) {
	f.Add("vm *", "vm stop")
	f.Add("*a*b*", "xaxbx")
	f.Add("**", "")
	f.Fuzz(func(t *testing.T, glob, command string) {
		if len(glob) > 30 || len(command) > 60 {
			return
		}
		// The standard library's matcher does the same, once slashes and its own special characters are gone.
		plain := strings.NewReplacer("/", "_", "?", "_", "[", "_", "\\", "_", "]", "_")
		glob, command = plain.Replace(strings.ToValidUTF8(glob, "_")), plain.Replace(strings.ToValidUTF8(command, "_"))
		want, err := path.Match(glob, command)
		if err != nil {
			t.Fatal(err)
		}
		p := policy.New([]config.Rule{{Who: []string{"*"}, What: []string{glob}, Effect: "allow"}}, nil)
		got, err := p.Decide(t.Context(), bot.AccessRequest{Command: command})
		if err != nil || (got.Effect == bot.Allow) != want {
			t.Errorf("%q like %q: %v, %v; wanted %v", command, glob, got.Effect, err, want)
		}
	})
}

// BenchmarkDecide is the decision of a policy of ordinary size, at the acknowledgement of a read and with
// the scope of a change.
func BenchmarkDecide(b *testing.B) {
	p := policy.New(rules(b,
		`who: [user:U_EVE, user:U_MAL], what: "*", effect: deny`,
		`who: group:S_OPS, what: ["vm terminate", "net down"], where: channel:C_OPS, effect: ask, approvers: user:U_BOB`,
		`who: group:S_OPS, what: "vm *", on: {env: prod}, effect: ask, approvers: user:U_BOB`,
		`who: group:S_DBA, what: ["vm *", "net *"], on: {env: data, region: "us-*"}, effect: allow`,
		`who: group:S_OPS, what: ["vm *", "net *", "lb *"], where: [channel:C_DEV, channel:C_OPS], effect: allow`,
		`who: "*", what: ["* show", "* list", help], effect: allow`,
	), workspace())
	for name, question := range map[string]bot.AccessRequest{
		"a read":                       read("U_CAROL", "lambda list"),
		"a change of three resources":  touching(change("U_ALICE", "vm stop"), "env=dev", "env=dev", "env=test"),
		"a refusal after every rule":   change("U_CAROL", "lambda invoke"),
		"a change that needs approval": touching(change("U_ALICE", "vm stop"), "env=prod"),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Decide(b.Context(), question); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestDecidingAllocatesNothing(t *testing.T) {
	p := policy.New(rules(t, `who: group:S_OPS, what: "vm *", on: {env: prod}, effect: ask, approvers: user:U_BOB`, `who: "*", what: "*", effect: allow`), workspace())
	question := touching(change("U_ALICE", "vm stop"), "env=dev")
	ctx := t.Context()
	allocations := testing.AllocsPerRun(100, func() {
		if got, err := p.Decide(ctx, question); err != nil || got.Effect != bot.Allow {
			t.Error(got, err)
		}
	})
	if allocations != 0 {
		t.Errorf("%v allocations a decision", allocations)
	}
}
