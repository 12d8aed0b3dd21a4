package sdk

import (
	"encoding/base64"
	"reflect"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"
)

// lowered tells whether a service names its members in lower case. The SDK writes all of them in upper case.
func lowered(service string) bool {
	return slices.Contains([]string{"ECS", "CloudWatch Logs"}, service)
}

// printed writes an answer as the AWS CLI prints it. What AWS did not say is not there.
func printed(answer any, lower bool) map[string]any {
	whole, _ := printedValue(reflect.ValueOf(answer), lower).(map[string]any)
	return whole
}

func printedValue(v reflect.Value, lower bool) any {
	if v.IsValid() && v.CanInterface() {
		switch value := v.Interface().(type) {
		case time.Time:
			return stamp(value)
		case []byte:
			return base64.StdEncoding.EncodeToString(value)
		}
	}
	switch v.Kind() { //nolint:exhaustive // what AWS answers is made of these
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return printedValue(v.Elem(), lower)
	case reflect.Struct:
		return printedMembers(v, lower)
	case reflect.Slice:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = printedValue(v.Index(i), lower)
		}
		return list
	case reflect.Map:
		whole := make(map[string]any, v.Len())
		for _, key := range v.MapKeys() {
			whole[key.String()] = printedValue(v.MapIndex(key), lower)
		}
		return whole
	case reflect.String:
		return v.String()
	case reflect.Bool:
		return v.Bool()
	case reflect.Int, reflect.Int32, reflect.Int64:
		return float64(v.Int())
	case reflect.Float32, reflect.Float64:
		return v.Float()
	default:
		return nil
	}
}

func printedMembers(v reflect.Value, lower bool) map[string]any {
	whole := map[string]any{}
	for i := range v.NumField() {
		field, member := v.Type().Field(i), v.Field(i)
		if !field.IsExported() || field.Anonymous || field.Name == "ResultMetadata" || unsaid(member) {
			continue
		}
		name := field.Name
		if lower {
			first, size := utf8.DecodeRuneInString(name)
			name = string(unicode.ToLower(first)) + name[size:]
		}
		if secret(v.Type().Name(), field.Name) {
			whole[name] = hidden(member)
			continue
		}
		whole[name] = printedValue(member, lower)
	}
	return whole
}

// secret tells whether a member holds what no chat may show: the values of a function's environment, and the signed address of its code.
func secret(of, member string) bool {
	switch of {
	case "EnvironmentResponse", "Environment":
		return member == "Variables"
	case "FunctionCodeLocation":
		return member == "Location"
	}
	return false
}

const dots = "••••••"

// hidden keeps the names of a map and nothing of its values.
func hidden(v reflect.Value) any {
	if v.Kind() != reflect.Map {
		return dots
	}
	whole := make(map[string]any, v.Len())
	for _, key := range v.MapKeys() {
		whole[key.String()] = dots
	}
	return whole
}

// unsaid tells whether AWS left a member out. A word of an enumeration is never empty.
func unsaid(v reflect.Value) bool {
	switch v.Kind() { //nolint:exhaustive // the others are always said
	case reflect.Pointer, reflect.Interface, reflect.Slice, reflect.Map:
		return v.IsNil()
	case reflect.String:
		return v.Len() == 0
	default:
		return false
	}
}

// stamp writes a time as the AWS CLI does: microseconds only where there are some.
func stamp(t time.Time) string {
	if t.Nanosecond() == 0 {
		return t.UTC().Format("2006-01-02T15:04:05+00:00")
	}
	return t.UTC().Format("2006-01-02T15:04:05.000000+00:00")
}
