package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"deckhand/bot"
	"deckhand/bot/policy"
)

func TestGrants(t *testing.T) {
	t.Parallel()
	written := []string{
		`who: group:S_INTERNS, what: "*", effect: deny`,
		`who: [group:S_OPS, user:U_ALICE], what: "vm *", on: {env: prod}, effect: ask, approvers: user:U_BOB`,
		`who: group:S_OPS, what: "vm *", effect: allow`,
		`who: user:U_CAROL, what: "vm *", where: channel:C_ELSEWHERE, effect: allow`,
		`who: "*", what: "* list", effect: allow`,
	}
	for _, c := range []struct {
		sentence string
		question bot.AccessRequest
		want     string
	}{
		{"without a resource it depends on the tags", change("", "vm stop"), "group:S_OPS unsettled by rule 2 (line 4), user:U_ALICE unsettled by rule 2 (line 4)"},
		{"on prod they ask", touching(change("", "vm stop"), "env=prod"), "group:S_OPS ask by rule 2 (line 4), user:U_ALICE ask by rule 2 (line 4)"},
		{"on dev only the group may", touching(change("", "vm stop"), "env=dev"), "group:S_OPS allow by rule 3 (line 5)"},
		{"in another place another may", at(touching(change("", "vm stop"), "env=dev"), "C_ELSEWHERE"), "group:S_OPS allow by rule 3 (line 5), user:U_CAROL allow by rule 4 (line 6)"},
		{
			"everybody reads, who is denied does not", read("", "net list"),
			"group:S_OPS allow by rule 5 (line 7), user:U_ALICE allow by rule 5 (line 7), user:U_CAROL allow by rule 5 (line 7), * allow by rule 5 (line 7)",
		},
		{"nobody", change("", "net up"), ""},
	} {
		var got []string
		for _, grant := range policy.New(rules(t, written...), nil).Grants(c.question) { // asks no group
			got = append(got, fmt.Sprint(grant.Subject, " ", grant.Decision.Effect, " by ", grant.Decision.Rule))
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %s\nwant %s", c.sentence, strings.Join(got, ", "), c.want)
		}
	}
}
