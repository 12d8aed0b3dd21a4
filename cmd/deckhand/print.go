package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"deckhand/cmd/internal/app"
	"deckhand/commands"
	"deckhand/config"
	"deckhand/config/manifest"
)

func lineProblem(file string, s config.Schedule, err error) config.Problem {
	words := commands.Words(err)
	return config.Problem{
		File: file, Line: s.LineNumber,
		Message: "The schedule " + s.Name + " runs a line that is not understood: " + commands.Terminal().Render(words.Message),
		Hint:    commands.Terminal().Render(words.Hint),
	}
}

type manifestCommand struct {
	Config    string   `placeholder:"FILE" help:"Take transport and commands from this configuration."`
	Transport string   `enum:"socket,http" default:"socket" help:"How Slack reaches the bot: ${enum}."`
	Commands  []string `placeholder:"/NAME" help:"Slash commands; /deckhand where none is given."`
	URL       string   `placeholder:"URL" help:"Where Slack reaches the bot, for http: https://bot.example.com."`
}

// Run prints the manifest.
func (c *manifestCommand) Run(t terminal) error {
	settings := manifest.Settings{Transport: config.Transport(c.Transport), Commands: c.Commands, URL: c.URL}
	if c.Config != "" {
		valid, err := config.Load(c.Config, nil)
		if err != nil {
			return err
		}
		if valid.Slack == nil {
			return errors.New("the configuration has no slack section; choose with --transport and --commands")
		}
		settings.Transport, settings.Commands = valid.Slack.Transport, valid.Slack.Commands
	}
	if len(settings.Commands) == 0 {
		settings.Commands = []string{"/deckhand"}
	}
	printed, err := manifest.Manifest(settings)
	if err != nil {
		return err
	}
	_, err = t.out.Write(printed)
	return err
}

type iamPolicyCommand struct {
	Verbs []string `placeholder:"PATTERN" help:"Only the rights of these commands, for example \"vm *\"; all where none is given."`
}

// iamPolicy is an IAM policy document.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
type iamPolicy struct {
	Version   string
	Statement []iamStatement
}

type iamStatement struct {
	Sid, Effect string
	Action      []string
	Resource    string
	Condition   map[string]map[string]string `json:",omitempty"`
}

// passRole is a right by itself: without a condition it lets a role be given to anything.
const passRole = "iam:PassRole"

// Run prints the least rights for the verbs of the catalogue.
func (c *iamPolicyCommand) Run(t terminal) error {
	vocabulary, err := app.Vocabulary()
	if err != nil {
		return err
	}
	reads, changes, passes := map[string]bool{}, map[string]bool{}, false
	for _, command := range vocabulary.All() {
		chosen, err := anyMatch(c.Verbs, command.Name)
		if err != nil {
			return err
		}
		if !chosen {
			continue
		}
		for _, right := range command.Rights {
			switch _, action, _ := strings.Cut(right, ":"); {
			case right == passRole:
				passes = true
			case strings.HasPrefix(action, "Describe"), strings.HasPrefix(action, "Get"), strings.HasPrefix(action, "List"):
				reads[right] = true
			default:
				changes[right] = true
			}
		}
	}
	policy := iamPolicy{Version: "2012-10-17"}
	for _, part := range []struct {
		sid    string
		rights map[string]bool
	}{{"DeckhandReads", reads}, {"DeckhandChanges", changes}} {
		if len(part.rights) > 0 {
			policy.Statement = append(policy.Statement, iamStatement{Sid: part.sid, Effect: "Allow", Action: sorted(part.rights), Resource: "*"})
		}
	}
	if passes {
		policy.Statement = append(policy.Statement, iamStatement{
			Sid: "DeckhandGivesRolesToInstances", Effect: "Allow", Action: []string{passRole}, Resource: "*",
			Condition: map[string]map[string]string{"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
		})
	}
	if len(policy.Statement) == 0 {
		return errors.New("no command that needs rights matches; \"deckhand commands\" lists them")
	}
	encoder := json.NewEncoder(t.out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(policy)
}

func anyMatch(patterns []string, name string) (bool, error) {
	for _, pattern := range patterns {
		matched, err := path.Match(strings.TrimSpace(pattern), name)
		if err != nil {
			return false, fmt.Errorf("%q is not a pattern such as \"vm *\": %w", pattern, err)
		}
		if matched {
			return true, nil
		}
	}
	return len(patterns) == 0, nil
}

func sorted(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for key := range set {
		out = append(out, key)
	}
	slices.Sort(out)
	return out
}

type commandsCommand struct {
	Markdown bool `help:"As Markdown, the source of docs/commands.md."`
}

// Run prints every command.
func (c *commandsCommand) Run(t terminal) error {
	vocabulary, err := app.Vocabulary()
	if err != nil {
		return err
	}
	if c.Markdown {
		_, err = fmt.Fprint(t.out, vocabulary.Markdown())
		return err
	}
	for _, command := range vocabulary.All() {
		if _, err = fmt.Fprintf(t.out, "%-16s %s\n", command.Name, command.Summary); err != nil {
			return err
		}
	}
	return nil
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(t terminal) error {
	_, err := fmt.Fprintln(t.out, "deckhand "+version)
	return err
}
