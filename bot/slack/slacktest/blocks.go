package slacktest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Block Kit's documented limits, in characters and pieces.
// https://docs.slack.dev/reference/block-kit/blocks
const (
	maxBlocks         = 50
	maxSectionText    = 3000
	maxFields         = 10
	maxFieldText      = 2000
	maxHeaderText     = 150
	maxActions        = 25
	maxContext        = 10
	maxContextActions = 5
	maxMarkdown       = 12_000 // all markdown blocks of a message together
	maxID             = 255
	maxAltText        = 2000
	maxURL            = 3000
	maxButtonText     = 75
	maxButtonValue    = 2000
	maxLabel          = 75
	maxConfirmTitle   = 100
	maxConfirmText    = 300
	maxConfirmButton  = 30
	maxOptions        = 100
	maxPlaceholder    = 150
	maxRichText       = 1000
)

type object = map[string]any

// blockCheck collects what is wrong with blocks, in Slack's format: a sentence and a JSON pointer.
type blockCheck struct {
	problems []string
	markdown int
	table    int
	chart    int
}

func (b *blockCheck) fail(at, format string, args ...any) {
	b.problems = append(b.problems, fmt.Sprintf(format, args...)+" [json-pointer:"+at+"]")
}

// checkBlocks reads a message's blocks, refuses what Slack refuses, and adds the ids that Slack adds.
func (w *Workspace) checkBlocks(raw string) (json.RawMessage, error) {
	if raw == "" || raw == "null" {
		return nil, nil
	}
	var blocks []object
	if err := json.Unmarshal([]byte(raw), &blocks); err != nil {
		return nil, refuse("invalid_blocks_format")
	}
	if len(blocks) == 0 {
		return nil, nil
	}
	check := &blockCheck{}
	if len(blocks) > maxBlocks {
		check.fail("/blocks", "no more than %d items allowed", maxBlocks)
	}
	seen := map[string]bool{}
	for i, block := range blocks {
		at := fmt.Sprintf("/blocks/%d", i)
		kind := text(block["type"])
		rule, known := blockRules()[kind]
		if !known || slices.Contains(w.options.UnknownBlocks, kind) {
			check.fail(at+"/type", "unsupported type: %s", kind)
			continue
		}
		rule(check, at, block)
		if id := check.length(at, block, "block_id", 0, maxID); id != "" && seen[id] {
			check.fail(at+"/block_id", "block_id already exists: %s", id)
		} else {
			seen[id] = true
		}
	}
	check.totals()
	if len(check.problems) > 0 {
		return nil, refuse("invalid_blocks", check.problems...)
	}
	for _, block := range blocks {
		w.addIDs(block)
	}
	return json.Marshal(blocks)
}

func (b *blockCheck) totals() {
	if b.markdown > maxMarkdown {
		b.fail("/blocks", "markdown text must be less than %d characters in all", maxMarkdown+1)
	}
	if b.table > maxTableText {
		b.fail("/blocks", "table text must be less than %d characters in all", maxTableText+1)
	}
	if b.chart > maxCharts {
		b.fail("/blocks", "no more than %d data_visualization blocks allowed", maxCharts)
	}
}

// addIDs gives a block, and what can be acted on in it, the ids that its sender left out.
func (w *Workspace) addIDs(block object) {
	if text(block["block_id"]) == "" {
		block["block_id"] = w.id("b")
	}
	walk(block, "", func(node map[string]any, _ string) {
		if kind := text(node["type"]); (kind == "button" || strings.HasSuffix(kind, "_select")) && text(node["action_id"]) == "" {
			node["action_id"] = w.id("a")
		}
	})
}

type blockRule func(b *blockCheck, at string, block object)

func blockRules() map[string]blockRule {
	return map[string]blockRule{
		"section":            (*blockCheck).section,
		"header":             (*blockCheck).header,
		"divider":            func(*blockCheck, string, object) {},
		"context":            (*blockCheck).context,
		"actions":            (*blockCheck).actions,
		"context_actions":    (*blockCheck).contextActions,
		"image":              (*blockCheck).image,
		"rich_text":          (*blockCheck).richText,
		"markdown":           (*blockCheck).markdownBlock,
		"table":              (*blockCheck).tableBlock,
		"data_table":         (*blockCheck).dataTable,
		"data_visualization": (*blockCheck).dataVisualization,
	}
}

// length checks a string field and answers it. A least of 1 makes it required.
func (b *blockCheck) length(at string, node object, field string, least, most int) string {
	value, present := node[field]
	s, isText := value.(string)
	n := utf8.RuneCountInString(s)
	switch at = at + "/" + field; {
	case !present && least > 0:
		b.fail(at, "missing required field: %s", field)
	case present && !isText:
		b.fail(at, "must be a string")
	case present && n < least:
		b.fail(at, "must be more than %d characters", least-1)
	case n > most:
		b.fail(at, "must be less than %d characters", most+1)
	}
	return s
}

// textObject checks a text object. Plain says that mrkdwn is not allowed.
func (b *blockCheck) textObject(at string, value any, most int, plain bool) {
	node, ok := value.(object)
	if !ok {
		b.fail(at, "must provide an object")
		return
	}
	kind := text(node["type"])
	if kind != "plain_text" && (plain || kind != "mrkdwn") {
		b.fail(at+"/type", "unsupported type: %s", kind)
	}
	b.length(at, node, "text", 1, most)
}

// items checks a list's length and answers it.
func (b *blockCheck) items(at string, node object, field string, least, most int) []any {
	list, ok := node[field].([]any)
	at = at + "/" + field
	switch {
	case !ok:
		b.fail(at, "missing required field: %s", field)
	case len(list) < least:
		b.fail(at, "must have at least %d items", least)
	case len(list) > most:
		b.fail(at, "no more than %d items allowed", most)
	}
	return list
}

func (b *blockCheck) section(at string, block object) {
	fields, hasFields := block["fields"]
	if block["text"] != nil {
		b.textObject(at+"/text", block["text"], maxSectionText, false)
	} else if !hasFields {
		b.fail(at, "must define either `text` or `fields`")
	}
	if hasFields && fields != nil {
		for i, field := range b.items(at, block, "fields", 1, maxFields) {
			b.textObject(fmt.Sprintf("%s/fields/%d", at, i), field, maxFieldText, false)
		}
	}
	if block["accessory"] != nil {
		b.element(at+"/accessory", block["accessory"])
	}
}

func (b *blockCheck) header(at string, block object) {
	b.textObject(at+"/text", block["text"], maxHeaderText, true)
}

func (b *blockCheck) context(at string, block object) {
	for i, element := range b.items(at, block, "elements", 1, maxContext) {
		at := fmt.Sprintf("%s/elements/%d", at, i)
		if node, _ := element.(object); node["type"] == "image" {
			b.image(at, node)
		} else {
			b.textObject(at, element, maxSectionText, false)
		}
	}
}

func (b *blockCheck) actions(at string, block object) {
	seen := map[string]bool{}
	for i, element := range b.items(at, block, "elements", 1, maxActions) {
		at := fmt.Sprintf("%s/elements/%d", at, i)
		b.element(at, element)
		node, _ := element.(object)
		if id := text(node["action_id"]); id != "" && seen[id] {
			b.fail(at+"/action_id", "action_id already exists: %s", id)
		} else {
			seen[id] = true
		}
	}
}

func (b *blockCheck) contextActions(at string, block object) {
	b.items(at, block, "elements", 1, maxContextActions)
}

func (b *blockCheck) image(at string, block object) {
	b.length(at, block, "alt_text", 1, maxAltText)
	if block["slack_file"] == nil {
		b.length(at, block, "image_url", 1, maxURL)
	}
}

func (b *blockCheck) richText(at string, block object) {
	for i, element := range b.items(at, block, "elements", 1, maxRichText) {
		node, _ := element.(object)
		at := fmt.Sprintf("%s/elements/%d", at, i)
		switch kind := text(node["type"]); kind {
		case "rich_text_list":
			b.richText(at, node)
		case "rich_text_section", "rich_text_preformatted", "rich_text_quote":
			for j, span := range b.items(at, node, "elements", 1, maxRichText) {
				if span, _ := span.(object); span["type"] == "text" {
					b.length(fmt.Sprintf("%s/elements/%d", at, j), span, "text", 1, maxText)
				}
			}
		default:
			b.fail(at+"/type", "unsupported type: %s", kind)
		}
	}
}

func (b *blockCheck) markdownBlock(at string, block object) {
	b.markdown += utf8.RuneCountInString(b.length(at, block, "text", 1, maxMarkdown))
}

// element checks something that can be acted on.
func (b *blockCheck) element(at string, value any) {
	node, _ := value.(object)
	b.length(at, node, "action_id", 0, maxID)
	switch kind := text(node["type"]); {
	case kind == "button":
		b.button(at, node)
	case kind == "image":
		b.image(at, node)
	case strings.HasSuffix(kind, "_select"):
		if node["placeholder"] != nil {
			b.textObject(at+"/placeholder", node["placeholder"], maxPlaceholder, true)
		}
		if node["options"] != nil {
			for i, option := range b.items(at, node, "options", 1, maxOptions) {
				option, _ := option.(object)
				b.textObject(fmt.Sprintf("%s/options/%d/text", at, i), option["text"], maxButtonText, true)
				b.length(fmt.Sprintf("%s/options/%d", at, i), option, "value", 1, maxPlaceholder)
			}
		}
	case slices.Contains([]string{"overflow", "checkboxes", "radio_buttons", "datepicker", "timepicker", "datetimepicker"}, kind):
	default:
		b.fail(at+"/type", "unsupported type: %s", kind)
	}
	if confirm, ok := node["confirm"].(object); ok {
		b.textObject(at+"/confirm/title", confirm["title"], maxConfirmTitle, true)
		b.textObject(at+"/confirm/text", confirm["text"], maxConfirmText, false)
		b.textObject(at+"/confirm/confirm", confirm["confirm"], maxConfirmButton, true)
		b.textObject(at+"/confirm/deny", confirm["deny"], maxConfirmButton, true)
	}
}

func (b *blockCheck) button(at string, node object) {
	b.textObject(at+"/text", node["text"], maxButtonText, true)
	b.length(at, node, "value", 0, maxButtonValue)
	b.length(at, node, "url", 0, maxURL)
	b.length(at, node, "accessibility_label", 0, maxLabel)
	if style := text(node["style"]); node["style"] != nil && style != "primary" && style != "danger" {
		b.fail(at+"/style", "must be one of: primary, danger")
	}
}
