package wire

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"sort"
	"strings"

	"github.com/aws/smithy-go/encoding/httpbinding"
)

// XML is AWS's protocol REST with XML, as Route 53 speaks it.
type XML struct {
	Namespace string
	Routes    map[string]XMLRoute // by operation
}

// XMLRoute is where a call goes, and which members of its input stand in the query, by the names that they have there. All others are
// parts of the body.
type XMLRoute struct {
	Method, Path string // "/2013-04-01/change/{Id}"
	Query        map[string]string
}

func (p XML) write(operation string, in reflect.Value) (call, error) {
	route, ok := p.Routes[operation]
	if !ok {
		return call{}, fmt.Errorf("no route leads to %s", operation)
	}
	out := call{method: route.Method, path: route.Path, query: url.Values{}, headers: map[string]string{}}
	var body bytes.Buffer
	for _, field := range inOrder(in.Type()) {
		value, label := in.FieldByIndex(field.Index), "{"+field.Name+"}"
		name, inQuery := route.Query[field.Name]
		switch {
		case strings.Contains(out.path, label):
			text := textOf(value)
			if text == "" {
				return call{}, fmt.Errorf("input member %s must not be empty", field.Name)
			}
			out.path = strings.Replace(out.path, label, httpbinding.EscapePath(text, true), 1)
		case value.IsZero():
		case inQuery:
			out.query.Set(name, textOf(value))
		default:
			if err := writeXML(&body, field.Name, value); err != nil {
				return call{}, err
			}
		}
	}
	if body.Len() > 0 {
		root := operation + "Request"
		out.headers["Content-Type"] = "application/xml"
		out.body = slices.Concat([]byte("<"+root+` xmlns="`+p.Namespace+`">`), body.Bytes(), []byte("</"+root+">"))
	}
	return out, nil
}

// inOrder are the members of a shape in the order in which the SDK writes them.
func inOrder(shape reflect.Type) []reflect.StructField {
	var all []reflect.StructField
	for i := range shape.NumField() {
		if field := shape.Field(i); carried(field) {
			all = append(all, field)
		}
	}
	sort.Slice(all, func(i, j int) bool { return strings.ToLower(all[i].Name) < strings.ToLower(all[j].Name) })
	return all
}

// writeXML writes a value as an element; the elements of a list are called by its name in the singular.
func writeXML(to *bytes.Buffer, name string, v reflect.Value) error {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	to.WriteString("<" + name + ">")
	switch v.Kind() {
	case reflect.Struct:
		for _, field := range inOrder(v.Type()) {
			value := v.FieldByIndex(field.Index)
			// What is false or nought and has no pointer is always said: an alias says whether it follows the health of its target.
			if value.IsZero() && (value.Kind() != reflect.Bool && value.Kind() != reflect.Int32) {
				continue
			}
			if err := writeXML(to, field.Name, value); err != nil {
				return err
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			if err := writeXML(to, strings.TrimSuffix(name, "s"), v.Index(i)); err != nil {
				return err
			}
		}
	case reflect.String, reflect.Bool, reflect.Int32, reflect.Int64:
		if err := xml.EscapeText(to, []byte(textOf(v))); err != nil {
			return err
		}
	default:
		return fmt.Errorf("%s, a member of the kind %s, cannot be sent", name, v.Type())
	}
	to.WriteString("</" + name + ">")
	return nil
}

func (p XML) read(_ string, _ *http.Response, body []byte, out reflect.Value) error {
	root, err := parse(body)
	if err != nil {
		return err
	}
	return fillXML(out, root)
}

// refused reads an error. One of Route 53's has a form of its own, with several messages.
func (p XML) refused(answer *http.Response, body []byte) (code, message, requestID string, err error) {
	root, err := parse(body)
	if err == nil && root.name == "InvalidChangeBatch" {
		var messages []error
		if told := root.child("Messages"); told != nil {
			for _, one := range told.children {
				messages = append(messages, errors.New(strings.TrimSpace(one.chars)))
			}
		}
		return root.name, strings.ReplaceAll(fmt.Sprint(errors.Join(messages...)), "\n", " "), root.text("RequestId"), nil
	}
	return Query{}.refused(answer, body)
}
