package export

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"testing"
)

//go:embed testdata/provider.txt
var recorded string

// provider is what Terraform's provider takes: the names of each type and block, and by what each type is imported.
type provider struct {
	names   map[string]map[string]byte // by TYPE or TYPE.BLOCK: '*' required, '=' only read, ' ' optional
	imports map[string]*regexp.Regexp
}

func readProvider() provider {
	p := provider{map[string]map[string]byte{}, map[string]*regexp.Regexp{}}
	for line := range strings.Lines(recorded) {
		words := strings.Fields(line)
		switch words[0] {
		case "#":
		case "import":
			p.imports[words[1]] = regexp.MustCompile("^(?:" + words[2] + ")$")
		default:
			p.names[words[0]] = map[string]byte{}
			for _, word := range words[1:] {
				name := strings.TrimLeft(word, "*=")
				p.names[words[0]][name] = (word[:len(word)-len(name)] + " ")[0]
			}
		}
	}
	return p
}

var (
	opens    = regexp.MustCompile(`^ *((?:resource|data) "(\w+)" "\w+"|import|\w+) \{$`)
	assigns  = regexp.MustCompile(`^ *(\w+) += (.*)$`)
	refers   = regexp.MustCompile(`\b((?:data\.)?aws_\w+)\.\w+\.(\w+)(?:\[0\]\.(\w+))?`)
	inQuotes = regexp.MustCompile(`"(?:\\.|[^"\\])*"`)
)

// faults are what the provider would not take of a text.
func (p provider) faults(text string) (out []string) {
	var at []string // the blocks around a line, by what the record calls them; "" for those of Terraform itself
	var there [][]string
	importing := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if m := opens.FindStringSubmatch(line); m != nil {
			block := m[2]
			if strings.HasPrefix(line, "data ") {
				block = "data." + block
			}
			if block == "" && len(at) > 0 && m[1] != "lifecycle" {
				block = at[len(at)-1] + "." + m[1]
				there[len(there)-1] = append(there[len(there)-1], m[1])
			}
			if block != "" && p.names[block] == nil {
				out = append(out, block+" is not recorded")
			}
			at, there = append(at, block), append(there, nil)
			continue
		}
		if strings.TrimSpace(line) == "}" {
			for name, how := range p.names[at[len(at)-1]] {
				if how == '*' && !slices.Contains(there[len(there)-1], name) {
					out = append(out, at[len(at)-1]+" wants "+name)
				}
			}
			at, there = at[:len(at)-1], there[:len(there)-1]
			continue
		}
		m := assigns.FindStringSubmatch(line)
		if m == nil || len(at) == 0 {
			continue
		}
		block := at[len(at)-1]
		if block != "" {
			if how, known := p.names[block][m[1]]; !known || how == '=' {
				out = append(out, block+" takes no "+m[1])
			}
			there[len(there)-1] = append(there[len(there)-1], m[1])
		} else if m[1] == "to" {
			importing, _, _ = strings.Cut(m[2], ".")
		} else if m[1] == "id" && (p.imports[importing] == nil || !p.imports[importing].MatchString(strings.Trim(m[2], `"`))) {
			out = append(out, importing+" is not imported by "+m[2])
		}
		if m[2] == "{" { // a table: its keys are anybody's
			at, there = append(at, ""), append(there, nil)
		}
		for _, r := range refers.FindAllStringSubmatch(inQuotes.ReplaceAllStringFunc(m[2], inTemplates), -1) {
			if _, known := p.names[r[1]][r[2]]; !known {
				out = append(out, r[1]+" has no "+r[2])
			} else if r[3] != "" && p.names[r[1]+"."+r[2]][r[3]] == 0 {
				out = append(out, r[1]+"."+r[2]+" has no "+r[3])
			}
		}
	}
	return out
}

// inTemplates is what a quoted text refers to: what stands in ${...} of it.
func inTemplates(quoted string) string {
	return strings.Join(regexp.MustCompile(`[^$]\$\{[^}]*\}`).FindAllString(quoted, -1), " ")
}

func TestTheProviderTakesWhatIsWritten(t *testing.T) {
	t.Parallel()
	p := readProvider()
	for text, want := range map[string]string{
		"import {\n  to = aws_vpc.a\n  id = \"subnet-1\"\n}\n":                                                                                           `aws_vpc is not imported by "subnet-1"`,
		"resource \"aws_vpc\" \"a\" {\n  cidr = \"10.0.0.0/16\"\n}\n":                                                                                    "aws_vpc takes no cidr",
		"resource \"aws_vpc\" \"a\" {\n  arn = \"a\"\n}\n":                                                                                               "aws_vpc takes no arn",
		"resource \"aws_subnet\" \"a\" {\n  cidr_block = \"10.0.0.0/16\"\n}\n":                                                                           "aws_subnet wants vpc_id",
		"resource \"aws_subnet\" \"a\" {\n  vpc_id = aws_vpc.a.name\n}\n":                                                                                "aws_vpc has no name",
		"resource \"aws_apigatewayv2_route\" \"a\" {\n  api_id = \"1\"\n  route_key = \"a\"\n  target = \"x/${aws_apigatewayv2_integration.a.no}\"\n}\n": "aws_apigatewayv2_integration has no no",
		"resource \"aws_thing\" \"a\" {\n}\n":                                                                                                            "aws_thing is not recorded",
		"resource \"aws_vpc\" \"a\" {\n\n  thing {\n  }\n}\n":                                                                                            "aws_vpc.thing is not recorded",
		"resource \"aws_vpc\" \"a\" {\n  cidr_block = \"$${aws_vpc.a.b}\"\n\n  tags = {\n    \"a\" = \"1\"\n  }\n}\n":                                    "",
	} {
		if got := strings.Join(p.faults(text), ", "); got != want {
			t.Errorf("%q, not %q, of\n%s", got, want, text)
		}
	}
}
