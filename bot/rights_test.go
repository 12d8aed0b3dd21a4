package bot_test

import (
	"strings"
	"testing"

	"deckhand/commands"
)

func TestQuestionsAboutRights(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, user := range []string{"U1", "U9"} {
		for _, verb := range []string{"whoami", "can", "who-can"} {
			h.rules[user+" "+verb] = h.rules["U1 vm look"]
		}
	}
	h.world.tags = map[string]string{"env": "prod"}
	for _, c := range []struct {
		user, line string
		says       []string
	}{
		{"U1", "whoami", []string{"U1", "C1", "may run", "vm halt", "vm look, vm stop"}},
		{"U9", "whoami", []string{"U9", "nobody in particular", "can, who-can, whoami"}},
		{"U1", `can U2 "vm stop" web`, []string{"U2 may run vm stop with approval", "rule 2: U1, U2 or U3 approves", "web with env=prod"}},
		{"U1", "can U2 vm stop web", []string{"U2 may run vm stop with approval"}},
		{"U1", "can vm look", []string{"U1 may run vm look"}},
		{"U1", `can "vm look"`, []string{"U1 may run vm look"}},
		{"U1", "can U2", []string{"It needs LINE", "Example"}},
		{"U1", "can me vm look", []string{"U1 may run vm look"}},
		{"U1", `can U5 "vm stop"`, []string{"2 of U1, U2 or U3 approve", "without a resource"}},
		{"U1", `can U4 "vm stop"`, []string{"it depends on what it touches", "--env prod"}},
		{"U1", `can U4 "vm stop" web`, []string{"U4 may not run vm stop", "prod"}},
		{"U1", `can U4 "vm stop" web --env dev`, []string{"U4 may run vm stop", "not prod", "with env=dev"}},
		{"U1", `can U4 "vm stop" --tag team=web --region eu-west-1 --in C2`, []string{"U4 may run vm stop", "in C2", "region eu-west-1", "with team=web"}},
		{"U1", "can U9 vm stop web", []string{"U9 may not run vm stop", "no rule"}},
		{"U1", "can U9 approve R-1", []string{"Each request decides"}},
		{"U1", "can U2 vm stpo web", []string{"did you mean"}},
		{"U1", "can U2 vm stop nobody", []string{"No instance is called nobody"}},
		{"U1", `who-can "vm stop"`, []string{"Who may run vm stop", "U1", "run it", "U2", "run it with approval of U1, U2 or U3", "U4", "depends"}},
		{"U1", "who-can vm stop --env prod", []string{"U5", "of 2 of U1", "with env=prod"}},
		{"U1", "who-can vm frobnicate", []string{"There is no command"}},
	} {
		answer := h.say(c.user, c.line)
		text := commands.RenderText(answer.Report)
		if answer.Later {
			h.Wait(t.Context())
			text = strings.Join(h.chat.whispers, "")
			h.chat.whispers = nil
		}
		has(t, c.line, text, c.says...)
	}
	if h.world.calls != 0 {
		t.Errorf("questions made %d calls", h.world.calls)
	}
}
