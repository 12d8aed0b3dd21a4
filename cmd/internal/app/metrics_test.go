package app

import (
	"strings"
	"testing"
	"time"
)

func TestMetricsAreWrittenAsPrometheusReadsThem(t *testing.T) {
	t.Parallel()
	m := newMetrics()
	m.ended("vm stop", "done", 2*time.Second)
	m.ended("vm stop", "done", 20*time.Second)
	m.ended("vm stop", "refused", 0)
	m.ended("", "not understood", 0)
	m.tried("EC2", "StopInstances", "throttled")
	m.answered("chat.update", 429)
	var out strings.Builder
	m.requests.write(&out)
	m.runs.write(&out)
	m.aws.write(&out)
	m.slack.write(&out)
	for _, want := range []string{
		"# TYPE deckhand_lines_total counter\n",
		`deckhand_lines_total{command="",outcome="not understood"} 1`,
		`deckhand_lines_total{command="vm stop",outcome="done"} 2`,
		`deckhand_run_seconds_bucket{command="vm stop",le="1"} 0`,
		`deckhand_run_seconds_bucket{command="vm stop",le="5"} 1`,
		`deckhand_run_seconds_bucket{command="vm stop",le="+Inf"} 2`,
		`deckhand_run_seconds_sum{command="vm stop"} 22`,
		`deckhand_run_seconds_count{command="vm stop"} 2`,
		`deckhand_aws_calls_total{service="EC2",operation="StopInstances",outcome="throttled"} 1`,
		`deckhand_slack_calls_total{method="chat.update",status="429"} 1`,
	} {
		if !strings.Contains(out.String(), want+"\n") && !strings.Contains(out.String(), want) {
			t.Errorf("%s is not in:\n%s", want, out.String())
		}
	}
	if label("a\"b\\c\nd") != `"a\"b\\c\nd"` {
		t.Errorf("label: %s", label("a\"b\\c\nd"))
	}
}
