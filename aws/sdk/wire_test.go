package sdk_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"deckhand/aws"
	"deckhand/aws/sdk"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
)

// endpoint is an AWS-compatible endpoint that keeps the forms it was sent and answers by action.
type endpoint struct {
	mu      sync.Mutex
	forms   []url.Values
	answers map[string]http.HandlerFunc
}

func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	e.mu.Lock()
	e.forms = append(e.forms, r.PostForm)
	answer := e.answers[r.PostForm.Get("Action")]
	e.mu.Unlock()
	if answer == nil {
		refusal(http.StatusBadRequest, "InvalidAction", "The action is not valid for this endpoint.")(w, r)
		return
	}
	answer(w, r)
}

// sent answers the forms of an action.
func (e *endpoint) sent(action string) []url.Values {
	e.mu.Lock()
	defer e.mu.Unlock()
	var forms []url.Values
	for _, f := range e.forms {
		if f.Get("Action") == action {
			forms = append(forms, f)
		}
	}
	return forms
}

func xml(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amzn-Requestid", "11111111-2222-3333-4444-555555555555")
		_, _ = fmt.Fprint(w, body)
	}
}

func refusal(status int, code, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, "<Response><Errors><Error><Code>%s</Code><Message>%s</Message></Error></Errors><RequestID>req-1</RequestID></Response>", code, message)
	}
}

func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// cutOff breaks the connection in the middle of the answer's body.
func cutOff(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	_, _ = fmt.Fprint(w, "<TerminateInstancesResponse><instancesSet>")
}

const (
	image = `<DescribeImagesResponse><imagesSet><item><imageId>ami-1</imageId><rootDeviceType>%s</rootDeviceType>` +
		`<rootDeviceName>/dev/sda1</rootDeviceName><blockDeviceMapping><item><deviceName>/dev/sda1</deviceName><ebs><volumeSize>8</volumeSize></ebs></item></blockDeviceMapping></item></imagesSet></DescribeImagesResponse>`
	launchedOne = `<RunInstancesResponse><ownerId>123456789012</ownerId><instancesSet><item><instanceId>i-1</instanceId>` +
		`<instanceState><name>pending</name></instanceState></item></instancesSet></RunInstancesResponse>`
)

func wired(t *testing.T, answers map[string]http.HandlerFunc) (*endpoint, *sdk.Cloud) {
	t.Helper()
	e := &endpoint{answers: answers}
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	return e, cloudAt(t, server.URL)
}

func cloudAt(t *testing.T, address string) *sdk.Cloud {
	t.Helper()
	c, err := sdk.New(t.Context(), sdk.Settings{
		Region: "us-east-1", EndpointURL: address, RetryMax: time.Millisecond,
		Credentials: awssdk.CredentialsProviderFunc(func(context.Context) (awssdk.Credentials, error) {
			return awssdk.Credentials{AccessKeyID: "AKIAEXAMPLEEXAMPLE00", SecretAccessKey: "secret"}, nil
		}),
	})
	must(t, err)
	return c
}

// wantFields compares fields of a form; the value "-" stands for absence.
func wantFields(t *testing.T, form url.Values, fields map[string]string) {
	t.Helper()
	for name, want := range fields {
		if got := form.Get(name); got != want && (want != "-" || form.Has(name)) {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestALaunchOnTheWire(t *testing.T) {
	t.Parallel()
	e, c := wired(t, map[string]http.HandlerFunc{
		"DescribeImages": xml(fmt.Sprintf(image, "ebs")), "RunInstances": xml(launchedOne),
	})
	yes := true
	l := aws.Launch{
		ImageID: "ami-1", MinCount: 1, MaxCount: 2, InstanceType: "t3.micro", KeyName: "mykey", Subnet: "subnet-1",
		SecurityGroups: []string{"sg-1", "sg-2"}, PublicIP: &yes, UserData: "#!/bin/sh\necho hello\n", InstanceProfile: "web",
		RootVolumeGiB: 20, TerminationProtection: true, Tags: map[string]string{"Name": "web-1", "env": "prod"}, ClientToken: "r-1-launch",
	}
	list, err := c.LaunchInstances(t.Context(), here, l)
	must(t, err)
	if len(list) != 1 || list[0].ID != "i-1" || list[0].State != aws.Pending {
		t.Errorf("answered %+v", list)
	}
	wantFields(t, e.sent("RunInstances")[0], map[string]string{
		"ImageId": "ami-1", "MinCount": "1", "MaxCount": "2", "InstanceType": "t3.micro", "KeyName": "mykey",
		"ClientToken": "r-1-launch", "DisableApiTermination": "true", "IamInstanceProfile.Name": "web", "DryRun": "-",
		"UserData":                   base64.StdEncoding.EncodeToString([]byte(l.UserData)),
		"MetadataOptions.HttpTokens": "required", "MetadataOptions.HttpEndpoint": "enabled",
		"NetworkInterface.1.DeviceIndex": "0", "NetworkInterface.1.AssociatePublicIpAddress": "true",
		"NetworkInterface.1.SubnetId": "subnet-1", "NetworkInterface.1.SecurityGroupId.1": "sg-1",
		"NetworkInterface.1.SecurityGroupId.2": "sg-2", "NetworkInterface.1.DeleteOnTermination": "true",
		"SubnetId": "-", "SecurityGroupId.1": "-", "PrivateIpAddress": "-",
		"BlockDeviceMapping.1.DeviceName": "/dev/sda1", "BlockDeviceMapping.1.Ebs.Encrypted": "true",
		"BlockDeviceMapping.1.Ebs.VolumeSize": "20", "BlockDeviceMapping.1.Ebs.DeleteOnTermination": "true",
		"TagSpecification.1.ResourceType": "instance", "TagSpecification.2.ResourceType": "network-interface", "TagSpecification.3.ResourceType": "volume",
		"TagSpecification.1.Tag.1.Key": "Name", "TagSpecification.1.Tag.1.Value": "web-1", "TagSpecification.2.Tag.2.Key": "env", "TagSpecification.3.Tag.2.Key": "env",
	})
}

func TestALaunchWithTheSubnetsOwnAddressing(t *testing.T) {
	t.Parallel()
	e, c := wired(t, map[string]http.HandlerFunc{
		"DescribeImages": xml(fmt.Sprintf(image, "instance-store")), "RunInstances": refusal(412, "DryRunOperation", "would work"),
	})
	_, err := c.LaunchInstances(t.Context(), here, aws.Launch{
		ImageID: "ami-1", Subnet: "subnet-1", SecurityGroups: []string{"sg-1"}, PrivateIP: "10.0.0.9", DryRun: true,
		InstanceProfile: "arn:aws:iam::123456789012:instance-profile/web", ClientToken: "r-2", Tags: map[string]string{"Name": "a"},
	})
	must(t, err)
	wantFields(t, e.sent("RunInstances")[0], map[string]string{
		"DryRun": "true", "MinCount": "1", "MaxCount": "1", "SubnetId": "subnet-1", "SecurityGroupId.1": "sg-1",
		"PrivateIpAddress": "10.0.0.9", "NetworkInterface.1.DeviceIndex": "-", "BlockDeviceMapping.1.DeviceName": "-",
		"IamInstanceProfile.Arn": "arn:aws:iam::123456789012:instance-profile/web", "UserData": "-", "TagSpecification.2.ResourceType": "network-interface", "TagSpecification.3.ResourceType": "-",
	})
}

func TestALaunchSaysTheSizeThatTheImageGivesItsRoot(t *testing.T) {
	t.Parallel()
	e, c := wired(t, map[string]http.HandlerFunc{
		"DescribeImages": xml(fmt.Sprintf(image, "ebs")), "RunInstances": xml(launchedOne),
	})
	_, err := c.LaunchInstances(t.Context(), here, aws.Launch{ImageID: "ami-1", ClientToken: "r-3"})
	must(t, err)
	wantFields(t, e.sent("RunInstances")[0], map[string]string{"BlockDeviceMapping.1.DeviceName": "/dev/sda1", "BlockDeviceMapping.1.Ebs.VolumeSize": "8"})
}

func TestALaunchIsRepeatedWithItsToken(t *testing.T) {
	t.Parallel()
	first := true
	e, c := wired(t, map[string]http.HandlerFunc{
		"RunInstances": func(w http.ResponseWriter, r *http.Request) {
			if first {
				first = false
				hangUp(w, r)
			}
			xml(launchedOne)(w, r)
		},
	})
	_, err := c.LaunchInstances(t.Context(), here, aws.Launch{ImageID: "ami-1", ClientToken: "r-3"})
	must(t, err)
	forms := e.sent("RunInstances")
	if len(forms) != 2 || forms[0].Get("ClientToken") != "r-3" || forms[1].Get("ClientToken") != "r-3" {
		t.Errorf("sent %v", forms)
	}
}

func TestABrokenConnectionLeavesATerminationUncertain(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"no answer": hangUp, "half an answer": cutOff, "a failure inside AWS": refusal(500, "InternalError", "An internal error has occurred"),
		"a gateway's page": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, c := wired(t, map[string]http.HandlerFunc{"TerminateInstances": answer})
			_, err := c.TerminateInstances(t.Context(), here, []string{"i-1"}, false)
			wantError(t, err, "uncertain", "the termination", "Look at the present state")
			if n := len(e.sent("TerminateInstances")); n != 1 {
				t.Errorf("sent %d times", n)
			}
		})
	}
}

func TestATimeThatIsUpUnderWayIsUncertain(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	e, c := wired(t, map[string]http.HandlerFunc{"StopInstances": func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}})
	_, err := c.StopInstances(ctx, here, []string{"i-1"}, false, false)
	wantError(t, err, "uncertain", "the stop")
	if n := len(e.sent("StopInstances")); n != 1 {
		t.Errorf("sent %d times", n)
	}
	_, err = c.StopInstances(ctx, here, []string{"i-1"}, false, false)
	wantError(t, err, "unavailable", "stopped before AWS answered")
}

func TestNothingIsUncertainWhereNothingWasSent(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	c := cloudAt(t, server.URL)
	_, err := c.TerminateInstances(t.Context(), here, []string{"i-1"}, false)
	wantError(t, err, "unavailable", "could not be reached", "the termination")
}

func TestAReadIsRepeatedWhenItsAnswerBreaksOff(t *testing.T) {
	t.Parallel()
	tries := 0
	_, c := wired(t, map[string]http.HandlerFunc{"DescribeInstances": func(w http.ResponseWriter, r *http.Request) {
		if tries++; tries < 3 {
			cutOff(w, r)
			return
		}
		xml("<DescribeInstancesResponse><reservationSet/></DescribeInstancesResponse>")(w, r)
	}})
	_, err := c.Instances(t.Context(), here, aws.InstanceQuery{})
	must(t, err)
}

func TestIDsAreAskedAsAFilter(t *testing.T) {
	t.Parallel()
	e, c := wired(t, map[string]http.HandlerFunc{
		"DescribeInstances": xml("<DescribeInstancesResponse><reservationSet/></DescribeInstancesResponse>"),
	})
	_, err := c.Instances(t.Context(), here, aws.InstanceQuery{IDs: []string{"i-1"}})
	must(t, err)
	wantFields(t, e.sent("DescribeInstances")[0], map[string]string{
		"Filter.1.Name": "instance-id", "Filter.1.Value.1": "i-1", "InstanceId.1": "-", "MaxResults": "1000",
	})
}

func TestALaunchIsFoundByItsTagsAndItsTokenIsComparedHere(t *testing.T) {
	t.Parallel()
	one := func(id, token string) string {
		return "<item><instancesSet><item><instanceId>" + id + "</instanceId><clientToken>" + token +
			"</clientToken><tagSet><item><key>deckhand:request</key><value>R-1</value></item></tagSet></item></instancesSet></item>"
	}
	e, c := wired(t, map[string]http.HandlerFunc{"DescribeInstances": xml(
		"<DescribeInstancesResponse><reservationSet>" + one("i-1", "mine") + one("i-2", "of another deckhand") + "</reservationSet></DescribeInstancesResponse>",
	)})
	found, err := c.Instances(t.Context(), here, aws.InstanceQuery{ClientToken: "mine", Tags: map[string]string{"deckhand:request": "R-1"}})
	must(t, err)
	if len(found) != 1 || found[0].ID != "i-1" {
		t.Errorf("found %v", found)
	}
	wantFields(t, e.sent("DescribeInstances")[0], map[string]string{"Filter.1.Name": "tag:deckhand:request", "Filter.2.Name": "-"})
}

// An error of AWS's own is told as one, by whatever name a service has for it, and with whatever page stands before it.
func TestErrorsOfAWSItself(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		answer http.HandlerFunc
		kind   string
		words  []string
	}{
		"a name of one service": {refusal(500, "ServerException", "Try later"), "unavailable", []string{"AWS could not do the call DescribeInstances: Try later.", "Try again"}},
		"no words":              {refusal(500, "ServiceException", ""), "unavailable", []string{"AWS could not do the call DescribeInstances: the error is ServiceException."}},
		"asked too often":       {refusal(503, "RequestLimitExceeded", "Slow"), "unavailable", []string{"AWS refused", "slow down"}},
		"a quota":               {refusal(400, "LimitExceededException", "Too many"), "failed", []string{"AWS refused", "raise the quota"}},
		"an account held back":  {refusal(400, "Blocked", "Your account is blocked"), "denied", []string{"AWS Support"}},
		"in use":                {refusal(400, "ResourceInUseException", "Busy"), "failed", []string{"still uses it"}},
		"a page":                {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, "unavailable", []string{"HTTP 502", "Try again"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, c := wired(t, map[string]http.HandlerFunc{"DescribeInstances": row.answer})
			_, err := c.Instances(t.Context(), here, aws.InstanceQuery{})
			wantError(t, err, row.kind, row.words...)
		})
	}
}

// A page of a proxy that did not hand the call on leaves nothing open, whatever the call would have changed; one of a proxy that waited in vain does.
func TestAPageInAWSsPlace(t *testing.T) {
	t.Parallel()
	page := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "<html>Sign in to go on<br></html>")
		}
	}
	for status, kind := range map[int]string{http.StatusForbidden: "failed", http.StatusProxyAuthRequired: "failed", http.StatusRequestTimeout: "uncertain"} {
		_, c := wired(t, map[string]http.HandlerFunc{"StopInstances": page(status)})
		_, err := c.StopInstances(t.Context(), here, []string{"i-1"}, false, false)
		if e := wantError(t, err, kind); kind == "failed" && !strings.Contains(e.Message()+e.Hint(), fmt.Sprintf("HTTP %d", status)) {
			t.Errorf("%d is told as %q", status, e.Message())
		}
	}
}

func TestRefusalsHideWhatIsNotForPeople(t *testing.T) {
	t.Parallel()
	blob := strings.Repeat("Zm9vYmFy-_", 40)
	_, c := wired(t, map[string]http.HandlerFunc{
		"StopInstances": refusal(403, "UnauthorizedOperation",
			"You are not authorized to perform this operation. User: arn:aws:sts::1:assumed-role/deckhand is not authorized to perform: ec2:StopInstances on resource: x. Encoded authorization failure message: "+blob),
		"RebootInstances": refusal(401, "AuthFailure", "The key AKIAEXAMPLEEXAMPLE00 with token "+blob+" is wrong"),
	})
	_, err := c.StopInstances(t.Context(), here, []string{"i-1"}, false, false)
	wantError(t, err, "denied", "allow ec2:StopInstances to deckhand's role")
	second := c.RebootInstances(t.Context(), here, []string{"i-1"}, false)
	wantError(t, second, "denied", "Renew the AWS credentials")
	for _, err := range []error{err, second} {
		e := wantError(t, err, "denied")
		for _, text := range []string{e.Error(), e.Message(), e.Hint()} {
			if strings.Contains(text, "Zm9v") || strings.Contains(text, "AKIA") || strings.Contains(text, "Encoded") {
				t.Errorf("it shows %q", text)
			}
		}
	}
	if e := wantError(t, second, "denied"); e.RequestID() != "req-1" {
		t.Errorf("request id %q", e.RequestID())
	}
}

func TestAnAnswerThatComesAtOnceIsReadToItsEnd(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "x")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "y")
	var asked atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		_, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusForbidden)
		w.(http.Flusher).Flush() //nolint:forcetypeassert // net/http's own
		time.Sleep(time.Millisecond)
		_, _ = io.WriteString(w, `<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>No.</Message></Error></Errors></Response>`)
	}))
	defer s.Close()
	const calls = 60
	for range calls {
		c, err := sdk.New(t.Context(), sdk.Settings{Region: "us-east-1", EndpointURL: s.URL}) // with no connection yet
		must(t, err)
		if err := c.Disassociate(t.Context(), aws.Target{}, "rtbassoc-1"); codeOf(err) != "UnauthorizedOperation" {
			t.Fatal(err)
		}
	}
	if n := asked.Load(); n != calls {
		t.Errorf("AWS was asked %d times for %d calls", n, calls)
	}
}
