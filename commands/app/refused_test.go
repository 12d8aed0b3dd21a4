package app

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
)

func refused(what string) error {
	return &commands.Error{Kind: commands.Denied, Message: "AWS refused the call " + what + ".", Hint: "Ask the administrator to allow it."}
}

// Without a signal CloudFormation gives up on machines that answer: that is not the machines' fault, and is not said to be.
func TestWhatKeepsCloudFormationFromBeingToldIsSaid(t *testing.T) {
	t.Parallel()
	const blind = "deckhand could not tell CloudFormation which machines answer, and it gives up without that: AWS refused the call SignalResource. Ask the administrator to allow it."
	said := func(s *shop) string {
		s.during, s.ends = func() { s.machines("i-3", "i-4") }, []string{"UPDATE_ROLLBACK_COMPLETE"}
		got, _ := send(t, s, nil, "app deploy shop --instance-type t3.small", nil)
		return got
	}
	s := newShop()
	s.unheard = refused("SignalResource")
	if got := said(s); strings.Count(got, blind) != 1 {
		t.Errorf("a signal that is refused:\n%s", got)
	}
	s = newShop()
	s.unheard = &commands.Error{Kind: commands.Failed, Message: "Resource Machine is in CREATE_COMPLETE state and cannot be signaled."}
	if got := said(s); strings.Contains(got, "could not tell") {
		t.Errorf("a signal that comes late:\n%s", got)
	}
	s = newShop()
	s.unread = refused("DescribeStackEvents")
	if got := said(s); len(s.signals) != 2 || !strings.Contains(got, "What CloudFormation did could not be read: AWS refused the call DescribeStackEvents.") {
		t.Errorf("events that cannot be read, signals %v:\n%s", s.signals, got)
	}
}

// What stands is said to stand, also where its machines cannot be looked at.
func TestAnApplicationThatIsUpAndCannotBeLookedAt(t *testing.T) {
	t.Parallel()
	s := newShop()
	s.ends, s.unseen = []string{"CREATE_COMPLETE"}, refused("DescribeInstances")
	s.changes = []aws.StackChange{{}}
	c := &Up{Name: "shop", Count: 2, room: Room{Cloud: s}}
	report, err := c.finish(t.Context(), &commands.Run{ID: "R-7", Now: time.Now(), Say: func(string) {}, Journal: commandstest.Journal{}}, blueprint{}, "arn:shop")
	if err != nil || report.Title != "shop is up at http://shop.example.com/" || report.Tone != commands.Warning || report.Undo != "app down shop" {
		t.Errorf("%v, %q, %v, undo %q", err, report.Title, report.Tone, report.Undo)
	}
	last, _ := report.Body[len(report.Body)-1].(commands.Text)
	if !strings.Contains(last.Text, "How its machines stand now could not be looked up: AWS refused the call DescribeInstances. Ask the administrator") {
		t.Error(last.Text)
	}
}

// One look that fails does not make a check red before: what turns red for good after a change goes back all the same.
func TestACheckThatFailsOnceBeforeADeploymentCounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop()
		p := &prober{answers: map[string][]string{"shop": {"timeout", "ok", "HTTP 502"}, "cart": {"ok"}}}
		got, _ := send(t, s, p, "app deploy shop --instance-type t3.small", nil)
		if len(s.changes) != 2 || !strings.Contains(got, "shop was put back") {
			t.Errorf("%d updates:\n%s", len(s.changes), got)
		}
		s = newShop()
		p.answers["shop"] = []string{"HTTP 502"}
		got, _ = send(t, s, p, "app deploy shop --instance-type t3.small", nil)
		if len(s.changes) != 1 || !strings.Contains(got, "fails as it did before: HTTP 502") {
			t.Errorf("%d updates:\n%s", len(s.changes), got)
		}
	})
}

func TestACertificateOfAnotherRegionIsRefusedBeforehand(t *testing.T) {
	t.Parallel()
	c := &Up{Name: "shop", Certificate: "arn:aws:acm:eu-west-1:123456789012:certificate/1", room: Room{Cloud: newShop()}}
	for region, refused := range map[string]bool{"eu-west-1": false, "us-east-1": true} {
		if err := c.findCertificate(t.Context(), &blueprint{Place: aws.Place{Region: region}}, time.Now()); (err != nil) != refused {
			t.Errorf("%s: %v", region, err)
		}
	}
}
