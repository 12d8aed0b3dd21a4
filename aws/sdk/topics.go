package sdk

import (
	"context"
	"strings"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
)

const toFunction = "lambda" // the protocol of a subscription that invokes a function

// Subscriptions answers those of a topic that invoke a function; SNS has at most one. A topic that is not there is an error of kind "not_found".
// Source: https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
func (c *Cloud) Subscriptions(ctx context.Context, t aws.Target, topicARN, functionARN string) ([]aws.Subscription, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	var found []aws.Subscription
	in := &sns.ListSubscriptionsByTopicInput{TopicArn: &topicARN}
	for {
		out, err := ask(ctx, ready.topics.ListSubscriptionsByTopic, in)
		if err != nil {
			return nil, err
		}
		for _, s := range out.Subscriptions {
			arn := awssdk.ToString(s.SubscriptionArn)
			if awssdk.ToString(s.Protocol) == toFunction && awssdk.ToString(s.Endpoint) == functionARN && strings.HasPrefix(arn, "arn:") { // not Deleted
				found = append(found, aws.Subscription{ARN: arn, TopicARN: topicARN, FunctionARN: functionARN})
			}
		}
		if awssdk.ToString(out.NextToken) == "" {
			break
		}
		in = &sns.ListSubscriptionsByTopicInput{TopicArn: &topicARN, NextToken: out.NextToken}
	}
	var standing []aws.Subscription
	for _, s := range found {
		out, err := ask(ctx, ready.topics.GetSubscriptionAttributes, &sns.GetSubscriptionAttributesInput{SubscriptionArn: &s.ARN})
		switch {
		case codeOf(err) == "NotFound": // the list follows a while later
			continue
		case err != nil:
			return nil, err
		}
		s.Filter = out.Attributes[filterPolicy]
		standing = append(standing, s)
	}
	return standing, nil
}

const filterPolicy = "FilterPolicy"

// Subscribe lets a topic invoke a function. The same again is the answer that is there: SNS keeps one for a topic and a function, and refuses
// another filter for it.
// Source: https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
func (c *Cloud) Subscribe(ctx context.Context, t aws.Target, s aws.Subscription) (aws.Subscription, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return s, err
	}
	in := &sns.SubscribeInput{TopicArn: &s.TopicARN, Protocol: awssdk.String(toFunction), Endpoint: &s.FunctionARN, ReturnSubscriptionArn: true}
	if s.Filter != "" {
		in.Attributes = map[string]string{filterPolicy: s.Filter}
	}
	out, err := repeat(ctx, ready.topics.Subscribe, in)
	if err != nil {
		return s, err
	}
	s.ARN = awssdk.ToString(out.SubscriptionArn)
	return s, nil
}

// Unsubscribe removes a subscription. One that is gone already is no error.
func (c *Cloud) Unsubscribe(ctx context.Context, t aws.Target, arn string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	_, err = repeat(ctx, ready.topics.Unsubscribe, &sns.UnsubscribeInput{SubscriptionArn: &arn})
	return unlessGone(err)
}
