package export

import (
	"context"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
)

var subscription = kind{"aws_sns_topic_subscription", "AWS::SNS::Subscription", "Arn", untagged} //nolint:gochecknoglobals // a constant

// ofTopic tells whether a statement is one that lambda trigger add makes for a topic of SNS.
func ofTopic(g aws.Grant) bool {
	return g.Principal == "sns.amazonaws.com" && strings.HasPrefix(g.ID, "deckhand-sns-")
}

// names tells whether the line of a request makes a statement: it says the whole id, or what stands before the last hyphen of it and that.
func (p Past) names(g aws.Grant) bool {
	return p.Notice != "" && (g.ID == p.Notice || g.ID[:strings.LastIndexByte(g.ID, '-')+1] == p.Notice)
}

// subscribing adds the subscriptions that the function's statements are for. Where a topic's cannot be written, that is a note.
func (c *Export) subscribing(ctx context.Context, t aws.Target, f *called) {
	for _, g := range f.grants {
		if !ofTopic(g) {
			continue
		}
		topic := lastOf(g.SourceARN)
		if regionOf(g.SourceARN) != regionOf(f.function.ARN) {
			f.words = append(f.words, "The subscription to the topic "+topic+" is not written: it is in another region than "+f.function.Name+", and belongs to a text of that region.")
			continue
		}
		found, err := c.cloud.Subscriptions(ctx, t, g.SourceARN, f.function.ARN)
		switch {
		case err != nil:
			f.words = append(f.words, "The subscription to the topic "+topic+" is not written: "+commands.Words(err).Message)
		case len(found) == 0:
			f.words = append(f.words, "The topic "+topic+" does not invoke "+f.function.Name+" now: its permission stands alone.")
		default:
			f.topics = append(f.topics, found...)
			f.words = append(f.words, "Of the subscription to the topic "+topic+" the filter is written; its dead letters and delivery policy are not.")
		}
	}
}

func regionOf(arn string) string {
	parts := strings.SplitN(arn, ":", 6) //nolint:mnd // arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE
	if len(parts) < 6 {                  //nolint:mnd // as above
		return ""
	}
	return parts[3]
}

// subscribed adds a subscription.
// Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-subscription.html
func subscribed(add adding, function string, arn part, s aws.Subscription) {
	add(subscription, s.ARN, function+"-"+lastOf(s.TopicARN), nil, attr{"topic_arn", "TopicArn", s.TopicARN}, attr{"protocol", "Protocol", "lambda"},
		attr{"endpoint", "Endpoint", arn}, attr{"filter_policy", "FilterPolicy", document(s.Filter)})
}
