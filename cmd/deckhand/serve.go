package main

import (
	"context"
	"fmt"

	"deckhand/cmd/internal/app"
	"deckhand/config"
)

type serveCommand struct {
	Config string `required:"" placeholder:"FILE" help:"Configuration file."`
}

// Run serves until it is told to stop.
func (c *serveCommand) Run(ctx context.Context, t terminal) error {
	valid, err := config.Load(c.Config, config.Resolve)
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

type checkCommand struct {
	Config string `required:"" placeholder:"FILE" help:"Configuration file."`
}

// Run reports every problem at once.
func (c *checkCommand) Run(t terminal) error {
	valid, err := config.Load(c.Config, config.Resolve)
	if err != nil {
		return err
	}
	if err := linesOf(c.Config, valid); err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.out, "%s is valid: %d rules, %d checks, %d schedules.\n", c.Config, len(valid.Policy), len(valid.Checks), len(valid.Schedules))
	return err
}

// linesOf looks at the lines of the timetable, which only the catalogue understands.
func linesOf(file string, valid config.Config) error {
	vocabulary, err := app.Vocabulary()
	if err != nil {
		return err
	}
	var problems config.Problems
	for _, s := range valid.Schedules {
		if _, _, err := vocabulary.Parse("", s.Run); err != nil {
			problems = append(problems, lineProblem(file, s, err))
		}
	}
	if len(problems) > 0 {
		return problems
	}
	return nil
}
