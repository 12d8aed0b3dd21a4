package blockkit

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"deckhand/commands"
)

// wideCode is the width beyond which a code block would have to be scrolled even on a desk.
const wideCode = 120

// columns is how many columns a table really has: rows may be longer than the heading.
func columns(t commands.Table) int {
	n := len(t.Columns)
	for _, row := range t.Rows {
		n = max(n, len(row))
	}
	return n
}

func at(row []string, i int) string {
	if i < len(row) {
		return row[i]
	}
	return ""
}

// tableChunks is a table as text: aligned columns in a code block, where it is narrow and its cells are plain; a
// few long rows as "name: value" lines; cells in a row otherwise.
func tableChunks(t commands.Table) []chunk {
	n := columns(t)
	widths := make([]int, n)
	total, live := 0, false
	for i := range n {
		widths[i] = utf8.RuneCountInString(flat(at(t.Columns, i)))
		for _, row := range t.Rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(flat(at(row, i))))
			live = live || isLive(at(row, i))
		}
		total += widths[i] + 2
	}
	// The note goes first, so that it is there even where the rows have to be cut.
	chunks := note(t)
	switch {
	case n == 0:
		return chunks
	case len(t.Rows) <= 3 && n > 3 && len(t.Rows) > 0:
		return append(chunks, pack(records(t, n), maxSection)...)
	case live || total > wideCode:
		return append(chunks, pack(rowLines(t, n), maxSection)...)
	default:
		return append(chunks, aligned(t, widths)...)
	}
}

func note(t commands.Table) []chunk {
	return small(pack([]item{{atoms: inline(t.Note, false)}}, maxContext))
}

// isLive tells whether a cell has a mark that code cannot show: a person, a time, a link.
func isLive(cell string) bool {
	if simple(cell) {
		return false
	}
	for _, s := range spans(cell) {
		if s.kind != plain && s.kind != mono && s.kind != strong {
			return true
		}
	}
	return false
}

func records(t commands.Table, n int) []item {
	var items []item
	for i, row := range t.Rows {
		if i > 0 {
			items = append(items, item{})
		}
		for j := range n {
			var it item
			if flat(at(t.Columns, j)) != "" {
				it.atoms = append(inline(at(t.Columns, j), false), ": ")
			}
			it.atoms = append(it.atoms, cell(at(row, j))...)
			if j == n-1 {
				it.count = 1
			}
			items = append(items, it)
		}
	}
	return items
}

func cell(text string) []string {
	if flat(text) == "" {
		return []string{none}
	}
	return inline(text, false)
}

func rowLines(t commands.Table, n int) []item {
	var items []item
	line := func(row []string, bold bool, count int) {
		it := item{count: count}
		for j := range n {
			if j > 0 {
				it.atoms = append(it.atoms, " | ")
			}
			if bold && flat(at(row, j)) != "" {
				it.atoms = append(it.atoms, inline(at(row, j), true)...)
				continue
			}
			it.atoms = append(it.atoms, cell(at(row, j))...)
		}
		items = append(items, it)
	}
	if len(t.Columns) > 0 {
		line(t.Columns, true, 0)
	}
	for _, row := range t.Rows {
		line(row, false, 1)
	}
	return items
}

func aligned(t commands.Table, widths []int) []chunk {
	right := make([]bool, len(widths))
	for j := range widths {
		right[j] = numeric(t, j)
	}
	var out []string
	line := func(row []string) {
		var b strings.Builder
		for j, width := range widths {
			text := flat(at(row, j))
			pad := strings.Repeat(" ", width-utf8.RuneCountInString(text))
			if right[j] {
				b.WriteString(pad + text + "  ")
			} else {
				b.WriteString(text + pad + "  ")
			}
		}
		out = append(out, strings.TrimRight(b.String(), " "))
	}
	if len(t.Columns) > 0 {
		line(t.Columns)
	}
	for _, row := range t.Rows {
		line(row)
	}
	chunks := fenced(strings.Join(out, "\n"))
	if len(t.Columns) > 0 && len(chunks) > 0 {
		chunks[0].count-- // the heading is no row
	}
	return chunks
}

// numeric tells whether a column holds numbers alone, and at least one.
func numeric(t commands.Table, column int) bool {
	found := false
	for _, row := range t.Rows {
		text := strings.Trim(flat(at(row, column)), "%$ ")
		if text == "" || text == none {
			continue
		}
		if _, err := strconv.ParseFloat(strings.ReplaceAll(text, ",", ""), 64); err != nil {
			return false
		}
		found = true
	}
	return found
}

// nativeTable puts a table block with as many rows as Slack takes; it answers false where not even one row fits.
func (b *builder) nativeTable(p *page, t commands.Table) bool {
	n := columns(t)
	if n == 0 || n > maxTableColumns || len(t.Rows) == 0 {
		return false
	}
	notes := note(t)
	room := min(maxTableChars, p.chars-2*noteRoom)
	for _, c := range notes {
		room -= units(c.text) + 1
	}
	if p.blocks < len(notes)+2 {
		return false
	}
	table := slack.NewTableBlock("")
	used := 0
	if len(t.Columns) > 0 {
		used += addRow(table, t.Columns, n)
	}
	shown := 0
	for _, row := range t.Rows {
		size := 0
		for j := range n {
			size += max(1, units(flat(at(row, j))))
		}
		if used+size > room || len(table.Rows) == maxTableRows {
			break
		}
		used += addRow(table, row, n)
		shown++
	}
	if shown == 0 || used > room {
		return false
	}
	for j := range n {
		table.ColumnSettings = append(table.ColumnSettings, settings(t, j))
	}
	b.table = true
	p.spend(1, used)
	b.add(table)
	for _, c := range notes {
		p.put(c)
	}
	if shown < len(t.Rows) {
		p.note(len(t.Rows)-shown, "rows")
	}
	return true
}

// settings always names the alignment: an empty one makes Slack refuse the block.
func settings(t commands.Table, column int) slack.ColumnSetting {
	setting := slack.ColumnSetting{Align: slack.ColumnAlignmentLeft}
	if numeric(t, column) {
		setting.Align = slack.ColumnAlignmentRight
	}
	for _, row := range t.Rows {
		setting.IsWrapped = setting.IsWrapped || units(flat(at(row, column))) > 40
	}
	return setting
}

// addRow answers how many characters the row has.
func addRow(table *slack.TableBlock, row []string, n int) int {
	cells := make([]slack.TableCell, n)
	used := 0
	for j := range n {
		text := flat(at(row, j))
		if text == "" {
			text = none
		}
		used += units(text)
		cells[j] = slack.NewTableRawTextCell(text)
		if isLive(at(row, j)) && text != none {
			cells[j] = slack.NewTableRichTextCell(slack.NewRichTextSection(elements(at(row, j))...))
		}
	}
	table.AddRow(cells...)
	return used
}

// elements is a cell whose marks Slack shows by itself: people by name, times in the reader's zone.
func elements(text string) []slack.RichTextSectionElement {
	var out []slack.RichTextSectionElement
	words := func(text string, style *slack.RichTextSectionTextStyle) {
		if text != "" {
			out = append(out, slack.NewRichTextSectionTextElement(text, style))
		}
	}
	for _, s := range spans(strings.ReplaceAll(text, "\n", " ")) {
		switch {
		case s.kind == moment && s.at.Unix() > 0:
			fallback := s.at.Format("2006-01-02 15:04 UTC")
			out = append(out, slack.NewRichTextSectionDateElement(s.at.Unix(), "{date_short_pretty} {time}", nil, &fallback))
		case s.kind == moment:
			words(s.at.Format("2006-01-02 15:04 UTC"), nil)
		case s.kind == mono:
			words(s.text, &slack.RichTextSectionTextStyle{Code: true})
		case s.kind == strong:
			words(s.text, &slack.RichTextSectionTextStyle{Bold: true})
		case s.kind == person && isID(s.text, userIDs):
			out = append(out, slack.NewRichTextSectionUserElement(s.text, nil))
		case s.kind == group && isID(s.text, groupIDs):
			out = append(out, slack.NewRichTextSectionUserGroupElement(s.text))
		case s.kind == channel && isID(s.text, channelIDs):
			out = append(out, slack.NewRichTextSectionChannelElement(s.text, nil))
		case s.kind == link && isWeb(s.url):
			out = append(out, slack.NewRichTextSectionLinkElement(s.url, s.text, nil))
		default:
			words(s.text, nil)
		}
	}
	return out
}
