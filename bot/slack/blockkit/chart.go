package blockkit

import (
	"math"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"deckhand/commands"
)

// Slack's limits for charts (https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block).
const (
	maxPoints     = 20
	maxSeries     = 6 // its newest documentation says 12, older clients and libraries 6
	maxChartTitle = 50
	maxChartLabel = 20
)

// point is a series' value at a label, if there is one.
func point(s commands.Series, i int) (float64, bool) {
	if i >= len(s.Points) || s.Points[i] == nil || math.IsNaN(*s.Points[i]) || math.IsInf(*s.Points[i], 0) {
		return 0, false
	}
	return *s.Points[i], true
}

func caption(c commands.Chart) string {
	switch {
	case c.Unit == "":
		return c.Title
	case c.Title == "":
		return c.Unit
	default:
		return c.Title + " (" + c.Unit + ")"
	}
}

// chartChunks is a chart as a table of its numbers.
func chartChunks(c commands.Chart) []chunk {
	t := commands.Table{Columns: []string{""}}
	n := len(c.Labels)
	for _, s := range c.Series {
		t.Columns = append(t.Columns, s.Name)
		n = max(n, len(s.Points))
	}
	for i := range n {
		row := []string{at(c.Labels, i)}
		for _, s := range c.Series {
			value := none
			if v, ok := point(s, i); ok {
				value = commands.Number(v)
			}
			row = append(row, value)
		}
		t.Rows = append(t.Rows, row)
	}
	heading := pack([]item{{atoms: inline(caption(c), true)}}, maxContext)
	return append(heading, tableChunks(t)...)
}

// nativeChart puts a chart block, and under it the lowest, highest and last value of every series. It answers
// false where Slack could not draw the whole chart: the numbers are shown then.
func (b *builder) nativeChart(p *page, c commands.Chart) bool {
	if len(c.Series) == 0 || len(c.Series) > maxSeries || len(c.Labels) > maxPoints {
		return false
	}
	labels, gaps := complete(c)
	names := distinct(labels)
	axis := slack.NewDataVisualizationAxisConfig(names...).WithYLabel(short(flat(c.Unit), maxChartTitle))
	titles := make([]string, len(c.Series))
	for i, s := range c.Series {
		titles[i] = s.Name
	}
	titles = distinct(titles)
	var series []slack.DataVisualizationDataSeries
	for i, s := range c.Series {
		if len(s.Points) > len(c.Labels) {
			return false
		}
		data := slack.NewDataVisualizationDataSeries(titles[i])
		for j, label := range names {
			v, _ := point(s, gaps.kept[j])
			data.Data = append(data.Data, slack.NewDataVisualizationDataPoint(label, v))
		}
		series = append(series, data)
	}
	heading := flat(c.Title) // the unit stands at the axis
	if heading == "" {
		heading = flat(caption(c))
	}
	if heading == "" {
		heading = "Chart"
	}
	block := slack.NewDataVisualizationBlock(short(heading, maxChartTitle), slack.NewDataVisualizationLineChart(axis, series...))
	words := summary(c, gaps.left)
	chars := chartUnits(block.Title, names, titles)
	for _, w := range words {
		chars += units(w.text) + 1
	}
	if block.Validate() != nil || !p.fits(1+len(words), chars) {
		return false
	}
	b.charts--
	p.spend(1, chartUnits(block.Title, names, titles))
	b.add(block)
	for _, w := range words {
		p.put(w)
	}
	return true
}

func chartUnits(title string, labels, names []string) int {
	n := units(title)
	for _, name := range names {
		n += units(name)
		for _, label := range labels {
			n += units(label)
		}
	}
	return n
}

// gaps says which labels every series has a value for, and the runs of those that one lacks, each from its first to its last.
type gaps struct {
	kept []int
	left [][2]int
}

// complete answers the labels that Slack can draw: its charts know no gap.
func complete(c commands.Chart) ([]string, gaps) {
	var labels []string
	var g gaps
	for i, label := range c.Labels {
		whole := true
		for _, s := range c.Series {
			_, ok := point(s, i)
			whole = whole && ok
		}
		if !whole {
			if n := len(g.left); n > 0 && g.left[n-1][1] == i-1 {
				g.left[n-1][1] = i
			} else {
				g.left = append(g.left, [2]int{i, i})
			}
			continue
		}
		g.kept = append(g.kept, i)
		labels = append(labels, label)
	}
	return labels, g
}

// distinct cuts names to what a chart may show and keeps them apart.
func distinct(names []string) []string {
	seen := map[string]bool{}
	out := make([]string, len(names))
	for i, name := range names {
		text := short(flat(name), maxChartLabel)
		if text == "" || seen[text] {
			suffix := " " + strconv.Itoa(i+1)
			text = strings.TrimSpace(short(flat(name), maxChartLabel-len(suffix)) + suffix)
		}
		seen[text] = true
		out[i] = text
	}
	return out
}

// summary says in words what the eye takes from a chart, with the full names and with what is not drawn.
func summary(c commands.Chart, left [][2]int) []chunk {
	var items []item
	if units(flat(caption(c))) > maxChartTitle {
		items = append(items, item{atoms: inline(caption(c), false)})
	}
	for _, s := range c.Series {
		low, high, last, found := 0.0, 0.0, 0.0, false
		for i := range s.Points {
			v, ok := point(s, i)
			if !ok {
				continue
			}
			if !found {
				low, high, found = v, v, true
			}
			low, high, last = min(low, v), max(high, v), v
		}
		if found {
			it := item{atoms: inline(s.Name, false)}
			it.atoms = append(it.atoms, ": lowest "+commands.Number(low)+", highest "+commands.Number(high)+", last "+commands.Number(last))
			items = append(items, it)
		}
	}
	if len(left) > 0 {
		it := item{atoms: []string{"Not drawn, for want of a value: "}}
		for n, run := range left {
			if n > 0 {
				it.atoms = append(it.atoms, ", ")
			}
			it.atoms = append(it.atoms, inline(c.Labels[run[0]], false)...)
			if run[1] > run[0] {
				it.atoms = append(it.atoms, " to ")
				it.atoms = append(it.atoms, inline(c.Labels[run[1]], false)...)
			}
		}
		items = append(items, it)
	}
	return small(pack(items, maxContext))
}
