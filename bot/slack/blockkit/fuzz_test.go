package blockkit_test

import (
	"strings"
	"testing"
	"time"

	"deckhand/bot/slack/blockkit"
	"deckhand/commands"
)

// source makes a report out of bytes, so that the fuzzer can change its shape.
type source struct{ bytes []byte }

func (s *source) next() int {
	if len(s.bytes) == 0 {
		return 0
	}
	b := s.bytes[0]
	s.bytes = s.bytes[1:]
	return int(b)
}

// text is a stretch of the bytes themselves, a mark, or something long.
func (s *source) text() string {
	n := s.next()
	switch n % 13 {
	case 0:
		return ""
	case 1:
		return commands.Mono(s.raw(n))
	case 2:
		return s.raw(n) + commands.Person("U_ALICE") + s.raw(n) + commands.Person("terminal:ann")
	case 3:
		return commands.At(time.Unix(int64(n)*10000000, 0)) + commands.Strong(s.raw(n))
	case 4:
		return commands.Link("https://example.com/?a=1&b=2|", s.raw(n)) + commands.Channel("C1") + commands.Group("S1")
	case 5:
		return strings.Repeat(s.raw(n%20)+" ", 40*n)
	case 6:
		return strings.Repeat("<&>", n*20)
	case 7:
		return strings.Repeat("一", n*20) + strings.Repeat("😀", n*10)
	case 8:
		return commands.Mono(strings.Repeat("x`", n*10)) + commands.Mono(strings.Repeat("y&", n*10))
	case 9:
		return strings.Repeat("a line of text\n", n)
	case 10:
		return "```" + s.raw(n) + "*_~:wave:>"
	default:
		return s.raw(n)
	}
}

func (s *source) raw(n int) string {
	n = min(n, len(s.bytes))
	text := string(s.bytes[:n])
	s.bytes = s.bytes[n:]
	return text
}

func (s *source) times(most int, do func()) {
	for range s.next() % (most + 1) {
		do()
	}
}

func (s *source) report() commands.Report {
	tones := []commands.Tone{commands.Plain, commands.Working, commands.Waiting, commands.Good, commands.Warning, commands.Bad}
	r := commands.Report{Tone: tones[s.next()%len(tones)], Title: s.text(), Where: s.text()}
	s.times(60, func() {
		r.Next = append(r.Next, commands.Next{
			Label: s.text(), Line: s.text(), Style: []string{"", "primary", "danger", "odd"}[s.next()%4], Confirm: s.text(),
			For: []string{"", "U1"}[s.next()%2],
		})
	})
	s.times(80, func() { r.Body = append(r.Body, s.block()) })
	return r
}

func (s *source) block() commands.Block {
	switch s.next() % 6 {
	case 0:
		return commands.Text{Text: s.text()}
	case 1:
		var f commands.Fields
		s.times(25, func() { f.Fields = append(f.Fields, commands.Field{Name: s.text(), Value: s.text()}) })
		return f
	case 2:
		var table commands.Table
		s.times(22, func() { table.Columns = append(table.Columns, s.text()) })
		width := s.next() % 23
		s.times(255, func() {
			row := make([]string, width)
			for i := range row {
				row[i] = s.text()
			}
			table.Rows = append(table.Rows, row)
		})
		table.Note = s.text()
		return table
	case 3:
		return commands.Code{Text: s.text()}
	case 4:
		c := commands.Chart{Title: s.text(), Unit: s.text()}
		s.times(25, func() { c.Labels = append(c.Labels, s.text()) })
		s.times(8, func() {
			series := commands.Series{Name: s.text()}
			s.times(25, func() {
				value := float64(s.next()) - 9
				if value > 200 {
					series.Points = append(series.Points, nil)
					return
				}
				series.Points = append(series.Points, &value)
			})
			c.Series = append(c.Series, series)
		})
		return c
	default:
		return commands.File{Name: s.text(), Content: s.text()}
	}
}

// FuzzLimits asserts Slack's limits for any report.
func FuzzLimits(f *testing.F) {
	f.Add([]byte(""))
	f.Add([]byte("some words and more of them"))
	for seed := range 40 {
		var b []byte
		x := uint32(seed)*2654435761 + 1
		for range 40 + seed*50 {
			x = x*1664525 + 1013904223
			b = append(b, byte(x>>24))
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := (&source{bytes: data}).report()
		mustHold(t, blockkit.Render(r))
		mustHold(t, blockkit.RenderPlain(r))
		if n := length(blockkit.ShortText(r)); n == 0 || n > 4000 {
			t.Fatalf("short text of %d", n)
		}
	})
}
