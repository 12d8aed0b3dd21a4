package app

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/commandstest"
	"deckhand/commands/userdata"
)

// shop is an application in an AWS that has nothing else.
type shop struct {
	Cloud // what no test asks for

	stack   aws.Stack
	ends    []string // how the updates end, in turn; UPDATE_COMPLETE where none is left
	health  []aws.TargetHealth
	events  []aws.StackEvent
	signals []string
	changes []aws.StackChange
	during  func() // happens while an update is under way
	refuse  error  // of the second update
	lost    error  // the answer to an update that began
	mute    bool   // events tell no tokens
	gone    string // a machine that is terminated
	cut     func() // cuts the run short while the second update is under way

	unlisted error // of the load balancer's price
	unheard  error // of a signal
	unseen   error // of the machines
	unread   error // of the events

	around    aws.Network    // what others have in its VPC
	listens   []aws.Listener // of its load balancer
	shut      bool           // its load balancer is protected
	dark      error          // of all that
	deletions int
	overtakes error // of an update: another one began before
}

func newShop() *shop {
	s := &shop{stack: aws.Stack{
		ID: "arn:shop", Name: "shop", Status: "CREATE_COMPLETE", Tags: map[string]string{commands.AppTag: "shop"},
		Parameters: map[string]string{"InstanceType": "t3.micro", "Image": "ami-0123456789abcdef0", "Machines": "2", "MostMachines": "3", "UserData1": ""},
		Outputs:    map[string]string{"Endpoint": "http://shop.example.com/", "DNSName": "shop-1.elb.amazonaws.com", "TargetGroup": "arn:tg"},
	}}
	s.machines("i-1", "i-2")
	return s
}

func (s *shop) machines(ids ...string) {
	s.health = nil
	for _, id := range ids {
		s.health = append(s.health, aws.TargetHealth{ID: id, State: aws.TargetHealthy})
	}
}

func (s *shop) Place(context.Context, aws.Target) aws.Place { return aws.Place{Region: "us-east-1"} }

func (s *shop) Stack(context.Context, aws.Target, string) (aws.Stack, error) {
	out := s.stack
	out.Parameters = maps.Clone(s.stack.Parameters)
	return out, nil
}

func (s *shop) StackParts(context.Context, aws.Target, string) ([]aws.StackPart, error) {
	machines := aws.StackPart{Name: machinePart, Status: "UPDATE_COMPLETE"}
	if s.stack.Status == "UPDATE_ROLLBACK_FAILED" {
		machines.Status = "UPDATE_FAILED"
	}
	return []aws.StackPart{
		{Name: "TargetGroup", Real: "arn:tg"}, machines, {Name: "LoadBalancer", Real: "arn:lb"}, {Name: "Listener", Real: "arn:listener"},
		{Name: "BalancerGroup", Real: "sg-b"}, {Name: "MachineGroup", Real: "sg-m"},
	}, nil
}

func (s *shop) TargetHealth(context.Context, aws.Target, string) ([]aws.TargetHealth, error) {
	return s.health, nil
}

func (s *shop) Instances(_ context.Context, _ aws.Target, q aws.InstanceQuery) ([]aws.Instance, error) {
	if s.unseen != nil {
		return nil, s.unseen
	}
	var out []aws.Instance
	for _, id := range q.IDs {
		state := aws.Running
		if id == s.gone {
			state = aws.Terminated
		}
		tags := map[string]string{commands.AppTag: "shop"}
		if id == "i-stranger" {
			tags = nil
		}
		out = append(out, aws.Instance{ID: id, Platform: "Linux/UNIX", State: state, Tags: tags})
	}
	return out, nil
}

func (s *shop) Price(context.Context, aws.Target, string, string) (aws.Price, error) {
	return aws.Price{USDPerHour: 0.01}, nil
}

func (s *shop) Image(_ context.Context, _ aws.Target, id string) (aws.Image, error) {
	return aws.Image{ID: id, Platform: "Linux/UNIX", RootGiB: 8, RootType: "gp3"}, nil
}

func (s *shop) BalancerPrice(context.Context, aws.Target, string) (aws.Price, error) {
	return aws.Price{USDPerHour: 0.02}, s.unlisted
}

func (s *shop) DiskPrice(context.Context, aws.Target, string) (aws.Price, error) {
	return aws.Price{USDPerHour: 0.0001}, nil
}

func (s *shop) UpdateStack(_ context.Context, _ aws.Target, change aws.StackChange) (bool, error) {
	if len(s.changes) > 0 && s.refuse != nil {
		return false, s.refuse
	}
	if s.overtakes != nil {
		s.stack.Status = "UPDATE_IN_PROGRESS"
		return false, s.overtakes
	}
	s.changes = append(s.changes, change)
	s.tell(aws.StackEvent{Part: "shop", Type: stackType, Status: "UPDATE_IN_PROGRESS", Token: change.Token})
	s.tell(aws.StackEvent{Part: machinePart, Status: "UPDATE_IN_PROGRESS", Token: change.Token})
	s.stack.Status = "UPDATE_IN_PROGRESS"
	if s.lost != nil {
		maps.Copy(s.stack.Parameters, change.Parameters)
	}
	return s.lost == nil, s.lost
}

func (s *shop) ContinueUpdateRollback(_ context.Context, _ aws.Target, _ string, skip []string, token string) error {
	if s.refuse != nil {
		return s.refuse
	}
	s.changes = append(s.changes, aws.StackChange{Keep: skip, Token: token})
	s.tell(aws.StackEvent{Part: "shop", Type: stackType, Status: "UPDATE_ROLLBACK_IN_PROGRESS", Token: token})
	s.stack.Status = "UPDATE_ROLLBACK_IN_PROGRESS"
	return s.lost
}

func (s *shop) tell(e aws.StackEvent) {
	if s.mute {
		e.Token = ""
	}
	s.events = append(s.events, e)
}

func (s *shop) StackEvents(_ context.Context, _ aws.Target, _, token string) ([]aws.StackEvent, error) {
	if s.unread != nil && len(s.changes) > 0 {
		return nil, s.unread
	}
	return slices.DeleteFunc(slices.Clone(s.events), func(e aws.StackEvent) bool { return token != "" && e.Token != token }), nil
}

func (s *shop) SignalPart(_ context.Context, _ aws.Target, _, _, id string) error {
	if s.unheard != nil {
		return s.unheard
	}
	s.signals = append(s.signals, id)
	return nil
}

func (s *shop) WaitForStack(_ context.Context, _ aws.Target, _ string, progress func(aws.Stack)) (aws.Stack, error) {
	progress(s.stack)
	if s.cut != nil && len(s.changes) == 2 {
		s.cut()
		return s.stack, context.Canceled
	}
	if s.during != nil {
		s.during()
	}
	progress(s.stack)
	end := "UPDATE_COMPLETE"
	if len(s.ends) > 0 {
		end, s.ends = s.ends[0], s.ends[1:]
	}
	if end == "unseen" {
		return s.stack, &commands.Error{Kind: commands.Unavailable, Message: "AWS does not answer."}
	}
	if len(s.changes) == 0 { // it goes
		return s.stack, nil
	}
	change := s.changes[len(s.changes)-1]
	if end == "UPDATE_COMPLETE" {
		maps.Copy(s.stack.Parameters, change.Parameters)
	} else {
		s.tell(aws.StackEvent{Part: machinePart, Type: "AWS::AutoScaling::AutoScalingGroup", Status: "UPDATE_FAILED", Reason: "Received 0 SUCCESS signal(s) out of 1", Token: change.Token})
	}
	s.stack.Status = end
	progress(s.stack)
	return s.stack, nil
}

// shelf keeps checks.
type shelf struct {
	check.Book

	checks []check.Check
}

func (s shelf) Checks(context.Context) ([]check.Check, error) { return s.checks, nil }

func (shelf) RemoveCheck(context.Context, string) error { return nil }

func (s shelf) States(context.Context) (map[string]check.State, error) {
	return map[string]check.State{"front": {Status: check.Down}, "shop": {Status: check.Up}}, nil
}

// prober answers for each check what it is told, in turn, and the last again and again: "ok", "unseen", or why it fails.
type prober struct {
	answers map[string][]string
	looks   int
}

func (p *prober) Probe(_ context.Context, c check.Check) check.Result {
	p.looks++
	said := p.answers[c.Name]
	if len(said) > 1 {
		p.answers[c.Name] = said[1:]
	}
	switch said[0] {
	case "ok":
		return check.Result{OK: true}
	case "unseen":
		return check.Result{Unseen: true}
	}
	return check.Result{Detail: said[0]}
}

func theChecks() shelf {
	return shelf{checks: []check.Check{
		{Name: "shop", URL: "http://shop.example.com/", MadeBy: "app shop"},
		{Name: "cart", URL: "http://shop-1.elb.amazonaws.com/cart"},
		{Name: "other", URL: "http://other.example.com/"},
	}}
}

// send runs a line against the shop; journal may be nil.
func send(t *testing.T, s *shop, p *prober, line string, journal commands.Journal) (string, commands.Report) {
	t.Helper()
	room := Room{Cloud: s, Book: theChecks()}
	if p != nil {
		room.Prober = p
	}
	run := &commands.Run{ID: "R-7", Token: "tok", Asker: commands.Asker{User: "U1"}, Now: time.Now(), Journal: journal}
	report, err := commandstest.Run(t.Context(), t, Commands(room), run, line)
	out := commands.RenderText(report)
	if err != nil {
		out = "[" + string(commands.Words(err).Kind) + "] " + commands.Terminal().Render(err.Error()) + "\n" + out
	}
	return out, report
}

func TestHowADeploymentEnds(t *testing.T) {
	t.Parallel()
	same := func() map[string][]string {
		return map[string][]string{"shop": {"ok"}, "cart": {"ok"}, "other": {"HTTP 500"}}
	}
	for name, c := range map[string]struct {
		ends    []string
		answers map[string][]string // the first of each is before the change
		refuse  error
		updates int
		has     []string
		hasNot  []string
	}{
		"all well": {nil, same(), nil, 1, []string{
			"shop is changed, 2 of 2 machines healthy", "Looked at again: the check shop passes; the check cart passes.",
		}, []string{"other"}},
		"the machines do not answer": {[]string{"UPDATE_ROLLBACK_COMPLETE"}, same(), nil, 1, []string{
			"[failed] The change of shop failed.", "not enough of them answered their health check in time", "CloudFormation put back what was there before.",
			"shop runs as it did: 2 of 2 machines healthy; the check shop passes; the check cart passes.",
		}, nil},
		"the machines do not answer, and what was put back is not well": {
			[]string{"UPDATE_ROLLBACK_COMPLETE"}, map[string][]string{"shop": {"ok", "HTTP 502"}, "cart": {"ok"}}, nil, 1, []string{
				"It does not run as it did: 2 of 2 machines healthy; the check shop fails: HTTP 502; the check cart passes.", "Look at app status shop.",
			}, []string{"runs as it did:"},
		},
		"CloudFormation cannot go back": {[]string{"UPDATE_ROLLBACK_FAILED"}, same(), nil, 1, []string{"The stack is UPDATE_ROLLBACK_FAILED", "app status shop", "app continue-update-rollback shop", "--resources-to-skip Machine"}, []string{"runs as it did"}},
		"a check of the application turns red": {nil, map[string][]string{"shop": {"ok"}, "cart": {"ok", "HTTP 500", "HTTP 500", "HTTP 500", "HTTP 500", "ok"}}, nil, 2, []string{
			"[failed] After the change the check cart fails: HTTP 500.", "What was there before is back. shop runs as it did", "shop was put back",
		}, nil},
		"a check is red for a moment":   {nil, map[string][]string{"shop": {"ok", "HTTP 502", "HTTP 502", "ok"}, "cart": {"ok"}}, nil, 1, []string{"shop is changed", "the check shop passes"}, nil},
		"a check was red before":        {nil, map[string][]string{"shop": {"ok"}, "cart": {"HTTP 500"}}, nil, 1, []string{"shop is changed", "the check cart fails as it did before: HTTP 500"}, nil},
		"a check cannot look from here": {nil, map[string][]string{"shop": {"ok", "unseen"}, "cart": {"ok"}}, nil, 1, []string{"shop is changed"}, nil},
		"red, and going back fails":     {[]string{"UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}, map[string][]string{"shop": {"ok", "HTTP 502"}, "cart": {"ok"}}, nil, 2, []string{"Putting back what was there failed too.", "shop was not put back"}, nil},
		"nobody sees the end":           {[]string{"unseen"}, same(), nil, 1, []string{"[uncertain] How it ends was not seen: AWS does not answer.", "shop was not seen to take the change", "It waits ten minutes for deckhand's word"}, nil},
		"red, and nobody sees it go back": {[]string{"UPDATE_COMPLETE", "unseen"}, map[string][]string{"shop": {"ok", "HTTP 502"}, "cart": {"ok"}}, nil, 2, []string{
			"[uncertain] After the change the check shop fails: HTTP 502. What was there is being put back. How it ends was not seen: AWS does not answer.", "shop was not seen to go back",
		}, nil},
		"red, and going back does not begin": {nil, map[string][]string{"shop": {"ok", "HTTP 502"}, "cart": {"ok"}}, &commands.Error{Kind: commands.Denied, Message: "AWS refused."}, 1, []string{
			"[denied] After the change the check shop fails: HTTP 502. Putting back what was there did not begin: AWS refused.", "It runs as changed",
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newShop()
				s.ends, s.refuse = c.ends, c.refuse
				got, _ := send(t, s, &prober{answers: c.answers}, "app deploy shop --instance-type t3.small", nil)
				for _, want := range c.has {
					if !strings.Contains(got, want) {
						t.Errorf("%q is missing in:\n%s", want, got)
					}
				}
				for _, not := range c.hasNot {
					if strings.Contains(got, not) {
						t.Errorf("%q is in:\n%s", not, got)
					}
				}
				if len(s.changes) != c.updates {
					t.Fatalf("%d updates", len(s.changes))
				}
				kind := s.stack.Parameters["InstanceType"]
				if c.updates == 2 && len(c.ends) == 0 && (kind != "t3.micro" || s.changes[1].Token == s.changes[0].Token) {
					t.Errorf("went back to %s with %q after %q", kind, s.changes[1].Token, s.changes[0].Token)
				}
			})
		})
	}
}

func TestOnlyNewHealthyMachinesAreSignaled(t *testing.T) {
	t.Parallel()
	s := newShop()
	s.during = func() {
		s.machines("i-2", "i-3")
		s.health = append(s.health, aws.TargetHealth{ID: "i-4", State: "unhealthy", Reason: "Target.FailedHealthChecks"}, aws.TargetHealth{ID: "i-5", State: aws.TargetDraining})
	}
	s.ends = []string{"UPDATE_ROLLBACK_COMPLETE"}
	got, _ := send(t, s, nil, "app deploy shop --instance-type t3.small", nil)
	if !slices.Equal(s.signals, []string{"i-3"}) {
		t.Errorf("signals %v", s.signals)
	}
	if !strings.Contains(got, "Seen last of the new machines: i-4: ") || strings.Contains(got, "new machines: i-3") {
		t.Error(got)
	}
}

// A machine that the group replaced between the plan and the run is not of the new kind.
func TestAMachineThatCameAfterThePlanIsNotNew(t *testing.T) {
	t.Parallel()
	s, journal := newShop(), commandstest.Journal{}
	c := &Deploy{Name: "shop", InstanceType: "t3.small", room: Room{Cloud: s}}
	run := &commands.Run{ID: "R-7", Token: "tok", Now: time.Now(), Say: func(string) {}, Journal: journal}
	if _, err := c.planned(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	s.machines("i-2", "i-9")
	if _, err := c.Run(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	if len(s.signals) > 0 {
		t.Errorf("signals %v", s.signals)
	}
}

func TestADeploymentIsTakenBackByALine(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"app deploy shop --instance-type t3.small":                            "app deploy shop --instance-type t3.micro",
		"app deploy shop --instance-type t3.small --count 3":                  "app deploy shop --instance-type t3.micro --count 2",
		"app deploy shop --count 3 --region eu-west-1":                        "app deploy shop --count 2 --region eu-west-1",
		`app deploy shop --instance-type t3.small --user-data "#!/bin/sh\nx"`: "",
	} {
		got, report := send(t, newShop(), nil, line, nil)
		if report.Undo != want || (want == "") != strings.Contains(got, "There was no script for the first boot before") {
			t.Errorf("%s: undone by %q:\n%s", line, report.Undo, got)
		}
	}
}

func TestWhatTakesAScriptBack(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ template, script, undo, says string }{
		"none before":                {"", "", "", "There was no script for the first boot before"},
		"one that a line gave":       {"", "echo old", "", "is kept nowhere"},
		"a template as it is":        {"web", "echo web", "app deploy shop --user-data-template web", ""},
		"a template that is another": {"web", "echo web of old", "", "is kept nowhere"},
		"a template that is gone":    {"lost", "echo old", "", "is kept nowhere"},
	} {
		s := newShop()
		s.stack.Tags[templateTag] = c.template
		setScript(s.stack.Parameters, c.script)
		d := &Deploy{Name: "shop", Flags: userdata.Flags{UserData: "echo new"}, room: Room{Cloud: s, Templates: []userdata.Template{{Name: "web", Text: "echo web"}}}}
		report, err := d.Run(t.Context(), &commands.Run{ID: "R-7", Token: "tok", Now: time.Now(), Say: func(string) {}, Journal: commandstest.Journal{}})
		got := commands.RenderText(report)
		if err != nil || report.Undo != c.undo || !strings.Contains(got, c.says) || c.says == "" && strings.Contains(got, "script for the first boot") {
			t.Errorf("%s: %v, undone by %q:\n%s", name, err, report.Undo, got)
		}
	}
}

func TestThePlanOfADeployment(t *testing.T) {
	t.Parallel()
	s := newShop()
	got, _ := send(t, s, &prober{answers: map[string][]string{"shop": {"ok"}, "cart": {"ok"}}}, "app deploy shop --count 3 --plan", nil)
	for _, want := range []string{"Would change shop", "Machines  2    3", "The machines stay", "Where one of the checks shop and cart fails afterwards"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}
	if len(s.changes) > 0 {
		t.Error("a plan changed something")
	}
}

func TestThePriceOfAnApplication(t *testing.T) {
	t.Parallel()
	s := newShop()
	got, _ := send(t, s, nil, "app deploy shop --count 3 --plan", nil)
	if want := "$0.0524 an hour, $38.25 a month: 3 machines $21.90, disks of 8 GiB $1.75, the load balancer $14.60; without addresses, requests and traffic"; !strings.Contains(got, want) {
		t.Errorf("%q is missing in:\n%s", want, got)
	}
	for kind, parts := range map[string]int{"t3.micro": 0, "t3.small": 3} { // it has the first already
		if bill := (&Deploy{Name: "shop", InstanceType: kind, room: Room{Cloud: s}}).Bill(t.Context()); len(bill.Parts) != parts {
			t.Errorf("%s: %s", kind, bill.Words())
		}
	}
	s.unlisted = &commands.Error{Kind: commands.Denied, Message: "AWS refused."}
	got, _ = send(t, s, nil, "app status shop", nil)
	if want := "at least $0.0216 an hour, $15.77 a month: 2 machines $14.60, disks of 8 GiB $1.17; unknown: the load balancer (AWS refused); without"; !strings.Contains(got, want) {
		t.Errorf("%q is missing in:\n%s", want, got)
	}
}
