package blockkit

import (
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"deckhand/commands"
)

// buttons puts a row of buttons. A button sends its line as its value; a line that is too long for that, and
// whatever is beyond Slack's 25, has no button: its typed form follows anyway.
func (b *builder) buttons(p *page, next []commands.Next) {
	var row []slack.BlockElement
	for i, n := range next {
		button := button(i, n)
		chars := units(button.Text.Text) + units(button.Value)
		if button.Value == "" || units(button.Value) > maxButtonValue || len(row) == maxButtons || !p.fits(2, chars+noteRoom) {
			continue
		}
		if len(row) == 0 {
			p.spend(1, 0)
		}
		p.spend(0, chars)
		row = append(row, button)
	}
	if len(row) > 0 {
		b.add(slack.NewActionBlock("", row...))
	}
}

func button(index int, n commands.Next) *slack.ButtonBlockElement {
	label := label(n)
	button := slack.NewButtonBlockElement("line:"+strconv.Itoa(index), typedLine(n), plainText(short(label, maxButtonText)))
	switch n.Style {
	case string(slack.StylePrimary), string(slack.StyleDanger):
		button.WithStyle(slack.Style(n.Style))
	}
	if question := flat(n.Confirm); question != "" {
		confirm := slack.NewConfirmationBlockObject(
			plainText(short(label, maxConfirmTitle)), plainText(short(question, maxConfirmText)),
			plainText("Yes"), plainText("Cancel"))
		if button.Style == slack.StyleDanger {
			confirm.WithStyle(slack.StyleDanger)
		}
		button.WithConfirm(confirm)
	}
	return button
}

func typedLine(n commands.Next) string {
	return strings.TrimSpace(commands.Unmarked(clean(n.Line)))
}

func label(n commands.Next) string {
	if label := flat(n.Label); label != "" {
		return label
	}
	if line := flat(n.Line); line != "" {
		return line
	}
	return "-"
}

// typed are the lines behind the buttons, to be copied: one a line, after the button's label. A line that inline
// code cannot hold stands in a code block. A question that its dialog shows in part only is whole here.
func typed(next []commands.Next) []chunk {
	var items []item
	var chunks []chunk
	for _, n := range next {
		it := item{atoms: append(inline(label(n), false), ": "), count: 1}
		line := typedLine(n)
		inlined := !strings.ContainsAny(line, "`\n") && units(escape(line)) <= maxAtom
		if inlined {
			it.atoms = append(it.atoms, code(line)...)
		}
		if question := flat(n.Confirm); units(question) > maxConfirmText {
			it.atoms = append(append(it.atoms, " "), inline(question, false)...)
		}
		items = append(items, it)
		if !inlined {
			chunks = append(chunks, small(pack(items, maxContext))...)
			chunks = append(chunks, fenced(line)...)
			items = nil
		}
	}
	return append(chunks, small(pack(items, maxContext))...)
}
