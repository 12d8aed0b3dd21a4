package config

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

const (
	defaultListen  = "127.0.0.1:3000"
	defaultAPI     = "https://slack.com/api/"
	defaultCommand = "/deckhand"

	// MaxSlashCommands is how many slash commands Slack lets one app have.
	// Source: https://docs.slack.dev/reference/app-manifest
	MaxSlashCommands = 50
	// maxSlashCommand is how many characters a slash command has at most, its slash included.
	maxSlashCommand = 32
)

func (r *reader) slack(raw *rawSlack) *Slack {
	if raw == nil {
		return nil
	}
	valid := &Slack{Transport: Socket, Listen: defaultListen, APIURL: defaultAPI}
	if raw.Transport.Value != "" {
		valid.Transport = Transport(raw.Transport.Value)
		r.choice(raw.Transport, "slack.transport", []string{string(Socket), string(HTTP)})
	}
	// Each transport has a secret of its own; the other's may stay in the file, and is not looked up.
	socket, http := valid.Transport == Socket, valid.Transport == HTTP
	valid.BotToken = r.token(raw.BotToken, raw.Line, "slack.bot_token", true)
	valid.AppToken = r.token(raw.AppToken, raw.Line, "slack.app_token", socket)
	valid.SigningSecrets = r.signingSecrets(raw.SigningSecret, raw.Line, http)
	if r.listen(raw.Listen, "slack.listen") {
		valid.Listen = raw.Listen.Value
	}
	if r.address(raw.APIURL, "slack.api_url") {
		valid.APIURL = strings.TrimSuffix(raw.APIURL.Value, "/") + "/"
	}
	valid.Commands = r.slashCommands(raw.Commands)
	return valid
}

// foreign are the beginnings of Slack's tokens that certainly do not belong under a key: the tokens are easily mixed up.
var foreign = map[string][]string{ //nolint:gochecknoglobals // a constant table
	"slack.bot_token":      {"xapp-", "xoxp-"},
	"slack.app_token":      {"xox"},
	"slack.signing_secret": {"xox", "xapp-"},
}

// token reads one reference; where it is not needed, only its form is looked at.
func (r *reader) token(raw text, line int, key string, needed bool) Secret {
	example := "env:" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
	if !needed && raw.Value == "" || !r.required(raw, line, key, "Write "+example+".") {
		return Secret{}
	}
	ref, ok := r.reference(raw, key, example)
	if !ok || !needed {
		return Secret{}
	}
	value := r.resolve(ref, raw.Line)
	for _, prefix := range foreign[key] {
		if strings.HasPrefix(value, prefix) {
			r.problem(raw.Line, fmt.Sprintf("%s comes from %s, which holds another of Slack's tokens (it begins with %s).", key, ref, prefix),
				"The bot token begins with xoxb-, the app token with xapp-, and the signing secret with neither.")
		}
	}
	return NewSecret(value)
}

func (r *reader) signingSecrets(raw texts, line int, needed bool) []Secret {
	const key = "slack.signing_secret"
	if len(raw.Items) > 2 {
		r.problem(raw.Line, fmt.Sprintf("%s has %d references; at most two can be in use at a time.", key, len(raw.Items)), "Keep the new one and the old one.")
	}
	if needed && len(raw.Items) == 0 {
		r.token(text{Line: raw.Line}, line, key, needed)
	}
	var secrets []Secret
	for _, item := range raw.Items {
		if secret := r.token(item, line, key, needed); needed {
			secrets = append(secrets, secret)
		}
	}
	return secrets
}

func (r *reader) slashCommands(raw texts) []string {
	if raw.Line == 0 {
		return []string{defaultCommand}
	}
	if len(raw.Items) == 0 {
		r.problem(raw.Line, "slack.commands is empty.", "Write [/deckhand], or leave the key out.")
	}
	if len(raw.Items) > MaxSlashCommands {
		r.problem(raw.Line, fmt.Sprintf("slack.commands has %d commands; Slack takes at most %d for an app.", len(raw.Items), MaxSlashCommands), "")
	}
	var commands []string
	for _, item := range raw.Items {
		if item.bad {
			continue
		}
		if message, hint := SlashCommand(item.Value); message != "" {
			r.problem(item.Line, message, hint)
		} else if slices.Contains(commands, item.Value) {
			r.problem(item.Line, fmt.Sprintf("The slash command %s is here twice.", quoted(item.Value)), "Keep one of them.")
		}
		commands = append(commands, item.Value)
	}
	return commands
}

// SlashCommand says what Slack would not take about a slash command, and what to write instead; both are
// empty where it is fine.
// Source: https://docs.slack.dev/reference/app-manifest
func SlashCommand(command string) (message, hint string) {
	name, slash := strings.CutPrefix(command, "/")
	// Slack's limit counts characters.
	length := len([]rune(command))
	unusable := func(c rune) bool { return c == '/' || unicode.IsSpace(c) || !unicode.IsPrint(c) }
	switch {
	case !slash || name == "":
		return fmt.Sprintf("The slash command %s must begin with a slash and have a name.", quoted(command)), "Write it as /deckhand."
	case strings.ContainsFunc(name, unusable):
		return fmt.Sprintf("The slash command %s must be one word.", quoted(command)), "Write it as /deckhand; the rest of the line is typed behind it."
	case command != strings.ToLower(command):
		return fmt.Sprintf("The slash command %s has capital letters.", quoted(command)), "Slack takes lower case only: " + strings.ToLower(command) + "."
	case length > maxSlashCommand:
		return fmt.Sprintf("The slash command %s has %d characters; Slack takes at most %d, the slash included.", quoted(command), length, maxSlashCommand), ""
	}
	return "", ""
}

// choice reports a value that is not one of the words.
func (r *reader) choice(value text, key string, words []string) {
	if slices.Contains(words, value.Value) {
		return
	}
	hint := "Write " + oneOf(words) + "."
	if near := nearest(value.Value, words); near != "" {
		hint = fmt.Sprintf("Did you mean %q?", near)
	}
	r.problem(value.Line, fmt.Sprintf("%s is %s, which is none of %s.", key, quoted(value.Value), oneOf(words)), hint)
}

// listen tells whether an address to listen on was written and can be one.
func (r *reader) listen(value text, key string) bool {
	if value.Value == "" {
		return false
	}
	host, port, err := net.SplitHostPort(value.Value)
	number, portErr := strconv.ParseUint(port, 10, 16)
	if err != nil || portErr != nil || strconv.FormatUint(number, 10) != port || strings.ContainsFunc(host, unicode.IsSpace) {
		r.problem(value.Line, fmt.Sprintf("%s is %s, which is not HOST:PORT.", key, quoted(value.Value)), "Write it as 127.0.0.1:3000, or as :3000 for every address of the machine.")
		return false
	}
	return true
}

// address tells whether a web address was written and can be one.
func (r *reader) address(value text, key string) bool {
	if value.Value == "" {
		return false
	}
	parsed, err := url.Parse(value.Value)
	switch {
	case err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Hostname() == "":
		r.problem(value.Line, fmt.Sprintf("%s is %s, which is not a web address.", key, quoted(value.Value)), "Write it in full, beginning with https:// or http://.")
		return false
	case parsed.User != nil:
		r.problem(value.Line, key+" has a user name or password in it.", "Remove what stands between // and @; secrets do not belong in this file.")
		return false
	}
	return true
}
