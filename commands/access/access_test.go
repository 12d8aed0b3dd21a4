package access_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/access"
	"deckhand/commands/commandstest"
	"deckhand/commands/schedule"
)

const (
	ann   = "arn:aws:iam::123456789012:user/ann"
	bob   = "arn:aws:sts::999999999999:assumed-role/Dev/bob@example.com"
	admin = "arn:aws:iam::123456789012:role/people/admin"
	// pipeline is somebody else's statement, written in a way of its own.
	pipeline = `{"Effect":"Allow","Sid":"Pipeline","Principal":{"Service":["codebuild.amazonaws.com"]},"Action":"sts:AssumeRole","Condition":{"StringLike":{"aws:SourceArn":["a<b"]}}}`
)

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant

// cloud is IAM with one role.
type cloud struct {
	trust    string
	policies map[string]string
	self     string
	fails    map[string]error
	calls    []string
}

func (c *cloud) called(name string) error {
	c.calls = append(c.calls, name)
	return c.fails[name]
}

func (c *cloud) Identity(context.Context, aws.Target) (aws.Identity, error) {
	return aws.Identity{Account: "123456789012", ARN: c.self}, nil
}

func (c *cloud) RoleTrust(_ context.Context, _ aws.Target, name string) (aws.RoleText, error) {
	if err := c.called("GetRole"); err != nil {
		return aws.RoleText{}, err
	}
	return aws.RoleText{Role: aws.Role{Name: name, ARN: admin, Tags: map[string]string{"env": "prod"}}, ID: "AROAADMIN", Trust: c.trust, SessionSeconds: 7200}, nil
}

func (c *cloud) SetRoleTrust(_ context.Context, _ aws.Target, _, document string, shows func(string) bool) error {
	if err := c.called("UpdateAssumeRolePolicy"); err != nil {
		return err
	}
	if c.trust = document; !shows(document) {
		return errors.New("it is not shown")
	}
	return nil
}

func (c *cloud) PolicyInRole(_ context.Context, _ aws.Target, _, policy string) (string, error) {
	return c.policies[policy], c.called("GetRolePolicy")
}

func (c *cloud) AllowRole(_ context.Context, _ aws.Target, _, policy, document string) error {
	if err := c.called("PutRolePolicy"); err != nil {
		return err
	}
	c.policies[policy] = document
	return nil
}

func (c *cloud) DisallowRole(_ context.Context, _ aws.Target, _, policy string) error {
	delete(c.policies, policy)
	return c.called("DeleteRolePolicy")
}

// acts keeps what comes due, by key.
type acts map[string]schedule.Act

func (a acts) PutActs(_ context.Context, all []schedule.Act, without ...string) error {
	for _, act := range all {
		a[act.Key] = act
	}
	for _, key := range without {
		delete(a, key)
	}
	return nil
}

type world struct {
	t     *testing.T
	cloud *cloud
	acts  acts
	group []commands.Command
	now   time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, acts: acts{}, now: noon, cloud: &cloud{
		trust: `{"Version":"2012-10-17","Id":"by hand","Statement":` + pipeline + `}`, policies: map[string]string{"own": "{}"}, fails: map[string]error{},
		self: "arn:aws:sts::123456789012:assumed-role/deckhand/i-1",
	}}
	w.group = access.Commands(access.Desk{
		Cloud: w.cloud, Acts: w.acts, People: map[string]string{"U1": ann, "terminal:ann": ann, "U2": bob},
		Roles: []access.Role{{Name: "admin", ARN: admin, Account: "prod", AtMost: 4 * time.Hour}},
	})
	return w
}

func (w *world) say(id, user, line string) string {
	w.t.Helper()
	return commandstest.Told(commandstest.Run(w.t.Context(), w.t, w.group, &commands.Run{ID: id, Now: w.now, Asker: commands.Asker{User: user, Channel: "C1"}}, line))
}

func (w *world) statements() []map[string]any {
	w.t.Helper()
	var document struct {
		ID        string `json:"Id"`
		Statement []map[string]any
	}
	if err := json.Unmarshal([]byte(w.cloud.trust), &document); err != nil || document.ID != "by hand" {
		w.t.Fatalf("%v: %s", err, w.cloud.trust)
	}
	return document.Statement
}

func (w *world) same(got, want string) {
	w.t.Helper()
	if got != want {
		w.t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAnAccessStandsWithItsEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	commandstest.Want(t, w.say("", "U1", `access request admin --for 1h --reason "disk full" --plan`), "Would let ann take on admin for 1 hour", "DeckhandR0", `"sts:RoleSessionName": "ann"`, "2026-11-26T13:00:00Z")
	if len(w.acts) != 0 || strings.Contains(w.cloud.trust, "Deckhand") {
		t.Fatal("the plan changed something")
	}
	told := w.say("R-42", "U1", `access request admin --for 1h --reason "disk full"`)
	commandstest.Want(t, told, "ann may take on admin until", admin, "disk full", "role_session_name = ann", "--duration-seconds 3600",
		"https://signin.aws.amazon.com/switchrole?account=123456789012&roleName=people%2Fadmin&displayName=admin")
	if strings.Contains(told, "by another statement") {
		t.Error("a pipeline lets nobody in")
	}
	if !strings.Contains(w.cloud.trust, pipeline) {
		t.Errorf("the other statement was touched:\n%s", w.cloud.trust)
	}
	ours, _ := json.Marshal(w.statements()[1])
	w.same(string(ours), `{"Action":"sts:AssumeRole","Condition":{"DateLessThan":{"aws:CurrentTime":"2026-11-26T13:00:00Z"},"StringEquals":{"sts:RoleSessionName":"ann"}},"Effect":"Allow","Principal":{"AWS":"`+ann+`"},"Sid":"DeckhandR42"}`)
	w.same(w.cloud.policies["deckhand-R-42"], `{"Statement":[{"Sid":"DeckhandR42","Effect":"Deny","Action":"*","Resource":"*","Condition":{"DateGreaterThanEquals":{"aws:CurrentTime":"2026-11-26T13:00:00Z"},"DateLessThan":{"aws:TokenIssueTime":"2026-11-26T13:01:00Z"},"StringEquals":{"aws:userid":"AROAADMIN:ann"}}}],"Version":"2012-10-17"}`)
	if put, set := slices.Index(w.cloud.calls, "PutRolePolicy"), slices.Index(w.cloud.calls, "UpdateAssumeRolePolicy"); put < 0 || put > set {
		t.Errorf("it began before it had an end: %v", w.cloud.calls)
	}
	if over := w.acts["access R-42 end"]; !over.Due.Equal(noon.Add(time.Hour)) || over.Line != "access end R-42" || over.Asker.Channel != "C1" || over.Of != 42 || !over.Agreed {
		t.Errorf("%+v", over)
	}

	// The other person has a session of a role in another account, and one hour at most.
	told = w.say("R-43", "U2", `access request ADMIN --for 4h --reason audit`)
	commandstest.Want(t, told, "--duration-seconds 3600", "The account 999999999999 has to let them ask too", "U2")
	commandstest.Want(t, w.say("", "U1", "access list"), "R-42", "R-43", "admin", "4h", "U1")
	commandstest.Want(t, w.say("R-44", "terminal:ann", `access request admin --reason more`), "There is an access of U1", "access end R-42")

	// Its end comes by itself: the statement goes, the others stay, and the policy goes half a day later.
	w.now = noon.Add(time.Hour + time.Second)
	before := w.cloud.policies["deckhand-R-42"]
	commandstest.Want(t, w.say("R-45", "U1", "access end R-42"), "Over: the access of ann to admin", "Sessions of others stay", "deckhand-R-42")
	w.same(w.cloud.policies["deckhand-R-42"], before)
	if all := w.statements(); len(all) != 2 || all[1]["Sid"] != "DeckhandR43" {
		t.Errorf("%v", all)
	}
	w.same(strings.Join(slices.Sorted(maps.Keys(w.acts)), ", "), "access R-42 tidy, access R-43 end, access R-43 tidy")
	commandstest.Want(t, w.say("R-46", "U1", "access end r-42"), "is over since")
	w.now = w.acts["access R-42 tidy"].Due
	commandstest.Want(t, w.say("R-47", "U1", "access end R-42"), "Nothing is left of the access of R-42 to admin")
	w.same(strings.Join(slices.Sorted(maps.Keys(w.cloud.policies)), ", "), "deckhand-R-43, own")
	commandstest.Want(t, w.say("R-48", "U1", "access end R-42"), "There is no access by R-42")
}

func TestAnAccessEndsEarly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.say("R-42", "U1", `access request admin --for 2h --reason x`)
	w.now = noon.Add(10 * time.Minute)
	commandstest.Want(t, w.say("", "U1", "access end admin --plan"), "Would end the access of ann to admin now instead of")
	commandstest.Want(t, w.say("R-43", "U2", "access end admin"), "You have no access to admin")
	w.cloud.calls = nil
	commandstest.Want(t, w.say("R-44", "U1", "access end admin"), "Over: the access of ann to admin")
	commandstest.Want(t, w.cloud.policies["deckhand-R-42"], `"aws:CurrentTime":"2026-11-26T12:10:00Z"`, `"aws:TokenIssueTime":"2026-11-26T12:11:00Z"`)
	if put, set := slices.Index(w.cloud.calls, "PutRolePolicy"), slices.Index(w.cloud.calls, "UpdateAssumeRolePolicy"); put < 0 || put > set || len(w.statements()) != 1 {
		t.Errorf("%v %s", w.cloud.calls, w.cloud.trust)
	}
	w.same(strings.Join(slices.Sorted(maps.Keys(w.acts)), ", "), "access R-42 tidy")
	// Then they may ask again.
	commandstest.Want(t, w.say("R-45", "U1", `access request admin --reason again`), "ann may take on admin")
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for line, want := range map[string]string{
		`access request adnim --reason x`:            "There is no role adnim that may be asked for.\nDid you mean admin?",
		`access request admin --for 5h --reason x`:   "given for 4 hours at most",
		`access request admin --for 10s --reason x`:  "a minute or more",
		`access request admin`:                       "reason",
		`access request admin --reason " "`:          "reason",
		`access end R-7`:                             "There is no access by R-7",
		`access request ` + admin + `x --reason "x"`: "There is no role",
	} {
		commandstest.Want(t, w.say("R-1", "U1", line), want)
	}
	commandstest.Want(t, w.say("R-1", "U9", `access request admin --reason x`), "Who U9 is in AWS is not known")
	w.cloud.self = "arn:aws:sts::123456789012:assumed-role/admin/i-1"
	commandstest.Want(t, w.say("R-1", "U1", `access request admin --reason x`), "deckhand's own")
	if len(w.acts)+len(w.cloud.policies) != 1 || slices.Contains(w.cloud.calls, "UpdateAssumeRolePolicy") {
		t.Error("something was changed")
	}
}

func TestARefusalLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.cloud.trust
	w.cloud.fails["UpdateAssumeRolePolicy"] = &commands.Error{Kind: commands.Failed, Message: "AWS says no."}
	commandstest.Want(t, w.say("R-42", "U1", `access request admin --reason x`), "AWS says no.")
	if len(w.acts)+len(w.cloud.policies) != 1 || w.cloud.trust != before {
		t.Errorf("%v %v %s", w.acts, w.cloud.policies, w.cloud.trust)
	}
	// Where nobody knows whether it was done, its end stays.
	w.cloud.fails["UpdateAssumeRolePolicy"] = &commands.Error{Kind: commands.Uncertain, Message: "No answer."}
	commandstest.Want(t, w.say("R-43", "U1", `access request admin --reason x`), "No answer.")
	if len(w.acts) != 2 || w.cloud.policies["deckhand-R-43"] == "" {
		t.Errorf("%v %v", w.acts, w.cloud.policies)
	}
	commandstest.Want(t, w.say("R-44", "U1", "access end R-43"), "does not stand: its statement is not in the role's trust policy")
}

func TestAnotherWayInIsTold(t *testing.T) {
	t.Parallel()
	for principal, want := range map[string]bool{
		`{"AWS":"arn:aws:iam::123456789012:root"}`: true,
		`"*"`: true,
		`{"AWS":["arn:aws:iam::1:user/cy","` + ann + `"]}`:    true,
		`{"AWS":"arn:aws:iam::999999999999:root"}`:            false,
		`{"Service":"ec2.amazonaws.com"}`:                     false,
		`{"AWS":"arn:aws:iam::123456789012:user/people/ann"}`: false,
	} {
		w := newWorld(t)
		w.cloud.trust = `{"Version":"2012-10-17","Id":"by hand","Statement":[{"Effect":"Allow","Principal":` + principal + `,"Action":"sts:AssumeRole"}]}`
		if told := w.say("R-1", "U1", `access request admin --reason x`); strings.Contains(told, "by another statement") != want {
			t.Errorf("%s: %s", principal, told)
		}
	}
}
