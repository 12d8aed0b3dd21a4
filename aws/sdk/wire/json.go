package wire

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"reflect"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/restjson"
)

// JSON is AWS's protocol JSON 1.0 or 1.1: every call is a POST whose header says which.
type JSON struct {
	Version string // "1.1"
	Target  string // what stands before the operation: "AmazonEC2ContainerServiceV20141113"
	// Small says that the names of members begin with a small letter, in all shapes or in the ones that Except does not name.
	Small  bool
	Except []string // shapes that do it the other way
}

func (p JSON) write(operation string, in reflect.Value) (call, error) {
	value, err := p.names().value(in)
	if err != nil {
		return call{}, err
	}
	body, err := json.Marshal(value)
	return call{method: http.MethodPost, path: "/", body: body, headers: map[string]string{
		"Content-Type": "application/x-amz-json-" + p.Version, "X-Amz-Target": p.Target + "." + operation,
	}}, err
}

func (p JSON) read(_ string, _ *http.Response, body []byte, out reflect.Value) error {
	return readJSON(body, out)
}

func (p JSON) refused(answer *http.Response, body []byte) (code, message, requestID string, err error) {
	return refusedJSON(answer, body)
}

func (p JSON) names() names { return names{small: p.Small, except: p.Except} }

// names says how the members of shapes are called where they travel, and how times are written.
type names struct {
	small  bool
	except []string
	dated  bool // times are texts, not seconds since 1970
}

func (n names) of(shape reflect.Type, member string) string {
	small := n.small
	for _, other := range n.except {
		if other == shape.Name() {
			small = !small
		}
	}
	if !small {
		return member
	}
	first, size := utf8.DecodeRuneInString(member)
	return string(unicode.ToLower(first)) + member[size:]
}

// value is a value of the SDK as encoding/json writes it the way AWS reads it. What is not given is left out.
func (n names) value(v reflect.Value) (any, error) {
	switch v.Kind() {
	case reflect.Pointer:
		return n.value(v.Elem())
	case reflect.Struct:
		if at, ok := v.Interface().(time.Time); ok && n.dated {
			return at.UTC().Format("2006-01-02T15:04:05.999Z"), nil
		} else if ok {
			return json.Number(fmt.Sprintf("%.15g", float64(at.UnixMilli())/1e3)), nil
		}
		return n.object(v)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return base64.StdEncoding.EncodeToString(v.Bytes()), nil
		}
		list := make([]any, v.Len())
		for i := range list {
			item, err := n.value(v.Index(i))
			if err != nil {
				return nil, err
			}
			list[i] = item
		}
		return list, nil
	case reflect.Map:
		object := map[string]any{}
		for keys := v.MapRange(); keys.Next(); {
			item, err := n.value(keys.Value())
			if err != nil {
				return nil, err
			}
			object[keys.Key().String()] = item
		}
		return object, nil
	case reflect.String:
		return v.String(), nil
	case reflect.Bool, reflect.Int32, reflect.Int64, reflect.Float32, reflect.Float64:
		return v.Interface(), nil
	default:
		return nil, fmt.Errorf("a member of the kind %s cannot be sent", v.Type())
	}
}

func (n names) object(v reflect.Value) (any, error) {
	object := map[string]any{}
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !carried(field) || v.Field(i).IsZero() {
			continue
		}
		item, err := n.value(v.Field(i))
		if err != nil {
			return nil, err
		}
		object[n.of(v.Type(), field.Name)] = item
	}
	return object, nil
}

// carried tells whether a field of the SDK's structs is a member of the shape.
func carried(field reflect.StructField) bool {
	return field.IsExported() && !field.Anonymous && field.Name != "ResultMetadata"
}

func readJSON(body []byte, out reflect.Value) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return err
	}
	return fillJSON(out, value)
}

// fillJSON puts a value that was read into a value of the SDK. Members that the SDK does not know are passed over.
func fillJSON(to reflect.Value, from any) error {
	if from == nil {
		return nil
	}
	switch to.Kind() {
	case reflect.Pointer:
		made := reflect.New(to.Type().Elem())
		to.Set(made)
		return fillJSON(made.Elem(), from)
	case reflect.Struct:
		if to.Type() == reflect.TypeFor[time.Time]() {
			at, err := readTime(from)
			to.Set(reflect.ValueOf(at))
			return err
		}
		return fillObject(to, from)
	case reflect.Slice:
		return fillList(to, from)
	case reflect.Map:
		return fillMap(to, from)
	case reflect.Interface:
		return nil // a document or a union: nothing that is used here
	default:
		return fillScalar(to, from)
	}
}

func fillObject(to reflect.Value, from any) error {
	object, ok := from.(map[string]any)
	if !ok {
		return unexpected(to, from)
	}
	for name, value := range object {
		if field := member(to, name); field.IsValid() {
			if err := fillJSON(field, value); err != nil {
				return err
			}
		}
	}
	return nil
}

// member is the field of a struct for a member by its name as it travels; the zero value where there is none. What EC2 calls attachmentSet
// is Attachments in Go.
func member(of reflect.Value, name string) reflect.Value {
	for i := range of.NumField() {
		if field := of.Type().Field(i); strings.EqualFold(field.Name, name) && carried(field) {
			return of.Field(i)
		}
	}
	one, isSet := strings.CutSuffix(name, "Set")
	if !isSet {
		return reflect.Value{}
	}
	for _, many := range [...]string{one + "s", one + "es", strings.TrimSuffix(one, "y") + "ies"} {
		if field := member(of, many); field.IsValid() {
			return field
		}
	}
	return reflect.Value{}
}

func fillList(to reflect.Value, from any) error {
	if text, ok := from.(string); ok && to.Type().Elem().Kind() == reflect.Uint8 {
		bytes, err := base64.StdEncoding.DecodeString(text)
		to.SetBytes(bytes)
		return err
	}
	list, ok := from.([]any)
	if !ok {
		return unexpected(to, from)
	}
	to.Set(reflect.MakeSlice(to.Type(), len(list), len(list)))
	for i, item := range list {
		if err := fillJSON(to.Index(i), item); err != nil {
			return err
		}
	}
	return nil
}

func fillMap(to reflect.Value, from any) error {
	object, ok := from.(map[string]any)
	if !ok {
		return unexpected(to, from)
	}
	to.Set(reflect.MakeMap(to.Type()))
	for name, value := range object {
		item := reflect.New(to.Type().Elem()).Elem()
		if err := fillJSON(item, value); err != nil {
			return err
		}
		to.SetMapIndex(reflect.ValueOf(name).Convert(to.Type().Key()), item)
	}
	return nil
}

func fillScalar(to reflect.Value, from any) error {
	switch from := from.(type) {
	case string:
		if to.Kind() == reflect.String {
			to.SetString(from)
			return nil
		}
		return scan(to, from)
	case bool:
		if to.Kind() == reflect.Bool {
			to.SetBool(from)
			return nil
		}
	case json.Number:
		if to.Kind() == reflect.Int32 || to.Kind() == reflect.Int64 {
			// Some endpoints give the milliseconds of a time with a fraction.
			if number, err := from.Float64(); err == nil && strings.Contains(from.String(), ".") {
				to.SetInt(int64(number))
				return nil
			}
		}
		return scan(to, from.String())
	}
	return unexpected(to, from)
}

func unexpected(to reflect.Value, from any) error {
	return fmt.Errorf("%T stands where %s is expected", from, to.Type())
}

// readTime reads seconds since 1970, or a time as RFC 3339 writes it.
func readTime(from any) (time.Time, error) {
	switch from := from.(type) {
	case json.Number:
		seconds, err := from.Float64()
		return time.UnixMilli(int64(math.Round(seconds * 1e3))).UTC(), err
	case string:
		at, err := time.Parse(time.RFC3339Nano, from)
		return at.UTC(), err
	default:
		return time.Time{}, fmt.Errorf("%T stands where a time is expected", from)
	}
}

// unknown is what the SDK calls an error that does not say what it is.
const unknown = "UnknownError"

// refusedJSON reads an error of a service that speaks JSON: its code stands in a header or in the body.
func refusedJSON(answer *http.Response, body []byte) (code, message, requestID string, err error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	said, message, err := restjson.GetErrorInfo(decoder)
	if err != nil {
		return "", "", "", err
	}
	code = restjson.SanitizeErrorCode(answer.Header.Get("X-Amzn-Errortype"))
	if code == "" {
		code = said
	}
	return cmp.Or(code, unknown), cmp.Or(message, unknown), "", nil
}
