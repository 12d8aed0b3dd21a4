package policy_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"deckhand/bot"
	"deckhand/bot/policy"
	"deckhand/commands"
	"deckhand/config"
)

// groups is a workspace with user groups; an unknown one cannot be looked up.
type groups map[string][]string

func (g groups) Members(_ context.Context, group string) ([]string, error) {
	members, ok := g[group]
	if !ok {
		return nil, errors.New("slack did not answer")
	}
	return members, nil
}

func workspace() groups {
	return groups{"S_OPS": {"U_ALICE", "U_BOB"}, "S_DBA": {"U_DORA"}}
}

// rules reads rules as the configuration file has them, so that the tests show what people write.
func rules(t testing.TB, lines ...string) []config.Rule {
	t.Helper()
	var file strings.Builder
	file.WriteString("aws: {region: us-east-1, accounts: [{name: prod, role_arn: \"arn:aws:iam::123456789012:role/deckhand\"}]}\npolicy:\n")
	for _, line := range lines {
		file.WriteString("  - {" + line + "}\n")
	}
	valid, err := config.Parse("test", []byte(file.String()), nil)
	if err != nil {
		t.Fatal(err)
	}
	return valid.Policy
}

func change(user, line string) bot.AccessRequest {
	return bot.AccessRequest{Asker: commands.Asker{User: user, Channel: "C_OPS"}, Source: bot.Slash, Command: line, Risk: commands.Change}
}

func read(user, line string) bot.AccessRequest {
	question := change(user, line)
	question.Risk = commands.Read
	return question
}

// touching gives a question a scope of resources, each written as its tags: "env=prod,team=web".
func touching(question bot.AccessRequest, resources ...string) bot.AccessRequest {
	scope := &commands.Scope{Region: "us-east-1"}
	for _, resource := range resources {
		tags := map[string]string{}
		for pair := range strings.SplitSeq(resource, ",") {
			if key, value, ok := strings.Cut(pair, "="); ok {
				tags[key] = value
			}
		}
		scope.Resources = append(scope.Resources, commands.Resource{Tags: tags})
	}
	question.Scope = scope
	return question
}

func in(question bot.AccessRequest, account, region string) bot.AccessRequest {
	question.Scope = &commands.Scope{Account: account, Region: region}
	return question
}

func at(question bot.AccessRequest, channel string) bot.AccessRequest {
	question.Asker.Channel = channel
	return question
}

func fromFile(question bot.AccessRequest) bot.AccessRequest {
	question.Asker.User, question.Source = "config", bot.Schedule
	return question
}

func terminal(question bot.AccessRequest) bot.AccessRequest {
	question.Asker.Channel, question.Source = "", bot.Terminal
	return question
}

func TestDecide(t *testing.T) {
	t.Parallel()
	const (
		anyoneReads  = `who: "*", what: ["* list", help], effect: allow`
		opsChange    = `who: group:S_OPS, what: "vm *", effect: allow`
		opsAskOnProd = `who: group:S_OPS, what: "vm *", on: {env: prod}, effect: ask, approvers: user:U_BOB`
		denyProd     = `who: "*", what: "vm *", on: {env: "prod*"}, effect: deny`
		allowDev     = `who: "*", what: "vm *", on: {env: dev}, effect: allow`
		confirmDev   = `who: "*", what: "vm *", on: {env: dev}, effect: confirm`
		confirmKept  = `who: "*", what: "*", on: {kept: elsewhere}, effect: confirm`
		denyUnknown  = `who: group:S_LOST, what: "vm *", effect: deny`
		allowUnknown = `who: group:S_LOST, what: "vm *", effect: allow`
		askUnknown   = `who: group:S_LOST, what: "vm *", effect: ask, approvers: user:U_BOB`
		everything   = `who: "*", what: "*", effect: allow`
		nothing      = `who: "*", what: "*", effect: deny`
	)
	stop := change("U_ALICE", "vm stop")
	list := read("U_EVE", "vm list")
	for _, c := range []struct {
		sentence string
		rules    []string
		question bot.AccessRequest
		effect   bot.Effect
		rule     string
	}{
		{"what no rule matches is refused", nil, stop, bot.Deny, "no rule"},
		{"the first rule that matches decides", []string{anyoneReads, nothing}, list, bot.Allow, "rule 1 (line 3)"},
		{"the first rule that matches decides, a refusal too", []string{nothing, everything}, list, bot.Deny, "rule 1 (line 3)"},
		{"a star stands for any words", []string{anyoneReads}, read("U_EVE", "net sg list"), bot.Allow, "rule 1 (line 3)"},
		{"a star does not stand for the space before it", []string{opsChange}, change("U_ALICE", "vm"), bot.Deny, "no rule"},
		{"a name without a star is that name alone", []string{anyoneReads}, read("U_EVE", "help me"), bot.Deny, "no rule"},
		{"a member of the group may", []string{opsChange}, stop, bot.Allow, "rule 1 (line 3)"},
		{"who is not in the group may not", []string{opsChange}, change("U_EVE", "vm stop"), bot.Deny, "no rule"},
		{"a user is named by id", []string{`who: user:U_EVE, what: "*", effect: allow`}, change("U_EVE", "vm stop"), bot.Allow, "rule 1 (line 3)"},
		{"nobody's id is a part of another's", []string{`who: user:U_EVE, what: "*", effect: allow`}, change("U_EVE2", "vm stop"), bot.Deny, "no rule"},
		{
			"a terminal is named by its login",
			[]string{`who: "terminal:ann", what: "*", effect: allow`},
			terminal(change("terminal:ann", "vm stop")),
			bot.Allow, "rule 1 (line 3)",
		},
		{"a terminal is in no group", []string{allowUnknown}, terminal(change("terminal:ann", "vm stop")), bot.Deny, "no rule"},

		{
			"a rule for a channel holds there",
			[]string{`who: "*", what: "*", where: channel:C_OPS, effect: allow`},
			stop, bot.Allow, "rule 1 (line 3)",
		},
		{"and nowhere else", []string{`who: "*", what: "*", where: channel:C_OPS, effect: allow`}, at(stop, "C_GENERAL"), bot.Deny, "no rule"},
		{"nor in a terminal", []string{`who: "*", what: "*", where: channel:C_OPS, effect: allow`}, terminal(stop), bot.Deny, "no rule"},
		{"a star is every place", []string{`who: "*", what: "*", where: "*", effect: allow`}, terminal(stop), bot.Allow, "rule 1 (line 3)"},

		{"a condition on a tag holds for what has it", []string{opsAskOnProd, opsChange}, touching(stop, "env=prod"), bot.Ask, "rule 1 (line 3)"},
		{"and not for what has another", []string{opsAskOnProd, opsChange}, touching(stop, "env=dev"), bot.Allow, "rule 2 (line 4)"},
		{
			"a harmless resource opens nothing for a guarded one beside it",
			[]string{opsAskOnProd, opsChange},
			touching(stop, "env=dev", "env=prod", "env=dev"),
			bot.Ask, "rule 1 (line 3)",
		},
		{"one forbidden resource forbids the line", []string{denyProd, everything}, touching(stop, "env=dev", "env=prod-2"), bot.Deny, "rule 1 (line 3)"},
		{"an allowance has to cover every resource", []string{allowDev}, touching(stop, "env=dev", "env=test"), bot.Deny, "no rule"},
		{
			"several allowances may cover them together",
			[]string{allowDev, `who: "*", what: "*", on: {env: test}, effect: allow`},
			touching(stop, "env=dev", "env=test"),
			bot.Allow, "rule 1 (line 3)",
		},
		{
			"all conditions of a rule must hold for a resource",
			[]string{`who: "*", what: "*", on: {env: prod, team: web}, effect: deny`, everything},
			touching(stop, "env=prod,team=db", "env=dev,team=web"),
			bot.Allow, "rule 2 (line 4)",
		},
		{
			"resources that ask different people are to be asked for one by one",
			[]string{
				`who: "*", what: "*", on: {env: prod}, effect: ask, approvers: user:U_BOB`,
				`who: "*", what: "*", on: {env: data}, effect: ask, approvers: group:S_DBA`,
			},
			touching(stop, "env=prod", "env=data"),
			bot.Deny, "rule 1 (line 3) and rule 2 (line 4) ask different people; send a line for each",
		},
		{"no condition of a denial is met by an empty tag", []string{denyProd, everything}, touching(stop, "env="), bot.Allow, "rule 2 (line 4)"},

		{"an untagged resource may be anything: an allowance does not match", []string{allowDev}, touching(stop, ""), bot.Deny, "no rule"},
		{"a confirmation does", []string{confirmDev}, touching(stop, ""), bot.Confirm, "rule 1 (line 3)"},
		{"asking does", []string{opsAskOnProd, opsChange}, touching(stop, ""), bot.Ask, "rule 1 (line 3)"},
		{"a denial does", []string{denyProd, everything}, touching(stop, ""), bot.Deny, "rule 1 (line 3)"},
		{"and of several that may match the strictest counts", []string{confirmDev, opsAskOnProd, everything}, touching(stop, ""), bot.Ask, "rule 2 (line 4)"},
		{"a stricter rule behind them counts too", []string{confirmDev, nothing}, touching(stop, ""), bot.Deny, "rule 2 (line 4)"},
		{"what touches nothing yet is like an untagged resource", []string{opsAskOnProd, opsChange}, touching(stop), bot.Ask, "rule 1 (line 3)"},
		{"what CloudFormation keeps is kept elsewhere", []string{confirmKept, everything}, touching(stop, "aws:cloudformation:stack-name=shop"), bot.Confirm, "rule 1 (line 3)"},
		{"and what Terraform does", []string{confirmKept, everything}, touching(stop, "managed-by=terraform"), bot.Confirm, "rule 1 (line 3)"},
		{"an untagged resource is kept nowhere else", []string{confirmKept, everything}, touching(stop, ""), bot.Allow, "rule 2 (line 4)"},
		{"nor is one that deckhand made", []string{confirmKept, everything}, touching(stop, "deckhand:request=R-1"), bot.Allow, "rule 2 (line 4)"},
		{"where it is not known, the tags are asked for", []string{confirmKept, everything}, stop, bot.Unsettled, "rule 1 (line 3)"},
		{"a region that is not known may be any", []string{`who: "*", what: "*", on: {region: "eu-*"}, effect: deny`, everything}, in(stop, "", ""), bot.Deny, "rule 1 (line 3)"},
		{"a region is a glob", []string{`who: "*", what: "*", on: {region: "eu-*"}, effect: allow`}, in(stop, "", "eu-west-1"), bot.Allow, "rule 1 (line 3)"},
		{"another region is another", []string{`who: "*", what: "*", on: {region: "eu-*"}, effect: allow`}, in(stop, "", "us-east-1"), bot.Deny, "no rule"},
		{"an account is named as in the file", []string{`who: "*", what: "*", on: {account: prod}, effect: deny`, everything}, in(stop, "prod", "us-east-1"), bot.Deny, "rule 1 (line 3)"},
		{"the bot's own account is called default", []string{`who: "*", what: "*", on: {account: default}, effect: allow`}, in(stop, "", "us-east-1"), bot.Allow, "rule 1 (line 3)"},

		{"without the scope a rule with conditions settles nothing", []string{opsAskOnProd, opsChange}, stop, bot.Unsettled, "rule 1 (line 3)"},
		{"not even a denial", []string{denyProd, everything}, stop, bot.Unsettled, "rule 1 (line 3)"},
		{"nor one for a group that cannot be looked up", []string{`who: group:S_LOST, what: "*", on: {env: dev}, effect: allow`}, stop, bot.Unsettled, "rule 1 (line 3)"},
		{"a rule for other people leaves it settled", []string{opsAskOnProd, everything}, change("U_EVE", "vm stop"), bot.Allow, "rule 2 (line 4)"},
		{"a rule before it settles it", []string{opsChange, opsAskOnProd}, stop, bot.Allow, "rule 1 (line 3)"},
		{"a read is settled at once: asking guards what is changed", []string{opsAskOnProd, opsChange}, read("U_ALICE", "vm list"), bot.Allow, "rule 2 (line 4)"},
		{"a conditional allowance opens no read", []string{allowDev}, list, bot.Deny, "no rule"},
		{"a conditional denial closes it", []string{denyProd, anyoneReads}, list, bot.Deny, "rule 1 (line 3)"},
		{"unless a rule before it opens it", []string{anyoneReads, denyProd}, list, bot.Allow, "rule 1 (line 3)"},
		{"a read with a scope is judged by it", []string{denyProd, anyoneReads}, touching(list, "env=dev"), bot.Allow, "rule 2 (line 4)"},

		{"an unknown group is denied what its rule denies", []string{denyUnknown, everything}, stop, bot.Deny, "rule 1 (line 3)"},
		{"an unknown group opens nothing, and a later rule decides", []string{allowUnknown, opsChange}, stop, bot.Allow, "rule 2 (line 4)"},
		{
			"who is named beside an unknown group is known",
			[]string{`who: [group:S_LOST, user:U_ALICE], what: "*", effect: ask, approvers: user:U_BOB`},
			stop, bot.Ask, "rule 1 (line 3)",
		},

		{"the file's own timetable is allowed without a rule", nil, fromFile(stop), bot.Allow, "the configuration file's timetable"},
		{"it is not asked for approval", []string{askUnknown, `who: "*", what: "*", effect: ask, approvers: user:U_BOB`}, fromFile(stop), bot.Allow, "the configuration file's timetable"},
		{"a denial that comes first holds for it", []string{nothing}, fromFile(stop), bot.Deny, "rule 1 (line 3)"},
		{"a rule for it may come before", []string{`who: config, what: "vm *", effect: allow`, nothing}, fromFile(stop), bot.Allow, "the configuration file's timetable"},
		{"a conditional denial is settled with the scope", []string{denyProd}, fromFile(stop), bot.Unsettled, "rule 1 (line 3)"},
		{"and then holds", []string{denyProd}, touching(fromFile(stop), "env=prod"), bot.Deny, "rule 1 (line 3)"},
		{
			"it may touch what would ask different people",
			[]string{
				`who: "*", what: "*", on: {env: prod}, effect: ask, approvers: user:U_BOB`,
				`who: "*", what: "*", on: {env: data}, effect: ask, approvers: group:S_DBA`,
			},
			touching(fromFile(stop), "env=prod", "env=data"),
			bot.Allow, "the configuration file's timetable",
		},
		{"who claims its name at a terminal is nobody", []string{`who: config, what: "*", effect: allow`}, terminal(change("config", "vm stop")), bot.Deny, "no rule"},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			t.Parallel()
			got, err := policy.New(rules(t, c.rules...), workspace()).Decide(t.Context(), c.question)
			if err != nil {
				t.Fatal(err)
			}
			if got.Effect != c.effect || got.Rule != c.rule {
				t.Errorf("%s by %s, wanted %s by %s", got.Effect, got.Rule, c.effect, c.rule)
			}
		})
	}
}

func TestNothingIsDecidedWhereAnUnknownGroupMatters(t *testing.T) {
	t.Parallel()
	for sentence, lines := range map[string][]string{
		"nothing else matches":              {`who: group:S_LOST, what: "*", effect: allow`},
		"asking may have been meant":        {`who: group:S_LOST, what: "*", effect: ask, approvers: user:U_BOB`, `who: "*", what: "*", effect: allow`},
		"a confirmation may have been too":  {`who: group:S_LOST, what: "*", effect: confirm`, `who: "*", what: "*", effect: allow`},
		"the person is in none of the rest": {`who: [group:S_DBA, group:S_LOST], what: "*", effect: allow`},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			for _, known := range []bot.Groups{workspace(), nil} {
				got, err := policy.New(rules(t, lines...), known).Decide(t.Context(), change("U_ALICE", "vm stop"))
				if err == nil || got.Effect != bot.Deny {
					t.Errorf("%v, %v; wanted an error with Deny", got, err)
				}
			}
		})
	}
}

func TestAskingNamesWhoApproves(t *testing.T) {
	t.Parallel()
	p := policy.New(rules(t, `who: "*", what: "*", effect: ask, approvers: [user:U_BOB, group:S_DBA], approvals: 2`), workspace())
	got, err := p.Decide(t.Context(), change("U_ALICE", "vm stop"))
	want := bot.Decision{Effect: bot.Ask, Rule: "rule 1 (line 3)", Approvers: []string{"user:U_BOB", "group:S_DBA"}, Approvals: 2}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v; wanted %+v", got, err, want)
	}
	byHand := policy.New([]config.Rule{{Who: []string{"*"}, What: []string{"*"}, Effect: "ask", Approvers: []string{"*"}}}, nil)
	got, err = byHand.Decide(t.Context(), change("U_ALICE", "vm stop"))
	if err != nil || got.Approvals != 1 || got.Rule != "rule 1" {
		t.Errorf("a rule made by hand answers %+v, %v", got, err)
	}
}

func TestMatches(t *testing.T) {
	t.Parallel()
	p := policy.New(nil, workspace())
	for _, c := range []struct {
		sentence string
		user     string
		subjects []string
		want     bool
		unknown  bool
	}{
		{"a user by id", "U_BOB", []string{"user:U_ALICE", "user:U_BOB"}, true, false},
		{"a member of a group", "U_DORA", []string{"group:S_OPS", "group:S_DBA"}, true, false},
		{"everybody", "U_EVE", []string{"*"}, true, false},
		{"a terminal", "terminal:ann", []string{"terminal:ann"}, true, false},
		{"nobody", "U_EVE", nil, false, false},
		{"somebody else", "U_EVE", []string{"user:U_BOB", "group:S_OPS", "terminal:U_EVE"}, false, false},
		{"a member whatever is unknown beside", "U_DORA", []string{"group:S_LOST", "group:S_DBA"}, true, false},
		{"perhaps a member of what is unknown", "U_EVE", []string{"group:S_LOST", "group:S_DBA"}, false, true},
		{"who claims to be the configuration file", "config", []string{"config", "group:S_LOST"}, false, false},
	} {
		got, err := p.Matches(t.Context(), c.user, c.subjects)
		if got != c.want || (err != nil) != c.unknown {
			t.Errorf("%s: %v, %v", c.sentence, got, err)
		}
	}
}

func TestWhoCan(t *testing.T) {
	t.Parallel()
	p := policy.New(rules(t,
		`who: user:U_EVE, what: "*", effect: deny`,
		`who: "*", what: "vm *", on: {env: prod}, effect: deny`,
		`who: [group:S_OPS, config], what: "vm *", where: channel:C_OPS, effect: ask, approvers: user:U_BOB`,
		`who: [user:U_DORA, user:U_EVE, group:S_OPS], what: "vm *", effect: allow`,
		`who: "*", what: "* list", effect: allow`,
		`who: "*", what: "*", effect: deny`,
		`who: user:U_LATE, what: "*", effect: allow`,
	), nil)
	for _, c := range []struct {
		command, channel string
		want             []string
	}{
		{"vm stop", "C_OPS", []string{"group:S_OPS", "user:U_DORA"}},
		{"vm stop", "C_GENERAL", []string{"user:U_DORA", "group:S_OPS"}},
		{"vm list", "C_OPS", []string{"*"}},
		{"net up", "C_OPS", nil},
	} {
		if got := p.WhoCan(c.command, c.channel); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s in %s: %v, wanted %v", c.command, c.channel, got, c.want)
		}
	}
}
