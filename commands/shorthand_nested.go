package commands

import (
	"encoding/json"
	"strconv"
	"strings"
)

// ShorthandJSON writes one structure of the AWS CLI's shorthand as JSON, with the lists and structures in it:
// "IpProtocol=tcp,FromPort=22,IpRanges=[{CidrIp=10.0.0.0/8}]". Errors are of kind Usage.
// Source: https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-shorthand.html
func ShorthandJSON(raw string) (string, error) {
	object, ok := shorthandObject(raw)
	if !ok {
		return "", badShorthand(raw)
	}
	text, err := json.Marshal(object)
	return string(text), err
}

func shorthandObject(raw string) (map[string]any, bool) {
	out := map[string]any{}
	for _, part := range splitAtCommas(raw) {
		key, value, ok := strings.Cut(part, "=")
		if key = strings.TrimSpace(key); !ok || key == "" {
			return nil, false
		}
		if out[key], ok = shorthandValue(strings.TrimSpace(value)); !ok {
			return nil, false
		}
	}
	return out, true
}

func shorthandValue(text string) (any, bool) {
	switch {
	case len(text) > 1 && text[0] == '[' && text[len(text)-1] == ']':
		var list []any
		for _, element := range splitAtCommas(text[1 : len(text)-1]) {
			value, ok := shorthandValue(strings.TrimSpace(element))
			if !ok {
				return nil, false
			}
			list = append(list, value)
		}
		return list, true
	case len(text) > 1 && text[0] == '{' && text[len(text)-1] == '}':
		return shorthandObject(text[1 : len(text)-1])
	case len(text) > 1 && (text[0] == '"' || text[0] == '\'') && text[len(text)-1] == text[0]:
		return text[1 : len(text)-1], true
	}
	if n, err := strconv.Atoi(text); err == nil {
		return n, true
	}
	return text, true
}
