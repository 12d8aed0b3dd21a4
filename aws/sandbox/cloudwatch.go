package sandbox

import (
	"hash/fnv"
	"math"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

func addCloudWatch(table map[string]operation) { table["CloudWatch.GetMetricData"] = on(getMetricData) }

// getMetricData makes up a calm day for every instance that runs: values follow the time alone, so that the same question
// has the same answer. Before the launch, and while an instance does not run, there is nothing.
func getMetricData(r *region, in *cloudwatch.GetMetricDataInput) (*cloudwatch.GetMetricDataOutput, error) {
	if !in.StartTime.Before(*in.EndTime) {
		return nil, refuse("ValidationError", "The parameter StartTime must be less than the parameter EndTime.")
	}
	out := &cloudwatch.GetMetricDataOutput{}
	for _, q := range in.MetricDataQueries {
		if q.MetricStat == nil || *q.MetricStat.Period%60 != 0 {
			return nil, refuse("ValidationError", "The sandbox answers metrics with periods that are multiples of a minute.")
		}
		metric := q.MetricStat.Metric
		result := types.MetricDataResult{Id: q.Id, Label: metric.MetricName, StatusCode: types.StatusCodeComplete}
		period := time.Duration(*q.MetricStat.Period) * time.Second
		for at := in.StartTime.Truncate(period); at.Before(*in.EndTime); at = at.Add(period) {
			if value, known := r.measured(metric, at, period); known {
				result.Timestamps, result.Values = append(result.Timestamps, at), append(result.Values, value)
			}
		}
		out.MetricDataResults = append(out.MetricDataResults, result)
	}
	return out, nil
}

// measured answers a value of the period that begins at a moment.
func (r *region) measured(metric *types.Metric, at time.Time, period time.Duration) (float64, bool) {
	if awssdk.ToString(metric.Namespace) == "AWS/Lambda" {
		return r.counted(metric, at, period)
	}
	id := ""
	for _, d := range metric.Dimensions {
		if awssdk.ToString(d.Name) == "InstanceId" {
			id = awssdk.ToString(d.Value)
		}
	}
	list, err := r.named([]string{id})
	if err != nil || !list[0].is(running) || at.Add(period).Before(*list[0].LaunchTime) || at.After(r.now()) {
		return 0, false
	}
	seed := fnv.New32a()
	_, _ = seed.Write([]byte(id))
	wave := 1 + math.Sin(float64(at.Unix()%86400)/86400*2*math.Pi+float64(seed.Sum32()%7)) // 0 to 2 through the day
	switch awssdk.ToString(metric.MetricName) {
	case "CPUUtilization":
		return math.Round((2+6*wave)*100) / 100, true
	case "NetworkIn":
		return math.Round((2000 + 4000*wave) * period.Seconds()), true
	case "NetworkOut":
		return math.Round((1000 + 9000*wave) * period.Seconds()), true
	case "StatusCheckFailed":
		return 0, true
	default:
		return 0, false
	}
}
