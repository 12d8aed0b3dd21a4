package commands_test

import (
	"testing"

	"deckhand/commands"
)

func TestSecretsAreTakenOutOfWhatAMachineSays(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"nothing to hide":                 "nothing to hide",
		"DB_PASSWORD=hunter22 and more":   "DB_PASSWORD=•••••• and more",
		"Authorization: Bearer abc.def":   "Authorization: ••••••",
		`{"api_key": "abcdef", "n": 1}`:   `{"api_key": "••••••", "n": 1}`,
		"key AKIAIOSFODNN7EXAMPLE of ann": "key •••••• of ann",
		"password: ":                      "password: ",
		"Starting Authorization Manager.": "Starting Authorization Manager.",
		"-----BEGIN RSA PRIVATE KEY-----\nMIIE\nx\n-----END RSA PRIVATE KEY-----\nok": "-----BEGIN RSA PRIVATE KEY-----••••••-----END RSA PRIVATE KEY-----\nok",
		"-----BEGIN OPENSSH PRIVATE KEY-----\nMIIE":                                   "-----BEGIN OPENSSH PRIVATE KEY-----••••••",
		"ssh-ed25519 AAAAC3Nza root@host":                                             "ssh-ed25519 AAAAC3Nza root@host",
	} {
		if got := commands.Scrub(said); got != want {
			t.Errorf("%q becomes %q, want %q", said, got, want)
		}
	}
}
