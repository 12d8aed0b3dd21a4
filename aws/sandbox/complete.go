package sandbox

import (
	"context"
	"errors"
	"net/http"
	"reflect"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2instanceconnect"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/pricing"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/smithy-go"
)

// Clients make the SDK's own clients of the services that are called without them, by the service's id.
func Clients() map[string]func(awssdk.Config) any {
	return map[string]func(awssdk.Config) any{
		acm.ServiceID: maker(acm.NewFromConfig), apigatewayv2.ServiceID: maker(apigatewayv2.NewFromConfig), cloudformation.ServiceID: maker(cloudformation.NewFromConfig),
		cloudwatch.ServiceID: maker(cloudwatch.NewFromConfig), cloudwatchlogs.ServiceID: maker(cloudwatchlogs.NewFromConfig), costexplorer.ServiceID: maker(costexplorer.NewFromConfig), dynamodb.ServiceID: maker(dynamodb.NewFromConfig),
		ec2.ServiceID: maker(ec2.NewFromConfig), ec2instanceconnect.ServiceID: maker(ec2instanceconnect.NewFromConfig), ecs.ServiceID: maker(ecs.NewFromConfig), elb.ServiceID: maker(elb.NewFromConfig),
		eventbridge.ServiceID: maker(eventbridge.NewFromConfig), iam.ServiceID: maker(iam.NewFromConfig), lambda.ServiceID: maker(lambda.NewFromConfig),
		sns.ServiceID:     maker(sns.NewFromConfig),
		pricing.ServiceID: maker(pricing.NewFromConfig), route53.ServiceID: maker(route53.NewFromConfig), servicequotas.ServiceID: maker(servicequotas.NewFromConfig), ssm.ServiceID: maker(ssm.NewFromConfig),
	}
}

func maker[Client, Options any](client func(awssdk.Config, ...func(*Options)) *Client) func(awssdk.Config) any {
	return func(c awssdk.Config) any { return client(c) }
}

// checkers are the clients, which know what each call needs. They send nothing.
func checkers() map[string]any {
	c := awssdk.Config{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "x", ""),
		HTTPClient: nowhere{}, Retryer: func() awssdk.Retryer { return awssdk.NopRetryer{} },
	}
	made := map[string]any{}
	for id, client := range Clients() {
		made[id] = client(c)
	}
	return made
}

type nowhere struct{}

var errNowhere = errors.New("nothing is sent from here")

func (nowhere) Do(*http.Request) (*http.Response, error) { return nil, errNowhere }

// incomplete answers what an input lacks by AWS's own description of the call, as AWS refuses it. The calls that are made without the
// SDK's clients reach the sandbox as they are.
func (w *World) incomplete(service, operation string, in any) error {
	checker, ok := w.checkers[service]
	if !ok {
		return nil
	}
	call := reflect.ValueOf(checker).MethodByName(operation)
	if !call.IsValid() || call.Type().In(1) != reflect.TypeOf(in) {
		return nil
	}
	err, _ := call.Call([]reflect.Value{reflect.ValueOf(context.Background()), reflect.ValueOf(in)})[1].Interface().(error)
	var lacks smithy.InvalidParamsError
	if errors.As(err, &lacks) {
		return refuse("ValidationException", lacks.Error())
	}
	return nil
}
