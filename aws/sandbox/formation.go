package sandbox

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

func addFormation(table map[string]operation) {
	const service = "CloudFormation."
	table[service+"CreateStack"] = on(createStack)
	table[service+"UpdateStack"] = on(updateStack)
	table[service+"ContinueUpdateRollback"] = on(continueUpdateRollback)
	table[service+"DeleteStack"] = on(deleteStack)
	table[service+"DescribeStacks"] = on(describeStacks)
	table[service+"DescribeStackEvents"] = on(describeStackEvents)
	table[service+"DescribeStackResources"] = on(describeStackResources)
	table[service+"GetTemplate"] = on(getTemplate)
	table[service+"SignalResource"] = on(signalResource)
}

// stack is a stack of CloudFormation. Its operations go on when somebody asks the world something.
type stack struct {
	region     *region
	id, name   string
	body       string
	template   formation
	parameters map[string]string // defaults filled in
	tags       []types.Tag
	role       *string
	made       time.Time
	changed    *time.Time
	ended      *time.Time
	status     string
	reason     string
	token      *string // of the operation under way, or the last one
	parts      map[string]*part
	events     []types.StackEvent // oldest first
	before     *settings          // what an update rolls back to
}

// settings are what an update changes.
type settings struct {
	parameters map[string]string
	tags       []types.Tag
}

func (s *stack) event(name, kind, physical, status, reason string) {
	now := s.region.now()
	e := types.StackEvent{
		EventId: awssdk.String(s.region.world.id("event")), StackId: &s.id, StackName: &s.name, Timestamp: &now, ClientRequestToken: s.token,
		LogicalResourceId: &name, ResourceType: &kind, ResourceStatus: types.ResourceStatus(status), PhysicalResourceId: &physical,
	}
	if reason != "" {
		e.ResourceStatusReason = &reason
	}
	s.events = append(s.events, e)
}

// enter gives the stack another status, and tells it as an event.
func (s *stack) enter(status, reason string) {
	s.status, s.reason = status, reason
	s.event(s.name, "AWS::CloudFormation::Stack", s.id, status, reason)
}

func (s *stack) moving() bool { return strings.HasSuffix(s.status, "_IN_PROGRESS") }

var (
	stackName  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,127}$`)
	stackToken = regexp.MustCompile(`^[A-Za-z0-9-]{1,128}$`)
)

// stackNamed answers a stack by name, or by id also where it is deleted.
func (r *region) stackNamed(name *string) (*stack, error) {
	for _, s := range slices.Backward(r.stacks) {
		if s.id == *name || s.name == *name && s.status != "DELETE_COMPLETE" {
			return s, nil
		}
	}
	return nil, refuse("ValidationError", "Stack with id "+*name+" does not exist")
}

func createStack(r *region, in *cloudformation.CreateStackInput) (*cloudformation.CreateStackOutput, error) {
	token := awssdk.ToString(in.ClientRequestToken)
	switch {
	case !stackName.MatchString(*in.StackName):
		return nil, refuse("ValidationError", "1 validation error detected: Value '"+*in.StackName+"' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*")
	case token != "" && !stackToken.MatchString(token):
		return nil, refuse("ValidationError", "1 validation error detected: Value '"+token+"' at 'clientRequestToken' failed to satisfy constraint")
	case in.TemplateBody == nil:
		return nil, refuse("ValidationError", "Either Template URL or Template Body must be specified.")
	}
	if there, err := r.stackNamed(in.StackName); err == nil {
		if token != "" && awssdk.ToString(there.token) == token {
			return &cloudformation.CreateStackOutput{StackId: &there.id}, nil
		}
		return nil, refuse("AlreadyExistsException", "Stack ["+*in.StackName+"] already exists")
	}
	template, err := readFormation(*in.TemplateBody)
	if err != nil {
		return nil, err
	}
	parameters, err := template.fill(in.Parameters, nil)
	if err != nil {
		return nil, err
	}
	s := &stack{
		region: r, name: *in.StackName, body: *in.TemplateBody, template: template, parameters: parameters, tags: in.Tags, role: in.RoleARN,
		made: r.now(), token: in.ClientRequestToken, parts: map[string]*part{},
	}
	uuid := digits(r.world.id("stack"), 32)
	s.id = fmt.Sprintf("arn:aws:cloudformation:%s:%s:stack/%s/%s-%s-%s-%s-%s", r.name, r.account, s.name, uuid[:8], uuid[8:12], uuid[12:16], uuid[16:20], uuid[20:])
	for name, one := range template.Resources {
		if one.Condition != "" {
			wanted, err := (solver{s}).holds(one.Condition)
			if err != nil {
				return nil, err
			}
			if !wanted {
				continue
			}
		}
		s.parts[name] = &part{stack: s, name: name, kind: one.Type, needs: template.refers(one), resource: one}
	}
	r.stacks = append(r.stacks, s)
	s.enter("CREATE_IN_PROGRESS", "User Initiated")
	return &cloudformation.CreateStackOutput{StackId: &s.id}, nil
}

// fill gives every parameter its value: the given one, the one from before where that is asked for, or the default.
func (f formation) fill(given []types.Parameter, before map[string]string) (map[string]string, error) {
	out := map[string]string{}
	for _, p := range given {
		key := awssdk.ToString(p.ParameterKey)
		if _, ok := f.Parameters[key]; !ok {
			return nil, refuse("ValidationError", "Parameters: ["+key+"] do not exist in the template")
		}
		out[key] = awssdk.ToString(p.ParameterValue)
		if awssdk.ToBool(p.UsePreviousValue) {
			value, ok := before[key]
			if !ok {
				return nil, refuse("ValidationError", "Invalid input for parameter key "+key+". Cannot specify usePreviousValue as true for a parameter key not in the previous template")
			}
			out[key] = value
		}
		if len(out[key]) > 4096 {
			return nil, refuse("ValidationError", "1 validation error detected: Value at 'parameters."+key+"' failed to satisfy constraint: Member must have length less than or equal to 4096")
		}
	}
	var missing []string
	for _, key := range slices.Sorted(maps.Keys(f.Parameters)) {
		if _, ok := out[key]; ok {
			continue
		}
		if f.Parameters[key].Default == nil {
			missing = append(missing, key)
			continue
		}
		out[key] = *f.Parameters[key].Default
	}
	if len(missing) > 0 {
		return nil, refuse("ValidationError", "Parameters: ["+strings.Join(missing, ", ")+"] must have values")
	}
	return out, nil
}

func updateStack(r *region, in *cloudformation.UpdateStackInput) (*cloudformation.UpdateStackOutput, error) {
	s, err := r.stackNamed(in.StackName)
	if err != nil {
		return nil, err
	}
	out := &cloudformation.UpdateStackOutput{StackId: &s.id}
	if token := awssdk.ToString(in.ClientRequestToken); token != "" && token == awssdk.ToString(s.token) {
		return out, nil
	}
	switch s.status {
	case "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE":
	default:
		return nil, refuse("ValidationError", "Stack:"+s.id+" is in "+s.status+" state and can not be updated.")
	}
	if !awssdk.ToBool(in.UsePreviousTemplate) {
		return nil, refuse("ValidationError", "The sandbox updates stacks with their previous template alone.")
	}
	parameters, err := s.template.fill(in.Parameters, s.parameters)
	if err != nil {
		return nil, err
	}
	if maps.Equal(parameters, s.parameters) && (in.Tags == nil || sameTags(in.Tags, s.tags)) {
		return nil, refuse("ValidationError", "No updates are to be performed.")
	}
	now := r.now()
	s.before = &settings{s.parameters, s.tags}
	s.parameters, s.changed, s.token = parameters, &now, in.ClientRequestToken
	if in.Tags != nil {
		s.tags = in.Tags
	}
	if in.RoleARN != nil {
		s.role = in.RoleARN
	}
	for _, p := range s.parts {
		p.done = false
	}
	s.enter("UPDATE_IN_PROGRESS", "User Initiated")
	return out, nil
}

func sameTags(a, b []types.Tag) bool {
	plain := func(tags []types.Tag) map[string]string {
		out := map[string]string{}
		for _, t := range tags {
			out[*t.Key] = awssdk.ToString(t.Value)
		}
		return out
	}
	return maps.Equal(plain(a), plain(b))
}

// deleteStack begins the end of a stack; one that is gone is as good.
func deleteStack(r *region, in *cloudformation.DeleteStackInput) (*cloudformation.DeleteStackOutput, error) {
	s, err := r.stackNamed(in.StackName)
	out := &cloudformation.DeleteStackOutput{}
	if err != nil || s.status == "DELETE_COMPLETE" || s.status == "DELETE_IN_PROGRESS" {
		return out, nil //nolint:nilerr // gone is as good
	}
	if s.status == "UPDATE_IN_PROGRESS" || s.status == "UPDATE_ROLLBACK_IN_PROGRESS" {
		return nil, refuse("ValidationError", "Stack ["+s.name+"] cannot be deleted while in status "+s.status)
	}
	s.token = in.ClientRequestToken
	for _, p := range s.parts {
		p.failed = false
	}
	s.enter("DELETE_IN_PROGRESS", "User Initiated")
	return out, nil
}

// continueUpdateRollback tries again what failed to go back, but for what is skipped.
func continueUpdateRollback(r *region, in *cloudformation.ContinueUpdateRollbackInput) (*cloudformation.ContinueUpdateRollbackOutput, error) {
	s, err := r.stackNamed(in.StackName)
	if err != nil {
		return nil, err
	}
	if s.status != "UPDATE_ROLLBACK_FAILED" {
		return nil, refuse("ValidationError", "Stack:"+s.id+" is in "+s.status+" state and can not continue update rollback.")
	}
	for _, name := range in.ResourcesToSkip {
		if p := s.parts[name]; p == nil || p.status != "UPDATE_FAILED" {
			return nil, refuse("ValidationError", "ResourcesToSkip has a resource that is not in state UPDATE_FAILED: "+name)
		}
	}
	s.token = in.ClientRequestToken
	s.enter("UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated")
	for _, name := range slices.Sorted(maps.Keys(s.parts)) {
		p := s.parts[name]
		if p.done = slices.Contains(in.ResourcesToSkip, name); p.done {
			p.enter("UPDATE_COMPLETE", "Resource was skipped")
		}
	}
	return &cloudformation.ContinueUpdateRollbackOutput{}, nil
}

func describeStacks(r *region, in *cloudformation.DescribeStacksInput) (*cloudformation.DescribeStacksOutput, error) {
	out := &cloudformation.DescribeStacksOutput{}
	if in.StackName != nil {
		s, err := r.stackNamed(in.StackName)
		if err != nil {
			return nil, err
		}
		out.Stacks = []types.Stack{s.facts()}
		return out, nil
	}
	var all []types.Stack
	for _, s := range slices.Backward(r.stacks) {
		if s.status != "DELETE_COMPLETE" {
			all = append(all, s.facts())
		}
	}
	var err error
	out.Stacks, out.NextToken, err = page(all, in.NextToken, awssdk.Int32(50))
	return out, err
}

func (s *stack) facts() types.Stack {
	out := types.Stack{
		StackId: &s.id, StackName: &s.name, StackStatus: types.StackStatus(s.status), CreationTime: &s.made, LastUpdatedTime: s.changed,
		DeletionTime: s.ended, Tags: s.tags, RoleARN: s.role, Description: &s.template.Description,
	}
	if s.reason != "" {
		out.StackStatusReason = awssdk.String(s.reason)
	}
	for _, key := range slices.Sorted(maps.Keys(s.parameters)) {
		out.Parameters = append(out.Parameters, types.Parameter{ParameterKey: awssdk.String(key), ParameterValue: awssdk.String(s.parameters[key])})
	}
	if s.status != "CREATE_COMPLETE" && !strings.HasPrefix(s.status, "UPDATE_") {
		return out
	}
	for _, key := range slices.Sorted(maps.Keys(s.template.Outputs)) {
		value, err := (solver{s}).solve(s.template.Outputs[key].Value)
		if err == nil {
			out.Outputs = append(out.Outputs, types.Output{OutputKey: awssdk.String(key), OutputValue: awssdk.String(fmt.Sprint(value))})
		}
	}
	return out
}

func describeStackEvents(r *region, in *cloudformation.DescribeStackEventsInput) (*cloudformation.DescribeStackEventsOutput, error) {
	s, err := r.stackNamed(in.StackName)
	if err != nil {
		return nil, err
	}
	newest := slices.Clone(s.events)
	slices.Reverse(newest)
	out := &cloudformation.DescribeStackEventsOutput{}
	out.StackEvents, out.NextToken, err = page(newest, in.NextToken, awssdk.Int32(100))
	return out, err
}

func describeStackResources(r *region, in *cloudformation.DescribeStackResourcesInput) (*cloudformation.DescribeStackResourcesOutput, error) {
	s, err := r.stackNamed(in.StackName)
	if err != nil {
		return nil, err
	}
	out := &cloudformation.DescribeStackResourcesOutput{}
	for _, name := range slices.Sorted(maps.Keys(s.parts)) {
		p := s.parts[name]
		if p.status == "" {
			continue
		}
		one := types.StackResource{
			LogicalResourceId: &p.name, ResourceType: &p.kind, ResourceStatus: types.ResourceStatus(p.status), Timestamp: &p.since, StackId: &s.id, StackName: &s.name,
		}
		if p.real != "" {
			one.PhysicalResourceId = &p.real
		}
		if p.reason != "" {
			one.ResourceStatusReason = &p.reason
		}
		out.StackResources = append(out.StackResources, one)
	}
	return out, nil
}

func signalResource(r *region, in *cloudformation.SignalResourceInput) (*cloudformation.SignalResourceOutput, error) {
	s, err := r.stackNamed(in.StackName)
	if err != nil {
		return nil, err
	}
	p := s.parts[*in.LogicalResourceId]
	if p == nil || p.scaling == nil {
		return nil, refuse("ValidationError", "Resource "+*in.LogicalResourceId+" does not exist for stack "+s.name)
	}
	if !strings.HasSuffix(p.status, "_IN_PROGRESS") {
		return nil, refuse("ValidationError", "Resource "+p.name+" is in "+p.status+" state and cannot be signaled")
	}
	if in.Status == types.ResourceSignalStatusFailure {
		p.scaling.refused = true
		return &cloudformation.SignalResourceOutput{}, nil
	}
	p.scaling.signals[*in.UniqueId] = true
	return &cloudformation.SignalResourceOutput{}, nil
}
