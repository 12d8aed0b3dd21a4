package aws

import "time"

// API is an HTTP API of API Gateway.
// Source: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid.html
type API struct {
	ID, Name, Description string
	Protocol              string // "HTTP" or "WEBSOCKET"
	Endpoint              string // "https://ID.execute-api.REGION.amazonaws.com"
	CreatedAt             time.Time
	Tags                  map[string]string
}

// APIRoute is one route of an API.
type APIRoute struct {
	ID, Key       string // "GET /count"
	Authorization string // "NONE", "JWT", "AWS_IAM", "CUSTOM"
	AuthorizerID  string
	IntegrationID string
}

// APIIntegration is what answers behind routes.
type APIIntegration struct {
	ID     string
	Kind   string // "HTTP_PROXY" or "AWS_PROXY"
	Target string // an address, or the ARN of a function

	Method, Payload string // "ANY", "1.0", where they were looked at
}

// APIAuthorizer lets callers in that show a token of an issuer.
type APIAuthorizer struct {
	ID, Name, Issuer string
	Audience         []string
}

// APIStage is where an API answers.
type APIStage struct {
	Name       string // "$default" answers at the root
	AutoDeploy bool
	Rate       float64 // requests per second; 0 is the account's own limit
	Burst      int     // requests at once
	LogGroup   string  // ARN
	LogFormat  string
}

// APIDomain is a name of one's own at which APIs of a region answer.
// Source: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/domainnames-domainname.html
type APIDomain struct {
	Name        string
	Target      string // DNS name that a record of the name leads to
	TargetZone  string // hosted zone id of Target
	Certificate string // ARN
	Endpoint    string // "REGIONAL" or "EDGE"
	TLS         string // the oldest version that callers may speak: "TLS_1_2"
	Status      string // "AVAILABLE", "UPDATING", "PENDING_CERTIFICATE_REIMPORT", "PENDING_OWNERSHIP_VERIFICATION"
	Why         string // AWS's sentence on the status
	Tags        map[string]string
}

// APIMapping leads what arrives at a domain name on to a stage of an API.
type APIMapping struct {
	ID, API, Stage string
	Key            string // the path that it begins with; "" is every path that no other mapping takes
}
