package export

import (
	"context"
	"errors"
	"strings"
	"testing"

	"deckhand/aws"
	"deckhand/commands"
)

const topicARN = "arn:aws:sns:us-east-1:123456789012:alerts"

func (r region) Subscriptions(context.Context, aws.Target, string, string) ([]aws.Subscription, error) {
	return r.called.topics, r.unread
}

// told is a function that a topic invokes.
func told() region {
	there := counting()
	there.called.rules, there.called.aliases, there.called.queues = nil, nil, nil
	there.called.grants = []aws.Grant{{ID: "deckhand-sns-alerts-0badcafe", Principal: "sns.amazonaws.com", SourceARN: topicARN}}
	there.called.topics = []aws.Subscription{{ARN: topicARN + ":uuid", TopicARN: topicARN, FunctionARN: lambdaARN, Filter: `{"kind":["order"]}`}}
	return there
}

func TestTopicOfAFunction(t *testing.T) {
	t.Parallel()
	report, err := exportedFrom(t, told(), "export R-42 --as terraform")
	if err != nil {
		t.Fatal(err)
	}
	text := file(t, report, "r-42.tf")
	whole(t, text, 3, 0)
	for _, want := range []string{
		"to = aws_sns_topic_subscription.counter_alerts\n  id = \"" + topicARN + ":uuid\"", `topic_arn = "` + topicARN + `"`, `protocol = "lambda"`,
		"endpoint = aws_lambda_function.counter.arn", "id = \"counter/deckhand-sns-alerts-0badcafe\"", `filter_policy = "{\"kind\":[\"order\"]}"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	report, err = exportedFrom(t, told(), "export R-42 --as cloudformation")
	if err != nil {
		t.Fatal(err)
	}
	_, text = formation(t, report, 3)
	for _, want := range []string{`"AWS::SNS::Subscription"`, `"Protocol": "lambda"`, `"order"`} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}

func TestSubscriptionThatTheRequestMade(t *testing.T) {
	t.Parallel()
	there := told()
	there.by, there.notice = "lambda trigger add", "deckhand-sns-alerts-"
	report, err := exportedFrom(t, there, "export R-43 --as terraform")
	if err != nil {
		t.Fatal(err)
	}
	text := file(t, report, "r-43.tf")
	whole(t, text, 2, 0)
	if strings.Contains(text, "aws_lambda_function\"") || !strings.Contains(text, `endpoint = "`+lambdaARN+`"`) {
		t.Error(text)
	}
	there.notice = "deckhand-sns-"
	if _, err = exportedFrom(t, there, "export R-43 --as terraform"); commands.Words(err).Kind != commands.NotFound {
		t.Error(err)
	}
}

func TestSubscriptionThatIsNotWritten(t *testing.T) {
	t.Parallel()
	silent, unread, far := told(), told(), told()
	silent.called.topics = nil
	unread.unread = errors.New("no answer")
	far.called.grants[0].SourceARN = strings.Replace(topicARN, "us-east-1", "eu-west-1", 1)
	for want, there := range map[string]region{
		"does not invoke counter now": silent, "the topic alerts is not written: Something": unread, "it is in another region than counter": far,
	} {
		report, err := exportedFrom(t, there, "export R-42 --as terraform")
		if err != nil {
			t.Fatal(err)
		}
		if words := loosened(report); !strings.Contains(words, want) || strings.Contains(words, "aws_sns_topic_subscription") {
			t.Errorf("%q is missing, or what is not read is written, in\n%s", want, words)
		}
	}
}
