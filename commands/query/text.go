package query

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"deckhand/commands"
)

// textOf writes a value as the AWS CLI's --output text does: a line for each list of plain values, columns parted by tabs, the keys of
// maps in alphabetical order, and the name of a list before each of its lines.
// Source: https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-output-format.html
func textOf(value any) string {
	var out strings.Builder
	text(&out, value, "", nil)
	return out.String()
}

func text(out *strings.Builder, value any, name string, columns []string) {
	switch value := value.(type) {
	case map[string]any:
		textOfMap(out, value, name, columns)
	case []any:
		textOfList(out, value, name)
	default:
		out.WriteString(scalar(value) + "\n")
	}
}

func textOfList(out *strings.Builder, list []any, name string) {
	var plain []string
	var deep []any
	maps := false
	for _, element := range list {
		_, isMap := element.(map[string]any)
		maps = maps || isMap
		if isPlain(element) {
			plain = append(plain, scalar(element))
		} else {
			deep = append(deep, element)
		}
	}
	if maps {
		columns := plainKeys(list)
		for _, element := range list {
			text(out, element, name, columns)
		}
		return
	}
	switch {
	case len(plain) > 0 && name != "":
		for _, word := range plain {
			out.WriteString(strings.ToUpper(name) + "\t" + word + "\n")
		}
	case len(plain) > 0:
		out.WriteString(strings.Join(plain, "\t") + "\n")
	}
	for _, element := range deep {
		text(out, element, name, nil)
	}
}

func textOfMap(out *strings.Builder, value map[string]any, name string, columns []string) {
	var words []string
	if columns == nil {
		columns = plainKeys([]any{value})
	}
	for _, key := range columns {
		word := ""
		if member, ok := value[key]; ok {
			word = scalar(member)
		}
		words = append(words, word)
	}
	if len(words) > 0 {
		if name != "" {
			words = append([]string{strings.ToUpper(name)}, words...)
		}
		out.WriteString(strings.Join(words, "\t") + "\n")
	}
	for _, key := range slices.Sorted(maps.Keys(value)) {
		if !slices.Contains(columns, key) {
			text(out, value[key], key, nil)
		}
	}
}

// plainKeys are the keys under which any of the maps has a plain value, in order.
func plainKeys(list []any) []string {
	keys := []string{}
	for _, element := range list {
		member, _ := element.(map[string]any)
		for key, value := range member {
			if isPlain(value) && !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	slices.Sort(keys)
	return keys
}

func isPlain(value any) bool {
	switch value.(type) {
	case map[string]any, []any:
		return false
	default:
		return true
	}
}

func scalar(value any) string {
	switch value := value.(type) {
	case nil:
		return "None"
	case string:
		return value
	case bool:
		return map[bool]string{true: "True", false: "False"}[value]
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	default:
		return jsonOf(value)
	}
}

// tableOf writes lists and maps of plain values as a table; anything deeper is none.
func tableOf(value any) (commands.Table, bool) {
	rows, ok := value.([]any)
	if !ok {
		rows = []any{value}
	}
	var table commands.Table
	if keys := plainKeys(rows); len(keys) > 0 {
		table.Columns = keys
	}
	for _, row := range rows {
		cells, ok := cellsOf(row, table.Columns)
		if !ok {
			return table, false
		}
		table.Rows = append(table.Rows, cells)
	}
	if table.Columns == nil {
		widest := 0
		for _, row := range table.Rows {
			widest = max(widest, len(row))
		}
		for i := range widest {
			table.Columns = append(table.Columns, strconv.Itoa(i+1))
		}
	}
	return table, len(table.Rows) > 0
}

func cellsOf(row any, keys []string) ([]string, bool) {
	var cells []string
	add := func(value any) bool {
		cells = append(cells, commands.Unmarked(scalar(value)))
		return isPlain(value)
	}
	switch row := row.(type) {
	case map[string]any:
		for key := range row {
			if !slices.Contains(keys, key) {
				return nil, false
			}
		}
		for _, key := range keys {
			if !add(row[key]) {
				return nil, false
			}
		}
	case []any:
		for _, value := range row {
			if len(keys) > 0 || !add(value) {
				return nil, false
			}
		}
	default:
		return cells, len(keys) == 0 && add(row) || len(cells) > 0
	}
	return cells, true
}
