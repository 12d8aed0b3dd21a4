package sdk

import (
	"encoding/json"
	"testing"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go/middleware"
)

func TestAnAnswerHasTheShapeThatTheAWSCLIPrints(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]map[string]any{
		`{"Reservations":[{"Instances":[{"AmiLaunchIndex":0,"EbsOptimized":false,"InstanceId":"i-1","InstanceType":"t3.micro",` +
			`"LaunchTime":"2026-01-02T15:04:05+00:00","ProductCodes":[],"State":{"Code":16,"Name":"running"},"Tags":[{"Key":"empty","Value":""}]}]}]}`: printed(&ec2.DescribeInstancesOutput{
			Reservations: []types.Reservation{{Instances: []types.Instance{{
				InstanceId: awssdk.String("i-1"), InstanceType: types.InstanceTypeT3Micro, AmiLaunchIndex: awssdk.Int32(0), EbsOptimized: awssdk.Bool(false),
				LaunchTime: awssdk.Time(time.Date(2026, 1, 2, 16, 4, 5, 0, time.FixedZone("", 3600))), ProductCodes: []types.ProductCode{},
				State: &types.InstanceState{Code: awssdk.Int32(16), Name: types.InstanceStateNameRunning},
				Tags:  []types.Tag{{Key: awssdk.String("empty"), Value: awssdk.String("")}},
			}}}},
			ResultMetadata: middleware.Metadata{},
		}, false),
		`{"clusterArns":["arn:c"]}`: printed(&ecs.ListClustersOutput{ClusterArns: []string{"arn:c"}}, lowered(ecs.ServiceID)),
	} {
		if raw, err := json.Marshal(got); err != nil || string(raw) != want {
			t.Errorf("%s, want %s: %v", raw, want, err)
		}
	}
	raw, err := json.Marshal(printed(&lambda.GetFunctionOutput{
		Code: &lambdatypes.FunctionCodeLocation{Location: awssdk.String("https://marked-secret"), RepositoryType: awssdk.String("S3")},
		Configuration: &lambdatypes.FunctionConfiguration{
			Environment: &lambdatypes.EnvironmentResponse{Variables: map[string]string{"PASSWORD": "marked-secret"}},
		},
	}, false))
	want := `{"Code":{"Location":"••••••","RepositoryType":"S3"},"Configuration":{"CodeSize":0,"Environment":{"Variables":{"PASSWORD":"••••••"}}}}`
	if err != nil || string(raw) != want {
		t.Errorf("%s, want %s: %v", raw, want, err)
	}
	if got := stamp(time.Date(2026, 1, 2, 15, 4, 5, 123_000_000, time.UTC)); got != "2026-01-02T15:04:05.123000+00:00" {
		t.Error(got)
	}
}
