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
	const (
		api    = "/v2/apis/{ApiId}"
		domain = "/v2/domainnames/{DomainName}"
	)
	paged := []string{"MaxResults", "NextToken"}
	return Service{ID: "ApiGatewayV2", Host: "apigateway", Scope: "apigateway", Protocol: REST{Small: true, Routes: map[string]Route{
		"CreateApi":         {Method: http.MethodPost, Path: "/v2/apis"},
		"CreateApiMapping":  {Method: http.MethodPost, Path: domain + "/apimappings"},
		"CreateDomainName":  {Method: http.MethodPost, Path: "/v2/domainnames"},
		"DeleteApiMapping":  {Method: http.MethodDelete, Path: domain + "/apimappings/{ApiMappingId}"},
		"DeleteDomainName":  {Method: http.MethodDelete, Path: domain},
		"GetApiMappings":    {Method: http.MethodGet, Path: domain + "/apimappings", Query: paged},
		"GetDomainName":     {Method: http.MethodGet, Path: domain},
		"GetDomainNames":    {Method: http.MethodGet, Path: "/v2/domainnames", Query: paged},
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

// DNS is Route 53, at one place in a partition.
// Source: https://docs.aws.amazon.com/Route53/latest/APIReference/API_Operations_Amazon_Route_53.html
func DNS() Service {
	const records = "/2013-04-01/hostedzone/{HostedZoneId}/rrset"
	return Service{
		ID: "Route 53", Host: "route53", Scope: "route53",
		Homes: map[string]Home{
			"aws": {"route53.amazonaws.com", "us-east-1"}, "aws-cn": {"route53.amazonaws.com.cn", "cn-northwest-1"},
			"aws-us-gov": {"route53.us-gov.amazonaws.com", "us-gov-west-1"},
			"aws-iso":    {"route53.c2s.ic.gov", "us-iso-east-1"}, "aws-iso-b": {"route53.sc2s.sgov.gov", "us-isob-east-1"},
			"aws-iso-e": {"route53.cloud.adc-e.uk", "eu-isoe-west-1"}, "aws-iso-f": {"route53.csp.hci.ic.gov", "us-isof-south-1"},
			"aws-eusc": {"route53.amazonaws.eu", "eusc-de-east-1"},
		},
		Protocol: XML{Namespace: "https://route53.amazonaws.com/doc/2013-04-01/", Routes: map[string]XMLRoute{
			"ChangeResourceRecordSets": {Method: http.MethodPost, Path: records},
			"GetChange":                {Method: http.MethodGet, Path: "/2013-04-01/change/{Id}"},
			"ListHostedZonesByName": {
				Method: http.MethodGet, Path: "/2013-04-01/hostedzonesbyname",
				Query: map[string]string{"DNSName": "dnsname", "HostedZoneId": "hostedzoneid", "MaxItems": "maxitems"},
			},
			"ListResourceRecordSets": {
				Method: http.MethodGet, Path: records,
				Query: map[string]string{"MaxItems": "maxitems", "StartRecordIdentifier": "identifier", "StartRecordName": "name", "StartRecordType": "type"},
			},
		}},
	}
}
