package sandbox

import (
	"maps"
	"slices"
	"strconv"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// publishVersion makes a version, unless nothing has changed since the last one.
func publishVersion(r *region, in *lambda.PublishVersionInput) (*lambda.PublishVersionOutput, error) {
	f, err := r.idle(*in.FunctionName, in.RevisionId)
	if err != nil {
		return nil, err
	}
	if in.CodeSha256 != nil && *in.CodeSha256 != *f.CodeSha256 {
		return nil, refuse("InvalidParameterValueException", "CodeSHA256 ("+*in.CodeSha256+") is different from current CodeSHA256 in $LATEST ("+*f.CodeSha256+"). Please try again with the CodeSHA256 in $LATEST.")
	}
	number := 1
	if n := len(f.versions); n > 0 {
		last := f.versions[n-1]
		if *last.RevisionId == *f.RevisionId {
			return configured[lambda.PublishVersionOutput](last), nil
		}
		before, _ := strconv.Atoi(*last.Version)
		number = before + 1
	}
	v := f.FunctionConfiguration
	v.Version = awssdk.String(strconv.Itoa(number))
	v.FunctionArn = awssdk.String(*f.FunctionArn + ":" + *v.Version)
	if in.Description != nil {
		v.Description = in.Description
	}
	f.versions = append(f.versions, v)
	return configured[lambda.PublishVersionOutput](v), nil
}

func listVersionsByFunction(r *region, in *lambda.ListVersionsByFunctionInput) (*lambda.ListVersionsByFunctionOutput, error) {
	f, err := r.functionNamed(*in.FunctionName)
	if err != nil {
		return nil, err
	}
	all := append([]types.FunctionConfiguration{f.FunctionConfiguration}, f.versions...)
	part, next, err := page(all, in.Marker, orElse(in.MaxItems, 50))
	return &lambda.ListVersionsByFunctionOutput{Versions: part, NextMarker: next}, err
}

func createAlias(r *region, in *lambda.CreateAliasInput) (*lambda.CreateAliasOutput, error) {
	f, err := r.functionNamed(*in.FunctionName)
	if err != nil {
		return nil, err
	}
	if _, there := f.aliases[*in.Name]; there {
		return nil, refuse("ResourceConflictException", "Alias already exists: "+*f.FunctionArn+":"+*in.Name)
	}
	if _, err := r.qualified(f, *in.FunctionVersion); err != nil {
		return nil, err
	}
	if err := r.routable(f, *in.FunctionVersion, in.RoutingConfig); err != nil {
		return nil, err
	}
	alias := types.AliasConfiguration{
		AliasArn: awssdk.String(*f.FunctionArn + ":" + *in.Name), Name: in.Name, FunctionVersion: in.FunctionVersion,
		Description: in.Description, RevisionId: awssdk.String(r.world.id("rev")), RoutingConfig: in.RoutingConfig,
	}
	put(&f.aliases, *in.Name, alias)
	return copied[lambda.CreateAliasOutput](alias), nil
}

// routable refuses weights that AWS refuses.
// Source: https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
func (r *region) routable(f *function, main string, routing *types.AliasRoutingConfiguration) error {
	if routing == nil || len(routing.AdditionalVersionWeights) == 0 {
		return nil
	}
	if len(routing.AdditionalVersionWeights) > 1 {
		return refuse("InvalidParameterValueException", "Number of items in AdditionalVersionWeights cannot be greater than 1")
	}
	for other, share := range routing.AdditionalVersionWeights {
		switch _, err := r.qualified(f, other); {
		case main == "$LATEST" || other == "$LATEST":
			return refuse("InvalidParameterValueException", "$LATEST is not supported for an alias pointing to more than 1 version")
		case err != nil:
			return err
		case other == main:
			return refuse("InvalidParameterValueException", "Invalid function version "+other+". Function version "+other+" is already included in routing configuration.")
		case share < 0 || share > 1:
			return refuse("InvalidParameterValueException", "Weights must be between 0 and 1.")
		}
	}
	return nil
}

func (r *region) aliasOf(function, name string) (*function, types.AliasConfiguration, error) {
	f, err := r.functionNamed(function)
	if err != nil {
		return nil, types.AliasConfiguration{}, err
	}
	alias, ok := f.aliases[name]
	if !ok {
		return nil, alias, refuse("ResourceNotFoundException", "Cannot find alias arn: "+*f.FunctionArn+":"+name)
	}
	return f, alias, nil
}

func getAlias(r *region, in *lambda.GetAliasInput) (*lambda.GetAliasOutput, error) {
	_, alias, err := r.aliasOf(*in.FunctionName, *in.Name)
	return copied[lambda.GetAliasOutput](alias), err
}

func updateAlias(r *region, in *lambda.UpdateAliasInput) (*lambda.UpdateAliasOutput, error) {
	f, alias, err := r.aliasOf(*in.FunctionName, *in.Name)
	if err != nil {
		return nil, err
	}
	if in.FunctionVersion != nil {
		if _, err := r.qualified(f, *in.FunctionVersion); err != nil {
			return nil, err
		}
		alias.FunctionVersion = in.FunctionVersion
	}
	if err := r.routable(f, *alias.FunctionVersion, in.RoutingConfig); err != nil {
		return nil, err
	}
	if in.Description != nil {
		alias.Description = in.Description
	}
	alias.RoutingConfig = in.RoutingConfig
	if in.RoutingConfig != nil && len(in.RoutingConfig.AdditionalVersionWeights) == 0 {
		alias.RoutingConfig = nil
	}
	alias.RevisionId = awssdk.String(r.world.id("rev"))
	put(&f.aliases, *in.Name, alias)
	return copied[lambda.UpdateAliasOutput](alias), nil
}

func listAliases(r *region, in *lambda.ListAliasesInput) (*lambda.ListAliasesOutput, error) {
	f, err := r.functionNamed(*in.FunctionName)
	if err != nil {
		return nil, err
	}
	var all []types.AliasConfiguration
	for _, name := range slices.Sorted(maps.Keys(f.aliases)) {
		if a := f.aliases[name]; in.FunctionVersion == nil || *a.FunctionVersion == *in.FunctionVersion {
			all = append(all, a)
		}
	}
	part, next, err := page(all, in.Marker, orElse(in.MaxItems, 50))
	return &lambda.ListAliasesOutput{Aliases: part, NextMarker: next}, err
}

// deleteAlias is as quiet as AWS about an alias that is not there.
func deleteAlias(r *region, in *lambda.DeleteAliasInput) (*lambda.DeleteAliasOutput, error) {
	f, err := r.functionNamed(*in.FunctionName)
	if err != nil {
		return nil, err
	}
	delete(f.aliases, *in.Name)
	return &lambda.DeleteAliasOutput{}, nil
}
