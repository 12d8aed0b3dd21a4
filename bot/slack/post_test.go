package slack_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"deckhand/bot"
	"deckhand/bot/slack"
	"deckhand/commands"
)

func permanent(err error) bool {
	var p interface{ Permanent() bool }
	return errors.As(err, &p) && p.Permanent()
}

func TestAPostIsFoundByItsKeyAndUpdated(t *testing.T) {
	t.Parallel()
	w, m := serve(t)
	ref, err := m.Post(ctx(t), "C1", "", "R-1", report("Stopping web-1"))
	if err != nil || ref.Channel != "C1" || ref.TS == "" {
		t.Fatalf("%v %v", ref, err)
	}
	posted := w.called("chat.postMessage")[0].form
	if posted.Get("unfurl_links") != "false" || posted.Get("unfurl_media") != "false" || posted.Get("thread_ts") != "" {
		t.Errorf("posted %v", posted)
	}
	if got := posted.Get("metadata"); got != `{"event_type":"deckhand","event_payload":{"key":"R-1"}}` {
		t.Errorf("metadata %s", got)
	}
	if !strings.Contains(posted.Get("blocks"), `"type":"table"`) || !strings.Contains(posted.Get("text"), "web-1") {
		t.Errorf("posted %v", posted)
	}
	found, ok, err := m.Find(ctx(t), "C1", "", "R-1", time.Unix(1700000000, 0))
	if err != nil || !ok || found != ref {
		t.Errorf("found %v %v %v", found, ok, err)
	}
	if _, ok, err := m.Find(ctx(t), "C1", "", "R-2", time.Unix(1700000000, 0)); err != nil || ok {
		t.Errorf("another key: %v %v", ok, err)
	}
	if err := m.Update(ctx(t), ref, "R-1", report("Stopped web-1")); err != nil {
		t.Fatal(err)
	}
	if got := w.messages[0].text; !strings.HasPrefix(got, "*Stopped web-1*") {
		t.Errorf("the message says %q", got)
	}
}

func TestFindLooksInThreadsAndAtOwnMessagesOnly(t *testing.T) {
	t.Parallel()
	w, m := serve(t)
	w.pageSize = 2
	if _, err := m.Post(ctx(t), "C1", "1600000000.000000", "R-1", report("a")); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := m.Find(ctx(t), "C1", "1600000000.000000", "R-1", time.Time{}); err != nil || !ok {
		t.Errorf("in its thread: %v %v", ok, err)
	}
	if _, ok, err := m.Find(ctx(t), "C1", "", "R-1", time.Time{}); err != nil || ok {
		t.Errorf("in the channel: %v %v", ok, err)
	}
	forged := w.messages[0]
	forged.thread, forged.user = "", "U_EVE"
	w.messages = append(w.messages, forged)
	if _, ok, err := m.Find(ctx(t), "C1", "", "R-1", time.Time{}); err != nil || ok {
		t.Errorf("written by somebody else: %v %v", ok, err)
	}
	for range 5 {
		w.messages = append(w.messages, message{channel: "C1", ts: "1800000000.000000", user: "U_BOT"})
	}
	forged.user = "U_BOT"
	w.messages = append([]message{forged}, w.messages...)
	if _, ok, err := m.Find(ctx(t), "C1", "", "R-1", time.Time{}); err != nil || !ok {
		t.Errorf("on a later page: %v %v", ok, err)
	}
	w.pageSize = 0 // every page names another one
	w.messages = w.messages[1:]
	if _, ok, err := m.Find(ctx(t), "C1", "", "R-1", time.Time{}); err == nil || ok {
		t.Error("a history without end is no proof that the message is not there")
	}
}

func TestFindSaysWhenSlackCannotBeAsked(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]failure{"an error": {status: 500}, "a missing scope": {word: "missing_scope"}, "an empty answer": {}} {
		w, m := serve(t)
		w.fail("conversations.history", f)
		if f == (failure{}) {
			w.failures["conversations.history"] = []failure{{word: " "}}
		}
		if _, ok, err := m.Find(ctx(t), "C1", "", "R-1", time.Now()); err == nil || ok || permanent(err) {
			t.Errorf("%s: %v %v", name, ok, err)
		}
	}
}

func TestARefusedFormIsSentSimpler(t *testing.T) {
	t.Parallel()
	invalid, long := failure{word: "invalid_blocks"}, failure{word: "msg_too_long"}
	body := commands.Blocks{commands.Table{Columns: []string{"Name"}}, commands.Text{Text: strings.Repeat("a line\n", 2000)}}
	body[0] = commands.Table{Columns: []string{"Name"}, Rows: [][]string{{"web-1"}}}
	for name, c := range map[string]struct {
		failures []failure
		blocks   func(string) bool
		short    bool
	}{
		"taken at once":     {nil, func(b string) bool { return strings.Contains(b, `"table"`) }, false},
		"no native blocks":  {[]failure{invalid}, func(b string) bool { return b != "" && !strings.Contains(b, `"table"`) }, false},
		"no blocks at all":  {[]failure{invalid, {word: "msg_blocks_too_long"}}, func(b string) bool { return b == "" || b == "[]" }, false},
		"a text too long":   {[]failure{long}, func(b string) bool { return strings.Contains(b, `"table"`) }, true},
		"both":              {[]failure{invalid, long}, func(b string) bool { return b != "" && !strings.Contains(b, `"table"`) }, true},
		"nothing but brief": {[]failure{invalid, long, invalid}, func(b string) bool { return b == "" || b == "[]" }, true},
	} {
		w, m := serve(t)
		w.fail("chat.postMessage", c.failures...)
		ref, err := m.Post(ctx(t), "C1", "", "R-1", commands.Report{Title: "Long", Body: body})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := w.messages[0]
		if !c.blocks(got.blocks) || c.short != (len(got.text) <= 4000) {
			t.Errorf("%s: %d characters of text, blocks %.200s", name, len(got.text), got.blocks)
		}
		w.fail("chat.update", c.failures...)
		if err := m.Update(ctx(t), ref, "R-1", commands.Report{Title: "Long", Body: body}); err != nil {
			t.Errorf("update, %s: %v", name, err)
		}
		if got := w.messages[0]; !c.blocks(got.blocks) || c.short != (len(got.text) <= 4000) {
			t.Errorf("update, %s: %d characters of text, blocks %.200s", name, len(got.text), got.blocks)
		}
	}
}

func TestErrorsSayWhetherTryingAgainHelps(t *testing.T) {
	t.Parallel()
	for word, c := range map[string]struct {
		permanent bool
		message   string
	}{
		"channel_not_found": {true, "cannot see"},
		"is_archived":       {true, "is archived"},
		"restricted_action": {true, "does not let deckhand post"},
		"no_text":           {true, "no_text"},
		"invalid_auth":      {false, "token"},
		"token_revoked":     {false, "token"},
		"account_inactive":  {false, "token"},
		"missing_scope":     {false, "permission"},
		"internal_error":    {false, "problem of its own"},
		"ratelimited":       {false, "ratelimited"},
	} {
		w, m := serve(t)
		w.fail("chat.postMessage", failure{word: word})
		_, err := m.Post(ctx(t), "C1", "", "R-1", report("a"))
		words := commands.Words(err)
		if err == nil || permanent(err) != c.permanent || !strings.Contains(words.Message, c.message) {
			t.Errorf("%s: permanent %v, %q %q", word, permanent(err), words.Message, words.Hint)
		}
		if wantUncertain := word == "internal_error"; commands.IsUncertain(err) != wantUncertain {
			t.Errorf("%s: uncertain %v", word, !wantUncertain)
		}
	}
}

func TestALostAnswerIsNotPostedTwice(t *testing.T) {
	t.Parallel()
	w, m := serve(t)
	w.fail("chat.postMessage", failure{status: 503})
	_, err := m.Post(ctx(t), "C1", "", "R-1", report("a"))
	if err == nil || permanent(err) || !commands.IsUncertain(err) || len(w.called("chat.postMessage")) != 1 {
		t.Errorf("%v after %d calls", err, len(w.called("chat.postMessage")))
	}
	dead := slack.NewMessenger(slack.Settings{BotToken: "x", APIURL: "http://127.0.0.1:1/api", Log: quiet()})
	_, err = dead.Post(ctx(t), "C1", "", "R-1", report("a"))
	if err == nil || permanent(err) || commands.IsUncertain(err) {
		t.Errorf("nobody listens: %v", err)
	}
}

func TestUpdatesOfLostMessagesArePermanent(t *testing.T) {
	t.Parallel()
	_, m := serve(t)
	if err := m.Update(ctx(t), bot.Ref{Channel: "C1", TS: "1.0"}, "k", report("a")); !permanent(err) {
		t.Errorf("%v", err)
	}
}

func TestAPublicChannelIsJoined(t *testing.T) {
	t.Parallel()
	w, m := serve(t)
	w.fail("chat.postMessage", failure{word: "not_in_channel"})
	if _, err := m.Post(ctx(t), "C1", "", "R-1", report("a")); err != nil || len(w.called("conversations.join")) != 1 {
		t.Errorf("%v", err)
	}
	w.fail("chat.postMessage", failure{word: "not_in_channel"})
	w.fail("conversations.join", failure{word: "method_not_supported_for_channel_type"})
	_, err := m.Post(ctx(t), "C1", "", "R-1", report("a"))
	words := commands.Words(err)
	if !permanent(err) || !strings.Contains(words.Message, "not a member of "+commands.Channel("C1")) || !strings.Contains(words.Hint, "/invite @deckhand") {
		t.Errorf("%v: %v", err, words)
	}
}

func TestSlackSaysHowLongToWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, m := within()
		w.fail("chat.postMessage", failure{status: 429, after: "7"})
		begun := time.Now()
		done := make(chan time.Duration, 1)
		go func() {
			_, _ = m.Post(ctx(t), "C1", "", "R-1", report("a"))
			done <- time.Since(begun)
		}()
		synctest.Wait()
		if _, err := m.Post(ctx(t), "C2", "", "R-2", report("b")); err != nil || time.Since(begun) != 0 {
			t.Errorf("another channel waited %s: %v", time.Since(begun), err)
		}
		if waited := <-done; waited < 7*time.Second || waited > 9*time.Second {
			t.Errorf("waited %s", waited)
		}
		if n := len(w.messages); n != 2 {
			t.Errorf("%d messages", n)
		}
	})
}

func TestAlways429IsAnErrorThatMayBeTriedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, m := within()
		for range 10 {
			w.fail("chat.postMessage", failure{status: 429, after: "5"})
		}
		_, err := m.Post(ctx(t), "C1", "", "R-1", report("a"))
		if err == nil || permanent(err) || commands.IsUncertain(err) || !strings.Contains(commands.Words(err).Message, "wait 5s") {
			t.Errorf("%v", err)
		}
	})
}

func TestPostsStandInLine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, m := within()
		for _, title := range []string{"1", "2", "3", "4", "5", "6"} {
			go func() {
				if _, err := m.Post(ctx(t), "C1", "", title, commands.Report{Title: title}); err != nil {
					t.Error(err)
				}
			}()
			synctest.Wait()
		}
		time.Sleep(10 * time.Second)
		calls := w.called("chat.postMessage")
		order := ""
		for _, c := range calls {
			order += c.form.Get("text")
		}
		if order != "*1**2**3**4**5**6*" {
			t.Errorf("order %s", order)
		}
		for i, after := range []time.Duration{0, 0, 0, time.Second, 2 * time.Second, 3 * time.Second} {
			if got := calls[i].at.Sub(calls[0].at); got != after {
				t.Errorf("post %d after %s, want %s", i+1, got, after)
			}
		}
	})
}

func TestWhoGivesUpInLineDoesNotPost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, m := within()
		for range 3 {
			_, _ = m.Post(ctx(t), "C1", "", "", report("a"))
		}
		short, cancel := context.WithTimeout(ctx(t), 100*time.Millisecond)
		defer cancel()
		_, err := m.Post(short, "C1", "", "", report("b"))
		if !errors.Is(err, context.DeadlineExceeded) || commands.IsUncertain(err) || len(w.messages) != 3 {
			t.Errorf("%v with %d messages", err, len(w.messages))
		}
		if _, err := m.Post(ctx(t), "C1", "", "", report("c")); err != nil {
			t.Errorf("the next in line: %v", err)
		}
	})
}

func TestFilesGoIntoTheThreadOnce(t *testing.T) {
	t.Parallel()
	w, m := serve(t)
	with := report("Console")
	with.Body = append(with.Body, commands.File{Name: "console.txt", Content: "hello"})
	ref, err := m.Post(ctx(t), "C1", "1600000000.000000", "R-1", with)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Update(ctx(t), ref, "R-1", with); err != nil {
		t.Fatal(err)
	}
	done := w.called("files.completeUploadExternal")
	if len(done) != 1 || done[0].form.Get("thread_ts") != "1600000000.000000" || done[0].form.Get("channel_id") != "C1" || !strings.Contains(w.files["F1"], "hello") {
		t.Errorf("%v %v", done, w.files)
	}
	with.Body = commands.Blocks{commands.File{Name: "console.txt", Content: "more"}}
	if err := m.Update(ctx(t), ref, "R-1", with); err != nil {
		t.Fatal(err)
	}
	if done := w.called("files.completeUploadExternal"); len(done) != 2 || done[1].form.Get("thread_ts") != "1600000000.000000" {
		t.Errorf("a new file on an update: %v", done)
	}
}

func TestAFailedUploadIsSaidInTheThread(t *testing.T) {
	t.Parallel()
	w, m := serve(t)
	w.fail("files.getUploadURLExternal", failure{word: "missing_scope"})
	ref, err := m.Post(ctx(t), "C1", "", "R-1", commands.Report{Title: "a", Body: commands.Blocks{commands.File{Name: "x.txt", Content: "y"}}})
	if err != nil {
		t.Fatal(err)
	}
	last := w.messages[len(w.messages)-1]
	if last.thread != ref.TS || !strings.Contains(last.text, "`x.txt` *could not be uploaded*") || !strings.Contains(last.text, "permission") {
		t.Errorf("%+v", last)
	}
}
