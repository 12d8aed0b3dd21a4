package export

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
)

// application is a stack with its template, in AWS's own words.
type application struct {
	aws.Stack
	template string
}

func (c *Export) applications(ctx context.Context, t aws.Target, by maker) ([]application, error) {
	all, err := c.cloud.Stacks(ctx, t)
	if err != nil {
		return nil, err
	}
	var out []application
	by.sift(&all)
	for _, s := range all {
		if s.Status == "DELETE_COMPLETE" {
			continue
		}
		template, err := c.cloud.StackTemplate(ctx, t, s.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, application{s, template})
	}
	return out, nil
}

// withheld tells whether a parameter's value is not to be shown: the script of the first boot may hold secrets, and asterisks are what AWS
// answers for a value that it keeps to itself.
func withheld(key, value string) bool {
	return value != "" && strings.HasPrefix(key, "UserData") || value == "****"
}

// hidden are the names of the parameters whose values are not written, sorted.
func (a application) hidden() []string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(a.Parameters)) {
		if withheld(key, a.Parameters[key]) {
			out = append(out, key)
		}
	}
	return out
}

func (a application) file(name string) commands.File {
	kind := ".template.yaml"
	if json.Valid([]byte(a.template)) {
		kind = ".template.json"
	}
	return commands.File{Name: name + "." + strings.ToLower(a.Name) + kind, Content: a.template}
}

// terraform writes the stack as one resource, and a variable for each value that is not shown: without a default, because a value left out
// would fall back to the template's own and replace the machines.
// Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudformation_stack
func (a application) terraform(name string) (text string, notes []string) {
	var out strings.Builder
	label := plain(a.Name)
	variables := map[string]string{}
	for _, key := range a.hidden() {
		variables[key] = label + "_" + plain(key)
		fmt.Fprintf(&out, "# To be filled in: the value of the parameter %s as the stack has it.\nvariable %s {\n  type = string\n  sensitive = true\n}\n\n", key, quote(variables[key]))
	}
	fmt.Fprintf(&out, "import {\n  to = aws_cloudformation_stack.%s\n  id = %s\n}\n\nresource \"aws_cloudformation_stack\" %s {\n", label, quote(a.Name), quote(label))
	fmt.Fprintf(&out, "  name = %s\n  template_body = file(%s)\n", quote(a.Name), `"${path.module}/`+a.file(name).Name+`"`)
	if a.RoleARN != "" {
		fmt.Fprintf(&out, "  iam_role_arn = %s\n", quote(a.RoleARN))
	}
	if len(a.Parameters) > 0 {
		out.WriteString("\n  parameters = {\n")
		for _, key := range slices.Sorted(maps.Keys(a.Parameters)) {
			value := quote(a.Parameters[key])
			if variables[key] != "" {
				value = "var." + variables[key]
			}
			fmt.Fprintf(&out, "    %s = %s\n", quote(key), value)
		}
		out.WriteString("  }\n")
	}
	writeTags(&out, a.Tags)
	out.WriteString("}\n")
	notes = []string{a.signalNote(), "Terraform does not read a stack's parameters when it imports one: the first plan shows them as added. Where they are the stack's, CloudFormation changes nothing."}
	if len(variables) > 0 {
		notes = append(notes, "The values of "+strings.Join(a.hidden(), ", ")+" are not shown, and are variables to be filled in: "+
			commands.Mono("aws cloudformation describe-stacks --stack-name "+a.Name)+" has them. Another value replaces the machines.")
	}
	return aligned(out.String()), notes
}

// signalNote says what a change from elsewhere runs into.
func (a application) signalNote() string {
	return "Each new machine of " + a.Name + " is signaled by deckhand: a change that replaces machines and is not made by " + commands.Mono("app deploy "+a.Name) + " is put back by CloudFormation, which waits for those signals."
}

// parameter is one in a file of the AWS CLI's --parameters.
type parameter struct {
	ParameterKey     string
	ParameterValue   *string `json:",omitempty"`
	UsePreviousValue bool    `json:",omitempty"`
}

// cloudFormation is the stack's own template and parameters: there is nothing to import.
func (a application) cloudFormation(name string) (commands.Blocks, []string, error) {
	list := []parameter{}
	for _, key := range slices.Sorted(maps.Keys(a.Parameters)) {
		if value := a.Parameters[key]; withheld(key, value) {
			list = append(list, parameter{ParameterKey: key, UsePreviousValue: true})
		} else {
			list = append(list, parameter{ParameterKey: key, ParameterValue: &value})
		}
	}
	text, err := indented(list)
	if err != nil {
		return nil, nil, err
	}
	template, values := a.file(name), commands.File{Name: name + "." + strings.ToLower(a.Name) + ".parameters.json", Content: text}
	line := "aws cloudformation update-stack --stack-name " + a.Name + " --template-body file://" + template.Name + " --parameters file://" + values.Name
	notes := []string{a.signalNote()}
	if hidden := a.hidden(); len(hidden) > 0 {
		notes = append(notes, "The values of "+strings.Join(hidden, ", ")+" are not shown: the file keeps those that the stack has, so another stack needs them filled in.")
	}
	return commands.Blocks{template, values, commands.Text{
		Text: "The stack " + commands.Mono(a.Name) + " is CloudFormation's already, and this is its own template with its parameters, so nothing is to be imported. " + commands.Mono(line) + " changes it.",
	}}, notes, nil
}
