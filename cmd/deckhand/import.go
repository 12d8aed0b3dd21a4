package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"deckhand/commands"
	"deckhand/config/adopt"
)

// importChecks prints the checks section that another program's file amounts to, and on the error output what could not be carried over.
func importChecks(*flag.FlagSet) func(context.Context, terminal) error {
	return func(_ context.Context, t terminal) error {
		if len(t.rest) != 1 {
			_, _ = fmt.Fprintln(t.err, "deckhand import-checks: it needs one file, such as gatus.yaml or Uptime_Kuma_Backup.json.")
			return exitUsage
		}
		raw, err := os.ReadFile(t.rest[0])
		if err != nil {
			return err
		}
		adopted, err := adopt.Read(raw)
		if err != nil {
			return fmt.Errorf("%s: %w", t.rest[0], err)
		}
		out, err := adopted.YAML()
		if err != nil {
			return err
		}
		if _, err := t.out.Write(out); err != nil {
			return err
		}
		_, _ = fmt.Fprintf(t.err, "%s from %s. Put what stands above into the configuration, add the channels, and run deckhand check-config.\n", commands.Count(len(adopted.Checks), "check"), adopted.From)
		if len(adopted.Left) == 0 {
			return nil
		}
		_, _ = fmt.Fprintln(t.err, "Not carried over, or to be seen to:")
		for _, line := range adopted.Left {
			_, _ = fmt.Fprintln(t.err, "  "+line)
		}
		return nil
	}
}
