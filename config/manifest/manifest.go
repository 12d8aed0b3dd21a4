// Package manifest writes the Slack app manifest that deckhand needs: what an administrator pastes into Slack
// to create the app.
package manifest

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"

	"go.yaml.in/yaml/v3"

	"deckhand/config"
)

// Settings is what differs from one team's app to another's.
type Settings struct {
	Name      string // of the app and of its bot user; empty: "deckhand"
	Transport config.Transport
	Commands  []string // slash commands, each with its slash
	// URL is where Slack reaches the bot over HTTP, "https://deckhand.example.com": the paths are added. The
	// socket transport needs none.
	URL string
}

// Slack's limit on an app's name, in characters.
// Source: https://docs.slack.dev/reference/app-manifest
const maxName = 35

// Error says why a manifest would not be taken by Slack.
type Error struct{ message, hint string }

// Error joins message and hint.
func (e *Error) Error() string { return strings.TrimSpace(e.message + " " + e.hint) }

// Message is what is wrong, a sentence.
func (e *Error) Message() string { return e.message }

// Hint is the next step, a sentence or empty.
func (e *Error) Hint() string { return e.hint }

// ErrorKind says that the settings are wrong.
func (e *Error) ErrorKind() string { return "usage" }

// The types mirror the manifest, key for key.
// Source: https://docs.slack.dev/reference/app-manifest
type (
	app struct {
		Display  display  `yaml:"display_information"`
		Features features `yaml:"features"`
		OAuth    oauth    `yaml:"oauth_config"`
		Settings settings `yaml:"settings"`
	}
	display struct {
		Name        string `yaml:"name"`
		Description string `yaml:"description"`
		Background  string `yaml:"background_color"`
	}
	features struct {
		AppHome  appHome   `yaml:"app_home"`
		BotUser  botUser   `yaml:"bot_user"`
		Commands []command `yaml:"slash_commands"`
	}
	appHome struct {
		Home     bool `yaml:"home_tab_enabled"`
		Messages bool `yaml:"messages_tab_enabled"`
		ReadOnly bool `yaml:"messages_tab_read_only_enabled"`
	}
	botUser struct {
		Name   string `yaml:"display_name"`
		Online bool   `yaml:"always_online"`
	}
	command struct {
		Command      string `yaml:"command"`
		URL          string `yaml:"url,omitempty"`
		Description  string `yaml:"description"`
		UsageHint    string `yaml:"usage_hint"`
		ShouldEscape bool   `yaml:"should_escape"`
	}
	oauth struct {
		Scopes struct {
			Bot []*yaml.Node `yaml:"bot"`
		} `yaml:"scopes"`
	}
	settings struct {
		Events        events        `yaml:"event_subscriptions"`
		Interactivity interactivity `yaml:"interactivity"`
		OrgDeploy     bool          `yaml:"org_deploy_enabled"`
		SocketMode    bool          `yaml:"socket_mode_enabled"`
		TokenRotation bool          `yaml:"token_rotation_enabled"`
	}
	events struct {
		URL string   `yaml:"request_url,omitempty"`
		Bot []string `yaml:"bot_events"`
	}
	interactivity struct {
		Enabled bool   `yaml:"is_enabled"`
		URL     string `yaml:"request_url,omitempty"`
	}
)

// scopes are the rights the bot asks for, each with its reason, which the manifest carries as a comment.
var scopes = [][2]string{ //nolint:gochecknoglobals // a constant table
	{"commands", "slash commands"},
	{"chat:write", "answers, progress and results"},
	{"chat:write.public", "posts in public channels that nobody invited it to"},
	{"app_mentions:read", "lines that mention the bot, which also work in threads"},
	{"im:history", "lines in direct messages"},
	{"im:read", "tells a direct message from a channel"},
	{"im:write", "opens a direct message with an approver"},
	{"channels:history", "finds its own message again when the answer to a post was lost"},
	{"groups:history", "the same in private channels it is in"},
	{"channels:join", "comes into a public channel before it puts a file there, or looks for its own message"},
	{"channels:read", "tells whether a channel is shared with another organisation"},
	{"groups:read", "the same for private channels it is in"},
	{"usergroups:read", "who is in the groups that the policy names"},
	{"users:read", "tells whether an approver has left"},
	{"files:write", "output that is too long for a message"},
}

// Scopes answers the scopes that the manifest asks for.
func Scopes() []string {
	names := make([]string, len(scopes))
	for i, scope := range scopes {
		names[i] = scope[0]
	}
	return names
}

// Manifest answers the manifest as YAML. The error is of type *Error.
func Manifest(s Settings) ([]byte, error) {
	if s.Name == "" {
		s.Name = "deckhand"
	}
	if err := check(s); err != nil {
		return nil, err
	}
	endpoint := func(path string) string {
		if s.Transport == config.Socket {
			return ""
		}
		return strings.TrimSuffix(s.URL, "/") + path
	}
	manifest := app{
		Display: display{Name: s.Name, Description: "Runs AWS from Slack: one line, seen by everybody, allowed by policy.", Background: "#1d3557"},
		Features: features{
			AppHome: appHome{Messages: true}, // without the messages tab nobody can write to the bot
			BotUser: botUser{Name: s.Name, Online: true},
		},
		Settings: settings{
			Events:        events{URL: endpoint("/slack/events"), Bot: []string{"app_mention", "message.im"}},
			Interactivity: interactivity{Enabled: true, URL: endpoint("/slack/interactions")},
			SocketMode:    s.Transport == config.Socket,
		},
	}
	for _, name := range s.Commands {
		manifest.Features.Commands = append(manifest.Features.Commands, slashCommand(name, endpoint("/slack/commands")))
	}
	for _, scope := range scopes {
		manifest.OAuth.Scopes.Bot = append(manifest.OAuth.Scopes.Bot, &yaml.Node{Kind: yaml.ScalarNode, Value: scope[0], LineComment: scope[1]})
	}
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(manifest); err != nil {
		return nil, &Error{message: fmt.Sprintf("The manifest cannot be written: %v.", err)}
	}
	return out.Bytes(), nil
}

// slashCommand describes a command. Escaping is on, so that people, channels and links arrive as ids.
func slashCommand(name, endpoint string) command {
	c := command{Command: name, URL: endpoint, ShouldEscape: true, Description: "Run AWS from Slack", UsageHint: "help | status | vm list | vm show NAME"}
	if name != "/deckhand" {
		noun := strings.TrimPrefix(name, "/")
		c.Description = "Run AWS from Slack: " + noun
		c.UsageHint = "[verb] [names] [--flags]"
	}
	return c
}

func check(s Settings) error {
	if s.Transport != config.Socket && s.Transport != config.HTTP {
		return &Error{fmt.Sprintf("The transport is %q.", s.Transport), "Use socket or http."}
	}
	if length := len([]rune(s.Name)); length > maxName {
		return &Error{fmt.Sprintf("The name has %d characters; Slack takes at most %d.", length, maxName), "Use a shorter one."}
	}
	if len(s.Commands) == 0 || len(s.Commands) > config.MaxSlashCommands {
		return &Error{fmt.Sprintf("There are %d slash commands; Slack takes 1 to %d for an app.", len(s.Commands), config.MaxSlashCommands), ""}
	}
	seen := map[string]bool{}
	for _, command := range s.Commands {
		if message, hint := config.SlashCommand(command); message != "" {
			return &Error{message, hint}
		}
		if seen[command] {
			return &Error{fmt.Sprintf("The slash command %s is here twice.", command), "Keep one of them."}
		}
		seen[command] = true
	}
	if s.Transport == config.HTTP {
		address, err := url.Parse(s.URL)
		if err != nil || address.Scheme != "https" || address.Hostname() == "" || address.User != nil || address.RawQuery != "" || address.Fragment != "" {
			return &Error{"The http transport needs the public address of the bot.", "Give one that Slack can reach, such as https://deckhand.example.com."}
		}
	}
	return nil
}
