package picture

import (
	"image"
	"math"
)

// colour is red, green, blue and how much it covers, a byte each: 0xRRGGBBAA.
type colour uint32

func (c colour) bytes() [4]uint8 {
	return [4]uint8{uint8(c >> 24), uint8(c >> 16), uint8(c >> 8), uint8(c)} //nolint:gosec // the low byte is what is wanted
}

// alpha is the colour covering 0 to 255.
func (c colour) alpha(cover float64) colour { return c&^0xff | colour(cover) }

type point struct{ x, y float64 }

// canvas is a picture being drawn.
type canvas struct{ *image.NRGBA }

// blend lays a colour over a pixel; cover is how much of the pixel it fills, 0 to 1.
func (c canvas) blend(x, y int, ink colour, cover float64) {
	if cover <= 0 || !(image.Point{x, y}).In(c.Rect) {
		return
	}
	parts := ink.bytes()
	cover = min(cover, 1) * float64(parts[3]) / 255
	i := c.PixOffset(x, y)
	pix := c.Pix[i : i+4 : i+4]
	for j, v := range parts[:3] {
		pix[j] = uint8(float64(pix[j])*(1-cover) + float64(v)*cover + 0.5)
	}
}

// line draws a line with round ends and smooth edges. Breadth is in pixels.
func (c canvas) line(a, b point, breadth float64, ink colour) {
	half := breadth / 2
	left, right := math.Floor(min(a.x, b.x)-half-1), math.Ceil(max(a.x, b.x)+half+1)
	top, bottom := math.Floor(min(a.y, b.y)-half-1), math.Ceil(max(a.y, b.y)+half+1)
	for y := int(top); y <= int(bottom); y++ {
		for x := int(left); x <= int(right); x++ {
			c.blend(x, y, ink, half+0.5-distance(point{float64(x) + 0.5, float64(y) + 0.5}, a, b))
		}
	}
}

// distance is how far a point is from a line between two others.
func distance(p, a, b point) float64 {
	dx, dy := b.x-a.x, b.y-a.y
	along := 0.0
	if square := dx*dx + dy*dy; square > 0 {
		along = min(1, max(0, ((p.x-a.x)*dx+(p.y-a.y)*dy)/square))
	}
	return math.Hypot(p.x-a.x-along*dx, p.y-a.y-along*dy)
}

// fill fills a rectangle whose edges may lie between pixels.
func (c canvas) fill(left, top, right, bottom float64, ink colour) {
	for y := int(top); y < int(math.Ceil(bottom)); y++ {
		tall := min(bottom, float64(y+1)) - max(top, float64(y))
		for x := int(left); x < int(math.Ceil(right)); x++ {
			c.blend(x, y, ink, tall*(min(right, float64(x+1))-max(left, float64(x))))
		}
	}
}

// card is a canvas with a ground of one colour and round corners, clear outside of them.
func card(wide, tall int, radius float64, ground colour) canvas {
	parts := ground.bytes()
	c := canvas{image.NewNRGBA(image.Rect(0, 0, wide, tall))}
	for y := range tall {
		for x := range wide {
			px, py := float64(x)+0.5, float64(y)+0.5
			dx := max(radius-px, px-(float64(wide)-radius), 0)
			dy := max(radius-py, py-(float64(tall)-radius), 0)
			cover := min(1, max(0, radius+0.5-math.Hypot(dx, dy)))
			i := c.PixOffset(x, y)
			c.Pix[i], c.Pix[i+1], c.Pix[i+2], c.Pix[i+3] = parts[0], parts[1], parts[2], uint8(cover*255)
		}
	}
	return c
}
