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
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ec2instanceconnect"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/pricing"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/smithy-go"
)

// checkers are the SDK's own clients, which know what each call needs. They send nothing.
func checkers() map[string]any {
	c := awssdk.Config{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "x", ""),
		HTTPClient: nowhere{}, Retryer: func() awssdk.Retryer { return awssdk.NopRetryer{} },
	}
	return map[string]any{
		acm.ServiceID: acm.NewFromConfig(c), apigatewayv2.ServiceID: apigatewayv2.NewFromConfig(c), cloudformation.ServiceID: cloudformation.NewFromConfig(c),
		cloudwatchlogs.ServiceID: cloudwatchlogs.NewFromConfig(c), costexplorer.ServiceID: costexplorer.NewFromConfig(c), dynamodb.ServiceID: dynamodb.NewFromConfig(c),
		ec2instanceconnect.ServiceID: ec2instanceconnect.NewFromConfig(c), ecs.ServiceID: ecs.NewFromConfig(c), elb.ServiceID: elb.NewFromConfig(c),
		eventbridge.ServiceID: eventbridge.NewFromConfig(c), iam.ServiceID: iam.NewFromConfig(c), lambda.ServiceID: lambda.NewFromConfig(c),
		pricing.ServiceID: pricing.NewFromConfig(c), servicequotas.ServiceID: servicequotas.NewFromConfig(c), ssm.ServiceID: ssm.NewFromConfig(c),
	}
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
