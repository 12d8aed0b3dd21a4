package main

import (
	"encoding/base32"
	"net/url"
	"strings"
	"testing"
)

func TestASecretForAnAuthenticatorAppIsMade(t *testing.T) {
	t.Parallel()
	secrets := map[string]bool{}
	for range 2 {
		code, out, stderr := deckhand(t, "totp", "--for", "Ann Lee: ops")
		if code != 0 || stderr != "" {
			t.Fatalf("exit %d: %s", code, stderr)
		}
		lines := strings.Split(out, "\n")
		_, secret, _ := strings.Cut(lines[0], "  ")
		_, address, _ := strings.Cut(lines[1], "  ")
		secret, address = strings.TrimSpace(secret), strings.TrimSpace(address)
		key, err := base32.StdEncoding.DecodeString(secret)
		if err != nil || len(key) != 20 || secrets[secret] {
			t.Errorf("the secret is %q (%v)", secret, err)
		}
		secrets[secret] = true
		uri, err := url.Parse(address)
		if err != nil || uri.Scheme != "otpauth" || uri.Host != "totp" || uri.Path != "/deckhand:Ann Lee ops" || uri.Query().Get("secret") != secret || uri.Query().Get("issuer") != "deckhand" {
			t.Errorf("the address is %q (%v)", address, err)
		}
	}
	if code, _, stderr := deckhand(t, "totp"); code != 2 || !strings.Contains(stderr, "--for NAME") {
		t.Errorf("without a name: exit %d, %s", code, stderr)
	}
}
