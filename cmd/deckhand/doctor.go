package main

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"deckhand/cmd/internal/app"
	"deckhand/commands"
	"deckhand/config"
)

// doctor examines what a configuration leads to: 0 healthy, 1 where something does not work.
func doctor(flags *flag.FlagSet) func(context.Context, terminal) error {
	file := configFlag(flags)
	return func(ctx context.Context, t terminal) error {
		if err := needsConfig(t, *file); err != nil {
			return err
		}
		valid, err := config.Load(*file, config.Resolve)
		if err != nil {
			return err
		}
		house, err := app.Open(ctx, app.Settings{Config: valid, Log: t.log})
		if err != nil {
			return err
		}
		report, err := house.Doctor(ctx)
		if _, writing := fmt.Fprint(t.out, commands.RenderText(report)); err == nil {
			err = writing
		}
		if closed := house.Close(); err == nil {
			err = closed
		}
		if errors.Is(err, app.ErrNotHealthy) {
			return exitFailed
		}
		return err
	}
}
