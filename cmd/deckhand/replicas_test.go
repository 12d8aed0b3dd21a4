package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"deckhand/bot/slack/slacktest"
	"deckhand/bot/store/storetest"
)

// takeOver is how long anything may rest after a process was killed.
const takeOver = 10 * time.Second

// pair is two processes of the program on one PostgreSQL. Slack posts to a balancer in front of them.
type pair struct {
	*town // Slack, AWS and the first process
	other *town
	to    atomic.Pointer[string] // the process that gets what Slack posts
	app   *endpoint
}

func newPair(t *testing.T) *pair {
	t.Helper()
	database := storetest.Postgres(t)
	p := &pair{app: newEndpoint(t)}
	front := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: *p.to.Load()}) },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	})
	t.Cleanup(front.Close)
	p.town = newOutside(t, front.URL)
	p.other = &town{t: t, workspace: p.workspace, slack: p.slack, aws: p.aws}
	t.Cleanup(p.other.kill)
	for _, h := range []*town{p.town, p.other} {
		h.configure(freeAddress(t), database, fmt.Sprintf(
			"checks: [{name: shop, url: %q, schedule: \"@every 1s\", timeout: 1s, fail_after: 2, pass_after: 1, channel: C1}]", p.app.URL))
	}
	p.send(p.town)
	return p
}

// send lets one process have what Slack posts from now on.
func (p *pair) send(to *town) { p.to.Store(&to.listen) }

// within fails where something takes longer than a take-over may.
func (p *pair) within(what string, is func() bool) {
	p.t.Helper()
	begun := time.Now()
	p.until(what, is)
	took := time.Since(begun)
	p.t.Logf("%s: after %s", what, took.Round(time.Millisecond))
	if took > takeOver {
		p.t.Errorf("%s: only after %s", what, took)
	}
}

// endpoint is what the health check looks at: it remembers when it was asked.
type endpoint struct {
	*httptest.Server
	down  atomic.Bool
	mu    sync.Mutex
	asked []time.Time
}

func newEndpoint(t *testing.T) *endpoint {
	e := &endpoint{}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		e.mu.Lock()
		e.asked = append(e.asked, time.Now())
		e.mu.Unlock()
		if e.down.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(e.Close)
	return e
}

// pauses answers the longest time between two looks, and how many looks came too soon after another.
func (e *endpoint) pauses() (longest time.Duration, tooSoon int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i := 1; i < len(e.asked); i++ {
		pause := e.asked[i].Sub(e.asked[i-1])
		longest = max(longest, pause)
		if pause < 500*time.Millisecond {
			tooSoon++
		}
	}
	return longest, tooSoon
}

func (p *pair) said(text string) int { return strings.Count(p.channel(), text) }

func TestTwoProcessesOnOneDatabaseLoseNothingAndDoNothingTwice(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	p.start()
	p.other.start()
	accepted := 0
	for i := range 18 {
		first, second := p.town, p.other
		if i%2 == 1 {
			first, second = second, first
		}
		p.send(first)
		if err := p.say(fmt.Sprintf("/vm create --image-id ami-12345678 --name n%02d", i)); err == nil {
			accepted++
		}
		if i%6 == 5 {
			<-time.After(time.Duration(i*5) * time.Millisecond) // another moment of a request's life each time
			first.kill()
			p.send(second)
			if err := p.say(fmt.Sprintf("/vm create --image-id ami-12345678 --name k%02d", i)); err == nil {
				accepted++
			}
			p.within("every accepted request is done after a kill", func() bool { return p.said("1 instance running") == accepted })
			first.start()
		}
	}
	p.until("every accepted request is done", func() bool { return p.said("1 instance running") == accepted })
	if got := strings.Count(p.aws.states(), "running"); got != accepted || accepted != 21 {
		t.Errorf("%d instances for %d accepted requests: %s", got, accepted, p.aws.states())
	}
	if got := len(p.workspace.Messages("C1")); got != accepted {
		t.Errorf("%d messages for %d requests:\n%s", got, accepted, p.channel())
	}
}

func TestARunIsTakenOverFromAProcessThatWasKilled(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	p.start()
	p.must("/vm create --image-id ami-12345678 --name web")
	p.until("web runs", func() bool { return p.said("1 instance running") == 1 })
	p.aws.holdNext("StopInstances")
	p.must("/vm stop web")
	<-p.aws.held
	p.other.start()
	p.kill()
	p.within("the truth is told", func() bool { return p.said("Stopped 1 instance") == 1 })
	if p.aws.count("StopInstances") != 1 {
		t.Errorf("AWS was asked %d times to stop", p.aws.count("StopInstances"))
	}
}

func TestChecksAreLookedAtByOneProcessAndTakenOver(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	p.start()
	p.other.start()
	for round, dies := range []*town{p.town, p.other} { // one of the two had the checks
		p.app.down.Store(true)
		p.until("the fall is told", func() bool { return p.said("shop is down")+p.said("shop was down") == round+1 })
		dies.kill()
		p.app.down.Store(false)
		p.within("the rise is told", func() bool { return p.said("shop is up") == round+1 })
		dies.start()
	}
	longest, tooSoon := p.app.pauses()
	t.Logf("at most %s between two looks every second", longest.Round(time.Millisecond))
	if longest > takeOver || tooSoon > 2 { // a new process looks at once, whenever the last look was
		t.Errorf("at most %s between two looks, %d looks too soon after another", longest, tooSoon)
	}
	told := slices.DeleteFunc(p.workspace.Messages("C1"), func(m slacktest.Message) bool { return m.Thread != "" })
	if len(told) != 4 {
		t.Errorf("%d messages in the channel for 2 falls and 2 rises:\n%s", len(told), p.channel())
	}
}
