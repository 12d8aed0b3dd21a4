package blockkit

import (
	"github.com/slack-go/slack"

	"deckhand/commands"
)

// Parts is Render for those who take a message apart: its text and its blocks.
func Parts(r commands.Report) (text string, blocks []slack.Block) {
	m := Render(r)
	return m.Text, m.Blocks
}
