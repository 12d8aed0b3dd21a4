package sdk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"deckhand/aws/sandbox"
	"deckhand/aws/sdk/wire"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// pair is a service by our calls; by its id the sandbox makes the SDK's client.
type pair struct {
	service wire.Service
	ours    func(*wire.Client) any
}

// theirs is the SDK's client.
func (p pair) theirs(c awssdk.Config) any { return sandbox.Clients()[p.service.ID](c) }

func pairs() []pair {
	return []pair{
		{wire.ACM(), func(c *wire.Client) any { return certificateCalls{c} }},
		{wire.CloudFormation(), func(c *wire.Client) any { return stackCalls{c} }},
		{wire.CostExplorer(), func(c *wire.Client) any { return costCalls{c} }},
		{wire.DynamoDB(), func(c *wire.Client) any { return tableCalls{c} }},
		{wire.Machines(), func(c *wire.Client) any { return plainCalls{c} }},
		{wire.EC2InstanceConnect(), func(c *wire.Client) any { return connectCalls{c} }},
		{wire.ECS(), func(c *wire.Client) any { return ecsCalls{c} }},
		{wire.EventBridge(), func(c *wire.Client) any { return eventCalls{c} }},
		{wire.IAM(), func(c *wire.Client) any { return iamCalls{c} }},
		{wire.LoadBalancers(), func(c *wire.Client) any { return elbCalls{c} }},
		{wire.Logs(), func(c *wire.Client) any { return logCalls{c} }},
		{wire.Lambda(), func(c *wire.Client) any { return lambdaCalls{c} }},
		{wire.APIs(), func(c *wire.Client) any { return apiCalls{c} }},
		{wire.DNS(), func(c *wire.Client) any { return dnsCalls{c} }},
		{wire.Pricing(), func(c *wire.Client) any { return priceCalls{c} }},
		{wire.ServiceQuotas(), func(c *wire.Client) any { return quotaCalls{c} }},
		{wire.Topics(), func(c *wire.Client) any { return topicCalls{c} }},
		{wire.SSM(), func(c *wire.Client) any { return ssmCalls{c} }},
	}
}

// postbox keeps what is sent, and gives one answer to everything.
type postbox struct {
	sent   *http.Request
	body   []byte
	status int
	header http.Header
	answer []byte
}

func (p *postbox) Do(r *http.Request) (*http.Response, error) {
	p.sent, p.body = r, nil
	if r.Body != nil {
		p.body, _ = io.ReadAll(r.Body)
	}
	return &http.Response{StatusCode: p.status, Header: p.header.Clone(), Body: io.NopCloser(bytes.NewReader(p.answer)), ContentLength: int64(len(p.answer)), Request: r}, nil
}

func configured(p *postbox, region, endpoint string) awssdk.Config {
	config := awssdk.Config{
		Region: region, Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""), HTTPClient: p,
		Retryer: func() awssdk.Retryer { return awssdk.NopRetryer{} },
	}
	if endpoint != "" {
		config.BaseEndpoint = &endpoint
	}
	return config
}

// each calls back for each call of a service.
func (p pair) each(t *testing.T, do func(t *testing.T, operation string, in, out reflect.Type)) {
	t.Helper()
	kind := reflect.TypeOf(p.ours(nil))
	if kind.NumMethod() == 0 {
		t.Fatalf("%s has no calls", p.service.ID)
	}
	for i := range kind.NumMethod() {
		method := kind.Method(i)
		t.Run(p.service.ID+" "+method.Name, func(t *testing.T) { do(t, method.Name, method.Type.In(2), method.Type.Out(0)) })
	}
}

func called(t *testing.T, on any, operation string, in reflect.Value) (any, error) {
	t.Helper()
	out := reflect.ValueOf(on).MethodByName(operation).Call([]reflect.Value{reflect.ValueOf(t.Context()), in})
	err, _ := out[1].Interface().(error)
	return out[0].Interface(), err
}

// Each call is sent as the SDK's own client sends it, with every member of its input filled in, and with none but what is needed.
func TestCallsAreSentAsTheSDKSendsThem(t *testing.T) {
	t.Parallel()
	for _, p := range pairs() {
		p.each(t, func(t *testing.T, operation string, in, _ reflect.Type) {
			for _, endpoint := range []string{"", "http://127.0.0.1:5000", "http://127.0.0.1:5000/aws/"} {
				for _, full := range []bool{true, false} {
					ours, theirs := &postbox{status: 500}, &postbox{status: 500}
					_, _ = called(t, p.ours(wire.New(p.service, configured(ours, "eu-west-1", endpoint))), operation, made(in, full))
					_, err := called(t, p.theirs(configured(theirs, "eu-west-1", endpoint)), operation, made(in, full))
					var incomplete smithy.InvalidParamsError
					if errors.As(err, &incomplete) && !full {
						continue // the SDK does not send it, and AWS would not take it
					}
					if theirs.sent == nil {
						t.Fatal("the SDK sent nothing: ", err)
					}
					if ours.sent == nil {
						t.Fatal("nothing was sent")
					}
					if got, want := shape(t, ours), shape(t, theirs); got != want {
						t.Errorf("sent\n%s, the SDK sends\n%s", got, want)
					}
				}
			}
		})
	}
}

// shape is what matters of a request.
func shape(t *testing.T, p *postbox) string {
	t.Helper()
	lines := []string{p.sent.Method + " " + p.sent.URL.String(), place(p)}
	for _, name := range []string{"Content-Type", "X-Amz-Target", "X-Amz-Log-Type", "X-Amz-Invocation-Type", "X-Amz-Client-Context", "X-Amz-Tenant-Id", "X-Amz-Durable-Execution-Name"} {
		lines = append(lines, name+": "+p.sent.Header.Get(name))
	}
	body := string(p.body)
	switch {
	case strings.Contains(p.sent.Header.Get("Content-Type"), "json") && body != "":
		var value any
		if err := json.Unmarshal(p.body, &value); err != nil {
			t.Fatalf("%v: %s", err, body)
		}
		sorted, _ := json.MarshalIndent(value, "", " ")
		body = string(sorted)
	case strings.Contains(p.sent.Header.Get("Content-Type"), "form"):
		form, err := url.ParseQuery(body)
		if err != nil {
			t.Fatal(err)
		}
		body = strings.ReplaceAll(form.Encode(), "&", "\n")
	}
	return strings.Join(append(lines, body), "\n")
}

// Each answer is read as the SDK's own client reads it, with every member filled in.
func TestAnswersAreReadAsTheSDKReadsThem(t *testing.T) {
	t.Parallel()
	for _, p := range pairs() {
		p.each(t, func(t *testing.T, operation string, in, out reflect.Type) {
			want := made(out, true)
			box := &postbox{status: 200, header: http.Header{"Content-Type": {"text/plain"}, "X-Amzn-Requestid": {"r-1"}}}
			box.answer = answered(t, p.service.Protocol, operation, want.Elem(), box.header)
			got, err := called(t, p.ours(wire.New(p.service, configured(box, "eu-west-1", ""))), operation, made(in, true))
			if err != nil {
				t.Fatal(err)
			}
			theirs, err := called(t, p.theirs(configured(box, "eu-west-1", "")), operation, made(in, true))
			if err != nil {
				t.Fatal("the SDK: ", err)
			}
			reflect.ValueOf(theirs).Elem().FieldByName("ResultMetadata").SetZero()
			if !reflect.DeepEqual(got, theirs) {
				t.Errorf("read\n%s, the SDK reads\n%s", plain(got), plain(theirs))
			}
			if plain(theirs) != plain(want.Interface()) {
				t.Errorf("the SDK reads\n%s of\n%s", plain(theirs), plain(want.Interface()))
			}
		})
	}
}

// In each partition a service is asked where the SDK asks it, and with signatures of the same region.
func TestServicesAreWhereTheSDKHasThem(t *testing.T) {
	t.Parallel()
	regions := []string{"us-east-1", "ap-southeast-4", "mx-central-1", "cn-north-1", "cn-northwest-1", "us-gov-west-1", "us-gov-east-1", "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "us-isof-south-1", "eusc-de-east-1"}
	for _, p := range pairs() {
		first := reflect.TypeOf(p.ours(nil)).Method(0)
		for _, region := range regions {
			ours, theirs := &postbox{status: 500}, &postbox{status: 500}
			_, _ = called(t, p.ours(wire.New(p.service, configured(ours, region, ""))), first.Name, made(first.Type.In(2), true))
			if _, err := called(t, p.theirs(configured(theirs, region, "")), first.Name, made(first.Type.In(2), true)); theirs.sent == nil {
				t.Fatal("the SDK sent nothing: ", err)
			}
			if got, want := place(ours), place(theirs); got != want {
				t.Errorf("%s in %s is asked at %s, the SDK asks at %s", p.service.ID, region, got, want)
			}
		}
	}
}

// place is where a request went, and what its signature is for.
func place(p *postbox) string {
	_, after, _ := strings.Cut(p.sent.Header.Get("Authorization"), "/2")
	_, scope, _ := strings.Cut(strings.Split(after, ",")[0], "/")
	return p.sent.URL.Host + " for " + scope
}

// A call that is refused because this machine's clock is wrong is signed again by AWS's clock.
func TestCallsAreSignedByTheClockOfAWS(t *testing.T) {
	t.Parallel()
	ahead := time.Now().Add(2 * time.Hour).UTC()
	box := &postbox{
		status: 403, header: http.Header{"Date": {ahead.Format(http.TimeFormat)}},
		answer: []byte(`{"__type":"RequestTimeTooSkewed","message":"The clock is wrong"}`),
	}
	config := configured(box, "eu-west-1", "")
	config.Retryer = func() awssdk.Retryer { return newRetryer(tries, time.Millisecond) }
	_, err := ecsCalls{wire.New(wire.ECS(), config)}.ListClusters(t.Context(), &ecs.ListClustersInput{})
	signed, wrong := time.Parse("20060102T150405Z", box.sent.Header.Get("X-Amz-Date"))
	if err == nil || wrong != nil || ahead.Sub(signed).Abs() > time.Minute {
		t.Errorf("signed at %v, AWS has %v (%v, %v)", signed, ahead, err, wrong)
	}
}

func plain(v any) string {
	text, _ := json.MarshalIndent(v, "", " ")
	return string(text)
}

func TestRefusalsAreReadAsTheSDKReadsThem(t *testing.T) {
	t.Parallel()
	for _, p := range pairs() {
		p.each(t, func(t *testing.T, operation string, in, _ reflect.Type) {
			for _, refusal := range refusals(p.service.Protocol) {
				ours, theirs := refusal, refusal
				_, err := called(t, p.ours(wire.New(p.service, configured(&ours, "eu-west-1", ""))), operation, made(in, true))
				_, wanted := called(t, p.theirs(configured(&theirs, "eu-west-1", "")), operation, made(in, true))
				if got, want := verdict(err), verdict(wanted); got != want {
					t.Errorf("%s: read %q, the SDK reads %q", refusal.answer, got, want)
				}
			}
		})
	}
}

// verdict is what this package asks of an error.
func verdict(err error) string {
	var api smithy.APIError
	var response *smithyhttp.ResponseError
	var id interface{ ServiceRequestID() string }
	var call *smithy.OperationError
	text := "no API error"
	if errors.As(err, &api) {
		text = api.ErrorCode() + ": " + api.ErrorMessage()
	}
	if errors.As(err, &response) {
		text += fmt.Sprint(" with ", response.HTTPStatusCode())
	}
	if errors.As(err, &id) {
		text += " as " + id.ServiceRequestID()
	}
	if errors.As(err, &call) {
		text += " of " + call.Service() + " " + call.Operation()
	}
	return text
}

func refusals(p wire.Protocol) []postbox {
	box := func(status int, body string, header ...string) postbox {
		h := http.Header{}
		for i := 0; i+1 < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		return postbox{status: status, answer: []byte(body), header: h}
	}
	switch p.(type) {
	case wire.EC2:
		return []postbox{
			box(400, `<Response><Errors><Error><Code>NewTrouble</Code><Message>No &amp; no</Message></Error></Errors><RequestID>r-2</RequestID></Response>`),
			box(503, `<html>no XML<br></html>`), box(500, ``, "X-Amzn-Requestid", "r-3"),
		}
	case wire.Query, wire.XML:
		return []postbox{
			box(400, `<ErrorResponse xmlns="http://x/"><Error><Type>Sender</Type><Code>NewTrouble</Code><Message>No &amp; no</Message></Error><RequestId>r-2</RequestId></ErrorResponse>`),
			box(503, `<html>no XML<br></html>`), box(500, ``, "X-Amzn-Requestid", "r-3"),
		}
	}
	return []postbox{
		box(400, `{"__type":"com.amazon#NewTrouble","message":"No"}`, "X-Amzn-Requestid", "r-2"),
		box(400, `{"__type":"Old","Message":"No"}`, "X-Amzn-Errortype", "NewTrouble:http://x/"),
		box(500, `{}`), box(503, ``), box(502, `<html>`), box(400, `{"code":"NewTrouble","message":"No"}`),
	}
}

// made is a pointer to a struct of the SDK: with all of its members, or with none.
func made(kind reflect.Type, full bool) reflect.Value {
	v := reflect.New(kind.Elem())
	if full {
		(&filler{}).fill(v.Elem())
	}
	return v
}

// filler gives every member a value of its own. Shapes that hold themselves do so once. Unions and documents stay empty: none is sent or looked at.
type filler struct {
	n      int
	within []reflect.Type
}

var noon = time.Date(2026, 11, 26, 12, 0, 0, 250e6, time.UTC)

func (f *filler) fill(v reflect.Value) {
	f.n++
	switch v.Kind() { //nolint:exhaustive // the kinds that the SDK has
	case reflect.Pointer:
		if f.enters(v.Type().Elem()) {
			v.Set(reflect.New(v.Type().Elem()))
			f.fill(v.Elem())
		}
	case reflect.Struct:
		f.members(v)
	case reflect.Slice:
		switch {
		case v.Type().Elem().Kind() == reflect.Uint8:
			v.SetBytes([]byte{0xfb, 0xff, byte(f.n)})
		case v.Type().Elem().Kind() != reflect.Interface && f.enters(v.Type().Elem()):
			v.Set(reflect.MakeSlice(v.Type(), 2, 2))
			f.fill(v.Index(0))
			f.fill(v.Index(1))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		f.fill(key)
		f.fill(value)
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString(fmt.Sprintf("<é & %d>", f.n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64:
		v.SetInt(int64(f.n))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(f.n) + 0.5)
	}
}

func (f *filler) enters(kind reflect.Type) bool {
	times := 0
	for _, outer := range f.within {
		if outer == kind {
			times++
		}
	}
	return times < 2
}

func (f *filler) members(v reflect.Value) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(noon.Add(time.Duration(f.n) * time.Second)))
		return
	}
	f.within = append(f.within, v.Type())
	for i := range v.NumField() {
		if field := v.Type().Field(i); field.IsExported() && !field.Anonymous && field.Name != "ResultMetadata" {
			f.fill(v.Field(i))
		}
	}
	f.within = f.within[:len(f.within)-1]
}

// answered writes what AWS would answer: a body, and what of it stands in headers.
func answered(t *testing.T, p wire.Protocol, operation string, out reflect.Value, header http.Header) []byte {
	t.Helper()
	switch p := p.(type) {
	case wire.JSON:
		return inJSON(t, out, p.Small, p.Except, false)
	case wire.REST:
		route := p.Routes[operation]
		for _, name := range route.Answers {
			header.Set("X-Amz-"+strings.Join(regexp.MustCompile("[A-Z][a-z]+").FindAllString(name, -1), "-"), out.FieldByName(name).Elem().String())
		}
		if status := out.FieldByName("StatusCode"); status.IsValid() && status.Kind() == reflect.Int32 {
			status.SetInt(http.StatusOK)
		}
		if route.Payload {
			return out.FieldByName("Payload").Bytes()
		}
		return inJSON(t, out, p.Small, nil, p.Small)
	case wire.EC2:
		var b strings.Builder
		elements(&b, "", out, func(string) string { return ofSet })
		text := regexp.MustCompile(`<(/?)([A-Z])`).ReplaceAllStringFunc(b.String(), strings.ToLower)
		return []byte("<" + operation + "Response><requestId>r-1</requestId>" + text + "</" + operation + "Response>")
	case wire.XML:
		var b strings.Builder
		elements(&b, "", out, func(list string) string { return strings.TrimSuffix(list, "s") })
		return []byte("<" + operation + "Response>" + b.String() + "</" + operation + "Response>")
	default:
		var b strings.Builder
		elements(&b, "", out, func(string) string { return "member" })
		return []byte("<" + operation + "Response><" + operation + "Result>" + b.String() + "</" + operation + "Result><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></" + operation + "Response>")
	}
}

// inJSON writes a shape; its times as RFC 3339 writes them, or in seconds since 1970.
func inJSON(t *testing.T, out reflect.Value, small bool, except []string, written bool) []byte {
	t.Helper()
	body, err := json.Marshal(object(out, written, func(shape reflect.Type, member string) string {
		if small != slices.Contains(except, shape.Name()) {
			return string(unicode.ToLower(rune(member[0]))) + member[1:]
		}
		return member
	}))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func object(v reflect.Value, written bool, name func(reflect.Type, string) string) any {
	switch v.Kind() {
	case reflect.Pointer:
		return object(v.Elem(), written, name)
	case reflect.Struct:
		if at, ok := v.Interface().(time.Time); ok {
			if written {
				return at
			}
			return float64(at.UnixMilli()) / 1e3
		}
		members := map[string]any{}
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() && field.Name != "ResultMetadata" && !v.Field(i).IsZero() {
				members[name(v.Type(), field.Name)] = object(v.Field(i), written, name)
			}
		}
		return members
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return v.Interface()
		}
		var list []any
		for i := range v.Len() {
			list = append(list, object(v.Index(i), written, name))
		}
		return list
	case reflect.Map:
		members := map[string]any{}
		for keys := v.MapRange(); keys.Next(); {
			members[keys.Key().String()] = object(keys.Value(), written, name)
		}
		return members
	default:
		return v.Interface()
	}
}

// ofSet is what EC2 calls the elements of its lists, which it calls attachmentSet where Go has Attachments.
const ofSet = "item"

// setOf is the name of a list of EC2.
func setOf(list string) string {
	switch {
	case list == "VpcAttachments":
		return "Attachments"
	case strings.HasSuffix(list, "Set"):
		return list
	case strings.HasSuffix(list, "ies"):
		return strings.TrimSuffix(list, "ies") + "ySet"
	case strings.HasSuffix(list, "sses"), strings.HasSuffix(list, "xes"):
		return strings.TrimSuffix(list, "es") + "Set"
	default:
		return strings.TrimSuffix(list, "s") + "Set"
	}
}

// elements writes a member by its name; the elements of a list have the name that item makes of the list's.
func elements(b *strings.Builder, name string, v reflect.Value, item func(list string) string) {
	switch v.Kind() {
	case reflect.Pointer:
		elements(b, name, v.Elem(), item)
	case reflect.Struct:
		if at, ok := v.Interface().(time.Time); ok {
			b.WriteString(at.Format(time.RFC3339Nano))
			return
		}
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if field.IsExported() && field.Name != "ResultMetadata" && !v.Field(i).IsZero() {
				called := field.Name
				if field.Type.Kind() == reflect.Slice && item(called) == ofSet {
					called = setOf(called)
				}
				b.WriteString("<" + called + ">")
				elements(b, called, v.Field(i), item)
				b.WriteString("</" + called + ">")
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			b.WriteString("<" + item(name) + ">")
			elements(b, "", v.Index(i), item)
			b.WriteString("</" + item(name) + ">")
		}
	case reflect.Map:
		for keys := v.MapRange(); keys.Next(); {
			b.WriteString("<entry><key>" + escaped(keys.Key().String()) + "</key><value>")
			elements(b, "", keys.Value(), item)
			b.WriteString("</value></entry>")
		}
	default:
		b.WriteString(escaped(fmt.Sprint(v.Interface())))
	}
}

func escaped(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}
