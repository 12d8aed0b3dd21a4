package sdk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"deckhand/aws"
	"deckhand/aws/sandbox"
	"deckhand/aws/sdk"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"
)

// entries keeps what STS is asked for, in front of a sandbox.
type entries struct {
	mu  sync.Mutex
	ins []*sts.AssumeRoleInput
}

func (e *entries) option(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Entries", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		if asked, ok := in.Parameters.(*sts.AssumeRoleInput); ok {
			e.mu.Lock()
			e.ins = append(e.ins, asked)
			e.mu.Unlock()
		}
		return next.HandleInitialize(ctx, in)
	}), middleware.Before)
}

func (e *entries) words() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []string
	for _, in := range e.ins {
		out = append(out, awssdk.ToString(in.RoleSessionName)+" "+awssdk.ToString(in.SourceIdentity))
	}
	return out
}

func TestWhoActsEntersAnAccountThemselves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, seen := sandbox.New(sandbox.Options{}), &entries{}
		s := twoAccounts()
		s.Region, s.Credentials = "us-east-1", w.Credentials()
		s.Options = []func(*middleware.Stack) error{w.Option(), seen.option}
		c, err := sdk.New(t.Context(), s)
		must(t, err)
		test := aws.Target{Account: "test"}
		for _, errand := range []sdk.Errand{
			{User: "U_ALICE", Actions: []string{"ec2:DescribeInstances"}}, // reads
			{User: "U_ALICE", Actions: []string{"ec2:StopInstances", "ec2:DescribeInstances"}, Acts: true},
			{User: "U_ALICE", Actions: []string{"ec2:StopInstances", "ec2:DescribeInstances"}, Acts: true},
			{User: "terminal:ann lee", Actions: []string{"ec2:StopInstances"}, Acts: true},
		} {
			_, err = c.Instances(sdk.WithErrand(t.Context(), errand), test, aws.InstanceQuery{})
			must(t, err)
		}
		if got, want := seen.words(), []string{"deckhand ", "U_ALICE U_ALICE", "terminal-ann-lee terminal-ann-lee"}; !slices.Equal(got, want) {
			t.Errorf("entered as %q, want %q", got, want)
		}
		var policy struct {
			Statement []struct {
				Action    []string
				Condition map[string]map[string]string
			}
		}
		must(t, json.Unmarshal([]byte(awssdk.ToString(seen.ins[1].Policy)), &policy))
		if want := []string{"ec2:DescribeInstances", "ec2:StopInstances", "sts:DecodeAuthorizationMessage"}; !slices.Equal(policy.Statement[0].Action, want) {
			t.Errorf("the session may do %v, want %v", policy.Statement[0].Action, want)
		}
		if len(policy.Statement) != 2 || policy.Statement[1].Condition["Bool"]["aws:ViaAWSService"] != "true" {
			t.Errorf("what services do on the way: %+v", policy.Statement)
		}
		w.Fail("AssumeRole", "AccessDenied", 1)
		_, err = c.Instances(sdk.WithErrand(t.Context(), sdk.Errand{User: "U_BOB", Acts: true}), test, aws.InstanceQuery{})
		wantError(t, err, "denied", "entry to the account", "sts:SetSourceIdentity", `"Action":["sts:AssumeRole","sts:SetSourceIdentity"]`, "trust policy")
	})
}

func TestSessionNamesAreWhatAWSTakes(t *testing.T) {
	t.Parallel()
	valid := regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)
	for user, want := range map[string]string{
		"U024BE7LH": "U024BE7LH", "terminal:ann": "terminal-ann", "terminal:jürgen m": "terminal-j-rgen-m", "x": "user-x", "": "user-", "config": "config",
		strings.Repeat("é", 99): strings.Repeat("-", 64),
	} {
		if got := sdk.SessionName(user); got != want || !valid.MatchString(got) {
			t.Errorf("%q becomes %q, want %q", user, got, want)
		}
	}
}

func TestSessionPoliciesFitIntoWhatAWSTakes(t *testing.T) {
	t.Parallel()
	var reads, changes []string
	for i := range 60 {
		reads = append(reads, fmt.Sprintf("ec2:DescribeEverythingOfKind%d", i))
		changes = append(changes, fmt.Sprintf("ec2:ModifyEverythingOfKind%d", i))
	}
	for _, c := range []struct {
		sentence string
		actions  []string
		holds    string
	}{
		{"a few stay as they are", []string{"ec2:StopInstances"}, `"ec2:StopInstances"`},
		{"many reads become one", reads, `"ec2:Describe*"`},
		{"many changes become their service", changes, `"ec2:*"`},
	} {
		got := sdk.SessionPolicy(c.actions)
		if len(got) > 2048 || !strings.Contains(got, c.holds) {
			t.Errorf("%s: %d characters: %s", c.sentence, len(got), got)
		}
	}
}

func TestAnEncodedRefusalIsToldWhereThatIsAllowed(t *testing.T) {
	t.Parallel()
	const meaning = `{"allowed":false,"explicitDeny":DENY,"context":{"principal":{"arn":"arn:aws:sts::123456789012:assumed-role/deckhand/U1"},` +
		`"action":"ec2:StopInstances","resource":"arn:aws:ec2:us-east-1:123456789012:instance/i-1"}}`
	for _, c := range []struct {
		sentence string
		decode   http.HandlerFunc
		words    []string
	}{
		{"nothing allows it", xml("<DecodeAuthorizationMessageResponse><DecodeAuthorizationMessageResult><DecodedMessage>" +
			strings.ReplaceAll(meaning, "DENY", "false") + "</DecodedMessage></DecodeAuthorizationMessageResult></DecodeAuthorizationMessageResponse>"),
			[]string{
				"Ask the AWS administrator of account 123456789012 to allow ec2:StopInstances to deckhand's role",
				`{"Effect":"Allow","Action":"ec2:StopInstances","Resource":"arn:aws:ec2:us-east-1:123456789012:instance/i-1"}`,
			}},
		{"something forbids it", xml("<DecodeAuthorizationMessageResponse><DecodeAuthorizationMessageResult><DecodedMessage>" +
			strings.ReplaceAll(meaning, "DENY", "true") + "</DecodedMessage></DecodeAuthorizationMessageResult></DecodeAuthorizationMessageResponse>"),
			[]string{"A policy forbids ec2:StopInstances outright"}},
		{"decoding is not allowed", refusal(403, "AccessDenied", "no"), []string{
			"Ask the AWS administrator to allow ec2:StopInstances", `{"Effect":"Allow","Action":"ec2:StopInstances","Resource":"*"}`, "once deckhand's role may do sts:DecodeAuthorizationMessage", "`aws sts decode-authorization-message` reads",
		}},
	} {
		_, cloud := wired(t, map[string]http.HandlerFunc{
			"StopInstances":              refusal(403, "UnauthorizedOperation", "You are not authorized to perform this operation. Encoded authorization failure message: Zm9vYmFy"),
			"DecodeAuthorizationMessage": c.decode,
		})
		_, err := cloud.StopInstances(t.Context(), here, []string{"i-1"}, false, false)
		wantError(t, err, "denied", c.words...)
	}
}
