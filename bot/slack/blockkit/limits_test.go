package blockkit_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"deckhand/bot/slack/blockkit"
)

func length(text string) int { return len(utf16.Encode([]rune(text))) }

// object is a decoded block or a part of one.
type object map[string]any

func (o object) text(keys ...string) string {
	for _, key := range keys[:len(keys)-1] {
		o = o.at(key)
	}
	text, _ := o[keys[len(keys)-1]].(string)
	return text
}

func (o object) at(key string) object {
	inner, _ := o[key].(map[string]any)
	return inner
}

func (o object) list(key string) []object {
	raw, _ := o[key].([]any)
	out := make([]object, len(raw))
	for i, r := range raw {
		out[i], _ = r.(map[string]any)
	}
	return out
}

// mustHold asserts Slack's limits, on the JSON that Slack would see.
func mustHold(t *testing.T, m blockkit.Message) {
	t.Helper()
	if n := length(m.Text); n == 0 || n > 40000 || !utf8.ValidString(m.Text) {
		t.Fatalf("text has %d characters, valid UTF-8 %v", n, utf8.ValidString(m.Text))
	}
	raw, err := json.Marshal(m.Blocks)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []object
	if err := json.Unmarshal(raw, &blocks); err != nil {
		t.Fatal(err)
	}
	if len(blocks) == 0 || len(blocks) > 50 {
		t.Fatalf("%d blocks", len(blocks))
	}
	seen := map[string]int{}
	actions := map[string]bool{}
	total := 0
	for i, block := range blocks {
		seen[block.text("type")]++
		if block.text("type") == "data_visualization" {
			chart, _ := m.Blocks[i].(*slack.DataVisualizationBlock)
			if err := chart.Validate(); err != nil {
				t.Fatal(err)
			}
		}
		size, broken := check(block, actions)
		if broken != "" {
			t.Fatalf("%s: %s", broken, raw)
		}
		total += size
	}
	if seen["table"] > 1 || seen["data_visualization"] > 2 || total > 13000 {
		t.Fatalf("%v, %d characters", seen, total)
	}
}

// check answers a block's size and what is wrong with it.
func check(block object, actions map[string]bool) (int, string) {
	switch block.text("type") {
	case "section":
		size := 0
		if fields := block.list("fields"); len(fields) > 0 {
			if len(fields) > 10 {
				return 0, "too many fields"
			}
			for _, field := range fields {
				if n := length(field.text("text")); n == 0 || n > 2000 {
					return 0, fmt.Sprintf("field of %d", n)
				}
				size += length(field.text("text"))
			}
			return size, ""
		}
		text := block.text("text", "text")
		if n := length(text); strings.TrimSpace(text) == "" || n > 3000 {
			return 0, fmt.Sprintf("section of %d", n)
		}
		return length(text), whole(text)
	case "context":
		elements := block.list("elements")
		if len(elements) != 1 || strings.TrimSpace(elements[0].text("text")) == "" || length(elements[0].text("text")) > 2000 {
			return 0, "context"
		}
		return length(elements[0].text("text")), whole(elements[0].text("text"))
	case "actions":
		return checkButtons(block.list("elements"), actions)
	case "table":
		return checkTable(block)
	case "data_visualization":
		return 0, ""
	default:
		return 0, "unknown block " + block.text("type")
	}
}

// whole looks for markup that was cut in two.
func whole(text string) string {
	if strings.Count(text, "```")%2 != 0 {
		return "open code block"
	}
	if strings.Count(text, "<") != strings.Count(text, ">") {
		return "open token"
	}
	for rest := text; ; {
		_, after, found := strings.Cut(rest, "&")
		if !found {
			return ""
		}
		if !strings.HasPrefix(after, "amp;") && !strings.HasPrefix(after, "lt;") && !strings.HasPrefix(after, "gt;") {
			return "open entity"
		}
		rest = after
	}
}

func checkButtons(buttons []object, actions map[string]bool) (int, string) {
	if len(buttons) == 0 || len(buttons) > 25 {
		return 0, "buttons"
	}
	size := 0
	for _, b := range buttons {
		if kind := b.text("type"); kind == "static_select" || kind == "checkboxes" {
			n, wrong := checkOptions(b.list("options"))
			if kind == "checkboxes" && len(b.list("options")) > 10 {
				wrong = "boxes"
			}
			if wrong != "" || actions[b.text("action_id")] || b.text("action_id") == "" {
				return 0, "list: " + wrong
			}
			actions[b.text("action_id")] = true
			size += n
			continue
		}
		confirm := b.at("confirm")
		switch {
		case length(b.text("text", "text")) > 75, b.text("text", "text") == "":
			return 0, "button text"
		case length(b.text("value")) > 2000, b.text("value") == "":
			return 0, "button value"
		case actions[b.text("action_id")], b.text("action_id") == "":
			return 0, "action id"
		case confirm != nil && (length(confirm.text("title", "text")) > 100 || length(confirm.text("text", "text")) > 300 ||
			length(confirm.text("confirm", "text")) > 30 || length(confirm.text("deny", "text")) > 30):
			return 0, "confirm"
		}
		actions[b.text("action_id")] = true
		size += length(b.text("text", "text")) + length(b.text("value"))
	}
	return size, ""
}

// checkOptions holds a list to choose from against Slack's limits.
func checkOptions(options []object) (size int, wrong string) {
	if len(options) == 0 || len(options) > 100 {
		return 0, "options"
	}
	for _, o := range options {
		text, value := o.text("text", "text"), o.text("value")
		if text == "" || length(text) > 75 || value == "" || length(value) > 150 {
			return 0, "option " + text
		}
		size += length(text) + length(value)
	}
	return size, ""
}

func checkTable(block object) (int, string) {
	rows, _ := block["rows"].([]any)
	if len(rows) == 0 || len(rows) > 100 {
		return 0, "rows"
	}
	size, width := 0, -1
	for _, raw := range rows {
		row, _ := raw.([]any)
		if width >= 0 && len(row) != width || len(row) > 20 || len(row) == 0 {
			return 0, "columns"
		}
		width = len(row)
		for _, rawCell := range row {
			cell, _ := rawCell.(map[string]any)
			c := object(cell)
			if c.text("type") == "raw_text" && c.text("text") == "" {
				return 0, "empty cell"
			}
			if c.text("type") == "rich_text" && len(c.list("elements")[0].list("elements")) == 0 {
				return 0, "empty rich cell"
			}
			size += length(c.text("text"))
		}
	}
	for _, setting := range block.list("column_settings") {
		if setting.text("align") == "" {
			return 0, "align"
		}
	}
	if size > 10000 {
		return 0, "table characters"
	}
	return size, ""
}
