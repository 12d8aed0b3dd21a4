package intake

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"deckhand/bot"
	"deckhand/commands"
)

const (
	slashForm = "command=%2Fvm&text=list+--state+running&user_id=U1&channel_id=C1&team_id=T1&trigger_id=1.2.3&response_url=https%3A%2F%2Fhooks.slack.com%2F1"
	pressJSON = `{"type":"block_actions","team":{"id":"T1"},"user":{"id":"U2","team_id":"T1"},"channel":{"id":"C1"},"container":{"channel_id":"C1"},
		"message":{"ts":"5.5","thread_ts":"4.4"},"trigger_id":"7.8","response_url":"https://hooks.slack.com/2",
		"actions":[{"type":"button","action_id":"a","block_id":"b","action_ts":"9.9","value":"approve R-1"}]}`
	mentionJSON = `{"type":"event_callback","team_id":"T1","event_id":"Ev1","event":{"type":"app_mention","user":"U1","text":"<@U0BOT> vm list","ts":"1.1","channel":"C1"}}`
)

func pressForm(payload string) string { return url.Values{"payload": {payload}}.Encode() }

// with changes a header of a request.
func with(r *http.Request, name, value string) *http.Request {
	if value == "" {
		r.Header.Del(name)
	} else {
		r.Header.Set(name, value)
	}
	return r
}

func signedAt(age time.Duration, body string) *http.Request {
	stamp := strconv.FormatInt(noon.Add(-age).Unix(), 10)
	r := with(post("/slack/commands", formType, body), "X-Slack-Request-Timestamp", stamp)
	return with(r, "X-Slack-Signature", sign(secret, stamp, body))
}

func method(name, path string) *http.Request {
	r := post(path, formType, slashForm)
	r.Method = name
	return r
}

func TestHostileRequestsAreRefused(t *testing.T) {
	t.Parallel()
	large := "text=" + strings.Repeat("a", maxBody)
	announced := post("/slack/commands", formType, "text=a")
	announced.ContentLength = maxBody + 1
	unannounced := post("/slack/commands", formType, large)
	unannounced.ContentLength = -1
	good := sign(secret, strconv.FormatInt(noon.Unix(), 10), slashForm)
	commands, press, events := "/slack/commands", "/slack/interactions", "/slack/events"
	refused(t, map[string]hostile{
		"an unknown path":                       {post("/slack/admin", formType, slashForm), 404},
		"a path below a known one":              {post("/slack/commands/", formType, slashForm), 404},
		"GET a command":                         {method(http.MethodGet, commands), 405},
		"PUT a command":                         {method(http.MethodPut, commands), 405},
		"HEAD an interaction":                   {method(http.MethodHead, press), 405},
		"DELETE an event":                       {method(http.MethodDelete, events), 405},
		"GET an event with a certificate check": {method(http.MethodGet, events+"?ssl_check=1"), 405},
		"no content type":                       {with(post(commands, formType, slashForm), "Content-Type", ""), 415},
		"a command as JSON":                     {post(commands, jsonType, slashForm), 415},
		"a command in parts":                    {post(commands, "multipart/form-data; boundary=x", slashForm), 415},
		"an event as a form":                    {post(events, formType, mentionJSON), 415},
		"an interaction as JSON":                {post(press, jsonType, pressJSON), 415},
		"a wrong type before a wrong signature": {with(post(events, formType, mentionJSON), "X-Slack-Signature", "v0=0"), 415},
		"a large body, announced":               {announced, 413},
		"a large body, not announced":           {unannounced, 413},
		"a large body before a wrong signature": {with(post(commands, formType, large), "X-Slack-Signature", "v0=0"), 413},
		"no signature":                          {with(post(commands, formType, slashForm), "X-Slack-Signature", ""), 401},
		"no timestamp":                          {with(post(commands, formType, slashForm), "X-Slack-Request-Timestamp", ""), 401},
		"a timestamp in words":                  {with(post(commands, formType, slashForm), "X-Slack-Request-Timestamp", "noon"), 401},
		"the least timestamp there is":          {with(post(commands, formType, slashForm), "X-Slack-Request-Timestamp", "-9223372036854775808"), 401},
		"the greatest timestamp there is":       {with(post(commands, formType, slashForm), "X-Slack-Request-Timestamp", "9223372036854775807"), 401},
		"a timestamp other than the signed one": {with(post(commands, formType, slashForm), "X-Slack-Request-Timestamp", strconv.FormatInt(noon.Unix()+1, 10)), 401},
		"a stale signature":                     {signedAt(301*time.Second, slashForm), 401},
		"a signature from the future":           {signedAt(-301*time.Second, slashForm), 401},
		"a signature without its version":       {with(post(commands, formType, slashForm), "X-Slack-Signature", good[3:]), 401},
		"a signature of another version":        {with(post(commands, formType, slashForm), "X-Slack-Signature", "v1="+good[3:]), 401},
		"half a signature":                      {with(post(commands, formType, slashForm), "X-Slack-Signature", good[:35]), 401},
		"a signature that is no hexadecimal":    {with(post(commands, formType, slashForm), "X-Slack-Signature", "v0="+strings.Repeat("zz", 32)), 401},
		"a signature of another body":           {with(post(commands, formType, slashForm+"&x=1"), "X-Slack-Signature", good), 401},
		"a signature by an empty secret":        {with(post(commands, formType, slashForm), "X-Slack-Signature", sign("", strconv.FormatInt(noon.Unix(), 10), slashForm)), 401},
		"a certificate check with a command":    {with(post(commands, formType, slashForm+"&ssl_check=1"), "X-Slack-Signature", ""), 401},
	})
}

func TestWhatSlackNeverSendsIsRefused(t *testing.T) {
	t.Parallel()
	commands, press, events := "/slack/commands", "/slack/interactions", "/slack/events"
	refused(t, map[string]hostile{
		"a bad percent encoding":                {post(commands, formType, "command=%2Fvm&text=%zz&user_id=U1&channel_id=C1"), 400},
		"a semicolon between fields":            {post(commands, formType, "command=%2Fvm;user_id=U1;channel_id=C1"), 400},
		"an empty form":                         {post(commands, formType, ""), 400},
		"a command without a user":              {post(commands, formType, "command=%2Fvm&channel_id=C1"), 400},
		"a command without a channel":           {post(commands, formType, "command=%2Fvm&user_id=U1"), 400},
		"a command without its slash":           {post(commands, formType, "command=vm&user_id=U1&channel_id=C1"), 400},
		"a command that is only a slash":        {post(commands, formType, "command=%2F&user_id=U1&channel_id=C1"), 400},
		"a text that is not UTF-8":              {post(commands, formType, "command=%2Fvm&user_id=U1&channel_id=C1&text=%ff%fe"), 400},
		"a text with a NUL":                     {post(commands, formType, "command=%2Fvm&user_id=U1&channel_id=C1&text=a%00b"), 400},
		"an interaction without a payload":      {post(press, formType, "a=b"), 400},
		"an interaction with a bad encoding":    {post(press, formType, "payload=%"), 400},
		"a payload that is no JSON":             {post(press, formType, pressForm("{")), 400},
		"a payload that is null":                {post(press, formType, pressForm("null")), 400},
		"a payload that is a list":              {post(press, formType, pressForm("[]")), 400},
		"a payload of an unknown type":          {post(press, formType, pressForm(`{"type":"telepathy"}`)), 400},
		"a payload with a user of another type": {post(press, formType, pressForm(`{"type":"block_actions","user":"U1","actions":[{}]}`)), 400},
		"a press by nobody":                     {post(press, formType, pressForm(`{"type":"block_actions","actions":[{"value":"x"}]}`)), 400},
		"a press of nothing":                    {post(press, formType, pressForm(`{"type":"block_actions","user":{"id":"U1"}}`)), 400},
		"a press with a NUL in its value":       {post(press, formType, pressForm(`{"type":"block_actions","user":{"id":"U1"},"actions":[{"value":"a\u0000"}]}`)), 400},
		"an event that is no JSON":              {post(events, jsonType, "challenge"), 400},
		"an event that is null":                 {post(events, jsonType, "null"), 400},
		"an event with something behind it":     {post(events, jsonType, mentionJSON+"{}"), 400},
		"an event of an unknown type":           {post(events, jsonType, `{"type":"telepathy"}`), 400},
		"a verification without a challenge":    {post(events, jsonType, `{"type":"url_verification"}`), 400},
		"a callback without an event":           {post(events, jsonType, `{"type":"event_callback"}`), 400},
		"a callback with an event that is null": {post(events, jsonType, `{"type":"event_callback","event":null}`), 400},
		"a mention by nobody":                   {post(events, jsonType, `{"type":"event_callback","event":{"type":"app_mention","text":"x","ts":"1","channel":"C1"}}`), 400},
		"a mention with a user of another type": {post(events, jsonType, `{"type":"event_callback","event":{"type":"app_mention","user":{"id":"U1"}}}`), 400},
	})
}

// hostile is a request that must not get through, and the status it gets.
type hostile struct {
	request *http.Request
	status  int
}

func refused(t *testing.T, requests map[string]hostile) {
	t.Helper()
	for name, c := range requests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			box := newInbox(nil)
			w := deliver(t, Handler(settings(box), box), c.request)
			if w.Code != c.status {
				t.Errorf("status %d, want %d: %s", w.Code, c.status, w.Body)
			}
			if n := len(box.all()); n > 0 {
				t.Errorf("%d messages got through", n)
			}
			if c.status == 405 && w.Header().Get("Allow") != "POST" {
				t.Errorf("Allow is %q", w.Header().Get("Allow"))
			}
			if text := w.Body.String(); strings.Contains(text, secret) || len(text) > 200 || !strings.HasSuffix(text, ".\n") {
				t.Errorf("the refusal is no short plain sentence: %q", text)
			}
		})
	}
}

func TestRequestsOfSlackAreTaken(t *testing.T) {
	t.Parallel()
	byNextSecret := with(post("/slack/commands", formType, slashForm), "X-Slack-Signature",
		sign("the next secret", strconv.FormatInt(noon.Unix(), 10), slashForm))
	check := httptest.NewRequest(http.MethodGet, "/slack/commands?ssl_check=1&token=x", nil)
	unsignedCheck := with(post("/slack/commands", formType, "ssl_check=1&token=x"), "X-Slack-Signature", "")
	for name, c := range map[string]struct {
		request  *http.Request
		messages int
		body     string
	}{
		"a slash command":                    {post("/slack/commands", formType, slashForm), 1, `{"response_type":"ephemeral","text":"Heard list --state running","blocks":[{"type":"header","text":{"type":"plain_text","text":"Heard list --state running","emoji":false}}]}`},
		"a slash command by the next secret": {byNextSecret, 1, "Heard"},
		"a content type with parameters":     {post("/slack/commands", "Application/X-WWW-Form-Urlencoded; charset=utf-8", slashForm), 1, "Heard"},
		"a signature of five minutes ago":    {signedAt(300*time.Second, slashForm), 1, "Heard"},
		"a signature five minutes ahead":     {signedAt(-300*time.Second, slashForm), 1, "Heard"},
		"a certificate check by GET":         {check, 0, ""},
		"a certificate check by POST":        {post("/slack/commands", formType, "ssl_check=1"), 0, ""},
		"an unsigned certificate check":      {unsignedCheck, 0, ""},
		"a press":                            {post("/slack/interactions", formType, pressForm(pressJSON)), 1, ""},
		"a press of a link":                  {post("/slack/interactions", formType, pressForm(strings.ReplaceAll(pressJSON, `,"value":"approve R-1"`, ""))), 0, ""},
		"a form that was sent":               {post("/slack/interactions", formType, pressForm(`{"type":"view_submission","user":{"id":"U1"}}`)), 0, ""},
		"a shortcut":                         {post("/slack/interactions", formType, pressForm(`{"type":"shortcut"}`)), 0, ""},
		"a mention":                          {post("/slack/events", "application/json; charset=utf-8", mentionJSON), 1, ""},
		"a mention, tried again":             {with(post("/slack/events", jsonType, mentionJSON), "X-Slack-Retry-Num", "2"), 1, ""},
		"an event with a user object":        {post("/slack/events", jsonType, `{"type":"event_callback","event":{"type":"team_join","user":{"id":"U1"}}}`), 0, ""},
		"a warning about too many events":    {post("/slack/events", jsonType, `{"type":"app_rate_limited"}`), 0, ""},
		"a challenge":                        {post("/slack/events", jsonType, `{"type":"url_verification","challenge":"3eZbrw"}`), 0, "3eZbrw"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			box := newInbox(nil)
			w := deliver(t, Handler(settings(box), box), c.request)
			if w.Code != 200 || len(box.all()) != c.messages {
				t.Errorf("status %d with %d messages, want 200 with %d: %s", w.Code, len(box.all()), c.messages, w.Body)
			}
			if text := w.Body.String(); !strings.Contains(text, c.body) || (c.body == "") != (text == "") {
				t.Errorf("the answer is %q, want %q", text, c.body)
			}
		})
	}
}

func TestAnswersReachTheAsker(t *testing.T) {
	t.Parallel()
	press := func() *http.Request { return post("/slack/interactions", formType, pressForm(pressJSON)) }
	slash := func() *http.Request { return post("/slack/commands", formType, slashForm) }
	said := commands.Report{Title: "R-1 is approved"}
	for name, c := range map[string]struct {
		request  *http.Request
		answer   bot.Answer
		inAck    string
		whispers string
	}{
		"a press is answered behind its acknowledgement":       {press(), bot.Answer{Report: said}, "", "U2 R-1 is approved"},
		"a press whose answer comes later is not":              {press(), bot.Answer{Report: said, Later: true}, "", ""},
		"a press with nothing to say is not":                   {press(), bot.Answer{}, "", ""},
		"a command is answered in its acknowledgement":         {slash(), bot.Answer{Report: said}, "R-1 is approved", ""},
		"a command whose answer comes later says what it says": {slash(), bot.Answer{Report: said, Later: true}, "R-1 is approved", ""},
		"a command with nothing to say is only acknowledged":   {slash(), bot.Answer{Later: true}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			box := newInbox(func(context.Context, bot.Message) bot.Answer { return c.answer })
			w := deliver(t, Handler(settings(box), box), c.request)
			if w.Code != 200 || !strings.Contains(w.Body.String(), c.inAck) || (c.inAck == "" && w.Body.Len() > 0) {
				t.Errorf("acknowledged with %d %q, want %q", w.Code, w.Body, c.inAck)
			}
			if got := strings.Join(box.whispered(), "; "); got != c.whispers {
				t.Errorf("whispered %q, want %q", got, c.whispers)
			}
		})
	}
}

func TestALateAnswerFollowsAsAWhisper(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		box := newInbox(func(ctx context.Context, _ bot.Message) bot.Answer {
			<-ctx.Done() // the store hangs, and is given up in time
			return bot.Answer{Report: commands.Report{Title: "Nothing was done"}}
		})
		began := time.Now()
		w := deliver(t, Handler(settings(box), box), post("/slack/commands", formType, slashForm))
		if took := time.Since(began); took != ackWithin || w.Code != 200 || w.Body.Len() > 0 {
			t.Errorf("acknowledged with %d %q after %v", w.Code, w.Body, took)
		}
		if got := box.whispered(); len(got) != 1 || got[0] != "U1 Nothing was done" {
			t.Errorf("whispered %q", got)
		}
	})
}

func TestAClientThatHangsUpDoesNotStopTheReceiver(t *testing.T) {
	t.Parallel()
	box := newInbox(func(ctx context.Context, _ bot.Message) bot.Answer {
		if ctx.Err() != nil {
			t.Error("the receiver's time was up at once")
		}
		return bot.Answer{}
	})
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	deliver(t, Handler(settings(box), box), post("/slack/commands", formType, slashForm).WithContext(gone))
	if len(box.all()) != 1 {
		t.Error("the message did not get through")
	}
}

func TestAPanicIsAnsweredCalmlyAndLogged(t *testing.T) {
	t.Parallel()
	box := newInbox(func(context.Context, bot.Message) bot.Answer { panic("token xoxb-very-secret") })
	var log journal
	s := settings(box)
	s.Log = log.logger()
	w := deliver(t, Handler(s, box), post("/slack/commands", formType, slashForm))
	if w.Code != 500 || w.Body.String() != somethingWrong+"\n" {
		t.Errorf("answered %d %q", w.Code, w.Body)
	}
	if log.count("stack=") != 1 {
		t.Error("the log does not say where")
	}
}

func TestWhispersThatFailAreLogged(t *testing.T) {
	t.Parallel()
	for name, whisper := range map[string]Whisper{
		"an error": func(context.Context, bot.Message, commands.Report) error { return errors.New("user_not_in_channel") },
		"a panic":  func(context.Context, bot.Message, commands.Report) error { panic("nil map") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			box := newInbox(nil)
			var log journal
			s := settings(box)
			s.Whisper, s.Log = whisper, log.logger()
			if w := deliver(t, Handler(s, box), post("/slack/interactions", formType, pressForm(pressJSON))); w.Code != 200 {
				t.Errorf("answered %d", w.Code)
			}
			if log.count("key=") != 1 {
				t.Errorf("the log says %q", log.lines)
			}
		})
	}
}

func TestWhispersAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		box := newInbox(nil)
		var log journal
		release := make(chan struct{})
		s := settings(box)
		s.Log = log.logger()
		s.Whisper = func(ctx context.Context, to bot.Message, report commands.Report) error {
			<-release
			return box.whisper(ctx, to, report)
		}
		endpoint := Handler(s, box)
		for range whispersAccepted + 3 {
			w := httptest.NewRecorder()
			endpoint.ServeHTTP(w, post("/slack/interactions", formType, pressForm(pressJSON)))
			if w.Code != 200 {
				t.Fatalf("answered %d", w.Code)
			}
		}
		synctest.Wait()
		if n := len(endpoint.whispers.running); n != whispersAtOnce {
			t.Errorf("%d whispers at once, want %d", n, whispersAtOnce)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := endpoint.Drain(ended); !errors.Is(err, context.Canceled) {
			t.Errorf("Drain did not end with its context: %v", err)
		}
		close(release)
		if err := endpoint.Drain(t.Context()); err != nil {
			t.Error(err)
		}
		if n := len(box.whispered()); n != whispersAccepted || log.count("given up") != 3 {
			t.Errorf("%d whispers, %d given up", n, log.count("given up"))
		}
	})
}

func TestOverARealConnection(t *testing.T) {
	t.Parallel()
	box := newInbox(nil)
	server := httptest.NewServer(Handler(settings(box), box))
	defer server.Close()
	r := post(server.URL+"/slack/commands", formType, slashForm)
	r.RequestURI = ""
	response, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK || response.ContentLength != int64(len(body)) || response.Header.Get("Content-Type") != "application/json" {
		t.Errorf("answered %v %d with %d of %d bytes", err, response.StatusCode, len(body), response.ContentLength)
	}
}
