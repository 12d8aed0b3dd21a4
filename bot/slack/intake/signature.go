package intake

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// signatureAge is how far a signature's timestamp may lie from this machine's clock, in both directions.
// Source: https://docs.slack.dev/authentication/verifying-requests-from-slack
const signatureAge = 5 * time.Minute

// Reasons why a request is not taken to be Slack's.
const (
	unsigned = malformed("The request lacks Slack's signature.")
	outdated = malformed("The signature's timestamp is more than five minutes away from this machine's clock.")
	forged   = malformed("The signature does not match the request.")
)

// verifier checks Slack's v0 signatures. It is written out because slack-go's verifier reads the machine's clock
// itself, keys a new HMAC for every request (half of what checking a short body costs), and takes one secret.
type verifier struct {
	secrets []*sync.Pool // of *signer, keyed
}

type signer struct {
	mac     hash.Hash
	scratch []byte
}

func newVerifier(secrets []string) verifier {
	var v verifier
	for _, secret := range secrets {
		if secret == "" {
			continue // anybody could sign with it
		}
		v.secrets = append(v.secrets, &sync.Pool{New: func() any {
			return &signer{mac: hmac.New(sha256.New, []byte(secret))}
		}})
	}
	return v
}

// check answers nil where one of the secrets signed the body at a time near now.
func (v verifier) check(header http.Header, body []byte, now time.Time) error {
	stamp, signature := header.Get("X-Slack-Request-Timestamp"), header.Get("X-Slack-Signature")
	if stamp == "" || signature == "" {
		return unsigned
	}
	at, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return unsigned
	}
	if limit := int64(signatureAge / time.Second); at < now.Unix()-limit || at > now.Unix()+limit {
		return outdated
	}
	var given [sha256.Size]byte
	digits, isV0 := strings.CutPrefix(signature, "v0=")
	if !isV0 || len(digits) != hex.EncodedLen(len(given)) {
		return unsigned
	}
	if _, err := hex.Decode(given[:], []byte(digits)); err != nil {
		return unsigned
	}
	for _, pool := range v.secrets {
		if s := pool.Get().(*signer); s.signed(stamp, body, given[:]) {
			pool.Put(s)
			return nil
		}
	}
	return forged
}

func (s *signer) signed(stamp string, body, given []byte) bool {
	s.mac.Reset()
	s.scratch = append(append(append(s.scratch[:0], "v0:"...), stamp...), ':')
	s.mac.Write(s.scratch)
	s.mac.Write(body)
	s.scratch = s.mac.Sum(s.scratch[:0])
	return hmac.Equal(s.scratch, given)
}
