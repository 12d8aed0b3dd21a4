package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"deckhand/bot/slack/slacktest"
	"deckhand/bot/store/storetest"
)

// takeOver is how long anything may rest after a process was killed. The promise is ten seconds, and what was measured stands in the log; on
// a machine that has other work, as one that tests everything at once has, more than that is no mistake of the program.
const takeOver = 25 * time.Second

// late is how many looks of all may have begun so late, for want of a processor, that the next one follows at once.
const late = 3

// pair is two processes of the program on one PostgreSQL. Slack posts to a balancer in front of them.
type pair struct {
	*town    // Slack, AWS and the first process
	other    *town
	to       atomic.Pointer[string] // the process that gets what Slack posts
	app      *endpoint
	database string
}

func newPair(t *testing.T) *pair {
	t.Helper()
	p := unconfigured(t)
	p.configureAll(fmt.Sprintf("checks: [{name: shop, url: %q, schedule: \"@every 1s\", timeout: 1s, fail_after: 2, pass_after: 1, channel: C1}]", p.app.URL))
	return p
}

// unconfigured is a pair whose processes have no configuration yet.
func unconfigured(t *testing.T) *pair {
	t.Helper()
	p := &pair{app: newEndpoint(t), database: storetest.Postgres(t)}
	front := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: *p.to.Load()}) },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	})
	t.Cleanup(front.Close)
	p.town = newOutside(t, front.URL)
	p.other = p.another()
	p.send(p.town)
	return p
}

// another is one more process beside the first.
func (p *pair) another() *town {
	h := &town{t: p.t, workspace: p.workspace, slack: p.slack, aws: p.aws}
	p.t.Cleanup(h.kill)
	return h
}

// configureAll gives both processes the same configuration.
func (p *pair) configureAll(more string) {
	p.t.Helper()
	for _, h := range []*town{p.town, p.other} {
		h.configure(freeAddress(p.t), p.database, more)
	}
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

// endpoint is what health checks look at: it remembers when each of its paths was asked.
type endpoint struct {
	*httptest.Server
	down  atomic.Bool // all but what begins with /well
	mu    sync.Mutex
	asked map[string][]time.Time
}

func newEndpoint(t *testing.T) *endpoint {
	e := &endpoint{asked: map[string][]time.Time{}}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.mu.Lock()
		e.asked[r.URL.Path] = append(e.asked[r.URL.Path], time.Now())
		e.mu.Unlock()
		if e.down.Load() && !strings.HasPrefix(r.URL.Path, "/well") {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(e.Close)
	return e
}

// pauses answers the longest time between two looks at one path since a time, the time from the last of them to now among these, and how
// many looks came within a quarter of a pace after another.
func (e *endpoint) pauses(since time.Time, pace time.Duration) (longest time.Duration, tooSoon int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, asked := range e.asked {
		last := since
		for i, at := range asked {
			if at.Before(since) {
				continue
			}
			longest = max(longest, at.Sub(last))
			if i > 0 && at.Sub(asked[i-1]) < pace/4 {
				tooSoon++
			}
			last = at
		}
		longest = max(longest, time.Since(last))
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

func TestACheckIsTakenOver(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	p.start()
	p.other.start()
	p.until("it is looked at", func() bool { p.app.mu.Lock(); defer p.app.mu.Unlock(); return len(p.app.asked) > 0 })
	begun := time.Now()
	for round, dies := range []*town{p.town, p.other} { // one of the two had the check
		p.app.down.Store(true)
		p.until("the fall is told", func() bool { return p.said("shop is down")+p.said("shop was down") == round+1 })
		dies.kill()
		p.app.down.Store(false)
		p.within("the rise is told", func() bool { return p.said("shop is up") == round+1 })
		dies.start()
	}
	longest, tooSoon := p.app.pauses(begun, time.Second)
	t.Logf("at most %s between two looks every second", longest.Round(time.Millisecond))
	if longest > takeOver || tooSoon > late { // what the killed one saw last it may not have written down
		t.Errorf("at most %s between two looks, %d looks too soon after another", longest, tooSoon)
	}
	told := slices.DeleteFunc(p.workspace.Messages("C1"), func(m slacktest.Message) bool { return m.Thread != "" })
	if len(told) != 4 {
		t.Errorf("%d messages in the channel for 2 falls and 2 rises:\n%s", len(told), p.channel())
	}
}

// here is how many checks a process looks at.
func (h *town) here() int {
	_, body := h.get("/metrics")
	_, rest, found := strings.Cut(body, "\ndeckhand_checks_here ")
	count, _, _ := strings.Cut(rest, "\n")
	n, err := strconv.Atoi(count)
	if !found || err != nil {
		return -1
	}
	return n
}

// shared tells whether processes look at all of some checks, each at some of them.
func shared(all int, by ...*town) bool {
	for _, h := range by {
		n := h.here()
		if all -= n; n < 1 {
			return false
		}
	}
	return all == 0
}

// TestTwoProcessesShareTheChecks adds a third, has an outage begin, kills the first, which tells of it, and lets the outage end.
func TestTwoProcessesShareTheChecks(t *testing.T) {
	t.Parallel()
	const checks, pace = 40, 2 * time.Second
	p := unconfigured(t)
	third := p.another()
	var list strings.Builder
	list.WriteString("checks:\n")
	for i := range checks {
		path := fmt.Sprintf("well-%02d", i)
		if i%20 == 7 {
			path = fmt.Sprintf("shop-%02d", i)
		}
		fmt.Fprintf(&list, "- {name: %s, url: %q, schedule: \"@every %s\", timeout: 1s, fail_after: 2, pass_after: 1, channel: C1}\n", path, p.app.URL+"/"+path, pace)
	}
	p.configureAll(list.String())
	third.configure(freeAddress(t), p.database, list.String())
	p.start()
	p.within("the first looks at all", func() bool { return p.here() == checks })
	p.other.start()
	p.within("two share them", func() bool { return shared(checks, p.town, p.other) })
	settled := time.Now()
	<-time.After(3 * pace)
	third.start()
	p.within("three share them", func() bool { return shared(checks, p.town, p.other, third) })
	<-time.After(3 * pace)
	longest, tooSoon := p.app.pauses(settled, pace)
	t.Logf("with two, and while the third came, at most %s between two looks every %s", longest.Round(time.Millisecond), pace)
	if longest > takeOver || tooSoon > late {
		t.Errorf("at most %s between two looks, %d looks too soon after another", longest, tooSoon)
	}
	p.app.down.Store(true)
	p.until("the falls are told", func() bool { return p.said("shop-07 is down") == 1 && p.said("shop-27 is down") == 1 })
	killed := time.Now()
	p.kill()
	p.within("the others share them", func() bool { return shared(checks, p.other, third) })
	p.app.down.Store(false)
	p.within("the rises are told", func() bool { return p.said("shop-07 is up again") == 1 && p.said("shop-27 is up again") == 1 })
	p.start()
	p.within("three share them again", func() bool { return shared(checks, p.town, p.other, third) })
	third.terminate()
	p.within("the third has left its part", func() bool { return shared(checks, p.town, p.other) })
	<-time.After(2 * pace)
	longest, tooSoon = p.app.pauses(killed, pace)
	t.Logf("from the kill on, at most %s between two looks every %s", longest.Round(time.Millisecond), pace)
	if longest > takeOver || tooSoon > late {
		t.Errorf("at most %s between two looks, %d looks too soon after another", longest, tooSoon)
	}
	told := slices.DeleteFunc(p.workspace.Messages("C1"), func(m slacktest.Message) bool { return m.Thread != "" })
	if len(told) != 4 {
		t.Errorf("%d messages in the channel for 2 falls and 2 rises:\n%s", len(told), p.channel())
	}
}
