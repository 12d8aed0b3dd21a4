package slacktest_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"

	"deckhand/bot/slack/slacktest"
)

// app is an app's server: it verifies every post with the library's own verifier and keeps what it was told.
type app struct {
	answer func(http.ResponseWriter, *http.Request)

	mu           sync.Mutex
	commands     []slack.SlashCommand
	interactions []slack.InteractionCallback
	events       []slackevents.EventsAPIEvent
	retries      []string
	problems     []error
}

func (a *app) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	body, err := a.verified(r)
	if err != nil {
		a.problems = append(a.problems, err)
		out.WriteHeader(http.StatusUnauthorized)
		return
	}
	a.mu.Lock()
	a.retries = append(a.retries, r.Header.Get("X-Slack-Retry-Num"))
	switch r.URL.Path {
	case "/commands":
		var c slack.SlashCommand
		c, err = slack.SlashCommandParse(r)
		a.commands = append(a.commands, c)
	case "/interactions":
		var c slack.InteractionCallback
		c, err = slack.InteractionCallbackParse(r)
		a.interactions = append(a.interactions, c)
	case "/events":
		var e slackevents.EventsAPIEvent
		e, err = slackevents.ParseEvent(body, slackevents.OptionNoVerifyToken())
		a.events = append(a.events, e)
	}
	if err != nil {
		a.problems = append(a.problems, err)
	}
	a.mu.Unlock()
	if a.answer != nil {
		a.answer(out, r)
	}
}

func (a *app) verified(r *http.Request) (json.RawMessage, error) {
	verifier, err := slack.NewSecretsVerifier(r.Header, secret)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.TeeReader(r.Body, &verifier))
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	return body, verifier.Ensure()
}

func (a *app) check(t *testing.T) {
	t.Helper()
	for _, err := range a.problems {
		t.Error(err)
	}
}

func answering(kind, body string) func(http.ResponseWriter, *http.Request) {
	return func(out http.ResponseWriter, _ *http.Request) {
		out.Header().Set("Content-Type", kind)
		_, _ = io.WriteString(out, body)
	}
}

func TestLinesAreEncodedAsSlackEncodesThem(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"/vm list":                             "list",
		"/vm   show  a":                        "show  a",
		"/vm":                                  "",
		"/vm ask @bob in #ops":                 "ask <@U_BOB|bob> in <#C_OPS|ops>",
		"/vm x --url http://x.test/a?b=1&c=2":  "x --url <http://x.test/a?b=1&amp;c=2>",
		"/vm x --alias myapp.example.com":      "x --alias <http://myapp.example.com|myapp.example.com>",
		"/vm x index.lambda_handler a.zip 1.2": "x index.lambda_handler a.zip 1.2",
		"/vm x a<b & c":                        "x a&lt;b &amp; c",
		"/vm x <@U_EVE|eve> @nobody #none":     "x <@U_EVE|eve> @nobody #none",
	} {
		a := &app{}
		b := newBench(t, options(), a)
		if _, err := b.Type(context.Background(), "U_ALICE", "C_OPS", "", line); err != nil {
			t.Fatal(err)
		}
		a.check(t)
		if got := a.commands[0]; got.Text != want || got.Command != "/vm" || got.UserID != "U_ALICE" || got.ChannelID != "C_OPS" {
			t.Errorf("%q was sent as %q, want %q", line, got.Text, want)
		}
		if len(b.Messages("C_OPS")) != 0 {
			t.Error("a slash command is not a message")
		}
	}
}

func TestSlashCommandAnswers(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		kind, body           string
		public, private, why string
	}{
		"plain text is private":   {"text/plain; charset=utf-8", "hello", "", "hello", ""},
		"JSON is private":         {"application/json", `{"text":"hello"}`, "", "hello", ""},
		"nothing is nothing":      {"application/json", "", "", "", ""},
		"in the channel":          {"application/json", `{"response_type":"in_channel","text":"hello"}`, "/vm list|hello", "", ""},
		"blocks":                  {"application/json", `{"blocks":[{"type":"header","text":{"type":"plain_text","text":"Hi"}}]}`, "", "Hi", ""},
		"blocks that are no good": {"application/json", `{"blocks":[{"type":"nonsense"}]}`, "", `/vm failed with the error "invalid_blocks"`, "invalid_blocks"},
		"JSON that is no good":    {"application/json", `{`, "", `/vm failed with the error "dispatch_failed"`, "dispatch_failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &app{answer: answering(tt.kind, tt.body)}
			b := newBench(t, options(), a)
			_, err := b.Type(context.Background(), "U_ALICE", "C_OPS", "", "/vm list")
			var said *slacktest.Error
			if tt.why == "" && err != nil || tt.why != "" && (!errors.As(err, &said) || said.Code != tt.why || !said.Told) {
				t.Errorf("error: %v", err)
			}
			if got := joined(b.Messages("C_OPS")); got != tt.public {
				t.Errorf("in the channel: %q", got)
			}
			if got := joined(b.Ephemerals("U_ALICE")); got != tt.private {
				t.Errorf("in private: %q", got)
			}
		})
	}
}

func joined(messages []slacktest.Message) string {
	var out []string
	for _, m := range messages {
		out = append(out, m.Words())
	}
	return strings.Join(out, "|")
}

func TestWhatSlackItselfRefuses(t *testing.T) {
	t.Parallel()
	a := &app{}
	b := newBench(t, options(), a)
	ctx := context.Background()
	parent, err := b.Type(ctx, "U_ALICE", "C_OPS", "", "a thread")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ user, channel, thread, line, want string }{
		"slash command in a thread": {"U_ALICE", "C_OPS", parent.TS, "/vm list", "not_in_threads"},
		"unknown slash command":     {"U_ALICE", "C_OPS", "", "/nothing", "unknown_command"},
		"somebody else's messages":  {"U_EVE", slacktest.DirectChannel("U_ALICE"), "", "hi", "channel_not_found"},
		"nobody":                    {"U_NONE", "C_OPS", "", "hi", "user_not_found"},
		"as the app":                {"U_BOT", "C_OPS", "", "hi", "user_not_found"},
		"nothing":                   {"U_ALICE", "C_OPS", "", "  ", "no_text"},
	} {
		_, err := b.Type(ctx, tt.user, tt.channel, tt.thread, tt.line)
		var said *slacktest.Error
		if !errors.As(err, &said) || said.Code != tt.want {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
	if len(a.commands)+len(a.events) != 0 {
		t.Error("the app was told of something")
	}
}

func TestMentionsAndDirectMessages(t *testing.T) {
	t.Parallel()
	a := &app{}
	b := newBench(t, options(), a)
	ctx := context.Background()
	reply := must[slacktest.Reply](t)(b.Type(ctx, "U_ALICE", "C_OPS", "", "@deckhand vm list"))
	must[slacktest.Reply](t)(b.Type(ctx, "U_ALICE", "C_OPS", reply.TS, "<@U_BOT> status"))
	must[slacktest.Reply](t)(b.Type(ctx, "U_ALICE", "C_OPS", "", "nothing to do with it"))
	must[slacktest.Reply](t)(b.Type(ctx, "U_BOB", slacktest.DirectChannel("U_BOB"), "", "help"))
	a.check(t)
	if len(a.events) != 3 {
		t.Fatalf("%d events", len(a.events))
	}
	first, ok := a.events[0].InnerEvent.Data.(*slackevents.AppMentionEvent)
	if !ok || first.Text != "<@U_BOT> vm list" || first.TimeStamp != reply.TS || first.User != "U_ALICE" {
		t.Errorf("mention: %+v", a.events[0].InnerEvent.Data)
	}
	if second := a.events[1].InnerEvent.Data.(*slackevents.AppMentionEvent); second.ThreadTimeStamp != reply.TS {
		t.Errorf("mention in a thread: %+v", second)
	}
	third, ok := a.events[2].InnerEvent.Data.(*slackevents.MessageEvent)
	if !ok || third.ChannelType != "im" || third.Text != "help" || third.User != "U_BOB" {
		t.Errorf("direct message: %+v", a.events[2].InnerEvent.Data)
	}
	again := must[slacktest.Reply](t)(b.Redeliver(ctx))
	if again.Status != http.StatusOK || a.retries[3] != "1" {
		t.Errorf("redelivery: %+v, retries %v", again, a.retries)
	}
}

func TestAnEventThatWasNotTakenComesAgain(t *testing.T) {
	t.Parallel()
	tries := 0
	a := &app{answer: func(out http.ResponseWriter, _ *http.Request) {
		if tries++; tries == 1 {
			out.WriteHeader(http.StatusInternalServerError)
		}
	}}
	b := newBench(t, options(), a)
	if _, err := b.Type(context.Background(), "U_ALICE", "C_OPS", "", "@deckhand help"); err != nil {
		t.Error(err)
	}
	if strings.Join(a.retries, ",") != ",1" {
		t.Errorf("retries: %q", a.retries)
	}
}

func TestTheAppIsAwayOrSlow(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	o := options()
	o.AckWithin = 30 * time.Millisecond
	b := newBench(t, o, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hold }))
	defer close(hold)
	_, err := b.Type(context.Background(), "U_ALICE", "C_OPS", "", "/vm list")
	var said *slacktest.Error
	if !errors.As(err, &said) || said.Code != "operation_timeout" {
		t.Error(err)
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	b.SetTargets(slacktest.Targets{BaseURL: b.url, CommandURL: gone.URL})
	if _, err = b.Type(context.Background(), "U_ALICE", "C_OPS", "", "/vm list"); !errors.As(err, &said) || said.Code != "dispatch_failed" {
		t.Error(err)
	}
	if got := joined(b.Ephemerals("U_ALICE")); !strings.Contains(got, "operation_timeout") || !strings.Contains(got, "dispatch_failed") {
		t.Errorf("the person was told %q", got)
	}
}

func TestAPressTellsTheAppEverything(t *testing.T) {
	t.Parallel()
	a := &app{}
	b := newBench(t, options(), a)
	ctx := context.Background()
	say := slack.NewTextBlockObject("plain_text", "Approve", false, false)
	_, ts, err := b.api.PostMessage("C_OPS", slack.MsgOptionText("wait", false),
		slack.MsgOptionBlocks(slack.NewActionBlock("r1", slack.NewButtonBlockElement("approve", "approve R-1", say))))
	if err != nil {
		t.Fatal(err)
	}
	if err = b.Press(ctx, "U_BOB", "C_OPS", ts, "approve"); err != nil {
		t.Fatal(err)
	}
	a.check(t)
	got := a.interactions[0]
	action := got.ActionCallback.BlockActions[0]
	if got.Type != slack.InteractionTypeBlockActions || got.User.ID != "U_BOB" || got.Channel.ID != "C_OPS" ||
		got.Container.MessageTs != ts || got.Message.Timestamp != ts || action.Value != "approve R-1" || action.BlockID != "r1" {
		t.Errorf("payload: %+v", got)
	}
	if _, _, err = b.api.PostMessage("", slack.MsgOptionText("done", false), slack.MsgOptionReplaceOriginal(got.ResponseURL)); err != nil {
		t.Error(err)
	}
	if joined(b.Messages("C_OPS")) != "done" {
		t.Errorf("replaced: %q", joined(b.Messages("C_OPS")))
	}
	var said *slacktest.Error
	if err = b.Press(ctx, "U_BOB", "C_OPS", ts, "approve"); !errors.As(err, &said) || said.Code != "action_not_found" {
		t.Errorf("a button that is gone: %v", err)
	}
	if _, err = b.api.OpenView(got.TriggerID, modal()); err != nil || len(b.Views()) != 1 || b.Views()[0].User != "U_BOB" {
		t.Errorf("view: %v", err)
	}
	if _, err = b.api.OpenView(got.TriggerID, modal()); codeOf(err) != "exchanged_trigger_id" {
		t.Error(err)
	}
}

func modal() slack.ModalViewRequest {
	title := slack.NewTextBlockObject("plain_text", "A modal", false, false)
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: title,
		Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewSectionBlock(title, nil, nil)}},
	}
}

func TestResponseURLs(t *testing.T) {
	t.Parallel()
	a, c := &app{}, &clock{now: time.Now()}
	o := options()
	o.Now = c.Now
	b := newBench(t, o, a)
	ctx := context.Background()
	must[slacktest.Reply](t)(b.Type(ctx, "U_ALICE", "C_OPS", "", "/vm list"))
	respond := func(url string) error {
		_, _, err := b.api.PostMessage("", slack.MsgOptionText("here", false), slack.MsgOptionResponseURL(url, "ephemeral"))
		return err
	}
	for range 5 {
		if err := respond(a.commands[0].ResponseURL); err != nil {
			t.Fatal(err)
		}
	}
	if err := respond(a.commands[0].ResponseURL); codeOf(err) != "used_url" {
		t.Errorf("the sixth use: %v", err)
	}
	if got := b.Ephemerals("U_ALICE"); len(got) != 5 || got[0].Command != "/vm list" || got[0].Channel != "C_OPS" {
		t.Errorf("private answers: %+v", got)
	}
	must[slacktest.Reply](t)(b.Type(ctx, "U_ALICE", "C_OPS", "", "/vm list"))
	trigger := a.commands[1].TriggerID
	c.Advance(4 * time.Second)
	if _, err := b.api.OpenView(trigger, modal()); codeOf(err) != "expired_trigger_id" {
		t.Errorf("a late trigger: %v", err)
	}
	c.Advance(31 * time.Minute)
	var status slack.StatusCodeError
	if err := respond(a.commands[1].ResponseURL); !errors.As(err, &status) || status.Code != http.StatusNotFound {
		t.Errorf("after half an hour: %v", err)
	}
}

func TestChallenge(t *testing.T) {
	t.Parallel()
	echo := &app{answer: func(out http.ResponseWriter, r *http.Request) {
		var c struct{ Challenge string }
		_ = json.NewDecoder(r.Body).Decode(&c)
		_, _ = io.WriteString(out, c.Challenge)
	}}
	if err := newBench(t, options(), echo).Challenge(context.Background()); err != nil {
		t.Error(err)
	}
	if err := newBench(t, options(), &app{}).Challenge(context.Background()); err == nil {
		t.Error("no answer was taken for the right one")
	}
}
