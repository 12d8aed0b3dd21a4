package sdk

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// mostTagged is how many things one call of Elastic Load Balancing tags.
// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AddTags.html
const mostTagged = 20

// TagBalancing writes tags on load balancers, target groups and listeners, by ARN; other tags of theirs stay.
func (c *Cloud) TagBalancing(ctx context.Context, t aws.Target, arns []string, tags map[string]string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	var list []types.Tag
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, types.Tag{Key: awssdk.String(key), Value: awssdk.String(tags[key])})
	}
	for some := range slices.Chunk(arns, mostTagged) {
		if _, err := repeat(ctx, ready.elb.AddTags, &elb.AddTagsInput{ResourceArns: some, Tags: list}); err != nil {
			return err
		}
	}
	return nil
}

// TagFunction writes tags on a function, by its ARN without a version; other tags of its stay.
func (c *Cloud) TagFunction(ctx context.Context, t aws.Target, arn string, tags map[string]string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	_, err = repeat(ctx, ready.lambda.TagResource, &lambda.TagResourceInput{Resource: &arn, Tags: tags})
	return err
}

// TagAPI writes tags on an API or on a domain name, by "apis/ID" or "domainnames/NAME"; other tags of its stay.
// Source of the ARN: https://docs.aws.amazon.com/apigateway/latest/developerguide/arn-format-reference.html
func (c *Cloud) TagAPI(ctx context.Context, t aws.Target, path string, tags map[string]string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	place := c.Place(ctx, t)
	arn := fmt.Sprintf("arn:%s:apigateway:%s::/%s", place.Partition(), place.Region, path)
	_, err = repeat(ctx, ready.apis.TagResource, &apigatewayv2.TagResourceInput{ResourceArn: &arn, Tags: tags})
	return err
}
