// Package picture draws charts that have more points than Slack's own blocks can hold.
package picture

import (
	"bytes"
	"fmt"
	"image/png"
	"math"
	"strconv"

	"deckhand/commands"
)

// A picture is drawn at twice the size in which a chat shows it. Its ground is dark and its own, so that it is the same in
// light and dark themes.
const (
	wide, tall  = 1280, 560
	left, right = 110.0, wide - 40.0
	top, bottom = 110.0, tall - 90.0
	strip       = 14.0 // height of the strip that shows what was down
	radius      = 20
)

const (
	ground colour = 0x1f242bff
	grid   colour = 0xffffff1f
	ink    colour = 0xe6eaefff
	faint  colour = 0x9aa4b0ff
	red    colour = 0xff5c5cff
	green  colour = 0x3fb972ff
	gray   colour = 0x5a6068ff
	blank  colour = 0xffffff16
)

// lineColour is that of a series by its place.
func lineColour(i int) colour {
	lines := [...]colour{0x5ab0ffff, 0xffb454ff, 0xc39bffff, 0x6fe0c8ff, 0xff8fb8ff, 0xd6d66aff}
	return lines[i%len(lines)]
}

// PNG draws a chart as a picture.
func PNG(c commands.Chart) ([]byte, error) {
	d := drawing{canvas: card(wide, tall, radius, ground), chart: c, n: len(c.Labels)}
	d.write(fitting(c.Title, 3.6), 40, 30, 3.6, ink)
	d.legend()
	d.scale()
	d.downtime()
	d.labels()
	for i, s := range c.Series {
		d.series(s, lineColour(i))
	}
	var out bytes.Buffer
	if err := png.Encode(&out, d.canvas); err != nil {
		return nil, fmt.Errorf("draw %q: %w", c.Title, err)
	}
	return out.Bytes(), nil
}

// fitting cuts a text that is wider than the picture.
func fitting(text string, scale float64) string {
	const most = wide - 80
	runes := []rune(text)
	if width(text, scale) <= most {
		return text
	}
	for len(runes) > 0 && width(string(runes)+"...", scale) > most {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "..."
}

// drawing is a chart being drawn.
type drawing struct {
	canvas
	chart commands.Chart
	n     int     // points
	most  float64 // the value at the top
}

// x is where a point stands; the points share the breadth evenly.
func (d *drawing) x(i int) float64 {
	return left + (float64(i)+0.5)/float64(max(1, d.n))*(right-left)
}

func (d *drawing) y(v float64) float64 { return bottom - v/d.most*(bottom-top) }

// legend names the lines, and the strip where there is one.
func (d *drawing) legend() {
	const scale = 2.8
	x := 40.0
	item := func(name string, colour colour) {
		d.line(point{x, 79}, point{x + 24, 79}, 6, colour)
		d.write(name, x+36, 70, scale, faint)
		x += 36 + width(name, scale) + 34
	}
	for i, s := range d.chart.Series {
		name := s.Name
		if d.chart.Unit != "" {
			name += " " + d.chart.Unit
		}
		item(name, lineColour(i))
	}
	if len(d.chart.Down) > 0 {
		item("up", green)
		item("down", red)
		item("not measured", gray)
	}
}

// scale draws lines across at round values.
func (d *drawing) scale() {
	highest := 0.0
	for _, s := range d.chart.Series {
		for _, p := range s.Points {
			if p != nil && !math.IsNaN(*p) && !math.IsInf(*p, 0) {
				highest = max(highest, *p)
			}
		}
	}
	if highest <= 0 {
		highest = 1
	}
	step := round(highest / 4)
	d.most = step * math.Ceil(highest/step)
	for v := 0.0; v <= d.most+step/2; v += step {
		d.fill(left, d.y(v)-1, right, d.y(v)+1, grid)
		text := strconv.FormatFloat(v, 'f', -1, 64)
		if len(text) > 5 {
			text = strconv.FormatFloat(v, 'g', 3, 64)
		}
		d.write(text, left-16-width(text, 2.8), d.y(v)-9, 2.8, faint)
	}
}

// round is the next of 1, 2, 2.5 and 5 times a power of ten.
func round(v float64) float64 {
	ten := math.Pow(10, math.Floor(math.Log10(v)))
	for _, factor := range []float64{1, 2, 2.5, 5} {
		if v <= factor*ten*1.0001 {
			return factor * ten
		}
	}
	return 10 * ten
}

// downtime draws a strip under the lines: green where all was up, red as high as the share that was down, gray where
// nothing was measured.
func (d *drawing) downtime() {
	if len(d.chart.Down) == 0 {
		return
	}
	each := (right - left) / float64(max(1, d.n))
	d.fill(left, bottom+12, right, bottom+12+strip, blank)
	edge := left // up to where it is drawn
	for i := range d.n {
		from, to := max(edge, math.Round(d.x(i)-each/2)), math.Round(d.x(i)+each/2)
		down := 0.0
		if i < len(d.chart.Down) {
			down = d.chart.Down[i]
		}
		floor := bottom + 12 + strip
		switch {
		case down > 0: // what is short must still be seen
			to = max(to, from+2)
			d.fill(from, floor-strip, to, floor, green)
			d.fill(from, floor-strip*max(0.5, down), to, floor, red)
			d.fill(from, top, to, bottom, red.alpha(0x28+0x30*min(1, down)))
		case d.measured(i):
			d.fill(from, floor-strip, to, floor, green)
		}
		edge = max(edge, to)
	}
}

func (d *drawing) measured(i int) bool {
	for _, s := range d.chart.Series {
		if i < len(s.Points) && s.Points[i] != nil {
			return true
		}
	}
	return false
}

// labels writes as many labels as there is room for, from the first on.
func (d *drawing) labels() {
	const scale = 2.6
	widest := 1.0
	for _, label := range d.chart.Labels {
		widest = max(widest, width(label, scale))
	}
	fit := max(1, int((right-left)/(widest+40)))
	every := max(1, int(math.Ceil(float64(d.n)/float64(fit))))
	for i := 0; i < d.n; i += every {
		text := d.chart.Labels[i]
		x := min(max(d.x(i)-width(text, scale)/2, 20), wide-20-width(text, scale))
		d.write(text, x, bottom+46, scale, faint)
	}
}

// series draws a line through its points; a missing point is a gap, and one between two gaps is a dot.
func (d *drawing) series(s commands.Series, colour colour) {
	breadth := 4.0
	if d.n > 200 {
		breadth = 2.6
	}
	var before *point
	for i := range d.n {
		if i >= len(s.Points) || s.Points[i] == nil || math.IsNaN(*s.Points[i]) || math.IsInf(*s.Points[i], 0) {
			before = nil
			continue
		}
		p := point{d.x(i), d.y(max(0, *s.Points[i]))}
		if before == nil {
			d.line(p, p, breadth+1, colour)
		} else {
			d.line(*before, p, breadth, colour)
		}
		before = &p
	}
}
