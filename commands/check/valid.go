package check

import (
	"errors"
	"fmt"
	"strings"

	"deckhand/commands"
	"deckhand/commands/probe"
	"deckhand/commands/spelling"
)

func usage(message, hint string) error {
	return &commands.Error{Kind: commands.Usage, Message: message, Hint: hint}
}

func validName(name string) error {
	if spelling.Name(name) {
		return nil
	}
	hint := "Names are small letters, digits, dots, dashes and underscores, at most 63, such as " + commands.Mono("myapp") + "."
	plain := strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r) {
			return r
		}
		return '-'
	}, strings.ToLower(name)), "._-")
	if spelling.Name(plain) {
		hint = "Write " + commands.Mono(plain) + "."
	}
	return usage(commands.Mono(name)+" cannot be the name of a check.", hint)
}

const addressExample = "http://myapp.example.com/"

// wrong makes a fault of the language of checks a usage error.
func wrong(err error) error {
	var fault *probe.Fault
	if errors.As(err, &fault) {
		return usage(fault.Message, fault.Hint)
	}
	return err
}

// withScheme reads "myapp.example.com/health" as a person means it; Slack makes a link of a bare host and hands on its text. Of another kind
// than http the kind is the scheme.
func withScheme(address, kind string) string {
	address = probe.Spelled(address)
	switch {
	case address == "" || strings.Contains(address, "://"):
		return address
	case kind == "":
		kind = string(HTTP)
	}
	return kind + "://" + address
}

func isChannel(id string) bool { return spelling.SlackID(id, "CGD") }

// channelID reads a channel as the language leaves it: an id, with or without #.
func channelID(text string) (string, error) {
	id := strings.TrimPrefix(text, "#")
	if isChannel(id) {
		return id, nil
	}
	return "", usage(
		fmt.Sprintf("%s is not a channel's id.", commands.Mono(text)),
		"Pick the channel from Slack's list while typing "+commands.Mono("#")+", or copy the id at the end of its details, such as "+commands.Mono("C024BE91L")+".",
	)
}
