package app_test

import (
	"context"
	"encoding/base32"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"deckhand/aws/sandbox"
	"deckhand/aws/sdk"
	"deckhand/bot"
	"deckhand/bot/slack/slacktest"
	"deckhand/bot/store/storetest"
	"deckhand/cmd/internal/app"
	"deckhand/config"
)

const patience = time.Minute // for what a script waits for

// TestMain lets more scripts run side by side than there are processors, where the command line does not say how many: they wait most of their
// time.
func TestMain(m *testing.M) {
	flag.Parse()
	if side := flag.Lookup("test.parallel"); side.Value.String() == side.DefValue {
		if err := side.Value.Set(strconv.Itoa(2 * runtime.GOMAXPROCS(0))); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// TestScripts runs every script of testdata/script: the whole program between a pretend Slack and a pretend AWS.
//
//	type U_ALICE C_OPS '/deckhand vm list'   a person types
//	press U_BOB C_OPS Approve                a person presses the newest button with this text
//	submit U_BOB CODE(U_BOB)                 a person fills the modal that they were shown, and sends it
//	message C_OPS TEXT                       waits for a message with this text
//	private U_ALICE TEXT                     waits for a message that only this person sees
//	messages C_OPS 1                         how many messages there are, outside threads
//	aws web running                          waits for the state of the instances with this name
//	calls TerminateInstances 1               how often AWS was asked
//	aws-fails OPERATION CODE TIMES           AWS answers with an error
//	aws-loses OPERATION TIMES                AWS does it and the answer is lost
//	aws-protects NAME                        AWS protects a load balancer against deletion
//	slack-fails METHOD HOW TIMES             Slack answers 429, 500, or drops the connection
//	slack down|up
//	status shop down                         waits until the bot says that a check is down
//	ask 'maintenance list' TEXT              waits until the answer to a line from a terminal has this text
//	endpoint MOOD                            how the endpoint answers: up, down, cut, noise, drip, endless, loop, metadata, down-in:REGION,REGION
//	restart                                  stops the program and starts it again
//	configure 'KEY: VALUE'                   starts again with this line in the configuration; the file more.yaml has the first such lines
//
// CODE(U_BOB) stands for the code that a person's authenticator app shows, NEXT(U_BOB) for the one that follows,
// LAST(U_BOB) for the one that stood in the script last.
//
// Besides, no script may leave a secret in the log, in a message or in the database, or call an operation of AWS that its command does
// not say it needs.
func TestScripts(t *testing.T) {
	t.Parallel()
	faults := &findings{}
	t.Cleanup(func() { faults.report(t) })
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			h, err := openStage(env.WorkDir, faults)
			if err != nil {
				return err
			}
			env.Values["stage"] = h
			env.Defer(func() {
				h.close()
				h.lookForSecrets(filepath.Base(env.WorkDir), faults)
				h.lookAtUndos(filepath.Base(env.WorkDir), faults)
			})
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"type":         words(3, func(h *stage, a []string) error { return h.say(a[0], a[1], "", a[2]) }),
			"reply":        words(3, func(h *stage, a []string) error { return h.say(a[0], a[1], h.newest(a[1]), a[2]) }),
			"press":        words(3, func(h *stage, a []string) error { return h.press(a[0], a[1], a[2]) }),
			"submit":       words(2, func(h *stage, a []string) error { return h.submit(a[0], a[1]) }),
			"redeliver":    words(0, func(h *stage, _ []string) error { _, err := h.workspace.Redeliver(h.ctx); return err }),
			"message":      waitFor(2, func(h *stage, a []string) string { return textOf(h.workspace.Messages(a[0])) }),
			"private":      waitFor(2, func(h *stage, a []string) string { return textOf(h.workspace.Ephemerals(a[0])) }),
			"messages":     words(2, func(h *stage, a []string) error { return count(h.inChannel(a[0]), a[1], "messages") }),
			"aws":          waitFor(2, func(h *stage, a []string) string { return h.states(a[0]) }),
			"calls":        words(2, func(h *stage, a []string) error { return count(h.calls(a[0]), a[1], "calls of "+a[0]) }),
			"aws-fails":    words(3, func(h *stage, a []string) error { h.world.Fail(a[0], a[1], number(a[2])); return nil }),
			"aws-loses":    words(2, func(h *stage, a []string) error { h.world.LoseAnswer(a[0], number(a[1])); return nil }),
			"aws-protects": words(1, func(h *stage, a []string) error { h.world.ProtectLoadBalancer(a[0]); return nil }),
			"slack-fails":  words(3, func(h *stage, a []string) error { return h.slackFails(a[0], a[1], number(a[2])) }),
			"slack":        words(1, func(h *stage, a []string) error { h.workspace.Down(a[0] == "down"); return nil }),
			"status":       waitFor(2, func(h *stage, a []string) string { return h.standing(a[0]) }),
			"ask":          waitFor(2, func(h *stage, a []string) string { return h.answer(a[0]) }),
			"endpoint":     words(1, func(h *stage, a []string) error { h.mood.Store(&a[0]); return nil }),
			"configure":    words(1, func(h *stage, a []string) error { h.stop(); h.more = a[0]; return h.start() }),
			"restart":      words(0, func(h *stage, _ []string) error { h.stop(); return h.start() }),
		},
	})
}

func words(n int, do func(*stage, []string) error) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if len(args) != n {
			ts.Fatalf("want %d words, got %d", n, len(args))
		}
		h, _ := ts.Value("stage").(*stage)
		for i := range args {
			args[i] = h.codes(strings.ReplaceAll(args[i], "ENDPOINT", h.endpoint.URL))
		}
		if err := do(h, args); (err != nil) != neg {
			ts.Fatalf("%v", err)
		}
	}
}

// waitFor waits until the last word is in what look answers, or with a "!" checks that it is not there.
func waitFor(n int, look func(*stage, []string) string) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if len(args) != n {
			ts.Fatalf("want %d words, got %d", n, len(args))
		}
		h, _ := ts.Value("stage").(*stage)
		want := args[n-1]
		if neg {
			if got := look(h, args); strings.Contains(got, want) {
				ts.Fatalf("%q is there:\n%s", want, got)
			}
			return
		}
		for end := time.Now().Add(patience); !strings.Contains(look(h, args), want); {
			if time.Now().After(end) {
				ts.Fatalf("%q never came; there is:\n%s\nlog:\n%s", want, look(h, args), h.log.text())
			}
			<-time.After(10 * time.Millisecond) // polls, bounded by patience
		}
	}
}

func count(got int, want, what string) error {
	if strconv.Itoa(got) != want {
		return fmt.Errorf("%d %s, want %s", got, what, want)
	}
	return nil
}

func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

func textOf(messages []slacktest.Message) string {
	var out []string
	for _, m := range messages {
		out = append(out, m.Text)
	}
	return strings.Join(out, "\n----\n")
}

// stage is the program between a pretend Slack and a pretend AWS.
type stage struct {
	ctx       context.Context
	cancel    context.CancelFunc
	workspace *slacktest.Workspace
	world     *sandbox.World
	server    *httptest.Server
	endpoint  *httptest.Server       // something to check
	mood      atomic.Pointer[string] // how the endpoint answers
	handler   atomic.Pointer[http.Handler]
	database  string
	more      string // of the configuration
	house     *app.House
	log       *logbook
	faults    *findings
	given     []string          // codes of second factors
	last      map[string]string // the last of them, by person
	stop      func()
}

// appKeys are the secrets of people's authenticator apps, as the configuration holds them.
var appKeys = map[string]string{ //nolint:gochecknoglobals // constants
	"U_ALICE": strings.Repeat("A", 8) + secretMark + secretMark, "U_BOB": strings.Repeat("B", 8) + secretMark + secretMark,
}

// codes puts codes into a line.
func (h *stage) codes(line string) string {
	for user, secret := range appKeys {
		key, err := base32.StdEncoding.DecodeString(secret)
		if err != nil {
			panic(err)
		}
		for word, at := range map[string]time.Time{"CODE": time.Now(), "NEXT": time.Now().Add(30 * time.Second)} {
			if name := word + "(" + user + ")"; strings.Contains(line, name) {
				code := bot.Key(key).Code(at)
				h.given = append(h.given, code)
				line = strings.ReplaceAll(line, name, code)
				h.last[user] = code
			}
		}
		line = strings.ReplaceAll(line, "LAST("+user+")", h.last[user])
	}
	return line
}

// submit waits for the modal that a person is shown.
func (h *stage) submit(user, code string) error {
	ctx, cancel := context.WithTimeout(h.ctx, patience)
	defer cancel()
	err := h.workspace.Await(ctx, func() bool {
		return slices.ContainsFunc(h.workspace.Views(), func(v slacktest.View) bool { return v.User == user && !v.Sent })
	})
	if err != nil {
		return fmt.Errorf("no modal: %w", err)
	}
	return h.workspace.Submit(h.ctx, user, map[string]string{"code": code})
}

func openStage(dir string, faults *findings) (*stage, error) {
	h := &stage{faults: faults, world: sandbox.New(sandbox.Options{Settle: 50 * time.Millisecond}), database: filepath.Join(dir, "deckhand.db"), log: &logbook{}, last: map[string]string{}}
	h.ctx, h.cancel = context.WithTimeout(context.Background(), 2*time.Minute)
	mux := http.NewServeMux()
	mux.HandleFunc("/slack/", func(w http.ResponseWriter, r *http.Request) {
		if handler := h.handler.Load(); handler != nil {
			(*handler).ServeHTTP(w, r)
			return
		}
		panic(http.ErrAbortHandler)
	})
	h.server = httptest.NewServer(mux)
	base := h.server.URL
	h.workspace = slacktest.New(slacktest.Options{
		Targets:       slacktest.Targets{BaseURL: base, CommandURL: base + "/slack/commands", InteractionURL: base + "/slack/interactions", EventURL: base + "/slack/events"},
		SigningSecret: signingSecret, BotToken: botToken,
		Users:    []slacktest.User{{ID: "U_ALICE", Name: "alice"}, {ID: "U_BOB", Name: "bob"}, {ID: "U_EVE", Name: "eve"}},
		Channels: []slacktest.Channel{{ID: "C_OPS", Name: "ops"}, {ID: "C_GENERAL", Name: "general"}, {ID: "C_EU", Name: "europe"}, {ID: "C_SAFE", Name: "safe"}, {ID: "C_DAY", Name: "day"}},
	})
	mux.Handle("/api/", h.workspace.API())
	up := "up"
	h.mood.Store(&up)
	h.endpoint = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(w, r, *h.mood.Load()) }))
	more, err := os.ReadFile(filepath.Join(dir, "more.yaml"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return h, err
	}
	h.more = string(more)
	if _, err := os.Stat(h.database); errors.Is(err, fs.ErrNotExist) {
		if err := storetest.SQLite(h.database); err != nil {
			return h, err
		}
	}
	return h, h.start()
}

// answer is how the endpoint answers in a mood.
func answer(w http.ResponseWriter, r *http.Request, mood string) {
	cut := func(text string) {
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_, _ = io.WriteString(conn, text)
			_ = conn.Close()
		}
	}
	if name, ok := strings.CutPrefix(r.URL.Path, "/domain/"); ok {
		if name != "example.com" {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = fmt.Fprintf(w, `{"ldhName":%q,"events":[{"eventAction":"expiration","eventDate":%q}],"entities":[{"roles":["registrar"],"vcardArray":["vcard",[["fn",{},"text","Example Registrar"]]]}]}`,
			name, time.Now().AddDate(1, 0, 0).UTC().Format(time.RFC3339))
		return
	}
	if places, ok := strings.CutPrefix(mood, "down-in:"); ok {
		if _, from, _ := strings.Cut(strings.TrimSuffix(r.UserAgent(), ")"), "("); from != "" && slices.Contains(strings.Split(places, ","), from) {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		return
	}
	switch mood {
	case "down":
		w.WriteHeader(http.StatusServiceUnavailable)
	case "cut": // in the middle of the body
		cut("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
	case "noise":
		cut("SSH-2.0-OpenSSH_9.6\r\n")
	case "drip":
		for r.Context().Err() == nil {
			_, _ = io.WriteString(w, "x")
			_ = http.NewResponseController(w).Flush()
			time.Sleep(20 * time.Millisecond)
		}
	case "endless":
		lump := make([]byte, 32<<10)
		for _, err := w.Write(lump); err == nil; {
			_, err = w.Write(lump)
		}
	case "loop":
		http.Redirect(w, r, r.URL.Path, http.StatusFound)
	case "metadata":
		http.Redirect(w, r, "http://169.254.169.254/latest/meta-data/", http.StatusFound)
	}
}

const scriptConfig = `
slack:
  transport: http
  bot_token: env:TOKEN
  signing_secret: env:SECRET
  listen: 127.0.0.1:0
  api_url: %s/api/
  commands: [/deckhand, /vm]
aws: {region: us-east-1}
channels:
  - {channel: C_EU, account: default, region: eu-west-1}
  - {channel: C_DAY, time_zone: Europe/Berlin}
net: {cidr_sets: {office: [203.0.113.0/24, 198.51.100.7]}}
leases: {warn: 1h, then: terminate, grace: 4s, max: 24h}
store: {url: "sqlite:%s"}
health: {allow_private: true, rdap_url: "http://rdap.example.com/"}
people:
  - {slack: U_ALICE, totp: env:ALICE_TOTP, aws: "arn:aws:iam::123456789012:user/alice"}
  - {slack: U_BOB, totp: env:BOB_TOTP}
policy:
  - {who: ["user:U_EVE"], what: [help], effect: allow}
  - {who: ["user:U_EVE"], what: ["*"], effect: deny}
  - {who: ["*"], what: ["* list", "* show", "check run", help, status, audit], effect: allow}
  - {who: ["*"], what: ["*"], where: ["channel:C_GENERAL"], effect: deny}
  - {who: ["*"], what: ["* create", "* up", "vm resize"], where: ["channel:C_EU"], cost_above: 20, effect: ask, approvers: ["user:U_BOB"]}
  - {who: ["*"], what: ["* create", "* up"], where: ["channel:C_DAY"], cost_above_today: 20, effect: ask, approvers: ["user:U_BOB"]}
  - {who: ["user:U_ALICE"], what: ["* terminate"], where: ["channel:C_SAFE"], effect: ask, approvers: ["user:U_BOB"], break_glass: ["user:U_ALICE"], second_factor: true}
  - {who: ["user:U_ALICE"], what: ["* terminate"], effect: ask, approvers: ["user:U_BOB"], break_glass: ["user:U_ALICE"]}
  - {who: ["user:U_ALICE"], what: ["access request"], on: {access: admin}, effect: ask, approvers: ["user:U_BOB"]}
  - {who: ["user:U_BOB"], what: ["* terminate"], effect: confirm}
  - {who: ["user:U_ALICE", "user:U_BOB"], what: ["*"], effect: allow}
`

// start opens the program and serves until stop.
func (h *stage) start() error {
	c, err := config.Parse("script.yaml", fmt.Appendf(nil, scriptConfig+h.more+"\n", h.server.URL, h.database), func(ref config.Ref) (string, error) {
		return map[string]string{"TOKEN": botToken, "SECRET": signingSecret, "ALICE_TOTP": appKeys["U_ALICE"], "BOB_TOTP": appKeys["U_BOB"]}[ref.Name], nil
	})
	if err != nil {
		return err
	}
	c.Slack.Listen, c.Health.HeartbeatsURL = "", h.server.URL
	house, err := app.Open(h.ctx, app.Settings{
		Config: c, Log: slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Serving: true,
		AWSOptions: []sdk.Option{h.world.Option(), h.faults.watchRights}, AWSCredentials: h.world.Credentials(), PollMin: 20 * time.Millisecond, Return: 8 * time.Second,
		Hosts: func(string) string { return h.endpoint.Listener.Addr().String() }, // no script looks elsewhere
	})
	if err != nil {
		return err
	}
	h.house = house
	handler := house.SlackHandler()
	h.handler.Store(&handler)
	ctx, cancel := context.WithCancel(h.ctx)
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := errors.Join(house.Serve(ctx), house.Close()); err != nil {
			h.workspace.Down(true) // a script that goes on fails
		}
	})
	h.stop = func() {
		h.handler.Store(nil)
		cancel()
		serving.Wait()
	}
	return nil
}

func (h *stage) close() {
	h.stop()
	h.cancel()
	h.server.CloseClientConnections()
	h.server.Close()
	h.endpoint.Close()
}

func (h *stage) say(user, channel, thread, line string) error {
	_, err := h.workspace.Type(h.ctx, user, channel, thread, line)
	return err
}

func (h *stage) newest(channel string) string {
	messages := h.workspace.Messages(channel)
	if len(messages) == 0 {
		return ""
	}
	return messages[len(messages)-1].TS
}

// press presses the newest button with this text, or chooses what a list has under it, waiting until there is one.
func (h *stage) press(user, channel, label string) error {
	var ts, action, value string
	ctx, cancel := context.WithTimeout(h.ctx, patience)
	defer cancel()
	err := h.workspace.Await(ctx, func() bool {
		all := append(h.workspace.Messages(channel), h.workspace.Ephemerals(user)...)
		slices.SortStableFunc(all, func(a, b slacktest.Message) int { return strings.Compare(a.TS, b.TS) })
		for _, m := range all {
			if id := button(m.Blocks, label); id != "" {
				ts, action, value = m.TS, id, ""
			}
			for _, b := range m.Buttons() {
				if b.Option && labelled(b.Text, label) {
					ts, action, value = m.TS, b.ActionID, b.Value
				}
			}
		}
		return action != ""
	})
	if err != nil {
		return fmt.Errorf("no button %q: %w", label, err)
	}
	return h.workspace.Choose(h.ctx, user, channel, ts, action, value)
}

// labelled tells whether a text is a label, or begins with it where that ends with "…".
func labelled(text, label string) bool {
	beginning, open := strings.CutSuffix(label, "…")
	return text == label || open && strings.HasPrefix(text, beginning)
}

func button(blocks json.RawMessage, label string) string {
	var all []struct {
		Elements []struct {
			ActionID string `json:"action_id"`
			Text     json.RawMessage
		}
	}
	if json.Unmarshal(blocks, &all) != nil {
		return ""
	}
	for _, block := range all {
		for _, element := range block.Elements {
			var text struct{ Text string }
			if element.ActionID != "" && json.Unmarshal(element.Text, &text) == nil && labelled(text.Text, label) {
				return element.ActionID
			}
		}
	}
	return ""
}

// inChannel counts the messages of a channel that stand in no thread.
func (h *stage) inChannel(channel string) int {
	n := 0
	for _, m := range h.workspace.Messages(channel) {
		if m.Thread == "" {
			n++
		}
	}
	return n
}

// standing is what the bot says of a check: "shop is down for 2 s".
func (h *stage) standing(name string) string {
	outcome, err := h.house.Exec(h.ctx, "terminal:script", "check show "+name, nil, nil)
	if err != nil {
		return err.Error()
	}
	return outcome.Report.Title
}

// answer is what a line from a terminal brings, as JSON.
func (h *stage) answer(line string) string {
	outcome, err := h.house.Exec(h.ctx, "terminal:script", line, nil, nil)
	if err != nil {
		return err.Error()
	}
	raw, err := json.Marshal(outcome.Report)
	return fmt.Sprint(string(raw), err)
}

func (h *stage) states(name string) string {
	var out []string
	for _, instance := range h.world.Instances() {
		if instance.Name == name {
			out = append(out, string(instance.State))
		}
	}
	return strings.Join(out, " ")
}

// calls counts how often AWS was asked to do it; dry runs are not among them.
func (h *stage) calls(operation string) int {
	n := 0
	for _, call := range h.world.Calls() {
		if call.Operation == operation && !call.DryRun {
			n++
		}
	}
	return n
}

func (h *stage) slackFails(method, how string, times int) error {
	failure, ok := map[string]slacktest.Failure{
		"429": slacktest.RateLimited(time.Second), "500": slacktest.ServerError(),
		"drop": slacktest.Dropped(), "lose": slacktest.AnswerLost(), "invalid_blocks": {Code: "invalid_blocks"},
	}[how]
	if !ok {
		return fmt.Errorf("Slack cannot fail by %q", how)
	}
	h.workspace.Fail(method, failure, times)
	return nil
}

// logbook keeps the log for the day a script fails.
type logbook struct {
	mu   sync.Mutex
	kept []byte
}

// Write implements io.Writer.
func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept = append(l.kept, p...)
	return len(p), nil
}

func (l *logbook) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.kept)
}
