package sdk_test

import (
	"io"
	"net/http"
	"testing"
	"time"

	"deckhand/aws"
)

// TestACommandThatIsNotKnownYetIsPending as Systems Manager answers in the first moments after the sending.
// Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetCommandInvocation.html
func TestACommandThatIsNotKnownYetIsPending(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]http.HandlerFunc{
		"named in the body":   answering(http.StatusBadRequest, `{"__type":"InvocationDoesNotExist"}`),
		"named in the header": refusing(http.StatusBadRequest, "InvocationDoesNotExist", ""),
	} {
		asked := 0
		done := answering(http.StatusOK, `{"CommandId":"c-1","InstanceId":"i-1","Status":"Success","StatusDetails":"Success","ResponseCode":0,"StandardOutputContent":"hello\n"}`)
		_, c := exchanging(t, map[string]http.HandlerFunc{"GetCommandInvocation": func(w http.ResponseWriter, r *http.Request) {
			if asked++; asked == 1 {
				refuse(w, r)
				return
			}
			done(w, r)
		}})
		var first []aws.Invocation
		out, err := c.WaitForCommand(t.Context(), here, "c-1", []string{"i-1"}, func(now []aws.Invocation) {
			if first == nil {
				first = append(first, now...)
			}
		})
		must(t, err)
		if first[0].Status != "Pending" || out[0].Status != "Success" || out[0].Output != "hello\n" || out[0].ExitCode != 0 {
			t.Errorf("%s: first %+v, in the end %+v", name, first, out)
		}
	}
}

// TestSystemsManagerSaysThatItDoesNotReachAnInstance.
// Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_SendCommand.html
func TestSystemsManagerSaysThatItDoesNotReachAnInstance(t *testing.T) {
	t.Parallel()
	_, c := exchanging(t, map[string]http.HandlerFunc{
		"SendCommand": answering(http.StatusBadRequest, `{"__type":"InvalidInstanceId","Message":"Instances [[i-1]] not in a valid state for account 123456789012"}`),
	})
	_, err := c.SendCommand(t.Context(), here, aws.Shell{Document: "AWS-RunShellScript", InstanceIDs: []string{"i-1"}, Parameters: map[string][]string{"commands": {"true"}}})
	wantError(t, err, "failed", "not in a valid state", "`vm connect` says how it stands")
}

// TestAMetricThatCouldNotBeReadIsNotEmpty: an answer that is otherwise well says it of single metrics.
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataResult.html
func TestAMetricThatCouldNotBeReadIsNotEmpty(t *testing.T) {
	t.Parallel()
	for status, want := range map[string][]string{
		"Forbidden": {"denied", "could not read CPUUtilization", "cloudwatch:GetMetricData"}, "InternalError": {"unavailable", "could not read CPUUtilization"},
	} {
		_, c := exchanging(t, map[string]http.HandlerFunc{"GetMetricData": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/xml")
			_, _ = io.WriteString(w, `<GetMetricDataResponse><GetMetricDataResult><MetricDataResults><member>
				<Id>ma</Id><Label>CPUUtilization</Label><StatusCode>`+status+`</StatusCode>
			</member></MetricDataResults></GetMetricDataResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></GetMetricDataResponse>`)
		}})
		span := aws.Span{From: time.Unix(0, 0), To: time.Unix(3600, 0), Period: 5 * time.Minute}
		_, err := c.Measures(t.Context(), here, "i-1", []aws.Metric{{Name: "CPUUtilization", Statistic: "Average"}}, span)
		wantError(t, err, want[0], want[1:]...)
	}
}
