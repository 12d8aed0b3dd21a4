package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"slices"

	"deckhand/cmd/internal/app"
	"deckhand/commands"
	"deckhand/config"
)

// serve serves until it is told to stop.
func serve(flags *flag.FlagSet) func(context.Context, terminal) error {
	file := configFlag(flags)
	return func(ctx context.Context, t terminal) error {
		if err := needsConfig(t, *file); err != nil {
			return err
		}
		valid, err := config.Load(*file, config.Resolve)
		if err != nil {
			return err
		}
		house, err := app.Open(ctx, app.Settings{Config: valid, Log: t.log, Serving: true})
		if err != nil {
			return err
		}
		t.log.Info("deckhand serves", "version", version)
		err = house.Serve(ctx)
		if closed := house.Close(); err == nil {
			err = closed
		}
		return err
	}
}

// checkConfig reports every problem at once.
func checkConfig(flags *flag.FlagSet) func(context.Context, terminal) error {
	file := configFlag(flags)
	return func(_ context.Context, t terminal) error {
		if err := needsConfig(t, *file); err != nil {
			return err
		}
		vocabulary, err := app.Vocabulary()
		if err != nil {
			return err
		}
		valid, err := config.Load(*file, config.Resolve, func(read config.Config) config.Problems { return linesOf(*file, read, vocabulary) })
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(t.out, "%s is valid: %s, %s, %s.\n", *file,
			commands.Count(len(valid.Policy), "rule"), commands.Count(len(valid.Checks), "check"), commands.Count(len(valid.Schedules), "schedule"))
		return err
	}
}

// linesOf looks at what only the catalogue understands: the commands that rules speak of, and the lines of the timetable.
func linesOf(file string, valid config.Config, vocabulary *commands.Catalog) config.Problems {
	var problems config.Problems
	for _, rule := range valid.Policy {
		strangers := app.Strangers(vocabulary, rule)
		for _, pattern := range slices.Sorted(maps.Keys(strangers)) {
			problems = append(problems, strangerProblem(file, rule, pattern, strangers[pattern]))
		}
	}
	for _, s := range valid.Schedules {
		if _, _, err := vocabulary.Parse("", s.Run); err != nil {
			problems = append(problems, lineProblem(file, s, err))
		}
		if s.Hours == "" {
			continue
		}
		if _, _, err := vocabulary.Parse("", s.RunAtEnd); err != nil {
			problems = append(problems, lineProblem(file, s, err))
		}
		if err := app.Hours(s); err != nil {
			words := commands.Words(err)
			problems = append(problems, config.Problem{File: file, Line: s.LineNumber, Message: "The schedule " + s.Name + ": " + commands.Terminal().Render(words.Message), Hint: commands.Terminal().Render(words.Hint)})
		}
	}
	return problems
}

func strangerProblem(file string, rule config.Rule, pattern, near string) config.Problem {
	problem := config.Problem{
		File: file, Line: rule.Line, Message: fmt.Sprintf("The rule speaks of %q, and no command is called that, so it decides nothing by it.", pattern),
		Hint: "Names are those of \"deckhand commands\", with * for any words.",
	}
	if near != "" {
		problem.Hint = fmt.Sprintf("Did you mean %q?", near)
	}
	return problem
}

func lineProblem(file string, s config.Schedule, err error) config.Problem {
	words := commands.Words(err)
	return config.Problem{
		File: file, Line: s.LineNumber,
		Message: "The schedule " + s.Name + " runs a line that is not understood: " + commands.Terminal().Render(words.Message),
		Hint:    commands.Terminal().Render(words.Hint),
	}
}
