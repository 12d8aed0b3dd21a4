package vm

import (
	"strings"
	"testing"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
)

func duration(t *testing.T, text string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestWhatALineMeans(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		says string
		args string
		want string // ids
		kind commands.Kind
		with string // words of the error
	}{
		{"a name", "web-1", "i-0a1", "", ""},
		{"an id", "i-0a2", "i-0a2", "", ""},
		{"a private address", "10.0.0.3", "i-0b1", "", ""},
		{"an ARN", "arn:aws:ec2:us-east-1:123456789012:instance/i-0b1", "i-0b1", "", ""},
		{"several, in the order of the line", "db web-1", "i-0b1 i-0a1", "", ""},
		{"the same one said four times", "web-1 i-0a1 10.0.0.1 --instance-ids i-0a1", "i-0a1", "", ""},
		{"a tag", "--tag env=prod", "i-0b1 i-0c2", "", ""},
		{"the short form of a tag, without the terminated one", "--env dev", "i-0c1 i-0a1 i-0a2", "", ""},
		{"a tag of any value", "--tag env=* --tag Name=db", "i-0b1", "", ""},
		{"a tag decides between two of one name", "twin --env prod", "i-0c2", "", ""},
		{"a terminated one by its id", "i-0d1", "i-0d1", "", ""},
		{"a terminated one by its name", "old", "", commands.NotFound, "old (i-0d1) is terminated."},
		{"a name that two have", "twin", "", commands.Ambiguous, "2 instances are called twin"},
		{"a name that two have, with what to write", "twin", "", commands.Ambiguous, "such as i-0c1 in place of twin"},
		{"a name that nobody has", "wbe-1", "", commands.NotFound, "No instance is called wbe-1 in us-east-1. The nearest is web-1."},
		{"a name that resembles none", "zzzzzz", "", commands.NotFound, "No instance is called zzzzzz in us-east-1.\n"},
		{"an id that is not there", "i-0fff", "", commands.NotFound, "No instance has the id i-0fff"},
		{"an address that is not there", "10.1.1.1", "", commands.NotFound, "No instance has the private IP 10.1.1.1"},
		{"a name without the tag", "db --env dev", "", commands.NotFound, "db (i-0b1) does not carry env=dev."},
		{"everything that is wrong at once", "twin wbe-1 i-0fff", "", commands.Ambiguous, "No instance has the id i-0fff"},
		{"a tag that nobody carries", "--tag env=test", "", commands.NotFound, "No instance in us-east-1 carries env=test."},
		{"more than tags may select", "--env dev --max 2", "", commands.Usage, "--max 3"},
		{"as many as tags may select", "--env dev --max 3", "i-0c1 i-0a1 i-0a2", "", ""},
		{"another account's ARN", "arn:aws:ec2:us-east-1:999999999999:instance/i-0b1", "", commands.NotFound, "is in account 999999999999"},
	} {
		t.Run(test.says, func(t *testing.T) {
			t.Parallel()
			s := request(t, newFake())
			runner, _, err := s.runner("vm stop " + test.args)
			if err != nil {
				t.Fatal(err)
			}
			scope, err := runner.(commands.Scoped).Scope(t.Context()) //nolint:forcetypeassert // a panic is a failure
			if test.kind != "" {
				if err == nil || commands.Words(err).Kind != test.kind {
					t.Fatalf("got %v", err)
				}
				commandstest.Want(t, commandstest.Told(commands.Report{}, err), test.with)
				return
			}
			var ids []string
			for _, r := range scope.Resources {
				ids = append(ids, r.ID)
			}
			if got := strings.Join(ids, " "); err != nil || got != test.want {
				t.Errorf("%s means %q, %v", test.args, got, err)
			}
		})
	}
}

func TestScopeCarriesWhatPolicyJudgesBy(t *testing.T) {
	t.Parallel()
	runner, _, err := request(t, newFake()).runner("vm terminate db --account prod")
	if err != nil {
		t.Fatal(err)
	}
	scope, err := runner.(commands.Scoped).Scope(t.Context()) //nolint:forcetypeassert // a panic is a failure
	if err != nil || scope.Account != "prod" || scope.Region != "us-east-1" || scope.Resources[0].Tags["env"] != "prod" || scope.Resources[0].Name != "db" {
		t.Errorf("%+v, %v", scope, err)
	}
}

func TestAnUnknownNameIsToldEvenWhereTheNearestCannotBeLookedUp(t *testing.T) {
	t.Parallel()
	r := resolution{place: aws.Place{Region: "us-east-1"}}
	r.resolve(word{kind: byName, text: "web", value: "web"}, nil)
	cloud := newFake()
	cloud.refuse["DescribeInstances"] = denied
	r.suggest(t.Context(), cloud)
	if err := r.problems.Err(); err == nil || !strings.Contains(err.Error(), "No instance is called") {
		t.Error(err)
	}
}

func TestManyOfOneNameAreListedShortly(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	for n := range 12 {
		cloud.add("i-0f"+string(rune('0'+n%10))+string(rune('a'+n)), "node", aws.Running, "dev")
	}
	_, err := request(t, cloud).run(t.Context(), "vm stop node")
	commandstest.Want(t, commandstest.Told(commands.Report{}, err), "12 instances are called node", "and 2 more")
}
