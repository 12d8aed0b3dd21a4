package sdk_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"deckhand/aws"
	"deckhand/aws/sdk"
)

// exchange is an AWS-compatible endpoint for services that speak JSON, or forms: it keeps what it was sent, and answers by what was asked.
type exchange struct {
	mu      sync.Mutex
	sent    map[string][]string // bodies, by "POST /path" or by X-Amz-Target or Action
	answers map[string]http.HandlerFunc
}

func (e *exchange) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	key := r.Method + " " + r.URL.EscapedPath()
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		key = target[strings.Index(target, ".")+1:]
	} else if form, err := url.ParseQuery(string(body)); err == nil && form.Has("Action") {
		key = form.Get("Action")
	}
	if kind := r.Header.Get("X-Amz-Invocation-Type"); kind != "" {
		key += " " + kind
	}
	e.mu.Lock()
	e.sent[key] = append(e.sent[key], string(body))
	answer := e.answers[key]
	e.mu.Unlock()
	if answer == nil {
		http.Error(w, `{"message":"no such call: `+key+`"}`, http.StatusNotFound)
		return
	}
	answer(w, r)
}

// bodies answers what was sent to a call.
func (e *exchange) bodies(key string) []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.sent[key]
}

// wants compares members of the one JSON body that a call was sent with.
func (e *exchange) wants(t *testing.T, key string, members map[string]string) {
	t.Helper()
	bodies := e.bodies(key)
	if len(bodies) != 1 {
		t.Errorf("%s was asked %d times", key, len(bodies))
		return
	}
	var body map[string]json.RawMessage
	must(t, json.Unmarshal([]byte(bodies[0]), &body))
	for name, want := range members {
		if got := string(body[name]); got != want {
			t.Errorf("%s: %s is %s, want %s", key, name, got, want)
		}
	}
}

func answering(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, body)
	}
}

func refusing(status int, code, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amzn-Errortype", code)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"__type":%q,"message":%q,"Message":%q}`, code, message, message)
	}
}

func exchanging(t *testing.T, answers map[string]http.HandlerFunc) (*exchange, *sdk.Cloud) {
	t.Helper()
	e := &exchange{sent: map[string][]string{}, answers: answers}
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	return e, cloudAt(t, server.URL)
}

func TestAFunctionOnTheWire(t *testing.T) {
	t.Parallel()
	e, c := exchanging(t, map[string]http.HandlerFunc{
		"POST /2015-03-31/functions":                      answering(http.StatusCreated, `{"FunctionName":"counter","FunctionArn":"arn:aws:lambda:us-east-1:123456789012:function:counter","State":"Pending"}`),
		"PUT /2015-03-31/functions/counter/configuration": answering(http.StatusOK, `{"FunctionName":"counter"}`),
		"POST /2015-03-31/functions/counter/policy":       answering(http.StatusCreated, `{"Statement":"{}"}`),
	})
	ctx := t.Context()
	f, err := c.CreateFunction(ctx, here, aws.NewFunction{
		Name: "counter", Code: aws.FunctionCode{Zip: []byte("zip")}, Architectures: []string{"arm64"}, Tags: map[string]string{"env": "dev"},
		FunctionSettings: aws.FunctionSettings{
			Role: "arn:aws:iam::123456789012:role/r", Runtime: "python3.13", Handler: "index.lambda_handler", Timeout: 10, MemoryMB: 256, Environment: map[string]string{"A1": "x"},
			Layers: []string{"arn:l:1"}, Subnets: []string{"subnet-1"}, Groups: []string{"sg-1"}, Tracing: "Active", StorageMB: 1024,
		},
	})
	must(t, err)
	if f.Name != "counter" || f.State != "Pending" {
		t.Errorf("answered %+v", f)
	}
	e.wants(t, "POST /2015-03-31/functions", map[string]string{
		"FunctionName": `"counter"`, "Role": `"arn:aws:iam::123456789012:role/r"`, "Runtime": `"python3.13"`, "Handler": `"index.lambda_handler"`, "Timeout": "10", "MemorySize": "256",
		"Code": `{"ZipFile":"emlw"}`, "Architectures": `["arm64"]`, "Environment": `{"Variables":{"A1":"x"}}`, "Tags": `{"env":"dev"}`, "PackageType": `"Zip"`, "Publish": "",
		"Layers": `["arn:l:1"]`, "VpcConfig": `{"SecurityGroupIds":["sg-1"],"SubnetIds":["subnet-1"]}`, "TracingConfig": `{"Mode":"Active"}`, "EphemeralStorage": `{"Size":1024}`,
	})
	must(t, c.UpdateFunctionSettings(ctx, here, "counter", aws.FunctionSettings{Timeout: 20}))
	e.wants(t, "PUT /2015-03-31/functions/counter/configuration", map[string]string{"Timeout": "20", "MemorySize": "", "Environment": "", "Role": ""})
	must(t, c.GrantInvoke(ctx, here, "counter", aws.Grant{ID: "s1", Principal: "events.amazonaws.com", SourceARN: "arn:aws:events:us-east-1:123456789012:rule/x"}, ""))
	e.wants(t, "POST /2015-03-31/functions/counter/policy", map[string]string{
		"Action": `"lambda:InvokeFunction"`, "Principal": `"events.amazonaws.com"`, "SourceArn": `"arn:aws:events:us-east-1:123456789012:rule/x"`, "StatementId": `"s1"`, "SourceAccount": "",
	})
}

func TestAnInvocationOnTheWire(t *testing.T) {
	t.Parallel()
	const path = "POST /2015-03-31/functions/counter/invocations"
	e, c := exchanging(t, map[string]http.HandlerFunc{
		path + " RequestResponse": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Amz-Function-Error", "Unhandled")
			w.Header().Set("X-Amz-Log-Result", "bG9nIGxpbmU=")
			w.Header().Set("X-Amz-Executed-Version", "7")
			_, _ = fmt.Fprint(w, `{"errorMessage":"boom"}`)
		},
		path + " Event":  answering(http.StatusAccepted, ""),
		path + " DryRun": answering(http.StatusNoContent, ""),
	})
	ctx := t.Context()
	answer, err := c.InvokeFunction(ctx, here, aws.FunctionCall{Function: "counter", Payload: []byte(`{"a":1}`), Patience: time.Minute})
	must(t, err)
	if answer.Failure != "Unhandled" || answer.Log != "log line" || answer.Version != "7" || string(answer.Payload) != `{"errorMessage":"boom"}` {
		t.Errorf("answered %+v", answer)
	}
	e.wants(t, path+" RequestResponse", map[string]string{"a": "1"})
	_, err = c.InvokeFunction(ctx, here, aws.FunctionCall{Function: "counter", Async: true})
	must(t, err)
	_, err = c.InvokeFunction(ctx, here, aws.FunctionCall{Function: "counter", Rehearse: true})
	must(t, err)
}

// A change whose answer was lost may be what makes Lambda refuse the same change sent again.
func TestAFunctionThatIsBeingChangedIsWaitedFor(t *testing.T) {
	t.Parallel()
	const path = "PUT /2015-03-31/functions/counter/code"
	var tries atomic.Int32
	e, c := exchanging(t, map[string]http.HandlerFunc{path: func(w http.ResponseWriter, r *http.Request) {
		switch tries.Add(1) {
		case 1:
			hangUp(w, r)
		case 2, 3:
			refusing(http.StatusConflict, "ResourceConflictException", "The operation cannot be performed at this time. An update is in progress for resource: arn:aws:lambda:us-east-1:123456789012:function:counter")(w, r)
		default:
			answering(http.StatusOK, `{"FunctionName":"counter"}`)(w, r)
		}
	}})
	must(t, c.UpdateFunctionCode(t.Context(), here, "counter", aws.FunctionCode{Zip: []byte("zip")}, nil))
	if n := len(e.bodies(path)); n != 4 {
		t.Errorf("sent %d times", n)
	}
}

func TestAMappingThatIsSwitchedOffIsToldAtOnce(t *testing.T) {
	t.Parallel()
	_, c := exchanging(t, map[string]http.HandlerFunc{"GET /2015-03-31/event-source-mappings": answering(http.StatusOK, `{"EventSourceMappings":[{"UUID":"m1","EventSourceArn":"q","State":"Disabled"}]}`)})
	wantError(t, c.WaitForQueue(t.Context(), here, "counter", "q", true), "failed", "switched off")
}

func TestAMappingThatIsInUseIsRemovedAfterwards(t *testing.T) {
	t.Parallel()
	const path = "DELETE /2015-03-31/event-source-mappings/m1"
	var tries atomic.Int32
	e, c := exchanging(t, map[string]http.HandlerFunc{path: func(w http.ResponseWriter, r *http.Request) {
		if tries.Add(1) == 1 {
			refusing(http.StatusBadRequest, "ResourceInUseException", "it is being made")(w, r)
			return
		}
		answering(http.StatusAccepted, `{"UUID":"m1","State":"Deleting"}`)(w, r)
	}})
	must(t, c.StopReadingQueue(t.Context(), here, "m1"))
	if n := len(e.bodies(path)); n != 2 {
		t.Errorf("sent %d times", n)
	}
}

// The shared client gives up on an answer that does not begin within half a minute, and functions run for up to 15.
func TestAnInvocationThatMayTakeLongHasAConnectionOfItsOwn(t *testing.T) {
	t.Parallel()
	var alone atomic.Bool
	_, c := exchanging(t, map[string]http.HandlerFunc{"POST /2015-03-31/functions/counter/invocations RequestResponse": func(w http.ResponseWriter, r *http.Request) {
		alone.Store(r.Close)
		_, _ = fmt.Fprint(w, "1")
	}})
	for patience, want := range map[time.Duration]bool{3 * time.Second: false, 26 * time.Second: true, 15 * time.Minute: true} {
		_, err := c.InvokeFunction(t.Context(), here, aws.FunctionCall{Function: "counter", Patience: patience})
		must(t, err)
		if alone.Load() != want {
			t.Errorf("with %s the call goes alone: %t", patience, alone.Load())
		}
	}
}

func TestAnInvocationIsSentOnceWhateverBreaks(t *testing.T) {
	t.Parallel()
	const path = "POST /2015-03-31/functions/counter/invocations RequestResponse"
	for why, answer := range map[string]http.HandlerFunc{
		"the connection breaks": hangUp,
		"AWS fails":             refusing(http.StatusInternalServerError, "ServiceException", "internal"),
	} {
		e, c := exchanging(t, map[string]http.HandlerFunc{path: answer})
		_, err := c.InvokeFunction(t.Context(), here, aws.FunctionCall{Function: "counter"})
		wantError(t, err, "uncertain")
		if n := len(e.bodies(path)); n != 1 {
			t.Errorf("%s: sent %d times", why, n)
		}
	}
}

func TestATriggerOnTheWire(t *testing.T) {
	t.Parallel()
	e, c := exchanging(t, map[string]http.HandlerFunc{
		"PutRule":    answering(http.StatusOK, `{"RuleArn":"arn:aws:events:us-east-1:123456789012:rule/x"}`),
		"PutTargets": answering(http.StatusOK, `{"FailedEntryCount":1,"FailedEntries":[{"TargetId":"deckhand","ErrorCode":"ConcurrentModificationException","ErrorMessage":"busy"}]}`),
	})
	arn, err := c.PutEventRule(t.Context(), here, aws.EventRule{Name: "x", Schedule: "rate(5 minutes)", Tags: map[string]string{"env": "dev"}})
	must(t, err)
	if !strings.HasSuffix(arn, "rule/x") {
		t.Errorf("answered %s", arn)
	}
	e.wants(t, "PutRule", map[string]string{
		"Name": `"x"`, "ScheduleExpression": `"rate(5 minutes)"`, "EventPattern": "", "State": `"ENABLED"`, "Tags": `[{"Key":"env","Value":"dev"}]`,
	})
	err = c.TargetFunction(t.Context(), here, "x", "deckhand", "arn:aws:lambda:us-east-1:123456789012:function:f")
	wantError(t, err, "failed", "busy") // refused inside an answer that says 200
	e.wants(t, "PutTargets", map[string]string{"Rule": `"x"`, "Targets": `[{"Arn":"arn:aws:lambda:us-east-1:123456789012:function:f","Id":"deckhand"}]`})
}

func TestAnAPIOnTheWire(t *testing.T) {
	t.Parallel()
	e, c := exchanging(t, map[string]http.HandlerFunc{
		"POST /v2/apis":                 answering(http.StatusCreated, `{"apiId":"abc","apiEndpoint":"https://abc.execute-api.us-east-1.amazonaws.com","protocolType":"HTTP"}`),
		"POST /v2/apis/abc/authorizers": answering(http.StatusCreated, `{"authorizerId":"au1"}`), "POST /v2/apis/abc/integrations": answering(http.StatusCreated, `{"integrationId":"in1"}`),
		"POST /v2/apis/abc/routes": answering(http.StatusCreated, `{"routeId":"ro1"}`), "POST /v2/apis/abc/stages": answering(http.StatusCreated, `{}`),
	})
	ctx := t.Context()
	a, err := c.CreateAPI(ctx, here, aws.API{Name: "myapi", Description: "d", Tags: map[string]string{"env": "dev"}})
	must(t, err)
	who, err := c.EnsureAPIAuthorizer(ctx, here, a.ID, aws.APIAuthorizer{Name: "jwt", Issuer: "https://i.example.com", Audience: []string{"me"}})
	must(t, err)
	behind, err := c.CreateAPIIntegration(ctx, here, a.ID, aws.APIIntegration{Kind: "AWS_PROXY", Target: "arn:f"})
	must(t, err)
	_, err = c.CreateAPIRoute(ctx, here, a.ID, aws.APIRoute{Key: "GET /", Authorization: "JWT", AuthorizerID: who.ID, IntegrationID: behind.ID})
	must(t, err)
	_, err = c.CreateAPIStage(ctx, here, a.ID, aws.APIStage{Name: "$default", AutoDeploy: true, Rate: 50, Burst: 100, LogGroup: "arn:logs", LogFormat: "{}"})
	must(t, err)
	e.wants(t, "POST /v2/apis", map[string]string{"name": `"myapi"`, "protocolType": `"HTTP"`, "description": `"d"`, "tags": `{"env":"dev"}`, "target": ""})
	e.wants(t, "POST /v2/apis/abc/authorizers", map[string]string{
		"authorizerType": `"JWT"`, "identitySource": `["$request.header.Authorization"]`, "jwtConfiguration": `{"audience":["me"],"issuer":"https://i.example.com"}`,
	})
	e.wants(t, "POST /v2/apis/abc/integrations", map[string]string{"integrationType": `"AWS_PROXY"`, "integrationUri": `"arn:f"`, "payloadFormatVersion": `"2.0"`, "integrationMethod": ""})
	e.wants(t, "POST /v2/apis/abc/routes", map[string]string{"routeKey": `"GET /"`, "authorizationType": `"JWT"`, "authorizerId": `"au1"`, "target": `"integrations/in1"`})
	e.wants(t, "POST /v2/apis/abc/stages", map[string]string{
		"stageName": `"$default"`, "autoDeploy": "true", "defaultRouteSettings": `{"throttlingBurstLimit":100,"throttlingRateLimit":50}`, "accessLogSettings": `{"destinationArn":"arn:logs","format":"{}"}`,
	})
}

func TestAnAPIIsAskedForOnceWhenAWSFails(t *testing.T) {
	t.Parallel()
	e, c := exchanging(t, map[string]http.HandlerFunc{"POST /v2/apis": hangUp})
	_, err := c.CreateAPI(t.Context(), here, aws.API{Name: "myapi"})
	wantError(t, err, "uncertain")
	if n := len(e.bodies("POST /v2/apis")); n != 1 {
		t.Errorf("sent %d times", n)
	}
}

func TestARoleOnTheWire(t *testing.T) {
	t.Parallel()
	e, c := exchanging(t, map[string]http.HandlerFunc{
		"CreateRole": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = fmt.Fprint(w, `<CreateRoleResponse><CreateRoleResult><Role><RoleName>r</RoleName><Arn>arn:aws:iam::123456789012:role/r</Arn></Role></CreateRoleResult></CreateRoleResponse>`)
		},
		"PutRolePolicy": func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, `<PutRolePolicyResponse/>`) },
	})
	role, err := c.EnsureRole(t.Context(), here, aws.NewRole{Name: "r", Trust: "{t}", Policy: "{p}", PolicyName: "deckhand", Tags: map[string]string{"k": "v"}})
	must(t, err)
	if role.ARN != "arn:aws:iam::123456789012:role/r" {
		t.Errorf("answered %+v", role)
	}
	for call, fields := range map[string]map[string]string{
		"CreateRole":    {"RoleName": "r", "AssumeRolePolicyDocument": "{t}", "Tags.member.1.Key": "k", "Tags.member.1.Value": "v"},
		"PutRolePolicy": {"RoleName": "r", "PolicyName": "deckhand", "PolicyDocument": "{p}"},
	} {
		form, err := url.ParseQuery(strings.Join(e.bodies(call), "&"))
		must(t, err)
		wantFields(t, form, fields)
	}
}

// Two mappings between a queue and a function would read twice, and not every service that is compatible with AWS's refuses the second.
func TestAMappingWhoseAnswerIsLostIsMadeOnce(t *testing.T) {
	t.Parallel()
	const list, create = "GET /2015-03-31/event-source-mappings", "POST /2015-03-31/event-source-mappings"
	var stands atomic.Bool
	e, c := exchanging(t, map[string]http.HandlerFunc{
		list: func(w http.ResponseWriter, r *http.Request) {
			mappings := `{"UUID":"old","EventSourceArn":"q","State":"Deleting"}`
			if stands.Load() {
				mappings += `,{"UUID":"new","EventSourceArn":"q","State":"Creating"}`
			}
			answering(http.StatusOK, `{"EventSourceMappings":[`+mappings+`]}`)(w, r)
		},
		create: func(http.ResponseWriter, *http.Request) {
			stands.Store(true)
			panic(http.ErrAbortHandler)
		},
	})
	for range 2 {
		made, err := c.ReadQueue(t.Context(), here, "counter", "q")
		must(t, err)
		if made.ID != "new" {
			t.Errorf("the answer is %+v", made)
		}
	}
	if n := len(e.bodies(create)); n != 1 {
		t.Errorf("a mapping was asked for %d times", n)
	}
}

func TestAnAliasWhoseAnswerIsLostIsMade(t *testing.T) {
	t.Parallel()
	const update, create, list = "PUT /2015-03-31/functions/counter/aliases/live", "POST /2015-03-31/functions/counter/aliases", "GET /2015-03-31/functions/counter/aliases"
	for version, missing := range map[string]bool{"1": false, "9": true} {
		var tries atomic.Int32
		_, c := exchanging(t, map[string]http.HandlerFunc{
			update: refusing(http.StatusNotFound, "ResourceNotFoundException", "Cannot find it"),
			create: func(w http.ResponseWriter, r *http.Request) {
				if tries.Add(1) == 1 {
					panic(http.ErrAbortHandler)
				}
				refusing(http.StatusConflict, "ResourceConflictException", "Alias already exists")(w, r)
			},
			list: answering(http.StatusOK, `{"Aliases":[{"Name":"live","FunctionVersion":"1"}]}`),
		})
		err := c.PointAlias(t.Context(), here, "counter", aws.FunctionAlias{Name: "live", Version: version})
		if missing {
			wantError(t, err, "not_found", "Cannot find it")
		} else {
			must(t, err)
		}
	}
}

func TestARoleThatIsNewIsWaitedForInAnUpdate(t *testing.T) {
	t.Parallel()
	const path = "PUT /2015-03-31/functions/counter/configuration"
	var tries atomic.Int32
	e, c := exchanging(t, map[string]http.HandlerFunc{path: func(w http.ResponseWriter, r *http.Request) {
		if tries.Add(1) == 1 {
			refusing(http.StatusBadRequest, "InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda.")(w, r)
			return
		}
		answering(http.StatusOK, `{"FunctionName":"counter"}`)(w, r)
	}})
	must(t, c.UpdateFunctionSettings(t.Context(), here, "counter", aws.FunctionSettings{Granted: true, Role: "arn:aws:iam::123456789012:role/fresh"}))
	if n := len(e.bodies(path)); n != 2 {
		t.Errorf("sent %d times", n)
	}
	tries.Store(0) // an old role is refused for good
	err := c.UpdateFunctionSettings(t.Context(), here, "counter", aws.FunctionSettings{Role: "arn:aws:iam::123456789012:role/old"})
	wantError(t, err, "usage", "cannot be assumed by Lambda")
	if n := len(e.bodies(path)); n != 3 {
		t.Errorf("sent %d times", n)
	}
}

// What is removed moves the pages of what is listed, so all of it is listed first.
func TestARoleOfManyPoliciesIsDeletedWhole(t *testing.T) {
	t.Parallel()
	inside := []string{"a", "b", "c"}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		switch action := r.Form.Get("Action"); action {
		case "ListRolePolicies":
			from, _ := strconv.Atoi(r.Form.Get("Marker"))
			page, more := inside[min(from, len(inside)):min(from+2, len(inside))], ""
			if from+2 < len(inside) {
				more = fmt.Sprintf("<IsTruncated>true</IsTruncated><Marker>%d</Marker>", from+2)
			}
			fmt.Fprintf(w, "<R><ListRolePoliciesResult><PolicyNames><member>%s</member></PolicyNames>%s</ListRolePoliciesResult></R>", strings.Join(page, "</member><member>"), more)
		case "DeleteRolePolicy":
			inside = slices.DeleteFunc(slices.Clone(inside), func(name string) bool { return name == r.Form.Get("PolicyName") })
			fmt.Fprint(w, "<R/>")
		case "DeleteRole":
			if len(inside) > 0 {
				w.WriteHeader(http.StatusConflict)
				fmt.Fprint(w, "<ErrorResponse><Error><Code>DeleteConflict</Code><Message>Cannot delete entity, must delete policies first.</Message></Error></ErrorResponse>")
				return
			}
			fmt.Fprint(w, "<R/>")
		default:
			fmt.Fprintf(w, "<R><%sResult></%sResult></R>", action, action)
		}
	}))
	t.Cleanup(server.Close)
	must(t, cloudAt(t, server.URL).DeleteRole(t.Context(), here, "counter-role"))
	if len(inside) > 0 {
		t.Errorf("%q are left", inside)
	}
}

// AWS may show a log group some seconds after it was made.
func TestALogGroupThatShowsLateIsWaitedFor(t *testing.T) {
	t.Parallel()
	var looks, kept atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		switch _, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "."); operation {
		case "DescribeLogGroups":
			if looks.Add(1) < 3 {
				fmt.Fprint(w, `{"logGroups":[]}`)
				return
			}
			fmt.Fprint(w, `{"logGroups":[{"logGroupName":"/aws/apigateway/a1","arn":"arn:aws:logs:us-east-1:123456789012:log-group:/aws/apigateway/a1:*"}]}`)
		case "PutRetentionPolicy":
			kept.Add(1)
			fallthrough
		default:
			fmt.Fprint(w, "{}")
		}
	}))
	t.Cleanup(server.Close)
	arn, err := cloudAt(t, server.URL).EnsureLogGroup(t.Context(), here, "/aws/apigateway/a1", 30, nil)
	must(t, err)
	if arn != "arn:aws:logs:us-east-1:123456789012:log-group:/aws/apigateway/a1" || looks.Load() != 3 || kept.Load() != 1 {
		t.Errorf("%s after %d looks, kept %d times", arn, looks.Load(), kept.Load())
	}
}
