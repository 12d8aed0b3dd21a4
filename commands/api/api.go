// Package api is the commands on HTTP APIs, which AWS calls API Gateway: api create, route add and remove, domain add and remove, list, show, test and delete.
package api

import (
	"context"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
)

// Cloud is the door to API Gateway and to the functions and logs behind it. Its errors carry words for people (see commands.Words).
type Cloud interface {
	Reader
	Maker
	Remover
	Functions
	Names
}

// Reader looks at APIs.
type Reader interface {
	// Place tells where a target is. It always answers; what AWS could not be asked for is empty.
	Place(ctx context.Context, t aws.Target) aws.Place
	APIs(ctx context.Context, t aws.Target) ([]aws.API, error)
	APIRoutes(ctx context.Context, t aws.Target, id string) ([]aws.APIRoute, error)
	APIIntegrations(ctx context.Context, t aws.Target, id string) ([]aws.APIIntegration, error)
	APIAuthorizer(ctx context.Context, t aws.Target, id, authorizer string) (aws.APIAuthorizer, error)
	SameAPIAuthorizer(ctx context.Context, t aws.Target, id string, a aws.APIAuthorizer) (same aws.APIAuthorizer, found bool, err error)
	APIStages(ctx context.Context, t aws.Target, id string) ([]aws.APIStage, error)
	LogGroup(ctx context.Context, t aws.Target, name string) (aws.LogGroup, error)
	// UsePrice answers an error where the price cannot be told for certain.
	UsePrice(ctx context.Context, t aws.Target, of string) (float64, error)
}

// Maker makes parts of APIs. AWS takes no tokens for them, so each is asked for at most once after a look; those that are called Ensure may be repeated.
type Maker interface {
	CreateAPI(ctx context.Context, t aws.Target, a aws.API) (aws.API, error)
	CreateAPIRoute(ctx context.Context, t aws.Target, id string, r aws.APIRoute) (aws.APIRoute, error)
	CreateAPIIntegration(ctx context.Context, t aws.Target, id string, i aws.APIIntegration) (aws.APIIntegration, error)
	EnsureAPIAuthorizer(ctx context.Context, t aws.Target, id string, a aws.APIAuthorizer) (aws.APIAuthorizer, error)
	CreateAPIStage(ctx context.Context, t aws.Target, id string, s aws.APIStage) (aws.APIStage, error)
	EnsureLogGroup(ctx context.Context, t aws.Target, name string, days int, tags map[string]string) (arn string, err error)
}

// Remover removes parts of APIs. What is gone already is no error.
type Remover interface {
	DeleteAPI(ctx context.Context, t aws.Target, id string) error
	DeleteAPIRoute(ctx context.Context, t aws.Target, id, route string) error
	DeleteAPIIntegration(ctx context.Context, t aws.Target, id, integration string) error
	DeleteLogGroup(ctx context.Context, t aws.Target, name string) error
}

// Functions are what may stand behind routes.
type Functions interface {
	Functions(ctx context.Context, t aws.Target) ([]aws.Function, error)
	Function(ctx context.Context, t aws.Target, name, qualifier string) (aws.Function, error)
	FunctionGrants(ctx context.Context, t aws.Target, function string) ([]aws.Grant, error)
	GrantInvoke(ctx context.Context, t aws.Target, function string, g aws.Grant, sourceAccount string) error
	RevokeInvoke(ctx context.Context, t aws.Target, function, id string) error
}

// Commands is the api commands, with the names of the AWS CLI's operations as aliases.
func Commands(cloud Cloud, prober check.Prober, book check.Book) []commands.Command {
	look := []string{"apigateway:GET"}
	build := []string{ // access logs need the rights of log delivery
		"apigateway:GET", "apigateway:POST", "apigateway:TagResource", "lambda:GetFunction", "lambda:GetPolicy", "lambda:AddPermission",
		"logs:CreateLogGroup", "logs:TagResource", "logs:PutRetentionPolicy", "logs:DescribeLogGroups", "logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery",
		"logs:DeleteLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies",
	}
	lead := []string{"route53:ListHostedZonesByName", "route53:ListResourceRecordSets", "route53:ChangeResourceRecordSets"}
	name := append([]string{"route53:GetChange", "acm:ListCertificates", "iam:CreateServiceLinkedRole"}, lead...)
	return []commands.Command{
		{
			Name: "api create", Aliases: []string{"apigatewayv2 create-api"},
			Summary: "Make an HTTP API with a route, authorisation, throttle and access log",
			Example: `api create --name myapi --authorization jwt --issuer https://issuer.example.com --audience myapi --route "GET /" --target-url http://myapp.example.com/`,
			Undo:    commands.Mono("api delete") + " of the same name.",
			Risk:    commands.Change, Rights: append(append(build[:len(build):len(build)], name...), "pricing:GetProducts"),
			New: func() commands.Runner { return &Create{cloud: cloud, book: book, Routing: Routing{lone: everything}} },
		},
		{
			Name: "api route add", Aliases: []string{"apigatewayv2 create-route"},
			Summary: "Add a route to an API",
			Example: `api route add myapi --route "GET /count" --function counter --public`,
			Undo:    commands.Mono("api route remove") + " of the same route.",
			Risk:    commands.Change, Rights: build,
			New: func() commands.Runner { return &RouteAdd{cloud: cloud} },
		},
		{
			Name: "api route remove", Aliases: []string{"api route rm", "apigatewayv2 delete-route"},
			Summary: "Remove a route from an API",
			Example: `api route remove myapi --route "GET /count"`,
			Undo:    commands.Mono("api route add") + " with what the route was.",
			Risk:    commands.Change, Rights: []string{"apigateway:GET", "apigateway:DELETE", "lambda:GetPolicy", "lambda:RemovePermission"},
			New: func() commands.Runner { return &RouteRemove{cloud: cloud} },
		},
		{
			Name: "api domain add", Aliases: []string{"apigatewayv2 create-api-mapping"},
			Instead: map[string]string{"api-mapping-key": "A name leads to one API, with all of its paths."},
			Summary: "Give an API a domain name of your own, with certificate, mapping and alias record",
			Example: "api domain add myapi --domain-name api.example.com",
			Undo:    commands.Mono("api domain remove") + " of the same name.",
			Risk:    commands.Change, Rights: append([]string{"apigateway:GET", "apigateway:POST", "apigateway:TagResource"}, name...),
			New: func() commands.Runner { return &DomainAdd{cloud: cloud, book: book} },
		},
		{
			Name: "api domain remove", Aliases: []string{"api domain rm", "apigatewayv2 delete-domain-name"},
			Summary: "Remove a domain name of an API with its mapping and alias record",
			Example: "api domain remove api.example.com",
			Undo:    commands.Mono("api domain add") + " of the same name.",
			Risk:    commands.Change, Rights: append([]string{"apigateway:GET", "apigateway:DELETE"}, lead...),
			New: func() commands.Runner { return &DomainRemove{cloud: cloud, book: book} },
		},
		{
			Name: "api list", Aliases: []string{"api ls", "apigatewayv2 get-apis"},
			Summary: "List the APIs of a region",
			Example: "api list", Risk: commands.Read, Rights: look,
			New: func() commands.Runner { return &List{cloud: cloud} },
		},
		{
			Name: "api show", Aliases: []string{"apigatewayv2 get-api", "apigatewayv2 get-routes"},
			Summary: "Show an API with its routes, authorisation and stages",
			Example: "api show myapi", Risk: commands.Read, Rights: look,
			New: func() commands.Runner { return &Show{cloud: cloud} },
		},
		{
			Name:    "api test",
			Summary: "Call a route of an API once, and show its status and time",
			Example: "api test myapi /", Risk: commands.Read, Rights: look,
			New: func() commands.Runner { return &Test{cloud: cloud, prober: prober} },
		},
		{
			Name: "api delete", Aliases: []string{"apigatewayv2 delete-api"},
			Summary: "Delete an API with all its routes, and the domain names that deckhand gave it, for good",
			Example: "api delete myapi", Undo: "Nothing brings it back; a new API gets another address.",
			Risk:   commands.Destroy,
			Rights: append([]string{"apigateway:GET", "apigateway:DELETE", "lambda:ListFunctions", "lambda:GetPolicy", "lambda:RemovePermission", "logs:DeleteLogGroup", "logs:DescribeLogGroups", "logs:ListTagsForResource"}, lead...),
			New:    func() commands.Runner { return &Delete{cloud: cloud, book: book} },
		},
	}
}
