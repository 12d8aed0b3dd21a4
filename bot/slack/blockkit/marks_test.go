package blockkit

import (
	"strings"
	"testing"

	"deckhand/commands"
)

func TestANameIsWhatItLooksLike(t *testing.T) {
	t.Parallel()
	report := commands.Report{
		Title: "Would terminate " + commands.Mono("web-\u202e1-dorp"),
		Body: commands.Blocks{
			commands.Text{Text: "\u2067x\u2069 and \u202dy"},
			commands.Table{Columns: []string{"Name"}, Rows: [][]string{{"a\u202eb"}}},
			commands.Code{Text: "c\u2066d"},
		},
	}
	shown := Render(report).Text + Text(report)
	if strings.ContainsAny(shown, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069") {
		t.Errorf("letters are turned around: %q", shown)
	}
	if !strings.Contains(shown, "web-\ufffd1-dorp") || !strings.Contains(shown, "a\ufffdb") {
		t.Errorf("shown as %q", shown)
	}
	if kept := flat("ש\u200fלום"); kept != "ש\u200fלום" {
		t.Errorf("a mark that only hints is gone: %q", kept)
	}
}
