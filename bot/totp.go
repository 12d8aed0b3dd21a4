package bot

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what RFC 6238 and every authenticator app use; it is keyed here
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"time"
)

// Key is the secret of somebody's authenticator app, as bytes. It prints as nothing.
type Key []byte

// Format hides the key from every verb of fmt.
func (Key) Format(to fmt.State, _ rune) { _, _ = to.Write([]byte("[secret]")) }

// MarshalText hides the key from JSON.
func (Key) MarshalText() ([]byte, error) { return []byte("[secret]"), nil }

const (
	codeStep  = 30 * time.Second // how long an app shows one code
	codeDrift = 1                // how many steps a phone's clock may be off, either way
	codeRange = 1_000_000        // six digits
)

// Code is what an app shows at a time.
// Source: RFC 6238 and, for the digits, RFC 4226 section 5.3
func (k Key) Code(at time.Time) string {
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(stepAt(at))) //nolint:gosec // steps since 1970
	mac := hmac.New(sha1.New, k)
	mac.Write(counter[:])
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0xf
	number := binary.BigEndian.Uint32(sum[offset:]) & 0x7fff_ffff
	return fmt.Sprintf("%06d", number%codeRange)
}

func stepAt(at time.Time) int64 { return at.Unix() / int64(codeStep/time.Second) }

// stepOf answers the step of time in which an app shows this code, 0 where no step near now has it. It takes as long for a wrong code as for a
// right one.
func (k Key) stepOf(code string, now time.Time) int64 {
	var found int64
	for drift := -codeDrift; drift <= codeDrift; drift++ {
		at := now.Add(time.Duration(drift) * codeStep)
		if subtle.ConstantTimeCompare([]byte(k.Code(at)), []byte(code)) == 1 {
			found = stepAt(at)
		}
	}
	return found
}

// Tries is what is remembered of somebody's codes.
type Tries struct {
	Step  int64       `json:",omitempty"` // of the latest code that was accepted: neither it nor an older one is again
	Wrong []time.Time `json:",omitempty"` // when codes were wrong, since the latest one that was right
}

const (
	wrongMost   = 5               // wrong codes
	wrongWithin = 5 * time.Minute // in this time, until no code is looked at for as long
)

// ruling is what becomes of one code.
type ruling int

const (
	codeWrong ruling = iota
	codeRight
	codeUsed   // it was right, and was given before
	codePaused // it was not looked at
)

// try looks at one code: at its step, or 0 where it is wrong.
func (t Tries) try(step int64, now time.Time) (Tries, ruling) {
	var lately []time.Time
	for _, at := range t.Wrong {
		if now.Sub(at) < wrongWithin {
			lately = append(lately, at)
		}
	}
	t.Wrong = lately
	switch {
	case len(lately) >= wrongMost:
		return t, codePaused
	case step == 0:
		t.Wrong = append(lately, now)
		return t, codeWrong
	case step <= t.Step:
		return t, codeUsed
	}
	return Tries{Step: step}, codeRight
}

// over is when a pause ends.
func (t Tries) over() time.Time {
	if len(t.Wrong) < wrongMost {
		return time.Time{}
	}
	return t.Wrong[len(t.Wrong)-wrongMost].Add(wrongWithin)
}
