package sandbox

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	gateway "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
)

func addAPIGateway(table map[string]operation) {
	table["ApiGatewayV2.CreateApi"] = on(createAPI)
	table["ApiGatewayV2.GetApis"] = on(getAPIs)
	table["ApiGatewayV2.GetApi"] = on(getAPI)
	table["ApiGatewayV2.DeleteApi"] = on(deleteAPI)
	table["ApiGatewayV2.CreateIntegration"] = on(createIntegration)
	table["ApiGatewayV2.GetIntegrations"] = on(getIntegrations)
	table["ApiGatewayV2.DeleteIntegration"] = on(deleteIntegration)
	table["ApiGatewayV2.CreateRoute"] = on(createRouteOf)
	table["ApiGatewayV2.GetRoutes"] = on(getRoutes)
	table["ApiGatewayV2.DeleteRoute"] = on(deleteRouteOf)
	table["ApiGatewayV2.CreateAuthorizer"] = on(createAuthorizer)
	table["ApiGatewayV2.GetAuthorizers"] = on(getAuthorizers)
	table["ApiGatewayV2.GetAuthorizer"] = on(getAuthorizer)
	table["ApiGatewayV2.CreateStage"] = on(createStage)
	table["ApiGatewayV2.GetStages"] = on(getStages)
	table["ApiGatewayV2.TagResource"] = on(tagAPI)
	addAPIDomains(table)
}

// gatewayAPI is an HTTP API with what is in it. World.CallAPI answers for its endpoint.
type gatewayAPI struct {
	types.Api
	integrations []types.Integration
	routes       []types.Route
	authorizers  []types.Authorizer
	stages       []types.Stage
}

func tagAPI(r *region, in *gateway.TagResourceInput) (*gateway.TagResourceOutput, error) {
	_, path, _ := strings.Cut(*in.ResourceArn, ":"+r.name+"::/")
	kind, id, _ := strings.Cut(path, "/")
	var tags *map[string]string
	switch kind {
	case "apis":
		a, err := r.apiWith(id)
		if err != nil {
			return nil, err
		}
		tags = &a.Tags
	case "domainnames":
		d, err := r.domainNamed(&id)
		if err != nil {
			return nil, err
		}
		tags = &d.Tags
	default:
		return nil, badRequest("Invalid resource ARN specified")
	}
	own := map[string]string{}
	maps.Copy(own, *tags)
	maps.Copy(own, in.Tags)
	*tags = own
	return &gateway.TagResourceOutput{}, nil
}

func noAPI(id string) error {
	return refuse("NotFoundException", "Invalid API identifier specified "+id)
}

func badRequest(message string) error { return refuse("BadRequestException", message) }

// short makes an id as API Gateway writes them.
func (r *region) short() string { return strings.TrimPrefix(r.world.id("api"), "api-0")[:10] }

func (r *region) apiWith(id string) (*gatewayAPI, error) {
	for _, a := range r.gatewayAPIs {
		if *a.ApiId == id {
			return a, nil
		}
	}
	return nil, noAPI(id)
}

func createAPI(r *region, in *gateway.CreateApiInput) (*gateway.CreateApiOutput, error) {
	if in.ProtocolType != types.ProtocolTypeHttp {
		return nil, badRequest("The pretend AWS has HTTP APIs only.")
	}
	id := r.short()
	a := &gatewayAPI{Api: types.Api{
		ApiId: &id, Name: in.Name, ProtocolType: in.ProtocolType, Description: in.Description, Tags: in.Tags, CreatedDate: awssdk.Time(r.now()),
		ApiEndpoint: awssdk.String("https://" + id + ".execute-api." + r.name + ".amazonaws.com"), ApiKeySelectionExpression: awssdk.String("$request.header.x-api-key"),
		RouteSelectionExpression: awssdk.String("$request.method $request.path"), DisableExecuteApiEndpoint: awssdk.Bool(false),
	}}
	r.gatewayAPIs = append(r.gatewayAPIs, a)
	return copied[gateway.CreateApiOutput](a.Api), nil
}

func getAPIs(r *region, in *gateway.GetApisInput) (*gateway.GetApisOutput, error) {
	var all []types.Api
	for _, a := range r.gatewayAPIs {
		all = append(all, a.Api)
	}
	part, next, err := page(all, in.NextToken, nil)
	return &gateway.GetApisOutput{Items: part, NextToken: next}, err
}

func getAPI(r *region, in *gateway.GetApiInput) (*gateway.GetApiOutput, error) {
	a, err := r.apiWith(*in.ApiId)
	if err != nil {
		return nil, err
	}
	return copied[gateway.GetApiOutput](a.Api), nil
}

func deleteAPI(r *region, in *gateway.DeleteApiInput) (*gateway.DeleteApiOutput, error) {
	if _, err := r.apiWith(*in.ApiId); err != nil {
		return nil, err
	}
	if r.mapped(*in.ApiId) {
		return nil, badRequest("Deleting API " + *in.ApiId + " failed. Please remove all API mappings for the API from your custom domain names.")
	}
	r.gatewayAPIs = slices.DeleteFunc(slices.Clone(r.gatewayAPIs), func(a *gatewayAPI) bool { return *a.ApiId == *in.ApiId })
	return &gateway.DeleteApiOutput{}, nil
}

func createIntegration(r *region, in *gateway.CreateIntegrationInput) (*gateway.CreateIntegrationOutput, error) {
	a, err := r.apiWith(*in.ApiId)
	if err != nil {
		return nil, err
	}
	version := awssdk.ToString(in.PayloadFormatVersion)
	switch in.IntegrationType {
	case types.IntegrationTypeHttpProxy:
		address, err := url.Parse(awssdk.ToString(in.IntegrationUri))
		switch {
		case err != nil || address.Scheme != "http" && address.Scheme != "https" || address.Host == "":
			return nil, badRequest("Invalid HTTP endpoint specified for URI")
		case in.IntegrationMethod == nil:
			return nil, badRequest("HttpMethod must be specified for HTTP_PROXY integrations")
		case version != "1.0":
			return nil, badRequest("PayloadFormatVersion for HTTP_PROXY integrations must be 1.0")
		}
	case types.IntegrationTypeAwsProxy:
		if version != "1.0" && version != "2.0" {
			return nil, badRequest("PayloadFormatVersion is a required parameter for integration")
		}
	default:
		return nil, badRequest("The integration type is not supported for HTTP APIs")
	}
	one := types.Integration{
		IntegrationId: awssdk.String(r.short()), IntegrationType: in.IntegrationType, IntegrationUri: in.IntegrationUri, IntegrationMethod: in.IntegrationMethod,
		PayloadFormatVersion: in.PayloadFormatVersion, ConnectionType: types.ConnectionTypeInternet, TimeoutInMillis: awssdk.Int32(30000),
	}
	if in.IntegrationType == types.IntegrationTypeAwsProxy {
		one.IntegrationMethod = awssdk.String("POST")
	}
	a.integrations = append(a.integrations, one)
	return copied[gateway.CreateIntegrationOutput](one), nil
}

func getIntegrations(r *region, in *gateway.GetIntegrationsInput) (*gateway.GetIntegrationsOutput, error) {
	a, err := r.apiWith(*in.ApiId)
	if err != nil {
		return nil, err
	}
	part, next, err := page(a.integrations, in.NextToken, nil)
	return &gateway.GetIntegrationsOutput{Items: part, NextToken: next}, err
}

func deleteIntegration(r *region, in *gateway.DeleteIntegrationInput) (*gateway.DeleteIntegrationOutput, error) {
	a, err := r.apiWith(*in.ApiId)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(a.routes, func(o types.Route) bool { return *o.Target == "integrations/"+*in.IntegrationId }) {
		return nil, refuse("ConflictException", "Cannot delete Integration '"+*in.IntegrationId+"' as it is referenced by other resources.")
	}
	before := len(a.integrations)
	a.integrations = slices.DeleteFunc(slices.Clone(a.integrations), func(i types.Integration) bool { return *i.IntegrationId == *in.IntegrationId })
	if len(a.integrations) == before {
		return nil, refuse("NotFoundException", "Invalid Integration identifier specified")
	}
	return &gateway.DeleteIntegrationOutput{}, nil
}

var routeKey = regexp.MustCompile(`^(\$default|(ANY|GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) /\S*)$`)

func createRouteOf(r *region, in *gateway.CreateRouteInput) (*gateway.CreateRouteOutput, error) {
	a, err := r.apiWith(*in.ApiId)
	if err != nil {
		return nil, err
	}
	integration := strings.TrimPrefix(awssdk.ToString(in.Target), "integrations/")
	switch {
	case !routeKey.MatchString(*in.RouteKey):
		return nil, badRequest("Invalid route key specified: " + *in.RouteKey)
	case slices.ContainsFunc(a.routes, func(o types.Route) bool { return *o.RouteKey == *in.RouteKey }):
		return nil, refuse("ConflictException", "Route with key "+*in.RouteKey+" already exists for this API")
	case !slices.ContainsFunc(a.integrations, func(i types.Integration) bool { return *i.IntegrationId == integration }):
		return nil, refuse("NotFoundException", "Invalid Integration identifier specified")
	case in.AuthorizationType == types.AuthorizationTypeJwt && !slices.ContainsFunc(a.authorizers, func(o types.Authorizer) bool {
		return *o.AuthorizerId == awssdk.ToString(in.AuthorizerId)
	}):
		return nil, badRequest("Invalid authorizer ID specified")
	}
	one := types.Route{
		RouteId: awssdk.String(r.short()), RouteKey: in.RouteKey, Target: in.Target, AuthorizationType: in.AuthorizationType, AuthorizerId: in.AuthorizerId,
		ApiKeyRequired: awssdk.Bool(false),
	}
	if one.AuthorizationType == "" {
		one.AuthorizationType = types.AuthorizationTypeNone
	}
	a.routes = append(a.routes, one)
	return copied[gateway.CreateRouteOutput](one), nil
}

func getRoutes(r *region, in *gateway.GetRoutesInput) (*gateway.GetRoutesOutput, error) {
	a, err := r.apiWith(*in.ApiId)
	if err != nil {
		return nil, err
	}
	part, next, err := page(a.routes, in.NextToken, nil)
	return &gateway.GetRoutesOutput{Items: part, NextToken: next}, err
}

func deleteRouteOf(r *region, in *gateway.DeleteRouteInput) (*gateway.DeleteRouteOutput, error) {
	a, err := r.apiWith(*in.ApiId)
	if err != nil {
		return nil, err
	}
	before := len(a.routes)
	a.routes = slices.DeleteFunc(slices.Clone(a.routes), func(o types.Route) bool { return *o.RouteId == *in.RouteId })
	if len(a.routes) == before {
		return nil, refuse("NotFoundException", "Unable to find Route by key "+*in.RouteId+" within the provided RestApi")
	}
	return &gateway.DeleteRouteOutput{}, nil
}

func createAuthorizer(r *region, in *gateway.CreateAuthorizerInput) (*gateway.CreateAuthorizerOutput, error) {
	a, err := r.apiWith(*in.ApiId)
	if err != nil {
		return nil, err
	}
	jwt := in.JwtConfiguration
	switch {
	case slices.ContainsFunc(a.authorizers, func(o types.Authorizer) bool { return *o.Name == *in.Name }):
		return nil, badRequest("Authorizer name must be unique. Authorizer " + *in.Name + " already exists in this RestApi.")
	case in.AuthorizerType != types.AuthorizerTypeJwt || jwt == nil || !strings.HasPrefix(awssdk.ToString(jwt.Issuer), "https://") || len(jwt.Audience) == 0:
		return nil, badRequest("JwtConfiguration needs an issuer and an audience")
	}
	one := types.Authorizer{
		AuthorizerId: awssdk.String(r.short()), Name: in.Name, AuthorizerType: in.AuthorizerType, IdentitySource: in.IdentitySource, JwtConfiguration: jwt,
	}
	a.authorizers = append(a.authorizers, one)
	return copied[gateway.CreateAuthorizerOutput](one), nil
}

func getAuthorizers(r *region, in *gateway.GetAuthorizersInput) (*gateway.GetAuthorizersOutput, error) {
	a, err := r.apiWith(*in.ApiId)
	if err != nil {
		return nil, err
	}
	part, next, err := page(a.authorizers, in.NextToken, nil)
	return &gateway.GetAuthorizersOutput{Items: part, NextToken: next}, err
}

func getAuthorizer(r *region, in *gateway.GetAuthorizerInput) (*gateway.GetAuthorizerOutput, error) {
	a, err := r.apiWith(*in.ApiId)
	if err != nil {
		return nil, err
	}
	for _, one := range a.authorizers {
		if *one.AuthorizerId == *in.AuthorizerId {
			return copied[gateway.GetAuthorizerOutput](one), nil
		}
	}
	return nil, refuse("NotFoundException", "Invalid Authorizer identifier specified")
}

func createStage(r *region, in *gateway.CreateStageInput) (*gateway.CreateStageOutput, error) {
	a, err := r.apiWith(*in.ApiId)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(a.stages, func(s types.Stage) bool { return *s.StageName == *in.StageName }) {
		return nil, refuse("ConflictException", "Stage already exists")
	}
	if logs := in.AccessLogSettings; logs != nil {
		_, name, _ := strings.Cut(awssdk.ToString(logs.DestinationArn), ":log-group:")
		if _, there := r.logs[name]; !there || awssdk.ToString(logs.Format) == "" {
			return nil, badRequest("Access log destination must exist, and have a format")
		}
	}
	one := types.Stage{
		StageName: in.StageName, AutoDeploy: in.AutoDeploy, AccessLogSettings: in.AccessLogSettings, DefaultRouteSettings: in.DefaultRouteSettings,
		CreatedDate: awssdk.Time(r.now()), LastUpdatedDate: awssdk.Time(r.now()), Tags: in.Tags,
	}
	a.stages = append(a.stages, one)
	return copied[gateway.CreateStageOutput](one), nil
}

func getStages(r *region, in *gateway.GetStagesInput) (*gateway.GetStagesOutput, error) {
	a, err := r.apiWith(*in.ApiId)
	if err != nil {
		return nil, err
	}
	part, next, err := page(a.stages, in.NextToken, nil)
	return &gateway.GetStagesOutput{Items: part, NextToken: next}, err
}
