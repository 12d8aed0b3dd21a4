package intake

import (
	"errors"
	"net/url"
	"strings"
)

// form is what a slash command's body says, in its order. It is a list and not url.Values, because a dozen short fields are
// found faster in a list than they are put into a map.
type form []field

type field struct{ name, value string }

var errForm = errors.New("the form is not properly encoded")

// readForm reads a body as url.ParseQuery does, and refuses what that refuses. It puts what it finds behind out.
func readForm(out form, body string) (form, error) {
	if strings.Contains(body, ";") {
		return nil, errForm
	}
	for body != "" {
		var pair string
		pair, body, _ = strings.Cut(body, "&")
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		if strings.ContainsAny(pair, "%+") {
			var badName, badValue error
			name, badName = url.QueryUnescape(name)
			value, badValue = url.QueryUnescape(value)
			if badName != nil || badValue != nil {
				return nil, errForm
			}
		}
		out = append(out, field{name, value})
	}
	return out, nil
}

// get answers the first field of a name, empty where there is none.
func (f form) get(name string) string {
	for _, field := range f {
		if field.name == name {
			return field.value
		}
	}
	return ""
}
