package intake

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"go.uber.org/goleak"

	"deckhand/bot"
	"deckhand/commands"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const secret = "8f742231b10e8888abcd99yyyzzz85a5"

// noon is when all of this happens.
var noon = time.Date(2026, time.March, 14, 12, 0, 0, 0, time.UTC)

// inbox keeps the messages that it was handed, and what each was answered in private.
type inbox struct {
	mu       sync.Mutex
	messages []bot.Message
	whispers []string
	answer   func(ctx context.Context, message bot.Message) bot.Answer
	got      chan bot.Message // holds every message
	told     chan string      // holds every whisper's title
}

func newInbox(answer func(context.Context, bot.Message) bot.Answer) *inbox {
	if answer == nil {
		answer = func(_ context.Context, message bot.Message) bot.Answer {
			return bot.Answer{Report: commands.Report{Title: "Heard " + message.Line}}
		}
	}
	return &inbox{answer: answer, got: make(chan bot.Message, 1000), told: make(chan string, 1000)}
}

func (i *inbox) Receive(ctx context.Context, message bot.Message) bot.Answer {
	i.mu.Lock()
	i.messages = append(i.messages, message)
	i.mu.Unlock()
	i.got <- message
	return i.answer(ctx, message)
}

func (i *inbox) whisper(_ context.Context, to bot.Message, report commands.Report) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.whispers = append(i.whispers, to.Asker.User+" "+report.Title)
	i.told <- report.Title
	return nil
}

func (i *inbox) all() []bot.Message {
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]bot.Message(nil), i.messages...)
}

func (i *inbox) whispered() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]string(nil), i.whispers...)
}

func render(report commands.Report) (string, []slack.Block) {
	header := slack.NewHeaderBlock(slack.NewTextBlockObject(slack.PlainTextType, report.Title, false, false))
	return report.Title, []slack.Block{header}
}

func isNoun(name string) bool { return name == "vm" }

func settings(box *inbox) Settings {
	return Settings{
		SigningSecrets: []string{"the next secret", secret},
		Whisper:        box.whisper,
		Render:         render,
		Commands:       []string{"/deckhand", "/vm"},
		IsNoun:         isNoun,
		BotUserID:      func() string { return "U0BOT" },
		Now:            func() time.Time { return noon },
	}
}

func sign(key, stamp, body string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte("v0:" + stamp + ":" + body))
	return "v0=" + hex.EncodeToString(mac.Sum(nil))
}

// post is a request as Slack sends it.
func post(path, contentType, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	stamp := strconv.FormatInt(noon.Unix(), 10)
	r.Header.Set("X-Slack-Request-Timestamp", stamp)
	r.Header.Set("X-Slack-Signature", sign(secret, stamp, body))
	return r
}

func deliver(t *testing.T, endpoint *Endpoint, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	endpoint.ServeHTTP(w, r)
	if got := w.Header().Get("Content-Length"); got != strconv.Itoa(w.Body.Len()) {
		t.Errorf("Content-Length is %q for %d bytes", got, w.Body.Len())
	}
	if err := endpoint.Drain(t.Context()); err != nil {
		t.Error(err)
	}
	return w
}

// journal is a log that can be read.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, string(line))
	return len(line), nil
}

func (j *journal) count(part string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	n := 0
	for _, line := range j.lines {
		if strings.Contains(line, part) {
			n++
		}
	}
	return n
}

func (j *journal) logger() *slog.Logger { return slog.New(slog.NewTextHandler(j, nil)) }

// within waits for a value, for a bounded time.
func within[T any](t *testing.T, what string, values <-chan T) T {
	t.Helper()
	select {
	case value := <-values:
		return value
	case <-time.After(10 * time.Second):
		t.Fatalf("no %s came", what)
		panic("unreachable")
	}
}
