package sdk_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"deckhand/aws"
)

func TestTheIdentityTellsWhoAndHowFarTheClockIs(t *testing.T) {
	t.Parallel()
	_, c := wired(t, map[string]http.HandlerFunc{"GetCallerIdentity": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
		xml(`<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::123456789012:assumed-role/deckhand/i-0abc</Arn>`+
			`<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)(w, r)
	}})
	who, err := c.Identity(t.Context(), here)
	must(t, err)
	if who.Account != "123456789012" || who.Region != "us-east-1" {
		t.Errorf("it is %+v", who)
	}
	if behind := -who.Skew; behind < 59*time.Minute || behind > 61*time.Minute {
		t.Errorf("the clock is %s apart, want an hour behind", who.Skew)
	}
}

func TestMissingRightsAreThoseOfTheRoleBehindASession(t *testing.T) {
	t.Parallel()
	e, c := wired(t, map[string]http.HandlerFunc{
		"GetRole": xml(`<GetRoleResponse><GetRoleResult><Role><RoleName>deckhand</RoleName><Path>/ops/</Path>` +
			`<Arn>arn:aws:iam::123456789012:role/ops/deckhand</Arn></Role></GetRoleResult></GetRoleResponse>`),
		"SimulatePrincipalPolicy": xml(`<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated><EvaluationResults>` +
			`<member><EvalActionName>ec2:StopInstances</EvalActionName><EvalDecision>implicitDeny</EvalDecision></member>` +
			`<member><EvalActionName>ec2:DescribeInstances</EvalActionName><EvalDecision>allowed</EvalDecision></member>` +
			`</EvaluationResults></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>`),
	})
	missing, err := c.MissingRights(t.Context(), here, aws.Identity{ARN: "arn:aws:sts::123456789012:assumed-role/deckhand/i-0abc"},
		[]string{"ec2:DescribeInstances", "ec2:StopInstances"})
	must(t, err)
	if !slices.Equal(missing, []string{"ec2:StopInstances"}) {
		t.Errorf("missing %v", missing)
	}
	wantFields(t, e.sent("SimulatePrincipalPolicy")[0], map[string]string{
		"PolicySourceArn": "arn:aws:iam::123456789012:role/ops/deckhand", "ActionNames.member.1": "ec2:DescribeInstances",
		"ActionNames.member.2": "ec2:StopInstances",
	})
}
