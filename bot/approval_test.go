package bot_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"deckhand/bot"
	"deckhand/commands"
)

func TestWhatWasApprovedMustStillBeTrue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why    string
		change func(*house)
		end    bot.State
		says   string
	}{
		{"nothing changed", func(*house) {}, bot.Done, "Stopped web"},
		{"the state changed", func(h *house) { h.world.state = "stopped" }, bot.Failed, "What was approved has changed, nothing was done"},
		{"the approver left", func(h *house) {
			h.rules["U2 vm stop"] = bot.Decision{Effect: bot.Ask, Rule: "rule 2", Approvers: []string{"user:U1"}, Approvals: 1}
		}, bot.Refused, "Who approved may not approve any more: U1 may"},
		{"more have to approve now", func(h *house) {
			h.rules["U2 vm stop"] = bot.Decision{Effect: bot.Ask, Rule: "rule 9", Approvers: []string{"user:U1", "user:U3"}, Approvals: 2}
		}, bot.Refused, "rule 9"},
		{"the asker may not any more", func(h *house) { delete(h.rules, "U2 vm stop") }, bot.Refused, "no rule"},
	} {
		h := newHouse(t)
		h.world.state = "running"
		h.say("U2", "vm stop web")
		h.work(t, 1)
		h.say("U3", "approve R-1")
		c.change(h)
		r := h.work(t, 1)
		if r.State != c.end || (h.world.calls == 1) != (c.end == bot.Done) {
			t.Errorf("%s: it is %s after %d calls, want %s", c.why, r.State, h.world.calls, c.end)
		}
		has(t, c.why, h.shown(), c.says)
	}
}

func TestApproversThatCannotBeLookedUpAreAskedForAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.say("U2", "vm stop web")
	h.work(t, 1)
	h.say("U3", "approve R-1")
	h.rules["groups are away"] = bot.Decision{}
	if err := h.Execute(t.Context(), 1); err == nil {
		t.Error("it was not to be tried again")
	}
	delete(h.rules, "groups are away")
	h.want(t, h.work(t, 1), bot.Done, 1)

	h.say("U2", "vm stop other")
	h.chat.posts = 0
	h.work(t, 2)
	h.say("U3", "approve R-2")
	h.rules["groups are away"] = bot.Decision{}
	h.pass(3 * time.Minute)
	if r := h.work(t, 2); r.State != bot.Refused || h.world.calls != 1 {
		t.Errorf("after minutes it is %s", r.State)
	}
}

func TestTheButtonIsOfThePlanThatItStandsUnder(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.say("U2", "vm stop web")
	r := h.work(t, 1)
	if r.Digest() == r.Invocation.Digest() {
		t.Error("the digest does not know the plan")
	}
	has(t, "a button of the line alone", commands.RenderText(h.say("U3", "approve R-1 --digest "+r.Invocation.Digest()).Report), "not of R-1 as it stands")
	has(t, "its own button", commands.RenderText(h.say("U3", "approve R-1 --digest "+r.Digest()).Report), "Approved R-1")
}

func TestApproversAreRemindedOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.say("U2", "vm stop web")
	r := h.work(t, 1)
	sweep := func(after time.Duration) {
		h.pass(after)
		if err := h.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	sweep(9 * time.Minute)
	h.work(t, 1)
	if h.chat.posts != 1 {
		t.Errorf("%d messages after nine minutes", h.chat.posts)
	}
	sweep(2 * time.Minute)
	h.chat.lose = true
	if err := h.Deliver(t.Context(), 1); err == nil {
		t.Error("the lost answer went unnoticed")
	}
	h.work(t, 1)
	sweep(20 * time.Minute)
	h.work(t, 1)
	if h.chat.posts != 2 {
		t.Errorf("%d messages, want the request's and one reminder", h.chat.posts)
	}
	has(t, "the reminder", h.shown(), "R-1 still waits", "U1, U2 or U3")
	has(t, "the approval after it", commands.RenderText(h.say("U3", "approve R-1 --digest "+r.Digest()).Report), "Approved R-1")
	if r := h.work(t, 1); r.State != bot.Done {
		t.Errorf("it is %s", r.State)
	}
}

func TestWhatDestroysIsConfirmedByNameOrButton(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		line, says string
		end        bot.State
	}{
		{"confirm R-1", "To confirm R-1 by typing, name what it destroys", bot.Waiting},
		{"confirm R-1 wbe", "wbe is not what R-1 is about", bot.Waiting},
		{"confirm R-1 web", "Confirmed R-1", bot.Done},
		{"confirm R-1 --digest BUTTON", "Confirmed R-1", bot.Done},
	} {
		h := newHouse(t)
		h.say("U3", "vm end web")
		r := h.work(t, 1)
		button := bot.View(r).Next[1] // after the box
		has(t, "the button", button.Confirm, "Would stop web", "gone for good")
		line := c.line
		if line == "confirm R-1 --digest BUTTON" {
			line = button.Line
		}
		has(t, line, commands.RenderText(h.say("U3", line).Report), c.says)
		if r := h.work(t, 1); r.State != c.end {
			t.Errorf("%s: it is %s, want %s", line, r.State, c.end)
		}
	}
}

func TestWhatWaitsForAnotherIsNotAskedForItsName(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.rules["U2 vm end"] = bot.Decision{Effect: bot.Ask, Rule: "rule 2", Approvers: []string{"user:U1"}, Approvals: 1}
	h.say("U2", "vm end web")
	h.work(t, 1)
	has(t, "the answer", commands.RenderText(h.say("U9", "confirm R-1").Report), "R-1 needs the approval of U1, not a confirmation")
}

// people are who has left.
type people map[string]bool

func (p people) Gone(_ context.Context, user string) bool { return p[user] }

func (p people) Shared(_ context.Context, channel string) (bool, error) {
	if p["unknown "+channel] {
		return false, errors.New("slack does not answer")
	}
	return p["shared "+channel], nil
}

func TestNothingChangesFromASharedChannel(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.say("U2", "vm stop web")
	h.work(t, 1)
	h.people["shared C1"] = true
	has(t, "a press", commands.RenderText(h.say("U3", "approve R-1").Report), "Nothing is decided here: channels shared with another organisation only read")
	h.say("U1", "vm stop web")
	if r := h.work(t, 2); r.State != bot.Refused || h.world.calls != 0 {
		t.Errorf("an allowed line is %s after %d calls", r.State, h.world.calls)
	}
	has(t, "its message", h.shown(), "channels shared with another organisation only read")
}

func TestNothingChangesFromAChannelOfWhichNobodyKnowsWhoseItIs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.say("U2", "vm stop web")
	h.work(t, 1)
	h.people["unknown C1"] = true
	const why = "Slack could not be asked whether this channel is shared with another organisation, so nothing was done"
	has(t, "a press", commands.RenderText(h.say("U3", "approve R-1").Report), why, "direct message")
	h.say("U1", "vm stop web")
	h.say("U4", "vm stop web")
	for n := int64(2); n <= 3; n++ {
		if err := h.Execute(t.Context(), n); err == nil {
			t.Errorf("R-%d is not tried again", n)
		}
	}
	h.pass(14 * time.Minute)
	if err := h.Execute(t.Context(), 2); err == nil || h.world.calls != 0 {
		t.Errorf("after %d calls: %v", h.world.calls, err)
	}
	delete(h.people, "unknown C1")
	if r := h.work(t, 2); r.State != bot.Done || h.world.calls != 1 {
		t.Errorf("when Slack answers again it is %s after %d calls", r.State, h.world.calls)
	}
	h.people["unknown C1"] = true
	h.pass(2 * time.Minute)
	r := h.work(t, 3)
	if r.State != bot.Refused || h.world.calls != 1 {
		t.Errorf("in the end it is %s after %d calls", r.State, h.world.calls)
	}
	has(t, "its message", r.Note, why)
}

func TestTiersApproveOneAfterTheOther(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.rules["U2 vm stop"] = bot.Decision{
		Effect: bot.Ask, Rule: "rule 2", Approvers: []string{"user:U1", "user:U3"}, Approvals: 1,
		Then: []bot.Tier{{Approvers: []string{"user:U1", "user:U4"}, Approvals: 1}},
	}
	h.say("U2", "vm stop web")
	h.work(t, 1)
	has(t, "the message", h.shown(), "R-1 waits for U1 or U3, then U1 or U4")
	has(t, "out of turn", commands.RenderText(h.say("U4", "approve R-1").Report), "Only U1 or U3 may approve R-1 now")
	has(t, "the first", commands.RenderText(h.say("U1", "approve R-1").Report), "Approved R-1, 1 more to go")
	has(t, "the same person in the second tier", commands.RenderText(h.say("U1", "approve R-1").Report), "You have approved R-1 already", "waits for U1 or U4")
	h.want(t, h.work(t, 1), bot.Waiting, 0)
	has(t, "the second", commands.RenderText(h.say("U4", "approve R-1").Report), "Approved R-1, it runs now")
	h.want(t, h.work(t, 1), bot.Done, 1)
}

func TestTiersAreWeighedAgainWhenItRuns(t *testing.T) {
	t.Parallel()
	two := func(first, second []string) bot.Decision {
		return bot.Decision{Effect: bot.Ask, Rule: "rule 2", Approvers: first, Approvals: 1, Then: []bot.Tier{{Approvers: second, Approvals: 1}}}
	}
	for _, c := range []struct {
		why    string
		change func(*house)
		end    bot.State
		says   string
	}{
		{"nothing changed", func(*house) {}, bot.Done, "Stopped web"},
		{"the first has left", func(h *house) { h.people["U1"] = true }, bot.Refused, "Who approved may not approve any more"},
		{"the first moved to the second tier", func(h *house) {
			h.rules["U2 vm stop"] = two([]string{"user:U3"}, []string{"user:U1", "user:U4"})
		}, bot.Refused, "nothing was done"},
		{"a tier more", func(h *house) {
			d := two([]string{"user:U1"}, []string{"user:U4"})
			d.Then = append(d.Then, bot.Tier{Approvers: []string{"user:U5"}, Approvals: 1})
			h.rules["U2 vm stop"] = d
		}, bot.Refused, "nothing was done"},
	} {
		h := newHouse(t)
		h.rules["U2 vm stop"] = two([]string{"user:U1", "user:U3"}, []string{"user:U4"})
		h.say("U2", "vm stop web")
		h.work(t, 1)
		h.say("U1", "approve R-1")
		h.say("U4", "approve R-1")
		c.change(h)
		r := h.work(t, 1)
		if r.State != c.end || (h.world.calls == 1) != (c.end == bot.Done) {
			t.Errorf("%s: it is %s after %d calls, want %s", c.why, r.State, h.world.calls, c.end)
		}
		has(t, c.why, h.shown(), c.says)
	}
}

func TestQuietApproversAreReroutedOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.rules["U2 vm stop"] = bot.Decision{Effect: bot.Ask, Rule: "rule 2", Approvers: []string{"user:U1"}, Approvals: 1, RerouteTo: []string{"user:U4"}}
	h.say("U2", "vm stop web")
	h.work(t, 1)
	after := func(minutes int) {
		h.pass(time.Duration(minutes) * time.Minute)
		if err := h.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.work(t, 1)
	}
	after(19)
	has(t, "too early", commands.RenderText(h.say("U4", "approve R-1").Report), "Only U1 may approve R-1")
	after(2)
	after(1)
	if h.chat.posts != 3 {
		t.Errorf("%d messages, want the request's, one reminder and one about others", h.chat.posts)
	}
	has(t, "the thread", h.shown(), "R-1 is open to others too", "U4 may approve it too", "R-1 waits for U1 or U4")
	has(t, "the stand-in", commands.RenderText(h.say("U4", "approve R-1").Report), "Approved R-1, it runs now")
	if r := h.work(t, 1); r.State != bot.Done || h.world.calls != 1 {
		t.Errorf("it is %s after %d calls", r.State, h.world.calls)
	}
}

func TestAnApproverWhoLeftBlocksNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why     string
		reroute []string
		end     bot.State
		says    string
	}{
		{"somebody stands in", []string{"user:U4"}, bot.Waiting, "R-1 waits for U1 or U4"},
		{"nobody does", nil, bot.Refused, "U1 has left. Ask whoever keeps deckhand's configuration file"},
	} {
		h := newHouse(t)
		h.people["U1"] = true
		h.rules["U2 vm stop"] = bot.Decision{Effect: bot.Ask, Rule: "rule 2", Approvers: []string{"user:U1"}, Approvals: 1, RerouteTo: c.reroute}
		h.say("U2", "vm stop web")
		if r := h.work(t, 1); r.State != c.end {
			t.Errorf("%s: it is %s, want %s", c.why, r.State, c.end)
		}
		has(t, c.why, h.shown(), c.says)
	}
}

func TestWhatIsTickedBesideAYesIsDoneToo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why, user, line string // BUTTON is what the button says
		end             bot.State
		says, note      string
	}{
		{"not ticked", "U3", "BUTTON", bot.Done, "Stopped web", ""},
		{"ticked", "U3", "BUTTON --with gently", bot.Done, "Stopped web gently", "with --gently"},
		{"typed", "U3", "approve R-1 --with gently", bot.Done, "Stopped web gently", "with --gently"},
		{"not on offer", "U3", "BUTTON --with force", bot.Waiting, "R-1 offers no force.", ""},
		{"ticked by who may not approve", "U2", "BUTTON --with gently", bot.Waiting, "", ""},
	} {
		h := newHouse(t)
		h.say("U2", "vm stop web")
		r := h.work(t, 1)
		view := bot.View(r)
		box, button := view.Next[0], view.Next[1]
		if box.Adds != "--with gently" || box.Line != button.Line+" --with gently" || !button.Takes || button.Label != "Approve" {
			t.Fatalf("the box is %+v and the button %+v", box, button)
		}
		told := commands.RenderText(h.say(c.user, strings.Replace(c.line, "BUTTON", button.Line, 1)).Report)
		r = h.work(t, 1)
		if r.State != c.end {
			t.Errorf("%s: it is %s, %s", c.why, r.State, told)
		}
		has(t, c.why, told+h.shown(), c.says)
		if gently := strings.HasSuffix(r.Invocation.Line, " --gently"); gently != (c.note != "") {
			t.Errorf("%s: the line is %s", c.why, r.Invocation.Line)
		}
		if events, err := h.Store.Events(t.Context(), 1); err != nil || !strings.Contains(fmt.Sprint(events), c.note) {
			t.Errorf("%s: %v, %v", c.why, events, err)
		}
	}
}

func TestASecondYesKeepsWhatTheFirstTicked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.rules["U2 vm stop"] = bot.Decision{Effect: bot.Ask, Rule: "rule 9", Approvers: []string{"user:U1", "user:U3"}, Approvals: 2}
	h.say("U2", "vm stop web")
	r := h.work(t, 1)
	h.say("U3", bot.View(r).Next[0].Line)
	r = h.work(t, 1)
	if next := bot.View(r).Next; len(next) != 3 || next[0].Label != "Approve" {
		t.Errorf("what is ticked is offered again: %+v", next)
	}
	has(t, "an old button", commands.RenderText(h.say("U1", "approve R-1 --digest 0000000000000000").Report), "not of R-1 as it stands")
	h.say("U1", "approve R-1")
	if r = h.work(t, 1); r.State != bot.Done {
		t.Errorf("it is %s", r.State)
	}
	has(t, "the end", h.shown(), "Stopped web gently")
}
