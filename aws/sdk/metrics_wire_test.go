package sdk

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"deckhand/aws/sdk/wire"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// Source of form and answer: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
func TestMetricsAreAskedForAsCloudWatchsQueryAPIDescribes(t *testing.T) {
	t.Parallel()
	box := &postbox{status: http.StatusOK, header: http.Header{"Content-Type": {"text/xml"}}, answer: []byte(`<GetMetricDataResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/">
  <GetMetricDataResult><MetricDataResults><member>
    <Id>ma</Id><Label>CPUUtilization</Label><StatusCode>Complete</StatusCode>
    <Timestamps><member>2026-11-26T10:00:00Z</member><member>2026-11-26T10:05:00Z</member></Timestamps>
    <Values><member>1.5</member><member>2</member></Values>
  </member></MetricDataResults><NextToken>more</NextToken></GetMetricDataResult>
  <ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>
</GetMetricDataResponse>`)}
	from := time.Date(2026, 11, 26, 10, 0, 0, 0, time.UTC)
	to := from.Add(time.Hour)
	out, err := meterCalls{wire.New(wire.Metrics(), configured(box, "eu-west-1", ""))}.GetMetricData(t.Context(), &cloudwatch.GetMetricDataInput{
		StartTime: &from, EndTime: &to, ScanBy: types.ScanByTimestampAscending,
		MetricDataQueries: []types.MetricDataQuery{{Id: awssdk.String("ma"), MetricStat: &types.MetricStat{
			Metric: &types.Metric{
				Namespace: awssdk.String("AWS/EC2"), MetricName: awssdk.String("CPUUtilization"),
				Dimensions: []types.Dimension{{Name: awssdk.String("InstanceId"), Value: awssdk.String("i-1")}},
			},
			Period: awssdk.Int32(300), Stat: awssdk.String("Average"),
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := box.sent.URL.String(), "https://monitoring.eu-west-1.amazonaws.com/"; got != want {
		t.Errorf("sent to %s, want %s", got, want)
	}
	form, err := url.ParseQuery(string(box.body))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Action": "GetMetricData", "Version": "2010-08-01", "StartTime": "2026-11-26T10:00:00Z", "EndTime": "2026-11-26T11:00:00Z", "ScanBy": "TimestampAscending",
		"MetricDataQueries.member.1.Id": "ma", "MetricDataQueries.member.1.MetricStat.Stat": "Average", "MetricDataQueries.member.1.MetricStat.Period": "300",
		"MetricDataQueries.member.1.MetricStat.Metric.Namespace": "AWS/EC2", "MetricDataQueries.member.1.MetricStat.Metric.MetricName": "CPUUtilization",
		"MetricDataQueries.member.1.MetricStat.Metric.Dimensions.member.1.Name": "InstanceId", "MetricDataQueries.member.1.MetricStat.Metric.Dimensions.member.1.Value": "i-1",
	} {
		if form.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, form.Get(name), want)
		}
	}
	if len(form) != 12 {
		t.Errorf("%d members in %v", len(form), form)
	}
	r := out.MetricDataResults
	if len(r) != 1 || *r[0].Id != "ma" || len(r[0].Timestamps) != 2 || !r[0].Timestamps[1].Equal(from.Add(5*time.Minute)) || len(r[0].Values) != 2 || r[0].Values[0] != 1.5 || *out.NextToken != "more" {
		t.Errorf("read %+v", out)
	}
}
