package blockkit_test

import (
	"fmt"
	"testing"

	"deckhand/bot/slack/blockkit"
	"deckhand/commands"
)

// BenchmarkRender is an ordinary list: it is rendered inside Slack's acknowledgement.
func BenchmarkRender(b *testing.B) {
	table := commands.Table{Columns: []string{"Name", "Id", "State", "Type", "Address"}}
	for i := range 20 {
		table.Rows = append(table.Rows, []string{fmt.Sprintf("web-%d", i), commands.Mono("i-0123456789abcdef0"), "running", "t3.micro", "10.0.0.1"})
	}
	r := commands.Report{Tone: commands.Plain, Title: "20 VMs", Body: commands.Blocks{table}, Where: "123456789012 · us-east-1"}
	for b.Loop() {
		blockkit.Render(r)
	}
}
