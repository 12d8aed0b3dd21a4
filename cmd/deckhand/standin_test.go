package main

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// standin speaks EC2's and STS's wire protocol, written from AWS's API reference alone, and counts what it is
// asked. It is what the program sees when it talks to an endpoint that it was not built with.
// Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html
type standin struct {
	*httptest.Server

	mu        sync.Mutex
	instances []*pretend
	launched  map[string][]*pretend // by client token
	calls     map[string]int        // without dry runs
	hold      string                // this operation does its work and then answers nothing until released
	held      chan struct{}
	release   chan struct{}
	lose      func(operation string) bool // does the work and loses the answer; nil: never
	stops     map[string]int              // how often each instance was asked to stop
}

type pretend struct {
	id, name, state, address, token string
}

func newStandin() *standin {
	s := &standin{launched: map[string][]*pretend{}, calls: map[string]int{}, stops: map[string]int{}, held: make(chan struct{}, 16), release: make(chan struct{})}
	s.Server = httptest.NewServer(s)
	return s
}

// holdNext makes an operation hang after its work is done, as a lost answer does.
func (s *standin) holdNext(operation string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hold = operation
}

func (s *standin) count(operation string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[operation]
}

// states is "name=state" of every instance, sorted.
func (s *standin) states() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, i := range s.instances {
		out = append(out, i.name+"="+i.state)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// ServeHTTP implements http.Handler.
func (s *standin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	operation := r.PostForm.Get("Action")
	s.mu.Lock()
	status, body := s.answer(operation, r.PostForm)
	hold := operation != "" && s.hold == operation
	if hold {
		s.hold = ""
	}
	lost := s.lose != nil && s.lose(operation)
	s.mu.Unlock()
	if lost {
		panic(http.ErrAbortHandler)
	}
	if hold {
		s.held <- struct{}{}
		select {
		case <-s.release:
		case <-r.Context().Done():
		}
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	_, _ = fmt.Fprint(w, body)
}

func (s *standin) answer(operation string, form url.Values) (int, string) {
	if form.Get("DryRun") == "true" {
		return failure(http.StatusPreconditionFailed, "DryRunOperation", "Request would have succeeded, but DryRun flag is set.")
	}
	s.calls[operation]++
	switch operation {
	case "GetCallerIdentity":
		return http.StatusOK, `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Account>210987654321</Account><Arn>arn:aws:iam::210987654321:user/x</Arn><UserId>X</UserId></GetCallerIdentityResult></GetCallerIdentityResponse>`
	case "DescribeImages":
		return ok(operation, `<imagesSet><item><imageId>`+form.Get("ImageId.1")+`</imageId><rootDeviceName>/dev/xvda</rootDeviceName><rootDeviceType>ebs</rootDeviceType><imageState>available</imageState></item></imagesSet>`)
	case "RunInstances":
		return s.run(form)
	case "DescribeInstances":
		return ok(operation, "<reservationSet><item><reservationId>r-1</reservationId><ownerId>210987654321</ownerId><instancesSet>"+described(s.selected(form))+"</instancesSet></item></reservationSet>")
	case "DescribeInstanceStatus":
		var out strings.Builder
		for _, i := range s.selected(form) {
			out.WriteString("<item><instanceId>" + i.id + "</instanceId><instanceState><name>" + i.state + "</name></instanceState><systemStatus><status>ok</status></systemStatus><instanceStatus><status>ok</status></instanceStatus></item>")
		}
		return ok(operation, "<instanceStatusSet>"+out.String()+"</instanceStatusSet>")
	case "DescribeInstanceAttribute":
		return ok(operation, "<instanceId>"+form.Get("InstanceId")+"</instanceId><disableApiTermination><value>false</value></disableApiTermination>")
	case "StartInstances":
		return s.move(operation, form, "running")
	case "StopInstances":
		for _, i := range s.selected(form) {
			s.stops[i.name]++
		}
		return s.move(operation, form, "stopped")
	case "TerminateInstances":
		return s.move(operation, form, "terminated")
	case "RebootInstances":
		return ok(operation, "<return>true</return>")
	default:
		return failure(http.StatusBadRequest, "InvalidAction", "The action "+operation+" is not valid for this web service.")
	}
}

func (s *standin) run(form url.Values) (int, string) {
	token := form.Get("ClientToken")
	made, known := s.launched[token]
	if !known || token == "" {
		for range int(form.Get("MaxCount")[0] - '0') {
			n := len(s.instances) + 1
			made = append(made, &pretend{id: fmt.Sprintf("i-%017x", n), name: tagOf(form, "Name"), state: "running", address: fmt.Sprintf("10.0.0.%d", n), token: token})
			s.instances = append(s.instances, made[len(made)-1])
		}
		s.launched[token] = made
	}
	return ok("RunInstances", "<reservationId>r-1</reservationId><ownerId>210987654321</ownerId><instancesSet>"+described(made)+"</instancesSet>")
}

func tagOf(form url.Values, key string) string {
	for n := 1; n < 50; n++ {
		prefix := fmt.Sprintf("TagSpecification.1.Tag.%d.", n)
		if form.Get(prefix+"Key") == key {
			return form.Get(prefix + "Value")
		}
	}
	return ""
}

func (s *standin) selected(form url.Values) []*pretend {
	var out []*pretend
	for _, i := range s.instances {
		if matches(i, form) {
			out = append(out, i)
		}
	}
	return out
}

func matches(i *pretend, form url.Values) bool {
	if wanted := numbered(form, "InstanceId."); len(wanted) > 0 && !slices.Contains(wanted, i.id) {
		return false
	}
	for n := 1; form.Has(fmt.Sprintf("Filter.%d.Name", n)); n++ {
		value, known := map[string]string{
			"instance-id": i.id, "tag:Name": i.name, "instance-state-name": i.state, "private-ip-address": i.address, "client-token": i.token,
		}[form.Get(fmt.Sprintf("Filter.%d.Name", n))]
		if known && !slices.Contains(numbered(form, fmt.Sprintf("Filter.%d.Value.", n)), value) {
			return false
		}
	}
	return true
}

func numbered(form url.Values, prefix string) []string {
	var out []string
	for n := 1; form.Has(prefix + fmt.Sprint(n)); n++ {
		out = append(out, form.Get(prefix+fmt.Sprint(n)))
	}
	return out
}

func (s *standin) move(operation string, form url.Values, to string) (int, string) {
	var out strings.Builder
	for _, i := range s.selected(form) {
		out.WriteString("<item><instanceId>" + i.id + "</instanceId><currentState><name>" + to + "</name></currentState><previousState><name>" + i.state + "</name></previousState></item>")
		i.state = to
	}
	return ok(operation, "<instancesSet>"+out.String()+"</instancesSet>")
}

func described(instances []*pretend) string {
	var out strings.Builder
	for _, i := range instances {
		var name strings.Builder
		_ = xml.EscapeText(&name, []byte(i.name))
		out.WriteString("<item><instanceId>" + i.id + "</instanceId><imageId>ami-12345678</imageId><instanceState><name>" + i.state + "</name></instanceState><instanceType>t3.micro</instanceType><launchTime>" +
			time.Now().UTC().Format(time.RFC3339) + "</launchTime><placement><availabilityZone>us-east-1a</availabilityZone></placement><privateIpAddress>" + i.address +
			"</privateIpAddress><clientToken>" + i.token + "</clientToken><tagSet><item><key>Name</key><value>" + name.String() + "</value></item></tagSet></item>")
	}
	return out.String()
}

func ok(operation, inside string) (int, string) {
	return http.StatusOK, fmt.Sprintf(`<%sResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>req-1</requestId>%s</%sResponse>`, operation, inside, operation)
}

func failure(status int, code, message string) (int, string) {
	return status, fmt.Sprintf("<Response><Errors><Error><Code>%s</Code><Message>%s</Message></Error></Errors><RequestID>req-1</RequestID></Response>", code, message)
}
