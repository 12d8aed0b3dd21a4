package commands

import "strings"

// substitutes are operations of the AWS CLI that are no command by themselves, with the commands that do the same. Where deckhand has one
// command for an operation, the operation is an alias of it instead.
// Source of the names: https://docs.aws.amazon.com/cli/latest/reference/
var substitutes = map[string][]string{ //nolint:gochecknoglobals // a constant table
	"apigatewayv2 create-authorizer":              {"api create", "api route add"},
	"apigatewayv2 create-deployment":              {"api create"},
	"apigatewayv2 create-domain-name":             {"api create", "api domain add"},
	"apigatewayv2 create-integration":             {"api route add"},
	"apigatewayv2 create-stage":                   {"api create"},
	"apigatewayv2 delete-api-mapping":             {"api domain remove"},
	"apigatewayv2 get-api-mappings":               {"api show"},
	"apigatewayv2 get-authorizer":                 {"api show"},
	"apigatewayv2 get-authorizers":                {"api show"},
	"apigatewayv2 get-domain-name":                {"api list"},
	"apigatewayv2 get-domain-names":               {"api list"},
	"apigatewayv2 get-integration":                {"api show"},
	"apigatewayv2 get-integrations":               {"api show"},
	"apigatewayv2 get-stage":                      {"api show"},
	"apigatewayv2 get-stages":                     {"api show"},
	"apigatewayv2 update-route":                   {"api route remove", "api route add"},
	"application-autoscaling put-scaling-policy":  {"ecs scale"},
	"autoscaling create-auto-scaling-group":       {"app up"},
	"autoscaling describe-auto-scaling-groups":    {"app status"},
	"autoscaling set-desired-capacity":            {"app deploy"},
	"autoscaling start-instance-refresh":          {"app deploy"},
	"cloudformation create-stack":                 {"app up"},
	"cloudformation delete-stack":                 {"app down"},
	"cloudformation deploy":                       {"app up", "app deploy"},
	"cloudformation describe-stack-events":        {"app status"},
	"cloudformation describe-stacks":              {"app list", "app status"},
	"cloudformation list-stacks":                  {"app list"},
	"cloudformation update-stack":                 {"app deploy"},
	"cloudwatch describe-alarms":                  {"status"},
	"cloudwatch get-metric-statistics":            {"vm metrics"},
	"ec2 allocate-address":                        {"vm create", "net up"},
	"ec2 create-nat-gateway":                      {"net up"},
	"ec2 describe-instance-types":                 {"vm create"},
	"ec2 delete-tags":                             {"vm tag"},
	"ec2 describe-volumes":                        {"vm show", "cost idle"},
	"ec2 describe-addresses":                      {"vm list", "cost idle"},
	"ec2 describe-nat-gateways":                   {"net show"},
	"ec2 describe-images":                         {"vm create"},
	"ec2 get-console-screenshot":                  {"vm console"},
	"ec2 modify-instance-attribute":               {"vm resize", "vm protect", "vm unprotect"},
	"ec2 modify-subnet-attribute":                 {"net up"},
	"ec2 modify-vpc-attribute":                    {"net up"},
	"ec2 monitor-instances":                       {"vm metrics"},
	"ecs create-service":                          {"ecs scale"},
	"ecs describe-clusters":                       {"ecs list"},
	"ecs describe-service-deployments":            {"ecs show"},
	"ecs describe-tasks":                          {"ecs show"},
	"ecs list-service-deployments":                {"ecs show"},
	"ecs list-tasks":                              {"ecs show"},
	"elbv2 create-listener":                       {"lb create"},
	"elbv2 create-rule":                           {"lb create"},
	"elbv2 create-target-group":                   {"lb create"},
	"elbv2 delete-listener":                       {"lb delete"},
	"elbv2 delete-target-group":                   {"lb delete"},
	"elbv2 describe-listener-certificates":        {"lb show"},
	"elbv2 describe-listeners":                    {"lb show"},
	"elbv2 describe-rules":                        {"lb show"},
	"elbv2 describe-tags":                         {"lb show"},
	"elbv2 describe-target-groups":                {"lb show"},
	"events delete-rule":                          {"lambda trigger remove"},
	"events describe-rule":                        {"lambda trigger list"},
	"events disable-rule":                         {"lambda trigger remove"},
	"events list-rule-names-by-target":            {"lambda trigger list"},
	"events list-rules":                           {"lambda trigger list"},
	"events list-targets-by-rule":                 {"lambda trigger list"},
	"events put-rule":                             {"lambda trigger add"},
	"events put-targets":                          {"lambda trigger add"},
	"events remove-targets":                       {"lambda trigger remove"},
	"lambda add-permission":                       {"lambda trigger add"},
	"lambda create-event-source-mapping":          {"lambda trigger add"},
	"lambda create-function-url-config":           {"api create"},
	"lambda delete-event-source-mapping":          {"lambda trigger remove"},
	"lambda get-alias":                            {"lambda show"},
	"lambda get-event-source-mapping":             {"lambda trigger list"},
	"lambda list-tags":                            {"lambda show"},
	"lambda remove-permission":                    {"lambda trigger remove"},
	"lambda tail":                                 {"lambda logs"},
	"lambda wait":                                 {"lambda show"},
	"logs filter-log-events":                      {"lambda logs"},
	"logs get-log-events":                         {"lambda logs"},
	"logs tail":                                   {"lambda logs"},
	"pricing get-products":                        {"vm create", "cost today"},
	"route53 change-resource-record-sets":         {"lb create"},
	"route53 create-health-check":                 {"check add"},
	"route53 delete-health-check":                 {"check remove"},
	"route53 get-health-check":                    {"check show"},
	"route53 get-health-check-status":             {"check show"},
	"route53 list-health-checks":                  {"check list"},
	"route53 list-resource-record-sets":           {"lb list"},
	"s3api get-bucket-notification-configuration": {"lambda trigger list"},
	"s3api put-bucket-notification-configuration": {"lambda trigger add"},
	"scheduler create-schedule":                   {"lambda trigger add", "schedule add"},
	"scheduler delete-schedule":                   {"lambda trigger remove", "schedule remove"},
	"scheduler list-schedules":                    {"lambda trigger list", "schedule list"},
	"sns list-subscriptions-by-topic":             {"lambda trigger list"},
	"sns subscribe":                               {"lambda trigger add"},
	"sns unsubscribe":                             {"lambda trigger remove"},
	"sts get-caller-identity":                     {"ops doctor", "whoami"},
}

// substituted answers the error for an operation of that table, nil for anything else and where none of its commands is known here.
func (c *Catalog) substituted(typed []string) error {
	if len(typed) < 2 { //nolint:mnd // service and operation
		return nil
	}
	operation := strings.Join(typed[:2], " ")
	var words []string
	var first *Command
	for _, name := range substitutes[operation] {
		e := c.byName[name]
		if e == nil {
			continue
		}
		if first == nil {
			first = &e.Command
		}
		words = append(words, Mono(name)+" ("+lowerFirst(e.Summary)+")")
	}
	if first == nil {
		return nil
	}
	return &Error{
		Kind: Usage, Message: "There is no command " + Mono(operation) + " here. What it is for is done by " + And(words) + ".",
		Hint: "Example: " + Mono(first.Example),
	}
}
