package vm_test

import (
	"testing"

	"deckhand/commands"
	"deckhand/commands/vm"
)

// What stands after -- is the command, and everybody (policy, the record, the digest that is approved) sees what --command says.
func TestACommandAfterTwoDashes(t *testing.T) {
	t.Parallel()
	catalog, err := commands.NewCatalog(vm.Commands(nil, nil, nil, vm.Vetted{}, vm.Bin{}))
	if err != nil {
		t.Fatal(err)
	}
	for typed, meant := range map[string]string{
		`vm run web -- uptime`:                             `vm run web --command "uptime"`,
		`vm run web db --region eu-west-1 -- df -h /`:      `vm run web db --region eu-west-1 --command "df -h /"`,
		`vm run web -- "cat /etc/hosts | wc -l"`:           `vm run web --command "cat /etc/hosts | wc -l"`,
		`vm run web -- cat /etc/hosts | wc -l > /tmp/n`:    `vm run web --command "cat /etc/hosts | wc -l > /tmp/n"`,
		`vm run web -- sh -c "echo a; echo b"`:             `vm run web --command "sh -c 'echo a; echo b'"`,
		`vm run web -- echo "it's"`:                        `vm run web --command "echo 'it'\\''s'"`,
		`vm run web —— uptime --pretty`:                    `vm run web --command "uptime --pretty"`,
		`vm run web -- grep -- -x file`:                    `vm run web --command "grep -- -x file"`,
		`vm run web --plan -- rm -rf /tmp/x`:               `vm run web --plan --command "rm -rf /tmp/x"`,
		`vm run --command uptime -- web`:                   `vm run web --command uptime`,
		`vm run --parameter commands=uptime -- web`:        `vm run web --parameter commands=uptime`,
		`aws ssm send-command --instance-ids i-1 -- id -u`: `vm run --instance-ids i-1 --command "id -u"`,
	} {
		got, _, err := catalog.Parse("", typed)
		if err != nil {
			t.Errorf("%s: %v", typed, err)
			continue
		}
		want, _, err := catalog.Parse("", meant)
		if err != nil || got.Digest() != want.Digest() || got.Plan != want.Plan {
			t.Errorf("%s is %s %s, want %s (%v)", typed, got.Line, got.Args, want.Args, err)
		}
		if again, _, err := catalog.Parse("", got.Line); err != nil || again.Digest() != got.Digest() {
			t.Errorf("%s is read again as something else: %s, %v", got.Line, again.Args, err)
		}
	}
	for _, line := range []string{`vm run web --`, `vm run web -- ""`, `vm stop web -- uptime now`} {
		if got, command, err := catalog.Parse("", line); err == nil && command.Name == "vm run" {
			t.Errorf("%s is %s", line, got.Args)
		}
	}
}
