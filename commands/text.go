package commands

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// RenderText writes a report for a terminal: everything in it, in fixed width. Of several files each is named.
func RenderText(r Report) string {
	d := Terminal()
	var out []string
	if r.Title != "" {
		out = append(out, d.Render(r.Title))
	}
	files := 0
	for _, block := range r.Body {
		if _, is := block.(File); is {
			files++
		}
	}
	for _, block := range r.Body {
		if file, is := block.(File); is && files > 1 {
			out = append(out, file.Name+":")
		}
		out = append(out, renderBlock(d, block))
	}
	for _, next := range r.Next {
		out = append(out, next.Label+": "+next.Line)
	}
	if r.Where != "" {
		out = append(out, d.Render(r.Where))
	}
	return strings.Join(out, "\n") + "\n"
}

func renderBlock(d Dialect, block Block) string {
	switch block := block.(type) {
	case Text:
		return d.Render(block.Text)
	case Fields:
		return renderFields(d, block)
	case Table:
		return TextTable(block)
	case Code:
		return block.Text
	case Chart:
		return TextTable(block.Table())
	case File:
		return strings.TrimRight(block.Content, "\n")
	default:
		return fmt.Sprint(block)
	}
}

func renderFields(d Dialect, fields Fields) string {
	width := 0
	for _, f := range fields.Fields {
		width = max(width, utf8.RuneCountInString(d.Render(f.Name)))
	}
	var lines []string
	for _, f := range fields.Fields {
		lines = append(lines, pad(d.Render(f.Name), width)+"  "+d.Render(f.Value))
	}
	return strings.Join(lines, "\n")
}

// TextTable writes a table in fixed width, its note below.
func TextTable(t Table) string {
	d := Terminal()
	rows := append([][]string{t.Columns}, t.Rows...)
	widths := make([]int, len(t.Columns))
	for _, row := range rows {
		for i, cell := range row[:min(len(row), len(widths))] {
			widths[i] = max(widths[i], utf8.RuneCountInString(d.Render(cell)))
		}
	}
	var lines []string
	for _, row := range rows {
		var cells []string
		for i, cell := range row[:min(len(row), len(widths))] {
			cells = append(cells, pad(d.Render(cell), widths[i]))
		}
		lines = append(lines, strings.TrimRight(strings.Join(cells, "  "), " "))
	}
	if t.Note != "" {
		lines = append(lines, d.Render(t.Note))
	}
	return strings.Join(lines, "\n")
}

func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
}

// Table is the chart's numbers as a table: for readers of text, and where no chart can be drawn.
func (c Chart) Table() Table {
	t := Table{Columns: []string{""}}
	for _, s := range c.Series {
		t.Columns = append(t.Columns, strings.TrimSpace(s.Name+" "+c.Unit))
	}
	for i, label := range c.Labels {
		row := []string{label}
		for _, s := range c.Series {
			cell := "-"
			if i < len(s.Points) && s.Points[i] != nil {
				cell = Number(*s.Points[i])
			}
			row = append(row, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
