package sdk

// The calls of the services that speak REST, with JSON or XML. A call more is a route more too; see package wire.

import (
	"context"

	"deckhand/aws/sdk/wire"

	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/route53"
)

type (
	lambdaCalls struct{ *wire.Client }
	apiCalls    struct{ *wire.Client }
	dnsCalls    struct{ *wire.Client }
)

func (c lambdaCalls) AddPermission(ctx context.Context, in *lambda.AddPermissionInput, _ ...func(*lambda.Options)) (*lambda.AddPermissionOutput, error) {
	return wire.Call[lambda.AddPermissionOutput](ctx, c.Client, in)
}

func (c lambdaCalls) CreateAlias(ctx context.Context, in *lambda.CreateAliasInput, _ ...func(*lambda.Options)) (*lambda.CreateAliasOutput, error) {
	return wire.Call[lambda.CreateAliasOutput](ctx, c.Client, in)
}

func (c lambdaCalls) CreateEventSourceMapping(ctx context.Context, in *lambda.CreateEventSourceMappingInput, _ ...func(*lambda.Options)) (*lambda.CreateEventSourceMappingOutput, error) {
	return wire.Call[lambda.CreateEventSourceMappingOutput](ctx, c.Client, in)
}

func (c lambdaCalls) CreateFunction(ctx context.Context, in *lambda.CreateFunctionInput, _ ...func(*lambda.Options)) (*lambda.CreateFunctionOutput, error) {
	return wire.Call[lambda.CreateFunctionOutput](ctx, c.Client, in)
}

func (c lambdaCalls) DeleteAlias(ctx context.Context, in *lambda.DeleteAliasInput, _ ...func(*lambda.Options)) (*lambda.DeleteAliasOutput, error) {
	return wire.Call[lambda.DeleteAliasOutput](ctx, c.Client, in)
}

func (c lambdaCalls) DeleteEventSourceMapping(ctx context.Context, in *lambda.DeleteEventSourceMappingInput, _ ...func(*lambda.Options)) (*lambda.DeleteEventSourceMappingOutput, error) {
	return wire.Call[lambda.DeleteEventSourceMappingOutput](ctx, c.Client, in)
}

func (c lambdaCalls) DeleteFunction(ctx context.Context, in *lambda.DeleteFunctionInput, _ ...func(*lambda.Options)) (*lambda.DeleteFunctionOutput, error) {
	return wire.Call[lambda.DeleteFunctionOutput](ctx, c.Client, in)
}

func (c lambdaCalls) GetFunction(ctx context.Context, in *lambda.GetFunctionInput, _ ...func(*lambda.Options)) (*lambda.GetFunctionOutput, error) {
	return wire.Call[lambda.GetFunctionOutput](ctx, c.Client, in)
}

func (c lambdaCalls) GetPolicy(ctx context.Context, in *lambda.GetPolicyInput, _ ...func(*lambda.Options)) (*lambda.GetPolicyOutput, error) {
	return wire.Call[lambda.GetPolicyOutput](ctx, c.Client, in)
}

func (c lambdaCalls) Invoke(ctx context.Context, in *lambda.InvokeInput, _ ...func(*lambda.Options)) (*lambda.InvokeOutput, error) {
	return wire.Call[lambda.InvokeOutput](ctx, c.Client, in)
}

func (c lambdaCalls) ListAliases(ctx context.Context, in *lambda.ListAliasesInput, _ ...func(*lambda.Options)) (*lambda.ListAliasesOutput, error) {
	return wire.Call[lambda.ListAliasesOutput](ctx, c.Client, in)
}

func (c lambdaCalls) ListEventSourceMappings(ctx context.Context, in *lambda.ListEventSourceMappingsInput, _ ...func(*lambda.Options)) (*lambda.ListEventSourceMappingsOutput, error) {
	return wire.Call[lambda.ListEventSourceMappingsOutput](ctx, c.Client, in)
}

func (c lambdaCalls) ListFunctions(ctx context.Context, in *lambda.ListFunctionsInput, _ ...func(*lambda.Options)) (*lambda.ListFunctionsOutput, error) {
	return wire.Call[lambda.ListFunctionsOutput](ctx, c.Client, in)
}

func (c lambdaCalls) ListVersionsByFunction(ctx context.Context, in *lambda.ListVersionsByFunctionInput, _ ...func(*lambda.Options)) (*lambda.ListVersionsByFunctionOutput, error) {
	return wire.Call[lambda.ListVersionsByFunctionOutput](ctx, c.Client, in)
}

func (c lambdaCalls) PublishVersion(ctx context.Context, in *lambda.PublishVersionInput, _ ...func(*lambda.Options)) (*lambda.PublishVersionOutput, error) {
	return wire.Call[lambda.PublishVersionOutput](ctx, c.Client, in)
}

func (c lambdaCalls) RemovePermission(ctx context.Context, in *lambda.RemovePermissionInput, _ ...func(*lambda.Options)) (*lambda.RemovePermissionOutput, error) {
	return wire.Call[lambda.RemovePermissionOutput](ctx, c.Client, in)
}

func (c lambdaCalls) TagResource(ctx context.Context, in *lambda.TagResourceInput, _ ...func(*lambda.Options)) (*lambda.TagResourceOutput, error) {
	return wire.Call[lambda.TagResourceOutput](ctx, c.Client, in)
}

func (c lambdaCalls) UpdateAlias(ctx context.Context, in *lambda.UpdateAliasInput, _ ...func(*lambda.Options)) (*lambda.UpdateAliasOutput, error) {
	return wire.Call[lambda.UpdateAliasOutput](ctx, c.Client, in)
}

func (c lambdaCalls) UpdateFunctionCode(ctx context.Context, in *lambda.UpdateFunctionCodeInput, _ ...func(*lambda.Options)) (*lambda.UpdateFunctionCodeOutput, error) {
	return wire.Call[lambda.UpdateFunctionCodeOutput](ctx, c.Client, in)
}

func (c lambdaCalls) UpdateFunctionConfiguration(ctx context.Context, in *lambda.UpdateFunctionConfigurationInput, _ ...func(*lambda.Options)) (*lambda.UpdateFunctionConfigurationOutput, error) {
	return wire.Call[lambda.UpdateFunctionConfigurationOutput](ctx, c.Client, in)
}

func (c apiCalls) CreateApi(ctx context.Context, in *apigatewayv2.CreateApiInput, _ ...func(*apigatewayv2.Options)) (*apigatewayv2.CreateApiOutput, error) {
	return wire.Call[apigatewayv2.CreateApiOutput](ctx, c.Client, in)
}

func (c apiCalls) CreateAuthorizer(ctx context.Context, in *apigatewayv2.CreateAuthorizerInput, _ ...func(*apigatewayv2.Options)) (*apigatewayv2.CreateAuthorizerOutput, error) {
	return wire.Call[apigatewayv2.CreateAuthorizerOutput](ctx, c.Client, in)
}

func (c apiCalls) CreateIntegration(ctx context.Context, in *apigatewayv2.CreateIntegrationInput, _ ...func(*apigatewayv2.Options)) (*apigatewayv2.CreateIntegrationOutput, error) {
	return wire.Call[apigatewayv2.CreateIntegrationOutput](ctx, c.Client, in)
}

func (c apiCalls) CreateRoute(ctx context.Context, in *apigatewayv2.CreateRouteInput, _ ...func(*apigatewayv2.Options)) (*apigatewayv2.CreateRouteOutput, error) {
	return wire.Call[apigatewayv2.CreateRouteOutput](ctx, c.Client, in)
}

func (c apiCalls) CreateStage(ctx context.Context, in *apigatewayv2.CreateStageInput, _ ...func(*apigatewayv2.Options)) (*apigatewayv2.CreateStageOutput, error) {
	return wire.Call[apigatewayv2.CreateStageOutput](ctx, c.Client, in)
}

func (c apiCalls) DeleteApi(ctx context.Context, in *apigatewayv2.DeleteApiInput, _ ...func(*apigatewayv2.Options)) (*apigatewayv2.DeleteApiOutput, error) {
	return wire.Call[apigatewayv2.DeleteApiOutput](ctx, c.Client, in)
}

func (c apiCalls) DeleteIntegration(ctx context.Context, in *apigatewayv2.DeleteIntegrationInput, _ ...func(*apigatewayv2.Options)) (*apigatewayv2.DeleteIntegrationOutput, error) {
	return wire.Call[apigatewayv2.DeleteIntegrationOutput](ctx, c.Client, in)
}

func (c apiCalls) DeleteRoute(ctx context.Context, in *apigatewayv2.DeleteRouteInput, _ ...func(*apigatewayv2.Options)) (*apigatewayv2.DeleteRouteOutput, error) {
	return wire.Call[apigatewayv2.DeleteRouteOutput](ctx, c.Client, in)
}

func (c apiCalls) GetApis(ctx context.Context, in *apigatewayv2.GetApisInput, _ ...func(*apigatewayv2.Options)) (*apigatewayv2.GetApisOutput, error) {
	return wire.Call[apigatewayv2.GetApisOutput](ctx, c.Client, in)
}

func (c apiCalls) GetAuthorizer(ctx context.Context, in *apigatewayv2.GetAuthorizerInput, _ ...func(*apigatewayv2.Options)) (*apigatewayv2.GetAuthorizerOutput, error) {
	return wire.Call[apigatewayv2.GetAuthorizerOutput](ctx, c.Client, in)
}

func (c apiCalls) GetAuthorizers(ctx context.Context, in *apigatewayv2.GetAuthorizersInput, _ ...func(*apigatewayv2.Options)) (*apigatewayv2.GetAuthorizersOutput, error) {
	return wire.Call[apigatewayv2.GetAuthorizersOutput](ctx, c.Client, in)
}

func (c apiCalls) GetIntegrations(ctx context.Context, in *apigatewayv2.GetIntegrationsInput, _ ...func(*apigatewayv2.Options)) (*apigatewayv2.GetIntegrationsOutput, error) {
	return wire.Call[apigatewayv2.GetIntegrationsOutput](ctx, c.Client, in)
}

func (c apiCalls) GetRoutes(ctx context.Context, in *apigatewayv2.GetRoutesInput, _ ...func(*apigatewayv2.Options)) (*apigatewayv2.GetRoutesOutput, error) {
	return wire.Call[apigatewayv2.GetRoutesOutput](ctx, c.Client, in)
}

func (c apiCalls) GetStages(ctx context.Context, in *apigatewayv2.GetStagesInput, _ ...func(*apigatewayv2.Options)) (*apigatewayv2.GetStagesOutput, error) {
	return wire.Call[apigatewayv2.GetStagesOutput](ctx, c.Client, in)
}

func (c apiCalls) CreateApiMapping(ctx context.Context, in *apigatewayv2.CreateApiMappingInput, _ ...func(*apigatewayv2.Options)) (*apigatewayv2.CreateApiMappingOutput, error) {
	return wire.Call[apigatewayv2.CreateApiMappingOutput](ctx, c.Client, in)
}

func (c apiCalls) CreateDomainName(ctx context.Context, in *apigatewayv2.CreateDomainNameInput, _ ...func(*apigatewayv2.Options)) (*apigatewayv2.CreateDomainNameOutput, error) {
	return wire.Call[apigatewayv2.CreateDomainNameOutput](ctx, c.Client, in)
}

func (c apiCalls) DeleteApiMapping(ctx context.Context, in *apigatewayv2.DeleteApiMappingInput, _ ...func(*apigatewayv2.Options)) (*apigatewayv2.DeleteApiMappingOutput, error) {
	return wire.Call[apigatewayv2.DeleteApiMappingOutput](ctx, c.Client, in)
}

func (c apiCalls) DeleteDomainName(ctx context.Context, in *apigatewayv2.DeleteDomainNameInput, _ ...func(*apigatewayv2.Options)) (*apigatewayv2.DeleteDomainNameOutput, error) {
	return wire.Call[apigatewayv2.DeleteDomainNameOutput](ctx, c.Client, in)
}

func (c apiCalls) GetApiMappings(ctx context.Context, in *apigatewayv2.GetApiMappingsInput, _ ...func(*apigatewayv2.Options)) (*apigatewayv2.GetApiMappingsOutput, error) {
	return wire.Call[apigatewayv2.GetApiMappingsOutput](ctx, c.Client, in)
}

func (c apiCalls) GetDomainName(ctx context.Context, in *apigatewayv2.GetDomainNameInput, _ ...func(*apigatewayv2.Options)) (*apigatewayv2.GetDomainNameOutput, error) {
	return wire.Call[apigatewayv2.GetDomainNameOutput](ctx, c.Client, in)
}

func (c apiCalls) GetDomainNames(ctx context.Context, in *apigatewayv2.GetDomainNamesInput, _ ...func(*apigatewayv2.Options)) (*apigatewayv2.GetDomainNamesOutput, error) {
	return wire.Call[apigatewayv2.GetDomainNamesOutput](ctx, c.Client, in)
}

func (c apiCalls) TagResource(ctx context.Context, in *apigatewayv2.TagResourceInput, _ ...func(*apigatewayv2.Options)) (*apigatewayv2.TagResourceOutput, error) {
	return wire.Call[apigatewayv2.TagResourceOutput](ctx, c.Client, in)
}

func (c dnsCalls) ChangeResourceRecordSets(ctx context.Context, in *route53.ChangeResourceRecordSetsInput, _ ...func(*route53.Options)) (*route53.ChangeResourceRecordSetsOutput, error) {
	return wire.Call[route53.ChangeResourceRecordSetsOutput](ctx, c.Client, in)
}

func (c dnsCalls) GetChange(ctx context.Context, in *route53.GetChangeInput, _ ...func(*route53.Options)) (*route53.GetChangeOutput, error) {
	return wire.Call[route53.GetChangeOutput](ctx, c.Client, in)
}

func (c dnsCalls) ListHostedZonesByName(ctx context.Context, in *route53.ListHostedZonesByNameInput, _ ...func(*route53.Options)) (*route53.ListHostedZonesByNameOutput, error) {
	return wire.Call[route53.ListHostedZonesByNameOutput](ctx, c.Client, in)
}

func (c dnsCalls) ListResourceRecordSets(ctx context.Context, in *route53.ListResourceRecordSetsInput, _ ...func(*route53.Options)) (*route53.ListResourceRecordSetsOutput, error) {
	return wire.Call[route53.ListResourceRecordSetsOutput](ctx, c.Client, in)
}
