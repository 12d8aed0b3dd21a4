package spelling_test

import (
	"strings"
	"testing"

	"deckhand/commands/spelling"
)

func TestAPrincipalIsOneIdentity(t *testing.T) {
	t.Parallel()
	for arn, want := range map[string]string{
		"arn:aws:iam::123456789012:user/ann":                                             "ann",
		"arn:aws-cn:iam::123456789012:user/teams/web/ann.b@example.com":                  "ann.b@example.com",
		"arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Dev_0123/ann@example.com": "ann@example.com",
		"arn:aws:iam::123456789012:user/a":                                               "",
		"arn:aws:iam::123456789012:user/":                                                "",
		"arn:aws:iam::123456789012:user/*":                                               "",
		"arn:aws:iam::123456789012:user/" + strings.Repeat("a", 65):                      "",
		"arn:aws:iam::123456789012:root":                                                 "",
		"arn:aws:iam::123456789012:role/dev":                                             "",
		"arn:aws:iam::12345:user/ann":                                                    "",
		"arn:aws:sts::123456789012:assumed-role/dev":                                     "",
		"arn:aws:sts::123456789012:assumed-role/*/ann":                                   "",
		"*":   "",
		"ann": "",
		"":    "",
	} {
		if got, ok := spelling.Principal(arn); ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q %t, want %q", arn, got, ok, want)
		}
	}
}
