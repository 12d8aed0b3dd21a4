package slacktest_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"deckhand/bot/slack/slacktest"
)

func TestOnlyThePageItselfSpeaksToItsEndpoints(t *testing.T) {
	t.Parallel()
	const json = "application/json"
	guarded := slacktest.Guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), "127.0.0.1:8080")
	for name, tt := range map[string]struct {
		method, host, kind, origin, site, mode string
		want                                   int
	}{
		"reading":                          {"GET", "127.0.0.1:8080", "", "", "", "", 200},
		"reading by name":                  {"GET", "localhost:8080", "", "", "same-origin", "cors", 200},
		"reading by IPv6":                  {"GET", "[::1]:8080", "", "", "none", "navigate", 200},
		"following a link to the page":     {"GET", "localhost:8080", "", "", "cross-site", "navigate", 200},
		"another page's script tag":        {"GET", "localhost:8080", "", "", "cross-site", "no-cors", 403},
		"another port's script tag":        {"GET", "localhost:8080", "", "", "same-site", "no-cors", 403},
		"a name that resolves here":        {"GET", "evil.example:8080", "", "", "same-origin", "cors", 403},
		"a name that begins like ours":     {"GET", "127.0.0.1.evil.example:8080", "", "", "", "", 403},
		"another port":                     {"GET", "127.0.0.1:9090", "", "", "", "", 403},
		"no port":                          {"GET", "127.0.0.1", "", "", "", "", 403},
		"sending":                          {"POST", "127.0.0.1:8080", json, "http://127.0.0.1:8080", "same-origin", "cors", 200},
		"sending with a charset":           {"POST", "127.0.0.1:8080", json + "; charset=utf-8", "http://127.0.0.1:8080", "", "", 200},
		"sending, known by fetch metadata": {"POST", "127.0.0.1:8080", json, "", "same-origin", "", 200},
		"sending from nowhere":             {"POST", "127.0.0.1:8080", json, "", "", "", 403},
		"sending from another page":        {"POST", "127.0.0.1:8080", json, "https://evil.example", "cross-site", "cors", 403},
		"sending from another port":        {"POST", "127.0.0.1:8080", json, "http://127.0.0.1:9090", "same-site", "cors", 403},
		"sending from a sandbox":           {"POST", "127.0.0.1:8080", json, "null", "cross-site", "cors", 403},
		"sending under another name":       {"POST", "localhost:8080", json, "http://127.0.0.1:8080", "same-site", "cors", 403},
		"a form":                           {"POST", "127.0.0.1:8080", "application/x-www-form-urlencoded", "http://127.0.0.1:8080", "same-origin", "", 415},
		"text that is JSON":                {"POST", "127.0.0.1:8080", "text/plain", "http://127.0.0.1:8080", "same-origin", "", 415},
		"no type":                          {"POST", "127.0.0.1:8080", "", "http://127.0.0.1:8080", "same-origin", "", 415},
	} {
		r := httptest.NewRequest(tt.method, "http://"+tt.host+"/page/type", nil)
		for header, value := range map[string]string{
			"Content-Type": tt.kind, "Origin": tt.origin, "Sec-Fetch-Site": tt.site, "Sec-Fetch-Mode": tt.mode,
		} {
			if value != "" {
				r.Header.Set(header, value)
			}
		}
		out := httptest.NewRecorder()
		guarded.ServeHTTP(out, r)
		if out.Code != tt.want {
			t.Errorf("%s: %d, want %d", name, out.Code, tt.want)
		}
		policy := out.Header().Get("Content-Security-Policy")
		if out.Header().Get("X-Content-Type-Options") != "nosniff" || strings.Contains(policy, "unsafe") || !strings.Contains(policy, "default-src 'none'") {
			t.Errorf("%s: headers %v", name, out.Header())
		}
	}
}

func TestThePageGuardsItself(t *testing.T) {
	t.Parallel()
	b := newBench(t, options(), &app{})
	send := func(origin string) int {
		r, _ := http.NewRequest(http.MethodPost, b.url+"/page/type", strings.NewReader(`{"user":"U_ALICE","channel":"C_OPS","text":"hi"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Origin", origin)
		response := must[*http.Response](t)(http.DefaultClient.Do(r))
		_ = response.Body.Close()
		return response.StatusCode
	}
	if got := send("https://evil.example"); got != http.StatusForbidden || len(b.Messages("C_OPS")) != 0 {
		t.Errorf("another page spoke: %d", got)
	}
	if got := send(b.url); got != http.StatusOK || len(b.Messages("C_OPS")) != 1 {
		t.Errorf("the page could not speak: %d", got)
	}
	r, _ := http.NewRequest(http.MethodGet, b.url+"/page/events?as=U_ALICE", nil)
	r.Host = "rebound.example"
	response := must[*http.Response](t)(http.DefaultClient.Do(r))
	_ = response.Body.Close()
	if response.StatusCode != http.StatusForbidden {
		t.Errorf("a rebound name read: %s", response.Status)
	}
}

func TestTheStreamShowsOnlyWhatAPersonSees(t *testing.T) {
	t.Parallel()
	b := newBench(t, options(), &app{})
	for channel, words := range map[string]string{"C_OPS": "for all", slacktest.DirectChannel("U_ALICE"): "for alice directly"} {
		if _, _, err := b.api.PostMessage(channel, slack.MsgOptionText(words, false)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.api.PostEphemeral("C_OPS", "U_ALICE", slack.MsgOptionText("for alice only", false)); err != nil {
		t.Fatal(err)
	}
	for user, want := range map[string]int{"U_ALICE": 3, "U_EVE": 1} {
		if got := strings.Count(firstEvents(t, b.url, user), "event: message"); got != want {
			t.Errorf("%s sees %d messages, want %d", user, got, want)
		}
	}
}

// firstEvents reads a stream up to the moment where it has caught up.
func firstEvents(t *testing.T, url, user string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r, _ := http.NewRequestWithContext(ctx, http.MethodGet, url+"/page/events?as="+user, nil)
	response := must[*http.Response](t)(http.DefaultClient.Do(r))
	defer func() { _ = response.Body.Close() }()
	var out strings.Builder
	lines := bufio.NewReader(response.Body)
	for {
		line, err := lines.ReadString('\n')
		if err != nil && err != io.EOF {
			t.Fatal(err)
		}
		out.WriteString(line)
		if strings.HasPrefix(line, "event: current") {
			return out.String()
		}
	}
}
