package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os/user"
	"strings"

	"deckhand/bot"
	"deckhand/cmd/internal/app"
	"deckhand/commands"
	"deckhand/config"
)

type execCommand struct {
	Config string   `required:"" placeholder:"FILE" help:"Configuration file; it needs no slack section."`
	JSON   bool     `name:"json" help:"Print one JSON object instead of text."`
	As     string   `placeholder:"USER" help:"Ask as this Slack user; otherwise as terminal:LOGIN."`
	Line   []string `arg:"" passthrough:"" help:"The line, after --."`
}

// Run runs the line and ends with 0 done, 1 failed or refused, 2 usage, 3 waiting for approval, 4 uncertain.
func (c *execCommand) Run(ctx context.Context, t terminal) error {
	valid, err := config.Load(c.Config, withoutSlack)
	if err != nil {
		return err
	}
	who, err := c.who()
	if err != nil {
		return err
	}
	house, err := app.Open(ctx, app.Settings{Config: valid, Log: t.log})
	if err != nil {
		return err
	}
	outcome, err := house.Exec(ctx, who, lineOf(c.Line))
	if closed := house.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	if err := c.print(t, outcome); err != nil {
		return err
	}
	return code(outcome)
}

// withoutSlack resolves secrets; those of Slack may be missing where nobody is answered there.
func withoutSlack(ref config.Ref) (string, error) {
	value, err := config.Resolve(ref)
	if err != nil && strings.HasPrefix(ref.Key, "slack.") {
		return "", config.ErrNotNeeded
	}
	return value, err
}

func (c *execCommand) who() (string, error) {
	if c.As != "" {
		return commands.Unmarked(c.As), nil
	}
	login, err := user.Current()
	if err != nil {
		return "", fmt.Errorf("find out who you are: %w; name yourself with --as", err)
	}
	return "terminal:" + login.Username, nil
}

// lineOf joins arguments that a shell has split already.
func lineOf(args []string) string {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 1 {
		return args[0]
	}
	var words []string
	for _, arg := range args {
		flag, value, hasValue := strings.Cut(arg, "=")
		switch {
		case !strings.HasPrefix(arg, "-"), strings.ContainsAny(flag, " \t\n"):
			words = append(words, commands.Quote(arg))
		case hasValue:
			words = append(words, flag+"="+commands.Quote(value))
		default:
			words = append(words, arg)
		}
	}
	return strings.Join(words, " ")
}

func (c *execCommand) print(t terminal, outcome bot.Outcome) error {
	if !c.JSON {
		_, err := fmt.Fprint(t.out, commands.RenderText(outcome.Report))
		return err
	}
	return json.NewEncoder(t.out).Encode(struct {
		Request string          `json:"request,omitempty"`
		State   bot.State       `json:"state"`
		Error   commands.Kind   `json:"error,omitempty"`
		Text    string          `json:"text"`
		Report  commands.Report `json:"report"`
	}{outcome.Request, outcome.State, outcome.Kind, commands.RenderText(outcome.Report), outcome.Report})
}

// code is how the process ends.
func code(outcome bot.Outcome) error {
	switch outcome.State {
	case bot.Done, bot.Settled, bot.Cancelled, bot.Rejected:
		return nil
	case bot.Waiting, bot.Asked, bot.Queued:
		return exitWaiting
	case bot.Unsure, bot.Running:
		return exitUncertain
	case bot.Failed, bot.Refused, bot.Expired:
	}
	if outcome.Kind == commands.Usage {
		return exitUsage
	}
	return exitFailed
}
