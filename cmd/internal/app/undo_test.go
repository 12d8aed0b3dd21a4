package app

import (
	"strings"
	"testing"

	"deckhand/bot"
	"deckhand/commands"
)

// TestEveryChangeSaysWhatUndoesIt asks every command that changes something what takes it back: in its help, and in its plan, before it runs.
// The commands that the words name exist.
func TestEveryChangeSaysWhatUndoesIt(t *testing.T) {
	t.Parallel()
	h, _ := houseOnSandbox(t)
	for _, line := range stands {
		if outcome, err := h.Exec(t.Context(), "terminal:ann", line, nil, nil); err != nil || outcome.State != bot.Done {
			t.Fatalf("%s: %s %v", line, commands.RenderText(outcome.Report), err)
		}
	}
	planned := 0
	for _, command := range h.engine.Catalog.All() {
		if command.Risk == commands.Read {
			continue
		}
		words := commands.Terminal().Render(command.Undo)
		if !strings.HasSuffix(words, ".") {
			t.Errorf("%s does not say what undoes it: %q", command.Name, words)
			continue
		}
		for _, line := range quoted(words) {
			if _, rest, _ := strings.Cut(line, " "); h.engine.Catalog.Find(line) == nil && !strings.Contains(rest, "--") {
				t.Errorf("%s names a command that there is not: %q", command.Name, line)
			}
		}
		if help, err := h.Exec(t.Context(), "terminal:ann", "help "+command.Name, nil, nil); err != nil || !strings.Contains(commands.RenderText(help.Report), words) {
			t.Errorf("help of %s does not say %q", command.Name, words)
		}
		if command.Engine {
			continue
		}
		plan, err := h.Exec(t.Context(), "terminal:ann", planOf(command.Example), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if plan.State == bot.Done {
			planned++
			text := commands.RenderText(plan.Report)
			if strings.HasPrefix(text, "Would change nothing") {
				continue // and nothing takes it back
			}
			if once := strings.Contains(strings.ReplaceAll(text, words, ""), " cannot be undone"); once == strings.Contains(text, words) {
				t.Errorf("the plan of %s does not say once, in its own words or in these, %q:\n%s", command.Example, words, text)
			}
		}
	}
	if planned < 30 {
		t.Errorf("only %d plans were made", planned)
	}
}

// quoted are the parts of a text between backquotes.
func quoted(text string) []string {
	var out []string
	for i, part := range strings.Split(text, "`") {
		if i%2 == 1 {
			out = append(out, part)
		}
	}
	return out
}

// planOf asks for the plan of a line; what stands behind two dashes is no flag of it.
func planOf(line string) string {
	before, inside, raw := strings.Cut(line, " -- ")
	if raw {
		return before + " --plan -- " + inside
	}
	return line + " --plan"
}
