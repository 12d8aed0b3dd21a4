package commands

import (
	"strings"
	"testing"
)

func TestALineWithAPrivateKeyIsNotRepeated(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	for why, line := range map[string]string{
		"a PEM block":            "vm stop \"-----BEGIN RSA PRIVATE KEY-----\nMIIEsecret\n-----END RSA PRIVATE KEY-----\"",
		"dashes of a phone":      "vm stop —--—BEGIN OPENSSH PRIVATE KEY—--— MIIEsecret",
		"plain PKCS 8":           "vm stop -----BEGIN PRIVATE KEY----- MIIEsecret",
		"PuTTY's":                "vm stop PuTTY-User-Key-File-3: ssh-ed25519 MIIEsecret",
		"the body alone":         "vm stop b3BlbnNzaC1rZXktdjEAAAAABG5vbmUMIIEsecret",
		"a line of another tool": "no such command -----begin ec private key----- MIIEsecret",
	} {
		inv, command, err := c.Parse("", line)
		if err == nil || command != nil || Words(err).Kind != Usage || !strings.Contains(err.Error(), "private key") {
			t.Errorf("%s: %v, %v", why, command, err)
			continue
		}
		if said := inv.Line + string(inv.Args) + err.Error(); strings.Contains(said, "secret") || strings.Contains(said, "MIIE") || strings.Contains(said, "b3Bl") {
			t.Errorf("%s: it is repeated: %s", why, said)
		}
	}
	if _, _, err := c.Parse("", `vm stop "begin with the private key - it is lost"`); err != nil {
		t.Error("a sentence about keys is no key: ", err)
	}
}
