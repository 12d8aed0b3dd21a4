package sandbox

import (
	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// idle answers a function that may be changed: one under way refuses.
func (r *region) idle(name string, revision *string) (*function, error) {
	f, err := r.functionNamed(name)
	if err != nil {
		return nil, err
	}
	switch {
	case f.State == types.StatePending:
		return nil, refuse("ResourceConflictException", "The operation cannot be performed at this time. The function is currently in the following state: Pending")
	case f.LastUpdateStatus == types.LastUpdateStatusInProgress:
		return nil, refuse("ResourceConflictException", "The operation cannot be performed at this time. An update is in progress for resource: "+*f.FunctionArn)
	case revision != nil && *revision != *f.RevisionId:
		return nil, refuse("PreconditionFailedException", "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id")
	}
	return f, nil
}

// change begins an update of a function.
func (r *region) change(f *function) {
	f.LastUpdateStatus, f.LastUpdateStatusReasonCode = types.LastUpdateStatusInProgress, types.LastUpdateStatusReasonCode("Creating")
	f.LastUpdateStatusReason = awssdk.String("The function is being created.")
	f.settles = r.now().Add(r.world.options.Settle)
	r.touch(f)
}

func updateFunctionCode(r *region, in *lambda.UpdateFunctionCodeInput) (*lambda.UpdateFunctionCodeOutput, error) {
	f, err := r.idle(*in.FunctionName, in.RevisionId)
	if err != nil {
		return nil, err
	}
	image := f.PackageType == types.PackageTypeImage
	switch {
	case image != (in.ImageUri != nil):
		return nil, refuse("InvalidParameterValueException", "Please provide "+map[bool]string{true: "ImageUri", false: "a zip archive"}[image]+" when updating a function with packageType "+string(f.PackageType)+".")
	case len(in.ZipFile) > 0 && unzipped(in.ZipFile) == nil:
		return nil, refuse("InvalidParameterValueException", "Could not unzip uploaded file. Please check your file, then try to upload again.")
	}
	if !in.DryRun {
		f.load(in.ZipFile, awssdk.ToString(in.S3Bucket)+"/"+awssdk.ToString(in.S3Key), awssdk.ToString(in.ImageUri))
		if len(in.Architectures) > 0 {
			f.Architectures = in.Architectures
		}
		r.change(f)
	}
	return configured[lambda.UpdateFunctionCodeOutput](f.FunctionConfiguration), nil
}

func updateFunctionConfiguration(r *region, in *lambda.UpdateFunctionConfigurationInput) (*lambda.UpdateFunctionConfigurationOutput, error) {
	f, err := r.idle(*in.FunctionName, in.RevisionId)
	if err != nil {
		return nil, err
	}
	if retired(in.Runtime) {
		return nil, refuse("InvalidParameterValueException", "The runtime parameter of "+string(in.Runtime)+
			" is no longer supported for creating or updating AWS Lambda functions.")
	}
	if in.Role != nil && !r.assumable(*in.Role) {
		return nil, refuse("InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda.")
	}
	for _, set := range []struct{ into, from **string }{{&f.Role, &in.Role}, {&f.Handler, &in.Handler}, {&f.Description, &in.Description}} {
		if *set.from != nil {
			*set.into = *set.from
		}
	}
	if in.Runtime != "" {
		f.Runtime = in.Runtime
	}
	if in.Timeout != nil {
		f.Timeout = in.Timeout
	}
	if in.MemorySize != nil {
		f.MemorySize = in.MemorySize
	}
	if in.Environment != nil {
		f.Environment = environmentOf(in.Environment)
	}
	r.change(f)
	return configured[lambda.UpdateFunctionConfigurationOutput](f.FunctionConfiguration), nil
}

func deleteFunction(r *region, in *lambda.DeleteFunctionInput) (*lambda.DeleteFunctionOutput, error) {
	f, err := r.functionNamed(*in.FunctionName)
	if err != nil {
		return nil, err
	}
	delete(r.functions, *f.FunctionName)
	return &lambda.DeleteFunctionOutput{}, nil
}
