package slack_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"deckhand/bot"
	"deckhand/bot/slack"
	"deckhand/commands"
)

// workspace is a Slack that holds messages in memory and fails on cue.
type workspace struct {
	mu           sync.Mutex
	base         string
	calls        []call
	failures     map[string][]failure // by method, used up one by one
	messages     []message
	members      map[string][]string
	left, shared map[string]bool // by id of the person, of the channel
	files        map[string]string
	pageSize     int
}

type call struct {
	method string
	form   url.Values
	at     time.Time
}

type failure struct {
	status int    // HTTP status; 0 is 200
	word   string // Slack's word
	after  string // Retry-After
}

type message struct {
	channel, ts, thread, user, text, blocks string
	metadata                                json.RawMessage
}

func newWorkspace() *workspace {
	return &workspace{failures: map[string][]failure{}, members: map[string][]string{}, files: map[string]string{}, pageSize: 100}
}

func (w *workspace) fail(method string, failures ...failure) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failures[method] = append(w.failures[method], failures...)
}

func (w *workspace) called(method string) []call {
	w.mu.Lock()
	defer w.mu.Unlock()
	var list []call
	for _, c := range w.calls {
		if c.method == method {
			list = append(list, c)
		}
	}
	return list
}

func (w *workspace) ServeHTTP(out http.ResponseWriter, in *http.Request) {
	body, _ := io.ReadAll(in.Body)
	method := strings.TrimPrefix(in.URL.Path, "/api/")
	form, _ := url.ParseQuery(string(body))
	if strings.HasPrefix(in.Header.Get("Content-Type"), "application/json") {
		form = url.Values{"json": {string(body)}}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, call{method: method, form: form, at: time.Now()})
	out.Header().Set("Content-Type", "application/json")
	if queue := w.failures[method]; len(queue) > 0 {
		w.failures[method] = queue[1:]
		f := queue[0]
		if f.after != "" {
			out.Header().Set("Retry-After", f.after)
		}
		if f.status != 0 {
			out.WriteHeader(f.status)
		}
		answer(out, map[string]any{"ok": f.word == "", "error": f.word})
		return
	}
	if method == "upload" {
		w.files[in.URL.RawQuery] = string(body)
		return
	}
	answer(out, w.answer(method, form))
}

func answer(out io.Writer, what map[string]any) { _ = json.NewEncoder(out).Encode(what) }

func (w *workspace) answer(method string, form url.Values) map[string]any {
	switch method {
	case "auth.test":
		return map[string]any{"ok": true, "user_id": "U_BOT", "bot_id": "B1", "team_id": "T1", "url": "https://team.slack.test/"}
	case "chat.postMessage":
		m := message{
			channel: form.Get("channel"), ts: fmt.Sprintf("17%08d.000000", len(w.messages)+1), thread: form.Get("thread_ts"), user: "U_BOT",
			text: form.Get("text"), blocks: form.Get("blocks"), metadata: json.RawMessage(form.Get("metadata")),
		}
		w.messages = append(w.messages, m)
		return map[string]any{"ok": true, "channel": m.channel, "ts": m.ts}
	case "chat.update":
		for i, m := range w.messages {
			if m.channel == form.Get("channel") && m.ts == form.Get("ts") {
				w.messages[i].text, w.messages[i].blocks = form.Get("text"), form.Get("blocks")
				return map[string]any{"ok": true, "channel": m.channel, "ts": m.ts}
			}
		}
		return map[string]any{"ok": false, "error": "message_not_found"}
	case "conversations.history", "conversations.replies":
		return w.history(form)
	case "conversations.open":
		return map[string]any{"ok": true, "channel": map[string]any{"id": "D_" + form.Get("users")}}
	case "conversations.join":
		return map[string]any{"ok": true, "channel": map[string]any{"id": form.Get("channel")}}
	case "usergroups.users.list":
		if users, ok := w.members[form.Get("usergroup")]; ok {
			return map[string]any{"ok": true, "users": users}
		}
		return map[string]any{"ok": false, "error": "no_such_subteam"}
	case "users.info":
		return map[string]any{"ok": true, "user": map[string]any{"id": form.Get("user"), "deleted": w.left[form.Get("user")]}}
	case "conversations.info":
		return map[string]any{"ok": true, "channel": map[string]any{"id": form.Get("channel"), "is_ext_shared": w.shared[form.Get("channel")]}}
	case "files.getUploadURLExternal":
		return map[string]any{"ok": true, "upload_url": w.base + "upload?F1", "file_id": "F1"}
	case "files.completeUploadExternal":
		return map[string]any{"ok": true, "files": []map[string]any{{"id": "F1"}}}
	default:
		return map[string]any{"ok": true}
	}
}

// history answers the newest first, in pages.
func (w *workspace) history(form url.Values) map[string]any {
	var list []map[string]any
	for _, m := range slices.Backward(w.messages) {
		if m.channel != form.Get("channel") || m.ts < form.Get("oldest") || m.thread != form.Get("ts") && m.ts != form.Get("ts") {
			continue
		}
		one := map[string]any{"type": "message", "ts": m.ts, "user": m.user, "text": m.text, "thread_ts": m.thread}
		if len(m.metadata) > 0 && form.Get("include_all_metadata") == "1" {
			one["metadata"] = m.metadata
		}
		list = append(list, one)
	}
	start := 0
	_, _ = fmt.Sscan(form.Get("cursor"), &start)
	end := min(len(list), start+w.pageSize)
	next := ""
	if end < len(list) {
		next = fmt.Sprint(end)
	}
	return map[string]any{"ok": true, "messages": list[start:end], "response_metadata": map[string]any{"next_cursor": next}}
}

// RoundTrip lets the workspace stand behind an http.Client without a socket, so that waiting costs no time in a
// synctest bubble.
func (w *workspace) RoundTrip(in *http.Request) (*http.Response, error) {
	if err := in.Context().Err(); err != nil {
		return nil, err
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	out := httptest.NewRecorder()
	w.ServeHTTP(out, in)
	answer := out.Result()
	answer.Request = in
	return answer, nil
}

// serve is a messenger that talks to the workspace over a real socket.
func serve(t *testing.T) (*workspace, *slack.Messenger) {
	t.Helper()
	w := newWorkspace()
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	w.base = server.URL + "/api/"
	return w, slack.NewMessenger(slack.Settings{BotToken: "xoxb-1", APIURL: w.base, Log: quiet()})
}

// within is a messenger that talks to the workspace in memory.
func within() (*workspace, *slack.Messenger) { return withMemory(nil) }

func withMemory(memory slack.Memory) (*workspace, *slack.Messenger) {
	w := newWorkspace()
	w.base = "https://slack.test/api/"
	return w, slack.NewMessenger(slack.Settings{BotToken: "xoxb-1", APIURL: w.base, HTTP: &http.Client{Transport: w}, Log: quiet(), Memory: memory})
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func report(title string) commands.Report {
	return commands.Report{Title: title, Body: commands.Blocks{commands.Table{Columns: []string{"Name"}, Rows: [][]string{{"web-1"}}}}}
}

func slash(user, channel string) bot.Message {
	return bot.Message{Key: "k", Source: bot.Slash, Asker: commands.Asker{User: user, Channel: channel}}
}

func ref(channel string) bot.Ref { return bot.Ref{Channel: channel, TS: "1.0"} }

func ctx(t *testing.T) context.Context { return t.Context() }
