package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"deckhand/bot/slack/slacktest"
)

// doubled is a Slack that delivers everything to both processes at once, and takes the first answer that says that it was taken.
func doubled(to ...*town) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		type answer struct {
			status int
			body   []byte
		}
		answers := make(chan answer, len(to))
		for _, h := range to {
			go func() {
				var a answer
				a.status, a.body = forward(r, body, h.listen)
				answers <- a
			}()
		}
		last := answer{status: http.StatusBadGateway}
		for range to {
			if last = <-answers; last.status == http.StatusOK && len(last.body) > 0 {
				break
			}
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(last.status)
		_, _ = w.Write(last.body)
	})
}

// forward posts what came in to a process.
func forward(r *http.Request, body []byte, listen string) (int, []byte) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), 3*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, r.Method, "http://"+listen+r.URL.Path, bytes.NewReader(body))
	if err != nil {
		return http.StatusBadGateway, nil
	}
	request.Header = r.Header.Clone()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return http.StatusBadGateway, nil
	}
	defer response.Body.Close()
	said, err := io.ReadAll(response.Body)
	if err != nil {
		return http.StatusBadGateway, nil
	}
	return response.StatusCode, said
}

// keys are the keys in the metadata of messages, which name each thing that is said.
func keys(messages []slacktest.Message) []string {
	var out []string
	for _, m := range messages {
		var metadata struct {
			Payload struct{ Key string } `json:"event_payload"`
		}
		if json.Unmarshal(m.Metadata, &metadata) == nil {
			out = append(out, metadata.Payload.Key)
		}
	}
	return out
}

// TestARollingRestartUnderLoadLosesNothingAndDoesNothingTwice types lines that reach both processes at once, while one is stopped and
// started, and the other killed and started. A line of the timetable runs along.
func TestARollingRestartUnderLoadLosesNothingAndDoesNothingTwice(t *testing.T) {
	t.Parallel()
	p := unconfigured(t)
	front := httptest.NewServer(doubled(p.town, p.other))
	t.Cleanup(front.Close)
	p.workspace.SetTargets(slacktest.Targets{BaseURL: p.slack.URL, CommandURL: front.URL + "/slack/commands", InteractionURL: front.URL + "/slack/interactions", EventURL: front.URL + "/slack/events"})
	p.configureAll(`schedules: [{name: regular, cron: "* * * * *", channel: C1, run: check list}]
limits: {burst: 1000, per_second: 1000}`)
	p.start()
	p.other.start()
	slot := time.Now().Truncate(time.Minute).Add(time.Minute)
	if time.Until(slot) < 6*time.Second {
		slot = slot.Add(time.Minute)
	}
	<-time.After(time.Until(slot) - 5*time.Second) // so that the restarts are under way when it is due
	begun, posted := time.Now(), p.said("No checks yet")
	typing, stop := context.WithCancel(t.Context())
	var typed sync.WaitGroup
	var accepted, unanswered []string // by name of the instance
	typed.Go(func() {
		for i := 0; typing.Err() == nil; i++ {
			name := fmt.Sprintf("n%03d", i)
			reply, err := p.workspace.Type(context.WithoutCancel(typing), "U1", "C1", "", "/vm create --image-id ami-12345678 --name "+name)
			if err == nil && bytes.Contains(reply.Body, []byte("R-")) {
				accepted = append(accepted, name)
			} else {
				unanswered = append(unanswered, name)
			}
			<-time.After(500 * time.Millisecond)
		}
	})
	for _, h := range []*town{p.town, p.other, p.town} {
		<-time.After(2 * time.Second)
		if h == p.town {
			h.terminate()
		} else {
			h.kill()
		}
		<-time.After(time.Second)
		h.start()
	}
	<-time.After(10 * time.Second)
	stop()
	typed.Wait()
	running := func(name string) int { return strings.Count(p.aws.states(), name+"=running") }
	p.until("every accepted line is done and told", func() bool {
		return !slices.ContainsFunc(accepted, func(name string) bool { return p.said("1 instance running: "+name) == 0 })
	})
	done := 0
	for _, name := range slices.Concat(accepted, unanswered) {
		n := running(name)
		done += n
		if n > 1 || n == 0 && slices.Contains(accepted, name) || p.said("1 instance running: "+name) != n {
			t.Errorf("%s: %d instances, told %d times", name, n, p.said("1 instance running: "+name))
		}
	}
	slots := func() int {
		return int(time.Now().Truncate(time.Minute).Sub(begun.Truncate(time.Minute)) / time.Minute)
	}
	p.until("each slot of the timetable is posted once", func() bool { return p.said("No checks yet")-posted == slots() })
	said := keys(p.workspace.Messages("C1"))
	slices.Sort(said)
	if once := slices.Compact(slices.Clone(said)); len(once) != len(said) || len(accepted) < 20 {
		t.Errorf("%d messages, %d different ones; %d lines accepted", len(said), len(once), len(accepted))
	}
	t.Logf("%d lines accepted, %d not answered, of which %d were done; %d slots of the timetable", len(accepted), len(unanswered), done-len(accepted), slots())
}
