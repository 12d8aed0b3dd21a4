package commands

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// globalFlag says what to do with a flag that every command has, or that the AWS CLI has for all of its.
type globalFlag int

const (
	planFlag     globalFlag = iota + 1 // --plan: only tell what it would do
	runFlag                            // --no-dry-run: the default, said aloud
	helpFlag                           // --help
	ignoredFlag                        // changes only how the AWS CLI prints
	ignoredValue                       // the same, with a value
	refusedFlag                        // changes what would be done; deckhand says it otherwise
	accountFlag                        // --profile, the same; a command may have a flag of its own by this name
	queryFlag                          // --query, refused where a command has no flag of its own by this name
	outputFlag                         // --output, ignored with its value where a command has no flag of its own by this name
	publicFlag                         // shows an answer to the channel; a command may have a flag of its own by this name
	privateFlag                        // shows it to the asker alone, the default of reading commands
)

var globalFlags = map[string]globalFlag{ //nolint:gochecknoglobals // a constant table
	"plan": planFlag, "dry-run": planFlag, "no-dry-run": runFlag, "help": helpFlag, "h": helpFlag,
	"public": publicFlag, "private": privateFlag,
	"no-cli-pager": ignoredFlag, "no-paginate": ignoredFlag, "debug": ignoredFlag,
	"output": outputFlag, "color": ignoredValue, "cli-binary-format": ignoredValue,
	"cli-connect-timeout": ignoredValue, "cli-read-timeout": ignoredValue,
	"query": queryFlag, "profile": accountFlag, "endpoint-url": refusedFlag,
	"cli-input-json": refusedFlag, "cli-input-yaml": refusedFlag, "generate-cli-skeleton": refusedFlag,
}

// refusals say how deckhand does what a refused flag does.
var refusals = map[string]string{ //nolint:gochecknoglobals // a constant table
	"query":   "Leave it out: the answer has all there is. Lists of instances, networks, load balancers, functions and APIs take it, and so do vm show, lb show, lb health and ecs show.",
	"profile": "Name the account with --account.",
}

// filling is one line being read into a runner.
type filling struct {
	spec     Spec
	instead  map[string]string // see Command
	into     reflect.Value
	words    []Word
	given    []bool // by field
	meant    []int  // fields that a flag of no command was near to: they are not missing
	loose    []Word // words that are no flag's
	problems []string
	room     [2]string // of values, for the few that most flags have
	preset   string    // flags that the configuration adds to the line
	plan     bool
	help     bool
	public   bool // --public: the channel sees the answer
	private  bool // --private: the asker alone does
}

// fill reads words into the runner's fields and answers what the line said besides.
func (e *entry) fill(runner Runner, words []Word) *filling {
	f := &filling{spec: e.spec, instead: e.Instead, into: reflect.ValueOf(runner).Elem(), words: words, given: make([]bool, len(e.spec.Fields))}
	for len(f.words) > 0 {
		word := f.words[0]
		f.words = f.words[1:]
		switch name, ok := flagName(word); {
		case ok:
			f.flag(name)
		case word.Text == "--" && !word.Quoted: // what follows are no flags
			f.loose, f.words = append(f.loose, f.words...), nil
		case !word.Quoted && slices.Contains([]string{"|", "||", "&", "&&", ";", ">", ">>"}, word.Text):
			f.problem("%s is a shell's. One line is one command, and its answer stays here.", Mono(word.Text))
			f.words = nil
		default:
			f.loose = append(f.loose, word)
		}
	}
	f.positionals()
	if f.fillIn(runner) {
		f.complete()
	}
	return f
}

// flagName answers the name of a flag with its value, "count=2", for "--count=2" and "-count=2".
func flagName(word Word) (string, bool) {
	text := strings.TrimLeft(word.Text, "-")
	dashes := len(word.Text) - len(text)
	if word.Quoted || dashes == 0 || text == "" {
		return "", false
	}
	letter := text[0] >= 'a' && text[0] <= 'z' || text[0] >= 'A' && text[0] <= 'Z'
	return text, letter
}

func (f *filling) flag(text string) {
	name, value, hasValue := strings.Cut(text, "=")
	name = strings.ToLower(name)
	if i, ok := f.spec.byName[name]; ok {
		f.set(name, i, value, hasValue)
		return
	}
	if i, ok := f.spec.byName[strings.TrimPrefix(name, "no-")]; ok && f.spec.Fields[i].kind == kindMaybe {
		f.set(name, i, "false", true)
		return
	}
	if i, ok := f.spec.byName[name+"s"]; ok { // AWS's own examples write --tag-specification
		f.set(name, i, value, hasValue)
		return
	}
	switch globalFlags[name] {
	case publicFlag:
		f.public = true
	case privateFlag:
		f.private = true
	case planFlag:
		f.plan = !hasValue || value != "false"
	case runFlag, ignoredFlag:
	case helpFlag:
		f.help = true
	case ignoredValue, outputFlag:
		if !hasValue {
			f.values(1)
		}
	case refusedFlag, accountFlag, queryFlag:
		f.refuse(name, refusals[name])
	default:
		f.unknown(name, text)
	}
}

func (f *filling) refuse(name, instead string) {
	f.problem("deckhand does not take %s. %s", Mono("--"+name), instead)
	f.values(len(f.words)) // its values are no positionals
}

func (f *filling) unknown(name, text string) {
	if instead, ok := f.instead[name]; ok {
		f.refuse(name, instead)
		return
	}
	known := append(slices.Clone(f.spec.names), "plan")
	near := Nearest(name, known)
	switch {
	case len(near) == 0:
		f.problem("There is no flag %s here.", Mono("--"+name))
	case strings.HasPrefix(text, near[0]+"-"):
		f.problem("There is no flag %s here. The nearest is %s, and it may mean something else.", Mono("--"+name), Mono("--"+near[0]))
	case strings.HasPrefix(text, near[0]) && len(text) > len(near[0]) && text != near[0]+"s":
		f.problem("There is no flag %s here: did you mean %s?", Mono("--"+name), Mono("--"+near[0]+" "+text[len(near[0]):]))
	default:
		f.problem("There is no flag %s here: did you mean %s?", Mono("--"+name), Mono("--"+near[0]))
	}
	if len(near) > 0 {
		if i, ok := f.spec.byName[near[0]]; ok {
			f.meant = append(f.meant, i)
		}
	}
	f.values(len(f.words)) // its values are no positionals
}

// values takes the words that follow up to the next flag, at most n. What it answers is good until it is called again.
func (f *filling) values(n int) []string {
	out := f.room[:0]
	for len(out) < n && len(f.words) > 0 {
		if _, isFlag := flagName(f.words[0]); isFlag {
			break
		}
		out = append(out, f.words[0].Text)
		f.words = f.words[1:]
	}
	return out
}

func (f *filling) set(name string, i int, value string, hasValue bool) {
	field := f.spec.Fields[i]
	if f.given[i] && !field.Many() {
		f.problem("%s is given twice.", Mono("--"+name))
		if !hasValue && !field.Switch() {
			f.values(1) // its value is no positional
		}
		return
	}
	var values []string
	switch {
	case hasValue:
		values = []string{value}
	case field.Switch():
		values = []string{"true"}
		if len(f.words) > 0 && (f.words[0].Text == "true" || f.words[0].Text == "false") {
			values = f.values(1)
		}
	case field.kind == kindList:
		values = f.values(len(f.words))
	case field.kind == kindMap:
		values = f.pairs()
	case len(f.words) > 0 && slices.Contains(field.Enum, f.words[0].Text):
		values, f.words = []string{f.words[0].Text}, f.words[1:] // a choice may begin with a dash: --sort -name
	default:
		values = f.values(1)
	}
	if len(values) == 0 && field.Bare != "" {
		values = []string{field.Bare}
	}
	if len(values) == 0 {
		f.problem("%s wants a value.", Mono("--"+name))
		f.given[i] = true
		return
	}
	f.given[i] = true
	f.assign(field, values)
}

// pairs takes the words that follow as long as they are KEY=VALUE.
func (f *filling) pairs() []string {
	var out []string
	for len(f.words) > 0 && strings.Contains(f.words[0].Text, "=") {
		next := f.values(1)
		if len(next) == 0 {
			break
		}
		out = append(out, next...)
	}
	if len(out) == 0 {
		return f.values(1) // to be refused with its own words
	}
	return out
}

// positionals gives the loose words to the positional fields in order.
func (f *filling) positionals() {
	for i, field := range f.spec.Fields {
		if !field.Positional || len(f.loose) == 0 || f.given[i] && !field.Many() {
			continue
		}
		n := 1
		if field.Many() {
			n = len(f.loose)
		}
		var values []string
		for _, word := range f.loose[:n] {
			values = append(values, word.Text)
		}
		f.loose = f.loose[n:]
		f.given[i] = true
		f.assign(field, values)
	}
	if len(f.loose) > 0 {
		f.problem("%s is one word too many.", Mono(f.loose[0].Text))
	}
}

// complete sets defaults, looks for what is missing, and writes the canonical line.
func (f *filling) complete() {
	for i, field := range f.spec.Fields {
		switch {
		case f.given[i], slices.Contains(f.meant, i):
		case field.Default != "":
			f.assign(field, []string{field.Default})
		case field.Required && field.Positional:
			f.problem("It needs %s.", Mono(field.Value))
		case field.Required:
			f.problem("It needs %s.", Mono("--"+field.Name))
		}
	}
}

func (f *filling) problem(format string, args ...any) {
	f.problems = append(f.problems, strings.TrimSpace(fmt.Sprintf(format, args...)))
}

// assign writes values into a field, or notes why it cannot.
func (f *filling) assign(field SpecField, values []string) {
	into := f.into.FieldByIndex(field.index)
	for _, value := range values {
		if len(field.Enum) > 0 && !slices.Contains(field.Enum, value) {
			f.wrongChoice(field, value)
			return
		}
		if err := assign(into, field, value); err != nil {
			f.problem("%s %s", f.spelled(field), err)
			return
		}
	}
}

func (f *filling) spelled(field SpecField) string {
	if field.Positional {
		return Mono(field.Value)
	}
	return Mono("--" + field.Name)
}

func (f *filling) wrongChoice(field SpecField, value string) {
	choices := strings.Join(field.Enum, ", ")
	if near := Nearest(value, field.Enum); len(near) > 0 {
		f.problem("%s must be one of %s, and %s is not: did you mean %s?", f.spelled(field), choices, Mono(value), Mono(near[0]))
		return
	}
	f.problem("%s must be one of %s, and %s is not.", f.spelled(field), choices, Mono(value))
}

func assign(into reflect.Value, field SpecField, value string) error {
	switch field.kind {
	case kindString:
		into.SetString(value)
	case kindBool, kindMaybe:
		yes, err := strconv.ParseBool(value)
		if err != nil {
			return fmt.Errorf("is given or left out, and takes no value such as %s.", Mono(value)) //nolint:revive,staticcheck // part of a sentence for people
		}
		if field.kind == kindMaybe {
			into.Set(reflect.ValueOf(&yes))
		} else {
			into.SetBool(yes)
		}
	case kindInt:
		n, err := strconv.Atoi(value)
		if err != nil {
			return fmt.Errorf("must be a whole number, and %s is not.", Mono(value)) //nolint:revive,staticcheck // part of a sentence for people
		}
		into.SetInt(int64(n))
	case kindDuration:
		d, err := time.ParseDuration(value)
		if err != nil {
			return fmt.Errorf("must be a length of time such as 30s, 5m or 2h, and %s is not.", Mono(value)) //nolint:revive,staticcheck // part of a sentence for people
		}
		into.SetInt(int64(d))
	case kindList:
		into.Set(reflect.AppendSlice(into, reflect.ValueOf(elements(field, value))))
	case kindMap:
		return assignPairs(into, value)
	case kindText:
		return into.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(value)) //nolint:forcetypeassert // kindOf looked
	}
	return nil
}

func elements(field SpecField, value string) []string {
	if field.Raw {
		return []string{value}
	}
	var out []string
	for _, part := range strings.Split(value, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// assignPairs reads KEY=VALUE, and several of them joined by commas: a part without "=" belongs to the value before it. Tags may
// also be written as the AWS CLI writes them, "Key=env,Value=dev" or a tag specification.
func assignPairs(into reflect.Value, value string) error {
	if into.IsNil() {
		into.Set(reflect.MakeMap(into.Type()))
	}
	tags, ok := tagsOfCLI(value)
	if !ok {
		tags, ok = mapOfCLI(value)
	}
	if ok {
		for key, text := range tags {
			if err := assignPair(into, key, text); err != nil {
				return err
			}
		}
		return nil
	}
	var pairs []string
	for _, part := range splitAtCommas(value) {
		if strings.Contains(part, "=") || len(pairs) == 0 {
			pairs = append(pairs, part)
		} else {
			pairs[len(pairs)-1] += "," + part
		}
	}
	for _, pair := range pairs {
		key, text, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return fmt.Errorf("wants KEY=VALUE, and %s is not.", Mono(pair)) //nolint:revive,staticcheck // part of a sentence for people
		}
		if err := assignPair(into, key, text); err != nil {
			return err
		}
	}
	return nil
}

// assignPair refuses a second value for a key: which of the two is meant cannot be told.
func assignPair(into reflect.Value, key, text string) error {
	if before := into.MapIndex(reflect.ValueOf(key)); before.IsValid() && before.String() != text {
		return fmt.Errorf("has %s twice, as %s and as %s. Give one of them.", Mono(key), Mono(before.String()), Mono(text)) //nolint:revive,staticcheck // part of a sentence for people
	}
	into.SetMapIndex(reflect.ValueOf(key), reflect.ValueOf(text))
	return nil
}
