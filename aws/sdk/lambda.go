package sdk

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// Functions answers every Lambda function of a region, in no particular order and without tags.
func (c *Cloud) Functions(ctx context.Context, t aws.Target) ([]aws.Function, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	var all []aws.Function
	in := &lambda.ListFunctionsInput{}
	for {
		out, err := ask(ctx, ready.lambda.ListFunctions, in)
		if err != nil {
			return nil, err
		}
		for _, f := range out.Functions {
			all = append(all, functionOf(f))
		}
		if awssdk.ToString(out.NextMarker) == "" {
			return all, nil
		}
		in = &lambda.ListFunctionsInput{Marker: out.NextMarker}
	}
}

// Function answers one function with its tags. The qualifier is a version or an alias; "" is $LATEST. A function that does not
// exist is an error of kind "not_found".
func (c *Cloud) Function(ctx context.Context, t aws.Target, name, qualifier string) (aws.Function, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return aws.Function{}, err
	}
	out, err := ask(ctx, ready.lambda.GetFunction, &lambda.GetFunctionInput{FunctionName: &name, Qualifier: optional(qualifier)})
	if err != nil {
		return aws.Function{}, err
	}
	if out.Configuration == nil {
		return aws.Function{}, &Error{kind: kindFailed, message: "AWS answered nothing about the function " + name + "."}
	}
	f := functionOf(*out.Configuration)
	f.Tags = out.Tags
	if out.Code != nil {
		f.ImageGiven = awssdk.ToString(out.Code.ImageUri)
		f.ImageURI = cmp.Or(awssdk.ToString(out.Code.ResolvedImageUri), f.ImageGiven)
	}
	return f, nil
}

// roleDelay is how long a role that was just made may be unknown to Lambda.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html (changes are not always visible at once)
const roleDelay = 90 * time.Second

// CreateFunction makes a function and returns when AWS has accepted it; WaitForFunction waits for the outcome. A role
// that was made just now, and that Lambda cannot assume yet, is tried again for up to 90 seconds. A function of this name that carries the same tag Mark is the answer: it was
// made before.
func (c *Cloud) CreateFunction(ctx context.Context, t aws.Target, n aws.NewFunction) (aws.Function, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return aws.Function{}, err
	}
	var made aws.Function
	c.making(freshFunction)
	err = c.insist(ctx, roleDelay, func(err error) bool { return n.Granted && notAssumable(err) }, func() error {
		out, err := repeat(ctx, ready.lambda.CreateFunction, createInput(n))
		if err == nil {
			made = functionOf(created(out))
			made.Tags = n.Tags
		}
		return err
	})
	if codeOf(err) == "ResourceConflictException" {
		return c.madeBefore(ctx, t, n, err)
	}
	return made, err
}

// notAssumable tells AWS's words for a role that Lambda cannot assume, that may not yet do what a function in a VPC needs, or that KMS does not
// know yet where there are environment variables to encrypt: a new role is like that for some seconds.
func notAssumable(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == "InvalidParameterValueException" &&
		(strings.Contains(e.message, "cannot be assumed by Lambda") || strings.Contains(e.message, "does not have permissions to call") ||
			strings.Contains(e.message, "invalid for CreateGrant"))
}

func (c *Cloud) madeBefore(ctx context.Context, t aws.Target, n aws.NewFunction, conflict error) (aws.Function, error) {
	var there aws.Function
	begun := time.Now()
	err := c.poll(ctx, func() (bool, error) { // AWS may show it some seconds late
		var err error
		there, err = c.Function(ctx, t, n.Name, "")
		if codeOf(err) == "ResourceNotFoundException" && time.Since(begun) < grace {
			return false, nil
		}
		return err == nil, err
	})
	switch {
	case err != nil:
		return there, conflict
	case n.Mark != "" && there.Tags[n.Mark] == n.Tags[n.Mark] && n.Tags[n.Mark] != "":
		return there, nil
	}
	return there, &Error{
		Code: "ResourceConflictException", Operation: "CreateFunction", kind: kindFailed,
		message: "There is a function called " + n.Name + " already, so none was made.",
		hint:    "Change it with `lambda update " + n.Name + "`, or choose another name.",
	}
}

func createInput(n aws.NewFunction) *lambda.CreateFunctionInput {
	in := &lambda.CreateFunctionInput{
		FunctionName: &n.Name, Role: &n.Role, Tags: n.Tags, Description: optional(n.Description), PackageType: types.PackageTypeZip,
		Code: &types.FunctionCode{
			S3Bucket: optional(n.Code.S3Bucket), S3Key: optional(n.Code.S3Key), S3ObjectVersion: optional(n.Code.S3ObjectVer),
			ImageUri: optional(n.Code.ImageURI), ZipFile: n.Code.Zip,
		},
		Timeout: positive(n.Timeout), MemorySize: positive(n.MemoryMB), Layers: n.Layers, TracingConfig: tracing(n.Tracing), EphemeralStorage: storage(n.StorageMB),
	}
	if n.Code.ImageURI != "" {
		in.PackageType = types.PackageTypeImage
	} else {
		in.Runtime, in.Handler = types.Runtime(n.Runtime), optional(n.Handler)
	}
	for _, a := range n.Architectures {
		in.Architectures = append(in.Architectures, types.Architecture(a))
	}
	if len(n.Subnets) > 0 {
		in.VpcConfig = &types.VpcConfig{SubnetIds: n.Subnets, SecurityGroupIds: n.Groups}
	}
	if len(n.Environment) > 0 {
		in.Environment = &types.Environment{Variables: n.Environment}
	}
	return in
}

func tracing(mode string) *types.TracingConfig {
	if mode == "" {
		return nil
	}
	return &types.TracingConfig{Mode: types.TracingMode(mode)}
}

func storage(megabytes int) *types.EphemeralStorage {
	if megabytes == 0 {
		return nil
	}
	return &types.EphemeralStorage{Size: positive(megabytes)}
}

func positive(n int) *int32 {
	if n <= 0 {
		return nil
	}
	return awssdk.Int32(int32(n)) //nolint:gosec // seconds and megabytes
}

// UpdateFunctionCode gives a function other code. The same code again changes nothing.
func (c *Cloud) UpdateFunctionCode(ctx context.Context, t aws.Target, name string, code aws.FunctionCode, architectures []string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	in := &lambda.UpdateFunctionCodeInput{
		FunctionName: &name, S3Bucket: optional(code.S3Bucket), S3Key: optional(code.S3Key), S3ObjectVersion: optional(code.S3ObjectVer),
		ImageUri: optional(code.ImageURI), ZipFile: code.Zip,
	}
	for _, a := range architectures {
		in.Architectures = append(in.Architectures, types.Architecture(a))
	}
	return c.insist(ctx, busyPatience, busy, func() error {
		_, err := repeat(ctx, ready.lambda.UpdateFunctionCode, in)
		return err
	})
}

// busyPatience is how long a call waits that Lambda refuses because a change of the function is under way; one whose answer was lost may be that change.
const busyPatience = 2 * time.Minute

// busy tells AWS's word for a function that is just being changed.
// Source: https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
func busy(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == "ResourceConflictException" && strings.Contains(e.message, "operation cannot be performed at this time")
}

// insist makes a call again for so long, while the answer is one that passes by itself. The last answer counts.
func (c *Cloud) insist(ctx context.Context, patience time.Duration, passing func(error) bool, do func() error) error {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var last error
	err := c.poll(limited, func() (bool, error) {
		if last = do(); passing(last) {
			return false, nil
		}
		return true, last
	})
	if limited.Err() != nil && last != nil {
		return last
	}
	return err
}

// UpdateFunctionSettings changes a function's configuration. The same settings again change nothing. A role that
// Lambda cannot assume yet is tried again where it is new.
func (c *Cloud) UpdateFunctionSettings(ctx context.Context, t aws.Target, name string, s aws.FunctionSettings) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	in := &lambda.UpdateFunctionConfigurationInput{
		FunctionName: &name, Role: optional(s.Role), Runtime: types.Runtime(s.Runtime), Handler: optional(s.Handler),
		Description: optional(s.Description), Timeout: positive(s.Timeout), MemorySize: positive(s.MemoryMB), RevisionId: optional(s.Revision),
		Layers: s.Layers, TracingConfig: tracing(s.Tracing), EphemeralStorage: storage(s.StorageMB),
	}
	if s.Subnets != nil {
		in.VpcConfig = &types.VpcConfig{SubnetIds: s.Subnets, SecurityGroupIds: s.Groups}
	}
	if s.Environment != nil {
		in.Environment = &types.Environment{Variables: s.Environment}
	}
	passing := func(err error) bool { return busy(err) || s.Granted && notAssumable(err) }
	return c.insist(ctx, busyPatience, passing, func() error {
		_, err := repeat(ctx, ready.lambda.UpdateFunctionConfiguration, in)
		return err
	})
}

// DeleteFunction removes a function with all its versions and aliases. One that is gone already is no error.
func (c *Cloud) DeleteFunction(ctx context.Context, t aws.Target, name string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	_, err = repeat(ctx, ready.lambda.DeleteFunction, &lambda.DeleteFunctionInput{FunctionName: &name})
	return unlessGone(err)
}

// unlessGone makes the absence of what was to be removed a success.
func unlessGone(err error) error {
	var e *Error
	if errors.As(err, &e) && e.kind == kindNotFound {
		return nil
	}
	return err
}

// WaitForFunction waits until a function is active and its last update is through. Progress, which may be nil, is told after each look.
func (c *Cloud) WaitForFunction(ctx context.Context, t aws.Target, name string, progress func(aws.Function)) (aws.Function, error) {
	var seen aws.Function
	begun := time.Now()
	err := c.poll(ctx, func() (bool, error) {
		f, err := c.Function(ctx, t, name, "")
		if codeOf(err) == "ResourceNotFoundException" && time.Since(begun) < grace {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if seen = f; progress != nil {
			progress(f)
		}
		return judgeFunction(f)
	})
	if err != nil && errors.Is(err, ctx.Err()) {
		err = &Error{
			kind: kindFailed, message: "The function " + name + " is still " + seen.State + " (last update: " + seen.Update + ").",
			hint: "It may still get there: `lambda show " + name + "` shows its present state.", err: err,
		}
	}
	return seen, err
}

func judgeFunction(f aws.Function) (over bool, err error) {
	switch {
	case f.State == string(types.StateFailed):
		return true, &Error{
			kind: kindFailed, message: "AWS could not make the function " + f.Name + ": " + sentence(redact(f.StateReason)),
			hint: "`lambda show " + f.Name + "` shows its present state.",
		}
	case f.Update == string(types.LastUpdateStatusFailed):
		return true, &Error{
			kind: kindFailed, message: "AWS could not update the function " + f.Name + ": " + sentence(redact(f.UpdateReason)),
			hint: "The function still runs as it was before; `lambda show " + f.Name + "` shows its present state.",
		}
	}
	settled := f.State == string(types.StateActive) || f.State == string(types.StateInactive) || f.State == ""
	return settled && f.Update != string(types.LastUpdateStatusInProgress), nil
}

func functionOf(f types.FunctionConfiguration) aws.Function {
	out := aws.Function{
		Name: awssdk.ToString(f.FunctionName), ARN: awssdk.ToString(f.FunctionArn), Version: awssdk.ToString(f.Version),
		Description: awssdk.ToString(f.Description), Runtime: string(f.Runtime), Handler: awssdk.ToString(f.Handler),
		Role: awssdk.ToString(f.Role), CodeSize: f.CodeSize, CodeSHA256: awssdk.ToString(f.CodeSha256),
		Timeout: int(awssdk.ToInt32(f.Timeout)), MemoryMB: int(awssdk.ToInt32(f.MemorySize)),
		State: string(f.State), StateReason: awssdk.ToString(f.StateReason),
		Update: string(f.LastUpdateStatus), UpdateReason: awssdk.ToString(f.LastUpdateStatusReason), Revision: awssdk.ToString(f.RevisionId),
		LogGroup: "/aws/lambda/" + awssdk.ToString(f.FunctionName),
	}
	for _, a := range f.Architectures {
		out.Architectures = append(out.Architectures, string(a))
	}
	slices.Sort(out.Architectures)
	for _, layer := range f.Layers {
		out.Layers = append(out.Layers, awssdk.ToString(layer.Arn))
	}
	out.Traced = f.TracingConfig != nil && f.TracingConfig.Mode == types.TracingModeActive
	out.Key = awssdk.ToString(f.KMSKeyArn)
	if f.EphemeralStorage != nil {
		out.StorageMB = int(awssdk.ToInt32(f.EphemeralStorage.Size))
	}
	if f.DeadLetterConfig != nil {
		out.DeadLetters = awssdk.ToString(f.DeadLetterConfig.TargetArn)
	}
	if f.VpcConfig != nil {
		out.Subnets, out.Groups = slices.Sorted(slices.Values(f.VpcConfig.SubnetIds)), slices.Sorted(slices.Values(f.VpcConfig.SecurityGroupIds))
	}
	if f.Environment != nil {
		out.Environment = f.Environment.Variables
	}
	if f.LoggingConfig != nil && awssdk.ToString(f.LoggingConfig.LogGroup) != "" {
		out.LogGroup = *f.LoggingConfig.LogGroup
	}
	for _, layout := range []string{"2006-01-02T15:04:05-0700", time.RFC3339} { // AWS writes "2026-03-10T09:00:00.000+0000"
		if at, err := time.Parse(layout, awssdk.ToString(f.LastModified)); err == nil {
			out.ModifiedAt = at
		}
	}
	return out
}

// created is the configuration in the answer to CreateFunction, which has the same members as FunctionConfiguration.
func created(o *lambda.CreateFunctionOutput) types.FunctionConfiguration {
	return types.FunctionConfiguration{
		Architectures: o.Architectures, CodeSha256: o.CodeSha256, CodeSize: o.CodeSize, Description: o.Description, Environment: o.Environment,
		FunctionArn: o.FunctionArn, FunctionName: o.FunctionName, Handler: o.Handler, LastModified: o.LastModified,
		LastUpdateStatus: o.LastUpdateStatus, LastUpdateStatusReason: o.LastUpdateStatusReason, LoggingConfig: o.LoggingConfig,
		MemorySize: o.MemorySize, PackageType: o.PackageType, RevisionId: o.RevisionId, Role: o.Role, Runtime: o.Runtime,
		State: o.State, StateReason: o.StateReason, Timeout: o.Timeout, Version: o.Version, VpcConfig: o.VpcConfig,
	}
}
