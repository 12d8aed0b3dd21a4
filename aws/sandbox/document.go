package sandbox

import (
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// The documents that the sandbox has.
const (
	shellDocument = "AWS-RunShellScript"
	patchDocument = "AWS-RunPatchBaseline"
)

// documents are those of AWS that the sandbox has, with the parameters that AWS gives them.
// Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/patch-manager-aws-runpatchbaseline.html
func documents() map[string][]types.DocumentParameter {
	said := func(name string, kind types.DocumentParameterType, value *string) types.DocumentParameter {
		return types.DocumentParameter{Name: &name, Type: kind, DefaultValue: value}
	}
	one, several := types.DocumentParameterTypeString, types.DocumentParameterTypeStringList
	return map[string][]types.DocumentParameter{
		shellDocument: {
			said("commands", several, nil), said("workingDirectory", one, awssdk.String("")), said("executionTimeout", one, awssdk.String("3600")),
		},
		patchDocument: {
			said("Operation", one, nil), said("RebootOption", one, awssdk.String("RebootIfNeeded")), said("SnapshotId", one, awssdk.String("")),
			said("InstallOverrideList", one, awssdk.String("")), said("BaselineOverride", one, awssdk.String("")),
		},
	}
}

func describeDocument(_ *region, in *ssm.DescribeDocumentInput) (*ssm.DescribeDocumentOutput, error) {
	parameters, ok := documents()[*in.Name]
	if !ok {
		return nil, &types.InvalidDocument{Message: awssdk.String("Document with name " + *in.Name + " does not exist.")}
	}
	platforms := []types.PlatformType{types.PlatformTypeLinux, types.PlatformTypeMacos}
	if *in.Name == patchDocument {
		platforms = append(platforms, types.PlatformTypeWindows)
	}
	return &ssm.DescribeDocumentOutput{Document: &types.DocumentDescription{
		Name: in.Name, Owner: awssdk.String("Amazon"), DocumentType: types.DocumentTypeCommand, Status: types.DocumentStatusActive,
		SchemaVersion: awssdk.String("2.2"), DefaultVersion: awssdk.String("1"), PlatformTypes: platforms, Parameters: parameters,
	}}, nil
}

// misfit is what Systems Manager says of parameters that a document does not have, or lacks.
func misfit(name string, given map[string][]string) error {
	parameters := documents()[name]
	for key := range given {
		if !slices.ContainsFunc(parameters, func(p types.DocumentParameter) bool { return *p.Name == key }) {
			return &types.InvalidParameters{Message: awssdk.String("document " + name + " does not support parameters " + key)}
		}
	}
	for _, p := range parameters {
		if p.DefaultValue == nil && len(given[*p.Name]) == 0 {
			return &types.InvalidParameters{Message: awssdk.String(*p.Name + " is required")}
		}
	}
	return nil
}

// patched is what one step of the patch document says in the sandbox, which installs nothing.
func patched(one *instance, given map[string][]string) ssm.GetCommandInvocationOutput {
	return ssm.GetCommandInvocationOutput{
		InstanceId: one.InstanceId, DocumentName: awssdk.String(patchDocument), PluginName: awssdk.String("PatchLinux"),
		Status: types.CommandInvocationStatusSuccess, StatusDetails: awssdk.String("Success"),
		StandardOutputContent: awssdk.String("Operation: " + given["Operation"][0] + "\nThe sandbox looked for no patches and installed none.\n"),
		StandardErrorContent:  awssdk.String(""),
	}
}

// listCommandInvocations answers the steps of a command too: the patch document has one for each platform, and all but one do not fit.
func listCommandInvocations(r *region, in *ssm.ListCommandInvocationsInput) (*ssm.ListCommandInvocationsOutput, error) {
	if in.CommandId == nil || in.InstanceId == nil {
		return nil, &types.InvalidFilterKey{}
	}
	out := &ssm.ListCommandInvocationsOutput{}
	if _, ok := r.commands[*in.CommandId].results[*in.InstanceId]; !ok {
		return out, nil
	}
	now := r.invocation(*in.CommandId, *in.InstanceId)
	one := types.CommandInvocation{
		CommandId: in.CommandId, InstanceId: in.InstanceId, DocumentName: now.DocumentName, Status: now.Status, StatusDetails: now.StatusDetails,
	}
	if in.Details {
		step := types.CommandPlugin{
			Name: now.PluginName, Status: types.CommandPluginStatus(now.Status), StatusDetails: now.StatusDetails, ResponseCode: now.ResponseCode,
			Output: now.StandardOutputContent,
		}
		one.CommandPlugins = []types.CommandPlugin{step}
		if *now.DocumentName == patchDocument {
			other := types.CommandPlugin{Name: awssdk.String("PatchWindows"), Status: step.Status, StatusDetails: step.StatusDetails, Output: awssdk.String("")}
			one.CommandPlugins = []types.CommandPlugin{other, step}
		}
	}
	out.CommandInvocations = []types.CommandInvocation{one}
	return out, nil
}
