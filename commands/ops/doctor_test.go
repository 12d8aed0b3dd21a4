package ops

import (
	"strings"
	"testing"

	"deckhand/commands"
)

func TestFindingsAreToldWithWhatToDoFirst(t *testing.T) {
	t.Parallel()
	ok := Finding{Part: "Store", Tone: commands.Good, Says: "answers in 1ms"}
	odd := Finding{Part: "Clock", Tone: commands.Warning, Says: "7s apart", Next: "Set the clock."}
	ill := Finding{Part: "Slack", Tone: commands.Bad, Says: "refused", Next: "Look at the token."}
	for _, test := range []struct {
		name  string
		found []Finding
		title string
		tone  commands.Tone
		next  string
	}{
		{"all well", []Finding{ok}, "Healthy: 1 part examined", commands.Good, ""},
		{"something to know", []Finding{ok, odd}, "Healthy, with 1 thing to know", commands.Warning, "Clock: Set the clock."},
		{"something broken", []Finding{ok, odd, ill}, "Not healthy: 1 of 3 parts", commands.Bad, "Clock: Set the clock.\nSlack: Look at the token."},
	} {
		report := Tell(test.found)
		if report.Title != test.title || report.Tone != test.tone {
			t.Errorf("%s: %q (%s), want %q (%s)", test.name, report.Title, report.Tone, test.title, test.tone)
		}
		text := commands.RenderText(report)
		if !strings.Contains(text, test.next) {
			t.Errorf("%s: %q is not in:\n%s", test.name, test.next, text)
		}
		for _, f := range test.found {
			if !strings.Contains(text, f.Says) {
				t.Errorf("%s: %q is not in:\n%s", test.name, f.Says, text)
			}
		}
	}
}
