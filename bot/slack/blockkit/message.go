package blockkit

import (
	"strings"

	"github.com/slack-go/slack"

	"deckhand/commands"
)

// Message is what goes to Slack: blocks, and the text that carries the same content.
type Message struct {
	Text   string
	Blocks []slack.Block
}

// Render uses Slack's native blocks: a table block for the first table, data_visualization for up to two charts.
func Render(r commands.Report) Message {
	return Message{Text: Text(r), Blocks: blocks(r, true)}
}

// RenderPlain uses only blocks that every client knows: section, context and actions. It is for
// workspaces whose Slack answers invalid_blocks to Render's.
func RenderPlain(r commands.Report) Message {
	return Message{Text: Text(r), Blocks: blocks(r, false)}
}

// Text is the report as mrkdwn, without blocks: every field, row and number, up to the 40,000 characters that
// Slack takes; what is beyond is said in words.
func Text(r commands.Report) string { return text(r, maxText) }

// ShortText is Text within 4,000 characters, for the calls that Slack refuses with msg_too_long.
func ShortText(r commands.Report) string { return text(r, maxShortText) }

func blocks(r commands.Report, native bool) []slack.Block {
	b := builder{native: native}
	head := page{blocks: 4, chars: maxBlockText / 5, emit: b.text}
	head.place(title(r), "lines of the title")
	first := b.take()

	tail := page{blocks: 2, chars: maxBlockText / 6, emit: b.text}
	tail.place(where(r), "lines")
	last := b.take()

	hands := page{blocks: 10, chars: maxBlockText / 3, emit: b.text}
	if len(r.Next) > maxButtons {
		hands.chars *= 2 // a list to choose from is what the message is about
	}
	b.buttons(&hands, r.Next)
	hands.place(typed(r.Next), "commands")
	last = append(b.take(), last...)

	b.charts = 2
	body := page{
		blocks: maxBlocks - len(first) - len(last),
		chars:  maxBlockText - head.used - tail.used - hands.used,
		emit:   b.text,
	}
	b.body(&body, r.Body)
	return append(append(first, b.take()...), last...)
}

func text(r commands.Report, limit int) string {
	var parts []string
	emit := func(c chunk) { parts = append(parts, c.text) }
	head := page{blocks: limit, chars: limit / 5, emit: emit}
	head.place(title(r), "lines of the title")
	first := parts

	parts = nil
	tail := page{blocks: limit, chars: limit / 2, emit: emit}
	tail.place(typed(r.Next), "commands")
	tail.place(where(r), "lines")
	last := parts

	parts = nil
	body := page{blocks: limit, chars: limit - head.used - tail.used, emit: emit}
	for i, block := range r.Body {
		chunks, noun := plainChunks(block)
		body.part(chunks, noun, len(r.Body)-i)
	}
	body.close()
	return strings.Join(append(append(first, parts...), last...), "\n")
}

// mark is the one symbol of a message: its colour.
func mark(tone commands.Tone) string {
	switch tone {
	case commands.Working:
		return ":hourglass_flowing_sand: "
	case commands.Waiting:
		return ":raised_hand: "
	case commands.Good:
		return ":large_green_circle: "
	case commands.Warning:
		return ":large_yellow_circle: "
	case commands.Bad:
		return ":red_circle: "
	default:
		return ""
	}
}

func title(r commands.Report) []chunk {
	words := r.Title
	if flat(words) == "" {
		words = "deckhand"
	}
	it := item{atoms: inline(words, true), count: 1}
	if symbol := mark(r.Tone); symbol != "" {
		it.atoms = append([]string{symbol}, it.atoms...)
	}
	return pack([]item{it}, maxContext)
}

func where(r commands.Report) []chunk {
	return small(pack([]item{{atoms: inline(r.Where, false), count: 1}}, maxContext))
}

func small(chunks []chunk) []chunk {
	for i := range chunks {
		chunks[i].small = true
	}
	return chunks
}

// builder collects blocks.
type builder struct {
	native bool
	table  bool // the message has its one native table
	charts int  // native charts that are still allowed
	list   []slack.Block
}

// take answers the blocks so far and starts anew.
func (b *builder) take() []slack.Block {
	list := b.list
	b.list = nil
	return list
}

func (b *builder) add(block slack.Block) { b.list = append(b.list, block) }

func (b *builder) text(c chunk) {
	if c.small {
		b.add(slack.NewContextBlock("", mrkdwn(c.text)))
		return
	}
	b.add(slack.NewSectionBlock(mrkdwn(c.text), nil, nil))
}

// mrkdwn is verbatim: Slack must not make links or mentions out of words that are none.
func mrkdwn(text string) *slack.TextBlockObject {
	return &slack.TextBlockObject{Type: slack.MarkdownType, Text: text, Verbatim: true}
}

func plainText(text string) *slack.TextBlockObject {
	emoji := false
	return &slack.TextBlockObject{Type: slack.PlainTextType, Text: text, Emoji: &emoji}
}
