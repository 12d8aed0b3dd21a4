package sandbox

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

func addLambda(table map[string]operation) {
	table["Lambda.CreateFunction"] = on(createFunction)
	table["Lambda.GetFunction"] = on(getFunction)
	table["Lambda.GetFunctionConfiguration"] = on(getFunctionConfiguration)
	table["Lambda.ListFunctions"] = on(listFunctions)
	table["Lambda.UpdateFunctionCode"] = on(updateFunctionCode)
	table["Lambda.UpdateFunctionConfiguration"] = on(updateFunctionConfiguration)
	table["Lambda.DeleteFunction"] = on(deleteFunction)
	table["Lambda.PublishVersion"] = on(publishVersion)
	table["Lambda.ListVersionsByFunction"] = on(listVersionsByFunction)
	table["Lambda.CreateAlias"] = on(createAlias)
	table["Lambda.UpdateAlias"] = on(updateAlias)
	table["Lambda.GetAlias"] = on(getAlias)
	table["Lambda.ListAliases"] = on(listAliases)
	table["Lambda.DeleteAlias"] = on(deleteAlias)
	table["Lambda.Invoke"] = invokeOrProbe
	table["Lambda.AddPermission"] = on(addPermission)
	table["Lambda.RemovePermission"] = on(removePermission)
	table["Lambda.GetPolicy"] = on(getPolicy)
	table["Lambda.TagResource"] = on(tagFunction)
	addTriggers(table)
}

// serverless is what a region has besides machines: functions, their logs, tables, rules and APIs.
type serverless struct {
	functions      map[string]*function
	logs           map[string][]logEvent // by log group
	groupTags      map[string]map[string]string
	groupDays      map[string]int32
	itemTables     map[string]*itemTable
	eventRules     map[string]*eventRule
	gatewayAPIs    []*gatewayAPI
	gatewayDomains []*gatewayDomain
	sources
}

// put writes into a map that may not be there yet.
func put[V any](m *map[string]V, key string, value V) {
	if *m == nil {
		*m = map[string]V{}
	}
	(*m)[key] = value
}

// function is a Lambda function: its $LATEST, and what AWS does not show of it.
type function struct {
	types.FunctionConfiguration
	tags     map[string]string
	code     []byte // the archive, where it came with the call
	imageURI string
	settles  time.Time // when what is under way is done
	versions []types.FunctionConfiguration
	aliases  map[string]types.AliasConfiguration
	grants   []grant
	calls    []functionCall
}

var (
	functionName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	roleARN      = regexp.MustCompile(`^arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+$`)
)

// retired tells whether a runtime is refused.
func retired(name types.Runtime) bool {
	return slices.Contains([]string{
		"nodejs", "nodejs4.3", "nodejs6.10", "nodejs8.10", "nodejs10.x", "nodejs12.x", "nodejs14.x", "nodejs16.x", "python2.7", "python3.6",
		"python3.7", "python3.8", "java8", "go1.x", "ruby2.5", "ruby2.7", "dotnetcore1.0", "dotnetcore2.0", "dotnetcore2.1", "dotnetcore3.1", "provided",
	}, string(name))
}

func createFunction(r *region, in *lambda.CreateFunctionInput) (*lambda.CreateFunctionOutput, error) {
	name := plainName(*in.FunctionName)
	if !functionName.MatchString(name) {
		return nil, refuse("InvalidParameterValueException", "The function name "+name+" is not valid.")
	}
	if r.functions[name] != nil {
		return nil, refuse("ResourceConflictException", "Function already exist: "+name)
	}
	if err := r.checkFunction(in); err != nil {
		return nil, err
	}
	f := &function{tags: maps.Clone(in.Tags), settles: r.now().Add(r.world.options.Settle)}
	f.FunctionConfiguration = types.FunctionConfiguration{
		FunctionName: &name, FunctionArn: awssdk.String("arn:aws:lambda:" + r.name + ":" + r.account + ":function:" + name),
		Version: awssdk.String("$LATEST"), Role: in.Role, Runtime: in.Runtime, Handler: in.Handler, Description: awssdk.String(awssdk.ToString(in.Description)),
		Timeout: orElse(in.Timeout, 3), MemorySize: orElse(in.MemorySize, 128), PackageType: in.PackageType, Architectures: in.Architectures,
		State: types.StatePending, StateReason: awssdk.String("The function is being created."), StateReasonCode: types.StateReasonCodeCreating,
		LastUpdateStatus: types.LastUpdateStatusSuccessful, Environment: environmentOf(in.Environment),
		EphemeralStorage: &types.EphemeralStorage{Size: awssdk.Int32(512)}, TracingConfig: &types.TracingConfigResponse{Mode: types.TracingModePassThrough},
		LoggingConfig: &types.LoggingConfig{LogFormat: types.LogFormatText, LogGroup: awssdk.String("/aws/lambda/" + name)},
	}
	if v := in.VpcConfig; v != nil && len(v.SubnetIds) > 0 {
		f.VpcConfig = &types.VpcConfigResponse{SubnetIds: v.SubnetIds, SecurityGroupIds: v.SecurityGroupIds}
	}
	if f.PackageType == "" {
		f.PackageType = types.PackageTypeZip
	}
	if len(f.Architectures) == 0 {
		f.Architectures = []types.Architecture{types.ArchitectureX8664}
	}
	f.load(in.Code.ZipFile, awssdk.ToString(in.Code.S3Bucket)+"/"+awssdk.ToString(in.Code.S3Key), awssdk.ToString(in.Code.ImageUri))
	r.touch(f)
	put(&r.functions, name, f)
	return configured[lambda.CreateFunctionOutput](f.FunctionConfiguration), nil
}

// checkFunction refuses what AWS refuses.
func (r *region) checkFunction(in *lambda.CreateFunctionInput) error {
	zipped := in.PackageType != types.PackageTypeImage
	code := in.Code
	switch {
	case !roleARN.MatchString(awssdk.ToString(in.Role)):
		return refuse("ValidationException", "1 validation error detected: Value '"+awssdk.ToString(in.Role)+"' at 'role' failed to satisfy constraint")
	case !r.assumable(*in.Role):
		return refuse("InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda.")
	case in.Environment != nil && !r.encrypts(*in.Role):
		return refuse("InvalidParameterValueException", "Lambda was unable to configure access to your environment variables because the KMS key is invalid for CreateGrant. "+
			"Please check your KMS key settings. KMS Exception: InvalidArnException KMS Message: ARN does not refer to a valid principal: "+*in.Role)
	case retired(in.Runtime):
		return refuse("InvalidParameterValueException", "The runtime parameter of "+string(in.Runtime)+
			" is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.")
	case zipped && in.Runtime != "" && !slices.Contains(in.Runtime.Values(), in.Runtime):
		return refuse("InvalidParameterValueException", "Value "+string(in.Runtime)+" at 'runtime' failed to satisfy constraint: Member must satisfy enum value set")
	case zipped && (in.Runtime == "" || awssdk.ToString(in.Handler) == ""):
		return refuse("InvalidParameterValueException", "Runtime and Handler are mandatory parameters for functions created with deployment packages.")
	case !zipped && code.ImageUri == nil:
		return refuse("InvalidParameterValueException", "Please provide ImageUri when the PackageType is Image.")
	case zipped && len(code.ZipFile) == 0 && (code.S3Bucket == nil || code.S3Key == nil):
		return refuse("InvalidParameterValueException", "Please provide a source for function code.")
	case len(code.ZipFile) > 0 && unzipped(code.ZipFile) == nil:
		return refuse("InvalidParameterValueException", "Could not unzip uploaded file. Please check your file, then try to upload again.")
	}
	return nil
}

// configured copies a configuration into the answer of an operation, whose members have the same names.
func configured[Out any](c types.FunctionConfiguration) *Out { return copied[Out](c) }

func orElse[T any](n *T, otherwise T) *T {
	if n == nil {
		return &otherwise
	}
	return n
}

func environmentOf(e *types.Environment) *types.EnvironmentResponse {
	if e == nil || len(e.Variables) == 0 {
		return nil
	}
	return &types.EnvironmentResponse{Variables: maps.Clone(e.Variables)}
}

// plainName answers the name in a function's name, ARN or partial ARN, without a qualifier.
func plainName(text string) string {
	if _, after, ok := strings.Cut(text, ":function:"); ok {
		text = after
	}
	name, _, _ := strings.Cut(text, ":")
	return name
}

// unzipped answers the files of an archive; nil where it is none.
func unzipped(archive []byte) map[string][]byte {
	reader, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil
	}
	files := map[string][]byte{}
	for _, f := range reader.File {
		opened, err := f.Open()
		if err != nil {
			return nil
		}
		var content bytes.Buffer
		_, err = content.ReadFrom(opened)
		if err := opened.Close(); err != nil {
			return nil
		}
		if err != nil {
			return nil
		}
		files[f.Name] = content.Bytes()
	}
	return files
}

// load takes in code. What lies in a bucket or a registry is known by its address alone.
func (f *function) load(archive []byte, object, image string) {
	f.code, f.imageURI = archive, image
	seed, size := archive, int64(len(archive))
	if len(archive) == 0 {
		seed = []byte(object + image)
		if image == "" {
			size = 1024
		}
	}
	sum := sha256.Sum256(seed)
	f.CodeSha256, f.CodeSize = awssdk.String(base64.StdEncoding.EncodeToString(sum[:])), size
}

// touch notes that a function was changed now.
func (r *region) touch(f *function) {
	f.LastModified = awssdk.String(r.now().UTC().Format("2006-01-02T15:04:05.000-0700"))
	f.RevisionId = awssdk.String(r.world.id("rev"))
}

// settle lets the time pass that has passed.
func (f *function) settle(now time.Time) {
	if now.Before(f.settles) {
		return
	}
	f.State, f.StateReason, f.StateReasonCode = types.StateActive, nil, ""
	f.LastUpdateStatus, f.LastUpdateStatusReason, f.LastUpdateStatusReasonCode = types.LastUpdateStatusSuccessful, nil, ""
}

func tagFunction(r *region, in *lambda.TagResourceInput) (*lambda.TagResourceOutput, error) {
	f, err := r.functionNamed(*in.Resource)
	if err != nil {
		return nil, err
	}
	own := map[string]string{}
	maps.Copy(own, f.tags)
	maps.Copy(own, in.Tags)
	f.tags = own
	return &lambda.TagResourceOutput{}, nil
}

// functionNamed answers a function, settled, or AWS's error.
func (r *region) functionNamed(text string) (*function, error) {
	name := plainName(text)
	f := r.functions[name]
	if f == nil {
		return nil, noFunction(r, name)
	}
	f.settle(r.now())
	return f, nil
}

func noFunction(r *region, name string) error {
	return refuse("ResourceNotFoundException", "Function not found: arn:aws:lambda:"+r.name+":"+r.account+":function:"+name)
}

// qualified answers a function's configuration at a version or an alias.
func (r *region) qualified(f *function, qualifier string) (types.FunctionConfiguration, error) {
	if alias, ok := f.aliases[qualifier]; ok {
		qualifier = *alias.FunctionVersion
	}
	if qualifier == "" || qualifier == "$LATEST" {
		return f.FunctionConfiguration, nil
	}
	for _, v := range f.versions {
		if *v.Version == qualifier {
			return v, nil
		}
	}
	return types.FunctionConfiguration{}, noFunction(r, *f.FunctionName+":"+qualifier)
}

func getFunction(r *region, in *lambda.GetFunctionInput) (*lambda.GetFunctionOutput, error) {
	f, err := r.functionNamed(*in.FunctionName)
	if err != nil {
		return nil, err
	}
	c, err := r.qualified(f, awssdk.ToString(in.Qualifier))
	if err != nil {
		return nil, err
	}
	out := &lambda.GetFunctionOutput{Configuration: &c, Tags: f.tags, Code: &types.FunctionCodeLocation{RepositoryType: awssdk.String("S3")}}
	if f.imageURI != "" {
		sum := sha256.Sum256([]byte(f.imageURI))
		repository, _, _ := strings.Cut(f.imageURI, "@")
		out.Code = &types.FunctionCodeLocation{
			RepositoryType: awssdk.String("ECR"), ImageUri: &f.imageURI,
			ResolvedImageUri: awssdk.String(withoutTag(repository) + "@sha256:" + hexOf(sum[:])),
		}
	}
	return out, nil
}

// withoutTag removes the tag of an image, and keeps the port of a registry.
func withoutTag(image string) string {
	if at := strings.LastIndex(image, ":"); at > strings.LastIndex(image, "/") {
		return image[:at]
	}
	return image
}

func getFunctionConfiguration(r *region, in *lambda.GetFunctionConfigurationInput) (*lambda.GetFunctionConfigurationOutput, error) {
	f, err := r.functionNamed(*in.FunctionName)
	if err != nil {
		return nil, err
	}
	c, err := r.qualified(f, awssdk.ToString(in.Qualifier))
	return configured[lambda.GetFunctionConfigurationOutput](c), err
}

func listFunctions(r *region, in *lambda.ListFunctionsInput) (*lambda.ListFunctionsOutput, error) {
	var all []types.FunctionConfiguration
	for _, name := range slices.Sorted(maps.Keys(r.functions)) {
		f := r.functions[name]
		f.settle(r.now())
		all = append(all, f.FunctionConfiguration)
	}
	part, next, err := page(all, in.Marker, orElse(in.MaxItems, 50))
	return &lambda.ListFunctionsOutput{Functions: part, NextMarker: next}, err
}
