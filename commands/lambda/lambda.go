// Package lambda is the commands on Lambda functions: lambda create, update, publish, alias, canary, invoke, logs, env, list, show and
// delete, and the triggers that invoke functions.
package lambda

import (
	"context"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/where"
)

// Cloud is the door to Lambda and what stands around a function. Its errors carry words for people (see commands.Words).
type Cloud interface {
	Reader
	Historian
	Maker
	Changer
	Remover
	Router
	Gatekeeper
	Porter
	Broadcast
	Counter
}

// Reader looks at functions.
type Reader interface {
	// Place tells where a target is. It always answers; what AWS could not be asked for is empty.
	Place(ctx context.Context, t aws.Target) aws.Place
	Functions(ctx context.Context, t aws.Target) ([]aws.Function, error)
	// Function answers an error of kind NotFound where there is none.
	Function(ctx context.Context, t aws.Target, name, qualifier string) (aws.Function, error)
	// UsePrice answers an error where the price cannot be told for certain.
	UsePrice(ctx context.Context, t aws.Target, of string) (float64, error)
	// WaitForFunction waits until a function is ready; an error says why it will not be.
	WaitForFunction(ctx context.Context, t aws.Target, name string, progress func(aws.Function)) (aws.Function, error)
}

// Historian looks at what a function was and said.
type Historian interface {
	FunctionVersions(ctx context.Context, t aws.Target, name string) ([]aws.Function, error)
	FunctionAliases(ctx context.Context, t aws.Target, name string) ([]aws.FunctionAlias, error)
	// LogLines answers the last lines, oldest first, and whether all of the time was looked through.
	LogLines(ctx context.Context, t aws.Target, q aws.LogQuery) (lines []aws.LogLine, whole bool, err error)
	LogGroup(ctx context.Context, t aws.Target, name string) (aws.LogGroup, error)
}

// Maker makes things. Asking twice makes one: each is known again by its tags.
type Maker interface {
	CreateFunction(ctx context.Context, t aws.Target, n aws.NewFunction) (aws.Function, error)
	EnsureRole(ctx context.Context, t aws.Target, n aws.NewRole) (aws.Role, error)
	EnsureTable(ctx context.Context, t aws.Target, n aws.CountTable) (aws.CountTable, error)
	Role(ctx context.Context, t aws.Target, name string) (aws.Role, error)
	Table(ctx context.Context, t aws.Target, name string) (aws.CountTable, error)
}

// Counter counts invocations.
type Counter interface {
	// VersionErrors counts what an alias sent to a version between two times, as far as CloudWatch has counted.
	VersionErrors(ctx context.Context, t aws.Target, function, alias, version string, from, to time.Time) (aws.FunctionErrors, error)
}

// Checks is where our own health checks stand.
type Checks interface {
	States(ctx context.Context) (map[string]check.State, error)
}

// Changer changes and runs functions. All but InvokeFunction may be repeated.
type Changer interface {
	UpdateFunctionCode(ctx context.Context, t aws.Target, name string, code aws.FunctionCode, architectures []string) error
	UpdateFunctionSettings(ctx context.Context, t aws.Target, name string, s aws.FunctionSettings) error
	PublishVersion(ctx context.Context, t aws.Target, name, codeSHA256, description string) (string, error)
	PointAlias(ctx context.Context, t aws.Target, function string, a aws.FunctionAlias) error
	InvokeFunction(ctx context.Context, t aws.Target, call aws.FunctionCall) (aws.FunctionAnswer, error)
}

// Remover removes things. What is gone already is no error.
type Remover interface {
	DeleteFunction(ctx context.Context, t aws.Target, name string) error
	DeleteFunctionAlias(ctx context.Context, t aws.Target, function, alias string) error
	DeleteRole(ctx context.Context, t aws.Target, name string) error
	DeleteTable(ctx context.Context, t aws.Target, name string) error
	DeleteLogGroup(ctx context.Context, t aws.Target, name string) error
}

// Router is EventBridge.
type Router interface {
	EventRule(ctx context.Context, t aws.Target, name string) (aws.EventRule, error)
	PutEventRule(ctx context.Context, t aws.Target, rule aws.EventRule) (arn string, err error)
	TargetFunction(ctx context.Context, t aws.Target, rule, targetID, functionARN string) error
	RulesFor(ctx context.Context, t aws.Target, functionARN string) ([]string, error)
	DeleteEventRule(ctx context.Context, t aws.Target, name string) error
}

// Gatekeeper is a function's resource policy, and the queues that it reads.
type Gatekeeper interface {
	FunctionGrants(ctx context.Context, t aws.Target, function string) ([]aws.Grant, error)
	GrantInvoke(ctx context.Context, t aws.Target, function string, g aws.Grant, sourceAccount string) error
	RevokeInvoke(ctx context.Context, t aws.Target, function, id string) error
	QueueSources(ctx context.Context, t aws.Target, function string) ([]aws.QueueSource, error)
}

// Porter lets queues and buckets in. All may be repeated.
type Porter interface {
	ReadQueue(ctx context.Context, t aws.Target, function, queueARN string) (aws.QueueSource, error)
	WaitForQueue(ctx context.Context, t aws.Target, function, queueARN string, reads bool) error
	StopReadingQueue(ctx context.Context, t aws.Target, id string) error
	// TableStream answers the stream of a table; TurnOnStream turns it on and waits until it is.
	TableStream(ctx context.Context, t aws.Target, table string) (aws.TableStream, error)
	TurnOnStream(ctx context.Context, t aws.Target, table, view string) (aws.TableStream, error)
	AllowRole(ctx context.Context, t aws.Target, role, policy, document string) error
	// PolicyInRole answers "" where there is none of this name.
	PolicyInRole(ctx context.Context, t aws.Target, role, policy string) (string, error)
	DisallowRole(ctx context.Context, t aws.Target, role, policy string) error
	BucketTriggers(ctx context.Context, t aws.Target, bucket string) ([]aws.BucketTrigger, error)
	AddBucketTrigger(ctx context.Context, t aws.Target, trigger aws.BucketTrigger) error
	RemoveBucketTrigger(ctx context.Context, t aws.Target, bucket, id string) error
}

// Broadcast is SNS. All may be repeated.
type Broadcast interface {
	// Subscriptions answers those of a topic that invoke a function.
	Subscriptions(ctx context.Context, t aws.Target, topicARN, functionARN string) ([]aws.Subscription, error)
	Subscribe(ctx context.Context, t aws.Target, s aws.Subscription) (aws.Subscription, error)
	Unsubscribe(ctx context.Context, t aws.Target, arn string) error
}

// Route is a route of an API that leads to a function, and who may call it.
type Route struct {
	where.Target
	API, Key, Function    string
	Authorization, Issuer string
	Audience              []string
	Public                bool
}

// Routes make the commands that add such a route to its API, and remove it.
type Routes struct {
	Add, Remove func(Route) commands.Runner
	// Left answers, by their ids, the statements of a function that were given to routes which AWS no longer shows, each with what it does not show.
	Left func(ctx context.Context, t aws.Target, grants []aws.Grant) (map[string]string, error)
}

// The tags that deckhand writes on what it makes.
const (
	functionTag = commands.FunctionTag
)

// Commands is the lambda commands, with the names of the AWS CLI's operations as aliases.
func Commands(cloud Cloud, routes Routes, checks Checks, past Past) []commands.Command {
	return append(append(functionCommands(cloud, routes, past), canaryCommand(cloud, checks)), triggerCommands(cloud, routes)...)
}

func functionCommands(cloud Cloud, routes Routes, past Past) []commands.Command {
	look := []string{"lambda:GetFunction", "lambda:ListFunctions", "lambda:GetFunctionConfiguration"}
	// Lambda reads code and images with the rights of whoever names it, and lets itself into a repository of the same account that does not let it in yet.
	// Source: https://docs.aws.amazon.com/lambda/latest/dg/images-create.html
	code := []string{"s3:GetObjectVersion", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:GetRepositoryPolicy", "ecr:SetRepositoryPolicy"}
	return []commands.Command{
		{
			Name: "lambda create", Aliases: []string{"lambda create-function"}, Instead: insteadOfFunctionFlags(),
			Summary: "Make a function with a role of the least rights, and wait until it is active",
			Example: "lambda create counter --example counter", Undo: commands.Mono("lambda delete --all") + " of the same name.",
			Risk: commands.Change,
			Rights: append(append([]string{"pricing:GetProducts",
				"lambda:CreateFunction", "lambda:TagResource", "iam:CreateRole", "iam:TagRole", "iam:GetRole", "iam:PutRolePolicy", "iam:PassRole",
				"dynamodb:CreateTable", "dynamodb:DescribeTable", "dynamodb:TagResource", "dynamodb:ListTagsOfResource", "s3:GetObject",
				"lambda:PublishVersion", "lambda:GetLayerVersion", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups", "ec2:DescribeVpcs",
			}, code...), look...),
			New: func() commands.Runner { return &Create{cloud: cloud} },
		},
		{
			Name: "lambda update", Aliases: []string{"lambda update-function-code", "lambda update-function-configuration"}, Instead: insteadOfFunctionFlags(),
			Summary: "Change a function's code or settings, and wait until the change is through",
			Example: "lambda update counter --timeout 10", Undo: commands.Mono("lambda update") + " with what the settings were; code comes back only where it was published, values of variables do not, and a description or layers where there were none stay.",
			Risk: commands.Change,
			Rights: append(append([]string{
				"lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration", "iam:PassRole", "iam:GetRole", "iam:PutRolePolicy", "s3:GetObject",
				"lambda:PublishVersion", "lambda:GetLayerVersion", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups", "ec2:DescribeVpcs",
			}, code...), look...),
			Disturbs: commands.Briefly,
			New:      func() commands.Runner { return &Update{cloud: cloud} },
		},
		{
			Name: "lambda publish", Aliases: []string{"lambda publish-version"},
			Summary: "Make what a function is now a version, and an alias mean it",
			Example: "lambda publish counter --alias live", Undo: commands.Mono("lambda alias") + " to the version that the alias meant; the version itself stays.",
			Risk:     commands.Change,
			Rights:   append([]string{"lambda:PublishVersion", "lambda:ListVersionsByFunction", "lambda:ListAliases", "lambda:CreateAlias", "lambda:UpdateAlias"}, look...),
			Disturbs: commands.Briefly,
			New:      func() commands.Runner { return &Publish{cloud: cloud} },
		},
		{
			Name: "lambda alias", Aliases: []string{"lambda create-alias", "lambda update-alias"},
			Summary: "Make an alias of a function mean a version",
			Example: "lambda alias counter live --function-version 1", Undo: commands.Mono("lambda alias") + " to the version that it meant before; " + commands.Mono("lambda alias delete") + " of one that is new.",
			Risk:     commands.Change,
			Rights:   append([]string{"lambda:ListAliases", "lambda:CreateAlias", "lambda:UpdateAlias"}, look...),
			Disturbs: commands.Briefly,
			New:      func() commands.Runner { return &Alias{cloud: cloud} },
		},
		{
			Name: "lambda alias delete", Aliases: []string{"lambda delete-alias"},
			Summary: "Delete an alias of a function; the version that it means stays",
			Example: "lambda alias delete counter live", Undo: commands.Mono("lambda alias") + " to the version that it meant; permissions of its own do not come back.",
			Risk:     commands.Destroy,
			Rights:   append([]string{"lambda:ListAliases", "lambda:DeleteAlias"}, look...),
			Disturbs: commands.Lastingly,
			New:      func() commands.Runner { return &AliasDelete{cloud: cloud} },
		},
		{
			Name:    "lambda invoke",
			Summary: "Run a function once and show its answer and the end of its log",
			Example: "lambda invoke counter", Undo: "Nothing takes back what a function did.",
			Risk:   commands.Change,
			Rights: append([]string{"lambda:InvokeFunction"}, look...),
			New:    func() commands.Runner { return &Invoke{cloud: cloud} },
		},
		{
			Name:    "lambda logs",
			Summary: "Show the last lines of a function's log",
			Example: "lambda logs counter --since 1h", Risk: commands.Read,
			Rights: append([]string{"logs:FilterLogEvents"}, look...),
			New:    func() commands.Runner { return &Logs{cloud: cloud} },
		},
		{
			Name: "lambda env", Aliases: []string{"lambda get-function-configuration"},
			Summary: "Show the names of a function's environment variables",
			Example: "lambda env counter", Risk: commands.Read, Rights: look,
			New: func() commands.Runner { return &Env{cloud: cloud} },
		},
		{
			Name: "lambda list", Aliases: []string{"lambda ls", "lambda list-functions"},
			Summary: "List the functions of a region",
			Example: "lambda list", Risk: commands.Read, Rights: []string{"lambda:ListFunctions"},
			New: func() commands.Runner { return &List{cloud: cloud} },
		},
		{
			Name: "lambda show", Aliases: []string{"lambda get-function", "lambda list-aliases", "lambda list-versions-by-function"},
			Summary: "Show everything about a function, its versions and its aliases",
			Example: "lambda show counter", Risk: commands.Read,
			Rights: append([]string{"lambda:ListVersionsByFunction", "lambda:ListAliases"}, look...),
			New:    func() commands.Runner { return &Show{cloud: cloud, past: past} },
		},
		{
			Name: "lambda delete", Aliases: []string{"lambda delete-function"},
			Summary: "Delete a function for good, and say what it leaves behind",
			Example: "lambda delete counter --all", Undo: "Nothing brings it back; what it leaves behind without --all stays.",
			Risk: commands.Destroy,
			Rights: append([]string{
				"lambda:DeleteFunction", "lambda:ListVersionsByFunction", "iam:GetRole", "iam:ListRolePolicies", "iam:DeleteRolePolicy", "iam:ListAttachedRolePolicies",
				"iam:DetachRolePolicy", "iam:DeleteRole", "dynamodb:DescribeTable", "dynamodb:ListTagsOfResource", "dynamodb:DeleteTable", "logs:DeleteLogGroup",
				"events:ListRuleNamesByTarget", "events:DescribeRule", "events:ListTagsForResource", "events:ListTargetsByRule", "events:RemoveTargets", "events:DeleteRule",
				"lambda:GetPolicy", "lambda:ListEventSourceMappings", "lambda:DeleteEventSourceMapping", "s3:GetBucketNotification", "s3:PutBucketNotification",
				"sns:ListSubscriptionsByTopic", "sns:GetSubscriptionAttributes", "sns:Unsubscribe", "logs:DescribeLogGroups", "logs:ListTagsForResource", "apigateway:GET",
			}, look...),
			Disturbs: commands.Lastingly, Instead: map[string]string{
				"qualifier": "A function is deleted as a whole here; an alias goes with " + commands.Mono("lambda alias delete") + ", and a version alone is deleted in AWS.",
			},
			New: func() commands.Runner { return &Delete{cloud: cloud, routes: routes} },
		},
	}
}

func triggerCommands(cloud Cloud, routes Routes) []commands.Command {
	look := []string{"lambda:GetFunction", "lambda:ListFunctions", "lambda:GetPolicy", "events:ListRuleNamesByTarget", "events:DescribeRule", "events:ListTagsForResource"}
	return []commands.Command{
		{
			Name:    "lambda trigger add",
			Summary: "Let changes of VMs, a schedule, a queue, a topic, a table, a bucket or a route of an API invoke a function",
			Example: "lambda trigger add counter --on ec2-state-change", Undo: commands.Mono("lambda trigger remove") + " of the same trigger.",
			Risk: commands.Change, Instead: map[string]string{
				"schedule": "Say " + commands.Mono(`--on schedule:"rate(5 minutes)"`) + ".", "queue": "Say " + commands.Mono("--on sqs:QUEUE") + ".",
				"bucket": "Say " + commands.Mono("--on s3:BUCKET") + ".", "topic": "Say " + commands.Mono("--on sns:TOPIC") + ".", "topic-arn": "Say " + commands.Mono("--on sns:TOPIC") + ".",
				"event-source-arn": "Say " + commands.Mono("--on sqs:QUEUE") + ".",
			},
			Rights: append([]string{
				"lambda:AddPermission", "events:PutRule", "events:PutTargets", "events:TagResource", "lambda:ListEventSourceMappings",
				"lambda:CreateEventSourceMapping", "iam:GetRole", "iam:GetRolePolicy", "iam:PutRolePolicy", "s3:GetBucketNotification", "s3:PutBucketNotification",
				"sns:ListSubscriptionsByTopic", "sns:GetSubscriptionAttributes", "sns:Subscribe", "dynamodb:DescribeTable", "dynamodb:UpdateTable",
				"apigateway:GET", "apigateway:POST", "apigateway:TagResource",
			}, look...),
			New: func() commands.Runner { return &TriggerAdd{cloud: cloud, routes: routes} },
		},
		{
			Name: "lambda trigger list", Aliases: []string{"lambda list-event-source-mappings", "lambda get-policy"},
			Summary: "Show what invokes a function, and what may",
			Example: "lambda trigger list counter", Risk: commands.Read,
			Rights: append([]string{"lambda:ListEventSourceMappings", "s3:GetBucketNotification", "sns:ListSubscriptionsByTopic", "sns:GetSubscriptionAttributes", "apigateway:GET"}, look...),
			New:    func() commands.Runner { return &TriggerList{cloud: cloud, routes: routes} },
		},
		{
			Name: "lambda trigger remove", Aliases: []string{"lambda trigger rm"},
			Summary: "Stop something from invoking a function",
			Example: "lambda trigger remove counter --on ec2-state-change", Undo: commands.Mono("lambda trigger add") + " of the same trigger.",
			Risk: commands.Change,
			Rights: append([]string{
				"lambda:RemovePermission", "events:ListTargetsByRule", "events:RemoveTargets", "events:DeleteRule", "lambda:ListEventSourceMappings",
				"lambda:DeleteEventSourceMapping", "iam:GetRole", "iam:GetRolePolicy", "iam:DeleteRolePolicy", "s3:GetBucketNotification", "s3:PutBucketNotification",
				"sns:ListSubscriptionsByTopic", "sns:GetSubscriptionAttributes", "sns:Unsubscribe",
				"apigateway:GET", "apigateway:DELETE",
			}, look...),
			New: func() commands.Runner { return &TriggerRemove{cloud: cloud, routes: routes} },
		},
	}
}

// insteadOfFunctionFlags says how deckhand does what flags of create-function do that it does not take.
func insteadOfFunctionFlags() map[string]string {
	inAWS := "It is not set from here; set it in AWS where it is needed."
	return map[string]string{
		"image-config": inAWS, "dead-letter-config": inAWS, "kms-key-arn": inAWS, "logging-config": inAWS, "snap-start": inAWS, "file-system-configs": inAWS,
	}
}
