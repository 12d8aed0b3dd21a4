package health

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
	"testing/synctest"
	"time"

	"deckhand/commands/check"
)

// pager is a receiver of webhooks that fails as long as it is told to.
type pager struct {
	sync.Mutex
	calls []string // what was tried: "escalated I-1 12m0s"
	taken []callDocument
	fails func(event string, tries int) error
}

func (p *pager) Call(_ context.Context, name, id string, document []byte) error {
	p.Lock()
	defer p.Unlock()
	var d callDocument
	if err := json.Unmarshal(document, &d); err != nil || d.ID != id || name != "pager" {
		return errors.New("that is no call")
	}
	p.calls = append(p.calls, d.Event)
	if p.fails != nil {
		if err := p.fails(d.Event, len(p.calls)); err != nil {
			return err
		}
	}
	p.taken = append(p.taken, d)
	return nil
}

func (p *pager) tried() string {
	p.Lock()
	defer p.Unlock()
	return strings.Join(p.calls, " ")
}

// texts are the sentences that the receiver took.
func (p *pager) texts() string {
	p.Lock()
	defer p.Unlock()
	var out []string
	for _, d := range p.taken {
		out = append(out, d.Text)
	}
	return strings.Join(out, "; ")
}

func paged(name string) check.Check {
	c := every(name)
	c.Response = check.Response{Webhook: "pager", EscalateAfter: 5 * time.Minute, Reminders: -1}
	return c
}

// TestAWebhookIsCalledWhereNobodyAcknowledges, once, and hears of the end.
func TestAWebhookIsCalledWhereNobodyAcknowledges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(paged("shop"))
		p := &pager{}
		w.pager = p
		w.answers = outage(time.Minute, 12*time.Minute)
		w.run(t, func() {
			time.Sleep(6 * time.Minute)
			if got := p.tried(); got != "" {
				t.Errorf("called too early: %s", got)
			}
			time.Sleep(14 * time.Minute)
		})
		if got, want := p.texts(), "shop is down for 5 min 20 s and nobody has acknowledged it; shop was down for 11 min"; got != want {
			t.Errorf("the webhook took %q, not %q", got, want)
		}
		if got := w.said(); !strings.Contains(got, "> Webhook pager was called after 5 min 20 s: nobody had acknowledged it") || strings.Count(got, "Webhook") != 1 {
			t.Errorf("said %s", got)
		}
		first, last := p.taken[0], p.taken[1]
		if first.Incident.Key != last.Incident.Key || first.ID == last.ID || first.Incident.Resolved != nil || last.Incident.Resolved == nil || first.Checks[0].URL != "http://shop.example.com/" || first.Checks[0].Cause != "HTTP 503" {
			t.Errorf("documents %+v and %+v", first, last)
		}
	})
}

// TestAnAcknowledgementKeepsTheWebhookQuiet, and one that comes later is told.
func TestAnAcknowledgementKeepsTheWebhookQuiet(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ackAfter time.Duration
		want     string
	}{
		"before": {4 * time.Minute, ""},
		"after":  {10 * time.Minute, "escalated acknowledged resolved"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(paged("shop"))
				p := &pager{}
				w.pager = p
				w.answers = outage(0, 30*time.Minute)
				w.run(t, func() {
					time.Sleep(c.ackAfter)
					w.act(1, func(i *check.Incident) { i.AckedBy, i.AckedAt = "U1", w.clock() })
					time.Sleep(40 * time.Minute)
				})
				if got := p.tried(); got != c.want {
					t.Errorf("called %q, not %q", got, c.want)
				}
			})
		})
	}
}

// TestAWebhookThatFailsIsTriedAgain, more and more seldom, and the thread hears of it once.
func TestAWebhookThatFailsIsTriedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(paged("shop"))
		p := &pager{fails: func(_ string, tries int) error {
			if tries < 9 {
				return errors.New("it answered HTTP 500")
			}
			return nil
		}}
		w.pager = p
		w.answers = outage(0, time.Hour)
		w.run(t, func() { time.Sleep(50 * time.Minute) })
		if got := strings.Count(p.tried(), "escalated"); got != 9 {
			t.Errorf("tried %d times", got)
		}
		got := w.said()
		if strings.Count(got, "could not be called so far: it answered HTTP 500") != 1 || strings.Count(got, "was called after") != 1 {
			t.Errorf("said %s", got)
		}
	})
}

// TestTheWebhookIsCalledWhileTheChatIsAway and the process is killed after it was: it is not called again.
func TestTheWebhookIsCalledWhileTheChatIsAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(paged("shop"))
		p := &pager{}
		w.pager = p
		w.chatFail = func(string) error { return errors.New("the chat is away") }
		w.answers = outage(0, 3*time.Hour)
		w.run(t, func() { time.Sleep(20 * time.Minute) })
		w.run(t, func() { time.Sleep(20 * time.Minute) })
		if got := p.tried(); got != "escalated" {
			t.Errorf("called %q", got)
		}
	})
}

// TestAStormIsOneCall whatever number of checks is in it.
func TestAStormIsOneCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var all []check.Check
		for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
			all = append(all, paged(name))
		}
		w := newWorld(all...)
		p := &pager{}
		w.pager = p
		w.answers = outage(time.Minute, 20*time.Minute)
		w.run(t, func() { time.Sleep(30 * time.Minute) })
		if got := p.tried(); got != "escalated resolved" {
			t.Errorf("called %q: %s", got, w.said())
		}
		if got := p.taken[0]; got.Incident.Checks != 8 || len(got.Checks) != 8 || !strings.HasPrefix(got.Text, "8 checks are down") {
			t.Errorf("the document is %+v", got)
		}
	})
}

// TestHowAWebhookIsPosted: the whole document, the header, no redirect, and nothing of the address in errors.
func TestHowAWebhookIsPosted(t *testing.T) {
	t.Parallel()
	var status int
	got := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- r.Method + " " + r.URL.Path + " " + r.Header.Get("Authorization") + " " + r.Header.Get("Content-Type") + " " + r.Header.Get("Idempotency-Key") + " " + string(body)
		out.Header().Set("Location", "/elsewhere")
		out.WriteHeader(status)
	}))
	defer server.Close()
	caller := NewCaller(map[string]Webhook{
		"pager": {URL: server.URL + "/marked-secret", Authorization: "Bearer other-secret"}, "metadata": {URL: "http://169.254.169.254/marked-secret"}, "gone": {URL: "http://127.0.0.1:1/marked-secret"},
	}, nil)
	for _, c := range []struct {
		name   string
		status int
		want   string
	}{
		{"pager", 202, ""},
		{"pager", 500, "it answered HTTP 500"},
		{"pager", 302, "it answered HTTP 302"},
		{"metadata", 0, "refused to look at a link-local address"},
		{"gone", 0, "connection refused"},
		{"other", 0, "the configuration has no such webhook any more"},
	} {
		status = c.status
		err := caller.Call(t.Context(), c.name, "the-id", []byte(`{"event":"escalated"}`))
		text := ""
		if err != nil {
			text = err.Error()
		}
		if text != c.want {
			t.Errorf("%s with %d: %q, not %q", c.name, c.status, text, c.want)
		}
		if c.status == 0 {
			continue
		}
		if sent := <-got; sent != `POST /marked-secret Bearer other-secret application/json the-id {"event":"escalated"}` {
			t.Errorf("sent %s", sent)
		}
	}
	if len(got) > 0 {
		t.Errorf("a redirect was followed: %s", <-got)
	}
}
