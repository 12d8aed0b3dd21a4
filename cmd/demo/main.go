// Command demo is the whole product with no accounts: the real bot behind its real HTTP transport, a pretend AWS in
// memory, and a page that plays Slack.
//
// A load balancer of the pretend AWS answers HTTP for real as long as a healthy target is behind it: each of its listeners has a
// port on 127.0.0.1, which lb create and lb show tell among its tags; health checks of its DNS name and of its alias are led
// there; and the demo's own address answers requests that carry one of these names in their Host header. Listeners for HTTPS have
// a certificate that only this demo trusts. Where somebody chose security groups that let nobody in at its port, a listener answers nobody, as in AWS.
// The endpoint of an API answers the same way, to api test and to health checks over TLS, and to curl by its Host header.
package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
	_ "time/tzdata" // time zones work where the machine has none

	"github.com/alecthomas/kong"

	"deckhand/aws/sandbox"
	"deckhand/aws/sdk"
	"deckhand/bot/slack/slacktest"
	"deckhand/cmd/internal/app"
	"deckhand/config"
)

//go:embed web.sh
var webScript string // what --user-data-template web runs

//go:embed demo.yaml
var settings []byte

const (
	signingSecret = "demo-signing-secret" // the contract's: a demo has no secrets
	botToken      = "xoxb-demo"
)

type flags struct {
	Listen  string `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where the page and the bot answer; loopback only."`
	DB      string `name:"db" placeholder:"FILE" help:"Keep requests, checks and timetable in this SQLite file; a temporary one otherwise. The pretend AWS and Slack begin anew each time."`
	Verbose bool   `help:"Show the bot's log."`
}

func main() {
	var f flags
	kong.Parse(&f, kong.Description("deckhand with a pretend Slack and a pretend AWS."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, f, announce)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// hints are the lines to try, printed and shown on the page.
var hints = []string{ //nolint:gochecknoglobals // a constant list
	"/deckhand vm create --image-id ami-0123456789abcdef0 --count 2 --instance-type t3.micro --key-name mykey" +
		" --security-group-ids sg-0123456789abcdef0 --subnet-id subnet-0123456789abcdef0 --associate-public-ip-address --name web",
	"/deckhand vm list",
	"/deckhand help",
}

// announce says where the page is, and three lines to try.
func announce(address string) {
	fmt.Printf("deckhand demo: http://%s/\n\nTry:\n", address)
	for _, hint := range hints {
		fmt.Println("  " + hint)
	}
}

func run(ctx context.Context, f flags, announce func(address string)) error {
	listener, err := listen(f.Listen)
	if err != nil {
		return err
	}
	address := listener.Addr().String()
	database, forget, err := databaseFile(f.DB)
	if err != nil {
		return err
	}
	defer forget()
	c, err := configuration(address, database)
	if err != nil {
		return err
	}
	log := slog.New(slog.DiscardHandler)
	if f.Verbose {
		log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	var front *balancers
	world := sandbox.New(sandbox.Options{Hosts: func(address string) string { return front.hosts(address) }})
	issuer, err := newAuthority()
	if err != nil {
		return err
	}
	balancers := newBalancers(world, issuer)
	front = balancers
	gateways := newGateways(world, balancers.byName(http.NotFoundHandler()), issuer)
	house, err := app.Open(ctx, app.Settings{
		Config: c, Log: log, Serving: true,
		AWSOptions: []sdk.Option{world.Option()}, AWSCredentials: world.Credentials(), PollMin: 200 * time.Millisecond,
		Hosts: gateways.hosts(balancers.hosts), Roots: issuer.roots,
	})
	if err != nil {
		return err
	}
	workspace := newWorkspace(address, c.Slack.Commands)
	streams, endStreams := context.WithCancel(context.WithoutCancel(ctx))
	if err := gateways.run(streams); err != nil {
		endStreams()
		return errors.Join(err, house.Close())
	}
	server := serve(streams, listener, gateways.byName(balancers.byName(newMux(address, workspace, world, house))))
	go balancers.run(streams)
	announce(address)
	err = house.Serve(ctx)
	endStreams()
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	return errors.Join(err, server.Shutdown(closing), house.Close())
}

// listen opens the address, which must be a loopback one: anybody who reaches the page speaks for everybody.
func listen(address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("--listen wants HOST:PORT, and %q is not: %w", address, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("the demo has no passwords and only listens on loopback, for example 127.0.0.1:8080; %s is not loopback", host)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%w; choose another port with --listen 127.0.0.1:8081", err)
	}
	return listener, nil
}

func databaseFile(name string) (path string, forget func(), err error) {
	if name != "" {
		return name, func() {}, nil
	}
	dir, err := os.MkdirTemp("", "deckhand-demo-")
	if err != nil {
		return "", nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	return filepath.Join(dir, "demo.db"), func() { _ = os.RemoveAll(dir) }, nil
}

// configuration is demo.yaml with the real address and database. The bot's listener stays closed: the
// demo serves its handler beside the page.
func configuration(address, database string) (config.Config, error) {
	c, err := config.Parse("demo.yaml", settings, func(ref config.Ref) (string, error) {
		if ref.Name == "DEMO_BOT_TOKEN" {
			return botToken, nil
		}
		return signingSecret, nil
	})
	if err != nil {
		return c, err
	}
	c.Slack.APIURL = "http://" + address + "/api/"
	c.Slack.Listen = ""
	c.Health.HeartbeatsURL = "http://" + address
	c.Store.URL = config.NewSecret("sqlite:" + database)
	c.Templates = []config.Template{{Name: "web", Text: webScript, Parameters: map[string]string{"port": "80", "message": "Hello"}}}
	return c, nil
}

func newWorkspace(address string, commands []string) *slacktest.Workspace {
	base := "http://" + address
	return slacktest.New(slacktest.Options{
		Targets: slacktest.Targets{
			BaseURL: base, CommandURL: base + "/slack/commands", InteractionURL: base + "/slack/interactions", EventURL: base + "/slack/events",
		},
		SigningSecret: signingSecret, BotToken: botToken,
		Users: []slacktest.User{
			{ID: "U_ALICE", Name: "Alice", About: "reads and changes; destroying asks Bob"},
			{ID: "U_BOB", Name: "Bob", About: "the same, and approves"},
			{ID: "U_EVE", Name: "Eve", About: "may ask for help, nothing else"},
		},
		Channels: []slacktest.Channel{{ID: "C_OPS", Name: "ops"}, {ID: "C_GENERAL", Name: "general"}},
		Title:    "deckhand demo", Hints: hints, SlashCommands: commands,
	})
}

// newMux is the page, the pretend Slack, the bot's own doors, and the pretend instances.
func newMux(address string, workspace *slacktest.Workspace, world *sandbox.World, house *app.House) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/slack/", house.SlackHandler())
	mux.Handle("/heartbeat/", house.HeartbeatHandler())
	mux.Handle("/api/", workspace.API())
	mux.Handle("/instances/", instances(world))
	mux.Handle("/", slacktest.Guard(workspace.Page(), address))
	return mux
}

const (
	readTime   = 10 * time.Second // for a whole request; slow clients are cut off
	headerSize = 16 << 10
)

// serve answers until Shutdown. The page's streams of events last as long as their context.
func serve(streams context.Context, listener net.Listener, handler http.Handler) *http.Server {
	server := &http.Server{
		Handler: handler, MaxHeaderBytes: headerSize,
		ReadHeaderTimeout: readTime, ReadTimeout: readTime, // answers may take as long as a page is open
		BaseContext: func(net.Listener) context.Context { return streams },
	}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			fmt.Fprintln(os.Stderr, "demo:", err)
		}
	}()
	return server
}
