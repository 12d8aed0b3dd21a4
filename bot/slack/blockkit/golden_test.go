package blockkit_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"deckhand/bot/slack/blockkit"
	"deckhand/commands"
)

var update = flag.Bool("update", false, "rewrite the golden files") //nolint:gochecknoglobals // a flag

// TestGolden shows each report beside its text, its blocks, and its plain blocks where they differ.
func TestGolden(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			golden(t, file)
		})
	}
}

// golden reads a txtar archive: a comment, then files, each after a line "-- name --".
func golden(t *testing.T, file string) {
	t.Helper()
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	comment, rest, found := strings.Cut(string(want), "-- report.json --\n")
	input, _, _ := strings.Cut(rest, "-- text --\n")
	if !found {
		t.Fatal("the archive has no report.json")
	}
	var report commands.Report
	if err := json.Unmarshal([]byte(input), &report); err != nil {
		t.Fatal(err)
	}
	native, simple := blockkit.Render(report), blockkit.RenderPlain(report)
	mustHold(t, native)
	mustHold(t, simple)
	blocks, plain := indented(t, native.Blocks), indented(t, simple.Blocks)
	got := comment + "-- report.json --\n" + input + "-- text --\n" + native.Text + "\n-- blocks.json --\n" + blocks
	if plain != blocks {
		got += "-- plain.json --\n" + plain
	}
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != string(want) {
		t.Errorf("%s differs; look at it and run: go test ./bot/slack/blockkit -update\n%s", file, got)
	}
}

func indented(t *testing.T, blocks []slack.Block) string {
	t.Helper()
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(blocks); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
