package blockkit_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"deckhand/bot/slack/blockkit"
	"deckhand/commands"
)

func rendered(t *testing.T, m blockkit.Message) string {
	t.Helper()
	mustHold(t, m)
	return indented(t, m.Blocks)
}

func TestWordsAreShownAsTheyWereTyped(t *testing.T) {
	t.Parallel()
	for plain, want := range map[string]string{
		"my_app_1":                            "my_app_1",
		"5*3":                                 "5*3",
		"*x*":                                 "`*x*`",
		"_x":                                  "`_x`",
		"~/notes":                             "`~/notes`",
		"(*.example.com),":                    "(`*.example.com`),",
		"arn:aws:iam::1:role/x":               "`arn:aws:iam::1:role/x`",
		"at 10:20:30":                         "at 10:20:30",
		"a:100:b":                             "`a:100:b`",
		"> quoted":                            "`&gt;` quoted",
		"a > b":                               "a `&gt;` b",
		"<!channel> & <@U1>":                  "&lt;!channel&gt; &amp; &lt;@U1&gt;",
		"a `tick`":                            "a ˋtickˋ",
		commands.Mono("a_b <c>"):              "`a_b &lt;c&gt;`",
		commands.Mono("a`b"):                  "aˋb",
		commands.Mono("a\nb"):                 "`a`\n`b`",
		commands.Strong("a *b* c"):            "*a* `*b*` *c*",
		commands.Person("U_ALICE"):            "<@U_ALICE>",
		commands.Person("W1"):                 "<@W1>",
		commands.Person("U1>"):                "U1&gt;",
		commands.Person("config"):             "config",
		commands.Person("terminal:ann_lee"):   "terminal:ann_lee",
		commands.Group("S1"):                  "<!subteam^S1>",
		commands.Group("oncall"):              "oncall",
		commands.Channel("C_OPS"):             "<#C_OPS>",
		commands.Channel("D1"):                "D1",
		commands.At(time.Unix(1795486200, 0)): "<!date^1795486200^{date_short_pretty} {time}|2026-11-24 02:10 UTC>",
		commands.At(time.Unix(-5, 0)):         "1969-12-31 23:59 UTC",
		commands.Link("https://a.b/?x=1&y=2", "here & there"):    "<https://a.b/?x=1&amp;y=2|here &amp; there>",
		commands.Link("https://a.b/|<", ""):                      "<https://a.b/%7C%3C|https://a.b/|&lt;>",
		commands.Link("javascript:alert(1)", "a harmless thing"): "a harmless thing `javascript:alert(1)`",
	} {
		m := blockkit.Render(commands.Report{Title: "t", Body: commands.Blocks{commands.Text{Text: plain}}})
		if got := strings.TrimPrefix(m.Text, "*t*\n"); got != want {
			t.Errorf("%q reads %q, want %q", plain, got, want)
		}
	}
}

func TestEveryFieldRowAndNumberIsInTheText(t *testing.T) {
	t.Parallel()
	var r commands.Report
	var want []string
	word := func(format string, n int) string {
		text := fmt.Sprintf(format, n)
		want = append(want, text)
		return text
	}
	r.Title = word("title%d", 1)
	r.Where = word("where%d", 1)
	var fields commands.Fields
	for i := range 30 {
		fields.Fields = append(fields.Fields, commands.Field{Name: word("name%d", i), Value: word("value%d", i)})
	}
	table := commands.Table{Columns: []string{word("column%d", 1), word("column%d", 2)}, Note: word("note%d", 1)}
	for i := range 150 {
		table.Rows = append(table.Rows, []string{word("row%d", i), word("cell%d", i)})
	}
	value := 12345.678
	want = append(want, "12345.678")
	chart := commands.Chart{Title: word("chart%d", 1), Unit: "ms", Labels: []string{"x"}, Series: []commands.Series{{Name: word("series%d", 1), Points: []*float64{&value}}}}
	r.Body = commands.Blocks{fields, table, chart, commands.Code{Text: word("code%d", 1)}, commands.File{Name: word("file%d", 1)}}
	r.Next = []commands.Next{{Label: word("label%d", 1), Line: word("line%d", 1)}}
	text := blockkit.Text(r)
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("the text lacks %s", w)
		}
	}
}

func TestWhatDoesNotFitIsSaid(t *testing.T) {
	t.Parallel()
	rows := func(n int, cell string) commands.Table {
		table := commands.Table{Columns: []string{"Name", "Id"}}
		for i := range n {
			table.Rows = append(table.Rows, []string{fmt.Sprint(i), cell})
		}
		return table
	}
	var fields commands.Fields
	for range 400 {
		fields.Fields = append(fields.Fields, commands.Field{Name: "name", Value: strings.Repeat("v", 100)})
	}
	many := make(commands.Blocks, 80)
	for i := range many {
		many[i] = commands.Text{Text: "a paragraph"}
	}
	for name, c := range map[string]struct {
		body commands.Blocks
		want string
	}{
		"150 rows of a native table": {commands.Blocks{rows(150, "x")}, "51 more rows; narrow the question down to see them."},
		"rows of more than 10,000":   {commands.Blocks{rows(50, strings.Repeat("x", 1000))}, "41 more rows;"},
		"rows with a table before":   {commands.Blocks{rows(1, "x"), rows(2000, "x")}, "more rows;"},
		"a very long text":           {commands.Blocks{commands.Text{Text: strings.Repeat("a line\n", 5000)}}, "more lines; they do not fit"},
		"long code":                  {commands.Blocks{commands.Code{Text: strings.Repeat("a line\n", 5000)}}, "more lines; they do not fit"},
		"400 fields":                 {commands.Blocks{fields}, "more fields; they do not fit"},
		"80 paragraphs":              {many, "more parts of this answer; they do not fit"},
	} {
		if got := rendered(t, blockkit.Render(commands.Report{Title: "t", Body: c.body})); !strings.Contains(got, c.want) {
			t.Errorf("%s: the blocks do not say %q", name, c.want)
		}
	}
}

func TestTextBeyondFortyThousandIsCountedInWords(t *testing.T) {
	t.Parallel()
	var table commands.Table
	for i := range 5000 {
		table.Rows = append(table.Rows, []string{fmt.Sprintf("row-%04d", i), "some more"})
	}
	r := commands.Report{Title: "t", Body: commands.Blocks{table}, Where: "here", Next: []commands.Next{{Label: "Go on", Line: "vm list"}}}
	for limit, text := range map[int]string{40000: blockkit.Text(r), 4000: blockkit.ShortText(r)} {
		shown := strings.Count(text, "row-")
		if want := fmt.Sprintf("%d more rows;", 5000-shown); !strings.Contains(text, want) || len(text) > limit || len(text) < limit*3/5 {
			t.Errorf("%d characters with %d rows do not say %q", len(text), shown, want)
		}
		if !strings.Contains(text, "Go on: `vm list`") || !strings.HasSuffix(text, "here") {
			t.Errorf("the end is missing: %q", text[len(text)-100:])
		}
	}
}

func TestButtonsCarryTheirLine(t *testing.T) {
	t.Parallel()
	long := "vm run web-1 -- " + strings.Repeat("x", 2000)
	m := blockkit.Render(commands.Report{Title: "t", Next: []commands.Next{
		{Label: "Approve", Line: "approve R-1", Style: "primary", Confirm: strings.Repeat("sure? ", 100)},
		{Label: "Long", Line: long},
		{Label: strings.Repeat("l", 100), Line: strings.Repeat("y", 1990), Style: "odd"},
	}})
	var blocks []object
	if err := json.Unmarshal([]byte(rendered(t, m)), &blocks); err != nil {
		t.Fatal(err)
	}
	buttons := blocks[1].list("elements")
	if len(buttons) != 2 {
		t.Fatalf("%d buttons", len(buttons))
	}
	first := buttons[0]
	if first.text("value") != "approve R-1" || first.text("action_id") != "line:0" || first.text("style") != "primary" || !strings.HasSuffix(first.at("confirm").text("text", "text"), "…") {
		t.Errorf("first button: %v", first)
	}
	if second := buttons[1]; second.text("action_id") != "line:2" || length(second.text("text", "text")) != 75 || second.text("style") != "" {
		t.Errorf("second button: %v", second)
	}
	for _, want := range []string{"Approve: `approve R-1` " + strings.TrimSpace(strings.Repeat("sure? ", 100)), strings.Repeat("y", 1700), "vm run web-1 -- xxx"} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("the text lacks %.60s", want)
		}
	}
}

func TestChartsThatSlackCannotDrawAreNumbers(t *testing.T) {
	t.Parallel()
	value := 1.5
	points := func(n int) (labels []string, list []*float64) {
		for i := range n {
			labels, list = append(labels, fmt.Sprint(i)), append(list, &value)
		}
		return labels, list
	}
	for n, native := range map[int]bool{1: true, 20: true, 21: false} {
		labels, list := points(n)
		got := rendered(t, blockkit.Render(commands.Report{Title: "t", Body: commands.Blocks{
			commands.Chart{Title: strings.Repeat("long ", 20), Labels: labels, Series: []commands.Series{{Name: "a", Points: list}, {Name: "a", Points: list}}},
		}}))
		if strings.Contains(got, "data_visualization") != native || !strings.Contains(got, "1.5") {
			t.Errorf("%d points: native %v expected: %s", n, native, got)
		}
	}
}

func TestTheFallBackUsesOldBlocksOnly(t *testing.T) {
	t.Parallel()
	value := 1.0
	m := blockkit.RenderPlain(commands.Report{Title: "t", Body: commands.Blocks{
		commands.Table{Columns: []string{"a"}, Rows: [][]string{{"b"}}},
		commands.Chart{Title: "c", Labels: []string{"x"}, Series: []commands.Series{{Name: "a", Points: []*float64{&value}}}},
	}})
	mustHold(t, m)
	for _, block := range m.Blocks {
		switch block.BlockType() {
		case "section", "context", "actions":
		default:
			t.Errorf("a %s block", block.BlockType())
		}
	}
}

func TestManyChoicesAreAList(t *testing.T) {
	t.Parallel()
	choices := func(n int, line string) (elements []object, m blockkit.Message) {
		r := commands.Report{Title: "Which one? Nothing was done"}
		for i := range n {
			r.Next = append(r.Next, commands.Next{Label: fmt.Sprintf("i-%d · running", i), Line: fmt.Sprintf(line, i), For: "U_ALICE"})
		}
		m = blockkit.Render(r)
		var blocks []object
		if err := json.Unmarshal([]byte(rendered(t, m)), &blocks); err != nil {
			t.Fatal(err)
		}
		return blocks[1].list("elements"), m
	}
	for _, n := range []int{1, 5} {
		if buttons, _ := choices(n, "vm stop i-%d"); len(buttons) != n || buttons[0].text("type") != "button" || buttons[0].text("action_id") != "line:0:for:U_ALICE" {
			t.Errorf("%d choices are %v", n, buttons)
		}
	}
	for _, n := range []int{6, 100} {
		elements, m := choices(n, "vm stop i-%d --region eu-central-1")
		if len(elements) != 1 || elements[0].text("type") != "static_select" || !strings.HasSuffix(elements[0].text("action_id"), ":for:U_ALICE") {
			t.Fatalf("%d choices are %v", n, elements)
		}
		options := elements[0].list("options")
		last := fmt.Sprintf("vm stop i-%d --region eu-central-1", n-1)
		if len(options) != n || options[n-1].text("value") != last || options[n-1].text("text", "text") != fmt.Sprintf("i-%d · running", n-1) {
			t.Errorf("of %d choices %d are in the list, the last is %v", n, len(options), options[len(options)-1])
		}
		if !strings.Contains(m.Text, last) {
			t.Errorf("the text lacks %s", last)
		}
	}
	if buttons, _ := choices(6, "vm create --image-id "+strings.Repeat("x", 150)+" %d"); len(buttons) != 6 || buttons[0].text("type") != "button" {
		t.Errorf("lines that no option holds are %v", buttons)
	}
}
