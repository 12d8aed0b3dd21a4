package probe

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"deckhand/commands/spelling"
)

// Methods are what a check may send.
var Methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} //nolint:gochecknoglobals // a constant list

// MostRedirects is how many redirects a check may follow.
const MostRedirects = 20

var (
	reference = regexp.MustCompile(`(?:^|\s)((?:env:[A-Za-z_][A-Za-z0-9_]*)|(?:file:\S.*))$`)
	// sensitive are words in the names of headers that carry what nobody else may know.
	sensitive = regexp.MustCompile(`(?i)auth|cookie|token|secret|passw|credential|api-?key|signature`)
)

// headerName tells whether a text is a token of RFC 9110.
func headerName(text string) bool {
	const token = spelling.Alphanumeric + "!#$%&'*+.^_`|~-"
	return spelling.Fits(text, 128, token, token)
}

// ours are headers that the connection itself needs.
var ours = []string{"Connection", "Content-Length", "Transfer-Encoding", "Upgrade", "Te", "Trailer", "Proxy-Connection", "Keep-Alive"} //nolint:gochecknoglobals // a constant list

// Reference answers the reference in which a value ends, "env:API_TOKEN" of "Bearer env:API_TOKEN", and what stands before it.
func Reference(value string) (before, ref string, ok bool) {
	found := reference.FindStringSubmatchIndex(value)
	if found == nil {
		return value, "", false
	}
	return value[:found[2]], value[found[2]:], true
}

// SensitiveHeader tells whether a header's value is something that nobody may read, by the header's name.
func SensitiveHeader(name string) bool { return sensitive.MatchString(name) }

// Header refuses a header that cannot be sent. The error is a Fault, which does not repeat the value.
func Header(name, value string) error {
	switch {
	case !headerName(name):
		return fault(fmt.Sprintf("%q is not the name of a header.", name), `Write it like "Accept: application/json".`)
	case slices.ContainsFunc(ours, func(own string) bool { return strings.EqualFold(own, name) }):
		return fault(fmt.Sprintf("The header %s belongs to the connection and cannot be set.", name), "Leave it out.")
	case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) || len(value) > 4000:
		return fault(fmt.Sprintf("The value of the header %s cannot be sent.", name), "It is one line of at most 4,000 characters.")
	}
	return nil
}

// SplitHeader reads "Accept: application/json". The error is a Fault, which does not repeat the value.
func SplitHeader(text string) (name, value string, err error) {
	name, value, ok := strings.Cut(text, ":")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if !ok {
		return "", "", fault("A header is a name, a colon and a value.", `Write it like "Accept: application/json".`)
	}
	return name, value, Header(name, value)
}
