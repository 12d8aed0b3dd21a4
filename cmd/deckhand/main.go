// Command deckhand runs AWS from Slack.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // time zones work where the machine has none

	"deckhand/commands"
	"deckhand/config"
)

// version is set when a release is built: -ldflags "-X main.version=v1.2.3".
var version = "development" //nolint:gochecknoglobals // the linker writes it

// subcommand is one thing the program does. Declare adds its flags to the set and answers what to do once they are read.
type subcommand struct {
	name, summary string
	arguments     string // what follows the flags, for help
	declare       func(*flag.FlagSet) func(context.Context, terminal) error
}

var subcommands = []subcommand{ //nolint:gochecknoglobals // a constant list
	{"serve", "Answer Slack, watch the checks, keep the timetable.", "", serve},
	{"exec", "Run one line from this terminal through the same parser, policy and store.", " -- LINE", execLine},
	{"doctor", "Examine store, Slack, clock, AWS identity and rights, checks and timetable.", "", doctor},
	{"check-config", "Report every problem of a configuration file, with its line.", "", checkConfig},
	{"import-checks", "Write a Gatus configuration or an Uptime Kuma backup as checks of a configuration.", " FILE", importChecks},
	{"backup", "Copy a SQLite database into a new file while it is in use.", " FILE", backup},
	{"restore", "Put a backup in the database's place; what was under way in it becomes uncertain.", " [FILE]", restore},
	{"manifest", "Print the Slack app manifest for a configuration.", "", printManifest},
	{"iam-policy", "Print the AWS rights that the commands need, as an IAM policy.", "", printIAMPolicy},
	{"commands", "Print the command reference.", "", printCommands},
	{"totp", "Make a secret for the authenticator app of somebody whose yes needs a second factor.", "", totp},
	{"version", "Print the version.", "", printVersion},
}

// terminal is where a command writes, and what it was given after its flags.
type terminal struct {
	out, err io.Writer
	log      *slog.Logger
	rest     []string
}

// exit is an error that says nothing more: the words were written already.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit %d", int(e)) }

const (
	exitFailed    exit = 1
	exitUsage     exit = 2
	exitWaiting   exit = 3
	exitUncertain exit = 4
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the whole program but for the process around it.
func run(ctx context.Context, args []string, out, stderr io.Writer) int {
	t := terminal{out: out, err: stderr, log: slog.New(slog.NewTextHandler(stderr, nil))}
	return t.end(t.dispatch(ctx, args))
}

func (t terminal) dispatch(ctx context.Context, args []string) error {
	if len(args) == 0 {
		t.overview(t.err)
		return exitUsage
	}
	if len(args) > 1 && args[0] == "check" && args[1] == "import" { // as one would say it in chat
		args = append([]string{"import-checks"}, args[2:]...)
	}
	var names []string
	for _, c := range subcommands {
		if c.name == args[0] {
			return t.start(ctx, c, args[1:])
		}
		names = append(names, c.name)
	}
	if args[0] == "help" || args[0] == "-h" || args[0] == "-help" || args[0] == "--help" {
		t.overview(t.out)
		return nil
	}
	_, _ = fmt.Fprintf(t.err, "deckhand: there is no command %q.", args[0])
	if near := commands.Nearest(args[0], names); len(near) > 0 {
		_, _ = fmt.Fprintf(t.err, " Did you mean %q?", near[0])
	}
	_, _ = fmt.Fprintln(t.err, "\nRun \"deckhand help\" to see what there is.")
	return exitUsage
}

func (t terminal) overview(to io.Writer) {
	_, _ = fmt.Fprint(to, "deckhand: AWS from Slack, by slash commands, health checks and status posts.\n\n")
	for _, c := range subcommands {
		_, _ = fmt.Fprintf(to, "  %-13s %s\n", c.name, c.summary)
	}
	_, _ = fmt.Fprint(to, "\nRun \"deckhand COMMAND --help\" for its flags.\n")
}

// start reads a command's flags and runs it.
func (t terminal) start(ctx context.Context, c subcommand, args []string) error {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	do := c.declare(flags)
	usage := func(to io.Writer) {
		_, _ = fmt.Fprintf(to, "deckhand %s [flags]%s\n%s\n", c.name, c.arguments, c.summary)
		flags.SetOutput(to)
		flags.PrintDefaults()
	}
	err := flags.Parse(args)
	t.rest = flags.Args()
	switch {
	case errors.Is(err, flag.ErrHelp):
		usage(t.out)
		return nil
	case err == nil && c.arguments == "" && len(t.rest) > 0:
		err = fmt.Errorf("%q is one word too many", t.rest[0])
	}
	if err != nil {
		_, _ = fmt.Fprintf(t.err, "deckhand %s: %s\n\n", c.name, err)
		usage(t.err)
		return exitUsage
	}
	return do(ctx, t)
}

// configFlag is the flag of every command that reads a configuration.
func configFlag(flags *flag.FlagSet) *string {
	return flags.String("config", "", "configuration `FILE`")
}

// needsConfig says that --config is missing.
func needsConfig(t terminal, file string) error {
	if file != "" {
		return nil
	}
	_, _ = fmt.Fprintln(t.err, "deckhand: it needs --config FILE.")
	return exitUsage
}

// end says what went wrong and answers the exit code.
func (t terminal) end(err error) int {
	var code exit
	var problems config.Problems
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &problems):
		_, _ = fmt.Fprintln(t.err, problems.Error())
	default:
		_, _ = fmt.Fprintf(t.err, "deckhand: %s\n", err)
	}
	return int(exitFailed)
}
