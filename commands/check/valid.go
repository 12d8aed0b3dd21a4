package check

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"deckhand/commands"
)

var (
	namePattern    = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`)
	channelPattern = regexp.MustCompile(`^[CGD][A-Z0-9_]{1,63}$`)
	// numeric finds hosts that a resolver may read as an IPv4 address in a spelling of its own: decimal, octal, hexadecimal.
	numeric = regexp.MustCompile(`(?i)(^|\.)(0x[0-9a-f]*|[0-9]+)\.?$`)
)

func usage(message, hint string) error {
	return &commands.Error{Kind: commands.Usage, Message: message, Hint: hint}
}

func validName(name string) error {
	if namePattern.MatchString(name) {
		return nil
	}
	hint := "Names are small letters, digits, dots, dashes and underscores, at most 63, such as " + commands.Mono("myapp") + "."
	plain := strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r) {
			return r
		}
		return '-'
	}, strings.ToLower(name)), "._-")
	if namePattern.MatchString(plain) {
		hint = "Write " + commands.Mono(plain) + "."
	}
	return usage(commands.Mono(name)+" cannot be the name of a check.", hint)
}

const addressExample = "http://myapp.example.com/"

// withScheme reads "myapp.example.com/health" as a person means it; Slack makes a link of a bare host and hands on its text.
func withScheme(address string) string {
	if address == "" || strings.Contains(address, "://") {
		return address
	}
	return "http://" + address
}

func validURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || strings.ContainsAny(text, " \t\n") || len(text) > 2000 {
		return usage("The URL cannot be read.", "Write it like "+commands.Mono(addressExample)+".")
	}
	switch {
	case u.User != nil:
		return usage("The URL carries a user name or password, which everybody would see.", "Leave it out: an endpoint that is checked has to answer without.")
	case u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return usage(commands.Mono(text)+" is not an http or https address.", "Write it like "+commands.Mono(addressExample)+".")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return usage(commands.Mono(port)+" is not a port.", "Ports run from 1 to 65535.")
		}
	}
	address, err := netip.ParseAddr(u.Hostname())
	if err == nil && Forbidden(address) {
		return usage("Metadata and link-local addresses are never looked at, and "+commands.Mono(u.Hostname())+" is one.", "Write the address of the application, such as "+commands.Mono(addressExample)+".")
	}
	if err != nil && numeric.MatchString(u.Hostname()) {
		return usage(commands.Mono(u.Hostname())+" is neither a name nor an IP address.", "Write an IPv4 address as four numbers without zeros in front.")
	}
	return nil
}

// statuses reads "200" and "204" from --status 200,204.
func statuses(words []string) ([]int, error) {
	var out []int
	for _, word := range words {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n < 100 || n > 599 {
			return nil, usage(commands.Mono(word)+" is not an HTTP status.", "Statuses run from 100 to 599: "+commands.Mono("--status 200,204")+".")
		}
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out, nil
}

// channelID reads a channel as the language leaves it: an id, with or without #.
func channelID(text string) (string, error) {
	id := strings.TrimPrefix(text, "#")
	if channelPattern.MatchString(id) {
		return id, nil
	}
	return "", usage(
		fmt.Sprintf("%s is not a channel's id.", commands.Mono(text)),
		"Pick the channel from Slack's list while typing "+commands.Mono("#")+", or copy the id at the end of its details, such as "+commands.Mono("C024BE91L")+".",
	)
}
