package picture

import (
	"bytes"
	"fmt"
	"image/png"
	"math"
	"os"
	"testing"

	"deckhand/commands"
)

// month is an hourly chart of 30 days with an outage, a gap and a slow week.
func month() commands.Chart {
	c := commands.Chart{Title: "Latency and downtime in 30 days, Europe/Berlin", Unit: "ms", Series: []commands.Series{{Name: "p50"}, {Name: "p95"}}}
	for i := range 720 {
		c.Labels = append(c.Labels, fmt.Sprintf("%d Nov %02d:00", 1+i/24, i%24))
		p50 := 42 + 9*math.Sin(float64(i)/24*2*math.Pi) + float64(i*7919%13)
		p95 := 2.1*p50 + float64(i*104729%37)
		down := 0.0
		if i > 300 && i < 318 {
			down = 0.6
		}
		if i == 500 {
			down = 0.02
		}
		c.Down = append(c.Down, down)
		if i > 420 && i < 440 {
			c.Series[0].Points = append(c.Series[0].Points, nil)
			c.Series[1].Points = append(c.Series[1].Points, nil)
			continue
		}
		c.Series[0].Points = append(c.Series[0].Points, &p50)
		c.Series[1].Points = append(c.Series[1].Points, &p95)
	}
	return c
}

func TestPNG(t *testing.T) {
	t.Parallel()
	one, bad := 3.0, math.NaN()
	for name, c := range map[string]commands.Chart{
		"a month of hours": month(),
		"nothing":          {},
		"one point":        {Title: "a", Labels: []string{"x"}, Series: []commands.Series{{Name: "s", Points: []*float64{&one}}}},
		"no number":        {Labels: []string{"x", "y"}, Series: []commands.Series{{Name: "s", Points: []*float64{&bad, nil, &one}}}, Down: []float64{1}},
		"a long title":     {Title: string(bytes.Repeat([]byte("größe "), 100))},
	} {
		raw, err := PNG(c)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		picture, err := png.Decode(bytes.NewReader(raw))
		if err != nil || picture.Bounds().Dx() != wide || len(raw) > 200_000 {
			t.Errorf("%s: %v, %d bytes", name, err, len(raw))
		}
		if _, _, _, cover := picture.At(0, 0).RGBA(); cover != 0 {
			t.Errorf("%s: the corners are not round", name)
		}
		if folder := os.Getenv("PICTURES"); folder != "" {
			if err := os.WriteFile(folder+"/"+name+".png", raw, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestOutageIsRed looks at pixels: of the hour that was down, of one that was up, and of one that was not measured.
func TestOutageIsRed(t *testing.T) {
	t.Parallel()
	raw, err := PNG(month())
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	d := drawing{n: 720}
	for _, test := range []struct {
		hour int
		want string
	}{{310, "red"}, {100, "green"}, {500, "red"}, {430, "gray"}} {
		r, g, b, _ := picture.At(int(d.x(test.hour)), int(bottom+12+strip-2)).RGBA()
		is := "gray"
		if r > g+0x3000 {
			is = "red"
		} else if g > r+0x3000 && g > b {
			is = "green"
		}
		if is != test.want {
			t.Errorf("hour %d is %s (%x %x %x), want %s", test.hour, is, r>>8, g>>8, b>>8, test.want)
		}
	}
}
