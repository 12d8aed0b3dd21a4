// Command deckhand runs AWS from Slack.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // time zones work where the machine has none

	"github.com/alecthomas/kong"

	"deckhand/config"
)

// version is set when a release is built: -ldflags "-X main.version=v1.2.3".
var version = "development" //nolint:gochecknoglobals // the linker writes it

type program struct {
	Serve       serveCommand     `cmd:"" help:"Answer Slack, watch the checks, keep the timetable."`
	Exec        execCommand      `cmd:"" help:"Run one line from this terminal through the same parser, policy and store."`
	CheckConfig checkCommand     `cmd:"" name:"check-config" help:"Report every problem of a configuration file, with its line."`
	Manifest    manifestCommand  `cmd:"" help:"Print the Slack app manifest for a configuration."`
	IAMPolicy   iamPolicyCommand `cmd:"" name:"iam-policy" help:"Print the AWS rights that the commands need, as an IAM policy."`
	Commands    commandsCommand  `cmd:"" help:"Print the command reference."`
	Version     versionCommand   `cmd:"" help:"Print the version."`
}

// terminal is where a command writes, and how it ends.
type terminal struct {
	out, err io.Writer
	log      *slog.Logger
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
	var p program
	t := terminal{out: out, err: stderr, log: slog.New(slog.NewTextHandler(stderr, nil))}
	parser, err := kong.New(&p,
		kong.Name("deckhand"), kong.Description("AWS from Slack: slash commands, health checks and status posts."),
		kong.Writers(out, stderr), kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(t),
		kong.Exit(func(code int) { panic(exit(code)) }),
	)
	if err != nil {
		return t.end(err)
	}
	return t.end(guard(func() error {
		parsed, err := parser.Parse(args)
		if err != nil {
			_, _ = fmt.Fprintf(stderr, "deckhand: %s\nRun \"deckhand --help\" to see what there is.\n", err)
			return exitUsage
		}
		return parsed.Run()
	}))
}

// guard turns kong's wish to end the process, after --help, into an error.
func guard(f func() error) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case exit:
			err = p
		default:
			panic(p)
		}
	}()
	return f()
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
