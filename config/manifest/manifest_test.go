package manifest_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"deckhand/config"
	"deckhand/config/manifest"
)

// read writes a manifest and reads it back as Slack would: keys and values, without our types.
func read(t *testing.T, s manifest.Settings) (tree map[string]any, text string) {
	t.Helper()
	raw, err := manifest.Manifest(s)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(raw, &tree); err != nil {
		t.Fatalf("%v in\n%s", err, raw)
	}
	return tree, string(raw)
}

// at follows a path of keys and list positions.
func at(t *testing.T, tree any, path string) any {
	t.Helper()
	for key := range strings.SplitSeq(path, ".") {
		switch node := tree.(type) {
		case map[string]any:
			tree = node[key]
		case []any:
			var i int
			if _, err := fmt.Sscan(key, &i); err != nil || i >= len(node) {
				t.Fatalf("no %s in %v", key, node)
			}
			tree = node[i]
		default:
			t.Fatalf("%s of %s: %v holds nothing", key, path, node)
		}
	}
	return tree
}

func TestASocketNeedsNoAddress(t *testing.T) {
	t.Parallel()
	tree, text := read(t, manifest.Settings{Transport: config.Socket, Commands: []string{"/deckhand", "/vm"}, URL: "https://ignored.example.com"})
	for path, want := range map[string]any{
		"display_information.name":                         "deckhand",
		"features.bot_user.display_name":                   "deckhand",
		"features.bot_user.always_online":                  true,
		"features.app_home.messages_tab_enabled":           true,
		"features.app_home.messages_tab_read_only_enabled": false,
		"features.slash_commands.0.command":                "/deckhand",
		"features.slash_commands.0.should_escape":          true,
		"features.slash_commands.1.command":                "/vm",
		"features.slash_commands.1.description":            "Run AWS from Slack: vm",
		"oauth_config.scopes.bot.0":                        "commands",
		"settings.event_subscriptions.bot_events.0":        "app_mention",
		"settings.event_subscriptions.bot_events.1":        "message.im",
		"settings.interactivity.is_enabled":                true,
		"settings.socket_mode_enabled":                     true,
		"settings.token_rotation_enabled":                  false,
		"settings.org_deploy_enabled":                      false,
	} {
		if got := at(t, tree, path); got != want {
			t.Errorf("%s is %v, wanted %v", path, got, want)
		}
	}
	if strings.Contains(text, "url:") || strings.Contains(text, "ignored") {
		t.Errorf("an address is in it:\n%s", text)
	}
}

func TestHTTPNamesThreeAddresses(t *testing.T) {
	t.Parallel()
	tree, _ := read(t, manifest.Settings{Name: "deckhand-eu", Transport: config.HTTP, Commands: []string{"/deckhand"}, URL: "https://deckhand.example.com/eu/"})
	for path, want := range map[string]any{
		"display_information.name":                 "deckhand-eu",
		"features.slash_commands.0.url":            "https://deckhand.example.com/eu/slack/commands",
		"settings.interactivity.request_url":       "https://deckhand.example.com/eu/slack/interactions",
		"settings.event_subscriptions.request_url": "https://deckhand.example.com/eu/slack/events",
		"settings.socket_mode_enabled":             false,
	} {
		if got := at(t, tree, path); got != want {
			t.Errorf("%s is %v, wanted %v", path, got, want)
		}
	}
}

func TestEveryScopeIsAskedForOnceAndSaysWhy(t *testing.T) {
	t.Parallel()
	tree, text := read(t, manifest.Settings{Transport: config.Socket, Commands: []string{"/deckhand"}})
	list, ok := at(t, tree, "oauth_config.scopes.bot").([]any)
	if !ok || len(list) != 15 {
		t.Fatalf("the scopes are %v", list)
	}
	seen := map[any]bool{}
	for _, scope := range list {
		if seen[scope] || !strings.Contains(text, fmt.Sprintf("- %s # ", scope)) {
			t.Errorf("%v is there twice or without a reason", scope)
		}
		seen[scope] = true
	}
}

func TestWhatSlackWouldNotTakeIsSaidFirst(t *testing.T) {
	t.Parallel()
	one := []string{"/deckhand"}
	for want, settings := range map[string]manifest.Settings{
		`The transport is "".`:                                                    {Commands: one},
		"The name has 36 characters; Slack takes at most 35.":                     {Transport: config.Socket, Commands: one, Name: strings.Repeat("d", 36)},
		"There are 0 slash commands; Slack takes 1 to 50 for an app.":             {Transport: config.Socket},
		"There are 51 slash commands; Slack takes 1 to 50 for an app.":            {Transport: config.Socket, Commands: make([]string, 51)},
		`The slash command "/Deckhand" has capital letters.`:                      {Transport: config.Socket, Commands: []string{"/Deckhand"}},
		"The slash command /vm is here twice.":                                    {Transport: config.Socket, Commands: []string{"/vm", "/vm"}},
		"The http transport needs the public address of the bot.":                 {Transport: config.HTTP, Commands: one},
		"The http transport needs the public address of the bot. (plain)":         {Transport: config.HTTP, Commands: one, URL: "http://deckhand.example.com"},
		"The http transport needs the public address of the bot. (with a query)":  {Transport: config.HTTP, Commands: one, URL: "https://deckhand.example.com/?a=b"},
		"The http transport needs the public address of the bot. (with password)": {Transport: config.HTTP, Commands: one, URL: "https://a:b@deckhand.example.com/"},
	} {
		_, err := manifest.Manifest(settings)
		var said *manifest.Error
		want, _, _ = strings.Cut(want, " (")
		if !errors.As(err, &said) || said.Message() != want || said.ErrorKind() != "usage" {
			t.Errorf("%v; wanted %s", err, want)
		}
	}
}
