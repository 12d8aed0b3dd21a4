package slacktest

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// Limits of tables and charts.
// https://docs.slack.dev/reference/block-kit/blocks/table-block
// https://docs.slack.dev/reference/block-kit/blocks/data-table-block
// https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block
const (
	maxTableRows     = 100
	maxTableColumns  = 20
	maxTableText     = 10_000 // all tables of a message together
	maxDataRows      = 201    // the header among them
	maxDataText      = 20_000
	maxPageSize      = 100
	maxCaption       = 2000
	maxCharts        = 2
	maxChartTitle    = 50
	maxAxisTitle     = 50
	maxChartLabel    = 20
	maxChartSeries   = 6 // older copies of the documentation; newer ones say 12
	maxChartPoints   = 20
	columnAlignments = "left, center, right"
)

func (b *blockCheck) tableBlock(at string, block object) {
	// raw_number is documented and was refused all the same, so it is refused here.
	b.table += b.cells(at, block, maxTableRows, []string{"raw_text", "rich_text"})
	if block["column_settings"] == nil {
		return
	}
	for i, setting := range b.items(at, block, "column_settings", 0, maxTableColumns) {
		node, _ := setting.(object)
		align, given := node["align"]
		if given && !slices.Contains([]any{"left", "center", "right"}, align) {
			b.fail(fmt.Sprintf("%s/column_settings/%d/align", at, i), "must be one of: %s", columnAlignments)
		}
	}
}

func (b *blockCheck) dataTable(at string, block object) {
	b.length(at, block, "caption", 1, maxCaption)
	kinds := []string{"raw_text", "raw_number", "rich_text", "action_cell"}
	if n := b.cells(at, block, maxDataRows, kinds); n > maxDataText {
		b.fail(at+"/rows", "text must be less than %d characters in all", maxDataText+1)
	}
	if size, given := block["page_size"].(float64); given && (size < 1 || size > maxPageSize) {
		b.fail(at+"/page_size", "must be between 1 and %d", maxPageSize)
	}
	rows, _ := block["rows"].([]any)
	if len(rows) == 0 {
		return
	}
	header, _ := rows[0].([]any)
	for i, cell := range header {
		if node, _ := cell.(object); node["type"] != "raw_text" {
			b.fail(fmt.Sprintf("%s/rows/0/%d/type", at, i), "header cells must be raw_text")
		}
	}
}

// cells checks the rows of a table and answers how many characters they hold.
func (b *blockCheck) cells(at string, block object, most int, kinds []string) int {
	characters, columns := 0, -1
	for r, row := range b.items(at, block, "rows", 1, most) {
		cells, _ := row.([]any)
		rowAt := fmt.Sprintf("%s/rows/%d", at, r)
		if len(cells) < 1 || len(cells) > maxTableColumns {
			b.fail(rowAt, "must have between 1 and %d cells", maxTableColumns)
		}
		if columns >= 0 && len(cells) != columns {
			b.fail(rowAt, "all rows must have the same number of cells")
		}
		columns = len(cells)
		for c, cell := range cells {
			node, _ := cell.(object)
			cellAt := fmt.Sprintf("%s/%d", rowAt, c)
			if kind := text(node["type"]); !slices.Contains(kinds, kind) {
				b.fail(cellAt+"/type", "unsupported type: %s", kind)
			} else if kind == "raw_text" {
				b.length(cellAt, node, "text", 1, maxTableText)
			} else if kind == "rich_text" {
				b.richText(cellAt, node)
			}
			walk(node, "", func(node map[string]any, _ string) {
				characters += utf8.RuneCountInString(text(node["text"]))
			})
		}
	}
	return characters
}

func (b *blockCheck) dataVisualization(at string, block object) {
	b.chart++
	b.length(at, block, "title", 1, maxChartTitle)
	chart, _ := block["chart"].(object)
	at += "/chart"
	switch kind := text(chart["type"]); kind {
	case "pie":
		for i, segment := range b.items(at, chart, "segments", 1, maxChartSeries) {
			node, _ := segment.(object)
			segmentAt := fmt.Sprintf("%s/segments/%d", at, i)
			b.length(segmentAt, node, "label", 1, maxChartLabel)
			if value, _ := node["value"].(float64); value <= 0 {
				b.fail(segmentAt+"/value", "must be more than 0")
			}
		}
	case "line", "bar", "area":
		b.series(at, chart)
	default:
		b.fail(at+"/type", "unsupported type: %s", kind)
	}
}

func (b *blockCheck) series(at string, chart object) {
	axis, _ := chart["axis_config"].(object)
	b.length(at+"/axis_config", axis, "x_label", 0, maxAxisTitle)
	b.length(at+"/axis_config", axis, "y_label", 0, maxAxisTitle)
	var categories []string
	for _, category := range b.items(at+"/axis_config", axis, "categories", 1, maxChartPoints) {
		label := b.length(at+"/axis_config/categories", object{"label": category}, "label", 1, maxChartLabel)
		if slices.Contains(categories, label) {
			b.fail(at+"/axis_config/categories", "categories must be unique")
		}
		categories = append(categories, label)
	}
	names := map[string]bool{}
	for i, series := range b.items(at, chart, "series", 1, maxChartSeries) {
		node, _ := series.(object)
		seriesAt := fmt.Sprintf("%s/series/%d", at, i)
		name := b.length(seriesAt, node, "name", 1, maxChartLabel)
		if names[name] {
			b.fail(seriesAt+"/name", "series names must be unique")
		}
		names[name] = true
		data := b.items(seriesAt, node, "data", 1, maxChartPoints)
		if len(data) != len(categories) {
			b.fail(seriesAt+"/data", "must have one point for every category")
		}
		for j, point := range data {
			node, _ := point.(object)
			if _, ok := node["value"].(float64); !ok || !slices.Contains(categories, text(node["label"])) {
				b.fail(fmt.Sprintf("%s/data/%d", seriesAt, j), "must have a value and the label of a category")
			}
		}
	}
}
