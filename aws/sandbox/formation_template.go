package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// formation is a template of CloudFormation, as far as the sandbox plays it: Ref, Fn::GetAtt, Fn::If, Fn::Equals, Fn::Not
// and Fn::Join, in their long form. Another function is refused by its name.
type formation struct {
	Description string                       `yaml:"Description"`
	Parameters  map[string]formationInput    `yaml:"Parameters"`
	Conditions  map[string]any               `yaml:"Conditions"`
	Resources   map[string]formationResource `yaml:"Resources"`
	Outputs     map[string]formationOutput   `yaml:"Outputs"`
}

type formationInput struct {
	Type    string  `yaml:"Type"`
	Default *string `yaml:"Default"`
}

type formationResource struct {
	Type           string         `yaml:"Type"`
	Condition      string         `yaml:"Condition"`
	DependsOn      any            `yaml:"DependsOn"`
	DeletionPolicy string         `yaml:"DeletionPolicy"`
	CreationPolicy any            `yaml:"CreationPolicy"`
	UpdatePolicy   any            `yaml:"UpdatePolicy"`
	Properties     map[string]any `yaml:"Properties"`
}

type formationOutput struct {
	Value     any    `yaml:"Value"`
	Condition string `yaml:"Condition"`
}

func readFormation(body string) (formation, error) {
	var f formation
	if err := yaml.Unmarshal([]byte(body), &f); err != nil {
		return f, refuse("ValidationError", "Template format error: YAML not well-formed. ("+err.Error()+")")
	}
	if len(f.Resources) == 0 {
		return f, refuse("ValidationError", "Template format error: At least one Resources member must be defined.")
	}
	kinds := partKinds()
	for _, name := range slices.Sorted(maps.Keys(f.Resources)) {
		if _, ok := kinds[f.Resources[name].Type]; !ok {
			return f, refuse("ValidationError", "Template format error: Unrecognized resource types: ["+f.Resources[name].Type+"]")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.Resources)) {
		for _, other := range f.refers(f.Resources[name]) {
			if _, ok := f.Resources[other]; !ok {
				return f, refuse("ValidationError", "Template format error: Unresolved resource dependencies ["+other+"] in the Resources block of the template")
			}
		}
	}
	return f, nil
}

// refers answers the resources that a resource needs, by name.
func (f formation) refers(one formationResource) []string {
	found := map[string]bool{}
	var walk func(any)
	walk = func(node any) {
		switch node := node.(type) {
		case map[string]any:
			if name, ok := node["Ref"].(string); ok && len(node) == 1 {
				if _, parameter := f.Parameters[name]; !parameter && !strings.HasPrefix(name, "AWS::") {
					found[name] = true
				}
			}
			if path, ok := node["Fn::GetAtt"].([]any); ok && len(path) > 0 {
				found[fmt.Sprint(path[0])] = true
			}
			for _, value := range node {
				walk(value)
			}
		case []any:
			for _, value := range node {
				walk(value)
			}
		}
	}
	walk(one.Properties)
	switch names := one.DependsOn.(type) {
	case string:
		found[names] = true
	case []any:
		for _, name := range names {
			found[fmt.Sprint(name)] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// noValue is what AWS::NoValue stands for: the property is left out.
type noValue struct{}

// solver gives a template's functions their values in a stack.
type solver struct{ s *stack }

func (v solver) solve(node any) (any, error) {
	switch node := node.(type) {
	case map[string]any:
		if len(node) == 1 {
			for name, argument := range node {
				if name == "Ref" || strings.HasPrefix(name, "Fn::") || name == "Condition" {
					return v.call(name, argument)
				}
			}
		}
		out := map[string]any{}
		for _, key := range slices.Sorted(maps.Keys(node)) {
			value, err := v.solve(node[key])
			if err != nil {
				return nil, err
			}
			if _, none := value.(noValue); !none {
				out[key] = value
			}
		}
		return out, nil
	case []any:
		out := []any{}
		for _, one := range node {
			value, err := v.solve(one)
			if err != nil {
				return nil, err
			}
			if _, none := value.(noValue); !none {
				out = append(out, value)
			}
		}
		return out, nil
	default:
		return node, nil
	}
}

func (v solver) call(name string, argument any) (any, error) {
	switch name {
	case "Ref":
		return v.ref(fmt.Sprint(argument))
	case "Fn::GetAtt":
		path, err := v.list(argument, 2)
		if err != nil {
			return nil, err
		}
		return v.attribute(fmt.Sprint(path[0]), fmt.Sprint(path[1]))
	case "Fn::If":
		path, ok := argument.([]any)
		if !ok || len(path) != 3 {
			return nil, badFunction(name)
		}
		holds, err := v.holds(fmt.Sprint(path[0]))
		if err != nil {
			return nil, err
		}
		if holds {
			return v.solve(path[1])
		}
		return v.solve(path[2])
	case "Fn::Join":
		path, err := v.list(argument, 2)
		if err != nil {
			return nil, err
		}
		return strings.Join(texts(path[1]), fmt.Sprint(path[0])), nil
	case "Condition":
		return v.holds(fmt.Sprint(argument))
	case "Fn::Equals":
		path, err := v.list(argument, 2)
		if err != nil {
			return nil, err
		}
		return fmt.Sprint(path[0]) == fmt.Sprint(path[1]), nil
	case "Fn::Not":
		path, err := v.list(argument, 1)
		if err != nil {
			return nil, err
		}
		return path[0] != true, nil
	default:
		return nil, refuse("ValidationError", "Template format error: the sandbox does not play "+name)
	}
}

func badFunction(name string) error {
	return refuse("ValidationError", "Template error: every "+name+" object requires the right number of parameters.")
}

func (v solver) list(argument any, n int) ([]any, error) {
	solved, err := v.solve(argument)
	if err != nil {
		return nil, err
	}
	path, ok := solved.([]any)
	if !ok || len(path) != n {
		return nil, badFunction("Fn")
	}
	return path, nil
}

func (v solver) ref(name string) (any, error) {
	switch name {
	case "AWS::NoValue":
		return noValue{}, nil
	case "AWS::StackName":
		return v.s.name, nil
	case "AWS::StackId":
		return v.s.id, nil
	case "AWS::Region":
		return v.s.region.name, nil
	case "AWS::AccountId":
		return v.s.region.account, nil
	}
	if input, ok := v.s.template.Parameters[name]; ok {
		if strings.HasPrefix(input.Type, "List<") || input.Type == "CommaDelimitedList" {
			var list []any
			for _, part := range strings.Split(v.s.parameters[name], ",") {
				list = append(list, strings.TrimSpace(part))
			}
			return list, nil
		}
		return v.s.parameters[name], nil
	}
	if p := v.s.parts[name]; p != nil {
		return p.real, nil
	}
	return nil, refuse("ValidationError", "Template format error: Unresolved reference "+name)
}

func (v solver) attribute(name, attribute string) (any, error) {
	if p := v.s.parts[name]; p != nil {
		if value, ok := p.attributes[attribute]; ok {
			return value, nil
		}
	}
	return nil, refuse("ValidationError", "Template error: resource "+name+" does not support attribute type "+attribute+" in Fn::GetAtt")
}

func (v solver) holds(condition string) (bool, error) {
	node, ok := v.s.template.Conditions[condition]
	if !ok {
		return false, refuse("ValidationError", "Template format error: Unresolved condition "+condition)
	}
	value, err := v.solve(node)
	return value == true, err
}

// texts reads a list of strings; one value is a list of one.
func texts(node any) []string {
	list, ok := node.([]any)
	if !ok {
		if node == nil {
			return nil
		}
		return []string{fmt.Sprint(node)}
	}
	out := make([]string, len(list))
	for i, one := range list {
		out[i] = fmt.Sprint(one)
	}
	return out
}
