package picture

import (
	"strings"
)

// Letters are drawn with strokes, so that they are sharp in every size and cost a few hundred bytes. A letter is polylines apart by
// commas; a point is a column, 0 to 4, and a row: capitals stand from 0 to 6, small letters from 2 to 6, tails hang to 8. A
// point twice is a dot.
var strokes = map[rune]string{ //nolint:gochecknoglobals // a constant table
	'0': "10 30 41 45 36 16 05 01 10", '1': "11 20 26,16 36", '2': "01 10 30 41 42 06 46", '3': "01 10 30 41 42 33 13,33 44 45 36 16 05",
	'4': "36 30 04 44", '5': "40 00 03 33 44 45 36 16 05", '6': "41 30 10 01 05 16 36 45 44 33 03", '7': "00 40 16",
	'8': "10 30 41 42 33 13 02 01 10,13 04 05 16 36 45 44 33", '9': "43 13 02 01 10 30 41 45 36 16 05",
	'A': "06 20 46,14 34", 'B': "06 00 30 41 42 33 03,33 44 45 36 06", 'C': "41 30 10 01 05 16 36 45", 'D': "06 00 20 42 44 26 06",
	'E': "40 00 06 46,03 33", 'F': "40 00 06,03 33", 'G': "41 30 10 01 05 16 36 45 43 23", 'H': "00 06,40 46,03 43",
	'I': "10 30,20 26,16 36", 'J': "40 45 36 16 05", 'K': "00 06,40 03 46", 'L': "00 06 46", 'M': "06 00 23 40 46", 'N': "06 00 46 40",
	'O': "10 30 41 45 36 16 05 01 10", 'P': "06 00 30 41 42 33 03", 'Q': "10 30 41 45 36 16 05 01 10,34 46", 'R': "06 00 30 41 42 33 03,23 46",
	'S': "41 30 10 01 02 13 33 44 45 36 16 05", 'T': "00 40,20 26", 'U': "00 05 16 36 45 40", 'V': "00 26 40", 'W': "00 16 23 36 40",
	'X': "00 46,40 06", 'Y': "00 23 40,23 26", 'Z': "00 40 06 46",
	'a': "12 32 43 46,44 14 05 16 36 45", 'b': "00 06 36 45 43 32 02", 'c': "43 32 12 03 05 16 36 45", 'd': "40 46 16 05 03 12 42",
	'e': "04 44 43 32 12 03 05 16 36 45", 'f': "40 30 21 26,02 32", 'g': "42 47 38 18 07,42 12 03 05 16 46", 'h': "00 06,03 12 32 43 46",
	'i': "22 26,20 20", 'j': "22 27 18 08,20 20", 'k': "00 06,32 04 36", 'l': "20 25 36", 'm': "06 02,03 12 23 26,23 32 43 46", 'n': "06 02,03 12 32 43 46",
	'o': "12 32 43 45 36 16 05 03 12", 'p': "08 02 32 43 45 36 06", 'q': "48 42 12 03 05 16 46", 'r': "16 12,14 22 42", 's': "43 32 12 03 14 34 45 36 16 05",
	't': "10 15 26 36,02 32", 'u': "02 05 16 36 45,42 46", 'v': "02 26 42", 'w': "02 16 23 36 42", 'x': "02 46,42 06", 'y': "02 26,42 18 08", 'z': "02 42 06 46",
	' ': "", '.': "26 26", ',': "26 17", ':': "23 23,26 26", '-': "14 34", '/': "06 40", '%': "06 40,01 01,45 45", '+': "04 44,22 26", '_': "06 46",
	'(': "30 12 14 36", ')': "10 32 34 16", '·': "23 23",
}

const (
	unknownLetter = "10 30 36 16 10"
	between       = 2.0 // columns between two letters
	space         = 2.0 // columns of a space
)

func glyph(letter rune) string {
	if lines, known := strokes[letter]; known {
		return lines
	}
	return unknownLetter
}

// extent is the first column that a letter has ink in, and how many columns it spans.
func extent(lines string) (first, columns float64) {
	if lines == "" {
		return 0, space
	}
	low, high := byte('9'), byte('0')
	for line := range strings.SplitSeq(lines, ",") {
		for at := range strings.FieldsSeq(line) {
			low, high = min(low, at[0]), max(high, at[0])
		}
	}
	return float64(low - '0'), float64(high - low)
}

// width is how wide a text is at a scale, in pixels.
func width(text string, scale float64) float64 {
	wide := 0.0
	for _, letter := range text {
		_, columns := extent(glyph(letter))
		wide += (columns + between) * scale
	}
	return max(0, wide-between*scale)
}

// write draws a text; x and y are its left upper corner, scale is the width of a column, in pixels.
func (c *canvas) write(text string, x, y, scale float64, ink colour) {
	for _, letter := range text {
		lines := glyph(letter)
		first, columns := extent(lines)
		for line := range strings.SplitSeq(lines, ",") {
			var before *point
			for at := range strings.FieldsSeq(line) {
				p := point{x + (float64(at[0]-'0')-first)*scale, y + float64(at[1]-'0')*scale}
				if before != nil {
					c.line(*before, p, scale*0.72, ink)
				}
				before = &p
			}
		}
		x += (columns + between) * scale
	}
}
