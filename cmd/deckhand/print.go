package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"deckhand/cmd/internal/app"
	"deckhand/config"
	"deckhand/config/manifest"
)

// printManifest prints the Slack app manifest.
func printManifest(flags *flag.FlagSet) func(context.Context, terminal) error {
	file := flags.String("config", "", "take transport and commands from this configuration `FILE`")
	transport := flags.String("transport", "socket", "how Slack reaches the bot: `socket or http`")
	url := flags.String("url", "", "where Slack reaches the bot over http, `https://bot.example.com`")
	var slashCommands words
	flags.Var(&slashCommands, "commands", "slash commands, `/deckhand,/vm`; may be repeated")
	return func(_ context.Context, t terminal) error {
		settings := manifest.Settings{Transport: config.Transport(*transport), Commands: slashCommands, URL: *url}
		if settings.Transport != config.Socket && settings.Transport != config.HTTP {
			_, _ = fmt.Fprintf(t.err, "deckhand: --transport is socket or http, not %q.\n", *transport)
			return exitUsage
		}
		if *file != "" {
			valid, err := config.Load(*file, nil)
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
}

// words is a flag that may be repeated, or hold several values between commas.
type words []string

// String implements flag.Value.
func (w *words) String() string { return strings.Join(*w, ",") }

// Set implements flag.Value.
func (w *words) Set(text string) error {
	for _, word := range strings.Split(text, ",") {
		if word = strings.TrimSpace(word); word != "" {
			*w = append(*w, word)
		}
	}
	return nil
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
	Resource    string                         `json:",omitempty"` // none in a trust policy
	Principal   map[string]string              `json:",omitempty"` // only in a trust policy
	Condition   map[string]map[string][]string `json:",omitempty"`
}

// passRole is a right by itself: without a condition it lets a role be given to anything.
const passRole = "iam:PassRole"

const formation = "cloudformation.amazonaws.com"

// takesRoles says which service the commands of a noun give roles to.
var takesRoles = map[string]string{"vm": "ec2.amazonaws.com", "lambda": "lambda.amazonaws.com", "probe": "lambda.amazonaws.com", "app": formation, "lease": formation} //nolint:gochecknoglobals // a constant table

// linkedRole is the right to make the role by which a service acts in the account, at its first use there.
const linkedRole = "iam:CreateServiceLinkedRole"

// linksRoles says which service that is, by the noun.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
var linksRoles = map[string]string{"lb": "elasticloadbalancing.amazonaws.com", "api": "ops.apigateway.amazonaws.com"} //nolint:gochecknoglobals // a constant table

// printIAMPolicy prints the least rights for the verbs of the catalogue.
func printIAMPolicy(flags *flag.FlagSet) func(context.Context, terminal) error {
	var verbs words
	flags.Var(&verbs, "verbs", "only the rights of these commands, `\"vm *, check *\"`; all where it is left out")
	trusts := flags.String("trust", "", "instead, the trust policy of a role in another account that lets deckhand's own role in, `ROLE_ARN`")
	return func(_ context.Context, t terminal) error {
		if *trusts != "" {
			return writeTrustPolicy(t.out, *trusts)
		}
		return writeIAMPolicy(t, verbs)
	}
}

var roleARN = regexp.MustCompile(`^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/[\w+=,.@/-]+$`)

// writeTrustPolicy prints who may enter a role: deckhand, and as the person who asked.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
func writeTrustPolicy(out io.Writer, trusted string) error {
	if !roleARN.MatchString(trusted) {
		return fmt.Errorf("--trust wants the ARN of deckhand's own role, arn:aws:iam::123456789012:role/deckhand, and %q is none", trusted)
	}
	return printJSON(out, iamPolicy{Version: "2012-10-17", Statement: []iamStatement{{
		Sid: "DeckhandEnters", Effect: "Allow", Principal: map[string]string{"AWS": trusted}, Action: []string{"sts:AssumeRole", "sts:SetSourceIdentity"},
	}}})
}

func printJSON(out io.Writer, document any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document)
}

func writeIAMPolicy(t terminal, verbs []string) error {
	vocabulary, err := app.Vocabulary()
	if err != nil {
		return err
	}
	reads, changes, passes, links := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, command := range vocabulary.All() {
		chosen, err := anyMatch(verbs, command.Name)
		if err != nil {
			return err
		}
		if !chosen {
			continue
		}
		for _, right := range command.Rights {
			noun, _, _ := strings.Cut(command.Name, " ")
			switch _, action, _ := strings.Cut(right, ":"); {
			case right == passRole:
				passes[takesRoles[noun]] = true
			case right == linkedRole:
				links[linksRoles[noun]] = true
			case strings.HasPrefix(action, "BatchGet"), strings.HasPrefix(action, "Describe"), strings.HasPrefix(action, "Get"), strings.HasPrefix(action, "List"):
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
	for _, bound := range []struct {
		sid, right, key string
		services        map[string]bool
	}{{"DeckhandGivesRoles", passRole, "iam:PassedToService", passes}, {"DeckhandLinksServices", linkedRole, "iam:AWSServiceName", links}} {
		if len(bound.services) > 0 {
			policy.Statement = append(policy.Statement, iamStatement{
				Sid: bound.sid, Effect: "Allow", Action: []string{bound.right}, Resource: "*",
				Condition: map[string]map[string][]string{"StringEquals": {bound.key: sorted(bound.services)}},
			})
		}
	}
	if len(policy.Statement) == 0 {
		return errors.New("no command that needs rights matches; \"deckhand commands\" lists them")
	}
	policy.Statement = append(policy.Statement, iamStatement{
		Sid: "DeckhandExplainsRefusals", Effect: "Allow", Action: []string{"sts:DecodeAuthorizationMessage"}, Resource: "*",
	})
	if slices.ContainsFunc(sorted(changes), func(right string) bool { return strings.HasPrefix(right, "cloudformation:") }) {
		_, _ = fmt.Fprintln(t.err, stackParts)
	}
	return printJSON(t.out, policy)
}

// stackParts says what no policy here holds: with which rights CloudFormation acts is up to the configuration.
const stackParts = "Not in it is what CloudFormation needs for the parts of an application: the role aws.service_role has that, or else deckhand's own. docs/operating.md lists it under Applications."

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

// printCommands prints every command.
func printCommands(flags *flag.FlagSet) func(context.Context, terminal) error {
	markdown := flags.Bool("markdown", false, "as Markdown, the source of docs/commands.md")
	return func(_ context.Context, t terminal) error {
		vocabulary, err := app.Vocabulary()
		if err != nil {
			return err
		}
		if *markdown {
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
}

// printVersion prints the version.
func printVersion(*flag.FlagSet) func(context.Context, terminal) error {
	return func(_ context.Context, t terminal) error {
		_, err := fmt.Fprintln(t.out, "deckhand "+version)
		return err
	}
}
