package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"deckhand/bot/slack/slacktest"
)

// storm makes everything outside unreliable, by a seed: AWS does its work and loses every third answer of a change, Slack
// refuses, fails and loses answers.
type storm struct {
	*pair
	dice  *rand.Rand
	kills int
}

func (s *storm) begin() {
	var calls int
	s.aws.mu.Lock()
	s.aws.lose = func(operation string) bool {
		if operation != "RunInstances" && operation != "StopInstances" {
			return false
		}
		calls++
		return calls%3 == 0
	}
	s.aws.mu.Unlock()
}

// gust makes the next calls to Slack go wrong.
func (s *storm) gust() {
	ways := []slacktest.Failure{slacktest.RateLimited(time.Second), slacktest.ServerError(), {}, {AfterWork: true}}
	s.workspace.Fail([]string{"chat.postMessage", "chat.update"}[s.dice.IntN(2)], ways[s.dice.IntN(len(ways))], 1+s.dice.IntN(2))
}

func (s *storm) end() {
	s.aws.mu.Lock()
	s.aws.lose = nil
	s.aws.mu.Unlock()
	s.workspace.Heal()
}

// try sends a line to one of the two, and kills one of them now and then. It answers whether the line was accepted.
func (s *storm) try(line string) bool {
	some, others := s.town, s.other
	if s.dice.IntN(2) == 0 {
		some, others = others, some
	}
	s.send(some)
	s.gust()
	accepted := s.say(line) == nil
	if s.dice.IntN(4) == 0 {
		s.kills++
		<-time.After(time.Duration(s.dice.IntN(120)) * time.Millisecond) // another moment of a request's life each time
		some.kill()
		s.send(others)
		some.start()
	}
	return accepted
}

// seed is which storm comes: go test ./cmd/deckhand -run Storm -seed 12
var seed = flag.Uint64("seed", 7, "which storm comes")

func TestInAStormEveryAcceptedRequestIsDoneOnceAndToldOnce(t *testing.T) {
	t.Parallel()
	s := newStorm(newPair(t))
	s.start()
	s.other.start()
	s.rage()
}

func TestInAStormOneProcessOnSQLiteDoesEverythingOnceToo(t *testing.T) {
	t.Parallel()
	h := newTown(t)
	s := newStorm(&pair{town: h, other: h}) // killed and started again, by itself
	s.start()
	s.rage()
}

func newStorm(p *pair) *storm {
	return &storm{pair: p, dice: rand.New(rand.NewPCG(*seed, *seed))} //nolint:gosec // a test's dice
}

// rage sends lines into the storm, and looks what came of them.
func (s *storm) rage() {
	t := s.t
	t.Helper()
	s.begin()
	var made []string
	for i := range 12 {
		name := fmt.Sprintf("n%02d", i)
		if s.try("/vm create --image-id ami-12345678 --name " + name) {
			made = append(made, name)
		}
	}
	s.until("every accepted launch is told", func() bool { return s.said("1 instance running: n") == len(made) })
	if got := strings.Count(s.aws.states(), "running"); got != len(made) {
		t.Errorf("%d instances for %d accepted launches: %s", got, len(made), s.aws.states())
	}
	stopped := 0
	for _, name := range made[:min(8, len(made))] {
		if s.try("/vm stop " + name) {
			stopped++
		}
	}
	s.end()
	// A process that is killed after it wrote the call down and before it made it leaves a stop that did not happen, which is told as that.
	missed := func() int { return s.said("the stop did not happen") }
	s.until("every accepted stop is told", func() bool { return s.said("Stopped 1 instance: n")+missed() == stopped })
	if got := strings.Count(s.aws.states(), "stopped"); got != stopped-missed() || missed() > s.kills || len(made) < 8 || stopped < 5 {
		t.Errorf("%d stopped for %d accepted stops of %d instances, %d told as missed: %s", got, stopped, len(made), missed(), s.aws.states())
	}
	s.aws.mu.Lock()
	defer s.aws.mu.Unlock()
	for name, asked := range s.aws.stops {
		if asked != 1 {
			t.Errorf("AWS was asked %d times to stop %s", asked, name)
		}
	}
	t.Logf("seed %d: %d killed, %d launches and %d stops accepted, each done at most once; %d stops missed and told so", *seed, s.kills, len(made), stopped, missed())
	if got := len(s.workspace.Messages("C1")); got != len(made)+stopped {
		t.Errorf("%d messages for %d requests:\n%s", got, len(made)+stopped, s.channel())
	}
}

// outage is how long Slack is away in the test below. The promise is kept for as long as anybody likes to wait:
//
//	go test ./cmd/deckhand -run SlackIsAway -outage 10m -timeout 20m
var outage = flag.Duration("outage", 5*time.Second, "how long Slack is away")

func TestWhileSlackIsAwayWorkGoesOnAndEveryResultArrivesOnce(t *testing.T) {
	t.Parallel()
	h := newTown(t)
	h.start()
	h.must("/vm create --image-id ami-12345678 --name before")
	h.until("Slack is there", func() bool { return strings.Contains(h.channel(), "1 instance running: before") })
	h.workspace.Fail("*", slacktest.Dropped(), -1) // its Web API; what people type still arrives
	const lines = 6
	for i := range lines {
		h.must(fmt.Sprintf("/vm create --image-id ami-12345678 --name n%d", i))
	}
	h.until("AWS has them all", func() bool { return strings.Count(h.aws.states(), "running") == lines+1 })
	<-time.After(*outage / 2)
	h.kill() // a restart in the middle of it
	h.start()
	<-time.After(*outage / 2)
	h.workspace.Heal()
	back := time.Now()
	h.until("every result arrives", func() bool { return strings.Count(h.channel(), "1 instance running: n") == lines })
	t.Logf("%s after Slack was back everything was told", time.Since(back).Round(time.Millisecond))
	if got := len(h.workspace.Messages("C1")); got != lines+1 {
		t.Errorf("%d messages for %d requests:\n%s", got, lines+1, h.channel())
	}
}
