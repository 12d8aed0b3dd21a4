package blockkit

import (
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"deckhand/commands"
)

// body puts the report's parts, each as the best block that there is for it.
func (b *builder) body(p *page, parts commands.Blocks) {
	for i, part := range parts {
		remaining := len(parts) - i
		if p.missed == 0 && p.begin(remaining) {
			done := b.richly(p, part)
			p.end(remaining)
			if done {
				continue
			}
		}
		chunks, noun := plainChunks(part)
		p.part(chunks, noun, remaining)
	}
	p.close()
}

// richly puts a part as more than text; it answers false, and puts nothing, where text has to do.
func (b *builder) richly(p *page, part commands.Block) bool {
	switch part := part.(type) {
	case commands.Fields:
		return b.fields(p, part)
	case commands.Table:
		return b.native && !b.table && b.nativeTable(p, part)
	case commands.Chart:
		return b.native && b.charts > 0 && b.nativeChart(p, part)
	default:
		return false
	}
}

// plainChunks is a part as text, and what its items are called.
func plainChunks(part commands.Block) ([]chunk, string) {
	switch part := part.(type) {
	case commands.Text:
		return pack(lines(strings.Trim(part.Text, "\n"), false), maxSection), "lines"
	case commands.Fields:
		return pack(fieldLines(part), maxSection), "fields"
	case commands.Table:
		return tableChunks(part), "rows"
	case commands.Code:
		return fenced(clean(part.Text)), "lines"
	case commands.Chart:
		return chartChunks(part), "rows"
	case commands.File:
		return small(pack([]item{{atoms: fileWords(part), count: 1}}, maxContext)), "files"
	default:
		return nil, ""
	}
}

// none stands for an empty value; Slack refuses empty texts.
const none = "-"

func fieldLines(f commands.Fields) []item {
	var items []item
	for _, field := range f.Fields {
		if flat(field.Name) == "" && flat(field.Value) == "" {
			continue
		}
		var it item
		if flat(field.Name) != "" {
			it.atoms = append(inline(field.Name, true), ": ")
		}
		values := lines(field.Value, false)
		if flat(field.Value) == "" {
			values = []item{{atoms: []string{none}}}
		}
		values[0].atoms = append(it.atoms, values[0].atoms...)
		for i := range values {
			values[i].count = 0
		}
		values[len(values)-1].count = 1
		items = append(items, values...)
	}
	return items
}

// fields puts names and values side by side, ten to a section. A field too long for that makes all of them text.
func (b *builder) fields(p *page, f commands.Fields) bool {
	var cells []*slack.TextBlockObject
	chars := 0
	for _, field := range f.Fields {
		name, value := inline(field.Name, true), atoms(field.Value, false)
		if flat(field.Name) == "" && flat(field.Value) == "" {
			continue
		}
		text := strings.Join(name, "") + "\n" + strings.Join(value, "")
		if flat(field.Value) == "" {
			text = strings.Join(name, "") + "\n" + none
		}
		text = strings.TrimSpace(text)
		if units(text) > maxField {
			return false
		}
		chars += units(text) + 1
		cells = append(cells, mrkdwn(text))
	}
	sections := (len(cells) + maxFields - 1) / maxFields
	if len(cells) == 0 || !p.fits(sections, chars) {
		return false
	}
	p.spend(sections, chars)
	for len(cells) > 0 {
		n := min(maxFields, len(cells))
		b.add(slack.NewSectionBlock(nil, cells[:n:n], nil))
		cells = cells[n:]
	}
	return true
}

// fenced is text as code blocks. A code block ends at three backticks, so those in the text are kept apart by a
// zero-width space.
func fenced(text string) []chunk {
	const fences = len("```\n\n```")
	text = strings.Trim(strings.ReplaceAll(text, "```", "`\u200b`\u200b`"), "\n")
	var items []item
	for _, line := range strings.Split(text, "\n") {
		it := item{count: 1}
		for _, part := range cut(line, maxAtom, escapedUnits) {
			it.atoms = append(it.atoms, escape(part))
		}
		items = append(items, it)
	}
	chunks := pack(items, maxSection-fences)
	for i := range chunks {
		chunks[i].text = "```\n" + strings.Trim(chunks[i].text, "\n") + "\n```"
	}
	return chunks
}

func fileWords(f commands.File) []string {
	name := f.Name
	if flat(name) == "" {
		name = "unnamed"
	}
	words := append([]string{"File "}, code(flat(name))...)
	size := ", " + strconv.Itoa(len(f.Content)) + " bytes"
	if len(f.Content) >= 10_000 {
		size = ", " + strconv.Itoa(len(f.Content)/1000) + " kB"
	}
	return append(words, size)
}
