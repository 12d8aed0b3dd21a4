package slack_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"deckhand/bot"
	"deckhand/bot/slack"
	"deckhand/commands"
)

func TestResponseURLsLeadToSlackOnly(t *testing.T) {
	t.Parallel()
	const slacks, local = "https://slack.com/api/", "http://10.0.0.5:8080/api/"
	for _, c := range []struct {
		raw, api string
		want     bool
	}{
		{"https://hooks.slack.com/commands/T1/1/x", slacks, true},
		{"https://slack.com/x", slacks, true},
		{"https://hooks.slack-gov.com/x", slacks, true},
		{"https://HOOKS.SLACK.COM/x", "", true},
		{"https://hooks.slack.com:443/x", slacks, true},
		{"https://hooks.slack.com:8443/x", slacks, false},
		{"http://hooks.slack.com/x", slacks, false},
		{"https://evilslack.com/x", slacks, false},
		{"https://slack.com.evil.com/x", slacks, false},
		{"https://hooks.slack.com@evil.com/x", slacks, false},
		{"https://user:pass@hooks.slack.com/x", slacks, false},
		{"http://127.0.0.1/x", slacks, false},
		{"http://127.0.0.1/x", "https://mine.slack.com/api/", false},
		{"http://127.0.0.1/x", "", false},
		{"http://127.0.0.1:9999/x", local, true},
		{"http://[::1]:9999/x", local, true},
		{"http://[::ffff:127.0.0.1]/x", local, true},
		{"http://localhost/x", local, true},
		{"http://10.0.0.5:8080/x", local, true},
		{"http://10.0.0.6:8080/x", local, false},
		{"http://169.254.169.254/latest/meta-data", local, false},
		{"https://hooks.slack.com/x", local, true},
		{"ftp://127.0.0.1/x", local, false},
		{"file:///etc/passwd", local, false},
		{"//127.0.0.1/x", local, false},
		{"", local, false},
		{"https://", local, false},
	} {
		if got := slack.AllowedResponseURL(c.raw, c.api); got != c.want {
			t.Errorf("%s with API %q: %v", c.raw, c.api, got)
		}
	}
}

func TestAWhisperGoesOverTheResponseURL(t *testing.T) {
	t.Parallel()
	w, m := serve(t)
	to := slash("U1", "C1")
	to.ResponseURL, to.At = w.base+"respond", time.Now()
	if err := m.Whisper(ctx(t), to, report("Hello")); err != nil {
		t.Fatal(err)
	}
	var sent struct {
		ResponseType    string           `json:"response_type"`
		ReplaceOriginal *bool            `json:"replace_original"`
		Text            string           `json:"text"`
		Blocks          []map[string]any `json:"blocks"`
	}
	if err := json.Unmarshal([]byte(w.called("respond")[0].form.Get("json")), &sent); err != nil {
		t.Fatal(err)
	}
	if sent.ResponseType != "ephemeral" || sent.ReplaceOriginal == nil || *sent.ReplaceOriginal || !strings.Contains(sent.Text, "*Hello*") || len(sent.Blocks) != 2 {
		t.Errorf("%+v", sent)
	}
	if len(w.called("chat.postEphemeral"))+len(w.messages) != 0 {
		t.Error("it was sent twice")
	}
	to.Source, to.Turns = bot.Button, true
	if err := m.Whisper(ctx(t), to, report("Page 2")); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(w.called("respond")[1].form.Get("json")), &sent); err != nil || !*sent.ReplaceOriginal {
		t.Errorf("the next page does not take the place of the one before: %+v %v", sent, err)
	}
}

func TestAWhisperFindsAnotherWay(t *testing.T) {
	t.Parallel()
	long := time.Now().Add(-29 * time.Minute)
	for name, c := range map[string]struct {
		prepare                    func(*workspace, *bot.Message)
		respond, ephemeral, direct int
	}{
		"without a response URL": {func(*workspace, *bot.Message) {}, 0, 1, 0},
		"an old response URL":    {func(w *workspace, to *bot.Message) { to.ResponseURL, to.At = w.base+"respond", long }, 0, 1, 0},
		"a foreign response URL": {func(_ *workspace, to *bot.Message) { to.ResponseURL = "https://example.com/x" }, 0, 1, 0},
		"a used response URL": {func(w *workspace, to *bot.Message) {
			to.ResponseURL = w.base + "respond"
			w.fail("respond", failure{status: 404, word: "used_url"})
		}, 1, 1, 0},
		"a form that is refused": {func(w *workspace, to *bot.Message) {
			to.ResponseURL = w.base + "respond"
			w.fail("respond", failure{word: "invalid_blocks"})
		}, 2, 0, 0},
		"a redirect": {func(w *workspace, to *bot.Message) {
			to.ResponseURL = w.base + "respond"
			w.fail("respond", failure{status: 307})
		}, 1, 1, 0},
		"not in the channel": {func(w *workspace, _ *bot.Message) {
			w.fail("chat.postEphemeral", failure{word: "user_not_in_channel"})
		}, 0, 1, 1},
		"no channel": {func(_ *workspace, to *bot.Message) { to.Asker.Channel = "" }, 0, 0, 1},
	} {
		w, m := serve(t)
		to := slash("U1", "C1")
		to.Source = bot.Button
		c.prepare(w, &to)
		if err := m.Whisper(ctx(t), to, report("Hello")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := [3]int{len(w.called("respond")), len(w.called("chat.postEphemeral")), len(w.messages)}; got != [3]int{c.respond, c.ephemeral, c.direct} {
			t.Errorf("%s: %v", name, got)
		}
		if c.direct == 1 && w.messages[0].channel != "D_U1" {
			t.Errorf("%s: sent to %s", name, w.messages[0].channel)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	reached := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer elsewhere.Close()
	trap := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer trap.Close()
	_, m := serve(t)
	to := slash("U1", "C1")
	to.ResponseURL = trap.URL
	if err := m.Whisper(ctx(t), to, report("Hello")); err != nil || reached {
		t.Errorf("%v, followed: %v", err, reached)
	}
}

func TestMentionsAndDirectMessagesAreAnsweredInPlace(t *testing.T) {
	t.Parallel()
	w, m := serve(t)
	mention := bot.Message{Source: bot.Mention, Asker: commands.Asker{User: "U1", Channel: "C1", Thread: "1600000000.000000"}}
	direct := bot.Message{Source: bot.Direct, Asker: commands.Asker{User: "U1", Channel: "D1"}}
	for _, to := range []bot.Message{mention, direct} {
		if err := m.Whisper(ctx(t), to, report("Hello")); err != nil {
			t.Fatal(err)
		}
		if got := w.messages[len(w.messages)-1]; got.channel != to.Asker.Channel || got.thread != to.Asker.Thread {
			t.Errorf("%+v", got)
		}
	}
}

func TestAWhispersErrorMeansCertainlyNotDelivered(t *testing.T) {
	t.Parallel()
	w, m := serve(t)
	w.fail("chat.postEphemeral", failure{status: 500}, failure{word: "invalid_auth"})
	if err := m.Whisper(ctx(t), slash("U1", "C1"), report("a")); err != nil {
		t.Errorf("it may have arrived: %v", err)
	}
	if err := m.Whisper(ctx(t), slash("U1", "C1"), report("a")); err == nil || permanent(err) {
		t.Errorf("the token is refused: %v", err)
	}
	if err := m.Whisper(ctx(t), bot.Message{Source: bot.Schedule}, report("a")); err == nil {
		t.Error("nobody to answer")
	}
}

func TestPrivateAnswersShowFilesAsCode(t *testing.T) {
	t.Parallel()
	w, m := serve(t)
	with := commands.Report{Title: "a", Body: commands.Blocks{commands.File{Name: "x.txt", Content: "the content"}}}
	if err := m.Whisper(ctx(t), slash("U1", "C1"), with); err != nil {
		t.Fatal(err)
	}
	if got := w.called("chat.postEphemeral")[0].form.Get("text"); !strings.Contains(got, "x.txt") || !strings.Contains(got, "the content") {
		t.Errorf("%s", got)
	}
}
