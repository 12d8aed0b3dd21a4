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

// backup copies the database into a new file; a serving process goes on meanwhile.
func backup(flags *flag.FlagSet) func(context.Context, terminal) error {
	file := configFlag(flags)
	return func(ctx context.Context, t terminal) error {
		valid, err := t.storeOf(*file)
		if err != nil {
			return err
		}
		if len(t.rest) != 1 {
			_, _ = fmt.Fprintln(t.err, "deckhand backup: name one new file to write.")
			return exitUsage
		}
		if err := app.Backup(ctx, valid, t.log, t.rest[0]); err != nil {
			return inWords(err)
		}
		_, err = fmt.Fprintf(t.out, "The database was copied to %s.\n", t.rest[0])
		return err
	}
}

// restore puts a backup in the database's place, while nobody serves.
func restore(flags *flag.FlagSet) func(context.Context, terminal) error {
	file := configFlag(flags)
	return func(ctx context.Context, t terminal) error {
		valid, err := t.storeOf(*file)
		if err != nil {
			return err
		}
		if len(t.rest) > 1 {
			_, _ = fmt.Fprintln(t.err, "deckhand restore: name one backup, or none where the database was restored already.")
			return exitUsage
		}
		from := ""
		if len(t.rest) == 1 {
			from = t.rest[0]
		}
		done, err := app.Restore(ctx, valid, t.log, from)
		if err != nil {
			return inWords(err)
		}
		if done.Kept != "" {
			_, _ = fmt.Fprintf(t.out, "The backup is in place; what was there before is kept as %s.\n", done.Kept)
		}
		_, err = fmt.Fprintf(t.out, "Requests that were under way in the backup and are uncertain now: %d. Look at AWS and settle them; none runs again by itself.\n", done.Uncertain)
		return err
	}
}

func (t terminal) storeOf(file string) (config.Config, error) {
	if err := needsConfig(t, file); err != nil {
		return config.Config{}, err
	}
	return config.Load(file, withoutSlack)
}

// inWords is an error as the terminal shows it.
func inWords(err error) error {
	return errors.New(commands.Terminal().Render(commands.Words(err).Error()))
}
