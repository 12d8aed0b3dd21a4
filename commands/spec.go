package commands

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Spec is what a runner's struct says of its arguments. Tags of an exported field:
//
//	arg:"name"         positional; []string takes all that remain
//	flag:"image-id"    a flag; empty: the field's name in kebab case
//	alias:"type,t"     other spellings of the flag; for a positional, flags that fill it too
//	required:""        must be given
//	default:"1"        used where it is not given
//	bare:"this"        what a flag means that stands without its value
//	enum:"a,b"         the values that are accepted
//	raw:""             a list whose values are not split at commas
//	value:"ID"         what help calls the value
//	help:"One line."
//	unlisted:""        accepted, and not told of in help: AWS's own flag that means nothing here
//	trailing:"OTHER"   the words after "--" are its value, unless the line has the flag OTHER
//	flag:"-"           no argument: kept with the arguments, and filled in by Fill
//
// Types: string, bool, *bool, int, time.Duration, []string, map[string]string, encoding.TextUnmarshaler.
// An embedded struct contributes its fields.
type Spec struct {
	Fields []SpecField
	names  []string // every accepted spelling of every flag
	byName map[string]int
	coded  bool // takes a one-time code
}

// SpecField is one argument.
type SpecField struct {
	Name       string // without dashes
	Aliases    []string
	Positional bool
	Required   bool
	Default    string
	Bare       string
	Enum       []string
	Raw        bool
	Value      string
	Help       string
	Unlisted   bool

	index  []int
	kind   argKind
	hidden bool // a one-time code
	// trailing says that the words after "--" are its value, and names the other flag that may hold it.
	trailing string
}

type argKind int

const (
	kindString argKind = iota
	kindBool
	kindMaybe // *bool
	kindInt
	kindDuration
	kindList
	kindMap
	kindText // encoding.TextUnmarshaler
)

// Switch tells whether the flag stands alone.
func (f SpecField) Switch() bool { return f.kind == kindBool || f.kind == kindMaybe }

// Many tells whether the argument may be given several times.
func (f SpecField) Many() bool { return f.kind == kindList || f.kind == kindMap }

var (
	durationType = reflect.TypeFor[time.Duration]()
	textType     = reflect.TypeFor[encoding.TextUnmarshaler]()
	codeType     = reflect.TypeFor[Passcode]()
)

// NewSpec reads the struct behind a runner.
func NewSpec(runner Runner) (Spec, error) {
	t := reflect.TypeOf(runner)
	if t.Kind() != reflect.Pointer || t.Elem().Kind() != reflect.Struct {
		return Spec{}, fmt.Errorf("%T is not a pointer to a struct", runner)
	}
	spec := Spec{byName: map[string]int{}}
	if err := spec.read(t.Elem(), nil); err != nil {
		return Spec{}, fmt.Errorf("%T: %w", runner, err)
	}
	for i, f := range spec.Fields {
		names := f.Aliases
		if !f.Positional {
			names = append([]string{f.Name}, names...)
		}
		for _, name := range names {
			if _, taken := spec.byName[name]; taken || reserved(name) {
				return Spec{}, fmt.Errorf("%T: flag --%s is declared twice", runner, name)
			}
			spec.byName[name] = i
			spec.names = append(spec.names, name)
			if f.kind == kindMaybe {
				spec.names = append(spec.names, "no-"+name)
			}
		}
	}
	return spec, nil
}

// reserved tells whether no command may have a flag of this name.
func reserved(name string) bool {
	return !slices.Contains([]globalFlag{0, publicFlag, accountFlag, queryFlag, outputFlag}, globalFlags[name])
}

func (s *Spec) read(t reflect.Type, path []int) error {
	for i := range t.NumField() {
		f := t.Field(i)
		index := append(append([]int{}, path...), i)
		switch {
		case f.Anonymous && f.Type.Kind() == reflect.Struct:
			if err := s.read(f.Type, index); err != nil {
				return err
			}
		case f.IsExported() && f.Tag.Get("flag") != "-":
			field, err := readField(f, index)
			if err != nil {
				return err
			}
			s.Fields = append(s.Fields, field)
			s.coded = s.coded || field.hidden
		}
	}
	return nil
}

func readField(f reflect.StructField, index []int) (SpecField, error) {
	kind, ok := kindOf(f.Type)
	if !ok {
		return SpecField{}, fmt.Errorf("field %s has type %s, which no argument can have", f.Name, f.Type)
	}
	out := SpecField{index: index, kind: kind, hidden: f.Type == codeType, Value: f.Tag.Get("value"), Help: f.Tag.Get("help"), Default: f.Tag.Get("default"), Bare: f.Tag.Get("bare")}
	out.Name, out.Positional = f.Tag.Lookup("arg")
	if !out.Positional {
		out.Name = f.Tag.Get("flag")
	}
	if out.Name == "" {
		out.Name = kebab(f.Name)
	}
	_, out.Required = f.Tag.Lookup("required")
	_, out.Raw = f.Tag.Lookup("raw")
	_, out.Unlisted = f.Tag.Lookup("unlisted")
	out.trailing = f.Tag.Get("trailing")
	out.Aliases = list(f.Tag.Get("alias"))
	out.Enum = list(f.Tag.Get("enum"))
	if out.Value == "" {
		out.Value = strings.ToUpper(strings.ReplaceAll(out.Name, "-", "_"))
	}
	return out, nil
}

func kindOf(t reflect.Type) (argKind, bool) {
	switch {
	case t == durationType:
		return kindDuration, true
	case reflect.PointerTo(t).Implements(textType):
		return kindText, true
	case t.Kind() == reflect.String:
		return kindString, true
	case t.Kind() == reflect.Bool:
		return kindBool, true
	case t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Bool:
		return kindMaybe, true
	case t.Kind() == reflect.Int:
		return kindInt, true
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.String:
		return kindList, true
	case t.Kind() == reflect.Map && t.Key().Kind() == reflect.String && t.Elem().Kind() == reflect.String:
		return kindMap, true
	default:
		return 0, false
	}
}

func list(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

// kebab turns ImageID into image-id.
func kebab(name string) string {
	var out strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		upper := r >= 'A' && r <= 'Z'
		if upper && i > 0 && (runes[i-1] < 'A' || runes[i-1] > 'Z' || i+1 < len(runes) && runes[i+1] >= 'a') {
			out.WriteByte('-')
		}
		out.WriteRune(r)
	}
	return strings.ToLower(out.String())
}
