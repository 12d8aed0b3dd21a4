package blockkit

import (
	"testing"
	"time"

	"deckhand/commands"
)

func TestAShortTextIsTheSameWithoutBlocks(t *testing.T) {
	t.Parallel()
	at := commands.At(time.Unix(1_800_000_000, 0))
	for _, texts := range [][]string{
		{"Nothing was done."},
		{commands.Mono("vm create --image-id ami-1 --name a_b"), "Policy does not let you run " + commands.Mono("vm create") + " here: rule 2 (line 16). It is open to " + commands.Person("U_ALICE") + "."},
		{"It began " + at + " in " + commands.Channel("C1") + " by " + commands.Group("S1") + " and " + commands.Person("terminal:ann") + "."},
		{"*x* and _y_ and :aws: and a & b < c"},
		{commands.Strong("vm") + " create, list", commands.Link("https://example.com/?a=1&b=2", "here")},
		{commands.Mono("a `b` c"), commands.Mono("a < b & c")},
	} {
		r := commands.Report{Tone: commands.Warning, Title: "Not understood, nothing was done"}
		for _, text := range texts {
			r.Body = append(r.Body, commands.Text{Text: text})
		}
		got, blocks := Parts(r)
		if want := Text(r); got != want || blocks != nil {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

func TestWhatIsMoreThanShortTextsHasBlocks(t *testing.T) {
	t.Parallel()
	for why, r := range map[string]commands.Report{
		"a button":      {Title: "A", Next: []commands.Next{{Label: "B", Line: "vm list"}}},
		"a place":       {Title: "A", Where: "us-east-1"},
		"a table":       {Title: "A", Body: commands.Blocks{commands.Table{Columns: []string{"B"}, Rows: [][]string{{"C"}}}}},
		"a wild title":  {Title: "*A*"},
		"several lines": {Title: "A", Body: commands.Blocks{commands.Text{Text: "a\nb"}}},
	} {
		if _, blocks := Parts(r); len(blocks) == 0 {
			t.Errorf("%s: no blocks", why)
		}
	}
}
