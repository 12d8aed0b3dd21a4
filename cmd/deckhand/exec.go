package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/user"
	"runtime/debug"
	"strings"

	"deckhand/bot"
	"deckhand/cmd/internal/app"
	"deckhand/commands"
	"deckhand/config"
)

// execLine runs a line and ends with 0 done, 1 failed or refused, 2 usage, 3 waiting for approval, 4 uncertain.
func execLine(flags *flag.FlagSet) func(context.Context, terminal) error {
	file := configFlag(flags)
	asJSON := flags.Bool("json", false, "print one JSON object instead of text")
	as := flags.String("as", "", "ask as this Slack `USER`; otherwise as terminal:LOGIN")
	return func(ctx context.Context, t terminal) error {
		if err := needsConfig(t, *file); err != nil {
			return err
		}
		valid, err := config.Load(*file, withoutSlack)
		if err != nil {
			return err
		}
		if os.Getenv("GOGC") == "" {
			debug.SetGCPercent(400) // one line ends within seconds; what is collected later costs nothing then
		}
		ahead := t.ahead
		if *asJSON {
			ahead = nil
		}
		outcome, err := follow(ctx, t, valid, *as, ahead)
		if err != nil {
			return err
		}
		if err := show(t, outcome, *asJSON); err != nil {
			return err
		}
		return code(outcome)
	}
}

// ahead shows the first part of a long answer, and what a line has to wait for, beside the output, which holds the whole of it and nothing else.
func (t terminal) ahead(part commands.Report) { _, _ = fmt.Fprint(t.err, commands.RenderText(part)) }

// warnings logs what is unexpected: whoever typed the line reads the rest in its answer.
func (t terminal) warnings() *slog.Logger {
	return slog.New(slog.NewTextHandler(t.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// follow runs the line to its end.
func follow(ctx context.Context, t terminal, valid config.Config, as string, ahead func(commands.Report)) (bot.Outcome, error) {
	who, err := asker(as)
	if err != nil {
		return bot.Outcome{}, err
	}
	house, err := app.Open(ctx, app.Settings{Config: valid, Log: t.warnings()})
	if err != nil {
		return bot.Outcome{}, err
	}
	outcome, err := house.Exec(ctx, who, lineOf(t.rest), ahead, t.ahead)
	if closed := house.Close(); err == nil {
		err = closed
	}
	return outcome, err
}

// withoutSlack resolves secrets; those of Slack, of checks and of webhooks may be missing where nobody is answered and nothing is watched. Whose second factor
// is missing cannot give a code here.
func withoutSlack(ref config.Ref) (string, error) {
	value, err := config.Resolve(ref)
	if err != nil && (strings.HasPrefix(ref.Key, "slack.") || strings.HasPrefix(ref.Key, "checks.") || strings.HasPrefix(ref.Key, "health.") || strings.HasPrefix(ref.Key, "people.")) {
		return "", config.ErrNotNeeded
	}
	return value, err
}

func asker(as string) (string, error) {
	if as != "" {
		return commands.Unmarked(as), nil
	}
	login, err := user.Current()
	if err != nil {
		return "", fmt.Errorf("find out who you are: %w; name yourself with --as", err)
	}
	return "terminal:" + login.Username, nil
}

// lineOf joins arguments that a shell has split already.
func lineOf(args []string) string {
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

func show(t terminal, outcome bot.Outcome, asJSON bool) error {
	if !asJSON {
		_, err := fmt.Fprint(t.out, commands.RenderText(outcome.Report))
		return err
	}
	report, err := json.Marshal(outcome.Report)
	if err != nil {
		return err
	}
	return json.NewEncoder(t.out).Encode(struct {
		Request string          `json:"request,omitempty"`
		State   bot.State       `json:"state"`
		Error   commands.Kind   `json:"error,omitempty"`
		Text    string          `json:"text"`
		Report  json.RawMessage `json:"report"`
	}{outcome.Request, outcome.State, outcome.Kind, commands.RenderText(outcome.Report), unmarked(report)})
}

// unmarked writes the marks in a report's strings as a terminal shows them. What stands in a mark is part of a JSON string and stays one.
func unmarked(report []byte) json.RawMessage {
	return json.RawMessage(commands.Terminal().Render(string(report)))
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
