package main

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"flag"
	"fmt"
	"net/url"
	"strings"
)

// keyLength is how long a new secret is, in bytes: as long as a hash of SHA-1.
// Source: RFC 4226 section 4, R6
const keyLength = 20

// totp makes a second factor for somebody. It is written nowhere: whoever runs it keeps it.
func totp(flags *flag.FlagSet) func(context.Context, terminal) error {
	name := flags.String("for", "", "whose second factor it is, for their authenticator app: `NAME`")
	return func(_ context.Context, t terminal) error {
		if strings.TrimSpace(*name) == "" {
			_, _ = fmt.Fprintln(t.err, "deckhand totp: it needs --for NAME.")
			return exitUsage
		}
		key := make([]byte, keyLength)
		if _, err := rand.Read(key); err != nil {
			return fmt.Errorf("make a secret: %w", err)
		}
		secret := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(key)
		_, err := fmt.Fprintf(t.out, `Secret   %s
Address  %s

Enter one of the two into the authenticator app of %s; a program that draws QR codes makes a picture of the address.
Keep the secret where deckhand's other secrets are, such as a variable of its environment, and name it in the configuration:

people:
  - {slack: MEMBER_ID, totp: env:NAME_TOTP}

This secret was printed here and is written down nowhere else.
`, secret, enrolment(*name, secret), *name)
		return err
	}
}

// enrolment is the address by which an app takes a secret in. The other values are the defaults of every app.
// Source: https://github.com/google/google-authenticator/wiki/Key-Uri-Format
func enrolment(name, secret string) string {
	return "otpauth://totp/deckhand:" + url.PathEscape(strings.ReplaceAll(name, ":", "")) + "?secret=" + secret + "&issuer=deckhand&algorithm=SHA1&digits=6&period=30"
}
