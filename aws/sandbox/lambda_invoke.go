package sandbox

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// exampleMark begins one of the two programs that the sandbox plays; see probeMark. It runs no other code.
const exampleMark = `"""deckhand example: counter`

// notPlayed is the answer of every other function.
const notPlayed = `{"sandbox": "This is a pretend AWS: it plays deckhand's counting example and its probes, and runs no other code, so nothing ran."}`

// played is what came of playing a function.
type played struct {
	payload []byte
	failure string // "Unhandled"
	lines   []string
	id      string
}

func invoke(r *region, in *lambda.InvokeInput) (*lambda.InvokeOutput, error) {
	f, err := r.functionNamed(*in.FunctionName)
	if err != nil {
		return nil, err
	}
	c, err := r.qualified(f, awssdk.ToString(in.Qualifier))
	if err != nil {
		return nil, err
	}
	if len(in.Payload) > 0 && !json.Valid(in.Payload) {
		return nil, refuse("InvalidRequestContentException", "Could not parse request body into json: Could not parse payload into json")
	}
	if f.State == types.StatePending {
		return nil, refuse("ResourceConflictException", "The operation cannot be performed at this time. The function is currently in the following state: Pending")
	}
	if in.InvocationType == types.InvocationTypeDryRun {
		return &lambda.InvokeOutput{StatusCode: 204}, nil
	}
	c = f.routed(awssdk.ToString(in.Qualifier), c)
	p := r.play(f, c, r.now())
	f.count(functionCall{at: r.now(), resource: joined(*f.FunctionName, awssdk.ToString(in.Qualifier)), version: *c.Version, failed: p.failure != ""})
	if in.InvocationType == types.InvocationTypeEvent {
		return &lambda.InvokeOutput{StatusCode: 202}, nil
	}
	out := &lambda.InvokeOutput{StatusCode: 200, Payload: p.payload, ExecutedVersion: c.Version}
	if p.failure != "" {
		out.FunctionError = &p.failure
	}
	if in.LogType == types.LogTypeTail {
		out.LogResult = awssdk.String(base64.StdEncoding.EncodeToString([]byte(strings.Join(p.lines, "\n") + "\n")))
	}
	return out, nil
}

// play does what the function would do, and writes its log.
func (r *region) play(f *function, c types.FunctionConfiguration, at time.Time) played {
	r.world.issued++
	id := strings.TrimPrefix(derivedID("call", strconv.Itoa(r.world.issued)), "call-") + "000000000000000"
	p := played{id: id[:8] + "-" + id[8:12] + "-4" + id[12:15] + "-b" + id[14:17] + "-" + fmt.Sprintf("%012d", r.world.issued)}
	p.lines = append(p.lines, "START RequestId: "+p.id+" Version: "+*c.Version)
	if bytes.Contains(unzipped(f.code)["index.py"], []byte(exampleMark)) {
		r.playCounter(c, &p)
	} else {
		p.payload = []byte(notPlayed)
	}
	p.lines = append(p.lines, "END RequestId: "+p.id, fmt.Sprintf(
		"REPORT RequestId: %s\tDuration: 3.14 ms\tBilled Duration: 4 ms\tMemory Size: %d MB\tMax Memory Used: 40 MB", p.id, *c.MemorySize))
	for _, line := range p.lines {
		r.log(*c.LoggingConfig.LogGroup, logEvent{at: at, text: line + "\n"})
	}
	return p
}

// playCounter adds one to the count in the table that the function's environment names, as the role allows.
func (r *region) playCounter(c types.FunctionConfiguration, p *played) {
	name := ""
	if c.Environment != nil {
		name = c.Environment.Variables["COUNT_TABLE"]
	}
	t := r.tableNamed(name)
	switch {
	case name == "":
		p.fail("KeyError", "'COUNT_TABLE'")
		return
	case !r.mayCount(*c.Role):
		p.fail("ClientError", "An error occurred (AccessDeniedException) when calling the UpdateItem operation: User: "+*c.Role+
			" is not authorized to perform: dynamodb:UpdateItem on resource: arn:aws:dynamodb:"+r.name+":"+r.account+":table/"+name)
		return
	case t == nil:
		p.fail("ResourceNotFoundException", "An error occurred (ResourceNotFoundException) when calling the UpdateItem operation: Requested resource not found")
		return
	}
	t.count++
	p.lines = append(p.lines, "Count updated!")
	p.payload = fmt.Appendf(nil, `{"statusCode": 200, "body": "%d"}`, t.count)
}

func (p *played) fail(kind, message string) {
	p.failure = "Unhandled"
	p.payload, _ = json.Marshal(map[string]any{"errorMessage": message, "errorType": kind, "requestId": p.id, "stackTrace": []string{}})
	p.lines = append(p.lines, "[ERROR] "+kind+": "+message)
}

// grant is one statement of a function's resource policy.
type grant struct {
	Sid       string
	Effect    string
	Principal map[string]string
	Action    string
	Resource  string
	Condition map[string]map[string]string `json:",omitempty"`
}

func addPermission(r *region, in *lambda.AddPermissionInput) (*lambda.AddPermissionOutput, error) {
	f, err := r.functionNamed(*in.FunctionName)
	if err != nil {
		return nil, err
	}
	for _, g := range f.grants {
		if g.Sid == *in.StatementId {
			return nil, refuse("ResourceConflictException", "The statement id ("+g.Sid+") provided already exists. Please provide a new statement id, or remove the existing statement.")
		}
	}
	g := grant{Sid: *in.StatementId, Effect: "Allow", Principal: map[string]string{"Service": *in.Principal}, Action: *in.Action, Resource: *f.FunctionArn}
	if in.SourceArn != nil {
		g.Condition = map[string]map[string]string{"ArnLike": {"AWS:SourceArn": *in.SourceArn}}
	}
	if in.SourceAccount != nil {
		if g.Condition == nil {
			g.Condition = map[string]map[string]string{}
		}
		g.Condition["StringEquals"] = map[string]string{"AWS:SourceAccount": *in.SourceAccount}
	}
	f.grants = append(f.grants, g)
	statement, err := json.Marshal(g)
	return &lambda.AddPermissionOutput{Statement: awssdk.String(string(statement))}, err
}

func removePermission(r *region, in *lambda.RemovePermissionInput) (*lambda.RemovePermissionOutput, error) {
	f, err := r.functionNamed(*in.FunctionName)
	if err != nil {
		return nil, err
	}
	for i, g := range f.grants {
		if g.Sid == *in.StatementId {
			f.grants = append(append([]grant{}, f.grants[:i]...), f.grants[i+1:]...)
			return &lambda.RemovePermissionOutput{}, nil
		}
	}
	return nil, refuse("ResourceNotFoundException", "Statement "+*in.StatementId+" is not found in resource policy.")
}

func getPolicy(r *region, in *lambda.GetPolicyInput) (*lambda.GetPolicyOutput, error) {
	f, err := r.functionNamed(*in.FunctionName)
	if err != nil {
		return nil, err
	}
	if len(f.grants) == 0 {
		return nil, refuse("ResourceNotFoundException", "The resource you requested does not exist.")
	}
	policy, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Id": "default", "Statement": f.grants})
	return &lambda.GetPolicyOutput{Policy: awssdk.String(string(policy)), RevisionId: f.RevisionId}, err
}

// lets tells whether a service may invoke the function for a source.
func (f *function) lets(principal, source string) bool {
	for _, g := range f.grants {
		if g.Principal["Service"] != principal {
			continue
		}
		if arn := g.Condition["ArnLike"]["AWS:SourceArn"]; arn == "" || matchesARN(arn, source) {
			return true
		}
	}
	return false
}
