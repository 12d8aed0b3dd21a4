package commands

import (
	"errors"
	"strings"
	"testing"
)

func TestWhatWouldShowACredentialIsRefusedByName(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	for spelling := range revealing {
		for _, line := range []string{spelling, "aws " + spelling, strings.ToUpper(spelling) + " --secret-id db", "aws --region eu-west-1 " + spelling + " x"} {
			_, _, err := c.Parse("", line)
			var refused *Error
			if !errors.As(err, &refused) || refused.Kind != Denied {
				t.Errorf("%s: %v, want a refusal", line, err)
				continue
			}
			for _, part := range []string{spelling, "would show a credential in a chat", "whatever the policy says. Next step: run it in your own terminal."} {
				if !strings.Contains(refused.Error(), part) {
					t.Errorf("%s: %s, want %q in it", line, refused, part)
				}
			}
		}
	}
	for _, k := range []struct{ why, noun, line, want string }{
		{"after a slash command that is a noun", "vm", "ec2 get-password-data --instance-id i-1", "would show a credential"},
		{"another operation of the service", "", "ssm describe-parameters", "There is no command"},
		{"the operation without its service", "", "get-secret-value", "There is no command"},
		{"a command that only names it", "", `vm stop "kms decrypt"`, ""},
	} {
		_, _, err := c.Parse(k.noun, k.line)
		if (err == nil) != (k.want == "") || err != nil && !strings.Contains(err.Error(), k.want) {
			t.Errorf("%s: %v, want %q", k.why, err, k.want)
		}
	}
}

func TestNoCommandNeedsARightThatShowsACredential(t *testing.T) {
	t.Parallel()
	for spelling, action := range revealing {
		rights := Command{Name: "x", New: func() Runner { return &plain{} }, Rights: strings.Fields("ec2:DescribeInstances " + action)}
		named := Command{Name: "x", Aliases: []string{spelling}, New: func() Runner { return &plain{} }}
		if _, err := NewCatalog([]Command{rights}); (err == nil) != (action == "" || action == publicParameters) {
			t.Errorf("a command that needs %q: %v", action, err)
		}
		if _, err := NewCatalog([]Command{named}); err == nil {
			t.Errorf("a command is named %s", spelling)
		}
	}
}
