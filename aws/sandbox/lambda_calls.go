package sandbox

import (
	"math"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// functionCall is one invocation, as CloudWatch counts it.
type functionCall struct {
	at       time.Time
	resource string // "counter", "counter:live"
	version  string
	failed   bool
}

// callsKept is how many invocations of a function are remembered.
const callsKept = 10_000

func (f *function) count(c functionCall) {
	if f.calls = append(f.calls, c); len(f.calls) > callsKept {
		f.calls = f.calls[1:]
	}
}

func joined(name, qualifier string) string {
	if qualifier == "" {
		return name
	}
	return name + ":" + qualifier
}

// routed answers the version that the next call through an alias runs. AWS throws dice; here the other version gets its share evenly.
func (f *function) routed(qualifier string, main lambdatypes.FunctionConfiguration) lambdatypes.FunctionConfiguration {
	alias, ok := f.aliases[qualifier]
	if !ok || alias.RoutingConfig == nil {
		return main
	}
	before := 0.0
	for _, c := range f.calls {
		if c.resource == joined(*f.FunctionName, qualifier) {
			before++
		}
	}
	for other, share := range alias.RoutingConfig.AdditionalVersionWeights {
		for _, v := range f.versions {
			if *v.Version == other && math.Floor((before+1)*share) > math.Floor(before*share) {
				return v
			}
		}
	}
	return main
}

// counted answers a metric of AWS/Lambda for the period that begins at a moment; nothing where nothing was invoked.
func (r *region) counted(metric *types.Metric, at time.Time, period time.Duration) (float64, bool) {
	want := map[string]string{}
	for _, d := range metric.Dimensions {
		want[awssdk.ToString(d.Name)] = awssdk.ToString(d.Value)
	}
	f, err := r.functionNamed(want["FunctionName"])
	if err != nil {
		return 0, false
	}
	calls, failed := 0.0, 0.0
	for _, c := range f.calls {
		other := want["Resource"] != "" && want["Resource"] != c.resource || want["ExecutedVersion"] != "" && want["ExecutedVersion"] != c.version
		if other || c.at.Before(at) || !c.at.Before(at.Add(period)) {
			continue
		}
		if calls++; c.failed {
			failed++
		}
	}
	switch awssdk.ToString(metric.MetricName) {
	case "Invocations":
		return calls, calls > 0
	case "Errors":
		return failed, calls > 0
	default:
		return 0, false
	}
}
