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
	next = b.ticks(p, b.choices(p, next))
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
	button := slack.NewButtonBlockElement(actionID(index, n), typedLine(n), plainText(short(label, maxButtonText)))
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

// actionID is what Slack sends of a press besides its value: for whom alone it is goes with it, where nobody else can put it.
func actionID(index int, n commands.Next) string {
	id := "line:" + strconv.Itoa(index)
	if n.Takes {
		id += commands.WithTicks
	}
	if n.For != "" {
		id += commands.OnlyFor + n.For
	}
	return id
}

// ticks puts the boxes that may be ticked before a button that takes them is pressed, and answers what is left. What is ticked comes with the
// press, in the state of the message; ticking alone says nothing.
// Source: https://docs.slack.dev/reference/block-kit/block-elements/checkboxes-element
func (b *builder) ticks(p *page, next []commands.Next) []commands.Next {
	const most = 10 // options of a group of boxes
	var boxes []*slack.OptionBlockObject
	var rest []commands.Next
	chars := 0
	for _, n := range next {
		text := short(label(n), maxButtonText)
		size := units(n.Adds) + units(text)
		switch {
		case n.Adds == "":
			rest = append(rest, n)
		case len(boxes) < most && units(n.Adds) <= maxOptionValue && p.fits(1, chars+size+noteRoom):
			boxes, chars = append(boxes, slack.NewOptionBlockObject(n.Adds, plainText(text), nil)), chars+size
		}
	}
	if len(boxes) > 0 {
		p.spend(1, chars)
		b.add(slack.NewActionBlock("", slack.NewCheckboxGroupsBlockElement("ticks", boxes...)))
	}
	return rest
}

// mostPicked is up to how many choices are buttons.
const mostPicked = 5

// choices puts a list where there are more choices than a person likes to see as buttons, and answers what is left: a line that an option
// cannot hold stays a button.
func (b *builder) choices(p *page, next []commands.Next) []commands.Next {
	var options []*slack.OptionBlockObject
	var rest []commands.Next
	var first commands.Next
	chars := 0
	for _, n := range next {
		line, text := typedLine(n), short(label(n), maxButtonText)
		size := units(line) + units(text)
		switch {
		case n.For == "", line == "", units(line) > maxOptionValue:
			rest = append(rest, n)
		case len(options) == maxOptions || !p.fits(2, chars+size+noteRoom): //nolint:mnd // the list, and words about what is not in it
		default:
			first, chars = n, chars+size
			options = append(options, slack.NewOptionBlockObject(line, plainText(text), nil))
		}
	}
	if len(options) <= mostPicked {
		return next
	}
	p.spend(1, chars)
	b.add(slack.NewActionBlock("", slack.NewOptionsSelectBlockElement(
		slack.OptTypeStatic, plainText("Which one?"), actionID(len(next), first), options...)))
	return rest
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
