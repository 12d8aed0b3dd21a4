package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"deckhand/bot/slack/slacktest"
)

// asProgram makes the test binary be the program, so that processes can be killed without building one.
const asProgram = "DECKHAND_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// town is a Slack, an AWS and a database for the program, which comes and goes as a real process.
type town struct {
	t         testing.TB
	workspace *slacktest.Workspace
	slack     *httptest.Server
	aws       *standin
	listen    string
	config    string
	admin     string
	process   *exec.Cmd
}

func newTown(t testing.TB) *town {
	t.Helper()
	listen := freeAddress(t)
	h := newOutside(t, "http://"+listen)
	h.configure(listen, "sqlite:"+filepath.Join(t.TempDir(), "d.db"), "")
	return h
}

// newOutside is a town without a program: Slack posts to bot.
func newOutside(t testing.TB, bot string) *town {
	t.Helper()
	h := &town{t: t, aws: newStandin()}
	h.slack = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.workspace.API().ServeHTTP(w, r) }))
	h.slack.Start()
	h.workspace = slacktest.New(slacktest.Options{
		Targets:       slacktest.Targets{BaseURL: h.slack.URL, CommandURL: bot + "/slack/commands", InteractionURL: bot + "/slack/interactions", EventURL: bot + "/slack/events"},
		SigningSecret: "process-secret", BotToken: "xoxb-process",
		Users: []slacktest.User{{ID: "U1", Name: "ann"}}, Channels: []slacktest.Channel{{ID: "C1", Name: "ops"}},
	})
	t.Cleanup(func() {
		h.kill()
		h.slack.CloseClientConnections()
		h.slack.Close()
		h.aws.CloseClientConnections()
		h.aws.Close()
	})
	return h
}

// configure writes the program's configuration.
func (h *town) configure(listen, store, more string) {
	h.t.Helper()
	h.listen, h.admin = listen, freeAddress(h.t)
	h.config = write(h.t, "deckhand.yaml", fmt.Sprintf(`
slack: {transport: http, bot_token: env:T_BOT, signing_secret: env:T_SECRET, listen: %q, api_url: %q, commands: [/deckhand, /vm]}
admin: {listen: %q}
aws: {region: us-east-1, endpoint_url: %q}
store: {url: %q}
%s
policy:
%s`, listen, h.slack.URL+"/api/", h.admin, h.aws.URL, store, more, everybody))
}

// freeAddress is below the ports that systems give to connections by themselves, so that it is still free when the program takes it.
func freeAddress(t testing.TB) string {
	t.Helper()
	for range 100 {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(20_000))) //nolint:gosec // any port will do
		if err == nil {
			defer listener.Close()
			return listener.Addr().String()
		}
	}
	t.Fatal("no port is free")
	return ""
}

// start starts the program and waits until it answers.
func (h *town) start() {
	h.t.Helper()
	h.process = exec.CommandContext(h.t.Context(), os.Args[0], "serve", "--config", h.config)
	h.process.Env = append(os.Environ(), asProgram+"=1", "T_BOT=xoxb-process", "T_SECRET=process-secret",
		"AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=x", "AWS_EC2_METADATA_DISABLED=true")
	if testing.Verbose() {
		h.process.Stderr = os.Stderr
	}
	if err := h.process.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.until("the program answers", func() bool { status, _ := h.get("/healthz"); return status == http.StatusOK })
}

// kill ends the program without a word.
func (h *town) kill() {
	if h.process != nil {
		_ = h.process.Process.Kill()
		_ = h.process.Wait()
		h.process = nil
	}
}

// terminate asks the program to end, and answers how long it took.
func (h *town) terminate() time.Duration {
	h.t.Helper()
	begun := time.Now()
	if err := h.process.Process.Signal(syscall.SIGTERM); err != nil {
		h.t.Fatal(err)
	}
	if err := h.process.Wait(); err != nil {
		h.t.Errorf("the program ended with %v", err)
	}
	h.process = nil
	return time.Since(begun)
}

func (h *town) get(path string) (int, string) {
	ctx, cancel := context.WithTimeout(h.t.Context(), 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+h.admin+path, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, err.Error()
	}
	return answer.StatusCode, string(body)
}

// until polls, bounded by a minute.
func (h *town) until(what string, is func() bool) {
	h.t.Helper()
	for end := time.Now().Add(time.Minute); !is(); {
		if time.Now().After(end) {
			h.t.Fatalf("%s: not within a minute; AWS holds %q, the channel:\n%s", what, h.aws.states(), h.channel())
		}
		<-time.After(20 * time.Millisecond)
	}
}

func (h *town) channel() string {
	var out []string
	for _, m := range h.workspace.Messages("C1") {
		out = append(out, m.Text)
	}
	return strings.Join(out, "\n----\n")
}

func (h *town) say(line string) error {
	_, err := h.workspace.Type(h.t.Context(), "U1", "C1", "", line)
	return err
}

func (h *town) must(line string) {
	h.t.Helper()
	if err := h.say(line); err != nil {
		h.t.Fatal(err)
	}
}

func TestKilledAtAnyMomentNoAcceptedRequestIsLostOrDoneTwice(t *testing.T) {
	t.Parallel()
	h := newTown(t)
	h.start()
	accepted := 0
	for i := range 12 {
		if err := h.say(fmt.Sprintf("/vm create --image-id ami-12345678 --name n%02d", i)); err == nil {
			accepted++
		}
		if i%3 == 2 {
			<-time.After(time.Duration(i*7) * time.Millisecond) // another moment of a request's life each time
			h.kill()
			h.start()
		}
	}
	h.until("every accepted request is done", func() bool { return strings.Count(h.channel(), "1 instance running") == accepted })
	if got := strings.Count(h.aws.states(), "running"); got != accepted || accepted < 9 {
		t.Errorf("%d instances for %d accepted requests: %s", got, accepted, h.aws.states())
	}
	if got := len(h.workspace.Messages("C1")); got != accepted {
		t.Errorf("%d messages for %d requests:\n%s", got, accepted, h.channel())
	}
}

func TestKilledWhileAWSIsAskedItIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	h := newTown(t)
	h.start()
	h.must("/vm create --image-id ami-12345678 --name web")
	h.until("web runs", func() bool { return strings.Contains(h.channel(), "1 instance running") })
	h.aws.holdNext("StopInstances")
	h.must("/vm stop web")
	<-h.aws.held
	h.kill()
	h.start()
	h.until("the truth is told", func() bool { return strings.Contains(h.channel(), "Stopped 1 instance") })
	if h.aws.count("StopInstances") != 1 {
		t.Errorf("AWS was asked %d times to stop", h.aws.count("StopInstances"))
	}
}

func TestAStopIsQuickAndHandsOverWhatRuns(t *testing.T) {
	t.Parallel()
	h := newTown(t)
	h.start()
	h.must("/vm create --image-id ami-12345678 --name web")
	h.until("web runs", func() bool { return strings.Contains(h.channel(), "1 instance running") })
	h.aws.holdNext("StopInstances")
	h.must("/vm stop web")
	<-h.aws.held
	if took := h.terminate(); took > 15*time.Second {
		t.Errorf("the stop took %s", took)
	}
	h.start()
	h.until("the truth is told", func() bool { return strings.Contains(h.channel(), "Stopped 1 instance") })
	if h.aws.count("StopInstances") != 1 {
		t.Errorf("AWS was asked %d times to stop", h.aws.count("StopInstances"))
	}
}

func TestItStartsWhileSlackIsAwayAndCatchesUp(t *testing.T) {
	t.Parallel()
	h := newTown(t)
	h.workspace.Down(true)
	h.start()
	h.until("readyz says that Slack is away", func() bool {
		status, body := h.get("/readyz")
		var ready struct{ Dependencies map[string]struct{ OK bool } }
		return status == http.StatusServiceUnavailable && json.Unmarshal([]byte(body), &ready) == nil &&
			!ready.Dependencies["slack"].OK && ready.Dependencies["aws"].OK
	})
	h.workspace.Down(false)
	h.must("/vm create --image-id ami-12345678 --name web")
	h.until("the result arrives", func() bool { return strings.Contains(h.channel(), "1 instance running") })
	h.until("readyz says that all is well", func() bool { status, _ := h.get("/readyz"); return status == http.StatusOK })
	status, body := h.get("/metrics")
	if status != http.StatusOK || !strings.Contains(body, `deckhand_dependency_up{dependency="slack"} 1`) {
		t.Errorf("%d %s", status, body)
	}
}

func TestTwoProcessesOnOneFileAreRefused(t *testing.T) {
	t.Parallel()
	h := newTown(t)
	h.start()
	second := exec.CommandContext(t.Context(), os.Args[0], "serve", "--config", h.config)
	second.Env = h.process.Env
	out, err := second.CombinedOutput()
	var ended *exec.ExitError
	if !errors.As(err, &ended) || ended.ExitCode() != 1 {
		t.Errorf("the second process ended with %v: %s", err, out)
	}
}

// BenchmarkCommandToResult is the time from typing a changing line to its result in the channel, where AWS and Slack answer at
// once. It waits a second between lines, as Slack's limit of one message a second in a channel asks.
func BenchmarkCommandToResult(b *testing.B) {
	h := newTown(b)
	h.start()
	h.must("/vm create --image-id ami-12345678 --name web")
	h.until("web runs", func() bool { return strings.Contains(h.channel(), "1 instance running") })
	var all []time.Duration
	for i := 0; b.Loop(); i++ {
		<-time.After(time.Second)
		line, result := "/vm stop web", "Stopped 1 instance"
		if i%2 == 1 {
			line, result = "/vm start web", "Started 1 instance"
		}
		begun := time.Now()
		h.must(line)
		err := h.workspace.Await(b.Context(), func() bool {
			messages := h.workspace.Messages("C1")
			return strings.Contains(messages[len(messages)-1].Text, result)
		})
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, time.Since(begun))
	}
	slices.Sort(all)
	b.ReportMetric(float64(all[len(all)/2].Milliseconds()), "p50-ms")
	b.ReportMetric(float64(all[len(all)-1].Milliseconds()), "max-ms")
}
