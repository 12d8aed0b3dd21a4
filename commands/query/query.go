// Package query answers a reading line in AWS's own words: --query (JMESPath) and --output as the AWS CLI understands them.
package query

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"deckhand/aws"
	"deckhand/commands"

	"github.com/jmespath/go-jmespath"
)

// Flags are embedded by commands that can answer so.
type Flags struct {
	Query  string `json:",omitempty" flag:"query" value:"JMESPATH" help:"Pick from AWS's own answer, as the AWS CLI does: 'Reservations[].Instances[].[InstanceId,State.Name]'."`
	Output string `json:",omitempty" flag:"output" enum:"json,text,table,yaml,yaml-stream,off" value:"FORMAT" help:"json or text for AWS's own answer; table is the ordinary one where there is no --query."`
}

// Subject is what a command asks AWS for: the operation, and the member that tells the things that it lists apart.
type Subject struct {
	Operation string // "DescribeInstances"
	ID        string // "InstanceId"
}

// Asked tells whether the answer is to be AWS's own.
func (f Flags) Asked() bool { return f.Query != "" || f.Output == "json" || f.Output == "text" }

// Err refuses an expression that is none. Errors are of kind Usage.
func (f Flags) Err() error {
	_, err := f.compiled()
	return err
}

func (f Flags) compiled() (*jmespath.JMESPath, error) {
	if f.Query == "" {
		return nil, nil //nolint:nilnil // no expression is everything
	}
	written := quoted(f.Query)
	expression, err := jmespath.Compile(written)
	if err == nil {
		return expression, nil
	}
	straight := strings.NewReplacer("‘", "'", "’", "'", "“", `"`, "”", `"`).Replace(f.Query) // as pages write it
	if expression, err := jmespath.Compile(quoted(straight)); err == nil {
		return expression, nil
	}
	message := commands.Mono("--query") + " is no JMESPath expression: " + strings.TrimPrefix(err.Error(), "SyntaxError: ") + "."
	var syntax jmespath.SyntaxError
	if errors.As(err, &syntax) && written == f.Query && syntax.Offset <= len(f.Query) {
		at := max(0, syntax.Offset)
		for at > 0 && at < len(f.Query) && !utf8.RuneStart(f.Query[at]) {
			at--
		}
		message = fmt.Sprintf("%s is no JMESPath expression, at character %d: %s.", commands.Mono("--query"),
			utf8.RuneCountInString(f.Query[:at])+1, strings.TrimPrefix(syntax.Error(), "SyntaxError: "))
	}
	return nil, commands.Misuse(message, "Example: "+commands.Mono("--query 'Reservations[].Instances[].InstanceId'")+".")
}

// quoted writes the literals of an expression as JSON: the AWS CLI also takes `running` for `"running"`.
func quoted(expression string) string {
	var out strings.Builder
	rest := expression
	for rest != "" {
		mark := rest[0]
		end := closing(rest)
		if !strings.ContainsRune("'\"`", rune(mark)) || end < 0 {
			out.WriteByte(mark)
			rest = rest[1:]
			continue
		}
		inner := strings.ReplaceAll(rest[1:end], "\\`", "`")
		if mark == '`' && !json.Valid([]byte(inner)) {
			word, _ := json.Marshal(strings.TrimLeft(inner, " ")) // a string is always JSON
			out.WriteString("`" + strings.ReplaceAll(string(word), "`", "\\`") + "`")
		} else {
			out.WriteString(rest[:end+1])
		}
		rest = rest[end+1:]
	}
	return out.String()
}

// closing answers where the quote that text begins with is closed, -1 where it is not.
func closing(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case text[0]:
			return i
		}
	}
	return -1
}

// Report makes a command's report, and puts in AWS's own answer where that is wanted. List answers the ordinary report and the ids
// that are in it: what AWS told besides is left out.
func (f Flags) Report(
	ctx context.Context, about Subject, list func(context.Context) (commands.Report, []string, error),
) (commands.Report, error) {
	if !f.Asked() {
		report, _, err := list(ctx)
		return report, err
	}
	answers := &aws.Answers{}
	report, ids, err := list(aws.WithAnswers(ctx, answers))
	if err != nil {
		return report, err
	}
	whole := only(answers.Of(about.Operation), about.ID, slices.Clone(ids))
	value, err := f.pick(whole)
	if err != nil {
		return commands.Report{}, err
	}
	report.Next, report.Body = nil, f.written(value)
	return report, nil
}

// only leaves out of every list the things that are not wanted, or were there before, and what has nothing left in it. A thing that is
// wanted stays as it is.
func only(whole map[string]any, key string, wanted []string) map[string]any {
	out := make(map[string]any, len(whole))
	for name, value := range whole {
		list, ok := value.([]any)
		if !ok {
			out[name] = value
			continue
		}
		left := make([]any, 0, len(list))
		for _, element := range list {
			member, _ := element.(map[string]any)
			id, isThing := member[key].(string)
			switch at := slices.Index(wanted, id); {
			case member == nil, isThing && at >= 0:
				left = append(left, element)
				if isThing {
					wanted[at] = ""
				}
			case isThing:
			default:
				if inner := only(member, key, wanted); !emptied(member, inner) {
					left = append(left, inner)
				}
			}
		}
		out[name] = left
	}
	return out
}

// emptied tells whether a list that had elements has none any more.
func emptied(before, after map[string]any) bool {
	for name, value := range before {
		had, isList := value.([]any)
		has, _ := after[name].([]any)
		if isList && len(had) > 0 && len(has) == 0 {
			return true
		}
	}
	return false
}

func (f Flags) pick(whole map[string]any) (any, error) {
	expression, err := f.compiled()
	if err != nil || expression == nil {
		return whole, err
	}
	value, err := expression.Search(whole)
	if err != nil {
		return nil, commands.Misuse(commands.Mono("--query")+" does not fit what AWS answered: "+strings.TrimSuffix(err.Error(), ".")+".",
			"Without "+commands.Mono("--query")+", "+commands.Mono("--output json")+" shows all of it.")
	}
	return value, nil
}

func (f Flags) written(value any) commands.Blocks {
	switch f.Output {
	case "off":
		return nil
	case "text":
		return commands.Blocks{commands.Code{Text: strings.TrimSuffix(textOf(value), "\n")}}
	case "table":
		if table, ok := tableOf(value); ok {
			return commands.Blocks{table}
		}
	}
	return commands.Blocks{commands.Code{Text: jsonOf(value)}}
}

// jsonOf writes JSON as the AWS CLI does, four spaces deep; it can be read as YAML too.
func jsonOf(value any) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "    ")
	if err := encoder.Encode(value); err != nil {
		return err.Error()
	}
	return strings.TrimSuffix(out.String(), "\n")
}
