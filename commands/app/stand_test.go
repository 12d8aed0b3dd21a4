package app

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/commandstest"
)

// An endpoint may tell of no operation's token, and of machines that are gone.
func TestAnEndpointThatTellsNoTokens(t *testing.T) {
	t.Parallel()
	s := newShop()
	s.mute = true
	s.gone = "i-2"
	s.lost = &commands.Error{Kind: commands.Uncertain, Message: "no answer"}
	synctest.Test(t, func(t *testing.T) {
		got, _ := send(t, s, nil, "app deploy shop --count 3", nil)
		if len(s.changes) != 1 || !strings.Contains(got, "shop is changed, 1 of 1 machine healthy") {
			t.Errorf("%d updates:\n%s", len(s.changes), got)
		}
	})
	s.lost = nil
	if got, _ := send(t, s, nil, "app deploy shop --count 3", nil); len(s.changes) != 2 {
		t.Errorf("a second line was not sent to AWS:\n%s", got)
	}
	s.ends = []string{"UPDATE_ROLLBACK_COMPLETE"}
	if got, _ := send(t, s, nil, "app deploy shop --count 4", nil); !strings.Contains(got, "not enough of them answered") {
		t.Errorf("why it failed is not told:\n%s", got)
	}
}

// A process that takes over while a change is put back goes on with that: it signals the machines that come back.
func TestPuttingBackGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, journal := newShop(), commandstest.Journal{}
		red := &prober{answers: map[string][]string{"shop": {"ok", "HTTP 502"}, "cart": {"ok"}}}
		c := &Deploy{Name: "shop", InstanceType: "t3.small", room: Room{Cloud: s, Book: theChecks(), Prober: red}}
		run := &commands.Run{ID: "R-7", Token: "tok", Now: time.Now(), Say: func(string) {}, Journal: journal}
		s.during = func() { s.machines("i-3", "i-4") }
		ctx, cancel := context.WithCancel(t.Context())
		s.cut = cancel
		if _, err := c.Run(ctx, run); err == nil {
			t.Fatal("the run was not cut short")
		}
		s.cut, s.signals = nil, nil
		s.during = func() { s.machines("i-4", "i-5") }
		red.answers["shop"] = []string{"ok"}
		report, err := c.Run(t.Context(), run)
		if err == nil || !strings.HasPrefix(report.Title, "shop was put back") || len(s.changes) != 2 {
			t.Errorf("%q, %v, %d updates", report.Title, err, len(s.changes))
		}
		if !slices.Equal(s.signals, []string{"i-5"}) {
			t.Errorf("signals %v", s.signals)
		}
	})
}

func TestAnApplicationThatIsProtectedStays(t *testing.T) {
	t.Parallel()
	s := newShop()
	s.stack.Protected = true
	got, _ := send(t, s, nil, "app down shop --plan", nil)
	if !strings.Contains(got, "[conflict] shop is protected against deletion in CloudFormation, so nothing was done.") {
		t.Error(got)
	}
}

func TestAStackThatCouldNotGoBack(t *testing.T) {
	t.Parallel()
	s := newShop()
	s.stack.Status = "UPDATE_ROLLBACK_FAILED"
	for _, line := range []string{"app status shop", "app deploy shop --count 3"} {
		got, _ := send(t, s, nil, line, nil)
		if !strings.Contains(got, "app continue-update-rollback shop") || !strings.Contains(got, "--resources-to-skip Machine") {
			t.Errorf("%s:\n%s", line, got)
		}
	}
}

func TestHowAStackIsSaidToStand(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]string{
		"CREATE_COMPLETE": "shop is up", "ROLLBACK_IN_PROGRESS": "shop did not come up, going away", "DELETE_FAILED": "shop is half gone: something could not be deleted",
		"UPDATE_ROLLBACK_FAILED": "shop: a change failed, and going back failed too", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": "shop went back, tidying",
		"REVIEW_IN_PROGRESS": "shop is REVIEW_IN_PROGRESS",
	} {
		if got := says(aws.Stack{Name: "shop", Status: status}); got != want {
			t.Errorf("%s: %q, want %q", status, got, want)
		}
	}
}

func TestWhatIsGoneIsNotShownAsStanding(t *testing.T) {
	t.Parallel()
	v := &view{
		stack: aws.Stack{
			Name: "shop", Status: "DELETE_FAILED", Parameters: map[string]string{"Machines": "2", "InstanceType": "t3.micro"},
			Outputs: map[string]string{"Endpoint": "http://shop.example.com/", "DNSName": "shop-1.example.com"},
		},
		parts: []aws.StackPart{{Name: "LoadBalancer", Status: "DELETE_COMPLETE"}, {Name: machinePart, Status: "DELETE_COMPLETE"}, {Name: "BalancerGroup", Status: "DELETE_FAILED"}},
	}
	fields, _ := v.blocks(t.Context(), nil, time.Now())[0].(commands.Fields)
	for _, f := range fields.Fields {
		if (f.Name == "Endpoint" || f.Name == "Load balancer" || f.Name == "Machines") && f.Value != commands.None {
			t.Errorf("%s: %s", f.Name, f.Value)
		}
	}
}

// What watches an application need not have its name.
func TestTheCheckThatWatchesTheEndpointTellsHowItStands(t *testing.T) {
	t.Parallel()
	s := newShop()
	book := shelf{checks: []check.Check{{Name: "front", URL: s.stack.Outputs["Endpoint"]}, {Name: "shop", URL: "http://elsewhere.example.com/"}}}
	report, err := (&Status{Name: "shop", room: Room{Cloud: s, Book: book}}).Run(t.Context(), &commands.Run{Now: time.Now()})
	fields, _ := report.Body[0].(commands.Fields)
	at := slices.IndexFunc(fields.Fields, func(f commands.Field) bool { return f.Name == "Check" })
	if err != nil || report.Tone != commands.Bad || fields.Fields[at].Value != commands.Mono("front")+", down" {
		t.Errorf("%v, %v, %q", err, report.Tone, fields.Fields[at].Value)
	}
}

// Once AWS took the change, a look afterwards is for its end, and asks nothing else.
func TestAnEndThatNobodySawIsWaitedForOnceMore(t *testing.T) {
	t.Parallel()
	s := newShop()
	s.ends, s.unread = []string{"unseen"}, refused("DescribeStackEvents")
	c := &Deploy{Name: "shop", InstanceType: "t3.small", room: Room{Cloud: s}}
	run := &commands.Run{ID: "R-7", Token: "tok", Now: time.Now(), Say: func(string) {}, Journal: commandstest.Journal{}}
	if _, err := c.Run(t.Context(), run); !commands.IsUncertain(err) {
		t.Fatal(err)
	}
	report, err := c.Check(t.Context(), run)
	if err != nil || !strings.HasPrefix(report.Title, "shop is changed") || len(s.changes) != 1 {
		t.Errorf("%v, %q, %d updates", err, report.Title, len(s.changes))
	}
}

func TestAnApplicationOfWhichNoMachineIsHealthyIsNotUp(t *testing.T) {
	t.Parallel()
	s := newShop()
	for want, healthy := range map[string][]string{
		"shop is up, 2 of 2 machines healthy":  {"i-1", "i-2"},
		"shop is up, 1 of 2 machines healthy":  {"i-1"},
		"shop stands, 0 of 2 machines healthy": nil,
	} {
		s.machines(healthy...)
		if got, _ := send(t, s, nil, "app status shop", nil); !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}
}
