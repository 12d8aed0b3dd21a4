package sdk

import (
	"context"
	"time"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// Measures answers metrics of an instance between two moments, one value each period, in the order of what. A period without
// a value is left out. The period is a multiple of a minute.
func (c *Cloud) Measures(ctx context.Context, t aws.Target, id string, what []aws.Metric, span aws.Span) ([]aws.Measure, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	measures, index := make([]aws.Measure, len(what)), map[string]int{}
	in := &cloudwatch.GetMetricDataInput{StartTime: &span.From, EndTime: &span.To, ScanBy: cwtypes.ScanByTimestampAscending}
	for n, m := range what {
		measures[n].Name = m.Name
		query := "m" + string(rune('a'+n))
		index[query] = n
		in.MetricDataQueries = append(in.MetricDataQueries, cwtypes.MetricDataQuery{Id: &query, MetricStat: &cwtypes.MetricStat{
			Metric: &cwtypes.Metric{
				Namespace: awssdk.String("AWS/EC2"), MetricName: awssdk.String(m.Name),
				Dimensions: []cwtypes.Dimension{{Name: awssdk.String("InstanceId"), Value: &id}},
			},
			Period: awssdk.Int32(int32(span.Period / time.Second)), Stat: awssdk.String(m.Statistic),
		}})
	}
	for {
		out, err := ask(ctx, ready.metrics.GetMetricData, in)
		if err != nil {
			return nil, err
		}
		for _, r := range out.MetricDataResults {
			if r.StatusCode == cwtypes.StatusCodeForbidden || r.StatusCode == cwtypes.StatusCodeInternalError {
				return nil, unmeasured(r)
			}
			n, known := index[awssdk.ToString(r.Id)]
			if !known || len(r.Timestamps) != len(r.Values) {
				continue
			}
			measures[n].Times = append(measures[n].Times, r.Timestamps...)
			measures[n].Values = append(measures[n].Values, r.Values...)
		}
		if awssdk.ToString(out.NextToken) == "" {
			return measures, nil
		}
		again := *in
		again.NextToken = out.NextToken
		in = &again
	}
}

// unmeasured is the error of a metric that CloudWatch did not read in an answer that is otherwise well.
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataResult.html
func unmeasured(r cwtypes.MetricDataResult) error {
	e := &Error{
		Operation: "GetMetricData", kind: kindUnavailable, hint: "Try again in a moment.",
		message: "CloudWatch could not read " + awssdk.ToString(r.Label) + " (" + string(r.StatusCode) + ").",
	}
	if r.StatusCode == cwtypes.StatusCodeForbidden {
		e.kind, e.hint = kindDenied, "deckhand needs cloudwatch:GetMetricData for it."
	}
	return e
}
