package sandbox

import (
	"encoding/json"
	"maps"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
)

// The sandbox has one topic, alerts, in the region where it begins. What is published there invokes the functions that subscribe to it.

func addTopics(table map[string]operation) {
	table["SNS.GetSubscriptionAttributes"] = on(getSubscriptionAttributes)
	table["SNS.ListSubscriptionsByTopic"] = on(listSubscriptionsByTopic)
	table["SNS.Subscribe"] = on(subscribe)
	table["SNS.Unsubscribe"] = on(unsubscribe)
}

// subscription is one of the topic.
type subscription struct {
	types.Subscription
	attributes map[string]string
}

func (r *region) topic(arn *string) error {
	if !r.begins() || awssdk.ToString(arn) != "arn:aws:sns:"+r.name+":"+r.account+":alerts" {
		return refuse("NotFound", "Topic does not exist")
	}
	return nil
}

func subscribe(r *region, in *sns.SubscribeInput) (*sns.SubscribeOutput, error) {
	if err := r.topic(in.TopicArn); err != nil {
		return nil, err
	}
	if *in.Protocol != "lambda" || awssdk.ToString(in.Endpoint) == "" {
		return nil, refuse("InvalidParameter", "Invalid parameter: the sandbox has subscriptions of functions alone")
	}
	if policy := in.Attributes["FilterPolicy"]; policy != "" && !json.Valid([]byte(policy)) {
		return nil, refuse("InvalidParameter", "Invalid parameter: FilterPolicy: failed to parse JSON.")
	}
	for _, s := range r.subscriptions {
		if *s.Endpoint != *in.Endpoint {
			continue
		}
		if !maps.Equal(s.attributes, in.Attributes) {
			return nil, refuse("InvalidParameter", "Invalid parameter: Attributes Reason: Subscription already exists with different attributes")
		}
		return &sns.SubscribeOutput{SubscriptionArn: s.SubscriptionArn}, nil
	}
	id := r.world.id("subscription")[len("subscription-"):]
	s := subscription{attributes: in.Attributes, Subscription: types.Subscription{
		SubscriptionArn: awssdk.String(*in.TopicArn + ":" + id[:8] + "-" + id[8:12] + "-4000-a000-" + id[5:17]),
		TopicArn:        in.TopicArn, Protocol: in.Protocol, Endpoint: in.Endpoint, Owner: &r.account,
	}}
	r.subscriptions = append(slices.Clone(r.subscriptions), s)
	return &sns.SubscribeOutput{SubscriptionArn: s.SubscriptionArn}, nil
}

func unsubscribe(r *region, in *sns.UnsubscribeInput) (*sns.UnsubscribeOutput, error) {
	r.subscriptions = slices.DeleteFunc(slices.Clone(r.subscriptions), func(s subscription) bool { return *s.SubscriptionArn == *in.SubscriptionArn })
	return &sns.UnsubscribeOutput{}, nil
}

func listSubscriptionsByTopic(r *region, in *sns.ListSubscriptionsByTopicInput) (*sns.ListSubscriptionsByTopicOutput, error) {
	if err := r.topic(in.TopicArn); err != nil {
		return nil, err
	}
	part, next, err := page(r.subscriptions, in.NextToken, awssdk.Int32(100))
	out := &sns.ListSubscriptionsByTopicOutput{NextToken: next}
	for _, s := range part {
		out.Subscriptions = append(out.Subscriptions, s.Subscription)
	}
	return out, err
}

func getSubscriptionAttributes(r *region, in *sns.GetSubscriptionAttributesInput) (*sns.GetSubscriptionAttributesOutput, error) {
	for _, s := range r.subscriptions {
		if *s.SubscriptionArn != *in.SubscriptionArn {
			continue
		}
		out := map[string]string{"SubscriptionArn": *s.SubscriptionArn, "TopicArn": *s.TopicArn, "Protocol": *s.Protocol, "Endpoint": *s.Endpoint, "Owner": *s.Owner, "PendingConfirmation": "false"}
		maps.Copy(out, s.attributes)
		return &sns.GetSubscriptionAttributesOutput{Attributes: out}, nil
	}
	return nil, refuse("NotFound", "Subscription does not exist")
}

// Publish sends a message to the topic; the functions that subscribe to all messages and may be invoked run. It answers how many did.
func (w *World) Publish() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	ran := 0
	for _, r := range w.places {
		for _, s := range r.subscriptions {
			f := r.functions[plainName(*s.Endpoint)]
			if f != nil && s.attributes["FilterPolicy"] == "" && f.lets("sns.amazonaws.com", *s.TopicArn) {
				r.play(f, f.FunctionConfiguration, r.now())
				ran++
			}
		}
	}
	return ran
}
