package app

import (
	"strings"
	"testing"
	"time"

	"deckhand/commands"
	"deckhand/commands/commandstest"
)

func TestGoingOnWithGoingBack(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status, line string
		ends         []string
		skipped      string // what CloudFormation is asked to leave; "-": it is not asked
		has          []string
	}{
		"a plan":                  {couldNotGoBack, "app continue-update-rollback shop --plan", nil, "-", []string{"Would go on with bringing shop back", "try again to bring back Machine"}},
		"it goes back":            {couldNotGoBack, "aws cloudformation continue-update-rollback --stack-name shop", []string{"UPDATE_ROLLBACK_COMPLETE"}, "", []string{"shop went back to what it was", "app status shop"}},
		"with a part left":        {couldNotGoBack, "app continue shop --resources-to-skip Machine", []string{"UPDATE_ROLLBACK_COMPLETE"}, "Machine", []string{"shop went back", "Machine is left as it is", "app deploy shop"}},
		"it fails again":          {couldNotGoBack, "app continue shop", []string{couldNotGoBack}, "", []string{"[failed] The stack is UPDATE_ROLLBACK_FAILED.", "the machines", "--resources-to-skip Machine"}},
		"nothing is stuck":        {"UPDATE_COMPLETE", "app continue shop", nil, "-", []string{"[conflict] shop is up.", "nothing was done"}},
		"another part is to stay": {couldNotGoBack, "app continue shop --resources-to-skip TargetGroup", nil, "-", []string{"[conflict] TargetGroup is no part that failed", "Those are Machine."}},
	} {
		s := newShop()
		s.stack.Status, s.ends = c.status, c.ends
		got, _ := send(t, s, nil, c.line, commandstest.Journal{})
		commandstest.Want(t, got, c.has...)
		asked := "-"
		for _, change := range s.changes {
			asked = strings.Join(change.Keep, " ")
		}
		if asked != c.skipped {
			t.Errorf("%s: asked to skip %q", name, asked)
		}
	}
}

func TestAfterALostAnswerTheStackTellsWhetherItGoesOn(t *testing.T) {
	t.Parallel()
	lost := &commands.Error{Kind: commands.Uncertain, Message: "No answer came."}
	for name, c := range map[string]struct {
		begun bool
		want  string
	}{
		"it began":       {true, "shop went back to what it was"},
		"it never began": {false, "[failed] AWS shows that shop stands as before"},
	} {
		s, journal := newShop(), commandstest.Journal{}
		s.stack.Status, s.lost = couldNotGoBack, lost
		if !c.begun {
			s.refuse = lost
		}
		if got, _ := send(t, s, nil, "app continue shop", journal); !strings.Contains(got, "[uncertain]") {
			t.Errorf("%s: %s", name, got)
		}
		s.ends = []string{"UPDATE_ROLLBACK_COMPLETE"}
		run := &commands.Run{ID: "R-7", Token: "tok", Now: time.Now(), Journal: journal, Say: func(string) {}}
		report, err := commandstest.Check(t.Context(), t, Commands(Room{Cloud: s, Book: theChecks()}), run, "app continue shop")
		commandstest.Want(t, commandstest.Told(report, err), c.want)
		if n := len(s.changes); n != map[bool]int{true: 1}[c.begun] {
			t.Errorf("%s: asked %d times", name, n)
		}
	}
}
