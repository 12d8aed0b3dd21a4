package wire

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/smithy-go/encoding/httpbinding"
)

// REST is AWS's protocol REST with JSON: each call has a method and a path of its own.
type REST struct {
	Routes map[string]Route // by operation
	Small  bool             // the names of members begin with a small letter, and times are texts
}

// Route is where a call goes, and which members of its input and output do not travel in the body.
type Route struct {
	Method, Path string // "/functions/{FunctionName}"
	Query        []string
	Headers      []string // of the input, as X-Amz-Log-Type for LogType
	Answers      []string // of the output, as headers too
	Payload      bool     // the bodies are the member Payload, as it is
}

func (p REST) write(operation string, in reflect.Value) (call, error) {
	route, ok := p.Routes[operation]
	if !ok {
		return call{}, fmt.Errorf("no route leads to %s", operation)
	}
	out := call{method: route.Method, path: route.Path, query: url.Values{}, headers: map[string]string{}}
	names := names{small: p.Small, dated: p.Small}
	body := map[string]any{}
	for i := range in.NumField() {
		field, value := in.Type().Field(i), in.Field(i)
		label := "{" + field.Name + "}"
		inPath := strings.Contains(out.path, label)
		if !carried(field) || value.IsZero() && !inPath {
			continue
		}
		switch {
		case inPath:
			text := textOf(value)
			if text == "" {
				return call{}, fmt.Errorf("input member %s must not be empty", field.Name)
			}
			out.path = strings.Replace(out.path, label, httpbinding.EscapePath(text, true), 1)
		case slices.Contains(route.Query, field.Name):
			out.query.Set(names.of(in.Type(), field.Name), textOf(value))
		case slices.Contains(route.Headers, field.Name):
			out.headers[headerOf(field.Name)] = textOf(value)
		case route.Payload && field.Name == "Payload":
			out.body = value.Bytes()
		default:
			item, err := names.value(value)
			if err != nil {
				return call{}, err
			}
			body[names.of(in.Type(), field.Name)] = item
		}
	}
	return out, out.fill(route, body)
}

// fill writes the body of a call that has one.
func (c *call) fill(route Route, body map[string]any) (err error) {
	switch {
	case route.Payload:
		if len(c.body) > 0 {
			c.headers["Content-Type"] = "application/octet-stream"
		}
	case route.Method == http.MethodPost || route.Method == http.MethodPut:
		c.headers["Content-Type"] = "application/json"
		c.body, err = json.Marshal(body)
	}
	return err
}

// textOf is a text, a number or a truth as it stands in a path, a query or a header.
func textOf(v reflect.Value) string {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return ""
		}
		v = v.Elem()
	}
	return fmt.Sprint(v.Interface())
}

// headerOf is the header of a member: X-Amz-Log-Type of LogType.
func headerOf(member string) string {
	name := "X-Amz"
	for i, c := range member {
		if c >= 'A' && c <= 'Z' || i == 0 {
			name += "-"
		}
		name += string(c)
	}
	return name
}

func (p REST) read(operation string, answer *http.Response, body []byte, out reflect.Value) error {
	route := p.Routes[operation]
	if status := out.FieldByName("StatusCode"); status.IsValid() && status.Kind() == reflect.Int32 {
		if err := scan(status, strconv.Itoa(answer.StatusCode)); err != nil {
			return err
		}
	}
	for _, name := range route.Answers {
		if said := strings.TrimSpace(answer.Header.Get(headerOf(name))); said != "" {
			if err := fillJSON(out.FieldByName(name), said); err != nil {
				return err
			}
		}
	}
	if !route.Payload {
		return readJSON(body, out)
	}
	if len(body) > 0 {
		out.FieldByName("Payload").SetBytes(body)
	}
	return nil
}

func (p REST) refused(answer *http.Response, body []byte) (code, message, requestID string, err error) {
	return refusedJSON(answer, body)
}
