package wire

import "net/http"

// Lambda's calls.
// Source: https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
func Lambda() Service {
	const (
		functions = "/2015-03-31/functions"
		function  = functions + "/{FunctionName}"
		mappings  = "/2015-03-31/event-source-mappings"
	)
	qualified := []string{"Qualifier"}
	return Service{ID: "Lambda", Host: "lambda", Scope: "lambda", Protocol: REST{Routes: map[string]Route{
		"AddPermission":            {Method: http.MethodPost, Path: function + "/policy", Query: qualified},
		"CreateAlias":              {Method: http.MethodPost, Path: function + "/aliases"},
		"CreateEventSourceMapping": {Method: http.MethodPost, Path: mappings},
		"CreateFunction":           {Method: http.MethodPost, Path: functions},
		"DeleteAlias":              {Method: http.MethodDelete, Path: function + "/aliases/{Name}"},
		"DeleteEventSourceMapping": {Method: http.MethodDelete, Path: mappings + "/{UUID}"},
		"DeleteFunction":           {Method: http.MethodDelete, Path: function, Query: qualified},
		"GetFunction":              {Method: http.MethodGet, Path: function, Query: qualified},
		"GetPolicy":                {Method: http.MethodGet, Path: function + "/policy", Query: qualified},
		"Invoke": {
			Method: http.MethodPost, Path: function + "/invocations", Query: qualified, Payload: true,
			Headers: []string{"ClientContext", "DurableExecutionName", "InvocationType", "LogType", "TenantId"},
			Answers: []string{"DurableExecutionArn", "ExecutedVersion", "FunctionError", "LogResult"},
		},
		"ListAliases":                 {Method: http.MethodGet, Path: function + "/aliases", Query: []string{"FunctionVersion", "Marker", "MaxItems"}},
		"ListEventSourceMappings":     {Method: http.MethodGet, Path: mappings, Query: []string{"EventSourceArn", "FunctionName", "Marker", "MaxItems"}},
		"ListFunctions":               {Method: http.MethodGet, Path: functions, Query: []string{"FunctionVersion", "Marker", "MasterRegion", "MaxItems"}},
		"ListVersionsByFunction":      {Method: http.MethodGet, Path: function + "/versions", Query: []string{"Marker", "MaxItems"}},
		"PublishVersion":              {Method: http.MethodPost, Path: function + "/versions"},
		"RemovePermission":            {Method: http.MethodDelete, Path: function + "/policy/{StatementId}", Query: []string{"Qualifier", "RevisionId"}},
		"TagResource":                 {Method: http.MethodPost, Path: "/2017-03-31/tags/{Resource}"},
		"UpdateAlias":                 {Method: http.MethodPut, Path: function + "/aliases/{Name}"},
		"UpdateFunctionCode":          {Method: http.MethodPut, Path: function + "/code"},
		"UpdateFunctionConfiguration": {Method: http.MethodPut, Path: function + "/configuration"},
	}}}
}

// APIs are those of API Gateway, version 2.
// Source: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/api-reference.html
func APIs() Service {
	const api = "/v2/apis/{ApiId}"
	paged := []string{"MaxResults", "NextToken"}
	return Service{ID: "ApiGatewayV2", Host: "apigateway", Scope: "apigateway", Protocol: REST{Small: true, Routes: map[string]Route{
		"CreateApi":         {Method: http.MethodPost, Path: "/v2/apis"},
		"CreateAuthorizer":  {Method: http.MethodPost, Path: api + "/authorizers"},
		"CreateIntegration": {Method: http.MethodPost, Path: api + "/integrations"},
		"CreateRoute":       {Method: http.MethodPost, Path: api + "/routes"},
		"CreateStage":       {Method: http.MethodPost, Path: api + "/stages"},
		"DeleteApi":         {Method: http.MethodDelete, Path: api},
		"DeleteIntegration": {Method: http.MethodDelete, Path: api + "/integrations/{IntegrationId}"},
		"DeleteRoute":       {Method: http.MethodDelete, Path: api + "/routes/{RouteId}"},
		"GetApis":           {Method: http.MethodGet, Path: "/v2/apis", Query: paged},
		"GetAuthorizer":     {Method: http.MethodGet, Path: api + "/authorizers/{AuthorizerId}"},
		"GetAuthorizers":    {Method: http.MethodGet, Path: api + "/authorizers", Query: paged},
		"GetIntegrations":   {Method: http.MethodGet, Path: api + "/integrations", Query: paged},
		"GetRoutes":         {Method: http.MethodGet, Path: api + "/routes", Query: paged},
		"GetStages":         {Method: http.MethodGet, Path: api + "/stages", Query: paged},
		"TagResource":       {Method: http.MethodPost, Path: "/v2/tags/{ResourceArn}"},
	}}}
}
