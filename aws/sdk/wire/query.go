package wire

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Query is AWS's protocol Query: every call is a form, every answer a document of XML.
type Query struct{ Version string }

func (p Query) write(operation string, in reflect.Value) (call, error) {
	return inForm(operation, p.Version, in, former{list: ".member."})
}

// former writes a form.
type former struct {
	form url.Values
	list string            // what stands between the name of a list and the number of its element
	flat bool              // an empty list is not written
	name map[string]string // of members that are written by another name than the SDK's
}

func inForm(operation, version string, in reflect.Value, f former) (call, error) {
	f.form = url.Values{"Action": {operation}, "Version": {version}}
	err := f.members("", in)
	return call{
		method: http.MethodPost, path: "/", body: []byte(f.form.Encode()),
		headers: map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
	}, err
}

func (f former) members(prefix string, v reflect.Value) error {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !carried(field) || v.Field(i).IsZero() {
			continue
		}
		if err := f.value(prefix+cmp.Or(f.name[field.Name], field.Name), v.Field(i)); err != nil {
			return err
		}
	}
	return nil
}

// value writes a value under a name: lists as NAME.member.1, maps as NAME.entry.1.key and .value.
func (f former) value(name string, v reflect.Value) error {
	form := f.form
	switch v.Kind() {
	case reflect.Pointer:
		return f.value(name, v.Elem())
	case reflect.Struct:
		if at, ok := v.Interface().(time.Time); ok {
			form.Set(name, at.UTC().Format("2006-01-02T15:04:05.999Z"))
			return nil
		}
		return f.members(name+".", v)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			form.Set(name, base64.StdEncoding.EncodeToString(v.Bytes()))
			return nil
		}
		if v.Len() == 0 && !f.flat {
			form.Set(name, "")
		}
		for i := range v.Len() {
			if err := f.value(name+f.list+strconv.Itoa(i+1), v.Index(i)); err != nil {
				return err
			}
		}
		return nil
	case reflect.Map:
		n := 0
		for keys := v.MapRange(); keys.Next(); {
			n++
			entry := name + ".entry." + strconv.Itoa(n)
			form.Set(entry+".key", keys.Key().String())
			if err := f.value(entry+".value", keys.Value()); err != nil {
				return err
			}
		}
		return nil
	case reflect.String, reflect.Bool, reflect.Int32, reflect.Int64, reflect.Float32, reflect.Float64:
		form.Set(name, fmt.Sprint(v.Interface()))
		return nil
	default:
		return fmt.Errorf("%s, a member of the kind %s, cannot be sent", name, v.Type())
	}
}

func (p Query) read(operation string, _ *http.Response, body []byte, out reflect.Value) error {
	root, err := parse(body)
	if err != nil {
		return err
	}
	if result := root.child(operation + "Result"); result != nil {
		return fillXML(out, result)
	}
	return nil // an answer that says nothing has no result
}

func (p Query) refused(_ *http.Response, body []byte) (code, message, requestID string, err error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return unknown, unknown, "", nil
	}
	root, err := parse(body)
	if err != nil {
		return "", "", "", err
	}
	told := root
	if inner := root.child("Error"); inner != nil {
		told = inner
	}
	return cmp.Or(told.text("Code"), unknown), cmp.Or(told.text("Message"), unknown), root.text("RequestId"), nil
}

// element is a part of a document of XML.
type element struct {
	name     string
	chars    string
	children []*element
}

func (e *element) child(name string) *element {
	for _, child := range e.children {
		if child.name == name {
			return child
		}
	}
	return nil
}

func (e *element) text(name string) string {
	if child := e.child(name); child != nil {
		return strings.TrimSpace(child.chars)
	}
	return ""
}

// parse reads a document into its root.
func parse(body []byte) (*element, error) {
	decoder := xml.NewDecoder(bytes.NewReader(body))
	top := &element{}
	open := []*element{top}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		inmost := open[len(open)-1]
		switch token := token.(type) {
		case xml.StartElement:
			child := &element{name: token.Name.Local}
			inmost.children = append(inmost.children, child)
			open = append(open, child)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			inmost.chars += string(token)
		}
	}
	if len(top.children) == 0 {
		return nil, errors.New("the answer is empty")
	}
	return top.children[0], nil
}

// fillXML puts an element into a value of the SDK. Elements that the SDK does not know are passed over.
func fillXML(to reflect.Value, from *element) error {
	switch to.Kind() {
	case reflect.Pointer:
		made := reflect.New(to.Type().Elem())
		to.Set(made)
		return fillXML(made.Elem(), from)
	case reflect.Struct:
		if to.Type() == reflect.TypeFor[time.Time]() {
			at, err := readTime(strings.TrimSpace(from.chars))
			to.Set(reflect.ValueOf(at))
			return err
		}
		for _, child := range from.children {
			if field := member(to, child.name); field.IsValid() {
				if err := fillXML(field, child); err != nil {
					return err
				}
			}
		}
		return nil
	case reflect.Slice:
		return fillItems(to, from)
	case reflect.Map:
		to.Set(reflect.MakeMap(to.Type()))
		for _, entry := range from.children {
			item := reflect.New(to.Type().Elem()).Elem()
			if value := entry.child("value"); value != nil {
				if err := fillXML(item, value); err != nil {
					return err
				}
			}
			to.SetMapIndex(reflect.ValueOf(entry.text("key")).Convert(to.Type().Key()), item)
		}
		return nil
	case reflect.String:
		to.SetString(from.chars)
		return nil
	default:
		return scan(to, strings.TrimSpace(from.chars))
	}
}

func fillItems(to reflect.Value, from *element) error {
	if to.Type().Elem().Kind() == reflect.Uint8 {
		raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(from.chars))
		to.SetBytes(raw)
		return err
	}
	to.Set(reflect.MakeSlice(to.Type(), len(from.children), len(from.children)))
	for i, item := range from.children {
		if err := fillXML(to.Index(i), item); err != nil {
			return err
		}
	}
	return nil
}

// scan reads a number or a truth out of text.
func scan(to reflect.Value, text string) error {
	switch to.Kind() {
	case reflect.Bool:
		is, err := strconv.ParseBool(text)
		to.SetBool(is)
		return err
	case reflect.Int32, reflect.Int64:
		whole, err := strconv.ParseInt(text, 10, to.Type().Bits())
		to.SetInt(whole)
		return err
	case reflect.Float32, reflect.Float64:
		number, err := strconv.ParseFloat(text, to.Type().Bits())
		to.SetFloat(number)
		return err
	default:
		return unexpected(to, text)
	}
}
